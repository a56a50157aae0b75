"""The refund of a firm's months: the returns, what lapses when, and one more unit."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from offing.api import typed
from offing.api.asking import open_warehouse
from offing.api.refund_request import RefundRequest, headings_of, library_of, place_of
from offing.policy.overlay import Rules
from offing.refunds.calendar import Lapse, firm_class, lapses
from offing.refunds.checks.months import MONTH_CHECKS, FirmLines
from offing.refunds.explain import as_solved, rules_behind
from offing.refunds.marginal import MarginalEffect, about_unit, marginal_effect, one_more
from offing.refunds.methods import (
    ExportLine,
    FirmMonth,
    MonthResult,
    Surtaxes,
    TraderRefund,
    solve_months,
    surtaxes_of_month,
    trader_refund,
)
from offing.refunds.months_file import MonthsFile, months_of
from offing.refunds.rates import outdated_rows
from offing.refunds.rules import surtax_rates
from offing.rules.register import age_cautions
from offing.rules.rule_use import RuleUse
from offing.sources.month_lines import read_months
from offing.terms.caution import Caution
from offing.terms.errors import OffingError
from offing.terms.exchange import OLDEST, DayRate
from offing.terms.numbers import fixed_decimals
from offing.terms.plain import as_data, values_of
from offing.warehouse.exchange_rates import central_parity, fx_of, rounded_parity

CENTS = 2


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
            "marginal": as_data(self.effect),
            "calendar": self.calendar,
            "aside": as_data(self.file.quarantined),
            "notes": as_data(self.cautions),
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
    more = _more(read, request)
    exports = ((line.export_date, line.fob_cny) for line in read.exports)
    calendar = lapses(exports, on=on, class_number=request.firm_class)
    days = [line.export_date for line in read.exports]
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
        _effect(read, results, request, more),
        rules,
        (
            *remembered_notes,
            *outdated_rows(library, coded, laws.refund_rates),
            *_notes(read, request),
            *of_months,
            *(about_unit(*more) if more else ()),
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


def _notes(read: MonthsFile, request: RefundRequest) -> Iterator[Caution]:
    """What the file's reader says; files of rules need not touch these months, a reform should."""
    for note in read.notes:
        if note.key != "refund.note_reform_unused" or request.reform:
            yield note


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
            "nondeductible": fixed_decimals(first.reduction_nd_carry, CENTS),
            "ecr": fixed_decimals(first.reduction_ecr_carry, CENTS),
        }
        new = first.period >= "2026"
        yield Caution("refund.note_carry_2026" if new else "refund.note_carry", sums)
    if any(item.deemed_domestic_on for item in calendar):
        yield Caution("refund.note_36_months")
