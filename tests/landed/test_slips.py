"""Shipments and rates with one slip each, and their twins, asked as a person types them."""

from datetime import date
from typing import Any

import pytest

from cautions import keyed
from offing.api.quote import quote
from offing.api.settle import settle
from offing.cli.app import run
from offing.report.blocks import cautions
from offing.terms.errors import OffingError

SHIPMENT: dict[str, Any] = {
    "product": "852872", "destination": "DEU", "on": date(2024, 12, 31), "price": "560 USD",
    "cost": "3150 CNY", "quantity": 300, "freight": "4500 USD", "insurance_rate": "0.003",
}  # fmt: skip


def keys(ask: Any, given: dict[str, Any]) -> set[str]:
    try:
        answer = ask(**given)
    except OffingError as error:
        return {error.key}
    said = answer.quote.warnings if ask is quote else answer.cautions
    assert all("{" not in str(told) for told in cautions(said))  # each is a sentence
    return {key for key, _ in keyed(said)}


BOOK = """名称,金额,币种,{days},付款方式
甲,250000,USD,{a},OA
乙,90000,EUR,{b},OA
丙,70000,USD,{c},OA
"""


def test_a_size_in_tonnes_is_asked_about_in_plain_figures() -> None:
    answer = quote(**SHIPMENT, unit_kg="0.0225")
    said = dict(keyed(answer.quote.warnings))["landed.warn_size"]
    assert said["unit"] == "kg"
    assert said["price"] == "24,889"  # 560 / 0.0225


def test_cautions_name_costs_and_carriage_in_the_readers_language(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not by the option's name; and a mode is read as a clerk writes it."""
    line = [
        "quote", "852872", "DEU", "--on", "2024-12-31", "--price", "560USD", "--cost", "3150CNY",
    ]  # fmt: skip
    line += ["--quantity", "300", "--freight", "15USD", "--mode", "空运"]
    for language, words in (("zh", "国际运费为"), ("en", "Main freight of")):
        assert run(["--lang", language, *line]) == 0
        said = "".join(capsys.readouterr().out.split("\n"))
        assert words in said
        assert "freight of USD" not in said or language == "en"


def test_digits_after_the_sixth_are_the_importers_own() -> None:
    """Of a Chinese code they would be other goods there: it is said beside the figures."""

    def told(**given: Any) -> set[str]:
        return {key for key, _ in keyed(quote(**SHIPMENT | given).quote.notes)}

    assert "landed.note_own_digits" in told(product="8528724000")
    assert "landed.note_own_digits" not in told(code="85287240")


@pytest.mark.parametrize(
    ("heading", "days", "key"),
    [
        ("天数", (3, 2, 90), "settle.warn_days"),
        ("天数", (3, 60, 90), ""),  # two days of three fall due later: a book of mixed ages
        ("账期(月)", (3, 2, 3), "settle.not_in_days"),
        ("账期(天)", (90, 60, 90), ""),
        ("credit months", (3, 2, 3), "sources.no_headings"),
    ],
)
def test_days_of_a_book_are_no_months(
    tmp_path: Any, heading: str, days: tuple[int, int, int], key: str
) -> None:
    file = tmp_path / "book.csv"
    named = dict(zip("abc", days, strict=True))
    file.write_text(BOOK.format(days=heading, **named), encoding="utf-8")
    said = keys(settle, {"book": file, "on": date(2025, 10, 30)})
    assert said == ({key} if key else set())


@pytest.mark.parametrize(("amount", "odd"), [("70", True), ("25000000000", True), ("2500", False)])
def test_amounts_of_a_book_are_those_of_deals(tmp_path: Any, amount: str, odd: bool) -> None:
    file = tmp_path / "book.csv"
    file.write_text(f"金额,币种,天数\n{amount},USD,90\n90000,EUR,60\n", encoding="utf-8")
    said = keys(settle, {"book": file, "on": date(2026, 10, 30)})
    assert ("settle.warn_amount" in said) is odd, said
