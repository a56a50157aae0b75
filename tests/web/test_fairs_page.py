"""A catalogue of fairs handed in on a page: the programme that the question gives."""

from collections.abc import Iterator
from datetime import date

import pytest

import offing
from offing.terms.plain import plain
from shared_data import ROOT
from web_server import Browser, Served, serving

DATA = ROOT / "docs" / "tutorials" / "data"
ASKED = {"budget": "CNY 2m", "on": "2026-11-27"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("fairs"), users=("anna", "bo")) as served:
        yield served


@pytest.fixture(scope="module")
def anna(server: Served) -> Browser:
    browser = server.browser("anna")
    files = {
        "fairs": ("目录.csv", (DATA / "fairs.csv").read_bytes()),
        "firms": ("企业.csv", (DATA / "fair-firms.csv").read_bytes()),
    }
    shown = browser.post("/fairs/drop", files)
    assert shown.url.path == "/fairs"
    assert "目录.csv" in shown.text
    assert "企业.csv" in shown.text
    return browser


@pytest.mark.parametrize(("lang", "words"), [("en", "leave out"), ("zh", "不支持")])
def test_the_page_says_what_the_question_says(anna: Browser, lang: str, words: str) -> None:
    page = anna.get("/fairs", **ASKED, lang=lang)
    assert page.status_code == 200
    assert words in page.text
    assert "--exports" not in page.text, "a page has fields, no options"
    data = anna.get("/fairs.json", **ASKED).json()["data"]
    made = offing.fairs(
        DATA / "fairs.csv", budget="CNY 2m", firms=DATA / "fair-firms.csv", on=date(2026, 11, 27)
    )
    assert data["fairs"] == plain(made.data())["fairs"]
    assert data["sizes"] == plain(made.data())["sizes"]


def test_without_a_budget_the_form_is_shown(anna: Browser) -> None:
    page = anna.get("/fairs", lang="en")
    assert page.status_code == 200
    assert "leave out" not in page.text
    assert 'name="budget"' in page.text
    wrong = anna.get("/fairs", lang="en", budget="-1")
    assert wrong.status_code == 400


def test_files_are_their_owner_s_until_taken_away(server: Served, anna: Browser) -> None:
    bo = server.browser("bo")
    assert "目录.csv" not in bo.get("/fairs").text
    assert bo.post("/fairs/drop").status_code == 400
    anna.post("/fairs/forget", kind="firms")
    shown = anna.get("/fairs").text
    assert "企业.csv" not in shown
    assert "目录.csv" in shown
