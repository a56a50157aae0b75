"""Two runs side by side: totals, the order of segments, and which rule changed where."""

from dataclasses import replace

from offing.policy.comparison import SegmentFigures, compare, rule_changes
from offing.rules.reform import Reform
from offing.rules.rule_use import RuleUse

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
