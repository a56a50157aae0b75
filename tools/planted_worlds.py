"""Worlds whose truth is known: does the plan find what is there to be found?

Each world is planted: a firm, its ledger, its markets and what will come. The plan sees the ledger
and an outlook. The oracle knows the parameters (elasticity, growth, spread of shares), neither the
draws nor the share of a single market. Both are judged by what comes.

Three generators: ``like`` is the plan's own model; ``thin`` has one or two years of ledger and
shares that hardly last; ``unlike`` has fat tails, shares that drift, entries chosen by a noisy rule
and a demand whose elasticity rises with the price. ``--slope`` lets shares fall with the market's
size in all of them, as those of real sellers do.

    python -m tools.planted_worlds --worlds 300 --seed 1 --out docs/record/planted-worlds.json
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offing.planning.elasticity import Panel, Sigma, literature_elasticity, own_sigma
from offing.planning.inaction import plan as moves_of
from offing.planning.linear import Pool
from offing.planning.market_share import (
    EntryLine,
    ShrunkShare,
    first_years,
    published_survival,
    selection_line,
    shrunk_shares,
)
from offing.planning.offering import Delivery, Grid, MarketEntry, Outlet, Selling, offers_of
from offing.planning.offers import Offer, Offers, PlanLimits, Risk
from offing.planning.outcome import Decision, outcome
from offing.planning.programme import Programme, build, facts_of
from offing.planning.scenarios import (
    Assumed,
    MarketDraws,
    Range,
    RateDraws,
    scenarios,
    yearly_spread,
)
from offing.planning.solving import solve

Floats = NDArray[np.float64]

KINDS = ("like", "thin", "unlike")
DOLLAR = 7.0
DISCOUNT = 0.94
YEARS = (2027, 2028)
RAMP = (1.0, 1.6)
FIRST_YEAR = 0.5
"""An entry's first year over the lasting share."""
PRIOR = 0.35
"""Spread of yearly log shares that firms of these worlds are known to have."""
ROOM = 0.03
"""A world has room where the oracle gains so much of the profit."""
INPUTS = Range(0.95, 1.0, 1.05)
USUAL_SIZE = 18.2
"""Log of the usual market's size, USD."""


def planted_ledger(
    seed: int, sigma: float = 4.7, pass_through: float = 0.6, markets: int = 12, noise: float = 0.3
) -> Panel:
    """A ledger in which prices answer demand, and an invoice currency moves against the rivals'.

    Demand shocks of a market last (autocorrelation one half), and a buyer's good month raises the
    price: least squares would find demand too flat.
    """
    rng, months = np.random.default_rng(seed), 48
    currency = np.arange(markets) % 3
    against = np.cumsum(rng.normal(0, 0.025, (3, months)), axis=1)
    against[0] = 0
    demand = np.zeros((markets, months))
    for month in range(months):
        before = demand[:, month - 1] if month else 0.0
        demand[:, month] = 0.5 * before + rng.normal(0, 0.75**0.5 * noise, markets)
    price = pass_through * against[currency] + 0.15 * demand
    price += rng.normal(0, 0.02, (markets, months))
    bought = -sigma * price + demand + rng.normal(0, 1, (markets, 1))
    market = np.repeat(np.arange(markets), months)
    month_of = np.tile(np.arange(months), markets)
    instrument = against[currency].ravel()[:, None]
    effects = (market, month_of)
    return Panel(bought.ravel(), price.ravel(), instrument, effects, (market,), "landed")


