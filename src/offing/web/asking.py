"""A question of :mod:`offing.api` as a form, and what was filled in as its fields.

The form is made from the request, as the command line is. A field that takes a path has no place
in a form: a file is uploaded, and no text of a request is ever opened.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Literal

from offing.api.asking import (
    Answer,
    AskedField,
    fields_of,
    open_warehouse,
    option_names,
    read_field,
    request_of,
)
from offing.api.given import kinds_of
from offing.report.form_names import FormNames, short_label
from offing.report.views import view_of
from offing.sources.ledger_line import spelled_model
from offing.study.schema import ModelFacts
from offing.terms.countries import all_countries, country_name
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import Naming, has_message, join_list, language, say
from offing.terms.products import product_hints, product_label
from offing.warehouse.trade import traded_code
from offing.web.page import Page, View, Visit

Input = Literal["text", "number", "date", "checkbox", "select", "ticks", "lines"]


@dataclass(frozen=True)
class Field:
    """One line of a form.

    Attributes:
        name: of the request's field.
        label: the sentence that explains it.
        kind: how it is typed.
        value: what stands in it.
        needed: whether it must be filled in.
        options: of a ``select``: value and text.
        hints: what may be typed, shown while one types: value and text.
        usual: what counts where nothing is typed.
        help: where the figure is found.
    """

    name: str
    label: str
    kind: Input = "text"
    value: str = ""
    needed: bool = False
    options: tuple[tuple[str, str], ...] = ()
    hints: tuple[tuple[str, str], ...] = ()
    usual: str = ""
    help: str = ""


@dataclass(frozen=True)
class Form:
    """A form, or a part of one under a heading.

    Attributes:
        fields: its lines.
        more: those that few need, which open on demand.
        address: where it leads.
        heading: of a part.
        notes: explain it, or say what is known already.
    """

    fields: tuple[Field, ...]
    more: tuple[Field, ...] = ()
    address: str = ""
    heading: str = ""
    notes: tuple[str, ...] = ()


def question_view(
    visit: Visit,
    ask: Callable[..., Answer],
    *,
    of_study: bool = True,
    needs: Sequence[str] = (),
    **form: Any,
) -> View:
    """The page of one question: its form, and the answer as soon as all needed is filled in.

    Args:
        visit: the request.
        ask: a question of :mod:`offing.api`.
        needs: names that must be filled in beside those the question always must be told.
        of_study: whether a question that can be asked of a study is asked of the open one.
        **form: as :func:`form_of`.
    """
    view = visit.view(form=form_of(visit, ask, **form))
    if filled_in(visit, ask) and all(map(visit.value, needs)):
        with view.refusals():
            answer = ask(**question_arguments(visit, ask, of_study=of_study))
            view.blocks, view.data = view_of(answer), answer.data
    return view


def form_of(
    visit: Visit,
    ask: Callable[..., Any],
    *,
    names: Sequence[str] = (),
    options: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    hints: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    presets: Mapping[str, str] | None = None,
    without: Collection[str] = (),
) -> Form:
    """The form of a question, with what the visit has filled in.

    Args:
        visit: the request.
        ask: a question of :mod:`offing.api`.
        names: of the fields that stand open, in this order; the others open on demand.
        options: name → choices, as value and text.
        hints: name → what may be typed, as value and text.
        presets: name → what stands in a field that was not filled in yet.
        without: names that this page does not ask for.
    """
    fields = {
        field.name: _field(
            visit,
            field,
            tuple((options or {}).get(field.name, ())),
            tuple((hints or {}).get(field.name, ())),
            (presets or {}).get(field.name),
        )
        for field in askable(ask)
        if field.name not in without
    }
    opened = names or tuple(fields)
    return Form(
        tuple(fields[name] for name in opened),
        tuple(field for name, field in fields.items() if name not in opened),
        visit.page.address,
    )


def question_arguments(
    visit: Visit, ask: Callable[..., Any], only: Collection[str] = (), *, of_study: bool = True
) -> dict[str, Any]:
    """What was filled in, as keyword arguments of a question; what is empty is left out.

    ``warehouse`` and ``study`` are the visit's own where the question has such fields.

    Raises:
        InputError: as :func:`offing.api.asking.read_field`.
    """
    arguments: dict[str, Any] = {}
    for field in askable(ask):
        if only and field.name not in only:
            continue
        if text := visit.value(field.name):
            several = {list, tuple} & kinds_of(field.kind)
            typed = visit.values(field.name) if several else text
            arguments[field.name] = read_field(field, typed)
    names = {field.name for field in fields_of(request_of(ask))}
    if "warehouse" in names and visit.warehouse is not None:
        arguments["warehouse"] = visit.warehouse
    if "study" in names and of_study and visit.place is not None:
        arguments["study"] = visit.place.file
    return arguments


def filled_in(visit: Visit, ask: Callable[..., Any]) -> bool:
    """Whether all is there that the question must be told."""
    needed = [field.name for field in askable(ask) if field.needed]
    return all(visit.value(name) for name in needed)


def askable(ask: Callable[..., Any]) -> list[AskedField]:
    """The fields of a question that a form may have: none that takes a path, or an address."""
    fields = [field for field in fields_of(request_of(ask)) if field.name != "engine"]
    return [field for field in fields if Path not in kinds_of(field.kind)]


def _field(
    visit: Visit,
    field: AskedField,
    options: tuple[tuple[str, str], ...],
    hints: tuple[tuple[str, str], ...],
    preset: str | None,
) -> Field:
    kinds, label = kinds_of(field.hint), label_of(visit.page, field)
    default = preset or ("" if field.default in (None, (), False) else str(field.default))
    value = visit.value(field.name, default)
    kind: Input = "text"
    if options:
        kind = "select"
    elif bool in kinds:
        kind = "checkbox"
    elif date in kinds:
        kind = "date"
    elif kinds & {int, float} and str not in kinds:
        kind = "number"
    return Field(field.name, label, kind, value, field.needed, options, hints)


def column_field(
    name: str,
    label: str,
    found: str | None,
    headings: Iterable[str],
    named: Mapping[str, str],
    *,
    missing: bool,
) -> Field:
    """Which heading of a table is one of our columns: the one that was found, or one by hand."""
    if found is None:
        itself = say("ledger.needed" if missing else "ledger.not_there")
    else:
        itself = say("web.ledger_itself", heading=found)
    options = (("", itself), *((heading, heading) for heading in dict.fromkeys(headings)))
    return Field(f"column-{name}", label, "select", named.get(name, ""), missing, options)


def label_of(page: Page, field: AskedField) -> str:
    """What a field of a question is called on a page."""
    name = page.name.replace("-", "_")
    for own in (page.file_label.format(field.name), f"web.{name}_{field.name}"):
        if has_message(own):  # where the command line's does not suit a form
            return say(own)
    told = say(field.asked.help, **(field.asked.values or dict)()).rstrip(".。")
    return told[:1].upper() + told[1:]


class PageNames(FormNames):
    """What a page calls options (by its labels) and keys of a study's file (by forms)."""

    def __init__(self, visit: Visit) -> None:
        self._page, ask = visit.page, visit.page.asks
        self._options = {} if ask is None else option_names(request_of(ask))
        fields = () if ask is None else fields_of(request_of(ask))
        self._fields = {field.name: field for field in fields}
        self._forms = self._page.name == "begin" or bool(visit.place and visit.place.kept)
        self.typing = self._page.name != "plan"

    def option(self, name: str, value: str = "") -> str:
        """The label of its field; one that the page does not ask stays as it is typed."""
        if name == "--json":
            return "“JSON”"
        field = self._fields.get(self._options.get(name, ""))
        if field is None:
            return Naming.option(self, name, value)
        return f"“{short_label(label_of(self._page, field))}” {value}".rstrip()

    def key(self, mark: str, value: str = "") -> str:
        """The form, where the study may be changed on the page Edit."""
        return super().key(mark, value) if self._forms else Naming.key(self, mark, value)


