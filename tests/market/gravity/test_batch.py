"""Batch gravity against published numbers, a dense reference and its own identities."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from gravity_world import world
from offing.market.gravity.batch import fit_products
from offing.market.gravity.estimates import Gravity
from offing.terms.errors import InputError
from shared_data import shared

pytest.importorskip("numba", reason="the extra 'gravity' is not installed")


def dense(flows: pl.DataFrame, pairs: pl.DataFrame) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The same model with explicit dummies and plain IRLS: slow, and nothing clever in it."""
    exporters, importers = sorted(set(flows["exporter"])), sorted(set(flows["importer"]))
    names = [c for c in pairs.columns if c not in ("exporter", "importer")]
    sample = pairs.filter(
        pl.col("exporter").is_in(exporters) & pl.col("importer").is_in(importers)
    ).join(flows, on=["exporter", "importer"], how="left")
    y = sample["value_usd"].fill_null(0).to_numpy() / flows["value_usd"].mean()
    e = np.array([exporters.index(c) for c in sample["exporter"]])
    m = np.array([importers.index(c) for c in sample["importer"]])
    x = sample.select(names).to_numpy()
    design = np.column_stack(
        [x - x.mean(0), np.eye(len(exporters))[e], np.eye(len(importers))[m][:, 1:]]
    )
    coefficients = np.zeros(design.shape[1])
    mu = (y + y.mean()) / 2
    for _ in range(60):
        working = np.log(mu) + (y - mu) / mu
        weighted = design.T * mu
        coefficients = np.linalg.solve(weighted @ design, weighted @ working)
        mu = np.exp(design @ coefficients)
    bread = np.linalg.inv(design.T * mu @ design)
    score = design * (y - mu)[:, None]
    n, k = len(y), x.shape[1]
    groups = {"hc": np.arange(n), "exporter": e, "importer": m}
    meat = {}
    for kind, group in groups.items():
        sums = np.stack([score[group == g].sum(0) for g in np.unique(group)])
        meat[kind] = sums.T @ sums
    meat["both"] = meat["exporter"] + meat["importer"] - meat["hc"]
    few = min(len(exporters), len(importers))
    factor = {
        "hc": n / (n - k - len(exporters) - len(importers) + 1),
        "exporter": len(exporters) / (len(exporters) - 1) * (n - 1) / (n - k - len(importers)),
        "importer": len(importers) / (len(importers) - 1) * (n - 1) / (n - k - len(exporters)),
        "both": few / (few - 1) * (n - 1) / (n - k - 1),
    }
    return coefficients[:k], {
        kind: np.sqrt(np.diag(bread @ meat[kind] @ bread)[:k] * factor[kind]) for kind in factor
    }


def test_equals_the_dense_reference() -> None:
    flows, pairs = world(4)
    fit = fit_products(flows, pairs)
    for number, product in enumerate(fit.products):
        beta, errors = dense(flows.filter(pl.col("product") == product).drop("product"), pairs)
        assert fit.beta[number] == pytest.approx(beta, abs=1e-8)
        for kind, expected in errors.items():
            assert fit.standard_errors(kind)[number] == pytest.approx(expected, rel=1e-6)  # type: ignore[arg-type]


def test_fitted_totals_equal_observed_totals() -> None:
    """The PPML identity: by exporter and by importer, effects make the totals meet."""
    flows, pairs = world(2)
    fit = fit_products(flows, pairs)
    for product in fit.products:
        mine = flows.filter(pl.col("product") == product)
        expected = fit.expected(product)
        for axis, side in ((1, "exporter"), (0, "importer")):
            totals = dict(mine.group_by(side).agg(pl.col("value_usd").sum()).iter_rows())
            fitted = dict(zip(fit.countries, expected.sum(axis), strict=True))
            assert {c: fitted[c] for c in totals} == pytest.approx(totals, rel=1e-8)


