"""The plan of a study: work it out, and read what to do."""

from typing import Any

from offing.report.sections import answer, sections
from offing.study.output import from_json
from offing.study.result import StudyResult
from offing.terms.messages import language, say
from offing.terms.plain import plain
from offing.web.jobs import Job
from offing.web.page import Data, Goto, Page, View
from offing.web.visit import Visit
from offing.web.work import run_study

KIND = "run"


def show(visit: Visit) -> View:
    """The plan that was worked out last, or the way to it."""
    job, result = _job(visit), _result(visit)
    failed = None if job is None or job.state != "failed" else job.error
    values: dict[str, Any] = {"job": job, "result": result, "failed": failed}
    if result is None:
        return View(say("web.plan_title"), (), None, "plan.html", values)
    picture = answer.picture(result)
    blocks = (*answer.blocks(result), *answer.past(result), *answer.rests(result))
    values |= {"picture": picture, "facts": answer.facts(result), "parts": list(sections(result))}
    return View(result.title(language()), blocks, plain(result.plan), "plan.html", values)


def _result(visit: Visit) -> StudyResult | None:
    file = visit.study.results / "result.json"
    return from_json(file.read_text("utf-8")) if file.is_file() else None


def _job(visit: Visit) -> Job | None:
    return visit.workbench.jobs.of(visit.user, visit.study.name, KIND)


def begin(visit: Visit) -> Goto:
    """Begin to work the plan out."""
    place, workbench = visit.study, visit.workbench
    given = place.file, place.results, workbench.settings.warehouse
    workbench.jobs.begin(visit.user, place.name, KIND, run_study, *given)
    visit.note("run")
    return Goto("plan")


def stop(visit: Visit) -> Goto:
    """Stop it; the plan that was there stays."""
    job = _job(visit)
    if job is not None:
        visit.workbench.jobs.stop(job)
    return Goto("plan")


def progress(visit: Visit) -> Data:
    """How far it is."""
    job = _job(visit)
    if job is None:
        return Data({"state": "none"})
    return Data({"state": job.state, "share": job.share, "message": job.message})


PAGE = Page(
    "plan",
    order=20,
    show=show,
    changes={"run": begin, "stop": stop},
    parts={"progress": progress},
    needs_study=True,
)
