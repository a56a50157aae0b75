"""A plant that is added to a study (新增工厂): where it is, what it makes a year, at what cost."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import count
from typing import Any

from offing.study.edit import Change
from offing.study.template import key_of
from offing.terms.countries import country_code
from offing.terms.errors import InputError
from offing.terms.messages import say
from offing.web.asking import Field
from offing.web.choices import countries
from offing.web.editing import figure, title_of
from offing.web.visit import Visit

PREFIX = "site"
"""Of the names of the form's fields."""


def plant_fields(visit: Visit, data: Mapping[str, Any]) -> list[Field]:
    """Name, country, capacity, and what one of each model costs there; empty: not made there."""
    fields = {
        name: Field(
            f"{PREFIX}.{name}",
            say(f"web.plant_{name}"),
            "number" if name == "hours" else "text",
            visit.value(f"{PREFIX}.{name}"),
            needed=True,
            hints=countries() if name == "country" else (),
        )
        for name in ("name", "country", "hours")
    }
    costs = [Field(name, label, "number", visit.value(name)) for name, label, _ in _models(data)]
    return [*fields.values(), *costs]


def new_plant(visit: Visit, data: Mapping[str, Any]) -> list[Change]:
    """A plant that is added, from the fields ``site.<name>``.

    Raises:
        InputError: ``web.unanswered``, ``web.plant_makes_nothing``, a country or a figure that
            cannot be read.
    """
    texts = {
        field.name.removeprefix(f"{PREFIX}."): _needed(visit, field)
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


def _models(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The field, the question and the key of each model."""
    for number, model in enumerate(data["model"]):
        label = say("web.plant_cost", model=title_of(model))
        yield f"{PREFIX}.cost.{number}", label, model["key"]


def _made(visit: Visit, data: Mapping[str, Any]) -> Iterator[tuple[str, Decimal]]:
    """The models that it makes, and at what cost."""
    for name, label, key in _models(data):
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
