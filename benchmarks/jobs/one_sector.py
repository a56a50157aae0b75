"""One sector of 230 countries beside gegravity (Herman, US International Trade Commission).

Both start from the same world. gegravity builds its trade from costs and from outputs and
expenditures; with costs ``X ΣY / (Y E)`` every resistance of today is one and that trade is X.

gegravity 0.3 holds each country's share of world output and expenditure at today's in its last
system (``_full_ge``: ``output_shr``, ``cost_out_shr`` and ``cost_exp_shr`` are the baseline's) and
values outputs at the new prices only afterwards. Its answer is therefore the first round of the
loop whose limit is ours. The job computes that round on its own and finds gegravity's welfare, goes
on to the limit and finds ours, and prints by how much sales miss incomes in both answers.

Processor seconds of both, on one thread as the commands of offing run, so that other work on the
machine does not count; gegravity's is its last system alone, without the resistances of today, the
conditional ones and its tables.
"""

import time
import warnings
from dataclasses import dataclass

import numpy as np

from benchmarks import Row, measured, one_thread
from benchmarks.jobs.equilibrium import SEED, Floats, _trade

COUNTRIES, THETA, EFFECT = 230, 5.0, 0.4
SAME, SAME_LIMIT = 1e-6, 1e-8


@dataclass(frozen=True)
class Found:
    """Processor seconds, changes of prices of origins and of real income, and outputs' gap."""

    seconds: float
    prices: Floats
    welfare: Floats


def _world() -> tuple[Floats, Floats]:
    """Trade, and by what factor a pact between some pairs raises it at given prices."""
    rng = np.random.default_rng(SEED)
    pact = rng.random((COUNTRIES, COUNTRIES)) < 0.2
    np.fill_diagonal(pact, val=False)
    uneven = rng.lognormal(0, 0.1, (COUNTRIES, COUNTRIES))  # so that there are deficits
    return _trade(COUNTRIES) * uneven, np.exp(EFFECT * pact)


def ours() -> Found:
    """Fastest of ten solves."""
    from offing.policy.equilibrium.one_sector import World, solve

    trade, freeness = _world()
    world, best = World(tuple(map(str, range(COUNTRIES))), trade), float("inf")
    for _ in range(10):
        began = time.process_time()
        change = solve(world, freeness, theta=THETA, deficits="multiplicative")
        best = min(best, time.process_time() - began)
    return Found(best, change.income, change.welfare)


def peer() -> Found:
    """The same in gegravity."""
    import gegravity
    import pandas as pd

    warnings.simplefilter("ignore")
    trade, freeness = _world()
    output, spending = trade.sum(axis=1), trade.sum(axis=0)
    names = [f"C{at:03}" for at in range(COUNTRIES)]
    today = {
        "exporter": np.repeat(names, COUNTRIES),
        "importer": np.tile(names, COUNTRIES),
        "year": "2020",
        "trade": trade.ravel(),
        "output": np.repeat(output, COUNTRIES),
        "spending": np.tile(spending, COUNTRIES),
        "today": np.log(trade * output.sum() / np.outer(output, spending)).ravel(),
        "pact": 0.0,
    }
    baseline = gegravity.BaselineData(
        pd.DataFrame(today),
        trade_var_name="trade",
        expend_var_name="spending",
        output_var_name="output",
    )
    one_each = pd.DataFrame({"name": ["today", "pact"], "value": [1.0, 1.0]})
    model = gegravity.OneSectorGE(
        baseline,
        year="2020",
        reference_importer=names[-1],
        sigma=THETA + 1,
        cost_variables=["today", "pact"],
        cost_coeff_values=gegravity.CostCoeffs(one_each, "name", "value"),
        quiet=True,
    )
    model.build_baseline()
    changed = model.baseline_data.copy()
    changed["pact"] = np.log(freeness).ravel()
    model.define_experiment(changed)
    seconds, last_system = [0.0], model._calculate_full_ge

    def timed() -> None:
        began = time.process_time()
        last_system()
        seconds[0] = time.process_time() - began

    model._calculate_full_ge = timed
    model.simulate()
    assert all(state.success for state in model.solver_diagnostics.values()), "gegravity must solve"
    prices = model.factory_gate_prices["experiment factory gate price"].to_numpy(dtype=float)
    # what it calls welfare is today's real spending over the new
    return Found(seconds[0], prices, 1 / model.country_results["welfare statistic"].to_numpy())


def gap(prices: Floats) -> float:
    """By how much sales miss income at these prices of origins, as a share of it, at most."""
    trade, freeness = _world()
    income = trade.sum(axis=1) * prices
    spending = trade.sum(axis=0) * prices
    spending *= income.sum() / spending.sum()
    shares = trade / trade.sum(axis=0) * freeness * (prices**-THETA)[:, None]
    return float(np.abs((shares / shares.sum(axis=0)) @ spending / income - 1).max())


def rounds() -> tuple[Floats, Floats, int]:
    """Welfare after one round and after the last of the loop, and how many it took.

    A round holds outputs and expenditures and finds factors of rows and columns of ``X B`` that
    meet them; the rows' factors give new prices, and they the next outputs and expenditures.
    """
    trade, freeness = _world()
    kernel, today, spent = trade * freeness, trade.sum(axis=1), trade.sum(axis=0)
    output, spending, rows = today, spent, np.ones(COUNTRIES)
    first, prices, count = np.empty(0), np.ones(COUNTRIES), 0
    while True:
        for _ in range(10_000):
            columns = spending / (rows @ kernel)
            met = output / (kernel @ columns)
            done = np.abs(met / rows - 1).max() < 1e-13
            rows = met
            if done:
                break
        before, prices, count = prices, rows ** (-1 / THETA), count + 1
        prices = prices * (today.sum() / (today @ prices))
        # a column's factor is its price index to the power θ, over its spending's growth
        index = ((kernel / spent) * (prices**-THETA)[:, None]).sum(axis=0) ** (-1 / THETA)
        welfare = prices / index
        first = welfare if count == 1 else first
        if np.abs(prices / before - 1).max() < 1e-12:
            return first, welfare, count
        output = today * prices
        spending = spent * prices * (output.sum() / (spent @ prices))


def run() -> list[Row]:
    """The row of the table, after a word on why the two answers part."""
    with one_thread():
        mine = measured("benchmarks.jobs.one_sector:ours").result
        theirs = measured("benchmarks.jobs.one_sector:peer").result
    first, last, count = rounds()

    def apart(welfare: Floats, other: Floats) -> float:
        return float(np.abs(welfare / other - 1).max())

    print(f"gegravity's welfare is round 1's of the loop: apart {apart(theirs.welfare, first):.0e}")
    print(f"ours is that of round {count}, the last: apart {apart(mine.welfare, last):.0e}")
    print(
        f"the two are apart {apart(mine.welfare, theirs.welfare):.1e}; sales miss incomes by up to"
    )
    print(f"{gap(theirs.prices):.1e} in gegravity's answer and {gap(mine.prices):.0e} in ours")
    assert apart(theirs.welfare, first) < SAME, "gegravity must be the loop's first round"
    assert apart(mine.welfare, last) < SAME_LIMIT, "ours must be the loop's limit"
    return [
        Row(
            "one sector, 230 countries (CPU)",
            mine.seconds,
            "gegravity",
            theirs.seconds,
            bar_ratio=1 / 1_000,
        )
    ]
