"""A shock in its parts, as a province's firms are asked it: at its own size and at another."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from offing.policy.disclosure import PublishedSum
from offing.policy.overlay import today
from offing.rules.reform import read_reform
from offing.sources.elasticities import substitution_of
from offing.study.firm_exposure import (
    Exposure,
    Flows,
    Measure,
    exposure,
    latest_flows,
    measure_of_reform,
    measure_of_shock,
)
from study.stand_ins import flows, shock

CRASH = """
[[imports]]
markets = ["DEU"]
change = "-20%"
[[closed]]
weeks = 4
[[closed]]
weeks = 9
"""


@pytest.mark.parametrize(
    ("size", "sizes"), [(1.0, (-0.2, -13 / 52)), (2.0, (-0.36, -0.5)), (9.0, (0.8**9 - 1, -1.0))]
)
def test_a_fall_repeats_and_weeks_add_up(
    tmp_path: Path, size: float, sizes: tuple[float, ...]
) -> None:
    """As in a study: twice a fall of 20 % is 36 %, and no year has more than 52 weeks."""
    parts = measure_of_shock(shock(tmp_path, CRASH).scale_to(size), today(), "CHN").parts
    assert tuple(part.size for part in parts) == pytest.approx(sizes)


TELEVISIONS = {where: PublishedSum(where, "8528", 4, usd) for where, usd in
               (("DEU", 4e6), ("USA", 8e6))}  # fmt: skip
OTHERS = PublishedSum("USA", "", 3, 1e6)


def trade(ours: float, mexico: float) -> Flows:
    """Of one heading, all to the United States."""
    table = pl.DataFrame(
        {"exporter": ["CHN", "MEX"], "importer": "USA", "value_usd": [ours, mexico]}
    )
    return lambda heading: table if heading == "8528" else None


def of(measure: Measure, flows: Flows) -> Exposure:
    sums = measure.touched((*TELEVISIONS.values(), OTHERS))
    return exposure(measure, sums, "CHN", flows)


DUTY = '[[duty]]\nimporter = "USA"\nrate = "25%"\nnot_origins = ["MEX"]\n'


def test_a_duty_and_a_fall_of_demand_by_hand(tmp_path: Path) -> None:
    """Where one origin sells all, buyers spend what they spent; else by the closed form of CES."""
    fall = '[[imports]]\nmarkets = ["USA"]\nproducts = ["852872"]\nchange = "-50%"\n'
    measure = measure_of_shock(shock(tmp_path, DUTY + fall), today(), "CHN")
    alone = of(measure, trade(60.0, 0.0))
    assert alone.change is not None
    whole = (alone.change.low, alone.change.mean, alone.change.high)
    assert whole == pytest.approx([8e6 * (0.5 / 1.25 - 1)] * 3)
    assert (alone.firms, alone.touched, alone.computed, alone.uncomputed) == (4, 9e6, 8e6, 1e6)
    assert (alone.headings, alone.markets, alone.refund) == (("8528",), ("USA",), None)
    assert (alone.name, alone.source, alone.is_cut) == ("made-up", "a guess", False)
    rivals = of(measure_of_shock(shock(tmp_path, DUTY), today(), "CHN"), trade(60.0, 40.0))
    sigma = substitution_of("8528").draws(200, 1)
    index = (0.6 * 1.25 ** (1 - sigma) + 0.4) ** (1 / (1 - sigma))
    factors = index ** (sigma - 1) * 1.25**-sigma
    assert rivals.change is not None
    assert rivals.change.mean == pytest.approx(8e6 * (factors.mean() - 1))
    assert rivals.change.low == pytest.approx(8e6 * (np.quantile(factors, 0.1) - 1))
    unsold = of(measure, trade(0.0, 40.0))
    assert (unsold.change, unsold.computed, unsold.uncomputed) == (None, 0.0, 9e6)
    assert unsold.headings == ()


def test_points_of_refund_and_what_no_figure_is_made_of(tmp_path: Path) -> None:
    cut = '[[refund]]\npoints = "-4%"\n'
    freight = '[[freight]]\nmarkets = ["DEU"]\nchange = "50%"\n'
    made = of(measure_of_shock(shock(tmp_path, cut), today(), "CHN"), trade(1.0, 1.0))
    assert made.refund == pytest.approx(0.04 * 13e6)
    assert (made.change, made.uncomputed) == (None, 0.0)
    made = of(measure_of_shock(shock(tmp_path, freight), today(), "CHN"), trade(1.0, 1.0))
    assert (made.touched, made.uncomputed, made.refund, made.is_cut) == (4e6, 4e6, None, False)
    rate = '[[exchange]]\ncurrency = "EUR"\nchange = "-10%"\n'
    of_sets = '[[refund]]\nproducts = ["852872"]\npoints = "-4%"\n'
    double = shock(tmp_path, rate + of_sets).scale_to(2)
    made = of(measure_of_shock(double, today(), "CHN"), trade(1.0, 1.0))
    assert (made.touched, made.uncomputed) == (13e6, 13e6)
    assert made.refund == pytest.approx(0.08 * 12e6), "of the heading's sums"


def test_a_union_s_duty_is_of_its_members_and_a_duty_on_others_alone_is_no_harm(
    tmp_path: Path,
) -> None:
    union = '[[duty]]\nimporter = "EUR"\nrate = "5%"\n'
    (part,) = measure_of_shock(shock(tmp_path, union), today(), "CHN").parts
    assert part.markets is not None
    assert {"DEU", "FRA"} <= part.markets
    assert (part.origins("CHN"), part.origins("FRA")) == (True, False)
    others = '[[duty]]\nimporter = "USA"\norigins = ["VNM"]\nrate = "5%"\n'
    assert measure_of_shock(shock(tmp_path, others), today(), "CHN").parts == ()
    assert len(measure_of_shock(shock(tmp_path, others), today(), "VNM").parts) == 1


def test_what_a_reform_is_of(tmp_path: Path) -> None:
    """The general rate is not of headings with a rate of their own, a rate of goods of them alone.

    From 13 % to 9 % firms lose 4 points, batteries from 6 % to 3 % lose 3.
    """
    file = tmp_path / "reform.toml"
    rates = {"chn.refund.general": "9%", "chn.refund.battery": "3%", "eur.mfn.85287240": "0%",
             "eur.vat.deu": "20%"}  # fmt: skip
    rows = [f'[[rate]]\nid = "{id_}"\nvalue = "{value}"\nsince = 2026-06-01\n'
            for id_, value in rates.items()]  # fmt: skip
    file.write_text('[reform]\nname = "a reform"\n' + "".join(rows), encoding="utf-8")
    measure = measure_of_reform(read_reform(file), today(), date(2026, 10, 31))
    parts = {(part.kind, part.headings): part for part in measure.parts}
    general, cells = parts["refund", ()], next(p for k, p in parts.items() if "8507" in k[1])
    assert [general.size, cells.size] == pytest.approx([0.04, 0.03])
    assert "8507" in general.but
    assert "8528" not in general.but
    freed, tax = parts["duty", ("8528",)], parts["duty", ()]
    assert (freed.is_cut, tax.is_cut, freed.size) == (True, False, None)
    made = of(measure, trade(1.0, 1.0))
    assert (made.touched, made.uncomputed) == (12e6, 4e6), "not what may be batteries"
    assert made.refund == pytest.approx(0.04 * 12e6)
    assert not made.is_cut, "the tax is not"


def test_flows_are_of_the_latest_year_over_tiers() -> None:
    rows = [(2022, "CHN", "USA", 9.0), (2023, "CHN", "USA", 1.0), (2023, "CHN", "USA", 2.0)]
    assert latest_flows(flows(*rows)).rows() == [("CHN", "USA", 3.0)]
