"""An order on the table: take it, refuse it, or counter, by the open study."""

from offing.api.order import order
from offing.web.asking import question_view
from offing.web.choices import countries, models
from offing.web.page import Page, View, Visit

NAMES = ("model", "market", "quantity", "price", "term", "buyer", "month", "days")


def show(visit: Visit) -> View:
    """What the order comes to, and the price at which it pays."""
    options, hints = {"model": models(visit)}, {"market": countries()}
    return question_view(visit, order, names=NAMES, options=options, hints=hints)


PAGE = Page(
    "order", order=23, group="study", show=show, guide="weigh-an-order", asks=order,
    needs_study=True,
)  # fmt: skip
