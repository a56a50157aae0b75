"""Lines of a ledger at which a careful person would stop, though each can be used."""

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from offing.sources.given_back import (
    MARKED,
    NOT_YET,
    OF_GOODS,
    OF_PAPERS,
    OF_STATUS,
    UNMARKED,
)
from offing.sources.headings import unit_said
from offing.sources.ledger_cells import is_total
from offing.sources.ledger_levels import unusual_level
from offing.sources.ledger_prices import (
    counts_with_cents,
    exchanged,
    far_from_its_kind,
    in_another_currency,
    price_for_count,
    with_yuan,
)
from offing.sources.ledger_slips import from_1904, on_another_day, uncomputed, unlike_number
from offing.sources.numbers import read_amount
from offing.sources.rows import Read
from offing.sources.summed import is_sum_of_others
from offing.terms.countries import country_name, known_code
from offing.terms.hs import gone
from offing.terms.messages import enumerated
from offing.terms.tables import Sales
from offing.terms.text import normal, unaccented

USUAL, USUAL_LINES = 0.75, 3
"""The part of a model's lines of a year, and how many at least, that tell its heading."""
GAP, FEW = 1096, 0.2
"""Days without a sale, and the part of all lines beyond them that is a slip."""
SUMMED_OVER, LONGEST_BLOCK = ("invoice", "buyer", "model", "brand"), 500
"""Names that a sum of lines lacks, and lines that it is looked for in."""
BESIDE = {
    "remark": "remarks",
    "status": "statuses",
    "void": "voids",
    "hold": "holds",
    "kind": "kinds",
    "way": "ways",
    "made_at": "made_at",
    "flow": "flows",
    "place": "places",
    "deduction": "deductions",
    "home": "homes",
    "market_number": "market_numbers",
}
"""Columns of words that are no part of a sale: our name → the table of their headings."""
FIGURES = ("quantity", "amount", "price", "deduction")
"""Columns of figures: rows that differ in nothing else are of one thing."""
TWICE, LEAST_TWICE, SELDOM = 0.4, 6, 0.1
"""The part of a month's rows that stand there again, and how many it has; in others hardly any."""
_FEE = r"(?i)\bcmp?t\b|(^|[^含])加工费|工缴费|来料加工|客供[面原辅]?料|cut[-, ]+make"
FEE_ONLY = {"remark": _FEE, "way": rf"{_FEE}|^\s*(cm|cmp|来料)\s*$", "model": _FEE}
"""What a line is called whose buyer brings the materials, by column: only the making is sold."""
IMPORTED = r"(?i)^\s*(进口|imports?|m)\s*$"
"""How a column of imports and exports calls an import."""
GIVEN_BACK = {
    "remark": rf"{OF_PAPERS}|^(credit|crn|cn|cm)$",
    "status": OF_STATUS,
    "void": MARKED,
    "hold": UNMARKED,
    "invoice": OF_PAPERS,
    "model": OF_GOODS,
}
"""What a line of goods that came back is called, by column."""
NOT_SOLD = dict.fromkeys(("remark", "status", "kind", "way"), NOT_YET)
"""What a line is called that is planned or offered, by column."""
SUMMED = {"buyer": r"(?i)[合总小共累]\s*计\s*[:：]?\s*$|\b(sub|grand)[- ]?totals?\b"}
"""How a row of sums is called in the column of firms; a firm may be called Total."""
CHARGE = {
    "model": r"(?i)^\s*((ocean|sea|air|inland|express)[- ])?(freight|shipping|courier|postage"
    r"|insurance|bank (charges?|fees?)|handling( fee)?|mou?ld (fee|cost)s?|tooling( (fee|cost)s?)?"
    r"|sample (fee|charge)s?)\s*(charges?|costs?|fees?)?\s*$"
    r"|^\s*(国际|国内|出口)?(海运费|空运费|陆运费|运费|保险费|运保费|快递费|模具费|开模费|样品费|手续费|银行费用?"
    r"|港杂费|杂费|报关费|检测费|认证费)\s*$"
}
"""What a line is called that is a charge beside the goods."""
LEVELS, SAME_SUM = (2, 4, 6), 0.005
"""Digits of codes that finer ones are below, and how far their sum may be rounded."""
FAR_FROM_RATE = 1.5
"""How far a booked rate may be from that of the day: firms keep one for a year, or older ones."""
MOST_PLACES = 5
"""Provinces that are named."""
_SIGNS = r"[\s\-_/.]+"
COMPARED = ("item", "kg", "pair")
"""Units that other figures of offing have."""

Odd = tuple[str, list[int], Mapping[str, str]]
"""The message, the rows, and what else it names."""


