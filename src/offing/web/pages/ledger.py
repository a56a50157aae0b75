"""The firm's ledger: drop a file, see how it is understood, put it right, use it."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

from offing.api.asking import READING
from offing.api.ledger import LedgerAnswer
from offing.report.blocks import Block, Callout, Text
from offing.report.views import view_of
from offing.report.views.ledger import price_of, sales_of, trouble_of
from offing.study.edit import Change
from offing.study.sales_history import names_of
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import join_list, say
from offing.terms.numbers import day
from offing.terms.plain import values_of
from offing.web.asking import Field, column_field, goods, lacking, likeliest
from offing.web.drafts import Draft, draft_of, keep, last_reading, remember
from offing.web.editing import data_of, new_model, save, text_of, values_of_new
from offing.web.page import Goto, Page, View, Visit
from offing.web.uploads import WORKBOOKS, taken_in

ASKED_AT_ONCE = 30
"""Unknown models that are asked for on one page; the largest sales come first."""
ASKED = (
    "reference.no_currency", "reference.bare_sign", "reference.line_without_currency",
    "reference.sign_of_several",
)  # fmt: skip


def show(visit: Visit) -> View:
    """The ledger of the study, or the one that was dropped and waits to be used."""
    return _view(visit)


def _view(visit: Visit, refused: OffingError | None = None) -> View:
    draft, own = draft_of(visit.study), _own(visit)
    read = draft or own
    title = say("web.nav_ledger")
    values: dict[str, Any] = {"draft": draft, "own": own, "kept": visit.study.kept}
    values["lacking"] = lacking(visit)
    if read is None:
        return View(title, (Text((say("web.ledger_none"),)),), None, "ledger.html", values)
    visit.note("read ledger", read.shown or read.file)
    try:
        answer = _answer(visit, read)
    except OffingError as error:
        return View(title, (), None, "ledger.html", values | {"read": read}, error)
    values |= reading(answer, read) | {
        "newer": newer_day(visit) if draft is None else "",
        "goods": goods(),
        "unknown": _unknown_models(visit, answer) if draft is None and visit.study.kept else [],
    }
    return View(title, ledger_blocks(answer), answer.data, "ledger.html", values, refused)


def reading(answer: LedgerAnswer, read: Draft) -> dict[str, Any]:
    """What the form names by which the reading of a ledger is put right."""
    return {
        "read": read,
        "look": answer.look,
        "columns": _column_fields(answer, read),
        "asks_currency": _asks_currency(answer, read),
        "asks_dates": _asks(answer, "reference.ambiguous_date", read.dates),
        "asks_period": _asks(answer, "reference.which_year", read.period),
        "workbook": read.file.lower().endswith(WORKBOOKS),
    }


def _answer(visit: Visit, read: Draft) -> LedgerAnswer:
    return visit.workbench.ledgers.read(read, visit.study, visit.warehouse)


def ledger_of_study(visit: Visit) -> LedgerAnswer | None:
    """The ledger that the study names, read as it says."""
    own = _own(visit)
    return None if own is None else _answer(visit, own)


def _unknown_models(visit: Visit, answer: LedgerAnswer) -> list[dict[str, Any]]:
    """Each model that the study does not know: what it sells, and what may be done with it."""
    data = data_of(text_of(visit.study))
    return [
        {
            "name": model.name,
            "sales": sales_of(model),
            "code": model.code or "",
            "markets": model.markets,
            "same": likeliest(visit, model.name, model.code or ""),
            "fields": [
                value.field(visit)
                for value in values_of_new(
                    data, name=model.name, code=(model.code or "")[:6], price_usd=price_of(model)
                )
            ],
            "open": visit.value("name") == model.name,
        }
        for model in answer.unknown[:ASKED_AT_ONCE]
    ]


def ledger_blocks(answer: LedgerAnswer) -> tuple[Block, ...]:
    """The telling; a missing column is chosen on this page, not on a command line."""
    blocks, trouble = view_of(answer), answer.look.trouble
    if trouble is not None and trouble.key in ASKED:  # the form above asks it
        of_trouble = list(trouble_of(trouble))
        return tuple(block for block in blocks if block not in of_trouble[1:])
    if trouble is None or trouble.key != "reference.no_ledger_column":
        return blocks
    names = [say(f"ledger.name_{c.name}") for c in answer.look.columns if c.needed]
    meant = "".join(str(trouble.values[name]) for name in ("meant", "way")).lstrip("；; ")
    caution = Callout(say("web.ledger_no_column", names=join_list(names)))
    of_command_line = list(trouble_of(trouble))
    return (
        blocks[0],
        caution,
        *([Text((meant[:1].upper() + meant[1:],))] if meant else []),
        *(block for block in blocks[1:] if block not in of_command_line),
    )


def _own(visit: Visit) -> Draft | None:
    """The ledger that the study names."""
    if not visit.study.file.is_file():  # it is being begun
        return None
    named = visit.study.read().ledger
    if named is None:
        return None
    return Draft(
        str(named.file),
        named.file.name,
        named.columns,
        named.sheet,
        named.currency,
        named.dates,
        named.period,
    )


def _column_fields(answer: LedgerAnswer, read: Draft) -> list[Field]:
    """Every column of ours, those that are missing first."""
    headings = list(filter(None, answer.look.headings))
    return [
        column_field(
            column.name, say(f"ledger.name_{column.name}"),
            None if column.heading is None else column.heading.text, headings, read.columns,
            missing=column.needed,
        )
        for column in sorted(answer.look.columns, key=lambda column: not column.needed)
    ]  # fmt: skip


def _asks_currency(answer: LedgerAnswer, read: Draft) -> bool:
    keys = {bad.reason for bad in answer.look.rejected}
    trouble = "" if answer.look.trouble is None else answer.look.trouble.key
    return bool(read.currency) or trouble in ASKED or bool(keys & set(ASKED))


def _asks(answer: LedgerAnswer, reason: str, said: str | None) -> bool:
    return bool(said) or reason in {bad.reason for bad in answer.look.rejected}


def drop(visit: Visit) -> Goto:
    """Take a file in; nothing of the study changes yet."""
    visit.must_be_kept()
    take_draft(visit)
    return Goto("ledger")


def take_draft(visit: Visit) -> None:
    """Keep an uploaded ledger as the draft of the study, read as the last file of its layout.

    Raises:
        InputError: ``web.no_file_chosen``, and as the upload.
    """
    place, upload = visit.study, visit.sent("file")
    file = taken_in(upload, place.folder, visit.workbench.settings.limits)
    shown = (upload.filename or "")[-80:]
    old, draft = draft_of(place), Draft(file.name, shown)
    home = visit.workbench.studies.home(visit.user)
    try:
        headings = _answer(visit, draft).look.headings
    except OffingError:
        headings = ()
    reading = last_reading(home, headings) or _as_before(visit, headings)
    keep(place, replace(draft, **reading))
    visit.note("upload", draft.shown)
    if old is not None and old.file != file.name:
        (place.folder / old.file).unlink(missing_ok=True)


def _as_before(visit: Visit, headings: tuple[str, ...]) -> dict[str, Any]:
    """How the study reads its ledger, where the new file has the headings that it names."""
    own = _own(visit)
    if own is None or not set(own.columns.values()) <= set(headings):
        return {}
    return {"columns": own.columns, "currency": own.currency, "dates": own.dates}


def mend(visit: Visit) -> Goto:
    """How the file is to be read, as the person says."""
    place, draft = visit.study, draft_of(visit.study) or _own(visit)
    visit.must_be_kept()
    if draft is None:
        raise InputError("web.no_file_chosen")
    names = [name.removeprefix("column-") for name in visit.form if name.startswith("column-")]
    columns = {name: chosen for name in names if (chosen := visit.value(f"column-{name}"))}
    counts = Counter(columns.values())
    if twice := [heading for heading, count in counts.items() if count > 1]:
        fields = [say(f"ledger.name_{name}") for name, one in columns.items() if one == twice[0]]
        raise InputError("web.column_twice", heading=twice[0], fields=join_list(fields))
    said = {name: visit.value(name) or None for name in READING}
    keep(place, replace(draft, columns=columns, **said))  # type: ignore[arg-type]
    return Goto("ledger")


def use(visit: Visit) -> Goto:
    """Make the dropped ledger the study's own, and remember how its layout is read."""
    place, draft = visit.study, draft_of(visit.study)
    visit.must_be_kept()
    if draft is None:
        raise InputError("web.no_file_chosen")
    look = _answer(visit, draft).look
    if look.trouble is not None:
        raise look.trouble
    if not look.usable:
        raise InputError("web.ledger_unusable")
    entries = values_of(draft, "file", *READING)
    entries["columns"] = dict(draft.columns) or None
    save(visit, [Change(("ledger", name), value) for name, value in entries.items()])
    remember(visit.workbench.studies.home(visit.user), look.headings, draft)
    keep(place, None)
    visit.note("use ledger", draft.shown)
    answer = ledger_of_study(visit)
    return Goto("ledger" if answer and (answer.unknown or answer.newer) else "plan")


