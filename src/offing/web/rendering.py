"""A view as a page, as JSON and as CSV: three forms of one answer."""

import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from offing.report.blocks import Block, Figures, Folded, Table, open_blocks
from offing.report.drawing import style
from offing.report.layout import HTML_LANG, Glossed, row_html
from offing.report.words import join_sentences
from offing.rules.rule_use import cite_sources
from offing.rules.tariff import words_of
from offing.terms.errors import MissingDataError, OffingError
from offing.terms.frames import csv_text
from offing.terms.messages import LANGUAGES, language, say
from offing.terms.plain import map_texts, plain, values_of
from offing.terms.products import product_called
from offing.web.page import View, Visit
from offing.web.pages import pages
from offing.web.papers import HandedIn

STATIC = ("blocks.css", "workbench.css", "workbench.js")
TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


@cache
def static_file(name: str) -> bytes:
    """One of our own files; the report's style is that of the report's page."""
    if name == "blocks.css":
        return style().encode()
    return resources.files("offing.web").joinpath("static", name).read_bytes()


@cache
def stamp(name: str) -> str:
    """What changes in a file's address when the file changes."""
    return hashlib.sha256(static_file(name)).hexdigest()[:12]


@cache
def _environment() -> Environment:
    loader = ChoiceLoader(
        [PackageLoader("offing.web", "templates"), PackageLoader("offing.report", "templates")]
    )
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    made.globals.update(say=say, joined=join_sentences, row_html=row_html, table_link=None)
    return made


def _render(template: str, **values: Any) -> str:
    files = {name: f"/static/{name}?v={stamp(name)}" for name in STATIC}
    return (
        _environment()
        .get_template(template)
        .render(
            html_lang=HTML_LANG[language()],
            lang=language(),
            other=next(lang for lang in LANGUAGES if lang != language()),
            files=files,
            gloss=Glossed(),
            **values,
        )
    )


def html(view: View, visit: Visit) -> str:
    """The page of a view."""
    query, tidy, offered = dict(visit.query), visit.workbench.tidy, list(_alternatives(view, visit))
    failed: OffingError | None = view.values.get("failed")
    return tidy(
        _render(
            view.template,
            view=view,
            visit=visit,
            nav=list(_navigation(visit)),
            csrf=visit.workbench.sessions.form_token(visit.session),
            table_link=lambda table: visit.link(
                f"{visit.page.name}.csv", **(query | {"table": table})
            ),
            chart_link=lambda figure, kind: visit.link(
                f"{visit.page.name}.chart", **(query | {"figure": figure, "as": kind})
            ),
            twin=visit.link(f"{visit.page.name}.json", **query),
            switch=_switch(visit),
            help=visit.link("help", page=f"how-to/{visit.page.guide}"),
            offered=offered,
            refusal=view.error
            and (tidy(view.error.found), () if offered else told_of(view.error, tidy)),
            wrong={
                name: " ".join(text for text in (tidy(one.found), tidy(one.expected or "")) if text)
                for name, (_, one) in getattr(view.error, "fields", {}).items()
            },
            papers=HandedIn.of(visit).all(),
            **view.values | {"failed": failed and (tidy(failed.found), told_of(failed, tidy))},
        )
    )


LINES = 12
"""Tariff lines that are offered; those nearest to the product come first."""


def _alternatives(view: View, visit: Visit) -> Iterator[tuple[str, str]]:
    """Where a word names several products: the same question with each of them, and its name."""
    values = {} if view.error is None else view.error.values
    lines: Any = values.get("tariff_lines", ())
    for line in lines[:LINES]:
        query = dict(visit.query) | {"code": line.code}
        yield visit.link(visit.page.name, **query), f"{line.code}  {line.text}  {words_of(line)}"
    codes, word = values.get("codes"), values.get("text")
    query = dict(visit.query)
    asked = next((name for name, text in query.items() if text.strip() == word), None)
    if asked is not None and isinstance(codes, tuple):
        for code in codes:
            yield visit.link(visit.page.name, **(query | {asked: code})), product_called(code)


def _switch(visit: Visit) -> str:
    other = next(lang for lang in LANGUAGES if lang != language())
    return visit.link(visit.page.name, **(dict(visit.query) | {"lang": other}))


