"""An answer in a notebook: the same blocks as the report, as one piece of HTML."""

from offing.api.asking import Answer
from offing.report.layout import fragment
from offing.report.tellings import told


def html(answer: Answer) -> str:
    """The answer's telling as HTML."""
    return fragment(told(answer))
