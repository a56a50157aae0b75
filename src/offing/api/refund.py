"""The export VAT refund (出口退税): of a firm's months, of one more unit; and do papers fit?"""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any

from offing.api import typed
from offing.api.asking import Answer, Asked, LawRequest, Named, open_warehouse, pairs, question
from offing.policy.overlay import Rules
from offing.refunds.calendar import Lapse, firm_class, lapses
from offing.refunds.checks.claim import ClaimPapers, PaperFinding, Worth
from offing.refunds.checks.months import MONTH_CHECKS, FirmLines
from offing.refunds.checks.papers import KindTotal, cross_check, totals_by_kind
from offing.refunds.explain import as_solved, rules_behind
from offing.refunds.fob import fob_prices
from offing.refunds.marginal import MarginalEffect, about_unit, marginal_effect, one_more
from offing.refunds.methods import (
    FirmMonth,
    MonthResult,
    Surtaxes,
    TraderRefund,
    solve_month,
    solve_months,
    surtaxes_of_month,
    trader_refund,
)
from offing.refunds.months_file import MonthsFile, months_of
from offing.refunds.rates import outdated_rows, rate_of
from offing.refunds.rules import surtax_rates
from offing.rules.register import age_cautions
from offing.rules.rule_use import RuleUse
from offing.sources.month_lines import read_months
from offing.sources.papers import (
    is_suppliers,
    read_declarations,
    read_invoices,
    read_receipts,
    read_sales,
)
from offing.sources.rate_library import forget, last_library, read_library, remember
from offing.sources.user_table import day_of
from offing.study.costs import (
    effect_of_one_unit,
    must_have_rates,
    otherwise_refunded,
    refund_rate_of,
    typical_month,
    unknown_month,
)
from offing.study.file import Study, read_study
from offing.study.schema import ModelFacts
from offing.terms.caution import Caution
from offing.terms.errors import InputError, OffingError, RuleError, unknown_name
from offing.terms.exchange import OLDEST, DayRate, FxTable
from offing.terms.firm_records import LibraryRows
from offing.terms.messages import join_list
from offing.terms.numbers import fixed_decimals
from offing.terms.plain import values_of
from offing.warehouse.catalog import default_folder
from offing.warehouse.exchange_rates import central_parity, fx_of, rounded_parity


@dataclass(frozen=True)
class RefundRequest(LawRequest):
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
    declarations: Annotated[typed.File, Asked("refund.help_declarations")] = None
    invoices: Annotated[typed.File, Asked("refund.help_invoices")] = None
    receipts: Annotated[typed.File, Asked("refund.help_receipts")] = None
    inputs: Annotated[typed.File, Asked("refund.help_inputs")] = None
    column: Annotated[Named, Asked("refund.help_column")] = None
    rate: Annotated[Named, Asked("refund.help_rate")] = None
    rates_age: Annotated[int | None, Asked("landed.help_rates_age")] = None
    study: Annotated[typed.File, Asked("refund.help_study")] = None
    on: Annotated[date | str | None, Asked("rules.help_on")] = None
    firm_class: Annotated[int, Asked("refund.help_class", name="--class")] = 2
    place: Annotated[str, Asked("refund.help_place")] = "city"
    more_fob: Annotated[typed.Number, Asked("refund.help_more_fob")] = None
    more_input_tax: Annotated[str | int | Decimal, Asked("refund.help_more_input")] = "0"
    more_rates: Annotated[str | None, Asked("refund.help_more_rates")] = None
    explain: Annotated[bool, Asked("landed.help_explain")] = False


def place_of(request: RefundRequest) -> str:
    """The kind of place whose surtaxes the firm pays: a city, a town, another."""
    place, known = request.place, surtax_rates()
    if place not in known:
        raise unknown_name(place, known)
    return place