def test_published_trade_without_borders() -> None:
    """Yotov et al. (2016), UNCTAD/WTO Advanced Guide, TradeWithoutBorder.log, first step."""
    data = pl.read_parquet(shared("gravity_panels", "agtpa_trade_without_border.parquet"))
    columns = {name.lower(): name for name in data.columns}
    pairs = data.select(
        exporter=pl.col(columns["exporter"]).cast(pl.String),
        importer=pl.col(columns["importer"]).cast(pl.String),
        log_distance=pl.col(columns["dist"]).log()
        if "dist" in columns
        else pl.col(columns["ln_dist"]),
        contiguous=pl.col(columns["cntg"]).cast(pl.Float64),
        border=(pl.col(columns["exporter"]) != pl.col(columns["importer"])).cast(pl.Float64),
    )
    flows = data.select(
        exporter=pl.col(columns["exporter"]).cast(pl.String),
        importer=pl.col(columns["importer"]).cast(pl.String),
        product=pl.lit("00"),
        value_usd=pl.col(columns["trade"]),
    )
    fit = fit_products(flows, pairs)
    assert fit.notes[0].pairs == 4761
    published = [-0.7912879, 0.6736456, -2.47445]
    assert fit.beta[0] == pytest.approx(published, abs=6e-6)  # the log prints 6 or 7 digits


def test_products_that_cannot_be_estimated_say_why() -> None:
    flows, pairs = world(1)
    lonely = pl.DataFrame(
        {
            "product": ["01", "01", "02", "02", "03"],
            "exporter": ["A00", "A00", "A01", "A02", "A03"],
            "importer": ["A01", "A02", "A00", "A00", "A04"],
            "value_usd": [5.0, 7.0, 1.0, 2.0, 3.0],
        }
    )
    zero = lonely.head(1).with_columns(product=pl.lit("04"), value_usd=pl.lit(0.0))
    fit = fit_products(pl.concat([lonely, zero, flows.select(lonely.columns)]), pairs)
    states = dict(zip(fit.products, (note.state for note in fit.notes), strict=True))
    assert states == {
        "01": "one_exporter",
        "02": "one_importer",
        "03": "one_exporter",
        "04": "no_flows",
        "850000": "estimated",
    }
    assert np.isnan(fit.beta[0]).all()


def test_separated_pairs_are_dropped_and_the_rest_is_unchanged() -> None:
    """A covariate that is one only at some zeros separates them; without them all is as before."""
    flows, pairs = world(1)
    traded = set(flows.select("exporter", "importer").iter_rows())
    zeros = [p for p in pairs.select("exporter", "importer").iter_rows() if p not in traded][:7]
    flag = pl.Series([float(p in zeros) for p in pairs.select("exporter", "importer").iter_rows()])
    fit = fit_products(flows, pairs.with_columns(ban=flag))
    assert fit.notes[0].separated == 7
    expected = fit.expected("850000")
    places = [(fit.countries.index(a), fit.countries.index(b)) for a, b in zeros]
    assert sorted(fit.notes[0].left_out) == sorted(places)
    assert all(expected[place] == 0 for place in places)
    assert expected.sum() == pytest.approx(flows["value_usd"].sum(), rel=1e-8)
    keep = pairs.filter(flag == 0)
    without = fit_products(flows, keep)
    assert fit.beta[0, :2] == pytest.approx(without.beta[0], abs=1e-8)
    assert fit.standard_errors("hc")[0, :2] == pytest.approx(
        without.standard_errors("hc")[0], rel=1e-6
    )


