"""Every product of a made-up year beside pyfixest: the worst coefficient and standard error.

A thin year, about a hundred flows a product, so that pyfixest gets through all of them in minutes
and many a product is hard: few flows, effects that hardly identify the covariates.
"""

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import polars as pl

from benchmarks import Row, measured
from benchmarks.jobs.gravity import (
    PROCESSES,
    TIGHT,
    Floats,
    Task,
    peer_estimates,
    prepare_peer,
    with_zeros,
    year,
)

COEFFICIENTS, ERRORS = 1e-8, 1e-6
"""How far ours may be from pyfixest's: coefficients as such, standard errors by share."""
SETTLED = 1e-9
"""Where pyfixest's own coefficients move by more than this between two tight tolerances, it has
not settled, and nothing can be compared."""


def ours(flows: int) -> tuple[float, dict[str, Floats], dict[str, int]]:
    """Seconds, the estimates of each product fitted without drops, and all products by state."""
    from offing.market.gravity.batch import fit_products
    from offing.market.gravity.estimates import COVARIANCES

    table, pairs = year(flows)
    began = time.perf_counter()
    fit = fit_products(table, pairs, threads=PROCESSES)
    seconds = time.perf_counter() - began
    errors = np.stack([fit.standard_errors(kind) for kind in COVARIANCES], axis=1)
    states: dict[str, int] = {}
    for note in fit.notes:
        states[note.state] = states.get(note.state, 0) + 1
    clean = [n for n, note in enumerate(fit.notes) if note.state == "estimated"]
    return seconds, {fit.products[n]: np.vstack([fit.beta[n], errors[n]]) for n in clean}, states


def peer_product(task: Task) -> tuple[float, Floats | None, float]:
    """Seconds, the numbers at tight tolerances, how far they moved from a looser one.

    ``None`` where pyfixest refuses.
    """
    data = with_zeros(task)
    began = time.perf_counter()
    try:
        loose = peer_estimates(data, 1e-9, 1e-9)
        tight = peer_estimates(data, *TIGHT)
    except Exception:  # whatever it raises, there is nothing to compare
        return time.perf_counter() - began, None, np.inf
    return time.perf_counter() - began, tight, float(np.abs(tight[0] - loose[0]).max())


def peer(flows: int, products: list[str]) -> dict[str, tuple[float, Floats | None, float]]:
    """What pyfixest says of every product named."""
    prepare_peer()
    table, pairs = year(flows)
    parts = table.filter(pl.col("product").is_in(products)).partition_by(
        "product", as_dict=True, include_key=False
    )
    tasks = [(parts[product,], pairs) for product in products]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        return dict(zip(products, pool.map(peer_product, tasks, chunksize=20), strict=True))


def run(flows: int = 500_000) -> list[Row]:
    """Compare all; the table's line says how many, and the worst of each.

    Raises:
        AssertionError: a coefficient or a standard error differs from a settled one of pyfixest's.
    """
    seconds, mine, states = measured("benchmarks.jobs.gravity_accuracy:ours", flows).result
    theirs = measured("benchmarks.jobs.gravity_accuracy:peer", flows, sorted(mine)).result
    worst = {"coefficient": (0.0, ""), "error": (0.0, "")}
    compared, refused, unsettled, spent = 0, 0, 0, 0.0
    for product, numbers in mine.items():
        took, other, moved = theirs[product]
        spent += took
        if other is None or other.shape != numbers.shape:
            refused += 1
            continue
        if moved > SETTLED:
            unsettled += 1
            continue
        compared += 1
        both = np.isfinite(numbers) & np.isfinite(other)
        gaps = {
            "coefficient": np.abs(numbers[0] - other[0]).max(),
            "error": np.abs(numbers / other - 1)[1:][both[1:]].max(initial=0.0),
        }
        for kind, gap in gaps.items():
            worst[kind] = max(worst[kind], (float(gap), product))
    print(
        f"states: {states}; compared {compared:,}, pyfixest refused {refused:,}, "
        f"did not settle {unsettled:,}; worst coefficient {worst['coefficient'][0]:.1e} "
        f"(product {worst['coefficient'][1]}), worst standard error {worst['error'][0]:.1e} "
        f"(product {worst['error'][1]})"
    )
    if worst["coefficient"][0] > COEFFICIENTS or worst["error"][0] > ERRORS:
        raise AssertionError(f"beyond {COEFFICIENTS:.0e} and {ERRORS:.0e}")
    return [
        Row(
            f"{compared:,} products equal to pyfixest: coefficients "
            f"{worst['coefficient'][0]:.0e}, errors {worst['error'][0]:.0e}",
            seconds,
            "pyfixest at tight tolerances, twice",
            spent / PROCESSES,
        )
    ]
