"""An answer as a file to hand on: for Word (.docx), as PDF, or as a picture for a messenger.

Sentences, lists, pictures and tables. Word's is built with python-docx; the others are set by
Typst, with the machine's own fonts inside and, in a PDF, text to be searched and copied.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from offing.planning.plan import Plan
from offing.report import blocks
from offing.report.blocks import Block, Fact, Figures, Table
from offing.report.decision import NamedDecision
from offing.report.drawing import WIDTH, style, text_width, themes
from offing.report.form_names import PaperNames
from offing.report.views import question_of, view_of
from offing.report.views.plan import facts as facts_of
from offing.report.views.plan import heading as heading_of
from offing.report.views.plan import what_to_do
from offing.report.views.run import picture as chart_of
from offing.report.words import join_sentences
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.messages import Language, language, named_by, say
from offing.terms.numbers import day, hiding_prices
from offing.terms.plain import map_texts

FONT, CHINESE = "Arial", "Microsoft YaHei"
MARGIN_CM, WIDTH_CM = 2.0, 17.0
PICTURE_CM = 10.0
"""Width of a picture that a phone would show: its text is as high as the table's."""
ROWS = 40
"""Of a table: a file that is read on paper has no more."""
SHORT = 16
"""Lines of a table that is not broken."""
CELL, WIDE, BESIDE_CM = 130.0, 420.0, 0.45
"""How wide the text of a cell may be before it takes more lines, and those of a row before they
are smaller, where a character is 12 high; what stays free in a cell."""
Part = tuple[Any, ...]
"""What it is, and what it says: a sentence by its kind, an action, a picture, a table."""


def write_answer(answer: Any, target: Path) -> None:
    """The answer of a question, as it is told."""
    title = say(f"cli.{question_of(answer)}").rstrip(".。")
    with named_by(PaperNames()):
        write_blocks(title, "", view_of(answer), (), target)


def write_plan(answer: Any, target: Path) -> None:
    """A plan for who decides; a picture has names and prices where they were asked for."""
    study, planned = answer.planned.world.study, answer.planned
    decision = NamedDecision.from_study(study, planned.decided)
    told = planned.plan, decision, answer.cautions
    write_decision(heading_of(study), *told, target, names=answer.names, made_up=study.firm.made_up)


WRITERS = dict.fromkeys((".docx", ".pdf"), write_answer)
PLAN_WRITERS = dict.fromkeys((*WRITERS, ".png"), write_plan)


def write_decision(
    heading: tuple[str, str],
    plan: Plan,
    decision: NamedDecision,
    cautions: Iterable[Caution],
    target: Path,
    *,
    names: bool,
    made_up: bool,
) -> None:
    """What to do, how sure, and for which share of the sales: a page, or one long picture (.png).

    Args:
        heading: a title, and what stands under it.
        plan: of a study.
        decision: that made it.
        cautions: of the study.
        target: the file.
        names: whether a picture has names and prices.
        made_up: whether the sales are invented, which a picture says.

    Raises:
        InputError: ``report.no_fonts``.
    """
    picture = ".png" in target.suffixes
    bare = picture and not names
    with hiding_prices(hidden=bare), named_by(PaperNames()):
        told = what_to_do(plan, decision, cautions)
        parts = [*_parts_of(told, facts_of(plan, decision))]
    if bare:
        heading = say("report.answer_heading"), day(decision.on)
        parts = _letter_models(parts, decision.products)
    if picture or not decision.figures.moves:  # one page has room for moves or a chart
        chart = chart_of(plan, decision.figures)
        drawn = [] if chart is None else [replace(chart, tables=())]
        parts = [*parts, *_parts_of([Figures(tuple(drawn))])]
    if picture:
        parts = [*[("note", say("report.made_up"))] * made_up, *parts]
    _write(*heading, parts, target)


