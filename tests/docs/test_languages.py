"""English and Chinese say the same: sections, commands, lists, tables, links, pictures, figures.

Pages without Chinese text, or whose Chinese is behind, are named in ``docs/laggards.txt``. The list
may only become shorter: a page that has its text is taken off, and a new page comes in both
languages or is put on it by hand.
"""

import re
from calendar import month_name
from collections import Counter
from pathlib import Path

import pytest
from tools import built_pages
from tools.docs_site import CHINESE, laggards, pages

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LAGGARDS = frozenset((DOCS / "laggards.txt").read_text(encoding="utf-8").split())
PAIRS = [("README.md", "README.zh.md")] + [
    (f"docs/{name.as_posix()}", f"docs/{own.as_posix()}")
    for name, own in pages(CHINESE).items()
    if name.suffix == ".md" and own != name and name.as_posix() not in built_pages.PAGES
]
"""Without those that are built: both languages of these come from one function."""
DAY = re.compile(rf"(?:\d+ )?\b(?:{'|'.join(month_name[1:])})\b|\d+ ?月(?: ?\d+ ?日)?")
"""A month, with its day: Chinese counts what English names."""
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def texts(pair: tuple[str, str]) -> tuple[str, str]:
    one, other = ((ROOT / name).read_text(encoding="utf-8") for name in pair)
    return one, other


def prose(text: str) -> str:
    """A page without its blocks of code and addresses."""
    return re.sub(r"\]\([^)]*\)", "]", FENCE.sub("", text))


def commands(text: str) -> list[str]:
    """The lines of code without remarks, in whatever language they are told to answer."""
    lines = [
        re.sub(r"\s*--lang zh\b|(?:^|\s)+#.*", "", line).strip()
        for kind, block in FENCE.findall(text)
        if kind in {"sh", "python", "toml", "json", "diff", "csv"}
        for line in block.splitlines()
    ]
    return [re.sub(r"\s+", " ", line) for line in lines if line]


def shape(text: str) -> list[str]:
    """The order of headings, list items and rows of tables."""
    marks = re.findall(
        r"^(#{1,4}(?= )|\*(?= )|\d{1,2}\.(?= )|\|(?: ?-+ ?\|)?)", FENCE.sub("", text), re.M
    )
    return [mark.strip() for mark in marks]


def links(text: str) -> Counter[str]:
    """Where links and pictures lead, whatever the language; anchors are each language's own."""
    found = re.findall(r"\]\(([^)#\s]*)[^)]*\)", FENCE.sub("", text))
    return Counter(re.sub(r"\.(?:zh|en)(\.\w+)$", r"\1", target) for target in found if target)


def figures(text: str) -> Counter[str]:
    """Numbers of the prose; those of one digit may be words in the other language."""
    found = re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", DAY.sub("", prose(text)))
    return Counter(number.replace(",", "") for number in found if len(number) > 1)


def said(text: str) -> dict[str, object]:
    """What a page says that does not depend on its language."""
    ways = {"commands": commands, "shape": shape, "links": links, "figures": figures}
    return {name: way(text) for name, way in ways.items()}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[1])
def test_the_same_is_said(pair: tuple[str, str]) -> None:
    if pair[0].removeprefix("docs/") in LAGGARDS:
        pytest.skip("its Chinese is behind: docs/laggards.txt names it")
    english, chinese = map(said, texts(pair))
    assert english == chinese


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[1])
def test_chinese_is_chinese_and_leads_to_chinese(pair: tuple[str, str]) -> None:
    _, text = texts(pair)
    plain = re.sub(r"`[^`]*`", "", prose(text))
    assert len(re.findall(r"[\u4e00-\u9fff]", plain)) > len(re.findall(r"[a-zA-Z]{2,}", plain))
    page = ROOT / pair[1]
    english = [
        target
        for target in re.findall(r"\]\(([^)#\s]+\.md)", text)
        if not target.endswith(".zh.md")
        and (page.parent / target).with_suffix(".zh.md").exists()
        and target != Path(pair[0]).name
    ]
    assert english == [], "these pages are there in Chinese"


def test_the_laggards_are_those_named() -> None:
    behind = {
        pair[0].removeprefix("docs/")
        for pair in PAIRS
        if len({str(said(t)) for t in texts(pair)}) > 1
    }
    now = set(laggards()) | (behind & LAGGARDS)
    assert now - LAGGARDS == set(), "write these in Chinese too"
    assert set() == LAGGARDS - now, "these are there in Chinese: take them off docs/laggards.txt"


def test_what_matters_most_does_not_lag() -> None:
    first = {"index.md", "gallery/index.md", "reference/glossary.md"}
    first |= {f"tutorials/{page.name}" for page in (DOCS / "tutorials").glob("*.md")}
    assert not first & LAGGARDS


def test_the_comparison_sees_a_difference() -> None:
    one = "# A\n\n* 20 sets\n\n```sh\noffing run x  # there\n```\n[b](b.md) in May\n"
    same = "# 甲\n\n* 20 台\n\n```sh\noffing run x --lang zh  # 那里\n```\n5 月的[乙](b.zh.md)\n"
    assert said(one) == said(same)
    assert commands(one) != commands(one.replace("run x", "run y"))
    assert shape(one) != shape(one.replace("* 20", "20"))
    assert links(one) != links(one.replace("b.md", "c.md"))
    assert figures(one) != figures(one.replace("20", "30"))
