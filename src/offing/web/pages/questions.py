"""Pages that are one question: its form, the files it takes, its answer."""

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

from starlette.datastructures import UploadFile
from starlette.responses import FileResponse

from offing.api.experiment import By, experiment
from offing.api.fairs import fairs
from offing.api.firms import FirmsAnswer, firms
from offing.api.order import order
from offing.api.province import province
from offing.api.quotations import quotations
from offing.api.rules import law
from offing.api.settle import settle
from offing.policy.shock_file import shocks
from offing.report.blocks import Heading, Text
from offing.report.paper import write_answer
from offing.report.views import view_of
from offing.terms.errors import InputError
from offing.terms.frames import write_csv
from offing.terms.messages import join_list, say
from offing.terms.plain import values_of
from offing.terms.whole_file import write_file
from offing.web.asking import (
    askable,
    countries,
    currencies,
    form_of,
    models,
    question_arguments,
    question_view,
)
from offing.web.guard import RefusedError
from offing.web.page import PAPER, Goto, Page, View, Visit
from offing.web.papers import HandedIn, answer_of_files, answered_from_files, drop, forget
from offing.web.uploads import safe_stem


def show_law(visit: Visit) -> View:
    """The law of a day: what holds for a country, how well it is known, and what changed."""
    names, hints = ("country", "on", "since", "code"), {"country": countries()}
    hints["origin"] = hints["country"]
    return question_view(visit, law, names=names, hints=hints, needs=("country",))


def show_order(visit: Visit) -> View:
    """An order on the table: what it comes to by the open study, and the price at which it pays."""
    names = ("model", "market", "quantity", "price", "term", "buyer", "month", "days")
    options, hints = {"model": models(visit)}, {"market": countries()}
    return question_view(visit, order, names=names, options=options, hints=hints)


def show_quotations(visit: Visit) -> View:
    """How often quotations are won, at which price, in which market."""
    return answered_from_files(visit, quotations, names=("model", "cost", "against", "currency"))


def show_province(visit: Visit) -> View:
    """Where a province's exports stand: its customs file, beside the country's trade."""
    names = ("province", "origin", "product", "digits", "ahead", "horizon")
    return answered_from_files(visit, province, names=names, hints={"origin": countries()})


def show_fairs(visit: Visit) -> View:
    """Which fairs to support, as soon as a budget is named."""
    names = ("budget", "province", "origin", "draw", "horizon")
    hints = {"origin": countries()}
    return answered_from_files(visit, fairs, needs=("budget",), names=names, hints=hints)


OF_TEST = ("change", "by", "model", "months", "start", "margin", "elasticity", "lead_days")


def show_experiment(visit: Visit) -> View:
    """The ledger that is there, and the price test; it is planned once a change is named."""
    planned = HandedIn.of(visit).path("test") is None
    view = answered_from_files(
        visit,
        experiment,
        needs=("change",) if planned else (),
        own=_own_ledger(visit),
        names=OF_TEST,
        options={"by": [(by, say(f"experiment.by_{by}")) for by in get_args(By)]},
        hints={"model": models(visit)},
    )
    if not (view.blocks and planned):
        return view
    link = visit.link("experiment/file", **{n: v for n in OF_TEST if (v := visit.value(n))})
    more = link, say("web.experiment_keep")
    of_the_line = Text((say("experiment.next"),), "note")
    blocks = tuple(block for block in view.blocks if block != of_the_line)
    return replace(view, blocks=blocks, values={**view.values, "more": more})


def _own_ledger(visit: Visit) -> dict[str, Any]:
    """The ledger of the open study, read as that says."""
    named = None if visit.place is None else visit.place.read().ledger
    if visit.place is None or named is None:
        return {}
    how = values_of(named, "sheet", "currency", "dates", "period")
    return {"ledger": visit.place.folder / named.file, "column": dict(named.columns), **how}


def test_file(visit: Visit) -> FileResponse:
    """Who is asked what, to be handed back when the test has run.

    Raises:
        InputError, MissingDataError: as :func:`offing.experiment`.
    """
    target = HandedIn.of(visit).folder.parent / "price-test.csv"
    write_csv(answer_of_files(visit, experiment, _own_ledger(visit)).table, target)
    return visit.hand_on(target, target.name, "text/csv; charset=utf-8")


DEALS = "deals"
OF_DEALS = ("risk", "on", "hedge", "rates_age", "explain", "frontier")
"""What is asked of a book: a deal's own figures stand in its rows."""


def show_settle(visit: Visit) -> View:
    """The ways to invoice and hedge a deal side by side, or the book of deals."""
    papers, shows_deals = HandedIn.of(visit), bool(visit.value(DEALS))
    if shows_deals and papers.path(DEALS) is not None:
        view = _book(visit, papers)
    else:
        names = (
            "amount", "currency", "market", "days", "invoice", "cost_cny", "risk", "on", "frontier",
        )  # fmt: skip
        hints, without = {"currency": currencies(), "market": countries()}, ("backtest", "seed")
        view = question_view(
            visit, settle, names=names, hints=hints, without=without, needs=("amount",)
        )
    view.template, view.values["shows_deals"] = "settle.html", shows_deals
    return view


def _book(visit: Visit, papers: HandedIn) -> View:
    """The deals of the file that was handed in, netted and hedged together."""
    file = papers.all()[DEALS].shown
    of_one_deal = {field.name for field in askable(settle)} - {*OF_DEALS}
    view = visit.view(form=form_of(visit, settle, names=OF_DEALS[:2], without=of_one_deal))
    visit.note("read book", file)
    with view.refusals(), papers.names_as_sent():
        answer = settle(**question_arguments(visit, settle, OF_DEALS), book=papers.path(DEALS))
        heading = Heading(say("web.settle_book_of", file=file))
        view.blocks, view.data = (heading, *view_of(answer)), answer.data
    return view


