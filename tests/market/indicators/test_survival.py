"""Survival against textbook figures, closed forms and a general optimiser."""

import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize

import offing
from offing.market.indicators.survival import hazard, kaplan_meier, spells, survival_by
from offing.terms.errors import MissingDataError


def test_published_leukaemia_trial() -> None:
    """Freireich et al. (1963), 6-MP arm, in every textbook (Klein and Moeschberger, Table 4.1)."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    alive = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    found = kaplan_meier(
        pl.Series(ended + alive), pl.Series([True] * len(ended) + [False] * len(alive))
    )
    assert found["time"].to_list() == [6, 7, 10, 13, 16, 22, 23]
    assert found["at_risk"].to_list() == [21, 17, 15, 12, 11, 7, 6]
    published = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert found["survival"].to_list() == pytest.approx(published, abs=5e-4)
    errors = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert found["error"].to_list() == pytest.approx(errors, abs=5e-5)
    narrow = kaplan_meier(
        pl.Series(ended + alive), pl.Series([True] * len(ended) + [False] * len(alive)), 0.5
    )
    assert (narrow["high"] < found["high"]).all()
    # R survival, conf.type = "log-log".
    assert found.row(0)[-2:] == pytest.approx((0.620, 0.952), abs=5e-4)
    assert found.row(-1)[-2:] == pytest.approx((0.188, 0.680), abs=1e-3)


def flows() -> pl.DataFrame:
    seen = {"A": [2000, 2001, 2003], "B": [2001, 2002], "C": [2001, 2003, 2004], "D": [2004]}
    return pl.DataFrame(
        [(key, year, 1.0) for key, years in seen.items() for year in years] + [("D", 2002, 0.0)],
        schema=["pair", "year", "value_usd"],
        orient="row",
    )


def test_spells_by_hand() -> None:
    found = spells(flows(), ["pair"])
    assert found.rows() == [
        ("A", 2000, 2001, 2, True, True),
        ("A", 2003, 2003, 1, True, False),
        ("B", 2001, 2002, 2, True, False),
        ("C", 2001, 2001, 1, True, False),
        ("C", 2003, 2004, 2, False, False),
        ("D", 2004, 2004, 1, False, False),
    ]


def test_years_seen_may_differ_by_importer() -> None:
    """Q did not report 2001 and 2003: its flow lasts over the former, and 2002 is its last year."""
    rows = [("P", 2000), ("P", 2002), ("Q", 2000), ("Q", 2002), ("P", 2003)]
    table = pl.DataFrame(
        [("X", importer, year, 1.0) for importer, year in rows],
        schema=["exporter", "importer", "year", "value_usd"],
        orient="row",
    )
    seen = pl.DataFrame(
        {"importer": ["P"] * 4 + ["Q"] * 2, "year": [2000, 2001, 2002, 2003, 2000, 2002]}
    )
    found = spells(table, ["exporter", "importer"], seen=seen)
    assert found.rows() == [
        ("X", "P", 2000, 2000, 1, True, True),
        ("X", "P", 2002, 2003, 2, False, False),
        ("X", "Q", 2000, 2002, 2, False, True),
    ]


def test_groups_are_apart_and_unseen_starts_are_left_out() -> None:
    runs = spells(flows(), ["pair"]).with_columns(tier=pl.col("pair").is_in(["A", "B"]).cast(int))
    found = survival_by(runs, ["tier"])
    mine = runs.filter((pl.col("tier") == 1) & ~pl.col("started_before"))
    assert (
        found.filter(pl.col("tier") == 1)
        .drop("tier")
        .equals(kaplan_meier(mine["duration"], mine["ended"]))
    )


def test_spells_that_all_began_before_tell_nothing() -> None:
    with pytest.raises(MissingDataError):
        survival_by(spells(flows(), ["pair"]).filter(pl.col("began") == 2000), ["pair"])


def test_an_exporter_that_reported_nothing_ended_nothing() -> None:
    """The shipped trade has 374 flows of the Emirates in 2023, and none with anybody in 2024."""
    answer = offing.survival("85")
    theirs = answer.runs.filter((pl.col("exporter") == "ARE") & (pl.col("last") == 2023))
    assert theirs.height > 0
    assert not theirs["ended"].any()
    assert "indicators.silent" in [caution.key for caution in answer.cautions]


def test_areas_that_are_no_country_are_no_exporter() -> None:
    rows = [
        {"year": year, "product": "852872", "exporter": exporter, "importer": "DEU",
         "value_usd": 5e6, "cif_usd": None, "kg": 1e5, "items": 1e3, "observed": "both",
         "source": "test", "quantity_estimated": False}
        for exporter, year in [("CHN", 2022), ("CHN", 2023), ("_X", 2023), ("VNM", 2023)]
    ]  # fmt: skip
    flows = pl.DataFrame(rows, infer_schema_length=None)
    countries = offing.indicators("rca", flows=flows, year=2023).computed.countries
    assert {*countries["country"]} == {"CHN", "VNM"}
    assert {*offing.survival("85", flows=flows).runs["exporter"]} == {"CHN", "VNM"}


def lives(count: int = 600, seed: int = 2) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    size, price = rng.normal(5, 2, count), rng.normal(0, 1, count)
    rate = np.exp(-0.6 - 0.25 * (size - 5) + 0.4 * price)
    duration = np.ceil(rng.exponential(1 / rate)).astype(int)
    return pl.DataFrame(
        {
            "duration": np.minimum(duration, 6), "ended": duration <= 6, "size": size,
            "price": price, "exporter": rng.integers(0, 30, count)
        },
    )  # fmt: skip


def test_hazard_without_covariates_is_the_life_table() -> None:
    """Closed form: with a dummy for each duration, h = ended / at risk, so S is Kaplan-Meier's."""
    data = lives()
    found = hazard(data)
    table = kaplan_meier(data["duration"], data["ended"])
    assert found.survival([]) == pytest.approx(table["survival"].to_numpy(), abs=1e-10)


