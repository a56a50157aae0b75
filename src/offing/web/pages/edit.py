"""The study as plain forms: models, plants, markets, limits; each change is checked, and undone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from offing.study.edit import Change
from offing.study.template import key_of
from offing.terms.countries import country_code
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import say
from offing.web.asking import Field
from offing.web.choices import countries, goods
from offing.web.editing import (
    EditablePart,
    changes_of,
    data_of,
    doubts_of,
    field_of,
    figure,
    new_fields,
    new_model,
    parts_of,
    save,
    text_of,
    title_of,
)
from offing.web.page import Goto, Page, View, Visit

SITE = "site"
"""Of the names of the form's fields."""


def plant_fields(visit: Visit, data: Mapping[str, Any]) -> list[Field]:
    """Name, country, capacity, and what one of each model costs there; empty: not made there."""
    fields = {
        name: Field(
            f"{SITE}.{name}",
            say(f"web.plant_{name}"),
            "number" if name == "hours" else "text",
            visit.value(f"{SITE}.{name}"),
            needed=True,
            hints=countries() if name == "country" else (),
        )
        for name in ("name", "country", "hours")
    }
    costs = [
        Field(name, label, "number", visit.value(name)) for name, label, _ in _models_made(data)
    ]
    return [*fields.values(), *costs]


def new_plant(visit: Visit, data: Mapping[str, Any]) -> list[Change]:
    """A plant that is added, from the fields ``site.<name>``.

    Raises:
        InputError: ``web.unanswered``, ``web.plant_makes_nothing``, a country or a figure that
            cannot be read.
    """
    texts = {
        field.name.removeprefix(f"{SITE}."): _needed(visit, field)
        for field in plant_fields(visit, data)
        if field.needed
    }
    hours = figure(texts["hours"], say("web.plant_hours"))
    costs = list(_made(visit, data))
    if not costs:
        raise InputError("web.plant_makes_nothing")
    plants = data["plant"]
    key = _free(texts["name"], {plant["key"] for plant in plants})
    line = _free(texts["name"], {line["key"] for plant in plants for line in plant["line"]})
    at = ("plant", len(plants))
    changes = [
        Change((*at, "key"), key),
        Change((*at, "country"), country_code(texts["country"])),
        Change((*at, "name"), {"en": texts["name"], "zh": texts["name"]}),
        Change((*at, "line", 0, "key"), line),
        Change((*at, "line", 0, "hours"), hours),
    ]
    for number, (model, cost) in enumerate(costs):
        values = {"model": model, "line": line, "cost_cny": cost}
        changes += [Change((*at, "makes", number, k), v) for k, v in values.items()]
    return [*_on_their_line(data), *changes]


def _on_their_line(data: Mapping[str, Any]) -> Iterator[Change]:
    """Models that name no line are on the only one; with a second they must say so."""
    first = data["plant"][0]["line"][0]["key"]
    for number, model in enumerate(data["model"]):
        if "line" not in model:
            yield Change(("model", number, "line"), first)


def _models_made(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The field, the question and the key of each model."""
    for number, model in enumerate(data["model"]):
        label = say("web.plant_cost", model=title_of(model))
        yield f"{SITE}.cost.{number}", label, model["key"]


def _made(visit: Visit, data: Mapping[str, Any]) -> Iterator[tuple[str, Decimal]]:
    """The models that it makes, and at what cost."""
    for name, label, key in _models_made(data):
        if text := visit.value(name):
            yield key, figure(text, label)


def _needed(visit: Visit, field: Field) -> str:
    if not (text := visit.value(field.name)):
        raise InputError("web.unanswered", question=field.label)
    return text[:120]


def _free(name: str, used: set[str]) -> str:
    """A key from a name that no other has."""
    base = key_of(name)
    return next(k for n in count(1) if (k := base if n == 1 else f"{base[:36]}-{n}") not in used)


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
            _adding(visit, "add", new_fields(visit, data), error),
            _adding(visit, "plant", plant_fields(visit, data), error),
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


def _adding(
    visit: Visit, act: str, fields: list[Field], error: OffingError | None
) -> dict[str, Any]:
    """A form that adds something; open where it was refused, or where another page leads to it."""
    wrong = error is not None and fields[0].name in visit.form
    open_ = wrong or visit.value("new") == act
    return {"act": act, "fields": fields, "wrong": wrong, "open": open_}


def _shown(
    part: EditablePart, visit: Visit, error: OffingError | None, doubts: dict[str, list[str]]
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
    changes={"change": change, "add": add, "plant": plant, "remove": remove, "undo": undo},
    needs_study=True,
)
