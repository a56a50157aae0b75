"""Pictures keep their words inside and apart."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.report import write_report
from offing.report.drawing import space_apart, text_width
from offing.terms.messages import LANGUAGES, Language
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
