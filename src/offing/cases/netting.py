"""Worked cases of payments within a group: what is left of them when they are netted."""

from decimal import Decimal

from offing.cases.given import ZERO, Answers
from offing.cases.inputs import Inputs, solves


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
