"""What a plan does about currencies: chosen for its moves, within the limit of its receivables.

*In turn or together.* A move is weighed without hedges on either side: two plans that are hedged
otherwise differ by the luck of a rate, and that luck would drown a small move. The hedges of the
moves that are left are chosen in the whole programme with its sales held. Where the loss that could
be borne binds without hedges, moves and hedges are chosen together.

*The limit* on the receivables is a quantile, which no linear programme holds. It is held by cuts of
the mean over the worst eighth of the paths, which for normal moves is the edge of the worst
twentieth (1.647 and 1.645 standard deviations). The bound is then scaled until the quantile itself
meets the limit.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from math import fsum

import numpy as np

from offing.planning.exchange import names_of
from offing.planning.inaction import PlanSolution
from offing.planning.linear import InfeasibleError, Master, Pool
from offing.planning.offers import Array, Currency, ExchangeRisk, Forward, Risk, RiskCut, Switch
from offing.planning.outcome import (
    Decision,
    currency_receipts,
    further_of,
    outcome,
    status_quo_decision,
    tail,
)
from offing.planning.plan import MoneyGain, MoneyMove
from offing.planning.programme import Programme, add_risk_cuts
from offing.planning.solving import Solution, settle
from offing.terms.errors import InputError

EIGHTH = 0.875
EDGE = 0.05
NEAR = 0.01
"""The limit is met where the quantile lies below it by no more than twice this part of it."""
ROUNDS = 30
RESCALED = 6
CLOSE = 1e-3
"""A loss within this part of what could be borne is all of it."""
ROOM = 1.02
"""Where even a full hedge does not keep the limit, it may be missed by what that misses and so much
more: no sale is given up for it."""
LEAST = 2e-3
"""Assumption of ours: for less than a five-hundredth of what it is about, half of a spread on a
usual currency, nobody signs a forward or asks a buyer for another invoice."""
MONEY = ("hedge_", "invoice_")
"""Variables of hedges and switches."""
SMALL = 1e-3
"""A hedge or switch of less than this part of a currency's receipts is none."""


def taken_of(programme: Programme, decision: Decision) -> dict[str, float]:
    """Hedges and switches of a decision by the names of their variables."""
    pairs = zip(programme.further, decision.further, strict=True)
    return {v.name: float(usd) for v, usd in pairs if v.name.startswith(MONEY)}


def first_receipts(programme: Programme, decision: Decision) -> dict[str, float]:
    """Currency → what a decision receives of it in the first year, USD."""
    sums, year = taken_of(programme, decision), programme.offers.years[0]
    codes = (currency.code for currency in programme.facts.treasury.currencies)
    return {c: currency_receipts(programme, decision.share, sums, c, year) for c in codes}


def _hedged_usd(programme: Programme, decision: Decision) -> dict[str, float]:
    """Currency → what a decision sells of it ahead."""
    sums, currencies = taken_of(programme, decision), programme.facts.treasury.currencies
    return {c.code: fsum(sums.get(name, 0.0) for name in names_of(c)) for c in currencies}


def receipt_shares(
    programme: Programme, decision: Decision
) -> tuple[tuple[str, float, float], ...]:
    """Currency, share of the first year's receipts, share of that hedged; the largest first."""
    received, hedged = first_receipts(programme, decision), _hedged_usd(programme, decision)
    total = fsum(received.values())
    rows = ((c, usd / total, hedged[c] / usd) for c, usd in received.items() if usd > SMALL * total)
    return tuple(sorted(rows, key=lambda row: -row[1])) if total > 0 else ()


def open_usd(programme: Programme, decision: Decision) -> dict[str, float]:
    """Currency → receipts of the first year less what is held and hedged; outlays not taken off."""
    received, hedged = first_receipts(programme, decision), _hedged_usd(programme, decision)
    currencies = programme.facts.treasury.currencies
    return {c.code: received[c.code] - c.held_usd - hedged[c.code] for c in currencies}


def hedge_ratios(programme: Programme, decision: Decision) -> dict[str, float]:
    """Currency → share of the first year's receipts less outlays that is hedged or held."""
    received, hedged = first_receipts(programme, decision), _hedged_usd(programme, decision)
    ratios = {}
    for currency in programme.facts.treasury.currencies:
        mine = received[currency.code] - currency.out_usd
        sold = currency.held_usd + hedged[currency.code]
        ratios[currency.code] = min(max(sold / mine, 0.0), 1.0) if mine > 0 else 0.0
    return ratios


