"""A study file as forms: what may be typed, what stands there, and what was changed.

The forms follow from the schema (:mod:`offing.study.edit`): a key that is added there has its field
here. The study's own checker judges the file as changed; its refusal is shown at the field.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain, count, groupby
from typing import Any, TypeGuard

from pydantic import BaseModel

from offing.api.asking import open_warehouse
from offing.report.words import caution_text
from offing.study.checks import FIELD, plausibility_findings
from offing.study.choices import sum_of
from offing.study.edit import (
    Change,
    StudyKey,
    apply_changes,
    key_at,
    keys_of,
    place_label,
    required_keys,
)
from offing.study.file import Steps, Study, place_text, read_study
from offing.study.schema import ArticleFacts, MarketSums, Names
from offing.study.template import key_of
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.limits import parse_toml
from offing.terms.messages import LANGUAGES, has_message, language, say
from offing.warehouse.exchange_rates import fx_of
from offing.web.asking import Field, Input, read_answers
from offing.web.page import Visit
from offing.web.studies import StudyPlace

GROUPS = {
    "make": ("model", "plant"),
    "firm": ("firm", "study", "ledger"),
    "sell": ("markets", "channel", "duty", "announced"),
    "cost": ("shipping", "entering", "keeping", "ranges", "asking", "rates"),
    "risk": ("limits", "settlement", "stress"),
}
"""Tables of the file in the order of the page; ``study`` is what stands above all tables."""
GROUPED = set(chain.from_iterable(GROUPS.values()))
LEDGER_PAGE = ("file", "sheet", "columns", "currency", "dates", "period")
WITHOUT = frozenset(
    {("schema",), ("reform",), ("rules",)}
    | {("ledger", name) for name in LEDGER_PAGE}
    | {("limits", name) for name in ("largest_growth", "caution", "return_after")}
)
"""Keys without a field: the file's version; law and packs of rules, which are files of their own;
limits that the plan does not read any more; how the ledger is read, which its own page asks."""
NEEDED = (*required_keys(ArticleFacts), "refund_rate")
"""What a new model must say."""
NEW = "new"
"""In the place of a country that is not named yet."""
INPUTS: Mapping[str, Input] = {"number": "number", "whole": "number", "day": "date",
                               "tick": "checkbox"}  # fmt: skip


@dataclass(frozen=True)
class Editable:
    """A value of the file that may be changed: its place, its key, what stands there.

    Attributes:
        usual: what counts where nothing is said, as it is shown.
        needed: whether it must be filled in.
        titled: its label, and below it its help, where they are not the key's own.
        called: the form's field, where it is not called by the place.
        blank: whether it is of a table that is not there yet, and may stay so.
        options: to choose from, where the file says what there is.
        lang: of a name, the language that it is in.
    """

    place: Steps
    key: StudyKey
    value: Any = None
    usual: str = ""
    needed: bool = False
    titled: str = ""
    called: str = ""
    options: tuple[tuple[str, str], ...] = ()
    lang: str = ""
    blank: bool = False

    @classmethod
    def at(cls, place: Steps, value: Any = None, **how: Any) -> "Editable":
        """The value at a place of the file."""
        return cls(place, key_at(tuple(s for s in place if isinstance(s, str))), value, **how)

    @property
    def name(self) -> str:
        """Of the form's field."""
        return self.called or _dotted_key(self.place)

    @property
    def stands(self) -> bool:
        """Whether the file says it."""
        usual = self.value == self.key.default and (self.choices or self.key.shape.kind == "tick")
        return self.value is not None and not usual

    @property
    def label(self) -> str:
        """What it is called, with its unit."""
        return self.titled.partition("\n")[0] or self.key.label

    @property
    def seldom(self) -> bool:
        """Whether it stands with what few need."""
        return self.key.seldom or self.lang not in ("", language())

    @property
    def shown(self) -> str:
        """What stands there, as a person would type it."""
        if self.key.shape.many is list and self.choices:
            return "\n".join(map(str, self.value or ()))
        return self.key.shown(self.value)

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """What may be chosen, with what stands there: value and text; nothing where it is typed."""
        if not (choices := self.options or self.key.options()):
            return ()
        there = self.value if isinstance(self.value, list) else [self.value]
        own = [(v, v) for v in there if v and v not in dict(choices)]
        free = self.key.default is None and not (self.needed or self.key.shape.many)
        return (*([("", say("web.edit_nothing"))] if free else ()), *choices, *own)

    def field(self, visit: Visit) -> Field:
        """As a line of a form, with what was typed or what stands in the file."""
        typed, shape = visit.form.get(self.name), self.key.shape
        kind: Input = INPUTS.get(shape.kind, "text") if shape.many is None else "text"
        if self.choices:
            kind = "ticks" if shape.many else "select"
        elif shape.many is dict:
            kind = "lines"
        value = typed if isinstance(typed, str) else self.shown
        if kind == "ticks" and typed is not None:
            value = "\n".join(visit.values(self.name))
        usual = self.usual or self.key.shown(self.key.default)
        needed = self.needed and not self.blank
        return Field(self.name, self.label, kind, value, needed, self.choices, usual=usual,
                     help=self.titled.partition("\n")[2] or self.key.help)  # fmt: skip

    def text(self, visit: Visit) -> str:
        """What was typed; a browser ends lines with two signs."""
        typed = visit.values(self.name) if self.key.shape.many else [visit.value(self.name)]
        return "\n".join(typed).replace("\r\n", "\n")

    def typed_value(self, visit: Visit) -> Any:
        """What was typed, as the file has it; ``None`` where nothing was.

        Raises:
            InputError: ``web.unanswered``, or it cannot be read; the place is said.
        """
        text = self.text(visit)
        try:
            if self.needed and not text:
                raise InputError("web.unanswered", question=self.label)
            return self.key.read(text, per_cent=True)
        except OffingError as error:
            error.where = Where(key=place_text(self.place))
            name_field(error, self, visit)
            _correct_here(error)
            raise

    def changes(self, visit: Visit) -> Iterator[Change]:
        """What was typed, where it is not what stands there.

        Raises:
            InputError: as :meth:`typed_value`.
        """
        if self.name not in visit.form or self.text(visit) == self.shown:
            return
        value = self.typed_value(visit)
        if self.lang in ("", language()):
            yield Change(self.place, value)
            return
        bare = self.place[:-1] if self.place[-1] == self.lang else self.place
        ours = visit.value(f"{_dotted_key(bare)}.{language()}")
        yield Change(bare, {language(): ours, self.lang: value} if value else ours)


