"""A study's shipment in each market: the firm's tax by hand, prices on every side, missing rules.

The house of ``tariff_house`` has round rates: 8 CNY, 1.25 USD for one euro, 6.4 CNY for a dollar.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from offing.landed.quote import rates_of
from offing.landed.shipment import Shipment
from offing.planning.plan import RefundCorrection, UnclaimedPreference
from offing.report.charts.waterfall import line_name, status_of
from offing.report.decision import NamedDecision
from offing.rules.regime_file import shipped
from offing.study.costs import (
    NO_QUOTE,
    Costing,
    MarketCost,
    UnitRefund,
    add_refund,
    cost_in_market,
    duty_rates,
    km_between,
    quote_or_reason,
    refund_of_one_unit,
    refund_rate_of,
    request_for,
)
from offing.study.file import Study, read_study
from offing.study.plan import refund_corrections, unclaimed_preferences
from offing.study.run import _shipping_not_own
from offing.terms.errors import InputError
from offing.terms.exchange import FxTable
from offing.terms.messages import Language, say, using_language
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import fx_of
from offing.warehouse.store import starter_folder
from plain_study import STUDY
from report_example import decided
from report_markets import TELEVISIONS
from study.stand_ins import like, plain
from tariff_house import tariff_house

D = Decimal
BOOK = shipped()
HOUSE = tariff_house()
MONDAY = date(2026, 11, 2)
FX = fx_of(HOUSE, MONDAY)


def study(**changes: object) -> Study:
    firm: dict[str, object] = {
        "name": {"en": "made up", "zh": "虚构"},
        "origin": "CHN",
        "city": {"en": "Anywhere", "zh": "某地"},
        "made_up": True,
        "vat_status": "manufacturer",
        # A month by hand, at 13 % levied and 9 % refunded: 1,000,000 × 4 % = 40,000 is lost,
        # 100,000 - 40,000 = 60,000 is unused, under the ceiling of 90,000: 60,000 comes back.
        "export_fob_cny": "1000000",
        "input_tax_cny": "100000",
    }
    product: dict[str, object] = {
        "code": "852872",
        "name": {"en": "set", "zh": "电视机"},
        "cost_cny": "500",
        "input_vat_cny": "70",
        "levy_rate": "0.13",
        "refund_rate": "0.09",
        "price_usd": "125",  # 800 CNY
        "key": "852872",
        "kg": "10",
        "m3": "0.2",
        "national_codes": {"EUR": "85287240", "USA": "85287264"},
    }
    shipping: dict[str, object] = {
        "shipment_units": "100", "inland_usd_per_m3": "5", "export_clearance_usd": "50",
        "freight_usd_per_m3_fixed": "10", "freight_usd_per_m3_1000km": "2", "insurance_rate": "0",
    }  # fmt: skip
    for key, value in changes.items():
        for table in (firm, product, shipping):
            if key in table or (key in PRODUCT_ONLY and table is product):
                table[key] = value
    plant = {"key": "home", "country": firm["origin"], "line": [{"key": "main", "hours": "1000"}]}
    whole = {"schema": 2, "title": {"en": "t", "zh": "题"}, "on": MONDAY, "firm": firm}
    tables = {"model": [product], "plant": [plant], "shipping": shipping}
    return Study.model_validate({**whole, **tables})


PRODUCT_ONLY = ("price_term", "market_prices_usd")


def costed(made: Study, market: str, fx: FxTable = FX) -> MarketCost:
    return cost_in_market(made, made.model[0], market, 7500, D("0.09"), Costing(BOOK, HOUSE, fx))


def test_a_market_whose_money_has_no_rate_has_no_landed_cost_and_no_other_is_lost() -> None:
    """Pounds on a day without their rate: the margin stays that at FOB."""
    quoted = {code: rate for code, rate in FX.per_eur.items() if code != "GBP"}
    last = {code: day for code, day in FX.last.items() if code != "GBP"}
    without = replace(FX, per_eur=quoted, last=last)
    known, lost = costed(study(), "GBR"), costed(study(), "GBR", without)
    assert (known.missing, lost.missing, lost.quote) == (None, "study.no_rate", None)
    assert (lost.fob_usd, lost.margin_rate) == (known.fob_usd, known.margin_rate)
    assert costed(study(), "DEU", without).missing is None


def refund(made: Study, rate: str = "0.09", fob: str = "800") -> UnitRefund:
    return refund_of_one_unit(made.firm, made.model[0], D(rate), D(fob))


def test_a_manufacturer_with_a_gap_of_four_points() -> None:
    """One more unit of FOB 800 with 70 of input tax, by hand.

    800 × 4 % = 32 more is lost, so the refund rises by 70 - 32 = 38, not by 800 × 9 % = 72. The
    ceiling rises by 72; the 34 that are not refunded are exempt credit, with 12 % surtaxes on it.
    """
    found = refund(study())
    assert found.refund == 38
    assert found.simple == 72
    assert found.lost == D("36.08")
    assert found.effect is not None
    assert found.effect.nondeductible == 32
    assert found.effect.exempt_credit == 34
    assert found.effect.surtax == D("4.08")
    assert "38.00" in found.why()
    assert "72.00" in found.why()


def test_a_trading_company_by_its_purchase_invoice() -> None:
    """70 of input tax at 13 %: 70 × 9/13 comes back, the rest is cost, whatever the FOB price."""
    for fob in ("800", "8000"):
        found = refund(study(vat_status="trader"), fob=fob)
        assert round(found.refund, 2) == D("48.46")
        assert found.refund + found.lost == 70
        assert found.effect is None
    assert "48.46" in found.why()


def test_a_small_scale_firm_gets_nothing_back() -> None:
    found = refund(study(vat_status="small_scale"))
    assert found.refund == 0
    assert found.lost == 70
    assert found.why()


def test_cancelled_goods_are_taxed_like_a_sale_at_home() -> None:
    """FOB 800 holds 800 × 13/113 of tax; 12 % surtaxes are due on what 70 of input tax leaves."""
    made = study()
    found = refund_of_one_unit(made.firm, made.model[0], None, D("800"))
    tax = D(800) * D("0.13") / D("1.13")
    assert found.refund == found.simple == 0
    assert round(found.lost, 6) == round(tax + (tax - 70) * D("0.12"), 6)
    assert found.why()


def test_the_rulebook_cancels_batteries_in_2027() -> None:
    """MoF/STA Announcement 2026 No. 2: 6 % until 2026-12-31, cancelled from 2027-01-01."""
    battery = study().model[0].model_copy(update={"code": "850760", "refund_rate": None})
    assert refund_rate_of(battery, date(2026, 12, 31))[0] == D("0.06")
    rate, use = refund_rate_of(battery, date(2027, 1, 1))
    assert rate is None
    assert use is not None


def test_a_shipment_carries_the_firms_tax() -> None:
    """To Germany: 100 × 125 = 12,500 FOB. Carriage 20 m3 × (10 + 2 × 7.5) = 500, CIF 13,000.

    Cost 100 × 500 / 6.4 = 7,812.50, lost tax 100 × 36.08 / 6.4 = 563.75, to the port 100 + 50.
    Margin 12,500 - 8,526.25 = 3,973.75. Duty 14 % of 13,000.
    """
    made = study()
    asked, fob, _ = add_refund(
        request_for(made, made.model[0], "DEU", "EUR", 7500), made.firm, made.model[0], D("0.09"),
        Costing(BOOK, HOUSE, FX),
    )  # fmt: skip
    assert fob == 12500
    assert asked.refund_cny == 38
    assert asked.not_deductible_cny == D("36.08")
    assert asked.national_code == "85287240"
    cost = costed(made, "DEU")
    assert cost.quote is not None
    lines = {line.name: line.amount for line in cost.quote.lines}
    assert lines["not_deductible"] == D("563.75")
    assert lines["margin"] == D("3973.75")
    assert lines["duty"] == D("1820.00")
    assert cost.quote.refund == D("593.75")  # 100 × 38 / 6.4
    assert cost.margin_rate == D("3973.75") / 12500
    assert cost.fob_usd == 125
    assert cost.cif_usd == 130
    assert duty_rates({"DEU": cost}) == {"DEU": 0.14}


def test_a_delivered_price_is_brought_back_first() -> None:
    """A DDP price equal to the landed cost of the FOB study leads back to the same FOB value."""
    free = costed(study(), "DEU")
    assert free.quote is not None
    landed = free.quote.landed / 100
    delivered = costed(study(price_usd=f"{landed:.4f}", price_term="DDP"), "DEU")
    assert abs(delivered.fob_usd - 125) < D("0.001")
    assert delivered.quote is not None
    assert abs(delivered.quote.refund - D("593.75")) < D("0.01")


@pytest.mark.parametrize(
    ("market", "missing"), [("NPL", "study.no_regime"), ("KOR", "study.no_tariff_line")]
)
def test_a_market_without_rules_still_has_its_margin(market: str, missing: str) -> None:
    cost = costed(study(), market)
    assert cost.missing == missing
    assert cost.quote is None
    assert cost.duty_rate is None
    assert cost.margin_rate == D("3973.75") / 12500
    assert duty_rates({market: cost}) == {}


def test_a_price_under_its_carriage_is_refused() -> None:
    with pytest.raises(InputError, match="carriage"):
        costed(study(price_usd="2", price_term="CFR"), "DEU")


def test_the_refund_rate_is_the_studys_or_the_rulebooks() -> None:
    facts = study().model[0]
    assert refund_rate_of(facts, MONDAY) == (D("0.09"), None)
    battery = facts.model_copy(update={"refund_rate": None, "code": "850760"})
    rate, use = refund_rate_of(battery, MONDAY)
    assert use is not None
    assert use.id == "chn.refund.battery"
    assert (str(rate), use.inputs) == (use.value, (("levy_rate", "0.13"),))


def test_no_refund_rate_is_assumed_for_a_product() -> None:
    unknown = study().model[0].model_copy(update={"refund_rate": None})
    with pytest.raises(InputError, match="none is assumed"):
        refund_rate_of(unknown, MONDAY)


def test_distances_are_those_of_the_starter_world() -> None:
    house = Warehouse(starter_folder(), is_starter=True)
    found = km_between(house, "CHN", "DEU")
    assert found is not None
    assert 7000 < found < 9000  # capital to capital; GeoDist weighs the largest cities
    assert km_between(house, "CHN", "XXX") is None


def test_several_national_lines_are_said() -> None:
    assert costed(study(national_codes={}), "USA").missing == "study.several_tariff_lines"


@pytest.mark.parametrize(
    ("key", "asked"), [("landed.no_line_for", ["{}", "{'mfn': '0.1'}"]), ("landed.no_fx", ["{}"])]
)
def test_an_own_duty_stands_in_for_a_duty_alone(key: str, asked: list[str]) -> None:
    """A rate of exchange that is missing is missing with the study's duty too: asked once."""
    seen: list[str] = []

    def refuse(shipment: Shipment) -> Any:
        seen.append(str(dict(shipment.duties)))
        raise InputError(key)

    request = Shipment("852872", "DEU", date(2024, 12, 31), Decimal(1), "USD")
    by: Any = like(quote=refuse)
    assert quote_or_reason(request, Decimal("0.1"), by) == (None, NO_QUOTE[key])
    assert seen == asked


