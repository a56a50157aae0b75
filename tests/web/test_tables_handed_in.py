"""Tables handed in on a page: what the question says of them, told to their owner alone."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import offing
from offing.terms.plain import plain
from shared_data import ROOT
from web_server import Browser, Served, audit_of

USERS = ("anna", "bo")

DATA = ROOT / "docs" / "tutorials" / "data"
DEALS = (
    "名称,金额,币种,天数,可接受币种\n"
    "汉堡 春季订单,1250000,EUR,90,USD\n洛杉矶,2000000,USD,60,\n韩国面板（应付）,-900000,USD,45,\n"
    "没有天数,5,USD,,\n"
)


class Case(NamedTuple):
    """A page: its tables, what is asked, the question, parts of the data, words of the page."""

    files: dict[str, bytes]
    asked: dict[str, str]
    ask: Callable[[Path], Any]
    parts: tuple[str, ...]
    words: dict[str, str]


CASES = {
    "fairs": Case(
        {
            "fairs": (DATA / "fairs.csv").read_bytes(),
            "firms": (DATA / "fair-firms.csv").read_bytes(),
        },
        {"budget": "CNY 2m", "on": "2026-11-27"},
        lambda folder: offing.fairs(
            folder / "fairs.csv", firms=folder / "firms.csv", budget="CNY 2m", on=date(2026, 11, 27)
        ),
        ("fairs", "sizes"),
        {"en": "leave out", "zh": "不支持"},
    ),
    "province": Case(
        {"exports": (DATA / "province.csv").read_bytes()},
        {"ahead": "1", "column": "on=统计期末", "on": "2026-11-27"},
        lambda folder: offing.province(
            folder / "exports.csv", ahead=1, column=["on=统计期末"], on=date(2026, 11, 27)
        ),
        ("outlook",),
        {"en": "What moved the exports", "zh": "出口变动的原因"},
    ),
    "settle": Case(
        {"deals": DEALS.encode("gbk")},
        {"deals": "1", "on": "2024-12-31", "risk": "3%"},
        lambda folder: offing.settle(book=folder / "deals.csv", on=date(2024, 12, 31), risk="3%"),
        ("book",),
        {"en": "row 5", "zh": "第 5 行"},  # the deal that is left out
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def bo(server: Served) -> Browser:
    return server.browser("bo")


@pytest.fixture(scope="module")
def anna(server: Served) -> Browser:
    browser = server.browser("anna")
    for name, case in CASES.items():
        sent = {kind: (f"我的{kind}.csv", content) for kind, content in case.files.items()}
        shown = browser.post(f"/{name}/drop", sent)
        assert shown.url.path == f"/{name}"
        assert all(f"我的{kind}.csv" in shown.text for kind in sent)
    return browser


@pytest.mark.parametrize("name", CASES)
def test_the_page_says_what_the_question_says(anna: Browser, name: str, tmp_path: Path) -> None:
    case = CASES[name]
    for kind, content in case.files.items():
        (tmp_path / f"{kind}.csv").write_bytes(content)
    data = anna.get(f"/{name}.json", **case.asked).json()["data"]
    asked = plain(case.ask(tmp_path).data())
    assert [data[part] for part in case.parts] == [asked[part] for part in case.parts]
    for lang, words in case.words.items():
        page = anna.get(f"/{name}", **case.asked, lang=lang)
        assert page.status_code == 200
        assert words in page.text
        assert "--exports" not in page.text, "a page has fields, no options"


@pytest.mark.parametrize("name", CASES)
def test_tables_are_their_owner_s_until_taken_away(
    server: Served, anna: Browser, bo: Browser, name: str
) -> None:
    empty = bo.get(f"/{name}", **CASES[name].asked)
    assert (empty.status_code, "我的" in empty.text) == (200, False)
    assert bo.post(f"/{name}/drop").status_code == 400, "no file is said"
    noted = {(entry["user"], entry["act"]) for entry in audit_of(server)}
    assert {user for user, act in noted if act.startswith("read ")} == {"anna"}
    *_, last = CASES[name].files
    assert f"我的{last}.csv" in anna.get(f"/{name}").text
    anna.post(f"/{name}/forget", kind=last)
    assert f"我的{last}.csv" not in anna.get(f"/{name}").text
