"""Pictures keep words inside and apart, on true scales, and stand alone as SVG, PNG and paper."""

import json
import re
import struct
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pytest
import typst
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from tools.make_world_map import cut

from offing.ladders.ladder import BandRow
from offing.planning.track_record import LevelRecord
from offing.report import paper, write_report
from offing.report.blocks import Cell, Column, Figure, Figures, Folded, Table, place_figures
from offing.report.charts import bars
from offing.report.charts import bars as plan_chart
from offing.report.charts import book as chart
from offing.report.charts.bars import Arrow
from offing.report.charts.map import ATLANTIC, PACIFIC, MappedSales, WorldMap, natural_earth, point
from offing.report.charts.waterfall import wrap_lines
from offing.report.decision import NamedDecision
from offing.report.drawing import (
    BESIDE,
    PAGE,
    WIDTH,
    Theme,
    space_apart,
    text_width,
    themes,
    two_sizes,
)
from offing.report.layout import fragment
from offing.report.views.markets import map_blocks
from offing.report.views.run import picture
from offing.study.result import BookYear
from offing.terms.countries import all_countries
from offing.terms.errors import InputError
from offing.terms.messages import LANGUAGES, Language, say, using_language
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
    for drawn in pictures(lang):
        _, _, width, height = (float(n) for n in drawn.get("viewBox", "").split())
        for text in drawn.iter(f"{SVG}text"):
            left, top, right, bottom = box(text)
            where = (drawn.findtext(f"{SVG}title"), text.text)
            assert left >= -4, where
            assert right <= width + 4, where
            assert top >= 0, where
            assert bottom <= height, where


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_do_not_cover_each_other(lang: Language) -> None:
    for drawn in pictures(lang):
        for group in [drawn, *drawn.iter(f"{SVG}g")]:
            boxes = [(text.text, box(text)) for text in group.findall(f"{SVG}text")]
            for number, (one, a) in enumerate(boxes):
                for other, b in boxes[number + 1 :]:
                    apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] + 0.5 or b[3] <= a[1] + 0.5
                    assert apart, (drawn.findtext(f"{SVG}title"), one, other)


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


WITH_FONTS = pytest.mark.skipif(
    not all(map(paper.has_fonts, LANGUAGES)), reason="no fonts here for both languages"
)
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(SIGNATURE)
    across, down = struct.unpack(">II", png[16:24])
    return across, down


@WITH_FONTS
def test_a_chart_stands_alone_with_its_colours() -> None:
    rows = [bars.Whisker("德国", 2.0, 1.0, 3.0, "2 m", ours=True)]
    draw = bars.draw_whiskers
    both = two_sizes(draw("a", "t", "d", rows), draw("a-wide", "t", "d", rows, BESIDE))
    svg = paper.standing_svg(both)
    assert ElementTree.fromstring(svg).get("width") == "960", "the wide one"
    assert "var(" not in svg
    assert ".ours-fill{fill:#" in svg
    assert size_of(paper.png(both))[0] == round(960 * paper.PPI / 96)
    assert 'viewBox="0 0 360 ' in paper.standing_svg(both, narrow=True)


