"""A download and its load, told."""

from offing.api.fetch import FetchAnswer
from offing.report.blocks import Block, Text
from offing.report.views import load
from offing.terms.messages import say
from offing.terms.numbers import fixed


def view(answer: FetchAnswer) -> tuple[Block, ...]:
    """Where the file is, its checksum, and what came of it."""
    line = say(
        "load.fetched", name=answer.file, size=fixed(answer.size / 1e6, 1), sha256=answer.sha256
    )
    return (Text((line,)), *(load.view(answer.load) if answer.load is not None else ()))
