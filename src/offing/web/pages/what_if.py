"""What if: up to three worlds beside today's rules, each with shocks or the study's own reform."""

from typing import Any

from offing.api.whatif import whatif
from offing.policy.shock_file import shocks
from offing.report.views.whatif import side_by_side, told
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import language, say
from offing.web.asking import Field, asked
from offing.web.jobs import Job
from offing.web.page import Goto, Page, View, Visit, failure_of, progress_of, stop_of
from offing.web.work import try_worlds

KIND = "whatif"
WORLDS = ("1", "2", "3")
OWN = "reform"
"""The reform that the study brings, as a choice among the shocks."""
ASSUMED = ("effect", "elasticity", "demand")
EFFECTS = ("partial", "none")
"""What may move demand; a world equilibrium needs tables, which the command line takes."""


def show(visit: Visit) -> View:
    """The worlds that were worked out last side by side, one of them in full."""
    job = _job(visit)
    results = () if job is None or job.result is None else job.result
    values: dict[str, Any] = {
        "job": job if job is not None and job.state == "running" else None,
        "failed": failure_of(visit, job),
        "worlds": [_world(visit, world) for world in WORLDS],
        "assumed": [_assumed(visit, name) for name in ASSUMED],
        "beside": (),
        "full": (),
        "tried": (),
    }
    title = say("web.what_if_title")
    if not results:
        return View(title, (), None, "what_if.html", values)
    chosen = visit.value("world", WORLDS[0])
    by_world = dict(zip(WORLDS, results, strict=False))
    shown = by_world.get(chosen, results[0])
    changes = [answer.result.what_if for answer in results]
    values |= {
        "beside": (side_by_side(changes),),
        "full": told(shown.result, shown.doubts),
        "tried": [
            (world, answer.result.what_if.title(language()), answer is shown)
            for world, answer in by_world.items()
        ],
    }
    blocks = (*values["beside"], *values["full"])
    return View(title, blocks, changes, "what_if.html", values)


def _world(visit: Visit, world: str) -> tuple[str, tuple[Field, ...]]:
    """The two choices of a world: one shock alone, or two together."""
    names = {key: shock.title for key, shock in shocks().items()}
    none = ("", say("web.what_if_nothing"))
    own = [(OWN, say("web.what_if_own"))] if _has_reform(visit) else []
    return world, tuple(
        Field(
            f"{which}-{world}",
            say(f"web.what_if_{which}"),
            "select",
            visit.value(f"{which}-{world}"),
            options=(none, *(own if which == "first" else ()), *names.items()),
        )
        for which in ("first", "second")
    )


def _assumed(visit: Visit, name: str) -> Field:
    label, value = say(f"web.what_if_{name}"), visit.value(name)
    if name == "effect":
        options = tuple((effect, say(f"web.effect_{effect}")) for effect in EFFECTS)
        return Field(name, label, "select", value, options=options)
    return Field(name, label, "number", value)


def _has_reform(visit: Visit) -> bool:
    try:
        return visit.study.read().reform is not None
    except OffingError:
        return False


def begin(visit: Visit) -> Goto:
    """Begin to work the worlds out.

    Raises:
        InputError: ``web.what_if_none``, ``web.what_if_reform_alone``, and
            what the first look at the shocks refuses.
    """
    assumed = asked(visit, whatif, ASSUMED, of_study=False)
    assumed.pop("warehouse", None)
    if assumed.get("effect") not in EFFECTS:
        assumed["effect"] = EFFECTS[0]
    chosen = [world for number in WORLDS if (world := _chosen(visit, number))]
    if not chosen:
        raise InputError("web.what_if_none")
    place, workbench = visit.study, visit.workbench
    worlds = tuple(assumed | ({} if world == (OWN,) else {"stress": world}) for world in chosen)
    arguments = place.file, worlds, workbench.settings.warehouse
    workbench.jobs.begin(visit.user, place.name, KIND, try_worlds, *arguments)
    visit.note("what if", "; ".join(", ".join(world) for world in chosen))
    fields = [f"{at}-{world}" for world in WORLDS for at in ("first", "second")]
    return Goto("what-if", {name: visit.value(name) for name in (*fields, *ASSUMED)})


def _chosen(visit: Visit, world: str) -> tuple[str, ...]:
    """The shocks of a world: names of the library only, so that no path gets in."""
    chosen = [visit.value(f"{which}-{world}") for which in ("first", "second")]
    names = tuple(dict.fromkeys(name for name in chosen if name))
    if OWN in names and len(names) > 1:
        raise InputError("web.what_if_reform_alone")
    for name in names:
        if name != OWN and name not in shocks():
            raise InputError("web.what_if_unknown", name=name[:60])
    return names


def _job(visit: Visit) -> Job | None:
    return visit.workbench.jobs.of(visit.user, visit.study.name, KIND)


PAGE = Page(
    "what-if",
    order=22,
    group="study",
    show=show,
    asks=whatif,
    changes={"begin": begin, "stop": stop_of("what-if", _job)},
    parts={"progress": progress_of(_job)},
    needs_study=True,
)
