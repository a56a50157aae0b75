"""What a report of very many markets tells, and what it leaves to be opened."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from offing.ladders.ladder import BandRow
from offing.report.blocks import Folded, Text
from offing.report.charts import book as chart
from offing.report.charts import plan as plan_chart
from offing.report.charts.plan import Arrow
from offing.report.drawing import text_width
from offing.report.sections import prices
from offing.study.result import BookYear, StudyResult
from offing.terms.messages import LANGUAGES, Language, speaking
from offing.terms.numbers import fine_column
from report_example import one_product

MANY = [
    "AGO", "ALB", "ARG", "ARM", "AUT", "BEL", "BEN", "BGR", "BHR", "BOL",
    "BRA", "CHL", "COL", "CRI", "CYP", "DZA", "ECU", "EGY", "EST", "ETH",
]  # fmt: skip


def without_costs(result: StudyResult) -> StudyResult:
    """The same with twenty further markets of which no duty is known."""
    product = result.products[0]
    bare = [
        replace(product.markets[0], market=m, quote=None, quote_missing="study.no_regime")
        for m in MANY
    ]
    wide = replace(product, markets=(*bare, *product.markets))
    return replace(result, products=(wide, *result.products[1:]))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_many_markets_without_costs_are_folded(lang: Language) -> None:
    """All 123 names had stood in the page, eleven lines of them."""
    with speaking(lang):
        made = list(prices.costs(without_costs(one_product())))
    texts = [said for b in made if isinstance(b, Text) for said in b.sentences]
    assert not [said for said in texts if ("Angola" in said or "安哥拉" in said)]
    [folded] = [b for b in made if isinstance(b, Folded) and isinstance(b.blocks[0], Text)]
    whole = folded.blocks[0].sentences[-1]  # type: ignore[union-attr]
    assert "Ethiopia" in whole or "埃塞俄比亚" in whole


def year(number: int, *usd: float, grown: float | None = None) -> BookYear:
    total = sum(usd)
    bounds = [(None, 500.0), (500.0, 5000.0), (5000.0, None)]
    bands = tuple(
        BandRow(low, high, value, value / total, grown)
        for (low, high), value in zip(bounds, usd, strict=True)
    )
    return BookYear("8528", number, bands, total, 1.0)


def test_sales_of_one_band_are_told_without_bands() -> None:
    years = year(2023, 2e6, 0, 0), year(2024, 3e6, 0, 0, grown=0.5)
    with speaking("en"):
        drawn = chart.draw("one", "Batteries", years)
        product = replace(one_product().products[0], book=years)
        shown = list(prices.book(replace(one_product(), products=(product,))))
    assert "USD 500" not in drawn
    assert "100%" not in drawn
    figure = shown[1].figures[0]  # type: ignore[union-attr]
    assert len(figure.tables[0].rows) == 2, "a row a year: bands without sales have none"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sums_over_the_bars_do_not_lie_on_each_other(lang: Language) -> None:
    """Six years on a phone: 1,280 万美元 is wider than a bar and its gap."""
    years = [year(2019 + n, 12.8e6 - n * 1e5, 1e6, 0) for n in range(6)]
    with speaking(lang):
        drawn = chart.draw("six", "x", years)
    over = re.findall(r'<text x="([\d.]+)" y="[\d.]+" class="strong"[^>]*>([^<]*)</text>', drawn)
    assert len(over) == 6
    ends = [(float(x), text_width(said, bold=True)) for x, said in over]
    gaps = [b - a - (wide_a + wide) / 2 for (a, wide_a), (b, wide) in pairwise(ends)]
    assert min(gaps) > 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_figures_of_a_row_do_not_touch_its_arrow(lang: Language) -> None:
    """The largest market's arrow ends at the end of the lines; 9,387 → 11,568 began there."""
    rows = [
        Arrow("a", "a", 93.87e6, 115.68e6, moved=True),
        Arrow("b", "b", 2.07e6, 5.38e6, moved=True),
    ]
    with speaking(lang):
        drawn = plan_chart.draw("p", "p", rows, fine_column([115.68e6], "CNY"))
    [end] = re.findall(r'<text x="([\d.]+)"[^>]*>([^<]*→ [^<]*1[^<]*)</text>', drawn)[:1]
    right = max(float(x) for x in re.findall(r'x2="([\d.]+)" y2="[\d.]+" class="track"', drawn))
    assert float(end[0]) - text_width(end[1], bold=True) >= right + 10
