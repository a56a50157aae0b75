"""Panel gravity against published tables, pyfixest's conventions and a dense reference."""

import numpy as np
import polars as pl
import pytest

from offing.market.gravity.panel import PairEffects, fit_panel
from shared_data import shared

pytest.importorskip("numba", reason="the extra 'gravity' is not installed")

KEYS: tuple[str | pl.Expr, ...] = (
    "exporter", "importer", pl.col("year").cast(pl.Int32), pl.col("trade").alias("value_usd"),
)  # fmt: skip


def agtpa(domestic: bool = False) -> pl.DataFrame:
    """UNCTAD/WTO Advanced Guide (Yotov et al. 2016): every fourth year of 1986-2006."""
    data = pl.read_parquet(shared("gravity_panels", "agtpa_applications.parquet"))
    return data.filter(
        pl.col("year").cast(pl.Int32).is_in([1986, 1990, 1994, 1998, 2002, 2006])
        & (pl.lit(domestic) | (pl.col("exporter") != pl.col("importer")))
    )


def test_published_traditional_estimates() -> None:
    """Yotov et al. (2016), Table 1, PPML with exporter-year and importer-year effects."""
    panel = agtpa().select(
        *KEYS, pl.col("dist").log().alias("log_distance"), "cntg", "lang", "clny"
    )
    fit = fit_panel(panel, pair_effects="none")
    assert fit.rows == 28152
    assert fit.beta == pytest.approx([-0.8409, 0.4374, 0.2475, -0.2225], abs=5e-5)


def test_published_trade_agreements() -> None:
    """Yotov et al. (2016), Table 2: RTA by PPML, then with pair effects."""
    distance = pl.col("dist").log().alias("log_distance")
    plain = fit_panel(
        agtpa().select(*KEYS, distance, "cntg", "lang", "clny", "rta"), pair_effects="none"
    )
    assert plain.beta[-1] == pytest.approx(0.1907, abs=5e-5)
    paired = fit_panel(agtpa(domestic=True).select(*KEYS, "rta"), pair_effects="symmetric")
    assert paired.rows == 28482
    assert paired.beta[0] == pytest.approx(0.5572, abs=5e-5)
    # both directions are one cluster; 7 of the pairs never trade
    assert paired.pairs == plain.pairs / 2 + 69 - 7


def test_published_eu_enlargement() -> None:
    """Baier, Yotov and Zylkin (2019), the example of Stata's ge_gravity: three-way PPML."""
    data = pl.read_csv(shared("gravity_panels", "ge_gravity_wiod_fta.csv")).filter(
        pl.col("exporter") != pl.col("importer")
    )
    fit = fit_panel(data.select(*KEYS, "eu_enlargement", "other_fta"))
    assert fit.beta[0] == pytest.approx(0.224249, abs=5e-7)
    # 0.0722 was computed with pyfixest under a hash seed by which it takes the exporter-years for
    # nested in the pairs: 178 parameters instead of 2 + 176 + 176 - 1.
    as_printed = fit.errors[0] * np.sqrt((fit.rows - 353) / (fit.rows - 178))
    assert as_printed == pytest.approx(0.0722, abs=5e-5)


def made(seed: int = 5, size: int = 9, years: int = 4, zeros: float = 0.3) -> pl.DataFrame:
    """A small panel with zeros, a missing year of a pair and a covariate that moves."""
    rng = np.random.default_rng(seed)
    rows = [(y, i, j) for y in range(years) for i in range(size) for j in range(size) if i != j]
    effects = rng.normal(0, 1, (3, size, size))
    value = [
        np.exp(effects[0, i, y % size] + effects[1, j, y % size] + effects[2, i, j])
        * rng.gamma(0.8) * (rng.random() > zeros)
        for y, i, j in rows
    ]  # fmt: skip
    return pl.DataFrame(
        {
            "year": [2000 + y for y, _, _ in rows],
            "exporter": [f"A{i}" for _, i, _ in rows],
            "importer": [f"B{j}" for _, _, j in rows],
            "value_usd": value,
            "tariff": rng.normal(0, 1, len(rows)),
            "agreement": [float(y > (i * j) % 5) for y, i, j in rows],
        }
    ).filter(pl.Series(rng.random(len(rows)) > 0.05))