@dataclass(frozen=True)
class World:
    """A planted firm. Arrays are by market; the first ``sold`` of them are those where it sells.

    Attributes:
        kind: of the generator.
        seed: of everything in it.
        model: what the firm calls its article.
        sigma: of the firm's demand, at the landed price.
        delivery: cost, duty, freight.
        price: FOB price today, USD.
        size: the origin's exports today, USD.
        sold: how many markets it sells in.
        share: log of the lasting share where it sells; of a new entry where it does not.
        typical: mean of log shares in a market of the usual size, spread, and how the mean changes
            with the log of the size.
        spread: of a year's log share.
        growth: yearly log growth of each market.
        guess: what the outlook says of it.
        doubt: standard deviation of that guess.
        ledger: sold × years, log shares as they were.
        entries: entries × 2, shares of earlier entries.
        entered: the market of each.
        panel: for the elasticity; ``None`` where the ledger tells none.
        entry_cny: of each market.
        keep_cny: of each market, a year.
    """

    kind: str
    seed: int
    model: str
    sigma: float
    delivery: Delivery
    price: float
    size: Floats
    sold: int
    share: Floats
    typical: tuple[float, float, float]
    spread: float
    growth: Floats
    guess: Floats
    doubt: float
    ledger: Floats
    entries: Floats
    entered: NDArray[np.int_]
    panel: Panel | None
    entry_cny: Floats
    keep_cny: float

    @property
    def markets(self) -> tuple[str, ...]:
        """Names of the markets."""
        return tuple(f"M{number:03d}" for number in range(len(self.size)))

    @property
    def mean(self) -> Floats:
        """The mean log share in markets of these sizes."""
        mean, _, slope = self.typical
        return np.asarray(mean + slope * (np.log(self.size) - USUAL_SIZE))

    @property
    def today(self) -> Floats:
        """Units of the last year, by market where it sells."""
        sales: Floats = self.size[: self.sold] * np.exp(self.ledger[:, -1])
        return sales / self.price


@dataclass(frozen=True)
class Future:
    """What comes, n times: growth and share n × years × markets, entries and rates."""

    growth: Floats
    share: Floats
    lasting: Floats
    there: NDArray[np.bool_]
    rates: Floats
    inputs: Floats


