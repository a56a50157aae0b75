"""Two runs side by side, and what a reform changes of one segment, by hand."""

from dataclasses import replace

import pytest

from offing.policy.comparison import SegmentFigures, compare, rule_changes
from offing.rules.reform import Reform
from offing.rules.rule_use import RuleUse
from offing.terms.money import Missing, dollars, known_share

DEU, USA = ("8528", "DEU"), ("8528", "USA")
ONE = SegmentFigures(500.0, 700.0, 70.0, 40.0, 0.2, 5e6, 1e6, 1e4)
TWO = SegmentFigures(480.0, None, None, 40.0, 0.1, 2e6, 2e5, 4e3)
VAT = RuleUse("eur.vat.deu", "0.19", None, None, "the act", "official", "share")
LOWER = replace(VAT, value="0.16", source="reform", status="user")
DUTY = RuleUse("eur.mfn.8528", "14%", None, None, "the tariff", "official")


def test_totals_and_order() -> None:
    before, after = (
        {DEU: ONE, USA: TWO},
        {DEU: replace(ONE, margin=9e5), USA: replace(TWO, margin=0)},
    )
    made = compare(Reform("x"), before, after, {}, {})
    assert made.before.margin == 1.2e6
    assert made.after.margin == 9e5
    assert made.before.refund == 40 * 1.4e4
    assert made.before.duty == 70 * 1e4  # a market without a quote adds none
    assert [each.market for each in made.segments] == ["USA", "DEU"]
    assert len(made.changed) == 2


def test_a_rule_changes_starts_or_ends_where_it_is_used() -> None:
    before = {DEU: (VAT, DUTY), USA: (VAT,)}
    after = {DEU: (LOWER,), USA: (LOWER, DUTY)}
    found = {
        (rule.id, rule.before, rule.after): rule.used_by for rule in rule_changes(before, after)
    }
    assert found == {
        ("eur.vat.deu", VAT, LOWER): (DEU, USA),
        ("eur.mfn.8528", DUTY, None): (DEU,),
        ("eur.mfn.8528", None, DUTY): (USA,),
    }


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
