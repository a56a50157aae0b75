"""Whether a plan bears less risk than the status quo: said either way."""

from dataclasses import replace

import pytest

import report_example as example
from offing.planning.risk import RiskFigures
from offing.report.views.risk import choices, frontier_says
from offing.terms.messages import using_language
from report_example import risk


def with_plan(mean: float, worst: float) -> RiskFigures:
    """Today's way expects 40 m and 18 m in the worst 5%: a gap of 0.55 for each yuan."""
    figures = risk()
    (*others, bold) = figures.points
    return replace(figures, points=(*others, replace(bold, mean_cny=mean, worst_cny=worst)))


@pytest.mark.parametrize(
    ("mean", "worst", "over", "said"),
    [
        (80e6, 44e6, 0.45 / 0.55, "18% less than the status quo does."),
        (80e6, 40e6, 0.50 / 0.55, "9% less than the status quo does: not the 15%"),
        (80e6, 20e6, 0.75 / 0.55, "36% more than the status quo does: this plan earns more"),
        (39e6, 39e6 * 0.4, 0.6 / 0.55, "9% more than the status quo does: this plan earns no more"),
    ],
)
def test_the_gap_at_equal_expected_profit_by_hand(
    mean: float, worst: float, over: float, said: str
) -> None:
    figures = with_plan(mean, worst)
    assert figures.gap_over_today == pytest.approx(over)
    with using_language("en"):
        assert said in " ".join(frontier_says(figures))


def test_points_that_are_the_same_plan_are_one_choice_by_the_name_that_says_most() -> None:
    whole = example.risk()
    first, careful, *between, bold = whole.points
    flat = [replace(point, mean_cny=0.0, worst_cny=0.0) for point in (careful, *between)]
    offered = choices(replace(whole, points=(first, *flat, bold)))
    assert [point.name for point, *_ in offered] == [careful.name, bold.name]
    same = [replace(point, mean_cny=bold.mean_cny, worst_cny=bold.worst_cny) for point in flat]
    assert choices(replace(whole, points=(first, *same, bold))) == (), "there is none to take"
    assert [point.name for point, *_ in choices(whole)] == [
        point.name for point in whole.points[1:]
    ]


def test_plans_that_differ_in_their_settlement_alone_say_so() -> None:
    """The same moves and, as written, the same amounts: one row, unless receipts differ."""
    whole = example.risk()
    today, first, second, *_ = (
        replace(point, mean_cny=mean, worst_cny=20e6, moves=0)
        for point, mean in zip(whole.points, (40e6, 44.001e6, 44.002e6), strict=False)
    )
    named = replace(first, name="careful"), replace(second, name="bold")
    with using_language("en"):
        assert choices(replace(whole, points=(today, *named))) == ()
        receipts = (("USD", 0.6, 0.25), ("CNY", 0.396, 0.0), ("EUR", 0.004, 0.0)), (("CNY", 1, 0),)
        told = [replace(one, receipts=of) for one, of in zip(named, receipts, strict=True)]
        said = [text for *_, text in choices(replace(whole, points=(today, *told)))]
    ends = [text.partition("; ")[2].replace("\u00a0", " ") for text in said]
    assert ends == [
        "first year's receipts: USD 60% (25% hedged); CNY 40%", "first year's receipts: CNY 100%",
    ]  # fmt: skip
