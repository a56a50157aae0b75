"""The columns of a table that a firm keeps: how they are called and how their figures are written.

A :class:`Layout` knows the headings, beside our own names; from the headings, the lines around the
table and the cells come the units, the currencies and the decimal marks.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from offing.sources.headings import (
    NO_AMOUNT,
    ONE,
    ColumnHeading,
    FileColumn,
    cubic_metres_of,
    heading_data,
    heading_of,
    normalise_heading,
    stated_measures,
    stated_unit,
)
from offing.sources.numbers import decimal_commas, evidence, read_amount
from offing.terms.caution import Caution
from offing.terms.errors import InputError, Where, unknown_name
from offing.terms.messages import headings_said, join_list, language, nearest
from offing.terms.money import is_sign_of
from offing.terms.text import normal

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
"""As German systems without these letters write them."""


@dataclass(frozen=True)
class TableLayout:
    """The columns of a table that firms keep.

    Attributes:
        names: our name of a column → the headings it goes by, beside our own.
        needed: of each group one must be there.
        money: amounts of money: three decimals would be strange.
        measured: quantities and prices, that may have three decimals.
        rates: shares and exchange rates, that have no thousands.
        currency: of amounts that name none, and of all but the ``foreign`` ones.
        foreign: amounts that may be in other money.
        sheet: of a workbook.
        back: amounts that bear a minus where goods came back.
        refuse: what a heading must not be where no amount of ``back`` is there, as a pattern → the
            message.
        beside: headings of an official form that no figure needs.
        loose: columns of a strict layout of which the best of several is read.
        strict: whether two headings may not mean the same.
    """

    names: Mapping[str, Sequence[str]]
    needed: Sequence[Sequence[str]]
    money: frozenset[str] = frozenset()
    measured: frozenset[str] = frozenset()
    rates: frozenset[str] = frozenset()
    currency: str | None = None
    foreign: Sequence[str] = ()
    sheet: str | None = None
    back: Sequence[str] = ()
    refuse: Mapping[str, str] = field(default_factory=dict)
    beside: Sequence[str] = ()
    loose: Sequence[str] = ()
    strict: bool = False

    @cached_property
    def spellings(self) -> dict[str, tuple[str, int]]:
        """Spelling → our name, and its place among the names of that column."""
        names = [
            (name, ours, rank)
            for ours, others in self.names.items()
            for rank, name in enumerate((ours, *others))
        ]
        names.sort(key=lambda one: one[2] > 0)  # a heading, as a person names it, before our name
        return {
            spelled: (ours, rank)
            for name, ours, rank in names
            for spelled in (normalise_heading(name), normalise_heading(name).translate(UMLAUTS))
        }

    @cached_property
    def kinds(self) -> tuple[frozenset[str], frozenset[str], frozenset[tuple[str, str]]]:
        """The spellings of columns of figures, of the others, and each with its column."""
        figures = self.money | self.measured | self.rates
        mine = frozenset(name for name, (ours, _) in self.spellings.items() if ours in figures)
        columns = frozenset((spelled, ours) for spelled, (ours, _) in self.spellings.items())
        return mine, frozenset(self.spellings) - mine, columns

    def columns(self, cells: Sequence[str], where: Where) -> dict[str, FileColumn]:
        """Each of our columns once: where two mean the same, the better name, or an error.

        Raises:
            InputError: ``sources.same_meaning`` of a strict layout.
        """
        found, ranks = dict[str, FileColumn](), dict[str, tuple[int, bool]]()
        for at, cell in enumerate(cells):
            heading = heading_of(cell, *self.kinds) if cell else None
            if heading is None:
                continue
            name, rank = self.spellings[heading.name]
            before = found.get(name)
            if before is not None and self.strict and name not in self.loose:
                place = Where(where.file, where.row, heading.text)
                other = before.heading.text
                raise InputError("sources.same_meaning", where=place, same=name, other=other)
            order = rank, heading.currency == "CNY"
            if before is None or order < ranks[name]:
                found[name], ranks[name] = FileColumn(at, heading), order
        return found

    def keep_known(self, cells: Sequence[str]) -> list[str]:
        """Those of some headings that name a column of ours."""
        return [cell for cell in cells if cell and heading_of(cell, *self.kinds)]

    def missing(self, cells: Sequence[str]) -> list[Sequence[str]]:
        """The groups of needed columns of which a row of headings has none."""
        headings = (heading_of(cell, *self.kinds) for cell in cells if cell)
        there = {self.spellings[heading.name][0] for heading in headings if heading}
        return [group for group in self.needed if not there & set(group)]

    def describes(self, heading: str) -> bool:
        """Whether a column identifies or describes, and changes no figure."""
        plain = heading_data("firm_tables")["describing"]
        known = set(map(normalise_heading, (*plain["names"], *self.beside)))
        ends = normal(heading).casefold().endswith(tuple(plain["endings"]))
        return ends or normalise_heading(heading) in known or tells_its_kind(heading)

    def use_headings(self, named: Mapping[str, str]) -> "TableLayout":
        """The same with the headings that a person has named in place of ours.

        A heading is known as it is, and by what a unit may stand behind: its words up to a
        bracket, and the first of them.

        Raises:
            InputError: ``errors.unknown_name``.
        """
        for ours in named:
            if ours not in self.names:
                raise unknown_name(ours, self.names)
        taken = {normalise_heading(heading) for heading in named.values()}
        names = {
            o: [n for n in ns if normalise_heading(n) not in taken] for o, ns in self.names.items()
        }
        for ours, theirs in named.items():
            before = re.findall(r"^[^(（\[]+(?=[(（\[])", theirs)
            first = re.findall(r"^[^\s(（\[_]+(?=[\s(（\[_])", theirs)
            names[ours] = [theirs, *before, *first]
        return replace(self, names=names)

    def label(self, name: str) -> str:
        """What a column is called: in Chinese by its usual heading, in English by our name too."""
        chinese = next((h for h in self.names[name] if not h.isascii()), "")
        ours = name.replace("_", " ")
        if language() == "zh":
            return chinese or ours
        return f"{ours} ({chinese})" if chinese else ours

    def must_have(self, header: Sequence[str], where: Where) -> None:
        """Refuse a row of headings without a column that is needed.

        Raises:
            InputError: ``sources.no_headings``, ``sources.years_across``.
        """
        if missing := self.missing(header):
            refuse_years_across(header, where)
            needed = " + ".join("/".join(map(self.label, group)) for group in missing)
            found = headings_said(filter(None, header)) or "—"
            raise InputError("sources.no_headings", where=where, found=found, needed=needed)

    def must_not_have(self, header: Sequence[str], where: Where) -> None:
        """Refuse a heading that names another amount in the place of ours, such as CIF for FOB.

        Raises:
            InputError: the message that ``refuse`` has for it.
        """
        if set(self.back) & set(self.columns(header, where)):
            return
        for said, key in self.refuse.items():
            if wrong := next((cell for cell in header if re.search(said, cell or "")), None):
                raise InputError(key, where=Where(where.file, where.row, wrong), heading=wrong)


_PERIOD = re.compile(
    r"(?:fy\s*)?(?:19|20)\d\d\s*(?:年度?|年\s*\d\d?\s*月份?|[-/.]\d\d?)?\s*(?:\(.*\))?",
    re.IGNORECASE,
)
"""A heading that is a year or a month."""


def refuse_years_across(header: Sequence[str | None], where: Where) -> None:
    """Refuse a table whose years or months stand side by side, as yearbooks print them.

    Raises:
        InputError: ``sources.years_across``.
    """
    across = [cell for cell in header if cell and _PERIOD.fullmatch(normal(cell))]
    if len(across) > 1:
        raise InputError("sources.years_across", where=where, years=headings_said(across))


@cache
def layout_of(name: str) -> TableLayout:
    """The layout of months, deals, declarations, invoices or receipts."""
    said = heading_data("firm_tables")[name]
    kinds = {kind: frozenset(said.get(kind, ())) for kind in ("money", "measured", "rates")}
    return TableLayout(**{**said, **kinds})


def must_be_there(named: Mapping[str, str], header: Sequence[str], where: Where) -> None:
    """Refuse a heading that a person has named and the file has not, or that is of per cents.

    Raises:
        InputError: ``reference.no_such_heading``, ``reference.per_cents``.
    """
    there = {normalise_heading(heading): heading for heading in header if heading}
    for ours, theirs in named.items():
        if ours in ("amount", "price", "quantity") and NO_AMOUNT.search(theirs):
            raise InputError("reference.per_cents", where=where, heading=theirs)
        if normalise_heading(theirs) not in there:
            near = nearest(normalise_heading(theirs), there)
            known = there[near] if near else join_list(there.values())
            raise InputError(
                "reference.no_such_heading", where=where, heading=theirs, column=ours, near=known
            )


def apply_units_around(
    around: Iterable[Sequence[str | None]],
    columns: Mapping[str, FileColumn],
    layout: TableLayout,
    where: Where,
) -> tuple[dict[str, FileColumn], list[Caution]]:
    """The columns with the unit that the lines around the table say, and a caution of its money.

    Raises:
        InputError: ``sources.two_units`` where a heading is of other money than the line,
            ``sources.two_stated`` where the line is of two.
    """
    around = [*around]
    said, found, changed = stated_unit(around), _measured_columns(around, columns, layout), []
    if said is None:
        return found, []
    usual = None if _is_in_its_rows(said, columns, layout) else said.currency
    for name in sorted(layout.money & {*columns}):
        heading = columns[name].heading
        if _has_own_unit(name, heading) or (heading.currency and said.scale == ONE):
            continue
        _must_be_of_one_money(heading, said, where)
        new = replace(heading, scale=said.scale, currency=heading.currency or usual)
        found[name] = replace(columns[name], heading=new)
        changed += [heading.text] if new != heading else []
    if not changed or usual is None:
        return found, []  # the scale is said with those of the headings
    return found, [
        Caution("sources.caution_stated", {"text": said.text, "columns": join_list(changed)})
    ]


def _is_in_its_rows(
    said: ColumnHeading, columns: Mapping[str, FileColumn], layout: TableLayout
) -> bool:
    """Whether the rows say the currency: 万元 is ten thousand of theirs, 万美元 is none of euro."""
    plain = said.scale == ONE or said.currency == "CNY"
    return (plain and "currency" in columns) or said.currency == layout.currency


def _measured_columns(
    around: Iterable[Sequence[str | None]], columns: Mapping[str, FileColumn], layout: TableLayout
) -> dict[str, FileColumn]:
    """The columns, those of weights and pieces in the unit that stands around the table."""
    measures, found = stated_measures(around), dict(columns)
    weighed = [name for name in columns if name.endswith("kg")]
    pieces = next((said for unit, said in measures.items() if unit != "kg"), None)
    for name in (layout.measured & {*columns}) - {"price", "m3"}:
        heading, by_row = columns[name].heading, name == "quantity" and "unit" in columns
        said = measures.get("kg") if name in weighed or not (pieces or weighed) else pieces
        if said is None or by_row or heading.unit or heading.scale != ONE:
            continue
        new = replace(heading, scale=said.scale, unit=said.unit, per_unit=said.per_unit)
        found[name] = replace(columns[name], heading=new)
    return found


_YUAN = re.compile("元|yuan", re.IGNORECASE)


def _has_own_unit(name: str, heading: ColumnHeading) -> bool:
    """Whether a heading says in what its figures are: a scale, yuan of one, the price of one."""
    of_one = name == "price" or (heading.currency == "CNY" and _YUAN.search(normal(heading.text)))
    return heading.scale != ONE or bool(heading.unread or (heading.currency and of_one))


def _must_be_of_one_money(heading: ColumnHeading, said: ColumnHeading, where: Where) -> None:
    """Refuse 金额(美元) under 单位：万元: whether the dollars are ten thousands nobody can tell.

    Raises:
        InputError: ``sources.two_units``, ``sources.two_stated``.
    """
    if said.unread:
        raise InputError("sources.two_stated", where=where, text=said.text, units=said.unread)
    money, other = heading.currency or heading.sign, said.currency
    if money is None or other is None:
        return
    if money != other and not (heading.sign and is_sign_of(heading.sign, other)):
        place = Where(where.file, where.row, heading.text)
        said_so = {"heading": heading.text, "money": money, "text": said.text, "other": other}
        raise InputError("sources.two_units", where=place, **said_so)


def add_decimal_marks(
    columns: Mapping[str, FileColumn],
    cells: Mapping[str, Iterable[tuple[int, str | None]]],
    layout: TableLayout,
    where: Where,
    delimiter: str | None,
) -> dict[str, FileColumn]:
    """The columns with their decimal marks, told by the row and cell of each of their rows.

    ``delimiter`` is that of the text, ``None`` for a workbook.

    Raises:
        InputError: ``sources.two_marks``, ``sources.which_mark``.
    """
    seen = {
        name: evidence(
            column.heading.text, cells[name], workbook=delimiter is None, money=name in layout.money
        )
        for name, column in columns.items()
        if name in layout.money | layout.measured | layout.rates
    }
    counted = {name: column for name, column in seen.items() if name not in layout.rates}
    commas = decimal_commas(counted, where, semicolons=delimiter == ";")
    for name in layout.rates & set(seen):  # 7,123 is a rate of exchange whatever stands around
        commas[name] = {sign[0] for sign in seen[name].signs} == {","}
    return {name: replace(c, comma=commas.get(name, False)) for name, c in columns.items()}


def scale_to_units(columns: Mapping[str, FileColumn], layout: TableLayout) -> dict[str, FileColumn]:
    """The columns whose figures are multiplied by the unit of their heading: a tonne, a dozen.

    A quantity beside a column of units is in what its row says.
    """

    def ours(name: str, column: FileColumn) -> FileColumn:
        heading = column.heading
        if name not in layout.measured:
            return column
        if name == "m3":
            heading = cubic_metres_of(heading)
        own = name == "quantity" and "unit" in columns
        scale = heading.scale * (ONE if own else heading.per_unit)
        return replace(column, heading=replace(heading, scale=scale, per_unit=ONE))

    return {name: ours(name, column) for name, column in columns.items()}


_WITHOUT_TAX = ("amount", "price", "fob_cny", "fob_fc", "total")
"""Prices of exports, which bear no value-added tax."""
WITH_TAX = re.compile(
    r"(?<![不未])含(?:增值)?税|\b(?:incl|with(?!out)|gross of)[a-z.]*\W*(?:vat|tax)"
    r"|\b(?:vat|tax)\W*incl",
    re.IGNORECASE,
)
"""What a heading says of an amount with value-added tax."""
SEVERAL = re.compile(r"打|[百千万][台件个套只双]|\b(?:doz|dz)", re.IGNORECASE)
"""What a heading says of several pieces, to which a weight in kilograms may be."""


def heading_cautions(
    header: Sequence[str],
    columns: Mapping[str, FileColumn],
    body: Mapping[int, Sequence[str]],
    layout: TableLayout,
) -> Iterator[Caution]:
    """What headings are not known or not understood, or change their figures."""
    money = [column.heading for name, column in columns.items() if name in layout.money]
    taken = {column.heading.text for column in columns.values()}
    prices = [columns[name].heading.text for name in _WITHOUT_TAX if name in columns]
    taxed = list(filter(WITH_TAX.search, prices))
    unread = [
        cell
        for at, cell in enumerate(header)
        if cell and cell not in taken and not layout.describes(cell)
        if any(cells[at] for cells in body.values())
    ]
    for key, column, said in (
        ("unread", "columns", unread),
        ("vague", "columns", [heading.text for heading in money if heading.unread]),
        ("with_tax", "columns", taxed),
        ("scaled", "columns", list(_scaled_headings(columns, layout))),
    ):
        if said:
            yield Caution(f"sources.caution_{key}", {"count": len(said), column: join_list(said)})
    if others := other_moneys(header, columns, layout):
        names = join_list(column.heading.text for column in others)
        values = {"taken": columns["amount"].heading.text, "others": names}
        yield Caution(TWO_MONEYS, values)


TWO_MONEYS = "sources.note_two_moneys"
"""That an amount stands in another currency too, and which of them is read."""


def other_moneys(
    header: Sequence[str], columns: Mapping[str, FileColumn], layout: TableLayout
) -> list[FileColumn]:
    """The columns of amounts in another currency than that of the one that is read."""
    taken = columns["amount"].heading if "amount" in columns else None
    if taken is None or taken.currency is None:
        return []
    return [
        FileColumn(at, heading)
        for at, cell in enumerate(header)
        if cell and (heading := heading_of(cell, *layout.kinds)) is not None
        if layout.spellings[heading.name][0] == "amount"
        if heading.currency not in (None, taken.currency)
    ]


def _scaled_headings(columns: Mapping[str, FileColumn], layout: TableLayout) -> Iterator[str]:
    """Headings whose figures are multiplied, with the factor."""
    for name, column in columns.items():
        heading = column.heading
        if name in layout.money | layout.measured:
            times = heading.scale * (ONE if name in layout.money else heading.per_unit)
            if times != 1:
                yield f"{heading.text} × {times.normalize():,f}"


OF_GOODS = (
    r"退货|退运|退回|红字|作废|贷项|\bcredit\s*(note|memo)|\breturned\b|\bcancell?ed"
    r"|gutschrift|\bstorno|\bstorniert|\bnota de cr[eé]dito|\bavoirs?\b|\bdevoluci[oó]n"
)
OF_PAPERS = rf"{OF_GOODS}|红冲|冲红|冲销|冲减|负数|折让|\breturns?\b|\breversal"
"""Patterns that Python and Polars read alike."""
OF_STATUS = (
    r"(^|[^未非])(退货|退单|红字|红冲|冲红|作废|取消|撤销|无效|停办|停展|注销|吊销|停业|歇业)"
    r"|\bvoid(ed)?\b|\bcancell?ed|\breturned\b|\breversed\b|storn|\banulad[ao]|\bcancelad[ao]|\bannul[eé]"
)
MARKED = r"^\s*(是|y|yes|true|1|x|√|ja|s[ií]|oui)\s*$"
"""A mark under a heading that says void."""
UNMARKED = r"^\s*(否|no?|false|0)\s*$"
"""A mark under a heading that says valid."""
NOT_YET = (
    r"^\s*(销售|出口|年度|月度|全年|本年)?(预算|计划|预测|预估|预计|目标|报价|询价|草稿)(单|数|值|书)?\s*$"
    r"|^\s*(意向|洽谈中?|跟进中?|待定|未成交|线索|商机)\s*$"
    r"|^\s*(lead|prospect|pipeline|negotiat(ion|ing)|tentative|open quote)\s*$"
    r"|^\s*(sales )?(budget|forecast|plan(ned)?|target|quotation|quoted?|draft|estimated?)\s*$"
)
"""What is planned or offered, and not sold."""
NO_SALE = {
    "remarks": rf"(?i){OF_PAPERS}|^(credit|crn|cn|cm)$|{NOT_YET}",
    "statuses": rf"(?i){OF_STATUS}|{NOT_YET}",
    "voids": rf"(?i){MARKED}",
    "holds": rf"(?i){UNMARKED}",
    "kinds": rf"(?i){NOT_YET}",
}
"""Table of headings → what a line is called there that does not count."""
_NOT = re.compile(r"(?i)[无未非没不](有|被|得|予|发生)?(退货|退运|退回|冲减|作废)")
"""无退货 says that nothing came back."""
_ANEW = re.compile("重开|重新开|补开|重新出口|复出口")
"""红冲后重开 is the invoice that takes the place of the one that was called back."""


def is_no_sale(text: str | None, words: str) -> bool:
    """Whether a cell calls its line one that does not count.

    >>> texts = ("客户退运，冲减1月", "无退货", "红冲后重开")
    >>> [is_no_sale(text, NO_SALE["remarks"]) for text in texts]
    [True, False, False]
    """
    return not _ANEW.search(text or "") and bool(re.search(words, _NOT.sub("", text or "")))


def rows_of_no_sale(
    header: Sequence[str],
    body: Mapping[int, Sequence[str]],
    columns: Mapping[str, FileColumn],
    amounts: Collection[str],
) -> list[int]:
    """Rows that a column of words calls returned, void, ended or planned, and that count.

    Args:
        header: the headings.
        body: row → cells.
        columns: ours; their words are read already.
        amounts: those that bear a minus where goods came back; rows with it are right.
    """
    taken = {column.at for column in columns.values()}
    where = [
        (at, words)
        for table, words in NO_SALE.items()
        for at, cell in enumerate(header)
        if at not in taken and normalise_heading(cell or "") in headings_of(table)
    ]
    figures = [columns[name] for name in amounts if name in columns]
    called = (r for r, cells in body.items() if any(is_no_sale(cells[a], w) for a, w in where))
    return [row for row in called if not figures or any(_counts(body[row], f) for f in figures)]


@cache
def headings_of(table: str) -> frozenset[str]:
    """The spellings of a table of headings in ``firm_tables.toml``."""
    return frozenset(map(normalise_heading, heading_data("firm_tables")[table]["names"]))


def our_headings(header: Iterable[str], kind: str) -> dict[str, str]:
    """Heading → our name, of the columns of a layout that a table has under other headings."""
    names = layout_of(kind).names
    ours = {normalise_heading(word): our for our, words in names.items() for word in (our, *words)}
    found = {cell: ours.get(normalise_heading(cell), cell) for cell in header}
    return {cell: our for cell, our in found.items() if our != cell and our not in found}


def tells_its_kind(heading: str) -> bool:
    """Whether a column is one in which these words are looked for."""
    return any(
        normalise_heading(heading) in headings_of(name) for name in NO_SALE if name != "kinds"
    )


def _counts(cells: Sequence[str], column: FileColumn) -> bool:
    read = read_amount(cells[column.at] or "", column.comma)
    return read is not None and read.value > 0
