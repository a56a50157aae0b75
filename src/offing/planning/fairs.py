"""Fairs: what a place brings, which to support under a budget (展会支持方案), who goes by lot.

*What a place brings* is estimated from the fair's own editions or a local estimate, never a guess:
exports a firm sent that were recorded (实绩), of every edition that is given, shrunk towards the
mean of the catalogue (``estimators.shrinkage``). They are what was recorded, not what the fair
caused: some would have been sold without it. Intents and contracts never count.

*Which fairs.* A place brings its effect, but only as far as the segments of the fair have room:
firms that sell the same product in the same market share its growth::

    max Σ_s y_s     y_s = Σ_f y_fs ≤ room_s          (crowding: concave in the places)
                    Σ_s y_fs ≤ effect_f · p_f         p_f whole, 0 to places_f
                    Σ_f cost_f p_f + fixed_f z_f ≤ budget,  p_f ≤ places_f z_f

Among programmes that bring the same the cheapest is taken, so that no place is bought for nothing.
Everything is in one currency.

*By lot within classes* (分类抽签), which everybody can draw again from the seed: applicants stand
class by class, within a class in the order of their tickets, the SHA-256 of seed, draw and name.
From a start that the seed names too, every n-th of them wins (systematic sampling: Madow 1949,
Annals of Mathematical Statistics 20(3)). So each firm has the same chance, places over applicants;
a class gets its share of places, rounded up or down; within a class any firms are as likely as any
others.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from offing.estimators.shrinkage import shrunk
from offing.planning.linear import add_columns, add_rows, new_solver, run
from offing.planning.offers import INFINITE, Array
from offing.planning.solving import NODES
from offing.terms.firm_records import Fair, FairFirm

SAME = 1e-5
"""What all places together cost weighs so much of what the best fair brings: of programmes that
bring the same the cheapest is taken."""
JUST_MORE = 1e-5
"""Of what all places cost: where a fair is just full, or nothing is spent, the next unit is the one
beyond it, whatever the last one brought."""
EXACT = 40
"""Fairs up to which no gap is left open."""
GAP = 1e-3
"""Beyond it: 263 fairs then take a second; after 20,000 nodes 0.0004 are still open."""
Segment = tuple[str, str]
"""A product's heading and a market."""
DIGITS = 4
"""Of the products that share a segment: headings."""


def segments_of(
    products: Iterable[str], markets: Iterable[str], sold: Collection[str] = ()
) -> tuple[Segment, ...]:
    """Headings and markets that a fair is of; a chapter's headings are those of ``sold``."""
    headings: list[str] = []
    for code in products:
        below = [heading for heading in sorted(sold) if heading.startswith(code)]
        headings += [code[:DIGITS]] if len(code) >= DIGITS else below or [code]
    return tuple((code, market) for code in dict.fromkeys(headings) for market in markets)


@dataclass(frozen=True)
class FairOffer:
    """A fair that may be supported.

    Attributes:
        places: at most.
        place_cost: of each.
        fixed_cost: of the fair, where any place of it is supported.
        effect: what a place brings, 0 or more.
        segments: that what it brings can fall on; none for as much as it brings.
    """

    places: int
    place_cost: float
    fixed_cost: float
    effect: float
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True)
class Support:
    """A programme.

    Attributes:
        places: of each fair.
        brings: of each fair, after crowding.
        used: segment → what falls on it, of segments whose room is known.
        value: all that it brings.
        cost: of all places and fairs.
        next_unit: what one more unit of budget brings, by the relaxation without whole places.
    """

    places: tuple[int, ...]
    brings: tuple[float, ...]
    used: dict[Segment, float]
    value: float
    cost: float
    next_unit: float


class _Flows:
    """The rows of what is brought: columns ``y_fs``, after the columns of places and fairs."""

    def __init__(self, offers: Sequence[FairOffer], room: Mapping[Segment, float]) -> None:
        self.pairs = [
            (fair, segment)
            for fair, offer in enumerate(offers)
            for segment in (offer.segments or (None,))
        ]
        every = dict.fromkeys(s for _, s in self.pairs if s is not None)
        self.limited = [segment for segment in every if segment in room]
        self.room = np.array([max(room[s], 0.0) for s in self.limited])

    def flows_of_fair(self, fair: int) -> list[int]:
        """Places of a fair's flows."""
        return [i for i, (candidate, _) in enumerate(self.pairs) if candidate == fair]

    def flows_of_segment(self, segment: Segment) -> list[int]:
        """Places of the flows into a segment."""
        return [i for i, (_, candidate) in enumerate(self.pairs) if candidate == segment]


