"""Studies with one figure in another unit, which is asked about or refused, and their twins."""

from decimal import Decimal
from pathlib import Path

import pytest

from offing.study.book import OwnSales
from offing.study.file import read_study
from offing.study.likely import exports_too_small, unlikely
from offing.terms.errors import InputError

STUDY = Path(__file__).resolve().parents[1] / "museum" / "studies" / "tv-maker" / "study.toml"
DOLLAR = Decimal("7.3")


def changed(tmp_path: Path, old: str, new: str) -> set[str]:
    text = STUDY.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "study.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    try:
        study = read_study(file)
    except InputError as error:
        return {error.key}
    return {key.partition(".")[2] for key, _ in unlikely(study, DOLLAR)}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("price_usd = 560.00", "price_usd = 56000", "warn_cost_share"),
        ("price_usd = 560.00", "price_usd = 4000", "warn_cost_share"),
        ("cost_cny = 3150.00", "cost_cny = 430", "study.bad_value"),
        ("DEU = 575", "DEU = 57500", "warn_price_elsewhere"),
        ("DEU = 575", "CHN = 575", "warn_price_at_home"),
        ("DEU = 575", "SUN = 575", "study.bad_value"),
        ('EUR = "85287240"', 'EUU = "85287240"', "warn_no_importer"),
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
        ('mode = "sea"', 'mode = "air"', "warn_sea_term"),
        ("seed = 20241231", "seed = -1", "study.bad_value"),
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
    ],
)
def test_its_twin_is_not(tmp_path: Path, old: str, new: str) -> None:
    assert changed(tmp_path, old, new) == set()


@pytest.mark.parametrize(("fob", "keys"), [("6000", ["study.warn_exports_small"]),
                                           ("60_000_000", []), ("0", [])])  # fmt: skip
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
    assert [key for key, _ in exports_too_small(read_study(file), sold, DOLLAR)] == keys
