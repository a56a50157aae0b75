"""The pages that ask one question: they say what :mod:`offing.api` says, in two languages."""

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

import offing
from offing.api.rules import register
from offing.terms.plain import plain
from web_server import Browser, Served, serving

QUOTE: dict[str, Any] = {
    "product": "852872", "destination": "DEU", "price": "560 USD", "cost": "3150 CNY",
    "quantity": "300", "on": "2024-12-31", "duty": "14%",
}  # fmt: skip
ASKED = {
    "ladder": {"product": "8528", "market": "Germany", "price": "560"},
    "markets": {"product": "8528", "origin": "CHN", "horizon": "2"},
    "quote": QUOTE,
    "settle": {"amount": "100000", "currency": "EUR", "market": "DEU", "on": "2024-12-31"},
    "law": {"country": "DEU", "on": "2024-12-31"},
    "data": {},
}
DECLARED = (
    "海关编号,项号,出口日期,监管方式,商品编号,商品名称,成交数量,成交单位,总价,币制,成交方式\n"
    "420120260000000001,1,2026-03-02,0110,8528724000,电视机,100,台,50000,USD,FOB\n"
    "420120260000000001,1,2026-03-02,0110,8528724000,电视机,100,台,50000,USD,FOB\n"
).encode("gb18030")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("questions"), users=("lin", "wang")) as found:
        yield found


@pytest.fixture
def browser(served: Served) -> Browser:
    return served.browser("lin")


