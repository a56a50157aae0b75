"""What speaks for the answers: rankings scored, what plans would have kept, the rules' register."""

from typing import Any

from offing.api.backtest import BacktestAnswer
from offing.api.rules import register
from offing.report.blocks import Block
from offing.report.views import view_of
from offing.report.views.rules import register as tell_register
from offing.report.views.run import past
from offing.terms.messages import say
from offing.web.jobs import Job
from offing.web.page import Goto, Page, View, Visit, failure_of, progress_of, stop_of
from offing.web.work import score

KIND = "backtest"
HORIZONS = ("1", "2", "3")


def show(visit: Visit) -> View:
    """The record, where it was worked out since the server began."""
    job = _job(visit)
    running = job if job is not None and job.state == "running" else None
    answer = None if job is None else job.result
    values: dict[str, Any] = {
        "job": running,
        "failed": failure_of(visit, job),
        "horizons": HORIZONS,
    }
    entries = register()
    data: dict[str, Any] = {"backtest": None, "register": entries}
    values |= {"plans": _plans(visit), "rules": tell_register(entries), "scored": ()}
    if isinstance(answer, BacktestAnswer):
        values["scored"] = view_of(answer)
        data["backtest"] = answer.data()
    blocks = (*values["scored"], *values["plans"], *values["rules"])
    return View(say("web.proof_title"), blocks, data, "proof.html", values)


def _plans(visit: Visit) -> tuple[Block, ...]:
    """How plans of the open study would have done in earlier years."""
    result = None if visit.place is None else visit.workbench.results.result(visit.place)
    return () if result is None else past(result)


def begin(visit: Visit) -> Goto:
    """Begin to score the rankings on the loaded data."""
    chosen = visit.value("horizon")
    horizon = chosen if chosen in HORIZONS else HORIZONS[0]
    warehouse = visit.workbench.settings.warehouse
    visit.workbench.jobs.begin(visit.user, "", KIND, score, horizon, warehouse)
    return Goto("proof")


def _job(visit: Visit) -> Job | None:
    return visit.workbench.jobs.of(visit.user, "", KIND)


PAGE = Page(
    "proof",
    order=90,
    group="basis",
    show=show,
    guide="backtest-a-ranking",
    changes={"begin": begin, "stop": stop_of("proof", _job)},
    parts={"progress": progress_of(_job)},
)