@dataclass(frozen=True)
class EditablePart:
    """Values that stand together under a heading.

    Attributes:
        place: of the table in the file.
        heading: what it is called.
        values: those that stand open, then those that few need.
        about: a sentence on it.
        items: tables in it that stand there more than once; the last of each kind is empty.
        away: whether it can be taken out.
        blank: whether it is a table that is not there yet.
    """

    place: Steps
    heading: str
    values: tuple[Editable, ...]
    about: str = ""
    items: tuple["EditablePart", ...] = ()
    away: bool = False
    blank: bool = False

    @property
    def name(self) -> str:
        """Of its place on the page."""
        return "-".join(map(str, self.place))

    @property
    def taken_out(self) -> str:
        """Name of the box that takes it out."""
        return f"away.{_dotted_key(self.place)}"

    @property
    def empty(self) -> bool:
        """Whether the file says nothing of it."""
        return len(self.items) < 2 and not any(value.stands for value in self.values)

    def fields(self, visit: Visit, *, seldom: bool) -> list[Field]:
        """Its values as lines of a form: what few need, or the others."""
        return [value.field(visit) for value in self.values if value.seldom == seldom]

    @property
    def every(self) -> Iterator[Editable]:
        """Its values, and those of its items."""
        return chain(self.values, *(item.every for item in self.items))

    def begun(self, visit: Visit) -> bool:
        """Whether something was typed in it."""
        return any(visit.value(value.name) for value in self.values if not value.choices)

    def sent(self, visit: Visit) -> bool:
        """Whether its form was sent; of one that is not there yet, with something in it."""
        sent = any(value.name in visit.form for value in self.every)
        return self.begun(visit) if self.blank else sent

    def changes(self, visit: Visit, data: Mapping[str, Any]) -> Iterator[Change]:
        """What was typed anew in it, but for what is taken out.

        Raises:
            InputError: as :meth:`Editable.typed_value`.
        """
        if visit.value(self.taken_out):
            return
        if self.blank:
            yield from self._added_tables(visit, data)
            return
        yield from chain.from_iterable(value.changes(visit) for value in self.values)
        yield from chain.from_iterable(item.changes(visit, data) for item in self.items)

    def _added_tables(self, visit: Visit, data: Mapping[str, Any]) -> Iterator[Change]:
        """A table that is added, where something was typed in it."""
        if not self.begun(visit):
            return
        place = self.place
        if place[-1] == NEW:
            place = (*place[:-1], self.values[0].typed_value(visit))
        elif "key" in (named.name for named in keys_of(_section_of(place))):
            used = {line["key"] for plant in data["plant"] for line in plant["line"]}
            name = visit.value(f"{_dotted_key(place)}.name.{language()}") or str(place[-2])
            yield from lines_named(data)
            yield Change((*place, "key"), free_key(name, used))
        for value in self.values[place != self.place :]:
            if value.lang in ("", language()) and (typed := value.typed_value(visit)) is not None:
                yield Change((*place, *value.place[len(place) :]), typed)


