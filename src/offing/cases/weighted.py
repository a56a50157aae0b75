"""Worked cases of several deals, currencies, outcomes or payments: what they come to together."""

from decimal import Decimal

from offing.cases.given import ONE, ZERO, Answers
from offing.cases.inputs import Inputs, solves
from offing.cases.positions import amount_of, day_count, days_of


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
        present, total, weighted = (
            present + amount / grown,
            total + amount,
            weighted + amount * days,
        )
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
