"""What a place at a fair brings, from the fair's own editions or a local estimate; never a guess.

Recorded exports a firm sent (实绩), of every edition that is told, shrunk towards the mean of the
catalogue (``estimators.shrinkage``). They are what was recorded, not what the fair caused: some
would have been sold without it. Intents and contracts never count.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from offing.estimators.shrinkage import shrunk
from offing.planning.offers import Array
from offing.terms.firm_records import Fair

DRAWS = 400
NORMAL80 = 1.2815515655446004
"""The half width of a normal's 80 % interval, in standard deviations."""
Rate = Callable[[Decimal, str], float]
"""An amount and its currency → yuan."""


@dataclass(frozen=True)
class Effect:
    """What a place brings, CNY a year after the fair.

    Attributes:
        value: expected, 0 or more.
        low: end of its 80 % interval; ``None`` where a local estimate has none.
        high: the other end.
        own: weight of the fair's own editions, the rest is the catalogue's; ``None`` of a local
            estimate.
        source: of a local estimate, else empty.
    """

    value: float
    low: float | None
    high: float | None
    own: float | None
    source: str


@dataclass(frozen=True)
class Effects:
    """Of a catalogue.

    Attributes:
        of: fair's name → its effect; fairs without are not there.
        draws: fair's name → draws of what a place brings, 0 or more.
        noise: how far one firm's recorded export of an edition lies from that, by draw.
        centre: the catalogue's mean; ``None`` where too few editions are told.
        editions: with recorded exports.
        fairs: that have any.
    """

    of: dict[str, Effect]
    draws: dict[str, Array]
    noise: Array
    centre: float | None
    editions: int
    fairs: int

    def sums(self, names: Sequence[str], places: Sequence[int], seed: int = 1) -> Array:
        """Draws × fairs: what an edition may record of so many places, without crowding."""
        rng = np.random.default_rng(seed)
        columns = []
        for name, count in zip(names, places, strict=True):
            usual = self.draws.get(name, np.zeros(DRAWS)) * count
            local = self.of[name].own is None if name in self.of else True
            luck = 0.0 if local else self.noise * np.sqrt(count) * rng.standard_normal(DRAWS)
            columns.append(np.maximum(usual + luck, 0.0))
        return np.column_stack(columns) if columns else np.zeros((DRAWS, 0))


def effects(fairs: Iterable[Fair], worth: Rate, seed: int = 1) -> Effects:
    """The effects of a catalogue's fairs.

    A local estimate, which has a source, stands before the fair's own editions. With fewer than
    three editions of two fairs nothing tells how far fairs differ, and none has an effect of its
    own editions.
    """
    rows = list(fairs)
    told = [
        (fair.name, worth(fair.edition.recorded, fair.edition.currency), fair.edition.firms)
        for fair in rows
        if fair.edition is not None and fair.edition.recorded is not None
    ]
    estimated = _effects_by_edition(told, seed)
    for fair in rows:
        if fair.effect is not None:
            estimated.of[fair.name], estimated.draws[fair.name] = _local(fair, worth, seed)
    return estimated


def _effects_by_edition(told: Sequence[tuple[str, float, int]], seed: int) -> Effects:
    """The effects of fairs by their editions: name, recorded CNY, firms sent."""
    names = list(dict.fromkeys(name for name, _, _ in told))
    group = np.array([names.index(name) for name, _, _ in told], dtype=np.int64)
    size = np.array([float(firms) for _, _, firms in told])
    value = np.array([recorded for _, recorded, _ in told]) / size
    pooled = shrunk(value, size, group, draws=DRAWS, seed=seed)
    if pooled is None:
        return Effects({}, {}, np.zeros(DRAWS), None, len(told), len(names))
    draws = dict(zip(names, np.maximum(pooled.draws, 0.0).T, strict=True))
    low, high = (
        {name: float(np.quantile(drawn, level)) for name, drawn in draws.items()}
        for level in (0.1, 0.9)
    )
    of = {
        name: Effect(max(float(mean), 0.0), low[name], high[name], float(own), "")
        for name, mean, own in zip(names, pooled.mean, pooled.own, strict=True)
    }
    return Effects(of, draws, pooled.noise, pooled.centre, len(told), len(names))


def _local(fair: Fair, worth: Rate, seed: int) -> tuple[Effect, Array]:
    assert fair.effect is not None
    value, low, high, currency = fair.effect
    middle = worth(value, currency)
    if low is None or high is None:
        return Effect(middle, None, None, None, fair.source), np.full(DRAWS, middle)
    ends = worth(low, currency), worth(high, currency)
    rng = np.random.default_rng([seed, len(fair.name)])
    score = rng.standard_normal(DRAWS) / NORMAL80
    side = np.where(score < 0, middle - ends[0], ends[1] - middle)
    drawn = np.maximum(middle + score * side, 0.0)
    return Effect(middle, *ends, None, fair.source), drawn


def last_editions(rows: Iterable[Fair], yuan: Rate) -> dict[str, dict[str, float | None]]:
    """Of each fair the edition on its own row, else the first one that is told, a firm in CNY.

    Under ``firms``, ``intent``, ``contract`` and ``recorded``.
    """
    found: dict[str, dict[str, float | None]] = {}
    for fair in sorted(rows, key=lambda fair: fair.places is None):
        edition = fair.edition
        if edition is not None and fair.name not in found:
            sums = {name: getattr(edition, name) for name in ("intent", "contract", "recorded")}
            found[fair.name] = {"firms": edition.firms} | {
                name: None if x is None else yuan(x, edition.currency) / edition.firms
                for name, x in sums.items()
            }
    return found
