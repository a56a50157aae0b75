"""The first page: open a study, begin one from a few questions, or look round the starter world."""

import shutil
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.responses import FileResponse

from offing.api.asking import open_warehouse
from offing.api.sources import day_with_rates
from offing.report.blocks import Text
from offing.report.views import run as run_views
from offing.study.edit import Change, apply_changes
from offing.study.examples import copy_example, examples
from offing.study.file import Steps, every_refusal, place_text
from offing.study.template import (
    StudyTemplate,
    TemplateModel,
    fill_template,
    toml_of,
    unanswered_fields,
    usual_shipping,
)
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import LANGUAGES, language, say, using_language
from offing.terms.products import product_hints
from offing.warehouse.catalog import data_state
from offing.warehouse.trade import traded_code
from offing.web.asking import AnswersError, Field, Form, read_answers
from offing.web.drafts import draft_of
from offing.web.editing import Editable
from offing.web.page import Goto, Page, View, Visit
from offing.web.studies import FILE, StudyPlace
from offing.web.uploads import study_text, taken_in

BRANDS = ("own", "oem")


def show(visit: Visit) -> View:
    """The user's studies, the questions, and the examples."""
    return _view(visit)


def _view(visit: Visit, error: OffingError | None = None) -> View:
    places = visit.workbench.studies.of(visit.user)
    starter, _, bare = _data(visit)
    shown = [(study.name, study.title(language()), study.name in bare) for study in examples()]
    data = {
        "studies": [{"name": place.name, "title": place.title} for place in places],
        "examples": [{"name": name, "title": title} for name, title, _ in shown],
    }
    values: dict[str, Any] = {
        "places": places,
        "pictures": {
            place.name: drawn
            for place in places
            if (result := visit.workbench.results.result(place)) is not None
            and (drawn := run_views.picture(result.plan, result.decided)) is not None
        },
        "examples": shown,
        "parts": _parts(visit),
        "goods": product_hints(),
        "begun": error is not None,
        "waits": draft_of(visit.workbench.studies.begun(visit.user)),
        "starter": starter,
    }
    lead = Text((say("web.start_text"),), "lead")
    return View(say("web.start_title"), (lead,), data, "start.html", values, error)


def _parts(visit: Visit) -> tuple[Form, ...]:
    """The questions, with what was answered already."""
    day = _data(visit)[1]
    text = _template("", "", BRANDS[0], day)
    product, code, on = (value.field(visit) for value in _template_fields(day))
    goods = (
        product,
        code,
        choice(visit, ("model", 0, "brand"), "brand"),
        *fields_of(visit, text, "model"),
    )
    return (
        Form(goods, heading=say("web.part_make"), notes=(say("web.part_make_about"),)),
        firm_part(visit, text, None, on),
        shipping_part(visit, text),
    )


def _template_fields(day: date) -> list[Editable]:
    """What a template is made of: the goods by name and code, and the day."""
    places: dict[str, Steps] = {
        "product": ("model", 0, "name"), "code": ("model", 0, "code"), "on": ("on",),
    }  # fmt: skip
    return [
        Editable.at(place, day if name == "on" else None, needed=True, called=name)
        for name, place in places.items()
    ]


def _template(product: str, code: str, brand: str, on: date) -> str:
    """The file of a study of one product, with the lines that wait for the firm."""
    about = say("study.begun_refund_rate")
    model = TemplateModel(name=product, code=code, brand=brand, refund_about=about)
    return toml_of(StudyTemplate(title=titles_of(product), on=on, models=[model]))


def _data(visit: Visit) -> tuple[bool, date, frozenset[str]]:
    """Whether the data are the starter world's, the newest day, and examples without trade."""
    state = data_state(visit.warehouse)
    return _look_at(visit.warehouse, state, datetime.now(UTC).date())


@lru_cache(maxsize=4)
def _look_at(
    warehouse: Path | None, _state: Hashable, today: date
) -> tuple[bool, date, frozenset[str]]:
    loaded = open_warehouse(warehouse)
    bare = frozenset(
        study.name for study in examples() if not all(traded_code(loaded, c) for c in study.codes)
    )
    return loaded.is_starter, day_with_rates(today, warehouse=loaded), bare


def begin(visit: Visit) -> Goto:
    """Write a study from the answers."""
    brand, day = visit.value("brand"), _data(visit)[1]
    asked = questions_of(_template("", "", BRANDS[0], day))
    product, code, on, *_ = read_answers(visit, [*_template_fields(day), *asked]).values()
    text = _template(product, code, brand if brand in BRANDS else BRANDS[0], on)
    place = visit.workbench.studies.new(visit.user, visit.value("product"))
    write_study(visit, place, text)
    replace(visit, place=place).note("begin")
    return Goto("plan", {"study": place.name})


def open_study(visit: Visit) -> Goto:
    """Take in a study file of the user's own."""
    studies, sent = visit.workbench.studies, visit.upload("study_file")
    if sent is None:
        raise InputError("web.no_study_chosen")
    text = study_text(sent)
    place = studies.new(visit.user, Path(sent.filename or "study").stem)
    there = replace(visit, place=place)
    try:
        studies.rewrite(place, text)
        if (ledger := visit.upload("ledger_file")) is not None:
            file = taken_in(ledger, place.folder, visit.workbench.settings.limits)
            studies.rewrite(place, apply_changes(text, [Change(("ledger", "file"), file.name)]))
    except OffingError:
        shutil.rmtree(place.folder)
        raise
    there.note("upload", FILE)
    named = place.read().ledger
    if named is not None:
        studies.fetch_beside(visit.user, place, named.file.name)
    return Goto("plan" if named is None else "ledger", {"study": place.name})


