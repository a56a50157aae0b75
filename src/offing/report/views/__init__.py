"""An answer as blocks, once: sentences, tables, charts, cautions.

One file a question with ``view(answer)``; a small question stands in the file of one that it
belongs to. The terminal, a page, a notebook and a workbook render the same blocks.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from importlib import import_module

from offing.api.asking import Answer
from offing.report.blocks import Block, Figures, Heading, Table, Text, cautions, place_figures
from offing.report.form_names import PaperNames
from offing.report.layout import fragment, lay_out
from offing.terms.messages import ELSEWHERE, ParameterNames, named_by, say

BESIDE = {
    "agreement": "equilibrium",
    "begin": "ledger",
    "book": "ladder",
    "codes": "rules",
    "exchange_cost": "refund",
    "experiment": "price",
    "fetch": "load",
    "gravity_panel": "gravity",
    "lines": "rules",
    "order": "price",
    "origin": "rules",
    "outlook": "markets",
    "quotations": "price",
    "reconcile": "load",
    "share": "firms",
    "sources": "load",
    "survival": "indicators",
}
"""Question → the file where ``view_<question>`` tells it, beside another one."""
FULL = ("equilibrium", "settle")
"""Questions whose ``full(answer)`` tells a page more than a terminal has room for."""
BY_WEIGHT = ("agreement", "plan", "run", "whatif")
"""Questions whose views tell their cautions themselves: what decides beside the conclusion."""


def teller(question: str, *, on_page: bool = False) -> Callable[[Answer], Iterable[Block]]:
    """The function that tells the answers of a question, in full on a page of their own."""
    file = BESIDE.get(question)
    module = import_module(f"{__name__}.{file or question}")
    name = f"view_{question}" if file else "full" if on_page and question in FULL else "view"
    tell: Callable[[Answer], Iterable[Block]] = getattr(module, name)
    return tell


def question_of(answer: Answer) -> str:
    """The name of the question that an answer is of."""
    named: str | None = getattr(answer, "question", None)
    return named or type(answer).__module__.rpartition(".")[2]


def view_of(answer: Answer, *, on_page: bool = False) -> tuple[Block, ...]:
    """An answer by the view of its question, in full on a page of its own, and its cautions."""
    question = question_of(answer)
    beside = () if question in BY_WEIGHT else cautions(answer.cautions)
    return place_figures((*teller(question, on_page=on_page)(answer), *beside))


def page_of(answer: Answer) -> str:
    """An answer as the text of an HTML file of its own."""
    with named_by(PaperNames()):
        told = view_of(answer, on_page=True)
    title = say(f"cli.{question_of(answer)}").rstrip(".。")
    return lay_out(title=title, firm="offing", answer=told[:1], rests=told[1:])


def notebook_html(answer: Answer) -> str:
    """The answer's telling as HTML, as a notebook shows it."""
    with _parameters_of(answer):
        return fragment(view_of(answer))


def notebook_words(answer: Answer) -> str:
    """What the answer is, in a line: how its telling begins, and how many cautions it has."""
    with _parameters_of(answer):
        lead = next(filter(None, map(_beginning, view_of(answer))), "")
    count = len(getattr(answer, "cautions", ()))
    counted = say("report.count_cautions", count=count) if count else ""
    return f"<{type(answer).__name__}: {' '.join(filter(None, (lead, counted)))}>"


def _parameters_of(answer: Answer) -> AbstractContextManager[None]:
    """Sentences name parameters where they name options."""
    return named_by(ParameterNames({**ELSEWHERE, **answer.parameters}))


def _beginning(block: Block) -> str:
    """The words with which a block begins; none of a caution, which is about what follows."""
    match block:
        case Text(sentences, "lead"):
            return " ".join(sentences)
        case Text(sentences, _):
            return sentences[0]
        case Heading(text):
            return text
        case Table():
            return block.caption
        case Figures(figures):
            return figures[0].heading
    return ""