def _moves(programme: Programme, decision: Decision, risk: ExchangeRisk) -> Array:
    """What each path brings more or less, as a share of the receivables."""
    uncovered = open_usd(programme, decision)
    total: Array = np.zeros(len(next(iter(risk.moves.values()), np.zeros(1))))
    receivable = 0.0
    for code, mine in first_receipts(programme, decision).items():
        usd = uncovered[code]
        receivable += mine
        if code in risk.moves:
            owed = risk.owed_usd.get(code, 0.0) / risk.stock
            total = total + (usd - owed) * risk.moves[code]
        if code in risk.fixing:
            total = total + (mine - usd) * risk.fixing[code]
    return total / max(receivable, 1.0)


def loss_of(programme: Programme, decision: Decision) -> float:
    """How far the 95 % limit of the receivables lies below what is expected, a share of them."""
    risk = programme.facts.treasury.risk
    if risk is None:
        return 0.0
    return max(-float(np.quantile(_moves(programme, decision, risk), EDGE)), 0.0)


def _worst_eighth(moves: Array) -> float:
    """How far the mean of the worst eighth lies below what is expected."""
    places, weights = tail(moves, EIGHTH)
    return -float(moves[places] @ weights)


def _cut(programme: Programme, decision: Decision, risk: ExchangeRisk) -> RiskCut | None:
    """The cut that a decision asks for; ``None`` where it keeps the bound."""
    moves = _moves(programme, decision, risk)
    places, weights = tail(moves, EIGHTH)
    if _worst_eighth(moves) <= risk.share * risk.scale * (1 + 1e-6):
        return None

    def over(paths: Mapping[str, Array]) -> dict[str, float]:
        return {c: -float(values[places] @ weights) for c, values in paths.items()}

    return over(risk.moves), over(risk.fixing)


def hedged_in_full(programme: Programme, decision: Decision) -> Decision:
    """The decision with all that can be sold ahead sold, at the first of its tenors."""
    received = first_receipts(programme, decision)
    sums = {n: usd for n, usd in taken_of(programme, decision).items() if n.startswith("invoice")}
    for currency in programme.facts.treasury.currencies:
        for name in names_of(currency)[:1]:
            sums[name] = max(received[currency.code] - currency.used_usd, 0.0)
    return replace(decision, further=further_of(programme, decision, sums))


def limit_receivables(programme: Programme, risk: Risk, pool: Pool, stay: Decision) -> Programme:
    """The programme with the cuts that hold the limit of its receivables.

    Where even a full hedge of doing nothing does not keep the limit, the limit is what that keeps.
    """
    if programme.facts.treasury.risk is None:
        return programme
    programme = _attainable(programme, stay)
    rescaled = 0
    for _ in range(ROUNDS):
        try:
            decision = Master(programme, risk, pool).solve().decision
        except InfeasibleError:
            # Another limit breaks, too: who solves the plan says which.
            return programme
        tightened = _tighter(programme, decision, rescaled)
        if tightened is None:
            return programme
        rescaled += tightened.scale != _risk(programme).scale
        programme = _with(programme, tightened)
    return programme


def _attainable(programme: Programme, decision: Decision) -> Programme:
    """The limit as asked, or as a full hedge of a decision would keep it."""
    limit = programme.facts.treasury.risk
    if limit is None:
        return programme
    full = hedged_in_full(programme, decision)
    share = max(limit.share, loss_of(programme, full) * ROOM)
    # Its worst eighth may lie further out than its limit does: the cuts must let it through.
    scale = max(limit.scale, _worst_eighth(_moves(programme, full, limit)) * ROOM / share)
    return _with(programme, replace(limit, share=share, scale=scale))


def _risk(programme: Programme) -> ExchangeRisk:
    risk = programme.facts.treasury.risk
    assert risk is not None
    return risk


