"""Which fairs to support under a budget: a catalogue, the exports and the firms handed in."""

from offing.api.fairs import fairs
from offing.web.choices import countries
from offing.web.page import Page, View, Visit
from offing.web.papers import answered_from_files, drop, forget


def show(visit: Visit) -> View:
    """The tables that are there, and the programme as soon as a budget is named."""
    names = ("budget", "province", "origin", "draw", "horizon")
    hints = {"origin": countries()}
    return answered_from_files(visit, fairs, needs=("budget",), names=names, hints=hints)


PAGE = Page(
    "fairs",
    order=49,
    show=show,
    guide="choose-which-fairs-to-support",
    asks=fairs,
    takes=("fairs", "exports", "firms"),
    file_label="web.fairs_file_{}",
    changes={"drop": drop, "forget": forget},
    replaces_files=True,
)
