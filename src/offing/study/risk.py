"""How sure a plan is: the frontier, regret, what limits are worth, and what turns it around.

All of it uses the plan's own scenarios. What was struck ("not yet") stays as it is today: the
frontier is that of plans whose moves are likely enough, and the plan itself is its boldest point.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from math import fsum

import numpy as np

from offing.planning.inaction import PlanSolution
from offing.planning.limits import (
    CAPS,
    Name,
    ShadowPrice,
    amounts_of,
    binding_caps,
    shadow_prices,
    value_of_more,
)
from offing.planning.linear import Pool
from offing.planning.moves import Move, changed_markets
from offing.planning.offering import Delivery, Outlet
from offing.planning.offers import Array, Currency, Offer, Offers, Risk, Treasury
from offing.planning.programme import Programme, build, facts_of, line_hours
from offing.planning.risk import (
    FACTORS,
    BarFigures,
    LimitFigures,
    PointFigures,
    Rebuilt,
    RiskFigures,
    frontier,
    gains_at,
    regrets,
    rescale_offers,
    turning_points,
)
from offing.planning.solving import Solution
from offing.planning.treasury import receipt_shares
from offing.study.choices import ARRAYS, ChoiceSet
from offing.study.plan import StudyPlan
from offing.study.result import StudyResult
from offing.study.treasury import shift_rate
from offing.terms.background import tell
from offing.terms.messages import say

LEAST_SHARE = 0.05
"""A currency of less than a twentieth of all sales is no input of its own."""

Offered = Callable[[float], Offers]
"""The offers where an input is multiplied by a factor."""


Sensitivity = tuple[str, str, float | None, Rebuilt]
"""An input by its name, what it is about, its value where that says something, and what the
programme is where it is multiplied by a factor."""


@dataclass(frozen=True)
class _Basis:
    """Offers with what their profit is made of; ``alive`` is years × n, see :class:`Facts`."""

    made: ChoiceSet
    alive: Array

    @cached_property
    def offers(self) -> Offers:
        """One world: the means; the yearly costs of a market end where it is left."""
        whole = self.made.offers
        means = {
            name: getattr(whole, name).mean(axis=0, keepdims=True, dtype=np.float64)
            for name in ARRAYS
        }
        lasting = whole.discount @ self.alive / whole.discount.sum()
        rows = tuple(
            replace(row, keep_cny=row.keep_cny * there)
            for row, there in zip(whole.rows, lasting, strict=True)
        )
        return replace(whole, rows=rows, **means)

    @cached_property
    def outlets(self) -> dict[tuple[str, str], Outlet]:
        return {(o.model, o.market): o for s in self.made.shelves.values() for o in s.outlets}

    def outlet(self, row: Offer) -> Outlet:
        return self.outlets[row.model, row.market]

    @cached_property
    def ways(self) -> tuple[Delivery, ...]:
        """How each offer is delivered."""

        def key(source: Offer | Delivery) -> tuple[str, str, str, str]:
            return source.plant, source.line, source.currency, source.brand

        return tuple(
            next(way for way in self.outlet(row).deliveries if key(way) == key(row))
            for row in self.offers.rows
        )

    @cached_property
    def inputs(self) -> Array:
        """What the goods cost ex works."""
        cost = np.array([way.cost_cny for way in self.ways])
        return np.asarray(self._mean(self.made.costs["inputs"]) * cost)

    @cached_property
    def carrying_cost(self) -> Array:
        """What the firm pays to carry them."""
        cost = np.array([way.carried_cny for way in self.ways])
        return np.asarray(self._mean(self.made.costs["freight"]) * cost)

    def _mean(self, factor: Array) -> Array:
        """Units times a factor of each scenario and year: 1 × years × n."""
        units = self.made.offers.units
        sums = np.einsum("syo,sy->yo", units, factor.astype(units.dtype), dtype=np.float64)
        return np.asarray(sums[None] / len(units))

    @cached_property
    def receipts(self) -> Array:
        """What is left of sales after what is in proportion to them."""
        return np.asarray(self.offers.profit_cny + self.inputs + self.carrying_cost)

    @cached_property
    def matches(self) -> Array:
        """1 where an offer's FOB price follows from what the buyer pays today for other goods."""
        return np.array(
            [
                way is not self.outlet(row).deliveries[0] and row.curve is None and not row.asked
                for row, way in zip(self.offers.rows, self.ways, strict=True)
            ],
            dtype=float,
        )

    def demand(self, factor: float) -> Offers:
        return rescale_offers(self.offers, factor)

    def cost(self, factor: float) -> Offers:
        return replace(self.offers, profit_cny=self.offers.profit_cny - (factor - 1) * self.inputs)

    def rate(self, factor: float, currency: str) -> Offers:
        """The currency dearer in yuan; all others as they are."""
        paid = np.array([row.currency == currency for row in self.offers.rows])
        profit = self.offers.profit_cny + (factor - 1) * self.receipts * paid
        # Sales are counted in dollars: a dearer dollar makes the others' fewer.
        times = np.where(paid, 1.0, 1 / factor) if currency == "USD" else np.where(paid, factor, 1)
        return replace(self.offers, profit_cny=profit, sales_usd=self.offers.sales_usd * times)

    def way(self, factor: float, duty: float, freight: float) -> Offers:
        """Duty and freight: each to the power of its own exponent, 0 or 1."""
        dollar = self.made.dollar
        times = np.ones(len(self.ways))
        for offer in np.flatnonzero(self.matches):
            row, outlet = self.offers.rows[offer], self.outlet(self.offers.rows[offer])
            level = outlet.sigma.level
            today, offered = (
                replace(
                    way,
                    duty=way.duty and way.duty * factor**duty,
                    freight_usd=way.freight_usd * factor**freight,
                ).chain(dollar)
                for way in (outlet.deliveries[0], self.ways[offer])
            )
            times[offer] = offered.fob(level, today.at(level, outlet.price_usd)) / row.price_usd
        profit = self.receipts * times - self.inputs - self.carrying_cost * factor**freight
        return replace(self.offers, profit_cny=profit, sales_usd=self.offers.sales_usd * times)

    def elasticity(self, factor: float, model: str) -> Offers:
        """What a price does to units, to the power of the factor."""
        whole = self.made.offers
        plain = {
            (row.model, row.market): index
            for index, row in reversed(list(enumerate(whole.rows)))
            if row.curve is None
        }
        arrays = [getattr(self.offers, name).copy() for name in ARRAYS]
        for index, row in enumerate(whole.rows):
            base = plain.get((row.model, row.market))
            if row.model != model or row.curve is None or base is None:
                continue
            units = whole.units[:, :, [index, base]].astype(np.float64)
            curve = np.divide(
                units[..., 0], units[..., 1], out=np.ones(units.shape[:2]),
                where=(units > 0).all(axis=2),
            )  # fmt: skip
            times = curve ** (factor - 1)
            for values, name in zip(arrays, ARRAYS, strict=True):
                values[0, :, index] = (getattr(whole, name)[:, :, index] * times).mean(axis=0)
        return replace(self.offers, **dict(zip(ARRAYS, arrays, strict=True)))

    def entries(self, factor: float) -> Offers:
        """The size of what is not sold yet."""
        times = np.array([1.0 if row.sold else factor for row in self.offers.rows])
        return rescale_offers(self.offers, times)

    def paid(self, factor: float, name: str) -> Offers:
        """What entering costs, or keeping."""
        rows = (replace(row, **{name: getattr(row, name) * factor}) for row in self.offers.rows)
        return replace(self.offers, rows=tuple(rows))


