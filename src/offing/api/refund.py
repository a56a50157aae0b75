"""The export VAT refund (出口退税): of a firm's months, of one more unit; and do papers fit?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from offing.api import typed
from offing.api.asking import (
    Answer,
    Asked,
    Caution,
    Named,
    WarehouseIn,
    idle,
    opened,
    pairs,
    question,
)
from offing.policy.overlay import Rules
from offing.refunds.calendar import Lapse, firm_class, lapses
from offing.refunds.cross_check import KindTotal, Papers, by_kind, cross_check
from offing.refunds.declared_charges import at_fob
from offing.refunds.doubts.doubt import Doubt, RateOf, Worth
from offing.refunds.exempt_credit import solve_month, solve_months
from offing.refunds.exempt_refund import TraderRefund, trader_refund
from offing.refunds.explain import as_solved, rules_behind
from offing.refunds.marginal import MarginalEffect, about_unit, marginal_effect, one_more
from offing.refunds.month_checks import declared_notes, month_notes
from offing.refunds.months import ExportLine, FirmMonth, MonthResult
from offing.refunds.months_file import MonthsFile, months_of
from offing.refunds.rate_library import outdated, rate_of
from offing.refunds.rules import DatedRate, reviewed, surtax_rates
from offing.refunds.surtax import Surtaxes, surtaxes
from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import HORIZON_DAYS
from offing.sources.month_lines import read_months
from offing.sources.papers import (
    is_suppliers,
    read_declarations,
    read_invoices,
    read_receipts,
    read_sales,
)
from offing.sources.rate_library import forget, read_library, remember, remembered
from offing.sources.user_table import day_of
from offing.study.costs import (
    effect_of_one_unit,
    must_have_rates,
    otherwise_refunded,
    refund_rate_of,
    typical_month,
)
from offing.study.file import Study, read_study
from offing.study.firm_file import ModelFacts
from offing.terms.errors import InputError, OffingError, RuleError
from offing.terms.exchange import OLDEST, DayRate, FxTable
from offing.terms.firm_records import LibraryRows
from offing.terms.messages import enumerated, say
from offing.terms.nearest import meant
from offing.terms.numbers import fixed
from offing.warehouse.exchange_rates import central_parity, fx_of, rounded_parity
from offing.warehouse.store import default_folder

CENTS = 2
ON_BOARD = ("FOB", "FCA", "FAS")


@dataclass(frozen=True)
class RefundRequest:
    """What comes back of the input tax, of which month, and what must be claimed by when?

    One of ``months``, ``study`` and ``declarations`` says what is asked; ``offing refund --help``
    explains every field.

    Attributes:
        column: ``{"declarations.total": "货值"}``: headings of the tables that are not known.
        rate: ``{"CNY": "7.12"}``: units for one US dollar.
        firm_class: 出口退税管理类别, 1 to 4.
        more_fob, more_input_tax: of one more unit in the last month, CNY.
    """

    months: Annotated[typed.File, Asked("refund.help_months", name="--months", word=True)] = None
    library: Annotated[typed.File, Asked("refund.help_library", name=("--rates", "--library"))] = (
        None
    )
    reform: Annotated[typed.Paths, Asked("refund.help_reform")] = None
    rules: Annotated[typed.Paths, Asked("rules.help_rules")] = None
    rules_key: Annotated[typed.File, Asked("rules.help_key")] = None
    declarations: Annotated[typed.File, Asked("refund.help_declarations")] = None
    invoices: Annotated[typed.File, Asked("refund.help_invoices")] = None
    receipts: Annotated[typed.File, Asked("refund.help_receipts")] = None
    inputs: Annotated[typed.File, Asked("refund.help_inputs")] = None
    column: Annotated[Named, Asked("refund.help_column")] = None
    rate: Annotated[Named, Asked("refund.help_rate")] = None
    rates_age: Annotated[int | None, Asked("landed.help_rates_age")] = None
    study: Annotated[typed.File, Asked("refund.help_study")] = None
    on: Annotated[date | str | None, Asked("refund.help_on")] = None
    firm_class: Annotated[int, Asked("refund.help_class", name="--class")] = 2
    place: Annotated[str, Asked("refund.help_place")] = "city"
    more_fob: Annotated[typed.Number, Asked("refund.help_more_fob")] = None
    more_input_tax: Annotated[
        str | int | Decimal, Asked("refund.help_more_input", needs="more_fob")
    ] = "0"
    more_rates: Annotated[str | None, Asked("refund.help_more_rates", needs="more_fob")] = None
    explain: Annotated[bool, Asked("refund.help_explain")] = False
    warehouse: WarehouseIn = None


@dataclass(frozen=True)
class MonthsRefund:
    """A firm's months, in CNY.

    Attributes:
        file: the months as read, with the rates looked up and the rows in quarantine.
        results: of a manufacturer (免抵退), month by month.
        surtaxes: of the same months.
        traded: of a trading company (免退): the month and its refund.
        calendar: what lapses when, by month of export.
        effect: what one more unit does to the last month, where asked for.
        rules: every rule behind the figures.
        cautions: message keys with their values.
    """

    file: MonthsFile
    results: tuple[MonthResult, ...]
    surtaxes: tuple[Surtaxes, ...]
    traded: tuple[tuple[str, TraderRefund], ...]
    calendar: tuple[Lapse, ...]
    effect: MarginalEffect | None
    rules: tuple[RuleUse, ...]
    cautions: tuple[Caution, ...]

    def solved(self) -> Iterator[tuple[FirmMonth, MonthResult]]:
        """Each month with the opening figures that it was solved with, and its result."""
        before: MonthResult | None = None
        for month, result in zip(self.file.months, self.results, strict=True):
            yield as_solved(month, before), result
            before = result

    def data(self) -> dict[str, Any]:
        """The figures of the returns, month by month."""
        return {
            "months": [
                {**asdict(result), "regime": result.regime, "surtax": surtax.total}
                for result, surtax in zip(self.results, self.surtaxes, strict=True)
            ],
            "trading": [{"period": period, **asdict(result)} for period, result in self.traded],
            "deemed_domestic": self.file.deemed,
            "exempt": self.file.exempt,
            "marginal": None if self.effect is None else _effect_data(self.effect),
            "calendar": self.calendar,
            "rules": self.file.rules,
            "aside": [error.as_json() for error in self.file.quarantined],
            "notes": [say(key, **values) for key, values in self.cautions],
            "rows": self.file.rows,
        }


@dataclass(frozen=True)
class PapersCheck:
    """Declarations matched with export invoices, receipts, suppliers' invoices and rates.

    Attributes:
        items: how many items of declarations were read.
        findings: what does not fit, the largest amount first.
        quarantined: rows that could not be used, and why.
        per_usd: CNY for one US dollar and its day, of the amounts in CNY; ``None`` without a rate.
        cautions: message keys with their values.
    """

    items: int
    findings: tuple[Doubt, ...]
    quarantined: tuple[OffingError, ...]
    per_usd: tuple[Decimal, date] | None
    cautions: tuple[Caution, ...]

    @property
    def totals(self) -> tuple[KindTotal, ...]:
        """The doubts by kind."""
        return by_kind(self.findings)

    def data(self) -> dict[str, Any]:
        """The findings with their places, and their sums by kind."""
        return {
            "items": self.items,
            "findings": [_doubt_data(doubt) for doubt in self.findings],
            "totals": [
                {"finding": row.kind, "name": row.first.name, "count": row.count, "cny": row.cny,
                 "do": row.first.next_step}
                for row in self.totals
            ],
            "aside": [error.as_json() for error in self.quarantined],
            "notes": [say(key, **values) for key, values in self.cautions],
        }  # fmt: skip


def _doubt_data(doubt: Doubt) -> dict[str, Any]:
    return {
        "finding": doubt.kind,
        "text": str(doubt),
        "file": str(doubt.where.file),
        "row": doubt.where.row,
        "rows": [{"file": str(where.file), "row": where.row} for where in doubt.rows],
        "amount": doubt.money[0],
        "currency": doubt.money[1],
        "cny": doubt.cny,
        "do": doubt.next_step,
    }


@dataclass(frozen=True)
class ProductRefund:
    """A study's typical month with one of its products, and what one more unit does, in CNY.

    Attributes:
        facts: of the product.
        month, result: the typical month and its solution.
        surtaxes: of the month.
        effect: of one more unit.
        rules: every rule behind the figures.
        per_usd: CNY for one US dollar, and the day of the rate.
    """

    facts: ModelFacts
    month: FirmMonth
    result: MonthResult
    surtaxes: Surtaxes
    effect: MarginalEffect
    rules: tuple[RuleUse, ...]
    per_usd: tuple[Decimal, date]

    def data(self) -> dict[str, Any]:
        """The month and the effect of one more unit."""
        return {
            "model": self.facts.key,
            "product": self.facts.code,
            "month": asdict(self.result),
            "surtax": self.surtaxes.total,
            "marginal": _effect_data(self.effect),
        }


@dataclass(frozen=True)
class RefundAnswer(Answer):
    """What was asked for: a firm's months, its papers, or a study's products.

    Attributes:
        on: the day that it was looked from.
        months: the firm's months.
        papers: the match of its papers.
        products: of a study.
        explain: whether the steps and sources are to be told.
    """

    on: date
    months: MonthsRefund | None = None
    papers: PapersCheck | None = None
    products: tuple[ProductRefund, ...] = ()
    explain: bool = False
    cautions: tuple[Caution, ...] = ()

    @property
    def put_aside(self) -> int:
        """Rows of the months or the papers that could not be used."""
        if self.papers is not None:
            return len(self.papers.quarantined)
        return 0 if self.months is None else len(self.months.file.quarantined)

    @property
    def complete(self) -> bool:
        """Whether every row could be used and all papers fit."""
        return super().complete and not (self.papers and self.papers.findings)

    def data(self) -> Any:
        """The part that was asked for."""
        checked = self.months or self.papers
        return [product.data() for product in self.products] if checked is None else checked.data()


def _effect_data(effect: MarginalEffect) -> dict[str, Any]:
    return {**asdict(effect), "why": effect.why()}


@question(RefundRequest)
def refund(request: RefundRequest) -> RefundAnswer:
    """The months in the terms of the return, the claim calendar and what needs a look.

    Raises:
        InputError: ``refund.which_months`` where nothing is asked, or a file or value that cannot
            be used.
        RuleError: the rulebook has no rate of the day.
    """
    on = request.on if isinstance(request.on, date) else None
    on = on or (datetime.now(UTC).date() if request.on is None else day_of(str(request.on)))
    path = None if request.study is None else Path(request.study)
    study = None if path is None else read_study(path)
    own = None if path is None or study is None else (path, study)
    reforms = typed.reforms_of(request.reform)
    laws = typed.in_force(reforms, request.rules, request.rules_key, own)
    if study is not None:
        oldest = study.rates_age if request.rates_age is None else request.rates_age
        fx = laws.fx(fx_of(opened(request.warehouse), study.on, oldest=oldest))
        must_have_rates(study.model, study.on, laws.refund_rates, Path(str(request.study)))
        products = tuple(_products(study, request, laws, fx))
        doubts = (*fx.cautions(("CNY", "USD")), *_other_rates(study), *_of_month(study))
        return RefundAnswer(study.on, products=products, explain=request.explain, cautions=doubts)
    if request.declarations is not None:
        return RefundAnswer(on, papers=_papers(request, on, laws))
    if request.months is None:
        raise InputError("refund.which_months")
    return RefundAnswer(on, _months(request, on, laws), explain=request.explain)


def _of_month(study: Study) -> Iterator[Caution]:
    """What the study lacks for its month, and the models whose price is not on board."""
    if study.firm.silent_of_month:
        yield "refund.no_month", {}
    if other := [model for model in study.model if model.price_term not in ON_BOARD]:
        terms = enumerated(dict.fromkeys(model.price_term for model in other))
        yield (
            "refund.not_on_board",
            {"models": enumerated(model.key for model in other), "terms": terms},
        )


def _other_rates(study: Study) -> Iterator[Caution]:
    """Models whose refund rate is the study's own, and another one by the law of its day."""
    for model in study.model:
        for key, values in otherwise_refunded(model, study.on):
            yield f"study.warn_{key}", {"model": model.key, **values}


