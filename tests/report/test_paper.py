"""An answer for paper, as a Word file and as PDF: every sentence and table, in both languages."""

import re
import shutil
import subprocess
import zlib
from functools import partial
from pathlib import Path

import pytest
from docx import Document

from offing.cli.app import run
from offing.report.blocks import Actions, Callout, Fact, Figure, Figures, Folded, Heading, Text
from offing.report.charts import bars
from offing.report.decision import NamedDecision
from offing.report.paper import PICTURE_CM, ROWS, has_fonts, write_blocks, write_decision
from offing.report.views import plan
from offing.terms.messages import LANGUAGES, Language, using_language
from report_example import example

EXAMPLE = "examples/tv-maker"
WITH_FONTS = pytest.mark.skipif(
    not all(map(has_fonts, LANGUAGES)), reason="no fonts here for both languages"
)


def texts(file: Path) -> list[str]:
    document = Document(str(file))
    cells = (c.text for t in document.tables for row in t.rows for c in row.cells)
    return [*(p.text for p in document.paragraphs), *cells]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_and_row_is_in_the_file(lang: str, tmp_path: Path) -> None:
    result = example()
    with using_language(lang):  # type: ignore[arg-type]
        decision = NamedDecision.from_result(result)
        told = [*plan.what_to_do(result.plan, decision, result.warnings),
                *plan.blocks(result.plan, decision, {}, settled=False)]  # fmt: skip
        facts = plan.facts(result.plan, decision)
        write_blocks("Title", "About", told, facts, tmp_path / "a.docx")
    found = texts(tmp_path / "a.docx")
    assert found[:2] == ["Title", "About"]
    for block in told:
        if isinstance(block, Text):
            with using_language(lang):  # type: ignore[arg-type]
                assert set(block.sentences) <= set(found)
        elif isinstance(block, Heading | Callout):
            assert block.text in found
        elif isinstance(block, Actions):
            assert all(any(line.startswith(i.text) and i.gain in line for line in found)
                       for i in block.items)  # fmt: skip
    assert {fact.value for fact in facts} <= set(found)
    page = Document(str(tmp_path / "a.docx")).sections[0]
    assert page.page_width is not None
    assert page.page_height is not None
    assert (round(page.page_width.cm, 1), round(page.page_height.cm, 1)) == (21.0, 29.7)


def test_folded_blocks_terms_and_long_tables(tmp_path: Path) -> None:
    from offing.report.blocks import Cell, Column, Table

    rows = tuple((Cell(f"row {n}"), Cell(str(n))) for n in range(ROWS + 5))
    table = Table("t", "Caption", (Column("A"), Column("B")), rows, (Cell("All"), Cell("9")))
    told = (Folded("More", (table, Text(("word means",)))), Text((), "list"))
    write_blocks("T", "", told, (Fact("a", "b", "c"),), tmp_path / "a.docx")
    rows_drawn = [bars.Whisker("德国", 1.0, 1.0, 2.0, "1 m", ours=False)]
    figure = Figure("f", "Sales", partial(bars.draw_whiskers, "f", "Sales", "d", rows_drawn), "How")
    write_blocks("T", "", (*told, Figures((figure,))), (), tmp_path / "b.docx")
    (drawn,) = Document(str(tmp_path / "b.docx")).inline_shapes
    assert round(drawn.width.cm) == PICTURE_CM
    assert "How" in texts(tmp_path / "b.docx")
    found = texts(tmp_path / "a.docx")
    assert {"More", "Caption", "A", "row 0", f"row {ROWS - 1}", "All", "word means"} <= {*found}
    assert f"row {ROWS}" not in found
    assert "5 more." in found


def test_a_plan_for_who_decides_and_a_brief(tmp_path: Path) -> None:
    file = tmp_path / "boss.docx"
    assert run(["plan", EXAMPLE, "--out", str(file), "--lang", "zh"]) == 0
    found = texts(file)
    assert found[0] == "电视机的下一个市场"
    assert "先查明" in found
    assert len("".join(found)) < 2500, "one page"
    assert not any("asciiTheme" in style.element.xml for style in Document(str(file)).styles
                   if style.name in ("Normal", "Heading 1", "Heading 2"))  # fmt: skip
    deal = tmp_path / "deal.docx"
    assert run(["settle", "100000", "EUR", "--market", "DEU", "--on", "2024-12-31",
                "--out", str(deal)]) == 0  # fmt: skip
    assert any("EUR" in text for text in texts(deal))


def shown(file: Path) -> tuple[int, set[str], str]:
    """Pages of a PDF, the characters it is searched by, and its text by another reader."""
    pdf = file.read_bytes()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    opened = [zlib.decompress(s) for s in streams if s[:1] == b"\x78"]
    pages = sum(len(re.findall(rb"/Type ?/Page\b", part)) for part in (pdf, *opened))
    maps = b"".join(part for part in opened if b"beginbfchar" in part)
    letters = {chr(int(code, 16)) for code in re.findall(rb"<([0-9A-Fa-f]{4})>\s", maps)}
    assert re.search(rb"/FontFile[23]", b"".join((pdf, *opened))), "its fonts are inside"
    tool = shutil.which("pdftotext")
    text = (
        subprocess.run([tool, str(file), "-"], capture_output=True, check=True).stdout
        if tool
        else b""
    )
    return pages, letters, re.sub(r"\s", "", text.decode())


@WITH_FONTS
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_pdf_has_the_sentences_of_the_word_file_on_one_page(
    lang: Language, tmp_path: Path
) -> None:
    word, pdf, again = (tmp_path / name for name in ("boss.docx", "boss.pdf", "again.pdf"))
    result = example()
    with using_language(lang):
        decision = NamedDecision.from_result(result)
        for file in word, pdf, again:
            told = result.plan, decision, result.warnings
            write_decision(("标题 #title", "*About*"), *told, file, names=False, made_up=True)
    assert pdf.read_bytes() == again.read_bytes(), "the same blocks give the same file"
    pages, letters, text = shown(pdf)
    assert pages == 1
    said = "".join(texts(word))
    assert {c for c in said if ord(c) > 0x4E00 or (c.isascii() and c.isalnum())} <= letters
    for sentence in texts(word) if text else ():
        assert re.sub(r"\s", "", sentence) in text


def test_a_pdf_has_tables_and_pictures(tmp_path: Path) -> None:
    deal = tmp_path / "deal.pdf"
    assert run(["settle", "100000", "EUR", "--market", "DEU", "--on", "2024-12-31",
                "--out", str(deal)]) == 0  # fmt: skip
    assert shown(deal)[0] >= 1
    answers, firms = tmp_path / "answers", tmp_path / "firms.pdf"
    shutil.copytree("examples/office/answers", answers)
    assert run(["firms", str(answers), "--out", str(firms)]) == 0
    assert shown(firms)[0] <= 3
