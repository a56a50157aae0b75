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
