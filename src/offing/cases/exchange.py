"""Worked cases of exchange beside the plain forward: cross rates, collars, windows, value dates."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from offing.cases.inputs import ONE, ZERO, Answers, Inputs, solves
from offing.cases.settlement import in_price_currency, interest, premium_given
from offing.terms.errors import InputError

_TENOR = re.compile(r"(\d{1,3})([DWMY])")

SPOT_DAYS = Decimal(2)
"""Working days from a deal to its spot value date."""


def _leg(inputs: Inputs, word: str, side: str) -> tuple[str, str, Decimal]:
    """A quote of two currencies: the one above, the one below, and its rate on a side."""
    names = (f"{word}_{side}", word) if side else (word,)
    item = next((item for name in names if (item := inputs.given(name))), None)
    if item is None or item.named.quoted is None:
        raise inputs.missing(names[0])
    rate = item.inputs.read(item.name)
    if rate <= 0:
        raise InputError("settle.not_positive", name=item.name, value=rate)
    return (*item.named.quoted, rate)


def _across(inputs: Inputs, side: str) -> Decimal:
    """The price of the first quote's own currency in the second's, through the common one."""
    first, second = _leg(inputs, "first", side)[:2], _leg(inputs, "second", side)[:2]
    common = set(first) & set(second)
    if len(common) != 1:
        raise InputError("check.no_common_currency", where=inputs.where, case=inputs.case)
    price = ONE
    other = {"bid": "ask", "ask": "bid"}.get(side, "")
    for word, pair, above_common in (("first", first, True), ("second", second, False)):
        straight = (pair[0] in common) == above_common
        rate = _leg(inputs, word, side if straight else other)[2]
        price = price * rate if straight else price / rate
    return price


@solves("cross_rate")
def cross_rate(inputs: Inputs) -> Answers:
    """套算汇率: EUR in CNY of EUR in USD and USD in CNY, on the side that is worse for the asker.

    The bid sells the first currency at its bid for the common one, and that at its bid.
    """
    sides = ("bid", "ask") if inputs.has("first_bid", "second_bid") else ("",)
    return {f"cross_{side}" if side else "cross": _across(inputs, side) for side in sides}


@solves("collar_receivable", "collar_payable")
def collar(inputs: Inputs) -> Answers:
    """区间期权: a receivable buys the put and sells the call, a payable the other way round."""
    payable = inputs.method == "collar_payable"
    amount = inputs.money("payable" if payable else "receivable")
    least, most = inputs.quote("put_strike"), inputs.quote("call_strike")
    if least > most:
        raise inputs.bad("put_strike", least)
    spot = inputs.quote("spot_at_maturity")
    rate = min(max(spot, least), most)
    premium = premium_given(inputs, amount)
    home = amount * rate + (premium if payable else -premium)
    answers: Answers = {"home_at_maturity": home, "premium_home": premium}
    return answers | {"exercised": rate != spot, "rate": rate}


@solves("window_receivable", "window_payable")
def window(inputs: Inputs) -> Answers:
    """择期远期: who may choose the day is given the worst rate of the window's two ends."""
    payable = inputs.method == "window_payable"
    amount, side = inputs.money("payable" if payable else "receivable"), "ask" if payable else "bid"
    ends = [_window_end(inputs, end, side) for end in ("start", "end")]
    rate = max(ends) if payable else min(ends)
    return {"forward": rate, "home_at_maturity": amount * rate}


def _window_end(inputs: Inputs, end: str, side: str) -> Decimal:
    if not inputs.has(f"points_{end}"):
        return inputs.quote(f"forward_{end}", side=side)
    points = inputs.number(f"points_{end}") * inputs.number("point_size", ONE)
    return inputs.quote("spot", side=side, plus=points)


@solves("cip_implied")
def implied(inputs: Inputs) -> Answers:
    """The price currency's interest that spot, forward and the base currency's interest imply."""
    inputs = in_price_currency(inputs)
    count = inputs.number("day_count", Decimal(360))
    price, base = inputs.number("day_count_price", count), inputs.number("day_count_base", count)
    days = inputs.number("days")
    if days <= 0:
        raise InputError("settle.not_positive", name="days", value=days)
    grown = ONE + interest(inputs, "r_base") * days / base
    ratio = inputs.quote("forward") / inputs.quote("spot")
    return {"r_price": (ratio * grown - ONE) * price / days}


def _working(day: date, closed: frozenset[date]) -> bool:
    return day.weekday() < 5 and day not in closed


def _rolled(day: date, closed: frozenset[date]) -> date:
    """The day, or the next working day; the last one of the month before a new month begins."""
    later = next(d for d in _from(day, 1) if _working(d, closed))
    if later.month == day.month:
        return later
    return next(d for d in _from(day, -1) if _working(d, closed))


def _from(day: date, step: int) -> Iterator[date]:
    while True:
        yield day
        day += timedelta(days=step)


def _months_on(day: date, months: int) -> date:
    """The same day so many months on, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _whole(inputs: Inputs, name: str, usual: Decimal = ZERO) -> int:
    """Days or months: whole numbers."""
    value = inputs.number(name, usual)
    if value % 1:
        raise InputError("cli.bad_given", name=name, value=f"{value:f}", wanted="1, 30")
    return int(value)


def _tenor(inputs: Inputs) -> tuple[int, int]:
    """Months and days of the tenor, given so or as a market writes it: ``3M``, ``2W``, ``1Y``."""
    if not inputs.has("tenor"):
        return _whole(inputs, "months"), _whole(inputs, "days")
    text = inputs.text("tenor").strip().upper()
    if not (match := _TENOR.fullmatch(text)):
        raise inputs.bad("tenor", text)
    count = int(match[1])
    months, days = {"Y": (12, 0), "M": (1, 0), "W": (0, 7), "D": (0, 1)}[match[2]]
    return count * months, count * days


@solves("value_date")
def value_date(inputs: Inputs) -> Answers:
    """起息日: spot after working days, the tenor from there, modified following over holidays.

    A spot date that is its month's last working day leads to the last working day of the month.
    """
    listed = inputs.items("holidays")
    days = [inputs.table({"trade_date": day}, apart=True).day("trade_date") for day in listed]
    closed, spot = frozenset(days), inputs.day("trade_date")
    left = _whole(inputs, "settle_days", SPOT_DAYS)
    while left > 0:
        spot += timedelta(days=1)
        left -= _working(spot, closed)
    months, days_on = _tenor(inputs)
    nominal = _months_on(spot, months) + timedelta(days=days_on)
    following = next(d for d in _from(spot + timedelta(days=1), 1) if _working(d, closed))
    if months and following.month != spot.month:
        nominal = nominal.replace(day=monthrange(nominal.year, nominal.month)[1])
    due = _rolled(nominal, closed)
    return {
        "spot_date": spot.isoformat(),
        "value_date": due.isoformat(),
        "days": Decimal((due - spot).days),
    }
