"""A province's exports handed in on a page: what the question says, told to their owner alone."""

from collections.abc import Iterator
from datetime import date

import pytest

import offing
from offing.terms.plain import plain
from shared_data import ROOT
from web_server import Browser, Served, serving

EXPORTS = ROOT / "docs" / "tutorials" / "data" / "province.csv"
ASKED = {"ahead": "1", "column": "on=统计期末", "on": "2026-11-27"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("province"), users=("anna", "bo")) as served:
        yield served


@pytest.fixture(scope="module")
def anna(server: Served) -> Browser:
    browser = server.browser("anna")
    shown = browser.post("/province/drop", {"exports": ("全省.csv", EXPORTS.read_bytes())})
    assert shown.url.path == "/province"
    assert "全省.csv" in shown.text
    return browser


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_says_what_the_question_says(anna: Browser, lang: str) -> None:
    page = anna.get("/province", **ASKED, lang=lang)
    assert page.status_code == 200
    assert ("出口变动的原因" if lang == "zh" else "What moved the exports") in page.text
    data = anna.get("/province.json", **ASKED).json()["data"]
    made = offing.province(EXPORTS, ahead=1, column=[ASKED["column"]], on=date(2026, 11, 27))
    assert data["outlook"] == plain(made.data())["outlook"]


def test_a_heading_that_is_not_known_is_asked_for_above_the_form(anna: Browser) -> None:
    page = anna.get("/province", lang="en")
    assert page.status_code == 400
    assert "全省.csv" in page.text
    assert "统计期末" in page.text


def test_a_file_is_its_owner_s_until_taken_away(server: Served, anna: Browser) -> None:
    bo = server.browser("bo")
    empty = bo.get("/province")
    assert (empty.status_code, "全省.csv" in empty.text) == (200, False)
    anna.post("/province/forget", kind="exports")
    assert "全省.csv" not in anna.get("/province").text


def test_no_file_is_said(server: Served) -> None:
    page = server.browser("bo").post("/province/drop")
    assert page.status_code == 400
