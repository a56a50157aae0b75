"""A regression table as a paper prints it, against what etable of pyfixest prints, and by hand."""

from pathlib import Path

import pytest

import offing
from offing.report.regression import latex, stars
from offing.terms.errors import InputError, Where
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


def test_a_year_that_none_can_be_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "panel.csv"
    lines = PANEL.read_text("utf-8").splitlines()
    year = lines[0].split(";").index("year")
    cells = lines[5].split(";")
    cells[year] = "3000"
    file.write_text("\n".join([*lines[:5], ";".join(cells), *lines[6:]]), "utf-8")
    with pytest.raises(InputError, match="3000") as error:
        offing.gravity(panel=file, covariates="rta")
    assert error.value.key == "gravity.bad_year"
    assert error.value.where == Where(file, 6, "year")
