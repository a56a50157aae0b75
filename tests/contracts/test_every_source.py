"""Every source says what it is, under which terms, and is tested and shown."""

import re
from pathlib import Path

import pytest

from offing.sources.about import names, options_of, source
from offing.terms.messages import has_message
from offing.terms.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
TESTS = [file.read_text(encoding="utf-8") for file in (ROOT / "tests" / "sources").glob("*.py")]
GUIDES = [file.read_text(encoding="utf-8") for file in (ROOT / "docs" / "how-to").glob("*.md")]


@pytest.mark.parametrize("name", names())
class TestEverySource:
    def test_says_what_it_is(self, name: str) -> None:
        about = source(name).ABOUT
        assert about.name == name, "ABOUT.name"
        assert set(about.tables) <= set(TABLES)
        assert not about.page or about.page.startswith("http")
        assert isinstance(options_of(name), tuple)

    def test_has_words_in_both_languages(self, name: str) -> None:
        about = source(name).ABOUT
        assert [
            key for key in (about.title, about.publisher, about.licence) if not has_message(key)
        ] == []

    def test_is_tested(self, name: str) -> None:
        spelt = re.compile(rf"\b({re.escape(name)}|{name.replace('-', '_')})\b")
        assert any(map(spelt.search, TESTS)), f"tests/sources, {name}"

    def test_is_shown_in_a_guide(self, name: str) -> None:
        ways = (f"offing load {name}", f"offing fetch {name}", f"| `{name}` |")
        assert any(way in text for text in GUIDES for way in ways), ways[0]
