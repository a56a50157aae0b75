"""Rates with a per cent sign or point too many or too few, and the right ones beside them."""

from decimal import Decimal

import pytest

from offing.terms.usual_figures import is_odd, usual_bounds

RIGHT: dict[str, tuple[str, ...]] = {
    "interest": ("0.041", "0.12", "0.35", "0.005"),
    "spread": ("0.0002", "0.003", "0.02"),
    "ndf_basis": ("0.01", "-0.03", "0.001"),
    "cny_discount": ("0.002", "0.01", "0.03"),
    "credit_premium": ("0.0005", "0.004", "0.02"),
    "default_probability": ("0.0002", "0.01", "0.1"),
    "volatility": ("0.03", "0.08", "0.3"),
    "cargo_premium": ("0.0003", "0.003", "0.01"),
    "risk": ("0.005", "0.02", "0.1"),
    "hedge": ("0.25", "0.8", "1"),
    "cover": ("0.5", "0.9", "1"),
    "loss": ("0.45", "0.6", "1"),
    "discount": ("0.03", "0.08", "0.2"),
    "owed": ("0.01", "0.035", "0.12"),
    "commission": ("0.005", "0.03", "0.2"),
    "margin": ("0.1", "0.28", "0.6"),
    "duty": ("0.012", "0.14", "0.5"),
    "content": ("0.3", "0.62", "1"),
    "market_share": ("0.05", "0.35", "1"),
    "chance": ("0.05", "0.3", "0.9"),
}
"""As contracts, banks, insurers and tariffs write them."""
SMALL: tuple[str, ...] = ("ndf_basis", "default_probability")
"""Of which a hundredth is a rate as well."""


@pytest.mark.parametrize("kind", usual_bounds())
def test_a_rate_as_it_is_written_is_not_odd_and_one_of_other_places_is(kind: str) -> None:
    for rate in RIGHT[kind]:
        assert not is_odd(kind, Decimal(rate), currency="INR")
    assert is_odd(kind, Decimal(0)) == (kind in ("volatility", "loss"))
    middle = Decimal(RIGHT[kind][1])
    if kind not in SMALL:
        assert is_odd(kind, middle / 100, currency="INR")
    if usual_bounds()[kind][1] < 1:
        assert is_odd(kind, middle * 100)


@pytest.mark.parametrize(
    ("rate", "of_day", "odd"),
    [
        ("0.00041", "0.0388", True), ("0.0388", "0.0388", False), ("0.0050", "0.0388", False),
        ("0.00016", "0.0388", True), ("0.0097", "0.0388", False), ("0.00005", "0", False),
        ("0.000050", "0.0050", True), ("0.0010", "0.0050", False), ("0.095", "0.0020", True),
        ("-0.0005", "0.0200", False),
    ],
)  # fmt: skip
def test_what_the_day_has_tells_a_hundredth(rate: str, of_day: str, odd: bool) -> None:
    assert is_odd("interest", Decimal(rate), currency="USD", of_day=Decimal(of_day)) is odd
