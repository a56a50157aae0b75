"""What few tables say: a claim's 21 digits, units by the thousand, signs of a money, many rows."""

from decimal import Decimal

import pytest

from offing.sources import papers
from offing.sources.headings import heading_of, said_by, unit_said
from offing.sources.user_table import TableRow
from offing.terms.errors import Where


@pytest.mark.parametrize(
    ("number", "item", "found"),
    [
        ("420120260000000001001", "", ("420120260000000001", "1")),
        ("420120260000000001012", "", ("420120260000000001", "12")),
        ("420120260000000001012", "3", ("420120260000000001", "3")),
        ("420120260000000001", "03", ("420120260000000001", "3")),
        ("420120260000000001", "", ("420120260000000001", "")),
        ("420120260000000001", "0", ("420120260000000001", "0")),
        ("42012026000000000101", "2", ("42012026000000000101", "2")),
    ],
)
def test_a_claim_has_the_item_behind_the_number(
    number: str, item: str, found: tuple[str, str]
) -> None:
    row = TableRow({"number": number, "item": item}, Where())
    assert papers._number_and_item(row) == found


SCALES = {
    1_000: ("thousand", "thousands", "'000", "000", "k", "tsd", "千"),
    1_000_000: ("million", "millions", "mio", "mln", "mn", "mm", "000000", "百万"),
    10_000: ("万", "10k", "10,000", "ten thousand"),
    100_000: ("十万",), 10_000_000: ("千万",), 100_000_000: ("亿",),
}  # fmt: skip


@pytest.mark.parametrize(("scale", "words"), SCALES.items())
def test_every_word_of_a_scale(scale: int, words: tuple[str, ...]) -> None:
    for word in words:
        heading = heading_of(f"Sales ({word} USD)", frozenset({"sales"}))
        assert heading is not None
        assert (int(heading.scale), heading.currency) == (scale, "USD"), word


UNITS = {
    ("item", "1"): ("pcs", "台", "each"), ("kg", "1"): ("kgs", "千克", "kilos"),
    ("kg", "1000"): ("吨", "t", "tonnes"), ("kg", "0.001"): ("克", "g"),
    ("kg", "0.5"): ("斤", "jin"),
    ("kg", "0.45359237"): ("lb", "pounds"), ("item", "12"): ("打", "dozen"), ("pair", "1"): ("双",),
    ("item", "1000"): ("千个", "1000 pcs"), ("kg", "10000000"): ("万吨",),
    ("item", "10000"): ("万台",),
}  # fmt: skip


@pytest.mark.parametrize(("unit", "words"), UNITS.items())
def test_every_word_of_a_unit(unit: tuple[str, str], words: tuple[str, ...]) -> None:
    for word in words:
        assert unit_said(word) == (unit[0], Decimal(unit[1])), word


def test_a_number_before_a_unit_is_the_units_own() -> None:
    """千元/千个 is the price of one, in thousands of yuan for a thousand pieces."""
    price = heading_of("单价(千元/千个)", frozenset({"单价"}))
    assert price is not None
    assert (price.currency, price.unit) == ("CNY", "item")
    assert (price.scale, price.per_unit) == (Decimal(1000), Decimal(1000))
    assert said_by("USD/千个") == {
        "scale": 1, "currency": "USD", "unit": "item", "per_unit": 1000
    }  # fmt: skip
