"""Slips of the hand in quotes, deals and studies are refused or cautioned; what is right is not."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from offing.cli.app import run
from offing.study.file import read_study
from offing.terms.amounts import clear_amount
from offing.terms.errors import InputError
from offing.terms.exchange import FxTable, check_given, given_rates

QUOTE = [
    "quote",
    "852872",
    "DEU",
    "--on",
    "2024-12-31",
    "--price",
    "560USD",
    "--term",
    "FOB",
    "--cost",
    "3150CNY",
    "--quantity",
    "300",
]
DEAL = ["settle", "250000", "USD", "--market", "BRA"]
STUDY = Path(__file__).resolve().parents[1] / "museum" / "studies" / "tv-maker" / "study.toml"


@pytest.fixture(autouse=True)
def starter_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who has loaded nothing."""
    monkeypatch.setenv("OFFING_WAREHOUSE", str(tmp_path / "no-warehouse"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--code", "85071020"], "not under 852872"),
        (["--origin", "FRA"], "one customs union"),
        (["--rate", "CNY=0.14"], "upside down"),
        (["--rate", "CNY=712.34"], "far from"),
        (["--rate", "USD=7.1"], "a dollar is a dollar"),
        (["--insurance-rate", "0.3"], "some thousandths"),
        (["--insurance-rate", "0.003", "--markup", "10"], "a tenth is usual"),
        (["--quantity", "1.000"], "1,000 or 1.0000"),
        (["--quantity", "0.5"], "an item is whole"),
        (["--refund-cny", "99999"], "more than its price"),
        (["--unit-kg", "25", "--unit-m3", "210"], "no goods are"),
    ],
)
def test_a_slip_in_a_quote_is_refused(
    more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = list(QUOTE)
    for at in range(0, len(more), 2):
        if more[at] in words:
            words[words.index(more[at]) + 1] = more[at + 1]
        else:
            words += more[at : at + 2]
    assert run([*words, "--lang", "en"]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    "more", [["--code", "85287240"], ["--rate", "CNY=7.29"], ["--insurance-rate", "0.005"]]
)
def test_what_is_right_is_not_refused(more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*QUOTE, *more, "--lang", "en"]) == 0
    if "--rate" in more:
        assert "the rate given" in " ".join(capsys.readouterr().out.split())


def test_what_nobody_can_know_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    later = ["2032-06-01" if word == "2024-12-31" else word for word in QUOTE]
    assert run([*later, "--rates-on", "2026-10-30", "--lang", "en"]) == 0
    assert "! The law of 2032-06-01 may have changed" in capsys.readouterr().out


def test_a_price_in_another_currency_is_asked_about(capsys: pytest.CaptureFixture[str]) -> None:
    yuan = ["560CNY" if word == "560USD" else word for word in QUOTE]
    assert run([*yuan, "--lang", "en"]) == 0
    assert "! The margin is -462 % of the FOB price" in capsys.readouterr().out


@pytest.mark.parametrize("words", [QUOTE, DEAL], ids=["quote", "settle"])
def test_a_reform_of_nothing_says_so(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reform = tmp_path / "reform.toml"
    rate = "eur.mfn.85287241" if words is QUOTE else "settlement.spread.jpy"
    reform.write_text(f'[reform]\nname = "none"\n[[rate]]\nid = "{rate}"\nvalue = "0%"\n')
    assert run([*words, "--reform", str(reform), "--lang", "en"]) == 0
    assert "changes nothing here" in capsys.readouterr().out


@pytest.mark.parametrize("more", [["--rate", "CNY=0.14"], ["--rate", "USD=7.1"]])
def test_a_rate_upside_down_is_refused_in_settling(more: list[str]) -> None:
    assert run([*DEAL, *more]) == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("DEU = 575\n", "DEU = 575\nGermany = 5750\n", "one market"),
        ('EUR = "85287240"', 'EUR = "85071020"', "not under 8528"),
        ("input_vat_cny = 355.00", "input_vat_cny = 3550.00", "any rate of value-added tax"),
        ("m3 = 0.21", "m3 = 210", "no goods are"),
        ("cost_cny = 3150.00", 'cost_cny = "3.150"', "3,150 or 3.1500"),
    ],
)
def test_a_slip_in_a_study_is_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = STUDY.read_text(encoding="utf-8")
    if old not in text:
        pytest.skip(f"the example has no {old!r}")
    file = tmp_path / "study.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_study(file)


@pytest.mark.parametrize("text", ["1.000", "250.000", "¥3.150", "-12.500"])
def test_a_thousand_that_may_be_one_is_asked(text: str) -> None:
    with pytest.raises(InputError) as asked:
        clear_amount(text)
    assert asked.value.key == "money.thousand_or_one"


@pytest.mark.parametrize(
    ("text", "number"),
    [("250,000", "250000"), ("0.125", "0.125"), ("1.5", "1.5"), ("1000.125", "1000.125")],
)
def test_an_amount_that_is_clear_is_taken(text: str, number: str) -> None:
    assert clear_amount(text) == Decimal(number)


def test_a_rate_without_one_of_the_ecb_is_the_users_alone() -> None:
    day = date(2026, 1, 5)
    check_given(FxTable(day, {"USD": (Decimal("1.2"), day)}, given=given_rates(["VND=26300"])))
    with pytest.raises(InputError, match="far from"):
        check_given(FxTable(day, {"USD": (Decimal("1.2"), day)}, given=given_rates(["EUR=108"])))
