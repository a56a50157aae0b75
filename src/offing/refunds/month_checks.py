"""Figures of a firm's months at which a careful person would stop, though each can be computed.

The levels of the levy are those of 财税〔2017〕37号 (13 % → 11 % from 2017-07-01), 财税〔2018〕32号
(17 % → 16 %, 11 % → 10 % from 2018-05-01) and 财政部 税务总局 海关总署公告 2019 年第 39 号 (16 % →
13 %, 10 % → 9 % from 2019-04-01); 5, 3 and 1 % are those of simplified and small suppliers.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, pairwise

from offing.refunds.calendar import months_later
from offing.refunds.exempt_refund import net_of
from offing.terms.caution import Caution, Value
from offing.terms.exchange import DayRate
from offing.terms.firm_records import Declared, MonthLine
from offing.terms.hs import gone
from offing.terms.messages import enumerated

RateOfDay = Callable[[str, date], DayRate | None]
"""What a currency costs on a day, where that is known."""

_LEVIES = (
    (date(1994, 1, 1), date(2017, 7, 1), (17, 13, 11)),
    (date(2017, 7, 1), date(2018, 5, 1), (17, 11)),
    (date(2018, 5, 1), date(2019, 4, 1), (16, 10)),
    (date(2019, 4, 1), date.max, (13, 9)),
)
_ALWAYS = (6, 5, 4, 3, 2, 1, 0)
_GRACE = timedelta(days=92)
"""Exports of three months after a change could keep the old rates: in 2019 up to 30 June."""
_REFUNDS_SINCE_2019 = (13, 10, 9)
_SINCE = date(2019, 7, 1)
_FAR_FX, _FAR_MAJOR = Decimal("0.1"), Decimal("0.05")
_MAJOR = ("USD", "HKD")
"""Currencies that have moved by less than a twentieth against the yuan within any month since 2005
(ECB); the euro moved by 7 % in April 2025."""
_LEAST_FREIGHT, _DEAREST_INSURANCE = Decimal("0.001"), Decimal("0.02")
_FAR_UP, _FAR_DOWN = 8, 50
"""How many times the largest, or what part of the smallest other month, a month is a slip: a nought
too many, where the others are alike."""
_UNIT = 100
"""Where they are not, a firm sells in lumps, and only another unit (千元, 万元) is that far off."""
_FEW = 3
_ALIKE = 2
_SALES_OF_TAX, _LEVY_AT_HOME = 4, (Decimal("0.13"), Decimal("0.09"))
"""Sales are eight to eleven times their tax."""
_SUMMED = 6
"""Months from January on that rise as sums do; single months do so in one case of 720."""
_LEAST_EXPORTS = 1000
"""Yuan; a month's exports below them are in ten thousands, or a sample."""
_LEAST_PURCHASE = 10
"""Yuan; hardly an invoice is below it."""
_TAX_OF_SALES = Decimal("0.5")
"""A month's input tax above this part of its sales is a price with tax, or in another unit: it
would be that of purchases of four times the sales."""
_TAX_OF_NEXT_TO_NOTHING = Decimal("0.001")
"""Some input tax below this part of the sales is in another unit than they are."""
_ROUNDING = Decimal("0.01")
_OWN_CODE = 8
"""Digits of a code of China's tariff; a heading has goods of many rates."""
_OLD_EXPORT = 36
"""Months after which an export comes to be taxed like a sale at home."""


def month_notes(lines: Sequence[MonthLine], known: RateOfDay) -> Iterator[Caution]:
    """What to ask of the lines, each with its rows.

    The lines' rates of exchange are held against what currencies are ``known`` to cost.
    """
    looks: tuple[tuple[str, Callable[[MonthLine], bool]], ...] = (
        ("odd_rate", _has_odd_rate),
        ("fx_day", lambda line: _has_odd_fx(line, known)),
        ("old_export", _is_old),
        ("year_before", _is_a_year_off(lines)),
        ("code", lambda line: bool(line.code) and gone(line.code, day_of_line(line).year)),
        ("negative_output_tax", lambda line: line.output_tax_cny < 0),
        ("invoice", _has_odd_invoice),
        ("refund_above_invoice", _has_refund_above_invoice),
        ("tiny_purchase", _is_tiny_purchase),
        ("both_methods", _is_by_both),
    )
    for key, odd in looks:
        if places := [place(line) for line in lines if odd(line)]:
            yield Caution(f"refund.caution_{key}", _named(places))
    for key, again in (
        ("tax_repeated", _taxes_repeated),
        ("declared_again", _declared_again),
        ("bought_again", _bought_again),
        ("two_rates", _of_two_rates),
    ):
        if places := [place(line) for line in again(lines)]:
            yield Caution(f"refund.caution_{key}", _named(places))
    for key, periods in _of_months(lines):
        if periods:
            yield Caution(f"refund.caution_{key}", _named(periods))


