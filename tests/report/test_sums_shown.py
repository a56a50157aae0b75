"""What is said of a market, and sums of a plan, are what the tables add up to."""

from dataclasses import replace
from typing import Any

from offing.policy.comparison import Comparison, ComparisonTotals, SegmentChange, SegmentFigures
from offing.report.decision import Decision
from offing.report.in_yuan import in_yuan
from offing.report.sections.what_if import sentences
from offing.report.views.plan import Layout, plan_table
from offing.terms.messages import speaking
from offing.terms.numbers import digits
from report_example import example
from study.stand_ins import like


def figures(landed: float, margin: float) -> Any:
    fields = dict.fromkeys(SegmentFigures.__dataclass_fields__, 0.0)
    return SegmentFigures(**{**fields, "landed": landed, "margin": margin, "sales": 10 * margin})


def change(model: str, market: str, margin: float, landed: float = 100.0) -> SegmentChange:
    """From a margin of 1,000."""
    return SegmentChange(model, market, figures(100.0, 1_000.0), figures(landed, margin))


def told(*segments: SegmentChange) -> str:
    made = Comparison(
        "tariff", ComparisonTotals(1, 4_000, 0, 0), ComparisonTotals(1, 2_100, 0, 0), segments,
        (), (), (), 0.0, dollar=(7.0, 7.0),
    )  # fmt: skip
    names = dict.fromkeys(segment.product for segment in segments)
    products = [like(product=n, unit="item", name=lambda _, n=n: n) for n in names]
    with speaking("en"):
        said = " ".join(sentences(like(products=products), in_yuan(made)))
    return said.replace("\N{NO-BREAK SPACE}", " ")


def test_the_market_that_changes_most_does_so_with_all_models_together() -> None:
    """One model falls most in France, by 650; two in the United States by 600 each."""
    ovens, fryers = change("Oven", "USA", 400.0, 120.0), change("Fryer", "USA", 400.0, 130.0)
    said = told(change("Oven", "FRA", 350.0, 110.0), ovens, fryers)
    assert "Most changes in United States: − CNY 8,400 of margin" in said
    assert "United States, Fryer: one item lands at USD 130" in said
    assert "United States: one item lands at USD 120" in told(ovens)


def test_units_of_a_plan_are_added_up_where_they_are_of_one_kind() -> None:
    """Pieces and kilograms are no sum."""
    result = example()
    decision = Decision.of_result(result)
    layout = Layout.of(result.plan, decision)
    assert "units" in layout.columns

    def total(units: dict[str, str]) -> str:
        named = replace(layout, decision=replace(decision, units=units))
        table = plan_table("p", result.plan, (), named)
        assert table.total is not None
        return table.total[list(layout.columns).index("units")].text

    keys = [row.product for row in result.plan.rows]
    assert total(dict.fromkeys(keys, "item")) == digits(sum(row.units for row in result.plan.rows))
    mixed = dict(zip(dict.fromkeys(keys), ("item", "kg"), strict=True))
    assert total(mixed) == ""