_OTHER_AMOUNT = (pl.col("amount") - pl.col("by_price")).abs().cast(pl.Float64) > (
    pl.col("amount").abs().cast(pl.Float64) * 0.01 + pl.col("quantity").abs().cast(pl.Float64) / 100
)
"""Whether price times quantity is not the amount."""


def odd_lines(frame: pl.DataFrame, raw: pl.DataFrame) -> Iterator[Odd]:
    """What to ask of the good lines.

    ``frame`` is in the columns of ``Sales``, with ``by_price``, what price times quantity makes;
    ``raw`` has the rows as they stand in the file.
    """
    part = (pl.col("unit") == "item") & (pl.col("quantity").cast(pl.Float64) % 1 != 0)
    same = [name for name in frame.columns if name not in ("row", "by_price")]
    for key, odd in (
        ("price_times_quantity", _OTHER_AMOUNT),
        ("part_of_a_piece", part),
        ("lines_twice", ~pl.struct(same).is_first_distinct()),
        ("price_far", far_from_its_kind(frame)),
        ("no_quantity", (pl.col("quantity") == 0) & (pl.col("amount") != 0)),
        ("units_mixed", _in_two_units(frame)),
        ("sold_at_home", pl.col("market") == "CHN"),
        ("code_gone", _of_another_edition(frame)),
        ("other_heading", _under_another_heading(frame)),
    ):
        if rows := frame.filter(odd)["row"].to_list():
            yield key, rows, {}
    for key, rows in (
        ("given_back", _given_back(frame, raw)),
        ("deducted", _deducted(frame, raw)),
        ("fee_only", _called(frame, raw, FEE_ONLY)),
        ("not_sold", _called(frame, raw, NOT_SOLD)),
        ("sum_word", _called(frame, raw, SUMMED)),
        ("other_day", on_another_day(frame)),
        ("charges", _called(frame.filter(pl.col("quantity") != 0), raw, CHARGE)),
        ("other_currency", in_another_currency(frame)),
        ("other_home", _not_its_yuan(frame, raw)),
        ("exchanged", frame["row"].to_list() if exchanged(frame) else []),
        ("price_for_count", price_for_count(frame)),
        ("sum_of_lines", sums_between(frame)),
        ("counts_with_cents", frame["row"].to_list() if counts_with_cents(frame) else []),
        ("sum_of_all", _sum_of_all(frame)),
        ("sum_of_codes", _sums_of_codes(frame)),
        ("day_far", _far_in_time(frame)),
        ("from_1904", from_1904(frame)),
        ("uncomputed", uncomputed(frame)),
        ("number_unlike", unlike_number(frame, raw)),
    ):
        if rows:
            yield key, rows, {}
    yield from _spelled_otherwise(frame)
    yield from _made_abroad(frame, raw)
    yield from _of_other_places(frame, raw)
    yield from _units(frame, raw)
    yield from unusual_level(frame)


def odd_sheets(parts: Mapping[str, pl.DataFrame]) -> Iterator[tuple[str, int, str]]:
    """What to ask of several sheets that are read as one: the message, lines, the sheets.

    A copy of a sheet repeats its lines; a sheet of sums adds up to what all others do.
    """
    if len(parts) < 2:
        return
    same = [name for name in Sales.columns() if name != "row"]
    each = (p.select(same).unique().with_columns(sheet=pl.lit(name)) for name, p in parts.items())
    again = pl.concat(each).filter(~pl.struct(same).is_unique())
    if again.height:
        count = again.height - again.select(same).unique().height
        yield "reference.lines_in_sheets", count, enumerated(again["sheet"].unique().sort())
    for name, part in parts.items():
        others = pl.concat(other for key, other in parts.items() if key != name)
        if len(parts) > 2 and part.height and _sums(part) == _sums(others):
            yield "reference.sheet_of_sums", part.height, name


def in_several_files(lines: pl.DataFrame) -> tuple[int, str] | None:
    """How many lines a later ``file`` repeats of an earlier one, and which files they stand in."""
    same = [name for name in Sales.columns() if name != "row"]
    each = lines.select(*same, "file").unique()
    again = each.filter(~pl.struct(same).is_unique())
    if again.is_empty():
        return None
    count = again.height - again.select(same).unique().height
    return count, enumerated(Path(name).name for name in again["file"].unique().sort())


def _sums(lines: pl.DataFrame) -> dict[str, Any]:
    return dict(lines.group_by("currency").agg(pl.col("amount").sum()).iter_rows())