def _named(places: Sequence[str]) -> Mapping[str, Value]:
    more = "…" if len(places) > 5 else ""
    return {"count": len(places), "rows": enumerated(places[:5]) + more}


def place(line: MonthLine) -> str:
    """Where a line stands: its row, or its table in a TOML file."""
    return str(line.where.row or line.where.column or "\N{EM DASH}")


def day_of_line(line: MonthLine) -> date:
    """The export date, or the first day of the line's month."""
    return line.export_date or date.fromisoformat(f"{line.period}-01")


def levies(day: date) -> frozenset[Decimal]:
    """The levels of the levy on a day, with those of the three months before."""
    held = [rates for since, until, rates in _LEVIES if since <= day and day - _GRACE < until]
    return _shares(*(rate for rates in held for rate in rates))


def _shares(*percent: int) -> frozenset[Decimal]:
    return frozenset(Decimal(rate).scaleb(-2) for rate in (*percent, *_ALWAYS))


def _has_odd_rate(line: MonthLine) -> bool:
    """Whether a levy or refund rate was no level of the law on the line's day."""
    day = day_of_line(line)
    given = [line.levy_rate, line.bought.rate if line.bought else None]
    if any(rate is not None and rate not in levies(day) for rate in given):
        return True
    return line.refund_rate is not None and is_odd_refund(line.refund_rate, day)


def is_odd_refund(rate: Decimal, day: date) -> bool:
    """Whether a refund rate was no level of the law on a day."""
    if day >= _SINCE:
        return rate not in _shares(*_REFUNDS_SINCE_2019)
    return rate.scaleb(2) % 1 != 0 or rate > Decimal("0.17")


def _has_odd_fx(line: MonthLine, known: RateOfDay) -> bool:
    if line.fx is None or line.currency in (None, "CNY"):
        return False
    usual = known(str(line.currency), day_of_line(line))
    far = _FAR_MAJOR if line.currency in _MAJOR else _FAR_FX
    return usual is not None and abs(line.fx / usual.cny - 1) > far


def _is_old(line: MonthLine) -> bool:
    """Whether the export left three years before the month in which it is declared for refund."""
    if line.export_date is None:
        return False
    return f"{months_later(line.export_date, _OLD_EXPORT):%Y-%m}" < line.period


def _is_a_year_off(lines: Iterable[MonthLine]) -> Callable[[MonthLine], bool]:
    """Whether a line left in the month of its return, and an earlier year than most lines of it.

    A late claim is of another month of the year, but by chance; a slip of the year is of the same.
    """
    usual = Counter(line.period for line in lines if line.export_date and _years_before(line) == 0)

    def odd(line: MonthLine) -> bool:
        same_month = line.export_date is not None and f"-{line.export_date:%m}" == line.period[4:]
        young = _years_before(line) > 0 and not _is_old(line)
        return same_month and young and usual[line.period] > 0

    return odd


def _years_before(line: MonthLine) -> int:
    """Years between the export and the month in which it is declared for refund."""
    return int(line.period[:4]) - line.export_date.year if line.export_date else 0


def _is_tiny_purchase(line: MonthLine) -> bool:
    """Whether a purchase is of some yuan: its figure is probably in ten thousands."""
    bought = line.bought
    paid = (bought.net_cny or bought.gross_cny or Decimal(0)) if bought else Decimal(0)
    return 0 < abs(paid) < _LEAST_PURCHASE


def _is_by_both(line: MonthLine) -> bool:
    """Whether a line is in a manufacturer's month and in a trading company's purchases."""
    return line.bought is not None and bool(line.fob_cny)


def _has_odd_invoice(line: MonthLine) -> bool:
    """Whether net, gross and tax do not add up, or the consumption tax is above the price."""
    bought = line.bought
    if bought is None:
        return False
    net = bought.net_cny
    if net is None:
        net = bought.gross_cny or Decimal(0)
    else:
        gross, tax = bought.gross_cny, bought.tax_cny
        if gross is not None and _apart(net_of(gross, bought.rate), net):
            return True
        if tax is not None and _apart(net * bought.rate, tax):
            return True
    return abs(bought.consumption_tax_cny) > abs(net)


def _has_refund_above_invoice(line: MonthLine) -> bool:
    """Whether more would come back than a supplier of full levy has charged: 9 and 13 exchanged.

    A small supplier's invoice of 3 % for goods with a refund of 13 % is an everyday one.
    """
    bought, back = line.bought, line.refund_rate
    full = bought is not None and bought.rate not in _shares()
    return full and bought is not None and back is not None and back > bought.rate


