"""Figures of a question at which a careful person would stop, and their twins."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cautions import keyed
from offing.api.run import _of_own_reform
from offing.api.whatif import WhatifRequest, _doubts
from offing.cli.app import run
from offing.policy.overlay import doubtful
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
        ({"demand": -1.5}, []),
        ({"demand": -150.0}, ["policy.warn_outside"]),
        ({"supply": 1.5}, []),
        ({"supply": 0.01}, ["policy.warn_outside"]),
    ],
)
def test_a_what_if_asks_about_elasticities(given: dict[str, float], keys: list[str]) -> None:
    found = list(_doubts(WhatifRequest("study.toml", **given), None))  # type: ignore[arg-type]
    assert [key for key, _ in keyed(found)] == keys
    assert all("{" not in caution_text(Caution(key, values)) for key, values in keyed(found))


@pytest.mark.parametrize(
    ("reform", "unused", "keys"),
    [
        (REFORM.format(kind="85287240", duty="25%"), (), []),
        (REFORM.format(kind="85287240", duty="25%"), ("eu.duty.8",), ["policy.unused"]),
        (REFORM.format(kind="85287240", duty="700%"), (), ["policy.warn_duty"]),
    ],
)
def test_a_run_asks_about_the_studys_own_reform(
    tmp_path: Path, reform: str, unused: tuple[str, ...], keys: list[str]
) -> None:
    file = tmp_path / "reform.toml"
    file.write_text(reform, encoding="utf-8")
    made = SimpleNamespace(unused=unused, uncosted=())
    result: Any = SimpleNamespace(what_if=made)
    assert [key for key, _ in keyed(_of_own_reform(result, read_reform(file)))] == keys
    assert list(_of_own_reform(result, None)) == []


@pytest.mark.parametrize(
    ("part", "key"),
    [
        ('[[exchange]]\ncurrency = "USD"\nchange = "97%"', "policy.warn_exchange"),
        ('[[rate]]\nid = "eur.mfn.85287240"\nvalue = "1000%"', "policy.warn_duty"),
        ('[[exchange]]\ncurrency = "USD"\nchange = "-30%"', None),
        ('[[rate]]\nid = "eur.mfn.85287240"\nvalue = "12%"', None),
    ],
)
def test_every_question_asks_about_a_reforms_figures(
    part: str, key: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A quote as a what-if does."""
    file = tmp_path / "reform.toml"
    file.write_text(f'[reform]\nname = "x"\n\n{part}\n', encoding="utf-8")
    assert [found for found, _ in keyed(doubtful([read_reform(file)]))] == ([key] if key else [])
    shipment = "quote 852872 DEU --on 2024-12-31 --price 560USD --term FOB --cost 3150CNY"
    words = [*shipment.split(), "--quantity", "300", "--code", "85287240", "--reform", str(file)]
    assert run([*words, "--lang", "en"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert ("check the percent sign" in said) is bool(key)


@pytest.mark.parametrize("name", ["--refund-cny", "--not-deductible-cny"])
@pytest.mark.parametrize(("value", "code"), [("-5", 2), ("0", 0)])
def test_a_tax_of_one_unit_below_nought_is_refused(
    name: str, value: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["quote", "85287240", "DEU", "--price", "500", "--cost", "400", "--on", "2026-10-30"]
    assert run([*asked, name, value]) == code
    assert ("negative" in capsys.readouterr().err) == (code == 2)