def _in_two_units(frame: pl.DataFrame) -> pl.Expr:
    """Whether the line's model is sold in another unit too, which most of its lines have."""
    units = pl.col("unit").n_unique().over("model")
    usual = pl.col("unit") == pl.col("unit").mode().sort().first().over("model")
    return ((units > 1) & ~usual & pl.col("model").is_not_null()).fill_null(value=False)


def _under_another_heading(frame: pl.DataFrame) -> pl.Series:
    """Whether the line's code is of another heading than most lines of its model that year."""
    group = ("model", "year")
    lines = frame.select(
        "model", year=pl.col("on").dt.year(), heading=pl.col("product").str.slice(0, 4)
    )
    lines = lines.with_columns(usual=pl.col("heading").mode().sort().first().over(*group))
    fits = pl.col("heading") == pl.col("usual")
    same, all_lines = fits.sum().over(*group), pl.len().over(*group)
    nearly_all = (same >= USUAL_LINES) & (same >= USUAL * all_lines)
    other = nearly_all & ~fits & pl.col("model").is_not_null()
    return lines.select(other.fill_null(value=False)).to_series()


def _given_back(frame: pl.DataFrame, raw: pl.DataFrame) -> list[int]:
    """Rows that a word calls a return, and that count as sales."""
    return _called(frame.filter(pl.col("amount") > 0), raw, GIVEN_BACK)


def _not_its_yuan(frame: pl.DataFrame, raw: pl.DataFrame) -> list[int]:
    """Rows whose amount in yuan, in a column of its own, is not their amount at any rate of then.

    So it is where yuan stand under the heading of the invoice's currency.
    """
    if "home" not in raw.columns or raw["home"].null_count() == raw.height:
        return []
    texts = {row: read_amount(text or "") for row, text in raw.select("row", "home").rows()}
    yuan = {row: float(read.value) for row, read in texts.items() if read is not None}
    home = pl.col("row").replace_strict(yuan, default=None, return_dtype=pl.Float64)
    lines = frame.filter((pl.col("currency") != "CNY") & (pl.col("amount") != 0))
    said = lines.select("row", "on", "currency", times=home / pl.col("amount").cast(pl.Float64))
    beside = with_yuan(said).filter(pl.col("yuan").is_not_null() & (pl.col("times") > 0))
    off = (pl.col("times") / pl.col("yuan")).log().abs() > math.log(FAR_FROM_RATE)
    return sorted(beside.filter(off)["row"].to_list())


def _called(frame: pl.DataFrame, raw: pl.DataFrame, words: Mapping[str, str]) -> list[int]:
    """Rows of lines that a column calls so: our name of a column → the words."""
    lines = raw.filter(pl.col("row").is_in(frame["row"].to_list()))
    said = [pl.col(name).str.contains(said) for name, said in words.items() if name in raw.columns]
    if not said:
        return []
    return lines.filter(pl.any_horizontal(said).fill_null(value=False))["row"].to_list()


def _deducted(frame: pl.DataFrame, raw: pl.DataFrame) -> list[int]:
    """Rows with a discount in a column of its own, whose amount is not known to be without it."""
    if "deduction" not in raw.columns:
        return []
    cut = pl.col("deduction").str.contains("[1-9]")
    whole = pl.col("deduction").str.contains(r"^\s*(100|1)(\.0+)?\s*%?\s*$")
    rows = raw.filter((cut & ~whole).fill_null(value=False))["row"].to_list()
    lines = frame.filter(pl.col("row").is_in(rows) & ~_OTHER_AMOUNT.fill_null(value=False))
    return lines["row"].to_list()


def _spelled_otherwise(frame: pl.DataFrame) -> Iterator[Odd]:
    """Lines of a model or buyer that most other lines write with other signs or capitals."""
    for column, plain in (("model", _plain), ("buyer", _plain_firm)):
        count = dict(frame.drop_nulls(column).group_by(column).len().sort(column).iter_rows())
        usual: dict[str, str] = {}
        for name in sorted(count, key=lambda name: -count[name]):
            usual.setdefault(plain(name), name)
        other = {name: usual[plain(name)] for name in count if usual[plain(name)] != name}
        if other:
            pairs = enumerated(f"{name} ({most})" for name, most in [*other.items()][:3])
            rows = frame.filter(pl.col(column).is_in(list(other)))["row"].to_list()
            yield f"{column}_otherwise", rows, {"names": pairs}


def _plain_firm(name: str) -> str:
    """A firm's name without capitals, signs, blanks and accents."""
    return re.sub(r"[\W_]+", "", unaccented(name).casefold()).replace("limited", "ltd")