def words(page: str) -> str:
    """What a person reads of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


class TestAsked:
    @pytest.mark.parametrize("page", ASKED)
    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_an_answer_stands_under_its_question(
        self, browser: Browser, page: str, lang: str
    ) -> None:
        shown = browser.get(f"/{page}", lang=lang, **ASKED[page])
        assert shown.status_code == 200
        assert 'role="alert"' not in shown.text
        assert "web." not in words(shown.text)
        tables = re.findall(rf'/{page}\.csv\?([^"]*)"', html.unescape(shown.text))
        for query in tables:
            table = browser.http.get(f"/{page}.csv?{query}")
            assert table.status_code == 200
            assert table.content.startswith("\ufeff".encode())

    @pytest.mark.parametrize(
        ("page", "wrong", "said"),
        [
            ("ladder", {"product": "8528", "market": "Atlantis"}, "Atlantis"),
            ("quote", {**QUOTE, "price": "560 XYZ"}, "XYZ"),
            ("settle", {"amount": "many"}, "many"),
        ],
    )
    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_what_cannot_be_is_said_above_the_form(
        self, browser: Browser, page: str, wrong: dict[str, str], said: str, lang: str
    ) -> None:
        shown = browser.get(f"/{page}", lang=lang, **wrong)
        assert shown.status_code in (400, 404)
        refusal = shown.text.partition('role="alert"')[2].partition("</section>")[0]
        assert said in html.unescape(refusal)
        assert "<form" in shown.text, "the question can be put right"

    def test_no_field_takes_a_path(self, browser: Browser) -> None:
        for page in ("ladder", "markets", "quote", "settle", "law", "data", "refund"):
            shown = browser.get(f"/{page}").text
            names = set(re.findall(r'<(?:input|select)[^>]* name="(\w+)"', shown))
            assert not names & {"flows", "warehouse", "rules", "reform", "book"}
            assert browser.get(f"/{page}", warehouse="/etc", flows="/etc/passwd").status_code == 200


class TestPapers:
    """The refund page: tables are dropped, answered, and taken away."""

    def test_papers_are_checked(self, browser: Browser, served: Served) -> None:
        files = {"declarations": ("报关单.csv", DECLARED)}
        browser.post("/refund/drop", files=files)
        twin = browser.get("/refund.json", on="2026-11-24").json()["data"]
        home = served.workbench.studies.home("lin") / "papers"
        kept = home / "declarations" / "报关单.csv"
        answer = offing.refund(declarations=kept, on="2026-11-24")
        assert twin["papers"]["findings"]
        told = json.dumps(plain(answer.data()), ensure_ascii=False)
        assert str(kept.parent) in told  # of which the browser is told nothing
        assert twin["papers"] == json.loads(told.replace(f"{kept.parent}/", ""))
        browser.post("/refund/forget", kind="declarations")
        assert not kept.exists()


DECLARED_OWN_WORDS = (
    "单据,离开日,报的品名,报的价,币制\n531620260160000001001,2026-03-12,电视机,1000,USD\n"
).encode()


class TestHeadingsOfPapers:
    """A table with headings of its own is put right by hand, and findings cite its name."""

    @pytest.fixture
    def kept(self, browser: Browser) -> Iterator[None]:
        yield
        browser.post("/refund/forget", kind="declarations")

    @pytest.mark.usefixtures("kept")
    def test_headings_are_named_by_hand(self, browser: Browser) -> None:
        browser.post("/refund/drop", files={"declarations": ("自家明细.csv", DECLARED_OWN_WORDS)})
        refused = browser.get("/refund", lang="zh")
        assert refused.status_code == 400
        assert 'name="column-number"' in refused.text
        named = {"number": "单据", "export_date": "离开日", "name": "报的品名", "total": "报的价"}
        columns = {f"column-{ours}": theirs for ours, theirs in named.items()}
        browser.post("/refund/mend", None, kind="declarations", **columns)
        answer = browser.get("/refund.json", on="2026-11-24").json()["data"]["papers"]
        assert answer["items"] == 1
        assert not answer["aside"]


def test_the_record_is_scored_as_a_job(browser: Browser, served: Served) -> None:
    assert browser.get("/proof").text.count("<table") == 1, "the register of the rules alone"
    shown = browser.post("/proof/begin", horizon="3")
    assert "<progress" in shown.text
    jobs = served.workbench.jobs
    job = jobs.of("lin", "", "backtest")
    assert job is not None
    while job.state == "running":
        job = jobs.wait(job, 60)
    shown = browser.get("/proof")
    assert "<table" in shown.text
    answer = offing.backtest(horizon="3")
    twin = browser.get("/proof.json").json()["data"]
    assert twin["backtest"] == json.loads(json.dumps(plain(answer.data())))
    assert served.browser("wang").get("/proof.json").json()["data"]["backtest"] is None


class TestQuoteBeside:
    """Several destinations side by side; the general duty and the agreements that are loaded."""

    SIDE = QUOTE | {"duty": "", "beside": "英国、Brazil, GBR"}

    def test_the_same_shipment_to_each_destination(self, browser: Browser) -> None:
        page = browser.get("/quote", **self.SIDE)
        assert page.status_code == 200
        data = browser.get("/quote.json", **self.SIDE).json()["data"]
        quotes = data["beside"]["quotes"]
        assert [one["destination"] for one in quotes] == ["DEU", "GBR"]
        assert data["beside"]["reasons"].keys() == {"BRA"}, "its duty is not known"
        alone = offing.quote(
            "852872", "GBR", price="560 USD", cost="3150 CNY", quantity=300, on=date(2024, 12, 31)
        )
        assert quotes[1]["landed"] == str(alone.quote.landed)
        rows = browser.get("/quote.csv", **self.SIDE, table="quote-destinations").text
        landed = [line for line in rows.splitlines() if line.startswith("Landed")]
        assert f"{alone.quote.landed / 300:,.2f}" in landed[0]

    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_a_preference_stands_beside_the_general_duty(self, browser: Browser, lang: str) -> None:
        asked = QUOTE | {"destination": "AUS", "duty": "5%", "lang": lang}
        rows = browser.get("/quote.csv", **asked, table="quote-agreements").text.splitlines()
        assert [row.split(",")[0] for row in rows[1:]] == [
            "general (MFN)" if lang == "en" else "最惠国", "RCEP",
        ]  # fmt: skip
        assert "RCEP" in words(browser.get("/quote", **asked).text)
        assert "quote-agreements" not in browser.get("/quote", **QUOTE).text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_register_of_rules_and_the_record_of_plans_stand_on_the_proof_page(
    browser: Browser, lang: str
) -> None:
    rows = list(csv.DictReader(io.StringIO(
        browser.get("/proof.csv", table="rules-register", lang=lang).text.lstrip("\ufeff")
    )))  # fmt: skip
    entries = register()
    assert len(rows) == len(entries) > 40
    total = sum(sum(one.counts.values()) for one in entries)
    assert f"{total}" in words(browser.get("/proof", lang=lang).text)
    twin = browser.get("/proof.json").json()["data"]["register"]
    assert [one["importer"] for one in twin] == [one.importer for one in entries]