def test_hazard_equals_a_general_optimiser() -> None:
    data = lives()
    found = hazard(data, ["size", "price"])
    x, time, over = data.select("size", "price").to_numpy(), data["duration"], data["ended"]

    def losses(theta: np.ndarray) -> np.ndarray:
        """Of each spell."""
        rates = np.exp(theta[2:] + (x @ theta[:2])[:, None])
        years = np.arange(1, 7)
        lived = np.where(years <= (time - over.cast(int)).to_numpy()[:, None], rates, 0).sum(axis=1)
        last = rates[np.arange(len(x)), time.to_numpy() - 1]
        return np.asarray(lived - np.where(over.to_numpy(), np.log(-np.expm1(-last)), 0.0))

    start = np.concatenate([np.zeros(2), np.full(6, -1.0)])
    best = minimize(lambda theta: losses(theta).sum(), start, method="BFGS", tol=1e-9)
    assert found.beta == pytest.approx(best.x[:2], abs=2e-5)
    assert found.baseline == pytest.approx(best.x[2:], abs=2e-4)
    assert np.abs(found.beta - [-0.25, 0.4]).max() < 3 * found.errors.max()
    at = np.concatenate([found.beta, found.baseline])
    steps = 1e-4 * np.eye(8)
    scores = np.array([(losses(at + h) - losses(at - h)) / 2e-4 for h in steps])
    rates = np.exp(found.baseline + (x @ found.beta)[:, None])
    curved = np.where(np.arange(1, 7) <= time.to_numpy()[:, None], rates**2 / np.expm1(rates), 0)
    rows = np.concatenate([np.column_stack([x, np.tile(np.eye(6)[year], (len(x), 1))])
                           * np.sqrt(curved[:, [year]]) for year in range(6)])  # fmt: skip
    bread = np.linalg.inv(rows.T @ rows)  # of the expected information
    assert found.errors == pytest.approx(np.sqrt(np.diag(bread))[:2], rel=1e-4)
    group = data["exporter"].to_numpy()
    sums = np.array([scores[:, group == one].sum(axis=1) for one in np.unique(group)])
    count = len(sums)
    robust = bread @ (sums.T @ sums) @ bread * count / (count - 1)
    clustered = hazard(data, ["size", "price"], cluster="exporter").errors
    assert clustered == pytest.approx(np.sqrt(np.diag(robust))[:2], rel=1e-4)