def _months(request: RefundRequest, on: date, laws: Rules) -> MonthsRefund:
    assert request.months is not None
    firm_class(request.firm_class)
    place = _place(request)
    library, remembered_notes = _library(request)
    used: set[str] = set()
    rate_on = _rate_on(request, used)
    lines = read_months(Path(request.months), rate_on, _named(request)["months"])
    read = months_of(lines, on=on, library=library, rates=laws.refund_rates)
    results = solve_months(read.months, places=CENTS)
    of_months, more = month_notes(lines.rows, rate_on), _more(read, request)
    currencies = {*used, "CNY"} if used else used
    exports = ((line.export_date, line.fob_cny) for line in read.exports)
    calendar = lapses(exports, on=on, class_number=request.firm_class)
    days = [line.export_date for line in read.exports]
    coded = [
        (line.code, line.export_date or date.fromisoformat(f"{line.period}-01"))
        for line in lines.rows
        if line.code and not line.group and line.refund_rate is None
    ]
    return MonthsRefund(
        read,
        results,
        tuple(_surtaxes(result, place) for result in results),
        tuple((month.period, trader_refund(month.purchases)) for month in read.purchases),
        calendar,
        _effect(read, results, request, more),
        (*read.rules, *rules_behind(place, request.firm_class, days)),
        (
            *remembered_notes,
            *outdated(library, coded, laws.refund_rates),
            *_notes(read, request),
            *of_months,
            *idle("--rate", typed.per_dollar(request.rate), currencies, listed=True),
            *(about_unit(*more) if more else ()),
            *_cautions(results, calendar),
            *_aged([*days, on]),
        ),
    )


