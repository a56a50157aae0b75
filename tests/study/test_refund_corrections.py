"""A refund rate that the law has otherwise: Announcement 15 of 2024, batteries 13 % → 9 %."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from offing.planning.plan import RefundCorrection
from offing.report.decision import NamedDecision
from offing.study.plan import refund_corrections
from offing.terms.messages import Language, using_language
from report_example import decided
from report_markets import TELEVISIONS
from study.stand_ins import like, plain

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
