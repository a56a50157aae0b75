"""No pattern of the house is slow on any text: each takes at most 50 ms on 10,000 signs."""

import re

import pytest

import pattern_walk
from offing.sources.headings import heading_data
from offing.sources.layout import NO_SALE

LIMIT = 0.05
MADE = {
    "refunds/checks/papers.py", "report/layout.py", "report/paper.py", "rules/reform.py",
    "sources/layout.py",
    "sources/ledger_cells.py", "sources/numbers.py", "study/file.py",
    "web/workbench.py",
}  # fmt: skip
"""Files whose patterns are put together as the program runs: of the house's own words, of a term of
delivery, of names as they are, or of a folder. Those of words are in :data:`WORDS`, or in the
file's own tables."""
WORDS = [*NO_SALE.values()]


def slow(patterns: dict[re.Pattern[str], set[str]]) -> list[str]:
    found = []
    for pattern, ways in patterns.items():
        seconds, way, text = pattern_walk.slowest(pattern, ways, LIMIT)
        if seconds > LIMIT:
            found.append(f"{way} {pattern.pattern!r} on {text!r}: {seconds:.2f} s")
    return found


def test_every_pattern_is_found() -> None:
    found, made = pattern_walk.every_pattern()
    assert len(found) >= 250
    assert {place.rpartition(":")[0] for place in made} == MADE
    places = {used.place for used in found.values()}
    assert "offing.sources.numbers._AMOUNT" in places, "a name of a module"
    assert any(place.startswith("terms/money.py") for place in places), "a call"
    assert sum("offing.sources.numbers._MARKS" in place for place in places), "inside of a table"


@pytest.mark.parametrize("part", range(4))
def test_no_pattern_takes_long(part: int) -> None:
    found, _ = pattern_walk.every_pattern()
    chosen = sorted(found, key=lambda pattern: str(pattern.pattern))[part::4]
    assert slow({pattern: found[pattern].ways for pattern in chosen}) == []


def test_patterns_of_words_and_of_data_do_not_take_long() -> None:
    refused = [
        word for one in heading_data("firm_tables").values() for word in one.get("refuse", {})
    ]
    assert refused
    assert slow({re.compile(text): {"search"} for text in [*WORDS, *refused]}) == []


@pytest.mark.parametrize(
    ("text", "way"),
    [
        (r"\d+[.,]\d+", "search"), (r"\s*/\s*", "finditer"), (r"\((.*?)\)", "finditer"),
        (r"(\D+?)[\s,]*(\d{1,3})\s*(?:day|d)", "fullmatch"), (r"(a+)+b", "fullmatch"),
        (r"\d+\.?\d*(?:[eE]\d)?", "fullmatch"), (r"foo.*foo.*bar", "search"),
    ],
)  # fmt: skip
def test_a_slow_pattern_would_be_seen(text: str, way: str) -> None:
    assert slow({re.compile(text): {way}}) != []
