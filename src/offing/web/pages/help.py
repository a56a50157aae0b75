"""Help: one search over pages, words, guides, countries and codes, and the guides that come along.

The guides are the pages of the documentation. Their headings have the anchors of the English ones,
so that links hold in both languages.
"""

import re
from collections.abc import Iterator
from functools import cache
from mimetypes import guess_type
from posixpath import dirname, normpath
from typing import Any

from starlette.responses import FileResponse

from offing.api.asking import open_warehouse
from offing.api.codes import codes, index_of
from offing.report.layout import glossary, is_term
from offing.study.examples import carried_folder
from offing.terms.countries import all_countries
from offing.terms.errors import InputError, MissingDataError, OffingError
from offing.terms.messages import Language, has_message, language, say, using_language
from offing.terms.products import WordIndex
from offing.web.page import Page, View, Visit
from offing.web.pages import pages

FOLDERS = ("how-to", "tutorials", "explanation", "reference")
"""Of the guides that are listed and searched."""
TITLE, TEXT = 3.0, 0.5
"""Weights of a word: in what a thing is called, in what is said of it."""
EXCERPT, SHOWN, LEAST = 160, 12, 0.3
"""Signs of a text, things that are found, and their least score as a share of the best."""
Entry = tuple[str, str, str, dict[str, str], str, str]
"""Its kind (page, word, guide, country, code), its title, the page that shows it, with its query
and anchor, and how it begins."""


def show(visit: Visit) -> View:
    """What is found, a guide, or the list of them.

    Raises:
        MissingDataError: ``web.no_guide``.
    """
    asked, name, known = visit.value("q"), visit.value("page"), guides(language())
    if name and name not in known:
        raise MissingDataError("web.no_guide", name=name[:60])
    values: dict[str, Any] = {"asked": asked, "found": (), "goods": (), "listed": (), "guide": ""}
    if name:
        values["guide"] = guide_html(visit, name)
        return View(title_of(name), template="help.html", values=values)
    found, goods = search(asked), list(_codes(visit, asked))
    values |= {
        "found": [_link_entry(visit, entry) for entry in found],
        "goods": [_link_entry(visit, entry) for entry in goods],
        "listed": [(visit.link("help", page=one), title_of(one))
                   for one in known if one.startswith(FOLDERS) and not asked],
    }  # fmt: skip
    data = {"found": [{"kind": entry[0], "title": entry[1]} for entry in (*found, *goods)]}
    error = None if found or goods or not asked else InputError("web.help_none", text=asked[:60])
    return View(say("web.help_title"), (), data, "help.html", values, error)


def _link_entry(visit: Visit, entry: Entry) -> tuple[str, str, str, str]:
    """What it is, its title, its address, how it begins."""
    kind, title, page, query, anchor, begins = entry
    return kind, title, visit.link(page, **query) + (f"#{anchor}" if anchor else ""), begins


def _codes(visit: Visit, asked: str) -> Iterator[Entry]:
    """Codes of goods that are called so; none for a term of the field, nor where most words of the
    name are said of no such goods.
    """
    try:
        answer = codes(asked, warehouse=visit.warehouse)
        index = index_of(open_warehouse(visit.warehouse))
    except OffingError:
        return
    first = answer.candidates[0].code
    if answer.words.isdecimal() or (not is_term(asked) and index.share(answer.words, first) > 0.5):
        for one in answer.candidates:
            yield "code", f"{one.code}  {one.name}", "quote", {"product": one.code}, "", one.own


@cache
def guides(lang: Language) -> dict[str, str]:
    """Each page of the documentation by its name, such as ``how-to/quote-a-shipment``.

    In English where it is not there in the other language.
    """
    folder, texts = carried_folder("docs"), dict[str, str]()
    for file in sorted(folder.rglob("*.md")):
        own = file.with_suffix(f".{lang}.md")
        if "." not in file.stem:
            name = file.relative_to(folder).with_suffix("").as_posix()
            texts[name] = (own if own.is_file() else file).read_text("utf-8")
    return texts


def title_of(name: str) -> str:
    """What a guide is called, in the language of the context."""
    return guides(language())[name].partition("\n")[0].removeprefix("# ")


