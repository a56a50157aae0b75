"""What the answers rest on: what is loaded, how old, ways to load more; and what speaks for them:
rankings scored, what plans would have kept, the register of rules.
"""

from itertools import chain
from urllib.parse import urlsplit

from starlette.responses import FileResponse

from offing.api.load import SHIPPED, LoadAnswer
from offing.api.rules import register
from offing.api.sources import SourcesAnswer, loaded
from offing.report.blocks import Block
from offing.report.views import view_of
from offing.report.views.rules import register as view_register
from offing.report.views.run import past
from offing.sources.about import names, source
from offing.terms.errors import InputError, MissingDataError
from offing.terms.messages import say
from offing.web.asking import Field, form_of, question_arguments
from offing.web.jobs import fetch_file, load_file, score
from offing.web.page import Goto, Page, View, Visit, job_values, progress, stop
from offing.web.uploads import taken_in

NAMES = ("verify",)
KIND = "load"
OPTIONS = ("dataset", "edition", "indicator", "sheet", "flow")


def show(visit: Visit) -> View:
    """The loaded sets, their files and terms; each part looked through where that is asked for."""
    own = _own(visit)
    job = visit.job(KIND) if own else None
    answer = None if job is None else job.result
    values = job_values(job) | {
        "own": own,
        "sources": [(name, _title(name)) for name in names() if name not in SHIPPED],
        "fetched": _to_fetch(),
        "options": [Field(name, say(f"web.load_{name}")) for name in OPTIONS],
        "loaded": view_of(answer) if isinstance(answer, LoadAnswer) else (),
    }
    form = form_of(visit, loaded, names=NAMES, without=("quarantine",))
    # A row that was left out may be one of somebody's ledger: it is shown to its owner alone.
    arguments = {**question_arguments(visit, loaded, ("verify",)), "quarantine": own}
    sources = loaded(**arguments)
    links = [
        (visit.link("data/quarantine", load=str(load)), _dataset(sources, load))
        for load in sources.left_out
    ]
    values |= {"form": form, "links": links}
    return View(say("web.world"), view_of(sources), sources.data, "data.html", values)


def _dataset(answer: SourcesAnswer, load: int) -> str:
    return next(entry.dataset for entry in answer.loads if entry.id == load)


def _own(visit: Visit) -> bool:
    """Whether this is a machine of one's own, whose warehouse its user may change."""
    return not visit.workbench.settings.open_to_network


def _title(name: str) -> str:
    return say("web.load_source_title", name=name, title=say(source(name).ABOUT.title))


def _to_fetch() -> list[tuple[str, str]]:
    """The files that publishers offer: source and file, and what each is, with the host asked."""
    return [
        (
            f"{name}/{file}",
            say("web.fetch_title", title=_title(name), file=file, host=urlsplit(address).hostname),
        )
        for name in names()
        for file, address in (source(name).ABOUT.files or {}).items()
    ]


def fetch(visit: Visit) -> Goto:
    """Begin to download one of the publishers' files and to load it: the one look outside.

    Raises:
        MissingDataError: ``web.load_not_here`` on a server of several users.
        InputError: ``web.load_no_source``.
    """
    _must_be_own(visit)
    source = visit.value("wanted")
    if source not in dict(_to_fetch()):
        raise InputError("web.load_no_source", name=source[:40])
    name, _, file = source.partition("/")
    folder = visit.workbench.studies.home(visit.user) / "loads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    visit.begin_job(KIND, fetch_file, name, file, folder, visit.warehouse)
    visit.note("fetch", source)
    return Goto("data")


def begin(visit: Visit) -> Goto:
    """Take a file in and begin to load it into the user's warehouse.

    Raises:
        MissingDataError: ``web.load_not_here`` on a server of several users.
        InputError: ``web.no_file_chosen``, ``sources.unknown``, and as the upload.
    """
    _must_be_own(visit)
    name = visit.value("source")
    if name not in names() or name in SHIPPED:
        raise InputError("web.load_no_source", name=name[:40])
    upload = visit.sent("file")
    options = {key: text for key in OPTIONS if (text := visit.value(key))}
    folder = visit.workbench.studies.home(visit.user) / "loads"
    # an edition may stand in the file's name
    file = taken_in(upload, folder, visit.workbench.settings.limits)
    visit.begin_job(KIND, load_file, name, file, options, visit.warehouse)
    visit.note("load", f"{name}: {(upload.filename or '')[-80:]}")
    return Goto("data")


def quarantine(visit: Visit) -> FileResponse:
    """All rows that a load left out, as the file that it kept."""
    _must_be_own(visit)
    answer = loaded(**question_arguments(visit, loaded, ("warehouse",)))
    chosen = visit.value("load")
    for load in answer.loads:
        file = answer.folder / (load.quarantine or "")
        if str(load.id) == chosen and file.is_file():
            name = f"{load.dataset}-{file.name}"
            return visit.hand_on(file, name, "text/csv; charset=utf-8")
    raise MissingDataError("web.no_file")


def _must_be_own(visit: Visit) -> None:
    if not _own(visit):
        raise MissingDataError("web.load_not_here")


SCORES = "backtest"
HORIZONS = ("1", "2", "3")


def show_proof(visit: Visit) -> View:
    """The record, where it was worked out since the server began."""
    job, entries = visit.job(SCORES), register()
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


def begin_scores(visit: Visit) -> Goto:
    """Begin to score the rankings on the loaded data."""
    chosen = visit.value("horizon")
    horizon = chosen if chosen in HORIZONS else HORIZONS[0]
    visit.begin_job(SCORES, score, horizon, visit.warehouse)
    return Goto("proof")


PAGES = (
    Page(
        "data",
        order=80,
        group="basis",
        show=show,
        guide="load-trade-data",
        asks=loaded,
        changes={"load": begin, "fetch": fetch, "stop": stop},
        jobs=(KIND,),
        parts={"progress": progress, "quarantine": quarantine},
    ),
    Page(
        "proof",
        order=90,
        group="basis",
        show=show_proof,
        guide="backtest-a-ranking",
        changes={"begin": begin_scores, "stop": stop},
        jobs=(SCORES,),
        parts={"progress": progress},
    ),
)
