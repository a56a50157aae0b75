"""Blocks laid out as HTML, by the templates, and as Markdown for who reads text.

Words of the field, from the glossary of the documentation, have a sign where they are named first.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import escape
from typing import Any

from offing.report import blocks
from offing.report.blocks import Block, Cell, Column, open_blocks
from offing.report.drawing import style
from offing.study.examples import carried_folder
from offing.terms.messages import Language, language, say

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
    return "\n\n".join(text for block in open_blocks(told) for text in _parts(block))


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


EVERYDAY = frozenset(
    """
    product exporter importer origin market demand competition access fit random fitted trained
    rule source status place contract room charge reform low medium high declaration receipt
    flow since until spell exempt 产品 出口国 进口国 原产国 市场 需求 竞争 准入 匹配 随机排序 拟合
    训练 规则 出处 状态 名额 合同 空间 照旧 贸易流量 生效日 失效日 税费项目
    """.split()  # noqa: SIM905 - a list of fifty words
)
"""Words that need no line beside them."""


@cache
def glossary(lang: Language) -> dict[str, tuple[str, str]]:
    """Each term by its first English word: what it is called, and what it is.

    >>> glossary("en")["landed-cost"][0]
    'landed cost'
    """
    ending, column = {"en": ("", 0), "zh": (".zh", 1)}[lang]
    page = carried_folder("docs") / "reference" / f"glossary{ending}.md"
    text = page.read_text("utf-8").replace("`", "") if page.is_file() else ""
    rows = re.findall(r"^\| (?!---|word |英文 )(.+?) \| (.+?) \| (.+) \|$", text, re.MULTILINE)
    return {re.sub(r"\W+", "-", re.split("[,:(]", row[0])[0].strip()): (row[column], row[2])
            for row in rows}  # fmt: skip


@cache
def _forms(lang: Language) -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds a term in a text, and the term of each form that is found."""
    forms = {
        form.casefold(): name
        for name, (called, _) in glossary(lang).items()
        for form in (called, *map(str.strip, re.split(r"[,、:：;()（）…]", called)))
        if len(form) > 1 and form.casefold() not in EVERYDAY
    }
    words = "|".join(sorted(map(re.escape, forms), key=len, reverse=True)) or "(?!)"
    whole = rf"(?<![a-z_-])({words})s?(?![a-z_-])"  # starter-hs 85 is a name, and no HS
    return re.compile(whole, re.IGNORECASE), forms


def is_term(text: str) -> bool:
    """Whether a text is a term of the field and nothing else."""
    return bool(_forms(language())[0].fullmatch(text.strip()))


class Glossed:
    """The terms that a page has met, in the language of the context."""

    def __init__(self) -> None:
        self.met: dict[str, tuple[str, str]] = {}

    def __call__(self, text: str) -> str:
        """A text as HTML with a “?” beside each term that the page names for the first time."""
        pattern, forms = _forms(language())

        def add_sign(found: re.Match[str]) -> str:
            name = forms[found[1].casefold()]
            if name in self.met:
                return found[0]
            self.met[name] = glossary(language())[name]
            label = escape(say("web.edit_help", label=found[1]))
            return (
                f'{found[0]}<button type="button" class="term" popovertarget="term-{name}" '
                f'aria-label="{label}">?</button>'
            )

        return pattern.sub(add_sign, escape(text))
