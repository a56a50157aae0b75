"""Options that a careless person gives in vain, in another unit or upside down: each is said."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import offing
from cautions import keyed
from offing.report.views.price import view
from offing.terms.errors import InputError

DAY = date(2024, 12, 31)
SETS = Path(__file__).resolve().parents[2] / "examples" / "tv-maker"


def cautions(**given: Any) -> dict[str, dict[str, str]]:
    answer = offing.quote(
        "852872", "DEU", on=DAY, price="560 USD", cost="3150 CNY", quantity=300, duty="14%", **given
    )
    return dict(keyed(answer.quote.warnings))


def test_costs_after_the_border_near_the_worth_of_the_goods_are_said() -> None:
    assert "landed.warn_carriage_above" in cautions(destination_costs="150000 USD")
    assert "landed.warn_carriage_above" not in cautions(destination_costs="15000 USD")


def test_the_share_of_importer_and_shops_may_have_its_sign() -> None:
    exw = {
        share: offing.quote(
            "852872", "DEU", on=DAY, duty="14%", reverse="999 EUR", trade_share=share, quantity=1
        ).reverse
        for share in ("35%", "0.35")
    }
    assert exw["35%"] == exw["0.35"]
    with pytest.raises(InputError, match="35"):
        offing.quote("852872", "DEU", on=DAY, duty="14%", reverse="999 EUR", trade_share="35")


def test_a_rate_for_a_ledger_is_looked_at() -> None:
    def said(rate: str) -> set[str]:
        return {note.key for note in offing.book(SETS / "ledger.csv", rate=[rate]).notes}

    assert "landed.warn_idle" in said("SEK=11")
    assert "landed.warn_idle" not in said("EUR=0.95")
    with pytest.raises(InputError, match="100"):
        said("JPY=1.57")


def test_a_market_of_which_nothing_is_known_is_named() -> None:
    answer = offing.outlook("8528", origin="CHN", market=["DEU", "Kiribati"], as_of=2022)
    assert dict(keyed(answer.cautions))["landed.warn_idle"]["names"] == "Kiribati"


def test_a_price_in_yuan_or_at_the_wrong_level_is_said() -> None:
    answer = offing.price("HC-65M", "Germany", study=SETS, at=4200)
    assert "price.far_off" in dict(keyed(answer.cautions))
    shelf = offing.price("HC-65M", "Germany", study=SETS, at=120, level="retail")
    assert "price.far_off" in dict(keyed(shelf.cautions))
    assert not offing.price("HC-65M", "Germany", study=SETS, at=1100, level="retail").cautions


def test_a_price_at_which_each_unit_loses_is_said_and_leaves_the_table_legible() -> None:
    """Half a million sets at a loss of billions would turn all other rows into 0.0 bn."""
    answer = offing.price("HC-65M", "Germany", study=SETS, at=200)
    assert dict(keyed(answer.cautions))["price.at_a_loss"]["at"] == "200"
    assert "earns in CNY\N{NO-BREAK SPACE}m;" in str(view(answer)).replace(
        "\\xa0", "\N{NO-BREAK SPACE}"
    )
    assert "price.at_a_loss" not in dict(
        keyed(offing.price("HC-65M", "Germany", study=SETS, at=575).cautions)
    )


@pytest.mark.parametrize(
    ("cost", "quantity", "odd"),
    [("30%", 300, True), ("20000 USD", 300, True), ("300 USD", 300, False), ("400 USD", 1, False)],
)
def test_a_declaration_that_costs_a_share_of_the_goods_is_said(
    cost: str, quantity: int, odd: bool
) -> None:
    answer = offing.quote(
        "852872", "DEU", on=DAY, price="560 USD", quantity=quantity, duty="14%",
        export_clearance=cost,
    )  # fmt: skip
    assert ("landed.warn_carriage_above" in dict(keyed(answer.quote.warnings))) is odd