def planted(
    kind: str, seed: int, markets: int = 24, model: str = "TV", slope: float = 0.0
) -> World:
    """A world; whether there is room in it is decided by its price and its costs of entry."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    mean, between = np.log(0.004), 0.7
    size, share = rng.normal(USUAL_SIZE, 1.2, markets), rng.normal(mean, between, markets)
    share = share + slope * (size - USUAL_SIZE)
    noise = rng.normal(0, 0.8, markets) if kind == "unlike" else 0.0
    order = np.argsort(-(share + size + noise))
    sold = int(rng.integers(6, 12))
    expected = slope * (size[order] - USUAL_SIZE)
    size, share = np.exp(size[order]), share[order]
    chosen = share[:sold]
    share = np.r_[chosen, rng.normal(mean, between, markets - sold) + expected[sold:]]
    spread = 0.35 if kind == "thin" else 0.2
    years = int(rng.integers(1, 3)) if kind == "thin" else int(rng.integers(3, 6))
    noise = rng.normal(0, spread, (sold, years))
    if kind == "unlike":  # shares walk up to the lasting one of the plan's day
        steps = rng.standard_t(4, (sold, years)) * spread / 2
        noise = np.cumsum(steps[:, ::-1], axis=1)[:, ::-1]
    entered = rng.choice(sold, int(rng.integers(4, 9)))
    first = FIRST_YEAR * np.exp(chosen[entered] + rng.normal(0, 0.3, len(entered)))
    stayed = rng.random(len(first)) < published_survival(1).after[0]
    sigma = float(rng.uniform(3.5, 6.5))
    delivery = Delivery("CN", "A", "USD", 2800.0, proportional=0.04, freight_usd=20.0, duty=0.08)
    bare = 2800 / DOLLAR / 0.96 + 20
    off = 0.0 if rng.random() < 0.5 else float(rng.choice([-1, 1]) * rng.uniform(0.08, 0.16))
    price = bare * sigma / (sigma - 1) * np.exp(off) - 20
    growth, doubt = rng.normal(0.03, 0.08, markets), 0.06
    margin = (price * 0.96 * DOLLAR - 2800) / (price * DOLLAR)
    typical = FIRST_YEAR * np.exp(mean + between**2 / 2)
    worth = size * np.exp(expected) * typical * margin * DOLLAR * (1 + RAMP[1] * 0.67)
    dear = rng.uniform(1.8, 4, markets)
    if rng.random() < 0.5:  # doors stand open: the largest markets where it does not sell yet
        open_doors = sold + np.argsort(-size[sold:])[: int(rng.integers(3, 7))]
        dear[open_doors] = np.exp(rng.uniform(np.log(0.1), np.log(1.5), len(open_doors)))
    return World(
        kind,
        seed,
        model,
        sigma,
        delivery,
        price,
        size,
        sold,
        share,
        (mean, between, slope),
        spread,
        growth,
        growth + rng.normal(0, doubt, markets),
        doubt,
        chosen[:, None] + noise - spread**2 / 2,
        np.column_stack([first, np.where(stayed, first * RAMP[1], 0.0)]),
        entered,
        planted_ledger(seed, sigma, 0.8, *((16, 0.3) if kind == "thin" else (24, 0.2))),
        worth * dear,
        2e4,
    )


def future(world: World, n: int, seed: int, *, oracle: bool = False) -> Future:
    """What comes. The oracle's futures have shares as its knowledge of them spreads."""
    rng = np.random.default_rng([world.seed, KINDS.index(world.kind), seed])
    years, width = len(YEARS), len(world.size)
    fat = world.kind == "unlike"

    def shocks(shape: tuple[int, ...]) -> Floats:
        return rng.standard_t(4, shape) / 2**0.5 if fat else rng.standard_normal(shape)

    steps = np.arange(1, years + 1)[:, None]
    moves = shocks((n, years, 1)) * 0.08 + shocks((n, years, width)) * 0.1
    growth = np.exp(world.growth * steps + np.cumsum(moves, axis=1))
    if fat:
        drift = np.cumsum(shocks((n, years, width)) * world.spread / 2**0.5, axis=1)
        share = np.exp(drift + rng.normal(0, 0.05, (n, 1, width)) * steps)
    else:
        common, own = 0.25**0.5 * world.spread, (0.75 / 2) ** 0.5 * world.spread
        drift = rng.laplace(size=(n, years, width)) * own + np.log1p(-(own**2))
        drift += rng.standard_normal((n, years, 1)) * common - common**2 / 2
        share = np.exp(np.cumsum(drift, axis=1))
    lasting = np.broadcast_to(world.share, (n, width)).copy()
    fresh = rng.normal(0.0, world.typical[1], (n, width - world.sold))
    lasting[:, world.sold :] = world.mean[world.sold :] + fresh
    if oracle:
        lasting[:, : world.sold] = _posterior(world, rng, n)
    there = published_survival(years).there(rng.random((n, width)), years)
    rates = DOLLAR * np.exp(rng.normal(0, 0.04, (n, years)) - 0.0008)
    return Future(growth, share, lasting, there, rates, INPUTS.drawn(rng, (n, years)))


def _posterior(world: World, rng: np.random.Generator, n: int) -> Floats:
    """Lasting shares given the ledger and the true spreads."""
    mean, between = world.mean[: world.sold], world.typical[1]
    noise = world.spread**2 / world.ledger.shape[1]
    weight = between**2 / (between**2 + noise)
    record = world.ledger.mean(axis=1) + world.spread**2 / 2
    middle = mean + weight * (record - mean)
    return np.asarray(middle + rng.standard_normal((n, world.sold)) * (weight * noise) ** 0.5)


