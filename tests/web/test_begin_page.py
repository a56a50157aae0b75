"""A study from a dropped ledger: what was read, what only the firm knows, and the way back."""

import html
import io
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from offing.api.begin import begin
from offing.study.file import read_study
from offing.study.template import fill_template, unanswered_fields
from web_server import Browser, Served, serving

HEADINGS = "日期,客户,国别,海关编码,数量(台),金额(万美元),机型"
LINES = (
    "2024-05-03,Muster,德国,852872,100,5.5,A", "2024-06-04,Otto,墨西哥,852872,100,4.4,B",
    "2024-06-05,Otto,火星,852872,100,4.4,B", "合计,,,,300,14.3,",
)  # fmt: skip
LEDGER = "\n".join(["海川公司出口明细,,,,,,", HEADINGS, *LINES]).encode("gb18030")
FIRM = {"firm.name": "海川显示", "firm.city": "青岛", "plant.0.line.0.hours": "6万"}
FIGURES = {"cost_cny": "1,900", "input_vat_cny": "200", "kg": "16.5", "m3": "0.14"}
SHIPPING = {
    "shipping.shipment_units": "320", "shipping.inland_usd_per_m3": "6.50",
    "shipping.export_clearance_usd": "150", "shipping.freight_usd_per_m3_fixed": "14",
    "shipping.freight_usd_per_m3_1000km": "2.10",
}  # fmt: skip
ANSWERS = {
    **FIRM, **SHIPPING, "firm.vat_status": "trader",
    **{f"model.{at}.{name}": value for at in (0, 1) for name, value in FIGURES.items()},
    "model.0.refund_rate": "13", "model.1.refund_rate": "13%",
}  # fmt: skip


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path / "home") as served:
        yield served


@pytest.fixture
def browser(server: Served) -> Browser:
    return server.browser()


def dropped(browser: Browser, content: bytes = LEDGER, name: str = "出口 明细.csv") -> str:
    """The page after a file was dropped on the first one."""
    shown = browser.post("/begin/drop", {"file": (name, content)})
    return html.unescape(shown.text)


class TestRead:
    def test_it_says_what_was_read_and_asks_what_was_not(self, browser: Browser) -> None:
        page = dropped(browser)
        assert "出口 明细.csv" in page
        assert "2 lines can be used" in page
        assert "Months with sales: 2; countries: 2; lines by currency: USD 2." in page
        assert "the 2 months since 3 May 2024" in page.replace("\xa0", " ")
        assert "火星" in page, "the row put aside stands there"
        for name in ANSWERS:
            assert f'name="{name}"' in page
        assert "550.00" in page, "the price of A, in dollars a set"
        assert not any(f"offing {word}" in page for word in ("ledger", "load", "run", "begin"))

    def test_a_plant_is_added_right_after(self, browser: Browser, server: Served) -> None:
        """One path: the study is written, and the form of a further plant stands open."""
        assert 'name="plant"' in dropped(browser)
        shown = browser.post("/begin/fill", None, **ANSWERS, plant="1")
        assert shown.url.path == "/edit"
        study = shown.url.params["study"]
        form = shown.text.partition('id="plant-h"')[0].rpartition("<details")[2]
        assert " open>" in form, "the form stands open"
        assert 'href="#plant-h"' in shown.text, "and the page leads to it"
        assert 'name="site.cost.1"' in shown.text
        site = {"site.name": "海防", "site.country": "越南", "site.hours": "5000"}
        browser.post("/edit/plant", None, study=study, **site, **{"site.cost.0": "2000"})
        plants = read_study(server.workbench.studies.named("owner", study).file).plant
        assert [plant.country for plant in plants] == ["CHN", "VNM"]
        assert [made.model for made in plants[1].makes] == ["A"]

    def test_a_heading_is_put_right_and_remembered(self, browser: Browser) -> None:
        other = LEDGER.replace("金额(万美元)".encode("gb18030"), "数字(万美元)".encode("gb18030"))
        page = dropped(browser, other)
        assert 'id="fill"' not in page
        assert 'class="field missing-field"' in page
        first, *_ = page.split('<p class="field', 1)[1:]
        assert first.startswith(" missing-field"), "what lacks stands first, before any swipe"
        mended = browser.post("/begin/mend", None, **{"column-amount": "数字(万美元)"})
        assert 'id="fill"' in mended.text
        browser.post("/begin/fill", None, **ANSWERS)
        assert 'id="fill"' in dropped(browser, other.replace(b"5.5", b"5.6"))

    def test_a_bare_dollar_is_asked_in_the_form_and_not_of_the_command_line(
        self, browser: Browser
    ) -> None:
        bare = LEDGER.replace("(万美元)".encode("gb18030"), b"").replace(b"5.5", b"$55000")
        page = dropped(browser, bare.replace(b"4.4", b"$44000"))
        assert "money of several countries" in page
        assert "--currency" not in page
        assert 'id="fill"' in browser.post("/begin/mend", None, currency="USD").text

    def test_a_line_with_a_bare_dollar_beside_other_money_is_asked_too(
        self, browser: Browser
    ) -> None:
        head = "Date,Country,Model,HS code,Qty,Amount,Term\n2024-05-03,Germany,A,852872,10,€4000,"
        mixed = f"{head}CIF\n2024-06-04,Korea,A,852872,10,$4200,FOB\n".encode()
        page = dropped(browser, mixed, "sales.csv")
        assert "a sign of several currencies" in page
        assert 'name="currency"' in page
        told = browser.post("/begin/mend", None, currency="USD").text
        assert "2 lines can be used" in told
        read = told.partition("Incoterm")[2].partition("</tr>")[0]
        assert "Term" in read


