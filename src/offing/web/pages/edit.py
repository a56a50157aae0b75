"""The study as plain forms: models, plants, markets, limits; each change is checked, and undone."""

from typing import Any

from offing.study.edited import Change
from offing.terms.errors import OffingError
from offing.terms.messages import say
from offing.web.again import of_study
from offing.web.choices import goods
from offing.web.editing import (
    Part,
    changes_of,
    data_of,
    doubts_of,
    field_of,
    new_fields,
    new_model,
    parts_of,
    save,
    text_of,
)
from offing.web.page import Goto, Page, View
from offing.web.visit import Visit


def show(visit: Visit) -> View:
    """All that may be changed, as it stands in the file."""
    return _view(visit)


def _view(visit: Visit, error: OffingError | None = None) -> View:
    data = data_of(text_of(visit.study))
    parts = list(parts_of(data))
    doubts = doubts_of(visit)
    shown = [_shown(part, visit, error, doubts) for part in parts]
    values: dict[str, Any] = {
        "parts": shown,
        "doubts": [text for texts in doubts.values() for text in texts],  # of no field shown
        "new": new_fields(visit, data),
        "new_error": error is not None and visit.value("new.name") != "",
        "goods": goods(),
        "kept": visit.study.kept,
        "models": len(data["model"]),
        "versions": len(visit.workbench.studies.versions(visit.study)),
        "saved": visit.value("saved"),
    }
    plain = {
        part.name: {value.name: value.field(visit).value for value in part.values} for part in parts
    }
    return View(say("web.nav_edit"), (), plain, "edit.html", values, error)


def _shown(
    part: Part, visit: Visit, error: OffingError | None, doubts: dict[str, list[str]]
) -> dict[str, Any]:
    """A part with its fields, what is asked of them (taken out), and the one that was refused."""
    wrong = None if error is None else field_of(error, part.values)
    if error is not None and wrong is not None:  # it stands at its field, under the field's name
        label = next(value.label for value in part.values if value.name == wrong)
        error.where, error.values = None, {**error.values, "key": label}
    here = error is not None and any(value.name in visit.form for value in part.values)
    asked = {value.name: doubts.pop(value.name, []) for value in part.values}
    return {
        "part": part,
        "asked": asked,
        "fields": [value.field(visit) for value in part.values],
        "wrong": wrong,
        "open": here or any(asked.values()),
    }


def change(visit: Visit) -> View | Goto:
    """Write what was typed in one form."""
    try:
        changes = changes_of(visit, data_of(text_of(visit.study)))
        if changes:
            save(visit, changes)
    except OffingError as error:
        return _view(visit, error)
    return Goto("edit", {"saved": "1"})


def add(visit: Visit) -> View | Goto:
    """Add a model."""
    try:
        save(visit, new_model(visit, data_of(text_of(visit.study))))
    except OffingError as error:
        return _view(visit, error)
    return Goto("edit", {"saved": "1"})


def remove(visit: Visit) -> View | Goto:
    """Take a model out of the study, by its key."""
    keys = [model["key"] for model in data_of(text_of(visit.study))["model"]]
    try:
        if (key := visit.value("model")) in keys:
            save(visit, [Change(("model", keys.index(key)), None)])
    except OffingError as error:
        return _view(visit, error)
    return Goto("edit", {"saved": "1"})


def undo(visit: Visit) -> Goto:
    """Bring back the version before the last change."""
    visit.workbench.studies.undo(visit.study)
    visit.note("undo")
    return Goto("edit", {"saved": "1"})


PAGE = Page(
    "edit",
    order=12,
    group="study",
    show=show,
    rests_on=of_study,
    changes={"change": change, "add": add, "remove": remove, "undo": undo},
    needs_study=True,
)
