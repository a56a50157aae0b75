"""The price ladder of a market: who sells at which price, and where a price of ours stands."""

from offing.api.ladder import ladder
from offing.report.tellings.ladder import tell
from offing.terms.messages import say
from offing.web.again import of_study
from offing.web.asking import answered
from offing.web.choices import countries, goods, product_of
from offing.web.page import Page, View
from offing.web.visit import Visit

NAMES = ("product", "market", "price", "unit")


def show(visit: Visit) -> View:
    """The ladder, with a price on it where one is given."""
    return answered(
        visit,
        say("web.ladder_title"),
        ladder,
        tell,
        names=NAMES,
        labels={name: say(f"web.ladder_{name}") for name in NAMES},
        options={"unit": [(u, say(f"web.unit_{u or 'either'}")) for u in ("", "item", "kg")]},
        hints={"product": goods(), "market": countries()},
        presets={"product": product_of(visit)},
        without=("warehouse", "dataset"),
    )


PAGE = Page("ladder", order=30, show=show, rests_on=of_study)