def example(visit: Visit) -> Goto:
    """Copy an example into the user's folder and open it."""
    chosen = visit.value("example")
    if chosen not in {study.name for study in examples()}:
        copy_example(chosen, visit.workbench.studies.home(visit.user))  # says what there is
    place = visit.workbench.studies.new(visit.user, chosen)
    copy_example(chosen, place.folder)
    return Goto("plan", {"study": place.name})


def copy(visit: Visit) -> Goto:
    """Copy the study that the workbench was opened with, to change it here."""
    source, studies = visit.study, visit.workbench.studies
    place = studies.new(visit.user, source.name)
    for file in source.files():
        shutil.copyfile(file, place.folder / file.name)
    (place.folder / source.file.name).rename(place.file)
    return Goto("plan", {"study": place.name})


def remove(visit: Visit) -> Goto:
    """Remove a study of the workbench's own."""
    visit.note("remove")
    visit.workbench.studies.remove(visit.study)
    return Goto("start", {"study": ""})


def download(visit: Visit) -> FileResponse:
    """The study file."""
    return visit.hand_on(visit.study.file, f"{visit.study.name}.toml", "application/toml")


STATUS = ("firm", "vat_status")


def questions_of(
    text: str, answers: Mapping[str, str] | None = None, models: Sequence[str] = ()
) -> list[Editable]:
    """The questions of a begun study, with what was answered already.

    Args:
        text: of the file, with the lines that wait.
        answers: name of the question → as typed.
        models: their names, where a question is to say of which it is.
    """
    known = {f"shipping.{name}": str(value) for name, value in usual_shipping().items()}
    known |= answers or {}
    return [_question(name, known, models) for name in unanswered_fields(text)]


def _question(name: str, known: Mapping[str, str], models: Sequence[str]) -> Editable:
    """What is asked for a line; for that of a model, of which; a line's hours are units here."""
    place = tuple(int(step) if step.isdecimal() else step for step in name.split("."))
    value = Editable.at(place, known.get(name), needed=True, called=name)
    question = say("web.q_capacity") if place[0] == "plant" else value.label
    if models and place[0] == "model":
        question = say("web.of_model", model=models[int(place[1])], question=question)
    return replace(value, titled=question)


def fields_of(
    visit: Visit, text: str, table: str, answers: Mapping[str, str] | None = None
) -> tuple[Field, ...]:
    """The questions of a table of a begun study as lines of a form."""
    asked = questions_of(text, answers)
    return tuple(one.field(visit) for one in asked if one.name.startswith(f"{table}."))


def choice(visit: Visit, place: Steps, called: str = "", chosen: str = "") -> Field:
    """A question that is answered by a choice: the first one, unless another was made."""
    value = Editable.at(place, called=called)
    return replace(value.field(visit), value=visit.value(value.name, chosen or value.choices[0][0]))


def firm_part(
    visit: Visit, text: str, answers: Mapping[str, str] | None = None, *more: Field
) -> Form:
    """The questions of the firm and of what it can make."""
    fields = [field for of in ("firm", "plant") for field in fields_of(visit, text, of, answers)]
    status = choice(visit, STATUS, chosen=(answers or {}).get(".".join(STATUS), ""))
    return Form(
        (status, *fields, *more), heading=say("web.part_firm"), notes=(say("web.part_firm_about"),)
    )


def shipping_part(visit: Visit, text: str, answers: Mapping[str, str] | None = None) -> Form:
    """The questions of a shipment."""
    fields = fields_of(visit, text, "shipping", answers)
    return Form(fields, heading=say("web.part_ship"), notes=(say("web.part_ship_about"),))


def write_study(visit: Visit, place: StudyPlace, text: str, models: Sequence[str] = ()) -> None:
    """Write a begun study with what was answered, or nothing of it.

    Args:
        visit: with the answers.
        place: a new one.
        text: of the file, with the lines that wait.
        models: their names, where there are several.

    Raises:
        InputError: ``web.unanswered``, an answer that is none, or what the study's checker refuses.
    """
    questions = questions_of(text, models=models)
    try:
        read = read_answers(visit, questions)
        status = Editable.at(STATUS)
        chosen = [Change(STATUS, status.typed_value(visit))] if visit.value(status.name) else []
        filled = apply_changes(fill_template(text, read, usual_shipping()), chosen)
        must_hold = place.must_run(open_warehouse(visit.warehouse))
        visit.workbench.studies.rewrite(place, filled, must_hold)
    except OffingError as error:
        shutil.rmtree(place.folder, ignore_errors=True)
        raise _ask_again(error, questions) from error.__cause__


def titles_of(product: str) -> dict[str, str]:
    """The title of a study of a product or a firm, in each language."""
    titles: dict[str, str] = {}
    for lang in LANGUAGES:
        with using_language(lang):
            titles[lang] = say("web.begun_title", product=product)
    return titles


def _ask_again(error: OffingError, questions: Sequence[Editable]) -> OffingError:
    """What names places of the file names the questions instead, all of them at once."""
    wrong = dict[str, tuple[str, OffingError]]()
    for refused in () if isinstance(error, AnswersError) else every_refusal(error):
        key = None if refused.where is None else refused.where.key
        for question in questions:
            if key == place_text(question.place):
                said = {"key": question.label, "step": say("web.begun_correct")}
                refused.where, refused.values = None, {**refused.values, **said}
                wrong[question.name] = question.label, refused
    return AnswersError.of(wrong) if wrong else error


PAGE = Page(
    "start",
    order=0,
    group="study",
    show=show,
    guide="work-in-a-browser",
    changes={
        "begin": begin,
        "open": open_study,
        "example": example,
        "copy": copy,
        "remove": remove,
    },
    refused=_view,
    parts={"study.toml": download},
)
