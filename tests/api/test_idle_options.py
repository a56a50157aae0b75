"""Options that a careless person gives in vain, in another unit or upside down: each is said."""

from pathlib import Path

import pytest

import offing
from cautions import keyed
from offing.terms.errors import InputError

SETS = Path(__file__).resolve().parents[2] / "examples" / "tv-maker"


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
