"""Sentences for a person have no inner names, such as us301_2024_25 or usa.301.list1."""

import re
from datetime import date
from typing import Any

import pytest

from cautions import keyed
from offing.api.quote import quote
from offing.api.rules import law
from offing.report import words
from offing.report.tellings.rules import legal_change
from offing.terms.caution import Caution, ListName, Value
from offing.terms.errors import OffingError
from offing.terms.messages import LANGUAGES, speaking

INNER = re.compile(
    r"\b(us\d{3}|usieepa|usbrazil)\w*\b|\b[a-z]+\d*_[a-z0-9]\w*|\b[a-z]{3}\.[a-z]\w*\."
)
"""Names of lists and charges, and ids of rules."""
CODES = ["85015340", "85051100", "85411000", "85171300", "85287264", "61091000", "62034240"]
DAYS = [
    date(2019, 9, 15),
    date(2024, 10, 15),
    date(2025, 9, 1),
    date(2026, 3, 1),
    date(2026, 11, 30),
]


def inner_names(cautions: Any) -> set[str]:
    """What a reader would not know, apart from addresses."""
    texts = [
        re.sub(r"\(.*\)", "", words.caution_text(Caution(key, values)))
        for key, values in keyed(cautions)
    ]
    return {match[0] for text in texts for match in INNER.finditer(text)}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_no_caution_of_a_quote_has_one(code: str, lang: Any) -> None:
    refused: list[str] = []
    for on in DAYS:
        try:
            answer = quote(code, "USA", on=on, price="50 USD", currency="USD", quantity=9,
                           rates_age=9999, duty=None if code in CODES[:5] else "9%")  # fmt: skip
        except OffingError as error:
            refused.append(str(error.values.get("list", "")))
            continue
        with speaking(lang):
            assert inner_names((*answer.quote.warnings, *answer.quote.notes)) == set()
    assert len(refused) < len(DAYS)
    assert not any(map(INNER.search, refused))


@pytest.mark.parametrize(
    ("country", "code"), [("USA", "85287264"), ("IND", "640299"), ("DEU", None)]
)
def test_no_caution_of_the_law_has_one(country: str, code: str | None) -> None:
    for on in DAYS[1:3]:
        with speaking("en"):
            assert inner_names(law(country, on=on, code=code).cautions) == set()


def test_a_list_without_a_name_of_its_own_is_said_by_its_act() -> None:
    lists = ("us301_2025_50", "us301_2024_25", "us301_3", "some_goods")
    values: dict[str, Value] = {"code": "85411000", "lists": tuple(map(ListName, lists))}
    with speaking("en"):
        said = words.caution_text(Caution("landed.warn_split", values))
    assert "a list of Section 301, Section 301, list 3 and some goods" in said
    assert inner_names([Caution("landed.warn_split", values)]) == set()


@pytest.mark.parametrize("country", ["USA", "DEU"])
def test_no_change_of_the_calendar_has_one(country: str) -> None:
    changes = law(country, on=date(2026, 11, 30), calendar=True).changes or ()
    sentences = [re.sub(r"\(.*\)", "", legal_change(change)) for change in changes]
    assert sentences
    assert not [text for text in sentences if INNER.search(text)]
