"""Figures of a firm's months at which a careful person would stop, though each can be computed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from offing.refunds.calendar import months_later
from offing.refunds.methods import net_of
from offing.refunds.rates import is_odd_refund, levies
from offing.terms.caution import CheckList, Values
from offing.terms.exchange import DayRate
from offing.terms.firm_records import Bought, MonthLine
from offing.terms.messages import join_list

ZERO = Decimal(0)
FAR_FX, FAR_MAJOR = Decimal("0.1"), Decimal("0.05")
MAJOR = ("USD", "HKD")
"""Currencies that have moved by less than a twentieth against the yuan within any month since 2005
(ECB); the euro moved by 7 % in April 2025."""
OLD_EXPORT = 36
"""Months after which an export comes to be taxed like a sale at home."""
LEAST_SUM = 1000
"""Yuan; a month's exports or purchases below it are in ten thousands, or a sample."""
TAX_OF_SALES = (Decimal("0.001"), Decimal("0.5"))
"""A month's input tax outside these parts of its sales is in another unit, or a price with tax: it
would be that of purchases of four times the sales."""
ANOTHER_UNIT, FEW = 100, 3
"""How many times the largest, or what part of the smallest other month a month in another unit
(千元, 万元) is; of two months neither is the odd one."""
ROUNDING = Decimal("0.01")


@dataclass(frozen=True)
class FirmLines:
    """Lines of a firm's months, and what a currency costs on a day, where that is known."""

    lines: Sequence[MonthLine]
    rate_on: Callable[[str, date], DayRate | None]

    def sums(self, of: Callable[[MonthLine], Decimal]) -> dict[str, Decimal]:
        """The sum of every month, in order."""
        months: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for line in sorted(self.lines, key=lambda line: line.period):
            months[line.period] += of(line)
        return months

    @cached_property
    def exports(self) -> Mapping[str, Decimal]:
        """FOB by month."""
        return self.sums(lambda line: line.fob_cny or ZERO)

    @cached_property
    def purchases(self) -> Mapping[str, Decimal]:
        """A trading company's, by month."""
        return self.sums(lambda line: _paid(line.bought))


MONTH_CHECKS = CheckList[FirmLines, Values]()


def _paid(bought: Bought | None) -> Decimal:
    return (bought.net_cny or bought.gross_cny or ZERO) if bought else ZERO


def _place(line: MonthLine) -> str:
    """Where a line stands: its row, or its table in a TOML file."""
    return str(line.where.row or line.where.column or "\N{EM DASH}")


def _finding(places: Sequence[str]) -> Iterator[Values]:
    """One finding with its rows or months."""
    if places:
        yield {"count": len(places), "rows": join_list(places, 5)}


def _rows(lines: Iterable[MonthLine]) -> Iterator[Values]:
    yield from _finding([_place(line) for line in lines])


def _day_of(line: MonthLine) -> date:
    """The export date, or the first day of the line's month."""
    return line.export_date or date.fromisoformat(f"{line.period}-01")


@MONTH_CHECKS.add(
    "refund.caution_odd_rate", example={"levy_rate": "0.17"}, twin={"levy_rate": "0.09"}
)
def _rates_that_were_no_level(months: FirmLines) -> Iterator[Values]:
    """Levy and refund rates that were no level of the law on the line's day."""
    odd = []
    for line in months.lines:
        day, refund = _day_of(line), line.refund_rate
        given = {line.levy_rate, line.bought.rate if line.bought else None} - {None}
        if given - levies(day) or (refund is not None and is_odd_refund(refund, day)):
            odd.append(line)
    yield from _rows(odd)


@MONTH_CHECKS.add(
    "refund.caution_fx_day",
    example={"currency": "USD", "fx": Decimal("9.1")},
    twin={"currency": "USD", "fx": Decimal("7.02")},
)
def _rates_of_exchange_of_no_day(months: FirmLines) -> Iterator[Values]:
    """Rates far from what the currency cost: upside down, of 100 units, of another currency."""
    odd = []
    for line in months.lines:
        if line.fx is None or line.currency in (None, "CNY"):
            continue
        usual = months.rate_on(str(line.currency), _day_of(line))
        far = FAR_MAJOR if line.currency in MAJOR else FAR_FX
        if usual is not None and abs(line.fx / usual.cny - 1) > far:
            odd.append(line)
    yield from _rows(odd)


@MONTH_CHECKS.add(
    "refund.caution_old_export",
    example={"export_date": "2022-12-31"},
    twin={"export_date": "2023-01-01"},
)
def _exports_past_their_limit(months: FirmLines) -> Iterator[Values]:
    """Exports that left three years before the month in which they are declared for refund."""
    yield from _rows(
        line
        for line in months.lines
        if line.export_date and f"{months_later(line.export_date, OLD_EXPORT):%Y-%m}" < line.period
    )


BOUGHT = Bought(Decimal(100_000), Decimal(113_000), Decimal("0.13"))