@WITH_FONTS
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_plan_as_one_long_picture_names_nobody(
    lang: Language, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[str] = []
    whole, file = paper.typeset, tmp_path / "plan.png"

    def keep(style: bytes, said: str, form: Literal["pdf", "png"]) -> bytes:
        told.append(json.dumps(json.loads(said), ensure_ascii=False))
        return whole(style, said, form)

    monkeypatch.setattr(paper, "typeset", keep)
    with using_language(lang):
        result, decision = example(), NamedDecision.from_result(example())
        for names in False, True:
            of = result.plan, decision, result.warnings
            paper.write_decision(("Next", "Haichuan"), *of, file, names=names, made_up=True)
        letter, made_up = say("report.model_letter", letter="A"), say("report.made_up")
    across, down = size_of(file.read_bytes())
    bare, named = (re.sub("<svg.*?</svg>", "", said) for said in told)
    assert across == 1080
    assert down > 2 * across, "long"
    assert letter in bare
    assert made_up in bare
    names_of = {*decision.products, *decision.products.values(), "Haichuan"}
    assert [name for name in names_of if name in bare] == []
    assert any(name in named for name in names_of)
    assert len(re.findall("(?:USD|美元)", bare)) < len(re.findall("(?:USD|美元)", named))


def test_lines_of_chinese_keep_numbers_and_marks() -> None:
    with using_language("zh"):
        lines = wrap_lines("每年关税最多 257\xa0万元，货物符合原产地规则的（RCEP）。", 80)
    assert "".join(lines) == "每年关税最多 257\xa0万元，货物符合原产地规则的（RCEP）。"
    assert not any(line[0] in "，。）" for line in lines)
    assert any("257\xa0万" in line for line in lines)


def test_a_machine_without_fonts_draws_no_picture_without_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = typst.compile
    monkeypatch.setattr(typst, "compile", partial(whole, ignore_system_fonts=True))
    paper.has_fonts.cache_clear()
    rows = [bars.Whisker("Poland", 1.0, 1.0, 1.0, "1 m", ours=False)]
    svg = bars.draw_whiskers("a", "t", "d", rows)
    with using_language("zh"):
        with pytest.raises(InputError) as error:
            paper.png(svg)
        told = (Figures((Figure("a", "h", lambda: svg, "c"),)),)
        with pytest.raises(InputError):
            paper.write_blocks("T", "", told, (), tmp_path / "a.pdf")
        paper.write_blocks("T", "", told, (), tmp_path / "a.docx")
        texts = [line.text for line in Document(str(tmp_path / "a.docx")).paragraphs]
        assert say("report.no_fonts") in texts
    assert error.value.key == "report.no_fonts"
    assert paper.has_fonts("en"), "Typst has some for Latin letters"
    paper.has_fonts.cache_clear()


def test_a_caption_names_the_record_that_moves_its_arrows() -> None:
    result = example()
    for level, told in ((None, False), (LevelRecord(0.9, 0.8, 3), True)):
        figure = picture(result.plan, replace(result.decided, level=level))
        assert figure is not None
        assert ("Every arrow ends at 0.90 times what is computed" in figure.caption) is told


def test_a_mark_leads_to_the_row_of_its_name() -> None:
    names = ("Niger", "Nigeria", "Chad")
    rows = [bars.Whisker(name, 1.0, 1.0, 1.0, "1 m", ours=False) for name in names]
    cells = tuple(
        (Cell(f"{at}. {name}"), Cell("1")) for at, name in enumerate(("Nigeria", "Niger"))
    )
    table = Table("t", "T", (Column("A"), Column("B")), cells)
    told = (
        Figures((Figure("f", "F", partial(bars.draw_whiskers, "f", "F", "d", rows), "c"),)),
        table,
    )
    placed = place_figures((Folded("more", told),))[0]
    assert isinstance(placed, Folded)
    page = fragment((placed,))
    assert re.findall(r'<a href="#([^"]+)"><title>(\w+)', page) == [
        ("t.2", "Niger"),
        ("t.1", "Nigeria"),
    ]
    assert {"t.1", "t.2"} <= set(re.findall('<tr id="([^"]+)"', page))
    assert 'role="group"' in page, "a picture with ways out is no image"


# Patterson's table of the projection, to which the polynomial was fitted: the length of a parallel
# and its distance from the equator, as shares of the equator's length and the pole's distance
# (en.wikipedia.org/wiki/Natural_Earth_projection, "Definition"). The fit is good to 0.001; only the
# pole line, which no map here shows, is drawn shorter (0.550) to round the corners.
TABLE = {
    0: (1.0, 0.0), 15: (0.9894, 0.1860), 30: (0.9570, 0.3720), 45: (0.9006, 0.5571),
    60: (0.8196, 0.7346), 75: (0.7160, 0.8936),
}  # fmt: skip

ISLETS = {"BES", "BVT", "CCK", "CXR", "GIB", "GLP", "GUF", "MTQ", "MYT", "REU", "SJM", "TKL"}
ISLETS |= {"TUV", "UMI", "XKX"}


@pytest.mark.parametrize("latitude", sorted(TABLE))
def test_projection_follows_the_published_table(latitude: int) -> None:
    length, distance = TABLE[latitude]
    x, y = natural_earth(180, latitude)
    assert x / natural_earth(180, 0)[0] == pytest.approx(length, abs=0.001)
    assert y / natural_earth(0, 90)[1] == pytest.approx(distance, abs=0.001)


def test_every_country_has_a_place() -> None:
    missing = {
        code
        for code, country in all_countries().items()
        if country.kind == "country" and point(code) is None
    }
    assert missing <= ISLETS


@pytest.mark.parametrize("centre", [ATLANTIC, PACIFIC])
@pytest.mark.parametrize("width", [WIDTH, PAGE])
def test_land_stays_on_the_map(centre: float, width: float) -> None:
    path = WorldMap(centre, width).land()
    for part in path.split("z")[:-1]:
        head = re.match(r"M(-?\d+) (-?\d+)", part)
        assert head is not None
        steps = [int(n) for n in re.findall(r"-?\d+", part[head.end() :])]
        x, y = int(head[1]), int(head[2])
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            x, y = x + dx, y + dy
            assert -1 <= x <= 2 * width + 1
            # No step jumps across the map, as an outline torn at the date line would.
            assert abs(dx) < width


def test_cutting_keeps_the_area() -> None:
    def area(ring: list[tuple[float, float]]) -> float:
        pairs = zip(ring, ring[1:] + ring[:1], strict=True)
        return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2

    square = [(-40.0, 0.0), (-20.0, 0.0), (-20.0, 10.0), (-40.0, 10.0)]
    parts = cut(square, 150)
    assert len(parts) == 2
    assert sum(map(area, parts)) == pytest.approx(200)


def test_the_title_names_whom_the_plan_sells_most() -> None:
    """Its figure is the plan's: who was first until now does not stand beside it."""
    sales = MappedSales({"KOR": 447.0, "ARE": 369.0}, {"KOR": 300.0, "ARE": 517.0}, "CNY", "CHN")
    with using_language("en"):
        figures, *_ = map_blocks(sales, "", "")
    assert isinstance(figures, Figures)
    assert figures.figures[0].heading.startswith("South Korea first, CNY\xa0447")
