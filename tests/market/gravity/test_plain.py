"""The plain equation against published tables, the batch and closed forms."""

import numpy as np
import polars as pl
import pytest

from gravity_world import world
from offing.market.gravity.batch import fit_products
from offing.market.gravity.plain import fit_plain
from shared_data import shared

pytest.importorskip("numba", reason="the extra 'gravity' is not installed")

TRADITIONAL = [
    "lypex", "lypim", "lyex", "lyim", "ldist", "border", "comlang", "colony",
    "landl_ex", "landl_im", "lremot_ex", "lremot_im", "comfrt_wto", "open_wto",
]  # fmt: skip


@pytest.fixture(scope="module")
def log_of_gravity() -> pl.DataFrame:
    """136 countries, 1990: the data of Santos Silva and Tenreyro (2006)."""
    return pl.read_parquet(shared("gravity_panels", "log_of_gravity.parquet"))


def test_published_log_of_gravity_by_poisson(log_of_gravity: pl.DataFrame) -> None:
    """Santos Silva and Tenreyro (2006), Table 3, PPML on trade ≥ 0."""
    fit = fit_plain(log_of_gravity, TRADITIONAL, outcome="trade")
    assert fit.rows == 18360
    found = dict(zip(fit.names, fit.beta, strict=True))
    published = {
        "lypex": 0.732, "lypim": 0.741, "ldist": -0.784, "comlang": 0.746,
        "landl_im": -0.696, "comfrt_wto": 0.181, "open_wto": -0.107,
    }  # fmt: skip
    assert {name: found[name] for name in published} == pytest.approx(published, abs=5e-4)


def test_published_log_of_gravity_by_least_squares(log_of_gravity: pl.DataFrame) -> None:
    """The same table, OLS on the logarithm of trade above zero."""
    fit = fit_plain(log_of_gravity, TRADITIONAL, outcome="trade", estimator="log_ols")
    assert fit.rows == 9613
    found = dict(zip(fit.names, fit.beta, strict=True))
    published = {
        "lypex": 0.938, "lypim": 0.798, "ldist": -1.166, "comlang": 0.678, "comfrt_wto": 0.491,
    }  # fmt: skip
    assert {name: found[name] for name in published} == pytest.approx(published, abs=5e-4)


@pytest.fixture(scope="module")
def agtpa() -> pl.DataFrame:
    """UNCTAD/WTO Advanced Guide (Yotov et al. 2016): every fourth year of 1986-2006."""
    data = pl.read_parquet(shared("gravity_panels", "agtpa_applications.parquet"))
    wanted = pl.col("year").cast(pl.Int32).is_in([1986, 1990, 1994, 1998, 2002, 2006])
    return (
        data.filter(wanted)
        .with_columns(
            log_distance=pl.col("dist").log(),
            output=pl.col("trade").sum().over("exporter", "year").log(),
            spending=pl.col("trade").sum().over("importer", "year").log(),
        )
        .filter(pl.col("exporter") != pl.col("importer"))
    )


def test_published_traditional_gravity_by_least_squares(agtpa: pl.DataFrame) -> None:
    """Yotov et al. (2016), Table 1, OLS without effects, clustered by pair."""
    names = ["log_distance", "cntg", "lang", "clny", "output", "spending"]
    fit = fit_plain(agtpa, names, outcome="trade", estimator="log_ols", cluster=["pair_id"])
    assert fit.rows == 25689
    assert fit.beta[:6] == pytest.approx([-1.002, 0.574, 0.802, 0.735, 1.190, 0.908], abs=6e-4)
    assert fit.r2 == pytest.approx(0.759, abs=6e-4)


def test_published_trade_agreements_by_least_squares(agtpa: pl.DataFrame) -> None:
    """Yotov et al. (2016), Table 2, OLS with exporter-year and importer-year effects."""
    fit = fit_plain(
        agtpa, ["log_distance", "cntg", "lang", "clny", "rta"], outcome="trade",
        effects=[("exporter", "year"), ("importer", "year")], estimator="log_ols",
    )  # fmt: skip
    assert dict(zip(fit.names, fit.beta, strict=True))["rta"] == pytest.approx(-0.0044, abs=5e-5)


def listed(products: int = 1) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The batch's made world with its zeros listed."""
    flows, pairs = world(products)
    rows = pairs.join(flows.drop("product"), on=["exporter", "importer"], how="left").with_columns(
        pl.col("value_usd").fill_null(0.0)
    )
    return rows, flows, pairs


@pytest.mark.parametrize("kind", ["hc", "exporter", "importer"])
def test_with_effects_it_is_the_batch(kind: str) -> None:
    rows, flows, pairs = listed()
    fit = fit_plain(
        rows,
        ["log_distance", "contiguous"],
        effects=[["exporter"], ["importer"]],
        cluster=[] if kind == "hc" else [kind],
    )
    batch = fit_products(flows, pairs)
    assert fit.beta == pytest.approx(batch.beta[0], abs=1e-8)
    errors = fit.errors
    if kind != "hc":  # here every effect counts as a parameter, there those nested do not
        n, sides = fit.rows, batch.notes[0].exporters + batch.notes[0].importers
        nested = batch.notes[0].exporters if kind == "exporter" else batch.notes[0].importers
        errors = errors * np.sqrt((n - 2 - sides + 1) / (n - 2 - (sides - nested)))
    expected = batch.standard_errors(kind)[0]  # type: ignore[arg-type]
    assert errors == pytest.approx(expected, rel=1e-6)


def test_least_squares_is_least_squares() -> None:
    rows, _, _ = listed()
    fit = fit_plain(rows, ["log_distance", "contiguous"], estimator="log_ols")
    some = rows.filter(pl.col("value_usd") > 0)
    design = np.column_stack(
        [some.select("log_distance", "contiguous").to_numpy(), np.ones(some.height)]
    )
    y = np.log(some["value_usd"].to_numpy())
    theta = np.linalg.lstsq(design, y)[0]
    assert fit.beta == pytest.approx(theta)
    bread = np.linalg.inv(design.T @ design)
    score = design * (y - design @ theta)[:, None]
    hc1 = bread @ score.T @ score @ bread * len(y) / (len(y) - 3)
    assert fit.errors == pytest.approx(np.sqrt(np.diag(hc1)))
