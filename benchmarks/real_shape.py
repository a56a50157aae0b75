"""Years of world trade as large as BACI, with the sizes and the zeros of real flows.

The 36 products of the electric-vehicle chain in the shared data folder (UN Comtrade, imports of
2020 to 2024) come again under every code of the Harmonized System of 2017. Each code takes one of
them, a large one more often than a small one, so that a year has BACI's eleven million rows. Labels
of countries are permuted among neighbours in size: Germany may take China's place, Tuvalu may not.
Each code has a size of its own, so that no figure comes twice (copies would be stored small).
Headings that the example study asks for keep their labels and take the largest product of all, so
that what is measured on them is the heaviest that there is.
"""

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.world import cache_folder
from offing.terms.countries import all_countries

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
CHAIN = Path("comtrade_ev_chain", "imports_by_partner_2018_2024.parquet")
CODES = Path("hs_nomenclature", "hs_concordances_comtrade.parquet")
FIRST, LAST = 2020, 2024
"""Years in which the chain has all of its products."""
ROWS = 11_000_000
"""Of a year."""
NEIGHBOURS = 8
"""So many countries of like size may swap their labels."""
KEPT = "8528"
"""The heading of the example study: its codes keep their labels."""
SEED = 14

Numbers = NDArray[np.int64]


@cache
def chain(shared: Path = SHARED) -> pl.DataFrame:
    """The real flows of countries as in BACI: year, code, i, j, v (thousand USD), q (tonnes)."""
    numbers = {c.code: c.number for c in all_countries().values() if c.kind == "country"}
    tonnes = (
        pl.when(pl.col("netWgt") > 0)
        .then(pl.col("netWgt"))
        .when((pl.col("qty") > 0) & (pl.col("qtyUnitAbbr") == "kg"))
        .then(pl.col("qty"))
        / 1000
    )
    return (
        pl.read_parquet(shared / CHAIN)
        .filter(pl.col("year").is_between(FIRST, LAST), pl.col("primaryValue") > 0)
        .select(
            "year",
            code=pl.col("cmdCode").cast(pl.String),
            i=pl.col("partnerISO").replace_strict(numbers, default=None, return_dtype=pl.Int64),
            j=pl.col("reporterISO").replace_strict(numbers, default=None, return_dtype=pl.Int64),
            v=pl.col("primaryValue") / 1000,
            q=tonnes,
        )
        .drop_nulls(["i", "j"])
        .filter(pl.col("i") != pl.col("j"))
        .sort("code", "i", "j", "year")
    )


@cache
def codes(shared: Path = SHARED) -> list[str]:
    """Every six-digit code of the edition of 2017."""
    table = pl.read_parquet(shared / CODES).filter(adjustment="2017 to 2012")
    return sorted({code.zfill(6) for code in table["code.after"]})


def year_file(year: int, rows: int = ROWS, shared: Path = SHARED) -> Path:
    """A CSV of one year in CEPII's layout, made once and kept in the cache.

    Args:
        year: 2020 to 2024.
        rows: about how many; fewer means fewer codes.
        shared: folder of the real data.

    Raises:
        FileNotFoundError: there is no shared data folder.
    """
    target = cache_folder() / f"BACI_HS17_Y{year}_V{SEED:06d}-real-{rows}.csv"
    if target.exists():
        return target
    real = chain(shared).filter(year=year)
    parts = real.partition_by("code", as_dict=True)
    by_code = {name: frame.select("i", "j", "v", "q") for (name,), frame in parts.items()}
    order = _by_size(shared)
    frames = []
    for code, source, rng in _sources(rows, shared):
        flows = by_code.get(source)
        if flows is None:
            continue
        if not code.startswith(KEPT):
            before, after = order, _among_neighbours(order, rng)
            flows = flows.with_columns(
                pl.col("i", "j").replace_strict(before, after, return_dtype=pl.Int64)
            )
        size = rng.lognormal()
        named = pl.lit(year).alias("t"), "i", "j", pl.lit(code).alias("k")
        frames.append(flows.select(*named, pl.col("v") * size, pl.col("q") * size))
    ready = target.with_suffix(".new")
    pl.concat(frames).sort("i", "j", "k").write_csv(ready, float_precision=3, null_value="NA")
    ready.replace(target)
    return target


def _by_size(shared: Path) -> Numbers:
    """The numbers of all countries of the chain, by what they trade, the largest first."""
    both = pl.concat([chain(shared).select(pl.col(side).alias("n"), "v") for side in ("i", "j")])
    return both.group_by("n").agg(pl.col("v").sum()).sort("v", "n", descending=True)["n"].to_numpy()


def _among_neighbours(order: Numbers, rng: np.random.Generator) -> Numbers:
    """The same countries, shuffled among those of like size."""
    return np.concatenate(
        [rng.permutation(order[at : at + NEIGHBOURS]) for at in range(0, len(order), NEIGHBOURS)]
    )


def _sources(rows: int, shared: Path) -> list[tuple[str, str, np.random.Generator]]:
    """Of each code the real product that it takes, and where its chances come from.

    They are the same in every year, so that a flow goes on as it did.
    """
    sizes = chain(shared).group_by("code").len().sort("code")
    names, counts = sizes["code"].to_list(), sizes["len"].to_numpy() / (LAST - FIRST + 1)
    largest = names[int(counts.argmax())]
    goods = codes(shared)
    power = _power(counts, rows / len(goods))
    rng = np.random.default_rng(SEED)
    drawn = rng.choice(len(names), size=len(goods), p=_shares(counts, power))
    share = min(1.0, rows / (len(goods) * float(counts @ _shares(counts, power))))
    stays = (rng.random(len(goods)) < share).tolist()
    return [
        (code, largest if code.startswith(KEPT) else names[at], np.random.default_rng([SEED, n]))
        for n, (code, at, stay) in enumerate(zip(goods, drawn, stays, strict=True))
        if stay or code.startswith(KEPT)
    ]


def _shares(counts: NDArray[np.float64], power: float) -> NDArray[np.float64]:
    weights: NDArray[np.float64] = counts**power / (counts**power).sum()
    return weights


def _power(counts: NDArray[np.float64], mean: float) -> float:
    """How much a large product must be preferred for so many rows a code; 1 where it is enough."""
    power = 1.0
    while float(counts @ _shares(counts, power)) < mean and power < 4:
        power += 0.02
    return power
