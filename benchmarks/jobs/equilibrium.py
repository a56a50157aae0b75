"""World equilibria of made-up trade.

One sector of 230 countries and 1,000 draws of it; 40 sectors of 31 countries that buy materials
from one another; tariffs with revenue of 194 countries beside SciPy's Levenberg-Marquardt on the
same equations, which is how the paper's authors solve them.

Processor seconds on one thread, as the commands of offing run: on a machine with nothing else to
do these are the seconds on the clock. ``one_sector.py`` has gegravity beside the first.
"""

import time

import numpy as np
from numpy.typing import NDArray

from benchmarks import Row, measured, one_thread

Floats = NDArray[np.float64]
SEED = 20261125


def _trade(countries: int) -> Floats:
    rng = np.random.default_rng(SEED)
    size = rng.lognormal(0, 1.5, countries)
    distance = rng.uniform(0.5, 9, (countries, countries))
    np.fill_diagonal(distance, 0.2)
    trade = np.outer(size, size) * (distance + distance.T) ** -1.5
    noise = rng.lognormal(0, 0.3, (countries, countries))
    return np.asarray(trade * (noise + noise.T))


def _best(times: int, run: object) -> float:
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        run()  # type: ignore[operator]
        best = min(best, time.process_time() - began)
    return best


def one_sector(draws: int) -> float:
    """Seconds of one solve, or of many with an elasticity drawn for each."""
    from offing.policy.equilibrium.one_sector import World, solve

    world = World(tuple(map(str, range(230))), _trade(230))
    rng = np.random.default_rng(SEED)
    partner = rng.random((230, 230)) < 0.2
    effect = np.where(np.eye(230) == 1, 0.0, 0.4 * partner)
    if draws == 1:
        return _best(5, lambda: solve(world, np.exp(effect), theta=5))
    began = time.process_time()
    for theta in rng.normal(5, 0.5, draws):
        solve(world, np.exp(effect), theta=max(theta, 1.0))
    return time.process_time() - began


def sectors() -> float:
    """Seconds of one solve of 31 countries and 40 sectors; three of the countries drop tariffs."""
    from offing.policy.equilibrium.many_sectors import SectorEconomy, solve

    countries, goods = 31, 40
    rng = np.random.default_rng(SEED)
    trade = np.array([_trade(countries) * rng.uniform(0.3, 3) for _ in range(goods)])
    tariffs = rng.uniform(0, 0.2, trade.shape) * (1 - np.eye(countries))
    materials = rng.dirichlet(np.ones(goods), (countries, goods)).transpose(0, 2, 1)
    added = rng.uniform(0.3, 0.7, (goods, countries))
    economy = SectorEconomy(trade, tariffs, added, materials, rng.uniform(3, 12, goods))
    free = tariffs.copy()
    free[:, :3, :3] = 0.0
    return _best(3, lambda: solve(economy, free))


def revenue(peer: bool) -> tuple[float, Floats]:
    """Seconds and the welfare of each country: ours, or SciPy's ``root`` on the same residuals."""
    from scipy.optimize import root

    from offing.policy.equilibrium import with_revenue as model

    n = 194
    kept, phi = np.full(n, 0.1), np.full(n, 1.2)
    economy = model.RevenueEconomy(
        tuple(map(str, range(n))), _trade(n), kept, 4.0, 0.5, 0.67 / 4, phi
    )
    tariffs = np.zeros((n, n))
    tariffs[:, 0] = 0.25
    tariffs[0, 0] = 0.0
    if not peer:
        seconds = _best(5, lambda: model.solve(economy, tariffs))
        return seconds, model.solve(economy, tariffs).welfare

    def residuals(x: Floats) -> Floats:
        guess = model._RevenueGuess(economy, tariffs, "income_tax", *np.split(x, 3))
        sales = guess.sales_gap / guess.earnings
        sales[-1] = guess.level_gap
        return np.concatenate([sales, guess.spending_gap / guess.spending, guess.labour_gap])

    began = time.process_time()
    solution = root(residuals, np.zeros(3 * n), method="lm", tol=1e-10)
    seconds = time.process_time() - began
    guess = model._RevenueGuess(economy, tariffs, "income_tax", *np.split(solution.x, 3))
    return seconds, model._outcome(economy, guess, 0).welfare


def run() -> list[Row]:
    """The rows of the table."""
    with one_thread():
        single = measured("benchmarks.jobs.equilibrium:one_sector", 1)
        many = measured("benchmarks.jobs.equilibrium:one_sector", 1_000)
        goods = measured("benchmarks.jobs.equilibrium:sectors")
        ours = measured("benchmarks.jobs.equilibrium:revenue", False)
        peer = measured("benchmarks.jobs.equilibrium:revenue", True)
    assert np.abs(ours.result[1] - peer.result[1]).max() < 1e-6, "both must find the same world"
    return [
        Row("one sector, 230 countries", single.result, bar=0.020),
        Row("one sector, 1,000 draws", many.result, peak_mb=many.peak_mb, bar=20.0),
        Row("40 sectors, 31 countries", goods.result, bar=1.0),
        Row(
            "tariffs with revenue, 194 countries",
            ours.result[0],
            "SciPy LM",
            peer.result[0],
            bar=0.050,
            bar_ratio=1 / 50,
        ),
    ]
