"""A firm's months from the lines of its file: rates looked up, lines summed, deemed sales apart.

A line without a refund rate takes the one of its group or code on its export date. Lines that
cannot be used go to the quarantine with their reason; the others count.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from offing.refunds.calendar import months_later
from offing.refunds.methods import (
    ZERO,
    ExportLine,
    FirmMonth,
    Opening,
    Purchase,
    group_by_rates,
    net_of,
    output_tax,
    reconcile,
)
from offing.refunds.rates import FIRST_DAY, dated_rate, effective_levy, rate_of
from offing.refunds.rules import DatedRate, Treatment
from offing.rules.rule_use import READ, RuleUse
from offing.terms.caution import Caution, Reference, Value
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.firm_records import Bought, LibraryRows, MonthLine, Reconciled, Records
from offing.terms.messages import say
from offing.terms.money import exactly, rate, round_amount

DASH = "\N{EM DASH}"
Known = Callable[[str, str, date, Decimal | None], DatedRate]


@dataclass(frozen=True)
class UnrefundedSale:
    """An export without a refund: taxed like a sale at home (视同内销), or exempt (免税).

    ``output_tax`` is what is in it; the input tax of one that is exempt becomes cost.
    """

    period: str
    fob_cny: Decimal
    output_tax: Decimal = ZERO
    exempt: bool = False


@dataclass
class MonthsFile:
    """A firm's months as read.

    Attributes:
        months: of a manufacturer, in order; lines summed by rates.
        purchases: of a trading company, by period.
        deemed: exports taxed like sales at home, because their refund was cancelled. Their output
            tax is in the month's.
        exempt: exports without tax and without refund; they are in no month's FOB. Their input tax
            has to be taken out of the month's by the firm.
        exports: day, month of the return and FOB value of the lines that have an export date; of a
            purchase no FOB value is known.
        rules: the dated rates that were looked up, once each.
        quarantined: rows that were quarantined, each with its reason and place.
        notes: message keys with their values: what a careful person would want to know.
        rows: number of rows read.
    """

    months: tuple[FirmMonth, ...]
    purchases: Mapping[str, Sequence[Purchase]]
    deemed: tuple[UnrefundedSale, ...]
    exempt: tuple[UnrefundedSale, ...]
    exports: tuple[tuple[date, str, Decimal | None], ...]
    rules: tuple[RuleUse, ...]
    quarantined: tuple[OffingError, ...]
    notes: tuple[Caution, ...]
    rows: int = 0


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"


class GivenRates:
    """The firm's own rates that differ from the known ones, by goods and rate, each said once.

    They always count. Where the official library or a rule that was read in its source has another
    one, or where the rate is nought, it is said: a rate that has lapsed is the dearest slip.
    """

    def __init__(self, known: Known) -> None:
        self._known_rate = known
        self._looked: dict[tuple[str, str, date, Decimal], DatedRate | None] = {}
        self._differ: dict[tuple[str, Decimal, DatedRate], list[Where]] = {}
        self._nought: list[Where] = []

    def look(self, line: MonthLine, levy: Decimal, refund: Decimal) -> None:
        """Compare the rates of a row that gives its own."""
        self.look_at_nought(line, levy, refund)
        group, code, day = line.group, line.code, line.export_date
        if not (group or code) or day is None:
            return
        key = (group, code, day, levy)
        if key not in self._looked:
            self._looked[key] = self._find_rate(group, code, day, levy)
        rate = self._looked[key]
        if rate is not None and (rate.cancelled or rate.refund_rate != refund):
            if rate.cancelled and line.deemed_domestic:
                return
            self._differ.setdefault((group or code, refund, rate), []).append(line.where)

    def look_at_nought(self, line: MonthLine, levy: Decimal, refund: Decimal) -> None:
        """Remember a row that is levied and not refunded, by whatever source."""
        if levy and not refund and not line.deemed_domestic:
            self._nought.append(line.where)

    def _find_rate(self, group: str, code: str, day: date, levy: Decimal) -> DatedRate | None:
        """The known rate; ``None`` where nobody read one: then the firm's is all there is."""
        try:
            rate = self._known_rate(group, code, day, levy)
        except OffingError:
            return None
        return rate if rate.status in READ else None

    def notes(self) -> list[Caution]:
        """What to say, with the first row and the number of rows."""
        notes: list[Caution] = []
        for (goods, own, dated), places in self._differ.items():
            values: dict[str, Value] = {
                "goods": goods,
                "given": _percent(own),
                "known": _percent(dated.refund_rate),
                "row": str(places[0].row or places[0].column or DASH),
                "count": len(places),
                "source": Reference(dated.source),
            }
            which = "cancelled" if dated.cancelled else "other"
            notes.append(Caution(f"refund.note_given_{which}", values))
        if self._nought:
            first = self._nought[0]
            row = str(first.row or first.column or DASH)
            notes.append(Caution("refund.note_nought", {"row": row, "count": len(self._nought)}))
        return notes


