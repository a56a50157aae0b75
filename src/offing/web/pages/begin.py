"""A first study from a ledger: what was read of it, and what only the firm knows, to fill in."""

import csv
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.responses import FileResponse

from offing.api.asking import open_warehouse
from offing.api.begin import BeginAnswer, read_figures
from offing.api.codes import codes as find_codes
from offing.api.ledger import LedgerAnswer
from offing.report.blocks import Block, Callout, Cell, Column, Folded, Table, Text, cautions
from offing.report.views.ledger import models_left_out, models_of, sales_of
from offing.report.workbook.sheet import Sheet, write_sheets
from offing.sources.layout import layout_of
from offing.sources.ledger_cells import read_code
from offing.sources.ledger_line import spelled_model
from offing.sources.unit_facts import KIND
from offing.study.edit import Change, apply_changes, key_at
from offing.study.sales_history import models_without_code
from offing.study.template import Shown
from offing.study.unit_costs import PLACES
from offing.terms.errors import InputError, MissingDataError, OffingError, Where
from offing.terms.messages import say
from offing.terms.numbers import fixed_decimals, percent
from offing.terms.products import codes_like, product_label
from offing.warehouse.exchange_rates import day_rates
from offing.web.asking import Field, Form, goods, lacking_of, read_answers
from offing.web.drafts import TABLE, Draft, answers_of, draft_of, keep_answers, remember, table_of
from offing.web.editing import Editable, doubts_of
from offing.web.page import Goto, Page, View, Visit
from offing.web.pages import ledger
from offing.web.pages.start import fields_of, firm_part, shipping_part, titles_of, write_study
from offing.web.studies import StudyPlace
from offing.web.uploads import taken_in


def show(visit: Visit) -> View:
    """The file that waits: how it is read, and the questions."""
    return _view(visit)


def _view(visit: Visit, error: OffingError | None = None) -> View:
    place = _place(visit)
    draft, title = draft_of(place), say("web.begun_heading")
    values: dict[str, Any] = {"draft": draft, "parts": (), "lacking": None, "uncoded": ()}
    values["pasted"] = visit.form.get("pasted", "") if error else ""
    if draft is None:
        return View(title, template="begin.html", values=values, error=error)
    visit.note("read ledger", draft.shown)
    warehouse = visit.warehouse
    try:
        read = visit.workbench.ledgers.read(draft, place, warehouse)
    except OffingError as refused:
        return View(title, (), None, "begin.html", values, error or refused)
    values |= ledger.reading(read, draft)
    blocks = list(ledger.ledger_blocks(read))
    if read.look.trouble is not None or not read.look.usable:
        return View(title, tuple(blocks), read.data, "begin.html", values, error)
    try:
        found, text = visit.workbench.ledgers.begun(draft, place, warehouse)
    except OffingError as refused:
        values["uncoded"] = (
            _models_without_code(visit, read) if refused.key == "begin.which_codes" else ()
        )
        alone = (Callout(refused.found), *blocks)
        return View(title, alone, read.data, "begin.html", values, error)
    answers, codes = answers_of(place), [shown.model.code for shown in found.found.shown]
    values |= {
        "parts": _parts(visit, found, text, answers),
        "lacking": lacking_of(visit, codes, "web.begun_lacking"),
        "goods": goods(),
    }
    data = {"ledger": read.data(), "begun": found.data()}
    data["begun"].pop("file")
    return View(title, tuple(_reading_blocks(found, blocks)), data, "begin.html", values, error)


def _models_without_code(visit: Visit, read: LedgerAnswer) -> list[tuple[str, Field]]:
    """Each model without an HS code: its name, and the question, with what it sells."""
    rates = day_rates(open_warehouse(visit.warehouse))
    models = models_without_code(read.look.sales, rates)[: ledger.ASKED_AT_ONCE]
    words = read.look.words
    asked = []
    for at, model in enumerate(models):
        called = " · ".join(filter(None, (model.name, words.get(spelled_model(model.name), ""))))
        hints = _candidates(visit, words.get(spelled_model(model.name), "") or model.name)
        sold = say("web.unknown_sales", sales=sales_of(model), count=model.markets)
        value = Editable.at(("model", at, "code"), called=f"code.{at}", titled=f"{called} ({sold})")
        asked.append((model.name, replace(value.field(visit), hints=hints)))
    return asked