def _plain(model: str) -> str:
    """A model without capitals, and without signs but between digits: HC-1.5 is not HC15."""
    return re.sub(rf"(?<!\d){_SIGNS}|{_SIGNS}(?!\d)", "", normal(model).casefold())


def _made_abroad(frame: pl.DataFrame, raw: pl.DataFrame) -> Iterator[Odd]:
    """Lines whose goods are made in another country: neither duty nor refund is that of China."""
    if "made_at" not in raw.columns:
        return
    lines = raw.filter(
        pl.col("row").is_in(frame["row"].to_list()) & pl.col("made_at").is_not_null()
    )
    places = {text: country_in(text) for text in lines["made_at"].unique().to_list()}
    abroad = {text: code for text, code in places.items() if code not in (None, "CHN")}
    if rows := lines.filter(pl.col("made_at").is_in(list(abroad)))["row"].to_list():
        named = enumerated(
            country_name(str(code)) for code in sorted(set(abroad.values()) - {None})
        )
        yield "made_abroad", rows, {"places": named}


def _of_other_places(frame: pl.DataFrame, raw: pl.DataFrame) -> Iterator[Odd]:
    """Lines of customs statistics that are of another province than most of them."""
    if "place" not in raw.columns:
        return
    lines = raw.filter(pl.col("row").is_in(frame["row"].to_list()) & pl.col("place").is_not_null())
    counts = lines.group_by("place").len().sort(["len", "place"], descending=[True, False])
    if counts.height > 1:
        most, *others = counts["place"].to_list()
        named = enumerated(others[:MOST_PLACES]) + ("…" if len(others) > MOST_PLACES else "")
        rows = lines.filter(pl.col("place") != most)["row"].to_list()
        yield "several_places", rows, {"places": named, "most": most}


def years_with_parts(frame: pl.DataFrame, years: Sequence[int]) -> list[int]:
    """Rows of a whole year beside rows of its months or days: of one model and country.

    Args:
        frame: good lines.
        years: rows of it that stand for a year.
    """
    keys = ["year", "market", "product", "model"]
    lines = frame.with_columns(pl.col("on").dt.year().alias("year"))
    whole = pl.col("row").is_in(list(years))
    parts = lines.filter(~whole).select(keys).unique()
    both = lines.filter(whole).join(parts, on=keys, how="semi", nulls_equal=True)
    return sorted(both["row"].to_list())


def told_twice(frame: pl.DataFrame, spans: Mapping[date, list[int]]) -> Mapping[date, list[int]]:
    """Months or years of which nearly all rows stand twice, and nearly none of the others.

    Provisional and final figures of a month, one below the other, do. Rows that differ in a column
    of words, such as the trade mode, are not the same.

    Args:
        frame: the columns of the table that are no :data:`FIGURES`, with ``row``.
        spans: the last day of each month or year → its rows.

    Returns:
        The last day of each such month or year → the rows that stand there again.
    """
    again = frame.filter(~pl.struct(pl.exclude("row")).is_first_distinct())["row"]
    repeated = set(again.to_list())
    parts = {day: sum(row in repeated for row in rows) / len(rows) for day, rows in spans.items()}
    twice = [day for day, part in parts.items() if part >= TWICE and len(spans[day]) >= LEAST_TWICE]
    others = [part for day, part in parts.items() if day not in twice]
    if not others or max(others) > SELDOM or len(twice) > len(others):
        return {}
    return {day: [row for row in spans[day] if row in repeated] for day in sorted(twice)}


def country_in(text: str) -> str | None:
    """The country that a place names, as a word of its own or in front.

    >>> country_in("越南海防厂"), country_in("Hai Phong, Vietnam"), country_in("南通二厂")
    ('VNM', 'VNM', None)
    """
    words = (text, *re.split(r"[\W\d_]+", text))
    fronts = () if text.isascii() else (text[:length] for length in range(8, 1, -1))
    return next((code for part in (*words, *fronts) if part and (code := known_code(part))), None)


def _far_in_time(frame: pl.DataFrame) -> list[int]:
    """Rows years away from all others: a slip of the year, or a workbook that counts from 1904."""
    ordered = frame.select("row", "on").sort("on")
    gap = (pl.col("on") - pl.col("on").shift(1)).dt.total_days().fill_null(0) > GAP
    parts = ordered.with_columns(gap.cum_sum().alias("part"))
    sizes = parts.group_by("part").len().filter(pl.col("len") <= FEW * frame.height)
    return sorted(parts.join(sizes, on="part", how="semi")["row"].to_list())


