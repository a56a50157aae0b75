"""Blocks and parts laid out as HTML, by the templates."""

from collections.abc import Iterable, Sequence
from typing import Any

from offing.report.blocks import Block, Cell, Column
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