class AnswersError(InputError):
    """What cannot be used of a form: alone as it is, several in a list; each is said at its field.

    Attributes:
        fields: name of the field → its label, and what is wrong with it.
    """

    fields: Mapping[str, tuple[str, OffingError]]

    @classmethod
    def of(cls, fields: Mapping[str, tuple[str, OffingError]]) -> "AnswersError":
        """Of one field at least."""
        (label, first), *more = fields.values()
        labels = say("landed.joint").join([label, *(label for label, _ in more)])
        error = cls("web.answers_wrong" if more else first.key)
        error.values = {"count": len(fields), "fields": labels} if more else first.values
        error.__cause__, error.fields = first.__cause__, fields
        return error


def read_answers(visit: Visit, values: Iterable[Any]) -> dict[str, Any]:
    """What was typed in fields (:class:`~offing.web.editing.Editable`), by their names.

    Raises:
        AnswersError: with every field that cannot be read.
    """
    read, wrong = dict[str, Any](), dict[str, tuple[str, OffingError]]()
    for value in values:
        try:
            read[value.name] = value.typed_value(visit)
        except OffingError as error:
            wrong[value.name] = value.label, error
    if wrong:
        raise AnswersError.of(wrong)
    return read


Choices = tuple[tuple[str, str], ...]
CURRENCIES = ("USD", "EUR", "CNY", "JPY", "GBP", "HKD", "KRW", "THB", "IDR", "MYR", "BRL", "RUB")


