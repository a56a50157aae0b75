"""What a market costs each year while any model is sold there (维持成本的共用部分).

Each model bears a part of it, by its sales. One that leaves takes its part along only where all do:
else the part stays with the firm, as a further variable of the market.
"""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from offing.planning.offers import Array, Facts, Places, Row, Variable

KEPT = "kept_market"
"""The kind of the rows, and the first word of the variables."""


def rows_of(facts: Facts) -> list[Row]:
    """``left_m + Σ part_o y_o ≥ Σ parts × y_g`` for each model g; where models beside the plan are
    sold, ``left_m + Σ part_o y_o ≥ Σ parts``.
    """
    rows = []
    for market, here, parts, total in _shared_markets(facts):
        left, groups = {f"{KEPT}_{market}": 1.0}, facts.group[here]
        if market in facts.limits.beside:
            rows.append(Row(KEPT, market, None, here, choice=parts, further=left, low=total))
            continue
        for group in np.unique(groups):
            staying = parts - total * (groups == group)
            rows.append(Row(KEPT, market, None, here, choice=staying, further=left, low=0.0))
    return rows


def variables(facts: Facts) -> Iterator[Variable]:
    """What stays of each market, CNY a year; it costs while the market takes what is sold today."""
    offers = facts.offers
    today = np.array([offer.today for offer in offers.rows])
    for market, here, _, total in _shared_markets(facts):
        alive = (offers.units[:, :, here[today[here]]] > 0).any(axis=2)
        if market in facts.limits.beside:
            alive = np.ones_like(alive)
        paid = -(alive * offers.discount)
        yield Variable(f"{KEPT}_{market}", total, payoff=paid.sum(axis=1), by_year=paid)


def left_of(rows: tuple[Row, ...], choice: Array) -> dict[str, float]:
    """What stays of each market with these choices, CNY a year."""
    left: dict[str, float] = defaultdict(float)
    for row in rows:
        if row.limit == KEPT and row.choice is not None:
            needed = row.low - float(row.choice @ choice[row.offers])
            left[row.subject] = max(left[row.subject], needed)
    return left


def _shared_markets(facts: Facts) -> Iterator[tuple[str, Places, Array, float]]:
    """Markets that several models share: offers of what is sold today, their parts, the sum."""
    offers, by_market = facts.offers, defaultdict(list)
    for place, row in enumerate(offers.rows):
        if row.sold and row.keep_cny > 0:
            by_market[row.market].append(place)
    for market, places in sorted(by_market.items()):
        here = np.array(places, dtype=np.intp)
        groups, first = np.unique(facts.group[here], return_index=True)
        if len(groups) > 1 or market in facts.limits.beside:
            parts = offers.keep_cny[here]
            yield market, here, parts, float(parts[first].sum())
