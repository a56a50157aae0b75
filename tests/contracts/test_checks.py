"""Each plausibility check finds its example and leaves its twin alone; none else is in a list."""

import copy
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import offing
from cautions import keyed
from offing.landed.checks import SHIPMENT_CHECKS
from offing.refunds.checks.claim import ClaimPapers
from offing.refunds.checks.months import MONTH_CHECKS, FirmLines
from offing.refunds.checks.papers import CLAIM_CHECKS
from offing.refunds.rates import dated_rate
from offing.settlement.advice import SETTLEMENT_CHECKS
from offing.sources.ledger import read_ledger
from offing.sources.ledger_checks import LEDGER_CHECKS
from offing.study.checks import STUDY_CHECKS, DatedStudy, plausibility_findings
from offing.study.file import Study
from offing.terms.caution import Check
from offing.terms.errors import RuleError, Where
from offing.terms.exchange import DayRate
from offing.terms.firm_records import Declared, Invoiced, MonthLine, Received, Sold
from offing.terms.messages import has_message

SHIPMENT: dict[str, Any] = {
    "product": "852872", "destination": "DEU", "on": date(2024, 12, 31), "price": "560 USD",
    "cost": "3150 CNY", "quantity": 300, "freight": "4500 USD", "insurance_rate": "0.003",
    "duty": "14%",
}  # fmt: skip
DEAL: dict[str, Any] = {
    "amount": "250000", "currency": "USD", "market": "BRA", "on": date(2025, 10, 30)
}  # fmt: skip
EXAMPLE = Path(__file__).resolve().parents[1] / "museum/tv-maker-2024/study.toml"
STUDY = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))


NUMBER, ON = "420120260000000001", date(2026, 11, 24)
PAPERS: dict[str, Any] = {
    "declared": Declared(
        NUMBER, "1", date(2026, 3, 2), "0110", "8528724000", "电视机", Decimal(100), "台",
        Decimal(50000), Decimal(50000), "USD", "FOB", None, {}, Where(row=2),
        buyer="Nord Handel GmbH",
    ),
    "sold": Sold(
        "INV-1", date(2026, 3, 1), "电视机", "8528724000", Decimal(100), "台", Decimal(50000),
        "USD", "NORD HANDEL GMBH", NUMBER, "1", Where(row=2),
    ),
    "received": Received(NUMBER, date(2026, 6, 1), Decimal(49960), "USD", Where(row=2)),
    "bought": Invoiced(
        "26370000000000000001", date(2026, 2, 20), "电视机", Decimal(100), "台", Decimal(330_000),
        Decimal("0.13"), Decimal(42_900), "正常", Where(row=2), buyer="青岛乙贸易有限公司",
    ),
}  # fmt: skip
LINE = MonthLine(
    "2026-01", Where(row=2), date(2026, 1, 5), Decimal(1_000_000), Decimal("0.13"),
    Decimal("0.13"), output_tax_cny=Decimal(50_000), input_tax_cny=Decimal(120_000),
)  # fmt: skip


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


def keys_of_ledger(tmp_path: Path, **changes: Any) -> set[str]:
    """Of eight equal lines with some cells in another place: ``2.amount`` is one of the third."""
    sale = {
        "buyer": "Nordic", "market": "DEU", "product": "852872", "model": "HC-65M",
        "quantity": "100", "unit": "pcs", "amount": "56000", "currency": "USD", "price": "",
        "remark": "", "incoterm": "", "freight": "",
    }  # fmt: skip
    lines = [{"on": f"2024-01-{day:02}", **sale} for day in range(5, 13)]
    for path, value in changes.items():
        line, name = path.split(".")
        lines[int(line)][name] = value
    file = tmp_path / "ledger.csv"
    pl.DataFrame(lines).rename({"on": "date"}).write_csv(file)
    return {note.key for note in read_ledger(file).notes}


def typed(field: Any, value: Any) -> Any:
    """A value written as text, as the field's type."""
    kinds: dict[type, Any] = {Decimal: Decimal, date: date.fromisoformat}
    return kinds.get(type(field), str)(value) if isinstance(value, str) else value


