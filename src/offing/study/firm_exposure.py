"""What a shock or a reform touches of what a province's firms sell (受影响的出口).

It is worked out on sums that may be published (:mod:`offing.policy.disclosure`), each as a whole or
not at all, and by its place alone: a sum of several headings is touched where all goods of its
market are. So nothing here tells more of a firm than these sums do.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Literal

import numpy as np
import polars as pl

from offing.estimators import Floats
from offing.policy.disclosure import PublishedSum, least_firms
from offing.policy.effects import DEMAND, EffectRange, armington, spread
from offing.policy.overlay import Rules, under
from offing.policy.shock_file import Shock, ShockFile
from offing.refunds.rules import DatedRate
from offing.rules.duty import share_of
from offing.rules.reform import Reform
from offing.rules.rule_use import REFUND
from offing.sources.elasticities import substitution_of
from offing.terms.errors import OffingError
from offing.terms.interval import holding
from offing.terms.messages import language

DRAWS = 200
WEEKS = 52
"""Of a year: what is not shipped in a closure is lost."""
GENERAL = "chn.refund.general"
DIGITS = 4
Flows = Callable[[str], pl.DataFrame | None]
"""Heading → its latest year: ``exporter``, ``importer``, ``value_usd``; ``None`` where unknown."""


@dataclass(frozen=True)
class MeasurePart:
    """One change of a measure.

    Attributes:
        kind: a duty on top, a change of what markets buy, points of refund lost, or another one
            that no figure is made of.
        markets: alpha-3; ``None`` for all.
        headings: none for all.
        size: a share; ``None`` where it is not known for a heading.
        origins: whether an origin is touched by the duty.
        but: headings that are not touched.
        is_cut: whether a duty of unknown size falls to nothing.
    """

    kind: Literal["duty", "buys", "refund", "other"]
    markets: frozenset[str] | None
    headings: tuple[str, ...] = ()
    size: float | None = None
    origins: Callable[[str], bool] = lambda _: True
    but: frozenset[str] = frozenset()
    is_cut: bool = False

    def touches(self, one: PublishedSum) -> bool:
        """Whether all that a sum can be of is touched."""
        anywhere = self.markets is None or one.market in self.markets
        if self.headings:
            return anywhere and one.heading in self.headings
        return anywhere and (not self.but or one.heading not in {*self.but, ""})


@dataclass(frozen=True)
class Measure:
    """A shock or a reform in its parts; ``source`` is where its sizes are from."""

    name: str
    source: str
    parts: tuple[MeasurePart, ...]

    def touched(self, sums: Iterable[PublishedSum]) -> tuple[PublishedSum, ...]:
        """The sums that it touches as a whole."""
        return tuple(one for one in sums if any(part.touches(one) for part in self.parts))


@dataclass(frozen=True)
class Exposure:
    """What a measure touches, USD a year.

    Attributes:
        name: of the measure.
        source: of its sizes.
        firms: in the sums touched, at least.
        touched: sales of these sums.
        change: of sales, over the draws of the elasticity; ``None`` where none can be computed.
        computed: the sales that it is of.
        uncomputed: touched by more than a refund, and no change can be computed.
        refund: refund that firms lose at most; ``None`` where the measure is of none, below zero
            where they gain.
        headings: whose elasticities it rests on.
        markets: that are touched.
        is_cut: whether only duties fall to nothing where no change can be computed.
    """

    name: str
    source: str
    firms: int
    touched: float
    change: EffectRange | None
    computed: float
    uncomputed: float
    refund: float | None
    headings: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    is_cut: bool = False


def measure_of_shock(shock: Shock, laws: Rules, home: str) -> Measure:
    """A shock; duties on other origins than ``home`` help it where it sells."""
    file, size = shock.file, shock.size
    parts = [*_duties(shock, laws)]
    for bought in file.imports:
        headings = tuple(code[:DIGITS] for code in bought.products)
        change = shock.factor(bought.change) - 1
        parts.append(MeasurePart("buys", _some(bought.markets), headings, change))
    if weeks := sum(closed.weeks for closed in file.closed) * size:
        parts.append(MeasurePart("buys", None, (), -min(weeks / WEEKS, 1.0)))
    for cut in file.refund:
        named = tuple(dict.fromkeys(code[:DIGITS] for code in cut.products))
        parts.append(MeasurePart("refund", None, named, -cut.points * size))
    parts += _open(file)
    about = file.shock
    source = about.source_zh if language() == "zh" and about.source_zh else about.source
    ours = any(part.kind != "duty" or part.origins(home) for part in parts)
    return Measure(shock.title, source, tuple(parts) if ours else ())


def _open(file: ShockFile) -> list[MeasurePart]:
    """Parts of a shock of which no figure is made."""
    everywhere = [MeasurePart("other", None) for _ in (*file.exchange, *file.interest)]
    reaches = [freight.markets for freight in file.freight] + [f.markets for f in file.floor]
    return everywhere + [MeasurePart("other", _some(markets)) for markets in reaches]


def _duties(shock: Shock, laws: Rules) -> Iterator[MeasurePart]:
    for duty in shock.file.duty:
        inside = _inside(laws, duty.importer)
        hits = partial(_is_hit, duty.origins, {*duty.not_origins, *inside})
        yield MeasurePart("duty", inside, (), duty.rate * shock.size, hits)


def _is_hit(to: Collection[str], but: Collection[str], origin: str) -> bool:
    return (not to or origin in to) and origin not in but


def _inside(laws: Rules, importer: str) -> frozenset[str]:
    """The markets of an importer: of a customs union all its members."""
    regime = laws.rulebook.regimes.get(importer.upper())
    return frozenset({importer.upper(), *(regime.destinations if regime else ())})


def _some(markets: Sequence[str]) -> frozenset[str] | None:
    return frozenset(markets) or None


def measure_of_reform(reform: Reform, laws: Rules, on: date) -> Measure:
    """A reform: which duty of a heading a line changes is not known, points of refund are.

    Raises:
        InputError, RuleError: as :func:`offing.policy.overlay.under`.
    """
    after = under(laws, reform)
    parts = [MeasurePart("other", None) for _ in reform.exchange]
    free = {rate.id for rate in reform.rates if share_of(rate.duty) == 0}
    for id_ in reform.ids:
        importer, _, rest = id_.partition(".")
        line = rest.rpartition(".")[2]
        if id_.startswith(REFUND):
            codes, size = _refund_cut(id_, laws.refund_rates, after.refund_rates, on)
            goods = None if codes or id_ == GENERAL else frozenset[str]()  # of no known codes
            own = _own_rate(laws.refund_rates, on) if id_ == GENERAL else frozenset[str]()
            parts.append(MeasurePart("refund", goods, codes, size, but=own))
        else:
            markets = _inside(laws, importer)
            headings = (line[:DIGITS],) if line[:DIGITS].isdecimal() else ()
            parts.append(MeasurePart("duty", markets, headings, is_cut=id_ in free))
    name = reform.name_zh if language() == "zh" and reform.name_zh else reform.name
    return Measure(name, "", tuple(parts))


def _own_rate(rates: Sequence[DatedRate], on: date) -> frozenset[str]:
    """Headings in which goods have a refund rate of their own."""
    return frozenset(code[:DIGITS] for one in holding(rates, on) for code in one.codes)


def _refund_cut(
    id_: str, before: Sequence[DatedRate], after: Sequence[DatedRate], on: date
) -> tuple[tuple[str, ...], float | None]:
    """Headings that a refund rule is of, none for all, and the points that are lost."""

    def rate(rates: Sequence[DatedRate], of: str) -> DatedRate | None:
        return next((one for one in rates if one.id == of and one.when.holds(on)), None)

    new, old = rate(after, id_), rate(before, id_) or rate(before, GENERAL)
    lost = None if new is None or old is None else float(old.refund_rate - new.refund_rate)
    named = new or rate(before, id_)
    codes = () if named is None else named.codes
    return tuple(dict.fromkeys(code[:DIGITS] for code in codes)), lost


def exposure(measure: Measure, sums: Sequence[PublishedSum], home: str, flows: Flows) -> Exposure:
    """What a measure does to the sums it touches.

    Args:
        measure: that is tried.
        sums: touched by it, of sales.
        home: origin of the firms.
        flows: of a heading.
    """
    total = np.zeros(DRAWS)
    computed = uncomputed = 0.0
    left: list[MeasurePart] = []
    for one in sums:
        parts = [p for p in measure.parts if p.touches(one) and p.kind != "refund"]
        factor = _factor(one, parts, home, flows)
        if factor is not None:
            total += one.value * (factor - 1)
            computed += one.value
        elif parts:
            uncomputed += one.value
            left += parts
    headings = _headings(measure, sums) if computed else ()
    return Exposure(
        measure.name, measure.source, least_firms(sums), sum(one.value for one in sums),
        spread(total) if computed else None, computed, uncomputed,
        _refund(measure, sums), headings,
        tuple(dict.fromkeys(one.market for one in sums if one.market)),
        all(part.is_cut for part in left),
    )  # fmt: skip


def _headings(measure: Measure, sums: Iterable[PublishedSum]) -> tuple[str, ...]:
    """Whose elasticities are used: of a duty."""
    if not any(part.kind == "duty" for part in measure.parts):
        return ()
    return tuple(dict.fromkeys(one.heading for one in sums if one.heading))


def _refund(measure: Measure, sums: Sequence[PublishedSum]) -> float | None:
    """Points × sales, summed; ``None`` where no refund is touched."""
    cuts = [
        part.size * one.value
        for part in measure.parts
        if part.kind == "refund" and part.size is not None
        for one in sums
        if part.touches(one)
    ]
    return sum(cuts) if cuts else None


def _factor(
    one: PublishedSum, parts: Sequence[MeasurePart], home: str, flows: Flows
) -> Floats | None:
    """Draws of the factor on a sum; ``None`` where a part of it cannot be computed."""
    if not parts or any(part.size is None for part in parts):
        return None
    bought = np.prod([1 + (part.size or 0.0) * (part.kind == "buys") for part in parts])
    duties = [part for part in parts if part.kind == "duty"]
    moved = _demand(one, duties, home, flows) if duties else np.ones(DRAWS)
    return None if moved is None else moved * float(bought)


def _demand(
    one: PublishedSum, duties: Sequence[MeasurePart], home: str, flows: Flows
) -> Floats | None:
    """What origin ``home`` sells in a market under duties over what it sells today."""
    told = flows(one.heading) if one.heading else None
    if told is None:
        return None
    rows = told.filter((pl.col("importer") == one.market) & (pl.col("value_usd") > 0))
    origins = rows["exporter"].to_list()
    try:
        sigma = substitution_of(one.heading).draws(DRAWS, 1)
    except OffingError:
        return None
    if home not in origins:
        return None
    added = np.array([sum(p.size or 0.0 for p in duties if p.origins(o)) for o in origins])
    imports = rows["value_usd"].to_numpy()
    moved = armington(imports, np.zeros(len(added)), added, sigma, DEMAND)
    return np.asarray(moved[:, origins.index(home)])


def latest_flows(flows: pl.DataFrame) -> pl.DataFrame:
    """Those of the last year, tiers and finer codes added up."""
    last = flows.filter(pl.col("year") == pl.col("year").max())
    return last.group_by("exporter", "importer").agg(pl.col("value_usd").sum())