def library_of(request: RefundRequest) -> tuple[LibraryRows | None, tuple[Caution, ...]]:
    """The rate library that is given, which is remembered, else the one that was; none for none."""
    named = request.warehouse
    folder = Path(named) if isinstance(named, str | Path) else default_folder()
    if request.library is None:
        return last_library(folder)
    path = Path(request.library)
    if str(path).casefold() in ("none", "无"):
        forget(folder)
        return None, ()
    library = read_library(path)
    remember(path, library, folder)
    return library, ()


TABLES = ("declarations", "invoices", "receipts", "inputs", "months")


def headings_of(request: RefundRequest) -> dict[str, dict[str, str]]:
    """Table → our name of a column → the heading that it is said to be.

    Raises:
        InputError: ``refund.bad_column``.
    """
    headings: dict[str, dict[str, str]] = {table: {} for table in TABLES}
    for name, heading in pairs(request.column).items():
        table, _, column = name.partition(".")
        if table not in headings or not column:
            raise InputError("refund.bad_column", text=f"{name}={heading}")
        headings[table][column] = str(heading)
    return headings


ON_BOARD = ("FOB", "FCA", "FAS")


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
        month = ("month=result", "surtax=surtaxes.total", "marginal=effect")
        return dict(values_of(self, "model=facts.key", "product=facts.code", *month))


def month_cautions(study: Study) -> Iterator[Caution]:
    """Rates that are the study's own, and others by the law of their day; what the study lacks for
    its month, and the models whose price is not on board.
    """
    for model in study.model:
        for said in otherwise_refunded(model, study.on):
            yield replace(said, values={"model": model.key, **said.values})
    yield from unknown_month(study)
    if other := [model for model in study.model if model.price_term not in ON_BOARD]:
        terms = join_list(dict.fromkeys(model.price_term for model in other))
        yield Caution(
            "refund.not_on_board",
            {"models": join_list(model.key for model in other), "terms": terms},
        )


def product_refunds(
    study: Study, request: RefundRequest, laws: Rules, fx: FxTable
) -> Iterator[ProductRefund]:
    """The study's typical month with each product, and what one more unit of it does."""
    place = place_of(request)
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
        charged = surtaxes_of_month(result, place)
        yield ProductRefund(facts, month, result, charged, effect, rules, fx.rate("CNY", "USD"))


CENTS = 2


@dataclass(frozen=True)
class MonthsRefund:
    """A firm's months, in CNY.

    Attributes:
        file: the months as read, with the rates looked up and the rows in quarantine.
        results: of a manufacturer (免抵退), month by month.
        surtaxes: of the same months.
        traded: of a trading company (免退): the month and its refund.
        calendar: what lapses when, by month of export and of the return.
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

    def months_solved(self) -> Iterator[tuple[FirmMonth, MonthResult]]:
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
            **values_of(self.file, "deemed_domestic=deemed", "exempt", "aside=quarantined"),
            **values_of(self, "marginal=effect", "calendar", "notes=cautions"),
            **values_of(self.file, "rules", "rows"),
        }


def months_refund(request: RefundRequest, on: date, laws: Rules) -> MonthsRefund:
    """The months of the file, looked at from a day, under the laws."""
    assert request.months is not None
    firm_class(request.firm_class)
    place = place_of(request)
    library, remembered_notes = library_of(request)
    rate_on = _rate_on(request)
    lines = read_months(Path(request.months), rate_on, headings_of(request)["months"])
    read = months_of(lines, on=on, library=library, rates=laws.refund_rates)
    results = solve_months(read.months, places=CENTS)
    of_months = tuple(MONTH_CHECKS.findings(FirmLines(lines.rows, rate_on)))
    effect, doubts = _one_more(read, results, request)
    calendar = lapses(read.exports, on=on, class_number=request.firm_class)
    days = [day for day, *_ in read.exports]
    coded = [
        (line.code, line.export_date or date.fromisoformat(f"{line.period}-01"))
        for line in lines.rows
        if line.code and not line.group and line.refund_rate is None
    ]
    rules = (*read.rules, *rules_behind(place, request.firm_class, days))
    return MonthsRefund(
        read,
        results,
        tuple(surtaxes_of_month(result, place) for result in results),
        tuple((period, trader_refund(bought)) for period, bought in read.purchases.items()),
        calendar,
        effect,
        rules,
        (
            *remembered_notes,
            *outdated_rows(library, coded, laws.refund_rates),
            # files of rules need not touch these months, a reform should
            *(n for n in read.notes if n.key != "refund.note_reform_unused" or request.reform),
            *of_months,
            *doubts,
            *_cautions(results, calendar),
            *age_cautions(rules, max([on, *(day for day in days if day)])),
        ),
    )


def _rate_on(request: RefundRequest) -> Callable[[str, date], DayRate | None]:
    """A currency and a day → a given rate, the central parity where it is loaded, or the ECB's."""
    own = typed.per_dollar(request.rate)
    oldest = OLDEST if request.rates_age is None else request.rates_age

    @cache
    def rate_on(currency: str, day: date) -> DayRate | None:
        warehouse = open_warehouse(request.warehouse)
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


