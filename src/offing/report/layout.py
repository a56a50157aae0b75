"""Blocks and parts laid out as HTML, by the templates."""

from collections.abc import Iterable
from importlib import resources
from typing import Any

from offing.report import palette
from offing.report.blocks import Block
from offing.report.cells import row_html
from offing.terms.messages import language, say

HTML_LANG = {"en": "en", "zh": "zh-Hans"}


def _rendered(template: str, **values: Any) -> str:
    from jinja2 import Environment, PackageLoader

    style = resources.files("offing.report").joinpath("templates/page.css")
    templates = Environment(loader=PackageLoader("offing.report", "templates"), autoescape=True)
    text: str = templates.get_template(template).render(
        say=say,
        row_html=row_html,
        html_lang=HTML_LANG[language()],
        css=palette.css() + "\n" + style.read_text(encoding="utf-8"),
        **values,
    )
    return text + "\n"


def lay_out(**values: Any) -> str:
    """One page from its parts, in the language of the context: see ``templates/page.html``."""
    return _rendered("page.html", **values)


def fragment(told: Iterable[Block]) -> str:
    """Blocks as a piece of a page, such as a notebook shows."""
    return _rendered("fragment.html", blocks=tuple(told))
