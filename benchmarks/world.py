"""A made-up year of world trade with BACI's size and shape, the same for the same seed.

About 230 countries, 5,000 products and 9.6 million positive flows. Which pairs trade and how much
follows gravity: size of both countries over distance, with a product's own size and an exporter's
own strength in it. Among pairs that trade at all, 85 to 96 % of products are zero, as in BACI.
Values are log-normal; unit values rise with the exporter's income (Schott 2004 finds an elasticity
of about 0.13 to 0.5; 0.3 here); a tenth of the quantities is missing.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.terms.countries import all_countries

COUNTRIES = 230
PRODUCTS = 5_000
FLOWS = 9_600_000
MISSING_QUANTITIES = 0.1
INCOME_ELASTICITY = 0.3
CIF_OVER_FOB = 1.06

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class World:
    """What does not change from year to year.

    Attributes:
        codes: alpha-3 of each country.
        numbers: BACI's number of each country.
        products: six-digit codes, sorted.
        size: log of each country's economy.
        income: log of its income per head.
        place: (country, 3) where it lies on a globe of radius 1.
        gravity: (exporter, importer) log of the pull between two countries; minus infinity for
            pairs that never trade.
        weight: log of each product's size in world trade.
        strength: (exporter, product) log of an exporter's strength in a product.
        price: log of each product's unit value, thousand USD per tonne.
    """

    codes: tuple[str, ...]
    numbers: Places
    products: tuple[str, ...]
    size: Floats
    income: Floats
    place: Floats
    gravity: Floats
    weight: Floats
    strength: Floats
    price: Floats


def world(seed: int = 1, countries: int = COUNTRIES, products: int = PRODUCTS) -> World:
    """Draw a world."""
    rng = np.random.default_rng([seed, countries, products])
    chosen = [c for c in all_countries().values() if c.kind == "country"][:countries]
    n = len(chosen)
    income = rng.normal(9.0, 1.3, n)
    size = rng.normal(0.0, 1.6, n) + 0.5 * (income - 9.0)
    points = rng.normal(size=(n, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    angle = np.arccos(np.clip(points @ points.T, -1, 1))
    gravity = size[:, None] + size[None, :] - np.log(np.maximum(angle, 0.02))
    gravity += rng.normal(0.0, 0.7, (n, n))
    np.fill_diagonal(gravity, -np.inf)
    gravity[gravity < np.quantile(gravity[np.isfinite(gravity)], 0.35)] = -np.inf
    numbers = rng.choice(960_000, size=products, replace=False) + 10_000
    return World(
        codes=tuple(c.code for c in chosen),
        numbers=np.array([c.number for c in chosen]),
        products=tuple(sorted(f"{number:06d}" for number in numbers)),
        size=size,
        income=income,
        place=points,
        gravity=gravity,
        weight=rng.normal(0.0, 1.5, products),
        strength=rng.normal(0.0, 1.2, (n, products)),
        price=rng.normal(1.5, 1.5, products),
    )


def _chances(w: World, exporter: int, level: float, products: Places) -> Floats:
    """(importer, product) chance of a positive flow, of some products."""
    strength = (w.weight + w.strength[exporter])[products]
    pull = w.gravity[exporter][:, None] + strength[None, :]
    chance: Floats = -np.expm1(-np.exp(np.minimum(level + 0.75 * pull, 4.0)))
    return chance


def _level(w: World, flows: int) -> float:
    """The level at which the expected number of flows is ``flows``, by bisection.

    The sum is taken over every 25th product in the order of their size.
    """
    step = min(25, max(1, len(w.products) // 100))
    some = np.argsort(w.weight)[step // 2 :: step]
    target = flows * len(some) / len(w.products)
    low, high = -15.0, 5.0
    for _ in range(18):
        middle = (low + high) / 2
        total = sum(_chances(w, i, middle, some).sum() for i in range(len(w.codes)))
        low, high = (middle, high) if total < target else (low, middle)
    return (low + high) / 2


def _flows_by_exporter(
    w: World, year: int, seed: int, flows: int
) -> Iterator[tuple[int, Places, Places, Floats, Floats]]:
    """Exporter, importers, products, thousand USD, tonnes (NaN where missing); sorted."""
    level = _level(w, flows)
    every = np.arange(len(w.products))
    for exporter in range(len(w.codes)):
        rng = np.random.default_rng([seed, year, exporter])
        chance = _chances(w, exporter, level, every)
        importer, product = np.nonzero(rng.random(chance.shape) < chance)
        pull = w.gravity[exporter, importer] + w.weight[product] + w.strength[exporter, product]
        value = np.exp(0.3 + 0.8 * pull + rng.normal(0.0, 1.6, len(product)))
        price = (
            w.price[product]
            + INCOME_ELASTICITY * (w.income[exporter] - 9.0)
            + rng.normal(0.0, 0.5, len(product))
        )
        tonnes = value / np.exp(price)
        tonnes[rng.random(len(product)) < MISSING_QUANTITIES] = np.nan
        yield exporter, importer, product, np.maximum(value, 0.001), np.maximum(tonnes, 0.001)


@cache
def cache_folder() -> Path:
    """Where made-up years are kept: ``XDG_CACHE_HOME``, else the folder for passing files."""
    base = os.environ.get("XDG_CACHE_HOME") or tempfile.gettempdir()
    folder = Path(base) / "offing-benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def baci_year(year: int = 2020, *, seed: int = 1, flows: int = FLOWS) -> Path:
    """A CSV of one year in CEPII's layout (t,i,j,k,v,q), made once and kept in the cache.

    Args:
        year: the column ``t``; each year has its own draw on the same world.
        seed: of the world and its flows.
        flows: the expected number of rows.
    """
    target = cache_folder() / f"BACI_HS17_Y{year}_V{seed:06d}-{flows}.csv"
    if target.exists():
        return target
    w = world(seed)
    products = pl.Series(w.products)
    ready = target.with_suffix(f".{os.getpid()}.new")
    with ready.open("wb") as file:
        file.write(b"t,i,j,k,v,q\n")
        for exporter, importer, product, value, tonnes in _flows_by_exporter(w, year, seed, flows):
            pl.DataFrame(
                {
                    "t": np.full(len(product), year),
                    "i": np.full(len(product), w.numbers[exporter]),
                    "j": w.numbers[importer],
                    "k": products[product],
                    "v": value,
                    "q": pl.Series(tonnes).fill_nan(None),
                }
            ).sort("j", "k").write_csv(
                file, include_header=False, float_precision=3, null_value="NA"
            )
    ready.replace(target)
    return target


def reports(
    year: int = 2020,
    *,
    seed: int = 1,
    flows: int = 200_000,
    countries: int = 60,
    products: int = 200,
    noise: float = 0.3,
    one_sided: float = 0.25,
) -> pl.DataFrame:
    """Two reports of each flow in the ``Reports`` columns, and the truth they blur.

    The exporter reports FOB, the importer CIF (6 % more on average), each with a country's own
    carelessness; a quarter of the flows is reported by one side only.

    Returns:
        The ``Reports`` columns and ``true_usd``, the flow's FOB value before the noise.
    """
    w = world(seed, countries, products)
    careless = np.random.default_rng([seed, 7]).uniform(0.3, 1.7, len(w.codes))
    codes = pl.Series(w.codes)
    names = pl.Series(w.products)
    frames = []
    for exporter, importer, product, value, tonnes in _flows_by_exporter(w, year, seed, flows):
        rng = np.random.default_rng([seed, year, exporter, 1])
        draw = rng.random(len(product))
        for direction, keep, factor, spread in (
            ("export", draw >= one_sided / 2, 1.0, careless[exporter] * noise),
            ("import", draw < 1 - one_sided / 2, CIF_OVER_FOB, careless[importer] * noise),
        ):
            blur = np.exp(rng.normal(0.0, 1.0, len(product)) * spread)
            weight = np.exp(rng.normal(0.0, 1.0, len(product)) * spread * 0.5)
            own, partner = codes[[exporter] * len(product)], codes[importer]
            frames.append(
                pl.DataFrame(
                    {
                        "year": pl.Series([year] * len(product), dtype=pl.Int16),
                        "direction": [direction] * len(product),
                        "reporter": own if direction == "export" else partner,
                        "partner": partner if direction == "export" else own,
                        "product": names[product],
                        "edition": ["2017"] * len(product),
                        "value_usd": value * 1000 * factor * blur,
                        "kg": pl.Series(tonnes * 1000 * weight).fill_nan(None),
                        "items": pl.Series([None] * len(product), dtype=pl.Float64),
                        "true_usd": value * 1000,
                    }
                ).filter(pl.Series(keep))
            )
    return pl.concat(frames).sort("product", "reporter", "partner", "direction")
