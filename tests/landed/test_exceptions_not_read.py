"""A charge whose exceptions were not read has both sums; agreements beside the general duty."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cautions import keyed
from dated_law import law_file
from offing.api.quote import QuoteAnswer, quote
from offing.landed.batch import compare_preferences
from offing.landed.quote import rates_of
from offing.landed.shipment import Shipment
from offing.report.views.quote import view
from offing.rules.regime_file import shipped
from offing.rules.rule_use import EXCEPTIONS_NOT_READ
from offing.terms.messages import using_language
from offing.terms.money import Money
from tariff_house import tariff_house

D = Decimal


def asked(folder: Path, status: str, **more: Any) -> QuoteAnswer:
    given: dict[str, Any] = {
        "on": date(2026, 11, 30), "price": "1000 ISK", "currency": "ISK", "freight": "100 ISK",
        "quantity": 1, "duty": "5%", "rules": law_file(folder, status=status),
    }  # fmt: skip
    return quote("851660", "ISL", **given | more)


def test_both_sums_by_hand(tmp_path: Path) -> None:
    """1,100 × 5 % = 55; 1,100 × 10 % = 110; tax 24 % of 1,265 or of 1,155."""
    made = asked(tmp_path, EXCEPTIONS_NOT_READ).quote
    assert made.landed == D("1568.60")  # 1,100 + 165 + 303.60
    assert made.duties == D("165.00")
    assert made.without is not None
    assert made.without.charges == ("safeguard",)
    assert (made.without.duties, made.without.duties_without) == (D("165.00"), D("55.00"))
    assert made.without.landed == D("1432.20")  # 1,100 + 55 + 277.20
    assert made.without.landed_before_recoverable == D("1155.00")
    said = dict(keyed(made.warnings))["landed.warn_exceptions"]
    assert (said["landed"], said["landed_without"]) == ("1,568.60", "1,432.20")


def test_a_price_that_holds_the_duty_has_another_margin_without_it(tmp_path: Path) -> None:
    """Duty paid, the landed cost stays: what the charge takes is in the price."""
    made = asked(tmp_path, EXCEPTIONS_NOT_READ, term="DDP", price="2000 ISK").quote
    assert made.landed == D("2000.00")
    assert made.without is not None
    assert abs(made.without.landed - D("2000.00")) <= D("0.01"), "but for its rounding"
    assert made.without.duties_without < made.without.duties


@pytest.mark.parametrize(("on", "shown"), [(date(2027, 11, 1), False), (date(2027, 11, 2), True)])
def test_past_its_horizon_the_age_stands_beside_the_figure(
    tmp_path: Path, on: date, shown: bool
) -> None:
    """The tax was looked at on 2026-11-01, which is trusted for 365 days."""
    answer = asked(tmp_path, "official", on=on, rates_age=999)
    with using_language("en"):
        told = "\n".join(map(str, view(answer)))
    assert ("official text, looked at 366 days before" in told) is shown
    keys = [key for key, _ in keyed(answer.quote.warnings)]
    assert keys.count("rules.warn_aged") == shown


TROUSERS = Shipment(
    "620342200", "JPN", date(2026, 3, 31), Decimal(10), "JPY", price=Money(Decimal(100000), "JPY"),
    freight=Money(Decimal(0), "JPY"),
)  # fmt: skip


def seen(request: Shipment) -> list[tuple[str, Decimal | None, Decimal]]:
    house = tariff_house()
    found = compare_preferences(request, shipped(), house, rates_of(request, house))
    return [(one.regime, None if one.duty is None else one.duty.amount, one.saved) for one in found]


def test_each_agreement_with_what_it_saves() -> None:
    assert seen(TROUSERS) == [
        ("mfn", Decimal(91000), Decimal(0)),
        ("rcep", Decimal(63000), Decimal(2800)),
    ]
    assert seen(replace(TROUSERS, preference="rcep")) == seen(TROUSERS)
    house = tariff_house()
    found = compare_preferences(TROUSERS, shipped(), house, rates_of(TROUSERS, house))
    assert [one.landed for one in found] == [109_100, 106_300], "of one pair"


def test_a_general_duty_of_one_s_own_is_that_of_the_first_alone() -> None:
    own = seen(replace(TROUSERS, duties={"mfn": "5%"}))
    assert own == [("mfn", Decimal(50000), Decimal(0)), ("rcep", Decimal(63000), Decimal(-1300))]


@pytest.mark.parametrize("status", ["official", "secondary", "recalled"])
def test_other_charges_have_one_sum(tmp_path: Path, status: str) -> None:
    made = asked(tmp_path, status).quote
    assert made.without is None
    assert "landed.warn_exceptions" not in dict(keyed(made.warnings))


def test_nothing_where_no_agreement_is_loaded_for_the_origin_or_the_day() -> None:
    assert seen(replace(TROUSERS, origin="USA")) == []
    assert seen(replace(TROUSERS, product="852872", destination="DEU")) == []


def test_goods_that_do_not_pay_it_have_one_sum(tmp_path: Path) -> None:
    made = quote(
        "640299", "ISL", on=date(2026, 11, 30), price="1000 ISK", currency="ISK", quantity=1,
        duty="5%", rules=law_file(tmp_path, status=EXCEPTIONS_NOT_READ),
    ).quote  # fmt: skip
    assert made.without is None


def test_a_charge_of_that_status_marks_its_rate(tmp_path: Path) -> None:
    """Its rate may be official: the line is not."""
    file = law_file(tmp_path)
    text = file.read_text(encoding="utf-8")
    name = 'name = "safeguard"'
    begin, end = text.split(name)
    file.write_text(
        begin + name + end.replace('"official"', f'"{EXCEPTIONS_NOT_READ}"', 1), "utf-8"
    )
    made = quote("851660", "ISL", on=date(2026, 11, 30), price="1000 ISK", currency="ISK",
                 quantity=1, duty="5%", rules=file).quote  # fmt: skip
    line = next(line for line in made.lines if line.name == "safeguard")
    assert line.rule is not None
    assert line.rule.status == EXCEPTIONS_NOT_READ
    assert made.without is not None
