"""An answer as a Word file: all of its sentences and tables, in both languages, on A4."""

from functools import partial
from pathlib import Path

import pytest
from docx import Document

from offing.cli.app import run
from offing.report.blocks import (
    Actions,
    Callout,
    Fact,
    Figure,
    Figures,
    Folded,
    Heading,
    Terms,
    Text,
)
from offing.report.charts import bars
from offing.report.decision import NamedDecision
from offing.report.views import plan
from offing.report.word import ROWS, write_blocks
from offing.terms.messages import LANGUAGES, speaking
from report_example import example

EXAMPLE = "examples/tv-maker"


def texts(file: Path) -> list[str]:
    document = Document(str(file))
    cells = (c.text for t in document.tables for row in t.rows for c in row.cells)
    return [*(p.text for p in document.paragraphs), *cells]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_and_row_is_in_the_file(lang: str, tmp_path: Path) -> None:
    result = example()
    with speaking(lang):  # type: ignore[arg-type]
        decision = NamedDecision.from_result(result)
        told = [*plan.what_to_do(result.plan, decision, result.warnings),
                *plan.blocks(result.plan, decision, {}, settled=False)]  # fmt: skip
        facts = plan.facts(result.plan, decision)
        write_blocks("Title", "About", told, facts, tmp_path / "a.docx")
    found = texts(tmp_path / "a.docx")
    assert found[:2] == ["Title", "About"]
    for block in told:
        if isinstance(block, Text):
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
    told = (Folded("More", (table, Terms((("word", "means"),)))), Text((), "list"))
    write_blocks("T", "", told, (Fact("a", "b", "c"),), tmp_path / "a.docx")
    rows_drawn = [("Poland", 2.0, "2 m", True), ("德国", 1.0, "1 m", False)]
    figure = Figure("f", "Sales", partial(bars.draw, "f", "Sales", "d", rows_drawn), "How")
    write_blocks("T", "", (*told, Figures((figure,))), (), tmp_path / "b.docx")
    (drawn,) = Document(str(tmp_path / "b.docx")).inline_shapes
    assert round(drawn.width.cm) == 17
    assert "How" in texts(tmp_path / "b.docx")
    found = texts(tmp_path / "a.docx")
    assert {"More", "Caption", "A", "row 0", f"row {ROWS - 1}", "All", "word", "means"} <= {*found}
    assert f"row {ROWS}" not in found
    assert "Show 5 more" in found


def test_a_plan_for_who_decides_and_a_brief(tmp_path: Path) -> None:
    file = tmp_path / "boss.docx"
    assert run(["plan", EXAMPLE, "--out", str(file), "--lang", "zh"]) == 0
    found = texts(file)
    assert found[0] == "电视机的下一个市场"
    assert "先查明" in found
    assert len("".join(found)) < 2500, "one page"
    deal = tmp_path / "deal.docx"
    assert run(["settle", "100000", "EUR", "--market", "DEU", "--on", "2024-12-31",
                "--out", str(deal)]) == 0  # fmt: skip
    assert any("EUR" in text for text in texts(deal))
