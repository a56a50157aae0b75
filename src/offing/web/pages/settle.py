"""In which currency to invoice a deal, and how much of it to hedge."""

from offing.api.settle import settle
from offing.web.again import of_study
from offing.web.asking import answered
from offing.web.choices import countries, currencies
from offing.web.page import Page, View
from offing.web.visit import Visit

NAMES = ("amount", "currency", "market", "days", "invoice", "cost_cny", "risk", "on", "frontier")


def show(visit: Visit) -> View:
    """The ways to invoice and hedge side by side."""
    return answered(
        visit,
        settle,
        names=NAMES,
        hints={"currency": currencies(), "market": countries()},
        without=("backtest", "seed"),
        needs=("amount",),
    )


PAGE = Page("settle", order=60, group="money", show=show, rests_on=of_study)
