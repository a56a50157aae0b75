"""What two guides name is called so: the parts of the report, the pages of the workbench."""

import re
from pathlib import Path

import pytest

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
