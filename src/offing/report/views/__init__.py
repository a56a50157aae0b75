"""An answer as blocks, once: sentences, tables, charts, cautions.

One file a question with ``view(answer)``. The terminal, a page, a notebook and a workbook render
the same blocks.
"""

from collections.abc import Callable, Iterable
from importlib import import_module

from offing.api.asking import Answer
from offing.report.blocks import Block, cautions


def view_of(answer: Answer) -> tuple[Block, ...]:
    """An answer by the view that is named like its question."""
    question = type(answer).__module__.rpartition(".")[2]
    view: Callable[[Answer], Iterable[Block]] = import_module(f"{__name__}.{question}").view
    return (*view(answer), *cautions(answer.said_beside))