class _Programme:
    """The programme in HiGHS; money in units of ``scale``, the budget in units of itself."""

    def __init__(
        self, offers: Sequence[FairOffer], room: Mapping[Segment, float], *, whole: bool
    ) -> None:
        self.offers, self.flows = offers, _Flows(offers, room)
        self.scale = max((o.effect * o.places for o in offers), default=1.0) or 1.0
        self.costs = np.array([[o.place_cost, o.fixed_cost] for o in offers]).reshape(-1, 2)
        self.unit = max(float((self.costs[:, 0] * [o.places for o in offers]).sum()), 1.0)
        self.count = len(offers)
        self.solver = new_solver()
        self.solver.setOptionValue("mip_rel_gap", 0.0 if len(offers) <= EXACT else GAP)
        self.solver.setOptionValue("mip_abs_gap", 1e-10)
        self.solver.setOptionValue("mip_max_nodes", NODES)
        self._fill(whole)

    def _fill(self, whole: bool) -> None:
        import highspy

        n, pairs, solver = self.count, len(self.flows.pairs), self.solver
        rows = list(self._rows())
        add_rows(solver, np.full(len(rows), -INFINITE), np.array([most for most, _ in rows]))
        # a fair without a cost of its own is not in question
        least = [0.0] * n + [0.0 if offer.fixed_cost else 1.0 for offer in self.offers]
        most = [float(offer.places) for offer in self.offers] + [1.0] * n
        ends = np.r_[least, np.zeros(pairs)], np.r_[most, np.full(pairs, INFINITE)]
        cheap = SAME * self.costs.T.ravel() / self.unit if whole else np.zeros(2 * n)
        cells = [(row, at, value) for row, (_, cells) in enumerate(rows) for at, value in cells]
        row, column, value = map(np.array, zip(*cells, strict=True))
        add_columns(solver, np.r_[cheap, -np.ones(pairs)], ends, (row, column), value)
        for at in range(2 * n if whole else 0):
            solver.changeColIntegrality(at, highspy.HighsVarType.kInteger)

    def _rows(self) -> Iterator[tuple[float, list[tuple[int, float]]]]:
        """The budget, which is row 0 and set later, then fair by fair, then segments."""
        n, flows = self.count, self.flows
        spent = self.costs.T.ravel() / self.unit
        yield 0.0, [(at, cost) for at, cost in enumerate(spent) if cost]
        for fair, offer in enumerate(self.offers):
            brought = [(2 * n + i, 1.0) for i in flows.flows_of_fair(fair)]
            yield 0.0, [*brought, (fair, -offer.effect / self.scale)]
            if offer.fixed_cost:
                yield 0.0, [(fair, 1.0), (n + fair, -float(offer.places))]
        for segment, most in zip(flows.limited, flows.room, strict=True):
            yield most / self.scale, [(2 * n + i, 1.0) for i in flows.flows_of_segment(segment)]

    def solved(self, budget: float) -> Array:
        """The columns of the best programme under a budget."""
        self.solver.changeRowBounds(0, -INFINITE, budget / self.unit)
        run(self.solver, nodes=True)
        return np.array(self.solver.getSolution().col_value)

    @property
    def price(self) -> float:
        """What one more unit of budget brings; of a programme without whole numbers."""
        dual = float(self.solver.getSolution().row_dual[0])
        return max(-dual * self.scale / self.unit, 0.0)


def choose(offers: Sequence[FairOffer], room: Mapping[Segment, float], budget: float) -> Support:
    """The programme that brings most, and of those the cheapest.

    Args:
        offers: the fairs.
        room: what a segment can take in all; segments that it lacks take any sum.
        budget: 0 or more.
    """
    if not offers:
        return Support((), (), {}, 0.0, 0.0, 0.0)
    exact = _Programme(offers, room, whole=True)
    n, columns = len(offers), exact.solved(budget)
    places = np.round(columns[:n]).astype(int)
    flows = columns[2 * n :] * exact.scale
    brings, used = np.zeros(n), dict.fromkeys(exact.flows.limited, 0.0)
    for (fair, segment), usd in zip(exact.flows.pairs, flows, strict=True):
        brings[fair] += usd
        if segment is not None and segment in used:
            used[segment] += float(usd)
    for fair, offer in enumerate(offers):  # an open gap may leave a place that brings nothing
        needed = np.ceil(brings[fair] / offer.effect - 1e-6) if offer.effect else 0
        places[fair] = min(places[fair], int(needed))
    fixed = exact.costs[:, 1] * (places > 0)
    relaxed = _Programme(offers, room, whole=False)
    relaxed.solved(budget + JUST_MORE * max(relaxed.unit, float(exact.costs.max())))
    return Support(
        tuple(int(p) for p in places),
        tuple(float(b) for b in brings),
        used,
        float(brings.sum()),
        float((exact.costs[:, 0] * places + fixed).sum()),
        relaxed.price,
    )


