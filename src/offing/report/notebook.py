"""An answer in a notebook: the same blocks as the report, as one piece of HTML."""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from offing.report.blocks import Block
from offing.report.layout import fragment


def html(answer: Any) -> str:
    """The answer's telling as HTML."""
    question = type(answer).__module__.rpartition(".")[2]
    module = import_module(f"offing.report.tellings.{question}")
    tell: Callable[[Any], Iterable[Block]] = module.tell
    return fragment(tell(answer))
