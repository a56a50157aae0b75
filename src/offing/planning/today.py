"""Doing nothing: what is sold today goes on, and any part of a plan can be held to it."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from offing.planning.offers import Array
from offing.planning.outcome import Decision
from offing.planning.programme import Facts, Programme


def staying(programme: Programme) -> Decision:
    """Today's way in every market, and no new hedge.

    Where that takes more hours than a line has, all that runs on it in that year gives way alike.
    No other limit cuts what exists.
    """
    facts = programme.facts
    today = np.array([offer.today for offer in facts.offers.rows], dtype=float)
    share = np.tile(today, (len(facts.offers.years), 1))
    return going_on(programme, Decision(today, share, np.zeros(len(programme.further))))


def going_on(programme: Programme, decision: Decision) -> Decision:
    """A decision that goes on whatever comes, and no hedge: only the hours of a line cut it."""
    share = decision.share.copy()
    for row in programme.rows:
        if row.limit == "line_hours" and row.share is not None:
            used = float((row.share * share[:, row.offers]).sum())
            if used > row.high:
                year = programme.offers.years.index(row.year or 0)
                share[year, row.offers] *= row.high / used
    return Decision(decision.choice, share, _further(programme, share))


def scaled(programme: Programme, factor: float) -> Decision:
    """Today's sales times a factor in every market, at most what the markets would take."""
    stay = staying(programme)
    share = np.minimum(stay.share * factor, 1.0)
    return Decision(stay.choice, share, _further(programme, share))


def _further(programme: Programme, share: Array) -> Array:
    """What follows from the shares: yearly sales, and what is exchanged; no hedge."""
    facts: Facts = programme.facts
    sales = (facts.sales_usd * share).sum(axis=1)
    values = np.zeros(len(programme.further))
    outlays = {hedge.currency: hedge.out_usd for hedge in facts.hedges}
    for place, variable in enumerate(programme.further):
        kind, _, subject = variable.name.partition("_")
        if kind == "total":
            values[place] = sales[facts.offers.years.index(int(subject))]
        elif kind == "exchanged":
            here = facts.where(currency=subject)
            receipts = float(facts.sales_usd[0, here] @ share[0, here])
            values[place] = abs(receipts - outlays[subject])
    return values


def held(programme: Programme, stay: Decision, groups: Collection[int]) -> Programme:
    """The programme in which some (model, market) stay as they are today."""
    if not groups:
        return programme
    here = np.isin(programme.facts.group, list(groups))
    kept = here & (stay.choice > 0)
    # What must be kept and is not served today cannot be held: then there is no plan.
    needed = programme.needed.copy()
    needed[programme.facts.group[kept]] = True
    return replace(
        programme,
        least=np.where(kept, stay.share, programme.least),
        most=np.where(kept, stay.share, programme.most),
        closed=(programme.closed & ~kept) | (here & ~kept),
        needed=needed,
    )
