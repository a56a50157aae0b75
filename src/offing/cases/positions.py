"""What a case of settlement is of: its amount and side, its days, its interest, its points."""

import re
from dataclasses import replace
from decimal import Decimal

from offing.cases.given import ONE, Given
from offing.cases.inputs import Inputs
from offing.terms.errors import InputError

_BASIS = re.compile(r"/\s*(360|364|365|366)\b")


def day_count(inputs: Inputs) -> Decimal:
    """Days of a year: 360 or 365, also as ``ACT/365``."""
    given = inputs.given("day_count")
    if given is None or given.named.currency:
        return Decimal(360)
    return _year(given)


def _year(item: Given) -> Decimal:
    """The days of a year that a day count has: ``365``, ``ACT/365``, ``30/360``."""
    match = _BASIS.search(item.value) if isinstance(item.value, str) else None
    return Decimal(match[1]) if match else item.inputs.read(item.name)


def year_of(inputs: Inputs, word: str) -> Decimal:
    """The day count of the price or of the base currency; else that of both."""
    if inputs.has(f"day_count_{word}"):
        return inputs.number(f"day_count_{word}")
    own = _value_by_currency(inputs, "day_count", word)
    return _year(own) if own else day_count(inputs)


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
    """The interest of the price or of the base currency: so named, or by its own currency.

    Without a quote that names them the price currency is home money.
    """
    if inputs.has(word) or not inputs.has("interest"):
        _refuse_either(inputs, inputs.needed(word, side))
        return inputs.number(word, form=side)
    item = _value_by_currency(inputs, "interest", word.removeprefix("r_"), side)
    if item is None:
        raise inputs.missing(word)
    return inputs.share(item)


def _refuse_either(inputs: Inputs, item: Given) -> None:
    """Refuse ``r_price`` beside foreign money for home money: it could be either's interest."""
    above, below = inputs.pair_of("spot", "bid")
    indirect = below in inputs.home and above not in {"fc", *inputs.home}
    if indirect and item.name.startswith(("r_price", "r_base")):
        near = f"{above}_rate, {'cny' if below == 'home' else below}_rate"
        names = {"name": item.name, "near": near}
        raise InputError("check.either_interest", where=inputs.where, case=inputs.case, **names)


def _value_by_currency(inputs: Inputs, word: str, side: str, form: str = "") -> Given | None:
    """What is given for the price's currency, or for the base's; ``None`` where that is not one.

    Without a quote that names them the price currency is home money.
    """
    pair = inputs.pair_of("spot")
    if pair[1] in inputs.home and inputs.is_indirect(pair):  # the sum is in home money all the same
        pair = pair[::-1]
    ours, theirs = pair if side == "price" else pair[::-1]
    found = _values_of_side(inputs, word, form)
    wanted = [item for item in found if item.named.currency in _codes(inputs, ours)]
    if not wanted and ours == "fc":
        wanted = [item for item in found if item.named.currency not in _codes(inputs, theirs)]
    inputs.asked.update(item.name for item in wanted)
    return wanted[0] if len(wanted) == 1 else None


def _values_of_side(inputs: Inputs, word: str, form: str) -> list[Given]:
    """What is given by currency: of one side of a quote where there are sides."""
    found = [item for item in inputs.every(word) if item.named.currency]
    return [item for item in found if form in item.named.forms] or found


def to_price_currency(inputs: Inputs) -> Inputs:
    """A case of two other currencies is in the one that its spot is quoted in."""
    spot = inputs.given("spot", "bid")
    quoted = spot.named.quoted if spot else None
    if quoted is None or {"fc", *inputs.home} & {*quoted}:
        return inputs
    return replace(inputs, home=frozenset({quoted[0]}))


def _codes(inputs: Inputs, currency: str) -> frozenset[str]:
    return inputs.home if currency in inputs.home else frozenset({currency})


SIDES = {
    **dict.fromkeys(("put", "sell", "sells", "sold", "short", "receivable", "receive", "export",
                     "exporter", "seller", "看跌", "看跌期权", "卖出", "空头", "应收", "出口",
                     "出口商", "结汇"), 1),
    **dict.fromkeys(("call", "buy", "buys", "bought", "long", "payable", "pay", "import",
                     "importer", "buyer", "看涨", "看涨期权", "买入", "多头", "应付", "进口",
                     "进口商", "购汇"), -1),
}  # fmt: skip
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
