"""A what-if as its user runs it: a study and a reform become two plans side by side."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from offing.api.whatif import _own_elasticities
from offing.cli.app import run as offing
from offing.study.result import from_json
from offing.warehouse.store import starter_folder
from small_world import EXTRA
from study.stand_ins import like
from three_markets import three_markets

TARIFF = """
[reform]
name = "no duty on sets in the EU"
[[rate]]
id = "eur.mfn.85287240"
value = "0%"
[[rate]]
id = "gbr.vat"
value = "15%"
since = 2030-01-01
"""


pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shared_study")]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The example with three markets."""
    return three_markets(tmp_path / "tv")


def what_if(
    study: Path, reform: str, capsys: pytest.CaptureFixture[str], *more: str
) -> dict[str, Any]:
    path = study.parent / "reform.toml"
    path.write_text(reform, encoding="utf-8")
    out = study.parent / "out"
    assert offing(["whatif", str(study), str(path), "--out", str(out), "--json", *more]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["what_if"]
    return found


def by_market(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["market"]: each for each in found["segments"]}


def sold_to_germany() -> float:
    """USD of China's sets in the latest year of the starter world."""
    flows = pl.read_parquet(starter_folder() / "flows" / "*.parquet")
    sets = flows.filter(product="8528", exporter="CHN", importer="DEU")
    return float(sets.filter(pl.col("year") == pl.col("year").max())["value_usd"].sum())


def test_a_tariff_moves_demand_without_being_asked(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """FINDINGS A 17: the elasticity's source and interval are printed, the old plan is judged."""
    found = what_if(study, TARIFF, capsys)
    effects = found["effects"]
    (elasticity,) = effects["elasticities"]
    assert (elasticity["code"], elasticity["median"], elasticity["codes"]) == ("8528", 4.53, 5)
    assert elasticity["low"] < 4.53 < elasticity["high"]
    (market,) = effects["markets"]
    assert market["market"] == "DEU"
    assert market["duty"] == pytest.approx([0.14, 0], abs=1e-4)
    assert 0 < market["change"]["low"] < market["change"]["mean"] < market["change"]["high"]
    # world prices rise where they clear: less is won than where they hold
    assert 0 < market["world"]["mean"] < market["change"]["mean"]
    assert {row["tier"] for row in effects["segments"]} <= {"low", "medium", "high"}
    assert sum(row["imports"] for row in effects["segments"]) == pytest.approx(sold_to_germany())
    for row in effects["segments"]:
        # one price for all draws: creation and the triangle do not depend on substitution
        assert row["creation"]["mean"] == pytest.approx(row["imports"] * 0.14 / 1.14, rel=1e-3)
        assert row["revenue"]["mean"] < 0 < row["welfare"]["mean"]
    plan = effects["plan"]
    assert plan["new"]["mean"] >= plan["old"]["mean"]
    # kept, it sells what it had planned at the price that it had: more was not planned
    assert plan["old"]["high"] == pytest.approx(0, abs=1)
    assert market["smart"]["mean"] > 0
    assert by_market(found)["DEU"]["after"]["sales"] > by_market(found)["DEU"]["before"]["sales"]


def test_retaliation_costs_the_old_plan_more_than_the_new(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reform = EXTRA.replace("elasticity = 3", "")
    found = what_if(study, reform, capsys, "--elasticity", "3")
    effects = found["effects"]
    assert [row["market"] for row in effects["markets"]] == ["USA"]
    change = effects["markets"][0]["change"]
    assert change["mean"] < 0
    assert change["low"] == pytest.approx(change["high"])  # an elasticity without doubt
    plan = effects["plan"]
    assert plan["old"]["mean"] < 0
    assert plan["new"]["mean"] >= plan["old"]["mean"]
    assert plan["saved"]["mean"] == pytest.approx(plan["new"]["mean"] - plan["old"]["mean"])
    path = study.parent / "reform.toml"
    out = str(study.parent / "again")
    words = ["whatif", str(study), str(path), "--out", out]
    assert offing([*words, "--draws", "40", "--explain"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "ProTEE" in said
    assert "Today's plan, kept as it is: − CNY" in said
    assert offing([*words, "--lang", "zh"]) == 0
    assert "沿用现行计划" in capsys.readouterr().out


def test_a_study_brings_its_own_reform_into_its_report(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = TARIFF.replace("[[rate]]", "[[reform.rate]]")
    study.write_text(study.read_text(encoding="utf-8") + own, encoding="utf-8")
    out = study.parent / "run"
    assert offing(["run", str(study), "--out", str(out), "--lang", "zh"]) == 0
    assert "假设情形" in (out / "report.html").read_text(encoding="utf-8")
    result = from_json((out / "result.json").read_text(encoding="utf-8"))
    assert result.what_if is not None
    assert result.what_if.name == "no duty on sets in the EU"
    capsys.readouterr()
    assert offing(["whatif", str(study), "--out", str(study.parent / "alone")]) == 0
    assert "eur.mfn.85287240 14% 0% Germany" in " ".join(capsys.readouterr().out.split())


def test_sales_fall_as_the_reforms_own_elasticity_says(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = by_market(what_if(study, EXTRA, capsys))
    was, now = found["USA"]["before"], found["USA"]["after"]
    assert now["duty"] - was["duty"] == pytest.approx(0.25 * was["fob"], rel=1e-4)
    # The outlook limits this market in both runs, so its sales move as the outlook does.
    assert now["sales"] / was["sales"] == pytest.approx(
        (now["landed"] / was["landed"]) ** -3, rel=1e-3
    )
    assert found["DEU"]["after"] == found["DEU"]["before"]
    for still in (EXTRA.replace("elasticity = 3", "elasticity = 0"), EXTRA):
        more = ["--effect", "none"] if still is EXTRA else []
        still = EXTRA.replace("elasticity = 3", "") if more else still
        usa = by_market(what_if(study, still, capsys, *more))["USA"]
        assert usa["after"]["sales"] == usa["before"]["sales"]


def test_an_elasticity_of_the_firm_s_own_price_is_said_to_be_another() -> None:
    """Unless one between countries is stated, or demand is not moved by it at all."""
    study: Any = like(model=[like(key="A", elasticity=2.5), like(key="B", elasticity=None)])
    for own, effect, said in ((None, "partial", 1), (4.0, "partial", 0), (None, "none", 0)):
        request: Any = like(elasticity=own, effect=effect)
        cautions = [*_own_elasticities(study, request)]
        assert [one["models"] for one in cautions] == ["A"] * said