def _apart(one: Decimal, other: Decimal) -> bool:
    """Whether two amounts that should be one differ by more than a rounding."""
    return abs(one - other) > max(abs(other) * _ROUNDING, Decimal(1))


def declared_notes(rows: Iterable[Declared]) -> Iterator[Caution]:
    """What to ask of declarations: freight that the price has in it and that is not declared."""
    looks: tuple[tuple[str, Callable[[Declared], bool]], ...] = (
        ("no_freight", _lacks_freight),
        ("freight_fob", _has_freight_beside),
        ("freight_tiny", _has_tiny_freight),
        ("insurance_dear", _has_dear_insurance),
        ("code", lambda row: bool(row.code) and gone(row.code, row.export_date.year)),
    )
    rows = tuple(rows)
    for key, odd in looks:
        if places := [str(row.where.row) for row in rows if odd(row)]:
            yield Caution(f"refund.caution_{key}", _named(places))


def _lacks_freight(row: Declared) -> bool:
    term = row.term.strip().upper()
    return term in ("1", "2", "CIF", "CFR", "C&F", "CIP", "CPT") and "freight" not in row.charges


def _has_freight_beside(row: Declared) -> bool:
    """Whether freight is declared, though the price is without it."""
    return row.term.strip().upper() in ("3", "FOB") and "freight" in row.charges


def _has_tiny_freight(row: Declared) -> bool:
    """Whether freight is next to nothing beside the price: a rate as an amount, 0.05 for 5 %."""
    share = _share_of_price(row, "freight")
    return share is not None and share < _LEAST_FREIGHT


def _has_dear_insurance(row: Declared) -> bool:
    """Whether insurance is more of the price than any cargo bears: 3 for 3 per mille."""
    share = _share_of_price(row, "insurance")
    return share is not None and share > _DEAREST_INSURANCE


def _share_of_price(row: Declared, name: str) -> Decimal | None:
    """What part of its price a declared charge is; ``None`` where that is not known."""
    charge = row.charges.get(name)
    if charge is None or charge.mark not in ("1", "3") or row.total <= 0:
        return None
    if charge.mark == "1":
        return charge.value.scaleb(-2)
    return None if charge.currency not in ("", row.currency) else charge.value / row.total


def _of_months(lines: Sequence[MonthLine]) -> Iterator[tuple[str, list[str]]]:
    """Months whose sums cannot be: input tax of half of all sales, nothing left but corrections."""
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    for line in lines:
        bought = line.bought
        parts = (
            line.fob_cny or Decimal(0),
            line.input_tax_cny,
            line.output_tax_cny,
            (bought.net_cny or bought.gross_cny or Decimal(0)) if bought else Decimal(0),
        )
        sums[line.period] = [old + new for old, new in zip(sums[line.period], parts, strict=True)]
    sold = {  # at the least rate at home, from the output tax
        period: (tax, fob + 17 * max(out, Decimal(0)))
        for period, (fob, tax, out, _) in sorted(sums.items())
        if fob > 0
    }
    over = [period for period, (tax, sales) in sold.items() if tax > _TAX_OF_SALES * sales]
    under = [p for p, (tax, sales) in sold.items() if 0 < tax < _TAX_OF_NEXT_TO_NOTHING * sales]
    yield "input_tax_over", over
    yield "input_tax_under", under
    yield "below_nought", [p for p, (fob, _, _, net) in sorted(sums.items()) if min(fob, net) < 0]
    yield "transfer_out", sorted(_with_the_gap(lines))
    yield from _beside_each_other(dict(sorted(sums.items())))


def _with_the_gap(lines: Iterable[MonthLine]) -> Iterator[str]:
    """Months whose 进项税额转出 is so large that the tax not deductible may be in it."""
    moved: dict[str, Decimal] = defaultdict(Decimal)
    gaps: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        moved[line.period] += line.transfer_out_cny
        if line.fob_cny and line.levy_rate is not None and line.refund_rate is not None:
            gaps[line.period] += line.fob_cny * (line.levy_rate - line.refund_rate)
    yield from (period for period, tax in moved.items() if tax >= gaps[period] > 0)


