"""The law of a day: what holds for a country, how well it is known, and what changed."""

from offing.api.rules import law
from offing.terms.messages import say
from offing.web.again import of_study
from offing.web.asking import answered
from offing.web.choices import countries
from offing.web.page import Page, View
from offing.web.visit import Visit

NAMES = ("country", "on", "against", "code")


def show(visit: Visit) -> View:
    """The rules with source, status and age; of two days, the difference."""
    every = (*NAMES, "origin", "check")
    return answered(
        visit,
        say("web.law_title"),
        law,
        names=NAMES,
        labels={name: say(f"web.law_{name}") for name in every},
        hints={"country": countries(), "origin": countries()},
        without=("warehouse",),
        needs=("country",),
    )


PAGE = Page("law", order=70, group="basis", show=show, rests_on=of_study)
