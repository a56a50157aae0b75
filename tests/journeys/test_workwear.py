"""The workwear example: every command of its README runs, with the sums done by hand."""

import json
import re
import shlex
from pathlib import Path
from shutil import copytree
from typing import Any

import polars as pl
import pytest

from cautions import keyed
from offing.cli.app import run
from offing.study.result import from_json
from offing.terms.countries import countries_by_number
from shared_data import shared

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "workwear"


@pytest.fixture(autouse=True)
def starter_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who has loaded nothing, at the top of the project."""
    monkeypatch.chdir(ROOT)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert run([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def commands() -> list[str]:
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    first = text.partition("## The whole study")[0]
    return re.findall(r"^    offing (.+)$", first, re.MULTILINE)


def test_the_whole_study_runs_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The two commands of the README, in a copy, with the trade that comes with the example."""
    copytree(EXAMPLE, tmp_path / "examples" / "workwear")
    monkeypatch.chdir(tmp_path)
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    whole = text.partition("## The whole study")[2]
    for command in re.findall(r"^    offing (.+)$", whole, re.MULTILINE):
        assert run([*shlex.split(command), "--lang", "en"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "The data set us-garments (2013–2024, 504 flows)" in said
    assert "no imports of the product in 2024 into Germany" in said
    assert "Visit the United States" in said
    result = json.loads(Path("out/workwear/result.json").read_text(encoding="utf-8"))
    assert {row["market"] for row in result["plan"]["rows"]} == {"USA"}
    assert result["settlement"]["cost_rate"] > 0


def test_the_months_of_2026_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    """July: credit 85,000 + 1,050,000 - 540,000 = 595,000, under the ceiling of
    (2,380,000 + 612,000 × 6.79) × 13 % = 849,612.40.

    August: bonded cloth 430,000 × 6.75 × 62 % = 1,799,550 takes 233,941.50 off the ceiling of
    7,052,500 × 13 %: 682,883.50, still above the 585,000 of credit. September: the ceiling of
    6,050,100 × 13 % = 786,513 is under 930,000, so 143,487 is carried into October.
    """
    months = said(
        capsys, "refund", "--months", str(EXAMPLE / "months.toml"), "--on", "2026-11-24"
    )["months"]  # fmt: skip
    figures = [(m["period"], m["refund"], m["exempt_credit"], m["carry_forward"]) for m in months]
    assert figures == [
        ("2026-07", "595000.00", "254612.40", "0.00"),
        ("2026-08", "585000.00", "97883.50", "0.00"),
        ("2026-09", "786513.00", "0.00", "143487.00"),
        ("2026-10", "653487.00", "600818.00", "0.00"),
    ]


def test_the_whole_study_runs_on_loaded_trade(tmp_path: Path) -> None:
    """On real trade of chapter 62 in 1990: old, but all that the study asks for."""
    number = {code: at for at, code in countries_by_number().items()}
    trade = (
        pl.read_parquet(shared("baci_hs4_23x23_1989_1990", "trade.parquet"))
        .filter(pl.col("hs4").str.starts_with("62"))
        .select(
            t="year",
            i=pl.col("exporter").replace_strict(number),
            j=pl.col("importer").replace_strict(number),
            k=pl.col("hs4") + "00",
            v="value_kusd",
            q="quantity_t",
        )
    )
    for (year,), rows in trade.partition_by("t", as_dict=True).items():
        rows.write_csv(tmp_path / f"BACI_HS88_Y{year}_V202401.csv")
    house, out = str(tmp_path / "house"), tmp_path / "out"
    assert run(["load", "baci", str(tmp_path), "--warehouse", house]) == 0
    study = str(EXAMPLE / "study.toml")
    assert run(["run", study, "--warehouse", house, "--out", str(out)]) == 0
    result = from_json((out / "result.json").read_text(encoding="utf-8"))
    assert [product.code for product in result.products] == ["6203", "6210", "6211"]
    for product in result.products:
        quoted = {market.market for market in product.markets if market.quote}
        assert {"DEU", "JPN", "USA"} <= quoted
        assert all(market.refund_usd > 0 for market in product.markets)
    # What was traded 36 years before the study's day carries no entry: the answer is to stay.
    assert result.decided.moves == ()
    assert result.plan.sales_usd == 0
    assert result.settlement is None
    assert "planning.assumed_no_sales_own" in [key for key, _ in keyed(result.decided.assumed)]
