"""A world equilibrium and a firm's plan: every option of ``equilibrium`` is one of ``whatif``."""

import json
from pathlib import Path
from typing import Any

import pytest

from offing.cli.app import run as offing
from small_world import TRADE
from three_markets import three_markets

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shared_study")]

SHOCK = "exporter,importer,tariff\nCHN,USA,0.34\n"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The example with three markets, its world's tables beside it."""
    made = three_markets(tmp_path / "tv")
    (made.parent / "trade.csv").write_text(TRADE, encoding="utf-8")
    (made.parent / "shock.csv").write_text(SHOCK, encoding="utf-8")
    return made


def line(study: Path, *more: str) -> list[str]:
    folder = study.parent
    tables = ["--trade", str(folder / "trade.csv"), "--shock", str(folder / "shock.csv")]
    out = ["--out", str(folder / "out"), "--draws", "20"]
    return ["whatif", str(study), "--effect", "general", *tables, *out, *more]


def effects(study: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    assert offing([*line(study, *more), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["what_if"]["effects"]
    return found


def test_the_change_is_that_of_the_equilibrium_with_the_other_models_beside(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What China sells is the same number in both commands, in every model."""
    folder = study.parent
    options = ["--model", "all", "--retaliation", "reciprocal", "--krugman", "--labour-supply", "1",
               "--value-added", "0.6"]  # fmt: skip
    made = effects(study, capsys, *options)
    given: dict[str, Any] = {
        "retaliation": "reciprocal", "krugman": True, "labour_supply": 1, "value_added": 0.6,
    }  # fmt: skip
    import offing as package

    def factor(model: str) -> float:
        tables = folder / "trade.csv", folder / "shock.csv"
        answer = package.equilibrium(*tables, **(given | {"model": model}))
        row = answer.trade.filter(exporter="CHN", importer="USA").row(0, named=True)
        return float(row["after"] / row["before"] - 1)

    usa = next(row for row in made["markets"] if row["market"] == "USA")
    assert made["model"] == "with-revenue"
    assert usa["change"]["mean"] == pytest.approx(factor("with-revenue"), abs=1e-9)
    beside = dict(usa["beside"])
    assert set(beside) == {"one-sector", "many-sectors"}
    for model, change in beside.items():
        assert change == pytest.approx(factor(model), abs=1e-9)
    assert made["world"]["home"] == ["USA", 0.34, 0.34]


SECTORS = "sector,country,value_added,theta\nelectronics,*,0.5,8\nother,*,0.5,3\n"


def test_the_sector_of_the_goods(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = study.parent
    rows = [f"{sector},{row}" for sector in ("electronics", "other") for row in TRADE.split()[1:]]
    head = "sector,exporter,importer,trade"
    (folder / "trade.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    (folder / "sectors.csv").write_text(SECTORS, encoding="utf-8")
    options = ["--sectors", str(folder / "sectors.csv"), "--model", "many-sectors"]
    changes = {}
    for sector in ("electronics", "other"):
        made = effects(study, capsys, *options, "--sector", sector)
        usa = next(row for row in made["markets"] if row["market"] == "USA")
        changes[sector] = usa["change"]["mean"]
        assert made["world"]["sector"] == sector
        assert made["theta"] == {"electronics": 8, "other": 3}[sector]
    # the elasticity of 8 loses more than that of 3
    assert changes["electronics"] < changes["other"] < 0
    assert offing(line(study, *options)) == 2
    assert "electronics, other" in " ".join(capsys.readouterr().err.split())
    assert offing(line(study, *options, "--sector", "electronic")) == 2
    assert "did you mean electronics?" in capsys.readouterr().err