def _means(treasury: Treasury) -> Treasury:
    """What contracts pay on average: one world."""

    def mean(values: Array | float) -> Array:
        return np.array([np.mean(values)])

    def account(money: Currency) -> Currency:
        forwards = tuple(replace(f, payoff_cny=mean(f.payoff_cny)) for f in money.forwards)
        return replace(money, forwards=forwards, constant_cny=mean(money.constant_cny))

    switches = (replace(of, payoff_cny=mean(of.payoff_cny)) for of in treasury.switches)
    return Treasury(tuple(map(account, treasury.currencies)), tuple(switches))


def inputs_of(solved: PlanSolution, menu: ChoiceSet) -> Iterator[Sensitivity]:
    """The inputs that could turn the plan around: those that something in it hangs on.

    Args:
        solved: the plan.
        menu: what it was chosen from.
    """
    rates = menu.rates
    basis, moves = _Basis(menu, solved.programme.facts.alive), solved.moves
    # What must be kept need not be served in full in a world that the firm did not choose.
    limits = replace(solved.programme.facts.limits, must_keep=frozenset())
    treasury = solved.programme.facts.treasury

    def input_sensitivity(
        name: str, offered: Offered, subject: str = "", value: float | None = None
    ) -> Sensitivity:
        @lru_cache(maxsize=2)
        def rebuild(factor: float) -> Programme:
            at = factor if name == "rate" else 1.0
            money = shift_rate(
                treasury, rates, menu.offers.discount, every=1, code=subject, factor=at
            )
            # A plan that goes on as it is gives way to nothing but the hours of a line.
            built = build(
                facts_of(offered(factor), limits, _means(money)), constraints=(line_hours,)
            )
            return replace(built, closed=solved.programme.closed, needed=solved.programme.needed)

        return name, subject, value, rebuild

    yield input_sensitivity("demand", basis.demand)
    yield input_sensitivity("cost", basis.cost)
    for currency in _currencies(solved):
        rate = float(rates.today[rates.currencies.index(currency)])
        yield input_sensitivity("rate", partial(basis.rate, currency=currency), currency, rate)
    if basis.matches.any():
        yield input_sensitivity("duty", partial(basis.way, duty=1, freight=0))
    if basis.matches.any() or any(way.carried_cny for way in basis.ways):
        yield input_sensitivity("freight", partial(basis.way, duty=0, freight=1))
    for model in _repriced_models(moves):
        sigma = menu.shelves[model].sigma.value
        yield input_sensitivity("elasticity", partial(basis.elasticity, model=model), model, sigma)
    if any(move.kind == "enter" for move in moves):
        yield input_sensitivity("entries", basis.entries)
        yield input_sensitivity("entering", partial(basis.paid, name="entry_cny"))
    if any(row.keep_cny for row in menu.offers.rows):
        yield input_sensitivity("keeping", partial(basis.paid, name="keep_cny"))


