"""``offing indicators``, as a person runs it, against the functions and identities behind it."""

import json

import pytest

from offing.cli.app import run as offing
from offing.market.indicators.of_year import NAMES
from offing.terms.messages import has_message


@pytest.mark.parametrize("name", NAMES)
def test_every_indicator_can_be_asked_for(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert has_message(f"indicators.name_{name}")
    arguments = ["indicators", name.upper(), "--product", "8528", "--year", "2023", "--json"]
    assert offing(arguments) == 0
    made = json.loads(capsys.readouterr().out)["indicators"]
    (table,) = [value for value in made.values() if isinstance(value, list)]
    assert name in table[0]
