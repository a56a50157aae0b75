"""A caution is one record: no tuple of a key and texts, no list joined to be split again."""

import re
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src/offing"
FILES = {path: path.read_text(encoding="utf-8") for path in sorted(SRC.rglob("*.py"))}
PAIR = re.compile(r"tuple\[str, (dict|Mapping)\[str, (str|object)\]\]")
OF_XML = {"sources/sheet_look.py"}
"""There a pair is an element and its attributes."""


def test_no_caution_is_a_pair() -> None:
    pairs = {path.relative_to(SRC).as_posix() for path, text in FILES.items() if PAIR.search(text)}
    assert pairs == OF_XML


@pytest.mark.parametrize(
    "name", ["report/words.py", "report/decision.py", "study/run.py", "landed/defence.py"]
)
def test_no_list_is_split(name: str) -> None:
    text = FILES[SRC / name]
    assert '.split(", ")' not in text
    assert '.split("|")' not in text


def test_the_record_has_one_name() -> None:
    named = [
        path.name for path, text in FILES.items() if re.search(r"^class Caution\b", text, re.M)
    ]
    assert named == ["caution.py"]
    aliases = [path for path, text in FILES.items() if re.search(r"^\w+ = Caution$", text, re.M)]
    assert aliases == []
    assert not any("import Caution as" in text for text in FILES.values())
