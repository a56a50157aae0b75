"""Many deals on the settle page: handed in as a table, netted, shown to their owner alone."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import offing
from offing.terms.plain import plain
from web_server import Browser, Served, serving

DEALS = (
    "名称,金额,币种,天数,可接受币种\n"
    "汉堡 春季订单,1250000,EUR,90,USD\n洛杉矶,2000000,USD,60,\n韩国面板（应付）,-900000,USD,45,\n"
    "没有天数,5,USD,,\n"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("deals"), users=("anna", "bo")) as served:
        yield served


@pytest.fixture(scope="module")
def anna(server: Served) -> Browser:
    browser = server.browser("anna")
    assert "1250000" not in browser.get("/settle").text
    shown = browser.post("/settle/drop", {"deals": ("交易.csv", DEALS.encode("gbk"))})
    assert shown.url.path == "/settle"
    assert "交易.csv" in shown.text
    return browser


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_book_says_what_the_question_says(anna: Browser, tmp_path: Path, lang: str) -> None:
    file = tmp_path / "deals.csv"
    file.write_text(DEALS, "utf-8")
    asked = {"deals": "1", "on": "2024-12-31", "risk": "3%"}
    data = anna.get("/settle.json", **asked).json()["data"]
    book = plain(offing.settle(book=file, on=date(2024, 12, 31), risk="3%").data())
    assert data["book"] == book["book"]
    page = anna.get("/settle", **asked, lang=lang)
    assert page.status_code == 200
    assert ("第 5 行" if lang == "zh" else "row 5") in page.text, (
        "the deal that is left out is told"
    )
    assert 'name="deals" value="1"' in page.text, "the form asks of the book again"


def test_a_book_is_its_owner_s_until_taken_away(server: Served, anna: Browser) -> None:
    bo = server.browser("bo")
    assert "交易.csv" not in bo.get("/settle", deals="1").text
    assert "book" not in (bo.get("/settle.json", deals="1").json().get("data") or {})
    noted = {(e.user, e.act) for e in server.workbench.audit.entries()}
    assert ("anna", "read book") in noted
    assert ("bo", "read book") not in noted
    assert "交易.csv" in anna.get("/settle").text
    anna.post("/settle/forget", kind="deals")
    assert "交易.csv" not in anna.get("/settle").text


def test_what_is_no_book_is_refused_by_the_name_it_had(anna: Browser) -> None:
    shown = anna.post("/settle/drop", {"deals": ("不是交易.csv", b"a,b\n1,2\n")})
    assert shown.status_code == 400
    assert "不是交易.csv" in shown.text
    anna.post("/settle/forget", kind="deals")
    assert anna.post("/settle/drop").status_code == 400
