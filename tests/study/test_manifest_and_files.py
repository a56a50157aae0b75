"""What a study's manifest counts, which files it rests on, and small edges beside them."""

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import offing
import report_example
from offing.refunds.methods import ratio
from offing.rules.rule_use import RuleUse
from offing.study import inputs as world
from offing.study.analysis import analyse_products
from offing.study.inputs import StudyInputs, read_inputs
from offing.study.manifest import kept_result
from offing.study.markets import Imports, standings_of
from offing.study.plan import build_choice_set
from offing.study.result import as_json
from offing.terms.background import allow_processes
from offing.terms.errors import InputError
from offing.terms.messages import using_language
from offing.warehouse import Warehouse
from offing.warehouse.kept import content_digest, keep_result
from plain_study import STUDY
from study.stand_ins import like

LEDGER = """Date,Market,HS code,Model,Quantity,Amount,Currency,Price term
2024-06-01,Germany,852872,LX-55U,100,32000,USD,FOB
2024-07-01,Germany,852872,LX-55U,-5,-1600,USD,FOB
2024-07-02,Nowhere,852872,LX-55U,5,1600,USD,FOB
"""


def test_a_shock_of_ones_own_is_a_file_that_the_study_rests_on() -> None:
    study = like(
        ledger=like(file="sales.csv"),
        stress=like(shocks=["trade-war", "own/storm.toml"]),
        rules=None,
        refund_rates=None,
    )
    world: Any = like(study=study, file=Path("studies/tv.toml"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("offing.study.inputs.rule_files", lambda *_: ())
        inputs = StudyInputs.inputs.fget(world)  # type: ignore[attr-defined]
    assert inputs == (Path("studies/sales.csv"), Path("studies/own/storm.toml"))


def test_a_program_keeps_a_result_until_a_byte_of_what_it_rests_on_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library keeps nothing; a program makes it again for another study, ledger or language."""
    monkeypatch.setenv("OFFING_CACHE", str(tmp_path / "cache"))
    study, ledger = tmp_path / "study.toml", tmp_path / "ledger.csv"
    study.write_text(STUDY.replace("[firm]", '[ledger]\nfile = "ledger.csv"\n[firm]'), "utf-8")
    ledger.write_text(LEDGER, "utf-8")
    made: list[str] = []
    warehouse = Warehouse.open(None)

    def make() -> Any:
        made.append("x")
        return "a result"

    def result() -> int:
        found: Any = kept_result(read_inputs(study, warehouse), make)
        assert found == "a result"
        return len(made)

    assert [result(), result()] == [1, 2]
    with allow_processes():
        assert [result(), result()] == [3, 3]
        study.write_text(study.read_text("utf-8") + "# a note\n", "utf-8")
        assert [result(), result()] == [4, 4]
        ledger.write_text(LEDGER.replace("100,", "101,"), "utf-8")
        assert [result(), result()] == [5, 5]
        with using_language("zh"):
            assert [result(), result()] == [6, 6]


SECOND = """[[model]]
key = "LX-43U"
name = "LX-43U"
code = "8528"
refund_rate = 0.13
price_usd = 210
cost_cny = 1000
input_vat_cny = 100
kg = 11
m3 = 0.09
[[plant]]
"""


def test_what_is_kept_of_one_model_rests_on_no_other_ones_price(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After one price changed, the other model is as it was kept, and all is as made anew."""
    study = tmp_path / "study.toml"
    (tmp_path / "ledger.csv").write_text(LEDGER, "utf-8")
    both = STUDY.replace("[[plant]]\n", SECOND)
    text = both.replace("[firm]", '[ledger]\nfile = "ledger.csv"\n[firm]')
    costed: list[str] = []

    def costs(world: StudyInputs, imports: Imports) -> Any:
        costed.append(imports.facts.key)
        return standings_of(world, imports)

    def choices(price: int, cache: str) -> str:
        monkeypatch.setenv("OFFING_CACHE", cache)
        study.write_text(text.replace("price_usd = 320", f"price_usd = {price}"), "utf-8")
        world = read_inputs(study, Warehouse.open(None))
        articles = analyse_products(world)
        shelves = build_choice_set(world, articles).shelves
        return content_digest([(s.standings, s.sales, s.demand.ranking) for s in articles], shelves)

    monkeypatch.setattr("offing.study.analysis.standings_of", costs)
    with allow_processes():
        kept = choices(320, str(tmp_path / "cache")), choices(340, str(tmp_path / "cache"))
        assert costed == ["LX-55U", "LX-43U", "LX-55U"]
        assert kept == (choices(320, ""), choices(340, ""))
        assert kept[0] != kept[1]


def test_all_that_a_study_keeps_can_be_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What names a kind of value that no kept file may hold would be made again each time."""
    monkeypatch.setenv("OFFING_CACHE", str(tmp_path / "cache"))
    results = tmp_path / "cache/results"
    study = tmp_path / "study.toml"
    study.write_text(STUDY.replace("[firm]", '[ledger]\nfile = "ledger.csv"\n[firm]'), "utf-8")
    (tmp_path / "ledger.csv").write_text(LEDGER, "utf-8")
    with allow_processes():
        offing.run(study)
        whole = report_example.example()
        assert as_json(keep_result(("example",), lambda: whole)) == as_json(whole)
        kept = {file: file.stat().st_ino for file in results.iterdir()}
        assert len(kept) > 8
        offing.run(study)
        keep_result(("example",), lambda: whole)
    assert {file: file.stat().st_ino for file in results.iterdir()} == kept


HEAVY = {"polars", "duckdb", "dataframely", "scipy"}


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("offing.study.backtest", HEAVY),  # makes the plans of earlier years aside
        ("offing.cli.show", HEAVY | {"numpy", "pydantic"}),  # every command
    ],
)
def test_what_is_waited_for_loads_nothing_heavy(module: str, without: set[str]) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert module in loaded
    assert not without & set(loaded)


def test_a_handbook_without_exports_has_no_ratio() -> None:
    """单耗 over nothing exported cannot be told; nothing imported, or a yuan of it, can."""
    assert ratio(Decimal(0), Decimal(10)) == 0
    assert ratio(Decimal("0.5"), Decimal("0.5")) == 1
    for imports, exports in ((Decimal(1), Decimal(0)), (Decimal(-1), Decimal(10))):
        with pytest.raises(InputError):
            ratio(imports, exports)


def test_the_share_of_a_rule() -> None:
    def share(value: str, unit: Any) -> Decimal | None:
        return RuleUse("x", value, None, None, "s", "user", unit).share

    assert share("0.13", "share") == Decimal("0.13")
    assert share("14.0%", "duty") == Decimal("0.14")
    assert share("10% + 2 EUR/kg", "duty") is None
    assert share("7", "amount") is None


def test_groups_of_a_day() -> None:
    """The first day of a group is in it and its last is not."""
    on = date(2024, 6, 1)
    table = pl.DataFrame(
        [("DEU", "b", None, None), ("DEU", "a", on, None), ("DEU", "a", None, None),
         ("DEU", "c", None, on), ("DEU", "d", None, date(2024, 6, 2)),
         ("FRA", "e", date(2024, 6, 2), None)],
        schema={"country": pl.String, "group": pl.String, "since": pl.Date, "until": pl.Date},
        orient="row",
    )  # fmt: skip
    warehouse: Any = like(table=lambda _: table)
    assert world._groups(warehouse, on) == {"DEU": ("a", "b", "d")}
