"""The keys of a study file as fields of a form, and single values of the file changed.

Fields follow from the schema: a key that is added there has its field here. Its words are the
message ``key.<path>``, as much of the path from its end as is needed; the first line is the label,
the others say where the figure is found.

Comments, order and all that was not touched stay. The text as changed is read again and must say
exactly what was meant, or nothing is changed.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Annotated, Any, cast

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from offing.rules.regime_file import shipped
from offing.study.costs import EVERY, importer_of
from offing.study.file import Steps, Study, illustrative, refusal
from offing.study.schema import Names, Shape, shape_of, words_of
from offing.study.value_types import SELDOM, Kind
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError, OffingError, unknown_name
from offing.terms.limits import parse_toml
from offing.terms.messages import has_message, join_list, say
from offing.terms.money import clear_amount
from offing.terms.plain import map_texts
from offing.terms.text import normal

THOUSANDS = re.compile(r"\d[,，]\d{3}(?!\d)")
"""Among several figures it is a thousand, or two of them."""
SEPARATED = re.compile(r"[,，、;；\n]")
MONEY = re.compile(r"US\$|\$|USD|美元|美金|[¥￥]|CNY|RMB|人民币", re.IGNORECASE)
LOOSE = re.compile(r"\s(?=[%％万亿])")
TIGHT = re.compile(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9])")
"""Where a unit stands apart from its figure, and a name close to it."""
EVERY_NAMES = {EVERY.casefold(), "all others", "others", "其他", "其它"}
EUROPEAN_UNION = "EUR"


@cache
@dataclass(frozen=True)
class StudyKey:
    """A key that a study file may have.

    Attributes:
        path: names of its tables and its own.
        field: of the schema.
    """

    path: tuple[str, ...]
    field: FieldInfo

    @property
    def name(self) -> str:
        """Its own name in the file."""
        return self.path[-1]

    @cached_property
    def shape(self) -> Shape:
        """What it holds."""
        return shape_of(self.field.annotation, tuple(self.field.metadata))

    @property
    def seldom(self) -> bool:
        """Whether few need it."""
        return SELDOM in self.field.metadata

    @property
    def is_share(self) -> bool:
        """Whether it is shown, and typed in a form, in per cent."""
        return self.shape.kind in ("percent", "refund")

    @property
    def default(self) -> Any:
        """What counts where the file says nothing, if that is a value."""
        value = self.field.default
        plain = value is PydanticUndefined or isinstance(value, BaseModel)
        return None if plain or value in ([], {}) else value

    @property
    def label(self) -> str:
        """What it is called, with its unit."""
        return words_of(self.path)[0]

    @property
    def help(self) -> str:
        """Where the figure is found, and what it does."""
        return words_of(self.path)[1]

    def options(self) -> tuple[tuple[str, str], ...]:
        """What may be chosen: value and text."""
        offered = self.shape.options
        names = offered() if callable(offered) else offered or ()
        if isinstance(names, Mapping):
            return tuple(names.items())
        keys = {name: f"key.{self.name}_{name.replace('-', '_').lower()}" for name in names}
        return tuple((name, say(key) if has_message(key) else name) for name, key in keys.items())

    def shown(self, value: Any) -> str:
        """A value of the file as a person would type it."""
        match value:
            case None | "all" if value is None or self.shape.many:
                return ""
            case Mapping():
                joined = "/" if self.shape.lists else ""
                entries = [
                    f"{_value_text(key, self.shape.of)} "
                    + (joined.join(item) if joined else self._entry(item))
                    for key, item in value.items()
                ]
                return "\n".join(entries) if self.shape.of == "text" else join_list(entries)
            case list() | tuple():
                return join_list(map(self._entry, value))
        return _value_text(value, self.shape.kind)

    def _entry(self, item: Any) -> str:
        """One of several values: a comma parts them, and not the thousands of a figure."""
        shown = _value_text(item, self.shape.kind)
        one_a_line = self.shape.many is dict and self.shape.of == "text"
        return shown if isinstance(item, str) or one_a_line else shown.replace(",", "")

    def read(self, text: str, place: Steps = (), *, per_cent: bool = False) -> Any:
        """What was typed, as the file has it; ``None`` where nothing was.

        Args:
            text: as typed.
            place: in the file.
            per_cent: whether a share without its sign is per cent, as in a field that says "%".

        Raises:
            InputError: ``study.no_entry``, ``study.percent_or_share``, and what the schema refuses,
                with the place in the file.
        """
        if not text:
            return None
        if self.shape.kind == "name":
            return text
        pieces = self._pieces(text)
        if per_cent and self.is_share:
            pieces = map_texts(pieces, _per_cent_text)
        try:
            return _plain(self._checker.validate_python(pieces))
        except ValidationError as error:
            raise refusal(error, None, "", place=place or self.path) from error

    @cached_property
    def _checker(self) -> TypeAdapter[Any]:
        hint: Any = self.field.annotation
        return TypeAdapter(Annotated[hint, *self.field.metadata] if self.field.metadata else hint)

    def _pieces(self, text: str) -> Any:
        """What was typed, in the pieces that the schema checks."""
        shape = self.shape
        if shape.many is dict:
            return self._entries(text)
        if shape.many is list:
            if shape.kind == "number" and THOUSANDS.search(text):
                raise InputError("study.no_entry", text=text, like=say("study.one_by_one"))
            return [part for word in SEPARATED.split(text) if (part := word.strip())]
        if shape.kind == "code":
            return re.sub(r"^(\d+)\s.*", r"\1", text)
        return text == "1" if shape.kind == "tick" else text

    def _entries(self, text: str) -> dict[str, Any]:
        """The keys and values of a table that is typed in one field."""
        shape, entries = self.shape, dict[str, Any]()
        by_name = shape.of == "text"  # a name may have commas, and so stands on a line of its own
        for entry in text.splitlines() if by_name else SEPARATED.split(text):
            key, value = _pair(MONEY.sub(" ", entry) if shape.kind == "number" else entry, by_name)
            if not key and value:
                raise InputError("study.no_entry", text=entry.strip()[:60], like=self.help)
            key = _importer(key) if shape.of == "importer" and key else key
            if key in entries:
                raise InputError("study.market_twice", one=key, other=key)
            entries |= {key: re.split("[/+]", value) if shape.lists else value} if key else {}
        return entries


def _per_cent_text(text: str) -> str:
    """A figure in per cent with its sign; one below 1 may be a share.

    Raises:
        InputError: ``study.percent_or_share``.
    """
    if (bare := normal(text)).endswith("%"):
        return text
    try:
        figure = clear_amount(bare)
    except InputError:
        return text  # its checker says what is wrong
    if 0 < abs(figure) < 1:
        share = f"{figure.scaleb(2).normalize():f}"
        raise InputError("study.percent_or_share", figure=f"{figure:f}", share=share)
    return f"{figure:f}%"


def _pair(text: str, by_name: bool) -> tuple[str, str]:
    """A name, and the word or figure behind it."""
    bare = LOOSE.sub("", (text if by_name else TIGHT.sub(" ", text)).strip().rstrip("元"))
    value = re.split(r"[\s:：=]", bare)[-1]
    return bare[: len(bare) - len(value)].strip(" \t:：=" if by_name else " \t:：=为"), value


def _plain(value: Any) -> Any:
    """A value of the schema as TOML has it: no needless noughts, names as they are."""
    match value:
        case Decimal():
            whole = value == value.to_integral_value()
            return value.quantize(Decimal(1)) if whole else value.normalize()
        case list():
            return [_plain(item) for item in value]
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
    return value


def _value_text(value: Any, kind: Kind) -> str:
    match kind, value:
        case _, bool():
            return "1" if value else ""
        case (("percent" | "refund"), Decimal() | int() | float()):
            return f"{Decimal(value).scaleb(2).normalize():f}%"
        case (("country" | "importer"), str()):
            return place_label(value)
        case "number", Decimal():
            return f"{value:,f}"
        case "number", int() | float():
            return f"{value:,}"
    return str(value)


def place_label(name: str) -> str:
    """What a country, a union or all other importers are called; else the name itself."""
    if name in (EVERY, EUROPEAN_UNION):
        return say("key.all_others" if name == EVERY else "report.group_eu")
    try:
        return country_name(country_code(name))
    except OffingError:
        return name


def _importer(text: str) -> str:
    """Whose tariff is meant: a country's, or that of the union that it is in."""
    name = text.strip()
    if name.casefold() in EVERY_NAMES | {say("key.all_others").casefold()}:
        return EVERY
    if name.casefold() in ("eu", "eur", "europe", "欧盟", say("report.group_eu").casefold()):
        return EUROPEAN_UNION
    return importer_of(shipped(), country_code(name))


