"""Every pattern of the house, found in its syntax and its modules, and texts slow ones dread."""

import ast
import importlib
import re
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import offing

ROOT = Path(offing.__file__).parent
WAYS = ("search", "match", "fullmatch", "finditer")
"""How a pattern is used: what substitutes, splits or finds all goes through a text as the last."""
USES = {*WAYS, "compile", "sub", "subn", "split", "findall"}
SIGNS = 10_000
SHORT, SUSPECT = 2_500, 5e-4
"""A quarter of the signs, read first, and seconds of it from which the whole text is read: what
grows with the square or the cube of a text and takes 50 ms for all takes 3 or 0.8 ms for it."""
Pattern = re.Pattern[Any]


def _inside(value: Any, depth: int = 3) -> Iterator[Pattern]:
    """The patterns in a value, a mapping or a sequence of a module."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, Mapping):
        for one in value.values():
            yield from _inside(one, depth - 1)
    elif depth and isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from _inside(one, depth - 1)


def _called(tree: ast.AST) -> dict[str, set[str]]:
    """Name → how what it names is used in a file, as ``NAME.search``; all of them under no name."""
    uses: dict[str, set[str]] = {"": set()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in USES - {"compile"}:
            way = node.attr if node.attr in WAYS else "finditer"
            if isinstance(node.value, ast.Name) and node.value.id != "re":
                uses.setdefault(node.value.id, set()).add(way)
                uses[""].add(way)
            elif not isinstance(node.value, ast.Constant | ast.Name):
                uses[""].add(way)
    return uses


def _written(tree: ast.AST, module: Any) -> Iterator[tuple[int, str, Pattern | None]]:
    """The line and the use of each pattern in a file; no pattern where it is made as it runs."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute)):
            continue
        of, use = node.func.value, node.func.attr
        if not (isinstance(of, ast.Name) and of.id == "re" and use in USES):
            continue
        flags = [k.value for k in node.keywords if k.arg == "flags"]
        flags += node.args[-1:] if len(node.args) > 1 else []
        try:
            text = _value(node.args[0], module)
            yield node.lineno, use, re.compile(text, sum(_flags(flags, module)))
        except (NameError, AttributeError, TypeError, KeyError):
            yield node.lineno, use, None


def _value(node: ast.expr, module: Any) -> Any:
    return eval(compile(ast.Expression(node), "pattern", "eval"), dict(vars(module)))


def _flags(nodes: list[ast.expr], module: Any) -> Iterator[int]:
    for node in nodes:
        try:
            value = _value(node, module)
        except (NameError, AttributeError, TypeError):
            continue
        if isinstance(value, re.RegexFlag):
            yield int(value)


@dataclass
class Used:
    """Where a pattern stands first, and how it is used."""

    place: str
    ways: set[str]


@cache
def every_pattern() -> tuple[dict[Pattern, Used], list[str]]:
    """Each pattern and its use, and the places where one is put together as the program runs."""
    found: dict[Pattern, Used] = {}
    made: list[str] = []
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py"))}
    trees = {path: ast.parse(text) for path, text in texts.items() if "re." in text}
    calls = {path: _called(tree) for path, tree in trees.items()}
    for path, tree in trees.items():
        name = ".".join(("offing", *path.relative_to(ROOT).with_suffix("").parts))
        module = importlib.import_module(name.removesuffix(".__init__"))
        for line, use, pattern in _written(tree, module):
            place = f"{path.relative_to(ROOT).as_posix()}:{line}"
            if pattern is None:
                made.append(place)
            elif use != "compile":
                used = found.setdefault(pattern, Used(place, set()))
                used.ways.add(use if use in WAYS else "finditer")
        for variable, value in vars(module).items():
            for pattern in _inside(value):
                everywhere = (one.get(variable, set()) for one in calls.values())
                ways = set().union(*everywhere) if value is pattern else calls[path][""]
                used = found.setdefault(pattern, Used(f"{name}.{variable}", set()))
                used.ways |= ways or set(WAYS)
    return found, made


FILLERS = [
    "9", " ", "(", ")", "a", "A", "国", "9,", "9.", "9 ", " 9", "a ", "1,234,", "1.234.", "-", "(a",
    "a)", "\n", "\t", "'", '"', "/", "%", "9%", "a9", "9a", "年", "2024-", "万", "=", "[", "]", "_",
    "a_", "{", ".", ",", ":", "a,", "元", "（", "\u3000", "a.b@", "USD", "é", "<", "<a ", "&",
]  # fmt: skip


def dreaded(pattern: Pattern) -> Iterator[str]:
    """Long texts: of one filler, with another end, and of what the pattern itself names."""
    own = re.findall(r"[A-Za-z]{2,}|[\u4e00-\u9fff]+|[^\w\s\\()\[\]{}?*+^$|]", str(pattern.pattern))
    literals = list(dict.fromkeys(own))[:12]
    for filler in [
        *FILLERS,
        *literals,
        *(f"{one} " for one in literals),
        *(f"9{one}" for one in literals),
    ]:
        body = (filler * SIGNS)[:SIGNS]
        yield body
        yield body[:-1] + "\x00"
        for lead in (*literals[:1], "9"):
            yield (lead + body)[: SIGNS - 1] + "!"


def slowest(pattern: Pattern, ways: set[str], limit: float) -> tuple[float, str, str]:
    """The longest run over all texts: its seconds, way and text's beginning; ends at the limit."""
    worst = (0.0, "", "")
    for text in dreaded(pattern):
        given: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
        for way in sorted(ways):
            if _seconds(pattern, way, given[:SHORT] + given[-1:]) < SUSPECT:
                continue
            seconds = _seconds(pattern, way, given)
            if seconds > limit:
                seconds = min(seconds, _seconds(pattern, way, given))  # another process was at work
            if seconds > worst[0]:
                worst = (seconds, way, text[:12])
                if seconds > limit:
                    return worst
    return worst


def _late(_number: int, _frame: object) -> None:
    raise TimeoutError


def _seconds(pattern: Pattern, way: str, text: Any) -> float:
    """On a core; no more than a quarter of one."""
    signal.signal(signal.SIGVTALRM, _late)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.25)
    start = time.process_time()
    try:
        found = getattr(pattern, way)(text)
        if way == "finditer":
            for _ in found:
                pass
    except TimeoutError:
        return 0.25
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - start
