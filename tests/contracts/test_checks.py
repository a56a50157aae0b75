"""Each plausibility check finds its example and leaves its twin alone; none else is in a list."""

import copy
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import offing
from cautions import keyed
from offing.landed.checks import SHIPMENT_CHECKS
from offing.settlement.checks import SETTLEMENT_CHECKS
from offing.sources.ledger import read_ledger
from offing.sources.ledger_checks import LEDGER_CHECKS
from offing.study.checks import STUDY_CHECKS, DatedStudy, plausibility_findings
from offing.study.file import Study
from offing.terms.checks import Check
from offing.terms.messages import known

SHIPMENT: dict[str, Any] = {
    "product": "852872", "destination": "DEU", "on": date(2024, 12, 31), "price": "560 USD",
    "cost": "3150 CNY", "quantity": 300, "freight": "4500 USD", "insurance_rate": "0.003",
    "duty": "14%",
}  # fmt: skip
DEAL: dict[str, Any] = {
    "amount": "250000", "currency": "USD", "market": "BRA", "on": date(2025, 10, 30)
}  # fmt: skip
EXAMPLE = Path(__file__).resolve().parents[2] / "examples/tv-maker/study.toml"
STUDY = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _starter_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFING_WAREHOUSE", str(tmp_path / "no-warehouse"))


def keys_of_shipment(**changes: Any) -> set[str]:
    return {key for key, _ in keyed(offing.quote(**SHIPMENT | changes).quote.warnings)}


def keys_of_deal(**changes: Any) -> set[str]:
    return {key for key, _ in keyed(offing.settle(**DEAL | changes).cautions)}


def keys_of_study(**changes: Any) -> set[str]:
    """Of the example with some values in another place: ``model.0.m3`` is that of the first."""
    tables = copy.deepcopy(STUDY)
    for path, value in changes.items():
        *steps, last = path.split(".")
        table: Any = tables
        for step in steps:
            table = table[int(step)] if step.isdigit() else table.setdefault(step, {})
        table[last] = value
    dated = DatedStudy(Study.model_validate(tables), Decimal("7.3"))
    return {key for key, _ in keyed(STUDY_CHECKS.findings(dated))}


def keys_of_ledger(tmp_path: Path, **changes: str) -> set[str]:
    """Of eight equal lines with some cells in another place: ``2.amount`` is one of the third."""
    sale = {
        "buyer": "Nordic", "market": "DEU", "product": "852872", "model": "HC-65M",
        "quantity": "100", "unit": "pcs", "amount": "56000", "currency": "USD", "price": "",
        "remark": "",
    }  # fmt: skip
    lines = [{"on": f"2024-01-{day:02}", **sale} for day in range(5, 13)]
    for path, value in changes.items():
        line, name = path.split(".")
        lines[int(line)][name] = value
    file = tmp_path / "ledger.csv"
    pl.DataFrame(lines).rename({"on": "date"}).write_csv(file)
    return {note.key for note in read_ledger(file).notes}


ROWS: list[tuple[Any, Check[Any]]] = [
    *((keys_of_shipment, check) for check in SHIPMENT_CHECKS.checks),
    *((keys_of_deal, check) for check in SETTLEMENT_CHECKS.checks),
    *((keys_of_study, check) for check in STUDY_CHECKS.checks),
]
LEDGER_ROWS = LEDGER_CHECKS.checks
NAMES = [check.key for _, check in ROWS]


@pytest.mark.parametrize(("keys", "check"), ROWS, ids=NAMES)
def test_a_check_finds_its_example_and_leaves_its_twin(keys: Any, check: Check[Any]) -> None:
    assert check.key in keys(**check.example)
    assert check.key not in keys(**check.twin)
    assert known(check.key)


@pytest.mark.parametrize("check", LEDGER_ROWS, ids=[check.key for check in LEDGER_ROWS])
def test_a_check_of_a_ledger(check: Check[Any], tmp_path: Path) -> None:
    assert check.key in keys_of_ledger(tmp_path, **check.example)  # type: ignore[arg-type]
    assert check.key not in keys_of_ledger(tmp_path, **check.twin)  # type: ignore[arg-type]
    assert known(check.key)


def test_a_usual_request_has_no_finding(tmp_path: Path) -> None:
    lists = (SHIPMENT_CHECKS, SETTLEMENT_CHECKS, STUDY_CHECKS, LEDGER_CHECKS)
    named = {check.key for checks in lists for check in checks.checks}
    found = keys_of_shipment() | keys_of_deal() | keys_of_study() | keys_of_ledger(tmp_path)
    assert not named & found


def test_a_finding_names_its_model() -> None:
    study = Study.model_validate(STUDY)
    found = dict(keyed(plausibility_findings(study, Decimal("0.73"))))
    assert found["study.warn_cost_share"]["model"] in {model.key for model in study.model}
