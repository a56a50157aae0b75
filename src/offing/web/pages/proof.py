"""What speaks for the answers: rankings scored, what plans would have kept, the rules' register."""

from itertools import chain

from offing.api.rules import register
from offing.report.blocks import Block
from offing.report.views import view_of
from offing.report.views.rules import register as view_register
from offing.report.views.run import past
from offing.web.jobs import score
from offing.web.page import Goto, Page, View, Visit, job_values, progress, stop

KIND = "backtest"
HORIZONS = ("1", "2", "3")


def show(visit: Visit) -> View:
    """The record, where it was worked out since the server began."""
    job, entries = visit.job(KIND), register()
    answer = None if job is None else job.result
    scored, backtest = ((), None) if answer is None else (view_of(answer), answer.data())
    told = {"scored": scored, "plans": _plans(visit), "rules": view_register(entries)}
    view = visit.view("proof.html", horizons=HORIZONS, **job_values(job), **told)
    view.blocks = tuple(chain.from_iterable(told.values()))
    view.data = {"backtest": backtest, "register": entries}
    return view


def _plans(visit: Visit) -> tuple[Block, ...]:
    """How plans of the open study would have done in earlier years."""
    result = None if visit.place is None else visit.workbench.results.result(visit.place)
    return () if result is None else past(result)


def begin(visit: Visit) -> Goto:
    """Begin to score the rankings on the loaded data."""
    chosen = visit.value("horizon")
    horizon = chosen if chosen in HORIZONS else HORIZONS[0]
    visit.begin_job(KIND, score, horizon, visit.warehouse)
    return Goto("proof")


PAGE = Page(
    "proof",
    order=90,
    group="basis",
    show=show,
    guide="backtest-a-ranking",
    changes={"begin": begin, "stop": stop},
    jobs=(KIND,),
    parts={"progress": progress},
)
