"""What a report of very many markets tells, and what it leaves to be opened."""

import re
from itertools import pairwise

import pytest

from offing.ladders.ladder import BandRow
from offing.report.charts import bars as plan_chart
from offing.report.charts import book as chart
from offing.report.charts.bars import Arrow
from offing.report.drawing import text_width
from offing.study.result import BookYear
from offing.terms.messages import LANGUAGES, Language, speaking
from offing.terms.numbers import fine_column


def year(number: int, *usd: float, grown: float | None = None) -> BookYear:
    total = sum(usd)
    bounds = [(None, 500.0), (500.0, 5000.0), (5000.0, None)]
    bands = tuple(
        BandRow(low, high, value, value / total, grown)
        for (low, high), value in zip(bounds, usd, strict=True)
    )
    return BookYear("8528", number, bands, total, 1.0)


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
        drawn = plan_chart.draw_arrows("p", "p", rows, fine_column([115.68e6], "CNY"))
    [end] = re.findall(r'<text x="([\d.]+)"[^>]*>([^<]*→ [^<]*1[^<]*)</text>', drawn)[:1]
    right = max(float(x) for x in re.findall(r'x2="([\d.]+)" y2="[\d.]+" class="track"', drawn))
    assert float(end[0]) - text_width(end[1], bold=True) >= right + 10
