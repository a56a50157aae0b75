"""The tools of an assistant, asked by the protocol's own client, in process and as a program."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("mcp", reason="the package mcp is not installed")

from mcp import Client, StdioServerParameters, stdio_client
from mcp.types import CallToolResult

import offing
from offing.api.asking import request_of
from offing.cli.assistant import TOOLS, Home, Tool, call, server, studies_by_name, tools_of
from offing.terms.errors import InputError
from offing.terms.plain import plain

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "tests" / "museum" / "studies" / "tv-maker"
ALONE = Home()
WITH_STUDY = Home(studies={"tv-maker": STUDY / "study.toml"})
BY_NAME = {tool.name: tool for tool in TOOLS}
CALLS: dict[str, dict[str, Any]] = {
    "sources": {},
    "rules": {"country": "DEU", "on": "2024-12-31"},
    "quote": {
        "product": "852872", "destination": "DEU", "on": "2024-12-31", "cost": "3150 CNY",
        "price": "560 USD", "quantity": 300, "duty": "14%",
    },
    "origin": {"price": "5.60 USD", "material": ["CHN=1.20", "THA=1.50", "IND=2.00"],
               "cumulate": "rcep"},
    "exchange_cost": {"price": "350 USD", "purchase": 2060, "term": "CIF", "freight": 30,
                      "insurance": "2.25", "fees": "10%", "vat_rate": "17%",
                      "refund_rate": "9%", "bid": 6.5},
    "settle": {"amount": 250000, "on": "2026-10-30", "market": "IDN"},
    "ladder": {"product": "8528", "market": "Germany", "price": 620},
    "markets": {"product": "8528", "origin": "CHN"},
    "outlook": {"product": "8507", "origin": "CHN", "on": "2026-11-26"},
    "refund": {},
    "plan": {"study": "tv-maker"},
    "price": {"model": "8528", "market": "Germany"},
}  # fmt: skip
QUICK = sorted(set(CALLS) - {"markets", "plan", "price"})


def asked(name: str, sent: Mapping[str, Any], home: Home = WITH_STUDY) -> CallToolResult:
    """A call by a client that is connected to the server in this process."""

    async def ask() -> CallToolResult:
        async with Client(server(home)) as client:
            return await client.call_tool(name, dict(sent))

    return asyncio.run(ask())


@cache
def answered(name: str) -> CallToolResult:
    """What ``CALLS`` asks, asked once: only look at it."""
    return asked(name, CALLS[name])


def listed(home: Home) -> dict[str, Any]:
    async def ask() -> dict[str, Any]:
        async with Client(server(home)) as client:
            return {tool.name: tool for tool in (await client.list_tools()).tools}

    return asyncio.run(ask())


def words(result: CallToolResult) -> str:
    (block,) = result.content
    assert block.type == "text"
    text: str = block.text
    return text


def paths_of(tool: Tool) -> list[str]:
    """The fields of a request that take paths, told by their annotation's text."""
    request = request_of(tool.ask)
    hints = {field.name: str(field.type) for field in fields(request)}
    marks = ("Path", "RuleFiles", "help_warehouse", "help_key", "help_rules")
    return [name for name, hint in hints.items() if any(mark in hint for mark in marks)]


class TestTools:
    def test_a_dozen_at_most_and_those_of_a_study_only_with_one(self) -> None:
        assert len(listed(WITH_STUDY)) == len(TOOLS) <= 12
        assert set(listed(WITH_STUDY)) - set(listed(ALONE)) == {"refund", "plan", "price"}

    @pytest.mark.parametrize("name", BY_NAME)
    def test_the_schema_is_the_request_without_its_paths(self, name: str) -> None:
        tool = BY_NAME[name]
        of = listed(WITH_STUDY)[name].input_schema
        own = {field.name for field in fields(request_of(tool.ask))}
        paths = set(paths_of(tool)) - {"study"}
        assert set(of["properties"]) == own - paths - {"engine", *tool.without}
        assert set(of["required"]) <= set(of["properties"])
        assert of["additionalProperties"] is False
        assert all(one["description"] for one in of["properties"].values())