def _letter_models(parts: Any, products: Mapping[str, str]) -> Any:
    """Parts in which each model has a letter in the place of its name."""
    letters = dict[str, str]()
    for at, (key, name) in enumerate(products.items()):
        letter = say("report.model_letter", letter=chr(ord("A") + at % 26) * (at // 26 + 1))
        for word in name, name.removesuffix(f" ({key})"), key:
            letters[word.casefold()] = letter
    words = "|".join(re.escape(word) for word in sorted(letters, key=len, reverse=True))
    find = re.compile(rf"(?<![A-Za-z0-9.])(?:{words})(?![A-Za-z0-9]|\.\d)", re.IGNORECASE)

    return map_texts(parts, lambda text: find.sub(lambda found: letters[found[0].casefold()], text))


def write_blocks(
    title: str, about: str, told: Iterable[Block], facts: Iterable[Fact], target: Path
) -> None:
    """Blocks as a file of A4 pages, in the way that its name ends or that a file beside it will.

    Args:
        title: of the file.
        about: under it.
        told: in their order.
        facts: in a row of their own, after what is told.
        target: the file; the same blocks give the same text.

    Raises:
        InputError: ``report.no_fonts`` for a PDF where the machine has none with letters of the
            language.
    """
    _write(title, about, [*_parts_of(told, facts)], target)


def _write(title: str, about: str, parts: list[Part], target: Path) -> None:
    write = _write_word if ".docx" in target.suffixes else _typeset
    write(title, about, parts, target)


def _parts_of(told: Iterable[Block], facts: Iterable[Fact] = ()) -> Iterator[Part]:
    for block in told:
        yield from _parts(block)
    if rows := [[fact.name, fact.value, fact.remark] for fact in facts]:
        yield ("table", "", [], rows, [False] * 3)


def _parts(block: Block) -> Iterator[Part]:
    match block:
        case blocks.Text(sentences, kind):
            yield from ((kind, sentence) for sentence in sentences)
        case blocks.Heading(text):
            yield ("heading", text)
        case blocks.Callout(text):
            yield ("paragraph", f"! {text}")
        case blocks.Table():
            yield from _table_parts(block)
        case blocks.Folded(summary, inside):
            yield ("heading", summary)
            for one in inside:
                yield from _parts(one)
        case blocks.Actions(items):
            yield from (("action", i.text, i.gain, i.remark) for i in items)
        case blocks.Figures(figures):
            for figure in figures:
                svg = standing_svg(figure.alone(), narrow=True)
                across = float(re.findall(r'viewBox="0 0 ([\d.]+) ', svg)[0])
                yield ("heading", figure.heading)
                source = figure.source and say("report.source_line", source=figure.source)
                told = join_sentences((figure.caption, source))
                yield ("picture", svg, told, min(WIDTH_CM, PICTURE_CM * across / WIDTH))
                for table in figure.tables:
                    yield from _table_parts(table)


def _table_parts(table: Table) -> Iterator[Part]:
    rows = [*table.rows[:ROWS], *([table.total] if table.total else [])]
    heads = [column.heading for column in table.columns]
    numbers = [column.number for column in table.columns]
    yield ("table", table.caption, heads, [[cell.text for cell in row] for row in rows], numbers)
    if len(table.rows) > ROWS:
        yield ("note", say("firms.more", count=len(table.rows) - ROWS))


def _typeset(title: str, about: str, parts: list[Part], target: Path) -> None:
    phone = ".png" in target.suffixes
    told = {"title": title, "about": about, "parts": parts, "lang": language(), "phone": phone}
    style = resources.files("offing.report").joinpath("templates/paper.typ").read_bytes()
    target.write_bytes(typeset(style, json.dumps(told), "png" if phone else "pdf"))


def _write_word(title: str, about: str, parts: list[Part], target: Path) -> None:
    from docx import Document
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    file = Document()
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(MARGIN_CM)
    section.top_margin = section.bottom_margin = Cm(MARGIN_CM)
    for name in ("Normal", "Heading 1", "Heading 2"):
        style: Any = file.styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.attrib.clear()  # a theme's fonts would win over those named
        style.font.name = FONT
        fonts.set(qn("w:eastAsia"), CHINESE)
    normal: Any = file.styles["Normal"]
    normal.font.size, normal.paragraph_format.space_after = Pt(10), Pt(4)
    file.core_properties.title = title
    file.add_heading(title, 1)
    for part in ([("paragraph", about)] if about else []) + parts:
        _add_part(file, part)
    file.save(str(target))


def _add_part(file: Any, part: Part) -> None:
    from docx.shared import Cm

    match part:
        case "heading", text:
            file.add_heading(text, 2)
        case "table", caption, heads, rows, numbers:
            if caption:
                line = file.add_paragraph()
                line.add_run(caption).bold = line.paragraph_format.keep_with_next = True
            _add_table(file, heads, rows, numbers)
        case "action", text, gain, remark:
            line = file.add_paragraph(style="List Bullet")
            line.add_run(text).bold = True
            line.add_run(f"  {gain}" if gain else "")
            if remark:
                line.paragraph_format.keep_with_next = True
                file.add_paragraph(remark).paragraph_format.left_indent = 360000
        case "picture", svg, caption, across:
            try:
                file.add_picture(BytesIO(typeset(SETTING, svg)), width=Cm(across))
                file.paragraphs[-1].paragraph_format.keep_with_next = True
            except InputError as error:
                file.add_paragraph(say(error.key))
            file.add_paragraph(caption)
        case "list", text:
            file.add_paragraph(text, style="List Bullet")
        case kind, text:
            file.add_paragraph().add_run(text).bold = kind == "lead"


def _add_table(file: Any, heads: list[str], rows: list[list[str]], numbers: list[bool]) -> None:
    """A grid as wide as the page; no row is cut, and its heads repeat on every page."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Cm, Pt

    lines = [heads, *rows] if heads else rows
    made = file.add_table(rows=0, cols=len(numbers), style="Light Grid Accent 1")
    made.autofit = False
    # a head may take two lines, a word of it none
    least = [max([h[: len(h) // 2 + 1], *re.findall("[!-ÿ]+", h)], key=text_width) for h in heads]
    columns = zip(*([least, *rows] if heads else rows), strict=True)
    rooms = [8 + min(max(map(text_width, of)), CELL) for of in columns]
    size = Pt(9 if sum(rooms) < WIDE else 8)
    for column, room in zip(made.columns, rooms, strict=True):
        column.width = Cm(BESIDE_CM + (WIDTH_CM - BESIDE_CM * len(rooms)) * room / sum(rooms))
    for at, texts in enumerate(lines):
        row = made.add_row()
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, text, number in zip(row.cells, texts, numbers, strict=True):
            (line,) = cell.paragraphs
            line.paragraph_format.space_after = Pt(1)
            line.paragraph_format.keep_with_next = at < len(lines) - 1 and len(lines) <= SHORT
            if number:
                line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            run = line.add_run(text)
            run.font.size, run.bold = size, at == 0 and bool(heads)
    if heads:
        made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    file.add_paragraph()


PPI = 96 * 2.7
"""Pixels of an inch: 2.7 of a unit of a chart, 1,080 across a phone's page."""
SETTING = b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.told), format: "svg")"""
LETTER = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><desc></desc>'


@cache
def _rules() -> tuple[tuple[str, str], ...]:
    """Selector and declarations of the plain rules of a page's style, in the light colours."""
    colours, _ = themes()
    light = re.sub(r"var\(--([\w-]+)\)", lambda found: colours.get(found[1], found[0]), style())
    rules = (rule.partition("{") for rule in light.split("@media print")[0].split("}"))
    found = [(selector.strip(), said) for selector, _, said in rules if "@" not in selector + said]
    return tuple(found)