def _tighter(programme: Programme, decision: Decision, rescaled: int) -> ExchangeRisk | None:
    """The limit with one cut more, or with its bound moved; ``None`` where it is met."""
    risk = programme.facts.treasury.risk
    if risk is None:
        return None
    cut = _cut(programme, decision, risk)
    if cut is not None:
        return replace(risk, cuts=(*risk.cuts, cut))
    loss = loss_of(programme, decision)
    # Without a cut a bound that is too wide leaves no mark: the quantile itself may lie beyond.
    binds = loss > (0 if risk.cuts else risk.share)
    enough = rescaled >= RESCALED and loss <= risk.share
    if not binds or enough or 1 - 2 * NEAR <= loss / risk.share <= 1:
        return None
    # Beyond the limit the bound is tightened; within it, let out as far as the quantile allows.
    return replace(risk, scale=risk.scale * risk.share * (1 - NEAR) / loss)


def _with(programme: Programme, risk: ExchangeRisk) -> Programme:
    treasury = replace(programme.facts.treasury, risk=risk)
    return add_risk_cuts(programme, replace(programme.facts, treasury=treasury))


def drop_treasury(programme: Programme) -> Programme:
    """The programme in which nothing is hedged and no invoice changes its currency."""
    return _closing(programme, [v.name for v in programme.further if v.name.startswith(MONEY)])


def _closing(programme: Programme, names: Collection[str]) -> Programme:
    further = tuple(
        replace(variable, most=0.0) if variable.name in names else variable
        for variable in programme.further
    )
    return replace(programme, further=further)


def plan_with_money(
    programme: Programme, risk: Risk, moves: Callable[[Programme, Pool], PlanSolution]
) -> PlanSolution:
    """A plan with its hedges and invoice currencies.

    ``moves`` makes the plan of a programme, with what was learnt.

    Raises:
        InputError: ``planning.limits_conflict``; with hedges, too.
    """
    least, pool, alone = risk.least_worst_cny, Pool(), None
    try:
        alone = moves(drop_treasury(programme), pool)
    except InputError as error:
        hedges = any(variable.name.startswith(MONEY) for variable in programme.further)
        if least is None or not hedges or error.key != "planning.limits_conflict":
            raise
    if alone is not None and not _binds(alone, least):
        return add_treasury(alone, programme, risk, pool)
    # The loss that could be borne cuts what hedges might allow: both are chosen together.
    pool = Pool()
    within = limit_receivables(programme, risk, pool, status_quo_decision(programme))
    within_limit = add_treasury(moves(within, pool), within, risk, pool)
    if alone is None:
        return within_limit
    other = add_treasury(alone, programme, risk, pool)
    return max(other, within_limit, key=lambda solved: solved.solution.value)


def _binds(solved: PlanSolution, least: float | None) -> bool:
    """Whether a plan bears all the loss that it may."""
    if least is None or not any(v.name.startswith(MONEY) for v in solved.programme.further):
        return False
    return -solved.solution.outcome.shortfall <= least + CLOSE * abs(least)


def add_treasury(
    solved: PlanSolution, programme: Programme, risk: Risk, pool: Pool
) -> PlanSolution:
    """A plan with the hedges and invoice currencies that suit its moves; what it sells stays.

    ``solved`` is without any, or with those of :func:`limit_receivables`, whose cuts are kept.
    """
    start = solved.solution
    if not any(v.name.startswith(MONEY) for v in programme.further):
        return solved
    share, chosen = start.decision.share, start.decision.choice > 0
    sold = replace(
        _attainable(programme, start.decision),
        closed=solved.programme.closed,
        least=np.where(chosen, share, programme.least),
        most=np.where(chosen, share, programme.most),
    )
    try:
        hedged, settled = _hedge_fixed_sales(sold, risk, pool, start.decision)
        hedged, settled = _trim_hedges(hedged, risk, pool, settled)
    except InfeasibleError:
        return replace(solved, money_failed=True)
    bound = start.bound + max(settled.value - start.value, 0.0)
    # Later questions may ask for other sales and for what was of no use here.
    opened = replace(hedged, least=programme.least, most=programme.most, further=programme.further)
    return replace(
        solved, programme=opened, solution=replace(settled, bound=max(bound, settled.value))
    )