def come(world: World, rows: Sequence[Offer], what: Future) -> Offers:
    """What offers sell and earn in what comes: the truth, written apart from the plan's code."""
    n, years = what.rates.shape
    units = np.empty((n, years, len(rows)))
    profit, sales = np.empty_like(units), np.empty_like(units)
    way = world.delivery
    for column, row in enumerate(rows):
        market = int(row.market[1:])
        worth = world.size[market] * what.growth[:, :, market] * what.share[:, :, market]
        if row.sold:
            worth = worth * np.exp(what.lasting[:, market])[:, None]
        else:
            first = FIRST_YEAR * np.exp(what.lasting[:, market])
            worth = worth * first[:, None] * RAMP * what.there[:, market]
        ratio = (row.price_usd + way.freight_usd) / (world.price + way.freight_usd)
        demand = ratio**-world.sigma
        if world.kind == "unlike":
            demand = np.exp(-world.sigma * (ratio - 1))
        units[:, :, column] = worth / world.price * demand
        margin = row.price_usd * (1 - way.proportional) * what.rates - way.cost_cny * what.inputs
        profit[:, :, column] = units[:, :, column] * margin
        sales[:, :, column] = units[:, :, column] * row.price_usd
    return Offers(tuple(rows), YEARS, units, profit, sales, DISCOUNT ** np.arange(1, years + 1))


def known_sigma(world: World) -> Sigma:
    """σ from the ledger, where it tells one; else a figure of the literature, which is another."""
    told = own_sigma(world.panel).sigma if world.panel is not None else None
    return told or literature_elasticity(8.0)


def offered(world: World, n: int, seed: int) -> Offers:
    """What the plan chooses from: all that the firm can know, through the plan's own estimators."""
    rng = np.random.default_rng([world.seed, seed, 99])
    years, width, sold = len(YEARS), len(world.size), world.sold
    ladder = (world.price * 0.8, world.price * 1.25)
    guess = world.guess + rng.standard_normal((n, 1, width)) * world.doubt
    shocks = (
        rng.standard_normal((n, years, 1)) * 0.08 + rng.standard_normal((n, years, width)) * 0.1
    )
    steps = np.arange(1, years + 1)[:, None]
    sales = world.size * np.exp(guess * steps + np.cumsum(shocks, axis=1))
    draws = MarketDraws(world.markets, YEARS, world.size, sales)
    spread = yearly_spread(world.ledger, PRIOR)
    today = np.array([DOLLAR, 1.0])
    moves = np.exp(rng.normal(0, 0.04, (n, years, 1)) - 0.0008)
    rates = RateDraws(("USD", "CNY"), today, today * np.concatenate([moves, moves**0], axis=2))
    worlds = scenarios(
        draws,
        rates,
        Assumed(dict.fromkeys(world.markets, spread), inputs=INPUTS),
        seed=world.seed + seed,
    )
    record = shrunk_shares(
        np.exp(world.ledger) * world.size[:sold, None],
        np.broadcast_to(world.size[:sold, None], world.ledger.shape),
        spread,
    )
    sizes = _entry(world, record)
    sigma, survival = known_sigma(world), published_survival(5)
    outlets = []
    for number, market in enumerate(world.markets):
        state: Selling | MarketEntry
        if number < sold:
            state = Selling(
                world.today[number],
                (ladder[0], ladder[1]),
                float(record.from_today[number]),
                float(record.error[number]),
            )
        else:
            size = sizes.at(world.size[number])
            state = MarketEntry(size, survival, world.size[number], world.entry_cny[number])
        outlets.append(
            Outlet(
                world.model,
                market,
                (world.delivery,),
                sigma,
                world.price,
                state,
                ladder,
                keep_cny=world.keep_cny,
            )
        )
    return offers_of(outlets, worlds, Grid(discount=DISCOUNT))


def _entry(world: World, record: ShrunkShare) -> EntryLine:
    """Entries by the market's size, from the shares where it sells and from earlier entries."""
    size = np.log(world.size)
    line = selection_line(record.log_share, size[: world.sold], size[world.sold :])
    return EntryLine(line, first_years(world.entries, record.log_share[world.entered]), record)