def changed(record: Any, changes: Any) -> Any:
    typed_values = {name: typed(getattr(record, name), of) for name, of in changes.items()}
    if "total" in typed_values and isinstance(record, Declared):
        typed_values["fob"] = typed_values["total"]
    return replace(record, **typed_values)


def keys_of_claim(**changes: Any) -> set[str]:
    """``declared.mode`` is a field of a paper, ``declared.again`` a second row with changes."""
    papers = {paper: [record] for paper, record in PAPERS.items()}
    on = date.fromisoformat(changes.pop("on", str(ON)))
    for path, value in changes.items():
        paper, _, field = path.partition(".")
        if field == "again":
            papers[paper].append(changed(PAPERS[paper], value))
        else:
            papers[paper] = [changed(papers[paper][0], {field: value})] if field else []

    def worth(amount: Decimal, currency: str, to: str) -> Decimal | None:
        rates = {"USD": Decimal(1), "EUR": Decimal("1.1"), "CNY": Decimal("0.14")}
        return amount * rates[currency] / rates[to]

    def rate_of(row: Declared) -> Any:
        if row.code.startswith("8999"):
            raise RuleError("refund.not_in_library", code=row.code, on=row.export_date, source="")
        group = "general" if row.code.startswith("8528") else None
        return dated_rate(row.export_date, code=row.code, group=group)

    claim = ClaimPapers(**papers, on=on, worth=worth, rate_of=rate_of, library=True)
    return {check.key for check in CLAIM_CHECKS.checks if list(check.find(claim))}


def keys_of_months(**changes: Any) -> set[str]:
    """``fobs`` are those of the months from January on, ``again`` a second line with changes."""
    fobs, again = changes.pop("fobs", ()), changes.pop("again", None)
    first = changed(LINE, changes)
    lines = [first] if again is None else [first, changed(first, again)]
    for number, fob in enumerate(fobs, 1):
        month: dict[str, Any] = {
            "period": f"2026-{number:02}",
            "fob_cny": Decimal(fob),
            "export_date": None,
        }
        lines = [*lines, replace(LINE, **month)] if number > 1 else [replace(LINE, **month)]
    months = FirmLines(lines, lambda currency, day: DayRate(Decimal("7.02")))
    return {key for key, _ in keyed(MONTH_CHECKS.findings(months))}


ROWS: list[tuple[Any, Check[Any, Any]]] = [
    *((keys_of_shipment, check) for check in SHIPMENT_CHECKS.checks),
    *((keys_of_deal, check) for check in SETTLEMENT_CHECKS.checks),
    *((keys_of_study, check) for check in STUDY_CHECKS.checks),
    *((keys_of_claim, check) for check in CLAIM_CHECKS.checks),
    *((keys_of_months, check) for check in MONTH_CHECKS.checks),
]
LEDGER_ROWS = LEDGER_CHECKS.checks
NAMES = [check.key for _, check in ROWS]


@pytest.mark.parametrize(("keys", "check"), ROWS, ids=NAMES)
def test_a_check_finds_its_example_and_leaves_its_twin(keys: Any, check: Check[Any, Any]) -> None:
    assert check.key in keys(**check.example)
    assert check.key not in keys(**check.twin)
    assert has_message(check.key)


@pytest.mark.parametrize("check", LEDGER_ROWS, ids=[check.key for check in LEDGER_ROWS])
def test_a_check_of_a_ledger(check: Check[Any, Any], tmp_path: Path) -> None:
    assert check.key in keys_of_ledger(tmp_path, **check.example)
    assert check.key not in keys_of_ledger(tmp_path, **check.twin)
    assert has_message(check.key)


def test_a_usual_request_has_no_finding(tmp_path: Path) -> None:
    lists = (SHIPMENT_CHECKS, SETTLEMENT_CHECKS, STUDY_CHECKS, LEDGER_CHECKS)
    named = {check.key for checks in lists for check in checks.checks}
    found = keys_of_shipment() | keys_of_deal() | keys_of_study() | keys_of_ledger(tmp_path)
    assert not named & found
    assert not keys_of_claim() | keys_of_months()


def test_a_finding_names_its_model() -> None:
    study = Study.model_validate(STUDY)
    found = dict(keyed(plausibility_findings(study, Decimal("0.73"))))
    assert found["study.warn_cost_share"]["model"] in {model.key for model in study.model}
