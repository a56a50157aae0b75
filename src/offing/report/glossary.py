"""The field's words, from the glossary of the documentation, which comes along in both languages.

The first time a page names one, a “?” stands beside it and opens its line.
"""

import re
from functools import cache
from html import escape

from offing.study.examples import carried_folder
from offing.terms.messages import Language, language, say

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
    whole = rf"(?<![\w-])({words})s?(?![\w-])" if lang == "en" else f"({words})"
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
