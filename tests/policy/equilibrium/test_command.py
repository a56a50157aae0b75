"""``offing equilibrium``: the command, what it tells, and what must be asked for."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import offing
from offing.cli.app import run

Shock = Callable[[str], Path]


def test_python_and_the_command_say_the_same(
    shock_file: Shock, trade: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shock = shock_file("exporter,importer,tariff\n*,USA,0.25\n")
    assert run(["equilibrium", str(trade), str(shock), "--model", "with-revenue", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["equilibrium"]["countries"]
    rows = offing.equilibrium(trade, shock, model="with-revenue").rows
    assert [row["welfare"] for row in told] == rows["welfare"].to_list()
    # unanswered, a large country gains and the other loses; without revenue both lose
    assert rows["welfare"][1] > 0 > rows["welfare"][0]
    beside = offing.equilibrium(trade, shock, model="with-revenue").beside
    assert all(value < 0 for value in beside["one-sector"])
    assert "<table" in str(offing.equilibrium(trade, shock)._repr_html_())


def test_groups_are_averaged_by_todays_expenditure(
    shock_file: Shock, trade: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shock = shock_file("exporter,importer,tariff\nCHN,USA,0.25\n")
    groups = tmp_path / "groups.csv"
    groups.write_text("group,country\nPacific,CHN\nPacific,美国\nAsia,CHN\n", encoding="utf-8")
    answer = offing.equilibrium(trade, shock, groups=groups, model="with-revenue")
    rows = dict(answer.rows.select("country", "employment").iter_rows())
    found = {row["group"]: row["employment"] for row in answer.groups.to_dicts()}
    assert found["Pacific"] == pytest.approx((rows["CHN"] + rows["USA"]) / 2)
    assert found["Asia"] == rows["CHN"]
    line = ["equilibrium", str(trade), str(shock), "--groups", str(groups)]
    assert run(line) == 0
    assert "Pacific (average)" in capsys.readouterr().out
    for text, words in (
        ("Asia,CHX", "'CHX'"),
        ("Asia,CHN\nAsia,CHN", "Asia: CHN"),
        (",CHN", "group"),
    ):
        groups.write_text(f"group,country\n{text}\n", encoding="utf-8")
        assert run(line) == 2
        assert words in capsys.readouterr().err
