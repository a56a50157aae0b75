"""The tools: questions of :mod:`offing.api`, their schema drawn from the frozen requests."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from functools import cache, reduce
from importlib import import_module
from operator import or_
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from offing.api.asking import Answer, AskedField, fields_of, option_names, request_of
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated, known, say
from offing.terms.nearest import meant
from offing.terms.options import named_by

STUDY = "study.toml"


@dataclass(frozen=True)
class Home:
    """The files behind the tools.

    Attributes:
        warehouse: its folder; the user's own, else the starter world, where ``None``.
        studies: the file of each study, by the name that it is asked for by.
        rules: rule files and packs of one's own.
        rules_key: that packs are signed with.
    """

    warehouse: Path | None = None
    studies: Mapping[str, Path] = field(default_factory=dict)
    rules: tuple[Path, ...] = ()
    rules_key: Path | None = None

    @property
    def folders(self) -> tuple[Path, ...]:
        """Folders that are said by their last name only: where they lie is nobody's business."""
        named = [path.resolve().parent for path in self.studies.values()]
        warehouse = [] if self.warehouse is None else [self.warehouse.resolve()]
        return tuple(sorted({*named, *warehouse, Path.cwd(), Path.home()}, key=_deepest))


def _deepest(folder: Path) -> int:
    return -len(str(folder))


def named(paths: Sequence[Path]) -> dict[str, Path]:
    """Studies by name: that of the folder of a ``study.toml``, else of the file.

    Raises:
        InputError: ``assistant.no_study`` where there is no file, ``assistant.same_name`` where two
            would have one name.

    >>> named([])
    {}
    """
    studies: dict[str, Path] = {}
    for path in paths:
        file = path / STUDY if path.is_dir() else path
        if not file.is_file():
            raise InputError("assistant.no_study", where=Where(file), path=path)
        name = file.resolve().parent.name if file.name == STUDY else file.stem
        if name in studies:
            both = enumerated((studies[name], file))
            raise InputError("assistant.same_name", name=name, files=both)
        studies[name] = file
    return studies


HOME = ("warehouse", "rules", "rules_key")
"""Fields that who starts the server fills in."""
LONGEST_VALUE = 80
"""Characters of a wrong value that an error repeats."""


@dataclass(frozen=True)
class Tool:
    """A question as a tool.

    Attributes:
        name: of the tool.
        where: module of ``offing.api`` and function.
        study: whether it is about a study: it is there only where the server was given one.
        needs: fields that must be given although the request has a default: without a file they
            are what is asked.
        without: fields that mean nothing without a file.
        note: key of what an answer rests on where it read no data and used no rule.
    """

    name: str
    where: str
    study: bool = False
    needs: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    note: str = "assistant.given_only"

    @property
    def ask(self) -> Callable[..., Answer]:
        """The question."""
        module, _, function = self.where.partition(":")
        question: Callable[..., Answer] = getattr(import_module(f"offing.api.{module}"), function)
        return question

    @property
    def about(self) -> str:
        """What it answers, in one sentence."""
        own = f"assistant.tool_{self.name}"
        return say(own if known(own) else f"cli.{self.name.replace('_', '-')}")


MONTHS = ("on", "firm_class", "more_fob", "more_input_tax", "more_rates", "rate")
TOOLS = (
    Tool("sources", "sources:loaded", note="assistant.lists_itself"),
    Tool("rules", "rules:law", needs=("country",), without=("check",)),
    Tool("quote", "quote:quote", needs=("product", "destination"), without=("of",)),
    Tool("origin", "origin:origin", needs=("material",)),
    Tool("exchange_cost", "exchange_cost:exchange_cost"),
    Tool("settle", "settle:settle", needs=("amount",), without=("backtest",)),
    Tool("ladder", "ladder:ladder"),
    Tool("markets", "markets:markets"),
    Tool("outlook", "outlook:outlook", needs=("product",), without=("draws",)),
    Tool("refund", "refund:refund", study=True, without=MONTHS),
    Tool("plan", "plan:plan", study=True),
    Tool("price", "price:price", study=True),
)


