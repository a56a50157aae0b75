"""Pictures that stand alone: a chart as SVG and PNG, a plan as one long paper."""

import json
import re
import struct
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pytest
import typst
from docx import Document

from offing.planning.track_record import LevelRecord
from offing.report import paper
from offing.report.blocks import Figure, Figures
from offing.report.charts import bars
from offing.report.charts.waterfall import wrap_lines
from offing.report.decision import NamedDecision
from offing.report.drawing import BESIDE, two_sizes
from offing.report.views.run import picture
from offing.terms.errors import InputError
from offing.terms.messages import LANGUAGES, Language, say, using_language
from report_example import example

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
