"""The server: lists the tools, asks one at a time, tells what came of it."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from types import FrameType
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
from offing.api.asking import fields_of, request_of
from offing.api.sources import holdings
from offing.cli.assistant.tools import (
    TOOLS,
    ArgumentNames,
    Home,
    Tool,
    request_fields,
    schema,
    tools_of,
)
from offing.report.blocks import Block, Callout, Heading, Text, table_of, text
from offing.report.layout import markdown
from offing.report.views import view_of
from offing.report.words import status
from offing.rules.register import ages
from offing.rules.rule_use import RuleUse
from offing.terms.errors import InputError, OffingError, unknown_name
from offing.terms.messages import join_list, named_by, say, typing_options
from offing.terms.numbers import NOTHING, fixed_decimals
from offing.terms.plain import plain, values_of
from offing.warehouse.catalog import Catalog, StoredPart, default_folder
from offing.warehouse.store import Warehouse, starter_folder


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
    def own(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: own(item) for key, item in value.items()}
        if isinstance(value, list):
            return [own(item) for item in value]
        return _private(value, home) if isinstance(value, str) else value

    text_block = TextContent(type="text", text=own(words))
    return CallToolResult(content=[text_block], structured_content=own(data), is_error=wrong)


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
