"""Questions of :mod:`offing.api` as tools of an assistant, by the Model Context Protocol.

An assistant that runs on this machine starts ``offing mcp`` and speaks with it over standard input
and output. Every tool only reads. Who starts it says which warehouse, studies and rule files are
read; the assistant names no path.
"""

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from dataclasses import field as field_of
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from types import FrameType, NoneType
from typing import Any

from mcp import MCPError
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp.types import Tool as Listed
from pydantic import TypeAdapter

from offing import __version__
from offing.api.asking import Answer, AskedField, fields_of, option_names, request_of
from offing.api.given import choices_of, kinds_of
from offing.api.sources import holdings
from offing.report.blocks import Block, Callout, Heading, Text, table_of, text
from offing.report.layout import markdown
from offing.report.views import view_of
from offing.report.words import status
from offing.rules.register import ages
from offing.rules.rule_use import RuleUse, cite_sources
from offing.terms.errors import InputError, OffingError, Where, unknown_name
from offing.terms.messages import Naming, has_message, join_list, named_by, say, typing_options
from offing.terms.numbers import NOTHING, fixed_decimals
from offing.terms.plain import map_texts, plain, values_of
from offing.warehouse.catalog import Catalog, StoredPart, default_folder
from offing.warehouse.store import Warehouse, starter_folder

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


class Watched(Warehouse):
    """A warehouse that notes which of its parts are read."""

    @classmethod
    def open(cls, folder: Path | str | None = None, engine: Any = None) -> "Watched":
        """As :meth:`Warehouse.open`."""
        opened = Warehouse.open(folder, engine)
        watched = cls(opened.folder, opened.is_starter, opened.elsewhere)
        vars(watched).update(vars(opened), behind=opened)  # whose folder may be a passing one
        return watched

    @cached_property
    def parts_read(self) -> set[tuple[Path, StoredPart]]:
        """The parts that were read, with their folders."""
        return set()

    def must_be_whole(
        self, root: Path, part: StoredPart, below: str = "", *, anew: bool = False
    ) -> None:
        """Note a part that a query is about to read, and verify it."""
        self.parts_read.add((root, part))
        super().must_be_whole(root, part, below, anew=anew)


def data_used(warehouse: Watched) -> tuple[dict[str, Any], ...]:
    """The data sets that were read in a warehouse, and in the starter world behind it.

    ``years`` are those that were read, ``set_aside`` rows of its files that could not be used;
    ``status`` is ``starter`` for what comes with the package, for learning, or ``loaded``.
    """
    now = datetime.now(UTC)
    used = []
    own = ("dataset", "table", "years", "publisher", "licence", "edition")
    for root in sorted({root for root, _ in warehouse.parts_read}):
        catalog = warehouse.catalog if root == warehouse.folder else warehouse.starter
        parts = tuple(part for at, part in warehouse.parts_read if at == root)
        starter = root == starter_folder() or warehouse.is_starter
        used += [
            {
                **values_of(row, *own), "loaded": row.loaded.date(), "age_days": row.days_old,
                "status": "starter" if starter else "loaded", "set_aside": row.quarantined,
            }
            for row in holdings(Catalog(parts=parts, loads=catalog.loads), now)
        ]  # fmt: skip
    return tuple(used)


def rules_used(answer: object) -> tuple[dict[str, Any], ...]:
    """The rules that an answer names, each once, with how old the last look at each is."""
    on = _day_of(answer) or date.min
    uses = sorted(set(_uses(answer)), key=lambda use: (use.id, str(use.since), use.value))
    own = ("id", "value", "since", "until", "source", "status")
    return tuple(values_of(use, *own) | age for use, age in zip(uses, ages(uses, on), strict=True))


def _day_of(answer: object) -> date | None:
    """The day of an answer: its own, or that of what it is made of."""
    if isinstance(day := getattr(answer, "on", None), date):
        return day
    parts = fields(answer) if is_dataclass(answer) else ()
    inside = (getattr(answer, field.name) for field in parts)
    return next(filter(None, (_day_of(part) for part in inside if is_dataclass(part))), None)


def _uses(answer: object) -> Iterator[RuleUse]:
    """The rules anywhere in an answer; what several parts hold is looked at once."""
    waiting, seen = [answer], set[int]()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, RuleUse):
            yield value
        elif isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list | tuple | set | frozenset):
            waiting += value
        elif is_dataclass(value) and not isinstance(value, type | Warehouse):
            waiting += [getattr(value, field.name) for field in fields(value)]


LONGEST_LIST = 100
"""Items of one list of an answer that are sent; what is left off is counted."""


@dataclass(frozen=True)
class Told:
    """What a tool sends as data.

    Attributes:
        answer: the figures; amounts as text keep every digit.
        cautions: what a reader must know before trusting them.
        data: the data sets that were read.
        rules: the rules that were used.
        note: what else the answer rests on.
        left_off: how many items of a list were not sent, by its place in the answer.
    """

    answer: Any
    cautions: tuple[str, ...]
    data: tuple[dict[str, Any], ...]
    rules: tuple[dict[str, Any], ...]
    note: str
    left_off: dict[str, int]


