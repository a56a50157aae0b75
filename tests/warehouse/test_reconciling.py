"""One estimate for each flow: what must hold, and what a known truth gives back."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.terms.tables import Distances
from offing.warehouse.reconciling.estimate import reconcile
from offing.warehouse.reconciling.margin import HIGHEST, PRIOR_MEAN, PRIOR_SD
from report_world import countries, one, reports, world

NOWHERE = Distances.create_empty()
KEYS = ["year", "product", "importer", "exporter"]


def test_two_reports_that_agree_are_the_estimate() -> None:
    """Without any error the margin is found and taken out, and both reports become the truth."""
    told, km, truth = world(margin=0.10)
    made = reconcile(told, km)
    flows = made.flows.cast({"year": pl.Int64}).join(truth, on=KEYS)
    assert flows.height == truth.height
    # The prior margin differs with distance; what is left of it against exact data is under 1 %.
    assert (flows["value_usd"] / flows["fob"]).log().abs().max() < 0.01
    assert (flows["kg"] / flows["true_kg"]).log().abs().max() < 0.01
    assert set(flows["observed"]) == {"both"}
    assert made.margins["margin"].to_numpy() == pytest.approx(np.exp(0.10) - 1, abs=0.005)
    assert made.margin_from_data > 0.95


@pytest.mark.parametrize("bias", [0.05])
def test_a_margin_is_found_as_far_as_the_reporters_let_it(bias: float) -> None:
    """Biases of 30 reporters on each side leave a standard error of bias * sqrt(2 / 30).

    Bayes' rule for two normal sources then says how far from the prior the margin goes.
    """
    names = countries(30)
    rng = np.random.default_rng(3)
    drawn = {d: rng.normal(0, bias, 30) for d in ("import", "export")}
    shift = {(c, d): v for d, all_of in drawn.items() for c, v in zip(names, all_of, strict=True)}
    told, km, _ = world(margin=0.12, noise=0.2, bias=shift, places=30, products=10, seed=5)
    made = reconcile(told, km)
    prior = float(PRIOR_MEAN[0])
    trust = PRIOR_SD[0] ** 2 / (PRIOR_SD[0] ** 2 + bias**2 * 2 / 30)
    seen = 0.12 + drawn["import"].mean() - drawn["export"].mean()
    expected = prior + trust * (seen - prior)
    # The mean distance is not 5,000 km and products share the shift: both under 0.01.
    assert np.log1p(made.margins["margin"].to_numpy()).mean() == pytest.approx(expected, abs=0.01)


def test_reliability_finds_who_errs() -> None:
    names = countries(12)
    noise = {(c, d): 0.1 for c in names for d in ("import", "export")}
    noise[names[0], "export"] = noise[names[1], "import"] = 1.0
    told, km, truth = world(noise=noise)
    made = reconcile(told, km)
    worst = made.reliability.sort("weight").head(2).select("country", "direction").rows()
    assert sorted(worst) == [(names[0], "export"), (names[1], "import")]
    assert made.reliability["weight"].min() < 0.2  # type: ignore[operator]
    # The estimate leans to the careful side: it beats the plain mean of both reports.
    flows = made.flows.cast({"year": pl.Int64}).join(truth, on=KEYS)
    flows = flows.filter(pl.col("exporter") == names[0], pl.col("importer") != names[1])
    plain = told.filter(pl.col("direction") == "export").select(
        pl.col("year").cast(pl.Int64),
        "product",
        pl.col("partner").alias("importer"),
        pl.col("reporter").alias("exporter"),
        pl.col("value_usd").alias("x"),
    )
    flows = flows.join(plain, on=KEYS)
    ours = (flows["value_usd"] / flows["fob"]).log().abs().median()
    theirs = (flows["x"] / flows["fob"]).log().abs().median()
    assert ours < theirs / 3


def test_weights_are_those_of_two_measurements() -> None:
    """Closed form: the share of a side is its inverse square error among both."""
    told, km, _ = world(noise=0.3)
    made = reconcile(told, km)
    part = {
        (row["country"], row["direction"]): row["discrepancy"]
        for row in made.reliability.iter_rows(named=True)
    }
    flow = made.flows.row(0, named=True)
    i, e = part[flow["importer"], "import"], part[flow["exporter"], "export"]
    share = e**2 / (i**2 + e**2)
    side = told.filter(
        pl.col("year") == flow["year"],
        pl.col("product") == flow["product"],
        pl.col("reporter").is_in([flow["importer"], flow["exporter"]]),
        pl.col("partner").is_in([flow["importer"], flow["exporter"]]),
    )
    x = side.filter(pl.col("direction") == "export", pl.col("reporter") == flow["exporter"])[
        "value_usd"
    ].item()
    m = side.filter(pl.col("direction") == "import", pl.col("reporter") == flow["importer"])[
        "value_usd"
    ].item()
    rate = flow["cif_usd"] / flow["value_usd"]
    expected = np.exp(share * np.log(m / rate) + (1 - share) * np.log(x))
    assert flow["value_usd"] == pytest.approx(expected, rel=1e-9)


@settings(deadline=None, max_examples=15)
@given(noise=st.floats(0.0, 2.0), seed=st.integers(0, 10**6), margin=st.floats(-0.3, 0.6))
def test_an_estimate_lies_between_its_reports(noise: float, seed: int, margin: float) -> None:
    told, km, _ = world(margin=margin, noise=noise, places=4, products=3, years=2, seed=seed)
    flows = reconcile(told, km).flows
    assert flows.height == 4 * 3 * 3 * 2
    sides = flows.cast({"year": pl.Int16, "observed": pl.String})
    for direction, reporter, partner, name in (
        ("import", "importer", "exporter", "m"),
        ("export", "exporter", "importer", "x"),
    ):
        side = told.filter(pl.col("direction") == direction).select(
            "year",
            "product",
            pl.col("reporter").alias(reporter),
            pl.col("partner").alias(partner),
            pl.col("value_usd").alias(name),
        )
        sides = sides.join(side, on=KEYS)
    fob = sides["m"] * sides["value_usd"] / sides["cif_usd"]
    low = np.minimum(fob.to_numpy(), sides["x"].to_numpy())
    high = np.maximum(fob.to_numpy(), sides["x"].to_numpy())
    value = sides["value_usd"].to_numpy()
    assert (value >= low * (1 - 1e-9)).all()
    assert (value <= high * (1 + 1e-9)).all()
    rates = (sides["cif_usd"] / sides["value_usd"]).log()
    assert rates.min() >= -1e-12
    assert rates.max() <= HIGHEST + 1e-12


def test_the_published_margin_rises_with_distance() -> None:
    """OECD ITIC: 2 to 4 points more between continents than within one, and about 6 % in all."""
    km = pl.DataFrame(
        {
            "origin": ["FRA", "CHN"],
            "destination": ["DEU", "DEU"],
            "km": [800.0, 8000.0],
            "contiguous": [True, False],
            "common_language": [False, False],
            "colony": [False, False],
        }
    )
    told = reports(one("import", "DEU", "CHN", 100.0), one("import", "DEU", "FRA", 100.0))
    flows = reconcile(told, km).flows.sort("exporter")
    far, near = (flows["cif_usd"] / flows["value_usd"] - 1).to_list()
    assert 0.02 <= far - near <= 0.04
    assert far == pytest.approx(0.06, abs=0.005)


def test_a_weak_zero_is_told_from_silence() -> None:
    made = reconcile(
        reports(
            one("import", "DEU", "CHN", 100.0),  # China filed exports, but not this flow
            one("export", "CHN", "FRA", 50.0),  # France filed nothing
            one("import", "DEU", "JPN", 70.0),  # Japan filed nothing
            one("export", "CHN", "FRA", 55.0, year=2021),
        ),
        NOWHERE,
    )
    assert made.counts["importer"] == 2
    assert made.counts["importer_other_silent"] == 1
    assert made.counts["exporter"] == made.counts["exporter_other_silent"] == 2
    # Three pairs in two years, four flows seen.
    assert made.counts["none"] == 2
    assert made.values["exporter"] == pytest.approx(105.0)


def test_items_and_kilograms_are_never_mixed() -> None:
    """The exporter counts sets, the importer weighs: each unit keeps its own unit value."""
    told = reports(
        one("export", "CHN", "DEU", 1000.0, items=10.0),
        one("import", "DEU", "CHN", 1000.0, kg=100.0),
    )
    flow = reconcile(told, NOWHERE).flows.row(0, named=True)
    fob = 1000.0 * flow["value_usd"] / flow["cif_usd"]
    assert flow["value_usd"] / flow["items"] == pytest.approx(100.0)
    assert flow["value_usd"] / flow["kg"] == pytest.approx(fob / 100.0)


def test_a_heading_of_six_digit_codes_has_a_margin_of_its_own() -> None:
    """Freight of one heading is 0.05 log points dearer; without any error that is found."""
    told, km, _ = world(margin=0.10)
    dear = (pl.col("product") == "8510") & (pl.col("direction") == "import")
    value = pl.when(dear).then(pl.col("value_usd") * np.exp(0.05)).otherwise(pl.col("value_usd"))
    fine = told.with_columns(value_usd=value).with_columns(pl.col("product") + "01")
    margins = dict(reconcile(fine, km).margins.select("product", "margin").iter_rows())
    found = {product: np.log1p(margin) for product, margin in margins.items()}
    assert found.pop("8510") == pytest.approx(0.15, abs=0.005)
    assert list(found.values()) == pytest.approx([0.10] * 7, abs=0.005)
