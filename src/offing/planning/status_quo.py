"""Doing nothing: what is sold today goes on, and any part of a plan can be held to it."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from math import fsum

import numpy as np

from offing.planning.exchange import receipts
from offing.planning.offers import Array
from offing.planning.outcome import Decision
from offing.planning.programme import Programme, cut_by_hours


def status_quo_decision(programme: Programme) -> Decision:
    """Today's way in every market, and no new hedge.

    Where that takes more hours than a line has, all that runs on it in that year gives way alike.
    No other limit cuts what exists.
    """
    facts = programme.facts
    today = np.array([offer.today for offer in facts.offers.rows], dtype=float)
    share = np.tile(today, (len(facts.offers.years), 1))
    return continue_sales(programme, Decision(today, share, np.zeros(len(programme.further))))


def continue_sales(programme: Programme, decision: Decision) -> Decision:
    """A decision that goes on whatever comes, without hedges: only the hours of a line cut it."""
    share = cut_by_hours(programme.rows, programme.offers.years, decision.share)
    return Decision(decision.choice, share, further_of(programme, share, {}))


def further_of(programme: Programme, share: Array, taken: Mapping[str, float]) -> Array:
    """What follows from shares, hedges and switches: yearly sales, and what is exchanged.

    ``share`` is years × n; hedges and switches that are not named are nothing.
    """
    facts = programme.facts
    sales = (facts.sales_usd * share).sum(axis=1)
    outlays = {currency.code: currency.out_usd for currency in facts.treasury.currencies}
    values = np.array([taken.get(variable.name, 0.0) for variable in programme.further])
    for place, variable in enumerate(programme.further):
        kind, *subject = variable.name.split("_")
        if kind == "total":
            values[place] = sales[facts.offers.years.index(int(subject[0]))]
        elif kind == "hedging":
            values[place] = any(
                usd > 0 and name.startswith(f"hedge_{subject[0]}_") for name, usd in taken.items()
            )
        elif kind == "exchanged":
            net = currency_receipts(programme, share, taken, subject[0], int(subject[1]))
            values[place] = abs(net - outlays[subject[0]])
    return values


def currency_receipts(
    programme: Programme, share: Array, taken: Mapping[str, float], code: str, year: int
) -> float:
    """What a decision receives of a currency in a year, USD."""
    facts = programme.facts
    place = facts.offers.years.index(year)
    here, sales, switched = receipts(facts, code, place)
    moved = fsum(value * taken.get(name, 0.0) for name, value in switched.items())
    return float(sales[place] @ share[place, here]) + moved


def fix_markets(programme: Programme, stay: Decision, groups: Collection[int]) -> Programme:
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