FOB_USD, YUAN = Decimal(320), Decimal(7)


def found(rate: str, status: str = "manufacturer", code: str = "850760") -> Any:
    """100 pieces a year at 320 dollars FOB, on 30 June 2025."""
    firm = plain().firm.model_copy(
        update={"vat_status": status, "export_fob_cny": Decimal(10_000_000)}
    )
    study = plain().model_copy(update={"on": date(2025, 6, 30), "firm": firm})
    update = {"code": code, "national_codes": {}, "refund_rate": Decimal(rate)}
    facts = plain().model[0].model_copy(update=update)
    product = like(
        imports=like(facts=facts), sales=like(now={"DEU": 32_000.0, "KEN": 9e9}),
        standings={"DEU": like(cost=like(fob_usd=FOB_USD))},
    )  # fmt: skip
    fx = like(convert=lambda amount, *_: amount * YUAN)
    return refund_corrections(like(study=study, fx=fx), [product])


@pytest.mark.parametrize(("given", "points"), [("0.13", "-0.04"), ("0.06", "0.03")])
def test_tax_that_is_not_refunded_is_a_part_of_fob(given: str, points: str) -> None:
    """免抵退: FOB × (levy − refund rate) stays a cost, whatever the input tax is."""
    (one,) = found(given)
    assert (one.given, one.by_law) == (float(given), 0.09)
    assert one.yearly_cny == pytest.approx(100 * float(FOB_USD * YUAN * Decimal(points)))