def dense(
    panel: pl.DataFrame, names: list[str], paired: bool, one_cluster: bool = False
) -> tuple[np.ndarray, ...]:
    """The same with dummies and plain iterated least squares: slow, and nothing clever in it."""
    groups = [["exporter", "year"], ["importer", "year"], *([["exporter", "importer"]] * paired)]
    for _ in range(5):  # units without any trade leave the sample
        for keys in groups:
            panel = panel.filter(pl.col("value_usd").sum().over(keys) > 0)
    y = panel["value_usd"].to_numpy() / panel["value_usd"].mean()
    codes = [panel.select(pl.struct(keys).rank("dense"))[keys[0]].to_numpy() - 1 for keys in groups]
    x = panel.select(names).to_numpy()
    design = np.column_stack([x, *(np.eye(code.max() + 1)[code] for code in codes)])
    mu = (y + y.mean()) / 2
    for _ in range(60):
        weighted = design.T * mu
        target = np.log(mu) + (y - mu) / mu
        # The dummies overlap: the shortest of the many solutions.
        theta = np.linalg.pinv(weighted @ design, rcond=1e-12, hermitian=True) @ weighted @ target
        mu = np.exp(np.clip(design @ theta, -60, 60))
    k = x.shape[1]
    root = np.sqrt(mu)[:, None]
    others = design[:, k:] * root
    left = x - design[:, k:] @ np.linalg.lstsq(others, x * root, rcond=1e-12)[0]
    bread = np.linalg.inv(left.T * mu @ left)
    score = left * (y - mu)[:, None]
    ends = pl.concat_list("exporter", "importer")
    directed, undirected = (
        panel.select(at=of.list.join(">").rank("dense") - 1)["at"].to_numpy()
        for of in (ends, ends.list.sort())
    )
    cluster = undirected if one_cluster else directed
    sums = np.zeros((cluster.max() + 1, k))
    np.add.at(sums, cluster, score)
    n, g = len(y), len(sums)
    sides = sum(int(code.max()) + 1 for code in codes[:2])
    factor = g / (g - 1) * (n - 1) / (n - (k + sides - 1))
    robust = n / (n - (k + sides - 1) - directed.max() * paired)
    return (
        theta[:k],
        np.sqrt(np.diag(bread @ sums.T @ sums @ bread) * factor),
        np.sqrt(np.diag(bread @ score.T @ score @ bread) * robust),
    )


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("seed", [5, 6])
@pytest.mark.parametrize("one_cluster", [True, False])
def test_equals_the_dense_reference(seed: int, paired: bool, one_cluster: bool) -> None:
    panel = made(seed).with_columns(pl.col("importer").str.replace("B", "A"))
    effects: PairEffects = "directed" if paired else "none"
    fit = fit_panel(panel, pair_effects=effects, one_cluster=one_cluster)
    beta, clustered, robust = dense(panel, ["tariff", "agreement"], paired, one_cluster)
    assert fit.beta == pytest.approx(beta, abs=1e-7)
    assert fit.errors == pytest.approx(clustered, rel=1e-6)
    assert np.sqrt(np.diag(fit.hc)) == pytest.approx(robust, rel=1e-6)


@pytest.mark.filterwarnings("ignore")  # pyfixest's own, of pandas
def test_equals_pyfixest() -> None:
    """Without the hash seed's part: the factor is compared where nothing is nested by chance."""
    pf = pytest.importorskip("pyfixest", reason="the group 'bench' is not installed")
    import pandas as pd

    panel = made(7, size=12)
    fit = fit_panel(panel)
    data = panel.with_columns(
        it=pl.concat_str("exporter", "year"),
        jt=pl.concat_str("importer", "year"),
        ij=pl.concat_str("exporter", "importer"),
    ).to_dict(as_series=False)
    other = pf.fepois(
        "value_usd ~ tariff + agreement | it + jt + ij", pd.DataFrame(data), vcov="hetero",
        iwls_tol=1e-11, demeaner=pf.MapDemeaner(fixef_tol=1e-11),
    )  # fmt: skip
    assert fit.beta == pytest.approx(other.coef().to_numpy(), abs=1e-8)
    assert np.sqrt(np.diag(fit.hc)) == pytest.approx(other.se().to_numpy(), rel=1e-6)


def test_separated_rows_are_dropped() -> None:
    """A ban that is one at zeros only: without those rows all is as before."""
    panel = made(8)
    zeros = panel.with_row_index().filter(
        (pl.col("value_usd") == 0) & (pl.col("value_usd").sum().over("exporter", "importer") > 0)
    )["index"][::9]
    flagged = panel.with_row_index().with_columns(
        ban=pl.col("index").is_in(zeros.to_list()).cast(pl.Float64)
    )
    fit = fit_panel(flagged.drop("index"))
    without = fit_panel(flagged.filter(pl.col("ban") == 0).drop("index", "ban"))
    assert fit.separated == without.separated + len(zeros)
    assert fit.collinear == ("ban",)
    assert fit.beta[:2] == pytest.approx(without.beta, abs=1e-8)
    assert fit.errors[:2] == pytest.approx(without.errors, rel=1e-6)


@pytest.mark.parametrize("factor", [1e-9, 1e15])
def test_scale_of_values_does_not_matter(factor: float) -> None:
    one = fit_panel(made())
    other = fit_panel(made().with_columns(pl.col("value_usd") * factor))
    assert other.beta == pytest.approx(one.beta, abs=1e-9)
    assert other.errors == pytest.approx(one.errors, rel=1e-7)


def test_what_pairs_give_is_left_out_and_named() -> None:
    panel = made().with_columns(
        distance=(pl.col("exporter").str.tail(1).cast(pl.Float64) * 3)
        .add(pl.col("importer").str.tail(1).cast(pl.Float64) ** 2)
        .sin(),
        twice=pl.col("tariff") * 2,
        constant=pl.lit(4.0),
    )
    fit = fit_panel(panel)
    assert fit.collinear == ("distance", "twice", "constant")
    assert fit.beta[:2] == pytest.approx(fit_panel(made()).beta, abs=1e-8)
    assert np.isnan(fit.beta[2:]).all()


def test_order_and_threads_do_not_matter() -> None:
    one = fit_panel(made(), threads=1)
    other = fit_panel(made().sample(fraction=1, shuffle=True, seed=2), threads=2)
    assert one.beta.tobytes() == other.beta.tobytes()
    assert one.covariance.tobytes() == other.covariance.tobytes()