def guide_html(visit: Visit, name: str) -> str:
    """A guide as HTML, its links as those of the workbench."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(guides(language())[name].partition("\n")[2])
    anchors = iter([anchor for _, anchor, _ in _parts(guides("en")[name])][1:])
    for token in tokens:
        if token.type == "heading_open":
            token.attrs["id"] = next(anchors, "")
        for inner in token.children or ():
            if inner.type == "softbreak" and language() == "zh":
                inner.type, inner.content = "text", ""
            for kind in {"href", "src"} & {*inner.attrs}:
                inner.attrs[kind] = _address(visit, name, str(inner.attrs[kind]))
    text: str = parser.renderer.render(tokens, parser.options, {})
    return text.replace("<table>", '<table tabindex="0">')  # it scrolls


def _address(visit: Visit, name: str, target: str) -> str:
    """Where a link of a guide leads: to another one, a file, or elsewhere."""
    file, _, anchor = target.partition("#")
    path = normpath(f"{dirname(name) or '.'}/{file}") if file else f"{name}.md"
    if ":" in target:
        return target
    if (other := re.sub(r"(\.zh)?\.md$", "", path)) in guides("en"):
        return visit.link("help", page=other) + (f"#{anchor}" if anchor else "")
    return visit.link("help/file", name=path)


def _parts(text: str) -> Iterator[tuple[str, str, str]]:
    """Each part of a guide: its heading, its anchor, its words without blocks of code."""
    plain = re.sub(r"^```.*?^```$|\]\([^)]*\)|[`*[]", "", text, flags=re.MULTILINE | re.DOTALL)
    for part in re.split(r"^#{1,4} ", plain, flags=re.MULTILINE)[1:]:
        heading, _, rest = part.partition("\n")
        bare = re.sub(r"[^\w\s-]", "", heading.encode("ascii", "ignore").decode()).strip()
        said = re.sub(r"^\|[ -|]*$|\|", " ", rest, flags=re.MULTILINE)
        yield heading, re.sub(r"[-\s]+", "-", bare.lower()), said.strip()


def search(asked: str) -> list[Entry]:
    """What some words are likely of, the likeliest first, in the language of the context."""
    index, entries = _index(language())
    return [entries[int(at)] for at in index.ranked(asked, LEAST)[:SHOWN]]


@cache
def _index(lang: Language) -> tuple[WordIndex, list[Entry]]:
    with using_language(lang):
        every = list(_entries())
    lines = (
        (str(at), line, weight)
        for at, (_, called, said) in enumerate(every)
        for text, weight in ((called, TITLE), (said, TEXT))
        for line in text.splitlines()
    )
    return WordIndex(lines), [entry for entry, *_ in every]


def _entries() -> Iterator[tuple[Entry, str, str]]:
    """All that can be found, what it is called, and what is said of it."""
    for page in pages():
        key = page.name.replace("-", "_")
        called, title = say(f"web.nav_{key}"), f"web.{key}_title"
        about = say(title) if has_message(title) else ""
        yield ("page", called, page.name, {}, "", about), f"{called} {about}", ""
    for called, means in glossary(language()).values():
        yield ("word", called, "help", {"page": "reference/glossary"}, "", means), called, means
    for code, country in all_countries().items():
        if country.kind == "country":
            entry: Entry = ("country", country.name(), "law", {"country": code}, "", code)
            yield entry, f"{country.name_en} {country.name_zh} {code}", ""
    for name, text in guides(language()).items():
        english = _parts(guides("en")[name]) if name.startswith(FOLDERS) else ()
        for (heading, _, rest), (_, anchor, _) in zip(_parts(text), english, strict=False):
            title, first = title_of(name), rest.partition("\n\n")[0][:EXCERPT]
            title = title if heading == title else f"{title} › {heading}"
            yield ("guide", title, "help", {"page": name}, anchor, first), title, rest


def file(visit: Visit) -> FileResponse:
    """A picture or another file of the documentation.

    Raises:
        MissingDataError: ``web.no_file``.
    """
    folder, name = carried_folder("docs"), visit.value("name")
    every = {one.relative_to(folder).as_posix(): one for one in folder.rglob("*.*")}
    if name not in every:
        raise MissingDataError("web.no_file")
    kind = guess_type(name)[0] or "text/plain"
    return FileResponse(every[name], media_type=kind, filename=every[name].name)


PAGE = Page(
    "help",
    order=100,
    group="basis",
    show=show,
    guide="work-in-a-browser",
    parts={"file": file},
    listed=False,
)