def test_hazard_does_not_depend_on_units() -> None:
    data = lives()
    one = hazard(data, ["size"], cluster="exporter")
    other = hazard(data.with_columns(pl.col("size") * 1e9), ["size"], cluster="exporter")
    assert other.beta * 1e9 == pytest.approx(one.beta, rel=1e-8)
    assert other.errors * 1e9 == pytest.approx(one.errors, rel=1e-8)


def test_without_censoring_it_is_the_share_still_alive() -> None:
    times = pl.Series([1, 1, 1, 2, 3, 3, 5, 5, 5, 8])
    found = kaplan_meier(times, pl.Series([True] * 10))
    share = [float((times > t).mean()) for t in found["time"]]
    assert found["survival"].to_list() == pytest.approx(share)
    assert found["low"].to_list()[-1] is None


def test_a_gap_may_be_bridged() -> None:
    found = spells(flows(), ["pair"], gap=1).filter(pl.col("pair") == "C")
    assert found.rows() == [("C", 2001, 2004, 4, False, True)]


def test_what_a_bridged_gap_may_hide_is_no_beginning() -> None:
    """A trades every other year, B from 2003; Q reports from 2002, Y not in 2001 and 2002.

    By hand: a beginning is sure after two years that were reported and silent.
    """
    years = {"A": [2001, 2003, 2005, 2007], "B": [2003, 2005], "Q": [2003, 2006], "Y": [2004]}
    table = pl.DataFrame(
        [(key, year, 1.0) for key, of in years.items() for year in of],
        schema=["pair", "year", "value_usd"], orient="row",
    )  # fmt: skip
    unseen = {("Q", 2000), ("Q", 2001), ("Y", 2001), ("Y", 2002)}
    seen = [(k, y) for k in "ABQY" for y in range(2000, 2009) if (k, y) not in unseen]
    reported = pl.DataFrame(seen, schema=["pair", "year"], orient="row")
    found = spells(table, ["pair"], gap=1, seen=reported)
    assert found.rows() == [
        ("A", 2001, 2007, 7, False, True),
        ("B", 2003, 2005, 3, True, False),
        ("Q", 2003, 2003, 1, True, True),
        ("Q", 2006, 2006, 1, True, False),
        ("Y", 2004, 2004, 1, True, False),
    ]
    assert spells(table, ["pair"], seen=reported)["started_before"].sum() == 0


def test_a_longer_record_changes_no_beginning() -> None:
    """Whatever is cut off before, a spell counted as new is one of the whole record."""
    random = np.random.default_rng(5)
    table = pl.DataFrame({"pair": np.repeat(np.arange(200), 30), "year": [*range(30)] * 200})
    table = table.with_columns(value_usd=(random.random(6000) < 0.4).astype(float))
    every = pl.DataFrame({"year": range(30)})
    for gap in range(4):
        whole = spells(table, ["pair"], gap=gap, seen=every).drop("started_before")
        cut = table.filter(pl.col("year") >= 15), every.filter(pl.col("year") >= 15)
        part = spells(cut[0], ["pair"], gap=gap, seen=cut[1]).filter(~pl.col("started_before"))
        later = whole.filter(pl.col("began") > 15 + gap)
        assert part.height > 100
        assert part.drop("started_before").equals(later)


def test_a_year_that_nobody_reported_ends_nothing() -> None:
    without = flows().filter(pl.col("year") != 2002)
    found = spells(without, ["pair"]).filter(pl.col("pair") == "C")
    assert found["duration"].to_list() == [3]
