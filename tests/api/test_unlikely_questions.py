"""Figures of a question at which a careful person would stop, and their twins."""

from pathlib import Path

import pytest

from cautions import keyed
from offing.api.whatif import WhatifRequest, _doubts
from offing.cli.app import run
from offing.report.words import caution_text
from offing.rules.reform import read_reform
from offing.terms.caution import Caution
from offing.terms.messages import Language, speaking

REFORM = """
[reform]
name = "dearer"
[[rate]]
id = "eu.duty.{kind}"
value = "{duty}"
"""


@pytest.mark.parametrize(
    ("duty", "elasticity", "keys"),
    [
        ("700%", None, ["policy.warn_duty"]),
        ("25%", None, []),
        ("25%", 0.5, ["policy.warn_elasticity"]),
        ("25%", 400.0, ["policy.warn_elasticity"]),
        ("25%", 2.5, []),
    ],
)
def test_a_what_if_asks_about_its_figures(
    tmp_path: Path, duty: str, elasticity: float | None, keys: list[str]
) -> None:
    file = tmp_path / "reform.toml"
    file.write_text(REFORM.format(kind="85287240", duty=duty), encoding="utf-8")
    found = list(_doubts(WhatifRequest("study.toml", elasticity=elasticity), read_reform(file)))
    assert [key for key, _ in keyed(found)] == keys
    words: dict[Language, str] = {"en": "check", "zh": "请核对"}
    for lang, word in words.items():
        with speaking(lang):
            assert all(word in caution_text(Caution(key, values)) for key, values in keyed(found))


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ({"elasticity": 4.0, "elasticity_se": 1.0}, []),
        ({"elasticity": 4.0, "elasticity_se": 40.0}, ["policy.warn_elasticity_se"]),
        ({"demand": -150.0}, ["policy.warn_outside"]),
        ({"supply": 0.01}, ["policy.warn_outside"]),
    ],
)
def test_a_what_if_asks_about_elasticities(given: dict[str, float], keys: list[str]) -> None:
    found = list(_doubts(WhatifRequest("study.toml", **given), None))  # type: ignore[arg-type]
    assert [key for key, _ in keyed(found)] == keys
    assert all("{" not in caution_text(Caution(key, values)) for key, values in keyed(found))


@pytest.mark.parametrize("name", ["--refund-cny", "--not-deductible-cny"])
@pytest.mark.parametrize(("value", "code"), [("-5", 2), ("0", 0)])
def test_a_tax_of_one_unit_below_nought_is_refused(
    name: str, value: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["quote", "85287240", "DEU", "--price", "500", "--cost", "400", "--on", "2026-10-30"]
    assert run([*asked, name, value]) == code
    assert ("negative" in capsys.readouterr().err) == (code == 2)
