"""Each plausibility check finds its example and leaves its twin alone; none else is in a list."""

import copy
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import offing
from cautions import keyed
from offing.landed.checks import SHIPMENT_CHECKS
from offing.settlement.checks import SETTLEMENT_CHECKS
from offing.study.checks import STUDY_CHECKS, DatedStudy, plausibility_findings
from offing.study.file import Study
from offing.terms.caution import Check
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


ROWS: list[tuple[Any, Check[Any]]] = [
    *((keys_of_shipment, check) for check in SHIPMENT_CHECKS.checks),
    *((keys_of_deal, check) for check in SETTLEMENT_CHECKS.checks),
    *((keys_of_study, check) for check in STUDY_CHECKS.checks),
]
NAMES = [check.key for _, check in ROWS]


@pytest.mark.parametrize(("keys", "check"), ROWS, ids=NAMES)
def test_a_check_finds_its_example_and_leaves_its_twin(keys: Any, check: Check[Any]) -> None:
    assert check.key in keys(**check.example)
    assert check.key not in keys(**check.twin)
    assert known(check.key)


def test_a_usual_request_has_no_finding() -> None:
    lists = (SHIPMENT_CHECKS, SETTLEMENT_CHECKS, STUDY_CHECKS)
    named = {check.key for checks in lists for check in checks.checks}
    assert not named & (keys_of_shipment() | keys_of_deal() | keys_of_study())


def test_a_finding_names_its_model() -> None:
    study = Study.model_validate(STUDY)
    found = dict(keyed(plausibility_findings(study, Decimal("0.73"))))
    assert found["study.warn_cost_share"]["model"] in {model.key for model in study.model}