def server(home: Home) -> Server[Any]:
    """A server of the tools on what ``home`` names, in the language of the context."""
    usable = {tool.name: tool for tool in tools_of(home)}
    one_at_a_time = asyncio.Lock()

    async def list_tools(_context: Any, _page: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[_tool_entry(tool, home) for tool in usable.values()])

    async def call_tool(_context: Any, request: CallToolRequestParams) -> CallToolResult:
        tool = usable.get(request.name)
        if tool is None:
            error = unknown_name(request.name, usable)
            if request.name in {tool.name for tool in TOOLS}:
                error = InputError("assistant.needs_study", name=request.name)
            raise MCPError(INVALID_PARAMS, str(error))
        async with one_at_a_time:
            return await asyncio.to_thread(call, tool, home, request.arguments or {})

    return Server(
        "offing",
        version=__version__,
        instructions=say("assistant.instructions"),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def serve(home: Home) -> None:
    """Speak over standard input and output until the input ends, or Ctrl-C."""
    signal.signal(signal.SIGINT, _leave)

    async def speak() -> None:
        speaking = server(home)
        async with stdio_server() as (read, write):
            await speaking.run(read, write, speaking.create_initialization_options())

    asyncio.run(speak())


def _leave(_number: int, _frame: FrameType | None) -> None:
    """End at once: a thread that waits for input would hold the program, and nothing is written."""
    sys.stderr.write(say("errors.interrupted") + "\n")
    sys.stderr.flush()
    os._exit(130)


def _tool_entry(tool: Tool, home: Home) -> Listed:
    return Listed(
        name=tool.name,
        description=tool.about,
        input_schema=schema(tool, home),
        output_schema=TypeAdapter(Told).json_schema(),
        annotations=ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )


def call(tool: Tool, home: Home, sent: Mapping[str, Any]) -> CallToolResult:
    """What comes of a call, in which options are called by the tool's own names."""
    with typing_options(), named_by(ArgumentNames(tool)):
        return _call(tool, home, sent)


def _call(tool: Tool, home: Home, sent: Mapping[str, Any]) -> CallToolResult:
    """What comes of a call: the answer, or found, where, expected and next."""
    try:
        fields = request_fields(tool, home, sent)
        warehouse = Watched.open(home.warehouse)
        if any(field.name == "warehouse" for field in fields_of(request_of(tool.ask))):
            fields["warehouse"] = warehouse
        answer = tool.ask(**fields)
        blocks = view_of(answer)
        whole, left_off = _truncate_lists(plain(answer.data()))
        data, rules = data_used(warehouse), rules_used(answer)
        cautions = tuple(block.text for block in blocks if isinstance(block, Callout))
        note = "" if data or rules else say(tool.note)
        result = Told(whole, cautions, data, rules, note, left_off)
        return _sent(home, markdown([*blocks, *_basis(result)]), plain(asdict(result)))
    except OffingError as error:
        return _error_result(home, error)
    except Exception:
        logging.getLogger(__name__).exception("tool %s", tool.name)
        return _error_result(home, InputError("assistant.failed", tool=tool.name))


def _error_result(home: Home, error: OffingError) -> CallToolResult:
    """An error: what was found, where, what was expected, what next."""
    return _sent(home, str(error), plain(error.as_json()), wrong=True)


def _sent(home: Home, words: str, data: Any, *, wrong: bool = False) -> CallToolResult:
    words, data = map_texts((words, cite_sources(data)), lambda text: _private(text, home))
    text_block = TextContent(type="text", text=words)
    return CallToolResult(content=[text_block], structured_content=data, is_error=wrong)


def _truncate_lists(value: Any) -> tuple[Any, dict[str, int]]:
    """An answer whose lists have an end, and how much of which was left off."""
    left_off: dict[str, int] = {}

    def cut(node: Any, path: str) -> Any:
        if isinstance(node, dict):
            return {key: cut(item, f"{path}.{key}".lstrip(".")) for key, item in node.items()}
        if not isinstance(node, list):
            return node
        if len(node) > LONGEST_LIST:
            left_off[path or "answer"] = len(node) - LONGEST_LIST
        return [cut(item, f"{path}[{at}]") for at, item in enumerate(node[:LONGEST_LIST])]

    return cut(value, ""), left_off


def _private(text: str, home: Home) -> str:
    """A text without the folders of this machine: files and warehouses by their own names."""
    for folder in (starter_folder(), default_folder(), *home.folders):
        if folder != Path(folder.anchor):
            text = text.replace(str(folder) + "/", "").replace(str(folder), folder.name)
    return text


def _basis(told: Told) -> list[Block]:
    """What the answer rests on, for who reads only the words."""
    parts: list[Block] = [Heading(say("assistant.basis"))]
    if told.data:
        parts.append(
            table_of(
                "data",
                say("assistant.data"),
                told.data,
                (text("load.column_dataset"), lambda row: row["dataset"]),
                (text("load.column_table"), lambda row: row["table"]),
                (text("load.column_publisher"), lambda row: row["publisher"] or NOTHING),
                (text("load.column_edition"), lambda row: row["edition"] or NOTHING),
                (text("report.status"), lambda row: say(f"assistant.{row['status']}")),
                (text("report.loaded"), lambda row: str(row["loaded"])),
                (text("load.column_age"), lambda row: fixed_decimals(row["age_days"], 0)),
            )
        )
    if told.rules:
        parts.append(
            table_of(
                "rules",
                say("assistant.rules"),
                told.rules,
                (text("report.rule"), lambda row: row["id"]),
                (text("report.source"), lambda row: row["source"]),
                (text("report.status"), lambda row: status(row["status"])),
                (
                    text("assistant.column_reviewed"),
                    lambda row: str(row["still_valid_on"] or NOTHING),
                ),
                (text("load.column_age"), lambda row: _days(row["age_days"])),
            )
        )
    if told.note:
        parts.append(Text((told.note,)))
    if told.left_off:
        most = join_list(f"{path} ({count})" for path, count in told.left_off.items())
        parts.append(Callout(say("assistant.left_off", lists=most, most=LONGEST_LIST)))
    return parts


def _days(age: int | None) -> str:
    return NOTHING if age is None else fixed_decimals(age, 0)