@cache
def keys_of(section: type[BaseModel], path: tuple[str, ...] = ()) -> tuple[StudyKey, ...]:
    """The keys of one table of the file, in the schema's order."""
    fields = section.model_fields.items()
    return tuple(StudyKey((*path, field.alias or name), field) for name, field in fields)


def required_keys(section: type[BaseModel]) -> tuple[str, ...]:
    """The keys that one table of the file must have."""
    return tuple(name for name, field in section.model_fields.items() if field.is_required())


def every_key(section: type[BaseModel] = Study, path: tuple[str, ...] = ()) -> Iterator[StudyKey]:
    """Every key of a study file that holds a value, those of tables inside tables too."""
    for key in keys_of(section, path):
        if key.shape.section is None or key.shape.section is Names:
            yield key
        else:
            yield from every_key(key.shape.section, key.path)


@cache
def key_at(path: tuple[str, ...]) -> StudyKey:
    """The key of a path; of a place in a file without its numbers and countries."""
    return next(key for key in every_key() if key.path == path)


@dataclass(frozen=True)
class Change:
    """One value of a study file.

    Attributes:
        place: tables, numbers of repeated tables from 0, and the key; the number after the last
            one adds a table.
        value: what it shall be: text, number, list or table; ``None`` takes it away.
    """

    place: Steps
    value: Any


