"""Shocks by hand: the edges of their tables, what a size makes of them, which market leads."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

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
    read_shock,
    shocks,
)
from offing.terms.errors import InputError
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


LIBRARY = {
    "trade-collapse-2008", "trade-slump-2015", "us-tariffs-2018", "pandemic-2020",
    "dollar-rates-2022", "freight-2024", "us-tariffs-2025", "rmb-up-10", "rmb-down-10",
    "refund-cut-2024", "refund-cut-4", "port-closed-4", "minimum-price-eu",
}  # fmt: skip
HEAD = '[shock]\nname = "x"\nsource = "y"\n'


def test_the_library_is_there_and_says_where_its_sizes_come_from() -> None:
    assert set(shocks()) >= LIBRARY
    for key in LIBRARY:
        about = shocks()[key].file.shock
        assert about.source
        assert about.name_zh
        assert about.source_zh
        assert (about.since is None) == (about.status == "hypothetical"), key
        assert about.status in ("secondary", "recalled", "hypothetical"), key


def test_a_shock_without_its_source_says_what_to_write(tmp_path: Path) -> None:
    path = tmp_path / "bare.toml"
    path.write_text('[shock]\nname = "x"\n[[closed]]\nweeks = 1\n', encoding="utf-8")
    with pytest.raises(InputError, match="write or correct 'source'"):
        read_shock(path)


def test_the_freight_of_2024_is_that_of_the_index() -> None:
    """Shanghai to Europe: 947 and 3,030 USD per TEU."""
    (freight,) = shocks()["freight-2024"].file.freight
    assert 1 + freight.change == pytest.approx(3030 / 947, abs=0.005)
    assert "DEU" in freight.markets


def test_a_shock_of_the_past_is_laid_on_only_where_it_says_so(tmp_path: Path) -> None:
    path = tmp_path / "old.toml"
    path.write_text(HEAD + "until = 2020-12-31\n[[closed]]\nweeks = 1\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_shock(path).check(date(2024, 6, 1))
    assert caught.value.key == "policy.shock_in_past"
    read_shock(path).check(date(2020, 6, 1))
    path.write_text(
        HEAD + "until = 2020-12-31\nrepeat = true\n[[closed]]\nweeks = 1\n", encoding="utf-8"
    )
    read_shock(path).check(date(2024, 6, 1))
    shocks()["pandemic-2020"].check(date(2024, 6, 1))