def _navigation(visit: Visit) -> Iterator[tuple[str, list[tuple[str, str, bool]]]]:
    """Groups with their heading; of a page its address, name, and whether it is the one shown."""
    listed = [
        page
        for page in pages()
        if page.listed and (visit.place is not None or not page.needs_study)
    ]
    for group, members in groupby(listed, key=lambda page: page.group):
        named = [(page, say(f"web.nav_{page.name.replace('-', '_')}")) for page in members]
        entries = [(visit.link(page.name), name, page is visit.page) for page, name in named]
        yield say(f"web.group_{group}"), entries


Tidy = Callable[[str], str]
"""Takes the folders of this machine out of a text."""


def error_page(error: OffingError | None, tidy: Tidy = str, onward: str | None = None) -> str:
    """The page of an error: found, where, expected, next. ``None`` is a fault of ours.

    ``onward`` is the address to which a person may go on from it.
    """
    ours = ((say("web.label_next"), say("web.broken_next")),)
    parts = ours if error is None else told_of(error, tidy)
    found = say("web.broken") if error is None else tidy(error.found)
    return _render("error.html", found=found, parts=parts, onward=onward, nav=[], switch="/")


def told_of(error: OffingError, tidy: Tidy) -> tuple[tuple[str, str], ...]:
    """Where, expected and next, with their labels, as far as the error says them."""
    where = "" if error.where is None else str(error.where)
    parts = ("where", where), ("expected", error.expected), ("next", error.next_step)
    return tuple((say(f"web.label_{label}"), tidy(text)) for label, text in parts if text)


def error_data(error: OffingError, tidy: Tidy) -> Any:
    """An error for a program."""
    return map_texts(error.as_json(), tidy)


def twin(view: View, visit: Visit) -> dict[str, Any]:
    """A view for a program: the answer's data, and what the page says."""
    told = [_block_data(block) for block in view.blocks]
    data = view.data() if callable(view.data) else view.data
    return {
        "page": visit.page.name,
        "title": view.title,
        "study": visit.place.name if visit.place else None,
        "language": language(),
        **map_texts({"data": cite_sources(plain(data)), "told": told}, visit.workbench.tidy),
    }


def _block_data(block: Block) -> dict[str, Any]:
    """A block for a program; a picture is told by its tables."""
    match block:
        case Table():
            inner = _table(block)
        case Figures(figures):
            inner = {
                "figures": [
                    values_of(figure, "heading", "caption")
                    | {"tables": [_table(table) for table in figure.tables]}
                    for figure in figures
                ]
            }
        case Folded(summary, blocks):
            inner = {"summary": summary, "told": [_block_data(inside) for inside in blocks]}
        case _:
            inner = plain(block)
    return {"kind": type(block).__name__.lower()} | inner


def _table(table: Table) -> dict[str, Any]:
    return {
        **values_of(table, "id", "caption"),
        "columns": [column.heading for column in table.columns],
        "rows": [[cell.text for cell in row] for row in table.rows],
        "total": None if table.total is None else [cell.text for cell in table.total],
    }


def chart_of(view: View, name: str) -> str:
    """A picture of a view as SVG, to stand without its page.

    Raises:
        MissingDataError: ``web.no_table``, where it has none of that name.
    """
    waiting = [*view.blocks]
    for block in waiting:
        if isinstance(block, Folded):
            waiting += block.blocks
        for figure in block.figures if isinstance(block, Figures) else ():
            if figure.id == name:
                return figure.alone()
    raise MissingDataError("web.no_table", name=name[:60])


def table_as_csv(view: View, name: str, tidy: Tidy) -> bytes:
    """A table of a view as the page shows it; the mark in front tells Excel that it is UTF-8.

    Raises:
        MissingDataError: ``web.no_table``.
    """
    tables = (block for block in open_blocks(view.blocks) if isinstance(block, Table))
    table = next((table for table in tables if table.id == name), None)
    if table is None:
        raise MissingDataError("web.no_table", name=name[:60])
    rows = [table.rows, [table.total] if table.total else []]
    cells = [[tidy(cell.text) for cell in row] for part in rows for row in part]
    return csv_text([[c.heading for c in table.columns], *cells]).encode("utf-8-sig")
