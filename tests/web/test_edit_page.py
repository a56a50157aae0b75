"""A study is changed in the browser: each change checked, refused at its field, undone."""

import html
import re
from decimal import Decimal
from pathlib import Path

import pytest

from offing.study.file import read_study
from web_server import EXAMPLES, Browser, Served, serving

LEDGER = (
    "日期,国家,海关编码,型号,数量,金额(美元)\n"
    "2024-06-01,德国,8528,HC-65M,10,5000\n"
    "2024-06-01,德国,8528,HC-99X,10,9000\n"
    "2024-07-01,法国,8516,水壶,100,1000\n"
    "2024-07-01,法国,8528,HC-1,1,100\n"
).encode("gb18030")
NEW = {
    "new.name": "99 寸电视", "new.code": "8528", "new.price_usd": "900", "new.cost_cny": "4000",
    "new.input_vat_cny": "400", "new.kg": "40", "new.m3": "0.4", "new.refund_rate": "13%",
    "new.line": "premium",
}  # fmt: skip
PLANT = {
    "site.name": "海防 厂", "site.country": "VNM", "site.hours": "1,200",
    "site.cost.0": "2,250.5", "site.cost.1": "3300",
}  # fmt: skip

HELD = {"currency": "USD", "amount": "100万", "rate": "7.12", "until": "2027-06-30", "side": "buy"}
FILLED = (
    {"firm.export_fob_cny": "35万", "firm.vat_status": "trader", "firm.city.zh": "宁波"},
    {"model.0.national_codes": "德国 85287240\n其他 852872", "model.0.brand": "oem",
     "model.0.elasticity": "2.5"},
    {"ledger.bands_usd": "400, 900", "ledger.keep_prices": "1"},
    {"ranges.freight.high": "2"},
    {"plant.0.line.2.name.en": "三号线", "plant.0.line.2.name.zh": "三号线",
     "plant.0.line.2.hours": "800"},
    {"plant.1.preference.1.market": "CAN", "plant.1.preference.1.name": "CUSMA",
     "plant.1.preference.1.duty": "0%", "plant.1.preference.1.least_content": "40%",
     "away.plant.1.makes.0": "1"},
    {"announced.0.market": "墨西哥", "announced.0.year": "2027", "announced.0.rate": "35%",
     "announced.0.probability": "60%"},
    {"entering.market.new": "巴西", "entering.market.new.certification_cny": "90,000"},
    {"settlement.days": "60", "settlement.buyer_limits_cny": "Nord GmbH 2: 120万",
     "away.settlement.payable.0": "1"},
    {f"settlement.held.0.{name}": text for name, text in HELD.items()},
    {"stress.shocks": "freight-2024"},
)  # fmt: skip
"""What is typed in each of the forms, one after the other."""


@pytest.fixture
def study(browser: Browser) -> str:
    return browser.example()


def file_of(server: Served, study: str) -> Path:
    return server.workbench.studies.named("owner", study).file


