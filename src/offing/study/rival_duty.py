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
    inside = pl.DataFrame(
        [(market, country, True) for market in duty for country in _territory(rulebook, market)],
        schema={"importer": pl.String, "exporter": pl.String, "inside": pl.Boolean},
        orient="row",
    )
    others = pl.col("exporter") != pl.col("importer"), pl.col("exporter") != origin
    sales = pl.col("value_usd")
    rivals = (
        flows.lazy()
        .filter(pl.col("importer").is_in(list(duty)), *others)
        .join(inside.lazy(), on=["importer", "exporter"], how="left")
        .group_by("importer")
        .agg(sales.sum(), sales.filter("inside").sum().alias("known"))
        .filter(sales > 0)
        .collect()
    )
    covered = {
        market
        for market, total, within in rivals.rows()
        if duty[market] == 0 or within >= LEAST_KNOWN * total
    }
    return {market: 0.0 for market in duty if market in covered}


def _territory(rulebook: Rulebook, market: str) -> list[str]:
    """The countries between which goods of a market's customs territory move without duty."""
    try:
        return sorted(rulebook.regime(market).destinations)
    except MissingDataError:
        return []
