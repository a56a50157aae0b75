"""Studies with one figure in another unit, which is asked about or refused, and their twins."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cautions import keyed
from offing.report.blocks import cautions
from offing.study.checks import (
    STUDY_CHECKS,
    DatedStudy,
    capacity_findings,
    ledger_findings,
    plausibility_findings,
)
from offing.study.file import Study, read_study
from offing.terms.errors import InputError
from plain_study import STUDY
from study.stand_ins import like

TV = Path(__file__).resolve().parents[1] / "museum" / "studies" / "tv-maker" / "study.toml"


EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tv-maker" / "study.toml"


DOLLAR = Decimal("7.3")


def changed(tmp_path: Path, old: str, new: str, study: Path = TV) -> set[str]:
    text = study.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "study.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    try:
        read = read_study(file)
    except InputError as error:
        return {error.key}
    asked = list(plausibility_findings(read, DOLLAR))
    assert all("{" not in str(told) for told in cautions(asked))  # each is a sentence
    return {key.partition(".")[2] for key, _ in keyed(asked)}


@pytest.mark.parametrize(
    ("old", "new", "keys"),
    [
        ("discount = 0.08", "discount = 0.8", {"warn_figure"}),
        ("interest = 0.035", "interest = 0.00035", {"warn_figure"}),
        ("commission = 0.015", "commission = 0.00015", {"warn_figure"}),
        ("MEX = 0.15", "MEX = 0.0015", {"warn_figure"}),
        ("MEX = 0.15", "MEX = 0.35", set()),
        ("worst_twentieth_cny = 20_000_000", "worst_twentieth_cny = -5", {"warn_figure"}),
        ("worst_twentieth_cny = 20_000_000", "worst_twentieth_cny = -5_000_000", set()),
        ("entry_budget_cny = 3_000_000", "entry_budget_cny = 300", {"warn_figure"}),
        ("entry_budget_cny = 3_000_000", "entry_budget_cny = 0", set()),
        ("certification_cny = 420_000", "certification_cny = 42_000_000_000", {"warn_figure"}),
        ("certification_cny = 160_000", "certification_cny = 16", {"warn_figure"}),
        ("certification_cny = 160_000", "certification_cny = 0", set()),
    ],
)
def test_a_figure_of_another_size_is_asked_about(
    tmp_path: Path, old: str, new: str, keys: set[str]
) -> None:
    assert changed(tmp_path, old, new, EXAMPLE) - changed(tmp_path, old, old, EXAMPLE) == keys


SEVEN = Decimal(7)
MONTH = {"firm.export_fob_cny": "1000000"}
"""A million a month: 12 million a year."""
ABROAD = {
    "key": "vn", "country": "VNM", "line": [{"key": "v", "hours": "9"}],
    "makes": [{"model": "LX-55U", "line": "v", "cost_cny": "1500"}],
}  # fmt: skip
STRESS, MADE = {"shocks": ["made.toml"]}, "plant.1.makes.0"


def changed_plain(changes: dict[str, Any]) -> Study:
    """The plain study, USD 320 and CNY 1,500 a piece, with some values in another place."""
    tables = tomllib.loads(STUDY, parse_float=Decimal)
    tables["plant"].append(ABROAD | {"makes": [dict(ABROAD["makes"][0])]})  # type: ignore[arg-type]
    tables["model"][0] |= {"line": "main", "input_vat_cny": "0"}
    tables["stress"] = dict(STRESS)
    for path, value in changes.items():
        *steps, last = path.split(".")
        table: Any = tables
        for step in steps:
            table = table[int(step)] if step.isdigit() else table.setdefault(step, {})
        table[last] = value
    return Study.model_validate(tables)


def found(changes: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    said = keyed(STUDY_CHECKS.findings(DatedStudy(changed_plain(changes), SEVEN)))
    return [(key.removeprefix("study.warn_"), values) for key, values in said]


M, SEA = "model.0.", "shipping."
PER_M3 = {"model.0.m3": "0.2"}
"""Beside what is given inland, 14 fixed and five times 2.10 for 1,000 km: 24.50 a cubic metre."""
EDGES: list[tuple[str, str, list[str], list[str], dict[str, Any]]] = [
    # 0.15 and 1.5 of 320 × 7 = 2,240
    ("cost_share", M + "cost_cny", ["336", "3360"], ["335", "3361"], {}),
    ("input_tax_small", M + "input_vat_cny", ["0", "7.5"], ["7.4", "0.1"], {}),
    ("carriage_above", SEA + "inland_usd_per_m3", ["1575.5"], ["1575.6"], PER_M3),
    ("other_plant", MADE + ".cost_cny", ["900", "3300"], ["899", "3301"], {}),
    ("other_plant", MADE + ".hours", ["0.1", "10"], ["0.09", "10.1"], {}),
    ("tax_tiny", "firm.input_tax_cny", ["0", "20000"], ["19999", "1"], MONTH),
    # twice 13 % of 1,000,000 + 13,000 / 0.13
    ("tax_above_sales", "firm.input_tax_cny", ["286000"], ["286001"],
     MONTH | {"firm.domestic_output_tax_cny": "13000"}),
    ("tax_above_sales", "firm.input_tax_cny", ["286000"], [], {}),
    *(("figure", SEA + key, ["200"], ["200.1"], {}) for key in
      ("inland_usd_per_m3", "freight_usd_per_m3_1000km")),
    ("figure", SEA + "freight_usd_per_m3_fixed", ["600"], ["600.1"], {}),
    ("figure", SEA + "freight_usd_per_m3_fixed", ["900"], [], {"shipping.mode": "air"}),
    ("figure", "limits.entry_share", ["0.0002", "0.1"], ["0.00019", "0.101"], {}),
    ("figure", "limits.worst_twentieth_cny", ["-10000", "0", "120000000", "-120000000"],
     ["-9999", "9999", "-120000001", "120000001"], MONTH),
    ("figure", "limits.worst_twentieth_cny", ["-120000001"], ["-9999"], {}),
    *(("figure", key, ["0", "10000", "120000000"], ["9999", "120000001"], MONTH) for key in
      ("limits.entry_budget_cny", "stress.floor_cny")),
    ("figure", "limits.working_capital_cny", ["10000"], ["9999"], MONTH),
    *(("figure", key, ["0", "100", "12000000"], ["99", "12000001"], MONTH) for key in
      ("entering.listing_cny", "entering.market.DEU.listing_cny", "keeping.visits_cny")),
    ("figure", "entering.pilot_cny", ["12000001"], ["99"], {}),
    ("figure", "firm.domestic_output_tax_cny", ["0", "1000"], ["999", "1"],
     {"firm.export_fob_cny": "2000000"}),
    ("figure", "firm.domestic_output_tax_cny", ["500"], ["499"], {"firm.export_fob_cny": "500000"}),
    ("figure", "plant.1.local_content", ["0.05"], ["0.04"], {}),
    *(("figure", f"plant.1.preference.0.{key}", [least], [less], {"plant.1.preference": [
        {"market": "DEU", "name": "x", "duty": "0.1", "least_content": "0.4"}]})
      for key, least, less in (("duty", "0.005", "0.004"), ("least_content", "0.05", "0.04"))),
    *(("figure", f"settlement.{key}", [least], [less], {}) for key, least, less in
      (("risk", "0.0005", "0.0004"), ("cny_discount", "0.0003", "0.0002"))),
    ("figure", "settlement.volatility.MXN", ["0.01"], ["0.009"], {}),
    # of next to no exports everything is too much
    ("figure", "limits.entry_budget_cny", [], ["10000"], {"firm.export_fob_cny": "0.05"}),
    ("figure", "entering.pilot_cny", [], ["100"], {"firm.export_fob_cny": "0.05"}),
    ("tax_above_sales", "firm.input_tax_cny", [], ["1"], {"firm.export_fob_cny": "0.5"}),
]  # fmt: skip


@pytest.mark.parametrize(("key", "path", "usual", "odd", "also"), EDGES)
def test_on_a_bound_nothing_is_said(
    key: str, path: str, usual: list[str], odd: list[str], also: dict[str, Any]
) -> None:
    for value in usual:
        assert key not in dict(found(also | {path: value})), value
    for value in odd:
        said = [values for one, values in found(also | {path: value}) if one == key]
        assert len(said) == 1, value
        if key == "figure":
            assert said[0]["value"] == value
            assert said[0]["name"].rpartition(".")[2] == path.rpartition(".")[2]


def test_what_is_said_by_hand() -> None:
    """3,360 ÷ 2,240 and a little; 24.50 and 4,975.50 a cubic metre, a fifth of one each."""
    prices = {"DEU": "64", "FRA": "1600", "USA": "63.9", "JPN": "1600.1"}
    codes = {"EUR": "85287240", "HS": "852872", "USA": "85287264", "USSR": "85287264", "X": "8528"}
    said = dict(found({
        M + "cost_cny": "3584", M + "national_codes": codes, M + "levy_rate": "0.16",
        SEA + "inland_usd_per_m3": "4975.5", M + "m3": "0.2", M + "input_vat_cny": "3.5",
        MADE + ".hours": "11",
    }))  # fmt: skip
    key = {"model": "LX-55U"}
    assert said["cost_share"] == {**key, "share": "160 %"}
    assert said["carriage_above"] == {**key, "amount": "1,000"}
    assert said["no_importer"] == {**key, "text": "USSR"}
    assert said["input_tax_small"] == {**key, "tax": "3.5"}
    assert said["odd_rate"] == {**key, "name": "levy_rate", "rate": "0.16"}
    plants = [values for one, values in found({MADE + ".hours": "11"}) if one == "other_plant"]
    assert plants == [{**key, "plant": "vn", "home": "1", "name": "hours", "value": "11"}]
    elsewhere = [v for one, v in found({M + "market_prices_usd": prices})
                 if one == "price_elsewhere"]  # fmt: skip
    assert [(v["market"], v["price"], v["usual"]) for v in elsewhere] == [
        ("USA", "63.9", "320"), ("JPN", "1600.1", "320")
    ]  # fmt: skip


def of_ledger(fob: str | None, usd: float) -> list[str]:
    """With so many dollars of the ledger's twelve months at 7 yuan."""
    study = changed_plain({} if fob is None else {"firm.export_fob_cny": fob})
    sales: Any = [like(usd=usd / 4), like(usd=usd * 3 / 4)]
    return [f"{key.removeprefix('study.warn_')} {values['month']}"
            for key, values in keyed(ledger_findings(study, sales, SEVEN))]  # fmt: skip


def test_a_month_of_exports_beside_the_ledger() -> None:
    """USD 12,000 of a year are 7,000 yuan a month: a hundred times that, and a fiftieth."""
    assert of_ledger("700000", 12000) == of_ledger("140", 12000) == of_ledger("0", 12000) == []
    assert of_ledger("700001", 12000) == ["exports_large 7,000"]
    assert of_ledger("139", 12000) == ["exports_small 7,000"]
    assert of_ledger("700001", 0) == of_ledger(None, 0) == []
    assert of_ledger(None, 12000) == ["no_month 7,000"]
    assert of_ledger("60", 1) == ["exports_large 1"], "of 0.58 yuan"
    assert of_ledger("0.01", 1) == ["exports_small 1"]
    assert of_ledger(None, 1) == ["no_month 1"]


def test_half_more_than_a_line_makes_in_a_year() -> None:
    """60,000 hours, one for a set of 320 dollars."""
    study = changed_plain({})
    for units, said in ((90_000, []), (90_001, ["90,001", "60,000"])):
        sales: Any = [("LX-55U", like(usd=units * 320.0))]
        cautions = keyed(capacity_findings(study, sales))
        assert [values[k] for _, values in cautions for k in ("units", "able")] == said
