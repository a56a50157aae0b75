"""Do refunds add exports: a known effect is found, none is not, and thin data cannot tell."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import offing
from cautions import keyed
from offing.cli.app import run
from offing.policy.evidence.refund import (
    Clock,
    RefundChange,
    Refunds,
    _power,
    changes_of,
    doses,
    refunds,
)
from offing.refunds.rules import dated_rates
from offing.terms.errors import InputError

ON = date(2024, 12, 1)
TREATED = [f"{7600 + n}" for n in range(12)]
OTHERS = [f"{6100 + n}" for n in range(40)]
CHANGES = [RefundChange(code, ON, -4.0, "secondary") for code in TREATED]


def _panel(effect: float, *, noise: float = 0.1, seed: int = 4, rush: float = 0.0) -> pl.DataFrame:
    """Three years of months: log exports fall by ``effect`` per cent a point of refund lost."""
    random = np.random.default_rng(seed)
    clock, rows = Clock(True, 12), []
    full = clock.first_full(ON)
    for product in [*TREATED, *OTHERS]:
        trend = random.normal(0, 0.02)
        for market in ("DEU", "USA", "VNM"):
            level = random.normal(14, 1)
            for period in range(full - 24, full + 12):
                demand = trend * (period - full) + 0.3 * np.sin(period / 6)
                for exporter in ("CHN", "VNM"):
                    value = level + demand + random.normal(0, noise)
                    if exporter == "CHN" and product in TREATED:
                        value += -4 * effect / 100 * (period >= full)
                        value += rush * (full - 3 <= period < full)
                    if exporter != market:
                        rows.append((period, product, exporter, market, float(np.exp(value))))
    names = ["period", "product", "exporter", "importer", "value_usd"]
    return pl.DataFrame(rows, schema=names, orient="row")


def _tested(panel: pl.DataFrame, benchmark: float = 5.0) -> Refunds:
    return refunds(panel, "CHN", CHANGES, monthly=True, benchmark=benchmark, seed=1)


def test_a_known_effect_is_found_and_the_rush_before_it_is_left_out() -> None:
    found = _tested(_panel(5.0, rush=0.5))
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(5.0, abs=0.8)
    assert found.verdict == "more"
    assert found.chance is not None
    assert found.chance < 0.01
    assert found.dropped == (-3, -2, -1)
    path = dict(found.path)
    assert path[-1] == pytest.approx(-12.5, abs=2)  # half a log unit of rush over −4 points
    assert abs(path[-6]) < 2
    assert found.rival_placebo is not None
    assert not found.rival_placebo.clear


def test_no_effect_is_none_and_a_smaller_one_than_the_smallest_is_not_claimed() -> None:
    found = _tested(_panel(0.0))
    assert found.verdict == "none"
    assert found.power is not None
    assert found.power > 0.9
    assert found.estimate is not None
    assert abs(found.estimate.value) < (found.smallest or 0)


def test_where_power_is_low_the_estimate_is_not_looked_at() -> None:
    found = _tested(_panel(5.0, noise=6.0), benchmark=5.0)
    assert found.power is not None
    assert found.power < 0.5
    assert found.estimate is None
    assert found.verdict == "cannot_tell"


def test_controls_are_not_yet_treated() -> None:
    """A product treated within the window is no control; one treated long after is."""
    soon = [RefundChange("6100", date(2025, 6, 1), -4.0, "secondary")]
    later = [RefundChange("6100", date(2028, 6, 1), -4.0, "secondary")]
    panel = _panel(5.0)
    counts = [
        refunds(panel, "CHN", [*CHANGES, *more], monthly=True, benchmark=5, seed=1)
        .coverage[0]
        .controls
        for more in (soon, later)
    ]
    assert counts == [39, 40]


def test_the_changes_are_those_of_the_rules() -> None:
    found = {(one.code, one.on): one for one in changes_of(dated_rates())}
    assert found["850760", date(2024, 12, 1)].points == pytest.approx(-4)
    assert found["850760", date(2026, 4, 1)].points == pytest.approx(-3)
    assert found["850760", date(2027, 1, 1)].points == pytest.approx(-6)
    # in 2019 levy and refund fell together: an exporter kept as much as before
    assert not [on for code, on in found if on.year == 2019]
    dosed = doses(["8507", "85076000", "8528"], list(found.values()))
    at = dosed.filter(pl.col("on") == date(2024, 12, 1))
    assert dict(at.select("product", "whole").iter_rows()) == {"8507": False, "85076000": True}


def test_the_question_on_the_starter_world_and_on_own_months(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = offing.evidence("refund")
    assert isinstance(answer.result, Refunds)
    assert answer.result.verdict == "cannot_tell"
    assert run(["evidence", "refund"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "These data cannot tell" in said
    assert "no whole period after it" in said
    months = pl.DataFrame({"month": ["2024-01", "2024-13"], "product": "8507", "value_usd": 5.0})
    with pytest.raises(InputError, match="2024-13"):
        offing.evidence("refund", months=months)
    assert run(["evidence", "settlement", "--lang", "zh"]) == 0
    assert "文献没有发现" in "".join(capsys.readouterr().out.split())
    costs = offing.evidence("settlement", on=date(2026, 1, 5)).table
    assert costs["lost"].to_list() == sorted(costs["lost"].to_list())
    assert costs.filter(currency="CNY")["lost"].item() == 0


@pytest.mark.long
def test_what_is_not_there_is_rarely_found() -> None:
    """The level: twenty panels without an effect; one in twenty may be called one by chance."""
    verdicts = [_tested(_panel(0.0, seed=100 + seed)).verdict for seed in range(20)]
    assert set(verdicts) <= {"none", "more", "less"}
    assert len([verdict for verdict in verdicts if verdict != "none"]) <= 3


EARLIER = date(2020, 3, 20)


def test_own_months_and_own_changes_from_end_to_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An effect of 5 % a point at the rise of 2020-03, which only the user's list has."""
    moved = Clock(True, 12).first_full(ON) - Clock(True, 12).first_full(EARLIER)
    rows = _panel(-5.0, rush=-0.5).with_columns(pl.col("period") - moved)
    months = rows.with_columns(
        month=pl.format("{}-{}", pl.col("period") // 12, pl.col("period") % 12 + 1)
    ).drop("period")
    files = {"months": tmp_path / "months.csv", "changes": tmp_path / "changes.csv"}
    months.write_csv(files["months"])
    lines = [f"{code},9,13%,2020-03-20" for code in TREATED]
    lines += ["*,9,13,2020-03-20", "7200,,13,2020-03-20"]
    head = "code,old_rate,new_rate,from_date"
    files["changes"].write_text("\n".join([head, *lines]), encoding="utf-8")
    given: dict[str, Any] = {name: str(path) for name, path in files.items()}
    answer = offing.evidence("refund", **given)
    assert isinstance(answer.result, Refunds)
    assert answer.result.verdict == "more"
    assert answer.result.estimate is not None
    assert answer.result.estimate.value == pytest.approx(5.0, abs=0.8)
    assert dict(keyed(answer.cautions))["evidence.changes_left_out"] == {"count": 2}
    line = ["evidence", "refund", "--months", given["months"], "--changes", given["changes"]]
    far = "\n".join([head, *lines, "9403,9,13,2061-03-20"])
    files["changes"].write_text(far, encoding="utf-8")
    answer = offing.evidence("refund", **given)
    assert dict(keyed(answer.cautions))["evidence.changes_outside"]["changes"] == "9403 2061-03-20"
    files["changes"].write_text("\n".join([head, *lines]), encoding="utf-8")
    assert run(line) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.index("Design, written down before the estimate") < said.index("2020-03-20")
    assert "2020-03-20" in said
    assert run([*line, "--lang", "zh"]) == 0
    assert "研究设计（先于估计写定）" in capsys.readouterr().out


def test_the_chance_to_see_an_effect_by_hand() -> None:
    """An effect of as much as chance makes in one of twenty is seen half the time, or beyond."""
    assert _power(5.0, 0.0) == 1.0
    assert _power(0.0, 2.0) == pytest.approx(0.05, abs=1e-4)
    assert _power(-1.959964 * 2, 2.0) == pytest.approx(0.5, abs=1e-3) == _power(3.919928, 2.0)
