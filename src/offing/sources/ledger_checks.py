"""Plausibility checks of a ledger's lines, see :mod:`offing.terms.caution`; and of its sheets.

All are of lines that can be used. Prices are held against each other and, of the whole ledger,
against what goods of the same codes cost in customs data: nothing in a file that is in another unit
throughout is unlike the rest of it.

Whose sales a ledger has: a column, a line above the table or between its parts may say it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import polars as pl

from offing.sources.ecb import rates_to_yuan
from offing.sources.headings import heading_data, normalise_heading, unit_said
from offing.sources.layout import NO_SALE, OF_GOODS, OF_PAPERS, headings_of
from offing.sources.sheet_file import FirmSheet
from offing.terms.caution import Caution, CheckList, Values
from offing.terms.countries import known_code
from offing.terms.hs import is_obsolete
from offing.terms.messages import join_list
from offing.terms.sale_terms import CONTAINS
from offing.terms.tables import Sales
from offing.terms.text import normal
from offing.terms.usual_figures import LONGEST, Level, far_said, shared_readings, shipped

FAR, FAR_FOR_MODEL = 20, 5
"""How many times dearer or cheaper than the middle of its code, or of its model, a line is a slip
of the keyboard, or in another currency."""
SUMMED_OVER, LONGEST_BLOCK = ("invoice", "buyer", "model", "brand"), 500
"""Names that a sum of lines lacks, and lines that it is looked for in."""
BESIDE = {
    "remark": "remarks",
    "status": "statuses",
    "void": "voids",
    "hold": "holds",
    "kind": "kinds",
    "flow": "flows",
    "carriage": "carriages",
}
"""Columns that are no part of a sale: our name → the table of their headings."""
CALLED = {
    **{column: NO_SALE[table] for column, table in BESIDE.items() if table in NO_SALE},
    "invoice": f"(?i){OF_PAPERS}",
    "model": f"(?i){OF_GOODS}",
}
"""What a line is called, by column, whose goods came back, or that is void, planned or offered."""


@dataclass(frozen=True)
class LedgerLines:
    """The lines of a ledger that can be used.

    Attributes:
        frame: in the columns of ``Sales``, with ``by_price``, what price times quantity makes.
        raw: the rows as they stand in the file, by our names of columns.
        sheet: of a workbook of which several are read.
    """

    frame: pl.DataFrame
    raw: pl.DataFrame
    sheet: str = ""

    def values(self, rows: Sequence[int], **others: str) -> Iterator[Values]:
        """What a caution names of some rows; nothing where there are none."""
        if rows:
            place = f"{self.sheet}!" if self.sheet else ""
            shown = join_list((f"{place}{row}" for row in rows), 5)
            yield {"count": len(rows), "rows": shown, **others}

    def where(self, odd: pl.Expr) -> Iterator[Values]:
        """As :meth:`values`, of the lines for which something holds."""
        yield from self.values(self.frame.filter(odd)["row"].to_list())


LEDGER_CHECKS = CheckList[LedgerLines, Values]()


@LEDGER_CHECKS.add(
    "reference.price_times_quantity", example={"0.price": "56"}, twin={"0.price": "560"}
)
def price_times_quantity(lines: LedgerLines) -> Iterator[Values]:
    """A price that does not make the amount: one of the three is in another unit.

    It may be off by one per cent and a cent a piece: prices are rounded.
    """
    amount, count = (pl.col(name).abs().cast(pl.Float64) for name in ("amount", "quantity"))
    apart = (pl.col("amount") - pl.col("by_price")).abs().cast(pl.Float64)
    yield from lines.where(apart > amount * 0.01 + count / 100)


@LEDGER_CHECKS.add(
    "reference.lines_twice", example={"1.on": "2024-01-05"}, twin={"1.on": "2024-01-06"}
)
def lines_twice(lines: LedgerLines) -> Iterator[Values]:
    """A line that stands there twice, with all that is known of it.

    It counts each time: it may be a second carton or a second import.
    """
    same = [name for name in lines.frame.columns if name not in ("row", "by_price")]
    yield from lines.where(~pl.struct(same).is_first_distinct())


@LEDGER_CHECKS.add("reference.price_far", example={"0.currency": "CNY"}, twin={"0.amount": "61000"})
def price_far(lines: LedgerLines) -> Iterator[Values]:
    """A line many times dearer or cheaper than the middle of its model, else of its code.

    In one money where the rates of the days are known, so that yuan taken for dollars are found:
    they are seven times apart. Two lines tell no middle.
    """
    frame = _lines_in_yuan(lines.frame).with_columns(
        price=price_of_one() * pl.col("yuan").fill_null(1.0),
        money=pl.when(pl.col("yuan").is_null()).then("currency"),
    )
    price, far = pl.col("price"), pl.lit(value=False)
    for kind, times in (("product", FAR), ("model", FAR_FOR_MODEL)):
        group = (kind, "unit", "money")
        middle, count = price.median().over(group), pl.len().over(group)
        odd = (price < middle / times) | (price > middle * times)
        far = pl.when((count > 2) & pl.col(kind).is_not_null()).then(odd).otherwise(far)
    rows = frame.filter(far.fill_null(value=False))["row"]
    yield from lines.values(rows.sort().to_list())


@LEDGER_CHECKS.add("reference.units_mixed", example={"0.unit": "kg"}, twin={"0.unit": "pcs"})
def units_mixed(lines: LedgerLines) -> Iterator[Values]:
    """A line in another unit than most lines of its model.

    Prices of the two cannot be compared, and each price band has its own unit.
    """
    units = pl.col("unit").n_unique().over("model")
    usual = pl.col("unit") == pl.col("unit").mode().sort().first().over("model")
    mixed = (units > 1) & ~usual & pl.col("model").is_not_null()
    yield from lines.where(mixed.fill_null(value=False))


@LEDGER_CHECKS.add(
    "reference.sold_at_home", example={"0.market": "China"}, twin={"0.market": "Hong Kong"}
)
def sold_at_home(lines: LedgerLines) -> Iterator[Values]:
    """Sales in China, which are no exports.

    They bear the tax of sales at home and no refund, and no market is entered by them.
    """
    yield from lines.where(pl.col("market") == "CHN")


@LEDGER_CHECKS.add(
    "reference.code_gone", example={"0.product": "852812"}, twin={"0.product": "852859"}
)
def code_gone(lines: LedgerLines) -> Iterator[Values]:
    """A code that was in no edition of the Harmonized System of the line's year, or never.

    Trade and tariffs have nothing under it. Firms keep codes for years after they have ended.
    """
    six, year = pl.col("product").str.slice(0, 6), pl.col("on").dt.year()
    pairs = lines.frame.select(six, year).unique().rows()
    bad = [f"{code}{on}" for code, on in pairs if code and is_obsolete(code, on)]
    yield from lines.where(pl.concat_str(six, year).is_in(bad).fill_null(value=False))


@LEDGER_CHECKS.add(
    "reference.carriage_unused",
    example={"0.incoterm": "CIF", "0.freight": "900"},
    twin={"0.incoterm": "FOB", "0.freight": "900"},
)
def carriage_unused(lines: LedgerLines) -> Iterator[Values]:
    """Lines with freight in their price and a column that says how much: the study's is taken."""
    if "carriage" in lines.raw.columns:
        said = lines.raw.drop_nulls("carriage")["row"].to_list()
        there = [term for term, costs in CONTAINS.items() if "freight" in costs]
        yield from lines.where(pl.col("row").is_in(said) & pl.col("incoterm").is_in(there))


