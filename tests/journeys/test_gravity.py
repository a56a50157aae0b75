"""``offing gravity``, as a person runs it, on careful and careless input."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from offing.cli.app import run as offing
from offing.warehouse import Warehouse
from offing.warehouse.loading import load

pytest.importorskip("numba", reason="the extra 'gravity' is not installed")

BACI = "t,i,j,k,v,q\n"


def test_one_product_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert offing(["gravity", "8528", "--origin", "CHN"]) == 0
    shown = capsys.readouterr().out
    assert "log of distance" in shown
    assert "United States" in shown
    assert offing(["gravity", "8528", "--origin", "CHN", "--lang", "zh"]) == 0
    shown = capsys.readouterr().out
    assert "距离的对数" in shown
    assert "distance" not in shown


def test_json_and_file_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "coefficients.parquet"
    assert offing(["gravity", "--all", "--year", "2023", "--json", "--out", str(out)]) == 0
    made = json.loads(capsys.readouterr().out)["gravity"]
    rows = pl.read_parquet(out)
    assert made["year"] == 2023
    assert rows.height == 3 * len(made["products"])
    said = [c["se_both"] for one in made["products"] for c in one["coefficients"]]
    assert rows["se_both"].to_list() == pytest.approx(said)


def test_expected_trade_adds_up_to_what_was_traded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "expected.csv"
    assert offing(["gravity", "8528", "--origin", "KOR", "--out", str(out)]) == 0
    rows = pl.read_csv(out)
    assert rows["expected"].sum() == pytest.approx(rows["actual"].sum(), rel=1e-6)
    assert (rows["low"] <= rows["expected"]).all()
    assert "rows written" in capsys.readouterr().out.replace("\n", " ")


@pytest.mark.parametrize("by", ["gravity", "gravity_gap", "epi", "density", "blue_ocean"])
def test_markets_show_what_they_are_ranked_by(by: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert offing(["markets", "8528", "--origin", "CHN", "--by", by, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    scores = [segment["score"] for segment in made["ranking"]["segments"]]
    assert scores == sorted(scores, reverse=True)
    assert {s["rival"] for s in made["backtest"]["scores"]} >= {by, "persistence", "size"}
    assert made["total"]["shown"] is False


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ([], "--all"),
        (["8528", "--all"], "--all"),
        (["8528", "--market", "DEU"], "--origin"),
        (["8528", "--covariates", "log_km,gdp"], "colony"),
        (["8528", "--covariates", ""], "covariate"),
        (["8528", "--level", "80"], "0.8"),
        (["8528", "--level", "nan"], "--level = 'nan'"),
        (["8528", "--year", "1999"], "2019"),
        (["8528", "--out", "table.xls"], ".parquet"),
        (["8528", "--out", "no/such/folder/t.csv"], "no/such/folder"),
        (["8528", "--origin", "Atlantis"], "Atlantis"),
        (["8528", "--origin", "KOR", "--market", "KIR"], "KIR"),
        (["8528", "--origin", "KIR"], "KIR"),
    ],
)
def test_careless_use_is_explained(
    arguments: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert offing(["gravity", *arguments]) == 2
    shown = capsys.readouterr()
    assert part in shown.err.replace("\n", "")
    assert shown.out == ""


def loaded(folder: Path, rows: list[tuple[int, int, str, float]]) -> Path:
    """A warehouse with these flows of 2020: exporter, importer, product, thousand USD."""
    data = folder / "BACI_HS17_Y2020_V202401.csv"
    data.write_text(
        BACI + "".join(f"2020,{i},{j},{k},{v!r},1\n" for i, j, k, v in rows), encoding="utf-8"
    )
    house = folder / "house"
    load("baci", [data], house)
    return house


def states(house: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    assert offing(["gravity", "--all", "--warehouse", str(house), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)["gravity"]
    return {one["product"]: one for one in made["products"]}


def test_products_that_cannot_be_estimated_say_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One exporter, one importer, one flow, few flows, and a flow that drowns all others."""
    china, germany, france, italy, spain = 156, 276, 251, 380, 724
    five = [china, germany, france, italy, spain]
    rows = [(china, j, "010121", 5.0) for j in five[1:]]
    rows += [(i, germany, "010129", 5.0) for i in five if i != germany]
    rows += [(china, germany, "010130", 5.0)]
    rows += [(china, germany, "010190", 5.0), (france, italy, "010190", 2.0)]
    rows += [
        (i, j, "010221", 1e17 if (i, j) == (china, italy) else float(1 + 7 * a * b % 11))
        for a, i in enumerate(five)
        for b, j in enumerate(five)
        if i != j
    ]
    made = states(loaded(tmp_path, rows), capsys)
    assert {code: one["state"] for code, one in made.items()} == {
        "010121": "one_exporter",
        "010129": "one_importer",
        "010130": "one_exporter",
        "010190": "nothing_identified",
        "010221": "not_converged",  # the other flows drown in its rounding
    }
    for one in made.values():
        coefficients = one["coefficients"]
        assert isinstance(coefficients, list)
        assert all(row["estimate"] is None and row["se_hc"] is None for row in coefficients)


