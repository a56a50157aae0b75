"""Every sentence exists in both languages, with the same values in it, and is used."""

import re
import string
from pathlib import Path

import pytest

from offing.terms.messages import LANGUAGES, room_messages, rooms, written

SOURCE = Path(__file__).resolve().parents[1] / "src" / "offing"
EVERY = [(room, name) for room in rooms() for name in room_messages(room)]


def values(text: str) -> set[str]:
    return {name.split(".")[0] for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize(("room", "name"), EVERY, ids=lambda part: part)
def test_message_is_complete(room: str, name: str) -> None:
    message = room_messages(room)[name]
    assert set(message) - {"en_one"} == set(LANGUAGES)
    assert all(text.strip() for text in message.values())
    assert values(message["en"]) == values(message["zh"])
    if "en_one" in message:
        assert "count" in values(message["en"])
        assert values(message["en_one"]) <= values(message["en"])


def test_chinese_is_chinese() -> None:
    """A text copied from English would pass a completeness test and help nobody."""
    copied = [
        f"{room}.{name}"
        for room, name in EVERY
        if (text := room_messages(room)[name]["zh"])
        and not re.search("[\u4e00-\u9fff]", text)
        and re.search("[A-Za-z]{4}", re.sub(r"\{.*?\}", "", text))
    ]
    assert copied == []


def test_keys_in_the_code_exist() -> None:
    known = {f"{room}.{name}" for room, name in EVERY}
    pattern = re.compile(rf'"((?:{"|".join(rooms())})\.[a-z][a-z0-9_]*)"')
    missing = {
        f"{path.relative_to(SOURCE)}: {key}"
        for path in SOURCE.rglob("*.py")
        for key in pattern.findall(path.read_text(encoding="utf-8"))
        if key not in known and not key.endswith((".toml", ".csv", ".parquet", ".html", ".xlsx"))
    }
    assert missing == set()


def test_identical_texts_share_a_key() -> None:
    """A word is changed in one place: a second message with the same text says ``same``."""
    seen: dict[tuple[tuple[str, str], ...], str] = {}
    again = []
    for room, name in EVERY:
        message = written(room)[name]
        if "same" in message:
            assert set(message) == {"same"}
            target = message["same"].partition(".")
            assert "same" not in written(target[0])[target[2]], "one step, no chain"
            continue
        text = tuple(sorted(message.items()))
        if text in seen:
            again.append(f"{room}.{name} is {seen[text]}")
        seen[text] = f"{room}.{name}"
    assert again == []