def _one_more(
    read: MonthsFile, results: tuple[MonthResult, ...], request: RefundRequest
) -> tuple[MarginalEffect | None, tuple[Caution, ...]]:
    """What one more unit does to the last month, and what is odd about it, where it is asked."""
    if request.more_fob is None or not read.months:
        return None, ()
    month = as_solved(read.months[-1], results[-2] if len(results) > 1 else None)
    asked = request.more_fob, request.more_input_tax, request.more_rates
    unit, tax = one_more(*asked, month.exports)
    surtax, firm = surtax_rates()[request.place].total, request.firm_class
    effect = marginal_effect(month, unit, input_tax_cny=tax, surtax_rate=surtax, firm_class=firm)
    return effect, tuple(about_unit(unit, tax))


def _cautions(results: tuple[MonthResult, ...], calendar: tuple[Lapse, ...]) -> Iterator[Caution]:
    """What rests on a text that was not read."""
    carried = [month for month in results if month.reduction_nd_carry or month.reduction_ecr_carry]
    if carried:
        first = carried[0]
        sums = {
            "period": first.period,
            "nondeductible": fixed_decimals(first.reduction_nd_carry, CENTS),
            "ecr": fixed_decimals(first.reduction_ecr_carry, CENTS),
        }
        new = first.period >= "2026"
        yield Caution("refund.note_carry_2026" if new else "refund.note_carry", sums)
    if any(item.deemed_domestic_on for item in calendar):
        yield Caution("refund.note_36_months")


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
    findings: tuple[PaperFinding, ...]
    quarantined: tuple[OffingError, ...]
    per_usd: tuple[Decimal, date] | None
    cautions: tuple[Caution, ...]

    @property
    def totals(self) -> tuple[KindTotal, ...]:
        """The findings by kind."""
        return totals_by_kind(self.findings)

    def data(self) -> dict[str, Any]:
        """The findings with their places, and their sums by kind."""
        return {
            "findings": [
                {
                    **values_of(one, "finding=kind", "where.file", "where.row", "cny"),
                    **dict(zip(("amount", "currency"), one.money, strict=True)),
                    "text": str(one), "do": one.next_step,
                    "rows": [values_of(where, "file", "row") for where in one.rows],
                }
                for one in self.findings
            ],
            "totals": [
                values_of(first, "finding=kind", "name", "do=next_step")
                | {"count": count, "cny": cny}
                for first, count, cny in self.totals
            ],
            **values_of(self, "items", "aside=quarantined", "notes=cautions"),
        }  # fmt: skip


