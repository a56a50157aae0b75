"""Two runs side by side, and what a reform changes of one segment, by hand."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from offing.policy.comparison import SegmentFigures, compare, rule_changes
from offing.policy.effects import armington, gsim, smart
from offing.policy.equilibrium import one_sector, with_revenue
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


BILLIONTH = 1e-9
RNG = np.random.default_rng(7)
TRADE = RNG.lognormal(0, 1, (4, 4)) * (20 + 300 * np.eye(4))
IMPORTS = np.array([60.0, 0.0, 30.0, 10.0])
BEFORE, AFTER = np.array([0.1, 0.0, 0.1, 0.0]), np.array([0.3, 0.0, 0.1, 0.1])


def test_one_sector() -> None:
    freeness = np.where(np.eye(4) == 1, 1.0, 0.8)
    large, small = (
        one_sector.solve(one_sector.World(tuple("ABCD"), trade), freeness, theta=5.0)
        for trade in (TRADE, TRADE * BILLIONTH)
    )
    assert small.welfare == pytest.approx(large.welfare)
    assert small.trade == pytest.approx(large.trade * BILLIONTH)


def test_a_market_and_the_world_market() -> None:
    large, small = (
        smart(IMPORTS * unit, BEFORE, AFTER, np.array([2.0, 30.0]), demand=-1.2)
        for unit in (1.0, BILLIONTH)
    )
    for found, of_large in zip(small, large, strict=True):
        assert found == pytest.approx(of_large * BILLIONTH)
    shares = [armington(IMPORTS * u, BEFORE, AFTER, np.array([3.0]), -1.0) for u in (1, BILLIONTH)]
    assert shares[1] == pytest.approx(shares[0])
    tariff = np.zeros((4, 4))
    tariff[0, 1] = 0.25
    solve = partial(gsim, before=np.zeros((4, 4)), after=tariff, demand=-1.2, substitution=4.0)
    whole, part = (solve(TRADE * unit, supply=1.5) for unit in (1.0, BILLIONTH))
    for one, other in zip(whole, part, strict=True):
        assert other == pytest.approx(one)


def test_tariffs_with_their_revenue() -> None:
    gdp = TRADE.sum(axis=0)
    border = TRADE * (1 - np.eye(4))
    made = [
        with_revenue.economy_of(tuple("ABCD"), border * unit, gdp * unit, home=0)
        for unit in (1.0, BILLIONTH)
    ]
    tariffs = np.zeros((4, 4))
    tariffs[1, 0] = 0.2
    large, small = (with_revenue.solve(economy, tariffs) for economy in made)
    assert small.welfare == pytest.approx(large.welfare)
