"""What a case of settlement is of: its amount and side, its days, its interest, its points."""

import re
from dataclasses import replace
from decimal import Decimal

from offing.cases.inputs import ONE, Inputs
from offing.terms.errors import InputError

_BASIS = re.compile(r"/\s*(360|364|365|366)\b")


def day_count(inputs: Inputs) -> Decimal:
    """Days of a year: ``360``, ``ACT/365``, ``30/360``."""
    given = inputs.given("day_count")
    if given is None:
        return Decimal(360)
    match = _BASIS.search(given.value) if isinstance(given.value, str) else None
    return Decimal(match[1]) if match else given.inputs.read(given.name)


def year_of(inputs: Inputs, word: str) -> Decimal:
    """The day count of the price or of the base currency; else that of both."""
    if inputs.has(f"day_count_{word}"):
        return inputs.number(f"day_count_{word}")
    return day_count(inputs)


def days_of(inputs: Inputs) -> Decimal:
    """The days of a case: given, or in months of 30, or in years of its day count."""
    if not inputs.has("days") and inputs.has("months"):
        return inputs.number("months") * 30
    if not inputs.has("days") and inputs.has("years"):
        return inputs.number("years") * day_count(inputs)
    return inputs.number("days")


def forward_points(inputs: Inputs, word: str, form: str = "") -> Decimal:
    """Forward points in the terms of the quote; in pips a ten-thousandth each, of yen a hundredth.

    What a point is worth may also be given, ``point_size``.
    """
    item = inputs.needed(word, form)
    sized, pips = inputs.has("point_size"), inputs.unit_written(word) == "pip"
    if not sized and (pips or "pip" in item.name.lower()):
        spot = inputs.given("spot")
        above = spot.named.quoted[0] if spot and spot.named.quoted else ""
        size = Decimal("0.01") if above == "jpy" else Decimal("0.0001")
        return inputs.number(word, form=form) * size
    return inputs.number(word, form=form) * inputs.number("point_size", ONE)


def interest(inputs: Inputs, word: str, side: str = "") -> Decimal:
    """The interest of the price or of the base currency."""
    item, (above, below) = inputs.needed(word, side), inputs.pair_of("spot", "bid")
    if below in inputs.home and above not in {"fc", *inputs.home}:  # it could be either's
        near = f"spot_{below}_per_{above}"
        names = {"name": item.name, "near": near}
        raise InputError("check.either_interest", where=inputs.where, case=inputs.case, **names)
    return inputs.number(word, form=side)


def in_price_currency(inputs: Inputs) -> Inputs:
    """A case of two other currencies is in the one that its spot is quoted in."""
    spot = inputs.given("spot", "bid")
    quoted = spot.named.quoted if spot else None
    if quoted is None or {"fc", *inputs.home} & {*quoted}:
        return inputs
    return replace(inputs, home=frozenset({quoted[0]}))


SIDES = {"put": 1, "sell": 1, "call": -1, "buy": -1}
"""What a case may write of its side: who has foreign money to sell, and who must buy it."""


def sign_of(inputs: Inputs) -> int:
    """-1 where the amount is to be paid, else 1; a call is of who pays, a put of who receives.

    Raises:
        InputError: ``check.bad_input`` for a kind of option that is neither,
            ``check.missing_input`` where nothing says which of the two it is.
    """
    if inputs.method.endswith("payable"):
        return -1
    words = inputs.vocabulary.own or inputs.vocabulary.words
    amount = _amount_word(inputs)
    if "option_type" in words and inputs.has("option_type"):
        said = inputs.text("option_type").strip().lower()
        if said not in SIDES:
            raise inputs.bad("option_type", inputs.text("option_type"))
        return SIDES[said]
    if amount == "amount" and "direction" in words and inputs.has("direction"):
        return SIDES.get(inputs.text("direction").strip().lower(), 1)
    if "option_type" in words and amount not in ("payable", "receivable"):
        raise inputs.missing("option_type")  # a put and a call break even on different sides
    return -1 if amount == "payable" else 1


def side_of(inputs: Inputs) -> str:
    """The side of the bank's quote that the amount meets."""
    return "bid" if sign_of(inputs) > 0 else "ask"


def amount_of(inputs: Inputs) -> Decimal:
    """What is received, paid, open or insured, by whichever of its names it is given."""
    return inputs.money(_amount_word(inputs))


def _amount_word(inputs: Inputs) -> str:
    words = ("payable", "exposure", "receivable", "amount")
    usual = "amount" if "amount" in inputs.vocabulary.own else "receivable"
    return next((word for word in words if inputs.has(word)), usual)
