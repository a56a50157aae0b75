"""Every sentence exists in both languages, with the same values in it, and is used."""

import re
import string
from collections.abc import Mapping
from pathlib import Path

import pytest

from offing.terms.messages import (
    LANGUAGES,
    beside,
    read_messages,
    room_messages,
    rooms,
    say,
    using_language,
)

SOURCE = Path(__file__).resolve().parents[1] / "src" / "offing"
EVERY = [(room, name) for room in rooms() for name in room_messages(room)]


def values(text: str) -> set[str]:
    return {name.split(".")[0] for _, name, _, _ in string.Formatter().parse(text) if name}


def faults(message: Mapping[str, str]) -> list[str]:
    """What a message is short of."""
    says = {
        "the languages are others": set(message) - {"en_one"} != set(LANGUAGES),
        "a text is empty": not all(text.strip() for text in message.values()),
        "the values differ": values(message.get("en", "")) != values(message.get("zh", "")),
        "one of no count": "en_one" in message and "count" not in values(message.get("en", "")),
        "one has other values": not values(message.get("en_one", ""))
        <= values(message.get("en", "")),
    }
    return [fault for fault, found in says.items() if found]


@pytest.mark.parametrize("room", rooms())
def test_messages_are_complete(room: str) -> None:
    found = {name: faults(message) for name, message in room_messages(room).items()}
    assert {name: faulty for name, faulty in found.items() if faulty} == {}


def test_a_message_that_is_not_complete_is_found() -> None:
    whole = {"en": "{count} rows", "en_one": "one row", "zh": "{count}行"}
    assert faults(whole) == []
    assert faults(whole | {"zh": " "}) == ["a text is empty", "the values differ"]
    assert faults(whole | {"en": "{rows} rows"}) == ["the values differ", "one of no count"]
    assert faults(whole | {"en_one": "{row}"}) == ["one has other values"]
    assert faults(whole | {"fr": "{count} lignes"}) == ["the languages are others"]


def test_one_of_what_is_counted_is_said_in_the_singular() -> None:
    found = {"dataset": "x", "covers": "2024", "rows": "1", "count": "1"}
    with using_language("en"):
        assert say("report.rests_loaded", **found) == "The data set x (2024, 1 flow): 1 market."
        assert "12 flows): 1 market." in say("report.rests_loaded", **found | {"rows": "12"})
        assert "1 day before" in say(
            "landed.fx_too_old", currency="EUR", last="a", days=1, day="b", oldest=10
        )
        assert "up to 10 days" in say(
            "landed.fx_too_old", currency="EUR", last="a", days=1, day="b", oldest=10
        )


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


def test_what_a_paper_says_needs_no_command_line() -> None:
    """What only who types needs stands between marks: a paper leaves it out."""
    views = [*SOURCE.glob("report/**/*.py")]
    said = {key for path in views for key in re.findall(r'"(\w+\.\w+)"', path.read_text("utf-8"))}
    typed = re.compile(r"\boffing (?=[a-z]+ [A-Z\-])|\b(?:pip|offing) (?:install|load)\b|\{--")
    unmarked = {
        f"{room}.{name}"
        for room, name in EVERY
        if f"{room}.{name}" in said or name.startswith(("warn_", "note_", "caution_", "lack_"))
        for text in read_messages(room)[name].values()
        if typed.search(re.sub(r"\{typing\}.*?\{/typing\}", "", text))
    }
    assert unmarked == set()


def test_identical_texts_share_a_key() -> None:
    """A word is changed in one place: a second message with the same text says ``same``."""
    seen: dict[tuple[tuple[str, str], ...], str] = {}
    again = []
    for room, name in EVERY:
        message = read_messages(room)[name]
        if "same" in message:
            assert set(message) == {"same"}
            target = message["same"].partition(".")
            assert "same" not in read_messages(target[0])[target[2]], "one step, no chain"
            continue
        text = tuple(sorted(message.items()))
        if text in seen:
            again.append(f"{room}.{name} is {seen[text]}")
        seen[text] = f"{room}.{name}"
    assert again == []


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        ("销往美国的", "65 英寸电视", "销往美国的 65 英寸电视"),
        ("随机为 5%", "和", "随机为 5% 和"),
        ("39.4 万", " 千克", "39.4 万千克"),
        ("德国", " 按含运费的价格征税", "德国按含运费的价格征税"),
        ("审阅于", "2026年11月24日", "审阅于2026年11月24日"),
        ("2026", "年1–3月", "2026年1–3月"),
        ("占离岸价", "（FOB）", "占离岸价（FOB）"),
        ("5 至", "−743 万元", "5 至 −743 万元"),
        ("", "65 英寸", "65 英寸"),
    ],
)
def test_chinese_and_latin_signs_stand_apart(left: str, right: str, both: str) -> None:
    assert beside(left, right) == both
