"""What if: a shock, a reform and a change of the world's trade, as a plan's user runs them."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from offing.api.whatif import _own_elasticities
from offing.cli.app import run as offing
from offing.study.result import from_json
from offing.warehouse.store import starter_folder
from small_world import EXTRA, TRADE
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


def asked(study: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    out = str(study.parent / "out")
    assert offing(["whatif", str(study), "--out", out, "--draws", "30", "--json", *more]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["what_if"]
    return found


def test_shocks_alone_together_and_in_reverse(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = "trade-collapse-2008,refund-cut-4"
    found = asked(study, capsys, "--stress", names, "--reverse")
    rows = {row["key"]: row for row in found["stress"]["rows"]}
    assert list(rows) == [*names.split(","), "joint"]
    for row in rows.values():
        assert row["plan"]["old"]["mean"] < 0
        assert row["plan"]["saved"]["low"] >= 0
    both = rows["joint"]["plan"]["old"]["mean"]
    assert both < min(rows[key]["plan"]["old"]["mean"] for key in names.split(","))
    # the refund falls on what is still sold: together less than one after the other
    assert both > sum(rows[key]["plan"]["old"]["mean"] for key in names.split(","))
    for market in found["effects"]["markets"]:
        assert market["change"]["mean"] == pytest.approx(-0.226)
    reverse = {one["key"]: one for one in found["stress"]["reverse"]}
    assert all(one["gain"] > 0 for one in reverse.values())
    # A refund that is gone cannot be cut further, a fall repeated leaves a little: neither of them
    # takes the whole profit, and that is said with what is left; ten times both nearly do or do.
    alone = [reverse[key] for key in names.split(",")]
    assert all(one["size"] is None and one["left"] > 0 for one in alone)
    assert reverse["joint"]["left"] < min(one["left"] for one in alone)


def test_a_dollar_is_that_of_its_world(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With prices in dollars and nothing sold otherwise, to plan anew is to keep the plan.

    A firm counts in yuan: what a shock of the yuan brings is told in them, of both worlds.
    """
    found = asked(study, capsys, "--stress", "rmb-down-10")
    today, then = found["dollar"]
    assert then == pytest.approx(today / 0.9)
    (row,) = found["stress"]["rows"]
    # costs stay in yuan, takings grow by a ninth: more than the margin in dollars says
    before, after = (
        found[side]["margin"] * rate for side, rate in (("before", today), ("after", then))
    )
    rise = (after - before) / today
    assert rise > found["after"]["margin"] - found["before"]["margin"]
    assert row["plan"]["old"]["mean"] == pytest.approx(rise, rel=0.03)
    assert row["plan"]["new"]["mean"] == pytest.approx(rise, rel=0.03)
    assert row["plan"]["forgone"] == pytest.approx(0, abs=0.01 * rise)
    out = str(study.parent / "told")
    assert offing(["whatif", str(study), "--stress", "rmb-down-10", "--out", out]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"a dollar is CNY {today:.2f} today and CNY {then:.2f}" in told
    assert f"from CNY {before / 1e6:.3g} m to CNY {after / 1e6:.3g} m a year" in told
    assert "USD" not in told.split("All models by market")[0], "money of a plan is in yuan"


def test_every_shock_of_the_library_runs(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = (
        "us-tariffs-2018,us-tariffs-2025,freight-2024,minimum-price-eu,port-closed-4,"
        "rmb-up-10,rmb-down-10,dollar-rates-2022,trade-slump-2015"
    )
    found = asked(study, capsys, "--stress", names)
    old = {row["key"]: row["plan"]["old"]["mean"] for row in found["stress"]["rows"]}
    # 34 % where rivals of other origins pay 10 to 50 % too
    assert max(old["us-tariffs-2025"], old["us-tariffs-2018"]) < 0
    assert old["rmb-up-10"] < 0 < old["rmb-down-10"]
    # settlement only: no demand moves
    assert old["dollar-rates-2022"] == pytest.approx(0, abs=1e-6)
    assert old["freight-2024"] < 0
    assert old["port-closed-4"] < 0


def test_a_trade_war_reaches_the_firm(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The world's equilibrium moves the segments of its markets; that of others is missing."""
    trade, shock = study.parent / "trade.csv", study.parent / "shock.csv"
    trade.write_text(TRADE, encoding="utf-8")
    shock.write_text("exporter,importer,tariff\nCHN,USA,0.34\n", encoding="utf-8")
    line = ["--effect", "general", "--trade", str(trade), "--shock", str(shock)]
    found = asked(study, capsys, *line, "--theta-se", "1")
    changes = {row["market"]: row["change"] for row in found["effects"]["markets"]}
    assert set(changes) == {"USA", "DEU", "GBR"}
    assert changes["GBR"] is None
    assert changes["USA"]["low"] < changes["USA"]["mean"] < changes["USA"]["high"] < 0
    assert changes["DEU"]["mean"] > 0  # China's goods are cheaper there
    gone = [segment for segment in found["segments"] if segment["market"] == "GBR"]
    assert {segment["missing"]["reason"] for segment in gone} == {"policy.not_in_world"}
    assert all(segment["after"] is None for segment in gone)
    sales = {
        s["market"]: (s["before"]["sales"], s["after"]["sales"])
        for s in found["segments"]
        if s["market"] != "GBR"
    }
    assert sales["USA"][1] < sales["USA"][0]
    plan = found["effects"]["plan"]
    assert plan["old"]["mean"] < 0
    assert plan["new"]["mean"] >= plan["old"]["mean"]
    out = str(study.parent / "world")
    assert offing(["whatif", str(study), *line, "--out", out, "--lang", "zh"]) == 0
    assert "世界均衡" in capsys.readouterr().out
    shock.write_text("exporter,importer,tariff\nCHN,USB,0.34\n", encoding="utf-8")
    assert offing(["whatif", str(study), *line]) == 2
    assert "'USB'" in capsys.readouterr().err


def with_table(study: Path, table: str) -> Path:
    study.write_text(f"{study.read_text(encoding='utf-8')}\n{table}", encoding="utf-8")
    return study


def test_a_study_names_its_shocks(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Terminal, page and result tell them; alone and together as ``whatif --stress`` does."""
    (study.parent / "strike.toml").write_text(
        '[shock]\nname = "Our strike"\nsource = "a guess"\n[[closed]]\nweeks = 26\n',
        encoding="utf-8",
    )
    floor, names = 1_000_000, '["refund-cut-4", "strike.toml"]'
    table = f"[stress]\nshocks = {names}\nfloor_cny = {floor}\ndraws = 30\n"
    out = study.parent / "out"
    assert offing(["run", str(with_table(study, table)), "--out", str(out)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Of 2 shocks Our strike costs most" in said
    assert "All of them together" in said
    html = (out / "report.html").read_text(encoding="utf-8")
    assert 'id="stress"' in html
    assert "Our strike" in html
    made = json.loads((out / "result.json").read_text(encoding="utf-8"))
    stress = made["stress"]
    rows = {row["key"]: row["plan"]["old"]["mean"] for row in stress["rows"]}
    assert list(rows) == ["refund-cut-4", "strike", "joint"]
    # Half a year without shipping costs half of all sales, more than four points of refund.
    assert rows["joint"] < rows["strike"] < rows["refund-cut-4"] < 0
    per_usd = made["decided"]["cny_per_usd"]
    assert {one["floor"] for one in stress["reverse"]} == {floor / per_usd}
    by_key = {one["key"]: one for one in stress["reverse"]}
    # Closed all year nothing is earned: at most twice 26 weeks.
    assert by_key["strike"]["size"] is not None
    assert by_key["strike"]["size"] <= 2.01
    assert by_key["joint"]["size"] <= by_key["strike"]["size"]
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert any("strike.toml" in str(one) for one in manifest["inputs"])
    alone = asked(study, capsys, "--stress", f"refund-cut-4,{study.parent / 'strike.toml'}")
    by_whatif = {row["key"]: row["plan"]["old"]["mean"] for row in alone["stress"]["rows"]}
    # The seed of elasticities is the study's here; sales under a closed port hang on none.
    assert by_whatif == pytest.approx(rows, rel=1e-6)
