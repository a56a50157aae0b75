"""The proof: what it may see, what it must find, and what it finds on chapter 85."""

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_matrix

from offing.warehouse.reconciling.estimate import TRIPLE, deal, foretell, prove
from offing.warehouse.reconciling.margin import Nested, ReportEffect, fit, sums
from offing.warehouse.reconciling.mirror import side_by_side
from report_world import countries, world
from shared_data import shared


def two_sided(told: pl.DataFrame, km: pl.DataFrame) -> pl.DataFrame:
    rows, _ = side_by_side(told, km)
    return rows.filter(pl.col("m").is_not_null() & pl.col("x").is_not_null())


def biased_world() -> tuple[pl.DataFrame, pl.DataFrame]:
    names = countries(10)
    rng = np.random.default_rng(2)
    bias = {(c, d): rng.normal(0, 0.8) for c in names for d in ("import", "export")}
    told, km, _ = world(noise=0.2, bias=bias, places=10, products=6)
    return told, km


@pytest.mark.parametrize(
    ("hidden", "column"), [("told_import", "m"), ("told_export", "x")], ids=["import", "export"]
)
def test_a_hidden_report_leaks_into_nothing(hidden: str, column: str) -> None:
    """Whatever the hidden figures of a fold are, what is foretold of them stays the same."""
    both = two_sided(*biased_world())
    fold = deal(both, TRIPLE, 4, seed=1)
    inside = pl.Series(fold == 2)
    wild = pl.Series(np.random.default_rng(9).lognormal(0, 4, both.height))
    other = both.with_columns(
        pl.when(inside).then(pl.col(column) * wild).otherwise(pl.col(column)).alias(column)
    )
    before, after = foretell(both, fold)[hidden], foretell(other, fold)[hidden]
    assert before.filter(inside).to_list() == after.filter(inside).to_list()
    # The other folds are told from these figures, so they must move: the test can fail.
    assert before.filter(~inside).to_list() != after.filter(~inside).to_list()


def test_years_of_one_pair_share_a_fold() -> None:
    both = two_sided(*biased_world())
    dealt = both.with_columns(pl.Series("fold", deal(both, TRIPLE, 5, seed=3)))
    assert dealt.group_by(TRIPLE).agg(pl.col("fold").n_unique())["fold"].max() == 1
    assert dealt["fold"].n_unique() == 5


def test_known_biases_are_seen_through() -> None:
    """Reports err by 0.2 around biases of 0.8; the errors foretold come near the noise's own."""
    told, km = biased_world()
    whole = prove(told, km).filter(by="all", hidden="either").row(0, named=True)
    # Two independent errors of 0.2: the median of their absolute difference is 0.674 * 0.283.
    assert whole["median"] < 1.25 * 0.191
    assert whole["raw_median"] > 3 * whole["median"]
    assert whole["p90"] < 1.25 * 1.645 * 0.283


def test_the_proof_does_not_depend_on_row_order() -> None:
    told, km = biased_world()
    mixed = told.sample(fraction=1, shuffle=True, seed=8)
    assert prove(told, km).equals(prove(mixed, km))


def test_effects_shrink_as_the_closed_form_says() -> None:
    """Normal data, balanced groups: an effect is its mean times n τ² / (n τ² + σ²)."""
    rng = np.random.default_rng(5)
    groups, each = 200, 8
    codes = np.repeat(np.arange(groups), each)
    true = rng.normal(0, 1.0, groups)
    y = true[codes] + rng.normal(0, 1.0, codes.size)
    ones = np.ones((codes.size, 1))
    coefficients, sizes = fit(y, ones, [ReportEffect(codes, groups)], [])
    means = np.bincount(codes, y - coefficients[0]) / each
    slope = float(np.polyfit(means, sizes[0], 1)[0])
    # The t weights cost some efficiency, so the shrinkage is near, not at, 8 / 9.
    assert slope == pytest.approx(8 / 9, abs=0.05)