class TestFill:
    def test_the_answers_make_the_study_that_the_command_begins(
        self, browser: Browser, server: Served, tmp_path: Path
    ) -> None:
        dropped(browser)
        shown = browser.post("/begin/fill", None, **ANSWERS)
        assert shown.url.path == "/plan"
        place = server.workbench.studies.named("owner", shown.url.params["study"])
        study = read_study(place.file)
        assert [model.price_usd for model in study.model] == [Decimal(550), Decimal(440)]
        assert study.model[0].cost_cny == 1900
        assert study.model[1].refund_rate == Decimal("0.13")
        assert study.firm.vat_status == "trader"
        assert study.capacity(study.model[0]) == 60_000
        text = place.file.read_text("utf-8")
        assert "#? " not in text.partition("\n")[2]
        marked = [line for line in text.splitlines() if "ILLUSTRATIVE" in line]
        assert len(marked) == 4, "of the shipment, all but the one that was changed"
        (kept,) = [file for file in place.files() if file.suffix == ".csv"]
        assert kept.read_bytes() == LEDGER
        same = begin(kept, tmp_path / "by-command").file
        by_command = tomllib.loads(same.read_text("utf-8"))
        here = tomllib.loads(text)
        assert by_command["ledger"] == here["ledger"]
        assert [m["code"] for m in by_command["model"]] == [m["code"] for m in here["model"]]
        assert browser.post("/edit/undo", study=place.name).status_code == 404, "no half version"
        assert "出口 明细.csv" not in browser.get("/").text, "nothing waits any more"

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("model.1.cost_cny", "", "B: Cost of one unit"),
            ("model.0.input_vat_cny", "2000", "A: Input VAT of one unit"),
        ],
    )  # fmt: skip
    def test_a_wrong_answer_is_asked_again_and_the_others_stay(
        self, browser: Browser, server: Served, name: str, value: str, said: str
    ) -> None:
        dropped(browser)
        shown = browser.post("/begin/fill", None, **{**ANSWERS, name: value})
        assert shown.status_code in (400, 422)
        assert said in html.unescape(shown.text.partition('role="alert"')[2])
        assert server.studies() == []
        again = browser.get("/begin").text
        assert 'value="320"' in again or name == "shipping.shipment_units"
        assert not list(server.workbench.studies.home("owner").glob("studies/*"))

    @pytest.mark.parametrize("wrong", [
        {"firm.city": "", "model.0.kg": "heavy", "model.1.refund_rate": "130%"},
        {"model.0.m3": "0.0000001", "model.1.input_vat_cny": "1900"},
        {"model.1.cost_cny": "19000"},
    ])  # fmt: skip
    def test_all_that_cannot_be_used_is_told_at_once_each_at_its_field(
        self, browser: Browser, server: Served, wrong: dict[str, str]
    ) -> None:
        dropped(browser)
        shown = browser.post("/begin/fill", None, **{**ANSWERS, **wrong})
        assert shown.status_code == 400
        marked = shown.text.split('<div class="field missing-field">')[1:]
        names = [field.partition(' name="')[2].partition('"')[0] for field in marked]
        assert sorted(names) == sorted(wrong)
        assert all('<p class="wrong">' in field.partition("</div>")[0] for field in marked)
        assert server.studies() == []

    def test_half_of_the_answers_wait_for_another_day(
        self, browser: Browser, server: Served
    ) -> None:
        dropped(browser)
        half = {**FIRM, "model.1.kg": "17", "later": "1"}
        shown = browser.post("/begin/fill", None, **half)
        assert shown.url.path == "/"
        assert "Go on with 出口 明细.csv" in shown.text
        again = server.browser().get("/begin").text
        assert 'value="17"' in again
        assert 'value="海川显示"' in again
        gone = browser.post("/begin/forget")
        assert "Go on with" not in gone.text
        assert 'value="17.25"' not in browser.get("/begin").text