def _rate_on(request: RefundRequest, used: set[str]) -> Callable[[str, date], DayRate | None]:
    """A currency and a day → a given rate, the central parity where it is loaded, or the ECB's.

    The currencies that are asked for go into ``used``.
    """
    own = typed.per_dollar(request.rate)
    oldest = OLDEST if request.rates_age is None else request.rates_age

    @cache
    def rate_on(currency: str, day: date) -> DayRate | None:
        used.add(currency)
        warehouse = opened(request.warehouse)
        parity = (
            None if {"CNY", currency} & own.keys() else central_parity(warehouse, currency, day)
        )
        if parity is not None:
            return parity
        try:
            value, _ = fx_of(warehouse, day, own, oldest=oldest).rate("CNY", currency)
        except OffingError:
            return None
        return DayRate(rounded_parity(value))

    return rate_on


def _notes(read: MonthsFile, request: RefundRequest) -> Iterator[Caution]:
    """What the file's reader says; files of rules need not touch these months, a reform should."""
    for note in read.notes:
        if note[0] != "refund.note_reform_unused" or request.reform:
            yield note


def _place(request: RefundRequest) -> str:
    place, known = request.place, surtax_rates()
    if place not in known:
        near = meant(place, known)
        raise InputError("refund.unknown_place", text=place, near=near, all=enumerated(known))
    return place