def test_fewer_flows_than_parameters_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Eight countries in two rings: 16 flows, 15 effects and the covariates."""
    ring = [156, 276, 251, 380, 724, 826, 392, 410]
    rows = [
        (i, ring[(a + step) % 8], "850760", float(1 + (3 * a + 5 * step) % 7))
        for a, i in enumerate(ring)
        for step in (1, 3)
    ]
    house = loaded(tmp_path, rows)
    assert offing(["gravity", "850760", "--warehouse", str(house)]) == 0
    assert "16 flows for" in " ".join(capsys.readouterr().out.split())


def test_a_product_without_an_estimate_says_why_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = loaded(tmp_path, [(156, 276, "010130", 5.0), (156, 251, "010130", 1.0)])
    assert offing(["gravity", "010130", "--warehouse", str(house)]) == 0
    assert "only one country exports it" in capsys.readouterr().out
    assert offing(["gravity", "010130", "--origin", "CHN", "--warehouse", str(house)]) == 2
    assert "only one country exports it" in capsys.readouterr().err


def test_a_country_without_a_distance_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """South Sudan is in no table of distances here."""
    known = set(Warehouse.open().table("distances")["origin"])
    assert "SSD" not in known
    five = [156, 276, 251, 380, 724, 826, 392, 410]
    rows = [
        (i, j, "850760", float(1 + (3 * a + 5 * b) % 7))
        for a, i in enumerate(five)
        for b, j in enumerate(five)
        if i != j
    ]
    rows += [(156, 728, "850760", 9.0)]
    house = loaded(tmp_path, rows)
    made = states(house, capsys)["850760"]
    assert made["unmatched"] == 1
    assert offing(["gravity", "850760", "--warehouse", str(house)]) == 0
    assert "distance between their countries is not known: 1" in capsys.readouterr().out.replace(
        "\n", " "
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["gravity", "8528"], 2, "offing[gravity]"),
        (["markets", "8528", "--origin", "CHN", "--by", "gravity"], 2, "offing[gravity]"),
        (["backtest", "--product", "8528", "--horizon", "2"], 0, "Gravity was not compared"),
    ],
)
def test_without_numba(arguments: list[str], code: int, part: str) -> None:
    """An installation without the extra: the rest works, and it says what is missing."""
    program = (
        "import sys, importlib.util as u; sys.modules['numba'] = None; real = u.find_spec; "
        "u.find_spec = lambda name, *a: None if name == 'numba' else real(name, *a); "
        f"from offing.cli.app import run; sys.exit(run({arguments!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert part in " ".join((done.stdout + done.stderr).split())
