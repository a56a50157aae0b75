"""What is asked of a firm whose study is begun: a question for each line of its file that waits."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from offing.study.edit import Change, edited
from offing.study.file import place_text
from offing.study.template import (
    UnansweredField,
    fill_template,
    unanswered_fields,
    usual_shipping,
)
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import LANGUAGES, say, speaking
from offing.web.asking import Field
from offing.web.editing import figure, refund_rate_of
from offing.web.page import Visit
from offing.web.studies import StudyPlace

STATUS = "firm.vat_status"
STATUSES = ("manufacturer", "trader", "small_scale")
ASKED = {"name": "firm", "hours": "capacity"}
"""Keys of the file whose question has another name."""
NOT_FIGURES = ("firm.name", "firm.city")


@dataclass(frozen=True)
class FormPart:
    """Questions under a heading; ``notes`` explain them, or say what is known already."""

    heading: str
    notes: tuple[str, ...]
    fields: tuple[Field, ...]


def fields_of(
    visit: Visit, text: str, table: str, answers: Mapping[str, str] | None = None
) -> tuple[Field, ...]:
    """The questions of a table of a begun study, with what was answered already."""
    known = {f"shipping.{name}": str(value) for name, value in usual_shipping().items()}
    known |= answers or {}
    return tuple(
        Field(
            line.name,
            say(f"web.q_{ASKED.get(line.key, line.key)}"),
            "text" if line.name in NOT_FIGURES or line.key == "refund_rate" else "number",
            visit.value(line.name, known.get(line.name, "")),
            needed=True,
        )
        for line in unanswered_fields(text)
        if line.name.startswith(f"{table}.")
    )


def choice(visit: Visit, name: str, values: Sequence[str], chosen: str = "") -> Field:
    """A question that is answered by a choice: the first one, unless another was made."""
    key = f"web.q_{name.rpartition('.')[2]}"
    options = tuple((value, say(f"{key}_{value}")) for value in values)
    return Field(name, say(key), "select", visit.value(name, chosen or values[0]), options=options)


def firm_part(
    visit: Visit, text: str, answers: Mapping[str, str] | None = None, *more: Field
) -> FormPart:
    """The questions of the firm and of what it can make."""
    fields = [field for of in ("firm", "plant") for field in fields_of(visit, text, of, answers)]
    status = choice(visit, STATUS, STATUSES, (answers or {}).get(STATUS, ""))
    return FormPart(say("web.part_firm"), (say("web.part_firm_about"),), (status, *fields, *more))


def shipping_part(visit: Visit, text: str, answers: Mapping[str, str] | None = None) -> FormPart:
    """The questions of a shipment."""
    fields = fields_of(visit, text, "shipping", answers)
    return FormPart(say("web.part_ship"), (say("web.part_ship_about"),), fields)


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
    questions = {line.name: _question(line, models) for line in unanswered_fields(text)}
    try:
        answers = {name: _answer(visit, name, question) for name, question in questions.items()}
        changes = [Change(("firm", "vat_status"), visit.value(STATUS))]
        chosen = changes if changes[0].value in STATUSES else []
        visit.workbench.studies.rewrite(place, edited(fill_template(text, answers), chosen))
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


def _question(line: UnansweredField, models: Sequence[str]) -> str:
    """What is asked for a line; for that of a model, of which."""
    question = say(f"web.q_{ASKED.get(line.key, line.key)}")
    if not (models and line.name.startswith("model.")):
        return question
    return say("web.of_model", model=models[int(line.name.split(".")[1])], question=question)


def _answer(visit: Visit, name: str, question: str) -> Any:
    """What was answered.

    Raises:
        InputError: ``web.unanswered``, or an answer that is none.
    """
    text = visit.value(name)
    if not text:
        raise InputError("web.unanswered", question=question)
    if name in NOT_FIGURES:
        return text[:120]
    if name.endswith(".refund_rate"):
        return refund_rate_of(text)
    return figure(text, question)


def _ask_again(error: OffingError, questions: Mapping[str, str]) -> None:
    """Let an error that names a place of the file name the question instead."""
    key = None if error.where is None else error.where.key
    for name, question in questions.items():
        steps = tuple(int(step) if step.isdecimal() else step for step in name.split("."))
        if key == place_text(steps):
            step = say("web.begun_correct")
            error.where, error.values = None, {**error.values, "key": question, "step": step}