def papers_check(request: RefundRequest, on: date, laws: Rules) -> PapersCheck:
    """What does not fit between the papers that are given."""
    own, named = typed.per_dollar(request.rate), headings_of(request)
    file = Path(request.declarations or "")
    declared = fob_prices(read_declarations(file, named["declarations"]), own)
    library, remembered_notes = library_of(request)
    beside = _beside(request, named)
    sold, received, bought = (getattr(beside.get(name), "rows", None) for name in READERS)
    last = max((row.export_date for row in declared.rows if row.export_date <= on), default=on)
    oldest = OLDEST if request.rates_age is None else request.rates_age
    fx = fx_of(open_warehouse(request.warehouse), last, own, oldest=oldest)
    official = library is not None and not library.remembered
    rate_of_code = cache(partial(rate_of, library, book=laws.refund_rates))
    findings = cross_check(
        ClaimPapers(
            declared.rows,
            on,
            sold,
            received=received,
            bought=bought,
            worth=_worth(fx),
            rate_of=lambda row: rate_of_code(row.code[:10], row.export_date),
            library=official,
        )
    )
    read = [declared, *beside.values()]
    quarantined = tuple(error for paper in read for error in paper.quarantined)
    notes = [
        *remembered_notes,
        *outdated_rows(library, ((row.code, row.export_date) for row in declared.rows)),
        *_missing_papers(beside, library),
        *(note for paper in read for note in paper.notes),
    ]
    try:
        per_usd = fx.rate("CNY", "USD")
    except RuleError:
        per_usd = None
        notes.append(Caution("refund.papers_no_rate"))
    return PapersCheck(len(declared.rows), findings, quarantined, per_usd, tuple(notes))


READERS: dict[str, Callable[[Path, Mapping[str, str]], Any]] = {
    "invoices": read_sales,
    "receipts": read_receipts,
    "inputs": read_invoices,
}
"""Of the papers beside the declarations."""


def _beside(request: RefundRequest, named: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The papers that are given; invoices of suppliers among the sales are what they are."""
    files = {name: Path(file) for name in READERS if (file := getattr(request, name)) is not None}
    headings = dict(named)
    if "inputs" not in files and "invoices" in files and is_suppliers(files["invoices"]):
        files["inputs"], headings["inputs"] = files.pop("invoices"), named["invoices"]
    return {name: READERS[name](file, headings[name]) for name, file in files.items()}


def _missing_papers(given: Container[str], library: LibraryRows | None) -> Iterator[Caution]:
    """The papers that were not given: what they would show is not looked at."""
    if missing := [f"--{name}" for name in READERS if name not in given]:
        yield Caution("refund.papers_unasked", {"papers": join_list(missing)})
    if library is None:
        yield Caution("refund.papers_no_library")


def _worth(fx: FxTable) -> Worth:
    def worth(amount: Decimal, currency: str, to: str) -> Decimal | None:
        try:
            return fx.convert(amount, currency, to)
        except RuleError:
            return None

    return worth


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

    @property
    def complete(self) -> bool:
        """Whether every row could be used and all papers fit."""
        return super().complete and not (self.papers and self.papers.findings)

    def data(self) -> Any:
        """The part that was asked for."""
        checked = self.months or self.papers
        return [product.data() for product in self.products] if checked is None else checked.data()


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
    study = None if request.study is None else read_study(Path(request.study))
    own = None if study is None else (Path(str(request.study)), study)
    laws = request.laws(typed.reforms_of(request.reform), own)
    if study is not None:
        oldest = study.rates_age if request.rates_age is None else request.rates_age
        fx = laws.fx(fx_of(open_warehouse(request.warehouse), study.on, oldest=oldest))
        must_have_rates(study.model, study.on, laws.refund_rates, Path(str(request.study)))
        products = tuple(product_refunds(study, request, laws, fx))
        doubts = (*fx.cautions(("CNY", "USD")), *month_cautions(study))
        return RefundAnswer(study.on, products=products, explain=request.explain, cautions=doubts)
    if request.declarations is not None:
        check = papers_check(request, on, laws)
        return RefundAnswer(on, papers=check, put_aside=len(check.quarantined))
    if request.months is None:
        raise InputError("refund.which_months")
    months = months_refund(request, on, laws)
    aside = len(months.file.quarantined)
    return RefundAnswer(on, months, explain=request.explain, put_aside=aside)
