"""What a case of settlement is of: amount, side, days, interest, points; cases of several deals."""

import re
from dataclasses import replace
from decimal import Decimal

from offing.cases.given import ONE, ZERO, Answers, Given
from offing.cases.inputs import Inputs, solves
from offing.cases.words import meanings

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
        raise inputs.error("check.either_interest", name=item.name, near=near)


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


SIDES = {name: 1 if side == "sells" else -1 for name, side in meanings("sides").items()}
"""What a case may write of its side: 1 of who has foreign money to sell, -1 of who must buy it."""


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


@solves("layered_hedge")
def layered_hedge(inputs: Inputs) -> Answers:
    """分笔套保: each deal at its own rate; what is left of the amount at the spot of the day."""
    total, home = ZERO, ZERO
    for deal in inputs.parts("tranches"):
        amount = amount_of(deal.table(deal.values, apart=True))
        total += amount
        home += amount * deal.quote("deal_rate")
    if not total:
        raise inputs.missing("tranches")
    if inputs.has("amount", "receivable", "payable") and (rest := amount_of(inputs) - total):
        if rest < 0:
            raise inputs.bad("amount", amount_of(inputs))
        total += rest
        home += rest * inputs.quote("spot_at_maturity")
    return {"total_fc": total, "home_at_maturity": home}


@solves("expected_value")
def expected_value(inputs: Inputs) -> Answers:
    """情景分析: the spot to expect of outcomes whose probabilities come to one."""
    spot, all_ = ZERO, ZERO
    for outcome in inputs.parts("scenarios"):
        chance = outcome.number("probability")
        spot += chance * outcome.quote("spot")
        all_ += chance
    if all_ != ONE:
        raise inputs.bad("probability", all_)
    return {"expected_spot": spot}


def share_names(code: str) -> tuple[str, str]:
    """The names under which the share of a currency is answered.

    >>> share_names("USD")
    ('share_usd', 'usd_share')
    """
    return f"share_{code.lower()}", f"{code.lower()}_share"


@solves("currency_shares")
def currency_shares(inputs: Inputs) -> Answers:
    """计价币种占比: each currency's share in what is invoiced, all of it in one money."""
    sums: dict[str, Decimal] = {}
    for invoice in inputs.parts("invoices", apart=True):
        code = invoice.text("currency").lower()
        sums[code] = sums.get(code, ZERO) + invoice.money("amount")
    by_currency = inputs.table(inputs.free("amounts"))
    sums |= {code.lower(): by_currency.read(code) for code in by_currency.values}
    total = sum(sums.values(), ZERO)
    if not total:
        raise inputs.missing("invoices")
    shares = {code: amount / total for code, amount in sums.items()}
    home = shares.get("cny", ZERO) + shares.get("rmb", ZERO)
    each: Answers = {name: share for code, share in shares.items() for name in share_names(code)}
    concentration = sum((share**2 for share in shares.values()), ZERO)
    return {"total": total, "foreign_share": ONE - home, "concentration": concentration, **each}


@solves("effective_exchange_rate")
def effective_exchange_rate(inputs: Inputs) -> Answers:
    """有效汇率: the geometric mean of what home money has gained on each partner's, by weight.

    Rates are home money for one of the partner's, or, as the figures prove, the other way round.
    """
    nominal, real, weights, priced = ONE, ONE, ZERO, True
    for partner in inputs.parts("partners"):
        weight, moved = partner.number("weight"), _relative_gain(partner)
        weights += weight
        nominal *= moved**weight
        priced = priced and partner.has("partner_prices", "home_prices")
        if priced:
            prices = partner.number("home_prices") / partner.number("partner_prices")
            real *= (moved * prices) ** weight
    if weights != ONE:
        raise inputs.bad("weight", weights)
    hundred = Decimal(100)
    answers: Answers = {"neer": nominal * hundred, "neer_change": nominal - ONE}
    return answers | {"reer": real * hundred if priced else None}


def _relative_gain(partner: Inputs) -> Decimal:
    """What home money is worth in a partner's, after over before."""
    if partner.has("rate_index"):
        rise = partner.number("rate_index") / Decimal(100)
    else:
        rise = partner.number("end_rate") / partner.number("start_rate")
    return ONE / rise


@solves("payment_schedule")
def payment_schedule(inputs: Inputs) -> Answers:
    """分期收付: each payment at simple interest to its day."""
    rate = inputs.number("rate")
    present, total, weighted = ZERO, ZERO, ZERO
    for flow in inputs.parts("flows"):
        amount, days = amount_of(flow), days_of(flow)
        years = days / day_count(flow)
        grown = ONE + rate * years
        present += amount / grown
        total += amount
        weighted += amount * days
    if not total:
        raise inputs.missing("flows")
    return {"present_value": present, "total": total, "average_days": weighted / total}


def net_name(party: str) -> str:
    """The name under which what a party is paid, less what it pays, is answered.

    >>> net_name("French subsidiary")
    'net_french_subsidiary'
    """
    return "net_" + "_".join(party.strip().lower().split())


@solves("multilateral_netting")
def multilateral_netting(inputs: Inputs) -> Answers:
    """多边轧差: each party pays or gets only the difference of all that it owes and is owed."""
    net: dict[str, Decimal] = {}
    gross = ZERO
    for payment in inputs.parts("payments", apart=True):
        payer, payee = payment.text("payer"), payment.text("payee")
        if payer == payee:
            raise payment.bad("payee", payee)
        amount = payment.money("amount")
        gross += amount
        net[payer] = net.get(payer, ZERO) - amount
        net[payee] = net.get(payee, ZERO) + amount
    if not net:
        raise inputs.missing("payments")
    moved = sum((amount for amount in net.values() if amount > 0), ZERO)
    each: Answers = {net_name(party): amount for party, amount in net.items()}
    return {"gross_flow": gross, "net_flow": moved, **each}