def _surtaxes(result: MonthResult, place: str) -> Surtaxes:
    return surtaxes(result.vat_payable, result.exempt_credit, rates=surtax_rates()[place])


def _more(read: MonthsFile, request: RefundRequest) -> tuple[ExportLine, Decimal] | None:
    """One more unit in the last month, and its input tax; ``None`` where it is not asked for."""
    if request.more_fob is None or not read.months:
        return None
    exports = read.months[-1].exports
    return one_more(request.more_fob, request.more_input_tax, request.more_rates, exports)


def _effect(
    read: MonthsFile,
    results: tuple[MonthResult, ...],
    request: RefundRequest,
    more: tuple[ExportLine, Decimal] | None,
) -> MarginalEffect | None:
    """What one more unit does to the last month."""
    if more is None:
        return None
    unit, tax = more
    return marginal_effect(
        as_solved(read.months[-1], results[-2] if len(results) > 1 else None),
        unit,
        input_tax_cny=tax,
        surtax_rate=surtax_rates()[request.place].total,
        firm_class=request.firm_class,
    )


def _cautions(results: tuple[MonthResult, ...], calendar: tuple[Lapse, ...]) -> Iterator[Caution]:
    """What rests on a text that was not read."""
    carried = [month for month in results if month.reduction_nd_carry or month.reduction_ecr_carry]
    if carried:
        first = carried[0]
        sums = {
            "period": first.period,
            "nondeductible": fixed(first.reduction_nd_carry, CENTS),
            "ecr": fixed(first.reduction_ecr_carry, CENTS),
        }
        new = first.period >= "2026"
        yield "refund.note_carry_2026" if new else "refund.note_carry", sums
    if any(item.deemed_domestic_on for item in calendar):
        yield "refund.note_36_months", {}


def _aged(days: Sequence[date | None]) -> Iterator[Caution]:
    """What to say of exports long after the refund rules were last gone through."""
    last = max((day for day in days if day), default=None)
    if last is not None and last > reviewed() + timedelta(days=HORIZON_DAYS):
        named = {"file": "chn_refund.toml", "reviewed": str(reviewed()), "day": str(last)}
        yield "rules.warn_far_ahead", named | {"days": str(HORIZON_DAYS)}


def _library(request: RefundRequest) -> tuple[LibraryRows | None, tuple[Caution, ...]]:
    """The rate library that is given, which is remembered, else the one that was; none for none."""
    named = request.warehouse
    folder = Path(named) if isinstance(named, str | Path) else default_folder()
    if request.library is None:
        return remembered(folder)
    path = Path(request.library)
    if str(path).casefold() in ("none", "无"):
        forget(folder)
        return None, ()
    library = read_library(path)
    remember(path, library, folder)
    return library, ()


TABLES = ("declarations", "invoices", "receipts", "inputs", "months")


