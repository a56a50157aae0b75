"""Worked cases of exchange: crosses, value dates, what a bank's fees and days cost."""

import re
from decimal import Decimal
from itertools import product
from typing import cast

from offing.cases.given import ONE, ZERO, Answers, Given, Value
from offing.cases.inputs import Inputs, solves
from offing.cases.positions import (
    amount_of,
    day_count,
    days_of,
    forward_points,
    interest,
    side_of,
    sign_of,
    to_price_currency,
    year_of,
)
from offing.cases.settlement import premium_given
from offing.cases.words import Named, methods
from offing.settlement.defaults import Fee, finance_cost
from offing.settlement.forwards import (
    SPOT_DAYS,
    PairQuote,
    brought,
    option_prices,
    round_trips,
    value_dates,
)
from offing.terms.errors import InputError, must_be_within


def fee_names(name: str) -> tuple[str, str]:
    """The names under which the fee of a line is answered.

    >>> fee_names("Negotiation"), fee_names("SWIFT fee")
    (('negotiation_fee', 'negotiation'), ('swift_fee', 'swift'))
    """
    own = re.sub(r"\s+", "_", name.strip().lower().removesuffix("fee").strip(" _"))
    return f"{own}_fee", own


def offer_name(currency: str) -> str:
    """The name under which what an offer brings is answered: by its currency."""
    return f"home_{currency.strip().lower()}"


@solves("bank_fee")
def bank_fee(inputs: Inputs) -> Answers:
    """A share of the amount for each period, between its least and its greatest."""
    most = inputs.money("max") if inputs.has("max") else None
    rate = "rate" if inputs.has("rate") or not inputs.is_share("commission") else "commission"
    period, days = _outstanding(inputs)
    fee = Fee(inputs.number(rate), inputs.money("min", ZERO), most, period)
    amount = amount_of(inputs)
    return {"fee": fee.of(amount, days)}


def _outstanding(inputs: Inputs) -> tuple[int | None, int]:
    """The days that a rate is for, and those that the amount is outstanding; or begun periods."""
    period = int(inputs.number("period_days")) if inputs.has("period_days") else None
    if period is None and inputs.has("period_months"):  # a quarter: three months, begun ones count
        return int(inputs.number("period_months") * 30), int(days_of(inputs))
    counted = next((word for word in ("periods", "months") if inputs.own(word)), "periods")
    if inputs.has("periods") or (counted == "months" and period is None):  # a rate for each month
        return 1, int(inputs.number(counted))
    if period is None and inputs.own("days"):
        raise inputs.missing("period_days")
    return period, int(days_of(inputs)) if inputs.has("days", "months", "years") else 0


@solves("bank_fees", "lc_cost")
def bank_fees(inputs: Inputs) -> Answers:
    """All fees of a way of being paid (信用证、托收、汇款): sums, and shares with their limits."""
    total, each = ZERO, dict[str, Value]()
    for line in inputs.parts("fee_lines"):
        if line.own("rate", "commission"):
            fee = bank_fee(line)["fee"]
        elif line.own("flat", "amount"):
            fee = line.money("flat" if line.own("flat") else "amount")
        else:
            raise line.missing("rate")
        each |= dict.fromkeys(fee_names(line.text("name")), fee) if line.own("name") else {}
        total += cast(Decimal, fee)
    beside = (word for word in ("commission", "flat") if inputs.own(word))
    total += sum((inputs.money(word, of=amount_of(inputs)) for word in beside), ZERO)
    answers: Answers = {**each, "fee": total, "total_cost": total}
    if inputs.has("rate"):  # and the wait for the money
        cost = cast(Decimal, waiting(inputs)["finance_cost"])
        answers |= {"finance_cost": cost, "total_cost": total + cost}
    return answers


@solves("spread_cost")
def spread_cost(inputs: Inputs) -> Answers:
    """点差成本: half the spread between the bank's two prices, on the amount."""
    bid, ask = inputs.quote("bid"), inputs.quote("ask")
    if bid > ask:
        raise inputs.bad("bid", bid)
    amount = amount_of(inputs) if inputs.has("amount", "receivable") else ONE
    cost = amount * (ask - bid) / (1 if inputs.flag("round_trip") else 2)
    return {"mid": (bid + ask) / 2, "spread": ask - bid, "spread_cost": cost}


@solves("currency_choice")
def currency_choice(inputs: Inputs) -> Answers:
    """报价币种选择: which of several offers in different currencies brings the most home money."""
    brought: dict[str, Decimal] = {}
    for offer in inputs.parts("offers"):
        amount = offer.given("amount") or offer.needed("receivable")
        name = (amount.named.currency or offer.text("currency")).upper()
        value = amount_of(offer)
        rate = ONE if name == "CNY" else offer.quote("forward" if offer.has("forward") else "spot")
        fees = offer.money("fees", ZERO) + value * rate * offer.number("fee_rate", ZERO)
        if name in brought:
            raise offer.bad("currency", name)
        brought[name] = value * rate - fees
    if len(brought) < 2:
        raise inputs.missing("offers")
    best, second = sorted(brought, key=lambda name: brought[name], reverse=True)[:2]
    each: Answers = {offer_name(name): value for name, value in brought.items()}
    advantage = brought[best] - brought[second]
    return each | {"best": best, "best_home": brought[best], "advantage": advantage}


