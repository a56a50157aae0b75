"""The tier in which a price stands, in words: the likeliest first."""

import pytest

from offing.ladders.ladder import PricePlace, Tier
from offing.report.views.ladder import tier_words


@pytest.mark.parametrize(
    ("tiers", "words"),
    [
        ({"low": 0.0, "medium": 0.03, "high": 0.97}, ("high", "0.97", "")),
        ({"low": 0.5, "medium": 0.3, "high": 0.2}, ("low", "0.50", "; medium 0.30; high 0.20")),
        ({"low": 0.02, "medium": 0.9, "high": 0.08}, ("medium", "0.90", "; high 0.08")),
    ],
)
def test_likeliest_tier_comes_first(tiers: dict[Tier, float], words: tuple[str, str, str]) -> None:
    said = tier_words(PricePlace(1.0, 0.5, 0.4, 0.6, tiers, 5, ()))
    assert (said["tier"], said["share"], said["others"]) == words
