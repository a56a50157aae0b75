"""A caution: typed values said by their type, in both languages, and kept through JSON."""

import json
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from offing.report.words import caution_text
from offing.terms.caution import (
    Caution,
    CountryCode,
    Dollars,
    Likelihood,
    ListName,
    Phrase,
    Reference,
    Value,
    Yuan,
    countries,
    ranks,
)
from offing.terms.messages import speaking

SAID: list[tuple[Value, str, str]] = [
    (CountryCode("USA"), "the United States", "美国"),
    (countries(["USA", "DEU"]), "the United States and Germany", "美国和德国"),
    (ListName("us301_4a"), "Section 301, list 4A", "301 条款清单 4A"),
    ((ListName("electric_cars"), ListName("other_cars")), "electric cars and other cars", ""),
    (("baci", "own"), "baci, own", "baci、own"),
    ((Phrase("report.market"), Phrase("report.total")), "Market, Total", "市场、合计"),
    ({"en": "chairs", "zh": "椅子"}, "chairs", "椅子"),
    (Reference("Act · @recalled"), "Act · from memory, the source was not read again", ""),
    (Likelihood(0.9), "90%", "90%"),
    (Dollars(7_136_400), "USD 7.14 m", "714 万美元"),
    (Yuan(600_000), "CNY 600,000", "60 万元"),
    (date(2026, 3, 1), "2026-03-01", "2026-03-01"),
    (12, "12", "12"),
    ("as it is", "as it is", "as it is"),
]


def said(value: Value, lang: Any, cny_per_usd: float | None = None) -> str:
    with speaking(lang):
        told = caution_text(Caution("study.warn_unread", {"names": value}), cny_per_usd)
        around = caution_text(Caution("study.warn_unread", {"names": "@"})).split("@")
    return told.removeprefix(around[0].rstrip()).removesuffix(around[1]).replace("\u00a0", " ")


@pytest.mark.parametrize(("value", "english", "chinese"), SAID)
def test_a_value_is_said_by_its_type(value: Value, english: str, chinese: str) -> None:
    assert english in said(value, "en")
    assert chinese in said(value, "zh")


@pytest.mark.parametrize(("value", "english", "_chinese"), SAID)
def test_json_keeps_a_value_and_how_it_is_said(value: Value, english: str, _chinese: str) -> None:
    kept = TypeAdapter(tuple[Caution, ...])
    caution = Caution("study.warn_unread", {"names": value}, countries(["DEU"]))
    (back,) = kept.validate_json(kept.dump_json((caution,)))
    assert back.subject == caution.subject
    assert type(back["names"]) is type(value) or isinstance(value, date)
    assert english in said(back["names"], "en")
    assert Caution.from_data(json.loads(json.dumps(caution.data()))) == back


def test_a_result_of_an_earlier_version_is_read() -> None:
    (old,) = TypeAdapter(tuple[Caution, ...]).validate_json(
        '[["study.warn_unread", {"names": "a"}]]'
    )
    assert old == Caution("study.warn_unread", {"names": "a"})
    assert old.data()["kinds"] == {}


def test_what_weighs_most_comes_first() -> None:
    order = ranks()
    assert order["study.warn_missing"] < order["landed.warn_remedy"] < order["study.warn_at_cap"]