def _dotted_key(place: Steps) -> str:
    return ".".join(map(str, place))


def _section_of(place: Steps) -> type[BaseModel]:
    """The table of the schema at a place."""
    section: type[BaseModel] = Study
    for step in (step for step in place if isinstance(step, str)):
        named = next((key for key in keys_of(section) if key.name == step), None)
        if named is not None and named.shape.section is not None:
            section = named.shape.section
    return section


def text_of(place: StudyPlace) -> str:
    """The study file, which can be read."""
    read_study(place.file)
    return place.file.read_text("utf-8")


def data_of(text: str) -> dict[str, Any]:
    """The file as plain data."""
    return parse_toml(text, parse_float=Decimal)


def parts_of(data: Mapping[str, Any]) -> Iterator[tuple[str, list[EditablePart]]]:
    """All that may be changed of a study, by group, from the data of its file."""
    builder = _Parts(data)
    for group, tables in GROUPS.items():
        yield group, list(chain.from_iterable(map(builder.parts_of_table, tables)))


class _Parts:
    """The parts of a study's forms."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._top = {key.path[0]: key for key in keys_of(Study)}
        self._models = {model["key"]: title_of(model) for model in data["model"]}

    def parts_of_table(self, table: str) -> Iterator[EditablePart]:
        """The parts of one table of the file; of models and plants, one each."""
        heading, about = say(f"web.edit_{table}"), f"web.edit_{table}_about"
        about = say(about) if has_message(about) else ""
        key, inside = self._top.get(table), self._data.get(table)
        if key is None or _is_value(key):
            lone = [key] if key else [k for k in self._top.values() if k.name not in GROUPED]
            values = [value for k in lone for value in self._values(k, k.path, self._data)]
            yield EditablePart((table,), heading, tuple(values), about)
        elif table in ("model", "plant"):
            parts = list(self._items(key, (table,), inside))[:-1]
            yield from (replace(part, about=about) for part in parts)
        elif key.shape.many is not None:
            items = tuple(self._items(key, (table,), inside))
            yield EditablePart((table,), heading, (), about, items)
        else:
            yield from self._single(key, inside, heading, about)

    def _single(
        self, key: StudyKey, inside: Mapping[str, Any] | None, heading: str, about: str
    ) -> Iterator[EditablePart]:
        """A table that stands there once; that of the ledger only where there is one."""
        ledger = key.name == "ledger"
        if inside is not None or not ledger:
            away = key.field.default is None and not ledger and inside is not None
            section: Any = key.shape.section
            yield self._part(key.path, key, section, inside or {}, heading, about, away=away)

    def _part(
        self, place: Steps, key: StudyKey, section: Any, inside: Mapping[str, Any],
        heading: str, about: str = "", **how: bool,
    ) -> EditablePart:  # fmt: skip
        """A table with its values and the tables in it."""
        values, items = list[Editable](), list[EditablePart]()
        for one in keys_of(section, key.path):
            at, below, shape = (*place, one.name), inside.get(one.name), one.shape
            if _is_value(one):
                values += self._values(one, at, inside, **how)
            elif shape.section is not None and shape.many is not None:
                items += [] if how.get("blank") else self._items(one, at, below)
            elif shape.section is not None:
                part = self._part(at, one, shape.section, below or {}, "")
                values += [_below(one, value) for value in part.values]
        return EditablePart(place, heading, tuple(values), about, tuple(items), **how)

    def _items(self, key: StudyKey, place: Steps, rows: Any) -> Iterator[EditablePart]:
        """The tables of one name, and an empty one to add."""
        section = key.shape.section
        if key.shape.many is dict:
            for market, row in (rows or {}).items():
                heading = say("web.of_model", model=key.label, question=place_label(market))
                yield self._part((*place, market), key, section, row, heading, away=True)
            market = Editable((*place, NEW), key_at(("announced", "market")), needed=True,
                              blank=True)  # fmt: skip
            blank = self._part((*place, NEW), key, section, {}, key.label, blank=True)
            yield replace(blank, values=(market, *blank.values))
            return
        for number, row in enumerate(rows or ()):
            heading = self._heading(key, row, number)
            yield self._part((*place, number), key, section, row, heading, away=True)
        at = (*place, len(rows or ()))
        yield self._part(at, key, section, {}, key.label, blank=True)

    def _heading(self, key: StudyKey, row: Mapping[str, Any], number: int) -> str:
        """What a table of several is called: its name, else what it is about."""
        if key.path == ("model",):
            return "  ".join(dict.fromkeys((row["key"], title_of(row))))
        model, market = row.get("model"), row.get("market")
        named = self._models.get(model, model) if model else _value(row, "name")
        country = place_label(market) if market else None
        title = named or country or row.get("key") or row.get("currency")
        return say("web.of_model", model=key.label, question=title or number + 1)

    def _values(
        self, key: StudyKey, place: Steps, inside: Mapping[str, Any], *, blank: bool = False,
        away: bool = False,
    ) -> Iterator[Editable]:  # fmt: skip
        """The fields of one key: a name has one a language, other keys one."""
        options, several = self._options(place), key.path != ("model", "line")
        there = key.path != ("model", "ledger") or "ledger" in self._data
        if key.path in WITHOUT or key.name == "key" or not there:
            return
        if key.shape.section is Names:
            yield from self._names(key, place, inside.get(key.name), blank=blank)
        elif several or len(options) > 1:
            default = key.default if key.options() or key.shape.kind == "tick" else None
            value = inside.get(key.name, None if blank else default)
            yield Editable(place, key, value, self._usual_of(key, place),
                           key.field.is_required(), options=options, blank=blank)  # fmt: skip

    def _names(self, key: StudyKey, place: Steps, value: Any, *, blank: bool) -> Iterator[Editable]:
        """A name, in this language and the other one."""
        two = value if _is_bilingual(value) else {}
        for lang in [language()] if blank else sorted(LANGUAGES, key=language().__ne__):
            ours = lang == language()
            label = key.label if ours else say(f"key.in_{lang}", label=key.label)
            stored = two.get(lang) if two else value if ours else None
            yield Editable((*place, lang) if two else place, key, stored,
                           needed=ours and key.field.is_required(), titled=label,
                           called=_dotted_key((*place, lang)), lang=lang, blank=blank)  # fmt: skip

    def _usual_of(self, key: StudyKey, place: Steps) -> str:
        """What counts where nothing is said, as far as that is not the schema's own."""
        if (table := str(place[0])) not in ("entering", "keeping"):
            return ""
        part = sum_of(table, MarketSums(), "")[0].get(key.name)
        own = self._data.get(table, {}).get(key.name) if len(key.path) > 2 else None
        return key.shown(part if own is None else own)

    def _options(self, place: Steps) -> tuple[tuple[str, str], ...]:
        """Lines and models that a key may name."""
        if place[-1] == "line":
            plants = [self._data["plant"][place[1]]] if place[0] == "plant" else self._data["plant"]
            return tuple(lines_of(plants).items())
        return tuple(self._models.items()) if place[-1] == "model" else ()


