"""The picture of a ladder: what is a share says of what, and stands by no price."""

import re

import pytest

from offing.report.charts.ladder import draw
from offing.terms.messages import Language, say, speaking
from report_example import example


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_shares_of_tiers_stand_by_the_strip_and_not_beside_prices(lang: Language) -> None:
    """ "High 47%" beside an axis of prices was read as 47 % dearer."""
    market = next(m for m in example().products[0].markets if m.ladder)
    ladder = market.ladder
    assert ladder is not None
    with speaking(lang):
        svg = draw("ladder", ladder, market.place, "CHN")
        texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
        names = [say(f"ladder.tier_{tier.name}") for tier in ladder.tiers]
        (strip,) = (text for text in texts if all(name in text for name in names))
        assert all(name in texts for name in names)
        for tier, name in zip(ladder.tiers, names, strict=True):
            assert f"{name} {100 * tier.share:.0f}%" in strip
        assert not [text for text in texts if re.fullmatch(r"[\d.]+%", text) and text not in AXIS]


AXIS = ("0%", "50%", "100%")
