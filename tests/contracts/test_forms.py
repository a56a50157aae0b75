"""Each key that a study may have has a form in the workbench, in both languages, with its unit."""

import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import offing
from offing.api.asking import option_names, request_of
from offing.report.form_names import BRACKETS, FormNames, short_label
from offing.study.edit import StudyKey, every_key, keys_of
from offing.study.file import Study
from offing.study.schema import Names, message_of
from offing.terms.messages import (
    LANGUAGES,
    Language,
    has_message,
    room_messages,
    rooms,
    using_language,
)
from offing.web.editing import Editable, data_of, parts_of

ROOT = Path(__file__).resolve().parents[2]
STUDIES = [*ROOT.glob("examples/*/study.toml"), *ROOT.glob("tests/museum/studies/*/study.toml")]
WITHOUT = {
    "schema": "the version of the file",
    "reform.": "a draft of a law, a file of its own that is tried on the page What if",
    "limits.largest_growth": "not read by the plan any more",
    "limits.caution": "not read by the plan any more",
    "limits.return_after": "not read by the plan any more",
    "rules": "packs of rules are files, and no path that is typed is ever opened",
    "ledger.file": "asked on the page Ledger, which takes the file in",
    "ledger.sheet": "asked on the page Ledger",
    "ledger.columns": "asked on the page Ledger, by the headings that are there",
    "ledger.currency": "asked on the page Ledger where a line has none",
    "ledger.dates": "asked on the page Ledger where the days leave it open",
    "ledger.period": "asked on the page Ledger where days have no year",
    "model.key": "made of the name; lines and plants call the model so",
    "plant.key": "made of the name",
    "plant.line.key": "made of the name; models call the line so",
}
"""Keys without a field in the page's forms, each with its reason."""
TO_WHO_TYPES = {
    "policy.help_reform", "policy.no_reform_next", "policy.empty_shock_expected",
    "refund.no_known_rate_next", "refund.listed_part_next", "refund.listed_zero_next",
    "study.old_schema_expected",
}  # fmt: skip
"""Of reforms and shocks, which are files; of columns of a firm's table; of an older schema."""
OF_COMMANDS = {"--json", "--lang", "--name", "--port", "--no-cumulated"}
"""Options of all commands, of ``serve``, and one turned round."""
UNITS = {
    r"_cny$": ("CNY", "元"), r"_usd(_|$)": ("USD", "美元"), r"^kg$": ("kg", "千克"),
    r"m3(_|$)": ("m³", "立方米"), r"(^|_)days$|_age$": ("ays", "天"), r"^hours$": ("ours", "小时"),
}  # fmt: skip
"""What names of keys say of their unit, and how the label says it."""


def dotted(key: StudyKey) -> str:
    return ".".join(key.path)


def excused(name: str) -> bool:
    return any(name.startswith(e) if e.endswith(".") else name == e for e in WITHOUT)


