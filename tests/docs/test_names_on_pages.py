"""What two guides name is called so: the parts of the report, the pages of the workbench."""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from importlib import import_module
from operator import attrgetter
from pathlib import Path

import pytest

import offing
from offing.cases.checking import IMPORTER
from offing.cases.words import methods
from offing.terms.messages import LANGUAGES, Language, room_messages

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "how-to"
NAME = re.compile(r"\*{1,2}(?! )([^*\n]+?)[.。:：]?\*{1,2}")
ROOMS = ("planning", "policy", "report", "settle", "web")


def names(page: str) -> list[str]:
    """What stands between asterisks, apart from blocks of code."""
    prose = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    return NAME.findall(re.sub(r"^\* ", "", prose, flags=re.MULTILINE))


def is_said(name: str, texts: list[str]) -> bool:
    """Whether a text begins with the name: "Price where it differs, USD, such as …"."""
    start = re.compile(re.escape(name) + r"(?![A-Za-z])", re.IGNORECASE)
    return any(start.match(text) for text in texts)


@pytest.mark.parametrize("guide", ["read-the-report", "work-in-a-browser"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_are_those_of_the_tool(guide: str, lang: Language) -> None:
    page = GUIDES / (guide + (".md" if lang == "en" else f".{lang}.md"))
    texts = [text[lang] for room in ROOMS for text in room_messages(room).values()]
    found = names(page.read_text(encoding="utf-8"))
    assert len(found) > 15
    assert [name for name in found if not is_said(name, texts)] == []


@pytest.mark.parametrize("ending", [".md", ".zh.md"])
def test_methods_are_shown(ending: str) -> None:
    page = (GUIDES / f"check-worked-cases{ending}").read_text(encoding="utf-8")
    assert [name for name in methods() if name != IMPORTER and f"`{name}`" not in page] == []


DOCS = Path(__file__).resolve().parents[2] / "docs"
ROWS = {
    "of_oracle": ("1", " %"), "moves_with_room": ("1", " %"), "stays_without": ("1", " %"),
    "realised_over_promised": ("0.01", ""), "below_the_worst_twentieth": ("0.1", " %"),
}  # fmt: skip
"""Figure of the record → its step on the page, and its unit."""


@pytest.mark.parametrize("figure", ROWS)
@pytest.mark.parametrize("ending", [".md", ".zh.md"])
def test_the_page_has_the_figures_of_the_record(figure: str, ending: str) -> None:
    record = json.loads((DOCS / "record" / "planted-worlds.json").read_text(encoding="utf-8"))
    page = (DOCS / "explanation" / f"what-an-offer-earns{ending}").read_text(encoding="utf-8")
    step, unit = ROWS[figure]
    cells = []
    for group in ("all", "like", "thin", "unlike"):
        value = Decimal(str(record[group][figure])) * (100 if unit else 1)
        cells.append(f"{value.quantize(Decimal(step), ROUND_HALF_UP)}{unit}")
    assert f"| {' | '.join(cells)} |" in page.replace("**", "")


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
