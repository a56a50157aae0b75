"""What every origin pays in a market under some rules, for the effects of a reform.

Whether an origin has an agreement is in no data that is loaded: a rival's duty is that without
one, and nothing inside the market's own customs territory.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from offing.landed.quote import quote
from offing.policy.overlay import Rules
from offing.rules.reform import Reform
from offing.study.costs import NO_QUOTE, OWN_DUTY, duty_rate_of, importer_of, request_for
from offing.study.firm_file import ArticleFacts
from offing.study.world import StudyInputs
from offing.terms.errors import MissingDataError, OffingError

Array = npt.NDArray[np.float64]
QUOTED = 8
"""Rivals whose duty is worked out one by one; the smaller ones pay what most of these pay."""


class Duties:
    """Duties of origins, as shares of the CIF value, each worked out once a customs territory."""

    def __init__(self, world: StudyInputs, facts: ArticleFacts, laws: Rules) -> None:
        self._world, self._facts, self._laws = world, facts, laws
        self._known: dict[tuple[str, str], float | None] = {}

    def importer(self, market: str) -> str:
        """The importer whose tariff the market has."""
        return importer_of(self._laws.rulebook, market)

    def of(self, market: str, origin: str) -> float | None:
        """The duty of one origin; ``None`` where neither the tariffs nor the study say."""
        importer = self.importer(market)
        key = (market if market in self._world.study.duty else importer, origin)
        if key not in self._known:
            self._known[key] = self._of(market, importer, origin)
        return self._known[key]

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
