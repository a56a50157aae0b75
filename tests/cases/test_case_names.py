"""Other spellings of one name meet; names that mean something else do not."""

from decimal import Decimal

import pytest

from offing.cases.inputs import Inputs
from offing.cases.names import bare, plain
from offing.terms.errors import InputError

D = Decimal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("refund_rate", "rebate_rate"),
        ("退税率", "rebate_rate"),
        ("tax_rebate_rate", "rebate_rate"),
        ("planned_imports", "plan_import"),
        ("plan_distribution_ratio", "plan_ratio"),
        ("Section 301 rate", "s301_rate"),
        ("anti-dumping-rate", "ad_rate"),
        ("freight_usd", "freight_fc"),
        ("r_rmb", "r_cny"),
        ("exchange_rate", "fx"),
        ("city_rate", "urban_rate"),
    ],
)
def test_one_name(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("levy_rate", "rebate_rate"),
        ("freight", "freight_rate"),
        ("domestic_sales", "domestic_sales_gross"),
        ("freight_cny", "freight_fc"),
        ("export_fob_cny", "processing_fob_cny"),
        ("plan_ratio", "actual_ratio"),
        ("reduction_nd", "reduction_ecr"),
        ("insurance", "insurance_rate"),
        ("spot_home_per_fc", "spot_fc_per_home"),
        ("city", "urban"),
    ],
)
def test_names_that_stay_apart(one: str, other: str) -> None:
    assert plain(one) != plain(other)
    assert bare(one) != bare(other)


def test_a_name_that_says_per_cent_holds_per_cent() -> None:
    inputs = Inputs({"levy_rate_pct": D(13), "rebate_rate": "9%", "freight": "8 %"})
    assert inputs.number("levy_rate") == D("0.13")
    assert inputs.number("rebate_rate") == D("0.09")
    assert inputs.is_share("freight")
    assert inputs.unused() == ()


def test_the_exact_name_goes_first() -> None:
    inputs = Inputs({"freight_total": D(5), "freight": D(3)})
    assert inputs.number("freight") == D(3)
    assert inputs.number("freight_total") == D(5)


def test_a_sum_of_names_takes_each_input_once() -> None:
    inputs = Inputs({"inland_cost": D(5), "loading": D(1)}, outer=Inputs({"thc": D(2)}))
    assert inputs.total("inland_cost", "inland_costs", "loading", "thc") == D(8)


@pytest.mark.parametrize("text", ["2026/1/5", "2026.01.05", "2026年1月5日", "2026-01-05"])
def test_days_as_people_write_them(text: str) -> None:
    assert Inputs({"on": text}).needed_day("on").isoformat() == "2026-01-05"


def test_a_day_that_is_none_is_told() -> None:
    with pytest.raises(InputError):
        Inputs({"on": "5/1/2026"}).day("on")
