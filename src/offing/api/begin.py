"""Begin a study from a ledger: a folder with a study file and the ledger beside it."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl

from offing.api.asking import (
    Answer,
    Asked,
    FirmLedgerRequest,
    Named,
    open_warehouse,
    pairs,
    question,
)
from offing.api.book import yuan_caution
from offing.rules.rule_use import cite_source
from offing.terms.caution import Caution
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.exchange import FRESH
from offing.terms.hs import ended_codes
from offing.terms.limits import parse_toml
from offing.terms.messages import LANGUAGES, join_list, say, using_language
from offing.terms.numbers import day, money, percent
from offing.terms.plain import values_of
from offing.terms.whole_file import whole_folder

if TYPE_CHECKING:
    import polars as pl

    from offing.refunds.rules import DatedRate
    from offing.sources.ledger import LedgerRead
    from offing.study.template import FromLedger, Shown, StudyTemplate
    from offing.terms.firm_records import ModelFigures
    from offing.warehouse import Warehouse


@dataclass(frozen=True)
class BeginRequest(FirmLedgerRequest):
    """Which ledger is a first study begun from?

    Attributes:
        ledger: a CSV file or workbook with headings in English or Chinese.
        folder: where the study is written; a new or empty folder.
        figures: a table of its models: HS code, cost, input tax, weight, volume, refund rate.
        answer: what the file would ask of the firm and its shipping, by its key.
    """

    ledger: Annotated[Path | str, Asked("ledger.help_ledger")]
    folder: Annotated[Path | str, Asked("begin.help_folder", name="--folder", word=True)] = "study"
    figures: Annotated[Path | None, Asked("begin.help_figures")] = None
    answer: Annotated[Named, Asked("begin.help_answer")] = None


@dataclass(frozen=True)
class BeginAnswer(Answer):
    """A study that was begun.

    Attributes:
        file: the study file.
        found: the models that the ledger shows.
        to_fill: keys of the file that wait for the firm's own figure, in the file's order.
        called: how each is typed, of several models with a star, and what it is.
        cautions: message keys with their values.
    """

    file: Path
    found: "FromLedger"
    to_fill: tuple[str, ...]
    called: tuple[tuple[str, str], ...] = ()

    def data(self) -> dict[str, Any]:
        """The file, its models and what is to be filled in; money in USD."""
        of_model = (
            "model.name",
            "model.code",
            "model.price_usd",
            "units",
            "sales_usd=usd",
            "markets",
        )
        models = [values_of(shown, *of_model) for shown in self.found.shown]
        return {**values_of(self, "file", "found.left_out", "to_fill"), "models": models}


@question(BeginRequest)
def begin(request: BeginRequest) -> BeginAnswer:
    """Write a first study from a ledger: its models and prices; what else it needs, to fill in.

    Costs, weights, volumes and refund rates are the ledger's where it has columns of them. Nothing
    is put in the place of what it does not say, such as hours and freight.

    Raises:
        InputError: the ledger cannot be read, ``begin.no_sales`` where it has no line that can be
            used, ``begin.mostly_bad`` where most lines cannot, ``begin.which_codes`` where models
            have no HS code, as :func:`read_figures`,
            ``cli.not_a_folder`` or ``begin.folder_there`` where the folder has files already.
        StorageError: ``cli.disk``.

    Example::

        offing.begin("ledger.xlsx", "my-study").to_fill
    """
    from offing.sources.ledger import look_at_first
    from offing.study.template import fill_in, last_step, toml_of, unanswered_fields
    from offing.warehouse.catalog import default_folder

    ledger, folder = Path(request.ledger), Path(request.folder)
    _must_be_free(folder)
    given = {} if request.figures is None else read_figures(request.figures)
    codes = {name: row.code for name, row in given.items() if row.code}
    options, look = look_at_first(ledger, codes, **request.reading())
    if look.trouble is not None:
        raise look.trouble
    _must_be_read(look, ledger)
    warehouse = open_warehouse(request.warehouse)
    _must_have_codes(look, warehouse, given, ledger)
    sold = _read_models(ledger, look, warehouse, given)
    on = stands_on(sold.last, warehouse)
    named = request.warehouse
    home = Path(named) if isinstance(named, str | Path) else default_folder()
    refunds = [_add_refund_rate(shown, on, home) for shown in sold.shown]
    sold = replace(sold, shown=tuple(shown for shown, _ in refunds))
    how = {"file": ledger.name, **{key: value for key, value in options.items() if value}}
    begun = _beginning(sold, how, on)
    text = fill_in(toml_of(begun), pairs(request.answer))
    file = _write_study(folder, ledger, text)
    waits = unanswered_fields(text)
    to_fill = tuple(map(last_step, waits))
    called = _typed_names(waits, parse_toml(text))
    notes = [*_cautions(sold, look, begun.on), *yuan_caution(look.sales, warehouse)]
    notes += [*sold.doubts, *(caution for _, caution in refunds if caution)]
    notes += _short(sold, warehouse)
    notes += _unmatched_models(look, sold, given)
    notes += _code_cautions(sold)
    notes += _codes_without_trade({shown.model.code for shown in sold.shown}, warehouse)
    aside = len(look.rejected)
    return BeginAnswer(file, sold, to_fill, called, put_aside=aside, cautions=tuple(notes))


def _typed_names(waits: Mapping[str, str], data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """How each figure that waits is typed, of several models with a star; and what it is."""
    from offing.study.template import last_step

    places: dict[tuple[str, str], list[str]] = {}
    for place, about in waits.items():
        places.setdefault((last_step(place), about), []).append(place)

    def name(key: str, alike: list[str]) -> str:
        if not alike[0].startswith("model."):
            return key
        model = data["model"][int(alike[0].split(".")[1])]["key"] if len(alike) == 1 else "*"
        return f"model.{model}.{key}"

    return tuple((name(key, alike), about) for (key, about), alike in places.items())


def read_figures(table: Path) -> "dict[str, ModelFigures]":
    """What a table says of each model, by the model's name as names are compared.

    Raises:
        InputError: ``landed.density``, or as
            :func:`~offing.sources.unit_facts.read_model_figures`.
    """
    from offing.landed.shipment import check_density
    from offing.sources.unit_facts import read_model_figures

    given = read_model_figures(table)
    for row in given.values():
        if row.kg and row.m3:
            check_density(row.kg, row.m3)
    return given


def _must_be_read(look: "LedgerRead", ledger: Path) -> None:
    """Refuse a ledger without sales, or of which most rows cannot be used.

    Raises:
        InputError: ``begin.no_sales``, ``begin.mostly_bad`` with the first of the rows,
            ``refund.not_computed`` where that has a formula in place of a value.
    """
    if not look.usable and not look.rejected:
        raise InputError("begin.no_sales", where=Where(ledger))
    if len(look.rejected) > look.sales.height:
        reason, _, first = look.quarantined[0]
        sheet = look.sheets[0].sheet
        for (row, at), text in sheet.look.valueless.items():
            if reason == "reference.not_computed" and row == first:  # a formula without a value
                where = Where(ledger, row, sheet.header[at])
                raise InputError("refund.not_computed", where=where, text=text)
        reasons = join_list(f"{say(key)} ({count})" for key, count, _ in look.quarantined)
        values = {"bad": len(look.rejected), "good": look.sales.height, "reasons": reasons}
        raise InputError("begin.mostly_bad", where=Where(ledger, first), **values)


def _must_have_codes(
    look: "LedgerRead", warehouse: "Warehouse", given: "Mapping[str, ModelFigures]", ledger: Path
) -> None:
    """Refuse a ledger of models without HS codes, until a table says some of them.

    Raises:
        InputError: ``begin.which_codes``, ``begin.services`` where these are services.
    """
    from offing.sources.ledger import sells_services
    from offing.study.sales_history import models_without_code
    from offing.warehouse.exchange_rates import day_rates

    models = models_without_code(look.sales, day_rates(warehouse))
    if models and not any(row.code for row in given.values()):
        names = join_list(model.name for model in models[:MOST_CODES])
        key = "begin.services" if sells_services(look) else "begin.which_codes"
        raise InputError(key, where=Where(ledger), count=len(models), names=names)


def _code_cautions(sold: "FromLedger") -> Iterator[Caution]:
    """Models of one name with goods of several codes, and codes that have ended."""
    from offing.study.template import SIX

    for shown in sold.shown:
        six = sorted({code[:SIX] for code in shown.codes if len(code) >= SIX})
        if len(six) > 1 and not sold.by_code:
            values = {"name": shown.model.name, "code": shown.model.code, "codes": join_list(six)}
            yield Caution("begin.one_name", values)
        yield from ended_codes(((shown.model.name, code) for code in six), "begin.code_ended")


def _unmatched_models(
    look: "LedgerRead", sold: "FromLedger", given: "Mapping[str, ModelFigures]"
) -> Iterator[Caution]:
    """Models of the table that the ledger does not have."""
    from offing.sources.ledger_line import spelled_model, spelled_models

    there = {*look.sales.select(spelled_models(pl.col("model"))).to_series().drop_nulls()}
    there |= {spelled_model(shown.model.name) for shown in sold.shown}
    if unknown := [row.model for name, row in given.items() if name not in there]:
        yield Caution("begin.figures_unknown", {"names": join_list(unknown[:MOST_CODES])})


def _read_models(
    ledger: Path, look: "LedgerRead", warehouse: "Warehouse", given: "Mapping[str, ModelFigures]"
) -> "FromLedger":
    """The models that a ledger shows.

    Raises:
        InputError: ``begin.all_uncounted``, ``begin.no_codes``.
    """
    from offing.sources.unit_facts import unit_facts
    from offing.study.template import from_ledger
    from offing.study.unit_costs import PLACES
    from offing.warehouse.exchange_rates import day_rates

    taken = {column.name: column.heading.text for column in look.columns if column.heading}
    of_sheets = [part.name for part in look.sheets for _ in range(part.good)]
    sheets = of_sheets if len(of_sheets) == look.sales.height else [""] * look.sales.height
    sales = look.sales.with_columns(pl.Series("sheet", sheets, pl.String))
    figures = [{"name": name, **values_of(row, *PLACES)} for name, row in given.items()]
    own = pl.DataFrame(figures, {"name": pl.String, **dict.fromkeys(PLACES, pl.Float64)})
    facts = unit_facts(ledger, look, taken)
    sold = from_ledger(sales, day_rates(warehouse), facts, own if given else None)
    if not sold.shown and sold.uncounted:
        names = join_list(sold.uncounted[:6])
        raise InputError("begin.all_uncounted", where=Where(ledger), names=names)
    if not sold.shown:
        raise InputError("begin.no_codes", where=Where(ledger))
    return sold


def _short(sold: "FromLedger", warehouse: "Warehouse") -> Iterator[Caution]:
    """Headings of four digits: tariffs go by six and more, so that no landed cost is known."""
    from offing.study.template import SIX
    from offing.warehouse.trade import codes_below

    models = [shown.model for shown in sold.shown]
    short = [model for model in models if len(model.code) < SIX]
    for code in sorted({model.code for model in short}):
        finer = codes_below(warehouse, code, SIX)[:MOST_CODES]
        names = join_list(model.name for model in short if model.code == code)
        values = {"code": code, "names": names}
        if finer:
            told = (f"{six} ({money(usd)})" for six, usd in finer)
            yield Caution("begin.short_code_of", {**values, "finer": "; ".join(told)})
        else:
            yield Caution("begin.short_code", values)


MOST_CODES = 8
"""Six-digit codes of a heading that are listed, the largest trade first."""


def _codes_without_trade(codes: set[str], warehouse: "Warehouse") -> Iterator[Caution]:
    """Codes that the loaded trade data lack: a plan goes on where they have others."""
    from offing.warehouse.trade import traded_code

    if unknown := sorted(code for code in codes if traded_code(warehouse, code) is None):
        key = "begin.no_trade" if len(unknown) == len(codes) else "begin.no_trade_of_some"
        yield Caution(key, {"codes": join_list(unknown)})


def stands_on(last: date, warehouse: "Warehouse") -> date:
    """The day of a study whose ledger ends on ``last``: today, or that day where a week is over.

    Only the twelve months before the study's day count: a later day would see less of the ledger.
    """
    from offing.api.sources import day_with_rates

    today = day_with_rates(date.today(), warehouse)  # noqa: DTZ011 - the user's own day
    return last if today - last > FRESH else today


def _beginning(sold: "FromLedger", how: Mapping[str, object], on: date) -> "StudyTemplate":
    from offing.study.template import StudyTemplate

    title: dict[str, str] = {}
    for lang in LANGUAGES:
        with using_language(lang):
            title[lang] = say("begin.title")
    left_out = {"leave_out": sold.left_out} if sold.left_out else {}
    ledger = {**how, **left_out, "keep_prices": True}
    return StudyTemplate(title, on, [shown.model for shown in sold.shown], ledger=ledger)


def _lawful_rates(codes: Sequence[str], on: date, folder: Path) -> "list[DatedRate]":
    """The refund rates of some codes; none where one is not known."""
    from offing.refunds.rates import rate_of
    from offing.sources.rate_library import last_library

    library = last_library(folder)[0]
    try:
        return [rate_of(library, code, on, book=None) for code in codes]
    except OffingError:
        return []


def _add_refund_rate(shown: "Shown", on: date, folder: Path) -> "tuple[Shown, Caution | None]":
    """A model with its refund rate: of the law where that is known, else what the ledger says.

    Where the two differ the law's is written, or left to be given, and the caution says so.
    """
    codes, said = join_list(shown.codes), shown.model.refund_rate
    rates = _lawful_rates(shown.codes, on, folder)
    distinct = {(rate.refund_rate, rate.cancelled, rate.exempt) for rate in rates}
    plain = not any(rate.cancelled or rate.exempt for rate in rates)
    ends = {rate.cancelled for rate in rates} == {True}  # the study takes what the law says of it
    about, lawful = "" if ends else say("study.begun_refund_of", codes=codes), None
    if len(distinct) == 1 and plain:
        lawful = rates[0].refund_rate
        about = say("study.begun_refund_known", codes=codes, source=cite_source(rates[0].source))
    elif not rates and said is not None:
        lawful, about = said, shown.model.about["refund_rate"]
    caution = None
    if said is not None and lawful != said:
        values = {"name": shown.model.name, "said": percent(said), "codes": codes}
        caution = Caution("begin.refund_against", values)
    model = replace(shown.model, refund_rate=lawful, refund_about=about)
    return replace(shown, model=model), caution


def _cautions(sold: "FromLedger", look: "LedgerRead", on: date) -> list[Caution]:
    cautions = [*look.notes]
    if look.skipped:
        told = join_list(f"{say(reason)} ({count})" for reason, count in look.skipped.items())
        count = sum(look.skipped.values())
        cautions.append(Caution("begin.no_sales_of", {"count": count, "reasons": told}))
    if bare := [s.model.name for s in sold.shown if not s.term and s.model.price_usd is not None]:
        cautions.append(Caution("begin.price_as_invoiced", {"names": join_list(bare)}))
    if on == sold.last:
        cautions.append(Caution("begin.stands_then", {"on": day(on)}))
    if sold.uncounted:
        cautions.append(Caution("begin.uncounted", {"names": join_list(sold.uncounted[:6])}))
    if column := sold.headings.get("cost_cny"):
        cautions.append(Caution("begin.cost_taken", {"column": column}))
    return cautions


def _must_be_free(folder: Path) -> None:
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        key = "cli.not_a_folder" if folder.is_file() else "begin.folder_there"
        raise InputError(key, where=Where(folder), folder=folder)


def _write_study(folder: Path, ledger: Path, text: str) -> Path:
    """Both files at once: the folder gets its name when it is whole."""
    with whole_folder(folder) as fresh:
        shutil.copyfile(ledger, fresh / ledger.name)
        (fresh / "study.toml").write_text(text, encoding="utf-8")
        if folder.is_dir():
            folder.rmdir()  # it is empty
    return folder / "study.toml"