def test_nested_effects_are_taken_out_exactly() -> None:
    """The same as generalised least squares with the whole covariance matrix written out."""
    rng = np.random.default_rng(6)
    n, inner_count, outer_count = 60, 15, 4
    inner = rng.integers(0, inner_count, n)
    outer = rng.integers(0, outer_count, inner_count)
    design = rng.normal(size=(n, 3))
    y, weights = rng.normal(size=n), rng.uniform(0.5, 2, n)
    mean, precision = np.array([0.3, -0.1, 0.0]), np.array([2.0, 5.0, 0.5])
    by_group = sums(inner, inner_count), sums(outer, outer_count)
    nested = Nested(csr_matrix(design), csr_matrix(design.T), y, inner, outer, *by_group)
    got, covariance, fitted, *_ = nested.solve(weights, mean, precision, 0.4, 0.7)
    same_inner = inner[:, None] == inner[None, :]
    same_outer = outer[inner][:, None] == outer[inner][None, :]
    inverse = np.linalg.inv(np.diag(1 / weights) + 0.4 * same_inner + 0.7 * same_outer)
    gram = design.T @ inverse @ design + np.diag(precision)
    theta = np.linalg.solve(gram, design.T @ inverse @ y + precision * mean)
    effects = (0.4 * same_inner + 0.7 * same_outer) @ inverse @ (y - design @ theta)
    assert got == pytest.approx(theta, rel=1e-9)
    assert covariance == pytest.approx(np.linalg.inv(gram), rel=1e-9)
    assert fitted == pytest.approx(design @ theta + effects, rel=1e-9)


def chapter_85() -> tuple[pl.DataFrame, pl.DataFrame]:
    file = shared("comtrade_hs85_bilateral", "hs85_hs4_20x20.parquet")
    told = pl.read_parquet(file).select(
        pl.col("year").cast(pl.Int16),
        pl.col("flow_code").replace_strict({"M": "import", "X": "export"}).alias("direction"),
        pl.col("reporter_iso3").alias("reporter"),
        pl.col("partner_iso3").alias("partner"),
        pl.col("hs_code").alias("product"),
        pl.col("hs_revision").alias("edition"),
        pl.col("trade_value_usd").alias("value_usd"),
        pl.col("net_weight_kg").alias("kg"),
        pl.when(pl.col("quantity_unit") == "u").then(pl.col("quantity")).alias("items"),
    )
    km = pl.read_parquet(shared("gravity_cepii", "dist_cepii.parquet")).select(
        pl.col("iso_o").alias("origin"),
        pl.col("iso_d").alias("destination"),
        pl.coalesce(
            pl.col("distw").cast(pl.Float64, strict=False),
            pl.col("dist").cast(pl.Float64, strict=False),
        ).alias("km"),
        (pl.col("contig") == 1).alias("contiguous"),
    )
    return told, km


@pytest.fixture(scope="module")
def on_chapter_85() -> pl.DataFrame:
    return prove(*chapter_85())


@pytest.mark.shared_data
def test_chapter_85_is_foretold_better_than_by_the_other_report(
    on_chapter_85: pl.DataFrame,
) -> None:
    """Measured on this data: 0.402 and 1.458 against 0.529 and 2.365 of the raw other report."""
    whole = on_chapter_85.filter(by="all", hidden="either").row(0, named=True)
    assert whole["n"] == 77_672
    # The raw figures are facts of the data; ours may move a little with libraries, not more.
    assert whole["raw_median"] == pytest.approx(0.529, abs=0.001)
    assert whole["raw_p90"] == pytest.approx(2.365, abs=0.001)
    assert whole["median"] < 0.41
    assert whole["p90"] < 1.48


@pytest.mark.shared_data
def test_every_product_of_chapter_85_is_foretold_better(on_chapter_85: pl.DataFrame) -> None:
    products = on_chapter_85.filter(by="product", hidden="either")
    assert products.height == 20
    assert (products["median"] < products["raw_median"]).all()
    assert (products["p90"] < products["raw_p90"]).all()


@pytest.mark.shared_data
def test_every_reporter_of_chapter_85_errs_less_at_the_far_end(on_chapter_85: pl.DataFrame) -> None:
    """Medians are better for all but India and Hungary, whose partners mostly agree with them."""
    reporters = on_chapter_85.filter(by="reporter", hidden="either")
    assert reporters.height == 19
    assert (reporters["p90"] < reporters["raw_p90"]).all()
    worse = reporters.filter(pl.col("median") >= pl.col("raw_median"))
    assert set(worse["name"]) <= {"IND", "HUN"}
