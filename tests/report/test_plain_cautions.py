"""Sentences for a person have no inner names, such as us301_2024_25 or usa.301.list1."""

import re
from datetime import date
from typing import Any

import pytest

from cautions import keyed
from offing.api.quote import quote
from offing.api.rules import law
from offing.landed.duties import duty_label
from offing.policy.overlay import today
from offing.report import words
from offing.report.views.rules import legal_change
from offing.rules.citing import list_name
from offing.rules.dated import series_label, the_one
from offing.sources.tariff_us import LISTED
from offing.terms.caution import Caution, ListName, Value
from offing.terms.errors import OffingError, RuleError
from offing.terms.messages import LANGUAGES, known, speaking

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


def shown_names() -> dict[str, str]:
    """Every list, and every charge, of every regime, those of cautions too, with its label."""
    book = today().rulebook
    regimes = [book.regime(country) for country in book.destinations()]
    charges = {c.name for regime in regimes for c in regime.charges}
    charges |= {name for r in regimes for caution in r.cautions for name in caution.charges}
    lists = {listed.name for regime in regimes for listed in regime.listed} | LISTED
    lists |= {name for r in regimes for one in r.charges for name in (*one.lists, *one.not_on)}
    lists |= {name for r in regimes for one in r.cautions for name in (*one.lists, *one.not_on)}
    return {name: f"landed.line_{name}" for name in charges} | {
        name: next(filter(known, (f"landed.line_{name}", f"landed.list_{name}",
                                  f"landed.list_{name.partition('_')[0]}")), f"list {name}")
        for name in lists
    }  # fmt: skip


def test_every_list_and_charge_of_every_regime_has_a_label_in_both_languages() -> None:
    names = shown_names()
    assert len(names) > 150
    assert {name for name, key in names.items() if not known(key)} == set()
    for lang in LANGUAGES:
        with speaking(lang):
            labels = {name: list_name(name) for name in names if "_" in name}
        assert {name for name, label in labels.items() if INNER.search(label)} == set(), lang


def test_a_list_of_a_users_own_is_shown_as_it_stands() -> None:
    assert list_name("our_own_goods") == "our own goods"


@pytest.mark.parametrize(
    ("country", "code"), [("IND", None), ("BRA", None), ("VNM", "85287264"), ("CHN", "85414300")]
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_change_of_two_decades_has_one(country: str, code: str | None, lang: Any) -> None:
    changes = law(country, on=DAYS[-1], since=date(2010, 1, 1), code=code).changes or ()
    with speaking(lang):
        sentences = [re.sub(r"[(（].*[)）]", "", legal_change(change)) for change in changes]
    assert sentences
    assert not [text for text in sentences if INNER.search(text)]


@pytest.mark.parametrize(
    ("id_", "label"),
    [("eur.vat.deu", "Import VAT (eur.vat.deu)"), ("usa.mpf", "Processing fee (MPF) (usa.mpf)"),
     ("xyz.our_own", "xyz.our_own")],
)  # fmt: skip
def test_a_series_without_a_rule_is_named_by_its_charge(id_: str, label: str) -> None:
    with pytest.raises(RuleError) as error:
        the_one((), id_, DAYS[0])
    with speaking("en"):
        assert series_label(id_) == label
    assert id_ in str(error.value.values["id"])


@pytest.mark.parametrize(("country", "tax", "label"), [
    ("BRA", "ipi", "Industrial products tax (IPI)"), ("TUR", "igv", "Additional customs duty"),
])  # fmt: skip
def test_a_tax_without_a_line_is_named_by_its_charge(country: str, tax: str, label: str) -> None:
    regime = today().rulebook.regime(country)
    with speaking("en"):
        assert duty_label(regime, tax) == label
        assert duty_label(regime, "mfn") != duty_label(regime, "rcep")
