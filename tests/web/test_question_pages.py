"""Orders, quotations and price tests in the browser: forms of their questions, and their files."""

import html
import re
from pathlib import Path

import polars as pl

from web_server import Browser

STUDY = Path(__file__).resolve().parents[1] / "museum" / "tv-maker-2024"
QUOTED = "报价日期 Date,型号 Model,国家 Country,单价 Price (USD),结果 Result\n"


def test_an_order_is_weighed_by_the_open_study(browser: Browser) -> None:
    asked = {"model": "HC-65M", "market": "DEU", "quantity": "500", "lang": "en"}
    page = browser.get("/order", study="tv", **asked)
    assert "HC-65M" in page.text
    assert "The answer" not in page.text, "no price is named yet"
    told = browser.get("/order.json", study="tv", price="560", **asked).json()["data"]
    assert told["verdict"] in ("take", "refuse", "counter")
    assert told["order"]["facts"] == "HC-65M"


def test_quotations_are_handed_in(browser: Browser) -> None:
    rows = "".join(
        f"2026-0{1 + n % 9}-05,M,德国,{500 + n},{('失单', '赢单')[n % 2]}\n" for n in range(30)
    )
    sent = {"quotations": ("报价.csv", (QUOTED + rows).encode())}
    browser.post("/quotations/drop", files=sent)
    found = browser.get("/quotations.json", lang="zh").json()["data"]
    assert found["fitted"] == [15, 15]
    assert "中标 15 笔，丢单 15 笔" in browser.get("/quotations", lang="zh").text


def test_a_test_rests_on_the_studys_ledger_and_is_read_back(browser: Browser) -> None:
    asked = {"change": "+5%", "model": "HC-65M", "margin": "20%"}
    told = browser.get("/experiment", study="tv", lang="en", **asked).text
    link = re.search(r'href="(/experiment/file[^"]+)"', told)
    assert link is not None
    assert "--out" not in told, "a page has no command line"
    file = browser.http.get(link[1].replace("&amp;", "&")).content
    table = pl.read_csv(file)
    assert {"arm", "stop_below"} <= {*table.columns}
    browser.post("/experiment/drop", files={"test": ("price-test.csv", file)})
    page = browser.get("/experiment", study="tv", lang="en").text
    assert "before a whole period of it" in page


def test_no_national_line_is_chosen_for_the_person(browser: Browser) -> None:
    """The line that fits by name may be the wrong one: one is chosen, and its charges are told."""
    study = browser.example()
    asked = {"study": study, "of": "HC-55Q", "destination": "USA", "lines": "1"}
    browser.post("/edit/change", None, study=study, **{"model.0.national_codes": ""})
    shown = html.unescape(browser.get("/quote", **asked).text)
    form = shown.partition('name="keep"')[2].partition("</select>")[0]
    first, *others = form.split("<option")[1:]
    assert 'value=""' in first
    assert others
    assert "selected" not in form
    assert "Section 301" in "".join(others)


def test_the_refund_of_the_open_study_needs_no_papers(browser: Browser) -> None:
    study = browser.example()
    shown = browser.get("/refund", study=study)
    assert shown.status_code == 200
    assert "typical month, and one more unit" in shown.text
    told = browser.get("/refund.json", study=study).json()["data"]["study"]
    place = browser.get("/start/study.toml", study=study).content
    assert len(told) == place.count(b"[[model]]")