def _repriced_models(moves: Sequence[Move]) -> list[str]:
    """Models of which a move changes a price."""
    return list(dict.fromkeys(m.model for m in moves if {"dearer", "cheaper"} & set(m.kinds)))


def _currencies(solved: PlanSolution) -> list[str]:
    """Foreign currencies of the plan's invoices that weigh anything in its sales, largest first."""
    facts, share = solved.programme.facts, solved.solution.decision.share
    sales = (facts.sales_usd * share).sum(axis=0)
    sums: dict[str, float] = defaultdict(float)
    for row, usd in zip(facts.offers.rows, sales, strict=True):
        sums[row.currency] += float(usd)
    whole = fsum(sums.values()) or 1.0
    parts = {code: usd / whole for code, usd in sums.items() if code != "CNY"}
    return sorted((c for c in parts if parts[c] >= LEAST_SHARE), key=lambda c: (-parts[c], c))


STEP = 0.1
"""A limit is tried a tenth larger and smaller."""
WATCHED = 5
"""Moves that are looked at for where they turn around: those of the first screen."""
AS_FAR_AS = (0.5, 1.5)
"""Where a move turns around is looked for as far as this."""
NAMED = ("today", "careful", "middle", "bold")
"""Points that a reader compares; the others only draw the curve."""
VISIBLE = 0.005
"""A bar, or a limit's worth, of less than this part of the plan's gain is none."""


def add_risk(made: StudyPlan, result: StudyResult) -> StudyResult:
    """A result with the risk of its plan."""
    tell(say("study.doing_risk"), 1.0)
    return replace(result, risk=risk_of(made))


def risk_of(planned: StudyPlan) -> RiskFigures | None:
    """The risk of a plan in plain figures; ``None`` where nothing is sold or planned."""
    if not planned.plan.rows:
        return None
    risk = planned.choices.risk
    if risk.least_worst_cny is not None and -planned.solved.solution.outcome.shortfall < (
        risk.least_worst_cny - 1.0
    ):
        risk = Risk()  # where it could not be kept, the plan was made without it
    solved, pool = planned.solved, Pool()
    gain = solved.solution.value - solved.stay.value
    points, limits = _points(solved, risk, pool), _limits(solved, risk, pool)
    bars = _bars(planned, risk) if solved.moves else ()
    return RiskFigures(
        points,
        limits,
        bars,
        gain_cny=gain,
        factor=round(FACTORS[1] - 1, 6),
        as_far_as=AS_FAR_AS[1] - 1,
        watched=min(WATCHED, len(solved.moves)),
    )


def _points(solved: PlanSolution, risk: Risk, pool: Pool) -> tuple[PointFigures, ...]:
    kept, start = solved.keep_struck(solved.programme), solved.solution.decision
    curve = frontier(kept, risk.least_worst_cny, pool=pool, start=start)
    points = {"today": solved.stay} | curve
    # The boldest is the plan itself, as it was decided. What earns no less on average was found
    # within what the solver leaves open: it is no other plan.
    bold = points["bold"] = solved.solution
    points |= {
        name: bold
        for name, point in points.items()
        if name != "today" and point.outcome.mean >= bold.outcome.mean
    }
    missed = regrets({name: points[name].outcome.profit for name in points if name in NAMED})
    found = tuple(
        PointFigures(
            name,
            point.outcome.mean,
            point.outcome.worst_year_of_twenty,
            -point.outcome.shortfall,
            len(changed_markets(solved.programme, point.decision, solved.stay.decision)),
            *missed.get(name, ()),
        )
        for name, point in points.items()
    )
    paid = (receipt_shares(solved.programme, point.decision) for point in points.values())
    return tuple(replace(one, receipts=of) for one, of in zip(found, paid, strict=True))