def countries() -> Choices:
    """Every country that trades: alpha-3 code and name."""
    codes = [code for code, country in all_countries().items() if country.kind == "country"]
    return tuple((code, country_name(code)) for code in codes)


def goods() -> Choices:
    """Codes that have a name, with the words that find them."""
    return tuple(product_hints().items())


def currencies() -> Choices:
    """Those most invoices are in; others may be typed."""
    return tuple((code, code) for code in CURRENCIES)


def models(visit: Visit) -> Choices:
    """The models of the open study: key and name; none where none is open or it cannot be read."""
    chinese = language() == "zh"
    return tuple((m.key, m.name.zh if chinese else m.name.en) for m in _models(visit))


def models_of(visit: Visit, code: str) -> tuple[tuple[str, str, str], ...]:
    """The open study's models of a code, or of one within it: key, name and unit."""
    names = dict(models(visit))
    return tuple(
        (model.key, names[model.key], model.unit)
        for model in _models(visit)
        if model.code.startswith(code) or code.startswith(model.code)
    )


def likeliest(visit: Visit, name: str, code: str) -> Choices:
    """The open study's models, first those that a ledger's name and code point to."""
    same = {key for key, _, _ in models_of(visit, code)} if code else set()

    def near(model: tuple[str, str]) -> tuple[bool, float]:
        spelled = (spelled_model(text) for text in model)
        ratios = (SequenceMatcher(None, spelled_model(name), text).ratio() for text in spelled)
        return model[0] in same, max(ratios)

    return tuple(sorted(models(visit), key=near, reverse=True))


def product_of(visit: Visit) -> str:
    """The code of the open study's first model, else nothing."""
    return next((model.code for model in _models(visit)), "")


def _models(visit: Visit) -> list[ModelFacts]:
    if visit.place is None:
        return []
    try:
        return visit.place.read().model
    except OffingError:
        return []


def lacking(visit: Visit) -> str | None:
    """Which goods of the open study the trade data lack, and which data are loaded.

    ``None`` where all goods are there, or the study cannot be read, which other pages say.
    """
    try:
        codes = {model.code for model in visit.study.read().model}
    except InputError:
        return None
    return lacking_of(visit, codes)


def lacking_of(visit: Visit, codes: Iterable[str], key: str = "web.goods_lacking") -> str | None:
    """The same of codes, in the words of a message; a plan goes on where some are there."""
    warehouse, needed = open_warehouse(visit.warehouse), set(codes)
    if not (missing := sorted(code for code in needed if traded_code(warehouse, code) is None)):
        return None
    key = key if len(missing) == len(needed) else "web.goods_lacking_some"
    sets = join_list(warehouse.trade_sets()) or "—"
    loaded = say("web.loaded_starter") if warehouse.is_starter else sets
    return say(key, goods=join_list(map(product_label, missing)), loaded=loaded)