@LEDGER_CHECKS.add(
    "reference.given_back", example={"0.remark": "客户退货"}, twin={"0.remark": "客户自提"}
)
def no_sale(lines: LedgerLines) -> Iterator[Values]:
    """Lines that a word calls returned, void, planned or offered, and that count as sales.

    What came back takes off, often without a minus: the sign of the amount is wrong.
    """
    said = [pl.col(n).str.contains(w) for n, w in CALLED.items() if n in lines.raw.columns]
    called = lines.raw.filter(pl.any_horizontal(said).fill_null(value=False))["row"].to_list()
    yield from lines.where(pl.col("row").is_in(called) & (pl.col("amount") > 0))


@LEDGER_CHECKS.add(
    "reference.sum_of_lines",
    example={"3.buyer": "", "3.quantity": "300", "3.amount": "168000"},
    twin={"3.buyer": "", "3.quantity": "300", "3.amount": "168500"},
)
def sum_of_lines(lines: LedgerLines) -> Iterator[Values]:
    """The sum of lines just above, without a name that these all have.

    So it is in tables with a sum below each buyer or market that no word calls one. Equal prices
    alone make no sum: 100 and 100 are 200 at any price.
    """
    found: list[int] = []
    before: list[dict[str, Any]] = []
    columns = ("row", "quantity", "amount", *SUMMED_OVER)
    for row in lines.frame.select(columns).iter_rows(named=True):
        if any(row[name] is None and _adds_up(row, before, name) for name in SUMMED_OVER):
            found.append(row["row"])
            before = []
        else:
            before.append(row)
    yield from lines.values(found)


