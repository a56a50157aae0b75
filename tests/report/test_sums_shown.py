"""What is said of a market, and sums of a plan, are what the tables add up to."""

from dataclasses import replace
from typing import Any

from offing.policy.comparison import Comparison, ComparisonTotals, SegmentChange, SegmentFigures
from offing.report.decision import NamedDecision
from offing.report.views.plan import plan_table
from offing.report.views.whatif import convert_to_yuan, markets_table
from offing.terms.messages import using_language
from offing.terms.numbers import digits
from report_example import example


def figures(landed: float, margin: float) -> Any:
    fields: Any = dict.fromkeys(SegmentFigures.__dataclass_fields__, 0.0)
    own = {"landed": landed, "margin": margin, "sales": 10 * margin}
    return SegmentFigures(**(fields | own))


def change(model: str, market: str, margin: float, landed: float = 100.0) -> SegmentChange:
    """From a margin of 1,000."""
    return SegmentChange(model, market, figures(100.0, 1_000.0), figures(landed, margin))


def test_the_market_that_changes_most_does_so_with_all_models_together() -> None:
    """One model falls most in France, by 650; two in the United States by 600 each."""
    segments = (
        change("Oven", "FRA", 350.0, 110.0),
        change("Oven", "USA", 400.0, 120.0),
        change("Fryer", "USA", 400.0, 130.0),
    )
    made = Comparison(
        "tariff", ComparisonTotals(1, 4_000, 0, 0), ComparisonTotals(1, 2_100, 0, 0), segments,
        (), (), (), 0.0, dollar=(7.0, 7.0),
    )  # fmt: skip
    with using_language("en"):
        first, second = markets_table(convert_to_yuan(made)).rows
    assert [cell.text for cell in first] == ["United States", "140 → 56", "14.0 → 5.6", "−8.4"]
    assert second[0].text == "France"


def test_units_of_a_plan_are_added_up_where_they_are_of_one_kind() -> None:
    """Pieces and kilograms are no sum."""
    result = example()
    decision = NamedDecision.from_result(result)

    def total(units: dict[str, str]) -> str:
        table = plan_table("p", result.plan, replace(decision, units=units), ())
        assert table.total is not None
        return table.total[[column.id for column in table.columns].index("units")].text

    keys = [row.product for row in result.plan.rows]
    assert total(dict.fromkeys(keys, "item")) == digits(sum(row.units for row in result.plan.rows))
    mixed = dict(zip(dict.fromkeys(keys), ("item", "kg"), strict=True))
    assert total(mixed) == ""