class TestAnswers:
    def test_the_figures_are_those_of_python(self) -> None:
        sent = CALLS["quote"] | {"quantity": "300"}
        own = offing.quote(**sent)
        told = answered("quote").structured_content["answer"]
        assert told["quote"]["margin"] == str(own.quote.margin)
        assert told == plain(own.data())
        ladder = offing.ladder("8528", "Germany", price=620)
        assert answered("ladder").structured_content["answer"] == plain(ladder.data())

    def test_nothing_of_where_the_files_lie(self) -> None:
        for name in QUICK:
            result = answered(name)
            told = words(result) + json.dumps(result.structured_content)
            assert str(ROOT) not in told
            assert str(Path.home()) + "/" not in told


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("quote", {"product": "852872"}, "assistant.missing"),
    ("quote", CALLS["quote"] | {"destination": "Germoney"}, "countries.unknown"),
    ("quote", CALLS["quote"] | {"quantity": True}, "cli.bad_given"),
    ("quote", CALLS["quote"] | {"pirce": "560 USD"}, "errors.unknown_name"),
    ("quote", CALLS["quote"] | {"study": "../other"}, "errors.unknown_name"),
    ("plan", {"study": "no such"}, "errors.unknown_name"),
]


class TestErrors:
    @pytest.mark.parametrize(("name", "sent", "key"), BAD)
    def test_what_was_found_where_and_what_next(
        self, name: str, sent: dict[str, Any], key: str
    ) -> None:
        result = asked(name, sent)
        assert result.is_error
        told = result.structured_content
        assert told["error"] == key
        assert told["found"]
        assert set(told) == {"error", "found", "where", "expected", "next"}
        assert told["expected"] or told["next"]
        assert told["found"] in words(result)
        assert "Traceback" not in words(result)
        if key.startswith("assistant."):
            assert told["where"]["key"]

    @pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
    def test_every_field_of_paths_is_refused(self, tool: Tool, tmp_path: Path) -> None:
        paths = [name for name in paths_of(tool) if name != "study"]
        assert paths or tool.name == "origin"
        for name in paths:
            sent = CALLS[tool.name] | {name: str(tmp_path / "x.toml")}
            told = asked(tool.name, sent).structured_content
            assert told["error"] == "assistant.no_path", name
            assert told["where"]["key"] == name
            assert told["next"]

    def test_a_fault_of_ours_is_one_sentence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(_answer: object) -> None:
            raise ZeroDivisionError("secret")

        monkeypatch.setattr("offing.report.views.rules.view_origin", broken)
        result = asked("origin", CALLS["origin"])
        assert result.structured_content["error"] == "assistant.failed"
        assert "secret" not in words(result)

    def test_studies_are_named_by_their_folder(self, tmp_path: Path) -> None:
        for name in ("a", "b"):
            (tmp_path / name / "电视 厂").mkdir(parents=True)
            (tmp_path / name / "电视 厂" / "study.toml").write_text("", encoding="utf-8")
        (tmp_path / "lamps.toml").write_text("", encoding="utf-8")
        folder = tmp_path / "a" / "电视 厂"
        assert list(studies_by_name([folder, tmp_path / "lamps.toml"])) == ["电视 厂", "lamps"]
        with pytest.raises(InputError, match=r"assistant\.same_name|would be called"):
            studies_by_name([folder, tmp_path / "b" / "电视 厂"])
        with pytest.raises(InputError):
            studies_by_name([tmp_path / "none"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
TYPED = st.sampled_from(
    [
        "5 USD", "-1", "1e30", "13%", "CHN=1", "=", "JPY=0", "../x", "8528", "DEU", "", "\x00",
        "中", "1.2万"
    ],
)  # fmt: skip


class TestAnyInput:
    @pytest.mark.parametrize("name", ["quote", "settle"])
    def test_no_value_is_a_fault_of_ours(self, name: str, caplog: pytest.LogCaptureFixture) -> None:
        tool = BY_NAME[name]
        own = [field.name for field in fields(request_of(tool.ask))]

        @settings(max_examples=30)
        @given(st.dictionaries(st.sampled_from(own), JSON | TYPED | st.lists(TYPED, max_size=2),
                               max_size=3))  # fmt: skip
        def try_it(sent: dict[str, Any]) -> None:
            result = call(tool, ALONE, CALLS[name] | sent)
            told = result.structured_content
            assert told.get("error") != "assistant.failed", caplog.text[-2000:]

        try_it()


SECRET = "a-line-that-nobody-may-read"
opened: list[str] = []
watched: list[str] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and watched and str(arguments[0]) in watched:
        opened.append(str(arguments[0]))


class TestNoPathIsOpened:
    def test_whatever_text_names_a_file(self, tmp_path: Path) -> None:
        """A path in the place of any word, in every tool: nothing of the file comes back."""
        secret = tmp_path / "secret.toml"
        secret.write_text(f'note = "{SECRET}"\n', encoding="utf-8")
        sys.addaudithook(_watch)
        watched.append(str(secret))
        for tool in tools_of(WITH_STUDY):
            if tool.name in ("plan", "price", "markets"):
                continue
            for field in fields(request_of(tool.ask)):
                for value in (str(secret), [str(secret)], {"CNY": str(secret)}):
                    result = call(tool, WITH_STUDY, CALLS[tool.name] | {field.name: value})
                    told = words(result) + json.dumps(result.structured_content)
                    assert SECRET not in told
        assert opened == []


def _everything(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts
    }


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder such as people have, with a study in it: Chinese characters and a space."""
    folder = tmp_path / "我的 文件"
    study = folder / "电视 厂"
    study.mkdir(parents=True)
    for file in STUDY.iterdir():
        if file.is_file():
            (study / file.name).write_bytes(file.read_bytes())
    return folder


def program(place: Path, *arguments: str) -> StdioServerParameters:
    """The server as an assistant starts it."""
    env = {
        **{key: value for key, value in os.environ.items() if key not in ("LC_ALL", "LANG")},
        "HOME": str(place),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OFFING_WAREHOUSE": str(place / "no-warehouse"),
    }
    line = "from offing.cli.app import main; main()"
    return StdioServerParameters(
        command=sys.executable, args=["-c", line, "mcp", *arguments], env=env, cwd=str(place)
    )


class TestAsAProgram:
    def test_over_standard_input_and_nothing_is_written(self, place: Path) -> None:
        before = _everything(place), _everything(ROOT / "src" / "offing" / "warehouse" / "starter")

        async def ask() -> tuple[list[str], dict[str, CallToolResult]]:
            start = program(place, "--study", "电视 厂", "--lang", "en")
            async with Client(stdio_client(start), read_timeout_seconds=120) as client:
                tools = [tool.name for tool in (await client.list_tools()).tools]
                answers = {name: await client.call_tool(name, sent) for name, sent in CALLS.items()
                           if name != "plan"}  # fmt: skip
                answers["plan"] = await client.call_tool("plan", {})
                answers["wrong"] = await client.call_tool("quote", {"warehouse": "/"})
                return tools, answers

        tools, answers = asyncio.run(ask())
        assert tools == [tool.name for tool in TOOLS]
        assert answers.pop("wrong").structured_content["error"] == "assistant.no_path"
        for name, answer in answers.items():
            assert not answer.is_error, f"{name}: {words(answer)}"
        assert answers["quote"].structured_content["answer"]["quote"]["margin"].startswith("281291")
        after = _everything(place), _everything(ROOT / "src" / "offing" / "warehouse" / "starter")
        assert after == before

    def test_ends_with_its_input_and_survives_a_broken_line(self, place: Path) -> None:
        start = program(place)
        hello = {
            "jsonrpc": "2.0", "id": 1, "method": "initialize",
            "params": {"protocolVersion": "2025-06-18", "capabilities": {},
                       "clientInfo": {"name": "test", "version": "0"}},
        }  # fmt: skip
        lines = "this is no message\n" + json.dumps(hello) + "\n"
        done = subprocess.run(
            [start.command, *start.args], input=lines, capture_output=True, encoding="utf-8",
            env=start.env, cwd=place, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        told = [json.loads(line) for line in done.stdout.splitlines()]
        (reply,) = [one for one in told if one.get("id") == 1]
        assert reply["result"]["serverInfo"]["name"] == "offing"
        assert "illustrative" in reply["result"]["instructions"]
