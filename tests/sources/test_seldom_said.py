"""What few tables say: a claim's 21 digits, units by the thousand, signs of a money, many rows."""

from decimal import Decimal

import pytest

from offing.sources import papers
from offing.sources.headings import heading_of, said_by
from offing.sources.user_table import TableRow
from offing.terms.errors import Where


@pytest.mark.parametrize(
    ("number", "item", "found"),
    [
        ("420120260000000001012", "", ("420120260000000001", "12")),
        ("420120260000000001012", "3", ("420120260000000001", "3")),
        ("420120260000000001", "03", ("420120260000000001", "3")),
        ("42012026000000000101", "2", ("42012026000000000101", "2")),
    ],
)
def test_a_claim_has_the_item_behind_the_number(
    number: str, item: str, found: tuple[str, str]
) -> None:
    row = TableRow({"number": number, "item": item}, Where())
    assert papers._number_and_item(row) == found


def test_a_number_before_a_unit_is_the_units_own() -> None:
    """千元/千个 is the price of one, in thousands of yuan for a thousand pieces."""
    price = heading_of("单价(千元/千个)", frozenset({"单价"}))
    assert price is not None
    assert (price.currency, price.unit) == ("CNY", "item")
    assert (price.scale, price.per_unit) == (Decimal(1000), Decimal(1000))
    assert said_by("USD/千个") == {
        "scale": 1, "currency": "USD", "unit": "item", "per_unit": 1000
    }  # fmt: skip
