"""Worked cases of several deals or outcomes: what they come to together."""

from offing.cases.given import ONE, ZERO, Answers
from offing.cases.inputs import Inputs, solves
from offing.cases.positions import amount_of


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
