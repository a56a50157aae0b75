"""Pictures keep their words inside and apart, on true scales, in colours that can be read."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ladders.ladder import BandRow
from offing.report import write_report
from offing.report.charts import bars as plan_chart
from offing.report.charts import book as chart
from offing.report.charts.bars import Arrow
from offing.report.drawing import Theme, space_apart, text_width, themes
from offing.study.result import BookYear
from offing.terms.messages import LANGUAGES, Language, using_language
from offing.terms.numbers import fine_column
from report_example import example, one_product

SVG = "{http://www.w3.org/2000/svg}"
Box = tuple[float, float, float, float]


def pictures(lang: Language) -> list[ET.Element]:
    html = write_report(example(), lang) + write_report(one_product(), lang)
    return [ET.fromstring(text) for text in re.findall(r"<svg .*?</svg>", html, re.DOTALL)]


def box(text: ET.Element) -> Box:
    size = float(text.get("font-size", 12))
    wide = text_width(text.text or "", size)
    x, y = float(text.get("x", 0)), float(text.get("y", 0))
    left = x - {"middle": wide / 2, "end": wide}.get(text.get("text-anchor", ""), 0.0)
    return left, y - 0.72 * size, left + wide, y + 0.1 * size


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_stay_inside_their_picture(lang: Language) -> None:
    for picture in pictures(lang):
        _, _, width, height = (float(n) for n in picture.get("viewBox", "").split())
        for text in picture.iter(f"{SVG}text"):
            left, top, right, bottom = box(text)
            where = (picture.findtext(f"{SVG}title"), text.text)
            assert left >= -4, where
            assert right <= width + 4, where
            assert top >= 0, where
            assert bottom <= height, where


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_do_not_cover_each_other(lang: Language) -> None:
    for picture in pictures(lang):
        for group in [picture, *picture.iter(f"{SVG}g")]:
            boxes = [(text.text, box(text)) for text in group.findall(f"{SVG}text")]
            for number, (one, a) in enumerate(boxes):
                for other, b in boxes[number + 1 :]:
                    apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] + 0.5 or b[3] <= a[1] + 0.5
                    assert apart, (picture.findtext(f"{SVG}title"), one, other)


@given(wanted=st.lists(st.floats(0, 200), min_size=1, max_size=12), gap=st.floats(1, 15))
def test_spread_keeps_order_distance_and_ends(wanted: list[float], gap: float) -> None:
    placed = space_apart(wanted, gap, 0, 200)
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    in_order = [placed[i] for i in order]
    assert all(b - a >= gap - 1e-6 for a, b in pairwise(in_order))
    assert min(placed) >= -1e-6
    assert max(placed) <= 200 + 1e-6


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
    with using_language(lang):
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
    with using_language(lang):
        drawn = plan_chart.draw_arrows("p", "p", rows, fine_column([115.68e6], "CNY"))
    [end] = re.findall(r'<text x="([\d.]+)"[^>]*>([^<]*→ [^<]*1[^<]*)</text>', drawn)[:1]
    right = max(float(x) for x in re.findall(r'x2="([\d.]+)" y2="[\d.]+" class="track"', drawn))
    assert float(end[0]) - text_width(end[1], bold=True) >= right + 10


@pytest.mark.parametrize(("planned", "heads"), [(100.2e6, 0), (102e6, 0), (106e6, 1), (40e6, 1)])
def test_the_head_of_an_arrow_is_outside_of_its_ring_or_not_there(
    planned: float, heads: int
) -> None:
    row = Arrow("a", "a", 100e6, planned, moved=False)
    with using_language("en"):
        drawn = plan_chart.draw_arrows("p", "p", [row], fine_column([115.68e6], "CNY"))
    [ring] = re.findall(r'<circle cx="([\d.]+)"[^>]*class="today"', drawn)
    found = re.findall(r'd="M([\d.]+) [\d.]+l(-?[\d.]+) [^"]*"[^>]*class="drift-head"', drawn)
    assert len(found) == heads == drawn.count("drift-head")
    for tip, back in found:
        assert abs(float(tip) + float(back) - float(ring)) >= 5, "the base of the head"


LIGHT, DARK = themes()

TEXT_ON: tuple[tuple[str, str], ...] = (
    ("ink", "paper"), ("ink", "panel"), ("ink", "low"), ("ink", "medium"), ("ink", "high"),
    ("ink", "land"), ("ink", "bar"), ("soft", "paper"), ("soft", "panel"), ("ours", "paper"),
    ("ours", "panel"), ("on-ours", "ours"), ("other", "paper"), ("other", "panel"),
    ("good", "paper"), ("bad", "paper"), ("bad", "panel"), ("bad", "bar"), ("care", "care-panel"),
    ("care", "paper"),
)  # fmt: skip
"""Which colour is text on which: each must have a contrast of 4.5 at least (WCAG 2.2, 1.4.3)."""

SHAPES_ON: tuple[tuple[str, str], ...] = (
    ("ours", "land"), ("other", "land"), ("other", "low"), ("ours", "high"),
)  # fmt: skip
"""Which colour is a shape on which: a contrast of 2.2 at least, since each is labelled too."""


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours after WCAG 2.2, 1 to 21.

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_has_contrast(theme: Theme, text: str, ground: str) -> None:
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES_ON)
def test_shapes_stand_out(theme: Theme, shape: str, ground: str) -> None:
    assert contrast(theme[shape], theme[ground]) >= 2.2


def test_contrast_is_that_of_the_standard() -> None:
    # #767676 on white is the often quoted lightest grey that passes: 4.54.
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_tiers_keep_their_order_in_grey_print() -> None:
    steps = [contrast(LIGHT[tier], "#000000") for tier in ("low", "medium", "high")]
    assert steps == sorted(steps, reverse=True)


def test_both_themes_have_the_same_names() -> None:
    assert set(LIGHT) == set(DARK)
