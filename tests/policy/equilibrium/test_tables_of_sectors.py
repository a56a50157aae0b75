"""``offing equilibrium``: a world of sectors from tables, and tables that do not fit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import offing
from offing.cli.app import run

Shock = Callable[[str], Path]


def test_materials_are_told_from_none(shock_file: Shock, trade: Path, tmp_path: Path) -> None:
    """With materials every dollar of value added crosses the border more than once."""
    shock = shock_file("exporter,importer,tariff\n*,*,0.25\n")
    ask: dict[str, Any] = {"model": "many-sectors", "theta": 4.0}
    plain = offing.equilibrium(trade, shock, **ask)
    deep = offing.equilibrium(trade, shock, value_added=0.5, **ask)
    assert (deep.rows["welfare"] < plain.rows["welfare"]).all()
    assert plain.residual < 1e-9


def test_a_world_of_sectors_that_does_not_fit(
    shock_file: Shock, trade: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = trade.read_text(encoding="utf-8").splitlines()
    flows = "\n".join([f"sector,{lines[0]}", *(f"food,{line}" for line in lines[1:])])
    trade.write_text(flows, encoding="utf-8")
    shock = shock_file("exporter,importer,tariff\nCHN,USA,0.1\n")
    costs = tmp_path / "costs.csv"
    line = ["equilibrium", str(trade), str(shock), "--sectors", str(costs)]
    costs.write_text("sector,country,value_added,theta\nfood,*,0.5,4\n", encoding="utf-8")
    assert run([*line, "--lang", "zh"]) == 0
    assert "一阶近似" in capsys.readouterr().out
    for text, words in (
        ("sector,country,value_added,theta\nfood,*,1.5,4\n", "sectors"),
        ("sector,country,value_added,theta\nfod,*,0.5,4\n", "did you mean food?"),
        ("sector,country,value_added\nfood,*,0.5\n", "theta"),
    ):
        costs.write_text(text, encoding="utf-8")
        assert run(line) == 2
        assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("part", "change", "options", "words"),
    [
        ("shock", ("0.25", "25"), [], "row 2, column tariff"),
        ("shock", ("tariff", "tariff,sector", "0.25", "0.25,fod"), [], "'fod' is no sector"),
        ("shock", ("tariff", "tariff,year", "0.25", "0.25,2001"), [], "the trade of 2020"),
        ("trade", ("20,0.1,", "20,10,"), [], "10 times the value"),
        ("trade", ("food,USA,USA,80,0,2020\n", ""), [], "no trade within USA"),
        ("costs", (",4", ",0"), [], "costs.csv"),
        ("shock", (), ["--retaliation", "reciprocal", "--home", "USA"], "--retaliation would be"),
        ("shock", (), ["--model", "with-revenue"], "--model with-revenue would be"),
    ],
)
def test_slips_in_the_tables_of_sectors(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    part: str,
    change: tuple[str, ...],
    options: list[str],
    words: str,
) -> None:
    tables = {
        "trade": "sector,exporter,importer,trade,tariff,year\nfood,CHN,CHN,80,0,2020\n"
        "food,CHN,USA,20,0.1,2020\nfood,USA,CHN,20,0.1,2020\nfood,USA,USA,80,0,2020\n",
        "shock": "exporter,importer,tariff\nCHN,USA,0.25\n",
        "costs": "sector,country,value_added,theta\nfood,*,0.5,4\n",
    }
    for old, new in zip(change[::2], change[1::2], strict=True):
        tables[part] = tables[part].replace(old, new)
    paths = {name: tmp_path / f"{name}.csv" for name in tables}
    for name, text in tables.items():
        paths[name].write_text(text, encoding="utf-8")
    line = ["equilibrium", str(paths["trade"]), str(paths["shock"])]
    assert run([*line, "--sectors", str(paths["costs"]), *options]) == 2
    assert words in " ".join(capsys.readouterr().err.split())
