"""``offing survival``, as a person runs it, and what it counts, by hand."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from offing.api.survival import survival
from offing.cli.app import run as offing
from offing.warehouse.loading import load

CHINA, GERMANY, FRANCE, ITALY = 156, 276, 251, 380


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four years; France reports nothing in 2019; 850790 is in use from 2019 only."""
    folder = tmp_path_factory.mktemp("world")
    rows = [
        # exporter, importer, product, years
        (GERMANY, ITALY, "850760", (2018, 2019, 2020, 2021)),
        (CHINA, ITALY, "850760", (2019, 2020)),
        (CHINA, FRANCE, "850760", (2018, 2020, 2021)),
        (ITALY, FRANCE, "850760", (2020,)),
        (ITALY, GERMANY, "850760", (2019, 2021)),
        (CHINA, GERMANY, "850760", (2018, 2019, 2020, 2021)),
        (CHINA, GERMANY, "850790", (2019, 2020, 2021)),
        (FRANCE, GERMANY, "850790", (2020,)),
    ]
    for year in (2018, 2019, 2020, 2021):
        lines = [
            f"{year},{i},{j},{k},{10 + n},{1 + n / 10}\n"
            for n, (i, j, k, years) in enumerate(rows)
            if year in years
        ]
        path = folder / f"BACI_HS17_Y{year}_V202401.csv"
        path.write_text("t,i,j,k,v,q\n" + "".join(lines), encoding="utf-8")
    load("baci", [folder], folder / "house")
    return folder / "house"


def test_spells_by_hand(house: Path) -> None:
    made = survival("8507", warehouse=house)
    columns = ["product", "importer", "exporter", "began", "last", "duration", "ended"]
    fresh = made.runs.filter(~pl.col("started_before"))
    assert fresh.select(columns).rows() == [
        ("850760", "DEU", "ITA", 2019, 2019, 1, True),
        ("850760", "DEU", "ITA", 2021, 2021, 1, False),
        ("850760", "FRA", "ITA", 2020, 2020, 1, True),
        ("850760", "ITA", "CHN", 2019, 2020, 2, True),
        ("850790", "DEU", "FRA", 2020, 2020, 1, True),
    ]
    # France's silence in 2019 ends nothing, and 2019 is the first year of 850790.
    before = made.runs.filter("started_before")
    assert ("850760", "FRA", "CHN", 2018, 2021, 3, False) in before.select(columns).rows()
    assert ("850790", "DEU", "CHN", 2019, 2021, 3, False) in before.select(columns).rows()
    # Of five, one ends after a year for each of three; two are left, of which one is censored at 1.
    assert made.whole.select("time", "at_risk", "ended").rows() == [(1.0, 5, 3), (2.0, 1, 1)]
    assert made.whole["survival"].to_list() == pytest.approx([0.4, 0.0])


def test_command_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert offing(["survival", "85"]) == 0
    assert "Share still trading" in capsys.readouterr().out
    assert offing(["survival", "85", "--lang", "zh"]) == 0
    shown = capsys.readouterr().out
    assert "仍在贸易的比例" in shown
    assert "Share" not in shown


def test_json_and_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "spells.parquet"
    assert offing(["survival", "85", "--json", "--out", str(out)]) == 0
    made = json.loads(capsys.readouterr().out)["survival"]
    rows = pl.read_parquet(out)
    assert made["spells"] + made["left_out"] == rows.height
    assert made["hazard"] is None  # too few begin and have a unit value
    assert set(made["by"]) == {"tier", "size", "price"}


def test_larger_beginnings_last_longer_where_they_were_made_to(tmp_path: Path) -> None:
    """Ends drawn with a hazard of exp(-1 - 0.4 (log size - 3)); the estimate is near it."""
    rng = np.random.default_rng(4)
    numbers = [156, 276, 251, 380, 724, 826, 392, 410, 842, 124, 484, 76, 710, 36]
    years = range(2014, 2022)
    lines: dict[int, list[str]] = {year: [] for year in years}
    for i in numbers:
        for j in numbers:
            if i == j:
                continue
            for year in years:  # an anchor keeps every importer and the product in every year
                lines[year].append(f"{year},{i},{j},850790,5,1\n")
            began = int(rng.integers(2015, 2020))
            size = float(rng.normal(3, 1.5))
            hazard = np.exp(-1 - 0.4 * (size - 3))
            last = began + int(np.ceil(rng.exponential(1 / hazard))) - 1
            for year in range(began, min(last, 2021) + 1):
                tonnes = np.exp(size + rng.normal(0, 0.5))
                lines[year].append(f"{year},{i},{j},850760,{np.exp(size):.4f},{tonnes:.4f}\n")
    lines[2014].append("2014,842,156,850760,1,1\n")
    for year in years:
        path = tmp_path / f"BACI_HS12_Y{year}_V202401.csv"
        path.write_text("t,i,j,k,v,q\n" + "".join(lines[year]), encoding="utf-8")
    load("baci", [tmp_path], tmp_path / "house")
    found = survival("850760", warehouse=tmp_path / "house").hazard
    assert found is not None
    beta = dict(zip(found.names, found.beta, strict=True))
    error = dict(zip(found.names, found.errors, strict=True))
    assert abs(beta["log_size"] + 0.4) < 3 * error["log_size"]
    assert abs(beta["log_price"]) < 3 * error["log_price"]
    assert error["log_size"] < 0.1


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["8528", "--gap", "9"], "0 to 5"),
        (["9999"], "9999"),
        (["8528", "--origin", "KIR"], "above zero"),
        (["8528", "--out", "x.xls"], ".parquet"),
    ],
)
def test_careless_use_is_explained(
    arguments: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert offing(["survival", *arguments]) == 2
    assert part in " ".join(capsys.readouterr().err.split())


def test_one_year_is_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "BACI_HS17_Y2020_V202401.csv"
    path.write_text("t,i,j,k,v,q\n2020,156,276,850760,5,1\n", encoding="utf-8")
    load("baci", [path], tmp_path / "house")
    assert offing(["survival", "850760", "--warehouse", str(tmp_path / "house")]) == 2
    assert "more years" in " ".join(capsys.readouterr().err.split())