def standing_svg(svg: str, *, narrow: bool = False) -> str:
    """A chart with its own style and ground; of two widths, the wide one or that of a phone."""
    one, _, other = svg.removesuffix("</div>").partition('</div><div class="pic-wide">')
    svg = one.removeprefix('<div class="pic-narrow">') if narrow or not other else other
    classes = {name for value in re.findall(r'class="([^"]+)"', svg) for name in value.split()}
    style = "".join(
        f"{selector}{{{declared}}}"
        for selector, declared in _rules()
        if selector == "svg text" or classes & {*re.findall(r"\.([\w-]+)", selector)}
    )
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0]
    ground = f'<style>{style}</style><rect width="{width}" height="{height}" fill="#fff"/>'
    sized = svg.replace(" viewBox=", f' width="{width}" height="{height}" viewBox=', 1)
    return sized.replace("</desc>", f"</desc>{ground}", 1)


def png(svg: str) -> bytes:
    """A chart as PNG, as :func:`typeset`."""
    return typeset(SETTING, standing_svg(svg))


def typeset(style: bytes, told: str, form: Literal["pdf", "png"] = "png") -> bytes:
    """A page in a style of Typst, which has what is told as its input of that name.

    Raises:
        InputError: ``report.no_fonts`` where the machine has none with letters of the language: a
            picture would have no words.
    """
    if not has_fonts(language()):
        raise InputError("report.no_fonts", lang=language())
    return _drawn(style, told, form)


def _drawn(style: bytes, told: str, form: Literal["pdf", "png"] = "png") -> bytes:
    import typst

    return typst.compile(style, format=form, ppi=PPI, sys_inputs={"told": told})


@cache
def has_fonts(lang: Language) -> bool:
    """Whether two letters of a language look different: where there is no font nothing is drawn."""
    one, other = (
        _drawn(SETTING, standing_svg(f"{LETTER}<text y='15'>{letter}</text></svg>"))
        for letter in {"en": "ab", "zh": "中国"}[lang]
    )
    return one != other
