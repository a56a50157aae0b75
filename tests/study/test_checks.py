"""Studies with one figure in another unit, which is asked about or refused, and their twins."""

from decimal import Decimal
from pathlib import Path

import pytest

from cautions import keyed
from offing.report.blocks import cautions
from offing.study.checks import capacity_findings, ledger_findings, plausibility_findings
from offing.study.file import read_study
from offing.study.sales import OwnSales
from offing.terms.caution import Caution
from offing.terms.errors import InputError

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
    ("usd", "keys"), [(8e6, []), (560e6, ["study.warn_beyond_capacity"]), (0.0, [])]
)
def test_a_capacity_far_from_what_is_sold_is_asked_about(usd: float, keys: list[str]) -> None:
    """At USD 560 a set and 130,000 sets a year: ledgers in thousands, capacities of a day."""
    study = read_study(STUDY)
    sold = [(model.key, OwnSales({}, {"DEU": usd}, {})) for model in study.model]
    assert [key for key, _ in keyed(capacity_findings(study, sold))] == keys
