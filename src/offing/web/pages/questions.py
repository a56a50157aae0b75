"""Pages that are one question: its form, the files it takes, its answer."""

from functools import partial

from offing.api.fairs import fairs
from offing.api.order import order
from offing.api.province import province
from offing.api.quotations import quotations
from offing.api.rules import law
from offing.web.asking import question_view
from offing.web.choices import countries, models
from offing.web.page import Page, View, Visit
from offing.web.papers import answered_from_files, drop, forget


def show_law(visit: Visit) -> View:
    """The law of a day: what holds for a country, how well it is known, and what changed."""
    names, hints = ("country", "on", "since", "code"), {"country": countries()}
    hints["origin"] = hints["country"]
    return question_view(visit, law, names=names, hints=hints, needs=("country",))


def show_order(visit: Visit) -> View:
    """An order on the table: what it comes to by the open study, and the price at which it pays."""
    names = ("model", "market", "quantity", "price", "term", "buyer", "month", "days")
    options, hints = {"model": models(visit)}, {"market": countries()}
    return question_view(visit, order, names=names, options=options, hints=hints)


def show_quotations(visit: Visit) -> View:
    """How often quotations are won, at which price, in which market."""
    return answered_from_files(visit, quotations, names=("model", "cost", "against", "currency"))


def show_province(visit: Visit) -> View:
    """Where a province's exports stand: its customs file, beside the country's trade."""
    names = ("province", "origin", "product", "digits", "ahead", "horizon")
    return answered_from_files(visit, province, names=names, hints={"origin": countries()})


def show_fairs(visit: Visit) -> View:
    """Which fairs to support, as soon as a budget is named."""
    names = ("budget", "province", "origin", "draw", "horizon")
    hints = {"origin": countries()}
    return answered_from_files(visit, fairs, needs=("budget",), names=names, hints=hints)


files_page = partial(Page, changes={"drop": drop, "forget": forget}, replaces_files=True)
PAGES = (
    Page("law", 70, show_law, group="basis", guide="know-the-law-of-a-day", asks=law),
    Page(
        "order", 23, show_order, group="study", guide="weigh-an-order", asks=order,
        needs_study=True,
    ),
    files_page(
        "quotations", 24, show_quotations, group="study", guide="learn-from-quotations",
        asks=quotations, takes=("quotations",), file_label="web.quotations_file_{}",
    ),
    files_page(
        "province", 48, show_province, guide="see-where-a-province-stands", asks=province,
        takes=("exports",), file_label="web.province_file_{}",
    ),
    files_page(
        "fairs", 49, show_fairs, guide="choose-which-fairs-to-support", asks=fairs,
        takes=("fairs", "exports", "firms"), file_label="web.fairs_file_{}",
    ),
)  # fmt: skip
