"""The study as plain forms: models, plants, markets, limits; each change is checked, and undone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from offing.study.edit import Change
from offing.study.file import Steps
from offing.terms.countries import country_code
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import say
from offing.web.choices import goods
from offing.web.editing import (
    Editable,
    EditablePart,
    Kind,
    changes_of,
    data_of,
    doubts_of,
    field_of,
    free_key,
    new_model,
    parts_of,
    save,
    text_of,
    title_of,
    values_of_new,
)
from offing.web.page import Goto, Page, View, Visit

SITE = "site"
"""Of the names of the form's fields."""


def plant_values(data: Mapping[str, Any]) -> list[Editable]:
    """Name, country, capacity, and what one of each model costs there; empty: not made there."""
    place = ("plant", len(data["plant"]))
    places: dict[str, tuple[Steps, Kind]] = {
        "name": ((*place, "name"), "text"),
        "country": ((*place, "country"), "text"),
        "hours": ((*place, "line", 0, "hours"), "number"),
    }
    own = [
        Editable(at, say(f"web.plant_{name}"), kind, needed=True, called=f"{SITE}.{name}")
        for name, (at, kind) in places.items()
    ]
    costs = [
        Editable((*place, "makes", model["key"]), say("web.plant_cost", model=title_of(model)),
                 "number", called=f"{SITE}.cost.{number}")
        for number, model in enumerate(data["model"])
    ]  # fmt: skip
    return [*own, *costs]


def new_plant(visit: Visit, data: Mapping[str, Any]) -> list[Change]:
    """A plant that is added, from the fields ``site.<name>``.

    Raises:
        InputError: ``web.unanswered``, ``web.plant_makes_nothing``, a country or a figure that
            cannot be read.
    """
    values = plant_values(data)
    name, country, hours = (value.typed(visit) for value in values[:3])
    costs = [(v.place[-1], cost) for v in values[3:] if (cost := v.typed(visit)) is not None]
    if not costs:
        raise InputError("web.plant_makes_nothing")
    plants = data["plant"]
    key = free_key(name, {plant["key"] for plant in plants})
    line = free_key(name, {line["key"] for plant in plants for line in plant["line"]})
    at = ("plant", len(plants))
    changes = [
        Change((*at, "key"), key),
        Change((*at, "country"), country_code(country)),
        Change((*at, "name"), {"en": name, "zh": name}),
        Change((*at, "line", 0, "key"), line),
        Change((*at, "line", 0, "hours"), hours),
    ]
    for number, (model, cost) in enumerate(costs):
        made = {"model": model, "line": line, "cost_cny": cost}
        changes += [Change((*at, "makes", number, k), v) for k, v in made.items()]
    return [*_on_their_line(data), *changes]


def _on_their_line(data: Mapping[str, Any]) -> Iterator[Change]:
    """Models that name no line are on the only one; with a second they must say so."""
    first = data["plant"][0]["line"][0]["key"]
    for number, model in enumerate(data["model"]):
        if "line" not in model:
            yield Change(("model", number, "line"), first)


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
            _adding(visit, "add", values_of_new(data), error),
            _adding(visit, "plant", plant_values(data), error),
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
    visit: Visit, act: str, values: list[Editable], error: OffingError | None
) -> dict[str, Any]:
    """A form that adds something; open where it was refused, or where another page leads to it."""
    wrong = error is not None and values[0].name in visit.form
    open_ = wrong or visit.value("new") == act
    fields = [value.field(visit) for value in values]
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