def _beside_each_other(sums: Mapping[str, Sequence[Decimal]]) -> Iterator[tuple[str, list[str]]]:
    """Months far from the others, sums from January on, exports of next to nothing."""
    exports = {period: fob for period, (fob, *_) in sums.items()}
    taxes = {period: tax for period, (_, tax, *_) in sums.items()}
    sales = {period: fob + net for period, (fob, *_, net) in sums.items()}
    yield "far_month", sorted({*_far_from_others(sales), *_far_from_others(taxes)})
    yield (
        "output_of_sales",
        _sales_for_tax({period: out for period, (_, _, out, _) in sums.items()}),
    )
    rising = _rising_from_january(exports)
    yield "cumulated", rising
    yield "cumulated_tax", [] if rising else _rising_from_january(taxes)
    yield "tiny_exports", [p for p, fob in exports.items() if 0 < fob < _LEAST_EXPORTS]


def _far_from_others(sums: Mapping[str, Decimal]) -> Iterator[str]:
    """Months many times larger, or a small part, of all others."""
    known = {period: value for period, value in sums.items() if value > 0}
    if len(known) < _FEW:
        return
    for period, value in known.items():
        others = [other for key, other in known.items() if key != period]
        least, most = min(others), max(others)
        alike = most <= _ALIKE * least
        up, down = (_FAR_UP, _FAR_DOWN) if alike else (_UNIT, _UNIT)
        if value > up * most or value * down < least:
            yield period


def _sales_for_tax(taxes: Mapping[str, Decimal]) -> list[str]:
    """Months whose output tax is that of the others where it is taken for the sales."""
    known = {period: value for period, value in taxes.items() if value > 0}
    found: list[str] = []
    for period, value in known.items() if len(known) >= _FEW else ():
        others = [other for key, other in known.items() if key != period]
        least, most = min(others), max(others)
        taxed = (value * levy for levy in _LEVY_AT_HOME)
        alike = most <= _ALIKE * least and value > _SALES_OF_TAX * most
        if alike and any(least / _ALIKE <= tax <= most * _ALIKE for tax in taxed):
            found.append(period)
    return found


def _rising_from_january(sums: Mapping[str, Decimal]) -> list[str]:
    """The months of a year that rise without a break from January on, to a multiple of it."""
    years: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for period, value in sums.items():
        years[period[:4]].append((period, value))
    for months in years.values():
        numbers = [int(period[5:]) for period, _ in months]
        values = [value for _, value in months]
        if (
            len(months) >= _SUMMED
            and numbers == list(range(1, len(months) + 1))
            and all(before < after for before, after in pairwise(values))
            and 2 * values[-1] >= len(values) * values[0]
        ):
            return [months[0][0], months[-1][0]]
    return []


def _declared_again(lines: Iterable[MonthLine]) -> Iterator[MonthLine]:
    """Lines of a declaration that stands in another month, or on another day, at the same price."""
    seen: dict[tuple[object, ...], MonthLine] = {}
    for line in lines:
        if line.declaration and line.fob_cny and line.fob_cny > 0:
            first = seen.setdefault((line.declaration, line.code, line.fob_cny), line)
            if (first.period, first.export_date) != (line.period, line.export_date):
                yield line


def _bought_again(lines: Iterable[MonthLine]) -> Iterator[MonthLine]:
    """Purchases on an invoice that stands in an earlier month with the same amount."""
    seen: dict[tuple[object, ...], MonthLine] = {}
    for line in lines:
        if line.invoice and line.bought:
            amounts = (line.bought.net_cny, line.bought.gross_cny)
            if seen.setdefault((line.invoice, *amounts), line).period != line.period:
                yield line


def _of_two_rates(lines: Sequence[MonthLine]) -> Iterator[MonthLine]:
    """Lines of a code that has one refund rate and another at one time.

    A rate of the law changes on a day: all exports before it have the one, all after it the other.
    """
    codes: dict[str, dict[Decimal, list[MonthLine]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        if len(line.code) >= _OWN_CODE and line.refund_rate is not None:
            codes[line.code][line.refund_rate].append(line)
    for rates in codes.values():
        spans = sorted((min(days), max(days)) for days in map(_days, rates.values()))
        if any(after[0] <= before[1] for before, after in pairwise(spans)):
            yield from sorted(chain(*rates.values()), key=day_of_line)


def _days(lines: Iterable[MonthLine]) -> list[date]:
    return [day_of_line(line) for line in lines]


def _taxes_repeated(lines: Sequence[MonthLine]) -> Iterator[MonthLine]:
    """Lines whose month's tax stands in each of its lines, though their exports differ."""
    months: dict[str, list[MonthLine]] = defaultdict(list)
    for line in lines:
        if line.fob_cny is not None:
            months[line.period].append(line)
    for mine in months.values():
        for tax in ("input_tax_cny", "output_tax_cny"):
            values = [getattr(line, tax) for line in mine]
            unlike = len({line.fob_cny for line in mine}) > 1
            if unlike and values[0] and len(set(values)) == 1:
                yield from mine
                break
