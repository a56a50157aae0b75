"""What if: up to three worlds beside today's rules, each with shocks or the study's own reform."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from offing.api.whatif import whatif
from offing.policy.shock_file import Shock, ShockFile, read_shock, shocks
from offing.report.views.whatif import result_blocks, side_by_side
from offing.study.edit import StudyKey, keys_of
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import language, say
from offing.terms.whole_file import write_text
from offing.web.asking import Field, question_arguments
from offing.web.editing import Editable
from offing.web.jobs import try_worlds
from offing.web.page import Goto, Page, View, Visit, job_values, progress, stop
from offing.web.studies import slug

KIND = "whatif"
WORLDS = ("1", "2", "3")
OWN = "reform"
"""The reform that the study brings, as a choice among the shocks."""
ASSUMED = ("effect", "elasticity", "demand")
EFFECTS = ("partial", "none")
"""What may move demand; a world equilibrium needs tables, which the command line takes."""


OWN_FILES = "what-if-*.toml"
"""What-ifs of the user's own, beside the study."""
OF_OWN = {
    "duty": ("importer", "rate"),
    "freight": ("change", "markets"),
    "exchange": ("currency", "change"),
    "imports": ("change", "markets"),
    "refund": ("points",),
    "closed": ("weeks",),
}
"""What may happen in one, and what is said of it."""


def show(visit: Visit) -> View:
    """The worlds that were worked out last side by side, one of them in full."""
    return _view(visit)


def _view(visit: Visit, error: OffingError | None = None) -> View:
    job = visit.job(KIND)
    results = () if job is None or job.result is None else job.result
    values = job_values(job) | {
        "worlds": [_world(visit, world) for world in WORLDS],
        "assumed": [_assumption_field(visit, name) for name in ASSUMED],
        "beside": (),
        "full": (),
        "tried": (),
        "own": {name: shock.title for name, shock in _own(visit).items()},
        "own_fields": [value.field(visit) for value in _asked_of_own()],
        "kept": visit.study.kept,
        "own_refused": error is not None,
    }
    view = visit.view("what_if.html", **values)
    view.error = error
    if not results:
        return view
    chosen = visit.value("world", WORLDS[0])
    by_world = dict(zip(WORLDS, results, strict=False))
    shown, doubts = by_world.get(chosen, results[0])
    view.data = [result.what_if for result, _ in results]
    view.values |= {
        "beside": (side_by_side(view.data),),
        "full": result_blocks(shown, doubts),
        "tried": [
            (world, result.what_if.title(language()), result is shown)
            for world, (result, _) in by_world.items()
        ],
    }
    view.blocks = (*view.values["beside"], *view.values["full"])
    return view


def _world(visit: Visit, world: str) -> tuple[str, tuple[Field, ...]]:
    """The two choices of a world: one shock alone, or two together."""
    names = {key: shock.title for key, shock in (_own(visit) | shocks()).items()}
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


def _assumption_field(visit: Visit, name: str) -> Field:
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


def _own(visit: Visit) -> dict[str, Shock]:
    """The what-ifs of the user's own: name of the file → what happens."""
    files = sorted(visit.study.folder.glob(OWN_FILES))
    return {file.name: read_shock(file) for file in files}


def _asked_of_own() -> Iterator[Editable]:
    """What may be said of one: its name, then what happens."""
    tables: dict[str, StudyKey] = {key.name: key for key in keys_of(ShockFile, ("own",))}
    for table, names in {"shock": ("name",), **OF_OWN}.items():
        section = tables[table].shape.section
        assert section is not None, "every part of a shock is a table"
        for key in keys_of(section, ("own", table)):
            if key.name in names:
                yield Editable(key.path, key, needed=table == "shock")