def change_at(data: Mapping[str, Any], name: str, text: str) -> Change:
    """What was typed for a key that is named as in the file: model.hc-75.elasticity, duty.MEX.

    A table that stands there several times is known by its own key or its number.

    Raises:
        InputError: ``errors.unknown_name``, or of a value that cannot be.
    """
    place = place_named(data, name)
    *above, last = path = [step for step in place if isinstance(step, str)]
    keys = {key.path: key for key in every_key()}
    of_country = (*above[:-1], last)  # entering.market.DEU
    if key := keys.get((*path,)) or keys.get(of_country):
        return Change(place, key.read(text, place))
    if (key := keys.get((*above,))) and key.shape.many is dict:
        ((entry, value),) = key.read(f"{last} {text}", place).items()
        return Change((*place[:-1], entry), value)
    raise unknown_name(name, _names_near(data, path, keys) or {one[0] for one in keys})


def _names_near(
    data: Mapping[str, Any], path: Sequence[str], keys: Collection[tuple[str, ...]]
) -> list[str]:
    """How keys of the same table, or of the same last step, are named in this file."""
    near = (one for one in keys if one[0] == path[0] or one[-1] == path[-1])
    return [".".join(steps) for one in near for steps in _named_steps(data, one)]


def _named_steps(data: Any, path: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """A path as a person names it in this file: with the key of each table that stands there."""
    if isinstance(data, list):
        for item in data:
            yield from ((item["key"], *rest) for rest in _named_steps(item, path) if "key" in item)
    elif path:
        below = data.get(path[0], {}) if isinstance(data, Mapping) else {}
        yield from ((path[0], *rest) for rest in _named_steps(below, path[1:]))
    else:
        yield ()


def place_named(data: Mapping[str, Any], name: str) -> Steps:
    """The place of a key in a file; a table that stands there several times is known by its key."""
    place, table, steps = list[str | int](), cast("Any", data), name.split(".")
    for done, step in enumerate(steps):
        at: Any = step
        if isinstance(table, list):
            known = {item.get("key", str(at)).lower(): at for at, item in enumerate(table)}
            at = known.get(step.lower(), int(step) if step.isdecimal() else len(table))
            if at >= len(table):
                before, after = steps[:done], steps[done + 1 :] or steps[done:]
                raise unknown_name(name, [".".join([*before, key, *after]) for key in known])
        place.append(at)
        table = table[at] if isinstance(table, list) else table.get(step, {})
    return tuple(place)


def places_named(data: Mapping[str, Any], name: str) -> list[str]:
    """A name, or of one with a star for the table those of all such tables: model.*.cost_cny."""
    table, star, key = name.partition(".*.")
    every = data.get(table) if star else None
    return (
        [f"{table}.{at}.{key}" for at in range(len(every))] if isinstance(every, list) else [name]
    )


def apply_changes(text: str, changes: Sequence[Change]) -> str:
    """A study file with some values changed.

    Args:
        text: of the file, which is TOML.
        changes: in their order; those of a table that is taken away stand last.

    Raises:
        InputError: ``study.cannot_edit`` where the file is written in a way that cannot be
            changed so.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    plain = parse_toml(text, parse_float=Decimal)
    try:
        document = tomlkit.parse(text)
        for change in changes:
            _set_value(document, change, _item if len(change.place) > 1 else _file_value)
            _set_value(plain, change, deepcopy)
        written = _tidy(tomlkit.dumps(document), text, changes)
        if parse_toml(written, parse_float=Decimal) == plain:
            return written
    except (TOMLKitError, tomllib.TOMLDecodeError, KeyError, IndexError, TypeError) as error:
        raise InputError("study.cannot_edit") from error
    raise InputError("study.cannot_edit")


def _set_value(data: Any, change: Change, as_item: Any) -> None:
    """Change plain data and a document in the same way."""
    *tables, key = change.place
    table = data
    for step, after in zip(tables, change.place[1:], strict=True):
        missing = step not in table if isinstance(step, str) else step == len(table)
        if missing and change.value is None:
            return
        if missing and isinstance(step, str):
            table[step] = as_item([{}] if isinstance(after, int) else {})
        elif missing:
            table.append(as_item({}))
        table = table[step]
    if change.value is not None:
        table[key] = as_item(change.value)
    elif isinstance(key, int) or key in table:
        del table[key]


def _file_value(value: Any) -> Any:
    """A value of the file itself; one on a line of its own would fall to the table above it."""
    import tomlkit

    if not isinstance(value, dict):
        return _item(value)
    table = tomlkit.table()
    table.update({key: _item(item) for key, item in value.items()})
    return table


def _item(value: Any) -> Any:
    """A value as it is written: figures with the digits they have, small tables on one line."""
    import tomlkit

    match value:
        case Decimal():
            return tomlkit.value(f"{value:f}")
        case list() if value and all(isinstance(item, dict) for item in value):
            tables = tomlkit.aot()
            for item in value:
                tables.append(tomlkit.item(item))
            return tables
        case list():
            array = tomlkit.array()
            array.extend(_item(item) for item in value)
            return array
        case dict() if not value:
            return tomlkit.table()
        case dict():
            line = tomlkit.inline_table()
            line.update({key: _item(item) for key, item in value.items()})
            return line
        case _:
            return tomlkit.item(value)


def _tidy(written: str, text: str, changes: Sequence[Change]) -> str:
    """Blank lines between tables; no figure of the firm's own is still marked illustrative."""
    changed = {str(change.place[-1]) for change in changes}
    old = set(text.splitlines())
    lines: list[str] = []
    for line in written.split("\n"):
        if line.startswith("[") and lines and lines[-1].strip() and lines[-1] not in old:
            lines.append("")
        if line not in old and line.partition("=")[0].strip() in changed:
            line = illustrative().sub("", line)
        lines.append(line)
    return "\n".join(lines)
