"""A table of trade of one's own: who sold what to whom in which year, for how much.

CSV or workbook with the headings of ``firm_tables.toml``, such as an extract of a national office
or of a paper's data. Values are free on board, in US dollars: yearly rates of exchange are a choice
that the person makes. What offing cannot know of it (who reported, how it was reconciled) is said
to be the table's own word.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.archive import files_given
from offing.sources.staging import Staging
from offing.sources.trade_checks import (
    FIRST_YEAR,
    odd_values,
    reversed_flows,
    this_year,
    year_jumps,
)
from offing.sources.user_table import Line, TableRow, records
from offing.terms.errors import InputError, Where
from offing.terms.firm_records import Records
from offing.terms.hs import edition_of, invalid_codes
from offing.terms.messages import join_list

ABOUT = About("trade-table", ("flows",))


_PART = re.compile(r"(?i)\bre-?\s*(ex|im)ports?|^\s*r[xm]\s*$|transit|[再复]\s*[出进]口|转口|过境")
"""What flows are called that exports and imports contain, or that are no trade of the country."""
_Lines = dict[tuple[int, str, str, str], tuple[Path, Where, Line]]
"""(Year, code, importer, exporter) → the line of that flow, with its file."""


def read(paths: Sequence[Path], staging: Staging, *, edition: str | None = None) -> None:
    """Read tables of trade into ``flows``; ``edition`` is that of the codes' HS, where known.

    Raises:
        InputError: as :func:`read_trade`.
    """
    staging.edition = edition_of(edition) if edition else None
    lines: _Lines = {}
    for path in (file.path for file in files_given(paths, staging.folder)):
        table = read_trade(path)
        # A row that stands there twice does not count again here: it is put aside below.
        notes = tuple(note for note in table.notes if note.key != "sources.caution_twice")
        staging.take(path, replace(table, notes=notes))
        for line in table.rows:
            where = line.pop("where")
            key = (line["year"], line["product"], line["importer"], line["exporter"])
            if lines.setdefault(key, (path, where, line))[2] is not line:
                staging.put_aside(path, [InputError("sources.twice", where=where)])
    _leave_out_sums(lines, staging)
    every = pl.DataFrame([line for *_, line in lines.values()], infer_schema_length=None)
    _look_at_edition(every["product"].unique().to_list(), staging)
    valued = every.with_columns(value=pl.col("value_usd"))
    staging.notes += odd_values(valued)
    staging.notes += year_jumps(valued, ("exporter", "importer", "product"))
    if count := reversed_flows(every, staging.shipped("flows")):
        staging.note("sources.turned", count=count)
    for (year,), rows in every.group_by("year", maintain_order=True):
        staging.frame("flows", rows, year=int(str(year)))


def _leave_out_sums(lines: _Lines, staging: Staging) -> None:
    """Put codes aside of whose flow finer codes are there too: both would count."""
    finer = {
        (year, code[:digits], importer, exporter)
        for year, code, importer, exporter in lines
        for digits in (2, 4)
        if len(code) > digits
    }
    for key in sorted(finer & {*lines}):
        path, where, _ = lines.pop(key)
        staging.put_aside(path, [InputError("sources.finer_codes", where=where)])


def _look_at_edition(codes: Sequence[str], staging: Staging) -> None:
    """Say which codes the edition has not."""
    if staging.edition:
        strays = invalid_codes(codes, staging.edition)
        if strays:
            said = {"codes": join_list(strays[:5]), "edition": staging.edition}
            staging.note("sources.stray_codes", count=len(strays), **said)
        return
    staging.note("sources.no_edition")


def read_trade(path: Path) -> Records[Line]:
    """The lines of a table of trade as rows of ``flows``, each with its place under ``where``.

    Raises:
        InputError: as :func:`offing.sources.user_table.records`.
    """
    return records(path, "trade_table", _line)


def _line(row: TableRow) -> Line:
    year = re.fullmatch(r"(\d{4})\s*年?(\.0)?", row.text("year"))
    if year is None or not FIRST_YEAR <= int(year[1]) <= this_year():
        raise InputError("sources.bad_year", where=row.at("year"))
    if _PART.search(row.text("flow")):
        raise InputError("sources.part_flow", where=row.at("flow"))
    exporter, importer = (row.country(side, int(year[1])) for side in ("exporter", "importer"))
    if exporter == importer:
        raise InputError("sources.own_trade", where=row.at("importer"))
    code = row.product(most=6)
    value = _figure(row, "value", "sources.bad_value")
    if value is None:
        raise InputError("sources.bad_value", where=row.at("value"))
    _must_be_dollars(row)
    kg, items = (_figure(row, name, "sources.bad_quantity") for name in ("kg", "items"))
    return {
        "year": int(year[1]), "product": code, "importer": importer, "exporter": exporter,
        "value_usd": value, "cif_usd": None, "kg": kg, "items": items, "observed": "source",
        "where": row.where,
    }  # fmt: skip


def _figure(row: TableRow, name: str, reason: str) -> float | None:
    found = row.figure(name, reason)
    if found is not None and found < 0:
        raise InputError(reason, where=row.at(name))
    return found


def _must_be_dollars(row: TableRow) -> None:
    """Refuse other money, and money of which neither line nor heading says what it is."""
    currency = row.currency_of("value")
    if currency != "USD":
        key = "sources.not_dollars" if currency else "reference.bad_currency"
        raise InputError(key, where=row.at("value"))
