"""Whose sales a ledger has: a column, a line above the table or between its parts may say it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import zip_longest

import polars as pl

from offing.sources.headings import heading_data, normalise_heading
from offing.sources.layout import headings_of
from offing.sources.sheet_file import FirmSheet
from offing.terms.caution import Caution
from offing.terms.countries import known_code
from offing.terms.messages import join_list
from offing.terms.text import normal

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
