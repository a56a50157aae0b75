"""The study as plain forms, made from its schema; each change is checked, and undone."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from offing.study.edit import Change
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import language, say
from offing.web.asking import goods, read_answers
from offing.web.editing import (
    Editable,
    EditablePart,
    changes_of,
    data_of,
    doubts_of,
    field_of,
    free_key,
    lines_named,
    name_field,
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
    places = {"name": ("name",), "country": ("country",), "hours": ("line", 0, "hours")}
    own = [
        Editable.at((*place, *at), needed=True, called=f"{SITE}.{name}", lang=language())
        for name, at in places.items()
    ]
    costs = [
        Editable.at((*place, "makes", number, "cost_cny"), called=f"{SITE}.cost.{number}",
                    titled=say("web.plant_cost", model=title_of(model)))
        for number, model in enumerate(data["model"])
    ]  # fmt: skip
    return [*own, *costs]


def new_plant(visit: Visit, data: Mapping[str, Any]) -> list[Change]:
    """A plant that is added, from the fields ``site.<name>``.

    Raises:
        InputError: ``web.unanswered``, ``web.plant_makes_nothing``, a country or a figure that
            cannot be read.
    """
    name, country, hours, *typed = read_answers(visit, plant_values(data)).values()
    costed = zip(data["model"], typed, strict=True)
    costs = [(model["key"], cost) for model, cost in costed if cost is not None]
    if not costs:
        raise InputError("web.plant_makes_nothing")
    plants = data["plant"]
    key = free_key(name, {plant["key"] for plant in plants})
    line = free_key(name, {line["key"] for plant in plants for line in plant["line"]})
    at = ("plant", len(plants))
    changes = [
        Change((*at, "key"), key),
        Change((*at, "country"), country),
        Change((*at, "name"), {"en": name, "zh": name}),
        Change((*at, "line", 0, "key"), line),
        Change((*at, "line", 0, "hours"), hours),
    ]
    for number, (model, cost) in enumerate(costs):
        made = {"model": model, "line": line, "cost_cny": cost}
        changes += [Change((*at, "makes", number, k), v) for k, v in made.items()]
    return [*lines_named(data), *changes]


def show(visit: Visit) -> View:
    """All that may be changed, as it stands in the file."""
    return _view(visit)


def _view(visit: Visit, error: OffingError | None = None) -> View:
    data = data_of(text_of(visit.study))
    groups = dict(parts_of(data))
    doubts = doubts_of(visit)
    shown = [
        (
            group,
            say(f"web.edit_group_{group}"),
            [_part_fields(p, visit, error, doubts) for p in parts],
        )
        for group, parts in groups.items()
    ]
    values: dict[str, Any] = {
        "groups": shown,
        "placed": any(part["wrong"] for _, _, parts in shown for part in parts),
        "doubts": [text for texts in doubts.values() for text in texts],  # of no field shown
        "adding": [
            _adding(visit, "add", values_of_new(data), error),
            _adding(visit, "plant", plant_values(data), error),
        ],
        "goods": goods(),
        "kept": visit.study.kept,
        "versions": len(visit.workbench.studies.versions(visit.study)),
        "saved": visit.value("saved"),
        "seen": _version_of(visit),
    }
    plain = {
        part.name: {value.name: value.field(visit).value for value in part.every}
        for parts in groups.values()
        for part in parts
    }
    return View(say("web.nav_edit"), (), plain, "edit.html", values, error)


def _adding(
    visit: Visit, act: str, values: list[Editable], error: OffingError | None
) -> dict[str, Any]:
    """A form that adds something; open where it was refused, or where another page leads to it."""
    wrong = error is not None and values[0].name in visit.form
    if wrong:
        _field_of_error(error, values, visit)
    open_ = wrong or visit.value("new") == act
    fields = [value.field(visit) for value in values]
    return {"act": act, "fields": fields, "wrong": wrong, "open": open_}


def _part_fields(
    part: EditablePart, visit: Visit, error: OffingError | None, doubts: dict[str, list[str]]
) -> dict[str, Any]:
    """A part with its fields, what is asked of them (taken out), and the one that was refused."""
    items = [_part_fields(item, visit, error, doubts) for item in part.items]
    wrong = _field_of_error(error, part.values, visit)
    asked = {value.name: doubts.pop(value.name, []) for value in part.values}
    wanted = {wrong.name} if wrong else {name for name in asked if asked[name]}
    below = next(filter(None, (item["wrong"] for item in items)), None)
    more = part.fields(visit, seldom=True)
    return {
        "part": part,
        "asked": asked,
        "fields": part.fields(visit, seldom=False),
        "more": more,
        "items": items,
        "wrong": wrong.name if wrong else below,
        "open": bool(wanted or below) or (error is not None and part.sent(visit)),
        "more_open": not wanted.isdisjoint(field.name for field in more),
    }


def _field_of_error(
    error: OffingError | None, values: Sequence[Editable], visit: Visit
) -> Editable | None:
    """The field that an error is about, under whose name it is then said."""
    wrong = None if error is None else field_of(error, values)
    if error is not None and wrong is not None:
        error.where = None
        name_field(error, wrong, visit)
    return wrong


def _save(visit: Visit, changes_of_form: Callable[..., Sequence[Change]]) -> Goto:
    """Write what a form asks for, if its checker takes it.

    Raises:
        InputError: ``web.study_changed`` where another window has changed the study since.
    """
    if visit.value("seen") not in ("", _version_of(visit)):
        raise InputError("web.study_changed")
    if changes := changes_of_form(visit, data_of(text_of(visit.study))):
        save(visit, changes)
    return Goto("edit", {"saved": "1"})


def _version_of(visit: Visit) -> str:
    """What tells this state of the study's file from another."""
    return hashlib.sha256(visit.study.file.read_bytes()).hexdigest()[:16]


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
    guide="describe-your-firm",
    changes={
        "change": partial(_save, changes_of_form=changes_of),
        "add": partial(_save, changes_of_form=new_model),
        "plant": partial(_save, changes_of_form=new_plant),
        "undo": undo,
    },
    refused=_view,
    needs_study=True,
)
