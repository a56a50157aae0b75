"""The table of models of a study that is begun: what was pasted, sent as a form or typed of them.

It lies beside the ledger that waits, as a table that the command reads as well.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from offing.report.blocks import Cell, Column, Table
from offing.report.workbook.sheet import Sheet, write_sheets
from offing.sources.layout import layout_of
from offing.sources.ledger_cells import read_code
from offing.sources.ledger_line import spelled_model
from offing.sources.unit_facts import KIND, read_model_figures
from offing.terms.errors import InputError, Where
from offing.terms.messages import say
from offing.web.drafts import TABLE, table_of
from offing.web.page import Visit
from offing.web.studies import StudyPlace
from offing.web.uploads import taken_in

FORM = "models.xlsx"
COLUMNS = tuple(layout_of(KIND).names)
LONGEST = 200_000
"""Signs of a table that is pasted."""


def forget(place: StudyPlace) -> None:
    """Remove the table: another ledger has other models."""
    (place.folder / TABLE).unlink(missing_ok=True)


def take(visit: Visit, place: StudyPlace, models: Sequence[str], *, coding: bool = False) -> None:
    """Join what a visit pasted or sent to the table; what it says anew counts.

    Args:
        visit: with the fields ``pasted`` and ``form``.
        place: where the ledger waits.
        models: what its models are called, where a table without headings was pasted.
        coding: whether their codes are asked: then those come first.

    Raises:
        InputError: ``web.table_too_long``, or as
            :func:`~offing.sources.unit_facts.read_model_figures`.
    """
    pasted, upload = str(visit.form.get("pasted") or ""), visit.upload("form")
    with TemporaryDirectory(prefix="offing-") as folder:
        if pasted.strip():
            if len(pasted) > LONGEST:
                raise InputError("web.table_too_long", most=f"{LONGEST:,}")
            file = Path(folder) / f"{say('web.table_pasted')}.txt"
            file.write_text(_add_headings(pasted, models, coding=coding), encoding="utf-8")
            _join(place, file, file.name)
        if upload is not None:
            file = taken_in(upload, Path(folder), visit.workbench.settings.limits)
            _join(place, file, (upload.filename or "")[-80:])


def keep_codes(place: StudyPlace, codes: Mapping[str, str]) -> None:
    """Join the codes of models to the table."""
    rows = _rows(place)
    for model, code in codes.items():
        rows.setdefault(spelled_model(model), {"model": model})["code"] = code
    _write(place, rows)


def _join(place: StudyPlace, file: Path, shown: str) -> None:
    rows = _rows(place)
    try:
        read = read_model_figures(file)
    except InputError as error:
        where = error.where or Where()
        error.where = Where(shown, where.row, where.column)
        raise
    for name, row in read.items():
        said = {column: str(value) for column, value in vars(row).items() if value is not None}
        rows[name] = rows.get(name, {}) | said
    _write(place, rows)


def _add_headings(pasted: str, models: Sequence[str], *, coding: bool) -> str:
    """What was pasted, below the form's headings where it begins with a model.

    Where it may be codes or costs that stand behind the models, it stays without, and is refused.
    """
    rows = [line.rstrip("\r").split("\t") for line in pasted.strip("\r\n").split("\n")]
    if spelled_model(rows[0][0]) not in map(spelled_model, models):
        return pasted
    columns, width = COLUMNS, len(rows[0])
    if width != len(COLUMNS) and not coding:
        columns = ("model", *COLUMNS[2:])
        if all(len(read_code("".join(row[1:2])) or "") >= SIX for row in rows):
            return pasted
    return "\n".join("\t".join(row) for row in [columns[:width], *rows])


SIX = 6
"""Digits of a code, at least."""


def _rows(place: StudyPlace) -> dict[str, dict[str, str]]:
    if (file := table_of(place)) is None:
        return {}
    with file.open(encoding="utf-8", newline="") as opened:
        rows = [{k: v for k, v in row.items() if v} for row in csv.DictReader(opened)]
    return {spelled_model(row["model"]): row for row in rows}


def _write(place: StudyPlace, rows: Mapping[str, Mapping[str, str]]) -> None:
    fresh = place.folder / f".{TABLE}.part"
    with fresh.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, COLUMNS)
        writer.writeheader()
        writer.writerows(rows.values())
    fresh.replace(place.folder / TABLE)


def form_of(place: StudyPlace, models: Mapping[str, str]) -> Path:
    """Write the form that goes out: a workbook with the models, by name with their code."""
    known, layout = _rows(place), layout_of(KIND)
    columns = tuple(Column(layout.label(name)) for name in COLUMNS)
    rows = []
    for model, code in models.items():
        row = {"model": model, "code": code} | known.get(spelled_model(model), {})
        rows.append(tuple(Cell(row.get(name, "")) for name in COLUMNS))
    table = Table("models", say("web.table_title"), columns, tuple(rows))
    sheet = Sheet(say("web.table_sheet"), say("web.table_title"), say("web.table_note"), (table,))
    write_sheets(place.folder / FORM, say("web.table_title"), datetime.now(UTC), [sheet])
    return place.folder / FORM
