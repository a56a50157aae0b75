"""An answer as a Word file (.docx): what a person hands on, edits and signs.

Sentences, lists, pictures and tables. Built with python-docx.
"""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from offing.report import blocks
from offing.report.blocks import Block, Fact, Table
from offing.terms.messages import language, say

FONT, CHINESE = "Calibri", "Microsoft YaHei"
MARGIN_CM, WIDTH_CM = 2.0, 17.0
ROWS = 40
"""Of a table: a file that is read on paper has no more."""
SHORT = 15
"""Rows of a table that is not broken."""


def write_answer(answer: Any, target: Path) -> None:
    """The answer of a question, as it is told."""
    from offing.report.views import question_of, view_of

    title = say(f"cli.{question_of(answer)}").rstrip(".。")
    write_blocks(title, "", view_of(answer), (), target)


def write_plan(answer: Any, target: Path) -> None:
    """A plan on a page for who decides: what to do, how sure, and for which share of the sales."""
    from offing.report.decision import NamedDecision
    from offing.report.views import plan

    study = answer.planned.world.study
    decision = NamedDecision.from_study(
        study, answer.planned.decided, answer.planned.plan.known_share
    )
    title, about = plan.heading(study)
    told = plan.what_to_do(answer.planned.plan, decision, answer.cautions)
    facts = plan.facts(answer.planned.plan, decision)
    write_blocks(title, about, told, facts, target)


WRITERS = {".docx": write_answer}


def write_plan_picture(answer: Any, target: Path) -> None:
    """The same as one long picture; names and prices where the answer was asked for them."""
    from offing.report.decision import NamedDecision
    from offing.report.picture import plan_picture
    from offing.report.views.plan import heading

    study, planned = answer.planned.world.study, answer.planned
    decision = NamedDecision.from_study(study, planned.decided, planned.plan.known_share)
    told = planned.plan, decision, answer.cautions
    title = " · ".join(heading(study)) if answer.names else ""
    shown = plan_picture(*told, title=title, made_up=study.firm.made_up)
    target.write_bytes(shown)


PLAN_WRITERS = {".docx": write_plan, ".png": write_plan_picture}


def write_blocks(
    title: str, about: str, told: Iterable[Block], facts: Iterable[Fact], target: Path
) -> None:
    """Blocks as a file of A4 pages.

    Args:
        title: of the file.
        about: under it.
        told: in their order.
        facts: in a row of their own, after what is told.
        target: the file; the same blocks give the same text.
    """
    from docx import Document
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    file = Document()
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(MARGIN_CM)
    section.top_margin = section.bottom_margin = Cm(MARGIN_CM)
    for name in ("Normal", "Heading 1", "Heading 2", "Title"):
        style: Any = file.styles[name]
        style.font.name = FONT
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), CHINESE)
    normal: Any = file.styles["Normal"]
    normal.font.size, normal.paragraph_format.space_after = Pt(10), Pt(4)
    file.core_properties.title = title
    file.add_heading(title, 1)
    if about:
        file.add_paragraph(about)
    for block in told:
        _add_block(file, block)
    rows = [(fact.name, fact.value, fact.remark) for fact in facts]
    if rows:
        _table(file, (), rows)
    file.add_paragraph(say("report.footer"))
    file.save(str(target))


def _add_block(file: Any, block: Block) -> None:
    from docx.shared import Cm

    match block:
        case blocks.Text(sentences, kind):
            for sentence in sentences:
                _paragraph(file, sentence, kind)
        case blocks.Heading(text):
            file.add_heading(text, 2)
        case blocks.Callout(text):
            file.add_paragraph().add_run(text).italic = True
        case blocks.Table():
            _add_table(file, block)
        case blocks.Folded(summary, inside):
            file.add_heading(summary, 2)
            for one in inside:
                _add_block(file, one)
        case blocks.Actions(items, numbered):
            for item in items:
                line = file.add_paragraph(style="List Number" if numbered else "List Bullet")
                line.add_run(item.text).bold = True
                line.add_run(f"  {item.gain}" if item.gain else "")
                if item.remark:
                    file.add_paragraph(item.remark).paragraph_format.left_indent = 360000
        case blocks.Figures(figures):
            from offing.report.picture import has_fonts, png

            for figure in figures:
                _bold_line(file, figure.heading)
                if has_fonts(language()):
                    file.add_picture(BytesIO(png(figure.svg)), width=Cm(WIDTH_CM))
                else:
                    file.add_paragraph(say("report.no_fonts"))
                file.add_paragraph(figure.caption)
                for table in figure.tables:
                    _add_table(file, table)
        case blocks.Terms(items):
            _table(file, (), items)


def _paragraph(file: Any, sentence: str, kind: str) -> None:
    if kind == "list":
        file.add_paragraph(sentence, style="List Bullet")
    else:
        file.add_paragraph().add_run(sentence).bold = kind == "lead"


def _add_table(file: Any, table: Table) -> None:
    _bold_line(file, table.caption)
    rows = [*table.rows[:ROWS], *([table.total] if table.total else [])]
    _table(
        file,
        [column.heading for column in table.columns],
        [[cell.text for cell in row] for row in rows],
        [column.number for column in table.columns],
    )
    if len(table.rows) > ROWS:
        file.add_paragraph(say("report.more_sentences", count=len(table.rows) - ROWS))


def _bold_line(file: Any, text: str) -> None:
    """A title of what follows, which stands on the same page."""
    line = file.add_paragraph()
    line.add_run(text).bold = True
    line.paragraph_format.keep_with_next = True


def _table(
    file: Any, heads: Iterable[str], rows: Iterable[Iterable[str]], numbers: Iterable[bool] = ()
) -> None:
    """A grid, a short one on one page; its heads repeat on every page, its numbers stand right."""
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    lines = [list(row) for row in rows]
    first, right = list(heads), list(numbers)
    made = file.add_table(rows=0, cols=len(first or lines[0]), style="Light Grid Accent 1")
    for at, texts in enumerate([first, *lines] if first else lines):
        row = made.add_row()
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            line = cell.paragraphs[0]
            run = line.add_run(str(text))
            run.font.size, run.bold = Pt(9), at == 0 and bool(first)
            line.paragraph_format.keep_with_next = len(lines) <= SHORT and at < len(lines)
            line.alignment = 2 if any(right[column : column + 1]) else None
    if first:
        mark = OxmlElement("w:tblHeader")
        made.rows[0]._tr.get_or_add_trPr().append(mark)
    file.add_paragraph()
