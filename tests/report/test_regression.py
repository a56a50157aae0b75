"""A regression table as a paper prints it, against what etable of pyfixest prints, and by hand."""

from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pytest

import offing
from offing.cli.app import run
from offing.market.gravity.batch import fit_products
from offing.market.gravity.expected import pseudo_r2
from offing.market.gravity.panel import fit_panel
from offing.report.regression import latex, stars
from offing.terms.errors import InputError
from offing.terms.messages import speaking
from shared_data import ROOT

PANEL = ROOT / "docs" / "tutorials" / "data" / "economist-panel.csv"


def body(text: str) -> list[str]:
    """The lines between the rules, without those."""
    table = text.partition(r"\toprule")[2].partition(r"\bottomrule")[0]
    return [line for line in table.splitlines() if line.endswith(r"\\")]


def test_the_numbers_of_etable() -> None:
    """``pf.fepois("trade ~ rta | ey + iy + pair", vcov={"CRV1": "pair"})``, pyfixest 0.60.0:
    0.406*** (0.070), 657 observations.
    """
    lines = body(latex(offing.gravity(panel=PANEL, covariates="rta")))
    assert r"rta & $0.406^{***}$ \\" in lines
    assert lines[lines.index(r"rta & $0.406^{***}$ \\") + 1] == r" & $(0.070)$ \\"
    assert r"Observations & $657$ \\" in lines
    assert [line for line in lines if "effects" in line] == [
        r"Exporter-year effects & Yes \\",
        r"Importer-year effects & Yes \\",
        r"Pair effects, by direction & Yes \\",
    ]


def test_regressions_stand_side_by_side() -> None:
    """What a pair's effect takes is a dash there, and a coefficient without it."""
    with_pairs = offing.gravity(panel=PANEL, covariates="log_distance,rta")
    without = offing.gravity(panel=PANEL, covariates="log_distance,rta", pair_effects="none")
    text = latex(with_pairs, without)
    lines = body(text)
    assert {line.count("&") for line in lines} == {2}
    assert text.count("{") == text.count("}")
    assert any(line.startswith(r"log\_distance & -- & $-1.057^{***}$") for line in lines)
    assert any(line == r"Pair effects, by direction & Yes &  \\" for line in lines)
    assert "--: left out" in text
    assert text.count(r"\begin{") == text.count(r"\end{") == 2


@pytest.mark.parametrize(
    ("z", "sign"), [(2.58, "***"), (2.57, "**"), (1.97, "**"), (1.95, "*"), (1.65, "*"), (1.64, "")]
)
def test_stars_are_those_of_the_normal_table(z: float, sign: str) -> None:
    """Two-sided: 2.576, 1.960 and 1.645 at 1, 5 and 10 %."""
    assert stars(z, 1.0) == stars(-z, 1.0) == sign
    assert stars(z, float("nan")) == ""


def test_the_fit_is_that_of_the_same_model_as_a_panel() -> None:
    """A product's flows of one year are a panel of one year without pair effects."""
    rng, n = np.random.default_rng(7), 6
    names = [f"A{at}" for at in range(n)]
    km = rng.uniform(1, 3, (n, n))
    km = (km + km.T) / 2
    trade = np.exp(5 - km + rng.normal(0, 0.4, (n, n)))
    pairs = [(i, j) for i in range(n) for j in range(n) if i != j]
    frame = pl.DataFrame(
        [(names[i], names[j], km[i, j], trade[i, j]) for i, j in pairs],
        schema=["exporter", "importer", "log_km", "value_usd"],
        orient="row",
    )
    flows = frame.select(pl.lit("8528").alias("product"), "importer", "exporter", "value_usd")
    fit = fit_products(flows, frame.select("exporter", "importer", "log_km"))
    panel = fit_panel(frame.with_columns(year=pl.lit(2024)), pair_effects="none")
    assert pseudo_r2(fit, flows, "8528") == pytest.approx(panel.pseudo_r2, abs=1e-7)
    exact = frame.with_columns(value_usd=(5 - pl.col("log_km")).exp())
    flows = exact.select(pl.lit("8528").alias("product"), "importer", "exporter", "value_usd")
    fit = fit_products(flows, exact.select("exporter", "importer", "log_km"))
    assert pseudo_r2(fit, flows, "8528") == pytest.approx(1.0, abs=1e-9)


def test_a_command_writes_both_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["gravity", "8528", "--origin", "CHN", "--out"]
    assert run([*line, str(tmp_path / "t.tex")]) == 0
    assert "Regression table" in capsys.readouterr().out
    assert r"log of distance & $-" in (tmp_path / "t.tex").read_text("utf-8")
    assert run([*line, str(tmp_path / "z.tex"), "--lang", "zh"]) == 0
    assert r"出口国效应 & 是 \\" in (tmp_path / "z.tex").read_text("utf-8")
    for name in ("t.xlsx", "again.xlsx"):
        assert run([*line, str(tmp_path / name)]) == 0
    assert (tmp_path / "t.xlsx").read_bytes() == (tmp_path / "again.xlsx").read_bytes()
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["Regression", "All digits", "Expected trade"]
    shown = [[cell.value for cell in row] for row in book["Regression"].iter_rows()]
    assert [row[0] for row in shown if str(row[1]).endswith("***")] == ["log of distance"]
    digits = [[cell.value for cell in row] for row in book["All digits"].iter_rows(min_row=5)]
    estimates = offing.gravity("8528").table["estimate"].to_list()
    assert [row[2] for row in digits] == pytest.approx(estimates, rel=1e-12)


def test_a_table_is_of_one_product(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="of one product"), speaking("en"):
        latex(offing.gravity(every=True))
    assert run(["gravity", "8528", "--out", str(tmp_path / "t.doc")]) == 2
    assert ".parquet, .csv, .tex, .xlsx" in " ".join(capsys.readouterr().err.split())
    assert run(["gravity", "--all", "--out", str(tmp_path / "all.xlsx")]) == 0
    assert openpyxl.load_workbook(tmp_path / "all.xlsx").sheetnames == ["All digits"]