def _candidates(visit: Visit, words: str) -> tuple[tuple[str, str], ...]:
    """Codes that a model's words point to, with their names and refund, shown while one types."""
    try:
        found = find_codes(words, top=HINTS, warehouse=visit.warehouse).candidates
    except OffingError:
        return tuple((code, product_label(code)) for code in codes_like(words)[:HINTS])
    return tuple(
        (one.code, " · ".join(filter(None, (one.name, percent(one.refund) if one.refund else ""))))
        for one in found
    )


HINTS = 8
"""Of them so many."""


def _reading_blocks(answer: BeginAnswer, of_ledger: Sequence[Block]) -> Iterator[Block]:
    """What can be used, what is doubtful, the models, rows put aside; folded, how it was read."""
    tables = [block for block in of_ledger if isinstance(block, Table)]
    aside = [table for table in tables if table.id == "bad-rows"]
    yield from (block for block in of_ledger if block not in tables)
    shown = {block.text for block in of_ledger if isinstance(block, Callout)}
    ours = (caution for caution in answer.cautions if caution.key not in OF_COMMAND_LINE)
    yield from (block for block in cautions(ours) if getattr(block, "text", "") not in shown)
    yield models_of(answer)
    yield Text(tuple(models_left_out(answer)))
    yield from aside
    yield Folded(say("web.begun_read"), tuple(table for table in tables if table not in aside))


OF_COMMAND_LINE = ("begin.no_trade", "begin.no_trade_of_some", "begin.no_sales_of")
"""What this page says in its own words."""


def _parts(
    visit: Visit, answer: BeginAnswer, text: str, answers: Mapping[str, str]
) -> tuple[Form, ...]:
    """The questions: the firm with what it can make, one part a model, then a shipment."""
    models = (
        _model_form(shown, fields_of(visit, text, f"model.{at}", answers))
        for at, shown in enumerate(answer.found.shown)
    )
    return (firm_part(visit, text, answers), *models, shipping_part(visit, text, answers))


def _model_form(shown: Shown, fields: tuple[Field, ...]) -> Form:
    """The questions of a model, with what is known of it and from where."""
    model, notes = shown.model, []
    if model.price_usd is not None:
        price = fixed_decimals(model.price_usd, 2)
        notes.append(say("web.begun_price", price=price, source=model.price_from))
    for name, source in model.about.items():
        if name != "refund_rate":
            known = fixed_decimals(getattr(model, name), PLACES[name])
            values = {"what": key_at(("model", name)).label, "known": known, "source": source}
            notes.append(say("web.begun_figure", **values))
    if model.refund_rate is not None:
        rate = percent(model.refund_rate)
        notes.append(say("web.begun_refund", rate=rate, source=model.refund_about))
    return Form(fields, heading=f"{model.name} · {model.code}", notes=tuple(notes))


def _place(visit: Visit) -> StudyPlace:
    return visit.workbench.studies.begun(visit.user)


def _waiting(visit: Visit) -> tuple[StudyPlace, Draft]:
    """Where the file waits, and how it is read."""
    place = _place(visit)
    if (draft := draft_of(place)) is None:
        raise MissingDataError("web.kept_gone")
    return place, draft


def _there(visit: Visit) -> Visit:
    """The visit, to the place where the file waits."""
    return replace(visit, place=_place(visit))


def drop(visit: Visit) -> Goto:
    """Take a ledger in, in the place of one that waits."""
    there = _there(visit)
    before = draft_of(there.study)
    ledger.take_draft(there)
    now = draft_of(there.study)
    if before is not None and now is not None and before.file != now.file:
        keep_answers(there.study, {})
        (there.study.folder / TABLE).unlink(missing_ok=True)  # another ledger has other models
    return Goto("begin")