class _Month:
    """The sums of a month as its lines come."""

    def __init__(self) -> None:
        self.lines: list[ExportLine] = []
        self.purchases: list[Purchase] = []
        self.output_tax, self.input_tax = ZERO, ZERO
        self.opening = [ZERO, ZERO, ZERO]

    @property
    def has_credit(self) -> bool:
        """Whether it is a manufacturer's: purchases alone carry no credit on."""
        return bool(self.lines or self.output_tax or self.input_tax or any(self.opening))


class _Reader:
    def __init__(
        self, on: date | None, library: LibraryRows | None, book: Sequence[DatedRate] | None
    ) -> None:
        self.on = on
        self.library = library
        self.book = book
        self.months: dict[str, _Month] = {}
        self.exports: list[tuple[date, str, Decimal | None]] = []
        self.deemed: list[UnrefundedSale] = []
        self.exempt: list[UnrefundedSale] = []
        self.kept = ZERO  # consumption tax that does not come back
        self.left = ZERO  # that comes back although the VAT refund was cancelled
        self.taxed_purchases = False
        self.rates: dict[tuple[str, str, date], DatedRate] = {}
        self.reform_tariff = any(rate.status == "user" for rate in book or ())
        self.given = GivenRates(self._known_rate)
        self.quarantined: list[OffingError] = []
        self.undated: list[MonthLine] = []
        self.reconciled = False

    def _known_rate(self, group: str, code: str, day: date, levy: Decimal | None) -> DatedRate:
        """The rate of a reform, of the library where there is one and a code, or the rulebook's."""
        if self.reform_tariff and (dated := self._reform_rate(group, code, day)) is not None:
            return dated
        if code and not group:
            return rate_of(self.library, code, day, levy, book=self.book)
        return dated_rate(day, group=group or None, code=code, rates=self.book)

    def _reform_rate(self, group: str, code: str, day: date) -> DatedRate | None:
        try:
            dated = dated_rate(day, group=group or None, code=code, rates=self.book)
        except OffingError:
            return None
        return dated if dated.status == "user" else None

    def _rate(self, line: MonthLine) -> DatedRate:
        first = date.fromisoformat(f"{line.period}-01")
        day = line.export_date or first
        key = (line.group, f"{line.code} {line.levy_rate}", day)
        if key not in self.rates:
            dated = self._known_rate(line.group, line.code, day, line.levy_rate)
            last = months_later(first, 1) - timedelta(days=1)
            if line.export_date is None and not dated.when.holds(last):
                change = {"group": dated.group, "period": line.period, "on": dated.when.until}
                raise InputError("refund.rate_changes", where=line.where, **change)
            self.rates[key] = dated
        return self.rates[key]

    def _rates_of(self, line: MonthLine) -> tuple[Decimal, Decimal, Treatment]:
        """Levy rate, refund rate, and whether the goods are refunded, taxed or exempt."""
        if line.refund_rate is not None:
            if line.levy_rate is None:
                rate("", name=say("refund.levy_rate"), where=line.at("levy_rate"))
            levy, refund = line.levy_rate or ZERO, line.refund_rate
            if self.reform_tariff and (line.code or line.group):
                day = line.export_date or date.fromisoformat(f"{line.period}-01")
                if (dated := self._reform_rate(line.group, line.code, day)) is not None:
                    self.rates[line.group, line.code, day] = dated
                    levy = effective_levy(levy, dated.refund_rate, line.export_date)
                    return levy, dated.refund_rate, dated.treatment
            self.given.look(line, levy, refund)
            return effective_levy(levy, refund, line.export_date), refund, "refunded"
        dated = self._rate(line)
        levy = dated.levy_rate if line.levy_rate is None else line.levy_rate
        if dated.treatment == "refunded":
            self.given.look_at_nought(line, levy, dated.refund_rate)
        levy = effective_levy(levy, dated.refund_rate, line.export_date)
        return levy, dated.refund_rate, dated.treatment

    def _reconcile_handbook(self, line: MonthLine, handbook: Reconciled) -> ExportLine:
        """核销: the difference of the actual ratio to the plan's, for a handbook's exports."""
        levy, refund, _ = self._rates_of(line)
        ratios = handbook.plan_ratio, handbook.actual_ratio
        return reconcile(handbook.fob_cny, *ratios, levy_rate=levy, refund_rate=refund)

    def _must_be_possible(self, line: MonthLine, day: date) -> None:
        if day < FIRST_DAY:
            raise InputError("refund.before_1994", where=line.at("export_date"), on=day)
        if self.on and day > self.on:
            raise InputError("refund.export_in_future", where=line.where, day=day, on=self.on)
        if f"{day:%Y-%m}" > line.period:
            where, period = line.at("export_date"), line.period
            raise InputError("refund.export_after_period", where=where, day=day, period=period)

    def _export(self, line: MonthLine, fob: Decimal) -> ExportLine | UnrefundedSale:
        if line.export_date:
            self._must_be_possible(line, line.export_date)
        material = line.material_cny
        if line.plan_ratio is not None:
            material += (line.plan_base_cny or ZERO) * line.plan_ratio
        levy, refund, treated = self._rates_of(line)
        if treated == "exempt" and not line.deemed_domestic:
            return UnrefundedSale(line.period, fob, exempt=True)
        if treated == "taxed" or line.deemed_domestic:
            tax = round_amount(output_tax(fob, levy, bonded_cny=material))
            return UnrefundedSale(line.period, fob, tax)
        return ExportLine(fob, levy, refund, material)

    def _consumption_back(self, line: MonthLine, dated: DatedRate) -> bool:
        """Whether an act left the consumption tax of goods without a VAT refund as it was.

        A row of the library does not say by which act its goods are taxed: the rulebook does.
        """
        if dated.consumption_back or not (dated.cancelled and line.code):
            return dated.consumption_back
        day = line.export_date or date.fromisoformat(f"{line.period}-01")
        try:
            return dated_rate(day, code=line.code, rates=self.book).consumption_back
        except OffingError:
            return False

    def _purchase(self, line: MonthLine, bought: Bought) -> Purchase:
        refund, treated = line.refund_rate, "refunded"
        back = bought.consumption_tax_cny
        if refund is None:
            dated = self._rate(line)
            refund, treated = dated.refund_rate, dated.treatment
            if treated == "taxed" and self._consumption_back(line, dated):
                self.left += back
            elif treated != "refunded":
                back = ZERO
        if line.deemed_domestic and treated == "refunded":
            refund, treated, back = ZERO, "taxed", ZERO
        self.kept += bought.consumption_tax_cny - back
        if treated == "taxed":
            self.taxed_purchases = True
        net = bought.net_cny
        if net is None:
            net = net_of(bought.gross_cny or ZERO, bought.rate)
        return Purchase(net, bought.rate, refund, back, taxed=treated == "taxed")

    def take(self, line: MonthLine) -> None:
        """Add a line, or put it into quarantine."""
        try:
            export = None if line.fob_cny is None else self._export(line, line.fob_cny)
            settled = self._reconcile_handbook(line, line.reconciled) if line.reconciled else None
            bought = self._purchase(line, line.bought) if line.bought else None
        except OffingError as error:
            error.where = error.where or line.where
            self.quarantined.append(error)
            return
        month = self.months.setdefault(line.period, _Month())
        if isinstance(export, UnrefundedSale):
            (self.exempt if export.exempt else self.deemed).append(export)
            month.output_tax += export.output_tax
        elif export is not None:
            month.lines.append(export)
        if settled is not None:
            month.lines.append(settled)
            self.reconciled = True
        self._put_in_calendar(line, export, bought)
        month.purchases += filter(None, [bought])
        month.output_tax += line.output_tax_cny
        month.input_tax += line.input_tax_cny
        month.opening = [old + new for old, new in zip(month.opening, line.opening, strict=True)]

    def _put_in_calendar(
        self, line: MonthLine, export: ExportLine | UnrefundedSale | None, bought: Purchase | None
    ) -> None:
        """What is refunded, by its day; else it is remembered that it has none."""
        refunded = export is None and bought is not None and bought.refund_rate > 0
        if line.export_date is None and (export or bought):
            self.undated.append(line)
        elif line.export_date and (refunded or isinstance(export, ExportLine)):
            self.exports.append((line.export_date, line.period, line.fob_cny))

    def _has_moved(self, line: MonthLine) -> bool:
        """Whether the rate that was looked up for a month was another in the quarter before it."""
        if line.refund_rate is not None:
            return False
        now, first = self._rate(line), date.fromisoformat(f"{line.period}-01")
        try:
            past = [
                self._known_rate(line.group, line.code, months_later(first, -n), line.levy_rate)
                for n in (1, 2, 3)
            ]
        except OffingError:
            return False
        of_now = now.refund_rate, now.treatment
        return any((then.refund_rate, then.treatment) != of_now for then in past)

    def _undated_note(self) -> Iterator[Caution]:
        """Rows without an export date where that matters: beside a calendar, or by their rate."""
        rows = self.undated if self.exports else [x for x in self.undated if self._has_moved(x)]
        if rows:
            first = rows[0].where
            row = str(first.row or first.column or DASH)
            yield Caution("refund.note_undated", {"row": row, "count": len(rows)})

    def _notes(self) -> list[Caution]:
        notes = list(self._undated_note())
        periods = sorted(
            period
            for period, month in self.months.items()
            if month.has_credit or not month.purchases
        )
        for before, after in pairwise(periods):
            due = months_later(date.fromisoformat(f"{before}-01"), 1)
            if f"{due:%Y-%m}" != after:
                notes.append(Caution("refund.note_gap", {"before": before, "after": after}))
        if self.deemed:
            tax = sum((sale.output_tax for sale in self.deemed), ZERO)
            notes.append(Caution("refund.note_cancelled", {"tax": f"{tax:,.2f}"}))
        if self.exempt:
            fob = sum((sale.fob_cny for sale in self.exempt), ZERO)
            notes.append(Caution("refund.note_exempt", {"fob": f"{fob:,.2f}"}))
        if self.kept:
            notes.append(Caution("refund.note_consumption_kept", {"tax": f"{self.kept:,.2f}"}))
        if self.left:
            notes.append(Caution("refund.note_consumption_back", {"tax": f"{self.left:,.2f}"}))
        if self.taxed_purchases:
            notes.append(Caution("refund.note_trader_taxed"))
        if self.reconciled:
            notes.append(Caution("refund.note_reconciled"))
        notes += self.given.notes()
        if self.reform_tariff and not any(rate.status == "user" for rate in self.rates.values()):
            notes.append(Caution("refund.note_reform_unused"))
        groups = sorted(
            {r.group for r in self.rates.values() if r.status in ("recalled", "illustrative")}
        )
        return notes + [Caution("refund.note_illustrative", {"group": group}) for group in groups]

    def done(self) -> MonthsFile:
        """Everything read, in order of the months."""
        months = []
        for number, (period, month) in enumerate(sorted(self.months.items())):
            if number and any(month.opening):
                raise InputError("refund.opening_twice", period=period)
            if month.has_credit:
                lines, opening = group_by_rates(month.lines), Opening(*month.opening)
                months.append(
                    FirmMonth(
                        lines,
                        domestic_output_tax_cny=month.output_tax,
                        input_tax_cny=month.input_tax,
                        opening=opening,
                        period=period,
                    )
                )
        rules = {use.id + use.value: use for use in (rate.use() for rate in self.rates.values())}
        return MonthsFile(
            months=tuple(months),
            purchases={
                p: month.purchases for p, month in sorted(self.months.items()) if month.purchases
            },
            deemed=tuple(sorted(self.deemed, key=lambda sale: sale.period)),
            exempt=tuple(sorted(self.exempt, key=lambda sale: sale.period)),
            exports=tuple(sorted(self.exports, key=lambda line: line[:2])),
            rules=tuple(rules[key] for key in sorted(rules)),
            quarantined=tuple(self.quarantined),
            notes=tuple(self._notes()),
        )


def months_of(
    lines: Records[MonthLine],
    *,
    on: date | None = None,
    library: LibraryRows | None = None,
    rates: Sequence[DatedRate] | None = None,
) -> MonthsFile:
    """The months that the lines of a file make up.

    Args:
        lines: of :func:`offing.sources.month_lines.read_months`.
        on: the day of the computation: later exports go to the quarantine; ``None`` does not ask.
        library: the official rates by code, where the user has them.
        rates: of a reform, in place of the rulebook's.

    Raises:
        InputError: ``refund.opening_twice``, or no line can be used.
    """
    reader = _Reader(on, library, rates)
    with exactly():
        for line in lines.rows:
            reader.take(line)
        read = reader.done()
    quarantined = (*lines.quarantined, *read.quarantined)
    if not (read.months or read.purchases or read.exempt):
        first = quarantined[0] if quarantined else None
        reason = first.found if first else say("refund.nothing_in_file")
        where = (first and first.where) or Where(lines.path)
        raise InputError("refund.no_good_rows", where=where, reason=reason) from first
    notes, rows = (*read.notes, *lines.notes), len(lines.rows) + len(lines.quarantined)
    return replace(read, quarantined=quarantined, notes=notes, rows=rows)
