"""What the answers rest on: what is loaded, from where, how old, and whether it is whole."""

from offing.api.sources import loaded
from offing.report.tellings.sources import tell
from offing.terms.messages import say
from offing.web.asking import answered
from offing.web.page import Page, View
from offing.web.visit import Visit

NAMES = ("verify",)


def show(visit: Visit) -> View:
    """The loaded sets, their files and terms; each part looked through where that is asked for."""
    labels = {"verify": say("web.data_verify")}
    return answered(
        visit,
        say("web.data_title"),
        loaded,
        tell,
        names=NAMES,
        labels=labels,
        without=("warehouse",),
    )


def _rests_on(visit: Visit) -> tuple[()] | None:
    """Parts are looked through anew each time."""
    return None if visit.value("verify") else ()


PAGE = Page("data", order=80, group="basis", show=show, rests_on=_rests_on)
