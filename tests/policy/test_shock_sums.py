"""Shocks by hand: the edges of their tables, what a size makes of them, which market leads."""

from typing import Any

from cautions import keyed
from offing.policy.shock_file import (
    AboutKeys,
    ClosedKeys,
    CurrencyKeys,
    DutyKeys,
    FloorKeys,
    FreightKeys,
    InterestKeys,
    RefundKeys,
    Shock,
    ShockFile,
    percent_text,
)
from offing.terms.messages import using_language


def shock(size: float = 1.0, **tables: Any) -> Shock:
    about: dict[str, Any] = {"name": "x", "name_zh": "某", "source": "a page"}
    about |= tables.pop("about", {})
    return Shock("x", ShockFile(shock=AboutKeys(**about), **tables), None, size)


def test_what_it_says_at_its_size() -> None:
    many = shock(
        2.0,
        duty=[DutyKeys(importer="USA", rate=0.1), DutyKeys(importer="USA", rate=0.25),
              DutyKeys(importer="IND", rate=0.2)],
        refund=[RefundKeys(points="-4%")],  # type: ignore[arg-type]
        exchange=[CurrencyKeys(currency="USD", change=-0.1)],
        interest=[InterestKeys(currency="USD", points=0.0125)],
        freight=[FreightKeys(change=1.5)],
        closed=[ClosedKeys(weeks=4)],
        floor=[FloorKeys(above=0.3)],
    )  # fmt: skip
    said = [(key.removeprefix("policy.what_"), values) for key, values in keyed(many.what())]
    assert said == [
        (
            "duties",
            {"low": "20%", "value": "50%", "importer": {"en": "United States", "zh": "美国"}},
        ),
        ("duty", {"low": "40%", "value": "40%", "importer": {"en": "India", "zh": "印度"}}),
        ("refund", {"value": "−8.00"}),
        ("exchange", {"value": "−19.0%", "currency": "USD"}),
        ("interest", {"value": "+2.50", "currency": "USD"}),
        ("freight", {"value": "+300.0%"}),
        ("closed", {"value": "8.0"}),
        ("floor", {"value": "+60.0%"}),
    ]
    with using_language("zh"):
        assert many.title == "某"
        assert shock(about={"name_zh": None}).title == "x"
    with using_language("en"):
        assert many.title == "x"
    assert [percent_text(value) for value in (0.425, 1.0, 0.1 + 0.2)] == ["42.5%", "100%", "30%"]
