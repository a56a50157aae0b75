"""The plan of a study: work it out, read what to do, ask why, and switch moves off."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.responses import FileResponse

from offing.planning.risk import PointFigures
from offing.report.blocks import Block, Figures, Section
from offing.report.decision import NamedDecision
from offing.report.page import describe_firm, rows_first
from offing.report.paper import write_decision
from offing.report.views import moves as move_views
from offing.report.views import plan as plan_views
from offing.report.views import risk as risk_views
from offing.report.views import run as run_views
from offing.study.reoptimise import RevisedPlan, Switchable
from offing.study.result import StudyResult
from offing.terms.countries import country_name
from offing.terms.errors import MissingDataError
from offing.terms.messages import language, say
from offing.terms.numbers import day
from offing.terms.plain import plain
from offing.terms.whole_file import write_file
from offing.web.asking import lacking
from offing.web.jobs import fetch_world, ready_study, run_study
from offing.web.page import PAPER, Goto, Page, View, Visit, job_values, progress, stop
from offing.web.pages import ledger

RUN, READY, WORLD = "run", "ready", "world"
KINDS = (RUN, READY, WORLD)
PLAN = "plan"
PLAN_RISK = "bold"
"""The point of the frontier that is the plan itself."""
FILES = {
    "report.html": "text/html; charset=utf-8",
    "plan.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "result.json": "application/json",
}
OPEN = 6
"""Moves that stand in the list before the others are folded."""


def show(visit: Visit) -> View:
    """The plan that was worked out last, or the way to it."""
    place, results = visit.study, visit.workbench.results
    result = results.result(place)
    jobs = (visit.job(kind) for kind in KINDS)
    job = next((job for job in jobs if job and job.state in ("running", "failed")), None)
    values = job_values(job) | {"result": result, "downloads": tuple(FILES), "part": PLAN}
    values["lacking"] = lacking(visit) if result is None else None
    values["newer"] = ledger.newer_day(visit)
    values["world"] = not visit.workbench.settings.open_to_network
    if result is None:
        return View(place.title, (), None, "plan.html", values)
    values["choose"] = _to_choose(visit, result)
    parts = results.sections(place, result)
    chosen = next((part for part in parts if part.id == visit.value("part", PLAN)), None)
    if chosen is None:
        raise MissingDataError("web.no_part", name=visit.value("part")[:60])
    values |= {
        "parts": parts,
        "part": chosen.id,
        "stale": results.stale(place),
        "about": describe_firm(result),
    }
    title = result.title(language())
    if chosen.id != PLAN:
        return View(title, chosen.blocks, {"part": chosen.id}, "plan.html", values)
    return _plan(visit, result, chosen, title, values)


def _plan(
    visit: Visit, result: StudyResult, section: Section, title: str, values: dict[str, Any]
) -> View:
    """The first part: the answer, every move, and the plan without those switched off."""
    decision, switched_off = NamedDecision.from_result(result), visit.values("without")
    view = View(title, template="plan.html", values=values)
    gone = [m for m in decision.figures.moves if move_views.key_of(m) in switched_off]
    off = list(map(move_views.key_of, gone))
    moves: list[dict[str, Any]] = [
        {
            "key": move_views.key_of(move),
            "text": decision.text(move),
            "gain": decision.gain(move),
            "remark": decision.remark(move),
            "blocks": move_views.view(decision, move),
            "off": move in gone,
        }
        for move in decision.figures.moves
    ]
    state, least = _state(visit), None
    again: tuple[Block, ...] = ()
    anew: RevisedPlan | None = None
    risks = () if result.risk is None else risk_views.choices(result.risk)
    with view.refusals():
        least = _least(visit, (point for point, *_ in risks))
        if (off or least is not None) and state is not None:
            keys = {(move.product, move.market) for move in gone}
            anew = visit.workbench.results.remade(state, keys, least)
            again = move_views.view_revised(decision, anew)
    if view.error is not None:
        least = None
    by_name = {
        "answer": plan_views.what_to_do(result.plan, decision, result.warnings),
        "past": run_views.past(result),
        "rests": run_views.rests(result),
        "remade": again,
    }
    values |= by_name | {
        "picture": run_views.picture(result.plan, result.decided),
        "facts": plan_views.facts(result.plan, decision),
        "moves": moves[:OPEN],
        "more_moves": moves[OPEN:],
        "off": off,
        "risks": risks,
        "risk": visit.value("risk", PLAN_RISK),
        "bound": least is not None,
        "ready": state is not None,
        "section": replace(section, blocks=rows_first(section.blocks)) if moves else section,
    }
    drawn = values["picture"]
    view.blocks = (
        *([Figures((drawn,))] if drawn else []),
        *(block for blocks in by_name.values() for block in blocks),
        *section.blocks,
        *(block for move in moves for block in move["blocks"]),
    )
    view.data = {
        "plan": plain(result.plan),
        "decided": plain(result.decided),
        "without": off,
        "least_worst_cny": least,
        "remade": None if anew is None else plain(anew),
    }
    return view


WHICH_LINE = ("study.warn_which_line", "study.warn_which_line_of")


def _to_choose(visit: Visit, result: StudyResult) -> list[tuple[str, str]]:
    """Where a national tariff line is to be chosen: the address of its lines, and what it is of."""
    every = tuple(product.product for product in result.products)
    asked = [
        (str(model), str(market))
        for caution in result.warnings
        if caution.key in WHICH_LINE
        for market in caution.values["markets"]  # type: ignore[union-attr]
        for model in caution.values.get("models", every)  # type: ignore[union-attr]
    ]
    return [
        (visit.link("quote", of=model, destination=market, lines="1"),
         say("web.lines_choose", model=model, market=country_name(market)))
        for model, market in dict.fromkeys(asked)
    ]  # fmt: skip


def _least(visit: Visit, points: Iterable[PointFigures]) -> float | None:
    """What the worst twentieth is to earn at the risk that is chosen; ``None`` of the plan's own.

    Raises:
        MissingDataError: ``web.risk_none``.
    """
    name = visit.value("risk", PLAN_RISK)
    if name == PLAN_RISK:
        return None
    for point in points:
        if point.name == name:
            return point.worst_cny
    raise MissingDataError("web.risk_none", name=name[:40])


def _state(visit: Visit) -> Switchable | None:
    """What a switch of moves needs, if it is there and of this study file."""
    results = (job.result for kind in KINDS if (job := visit.job(kind)) is not None)
    state = next((result for result in results if isinstance(result, Switchable)), None)
    return None if visit.workbench.results.stale(visit.study) else state


def begin(visit: Visit) -> Goto:
    """Begin to work the plan out."""
    visit.begin_job(RUN, run_study, visit.study.file, visit.study.results, visit.warehouse)
    visit.note("run")
    return Goto("plan")


def ready(visit: Visit) -> Goto:
    """Begin to make ready for switching moves off."""
    visit.begin_job(READY, ready_study, visit.study.file, visit.warehouse)
    return Goto("plan")


def world(visit: Visit) -> Goto:
    """Begin to fetch the world's trade in the study's goods: the one look outside of this page.

    Raises:
        MissingDataError: ``web.load_not_here`` on a server of several users.
    """
    if visit.workbench.settings.open_to_network:
        raise MissingDataError("web.load_not_here")
    folder = visit.workbench.studies.home(visit.user) / "packs"
    visit.begin_job(WORLD, fetch_world, visit.study.file, folder, visit.warehouse)
    visit.note("fetch", WORLD)
    return Goto("plan")


def paper(visit: Visit) -> FileResponse:
    """The plan for who decides, as ``kind`` says: a page of paper, or a long picture for a phone.

    The picture has names and prices where these are asked for.

    Raises:
        InputError: ``report.no_fonts``.
        MissingDataError: ``web.no_file`` where no plan was made, or it is no such kind.
    """
    result, kind = visit.workbench.results.result(visit.study), visit.value("kind")
    if result is None or kind not in PAPER:
        raise MissingDataError("web.no_file")
    told = result.plan, NamedDecision.from_result(result), result.warnings
    heading = result.title(language()), f"{result.firm.name(language())} · {day(result.on)}"
    names, made_up = bool(visit.value("names")), result.firm.made_up
    target = visit.workbench.studies.home(visit.user) / f"{visit.study.name}.{kind}"
    write = partial(write_decision, heading, *told, names=names, made_up=made_up)
    write_file(target, write)
    return visit.hand_on(target, target.name, PAPER[kind])


def file(visit: Visit) -> FileResponse:
    """A file of the results.

    Raises:
        MissingDataError: ``web.no_file``.
    """
    name = next((name for name in FILES if name == visit.value("name")), None)
    path = visit.study.results / (name or "")
    if name is None or not path.is_file():
        raise MissingDataError("web.no_file")
    return visit.hand_on(path, f"{visit.study.name}-{name}", FILES[name])


PAGE = Page(
    "plan",
    order=20,
    group="study",
    show=show,
    guide="read-the-report",
    changes={"run": begin, "ready": ready, "world": world, "stop": stop},
    jobs=KINDS,
    parts={"progress": progress, "file": file, "paper": paper},
    needs_study=True,
)
