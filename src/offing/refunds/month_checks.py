"""Figures of a firm's months at which a careful person would stop, though each can be computed.

The levels of the levy are those of 财税〔2017〕37号 (13 % → 11 % from 2017-07-01), 财税〔2018〕32号
(17 % → 16 %, 11 % → 10 % from 2018-05-01) and 财政部 税务总局 海关总署公告 2019 年第 39 号 (16 % →
13 %, 10 % → 9 % from 2019-04-01); 5, 3 and 1 % are those of simplified and small suppliers.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from offing.refunds.calendar import months_later
from offing.refunds.exempt_refund import net_of
from offing.terms.edition_signs import gone
from offing.terms.firm_records import Declared, MonthLine
from offing.terms.messages import enumerated

Note = tuple[str, dict[str, str]]
RateOfDay = Callable[[str, date], Decimal | None]
"""Yuan for one unit of a currency on a day, where that is known."""

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
_FAR_FX = Decimal("0.1")
_ROUNDING = Decimal("0.01")
_OLD_EXPORT = 36
"""Months after which an export comes to be taxed like a sale at home."""


def month_notes(lines: Sequence[MonthLine], known: RateOfDay) -> Iterator[Note]:
    """What to ask of the lines, each with its rows.

    The lines' rates of exchange are held against what currencies are ``known`` to cost.
    """
    looks: tuple[tuple[str, Callable[[MonthLine], bool]], ...] = (
        ("odd_rate", _has_odd_rate),
        ("fx_day", lambda line: _has_odd_fx(line, known)),
        ("old_export", _is_old),
        ("code", lambda line: bool(line.code) and gone(line.code, day_of_line(line).year)),
        ("negative_output_tax", lambda line: line.output_tax_cny < 0),
        ("invoice", _has_odd_invoice),
    )
    for key, odd in looks:
        if places := [place(line) for line in lines if odd(line)]:
            yield f"refund.caution_{key}", _named(places)
    for key, periods in _of_months(lines):
        if periods:
            yield f"refund.caution_{key}", _named(periods)


def _named(places: Sequence[str]) -> dict[str, str]:
    more = "…" if len(places) > 5 else ""
    return {"count": str(len(places)), "rows": enumerated(places[:5]) + more}


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
    refund = line.refund_rate
    if refund is None:
        return False
    if day >= _SINCE:
        return refund not in _shares(*_REFUNDS_SINCE_2019)
    return refund.scaleb(2) % 1 != 0 or refund > Decimal("0.17")


def _has_odd_fx(line: MonthLine, known: RateOfDay) -> bool:
    if line.fx is None or line.currency in (None, "CNY"):
        return False
    usual = known(str(line.currency), day_of_line(line))
    return usual is not None and abs(line.fx / usual - 1) > _FAR_FX


def _is_old(line: MonthLine) -> bool:
    """Whether the export left three years before the month in which it is declared for refund."""
    if line.export_date is None:
        return False
    return f"{months_later(line.export_date, _OLD_EXPORT):%Y-%m}" < line.period


def _has_odd_invoice(line: MonthLine) -> bool:
    """Whether net and gross are not apart by the tax, or the consumption tax is above the price."""
    bought = line.bought
    if bought is None:
        return False
    if bought.net_cny is not None and bought.gross_cny is not None:
        gap = abs(net_of(bought.gross_cny, bought.rate) - bought.net_cny)
        if gap > max(abs(bought.net_cny) * _ROUNDING, Decimal(1)):
            return True
    net = bought.gross_cny if bought.net_cny is None else bought.net_cny
    return abs(bought.consumption_tax_cny) > abs(net or Decimal(0))


def declared_notes(rows: Iterable[Declared]) -> Iterator[Note]:
    """What to ask of declarations: freight that the price has in it and that is not declared."""
    looks: tuple[tuple[str, Callable[[Declared], bool]], ...] = (
        ("no_freight", _lacks_freight),
        ("code", lambda row: bool(row.code) and gone(row.code, row.export_date.year)),
    )
    rows = tuple(rows)
    for key, odd in looks:
        if places := [str(row.where.row) for row in rows if odd(row)]:
            yield f"refund.caution_{key}", _named(places)


def _lacks_freight(row: Declared) -> bool:
    term = row.term.strip().upper()
    return term in ("1", "2", "CIF", "CFR", "C&F", "CIP", "CPT") and "freight" not in row.charges


def _of_months(lines: Iterable[MonthLine]) -> Iterator[tuple[str, list[str]]]:
    """Months whose sums cannot be: input tax above all sales, or nothing left but corrections."""
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
    over = [
        period
        for period, (fob, tax, out, _) in sorted(sums.items())
        if fob > 0 and tax > fob + 17 * max(out, Decimal(0))
    ]
    yield "input_tax_over", over
    yield "below_nought", [p for p, (fob, _, _, net) in sorted(sums.items()) if min(fob, net) < 0]
