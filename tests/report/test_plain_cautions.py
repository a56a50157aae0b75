"""Sentences for a person have no inner names, such as us301_2024_25 or usa.301.list1."""

import re
from datetime import date
from typing import Any

import pytest

from cautions import keyed
from offing.api.quote import quote
from offing.policy.overlay import today
from offing.report import words
from offing.rules.rule_use import list_name
from offing.terms.caution import Caution
from offing.terms.errors import OffingError
from offing.terms.messages import LANGUAGES, has_message, using_language
from offing.warehouse.tariffs import lists_in_data

INNER = re.compile(
    r"\b(us\d{3}|usieepa|usbrazil)\w*\b|\b[a-z]+\d*_[a-z0-9]\w*|\b[a-z]{3}\.[a-z]\w*\."
)
"""Names of lists and charges, and ids of rules."""
CODES = ["85015340", "85051100", "85411000", "85171300", "85287264", "61091000", "62034240"]
DAYS = [
    date(2019, 9, 15), date(2024, 10, 15), date(2025, 9, 1), date(2026, 3, 1), date(2026, 11, 30),
]  # fmt: skip


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
        with using_language(lang):
            assert inner_names((*answer.quote.warnings, *answer.quote.notes)) == set()
    assert len(refused) < len(DAYS)
    assert not any(map(INNER.search, refused))


def shown_names() -> dict[str, str]:
    """Every list, and every charge, of every regime, those of cautions too, with its label."""
    book = today().rulebook
    regimes = [book.regime(country) for country in book.destinations()]
    charges = {c.name for regime in regimes for c in regime.charges}
    charges |= {name for r in regimes for caution in r.cautions for name in caution.charges}
    lists = {listed.name for regime in regimes for listed in regime.listed} | lists_in_data()
    lists |= {name for r in regimes for one in r.charges for name in (*one.lists, *one.not_on)}
    lists |= {name for r in regimes for one in r.cautions for name in (*one.lists, *one.not_on)}
    return {name: f"landed.line_{name}" for name in charges} | {
        name: next(filter(has_message, (f"landed.line_{name}", f"landed.list_{name}",
                                  f"landed.list_{name.partition('_')[0]}")), f"list {name}")
        for name in lists
    }  # fmt: skip


def test_every_list_and_charge_of_every_regime_has_a_label_in_both_languages() -> None:
    names = shown_names()
    assert len(names) > 150
    assert {name for name, key in names.items() if not has_message(key)} == set()
    for lang in LANGUAGES:
        with using_language(lang):
            labels = {name: list_name(name) for name in names if "_" in name}
        assert {name for name, label in labels.items() if INNER.search(label)} == set(), lang
