"""Where a province's exports stand: its customs file, beside the country's trade."""

from offing.api.province import province
from offing.report.blocks import Block, Heading
from offing.report.views.province import view
from offing.terms.errors import OffingError
from offing.terms.messages import say
from offing.web.asking import asked, form_of
from offing.web.choices import countries
from offing.web.page import Goto, Page, View, Visit
from offing.web.papers import Papers

EXPORTS = "exports"
NAMES = ("province", "origin", "product", "digits", "ahead", "horizon")


def show(visit: Visit) -> View:
    """The file that is there, and what it says."""
    papers = _papers(visit)
    path, title = papers.path(EXPORTS), say("web.province_title")
    form = form_of(visit, province, names=NAMES, hints={"origin": countries()})
    values = {"papers": papers.all(), "form": form}
    if path is None:
        return View(title, template="province.html", values=values)
    paper = papers.all()[EXPORTS]
    visit.note("read exports", paper.shown)
    try:
        answer = province(path, **asked(visit, province))
    except OffingError as error:
        return View(title, template="province.html", values=values, error=papers.as_sent(error))
    blocks: tuple[Block, ...] = (Heading(paper.shown), *view(answer))
    return View(title, blocks, answer.data, "province.html", values)


def drop(visit: Visit) -> Goto:
    """Take a file of exports in.

    Raises:
        InputError: ``web.no_file_chosen``, and as the upload.
    """
    _papers(visit).take_sent(visit)
    return Goto("province")


def forget(visit: Visit) -> Goto:
    """Take the file away."""
    _papers(visit).remove(EXPORTS)
    return Goto("province")


def _papers(visit: Visit) -> Papers:
    return Papers.of(visit, "province", (EXPORTS,))


PAGE = Page(
    "province",
    order=48,
    show=show,
    asks=province,
    changes={"drop": drop, "forget": forget},
    replaces_files=True,
)
