"""Every product of a made-up year beside pyfixest: the worst coefficient and standard error.

A thin year, about a hundred flows a product, so that pyfixest gets through all of them in minutes
and many a product is hard: few flows, effects that hardly identify the covariates. Products with
fewer flows than parameters are left aside: the likelihood is then flat over many orders of
magnitude, and no two programs stop at the same place.
"""

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import polars as pl

from benchmarks import Row, measured
from benchmarks.jobs.gravity import (
    COLUMNS,
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


def ours(flows: int) -> tuple[float, dict[str, Floats], dict[str, int]]:
    """Seconds, the estimates of each product to compare, and all products by state."""
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
    counts = dict(table.group_by("product").len().iter_rows())
    clean = []
    for n, note in enumerate(fit.notes):
        parameters = len(COLUMNS) + note.exporters + note.importers - 1
        if note.state == "estimated" and counts[fit.products[n]] >= parameters:
            clean.append(n)
        elif note.state == "estimated":
            states["fewer flows than parameters"] = states.get("fewer flows than parameters", 0) + 1
    return seconds, {fit.products[n]: np.vstack([fit.beta[n], errors[n]]) for n in clean}, states


def peer_product(task: Task) -> tuple[float, Floats | None]:
    """Seconds and the numbers at tight tolerances; ``None`` where pyfixest refuses."""
    data = with_zeros(task)
    began = time.perf_counter()
    try:
        tight = peer_estimates(data, *TIGHT)
    except Exception:  # whatever it raises, there is nothing to compare
        return time.perf_counter() - began, None
    return time.perf_counter() - began, tight


def dense(task: Task) -> tuple[Floats, Floats]:
    """The same model with every dummy, by least squares iterated until nothing moves.

    It decides where the two differ: pyfixest stops by the deviance, which hardly moves where an
    estimate is far out and flat.

    Returns:
        Coefficients, and heteroskedastic standard errors.
    """
    data = with_zeros(task)
    y = data["value_usd"].to_numpy(dtype=float)
    raw = data[list(COLUMNS)].to_numpy(dtype=float)
    spread = raw.std(axis=0)
    x = (raw - raw.mean(axis=0)) / spread
    sides = [np.unique(data[side], return_inverse=True) for side in ("exporter", "importer")]
    effects = [np.eye(len(names))[at] for names, at in sides]
    design = np.column_stack([x, effects[0], effects[1][:, 1:]])
    theta, mu = np.zeros(design.shape[1]), (y + y.mean()) / 2
    for _ in range(300):
        root = np.sqrt(mu)
        target = root * (np.log(mu) + (y - mu) / mu)
        new = np.linalg.lstsq(root[:, None] * design, target)[0]
        moved = np.abs(new - theta)[: len(COLUMNS)].max()
        theta, mu = new, np.exp(np.clip(design @ new, -300, 300))
        if moved < 1e-12:
            break
    bread = np.linalg.pinv((design.T * mu) @ design)
    score = design * (y - mu)[:, None]
    n, k = design.shape
    variance = np.diag(bread @ score.T @ score @ bread)[: len(COLUMNS)] * n / (n - k)
    return theta[: len(COLUMNS)] / spread, np.sqrt(variance) / spread


def peer(flows: int, products: list[str]) -> dict[str, tuple[float, Floats | None]]:
    """What pyfixest says of every product named."""
    prepare_peer()
    table, pairs = year(flows)
    parts = table.filter(pl.col("product").is_in(products)).partition_by(
        "product", as_dict=True, include_key=False
    )
    tasks = [(parts[product,], pairs) for product in products]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        return dict(zip(products, pool.map(peer_product, tasks, chunksize=20), strict=True))


def gaps(numbers: Floats, other: Floats) -> tuple[float, float]:
    """How far coefficients and standard errors are apart, the latter by share."""
    some = np.isfinite(numbers[1:]) & np.isfinite(other[1:])
    apart = np.abs(numbers[1:][some] / other[1:][some] - 1).max(initial=0.0)
    return float(np.abs(numbers[0] - other[0]).max()), float(apart)


def run(flows: int = 500_000) -> list[Row]:
    """Compare all; the table's line says how many, and the worst of each.

    Raises:
        AssertionError: a product differs from pyfixest, and from the dense model as well.
    """
    seconds, mine, states = measured("benchmarks.jobs.gravity_accuracy:ours", flows).result
    theirs = measured("benchmarks.jobs.gravity_accuracy:peer", flows, sorted(mine)).result
    table, pairs = year(flows)
    worst, worst_dense = np.zeros(2), np.zeros(2)
    equal, refused, spent = 0, 0, 0.0
    odd: list[str] = []
    for product, numbers in mine.items():
        took, other = theirs[product]
        spent += took
        if other is None or other.shape != numbers.shape:
            refused += 1
            continue
        differences = gaps(numbers, other)
        if differences[0] <= COEFFICIENTS and differences[1] <= ERRORS:
            equal += 1
            worst = np.maximum(worst, differences)
            continue
        odd.append(product)
        task = table.filter(pl.col("product") == product).drop("product"), pairs
        coefficients, errors = dense(task)
        differences = gaps(numbers[:2], np.vstack([coefficients, errors]))
        worst_dense = np.maximum(worst_dense, differences)
        if differences[0] > COEFFICIENTS or differences[1] > ERRORS:
            raise AssertionError(f"product {product}: {differences} from the dense model")
    print(
        f"products by state: {states}\n"
        f"equal to pyfixest within {COEFFICIENTS:.0e} and {ERRORS:.0e}: {equal:,}; worst "
        f"coefficient {worst[0]:.1e}, worst standard error {worst[1]:.1e}\n"
        f"pyfixest stopped early, equal to the dense model: {len(odd)} (such as "
        f"{', '.join(odd[:5])}); worst {worst_dense[0]:.1e} and {worst_dense[1]:.1e}\n"
        f"pyfixest refused: {refused}"
    )
    return [
        Row(
            f"{len(mine):,} products, every one compared",
            seconds,
            "pyfixest at tight tolerances, two processes",
            spent / PROCESSES,
        )
    ]