def test_grouping_in_blocks_equals_a_sort(monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than a block, and more countries than fit into a byte."""
    from concurrent.futures import ThreadPoolExecutor

    from offing.market.gravity import batch

    monkeypatch.setattr(batch, "BLOCK", 700)
    rng = np.random.default_rng(3)
    for countries in (200, 300):
        codes = np.array([f"C{number:03d}" for number in range(countries)])
        i, j = np.nonzero(~np.eye(countries, dtype=bool))
        pairs = batch._square(
            pl.DataFrame({"exporter": codes[i], "importer": codes[j], "far": rng.random(len(i))})
        )
        drawn = rng.choice(len(i) * 3, 5_000, replace=False)
        pair = drawn % len(i)
        flows = pl.DataFrame(
            {
                "product": np.array(["a", "b", "c"])[drawn // len(i)],
                "exporter": codes[i[pair]],
                "importer": codes[j[pair]],
                "value_usd": rng.lognormal(size=5_000),
            }
        )
        with ThreadPoolExecutor(2) as pool:
            made = batch.positive(flows, pairs, pool)
        expected = flows.sort("product", "importer", "exporter")
        assert [codes[at] for at in made.exporter] == expected["exporter"].to_list()
        assert [codes[at] for at in made.importer] == expected["importer"].to_list()
        scale = made.scale.repeat(np.diff(made.offsets))
        assert made.value * scale == pytest.approx(expected["value_usd"].to_numpy(), rel=1e-14)
        mean = flows.group_by("product").agg(pl.col("value_usd").mean()).sort("product")
        assert made.scale == pytest.approx(mean["value_usd"].to_numpy(), rel=1e-12)


def test_a_country_without_distance_is_counted_not_guessed() -> None:
    flows, pairs = world(1)
    lost = pl.col("exporter") == "A00"
    holes = pairs.with_columns(
        log_distance=pl.when(lost).then(float("nan")).otherwise(pl.col("log_distance"))
    )
    fit = fit_products(flows, holes)
    assert fit.notes[0].unmatched == flows.filter(lost).height
    assert fit.notes[0].exporters == flows.filter(~lost)["exporter"].n_unique()
    without = fit_products(flows, pairs.filter(~lost))
    assert fit.beta == pytest.approx(without.beta, abs=1e-8)
    with pytest.raises(InputError) as caught:
        fit_products(flows, pairs.with_columns(log_distance=pl.lit(None, dtype=pl.Float64)))
    assert caught.value.key == "gravity.no_pairs"


def test_works_without_a_folder_for_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """An install and a home that cannot be written: the kernel still compiles."""
    import numba

    from offing.market.gravity import compiled

    real = numba.njit

    def refusing(**options: Any) -> Any:
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    monkeypatch.setattr(compiled, "njit", refusing)

    def twice(v: float) -> float:
        return 2 * v

    assert compiled.compile_kernel(twice)(2.0) == 4.0


def test_collinear_and_constant_covariates_are_left_out_and_named() -> None:
    flows, pairs = world(1)
    more = pairs.with_columns(constant=pl.lit(3.0), double=pl.col("log_distance") * 2)
    fit = fit_products(flows, more)
    plain = fit_products(flows, pairs)
    assert set(fit.notes[0].collinear) == {"constant", "double"}
    assert fit.notes[0].state == "estimated_after_drops"
    assert fit.beta[0, :2] == pytest.approx(plain.beta[0], abs=1e-8)


def test_order_and_threads_do_not_matter() -> None:
    flows, pairs = world(5)

    def numbers(fit: Gravity) -> list[bytes]:
        return [fit.beta.tobytes(), fit.standard_errors("both").tobytes()]

    one = numbers(fit_products(flows, pairs, threads=1))
    assert (
        numbers(fit_products(flows.sample(fraction=1, shuffle=True, seed=1), pairs, threads=2))
        == one
    )


def test_rows_that_count_for_nothing_change_nothing() -> None:
    """Zeros, and pairs without covariates, wherever they lie in the table."""
    flows, pairs = world(5)
    more = [
        flows.with_columns(exporter=pl.lit("XXX"), importer=flows["importer"]).unique(
            ["product", "importer"], maintain_order=True
        ),
        flows.select("product").unique().join(pairs.select("exporter", "importer"), how="cross"),
    ]
    more[1] = more[1].join(flows, on=["product", "exporter", "importer"], how="anti")
    more[1] = more[1].with_columns(value_usd=pl.lit(0.0))
    mixed = pl.concat([flows, *(part.select(flows.columns) for part in more)])
    one = fit_products(flows, pairs)
    other = fit_products(mixed.sample(fraction=1, shuffle=True, seed=2), pairs)
    assert other.beta.tobytes() == one.beta.tobytes()
    assert other.effects.tobytes() == one.effects.tobytes()
    assert sum(note.unmatched for note in other.notes) == more[0].height