def _hedge_fixed_sales(
    programme: Programme, risk: Risk, pool: Pool, decision: Decision
) -> tuple[Programme, Solution]:
    """Hedges and switches for given sales, with every cut that the limit asks for."""
    rescaled = 0
    settled = settle(programme, risk, pool, _may_hedge(programme, decision))
    for _ in range(ROUNDS):
        tightened = _tighter(programme, settled.decision, rescaled)
        if tightened is None:
            break
        rescaled += tightened.scale != _risk(programme).scale
        tighter = _with(programme, tightened)
        try:
            settled = settle(tighter, risk, pool, _may_hedge(tighter, settled.decision))
        except InfeasibleError:
            if not rescaled:
                raise
            break  # no hedge keeps the tighter bound: the nearest one stays
        programme = tighter
    return programme, settled


def _trim_hedges(
    programme: Programme, risk: Risk, pool: Pool, settled: Solution
) -> tuple[Programme, Solution]:
    """Without hedges and switches that bring next to nothing, the smallest first."""
    dollar, tried = programme.facts.limits.cny_per_usd, set()
    while True:
        sums = taken_of(programme, settled.decision)
        untried = {name: usd for name, usd in sums.items() if usd > 0 and name not in tried}
        if not untried:
            return programme, settled
        name = min(untried, key=untried.__getitem__)
        tried.add(name)
        try:
            closed, other = _hedge_fixed_sales(
                _closing(programme, {name}), risk, pool, settled.decision
            )
        except InfeasibleError:
            continue
        if settled.value - other.value <= LEAST * untried[name] * dollar:
            programme, settled = closed, other


def _may_hedge(programme: Programme, decision: Decision) -> Decision:
    """The decision in which all that is received beyond what is used may be hedged."""
    received, further = first_receipts(programme, decision), decision.further.copy()
    used = {currency.code: currency.used_usd for currency in programme.facts.treasury.currencies}
    for column, variable in enumerate(programme.further):
        kind, _, code = variable.name.partition("_")
        if kind == "hedging":
            further[column] = float(received[code] > used[code])
    return replace(decision, further=further)


def weighed_money(programme: Programme, decision: Decision) -> tuple[MoneyMove, ...]:
    """Every hedge and switch of a decision, all else as chosen, the largest first.

    ``amount`` is USD of the first year's receipts.
    """
    treasury = programme.facts.treasury
    weighed = [
        _hedge(programme, decision, currency, forward)
        for currency in treasury.currencies
        for forward in currency.forwards
    ]
    weighed += [_switch(programme, decision, switch) for switch in treasury.switches]
    return tuple(sorted(filter(None, weighed), key=lambda deal: -deal.amount))


def _hedge(
    programme: Programme, decision: Decision, currency: Currency, forward: Forward
) -> MoneyMove | None:
    name = f"hedge_{currency.code}_{forward.days}"
    usd = taken_of(programme, decision).get(name, 0.0)
    room = first_receipts(programme, decision)[currency.code] - currency.used_usd
    if usd <= SMALL * max(room, 1.0):
        return None
    return MoneyMove(
        "hedge", currency.code, currency_before="", market="", days=forward.days, ahead=False,
        instrument="", share=usd / room, amount=usd,
        **vars(brings(programme, decision, {name})),
    )  # fmt: skip


def _switch(programme: Programme, decision: Decision, switch: Switch) -> MoneyMove | None:
    usd = taken_of(programme, decision).get(switch.name, 0.0)
    of_market = programme.facts.where(market=switch.market, currency=switch.before)
    sales = float(programme.facts.sales_usd[0, of_market] @ decision.share[0, of_market])
    if usd <= SMALL * max(sales, 1.0):
        return None
    share = min(usd / sales, 1.0) if sales > 0 else 1.0
    return MoneyMove(
        "invoice", switch.after, currency_before=switch.before, market=switch.market, days=0,
        ahead=False, instrument="", share=share, amount=usd,
        **vars(brings(programme, decision, {switch.name})),
    )  # fmt: skip


def brings(programme: Programme, decision: Decision, names: Collection[str]) -> MoneyGain:
    """What hedges and switches bring, all else as chosen."""
    sums = taken_of(programme, decision)
    # What is exchanged lies at its least in both.
    chosen, other = (
        replace(decision, further=further_of(programme, decision, hedges))
        for hedges in (sums, sums | dict.fromkeys(names, 0.0))
    )
    with_it, without = outcome(programme, chosen), outcome(programme, other)
    return MoneyGain(
        mean_cny=with_it.mean - without.mean,
        worst_cny=without.shortfall - with_it.shortfall,
        loss=loss_of(programme, chosen),
        loss_without=loss_of(programme, other),
    )
