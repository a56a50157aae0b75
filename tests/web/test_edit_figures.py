"""Figures of the study as the forms show them, and what comes back from there."""

from decimal import Decimal

import pytest

from offing.web.editing import read, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal(20_000_000), "20,000,000"),
        (-5_000_000, "-5,000,000"),
        (Decimal("12345.678"), "12,345.678"),
        (Decimal("0.052"), "0.052"),
        (850, "850"),
    ],
)
def test_a_figure_is_shown_with_its_thousands_and_read_again(
    value: Decimal | int, text: str
) -> None:
    assert shown(value, "number") == text
    assert read(text, "number") == value