def _limits(solved: PlanSolution, risk: Risk, pool: Pool) -> tuple[LimitFigures, ...]:
    """Limits that bind to the last unit, or of which a tenth more or less makes a difference."""
    programme = solved.keep_struck(solved.programme)
    prices = shadow_prices(programme, risk, solved.solution, pool)
    caps = binding_caps(programme, solved.solution)
    amounts = [*amounts_of(programme), *caps]
    more, less = (
        value_of_more(
            solved.programme, risk, solved.solution, amounts, factor, pool, solved.keep_struck
        )
        for factor in (1 + STEP, 1 - STEP)
    )
    least = VISIBLE * max(abs(solved.solution.value - solved.stay.value), 1.0)
    figures = [
        _limit(solved.solution, programme, name,
               [p for p in prices if (p.limit, p.subject) == name], more[name], less[name])
        for name in amounts
    ]  # fmt: skip
    told = [limit for limit in figures if _worth_telling(limit, least)]
    return tuple(sorted(told, key=lambda limit: -limit.more_cny))


def _limit(
    solution: Solution,
    programme: Programme,
    name: Name,
    prices: Sequence[ShadowPrice],
    more: float | None,
    less: float | None,
) -> LimitFigures:
    cap, shares = name[0] in CAPS, programme.facts.limits.market_share
    # of a cap, one more has no unit that a person would know
    price = None if cap else max(prices, key=lambda p: p.price_cny, default=None)
    return LimitFigures(
        *name,
        now=shares[name[1]] if cap else max(r.high for r in programme.rows if r.name == name),
        used=shares[name[1]] if cap else _limit_use(programme, solution, name),
        price_cny=None if price is None else price.price_cny,
        year=None if price is None else price.year,
        low=None if price is None else price.low,
        high=None if price is None or not np.isfinite(price.high) else price.high,
        step=STEP,
        more_cny=max(more or 0.0, 0.0),
        less_cny=None if less is None else max(-less, 0.0),
    )


def _worth_telling(limit: LimitFigures, least: float) -> bool:
    if limit.price_cny is not None or limit.less_cny is None:
        return True
    return max(limit.more_cny, limit.less_cny) >= least


def _limit_use(programme: Programme, solution: Solution, name: tuple[str, str]) -> float:
    """What a plan takes of a limit, in the year that takes most."""
    decision, used = solution.decision, []
    for row in programme.rows:
        if row.name != name:
            continue
        share = 0.0 if row.share is None else (row.share * decision.share[:, row.offers]).sum()
        choice = 0.0 if row.choice is None else row.choice @ decision.choice[row.offers]
        used.append(float(share + choice))
    return max(used)


def _bars(planned: StudyPlan, risk: Risk) -> tuple[BarFigures, ...]:
    solved = planned.solved
    keys = solved.programme.facts.keys
    watched = [keys.index(m.key) for m in solved.moves[:WATCHED]]
    gain = solved.solution.value - solved.stay.value
    inputs = list(inputs_of(solved, planned.choices))
    # What is sold ahead and invoiced otherwise is no part of a kept plan's bars, but of its gain.
    shift = gain - gains_at(solved, risk, inputs[0][-1], (1.0,))[0]
    bars = []
    for name, subject, value, rebuilt in inputs:
        low, high = (at + shift for at in gains_at(solved, risk, rebuilt))
        # Of more demand the line has no hours: what then gives way turns no move around.
        ends = AS_FAR_AS[:1] if name == "demand" else AS_FAR_AS
        turns = turning_points(solved, risk, rebuilt, ends, watched)
        bars.append(BarFigures(name, subject, value, low, high, turns))
    told = [bar for bar in bars if bar.turns or _width(bar, gain) > VISIBLE * abs(gain)]
    return tuple(sorted(told, key=lambda bar: -_width(bar, gain)))


def _width(bar: BarFigures, gain: float) -> float:
    """From end to end of a bar that begins at the plan's gain."""
    ends = (gain, bar.low_cny, bar.high_cny)
    return max(ends) - min(ends)