def of_forms(data: dict[str, Any]) -> list[Editable]:
    return [v for _, parts in parts_of(data) for part in parts for v in part.every]


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    return data_of((ROOT / "examples/tv-maker/study.toml").read_text("utf-8"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_key_has_a_field(example: dict[str, Any], lang: Language) -> None:
    with using_language(lang):
        there = {dotted(value.key) for value in of_forms(example)}
    every = {dotted(key) for key in every_key()}
    assert {name for name in every - there if not excused(name)} == set()
    assert {name for name in there if excused(name)} == set(), "it has a form by now"
    assert all(any(e.rstrip(".") == n[: len(e.rstrip("."))] for n in every) for e in WITHOUT)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_field_has_its_words_and_its_unit(example: dict[str, Any], lang: Language) -> None:
    with using_language(lang):
        keys = {dotted(value.key): value.key for value in of_forms(example)}
        assert {
            name for name, key in keys.items() if not has_message(message_of(key.path))
        } == set()
        at = LANGUAGES.index(lang)
        for name, key in keys.items():
            for pattern, words in UNITS.items():
                if re.search(pattern, key.path[-1]):
                    assert words[at] in key.label, name
            if key.shape.kind in ("percent", "refund"):
                assert "%" in key.label or "0" in key.label, name


@pytest.mark.parametrize("file", STUDIES, ids=lambda file: file.parent.name)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_shown_is_read_back(file: Path, lang: Language) -> None:
    """The form of a study that nobody has touched says what the file says."""
    text = file.read_text("utf-8")
    with using_language(lang):
        for value in of_forms(data_of(text)):
            if value.value is None or value.key.shape.section is Names:
                continue
            again = value.key.read(value.shown)
            assert again == value.value or (value.value, again) in (("all", None), (False, None))


def marks() -> list[tuple[str, str]]:
    """Message and mark of all that messages say of options and of a study's file."""
    return [
        (f"{room}.{name}", mark)
        for room in rooms()
        for name, message in room_messages(room).items()
        for text in message.values()
        for _, mark, _, _ in Formatter().parse(text)
        if mark is not None and not mark.lstrip("/").isidentifier()
    ]


def test_marks_of_messages_are_options_and_keys_that_there_are() -> None:
    every = {
        ("study",),
        *(key.path[:n] for key in every_key() for n in range(1, len(key.path) + 1)),
    }
    named = [(name, mark) for name, mark in marks() if not mark.startswith("--")]
    assert len(named) > 100
    found = {(name, tuple(mark.translate(BRACKETS).split("."))) for name, mark in named}
    assert [one for one in found if one[1][one[1][0] == "study" :] not in every] == []
    public = (getattr(offing, name) for name in offing.__all__)
    questions = [ask for ask in public if hasattr(ask, "request")]
    asked = {option for ask in questions for option in option_names(request_of(ask))}
    options = {mark for _, mark in marks() if mark.startswith("--")}
    assert len(options) > 100
    assert options - asked - OF_COMMANDS == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_table_and_key_that_a_message_names_is_a_form_on_a_page(lang: Language) -> None:
    tables = {mark for _, mark in marks() if mark.startswith("[")}
    assert len(tables) > 8
    with using_language(lang):
        called = {mark: FormNames().key(mark) for mark in tables if " " not in mark}
    assert {mark: name for mark, name in called.items() if "[" in name or "`" in name} == {}
    assert short_label("The day; today where it is left out") == "The day"


BARE = re.compile(
    rf"--[a-z]|\b({'|'.join(key.name for key in every_key() if '_' in key.name)})\b"
    rf"|\[\[?({'|'.join(Study.model_fields)})[].]"
)
COMMAND = re.compile(r"(?:offing|pip install)(?: [^\s,;，；。)）`]+)+")


def test_an_option_or_a_key_of_the_file_stands_in_a_mark() -> None:
    """What stands bare is told to everybody as it is typed, on pages and on paper too."""
    bare = {}
    for room in rooms():
        for name, message in room_messages(room).items():
            for text in message.values():
                pieces = "".join(
                    literal + ("X" if mark and mark.isidentifier() else "")
                    for literal, mark, *_ in Formatter().parse(text)
                )
                if found := BARE.search(COMMAND.sub("", pieces)):
                    bare[f"{room}.{name}"] = found[0]
    assert {name: found for name, found in bare.items() if name not in TO_WHO_TYPES} == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_names_no_key_of_the_file(lang: Language) -> None:
    """What messages call by its key on a command line is called by its form on a page."""
    with using_language(lang):
        keys = {mark for _, mark in marks() if not mark.startswith("--")}
        assert {mark for mark in keys if "_" in FormNames().key(mark)} == set()
        line = FormNames().key("[duty]", "DEU = 0.14")
        assert line.endswith("14%")
        assert "DEU" not in line


def test_keys_are_found_in_tables_inside_tables() -> None:
    """The walk would hold nothing if it stopped at the first table."""
    names = {dotted(key) for key in every_key()}
    assert {"plant.preference.least_content", "entering.market.pilot_cny"} <= names
    assert {key.path[0] for key in keys_of(Study)} <= {name.partition(".")[0] for name in names}