def _is_value(key: StudyKey) -> bool:
    """Whether a key holds a value and no table."""
    return key.path in WITHOUT or key.shape.section in (None, Names)


def _below(key: StudyKey, value: Editable) -> Editable:
    """A value of a table that is told as part of the key it stands under."""
    label = say("web.of_model", model=key.label, question=value.key.label)
    return replace(value, titled=label)


def _value(table: Mapping[str, Any], name: str) -> Any:
    value = table.get(name)
    return value.get(language()) if _is_bilingual(value) else value


def _is_bilingual(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value is a name in both languages."""
    return isinstance(value, dict) and bool(value) and set(value) <= set(LANGUAGES)


def title_of(table: Mapping[str, Any]) -> str:
    """The name of a model, a plant or a line, else its key."""
    return str(_value(table, "name") or table["key"])


def lines_of(plants: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The lines of plants: key and name."""
    return {line["key"]: title_of(line) for plant in plants for line in plant["line"]}


def lines_named(data: Mapping[str, Any]) -> Iterator[Change]:
    """Models that name no line are on the only one; with a second they must say so."""
    first = data["plant"][0]["line"][0]["key"]
    for number, model in enumerate(data["model"]):
        if "line" not in model:
            yield Change(("model", number, "line"), first)


def save(visit: Visit, changes: Sequence[Change]) -> None:
    """Write changes into the open study, if its checker takes them.

    Raises:
        InputError: with the place of what is refused; then nothing was written.
    """
    visit.must_be_kept()
    changed = [place_text(change.place) for change in changes]
    must_hold = visit.study.must_run(open_warehouse(visit.warehouse), changed)
    text = apply_changes(text_of(visit.study), changes)
    try:
        visit.workbench.studies.rewrite(visit.study, text, must_hold)
    except InputError as error:
        _correct_here(error)
        raise
    visit.note("edit", ", ".join(changed)[:200])


def _correct_here(error: OffingError) -> None:
    """Who reads an error on a page corrects the form and not the file."""
    if error.values.get("step") == say("study.bad_value_step"):
        error.values = {**error.values, "step": say("web.edit_next")}


def changes_of(visit: Visit, data: Mapping[str, Any]) -> list[Change]:
    """What was typed anew in the form that was sent, then what was taken out.

    Raises:
        InputError: as :meth:`Editable.typed_value`.
    """
    parts = [part for _, parts in parts_of(data) for part in parts]
    changes = list(chain.from_iterable(part.changes(visit, data) for part in parts))
    tables = [table for part in parts for table in (part, *part.items) if table.away]
    gone = [table.place for table in tables if visit.value(table.taken_out)]
    return [*changes, *_taken_out(gone, tables, changes)]


def _taken_out(
    gone: Sequence[Steps], tables: Sequence[EditablePart], changes: Sequence[Change]
) -> Iterator[Change]:
    """Tables that leave the file, the last first; with the last of a name the name."""
    for above, places in groupby(sorted(gone, key=lambda p: p[:-1]), key=lambda p: p[:-1]):
        leaving = list(places)
        there = len([table for table in tables if table.place[:-1] == above])
        added = any(change.place[: len(above)] == above for change in changes)
        if len(leaving) == there and not added and above:
            yield Change(above, None)
        else:
            order = sorted(leaving, key=lambda p: str(p[-1]).zfill(9), reverse=True)
            yield from (Change(place, None) for place in order)


def values_of_new(data: Mapping[str, Any], **presets: str) -> list[Editable]:
    """What a new model must say: the line only where there are several."""
    place = ("model", len(data["model"]))
    values = [
        Editable.at((*place, name), presets.get(name), needed=True, called=f"new.{name}")
        for name in NEEDED
    ]
    if len(lines := lines_of(data["plant"])) > 1:
        first, options = next(iter(lines)), tuple(lines.items())
        line = Editable.at((*place, "line"), first, needed=True, called="new.line", options=options)
        values.append(line)
    return values


def new_model(visit: Visit, data: Mapping[str, Any], ledger: str | None = None) -> list[Change]:
    """A model that is added, from the fields ``new.<name>``.

    Args:
        visit: the request.
        data: the study as it is.
        ledger: what the ledger calls it, if it came from there.

    Raises:
        InputError: ``web.unanswered``, or a figure that cannot be read.
    """
    asked = values_of_new(data)
    read = read_answers(visit, asked)
    values = {value.place[-1]: read[value.name] for value in asked}
    key = free_key(ledger or values["name"], {model["key"] for model in data["model"]})
    own = {} if ledger is None else {"ledger": [ledger]}
    place = ("model", len(data["model"]))
    return [Change((*place, k), v) for k, v in ({"key": key} | values | own).items()]


def free_key(name: str, used: Collection[str]) -> str:
    """A key from a name that no other has."""
    base = key_of(name)
    return next(k for n in count(1) if (k := base if n == 1 else f"{base[:36]}-{n}") not in used)


def doubts_of(visit: Visit) -> dict[str, list[str]]:
    """Name of a field → what a careful person would ask of the figure that stands there.

    What is about no field of the forms stands under the empty name.
    """
    told: dict[str, list[str]] = {}
    try:
        study = visit.study.read()
        warehouse = open_warehouse(visit.warehouse)
        rates = fx_of(warehouse, study.on, oldest=study.rates_age)
        doubts = list(plausibility_findings(study, rates.rate("CNY", "USD")[0]))
    except OffingError:
        return told  # the study's own refusal is told where it is run
    keys = [model.key for model in study.model]
    for doubt in doubts:
        key, values = doubt.key, doubt.values
        name = FIELD.get(key) or values.get("name", "")
        field = f"model.{keys.index(doubt['model'])}.{name}" if "model" in values else ""
        told.setdefault(field, []).append(caution_text(doubt))
    return told


def name_field(error: OffingError, value: Editable, visit: Visit) -> None:
    """An error is said under the name of a field, with what was typed in it."""
    typed = {"value": value.text(visit)} if value.name in visit.form else {}
    error.values = {**error.values, "key": value.label, **typed}


def field_of(error: OffingError, values: Sequence[Editable]) -> Editable | None:
    """The value that an error is about, if it is one of these."""
    key = (error.where and error.where.key) or ""
    for value in values:
        path = place_text(value.place[:-1] if value.place[-1] in LANGUAGES else value.place)
        if key.startswith(path) and key[len(path) :][:1] in ("", ",", "，"):
            return value
    return None
