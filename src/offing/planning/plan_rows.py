"""A plan read back: a row for all that is sold today and all that is planned, and its cautions."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from offing.planning.conflict import STRUCTURE, Name, without
from offing.planning.inaction import Plan
from offing.planning.limits import Key, Risk
from offing.planning.linear import InfeasibleError
from offing.planning.moves import described
from offing.planning.offers import Array
from offing.planning.outcome import Decision
from offing.planning.programme import Programme
from offing.planning.solving import solve

BINDS = 1e-6
"""A limit binds where so small a share of it is left."""

LESS = 1e-3
"""Units that fall by less than this share are not called less."""


@dataclass(frozen=True)
class PlanRow:
    """What the plan does with one model in one market. Figures are of one year, in the mean.

    Attributes:
        model: the firm's article.
        market: alpha-3.
        kind: ``keep`` or the kind of the move.
        plant: from which it ships; empty where it is left.
        line: on which it is made.
        brand: ``own`` or ``oem``.
        currency: of the invoice.
        sales_now_usd: sales of the last twelve months in the ledger.
        sales_usd: planned.
        units: planned.
        price_usd: FOB, planned; today's where the market is left.
        margin_usd: contribution after the costs of keeping, at the plan's rate.
        low_usd: sales at the lower end of the 80 % interval.
        high_usd: at the upper end.
        share: of what the market would take at this price, 0 to 1.
    """

    model: str
    market: str
    kind: str
    plant: str
    line: str
    brand: str
    currency: str
    sales_now_usd: float
    sales_usd: float
    units: float
    price_usd: float
    margin_usd: float
    low_usd: float
    high_usd: float
    share: float


@dataclass(frozen=True)
class Caution:
    """A limit because of which the plan sells less than today, and where.

    Attributes:
        limit: kind and subject; see :func:`conflict.limit_text`.
        keys: the models and markets that shrink because of it.
    """

    limit: Name
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class HedgeRow:
    """A currency's hedge.

    Attributes:
        currency: sold forward.
        notional_usd: new, beside what is held.
        held_usd: already.
        net_receipts_usd: planned, of the first year.
        ratio: of notional and held over net receipts; ``None`` where there are none.
    """

    currency: str
    notional_usd: float
    held_usd: float
    net_receipts_usd: float
    ratio: float | None


def plan_rows(
    plan: Plan, sales_now_usd: Mapping[Key, float], year: int | None = None
) -> tuple[PlanRow, ...]:
    """A row for every (model, market) that is sold today or planned.

    Args:
        plan: to read.
        sales_now_usd: of the ledger, by model and market; each of them gets a row.
        year: of the horizon; ``None`` is its last.
    """
    programme = plan.programme
    facts, offers = programme.facts, programme.offers
    place = len(offers.years) - 1 if year is None else offers.years.index(year)
    taken = plan.solution.decision.choice > 0.5
    today = plan.stay.decision.choice > 0.5
    known = {key for key, sales in sales_now_usd.items() if sales > 0}
    kinds = {(move.model, move.market): move.kind for move in plan.moves}
    rows = []
    for group, key in enumerate(facts.keys):
        here = facts.group == group
        if not (taken | today)[here].any() and key not in known:
            continue
        kind = kinds.get(key, "keep" if taken[here].any() else "leave")
        rows.append(_row(plan, group, kind, sales_now_usd.get(key, 0.0), place))
    missing = sorted(known - set(facts.keys))
    # Sold today and without any offer: it still has a line, and the line says that it is left.
    rows += [
        PlanRow(*key, "leave", "", "", "", "", sales_now_usd[key], 0, 0, 0, 0, 0, 0, 0)
        for key in missing
    ]
    return tuple(sorted(rows, key=lambda row: (row.model, row.market)))


def _row(plan: Plan, group: int, kind: str, sales_now: float, year: int) -> PlanRow:
    programme, decision = plan.programme, plan.solution.decision
    facts, offers = programme.facts, programme.offers
    move = described(programme, decision, plan.stay.decision, group)
    if move.after is None:
        price = move.before.price_usd if move.before else 0.0
        return PlanRow(
            move.model, move.market, kind, "", "", "", "", sales_now, 0, 0, price, 0, 0, 0, 0
        )
    here = np.flatnonzero((facts.group == group) & (decision.choice > 0.5))[0]
    share = float(decision.share[year, here])
    sales: Array = offers.sales_usd[:, year, here] * share
    kept = move.after.keep_cny * float(facts.alive[year, here])
    margin = facts.profit_cny[year, here] * share - kept
    low, high = np.quantile(sales, (0.1, 0.9))
    return PlanRow(
        move.model,
        move.market,
        kind,
        move.after.plant,
        move.after.line,
        move.after.brand,
        move.after.currency,
        sales_now,
        float(sales.mean()),
        float(facts.units[year, here]) * share,
        move.after.price_usd,
        float(margin) / facts.limits.cny_per_usd,
        float(low),
        float(high),
        share,
    )


def used(programme: Programme, decision: Decision) -> dict[tuple[Name, int | None], float]:
    """How much of each limit with an upper end a decision uses: 1 is all of it."""
    found: dict[tuple[Name, int | None], float] = {}
    values = {v.name: x for v, x in zip(programme.further, decision.further, strict=True)}
    for row in programme.rows:
        if row.limit in STRUCTURE or not np.isfinite(row.high):
            continue
        most = row.high - sum(c * values[name] for name, c in row.further.items())
        total = 0.0 if row.share is None else (row.share * decision.share[:, row.offers]).sum()
        total += 0.0 if row.choice is None else row.choice @ decision.choice[row.offers]
        if most > 0:
            found[row.name, row.year] = float(total / most)
    return found


def cautions(plan: Plan, risk: Risk) -> tuple[Caution, ...]:
    """Limits because of which something sells less than today: without them it would not.

    Each limit that binds is left out in turn and the plan solved again.
    """
    programme = plan.programme
    units = _units(programme, plan.solution.decision)
    stay = _units(programme, plan.stay.decision)
    less = units < stay * (1 - LESS)
    if not less.any():
        return ()
    shares = used(programme, plan.solution.decision)
    names = dict.fromkeys(name for (name, _), share in shares.items() if share > 1 - BINDS)
    if risk.least_worst_cny is not None:
        names["least_worst", ""] = None
    found = []
    for name in names:
        try:
            free = solve(*without(programme, risk, [name]))
        except InfeasibleError:
            continue
        back = less & (_units(programme, free.decision) >= stay * (1 - LESS))
        if back.any():
            keys = tuple(programme.facts.keys[group] for group in np.flatnonzero(back))
            found.append(Caution(name, keys))
    return tuple(found)


def _units(programme: Programme, decision: Decision) -> Array:
    """By (model, market), over the horizon."""
    sold = (programme.facts.units * decision.share).sum(axis=0)
    total = np.zeros(len(programme.facts.keys))
    np.add.at(total, programme.facts.group, sold)
    return total


def hedge_rows(plan: Plan) -> tuple[HedgeRow, ...]:
    """The plan's hedges, their ratio read back."""
    programme, decision = plan.programme, plan.solution.decision
    facts = programme.facts
    values = {v.name: x for v, x in zip(programme.further, decision.further, strict=True)}
    rows = []
    for hedge in facts.hedges:
        here = facts.where(currency=hedge.currency)
        receipts = float(facts.sales_usd[0, here] @ decision.share[0, here]) - hedge.out_usd
        notional = float(values[f"hedge_{hedge.currency}"])
        ratio = (notional + hedge.held_usd) / receipts if receipts > 0 else None
        rows.append(HedgeRow(hedge.currency, notional, hedge.held_usd, receipts, ratio))
    return tuple(rows)