def _typed_tables(visit: Visit) -> dict[str, dict[str, Any]]:
    """What was typed of one, by table.

    Raises:
        InputError: ``web.unanswered``, ``web.what_if_none``, or a value that cannot be.
    """
    asked = list(_asked_of_own())
    said: dict[str, dict[str, Any]] = {}
    for value in asked:
        if (read := value.typed_value(visit)) is not None:  # a figure stays as typed
            text = value.key.shown(read) if value.key.is_share else value.text(visit)
            kept = read if isinstance(read, list) else text
            said.setdefault(value.key.path[1], {})[value.key.name] = kept
    if len(said) == 1:
        raise InputError("web.what_if_none")
    for value in asked:
        table, key = value.key.path[1:]
        if table in said and key not in said[table] and value.key.field.is_required():
            raise InputError("web.unanswered", question=value.label)
    return said


def _file_of(visit: Visit, name: str) -> Path:
    """Where one is kept: in the place of the one of its name, else under a name that is free."""
    own = {shock.title: file for file, shock in _own(visit).items()}
    base = OWN_FILES.replace("*", slug(name) or "own").removesuffix(".toml")
    free = (f"{base}{'' if n == 1 else f'-{n}'}.toml" for n in count(1))
    return visit.study.folder / own.get(name, next(f for f in free if f not in own.values()))


def add(visit: Visit) -> View | Goto:
    """Keep a what-if of the user's own beside the study."""
    import tomlkit

    try:
        visit.must_be_kept()
        said = _typed_tables(visit)
        about = said.pop("shock") | {"source": say("web.what_if_yours"), "status": "user"}
        if "duty" in said:
            said["duty"]["origins"] = [visit.study.read().firm.origin]
        file = _file_of(visit, about["name"])
        tables = {table: [keys] for table, keys in said.items()}
        write_text(file, tomlkit.dumps({"shock": about, **tables}), read_shock)
    except OffingError as error:
        error.where = None
        return _view(visit, error)
    visit.note("what if", file.name)
    return Goto("what-if", {"first-1": file.name})


def forget(visit: Visit) -> Goto:
    """Throw one of the user's own away."""
    if (name := visit.value("name")) in _own(visit) and visit.study.kept:
        (visit.study.folder / name).unlink()
    return Goto("what-if")


def begin(visit: Visit) -> Goto:
    """Begin to work the worlds out.

    Raises:
        InputError: ``web.what_if_none``, ``web.what_if_reform_alone``, and
            what the first look at the shocks refuses.
    """
    assumed = question_arguments(visit, whatif, ASSUMED, of_study=False)
    assumed.pop("warehouse", None)
    if assumed.get("effect") not in EFFECTS:
        assumed["effect"] = EFFECTS[0]
    chosen = [world for number in WORLDS if (world := _shocks_of(visit, number))]
    if not chosen:
        raise InputError("web.what_if_none")
    worlds = tuple(assumed | ({} if world == (OWN,) else {"stress": world}) for world in chosen)
    visit.begin_job(KIND, try_worlds, visit.study.file, worlds, visit.warehouse)
    visit.note("what if", "; ".join(", ".join(world) for world in chosen))
    fields = [f"{at}-{world}" for world in WORLDS for at in ("first", "second")]
    return Goto("what-if", {name: visit.value(name) for name in (*fields, *ASSUMED)})


def _shocks_of(visit: Visit, world: str) -> tuple[str, ...]:
    """The shocks of a world: names of the library only, so that no path gets in."""
    chosen = [visit.value(f"{which}-{world}") for which in ("first", "second")]
    names = tuple(dict.fromkeys(name for name in chosen if name))
    if OWN in names and len(names) > 1:
        raise InputError("web.what_if_reform_alone")
    for name in names:
        if name != OWN and name not in _own(visit) | shocks():
            raise InputError("web.what_if_unknown", name=name[:60])
    own = _own(visit)
    return tuple(str(visit.study.folder / name) if name in own else name for name in names)


PAGE = Page(
    "what-if",
    order=22,
    group="study",
    show=show,
    guide="put-a-plan-under-stress",
    asks=whatif,
    changes={"begin": begin, "add": add, "forget": forget, "stop": stop},
    jobs=(KIND,),
    parts={"progress": progress},
    needs_study=True,
)
