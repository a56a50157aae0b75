"""Worked cases of what being paid through a bank costs: fees, spreads, discount, waiting."""

import re
from decimal import Decimal
from typing import cast

from offing.cases.given import ONE, ZERO, Answers, Value
from offing.cases.inputs import Inputs, solves
from offing.cases.positions import amount_of, day_count, days_of
from offing.settlement.charges import Fee, finance_cost


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


def _both_ways(inputs: Inputs) -> bool:
    """Whether the case says that the whole spread is meant."""
    return inputs.flag("round_trip")


@solves("spread_cost")
def spread_cost(inputs: Inputs) -> Answers:
    """点差成本: half the spread between the bank's two prices, on the amount."""
    bid, ask = inputs.quote("bid"), inputs.quote("ask")
    if bid > ask:
        raise inputs.bad("bid", bid)
    amount = amount_of(inputs) if inputs.has("amount", "receivable") else ONE
    cost = amount * (ask - bid) / (1 if _both_ways(inputs) else 2)
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
