"""Preferences not claimed: Japan's 6203.42.200, 9.1 % and 6.3 % under RCEP on 31 March 2026."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from offing.landed.quote import rates_of
from offing.landed.shipment import Shipment
from offing.planning.plan import UnclaimedPreference
from offing.report.decision import NamedDecision
from offing.rules.regime_file import shipped
from offing.study.costs import Costing, cost_in_market
from offing.study.plan import unclaimed_preferences
from offing.terms.messages import Language, using_language
from report_example import decided
from report_markets import TELEVISIONS
from study.stand_ins import like, plain
from tariff_house import tariff_house

ON = date(2026, 3, 31)
SHIPMENT = Shipment("620342", "JPN", ON, Decimal(1), "USD")


def found(market: str, own: dict[str, Decimal], sales: float = 32_000.0) -> Any:
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
    cost, (one,) = found("JPN", {})
    assert (one.regime, one.names) == ("RCEP", {})
    assert (one.duty, one.duty_claimed) == pytest.approx((0.091, 0.063), abs=1e-5)
    # 100 pairs, each 2.8 % of its CIF value; Japan's consumption tax is got back
    assert one.saved_usd == pytest.approx(100 * 0.028 * float(cost.cif_usd), abs=1)
    assert found("JPN", {}, sales=0.0)[1] == ()


def test_a_duty_of_one_s_own_may_be_an_agreement_s_already() -> None:
    cost, (one,) = found("VNM", {"VNM": Decimal("0.25")})
    assert (one.regime, one.duty_claimed) == ("", None)
    assert one.names["en"].startswith("the ASEAN–China Free Trade Area (ACFTA) / the Regional")
    assert one.saved_usd == pytest.approx(100 * 0.25 * float(cost.cif_usd), abs=1)
    assert found("VNM", {"VNM": Decimal(0)})[1] == ()
    assert found("USA", {"USA": Decimal("0.25")})[1] == (), "no agreement holds"


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
