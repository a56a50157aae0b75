"""A province's firms on one page: the answers they handed in, and a brief to hand on."""

import shutil
from functools import partial
from pathlib import Path

from starlette.datastructures import UploadFile

from offing.api.firms import FirmsAnswer, firms
from offing.policy.shock_file import shocks
from offing.report.paper import write_answer
from offing.report.views import view_of
from offing.terms.errors import InputError
from offing.terms.messages import join_list, say
from offing.terms.whole_file import write_file
from offing.web.asking import form_of, question_arguments
from offing.web.choices import countries
from offing.web.guard import RefusedError
from offing.web.page import PAPER, Download, Goto, Page, View, Visit
from offing.web.papers import HandedIn, drop, forget
from offing.web.uploads import safe_stem

ANSWERS = "answers"
LARGEST, MOST = 200_000, 2_000
"""Bytes of an answer, and answers of a province."""


def _folder(visit: Visit) -> Path:
    """Of the answers: it has what was counted of them, and nothing else."""
    return visit.workbench.studies.home(visit.user) / "firm-answers"


def _answer(visit: Visit) -> FirmsAnswer:
    handed, named = HandedIn.of(visit), visit.value("stress")
    if named and named not in shocks():  # the name of a file is none: no text is ever opened
        known = join_list(shocks())
        raise InputError("policy.unknown_shock", text=named[:40], all=known, meant="")
    fairs = handed.path("fairs") if visit.value("budget") else None
    given = question_arguments(visit, firms)
    with handed.names_as_sent():
        return firms(_folder(visit), asked=handed.path("asked"), fairs=fairs, **given)


def show(visit: Visit) -> View:
    """The answers that are there, and the province's page as soon as there are any."""
    options = {"stress": [("", say("report.none")), *((k, s.title) for k, s in shocks().items())]}
    names = ("province", "stress", "budget", "origin")
    form = form_of(visit, firms, names=names, options=options, hints={"origin": countries()})
    count = len([*_folder(visit).glob("*.json")])
    given = {name: visit.value(name) for name in (*names, "on") if visit.value(name)}
    link = visit.link("firms/brief", **given)
    view = visit.view("firms.html", form=form, count=count, brief_link=link)
    if count:
        visit.note("read answers", str(count))
        with view.refusals():
            answer = _answer(visit)
            view.blocks, view.data = view_of(answer), answer.data
    return view


def brief(visit: Visit) -> Download:
    """The page on paper, for Word or as PDF.

    Raises:
        InputError, MissingDataError: as :func:`offing.firms`; ``report.no_fonts``.
    """
    kind = "pdf" if visit.value("kind") == "pdf" else "docx"
    target = _folder(visit).parent / f"firms-brief.{kind}"
    answer = _answer(visit)
    write_file(target, lambda file: write_answer(answer, file))
    return visit.hand_on(target, target.name, PAPER[kind])


def add(visit: Visit) -> Goto:
    """Keep answers that are sent, each in the place of the one of its name.

    Raises:
        InputError: ``web.no_file_chosen``, ``web.no_answer``.
        RefusedError: ``web.too_many_answers``.
    """
    sent = _sent(visit)
    folder = _folder(visit)
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


def _sent(visit: Visit) -> list[UploadFile]:
    sent = [one for one in visit.form.getlist(ANSWERS) if isinstance(one, UploadFile) and one.size]
    if not sent:
        raise InputError("web.no_file_chosen")
    for one in sent:
        if not (one.filename or "").endswith(".json") or (one.size or 0) > LARGEST:
            raise InputError("web.no_answer", file=(one.filename or "")[-80:])
    return sent


def away(visit: Visit) -> Goto:
    """Take all answers away, and what was counted of them."""
    shutil.rmtree(_folder(visit), ignore_errors=True)
    return Goto(visit.page.name)


PAGE = Page(
    "firms",
    order=50,
    show=show,
    guide="ask-the-firms-of-a-province",
    asks=firms,
    takes=("asked", "fairs"),
    file_label="web.firms_file_{}",
    changes={"add": add, "away": away, "drop": drop, "forget": forget},
    parts={"brief": brief},
    replaces_files=True,
    files=MOST,
)
