"""A charge whose rate stands by codes in the rule file: its lines, and codes above them."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cautions import keyed
from offing.cli.app import run
from offing.landed.duties import listed_below
from offing.rules.regime_file import LineKeys, shipped
from offing.rules.rulebook import Charge, Regime, TariffLine
from offing.rules.tariff import Lines, NationalLine, lines_below, national, near_lines
from offing.terms.errors import InputError, Where
from offing.terms.interval import Interval
from offing.terms.messages import say


class Loaded(Lines):
    """A tariff of these lines."""

    def __init__(self, *lines: NationalLine) -> None:
        self.lines = lines

    def of(self, code: str, origin: str, on: date | None) -> list[NationalLine]:
        return [line for line in self.lines if code.startswith(line.code)]


def loaded(code: str, regime: str) -> NationalLine:
    return NationalLine("TUR", code, regime, "3%", None, ALWAYS, "a tariff", None)


def found(tariff: Lines, code: str) -> list[str]:
    near = near_lines(tariff, REGIME, code, "CHN", DAY)
    return sorted(f"{line.regime} {line.code} {line.text}" for line in near)


DAY = date(2026, 6, 1)
ALWAYS = Interval(None, None)


def written(*codes: str, regime: str = "levy", duty: str = "15%") -> TariffLine:
    return TariffLine(
        id="x", when=ALWAYS, source="a page", status="secondary", codes=codes, regime=regime,
        duty=duty, origins=(),
    )  # fmt: skip


LEVY = Charge(
    id="x", when=ALWAYS, source="a page", status="secondary", name="otv", stage="tax",
    base=("goods",), tariff="levy", only_listed=True,
)  # fmt: skip
REGIME = Regime(
    "TUR", ("TUR",), "TRY", (LEVY,), (), (), Where(Path("tur.toml")),
    lines=(written("8418", "845011"), written("76061130", "76061150", duty="7%"),
           written("8418", regime="mfn", duty="2%")),
)  # fmt: skip


def test_a_code_above_listed_ones_is_told_and_those_below_are_not() -> None:
    below = lines_below(REGIME, "levy", "760611", "CHN", DAY)
    assert [line.code for line in below] == ["76061130", "76061150"]
    assert lines_below(REGIME, "levy", "8418", "CHN", DAY) == []
    [(key, named)] = keyed(listed_below(REGIME, LEVY, "760611", "CHN", DAY))
    assert key == "landed.warn_listed_below"
    assert (named["code"], named["duties"], named["example"]) == ("760611", "7%", "76061130")
    assert named["charge"] == say("landed.line_otv")
    for code in ("76061130", "760612", "852872"):
        assert listed_below(REGIME, LEVY, code, "CHN", DAY) == []


def test_a_line_has_a_code_or_codes() -> None:
    more: dict[str, Any] = {"duty": "5%", "source": "a page"}
    assert LineKeys(codes=("8418", "845011110000"), **more).codes == ("8418", "845011110000")
    for wrong in ({}, {"code": "8418", "codes": ["8418"]}, {"code": "84181011001"}):
        with pytest.raises(ValueError, match=r"code"):
            LineKeys(**wrong, **more)


def test_the_annex_of_turkiye_has_each_code_once() -> None:
    """No code of the additional duty stands at two rates, or below another at its own rate."""
    lines = [line for line in shipped().regime("TUR").lines if line.regime == "igv"]
    rates = {code: line.duty for line in lines for code in line.codes}
    assert len(rates) == sum(len(line.codes) for line in lines)
    for code, duty in rates.items():
        above = [code[:n] for n in range(4, len(code)) if code[:n] in rates]
        assert not above, (code, duty, above)


def test_a_list_keeps_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    """What was read second hand had been told as official."""
    assert run(["rules", "IND", "--on", "2026-06-01", "--code", "070320", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    rules = [each["rule"] for each in told["rules"]["rules"]]
    status = {rule["id"]: rule["status"] for rule in rules}
    assert status["ind.list.igst_read"] == "secondary"


def test_a_loaded_tariff_does_not_take_a_listed_rate_away() -> None:
    assert found(Loaded(), "841810") == ["levy 8418 15%", "mfn 8418 2%"]
    assert found(Loaded(loaded("841810", "mfn")), "841810") == ["levy 8418 15%", "mfn 841810 3%"]
    both = Loaded(loaded("841810", "mfn"), loaded("841810", "levy"))
    assert found(both, "841810") == ["levy 841810 3%", "mfn 841810 3%"]


def test_codes_of_twelve_digits_are_turkiyes() -> None:
    assert national("3926.90.97.90.10") == "392690979010"
    for wrong in ("39269097901", "3926909790101"):
        with pytest.raises(InputError, match=wrong):
            national(wrong)


@pytest.mark.parametrize(
    ("country", "code", "words"),
    [
        ("ZAF", "870323", "landed.caution_excised"),
        ("VNM", "870323", "landed.caution_excised"),
        ("BRA", "640299", "landed.caution_bra_cofins"),
    ],
)
def test_rules_of_a_code_tell_what_a_quote_cautions(
    country: str, code: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They told only of lists that a charge names: an excise beside the figures was not told."""
    assert run(["rules", country, "--on", "2026-06-01", "--code", code, "--json"]) == 0
    assert words in capsys.readouterr().out
    assert run(["rules", country, "--on", "2026-06-01", "--code", "482010", "--json"]) == 0
    assert words not in capsys.readouterr().out