def test_a_trader_gets_its_input_tax_at_the_rate() -> None:
    """免退: 150 yuan of input tax at 13 % come back at 9 / 13 in place of all."""
    (one,) = found("0.13", "trader")
    assert one.yearly_cny == pytest.approx(-100 * 150 * 4 / 13)


def test_no_correction_where_the_law_is_the_same_or_not_known() -> None:
    assert found("0.09") == ()
    assert found("0.13", code="852872") == (), "what is not known is no other rate"


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ("put the refund rate right, 13% → 9%", "a year")), ("zh", ("更正退税率，13% → 9%",))],
)
def test_it_stands_among_what_is_certain(lang: Language, words: tuple[str, ...]) -> None:
    one = RefundCorrection(TELEVISIONS, 0.13, 0.09, -89_600.0)
    figures = replace(decided(), refund_corrections=(one,))
    named = NamedDecision(figures, {}, {}, {"main": ""}, {TELEVISIONS: "item"}, date(2025, 6, 30))
    with using_language(lang):
        told = str(named.answer()).replace("\u00a0", " ")
    for word in words:
        assert word in told
    assert {"en": "89,600", "zh": "8.96"}[lang] in told


ON = date(2026, 3, 31)
SHIPMENT = Shipment("620342", "JPN", ON, Decimal(1), "USD")


