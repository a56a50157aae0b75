"""A least or a most amount whose money stands elsewhere is left as it is."""

import pytest

from offing.rules.duty_text import as_tariffs_write


@pytest.mark.parametrize("text", ["10% MIN 2/kg", "10% MAX 2/kg", "MIP 2/kg"])
def test_a_bound_is_no_currency(text: str) -> None:
    assert as_tariffs_write(text) == text


def test_a_currency_before_its_amount() -> None:
    assert as_tariffs_write("eur 2/kg") == "2 EUR/kg"
    assert as_tariffs_write("£2/kg") == "2 GBP/kg"
