"""``offing gravity``, as a person runs it, on careful and careless input."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from offing.cli.app import run as offing
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