def tools_of(home: Home) -> tuple[Tool, ...]:
    """The tools that can be used."""
    return tuple(tool for tool in TOOLS if home.studies or not tool.study)


@dataclass(frozen=True)
class Argument:
    """An argument of a tool.

    Attributes:
        field: of the request.
        kind: what JSON may have for it; ``None`` for a path, which nobody may send.
        needed: whether it must be given.
    """

    field: AskedField
    kind: Any
    needed: bool


@cache
def arguments(tool: Tool) -> dict[str, Argument]:
    """The fields of a tool's request, those of paths among them."""
    request = request_of(tool.ask)
    hints = get_type_hints(request, include_extras=True)
    by_name = {}
    for asked in fields_of(request):
        if asked.name not in (*HOME, *tool.without):
            kind = None if _of_paths(asked.kind) else _of_json(hints[asked.name])
            needed = kind is not None and (asked.needed or asked.name in tool.needs)
            by_name[asked.name] = Argument(asked, kind, needed)
    return by_name


def _of_paths(kind: Any) -> bool:
    """Whether a path, or several, are asked for."""
    return kind is Path or any(map(_of_paths, get_args(kind)))


def _of_json(kind: Any) -> Any:
    """A field's type without what JSON has no word for: frames, amounts as objects of Python."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _of_json(inner[0])
    if origin in (Union, UnionType):
        kinds = [json_kind for member in inner if (json_kind := _of_json(member)) is not None]
        return reduce(or_, kinds) if kinds else None
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return dict[inner[0], inner[1]]  # type: ignore[valid-type]
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return list[_of_json(inner[0])]  # type: ignore[misc]
    return None if kind in (Any, NoneType) or is_dataclass(kind) else kind


class _Schema(GenerateJsonSchema):
    def decimal_schema(self, schema: Any) -> JsonSchemaValue:
        """A number: that its text would do as well is said by the text beside it."""
        return {"type": "number"}


def _schema_of(kind: Any) -> dict[str, Any]:
    """The schema of a value, with plain kinds in one line."""
    return _short(TypeAdapter(kind).json_schema(schema_generator=_Schema))


def _short(of: dict[str, Any]) -> dict[str, Any]:
    whole = {key: _short(item) if isinstance(item, dict) else item for key, item in of.items()}
    several: list[dict[str, Any]] = [_short(option) for option in of.get("anyOf", ())]
    if not several or any(set(option) != {"type"} for option in several):
        return whole | ({"anyOf": several} if several else {})
    kinds = [option["type"] for option in several]
    return {"type": [kind for kind in kinds if kind != "integer" or "number" not in kinds]}


def schema(tool: Tool, home: Home) -> dict[str, Any]:
    """The JSON Schema of a tool's arguments, drawn from its frozen request."""
    properties, needed = {}, []
    for name, argument in arguments(tool).items():
        default = argument.field.default
        if name == "study" and home.studies:
            of: dict[str, Any] = {"enum": list(home.studies)}
            argument = Argument(argument.field, str, tool.study and len(home.studies) > 1)
            default = next(iter(home.studies)) if tool.study and not argument.needed else None
        elif argument.kind is None:
            continue
        else:
            of = _schema_of(argument.kind)
        properties[name] = of | {"description": _told_of(tool, argument.field)}
        if default is not None and not argument.needed:
            properties[name]["default"] = default
        if argument.needed:
            needed.append(name)
    return {
        "type": "object",
        "properties": properties,
        "required": needed,
        "additionalProperties": False,
    }


def _told_of(tool: Tool, field: AskedField) -> str:
    if field.name == "study":
        return say("assistant.help_study")
    values = field.asked.values() if field.asked.values else {}
    return by_argument(tool, say(field.asked.help, **values))