def mend(visit: Visit) -> Goto:
    """How the file is to be read, as the person says."""
    ledger.mend(_there(visit))
    return Goto("begin")


def forget(visit: Visit) -> Goto:
    """Throw away the file that waits, with the answers."""
    shutil.rmtree(_place(visit).folder, ignore_errors=True)
    return Goto("start")


def fill(visit: Visit) -> Goto:
    """Keep the answers; write the study from them, where all are there and it is sound."""
    place, draft = _waiting(visit)
    keep_answers(place, {name: visit.value(name) for name in visit.form if "." in name})
    _take(visit, place, [shown.model.name for shown in _models_shown(visit, draft)])
    if visit.value("table") or visit.value("later"):
        return Goto("begin" if visit.value("table") else "start")
    study = _write_study(visit, place, draft)
    shutil.rmtree(place.folder, ignore_errors=True)
    there = replace(visit, place=study)
    there.note("begin")
    if visit.value("plant"):
        return Goto("edit", {"study": study.name, "new": "plant"})
    return Goto("edit" if doubts_of(there) else "plan", {"study": study.name})


def codes(visit: Visit) -> Goto:
    """Keep the HS codes that were said of models, typed or as a table."""
    place = _place(visit)
    names = visit.form.getlist("name")
    _take(visit, place, [str(name) for name in names], coding=True)
    values = [Editable.at(("model", at, "code"), called=f"code.{at}", titled=str(name))
              for at, name in enumerate(names)]  # fmt: skip
    said = {value.name: read_code(visit.value(value.name)) for value in values}
    said |= read_answers(visit, (value for value in values if not said[value.name]))
    typed = dict(zip(map(str, names), said.values(), strict=True))
    if known := {name: code for name, code in typed.items() if code}:
        _keep_codes(place, known)
    return Goto("begin")


def form(visit: Visit) -> FileResponse:
    """The table of models as a workbook, to be filled in elsewhere.

    Raises:
        MissingDataError: ``web.kept_gone``.
    """
    place, draft = _waiting(visit)
    try:
        models = {one.model.name: one.codes[0] for one in _models_shown(visit, draft)}
    except InputError:
        read = visit.workbench.ledgers.read(draft, place, visit.warehouse)
        models = {name: "" for name, *_ in _models_without_code(visit, read)}
    file = _write_form(place, models)
    return FileResponse(file, media_type=XLSX, filename=f"{say('web.table_sheet')}.xlsx")


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _models_shown(visit: Visit, draft: Draft) -> tuple[Shown, ...]:
    """The models that the ledger that waits shows."""
    found, _ = visit.workbench.ledgers.begun(draft, _place(visit), visit.warehouse)
    return found.found.shown


def _write_study(visit: Visit, waits: StudyPlace, draft: Draft) -> StudyPlace:
    """The study, whole.

    Raises:
        OffingError: as :func:`offing.begin` and :func:`~offing.web.pages.start.write_study`.
    """
    studies, warehouse = visit.workbench.studies, visit.warehouse
    models = _models_shown(visit, draft)
    place = studies.new(visit.user, visit.value("firm.name"))
    try:
        text = draft.begin(waits, place.folder, warehouse)[1]
    except OffingError:
        shutil.rmtree(place.folder, ignore_errors=True)
        raise
    place.file.unlink()  # it waits for answers, and is no version of the study
    titles = titles_of(visit.value("firm.name")).items()
    text = apply_changes(text, [Change(("title", lang), title) for lang, title in titles])
    write_study(visit, place, text, [shown.model.name for shown in models])
    look = draft.read(waits, warehouse).look
    remember(studies.home(visit.user), look.headings, draft)
    return place


FORM = "models.xlsx"
"""The table of models as it goes out; it may come back pasted or as a file."""
COLUMNS = tuple(layout_of(KIND).names)
LONGEST = 200_000
"""Signs of a table that is pasted."""


