"""How often quotations are won, at which price, in which market: a table of them, handed in."""

from offing.api.quotations import quotations
from offing.web.page import Page, View, Visit
from offing.web.papers import answered_from_files, drop, forget


def show(visit: Visit) -> View:
    """The quotations that are there, and what they tell of price."""
    return answered_from_files(visit, quotations, names=("model", "cost", "against", "currency"))


PAGE = Page(
    "quotations",
    order=24,
    group="study",
    show=show,
    guide="learn-from-quotations",
    asks=quotations,
    takes=("quotations",),
    file_label="web.quotations_file_{}",
    changes={"drop": drop, "forget": forget},
    replaces_files=True,
)