def by_argument(tool: Tool, text: str) -> str:
    """A text of the command line with the tool's own names: ``--trade-share`` → `trade_share`."""
    taken, names = arguments(tool), option_names(request_of(tool.ask))
    own = {option: name for option, name in names.items() if name in taken}
    return named_by(text, own, "`{}`")


def given(tool: Tool, home: Home, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent as the fields of the request, with the files of who started the server.

    Raises:
        InputError: ``assistant.no_path``, ``assistant.unknown_argument``, ``assistant.missing``,
            ``assistant.bad_kind``, ``assistant.unknown_study``.
    """
    expected = arguments(tool)
    fields: dict[str, Any] = {}
    for name, value in sent.items():
        _must_be_asked(tool, home, expected, name)
        if value is not None and name != "study":
            fields[name] = _value(name, expected[name].kind, value)
    if "study" in expected and home.studies:
        fields |= _study(tool, home, sent.get("study"))
    lacking = [name for name, option in expected.items() if option.needed and name not in fields]
    if lacking:
        raise InputError(
            "assistant.missing", where=Where(key=lacking[0]), names=enumerated(lacking)
        )
    return fields | _rules_of(tool, home)


def _must_be_asked(tool: Tool, home: Home, expected: Mapping[str, Argument], name: str) -> None:
    """Refuse a name that is a path, or that the tool does not ask for."""
    if name in HOME or (name in expected and expected[name].kind is None and name != "study"):
        raise InputError("assistant.no_path", where=Where(key=name), name=name)
    if name not in expected or (name == "study" and not home.studies):
        raise _unknown(tool, home, name)


def _rules_of(tool: Tool, home: Home) -> dict[str, Any]:
    """The rule files of who started the server, where the question takes them."""
    fields = {field.name for field in fields_of(request_of(tool.ask))}
    own = {"rules": list(home.rules) or None, "rules_key": home.rules_key}
    return {name: own[name] for name in own if name in fields and own[name] is not None}


def _unknown(tool: Tool, home: Home, name: str) -> InputError:
    names = list(schema(tool, home)["properties"])
    near = meant(name, names)
    return InputError(
        "assistant.unknown_argument",
        where=Where(key=name), name=name, tool=tool.name, all=enumerated(names), near=near,
    )  # fmt: skip


def _value(name: str, kind: Any, value: Any) -> Any:
    """A value of JSON as the request has it; numbers keep their digits.

    Raises:
        InputError: ``assistant.bad_kind``.
    """
    try:
        return TypeAdapter(kind).validate_json(json.dumps(value), strict=True)
    except (ValidationError, ValueError, RecursionError) as error:
        text = json.dumps(value, ensure_ascii=False)
        raise InputError(
            "assistant.bad_kind",
            where=Where(key=name),
            name=name,
            value=text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…",
            kinds=enumerated(_kinds(_schema_of(kind))),
        ) from error


def _kinds(of: Mapping[str, Any]) -> Sequence[str]:
    """The words of a schema's types, each once."""
    if "anyOf" in of:
        return list(dict.fromkeys(word for option in of["anyOf"] for word in _kinds(option)))
    kinds = of.get("format") or of.get("type") or of.get("enum") or ""
    return [kinds] if isinstance(kinds, str) else list(map(str, kinds))


def _study(tool: Tool, home: Home, name: Any) -> dict[str, Path]:
    """The study that is meant: the only one where a tool needs one and none is named."""
    if name is None and not tool.study:
        return {}
    if name is None and len(home.studies) == 1:
        return {"study": next(iter(home.studies.values()))}
    if not isinstance(name, str) or name not in home.studies:
        raise InputError(
            "assistant.unknown_study",
            where=Where(key="study"),
            name=str(name)[:LONGEST_VALUE],
            all=enumerated(home.studies),
            near=meant(str(name)[:LONGEST_VALUE], home.studies),
        )
    return {"study": home.studies[name]}
