"""Every figure of a study file: both ends that it may have, just beyond them, and what stands in.

The bounds are what the words mean (a share is 0 to 1, a class of exporters 1 to 4), the figures
that stand in are what `docs` promises a reader who leaves a key out.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from offing.study.file import read_study
from offing.study.schema import (
    Announced,
    Channel,
    Entering,
    FirmFacts,
    FreightSpan,
    Held,
    InputsSpan,
    LedgerFile,
    Limits,
    Line,
    Makes,
    Markets,
    ModelFacts,
    Payable,
    Plant,
    Preference,
    Ranges,
    Rates,
    SettlementFacts,
    Shipping,
    StressFacts,
    StudySection,
)
from offing.terms.errors import InputError
from plain_study import STUDY

D = Decimal
LEAST, MANY = D("0.000001"), D(10) ** 12
SHARE = (0, 1, D("-0.000001"), D("1.000001"))
ABOVE_0 = (LEAST, MANY, 0, None)
FROM_0 = (0, MANY, -LEAST, None)
DUTY = (0, 10, -LEAST, D("10.000001"))
DAYS = (0, 1080, -1, 1081)

BOUNDS: dict[tuple[type[StudySection], str], tuple[Any, Any, Any, Any]] = {
    (FirmFacts, "firm_class"): (1, 4, 0, 5),
    **{
        (FirmFacts, name): FROM_0
        for name in (
            "domestic_output_tax_cny", "input_tax_cny", "opening_credit_cny", "export_fob_cny"
        )
    },
    (ModelFacts, "input_vat_cny"): (0, 17, -LEAST, D("17.000001")),  # 17 % of the cost of 100
    (ModelFacts, "levy_rate"): SHARE,
    (ModelFacts, "refund_rate"): (0, D("0.17"), D("-0.000001"), D("0.170001")),
    (ModelFacts, "hours"): ABOVE_0, (ModelFacts, "minimum_lot"): FROM_0,
    (ModelFacts, "price_usd"): ABOVE_0,
    (ModelFacts, "elasticity"): (D("1.000001"), 50, 1, None),
    (Line, "hours"): ABOVE_0, (Makes, "cost_cny"): ABOVE_0, (Makes, "hours"): ABOVE_0,
    (Preference, "duty"): DUTY, (Preference, "least_content"): SHARE,
    (Plant, "local_content"): SHARE, (Plant, "days"): DAYS,
    (Markets, "year"): (1900, 2100, 1899, 2101), (Markets, "horizon"): (1, 5, 0, 6),
    (Shipping, "shipment_units"): ABOVE_0, (Shipping, "export_clearance_usd"): FROM_0,
    (Shipping, "insurance_rate"): (0, D("0.05"), -LEAST, D("0.050001")),
    (Shipping, "insured_markup"): (0, D("0.5"), -LEAST, D("0.500001")),
    (Channel, "commission"): SHARE, (Channel, "margin"): (0, D("0.999999"), -LEAST, 1),
    **{
        (Entering, f"{name}_cny"): FROM_0
        for name in ("certification", "listing", "promotion", "visits", "first_stock")
    },
    (FreightSpan, "low"): (LEAST, 1, 0, D("1.000001")),
    (FreightSpan, "high"): (1, 10, D("0.999999"), D("10.1")),
    (Announced, "year"): (2000, 2100, 1999, 2101), (Announced, "rate"): DUTY,
    (Announced, "probability"): (LEAST, D("0.999999"), 0, 1),
    (Rates, "discount"): SHARE, (Rates, "interest"): SHARE, (Rates, "credit_insurance"): SHARE,
    (Limits, "largest_market_share"): SHARE, (Limits, "entry_share"): SHARE,
    (Limits, "caution"): SHARE, (Limits, "largest_growth"): ABOVE_0,
    (Limits, "return_after"): (0, 10, -1, 11),
    (Limits, "least_margin_rate"): (D("-0.999999"), D("0.999999"), -1, 1),
    (Limits, "likelier_than"): (D("0.5"), D("0.999999"), D("0.499999"), 1),
    (Limits, "entry_budget_cny"): FROM_0, (Limits, "working_capital_cny"): ABOVE_0,
    (StressFacts, "draws"): (20, 5000, 19, 5001),
    (Payable, "amount_a_year"): ABOVE_0, (Payable, "days"): DAYS,
    (Held, "amount"): ABOVE_0, (Held, "rate"): ABOVE_0,
    (SettlementFacts, "days"): DAYS, (SettlementFacts, "risk"): SHARE,
    (SettlementFacts, "cny_discount"): SHARE,
}  # fmt: skip
"""Key → the least and the most that it may be, and what is just less and just more."""

NEEDED: dict[type[StudySection], dict[str, Any]] = {
    FirmFacts: {"name": "F", "origin": "CHN", "city": "C"},
    ModelFacts: {
        "code": "8528", "name": "M", "cost_cny": 100, "input_vat_cny": 1, "price_usd": 20,
        "kg": 1, "m3": D("0.01"), "key": "m",
    },
    Line: {"key": "l", "hours": 1}, Makes: {"model": "m", "line": "l", "cost_cny": 1},
    Preference: {"market": "DEU", "name": "A", "duty": 0, "least_content": D("0.4")},
    Plant: {"key": "p", "country": "CHN", "line": [{"key": "l", "hours": 1}]},
    Shipping: {
        "shipment_units": 1, "inland_usd_per_m3": 1, "export_clearance_usd": 1,
        "freight_usd_per_m3_fixed": 1, "freight_usd_per_m3_1000km": 1,
    },
    Announced: {"market": "DEU", "year": 2026, "rate": 0, "probability": D("0.5")},
    StressFacts: {"shocks": ["a"]}, Payable: {"currency": "EUR", "amount_a_year": 1},
    Held: {"currency": "EUR", "amount": 1, "rate": 7, "until": date(2027, 1, 1)},
    LedgerFile: {"file": "l.csv"},
}  # fmt: skip


def read(section: type[StudySection], **given: Any) -> StudySection:
    return section.model_validate({**NEEDED.get(section, {}), **given})


@pytest.mark.parametrize(("place", "ends"), BOUNDS.items(), ids=lambda p: str(p))
def test_both_ends_may_be_and_nothing_beyond_them(
    place: tuple[type[StudySection], str], ends: tuple[Any, Any, Any, Any]
) -> None:
    section, name = place
    least, most, below, above = ends
    more = {"levy_rate": D("0.17")} if name == "refund_rate" else {}  # no more than was levied
    for value in (least, most):
        assert getattr(read(section, **{name: value}, **more), name) == value
    for value in (below, above):
        if value is not None:
            with pytest.raises(ValidationError):
                read(section, **{name: value})


LEFT_OUT: dict[type[StudySection], dict[str, Any]] = {
    FirmFacts: {
        "made_up": False, "vat_status": "manufacturer", "firm_class": 2,
        "domestic_output_tax_cny": 0, "input_tax_cny": 0, "opening_credit_cny": 0,
        "export_fob_cny": 0,
    },
    # 13 %: the levy rate of goods since 2019-04-01, MoF, STA and Customs, announcement 2019 No. 39
    ModelFacts: {
        "unit": "item", "brand": "own", "levy_rate": D("0.13"), "refund_rate": None,
        "price_term": "FOB", "hours": 1, "minimum_lot": 0, "elasticity": None,
    },
    Plant: {"made_up": False, "local_content": None, "days": 0},
    LedgerFile: {"bands_usd": None, "currency": None, "dates": None},
    Markets: {"consider": "all", "year": None, "horizon": 2, "tiers": "split-2007"},
    # 110 % of CIF: Incoterms 2020, CIF, A5
    Shipping: {"insurance_rate": D("0.003"), "insured_markup": D("0.1"), "mode": "sea"},
    Channel: {"commission": 0, "margin": 0},
    FreightSpan: {"low": D("0.7"), "high": D("1.6")},
    InputsSpan: {"low": D("0.92"), "high": D("1.1")},
    Ranges: {"freight": FreightSpan(), "inputs": InputsSpan()},
    Rates: {"discount": D("0.08"), "interest": D("0.035"), "credit_insurance": 0},
    Limits: {
        "largest_market_share": D("0.35"), "least_margin_rate": D("0.03"),
        "largest_growth": 3, "caution": D("0.25"), "return_after": 2,
        "entry_share": D("0.02"), "worst_twentieth_cny": None,
        "likelier_than": D("0.6667"), "entry_budget_cny": None, "working_capital_cny": None,
    },
    StressFacts: {"reverse": True, "floor_cny": 0, "draws": 200},
    Payable: {"days": 30}, Held: {"side": "sell"},
    SettlementFacts: {
        "days": 90, "terms": "open_account", "accepts": ["USD"], "risk": D("0.02"),
        "cny_discount": 0,
    },
}  # fmt: skip


@pytest.mark.parametrize(("section", "usual"), LEFT_OUT.items(), ids=lambda s: str(s)[-25:])
def test_what_stands_in_for_what_is_left_out(
    section: type[StudySection], usual: dict[str, Any]
) -> None:
    made = read(section)
    assert {name: getattr(made, name) for name in usual} == usual


@pytest.mark.parametrize(
    ("old", "new", "may"),
    [
        ("schema = 2", "schema = 2\nseed = 0\nrates_age = 0", True),
        ("schema = 2", "schema = 2\nseed = -1", False),
        ("schema = 2", "schema = 2\nrates_age = -1", False),
        ('[[plant.line]]\nkey = "main"\nhours = 60000', "line = []", False),
        ("[shipping]", '[stress]\nshocks = ["usa_section_301"]\n[shipping]', True),
        ("[shipping]", "[stress]\nshocks = []\n[shipping]", False),
        ("[shipping]", "[settlement]\naccepts = []\n[shipping]", False),
        ("[shipping]", '[settlement]\naccepts = ["EUR"]\n[shipping]', True),
        ("[shipping]", '[settlement]\nmarket_accepts = { DEU = ["EUR"] }\n[shipping]', True),
        ("[shipping]", "[settlement]\nmarket_accepts = { DEU = [] }\n[shipping]", False),
    ],
)
def test_a_whole_study(tmp_path: Path, old: str, new: str, may: bool) -> None:
    assert old in STUDY
    file = tmp_path / "study.toml"
    file.write_text(STUDY.replace(old, new), encoding="utf-8")
    if may:
        read_study(file)
        return
    with pytest.raises(InputError):
        read_study(file)


def test_what_stands_in_for_a_seed_and_an_age(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(STUDY, encoding="utf-8")
    study = read_study(file)
    assert (study.seed, study.rates_age) == (1, 62)
