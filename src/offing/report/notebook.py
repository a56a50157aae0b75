"""An answer in a notebook: the same blocks as the report, as HTML; printed, its first sentence."""

from contextlib import AbstractContextManager

from offing.api.asking import Answer
from offing.report.blocks import Block, Figures, Heading, Table, Text
from offing.report.layout import fragment
from offing.report.views import view_of
from offing.terms.messages import ELSEWHERE, ParameterNames, named_by, say


def html(answer: Answer) -> str:
    """The answer's telling as HTML."""
    with _parameters_of(answer):
        return fragment(view_of(answer))


def words(answer: Answer) -> str:
    """What the answer is, in a line: how its telling begins, and how many cautions it has."""
    with _parameters_of(answer):
        lead = next(filter(None, map(_beginning, view_of(answer))), "")
    count = len(getattr(answer, "cautions", ()))
    cautions = say("report.count_cautions", count=count) if count else ""
    name = type(answer).__name__
    return f"<{name}: {' '.join(text for text in (lead, cautions) if text)}>"


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