def model(visit: Visit) -> Goto:
    """What a model of the ledger is: a new one of the study, the same as one of it, or left out."""
    visit.must_be_kept()
    name, act, answer = visit.value("name"), visit.value("act"), ledger_of_study(visit)
    if answer is None:
        raise InputError("web.no_file_chosen")
    if name not in {model.name for model in answer.unknown}:
        raise InputError("web.no_unknown_model", name=name[:60])
    save(visit, _changes_of_act(visit, answer, data_of(text_of(visit.study)), name, act))
    left = ledger_of_study(visit)
    return Goto("ledger" if left and left.unknown else "plan")


def _changes_of_act(
    visit: Visit, answer: LedgerAnswer, data: dict[str, Any], name: str, act: str
) -> list[Change]:
    """What of the study changes.

    Raises:
        InputError: ``web.which_model``, or as :func:`~offing.web.editing.new_model`.
    """
    if act == "add":
        return new_model(visit, data, name)
    if act == "leave":
        out = data["ledger"].get("leave_out", [])
        return [Change(("ledger", "leave_out"), [*out, name])]
    keys = [model["key"] for model in data["model"]]
    if (key := visit.value("same")) not in keys:
        raise InputError("web.which_model", name=name)
    models = visit.study.read().model
    names = names_of(answer.look.sales, models, key)
    return [Change(("model", keys.index(key), "ledger"), [*names, name])]


def day_after(visit: Visit) -> date | None:
    """The day that the study should stand on, where its ledger has sales after its own."""
    if not visit.study.kept:
        return None
    try:
        answer = ledger_of_study(visit)
    except OffingError:
        return None  # the ledger's page says what is wrong
    return None if answer is None else answer.newer


def newer_day(visit: Visit) -> str:
    """The same in words; empty where there is none."""
    newer = day_after(visit)
    return "" if newer is None else day(newer)


def move_day(visit: Visit) -> Goto:
    """Let the study stand on the day that its ledger asks for."""
    if (newer := day_after(visit)) is not None:
        save(visit, [Change(("on",), newer)])
    return Goto("plan")


def forget(visit: Visit) -> Goto:
    """Drop the draft; the study's own ledger stays."""
    keep(visit.study, None)
    return Goto("ledger")


PAGE = Page(
    "ledger",
    order=10,
    group="study",
    show=show,
    guide="read-your-own-ledger",
    changes={
        "drop": drop,
        "mend": mend,
        "use": use,
        "forget": forget,
        "model": model,
        "day": move_day,
    },
    refused=_view,
    needs_study=True,
    replaces_files=True,
)
