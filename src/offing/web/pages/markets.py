"""The markets of a product in their order: where a country's sales may grow."""

from offing.api.markets import markets
from offing.report.tellings.markets import tell
from offing.terms.messages import say
from offing.web.again import of_study
from offing.web.asking import answered
from offing.web.choices import countries, goods, product_of
from offing.web.page import Page, View
from offing.web.visit import Visit

NAMES = ("product", "origin", "horizon", "tiers")


def show(visit: Visit) -> View:
    """The ranking, with what stands behind each place."""
    return answered(
        visit,
        say("web.markets_title"),
        markets,
        tell,
        names=NAMES,
        labels={name: say(f"web.markets_{name}") for name in NAMES},
        hints={"product": goods(), "origin": countries()},
        presets={"product": product_of(visit), "origin": "CHN"},
        without=("warehouse", "dataset"),
        needs=("origin",),
    )


PAGE = Page("markets", order=25, show=show, rests_on=of_study)
