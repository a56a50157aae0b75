"""Pictures that stand alone: a chart as SVG and PNG, a plan as one long picture."""

import re
import struct
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest
import resvg_py
from docx import Document

from offing.report import picture
from offing.report.blocks import Figure, Figures
from offing.report.charts import bars
from offing.report.charts.waterfall import wrap_lines
from offing.report.decision import NamedDecision
from offing.report.drawing import BESIDE, two_sizes
from offing.report.word import write_blocks
from offing.terms.errors import InputError
from offing.terms.messages import LANGUAGES, Language, say, speaking
from report_example import example

WITH_FONTS = pytest.mark.skipif(
    not all(map(picture.has_fonts, LANGUAGES)), reason="no fonts here for both languages"
)
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(SIGNATURE)
    across, down = struct.unpack(">II", png[16:24])
    return across, down


@WITH_FONTS
def test_a_chart_stands_alone_with_its_colours() -> None:
    rows = [("德国", 2.0, "2 m", True), ("Poland", 1.0, "1 m", False)]
    both = two_sizes(bars.draw("a", "t", "d", rows), bars.draw("a-wide", "t", "d", rows, BESIDE))
    svg = picture.standing_svg(both)
    assert ElementTree.fromstring(svg).get("width") == "960", "the wide one"
    assert "var(" not in svg
    assert ".gain-bar{fill:#" in svg
    assert size_of(picture.png(both))[0] == round(960 * picture.ZOOM)


@WITH_FONTS
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_plan_as_one_long_picture_names_nobody(
    lang: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    whole = picture.png

    def keep(svg: str) -> bytes:
        drawn.append(svg)
        return whole(svg)

    monkeypatch.setattr(picture, "png", keep)
    with speaking(lang):
        result, decision = example(), NamedDecision.from_result(example())
        told = result.plan, decision, result.warnings
        size = size_of(picture.plan_picture(*told, made_up=True))
        picture.plan_picture(*told, title="Haichuan")
        letter, made_up = say("report.model_letter", letter="A"), say("report.made_up")[:10]
    bare, named = (re.sub(r"</text><text[^>]*>", "", svg) for svg in drawn)
    assert size[0] == 1080
    assert size[1] > 2 * size[0], "long"
    assert letter in bare
    assert made_up in bare
    names = {*decision.products, *decision.products.values()}
    assert [name for name in names if name in bare] == []
    assert any(name in named for name in names)
    assert len(re.findall(r"(?:USD|美元)", bare)) < len(re.findall(r"(?:USD|美元)", named))
    right = [float(x) for x in re.findall(r'<text x="([\d.]+)"', bare)]
    assert max(right) <= picture.ACROSS


def test_lines_of_chinese_keep_numbers_and_marks() -> None:
    with speaking("zh"):
        lines = wrap_lines("每年关税最多 257\xa0万元，货物符合原产地规则的（RCEP）。", 80)
    assert "".join(lines) == "每年关税最多 257\xa0万元，货物符合原产地规则的（RCEP）。"
    assert not any(line[0] in "，。）" for line in lines)
    assert any("257\xa0万" in line for line in lines)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_machine_without_fonts_draws_no_picture_without_words(
    lang: Language, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = resvg_py.svg_to_bytes
    monkeypatch.setattr(resvg_py, "svg_to_bytes", partial(whole, skip_system_fonts=True))
    picture.has_fonts.cache_clear()
    svg = bars.draw("a", "t", "d", [("Poland", 1.0, "1 m", False)])
    with speaking(lang):
        with pytest.raises(InputError) as error:
            picture.png(svg)
        write_blocks(
            "T", "", [Figures((Figure("a", "h", lambda: svg, "c"),))], (), tmp_path / "a.docx"
        )
        texts = [line.text for line in Document(str(tmp_path / "a.docx")).paragraphs]
        assert say("report.no_fonts") in texts
    assert error.value.key == "report.no_fonts"
    picture.has_fonts.cache_clear()
