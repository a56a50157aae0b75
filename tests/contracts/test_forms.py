"""Each key that a study may have has a form in the workbench, in both languages, with its unit."""

import re
from pathlib import Path
from typing import Any

import pytest

from offing.report.form_names import BELOW, KEYS, name_forms
from offing.study.edit import StudyKey, every_key, keys_of
from offing.study.file import Study
from offing.study.key_words import message_of
from offing.study.schema import Names
from offing.terms.messages import LANGUAGES, Language, has_message, room_messages, speaking
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
TO_WHO_WRITES_THE_FILE = {"study.old_schema"}
"""Said of a file of an older schema as it is opened: a form does not write one."""
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
    with speaking(lang):
        there = {dotted(value.key) for value in of_forms(example)}
    every = {dotted(key) for key in every_key()}
    assert {name for name in every - there if not excused(name)} == set()
    assert {name for name in there if excused(name)} == set(), "it has a form by now"
    assert all(any(e.rstrip(".") == n[: len(e.rstrip("."))] for n in every) for e in WITHOUT)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_field_has_its_words_and_its_unit(example: dict[str, Any], lang: Language) -> None:
    with speaking(lang):
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
    with speaking(lang):
        for value in of_forms(data_of(text)):
            if value.value is None or value.key.shape.section is Names:
                continue
            again = value.key.read(value.shown)
            assert again == value.value or (value.value, again) in (("all", None), (False, None))


ROOMS = ("begin", "book", "ledger", "market", "moves", "order", "plan", "planning", "price",
         "refund", "report", "settle", "study")  # fmt: skip
OF_FILE = re.compile(
    rf"\b({'|'.join(KEYS)})\b|\[\[?({'|'.join({*BELOW, *Study.model_fields})})\]"
    r"|\[\[?(settlement|plant)\."
)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_names_no_key_of_the_file(lang: Language) -> None:
    """What messages call by its key on a command line is called by its form on a page."""
    texts = [(f"{room}.{name}", message[lang].replace("{{", "{").replace("}}", "}"))
             for room in ROOMS for name, message in room_messages(room).items()]  # fmt: skip
    named = [(name, text) for name, text in texts if OF_FILE.search(text)]
    assert len(named) > 30
    with speaking(lang):
        left = {name: page for name, text in named if OF_FILE.search(page := name_forms(text))}
    assert left.keys() <= TO_WHO_WRITES_THE_FILE, left


def test_keys_are_found_in_tables_inside_tables() -> None:
    """The walk would hold nothing if it stopped at the first table."""
    names = {dotted(key) for key in every_key()}
    assert {"plant.preference.least_content", "entering.market.pilot_cny"} <= names
    assert {key.path[0] for key in keys_of(Study)} <= {name.partition(".")[0] for name in names}
