"""What competitors from other origins pay in a market, as far as the loaded tariffs tell.

A tariff says what an origin without an agreement pays. Whether a rival has one is in no data
that is loaded, so a rival's duty is known in two cases only: it is in the market's own customs
territory, or the product is free for all. Nothing is guessed for the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from offing.landed.quote import quote
from offing.policy.overlay import Rules
from offing.rules.reform import Reform
from offing.rules.rulebook import Rulebook
from offing.study.costs import NO_QUOTE, OWN_DUTY, duty_rate_of, importer_of, request_for
from offing.study.inputs import StudyInputs
from offing.study.schema import ArticleFacts
from offing.terms.errors import MissingDataError, OffingError

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


Array = npt.NDArray[np.float64]
QUOTED = 8
"""Rivals whose duty is worked out one by one; the smaller ones pay what most of these pay."""


class Duties:
    """Duties of origins, as shares of the CIF value, each worked out once a customs territory."""

    def __init__(self, world: StudyInputs, facts: ArticleFacts, laws: Rules) -> None:
        self._world, self._facts, self._laws = world, facts, laws
        self._known_rate: dict[tuple[str, str], float | None] = {}

    def importer(self, market: str) -> str:
        """The importer whose tariff the market has."""
        return importer_of(self._laws.rulebook, market)

    def of(self, market: str, origin: str) -> float | None:
        """The duty of one origin; ``None`` where neither the tariffs nor the study say."""
        importer = self.importer(market)
        key = (market if market in self._world.study.duty else importer, origin)
        if key not in self._known_rate:
            self._known_rate[key] = self._of(market, importer, origin)
        return self._known_rate[key]

    def _of(self, market: str, importer: str, origin: str) -> float | None:
        if origin in territory(self._laws, market):
            return 0.0
        world = self._world
        request = request_for(world.study, self._facts, market, importer, world.km.get(market))
        own = world.study.duty.get(market)
        for duties in ({}, *([] if own is None else [{"mfn": str(own)}])):
            asked = replace(request, origin=origin, duties=duties)
            try:
                quoted = quote(asked, self._laws.rulebook, world.warehouse, world.fx)
            except OffingError as error:
                if error.key not in NO_QUOTE:
                    raise
                if NO_QUOTE[error.key] in OWN_DUTY:
                    continue
                break
            return float(duty_rate_of(quoted))
        return None

    def row(self, market: str, origins: Sequence[str]) -> Array | None:
        """The duties of origins, the largest first; ``None`` where the first one's is not known."""
        first = self.of(market, origins[0])
        if first is None:
            return None
        inside = territory(self._laws, market)
        quoted = [origin for origin in origins[1:] if origin not in inside][:QUOTED]
        by_origin = {origin: self.of(market, origin) for origin in quoted}
        rates = [rate for rate in by_origin.values() if rate is not None]
        usual = float(np.median(rates)) if rates else first
        by_origin[origins[0]] = first
        return np.array([0.0 if o in inside else _else(by_origin.get(o), usual) for o in origins])


def _else(rate: float | None, usual: float) -> float:
    return usual if rate is None else rate


def territory(laws: Rules, market: str) -> frozenset[str]:
    """The countries between which goods of a market's customs territory move without duty."""
    try:
        return frozenset({market, *laws.rulebook.regime(market).destinations})
    except MissingDataError:
        return frozenset({market})


def may_touch(reforms: Iterable[Reform], importer: str, code: str) -> bool:
    """Whether a reform names a rule of an importer, so that its duties are worth working out.

    A tariff line of other goods is none of these.
    """
    start = f"{importer.lower()}."
    named = [id_ for reform in reforms for id_ in reform.ids if id_.startswith(start)]
    lines = [id_.rpartition(".")[2] for id_ in named]
    return any(
        not line.isdigit() or line.startswith(code) or code.startswith(line) for line in lines
    )