@dataclass(frozen=True)
class Judged:
    """What became of one world; money in CNY, mean over what comes.

    Attributes:
        kind: of the generator.
        today: profit of doing nothing.
        oracle: what the oracle gains over it.
        gained: what the plan gains over it.
        promised: what the plan said it would gain.
        moves: kinds of the moves of the plan.
        below: how often the plan's profit fell below its stated 5 % quantile.
        stated: chance of each offer to beat today, as the plan's scenarios say.
        came: how often it did.
    """

    kind: str
    today: float
    oracle: float
    gained: float
    promised: float
    moves: tuple[str, ...]
    below: float
    stated: Floats
    came: Floats

    @property
    def room(self) -> bool:
        """Whether there was something to be found."""
        return self.oracle >= ROOM * self.today


def _programme(offers: Offers, hours: float) -> Programme:
    limits = PlanLimits(line_hours={("CN", "A"): (hours,) * len(YEARS)})
    return build(facts_of(offers, limits))


def _together(parts: Sequence[Offers]) -> Offers:
    """Offers of several models of one firm."""
    if len(parts) == 1:
        return parts[0]
    return Offers(
        rows=tuple(row for offers in parts for row in offers.rows),
        years=YEARS,
        units=np.concatenate([offers.units for offers in parts], axis=2),
        profit_cny=np.concatenate([offers.profit_cny for offers in parts], axis=2),
        sales_usd=np.concatenate([offers.sales_usd for offers in parts], axis=2),
        discount=parts[0].discount,
    )


def _chances(offers: Offers, stay: Decision) -> Floats:
    """How often each offer alone beats what is done in its market today."""
    rows = offers.rows
    today = {(rows[at].model, rows[at].market): at for at in np.flatnonzero(stay.choice > 0.5)}
    fixed = np.array([row.entry_cny for row in rows])
    keep = np.array([row.keep_cny for row in rows])
    earned = np.einsum("syn,y->sn", offers.profit_cny - keep * (offers.units > 0), offers.discount)
    earned -= fixed
    rival = np.zeros_like(earned)
    for column, row in enumerate(rows):
        if (row.model, row.market) in today:
            rival[:, column] = earned[:, today[row.model, row.market]]
    return np.asarray((earned > rival).mean(axis=0))


def judged(worlds: Sequence[World], n: int = 400) -> Judged:
    """Plan for a firm of some models, ask the oracle, and see what comes."""
    hours = 2.0 * sum(float(world.today.sum()) for world in worlds)
    offerings = [offered(world, n, 2) for world in worlds]
    coming = [future(world, n, 1) for world in worlds]
    planned = moves_of(_programme(_together(offerings), hours), Risk())
    stay = planned.stay.decision
    truth = _programme(
        _together(
            [
                come(world, offers.rows, what)
                for world, offers, what in zip(worlds, offerings, coming, strict=True)
            ]
        ),
        hours,
    )
    nothing = outcome(truth, stay)
    real = outcome(truth, planned.solution.decision)
    others = np.flatnonzero(stay.choice < 0.5)
    return Judged(
        worlds[0].kind,
        nothing.mean,
        _oracle(worlds, offerings, coming, hours) - nothing.mean,
        real.mean - nothing.mean,
        planned.solution.outcome.mean - planned.stay.outcome.mean,
        tuple(move.kind for move in planned.moves),
        float((real.profit < planned.solution.outcome.worst_year_of_twenty).mean()),
        _chances(planned.programme.offers, stay)[others],
        _chances(truth.offers, stay)[others],
    )


