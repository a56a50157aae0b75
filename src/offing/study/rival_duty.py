"""What competitors from other origins pay in a market, as far as the loaded tariffs tell.

A tariff says what an origin without an agreement pays. Whether a rival has one is in no data
that is loaded, so a rival's duty is known in two cases only: it is in the market's own customs
territory, or the product is free for all. Nothing is guessed for the others.
"""

from collections.abc import Mapping

import polars as pl

from offing.rules.rulebook import Rulebook
from offing.terms.errors import MissingDataError

LEAST_KNOWN = 0.5
"""Share of the rivals' sales in a market whose duty must be known."""


def rival_duties(
    duty: Mapping[str, float], flows: pl.DataFrame, origin: str, rulebook: Rulebook
) -> dict[str, float]:
    """Market → duty over CIF value that rivals pay, weighted by their sales.

    Markets are left out where the duty of too many rivals is not known.

    Args:
        duty: market → the origin's own duty, without a preference.
        flows: ``importer``, ``exporter``, ``value_usd`` of the product in one year.
        origin: the exporter asked for.
        rulebook: knows the customs territories.
    """
    found = {}
    for market, own in duty.items():
        rivals = flows.filter(
            (pl.col("importer") == market) & ~pl.col("exporter").is_in([origin, market])
        )
        total = float(rivals["value_usd"].sum())
        if total <= 0:
            continue
        inside = rivals["exporter"].is_in(_territory(rulebook, market))
        known = total if own == 0 else float(rivals.filter(inside)["value_usd"].sum())
        if known >= LEAST_KNOWN * total:
            found[market] = 0.0
    return found


def _territory(rulebook: Rulebook, market: str) -> list[str]:
    """The countries between which goods of a market's customs territory move without duty."""
    try:
        return sorted(rulebook.regime(market).destinations)
    except MissingDataError:
        return []
