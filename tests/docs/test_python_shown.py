"""What the Python of the pages asks for is there: modules, names, and the options of questions."""

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from operator import attrgetter
from pathlib import Path

import pytest

import offing

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ASKED = re.compile(r"offing\.(\w+)")
NAMED = re.compile(r"offing(\.\w+)+")
INLINE = re.compile(r"`(?:offing\.)?(Warehouse\.\w+)\(")
PAGES = [
    page
    for page in sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("README*.md")])
    if "decisions" not in page.parts and BLOCK.search(page.read_text(encoding="utf-8"))
]


def wrong(code: str) -> Iterator[str]:
    """What a block imports from offing, or asks of it, that is not there."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("offing"):
            module = import_module(node.module or "")
            yield from (one.name for one in node.names if not hasattr(module, one.name))
        if isinstance(node, ast.Attribute) and NAMED.fullmatch(name := ast.unparse(node)):
            try:
                attrgetter(name.partition(".")[2])(offing)
            except AttributeError:
                yield name
        if isinstance(node, ast.Call) and (found := ASKED.fullmatch(ast.unparse(node.func))):
            question = getattr(offing, found[1], None)
            known = {} if question is None else inspect.signature(question).parameters
            yield from (str(one.arg) for one in node.keywords if one.arg not in known)


def test_what_is_not_there_is_found() -> None:
    code = "import offing\nfrom offing.report import nothing\noffing.ladder('8528', yeer=2024)\n"
    assert sorted(wrong(f"{code}offing.Warehouse.none()")) == [
        "nothing",
        "offing.Warehouse.none",
        "yeer",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    blocks = [*BLOCK.findall(text), *(f"offing.{name}" for name in INLINE.findall(text))]
    assert [name for block in blocks for name in wrong(block)] == []