def _adds_up(row: Mapping[str, Any], before: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Whether two or more lines just above, all with a name, make the row's two figures."""
    quantity = amount = Decimal(0)
    for count, line in enumerate(reversed(before), 1):
        if line[name] is None or count > LONGEST_BLOCK:
            return False
        quantity, amount = quantity + line["quantity"], amount + line["amount"]
        if count > 1 and quantity == row["quantity"] and amount == row["amount"]:
            return True
    return False


@LEDGER_CHECKS.add("reference.units_turned", example={"0.unit": "打"}, twin={"0.unit": "台"})
def units_turned(lines: LedgerLines) -> Iterator[Values]:
    """Lines whose unit was turned into ours: dozens into pieces, tonnes into kilograms.

    The factor is said, so that a person sees by what the quantities were multiplied.
    """
    units = lines.raw.join(lines.frame.select("row"), on="row", how="semi").drop_nulls("unit")
    times = {name: unit_said(name)[1] for name in units["unit"].unique().sort().to_list()}
    turned = {name: factor for name, factor in times.items() if factor != 1}
    named = join_list(f"{name} × {factor.normalize():,f}" for name, factor in turned.items())
    rows = units.filter(pl.col("unit").is_in(list(turned)))["row"].to_list()
    yield from lines.values(rows, units=named)


@LEDGER_CHECKS.add(
    "reference.level_far",
    example={f"{line}.amount": "0.56" for line in range(8)},
    twin={f"{line}.amount": "61000" for line in range(8)},
)
def level_far(lines: LedgerLines) -> Iterator[Values]:
    """Codes whose middle price none of their goods has: in another unit or currency.

    See :meth:`offing.terms.usual_figures.UsualPrices.far_levels`; the readings that would make the
    prices usual are said.
    """
    kinds, levels = _levels(lines.frame)
    far, judged = shipped().far_levels(levels)
    if far:
        rows = sorted(row for place in far for row in kinds["row"][place])
        usual, price, _ = next(iter(far.values()))
        said = far_said(usual, price, shared_readings(far.values()))
        yield from lines.values(rows, **said, codes=str(len(far)), judged=str(judged))


def _levels(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Level]]:
    """Each code by unit and currency, the largest first: its rows, its middle price in USD."""
    kind = ("code", "unit", "currency")
    whole = (pl.col("quantity") > 0) & (pl.col("amount") > 0) & pl.col("product").is_not_null()
    lines = frame.filter(whole).select(
        "on", "row", "unit", "currency", code=pl.col("product").str.slice(0, LONGEST),
        price=price_of_one(), amount=pl.col("amount").cast(pl.Float64), us=pl.lit("USD"),
    )  # fmt: skip
    known = _lines_in_yuan(_lines_in_yuan(lines, "us").rename({"yuan": "dollar"}))
    rate = pl.col("yuan") / pl.col("dollar")
    kinds = known.drop_nulls(["yuan", "dollar"]).group_by(kind).agg(
        (pl.col("price") * rate).median(), pl.col("yuan", "dollar").median(), pl.col("row"),
        usd=(pl.col("amount") * rate).sum(),
    ).sort(["usd", *kind], descending=[True, False, False, False])  # fmt: skip
    levels = kinds.select("code", "unit", "price", "yuan", "dollar")
    return kinds, [Level(*level) for level in levels.iter_rows()]