@solves("finance_cost")
def waiting(inputs: Inputs) -> Answers:
    """What waiting for the money costs."""
    rate, days, amount = inputs.number("rate"), days_of(inputs), amount_of(inputs)
    amount -= inputs.money("down_payment", ZERO, of=amount)
    cost = finance_cost(amount, rate, days, day_count(inputs))
    return {"financed": amount, "finance_cost": cost}


@solves("credit_insurance")
def credit_insurance(inputs: Inputs) -> Answers:
    """出口信用保险: the insurer pays its share of a loss above what the exporter bears first."""
    amount = amount_of(inputs)
    loss = inputs.money("loss", amount)
    if loss > amount:
        raise inputs.bad("loss", loss)
    above = max(ZERO, loss - inputs.money("deductible", ZERO, of=loss))
    return {"indemnity": above * inputs.number("cover")}


@solves("discount")
def discount(inputs: Inputs) -> Answers:
    """贴现: a bill bought by a bank, its interest taken off, or as a yield on what is paid."""
    as_yield = inputs.flag("as_yield") or (inputs.has("yield") and not inputs.has("rate"))
    rate = inputs.number("rate" if inputs.has("rate") else "yield" if as_yield else "rate")
    days = days_of(inputs) + inputs.number("grace_days", ZERO)
    amount, share = amount_of(inputs), rate * days / day_count(inputs)
    paid = amount * inputs.number("advance_rate", ONE)
    off = paid - paid / (ONE + share) if as_yield else paid * share
    return {"advance": paid, "discount": off, "fee": inputs.money("commission", ZERO, of=amount)}


_TENOR = re.compile(r"(\d{1,3})([DWMY])")


def _rate_of(inputs: Inputs, item: Given) -> Decimal:
    """The rate of a quote that names its currencies."""
    rate = item.inputs.read(item.name) / item.named.scale
    inputs.asked.add(item.name)
    if item.named.quoted is None:
        near = f"{item.name}_usd_per_eur"
        raise inputs.error("check.unknown_word", name=item.name, method=inputs.method, near=near)
    must_be_within(item.name, rate, gt=0)
    return rate


def _quotes(inputs: Inputs) -> list[PairQuote]:
    """The quotes of a case, in their order."""
    found: dict[tuple[str, str], dict[str, Decimal]] = {}
    for word, side in product(("first", "second", "fx"), ("_bid", "_ask", "")):
        for item in inputs.every(word + side):
            rate = _rate_of(inputs, item)
            found.setdefault(item.named.quoted or ("", ""), {})[side] = rate
    for rates in found.values():
        if "" not in rates and len(rates) == 1:
            raise inputs.missing("ask" if "_bid" in rates else "bid")
    return [
        PairQuote(*pair, *(rates.get(side) or rates[""] for side in ("_bid", "_ask")))
        for pair, rates in found.items()
    ]


def _sale_rate(inputs: Inputs, quotes: list[PairQuote], currency: str, into: str) -> Decimal:
    """What one of a currency brings in another, straight or through a third."""
    if (amount := brought(quotes, currency, into)) is not None:
        return amount
    raise inputs.error("check.no_common_currency")


@solves("cross_rate")
def cross_rate(inputs: Inputs) -> Answers:
    """套算汇率: EUR in CNY of EUR in USD and USD in CNY, on the side that is worse for the asker.

    The bid sells the first currency at its bid for the common one, and that at its bid. An answer
    may name its two currencies: ``cross_cny_per_eur``.
    """
    quotes, per = _quotes(inputs), inputs.number("per", ONE)
    if len(quotes) < 2:
        raise inputs.missing("second" if quotes else "first")
    ends = [{quote.above, quote.below} for quote in quotes]
    common = ends[0] & ends[1]
    if len(common) != 1:
        raise inputs.error("check.no_common_currency")
    (own,), (theirs,) = ends[0] - common, ends[1] - common
    answers: Answers = {}
    for name, named in _asked_crosses(inputs, own, theirs).items():
        price, base = named.quoted or (theirs, own)
        count = named.scale if named.scale > 1 else per
        bid = count * _sale_rate(inputs, quotes, base, price)
        ask = count / _sale_rate(inputs, quotes, price, base)
        if name == "cross":
            one = all(quote.bid == quote.ask for quote in quotes)
            answers |= {"cross": bid} if one else {"cross_bid": bid, "cross_ask": ask}
        else:
            answers[name] = ask if "ask" in named.forms else bid
    return answers


def _asked_crosses(inputs: Inputs, own: str, theirs: str) -> dict[str, Named]:
    """The crosses that are asked for, with the two currencies of each; a plain one is of both."""
    gives = methods()[inputs.method].gives
    plain = Named(gives.words["cross"], quoted=(theirs, own))
    asked = ((name, gives.find(name)) for name in inputs.expected)
    return {"cross": plain, **{name: named for name, named in asked if named and named.quoted}}


