"""An answer as blocks, once: sentences, tables, charts, cautions.

One file a question with ``view(answer)``; a small question stands in the file of one that it
belongs to. The terminal, a page, a notebook and a workbook render the same blocks.
"""

from collections.abc import Callable, Iterable
from importlib import import_module

from offing.api.asking import Answer
from offing.report.blocks import Block, cautions
from offing.report.layout import lay_out
from offing.terms.messages import say

BESIDE = {
    "exchange_cost": "refund",
    "fetch": "load",
    "gravity_panel": "gravity",
    "outlook": "markets",
    "sources": "load",
    "survival": "indicators",
    "upgrade": "begin",
}
"""Question → the file where ``view_<question>`` tells it, beside another one."""
FULL = ("equilibrium", "settle")
"""Questions whose ``full(answer)`` tells a page more than a terminal has room for."""


def teller(question: str, *, on_page: bool = False) -> Callable[[Answer], Iterable[Block]]:
    """The function that tells the answers of a question, in full on a page of their own."""
    file = BESIDE.get(question)
    module = import_module(f"{__name__}.{file or question}")
    name = f"view_{question}" if file else "full" if on_page and question in FULL else "view"
    tell: Callable[[Answer], Iterable[Block]] = getattr(module, name)
    return tell


def question_of(answer: Answer) -> str:
    """The name of the question that an answer is of."""
    return type(answer).__module__.rpartition(".")[2]


def view_of(answer: Answer) -> tuple[Block, ...]:
    """An answer by the view of its question."""
    return (*teller(question_of(answer))(answer), *cautions(answer.said_beside))


def page_of(answer: Answer) -> str:
    """An answer as the text of an HTML file of its own."""
    question = question_of(answer)
    told = [*teller(question, on_page=True)(answer), *cautions(answer.said_beside)]
    title = say(f"cli.{question}").rstrip(".。")
    return lay_out(title=title, firm="offing", answer=told[:1], rests=told[1:])
