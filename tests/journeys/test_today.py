"""A day after the newest rates: every command goes on, and says how old they are."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cautions import keyed
from offing.api import quote, refund, settle
from offing.study.file import read_study
from offing.terms.caution import Caution
from offing.terms.errors import InputError, RuleError

LATER = date(2026, 11, 25)
"""26 days after the last rate of the starter world."""
STUDY = Path(__file__).resolve().parents[1] / "museum" / "studies" / "tv-maker" / "study.toml"


def ages(cautions: tuple[Caution, ...]) -> list[str]:
    return [values["days"] for key, values in keyed(cautions) if key == "landed.warn_rate_old"]


def study_of(day: date, folder: Path, more: str = "") -> Path:
    """The example's study on another day."""
    text = STUDY.read_text(encoding="utf-8")
    was = f"on = {read_study(STUDY).on}"
    assert was in text
    file = folder / "study.toml"
    file.write_text(text.replace(was, f"on = {day}\n{more}", 1), encoding="utf-8")
    return file


def of_a_set(**more: Any) -> list[str]:
    asked: dict[str, Any] = {"price": "560 USD", "quantity": 300, "duty": "14%", "on": LATER}
    return ages(quote.quote("852872", "DEU", **asked | more).quote.warnings)


def test_a_quote() -> None:
    assert of_a_set() == ["26"]
    assert of_a_set(on=date(2026, 11, 6)) == []
    assert of_a_set(price="560 EUR", currency="EUR") == []
    with pytest.raises(RuleError, match="rates_age=26"):
        of_a_set(rates_age=20)


def test_a_deal_and_one_in_a_currency_without_history() -> None:
    assert ages(settle.settle("250000", "USD", on=LATER).cautions) == ["26"]
    assert ages(settle.settle("250000", "USD", on=date(2026, 10, 30)).cautions) == []
    dong = settle.settle("5000000000", "VND", on=LATER)
    assert "landed.warn_rate_thin" in [key for key, _ in keyed(dong.cautions)]
    with pytest.raises(InputError) as asked:
        settle.settle("250000", "USD", on=LATER, invoice="VND")
    assert asked.value.key == "settle.ask_volatility"
    with_risk = settle.settle("250000", "USD", on=LATER, invoice="VND", volatility=["VND=4%"])
    assert "landed.warn_rate_thin" in [key for key, _ in keyed(with_risk.cautions)]
    late = date(2027, 1, 31)
    with pytest.raises(InputError, match="rates_age=93"):
        settle.settle("250000", "USD", on=late)
    assert ages(settle.settle("250000", "USD", on=late, rates_age=93).cautions) == ["93"]


def test_a_study_its_refund_and_its_quote(tmp_path: Path) -> None:
    file = study_of(LATER, tmp_path)
    assert ages(refund.refund(study=file).cautions) == ["26"]
    assert ages(quote.quote("DEU", study=file, of="8528").quote.warnings) == ["26"]
    late = study_of(date(2027, 1, 31), tmp_path)
    with pytest.raises(RuleError, match="rates_age = 93"):
        refund.refund(study=late)
    allowed = study_of(date(2027, 1, 31), tmp_path, "rates_age = 93\n")
    assert ages(refund.refund(study=allowed).cautions) == ["93"]
