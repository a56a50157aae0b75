"""The words of the page, for a reader new to the field."""

from offing.report.blocks import Folded, Section, Terms
from offing.study.result import StudyResult
from offing.terms.messages import say

WORDS = (
    "segment",
    "unit_value",
    "tiers",
    "fob",
    "landed",
    "margin",
    "refund",
    "interval",
    "gain",
    "axes",
    "backtest",
    "concentration",
)


def section(result: StudyResult) -> Section:
    """Each word and its meaning."""
    del result  # the words are the same for every study
    items = tuple((say(f"report.word_{w}"), say(f"report.word_{w}_means")) for w in WORDS)
    return Section.of(
        "words",
        (Folded(say("report.words_show", count=len(items)), (Terms(items),), printed=True),),
    )
