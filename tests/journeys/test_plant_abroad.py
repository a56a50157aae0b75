"""A tariff on the firm's own country does not fall on goods of its plant abroad."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from offing.cli.app import run as offing
from small_world import EXTRA

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).resolve().parents[1] / "museum" / "tv-maker-2024"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The maker of televisions with a plant in Mexico, in two markets."""
    folder = tmp_path / "tv"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("out"))
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('consider = "all"', 'consider = ["USA", "DEU"]'), encoding="utf-8")
    return file


def asked(study: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    out = str(study.parent / "out")
    assert offing(["whatif", str(study), "--out", out, "--draws", "20", "--json", *more]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["what_if"]
    return found


Rows = list[tuple[dict[str, float], dict[str, float]]]


def in_america(study: Path, found: dict[str, Any]) -> tuple[Rows, Rows]:
    """Figures before and after of what today's plan makes in Mexico for America, and in China."""
    result = json.loads((study.parent / "out" / "result.json").read_text(encoding="utf-8"))
    plants = {
        row["product"]: row["plant"] for row in result["plan"]["rows"] if row["market"] == "USA"
    }
    rows: tuple[Rows, Rows] = [], []
    for segment in found["segments"]:
        if segment["market"] == "USA" and segment["before"] and segment["after"]:
            home = plants[segment["product"]] == "qingdao"
            rows[home].append((segment["before"], segment["after"]))
    assert all(rows)
    return rows


def test_a_duty_on_china_hits_what_is_made_in_china(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = asked(study, capsys, "--stress", "us-tariffs-2018")
    abroad, at_home = in_america(study, found)
    for was, now in abroad:
        assert now["sales"] >= was["sales"] * 0.999
        assert was["duty"] == now["duty"] == 0  # USMCA, in the example
        assert was["refund"] == 0  # what is made abroad has no refund of China's
    # what has no line in Mexico loses; the rest may be made there anew
    assert min(now["sales"] / was["sales"] for was, now in at_home) < 0.6
    plants = [row for row in found["effects"]["markets"] if row["origin"]]
    assert {(row["market"], row["origin"]) for row in plants} == {("USA", "MEX")}
    assert all(row["change"]["mean"] > -1e-9 for row in plants)


def test_an_elasticity_of_the_reform_works_by_each_plants_landed_cost(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reform = study.parent / "extra.toml"
    reform.write_text(EXTRA, encoding="utf-8")
    abroad, _ = in_america(study, asked(study, capsys, str(reform)))
    for was, now in abroad:
        assert now["sales"] == pytest.approx(was["sales"], rel=1e-3)


def test_a_world_equilibrium_moves_each_origin(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """China's sales to America fall, Mexico's rise, and so do the plant's."""
    codes, folder = ("CHN", "MEX", "USA", "DEU"), study.parent
    size = {"CHN": 3, "MEX": 1, "USA": 4, "DEU": 2}
    lines = [
        f"{one},{other},{size[one] * size[other] * (20 if one == other else 1)}"
        for one in codes
        for other in codes
    ]
    trade, shock = folder / "trade.csv", folder / "shock.csv"
    trade.write_text("\n".join(["exporter,importer,trade", *lines]), encoding="utf-8")
    shock.write_text("exporter,importer,tariff\nCHN,USA,0.5\n", encoding="utf-8")
    line = ["--effect", "general", "--trade", str(trade), "--shock", str(shock)]
    found = asked(study, capsys, *line)
    plants = [
        r for r in found["effects"]["markets"] if (r["market"], r["origin"]) == ("USA", "MEX")
    ]
    assert plants
    assert all(row["change"]["mean"] > 0 for row in plants)
    abroad, _ = in_america(study, found)
    for was, now in abroad:
        assert now["sales"] > was["sales"]