def drop_deals(visit: Visit) -> Goto:
    """Take a book of deals in, and show it.

    Raises:
        InputError: ``web.no_file_chosen``, and as the upload.
    """
    return replace(drop(visit), query={DEALS: "1"})


ANSWERS = "answers"
LARGEST, MOST = 200_000, 2_000
"""Bytes of an answer, and answers of a province."""


def _answers_folder(visit: Visit) -> Path:
    """Of the answers: it has what was counted of them, and nothing else."""
    return visit.workbench.studies.home(visit.user) / "firm-answers"


def _answer_of_firms(visit: Visit) -> FirmsAnswer:
    handed, named = HandedIn.of(visit), visit.value("stress")
    if named and named not in shocks():  # the name of a file is none: no text is ever opened
        known = join_list(shocks())
        raise InputError("policy.unknown_shock", text=named[:40], all=known, meant="")
    fairs = handed.path("fairs") if visit.value("budget") else None
    given = question_arguments(visit, firms)
    with handed.names_as_sent():
        return firms(_answers_folder(visit), asked=handed.path("asked"), fairs=fairs, **given)


def show_firms(visit: Visit) -> View:
    """The answers that are there, and the province's page as soon as there are any."""
    options = {"stress": [("", say("report.none")), *((k, s.title) for k, s in shocks().items())]}
    names = ("province", "stress", "budget", "origin")
    form = form_of(visit, firms, names=names, options=options, hints={"origin": countries()})
    count = len([*_answers_folder(visit).glob("*.json")])
    given = {name: visit.value(name) for name in (*names, "on") if visit.value(name)}
    link = visit.link("firms/brief", **given)
    view = visit.view("firms.html", form=form, count=count, brief_link=link)
    if count:
        visit.note("read answers", str(count))
        with view.refusals():
            answer = _answer_of_firms(visit)
            view.blocks, view.data = view_of(answer), answer.data
    return view


def brief(visit: Visit) -> FileResponse:
    """The page on paper, for Word or as PDF.

    Raises:
        InputError, MissingDataError: as :func:`offing.firms`; ``report.no_fonts``.
    """
    kind = "pdf" if visit.value("kind") == "pdf" else "docx"
    target = _answers_folder(visit).parent / f"firms-brief.{kind}"
    answer = _answer_of_firms(visit)
    write_file(target, lambda file: write_answer(answer, file))
    return visit.hand_on(target, target.name, PAPER[kind])


def add_answers(visit: Visit) -> Goto:
    """Keep answers that are sent, each in the place of the one of its name.

    Raises:
        InputError: ``web.no_file_chosen``, ``web.no_answer``.
        RefusedError: ``web.too_many_answers``.
    """
    sent = _answers_sent(visit)
    folder = _answers_folder(visit)
    if len([*folder.glob("*.json")]) + len(sent) > MOST:
        raise RefusedError("web.too_many_answers", 413, count=MOST)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for one in sent:
        content = one.file.read()
        write_file(
            folder / f"{safe_stem(one.filename or '')}.json",
            partial(Path.write_bytes, data=content),
        )
    visit.note("upload", f"{len(sent)} answers")
    return Goto(visit.page.name)


def _answers_sent(visit: Visit) -> list[UploadFile]:
    sent = [one for one in visit.form.getlist(ANSWERS) if isinstance(one, UploadFile) and one.size]
    if not sent:
        raise InputError("web.no_file_chosen")
    for one in sent:
        if not (one.filename or "").endswith(".json") or (one.size or 0) > LARGEST:
            raise InputError("web.no_answer", file=(one.filename or "")[-80:])
    return sent


def remove_answers(visit: Visit) -> Goto:
    """Take all answers away, and what was counted of them."""
    shutil.rmtree(_answers_folder(visit), ignore_errors=True)
    return Goto(visit.page.name)


files_page = partial(Page, changes={"drop": drop, "forget": forget}, replaces_files=True)
PAGES = (
    Page("law", 70, show_law, group="basis", guide="know-the-law-of-a-day", asks=law),
    Page(
        "order", 23, show_order, group="study", guide="weigh-an-order", asks=order,
        needs_study=True,
    ),
    files_page(
        "quotations", 24, show_quotations, group="study", guide="learn-from-quotations",
        asks=quotations, takes=("quotations",), file_label="web.quotations_file_{}",
    ),
    files_page(
        "province", 48, show_province, guide="see-where-a-province-stands", asks=province,
        takes=("exports",), file_label="web.province_file_{}",
    ),
    files_page(
        "fairs", 49, show_fairs, guide="choose-which-fairs-to-support", asks=fairs,
        takes=("fairs", "exports", "firms"), file_label="web.fairs_file_{}",
    ),
    files_page(
        "firms", 50, show_firms, guide="ask-the-firms-of-a-province", asks=firms,
        takes=("asked", "fairs"), file_label="web.firms_file_{}", files=MOST,
        parts={"brief": brief},
        changes={"add": add_answers, "away": remove_answers, "drop": drop, "forget": forget},
    ),
    files_page(
        "experiment", 24, show_experiment, group="study", guide="test-a-price", asks=experiment,
        takes=("ledger", "test"), file_label="web.experiment_file_{}", parts={"file": test_file},
    ),
    files_page(
        "settle", 60, show_settle, group="money", guide="settle-a-deal", asks=settle,
        takes=(DEALS,), file_label="web.settle_file_{}",
        changes={"drop": drop_deals, "forget": forget},
    ),
)  # fmt: skip