@solves("triangular_arbitrage")
def triangular_arbitrage(inputs: Inputs) -> Answers:
    """三角套汇: round three currencies and back to the first, the better way round."""
    quotes, item = _quotes(inputs), inputs.needed("capital")
    if len(quotes) < 3:
        raise inputs.missing("third")
    start = item.named.currency or inputs.text("currency", "cny").lower()
    if not (back := round_trips(quotes, "cny" if start == "home" else start)):
        raise inputs.error("check.no_common_currency")
    capital, best = inputs.number("capital"), max(back)
    return {"end": capital * best, "profit": capital * (best - 1), "profit_rate": best - 1}


@solves("option_price")
def option_price(inputs: Inputs) -> Answers:
    """期权定价: a call and a put of a strike, by volatility; the interest is continuous."""
    if not inputs.has("years") and not inputs.has("day_count"):
        raise inputs.missing("day_count")
    amount = next((w for w in ("receivable", "payable", "exposure") if inputs.has(w)), "")
    spot, strike = inputs.quote("spot"), inputs.quote("strike")
    sigma = inputs.number("volatility")
    years = inputs.number("years") if inputs.has("years") else days_of(inputs) / year_of(inputs, "")
    must_be_within("volatility", min(sigma, years), gt=0)
    rates = interest(inputs, "r_price"), interest(inputs, "r_base")
    prices = option_prices(*map(float, (spot, strike, *rates, sigma, years)))
    whole = inputs.money(amount) if amount else ONE
    price = prices["put" if sign_of(inputs) > 0 else "call"] if inputs.has("option_type") else None
    return {
        **prices,
        "price": price,
        "call_home": whole * prices["call"],
        "put_home": whole * prices["put"],
    }


@solves("collar_receivable", "collar_payable")
def collar(inputs: Inputs) -> Answers:
    """区间期权: a receivable buys the put and sells the call, a payable the other way round."""
    amount, sign = amount_of(inputs), sign_of(inputs)
    least, most = inputs.quote("put_strike"), inputs.quote("call_strike")
    if least > most:
        raise inputs.bad("put_strike", least)
    spot = inputs.quote("spot_at_maturity")
    rate = min(max(spot, least), most)
    premium = premium_given(inputs, amount)
    home = amount * rate - sign * premium
    answers: Answers = {"home_at_maturity": home, "premium_home": premium}
    return answers | {"exercised": rate != spot, "rate": rate}


@solves("window_receivable", "window_payable")
def window(inputs: Inputs) -> Answers:
    """择期远期: who may choose the day is given the worst rate of the window's two ends."""
    amount, side, ends = amount_of(inputs), side_of(inputs), list[Decimal]()
    for end in ("start", "end"):
        if inputs.has(points := f"points_{end}"):
            ends.append(inputs.quote("spot", side=side, plus=forward_points(inputs, points)))
        else:
            ends.append(inputs.quote(f"forward_{end}", side=side))
    rate = min(ends) if side == "bid" else max(ends)
    return {"forward": rate, "home_at_maturity": amount * rate}


@solves("swap_sell_buy", "swap_buy_sell")
def swap(inputs: Inputs) -> Answers:
    """外汇掉期: foreign money sold now and bought back later, or bought now and sold later."""
    sells = inputs.method == "swap_sell_buy"
    amount, sides = inputs.money("amount"), ("bid", "ask") if sells else ("ask", "bid")
    near = inputs.quote("near" if inputs.has("near") else "spot", side=sides[0])
    if inputs.has("points") and not inputs.has("far"):
        plus = forward_points(inputs, "points", sides[1])
        far = inputs.quote("spot", side=sides[0], plus=plus)
    else:
        far = inputs.quote("far" if inputs.has("far") else "forward", side=sides[1])
    net = amount * (near - far if sells else far - near)
    return {"near_home": amount * near, "far_home": amount * far, "net_home": net,
            "points": far - near}  # fmt: skip


@solves("cip_implied")
def implied_interest(inputs: Inputs) -> Answers:
    """The interest that spot, forward and the other currency's interest imply."""
    inputs = to_price_currency(inputs)
    price, base = (year_of(inputs, side) for side in ("price", "base"))
    days = inputs.number("days")
    must_be_within("days", days, gt=0)
    ratio = inputs.quote("forward") / inputs.quote("spot")
    try:
        grown = ONE + interest(inputs, "r_base") * days / base
    except InputError as error:
        if error.key != "check.missing_input":
            raise
        grown = ONE + interest(inputs, "r_price") * days / price
        return {"r_base": (grown / ratio - ONE) * base / days}
    return {"r_price": (ratio * grown - ONE) * price / days}


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
    """起息日: spot after working days, the tenor from there, modified following over holidays."""
    listed = inputs.items("holidays")
    days = [inputs.table({"trade_date": day}, apart=True).day("trade_date") for day in listed]
    left = _whole(inputs, "settle_days", Decimal(SPOT_DAYS))
    spot, due = value_dates(inputs.day("trade_date"), *_tenor(inputs), frozenset(days), left)
    return {
        "spot_date": spot.isoformat(),
        "value_date": due.isoformat(),
        "days": Decimal((due - spot).days),
    }