def preferred(market: str, own: dict[str, Decimal], sales: float = 32_000.0) -> Any:
    """Trousers of USD 320 sold for USD 32,000 a year: 100 pairs."""
    facts = (
        plain()
        .model[0]
        .model_copy(update={"code": "620342", "national_codes": {"JPN": "620342200"}})
    )
    study = plain().model_copy(update={"on": ON, "duty": own})
    fx = rates_of(SHIPMENT, tariff_house())
    by = Costing(shipped(), tariff_house(), fx)
    cost = cost_in_market(study, facts, market, 1000.0, Decimal("0.13"), by)
    product = like(
        imports=like(facts=facts), sales=like(now={market: sales}),
        standings={market: like(cost=cost)},
    )  # fmt: skip
    world = like(
        study=study, laws=like(rulebook=shipped()), warehouse=tariff_house(), fx=fx,
        km={market: 1000.0},
    )  # fmt: skip
    return cost, unclaimed_preferences(world, [product])


def test_a_loaded_schedule_takes_the_difference_off_today_s_sales() -> None:
    cost, (one,) = preferred("JPN", {})
    assert (one.regime, one.names) == ("RCEP", {})
    assert (one.duty, one.duty_claimed) == pytest.approx((0.091, 0.063), abs=1e-5)
    # 100 pairs, each 2.8 % of its CIF value; Japan's consumption tax is got back
    assert one.saved_usd == pytest.approx(100 * 0.028 * float(cost.cif_usd), abs=1)
    assert preferred("JPN", {}, sales=0.0)[1] == ()


def test_a_duty_of_one_s_own_may_be_an_agreement_s_already() -> None:
    cost, (one,) = preferred("VNM", {"VNM": Decimal("0.25")})
    assert (one.regime, one.duty_claimed) == ("", None)
    assert one.names["en"].startswith("the ASEAN–China Free Trade Area (ACFTA) / the Regional")
    assert one.saved_usd == pytest.approx(100 * 0.25 * float(cost.cif_usd), abs=1)
    assert preferred("VNM", {"VNM": Decimal(0)})[1] == ()
    assert preferred("USA", {"USA": Decimal("0.25")})[1] == (), "no agreement holds"


def first_screen(lang: Language, *preferences: UnclaimedPreference) -> str:
    figures = replace(decided(), preferences=preferences)
    named = NamedDecision(figures, {}, {}, {"main": ""}, {TELEVISIONS: "item"}, ON)
    with using_language(lang):
        return str(named.answer()).replace("\u00a0", " ")


def test_what_can_be_claimed_is_certain_and_what_may_be_is_to_be_found_out() -> None:
    loaded = UnclaimedPreference(TELEVISIONS, "JPN", "RCEP", {}, 0.091, 0.063, 2e6)
    names = {"en": "an agreement", "zh": "某协定"}
    unknown = UnclaimedPreference(TELEVISIONS, "VNM", "", names, 0.125, None, 3e6)
    said = first_screen("en", loaded, unknown, replace(unknown, market="MYS", saved_usd=1e6))
    assert "Japan: claim RCEP for" in said
    assert "duty 9.1% → 6.3%" in said
    assert "Vietnam: whether" in said
    assert "up to CNY" in said
    assert "at 12.5% on today's sales" in said
    assert "Malaysia" not in said, "the largest alone"
    assert said.index("claim RCEP") < said.index("Vietnam")
    assert "按某协定享受优惠税率" in first_screen("zh", unknown)
    assert "claim" not in first_screen("en", replace(loaded, saved_usd=10.0)), "not worth a line"


def test_a_figure_that_is_not_the_firms_own_is_marked_illustrative(tmp_path: Path) -> None:
    """Freight rests on two figures, one of them an example's; nothing is said of the insurance."""
    file, mark = tmp_path / "study.toml", " # " + say("study.begun_illustrative")
    file.write_text(STUDY.replace("m3_fixed = 14.00", "m3_fixed = 14.00" + mark), encoding="utf-8")
    assert read_study(file).shipping.illustrative_lines() == {"freight", "insurance"}
    assert [c.values["count"] for c in _shipping_not_own(read_study(file))] == [1]
    file.write_text(f"{STUDY}insurance_rate = 0.003\n", encoding="utf-8")
    assert not [*_shipping_not_own(read_study(file))]
    assert read_study(file).shipping.illustrative_lines() == set()
    made = study(insurance_rate="0.002")
    made.shipping.mark_illustrative(["freight_usd_per_m3_1000km", "insured_markup"])
    quoted = costed(made, "DEU").quote
    assert quoted is not None
    of = {line.name: status_of(line) for line in quoted.lines}
    assert [of[name] for name in ("cost", "inland", "freight", "insurance", "fob", "margin")] == [
        "user", "user", "illustrative", "user", None, None,
    ]  # fmt: skip
    assert line_name(next(line for line in quoted.lines if line.name == "freight"))[-1] == "◇"