def brought(offers: Sequence[FairOffer], room: Mapping[Segment, float], sums: Array) -> Array:
    """What a programme brings in each draw.

    Args:
        offers: the fairs.
        room: as in :func:`choose`.
        sums: draws × fairs: what its places would bring without crowding, 0 or more.

    Returns:
        One value a draw.
    """
    flows = _Flows(offers, room)
    scale = float(sums.max(initial=0.0)) or 1.0
    solver = new_solver()
    rows = [flows.flows_of_fair(fair) for fair in range(len(offers))]
    rows += [flows.flows_of_segment(segment) for segment in flows.limited]
    add_rows(
        solver, np.full(len(rows), -INFINITE), np.r_[np.zeros(len(offers)), flows.room / scale]
    )
    row, at = np.repeat(np.arange(len(rows)), [*map(len, rows)]), np.concatenate(rows).astype(int)
    count = len(flows.pairs)
    ends = np.zeros(count), np.full(count, INFINITE)
    add_columns(solver, -np.ones(count), ends, (row, at), np.ones(len(row)))
    values = np.empty(len(sums))
    for number, draw in enumerate(sums / scale):
        for fair, most in enumerate(draw):
            solver.changeRowBounds(fair, -INFINITE, float(most))
        run(solver)
        values[number] = -solver.getInfo().objective_function_value * scale
    return values


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
        centre: the catalogue's mean; ``None`` where too few editions are given.
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
    rng = np.random.default_rng([seed, len(fair.name)])
    score = rng.standard_normal(DRAWS) / NORMAL80
    lowest, highest = worth(low, currency), worth(high, currency)
    side = np.where(score < 0, middle - lowest, highest - middle)
    drawn = np.maximum(middle + score * side, 0.0)
    return Effect(middle, lowest, highest, None, fair.source), drawn


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


@dataclass(frozen=True)
class DrawnFirm:
    """A firm in the draw of a fair: its class (size, heading, 1 if it was never sent)."""

    fair: str
    lots: str
    firm: str
    won: bool


def fair_draw(
    fair: str, firms: Sequence[FairFirm], places: int, seed: str | None
) -> Iterator[DrawnFirm]:
    """Winners and losers of a fair; none without a seed, or where all that apply may go, or none.

    Args:
        fair: its name.
        firms: that may be sent.
        places: supported.
        seed: of all fairs.
    """
    if seed is None or not 0 < places < len(firms):
        return
    classes: defaultdict[str, list[str]] = defaultdict(list)
    for firm in firms:
        first = "" if firm.first is None else f"/{firm.first:d}"
        classes[f"{firm.size}/{firm.products[0][:DIGITS]}{first}"].append(firm.name)
    won = drawn(classes, places, f"{seed}\n{fair}")
    for lots, names in sorted(classes.items()):
        yield from (DrawnFirm(fair, lots, name, name in won) for name in sorted(names))


def drawn(classes: Mapping[str, Sequence[str]], places: int, seed: str) -> frozenset[str]:
    """Who wins.

    Args:
        classes: applicants by class, each firm once.
        places: fewer than applicants, else all win.
        seed: published before the draw; the same one draws the same.

    >>> drawn({"large": ["A", "B"], "small": ["C", "D"]}, 2, "1") == drawn(
    ...     {"small": ["D", "C"], "large": ["B", "A"]}, 2, "1")
    True
    """
    order = [
        firm
        for _, firms in sorted(classes.items())
        for firm in sorted(firms, key=lambda firm: _ticket(seed, firm))
    ]
    return frozenset(order[at] for at in winners(len(order), places, _ticket(seed, "")))


def winners(applicants: int, places: int, start: int) -> Iterator[int]:
    """Places in the order that win, from a start; its rest of a division by applicants counts.

    >>> [list(winners(4, 2, start)) for start in range(4)]
    [[1, 3], [1, 3], [0, 2], [0, 2]]
    """
    count, start = min(places, applicants), start % max(applicants, 1)
    for at in range(applicants):
        if (at * count + count + start) // applicants > (at * count + start) // applicants:
            yield at


def _ticket(seed: str, firm: str) -> int:
    return int(hashlib.sha256(f"{seed}\n{firm}".encode()).hexdigest(), 16)
