"""What a reform changes of one segment, by hand: one that begins, one that ends, one that stays."""

from dataclasses import replace

import pytest

from offing.policy.comparison import SegmentFigures, compare
from offing.rules.reform import Reform
from offing.terms.money import Missing, dollars, known_share


def test_what_is_missing_is_no_change_and_in_no_sum() -> None:
    """Germany is known, 10 → 7 of margin; of the 40 there in the US nothing is known after."""

    def figures(margin: float, duty: float | None) -> SegmentFigures:
        return SegmentFigures(100.0, None, duty, 5.0, 0.1, 10 * margin, margin, 2.0)

    why = Missing("study.several_tariff_lines", dollars(400.0), {"market": "USA"})
    before = {("TV", "DEU"): figures(10.0, 3.0), ("TV", "USA"): figures(40.0, None)}
    after = {
        ("TV", "DEU"): figures(7.0, 4.0),
        ("TV", "USA"): figures(40.0, None),
        ("TV", "CAN"): figures(9.0, None),
    }
    missing = {("TV", "USA"): why, ("TV", "CAN"): replace(why, at_stake=dollars(0.0))}
    made = compare(Reform("x"), before, after, {}, {}, missing=missing)
    assert (made.before.margin, made.after.margin) == (10.0, 7.0)
    assert (made.before.duty, made.after.duty) == (6.0, 8.0)
    germany, usa = made.segments
    assert (germany.margin, usa.margin, usa.after, usa.missing) == (-3.0, None, None, why)
    assert (made.changed, made.missing) == ((germany,), (why,))
    unknown = {("TV", "USA"): figures(40.0, None)}
    assert compare(Reform("x"), unknown, unknown, {}, {}).before.duty is None, "unknown is not 0"
    assert known_share(made.missing, 500.0) == pytest.approx(0.2)
    assert known_share(made.missing, 0.0) is None
