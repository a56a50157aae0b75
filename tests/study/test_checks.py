"""Studies with one figure in another unit, which is asked about or refused, and their twins."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from cautions import keyed
from offing.api.asking import opened
from offing.report.blocks import Callout, Folded, cautions
from offing.report.decision import Decision
from offing.report.views.plan import further
from offing.report.words import caution_text
from offing.study.book import OwnSales, ledger_asked
from offing.study.checks import capacity_findings, ledger_findings, plausibility_findings
from offing.study.file import read_study
from offing.study.world import read_world
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from report_example import example

HELD = 'held = [{{ currency = "EUR", amount = {}, rate = 7.6, until = 2025-06-30, side = "sell" }}]'
STUDY = Path(__file__).resolve().parents[1] / "museum" / "studies" / "tv-maker" / "study.toml"
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tv-maker" / "study.toml"
DOLLAR = Decimal("7.3")


def changed(tmp_path: Path, old: str, new: str, study: Path = STUDY) -> set[str]:
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
    ("old", "new", "key"),
    [
        ("price_usd = 560.00", "price_usd = 56000", "warn_cost_share"),
        ("price_usd = 560.00", "price_usd = 4000", "warn_cost_share"),
        ("price_usd = 560.00", "price_usd = 0.056", "warn_level"),
        ("cost_cny = 3150.00", "cost_cny = 430", "study.bad_value"),
        ("DEU = 575", "DEU = 57500", "warn_price_elsewhere"),
        ("DEU = 575", "SUN = 575", "study.bad_value"),
        ('EUR = "85287240"', 'EUU = "85287240"', "warn_no_importer"),
        ('USA = "85287264"', 'USA = "8528"', "warn_heading_code"),
        ("input_vat_cny = 355.00", "input_vat_cny = 0.13", "warn_input_tax_small"),
        ("levy_rate = 0.13", "levy_rate = 0.17", "warn_odd_rate"),
        ("refund_rate = 0.13", "refund_rate = 0.0013", "warn_odd_rate"),
        ("freight_usd_per_m3_fixed = 14.00", "freight_usd_per_m3_fixed = 14000",
         "warn_carriage_above"),
        ("input_tax_cny = 8_300_000", "input_tax_cny = 8_300_000_000", "warn_tax_above_sales"),
        ("input_tax_cny = 8_300_000", "input_tax_cny = 830", "warn_tax_tiny"),
        ("entry_share = 0.005", "entry_share = 0.5", "warn_limit"),
        ("largest_growth = 2.0", "largest_growth = 200", "warn_limit"),
        ("least_margin_rate = 0.05", "least_margin_rate = 5", "study.bad_value"),
        ("bands_usd = [500, 5000]", "bands_usd = [5000, 500]", "study.bad_value"),
        ('mode = "sea"', "mode = 3", "study.bad_value"),
        ("seed = 20241231", "seed = -1", "study.bad_value"),
        ("DEU = 575", "XX = 575", "study.bad_value"),
        ("input_tax_cny = 8_300_000", "input_tax_cny = 99_600_000", "warn_tax_above_sales"),
        ("export_fob_cny = 60_000_000", "export_fob_cny = 720_000_000", "warn_tax_tiny"),
        ("opening_credit_cny = 400_000", "opening_credit_cny = 4_000_000_000", "warn_figure"),
        ("shipment_units = 300", "shipment_units = 3_000_000", "warn_figure"),
        ("shipment_units = 300", "shipment_units = 1", "warn_figure"),  # clearance of one set
        ("inland_usd_per_m3 = 6.50", "inland_usd_per_m3 = 650", "warn_figure"),
        ("freight_usd_per_m3_fixed = 14.00", "freight_usd_per_m3_fixed = 1400", "warn_figure"),
        ("freight_usd_per_m3_1000km = 2.10", "freight_usd_per_m3_1000km = 0.0021", "warn_figure"),
        ("export_clearance_usd = 150.00", "export_clearance_usd = 150_000", "warn_figure"),
        ("insurance_rate = 0.003", "insurance_rate = 0.03", "warn_figure"),
        ("largest_growth = 2.0", "largest_growth = 0.02", "warn_figure"),
        ("entry_share = 0.005", "entry_share = 0.00005", "warn_figure"),
        ("days = 90", "days = 3", "warn_figure"),
        ("m3 = 0.21", "m3 = 2.1", "warn_density"),
        ("refund_rate = 0.13", "refund_rate = 0", "warn_no_refund"),
        ("kg = 22.5", "kg = 225", "warn_density"),
        ("days = 90", "days = 900", "warn_figure"),
        ("risk = 0.02", "risk = 0.9", "warn_figure"),
        ("amount_a_year = 12_000_000", "amount_a_year = 12_000_000_000", "warn_figure"),
        ("amount_a_year = 12_000_000", "amount_a_year = 12", "warn_figure"),  # millions
        ("risk = 0.02", f"risk = 0.02\n{HELD.format(50)}", "warn_figure"),  # ten thousands
        ("insurance_rate = 0.003", "insurance_rate = 0.00003", "warn_figure"),
        ("insured_markup = 0.10", "insured_markup = 0.001", "warn_figure"),
        ("risk = 0.02", "risk = 0.0002", "warn_figure"),
        ("risk = 0.02", "risk = 0.02\ncny_discount = 0.0001", "warn_figure"),
        ("risk = 0.02", "risk = 0.02\ncny_discount = 0.5", "warn_figure"),
        ("refund_rate = 0.13", 'refund_rate = "130%"', "study.bad_value"),
    ],
)  # fmt: skip
def test_a_slip_is_said(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert key in changed(tmp_path, old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seed = 20241231", "seed = 20241231"),
        ("price_usd = 560.00", "price_usd = 640"),
        ("DEU = 575", "Germany = 599"),
        ("cost_cny = 3150.00", 'cost_cny = "3,150"'),
        ('EUR = "85287240"', 'EUR = "8528.72.40"'),
        ("days = 90", "days = 180"),
        ("insurance_rate = 0.003", "insurance_rate = 0.01"),
        ("inland_usd_per_m3 = 6.50", "inland_usd_per_m3 = 40"),
        ("shipment_units = 300", "shipment_units = 40"),
        ("least_margin_rate = 0.05", "least_margin_rate = 0.2"),
        ("DEU = 575", "TWN = 575"),
        ("refund_rate = 0.13", 'refund_rate = "13 %"'),
        ("refund_rate = 0.13", 'refund_rate = "0.13"'),
        ("risk = 0.02", f"risk = 0.02\n{HELD.format(500_000)}"),
        ("insurance_rate = 0.003", "insurance_rate = 0.0005"),
        ("risk = 0.02", "risk = 0.05\ncny_discount = 0.01"),
        ("bands_usd = [500, 5000]\n", ""),  # then they are the firm's own
    ],
)
def test_its_twin_is_not(tmp_path: Path, old: str, new: str) -> None:
    assert changed(tmp_path, old, new) == set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("discount = 0.08", "discount = 0.0008"),
        ("discount = 0.08", "discount = 0.8"),
        ("interest = 0.035", "interest = 0.00035"),
        ("interest = 0.035", "interest = 0.35"),
        ("credit_insurance = 0.0035", "credit_insurance = 0.000035"),
        ("credit_insurance = 0.0035", "credit_insurance = 0.35"),
        ("commission = 0.015", "commission = 0.00015"),
        ("margin = 0.28", "margin = 0.0028"),
        ("local_content = 0.62", "local_content = 0.0062"),
        ("MEX = 0.15", "MEX = 0.0015"),
    ],
)
def test_a_rate_with_its_point_elsewhere_is_asked_about(tmp_path: Path, old: str, new: str) -> None:
    assert changed(tmp_path, old, new, EXAMPLE) == {"warn_figure"}
    assert changed(tmp_path, old, old, EXAMPLE) == set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("interest = 0.035", "interest = 0.06"),
        ("discount = 0.08", "discount = 0.15"),
        ("credit_insurance = 0.0035", "credit_insurance = 0"),
        ("commission = 0.015", "commission = 0.08"),
        ("MEX = 0.15", "MEX = 0.35"),
    ],
)
def test_a_rate_as_firms_have_it_is_not(tmp_path: Path, old: str, new: str) -> None:
    assert changed(tmp_path, old, new, EXAMPLE) == set()


@pytest.mark.parametrize(
    ("old", "new", "keys"),
    [
        ("worst_twentieth_cny = 20_000_000", "worst_twentieth_cny = -5", {"warn_figure"}),
        ("worst_twentieth_cny = 20_000_000", "worst_twentieth_cny = -5_000_000", set()),
        ("worst_twentieth_cny = 20_000_000", "worst_twentieth_cny = 0", set()),
        ("entry_budget_cny = 3_000_000", "entry_budget_cny = 300", {"warn_figure"}),
        ("minimum_lot = 300 #", "minimum_lot = 0.3 #", {"warn_part_of_lot"}),
        ("hours = 1_500", "hours = 0.85", {"warn_lot_above_line"}),
        ("certification_cny = 420_000", "certification_cny = 42_000_000_000", {"warn_figure"}),
        ("entry_budget_cny = 3_000_000", "working_capital_cny = 6000", {"warn_figure"}),
        ("entry_budget_cny = 3_000_000", "entry_budget_cny = 0", set()),
        ("certification_cny = 160_000", "certification_cny = 16", {"warn_figure"}),
        ("certification_cny = 420_000", "certification_cny = 42", {"warn_figure"}),
        ("certification_cny = 160_000", "certification_cny = 0", set()),
    ],
)
def test_a_sum_in_millions_is_asked_about(
    tmp_path: Path, old: str, new: str, keys: set[str]
) -> None:
    assert changed(tmp_path, old, new, EXAMPLE) - changed(tmp_path, old, old, EXAMPLE) == keys


@pytest.mark.parametrize(
    ("fob", "keys"),
    [
        ("6000", ["study.warn_exports_small"]),
        ("60_000_000", []),
        ("0", []),
        ("6_000_000_000", ["study.warn_exports_large"]),
    ],
)
def test_a_months_exports_in_ten_thousands_are_asked_about(
    tmp_path: Path, fob: str, keys: list[str]
) -> None:
    """USD 12 million a year at 7.3 are CNY 7.3 million a month."""
    text = STUDY.read_text(encoding="utf-8")
    file = tmp_path / "study.toml"
    file.write_text(
        text.replace("export_fob_cny = 60_000_000", f"export_fob_cny = {fob}"), encoding="utf-8"
    )
    sold = [OwnSales({}, {"DEU": 8e6}, {"FRA": 4e6})]
    assert [key for key, _ in keyed(ledger_findings(read_study(file), sold, DOLLAR))] == keys


def test_a_month_that_the_study_leaves_out_is_said_where_the_ledger_has_sales(
    tmp_path: Path,
) -> None:
    """Its refund would be that of a firm that exports nothing."""
    text = STUDY.read_text(encoding="utf-8")
    file = tmp_path / "study.toml"
    file.write_text(text.replace("export_fob_cny = 60_000_000", ""), encoding="utf-8")
    made, sold = read_study(file), [OwnSales({}, {"DEU": 8e6}, {"FRA": 4e6})]
    (said,) = ledger_findings(made, sold, DOLLAR)
    assert said == Caution("study.warn_no_month", {"month": "7,300,000"})
    assert list(ledger_findings(made, [], DOLLAR)) == []


@pytest.mark.parametrize(
    ("usd", "keys"),
    [(8e6, []), (8e3, ["study.warn_idle"]), (560e6, ["study.warn_beyond_capacity"]), (0.0, [])],
)
def test_a_capacity_far_from_what_is_sold_is_asked_about(usd: float, keys: list[str]) -> None:
    """At USD 560 a set and 130,000 sets a year: ledgers in thousands, capacities of a day."""
    study = read_study(STUDY)
    sold = [(model.key, OwnSales({}, {"DEU": usd}, {})) for model in study.model]
    assert [key for key, _ in keyed(capacity_findings(study, sold))] == keys


def test_what_is_sold_elsewhere_uses_the_line_too() -> None:
    study = read_study(STUDY)
    sold = [(model.key, OwnSales({}, {"DEU": 5e4}, {"ARE": 5e7}, 1e7)) for model in study.model]
    assert list(capacity_findings(study, sold)) == []


@pytest.mark.parametrize(
    ("day", "rate", "keys"),
    [("2024-12-31", "0.10", set()), ("2018-10-15", "0.15", set()),
     ("2024-12-31", "0.12", {"warn_odd_rate"})],
)  # fmt: skip
def test_a_refund_rate_is_no_levy(tmp_path: Path, day: str, rate: str, keys: set[str]) -> None:
    text = STUDY.read_text(encoding="utf-8")
    text = text.replace("refund_rate = 0.13", f"refund_rate = {rate}", 1)
    file = tmp_path / "study.toml"
    file.write_text(text.replace("on = 2024-12-31", f"on = {day}", 1), encoding="utf-8")
    said = [key for key, values in keyed(plausibility_findings(read_study(file), DOLLAR))
            if values.get("name") == "refund_rate"]  # fmt: skip
    assert {key.removeprefix("study.") for key in said} == keys


def test_a_study_tells_what_its_ledger_should_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quantities under amount and amounts under quantity: no plan may rest on it in silence."""
    monkeypatch.setenv("OFFING_WAREHOUSE", str(tmp_path / "no-warehouse"))
    (tmp_path / "study.toml").write_bytes(STUDY.read_bytes())
    head, *lines = (STUDY.parent / "ledger.csv").read_text(encoding="utf-8").splitlines()
    names = head.split(",")
    quantity, amount = names.index("quantity"), names.index("amount")
    rows = list(csv.reader(lines))
    for exchanged, keys in ((False, set()), (True, {"reference.exchanged"})):
        with (tmp_path / "ledger.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([names, *rows])
        world = read_world(tmp_path, opened(None))
        assert keys <= {key for key, _ in keyed(ledger_asked(world))}
        assert exchanged or not ledger_asked(world)
        for row in rows:
            row[quantity], row[amount] = row[amount], row[quantity]


def test_further_cautions_look_like_cautions() -> None:
    result = example()
    unread = Caution("study.warn_unread", {"names": "x"})
    (folded,) = further(result.plan, Decision.of_result(result), [unread])
    assert isinstance(folded, Folded)
    assert folded.blocks == (Callout(caution_text(unread)),)


@pytest.mark.parametrize("price", ["500", "850", "5200", "14000"])
def test_a_dear_set_is_none_of_another_unit(tmp_path: Path, price: str) -> None:
    asked = changed(tmp_path, "price_usd = 560.00", f"price_usd = {price}")
    assert "warn_level" not in asked