def price_of_one() -> pl.Expr:
    """Amount a unit; null where nothing was counted."""
    price = pl.col("amount").cast(pl.Float64) / pl.col("quantity").cast(pl.Float64)
    return pl.when(pl.col("quantity") != 0).then(price)


def _lines_in_yuan(lines: pl.DataFrame, of: str = "currency") -> pl.DataFrame:
    """The lines with ``yuan``, what one of a currency cost ``on`` their day, if known."""
    rates = rates_to_yuan({*lines[of]}).rename({"currency": of, "then": "on"})
    beside = lines.sort("on").join_asof(rates, on="on", by=of, check_sortedness=False)
    return beside.with_columns(yuan=1 / pl.col("known")).drop("known")


_SAME = [name for name in Sales.columns() if name != "row"]


def sheet_cautions(parts: Mapping[tuple[str, str], pl.DataFrame]) -> Iterator[Caution]:
    """What to ask of several files and sheets that are read as one: (file, sheet) → its lines.

    A copy of a sheet repeats its lines; a sheet of sums adds up to what all others do.
    """
    sheets = {sheet: part for (_, sheet), part in parts.items() if sheet}
    files = {
        file: pl.concat(part for (name, _), part in parts.items() if name == file)
        for file, _ in parts
    }
    for key, tables, name in (
        ("reference.lines_in_sheets", sheets, "sheets"),
        ("reference.lines_in_files", files, "files"),
    ):
        again, where = _repeated_lines(tables)
        if again:
            named = join_list(Path(one).name for one in where)
            yield Caution(key, {"count": again, name: named})
    for sheet, part in sheets.items():
        others = [other for name, other in sheets.items() if name != sheet]
        if len(others) > 1 and part.height and _sums([part]) == _sums(others):
            yield Caution("reference.sheet_of_sums", {"count": part.height, "sheets": sheet})


def _repeated_lines(tables: Mapping[str, pl.DataFrame]) -> tuple[int, list[str]]:
    """How many lines a later table repeats of an earlier one, and in which they stand."""
    if len(tables) < 2:
        return 0, []
    each = (t.select(_SAME).unique().with_columns(table=pl.lit(n)) for n, t in tables.items())
    again = pl.concat(each).filter(~pl.struct(_SAME).is_unique())
    return again.height - again.n_unique(_SAME), again["table"].unique().sort().to_list()


def _sums(tables: Iterable[pl.DataFrame]) -> dict[str, Decimal]:
    return dict(pl.concat(tables).group_by("currency").agg(pl.col("amount").sum()).iter_rows())


_COMPANY = re.compile(
    r"[^\s:：,，]{2,40}?(?:公司|集团)|[^:：]{2,60}?\b(?:Co\.|Ltd|Limited|Inc)\b\.?"
)
"""A title that names a firm and no label before it."""


@cache
def _ending() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(heading_data('firm_tables')['shippers']['endings'])})+$")


