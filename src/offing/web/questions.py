"""What is asked of a firm whose study is begun: a question for each line of its file that waits."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace

from offing.study.edit import Change, apply_changes
from offing.study.file import Steps, place_text
from offing.study.template import fill_template, unanswered_fields, usual_shipping
from offing.terms.errors import OffingError
from offing.terms.messages import LANGUAGES, say, speaking
from offing.web.asking import Field, Form
from offing.web.editing import Editable
from offing.web.page import Visit
from offing.web.studies import StudyPlace

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
        answers = {question.name: question.typed_value(visit) for question in questions}
        status = Editable.at(STATUS)
        chosen = [Change(STATUS, status.typed_value(visit))] if visit.value(status.name) else []
        visit.workbench.studies.rewrite(place, apply_changes(fill_template(text, answers), chosen))
    except OffingError as error:
        shutil.rmtree(place.folder, ignore_errors=True)
        _ask_again(error, questions)
        raise


def titles_of(product: str) -> dict[str, str]:
    """The title of a study of a product or a firm, in each language."""
    titles: dict[str, str] = {}
    for lang in LANGUAGES:
        with speaking(lang):
            titles[lang] = say("web.begun_title", product=product)
    return titles


def _ask_again(error: OffingError, questions: Sequence[Editable]) -> None:
    """Let an error that names a place of the file name the question instead."""
    key = None if error.where is None else error.where.key
    for question in questions:
        if key == place_text(question.place):
            step = say("web.begun_correct")
            error.where, error.values = None, {**error.values, "key": question.label, "step": step}