def test_every_waiting_line_has_its_place(tmp_path: Path) -> None:
    """What is filled in at its place reads back there, by TOML itself."""
    ledger = tmp_path / "ledger.csv"
    ledger.write_bytes(LEDGER)
    text = begin(ledger, tmp_path / "study").file.read_text("utf-8")
    lines = unanswered_fields(text)
    answers = {name: Decimal(number) for number, name in enumerate(lines, start=1000)}
    data = tomllib.loads(fill_template(text, answers), parse_float=Decimal)
    for name in lines:
        inside: Any = data
        for step in name.split("."):
            inside = inside[int(step)] if step.isdecimal() else inside[step]
        assert inside == answers[name], name
    assert unanswered_fields(fill_template(text, answers)) == {}
    assert fill_template(text, {}) == text


MODELS = b"Date,Country,Model,Description,Qty,Amount USD\n" + b"".join(
    f"2024-{month:02}-05,Germany,{name},{words},10,{usd}\n".encode()
    for month in range(1, 7)
    for name, words, usd in (("P1", "Pump", 900), ("V2", "Valve", 90))
)


class TestTableOfModels:
    """Codes and figures of all models at once: typed, pasted, or by a form that comes back."""

    def test_codes_are_asked_model_by_model(self, browser: Browser) -> None:
        page = dropped(browser, MODELS, "sales.csv")
        assert "P1 · Pump" in page
        assert '<option value="8413' in page, "codes that its words point to"
        assert 'id="fill"' not in page
        wrong = browser.post("/begin/codes", None, name="P1", **{"code.0": "zzz"})
        assert wrong.status_code == 400
        assert 'value="zzz"' in wrong.text
        said = browser.http.post("/begin/codes", data={
            "csrf": browser.mark, "name": ["P1", "V2"], "code.0": "8413.70.9990", "code.1": "",
        })  # fmt: skip
        page = html.unescape(said.text)
        assert 'id="fill"' in page
        assert "have 91% of the sales" in page
        assert "V2" in page, "what is left out is named"

    def test_a_table_is_pasted_with_and_without_its_headings(self, browser: Browser) -> None:
        dropped(browser, MODELS, "sales.csv")
        browser.post("/begin/codes", None, name="P1", pasted="P1\t841370\t520\nV2\t848180\t60\n")
        page = browser.get("/begin").text
        assert 'name="model.0.cost_cny"' not in page
        assert 'name="model.0.kg"' in page
        codes_or_costs = browser.post("/begin/fill", None, pasted="P1\t126000\t52\n", table="1")
        assert codes_or_costs.status_code == 400
        mixed = "kg\tModel\tInput VAT\n4\tP1\t52\n"
        kept = browser.post("/begin/fill", None, pasted=mixed, table="1", **{"firm.name": "Lu"})
        assert 'value="Lu"' in kept.text, "what was typed beside it stays"
        assert 'name="model.0.kg"' not in kept.text
        assert 'name="model.1.kg"' in kept.text
        bad = browser.post("/begin/fill", None, pasted="Model\tCost\nP1\t=A1\n", table="1")
        assert bad.status_code == 400
        assert "=A1" in html.unescape(bad.text)

    def test_a_refused_table_is_kept_and_a_corrected_one_takes_its_place(
        self, browser: Browser
    ) -> None:
        dropped(browser)
        pasted = "Model\tCost\nA\t1900\nXX-99\t=A1\n"
        refused = browser.post("/begin/fill", None, pasted=pasted, table="1")
        assert refused.status_code == 400
        kept = refused.text.partition('id="pasted"')[2].partition("\n")[2]
        assert html.unescape(kept).replace("\r", "").startswith(pasted)
        assert (
            "XX-99"
            in browser.post(
                "/begin/fill", None, pasted=pasted.replace("=A1", "1800"), table="1"
            ).text
        )
        page = browser.post("/begin/fill", None, pasted="Model\tCost\nB\t1800\n", table="1").text
        assert "XX-99" not in page
        assert 'name="model.0.cost_cny"' not in page, "what was said of A holds"

    def test_the_form_goes_out_and_comes_back_with_a_column_moved(self, browser: Browser) -> None:
        dropped(browser)
        book = openpyxl.load_workbook(io.BytesIO(browser.get("/begin/form").content))
        sheet = book.active
        assert sheet["A5"].value == "A"
        sheet["C5"], sheet["C6"] = 1900, 1800
        sheet.move_range("B4:B6", cols=8)
        book.save(content := io.BytesIO())
        sent = {"form": ("filled.xlsx", content.getvalue())}
        page = browser.post("/begin/fill", sent, table="1").text
        assert 'name="model.0.cost_cny"' not in page
        assert "1900.00 (from your table" in page or "1,900.00" in page
        sheet["C5"] = "=D5*7"
        book.save(content := io.BytesIO())
        refused = browser.post(
            "/begin/fill", {"form": ("filled.xlsx", content.getvalue())}, table="1"
        )
        assert refused.status_code == 400, "a formula that nobody computed is no figure"

    def test_one_column_for_two_fields_is_said(self, browser: Browser) -> None:
        dropped(browser)
        said = browser.post("/begin/mend", None, **{"column-buyer": "客户", "column-model": "客户"})
        assert said.status_code == 400
        assert "two fields" in said.text
