"""Reports reconciled some products at a time are those reconciled together."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from offing.warehouse.reconciling import mirror
from offing.warehouse.reconciling.estimate import reconcile
from offing.warehouse.reconciling.mirror import ReportPieces
from report_world import world

TOLD, KM, _ = world(margin=0.08)


def test_some_products_at_a_time_give_the_same_flows(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = reconcile(TOLD, KM)
    monkeypatch.setattr(mirror, "REPORTS_AT_ONCE", TOLD.height // 3)
    assert len(list(ReportPieces(TOLD.lazy(), KM))) > 2
    taken: list[pl.DataFrame] = []
    pieces = reconcile(TOLD.lazy(), KM, taken.append)
    assert_frame_equal(pl.concat(taken), whole.flows, check_exact=True)
    # Sums of other lengths: their last digit hangs on the machine.
    assert_frame_equal(pieces.margins, whole.margins, rel_tol=1e-12, abs_tol=0)
    assert_frame_equal(pieces.reliability, whole.reliability, check_exact=True)
    assert pieces.counts == whole.counts
    assert pieces.values == pytest.approx(whole.values, rel=1e-12)
    assert pieces.notes == whole.notes


def pairs(reports: pl.DataFrame) -> pl.DataFrame:
    pieces = ReportPieces(reports.lazy(), KM)
    return mirror.fitted_pairs(pieces, sum(mirror.pairs_by_year(pieces).values()))


def test_what_is_drawn_hangs_on_the_flows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not on their order or on pieces; all years of a flow are drawn, or none."""
    every = pairs(TOLD)
    monkeypatch.setattr(mirror, "FITTED_PAIRS", every.height // 3)
    drawn = pairs(TOLD)
    assert every.height // 12 < drawn.height < every.height // 2
    flow = ["product", "importer", "exporter"]
    assert_frame_equal(drawn, every.join(drawn, on=flow, how="semi"), check_row_order=False)
    monkeypatch.setattr(mirror, "REPORTS_AT_ONCE", TOLD.height // 4)
    shuffled = TOLD.sample(fraction=1, shuffle=True, seed=1)
    assert_frame_equal(pairs(shuffled), drawn, check_exact=True)
    assert reconcile(TOLD, KM).flows.height == every.height


def test_flows_are_drawn_evenly() -> None:
    """Of a grid of flows about one in eight, of each product and country (binomial, 5 sigma)."""
    codes = [f"{n:06d}" for n in range(10_000, 10_400)]
    sides = ["CHN", "DEU", "FRA", "USA", "BRA"]
    grid = pl.DataFrame({"product": codes}).join(pl.DataFrame({"importer": sides}), how="cross")
    grid = grid.join(pl.DataFrame({"exporter": sides}), how="cross")
    drawn = mirror._drawn(grid, 1 / 8)
    for side in ("importer", "exporter"):
        counts = drawn[side].value_counts()["count"].cast(pl.Int64).to_numpy()
        assert np.abs(counts - 250).max() < 5 * np.sqrt(2000 * 7 / 64)