def _take(visit: Visit, place: StudyPlace, models: Sequence[str], *, coding: bool = False) -> None:
    """Join what a visit pasted or sent to the table; what it says anew counts.

    Args:
        visit: with the fields ``pasted`` and ``form``.
        place: where the ledger waits.
        models: what its models are called, where a table without headings was pasted.
        coding: whether their codes are asked: then those come first.

    Raises:
        InputError: ``web.table_too_long``, or as
            :func:`~offing.api.begin.read_figures`.
    """
    pasted, upload = str(visit.form.get("pasted") or ""), visit.upload("form")
    known = {spelled_model(name) for name in (*models, *_models_of_ledger(visit, place))}
    with TemporaryDirectory(prefix="offing-") as folder:
        if pasted.strip():
            if len(pasted) > LONGEST:
                raise InputError("web.table_too_long", most=f"{LONGEST:,}")
            file = Path(folder) / f"{say('web.table_pasted')}.txt"
            file.write_text(_add_headings(pasted, models, coding=coding), encoding="utf-8")
            _join_table(place, file, file.name, known)
        if upload is not None:
            file = taken_in(upload, Path(folder), visit.workbench.settings.limits)
            _join_table(place, file, (upload.filename or "")[-80:], known)


def _keep_codes(place: StudyPlace, codes: Mapping[str, str]) -> None:
    """Join the codes of models to the table."""
    rows = _table_rows(place)
    for model, code in codes.items():
        rows.setdefault(spelled_model(model), {"model": model})["code"] = code
    _write_table(place, rows)


def _models_of_ledger(visit: Visit, place: StudyPlace) -> list[str]:
    """What the ledger that waits calls its models."""
    if (draft := draft_of(place)) is None:
        return []
    read = visit.workbench.ledgers.read(draft, place, visit.warehouse)
    return read.look.sales["model"].drop_nulls().unique().to_list()


def _join_table(place: StudyPlace, file: Path, shown: str, known: Collection[str]) -> None:
    """Join a table to the one that is kept, less what that says of models that are not known."""
    rows = {name: row for name, row in _table_rows(place).items() if name in known}
    try:
        read = read_figures(file)
    except InputError as error:
        where = error.where or Where()
        error.where = Where(shown, where.row, where.column)
        raise
    for name, row in read.items():
        said = {column: str(value) for column, value in vars(row).items() if value is not None}
        rows[name] = rows.get(name, {}) | said
    _write_table(place, rows)


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


def _table_rows(place: StudyPlace) -> dict[str, dict[str, str]]:
    if (file := table_of(place)) is None:
        return {}
    with file.open(encoding="utf-8", newline="") as opened:
        rows = [{k: v for k, v in row.items() if v} for row in csv.DictReader(opened)]
    return {spelled_model(row["model"]): row for row in rows}


def _write_table(place: StudyPlace, rows: Mapping[str, Mapping[str, str]]) -> None:
    fresh = place.folder / f".{TABLE}.part"
    with fresh.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, COLUMNS)
        writer.writeheader()
        writer.writerows(rows.values())
    fresh.replace(place.folder / TABLE)


def _write_form(place: StudyPlace, models: Mapping[str, str]) -> Path:
    """Write the form that goes out: a workbook with the models, by name with their code."""
    known, layout = _table_rows(place), layout_of(KIND)
    columns = tuple(Column(layout.label(name)) for name in COLUMNS)
    rows = []
    for model, code in models.items():
        row = {"model": model, "code": code} | known.get(spelled_model(model), {})
        rows.append(tuple(Cell(row.get(name, "")) for name in COLUMNS))
    table = Table("models", say("web.table_title"), columns, tuple(rows))
    sheet = Sheet(say("web.table_sheet"), say("web.table_title"), say("web.table_note"), (table,))
    write_sheets(place.folder / FORM, say("web.table_title"), datetime.now(UTC), [sheet])
    return place.folder / FORM


PAGE = Page(
    "begin",
    order=5,
    group="study",
    show=show,
    guide="read-your-own-ledger",
    changes={"drop": drop, "mend": mend, "codes": codes, "fill": fill, "forget": forget},
    refused=_view,
    parts={"form": form},
    listed=False,
    replaces_files=True,
)