def shipper_column(
    header: Sequence[str], body: Mapping[int, Sequence[str]], taken: set[int], *, declared: bool
) -> int | None:
    """The place of the first filled column that says whose goods a line is."""
    own, broad = headings_of("shippers"), headings_of("declaring_firms")
    for at, cell in enumerate(header):
        name = normalise_heading(cell)
        names = own | broad if declared else own
        known = at not in taken and (name in names or _ending().sub("", name) in own)
        if known and any(row[at] for row in body.values()):
            return at
    return None


def firms_said(sheet: FirmSheet, *, declared: bool) -> dict[int, str]:
    """Row → the firm that a line above the table, or between its parts, says from there on.

    In a list of declarations a title that names a firm is enough.
    """
    found, above = {}, [row for row in sheet.lines if row < sheet.row]
    for row in (*above, *sheet.words):
        if (firm := stated_firm(sheet.lines[row])) is not None:
            found[row] = firm
    if declared and not found:
        titles = ((row, normal(" ".join(filter(None, sheet.lines[row])))) for row in above)
        found = {row: name[0] for row, title in titles if (name := _COMPANY.search(title))}
    return found


def countries_said(sheet: FirmSheet) -> dict[int, str]:
    """Row → the country that a line between the parts says, alone or in brackets behind the buyer.

    Before the first such line it is the country that is the sheet's name; below another one none.
    """
    alone = ((row, list(filter(None, cells))) for row, cells in sheet.body.items())
    texts = {
        row: some[0] for row, some in alone if len(some) == 1 and re.search(r"[^\W\d]", some[0])
    }
    found = {}
    for row, text in ({0: sheet.name} | texts).items():
        plain = normal(text).replace("：", ":")
        named = [plain, plain.rpartition(":")[2], *re.findall(r"\(([^()]+)\)$", plain)]
        found[row] = next(filter(None, map(known_code, named)), "")
    return found if any(found.values()) else {}


def stated_firm(cells: Sequence[str | None]) -> str | None:
    """The firm that a line of words states: 境内发货人：甲公司, in one cell or two.

    >>> stated_firm(["境内发货人：甲公司", "币制：美元"]), stated_firm(["Exporter", "A Ltd"])
    ('甲公司', 'A Ltd')
    """
    filled = [normal(cell).replace("：", ":") for cell in cells if cell]
    for cell, after in zip_longest(filled, filled[1:], fillvalue=""):
        label, _, name = (cell if ":" in cell.rstrip(" :") else f"{cell}:{after}").partition(":")
        name = re.split(r"\s{2,}|\s\S+:", name.strip(" :"))[0]
        known = _ending().sub("", normalise_heading(label)) in headings_of("shippers")
        if known and name and (":" in cell or len(filled) == 2):
            return name
    return None


def several_shippers(lines: pl.DataFrame) -> Iterator[Caution]:
    """Declarations of another firm than most of them: an agent's list has those of its clients.

    A firm is known by its name without signs and the code in brackets behind it.
    """
    of_code = pl.col("shipper").str.replace_all(r"[(（]\s*[0-9A-Z]{9,18}\s*[)）]", "")
    good = lines.with_columns(firm=of_code.map_elements(normalise_heading, pl.String))
    good = good.filter(pl.col("firm") != "")
    counts = good.group_by("firm", maintain_order=True).agg(pl.len(), pl.col("shipper").first())
    most, *others = counts.sort("len", descending=True, maintain_order=True).rows() or [("",)]
    if others:
        rest = good.filter(pl.col("firm") != most[0])
        sheet = pl.when(pl.col("sheet") != "").then(pl.col("sheet") + "!").otherwise(pl.lit(""))
        rows = rest.select(sheet + pl.col("row").cast(pl.String)).to_series().to_list()
        named = {"firms": join_list((name for *_, name in others), 5), "most": most[2]}
        values = {"count": rest.height, "rows": join_list(rows, 5), **named}
        yield Caution("reference.several_shippers", values)