class TestEdit:
    def test_an_older_window_does_not_take_a_newer_change_back(
        self, browser: Browser, server: Served, study: str
    ) -> None:
        [seen] = {*re.findall(r'name="seen" value="(.+?)"', browser.get("/edit", study=study).text)}
        first = {"model.0.cost_cny": "2,200.50", "seen": seen}
        assert "Saved" in browser.post("/edit/change", None, study=study, **first).text
        older = {"model.0.cost_cny": "2300", "model.0.price_usd": "612", "seen": seen}
        told = browser.post("/edit/change", None, study=study, **older).text
        assert "was changed in another window" in told
        assert 'value="612"' in told, "what was typed stands there still"
        assert read_study(file_of(server, study)).model[0].cost_cny == Decimal("2200.5")

    def test_values_are_written_with_comments_kept_and_undone(
        self, browser: Browser, server: Served, study: str
    ) -> None:
        file = file_of(server, study)
        before = file.read_bytes()
        typed = {"model.0.cost_cny": "2,200.50", "model.0.refund_rate": "9%"}
        shown = browser.post("/edit/change", None, study=study, **typed)
        assert "Saved" in shown.text
        browser.post("/edit/change", None, study=study, **{"plant.0.line.0.hours": "9000"})
        browser.post(
            "/edit/change", None, study=study,
            **{"markets.must_keep": "德国、USA", "markets.consider": ""},
            **{"limits.likelier_than": "70%"},
        )  # fmt: skip
        now = read_study(file)
        assert (now.model[0].cost_cny, now.model[0].refund_rate) == (
            Decimal("2200.5"),
            Decimal("0.09"),
        )
        assert now.plant[0].line[0].hours == 9000
        assert now.markets.must_keep == ["DEU", "USA"]
        assert now.markets.consider == "all"
        assert now.limits.likelier_than == Decimal("0.7")
        assert "# materials, labour and overhead of one set" in file.read_text("utf-8")
        for _ in range(3):
            browser.post("/edit/undo", study=study)
        assert file.read_bytes() == before
        assert browser.post("/edit/undo", study=study).status_code == 404

    @pytest.mark.parametrize(
        ("name", "text", "said"),
        [
            ("model.1.m3", "0.0000001", "no goods are"),
            ("model.1.refund_rate", "0.13", "0.13 may be 0.13% or 13%"),
            ("duty", "墨西哥 0.15", "0.15 may be 0.15% or 15%"),
            ("model.1.cost_cny", "52000", "every one sold is a loss"),
            ("model.1.refund_rate", "17%", "above the levy rate"),
            ("markets.must_keep", "Germany, Mars", "DEU, 276 or Germany"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field(
        self, browser: Browser, server: Served, study: str, name: str, text: str, said: str
    ) -> None:
        file = file_of(server, study)
        before = file.read_bytes()
        shown = browser.post("/edit/change", None, study=study, **{name: text})
        assert shown.status_code == 400
        field = html.unescape(shown.text.partition(f'name="{name}"')[2].partition("</div>")[0])
        assert 'role="alert"' in field
        assert said in field
        assert f'"{text}"' in field or f">{text}<" in field, "what was typed stays"
        assert file.read_bytes() == before
        assert [f.name for f in file.parent.iterdir() if f.name.startswith(".")] == []

    def test_a_share_without_its_sign_is_per_cent(
        self, browser: Browser, server: Served, study: str
    ) -> None:
        typed = {"limits.largest_market_share": "35", "duty": "墨西哥 15、巴西 35%",
                 "model.0.refund_rate": "13", "rates.discount": "1"}  # fmt: skip
        assert "Saved" in browser.post("/edit/change", None, study=study, **typed).text
        now = read_study(file_of(server, study))
        assert now.limits.largest_market_share == Decimal("0.35")
        assert now.duty == {"MEX": Decimal("0.15"), "BRA": Decimal("0.35")}
        assert now.model[0].refund_rate == Decimal("0.13")
        assert now.rates.discount == Decimal("0.01")

    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_whatever_the_plan_asks_for_is_typed_and_undone(
        self, browser: Browser, server: Served, study: str, lang: str
    ) -> None:
        browser.get("/", lang=lang)
        file = file_of(server, study)
        before = file.read_bytes()
        for typed in FILLED:
            shown = browser.post("/edit/change", None, study=study, **typed)
            assert shown.status_code == 200, shown.text.partition("refusal")[2][:300]
        now = read_study(file)
        assert now.firm.export_fob_cny == 350_000
        assert (now.firm.vat_status, now.firm.city.zh) == ("trader", "宁波")
        assert now.model[0].national_codes == {"EUR": "85287240", "HS": "852872"}
        assert (now.model[0].brand, now.model[0].elasticity) == ("oem", Decimal("2.5"))
        assert now.ledger is not None
        assert now.ledger.bands_usd == [Decimal(400), Decimal(900)]
        assert now.ledger.keep_prices
        assert now.ranges.freight.high == 2
        assert [line.key for line in now.plant[0].line] == ["main", "premium", "三号线"]
        assert now.plant[1].preference[-1].least_content == Decimal("0.4")
        assert [made.model for made in now.plant[1].makes] == ["HC-65M"]
        (duty,) = now.announced
        assert (duty.market, duty.rate) == ("MEX", Decimal("0.35"))
        assert now.entering.market["BRA"].certification_cny == 90000
        settled = now.settlement
        assert settled is not None
        assert (settled.days, settled.payable) == (60, [])
        assert settled.buyer_limits_cny == {"Nord GmbH 2": 1_200_000}
        assert (settled.held[0].side, settled.held[0].rate) == ("buy", Decimal("7.12"))
        assert now.stress is not None
        assert now.stress.shocks == ["freight-2024"]
        assert "# materials, labour and overhead of one set" in file.read_text("utf-8")
        for _ in FILLED:
            browser.post("/edit/undo", study=study)
        assert file.read_bytes() == before

    def test_no_other_place_of_the_file_can_be_written(
        self, browser: Browser, server: Served, study: str
    ) -> None:
        before = file_of(server, study).read_bytes()
        for name in ("ledger.file", "rules", "firm.name", "model.0.__class__", "model.9.kg"):
            browser.post("/edit/change", None, study=study, **{name: "1"})
        assert file_of(server, study).read_bytes() == before

    def test_models_are_added_and_taken_out(
        self, browser: Browser, server: Served, study: str
    ) -> None:
        without = browser.post("/edit/add", None, study=study, **{**NEW, "new.refund_rate": ""})
        assert without.status_code == 400, "without it no plan could be made"
        refused = browser.post("/edit/add", None, study=study, **{**NEW, "new.kg": ""})
        assert refused.status_code == 400
        assert 'value="99 寸电视"' in refused.text
        browser.post("/edit/add", None, study=study, **NEW)
        models = read_study(file_of(server, study)).model
        assert (models[-1].key, models[-1].line) == ("99-寸电视", "premium")
        browser.post("/edit/change", None, study=study, **{f"away.model.{len(models) - 1}": "1"})
        assert len(read_study(file_of(server, study)).model) == len(models) - 1

    @pytest.mark.parametrize(("lang", "country"), [("en", "Vietnam"), ("zh", "越南")])
    def test_a_plant_is_added_its_cost_changed_and_undone(
        self, browser: Browser, server: Served, study: str, lang: str, country: str
    ) -> None:
        browser.get("/", lang=lang)
        file = file_of(server, study)
        before = file.read_bytes()
        typed = PLANT | {"site.country": country, "site.cost.1": ""}
        shown = browser.post("/edit/plant", None, study=study, **typed)
        assert shown.status_code == 200
        *_, plant = read_study(file).plant
        assert (plant.key, plant.country, plant.line[0].hours) == ("海防-厂", "VNM", Decimal(1200))
        assert [(m.model, m.cost_cny) for m in plant.makes] == [("HC-55Q", Decimal("2250.5"))]
        number = len(read_study(file).plant) - 1
        cost = f"plant.{number}.makes.0.cost_cny"
        assert f'name="{cost}"' in shown.text
        browser.post("/edit/change", None, study=study, **{cost: "2300"})
        assert read_study(file).plant[-1].makes[0].cost_cny == 2300
        browser.post("/edit/plant", None, study=study, **PLANT)
        keys = [line.key for plant in read_study(file).plant for line in plant.line]
        assert keys[-1] == "海防-厂-2", "a second of the same name has a key of its own"
        for _ in range(3):
            browser.post("/edit/undo", study=study)
        assert file.read_bytes() == before

    def test_a_study_outside_the_workbench_is_not_changed(self, tmp_path: Path) -> None:
        given = tmp_path / "mine"
        given.mkdir()
        for name in ("study.toml", "ledger.csv"):
            (given / name).write_bytes((EXAMPLES / "tv-maker" / name).read_bytes())
        before = (given / "study.toml").read_bytes()
        with serving(tmp_path / "home", study=given) as served:
            browser = served.browser()
            assert browser.get("/edit", study="mine").status_code == 200
            typed = {"model.0.cost_cny": "2200"}
            assert browser.post("/edit/change", None, study="mine", **typed).status_code == 400
        assert (given / "study.toml").read_bytes() == before


class TestUnknownModels:
    def test_each_is_asked_for_and_what_was_said_is_remembered(
        self, browser: Browser, server: Served, study: str
    ) -> None:
        browser.post("/ledger/drop", {"file": ("出口 2024.csv", LEDGER)}, study=study)
        shown = browser.post("/ledger/use", study=study)
        assert shown.url.path == "/ledger", "not on to the plan before it was asked"
        for name in ("HC-99X", "水壶", "HC-1"):
            assert f'name="name" value="{name}"' in shown.text
        file = file_of(server, study)
        refused = browser.post("/ledger/model", None, study=study, name="HC-99X", act="add")
        assert refused.status_code == 400
        mine = refused.text.partition("<strong>HC-99X</strong>")[2].partition("</li>")[0]
        assert 'role="alert"' in mine, "what is wrong stands at the model that is asked about"
        assert "HC-99X" not in file.read_text("utf-8")
        browser.post("/ledger/model", None, study=study, name="HC-99X", act="add", **NEW)
        browser.post("/ledger/model", None, study=study, name="水壶", act="leave")
        last = browser.post(
            "/ledger/model", None, study=study, name="HC-1", act="same", same="HC-65M"
        )
        assert last.url.path == "/plan", "nothing is left to ask"
        now = read_study(file)
        assert now.model[-1].ledger == ["HC-99X"]
        assert now.ledger is not None
        assert now.ledger.leave_out == ["水壶"]
        assert now.model[1].ledger == ["HC-65M", "HC-1"]
        assert now.ledger.file.name.startswith("出口 2024-")
        assert "# what the ledger's model column calls it" in file.read_text("utf-8")


class TestReopening:
    def test_a_study_that_is_opened_again_finds_its_ledger(
        self, browser: Browser, server: Served, study: str
    ) -> None:
        browser.post("/ledger/drop", {"file": ("a.csv", LEDGER)}, study=study)
        browser.post("/ledger/use", study=study)
        text = browser.get("/start/study.toml", study=study).content
        again = browser.post("/start/open", {"study_file": ("again.toml", text)})
        assert again.status_code == 200
        assert "HC-99X" in again.text