def _oracle(
    worlds: Sequence[World], offerings: Sequence[Offers], coming: Sequence[Future], hours: float
) -> float:
    """Mean profit of the plan of one who knows the parameters."""
    before, after = [], []
    for world, offers, what in zip(worlds, offerings, coming, strict=True):
        rows = []
        prices = sorted({world.price, *np.geomspace(world.price * 0.8, world.price * 1.25, 9)})
        for first in {row.market: row for row in reversed(offers.rows)}.values():
            rows += [
                replace(first, price_usd=price, today=first.sold and price == world.price)
                for price in prices
            ]
        n = len(what.rates)
        before.append(come(world, rows, future(world, n, 3, oracle=True)))
        after.append(come(world, rows, what))
    decision = solve(_programme(_together(before), hours), Risk(), Pool()).decision
    return outcome(_programme(_together(after), hours), decision).mean


def coverage(ledgers: int, first: int) -> dict[str, float]:
    """How often the 95 % interval of σ holds what was planted, over ledgers that identify it."""
    rng = np.random.default_rng(first)
    told = []
    for number in range(ledgers):
        sigma = float(rng.uniform(3.5, 6.5))
        learnt_sigma = own_sigma(planted_ledger(first + number, sigma)).sigma
        if learnt_sigma is not None:
            told.append(learnt_sigma.low <= sigma <= learnt_sigma.high)
    return {"ledgers": ledgers, "identified": len(told), "holds": round(float(np.mean(told)), 4)}


def report(results: Sequence[Judged]) -> dict[str, object]:
    """The figures of PLAN 5.1 for some worlds."""
    room = [run for run in results if run.room]
    bare = [run for run in results if not run.room]
    moved = [run for run in results if run.moves]
    bins: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for run in results:
        for stated, came in zip(run.stated, run.came, strict=True):
            bins[f"{int(min(stated, 0.999) * 10) * 10}"].append((stated, came))
    calibration = {
        name: {
            "offers": len(pairs),
            "stated": round(float(np.mean([pair[0] for pair in pairs])), 3),
            "came": round(float(np.mean([pair[1] for pair in pairs])), 3),
        }
        for name, pairs in sorted(bins.items(), key=lambda item: int(item[0]))
    }

    def share(part: float, whole: float) -> float | None:
        return round(part / whole, 3) if whole else None

    return {
        "worlds": len(results),
        "with_room": len(room),
        "of_oracle": share(sum(run.gained for run in room), sum(run.oracle for run in room)),
        "moves_with_room": share(sum(bool(run.moves) for run in room), len(room)),
        "stays_without": share(sum(not run.moves for run in bare), len(bare)),
        "no_worse_without": share(sum(run.gained >= 0 for run in bare), len(bare)),
        "realised_over_promised": share(
            sum(run.gained for run in moved), sum(run.promised for run in moved)
        ),
        "below_the_worst_twentieth": share(sum(run.below for run in results), len(results)),
        "calibration": calibration,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run worlds of all generators and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=60, help="of each generator")
    parser.add_argument("--large", type=int, default=0, help="of ten models in 184 markets")
    parser.add_argument("--ledgers", type=int, default=0, help="for the coverage of σ's interval")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slope", type=float, default=0.0, help="of log shares in log market size")
    parser.add_argument("--commit", default="")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    first, slope = options.seed * 100_000, options.slope
    seeds = range(first, first + options.worlds)
    results = {
        kind: [judged([planted(kind, seed, slope=slope)]) for seed in seeds] for kind in KINDS
    }
    every = [run for some in results.values() for run in some]
    figures: dict[str, object] = {"seed": options.seed, "commit": options.commit, "slope": slope}
    if every:
        figures |= {"all": report(every), **{kind: report(some) for kind, some in results.items()}}
    if options.large:
        figures["large"] = report(
            [
                judged(
                    [
                        planted(
                            KINDS[number % 3], first + 10 * number + model, 184, f"TV{model}", slope
                        )
                        for model in range(10)
                    ]
                )
                for number in range(options.large)
            ]
        )
    if options.ledgers:
        figures["sigma"] = coverage(options.ledgers, first)
    text = json.dumps(figures, indent=1)
    print(text)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
