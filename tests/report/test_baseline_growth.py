"""What of a plan's sales comes of itself, and what of its moves: by hand, and in words."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from offing.planning.plan import AskedPrice, Plan, PlanRow
from offing.report.views.explain import baseline_growth, told_growth
from offing.study.decision import scaled_rows
from offing.terms.messages import speaking
from study.stand_ins import like

ROW = PlanRow("tv", "USA", "low", 100e3, 0.0, 1.0, 1.0, 1.0, 0.1, None, None, "keep")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with speaking("en"):
        yield


def made(*rows: PlanRow, low: float | None = None, used: float = 0.4) -> Plan:
    now, planned = (sum(getattr(r, name) for r in rows) for name in ("sales_now_usd", "sales_usd"))
    high = None if low is None else 2 * planned
    return Plan(rows, planned, now, 1.0, (("main", used),), 1.0, 1.0, low, high)


def decision(*, moves: int = 0, asked: tuple[AskedPrice, ...] = (), factor: float = 1.0) -> Any:
    figures = like(
        cny_per_usd=7.0, asked=asked, moves=(1,) * moves, years=(2025, 2026), without_sales=False,
        factor=factor,
    )  # fmt: skip
    return like(figures=figures, lines={"main": "Main line"})


GROWN = replace(ROW, still_usd=240e3, sales_usd=240e3, usual_share=1.2)
"""Its market doubles, and its share of several years is a fifth above the last year's."""


def test_the_parts_add_up_to_the_plan() -> None:
    """100 → 200 by the market, → 240 by the share, → 300 by the move; asked: half of them sell;
    in Spain a price that is half as high again makes 150 of 100.
    """
    price = AskedPrice("tv", "DEU", 100.0, 125.0, 0.4, "literature")
    rows = (
        replace(GROWN, sales_usd=300e3, move="other_plant"),
        replace(ROW, market="DEU", still_usd=50e3, sales_usd=50e3, usual_share=1.0),
        replace(ROW, market="FRA", sales_now_usd=10e3),
        replace(ROW, market="ESP", still_usd=150e3, sales_usd=150e3, usual_price=1.5),
        replace(ROW, market="ITA", sales_now_usd=0.0, sales_usd=20e3, move="enter"),
    )
    found = baseline_growth(made(*rows), decision(moves=2, asked=(price,)))
    parts = {"market": 100e3, "share": 40e3, "price": 50e3, "asked": -50e3, "hours": 0.0,
             "level": 0.0, "ended": -10e3}  # fmt: skip
    assert found == pytest.approx({name: 7 * usd for name, usd in parts.items()})
    # the record lowers all rows to nine tenths: of 440 that would be sold 44 are not
    lowered = scaled_rows(made(*rows), 0.9)
    found = baseline_growth(lowered, decision(moves=2, asked=(price,), factor=0.9))
    assert found == pytest.approx({n: 7 * usd for n, usd in (parts | {"level": -44e3}).items()})


def test_to_stay_while_sales_double_does_not_contradict_itself() -> None:
    [told] = told_growth(made(GROWN, low=150e3), decision())
    said = told.sentences[0].replace("\u00a0", " ")
    assert "of themselves all the same, without a decision" in said
    assert "from CNY 700,000 in the last twelve months to CNY 1.68 m in 2026" in said
    assert "+ CNY 700,000 (100% of today's) as the country's exports" in said
    assert "+ CNY 280,000 (40%) by the firm's share over several years, not" in said
