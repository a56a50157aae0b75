"""A model without trade data is left out, and said; the plan of the others goes on."""

from pathlib import Path

import pytest

import offing
from offing.cli.app import run
from offing.terms.caution import Caution
from offing.terms.errors import MissingDataError
from plain_study import STUDY

pytestmark = pytest.mark.usefixtures("planned_once")

TWO = STUDY.replace(
    "[[plant]]",
    """[[model]]
key = "MAGE-1"
name = { en = "Wooden chair", zh = "木椅" }
code = "9401"
refund_rate = 0.13
price_usd = 40
cost_cny = 150
input_vat_cny = 15
kg = 6
m3 = 0.1
[[plant]]""",
    1,
)
MARKETS = '[markets]\nconsider = ["DEU", "USA"]\n'
LEDGER = '[ledger]\nfile = "ledger.csv"\n'
SALES = (
    "Date,Market,HS,Model,Quantity,Amount,Currency\n"
    "2024-03-01,Germany,852872,LX-55U,1000,300000,USD\n"
    "2024-05-01,USA,852872,LX-55U,1000,300000,USD\n"
    "2024-06-01,Germany,9401,MAGE-1,5000,200000,USD\n"
    "2023-06-01,Germany,9401,MAGE-1,5000,900000,USD\n"
)
"""A quarter of the last twelve months' 800,000 is of chairs."""


def study(folder: Path, text: str) -> Path:
    file = folder / "study.toml"
    file.write_text(text, "utf-8")
    (folder / "ledger.csv").write_text(SALES, "utf-8")
    return file


def test_without_a_ledger_no_sales_are_spoken_of(tmp_path: Path) -> None:
    answer = offing.plan(study(tmp_path, TWO + MARKETS))
    values = {"goods": {"en": "Wooden chair (HS 9401)", "zh": "木椅（HS 9401）"}}
    assert Caution("study.warn_left_out_loaded", values) in answer.cautions


def test_where_no_model_has_data_the_study_is_refused(tmp_path: Path) -> None:
    text = TWO.replace('code = "8528"', 'code = "9403"') + MARKETS
    with pytest.raises(MissingDataError) as said:
        offing.plan(study(tmp_path, text))
    assert said.value.key == "warehouse.no_such_product"


def test_a_market_that_must_be_kept_is_still_asked_for(tmp_path: Path) -> None:
    text = TWO + MARKETS.replace('"USA"', '"USA", "ISL"') + 'must_keep = ["ISL"]\n'
    with pytest.raises(MissingDataError) as said:
        offing.plan(study(tmp_path, text))
    assert said.value.key == "study.must_keep_no_trade"


def test_the_line_hours_of_its_sales_stay_reserved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """5,000 chairs in the last twelve months at an hour each, of a line of 60,000 hours."""
    file = study(tmp_path, TWO + MARKETS + LEDGER)
    planned = offing.plan(file).planned
    (hours,) = planned.solved.programme.facts.limits.line_hours.values()
    assert set(hours) == {55_000}
    ((_, used),) = planned.plan.capacity_used
    rows = planned.plan.rows
    assert used == pytest.approx((sum(row.units for row in rows) + 5_000) / 60_000, rel=1e-6)
    assert run(["plan", str(file), "--lang", "en"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "the 5,000 line hours that they take a year stay reserved" in out


def test_the_others_go_on_and_what_is_not_covered_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = study(tmp_path, TWO + MARKETS + LEDGER)
    assert run(["plan", str(file), "--lang", "en"]) == 0
    out = " ".join(capsys.readouterr().out.replace("\u00a0", " ").split())
    said = "! Not in the plan: Wooden chair (HS 9401); the trade data loaded have nothing of it."
    assert said in out
    assert out.index(said) < out.index("by model and market"), "beside the answer"
    # USD 200,000 at 7.5833 / 1.0389 of 2024-12-31, beside totals in yuan.
    assert "CNY 1.46 m (25% of the ledger), in no total here" in out
    assert "offing load" in out
    assert run(["plan", str(file), "--lang", "zh"]) == 0
    out = "".join(capsys.readouterr().out.replace("\u00a0", " ").split())
    assert "未列入方案：木椅（HS9401）。" in out
    assert "146万元（占台账的25%）不在此处任何合计之中" in out


def test_a_line_that_it_fills_makes_nothing_more(tmp_path: Path) -> None:
    chairs = SALES.replace("MAGE-1,5000,200000", "MAGE-1,59000,2000000")
    file = study(tmp_path, TWO + MARKETS + LEDGER)
    (tmp_path / "ledger.csv").write_text(chairs, "utf-8")
    plan = offing.plan(file).planned.plan
    assert sum(row.units for row in plan.rows) <= 2_000 * (1 + 1e-6), "what is sold today"
    target = offing.plan(file, target="+300%").target
    assert target is not None
    assert target.most < target.amount, "the hours are not there for a target either"


def test_without_a_model_left_out_a_line_is_whole(tmp_path: Path) -> None:
    planned = offing.plan(study(tmp_path, STUDY + MARKETS + LEDGER)).planned
    (hours,) = planned.solved.programme.facts.limits.line_hours.values()
    assert set(hours) == {60_000}
