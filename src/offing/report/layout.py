"""Blocks laid out as HTML, by the templates, and as Markdown for who reads text."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from offing.report import blocks
from offing.report.blocks import Block, Cell, Column, opened
from offing.report.drawing import style
from offing.report.glossary import Glossed
from offing.terms.messages import language, say

HTML_LANG = {"en": "en", "zh": "zh-Hans"}
_SIGNS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"})
"""As the templates write them."""


def _render(template: str, **values: Any) -> str:
    from jinja2 import Environment, PackageLoader

    templates = Environment(loader=PackageLoader("offing.report", "templates"), autoescape=True)
    text: str = templates.get_template(template).render(
        say=say,
        row_html=row_html,
        gloss=Glossed(),
        html_lang=HTML_LANG[language()],
        css=style(),
        **values,
    )
    return text + "\n"


def lay_out(**values: Any) -> str:
    """One page from its parts, in the language of the context: see ``templates/page.html``."""
    return _render("page.html", **values)


def fragment(told: Iterable[Block]) -> str:
    """Blocks as a piece of a page, such as a notebook shows."""
    return _render("fragment.html", blocks=tuple(told))


def row_html(cells: Sequence[Cell], columns: Sequence[Column], name: str = "") -> str:
    """A row, whose first cell names it; in a template 11,000 cells would take far longer.

    ``name`` is its place on the page, where a mark of a picture leads to it.

    >>> columns = [Column("", number=False), Column("")]
    >>> print(row_html([Cell("R&D", mark="ours"), Cell("7")], columns))
    <tr><th scope="row" class="text ours">R&amp;D</th><td>7</td></tr>
    >>> print(row_html([Cell("7", bar=0.5)], columns[1:], "a.1"))
    <tr id="a.1"><th scope="row" class="num bar" style="--n:0.500">7</th></tr>
    """
    parts = []
    for place, cell in enumerate(cells):
        tag, scope = ("td", "") if place else ("th", ' scope="row"')
        number = columns[place].number
        names = [] if number and place else ["num" if number else "text"]
        names += [cell.mark] if cell.mark else []
        style = ""
        if cell.bar is not None:
            names, style = [*names, "bar"], f' style="--n:{cell.bar:.3f}"'
        marks = f' class="{" ".join(names)}"' if names else ""
        parts.append(f"<{tag}{scope}{marks}{style}>{cell.text.translate(_SIGNS)}</{tag}>")
    row = f' id="{name}"' if name else ""
    return f"<tr{row}>{''.join(parts)}</tr>"


def markdown(told: Iterable[Block]) -> str:
    """Blocks as Markdown. Pictures have no place here: their tables stand for them.

    >>> print(markdown([blocks.Text(("Stay.",), "lead"), blocks.Callout("One year only.")]))
    **Stay.**
    <BLANKLINE>
    > ⚠ One year only.
    """
    return "\n\n".join(text for block in opened(told) for text in _parts(block))


def _parts(block: Block) -> Iterator[str]:
    match block:
        case blocks.Text(sentences, "lead"):
            yield f"**{sentences[0]}**"
            yield from sentences[1:]
        case blocks.Text(sentences, "list"):
            yield "\n".join(f"- {sentence}" for sentence in sentences)
        case blocks.Text(sentences, _):
            yield from sentences
        case blocks.Callout(text):
            yield f"> ⚠ {text}"
        case blocks.Heading(text):
            yield f"### {text}"
        case blocks.Table():
            yield _table(block)
        case blocks.Actions(steps):
            remarks = (f"\n   {step.remark}" if step.remark else "" for step in steps)
            lines = (f"- {step.headline}" for step in steps)
            yield "\n".join(map("".join, zip(lines, remarks, strict=True)))


def _table(table: blocks.Table) -> str:
    """A table of pipes; a bar in a cell would end it, a line's end the row."""
    rows = [*table.rows, *([table.total] if table.total else [])]
    sides = ["---:" if column.number else "---" for column in table.columns]
    lines = [
        [column.heading for column in table.columns],
        sides,
        *([cell.text for cell in row] for row in rows),
    ]
    caption = [f"**{table.caption}**\n"] if table.caption else []
    return "\n".join([*caption, *("| " + " | ".join(map(_cell, line)) + " |" for line in lines)])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