def _sum_of_all(frame: pl.DataFrame) -> list[int]:
    """The last row where it is the sum of all others, though no word calls it so."""
    one = frame["currency"].n_unique() == 1
    figures = [frame["quantity"].to_list(), frame["amount"].to_list()]
    return frame["row"].tail(1).to_list() if one and is_sum_of_others(figures) else []


def _sums_of_codes(frame: pl.DataFrame) -> list[int]:
    """Rows of a chapter or heading whose amount is that of its finer codes, which are there too.

    Of one day or month, one country and one currency: both count.
    """
    key = ["on", "market", "currency"]
    found: list[int] = []
    for digits in LEVELS:
        length = pl.col("product").str.len_chars()
        finer = (
            frame.filter(length > digits)
            .group_by(*key, pl.col("product").str.slice(0, digits))
            .agg(pl.col("amount").cast(pl.Float64).sum().alias("parts"))
        )
        beside = frame.filter(length == digits).join(finer, on=[*key, "product"])
        apart = (pl.col("amount").cast(pl.Float64) - pl.col("parts")).abs()
        alike = apart <= SAME_SUM * pl.col("parts").abs()
        found += beside.filter(alike & (pl.col("parts") != 0))["row"].to_list()
    return sorted(found)


def sums_between(frame: pl.DataFrame) -> list[int]:
    """Rows that are the sum of lines just above them, and lack a name that these all have.

    So it is in tables with a sum below each buyer or market that no word calls one. Equal prices
    alone make no sum: 100 and 100 are 200 at any price.
    """
    found: list[int] = []
    before: list[dict[str, Any]] = []
    for row in frame.select("row", "quantity", "amount", *SUMMED_OVER).rows(named=True):
        if any(row[name] is None and _adds_up(row, before, name) for name in SUMMED_OVER):
            found.append(row["row"])
            before = []
        else:
            before.append(row)
    return found


def _adds_up(row: Mapping[str, Any], before: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Whether two or more lines just above, all with a name, make the row's two figures."""
    quantity = amount = 0
    for count, line in enumerate(reversed(before), 1):
        if line[name] is None or count > LONGEST_BLOCK:
            return False
        quantity, amount = quantity + line["quantity"], amount + line["amount"]
        if count > 1 and quantity == row["quantity"] and amount == row["amount"]:
            return True
    return False


def _of_another_edition(frame: pl.DataFrame) -> pl.Expr:
    """Whether the code was in no edition of the Harmonized System of the line's year, or never."""
    pairs = frame.select(pl.col("product").str.slice(0, 6), pl.col("on").dt.year()).unique()
    bad = [(code, year) for code, year in pairs.rows() if code and gone(code, year)]
    if not bad:
        return pl.lit(value=False)
    pair = pl.concat_str(pl.col("product").str.slice(0, 6), pl.col("on").dt.year())
    return pair.is_in([f"{code}{year}" for code, year in bad]).fill_null(value=False)


def _units(frame: pl.DataFrame, raw: pl.DataFrame) -> Iterator[Odd]:
    """Lines whose unit was turned into ours, and those in a unit that is none of ours."""
    if "unit" not in raw.columns:
        return
    good = raw.filter(pl.col("row").is_in(frame["row"].to_list()))
    rows = good.filter(pl.col("unit").is_not_null())
    blank = good.filter(pl.col("unit").is_null())["row"].to_list()
    if blank and rows.height:
        yield "no_unit", blank, {}
    turned = {name: unit_said(name)[1] for name in rows["unit"].unique().sort().to_list()}
    said = {name: times for name, times in turned.items() if times != 1}
    if said:
        found = rows.filter(pl.col("unit").is_in(list(said)))["row"].to_list()
        named = enumerated(f"{name} × {times.normalize():,f}" for name, times in said.items())
        yield "units_turned", found, {"units": named}
    own = frame.filter(~pl.col("unit").is_in(COMPARED))
    if own.height:
        names = enumerated(own["unit"].unique().sort().to_list())
        yield "unit_of_its_own", own["row"].to_list(), {"units": names}


def sums_beside(raw: pl.DataFrame, reasons: Collection[int], read: Read) -> set[int]:
    """Rows that cannot be used and are of sums, whose word stands in a column that no one reads.

    They have no day, or neither country nor code: a sale whose remark has such a word (备注: 合计)
    and a slip elsewhere is none of them.
    """
    no_day = pl.all_horizontal(pl.col("on", "year", "month").is_null())
    nothing = pl.all_horizontal(pl.col("market", "product").is_null())
    rows = raw.filter((no_day | nothing) & pl.col("row").is_in(list(reasons)))["row"].to_list()
    return {row for row, whole in read.records(rows).items() if is_total(whole)}
