"""A price test: who is asked what and what it can tell; with its file handed back, what it told."""

from dataclasses import replace
from typing import Any, get_args

from offing.api.experiment import By, experiment
from offing.terms.frames import write_csv
from offing.terms.messages import say
from offing.web.choices import models
from offing.web.page import Download, Page, View, Visit
from offing.web.papers import HandedIn, answer_of_files, answered_from_files, drop, forget

NAMES = ("change", "by", "model", "months", "margin", "elasticity")


def show(visit: Visit) -> View:
    """The ledger that is there, and the test; it is planned once a change is named."""
    planned = HandedIn.of(visit).path("test") is None
    view = answered_from_files(
        visit,
        experiment,
        needs=("change",) if planned else (),
        own=_own(visit),
        names=NAMES,
        options={"by": [(by, say(f"experiment.by_{by}")) for by in get_args(By)]},
        hints={"model": models(visit)},
    )
    if not (view.blocks and planned):
        return view
    link = visit.link("experiment/file", **{n: v for n in NAMES if (v := visit.value(n))})
    more = link, say("web.experiment_keep")  # in the place of the note of the command line
    return replace(view, blocks=view.blocks[:-1], values={**view.values, "more": more})


def _own(visit: Visit) -> dict[str, Any]:
    """The ledger of the open study, read as that says."""
    named = None if visit.place is None else visit.place.read().ledger
    if visit.place is None or named is None:
        return {}
    how = {name: getattr(named, name) for name in ("sheet", "currency", "dates", "period")}
    return {"ledger": visit.place.folder / named.file, "column": dict(named.columns), **how}


def test_file(visit: Visit) -> Download:
    """Who is asked what, to be handed back when the test has run.

    Raises:
        InputError, MissingDataError: as :func:`offing.experiment`.
    """
    target = HandedIn.of(visit).folder.parent / "price-test.csv"
    write_csv(answer_of_files(visit, experiment, _own(visit)).table, target)
    visit.note("download", target.name)
    return Download(target, target.name, "text/csv; charset=utf-8")


PAGE = Page(
    "experiment",
    order=24,
    group="study",
    show=show,
    guide="test-a-price",
    asks=experiment,
    takes=("ledger", "test"),
    file_label="web.experiment_file_{}",
    changes={"drop": drop, "forget": forget},
    parts={"file": test_file},
    replaces_files=True,
)