def _named(request: RefundRequest) -> dict[str, dict[str, str]]:
    """Table → our name of a column → the heading that it is said to be.

    Raises:
        InputError: ``refund.bad_column``.
    """
    headings: dict[str, dict[str, str]] = {table: {} for table in TABLES}
    for name, heading in pairs(request.column, "refund.bad_column").items():
        table, _, column = name.partition(".")
        if table not in headings or not column:
            raise InputError("refund.bad_column", text=f"{name}={heading}")
        headings[table][column] = str(heading)
    return headings


def _papers(request: RefundRequest, on: date, laws: Rules) -> PapersCheck:
    own, named = typed.per_dollar(request.rate), _named(request)
    file = Path(request.declarations or "")
    declared = at_fob(read_declarations(file, named["declarations"]), own)
    library, remembered_notes = _library(request)
    sales, inputs = request.invoices, request.inputs
    if sales is not None and inputs is None and is_suppliers(Path(sales)):
        sales, inputs, named["inputs"] = None, sales, named["invoices"]
    sold = None if sales is None else read_sales(Path(sales), named["invoices"])
    bought = None if inputs is None else read_invoices(Path(inputs), named["inputs"])
    receipts = request.receipts
    received = None if receipts is None else read_receipts(Path(receipts), named["receipts"])
    papers = Papers(
        declared.rows,
        None if sold is None else sold.rows,
        None if received is None else received.rows,
        None if bought is None else bought.rows,
    )
    last = max((row.export_date for row in declared.rows if row.export_date <= on), default=on)
    oldest = OLDEST if request.rates_age is None else request.rates_age
    fx = fx_of(opened(request.warehouse), last, own, oldest=oldest)
    findings = cross_check(
        papers,
        on=on,
        worth=_worth(fx),
        rate_of=_rate_of(library, laws),
        library=library is not None and not library.remembered,
    )
    read = [paper for paper in (declared, sold, bought, received) if paper is not None]
    quarantined = tuple(error for paper in read for error in paper.quarantined)
    notes = [
        *remembered_notes,
        *outdated(library, ((row.code, row.export_date) for row in declared.rows)),
        *_unasked(request, sales, inputs, library),
        *(note for paper in read for note in paper.notes),
        *declared_notes(declared.rows),
    ]
    try:
        per_usd = fx.rate("CNY", "USD")
    except RuleError:
        per_usd = None
        notes.append(("refund.papers_no_rate", {}))
    return PapersCheck(len(declared.rows), findings, quarantined, per_usd, tuple(notes))


def _unasked(
    request: RefundRequest, sales: typed.File, inputs: typed.File, library: LibraryRows | None
) -> Iterator[Caution]:
    """The papers that were not given: what they would show is not looked at."""
    papers = {"invoices": sales, "receipts": request.receipts, "inputs": inputs}
    if missing := [f"--{name}" for name, path in papers.items() if path is None]:
        yield "refund.papers_unasked", {"papers": enumerated(missing)}
    if library is None:
        yield "refund.papers_no_library", {}


def _worth(fx: FxTable) -> Worth:
    def worth(amount: Decimal, currency: str, to: str) -> Decimal | None:
        try:
            return fx.convert(amount, currency, to)
        except RuleError:
            return None

    return worth


def _rate_of(library: LibraryRows | None, laws: Rules) -> RateOf:
    """The rate of an item: of the library, else the rulebook's."""

    @cache
    def of_code(code: str, day: date) -> DatedRate:
        return rate_of(library, code, day, book=laws.refund_rates)

    return lambda row: of_code(row.code[:10], row.export_date)


def _products(
    study: Study, request: RefundRequest, laws: Rules, fx: FxTable
) -> Iterator[ProductRefund]:
    """The study's typical month with each product, and what one more unit of it does."""
    place = _place(request)
    known = [facts for facts in study.model if facts.price_term in ON_BOARD]
    if not known:
        first = study.model[0]
        raise InputError("refund.study_term", code=first.code, term=first.price_term)
    for facts in known:
        rate, rule = refund_rate_of(facts, study.on, rates=laws.refund_rates)
        back = rate or Decimal(0)
        fob = fx.convert(facts.price_usd, "USD", "CNY")
        effect = effect_of_one_unit(study.firm, facts, back, fob)
        if effect is None:
            raise InputError("refund.study_status", status=study.firm.vat_status)
        month = typical_month(study.firm, facts, back)
        result = replace(solve_month(month, places=CENTS), period=f"{study.on:%Y-%m}")
        own = RuleUse(
            "refund_rate", str(facts.refund_rate), None, None, "study.toml", "user", "share"
        )
        rules = (rule or own, *rules_behind(place, study.firm.firm_class, [study.on]))
        charged = _surtaxes(result, place)
        yield ProductRefund(facts, month, result, charged, effect, rules, fx.rate("CNY", "USD"))
