"""The study as plain forms: models, plants, markets, limits; each change is checked, and undone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from offing.study.edit import Change
from offing.terms.errors import OffingError
from offing.terms.messages import say
from offing.web.again import of_study
from offing.web.asking import Field
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
from offing.web.plants import new_plant, plant_fields
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
        "adding": [
            Adding.of("add", new_fields(visit, data), visit, error),
            Adding.of("plant", plant_fields(visit, data), visit, error),
        ],
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


@dataclass(frozen=True)
class Adding:
    """A form that adds something.

    Attributes:
        act: where it is sent.
        fields: what is asked.
        wrong: whether what was typed in it was refused.
        open: whether it stands open.
    """

    act: str
    fields: list[Field]
    wrong: bool
    open: bool

    @classmethod
    def of(cls, act: str, fields: list[Field], visit: Visit, error: OffingError | None) -> "Adding":
        """The form; open where it was refused, or where another page leads to it."""
        wrong = error is not None and fields[0].name in visit.form
        return cls(act, fields, wrong, wrong or visit.value("new") == act)


def _shown(
    part: Part, visit: Visit, error: OffingError | None, doubts: dict[str, list[str]]
) -> dict[str, Any]:
    """A part with its fields, what is asked of them (taken out), and the one that was refused."""
    wrong = None if error is None else field_of(error, part.values)
    if error is not None and wrong is not None:  # it stands at its field, under the field's name
        label = next(value.label for value in part.values if value.name == wrong)
        error.where, error.values = None, {**error.values, "key": label}
    in_form = error is not None and any(value.name in visit.form for value in part.values)
    questions = {value.name: doubts.pop(value.name, []) for value in part.values}
    return {
        "part": part,
        "asked": questions,
        "fields": [value.field(visit) for value in part.values],
        "wrong": wrong,
        "open": in_form or any(questions.values()),
    }


def _saved(visit: Visit, of_form: Callable[[dict[str, Any]], Sequence[Change]]) -> View | Goto:
    """Write what a form asks for, if its checker takes it."""
    try:
        if changes := of_form(data_of(text_of(visit.study))):
            save(visit, changes)
    except OffingError as error:
        return _view(visit, error)
    return Goto("edit", {"saved": "1"})


def change(visit: Visit) -> View | Goto:
    """Write what was typed in one form."""
    return _saved(visit, lambda data: changes_of(visit, data))


def add(visit: Visit) -> View | Goto:
    """Add a model."""
    return _saved(visit, lambda data: new_model(visit, data))


def plant(visit: Visit) -> View | Goto:
    """Add a plant."""
    return _saved(visit, lambda data: new_plant(visit, data))


def remove(visit: Visit) -> View | Goto:
    """Take a model out of the study, by its key."""

    def gone(data: dict[str, Any]) -> list[Change]:
        keys, key = [model["key"] for model in data["model"]], visit.value("model")
        return [Change(("model", keys.index(key)), None)] if key in keys else []

    return _saved(visit, gone)


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
    changes={"change": change, "add": add, "plant": plant, "remove": remove, "undo": undo},
    needs_study=True,
)
