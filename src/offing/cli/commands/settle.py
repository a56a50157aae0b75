"""``offing settle``: which currency to invoice in, and how much of it to hedge."""

from typing import Any

from offing.api import settle as api
from offing.cli.asking import command
from offing.report.settle_words import sentences
from offing.report.views.settle import page


def _answer(answer: api.SettleAnswer) -> dict[str, Any]:
    """The sentences of the answer, which a program may show."""
    return {} if answer.advice is None else {"answer": sentences(answer)}


settle = command(api.settle, name="", out="settle.help_out", also=_answer, page=page)
