"""What stands below a table of markets: the record of the ranking, and of what it is."""

import pytest

import offing
from offing.report.blocks import Text
from offing.report.views.markets import view
from offing.terms.messages import speaking


@pytest.mark.parametrize("tiers", [False, True])
def test_the_record_of_tiers_is_said_to_be_of_whole_markets(tiers: bool) -> None:
    answer = offing.markets("8528", "CHN", as_of=2022, horizon=1, tiers=tiers)
    with speaking("en"):
        texts = [block for block in view(answer) if isinstance(block, Text)]
    lines = [line for text in texts for line in text.sentences]
    assert "looking one year ahead" in lines[0]
    assert any("one year on" in line for line in lines)
    assert any("record of whole markets" in line for line in lines) is tiers
