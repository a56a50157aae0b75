"""The first page: open a study, begin one, or look round the starter world."""

from offing.report.blocks import Text
from offing.study.examples import copy_example, examples
from offing.terms.messages import language, say
from offing.web.page import Goto, Page, View
from offing.web.visit import Visit


def show(visit: Visit) -> View:
    """The user's studies, and the examples."""
    places = visit.workbench.studies.of(visit.user)
    shown = [(example.name, example.title(language())) for example in examples()]
    data = {
        "studies": [{"name": place.name, "title": place.title} for place in places],
        "examples": [{"name": name, "title": title} for name, title in shown],
    }
    return View(
        say("web.start_title"),
        (Text((say("web.start_text"),), "lead"),),
        data,
        template="start.html",
        values={"places": places, "examples": shown},
    )


def example(visit: Visit) -> Goto:
    """Copy an example into the user's folder and open it."""
    chosen = visit.value("example")
    place = visit.workbench.studies.new(visit.user, chosen)
    copy_example(chosen, place.folder)
    return Goto("plan", {"study": place.name})


PAGE = Page("start", order=0, show=show, changes={"example": example})
