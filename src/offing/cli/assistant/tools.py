"""The tools: questions of :mod:`offing.api`, their schema drawn from the frozen requests."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as field_of
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from types import NoneType
from typing import Any

from offing.api.asking import Answer, AskedField, fields_of, option_names, request_of
from offing.api.given import choices_of, kinds_of
from offing.terms.errors import InputError, Where, unknown_name
from offing.terms.messages import Naming, has_message, join_list, named_by, say

STUDY = "study.toml"


@dataclass(frozen=True)
class Home:
    """The files behind the tools.

    Attributes:
        warehouse: its folder; the user's own, else the starter world, where ``None``.
        studies: the file of each study, by the name that it is asked for by.
        rules: rule files and packs of one's own.
    """

    warehouse: Path | None = None
    studies: Mapping[str, Path] = field_of(default_factory=dict)
    rules: tuple[Path, ...] = ()

    @property
    def folders(self) -> tuple[Path, ...]:
        """Folders that are said by their last name only: where they lie is nobody's business."""
        named = [path.resolve().parent for path in self.studies.values()]
        warehouse = [] if self.warehouse is None else [self.warehouse.resolve()]
        folders = {*named, *warehouse, Path.cwd(), Path.home()}
        return tuple(sorted(folders, key=lambda folder: -len(str(folder))))


def studies_by_name(paths: Sequence[Path]) -> dict[str, Path]:
    """Studies by name: that of the folder of a ``study.toml``, else of the file.

    Raises:
        InputError: ``assistant.no_study`` where there is no file, ``assistant.same_name`` where two
            would have one name.

    >>> studies_by_name([])
    {}
    """
    studies: dict[str, Path] = {}
    for path in paths:
        file = path / STUDY if path.is_dir() else path
        if not file.is_file():
            raise InputError("assistant.no_study", where=Where(file), path=path)
        name = file.resolve().parent.name if file.name == STUDY else file.stem
        if name in studies:
            both = join_list((studies[name], file))
            raise InputError("assistant.same_name", name=name, files=both)
        studies[name] = file
    return studies


HOME = ("warehouse", "engine", "rules")
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
        return say(own if has_message(own) else f"cli.{self.name.replace('_', '-')}")


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


@cache
def arguments(tool: Tool) -> dict[str, AskedField]:
    """The fields of a tool's request, those of paths among them."""
    asked = fields_of(request_of(tool.ask))
    return {field.name: field for field in asked if field.name not in (*HOME, *tool.without)}


def _is_path(field: AskedField) -> bool:
    """Whether a path, or several, are asked for: nobody may send one."""
    return Path in kinds_of(field.kind)


def _is_needed(tool: Tool, field: AskedField) -> bool:
    return not _is_path(field) and (field.needed or field.name in tool.needs)


JSON_TYPES: Mapping[Any, str] = {
    bool: "boolean", int: "integer", float: "number", Decimal: "number", Sequence: "array",
    Mapping: "object",
}  # fmt: skip
"""What JSON calls a type; all others are texts."""


def _value_schema(field: AskedField) -> dict[str, Any]:
    """The schema of a value: what its field takes, without what JSON has no word for."""
    if choices := choices_of(field.hint):
        return {"enum": [*choices]}
    types = sorted({JSON_TYPES.get(kind, "string") for kind in kinds_of(field.hint) - {NoneType}})
    of: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    return of | {"items": {}} if "array" in types else of


def schema(tool: Tool, home: Home) -> dict[str, Any]:
    """The JSON Schema of a tool's arguments, drawn from its frozen request."""
    properties, needed = {}, []
    for name, field in arguments(tool).items():
        default, of, must = field.default, _value_schema(field), _is_needed(tool, field)
        if name == "study" and home.studies:
            of, must = {"enum": list(home.studies)}, tool.study and len(home.studies) > 1
            default = next(iter(home.studies)) if tool.study and not must else None
        elif _is_path(field):
            continue
        properties[name] = of | {"description": _told_of(tool, field)}
        if default is not None and not must:
            properties[name]["default"] = default
        if must:
            needed.append(name)
    whole = {"type": "object", "additionalProperties": False}
    return {**whole, "properties": properties, "required": needed}


def _told_of(tool: Tool, field: AskedField) -> str:
    if field.name == "study":
        return say("assistant.help_study")
    values = field.asked.values() if field.asked.values else {}
    with named_by(ArgumentNames(tool)):
        return say(field.asked.help, **values)


class ArgumentNames(Naming):
    """Options by the tool's own names: ``--trade-share`` → `trade_share`."""

    def __init__(self, tool: Tool) -> None:
        taken, names = arguments(tool), option_names(request_of(tool.ask))
        self._own = {option: f"`{name}`" for option, name in names.items() if name in taken}

    def option(self, name: str, value: str = "") -> str:
        """One that the tool does not take stays as it is typed."""
        return super().option(self._own.get(name, name), value)


def request_fields(tool: Tool, home: Home, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent as the fields of the request, with the files of who started the server.

    Raises:
        InputError: ``assistant.no_path``, ``errors.unknown_name``, ``assistant.missing``,
            ``errors.unknown_name``; what a value cannot be the question says.
    """
    expected = arguments(tool)
    fields: dict[str, Any] = {}
    for name, value in sent.items():
        _must_be_asked(tool, home, expected, name)
        if value is not None and name != "study":
            fields[name] = json.loads(json.dumps(value), parse_float=Decimal)
    if "study" in expected and home.studies:
        fields |= _study(tool, home, sent.get("study"))
    needed = (name for name, field in expected.items() if _is_needed(tool, field))
    lacking = [name for name in needed if name not in fields]
    if lacking:
        raise InputError("assistant.missing", where=Where(key=lacking[0]), names=join_list(lacking))
    takes_rules = any(field.name == "rules" for field in fields_of(request_of(tool.ask)))
    return fields | ({"rules": list(home.rules)} if home.rules and takes_rules else {})


def _must_be_asked(tool: Tool, home: Home, expected: Mapping[str, AskedField], name: str) -> None:
    """Refuse a name that is a path, or that the tool does not ask for."""
    if name in HOME or (name in expected and _is_path(expected[name]) and name != "study"):
        raise InputError("assistant.no_path", where=Where(key=name), name=name)
    if name not in expected or (name == "study" and not home.studies):
        raise unknown_name(name, list(schema(tool, home)["properties"]), Where(key=name))


def _study(tool: Tool, home: Home, name: Any) -> dict[str, Path]:
    """The study that is meant: the only one where a tool needs one and none is named."""
    if name is None and not tool.study:
        return {}
    if name is None and len(home.studies) == 1:
        return {"study": next(iter(home.studies.values()))}
    if not isinstance(name, str) or name not in home.studies:
        raise unknown_name(name, home.studies, Where(key="study"))
    return {"study": home.studies[name]}