@MONTH_CHECKS.add(
    "refund.caution_invoice",
    example={"bought": Bought(Decimal(113_000), Decimal(113_000), Decimal("0.13"))},
    twin={"bought": BOUGHT},
)
def _invoices_that_do_not_add_up(months: FirmLines) -> Iterator[Values]:
    """Net, gross and tax that do not fit each other, consumption tax above the price."""
    yield from _rows(x for x in months.lines if x.bought and _does_not_add_up(x.bought))


def _does_not_add_up(bought: Bought) -> bool:
    net, gross, tax = bought.net_cny, bought.gross_cny, bought.tax_cny
    if net is not None:
        if gross is not None and _apart(net_of(gross, bought.rate), net):
            return True
        if tax is not None and _apart(net * bought.rate, tax):
            return True
    return abs(bought.consumption_tax_cny) > abs((gross or ZERO) if net is None else net)


def _apart(one: Decimal, other: Decimal) -> bool:
    """Whether two amounts that should be one differ by more than a rounding."""
    return abs(one - other) > max(abs(other) * ROUNDING, Decimal(1))


@MONTH_CHECKS.add(
    "refund.caution_both_methods",
    example={"bought": BOUGHT},
    twin={"bought": BOUGHT, "fob_cny": None},
)
def _lines_of_both_methods(months: FirmLines) -> Iterator[Values]:
    """Lines of a manufacturer's month and of a trading company's purchases."""
    yield from _rows(line for line in months.lines if line.bought and line.fob_cny)


@MONTH_CHECKS.add(
    "refund.caution_used_again",
    example={"declaration": "1", "again": {"period": "2026-02"}},
    twin={"declaration": "1", "again": {"declaration": "2", "period": "2026-02"}},
)
def _papers_used_again(months: FirmLines) -> Iterator[Values]:
    """A declaration or an invoice that stands in another month at the same price."""
    seen: dict[tuple[object, ...], str] = {}
    again = []
    for line in months.lines:
        bought = line.bought
        paper = ("bought", line.invoice, bought.net_cny, bought.gross_cny) if bought else None
        sold = ("sold", line.declaration, line.code, line.fob_cny)
        keys = [paper if line.invoice else None, sold if line.declaration else None]
        if any(key and seen.setdefault(key, line.period) != line.period for key in keys):
            again.append(line)
    yield from _rows(again)


@MONTH_CHECKS.add(
    "refund.caution_input_tax",
    example={"input_tax_cny": "1130000"},
    twin={"input_tax_cny": "113000"},
)
def _input_tax_of_another_unit(months: FirmLines) -> Iterator[Values]:
    """Input tax of half of all sales of the month, or next to none of it.

    Sales at home are those of the output tax at the least rate.
    """
    taxes = months.sums(lambda line: line.input_tax_cny)
    home = months.sums(lambda line: 17 * line.output_tax_cny)
    least, most = TAX_OF_SALES
    sales = {period: fob + max(home[period], ZERO) for period, fob in months.exports.items()}
    yield from _finding(
        [
            period
            for period, fob in months.exports.items()
            if fob > 0
            and taxes[period]
            and not least * sales[period] <= taxes[period] <= most * sales[period]
        ]
    )


@MONTH_CHECKS.add(
    "refund.caution_below_nought",
    example={"fob_cny": "-1000000"},
    twin={"fob_cny": "-1000000", "again": {"fob_cny": "1000001"}},
)
def _months_below_nought(months: FirmLines) -> Iterator[Values]:
    """Months of nothing but corrections, and output tax with a sign."""
    taxes = months.sums(lambda line: line.output_tax_cny)
    sums = zip(months.exports.items(), months.purchases.values(), taxes.values(), strict=True)
    yield from _finding([period for (period, fob), net, tax in sums if min(fob, net, tax) < 0])


@MONTH_CHECKS.add("refund.caution_tiny", example={"fob_cny": "100"}, twin={"fob_cny": "1000"})
def _months_in_ten_thousands(months: FirmLines) -> Iterator[Values]:
    """Exports or purchases of a month of some hundred yuan."""
    sums = (*months.exports.items(), *months.purchases.items())
    yield from _finding(sorted({period for period, sum_ in sums if 0 < sum_ < LEAST_SUM}))


@MONTH_CHECKS.add(
    "refund.caution_far_month",
    example={"fobs": (1_000_000, 4_100_000, 2_200)},
    twin={"fobs": (3_000_000, 30_000, 900_000)},
)
def _months_in_another_unit(months: FirmLines) -> Iterator[Values]:
    """Months a hundred times larger, or smaller, than all others."""
    far = set()
    sales = {period: fob + months.purchases[period] for period, fob in months.exports.items()}
    for values in (sales, months.sums(lambda line: line.input_tax_cny)):
        known = {period: value for period, value in values.items() if value > 0}
        for period, value in known.items() if len(known) >= FEW else ():
            others = [other for key, other in known.items() if key != period]
            if value > ANOTHER_UNIT * max(others) or value * ANOTHER_UNIT < min(others):
                far.add(period)
    yield from _finding(sorted(far))
