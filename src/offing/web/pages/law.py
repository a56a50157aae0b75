"""The law of a day: what holds for a country, how well it is known, and what changed."""

from offing.api.rules import law
from offing.web.asking import question_view
from offing.web.choices import countries
from offing.web.page import Page, View, Visit

NAMES = ("country", "on", "since", "code")


def show(visit: Visit) -> View:
    """The rules with source, status and age; since a day, what changed."""
    return question_view(
        visit,
        law,
        names=NAMES,
        hints={"country": countries(), "origin": countries()},
        needs=("country",),
    )


PAGE = Page("law", order=70, group="basis", show=show, guide="know-the-law-of-a-day", asks=law)
