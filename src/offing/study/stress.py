"""A study under stress: shocks alone, together, and the smallest that undoes the plan."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from offing.policy.comparison import JOINT, Comparison, ReverseStress, Stress, StressRow
from offing.policy.effects import TradeEffects
from offing.policy.shock_file import Shock
from offing.study.effects import Assumed
from offing.study.kept import earned, offers_in
from offing.study.run import Outcome
from offing.study.shocked import bought, reform_of_shocks, shocked_segments, terms_of
from offing.study.solved import dollar_of
from offing.study.unknown import ABOUT, caution, sales_of_plan
from offing.study.whatif import Scenario, replanned, shaken
from offing.study.world import World
from offing.terms.messages import say, speaking
from offing.terms.missing import known_share
from offing.terms.progress import stretch, told_of

LARGEST = 10.0
"""Times the shock's own size, up to which the reverse is looked for."""
STEPS = 12
"""Halvings: the size is known to LARGEST / 2^12."""


def under_shocks(world: World, shocks: Sequence[Shock], assumed: Assumed) -> Scenario:
    """Several shocks at once, as a scenario.

    Raises:
        InputError: ``policy.shock_in_past``.
    """
    for shock in shocks:
        shock.check(world.study.on)
    names = [shock.file.shock.name for shock in shocks]
    chinese = [shock.file.shock.name_zh or shock.file.shock.name for shock in shocks]
    reform = reform_of_shocks(world, shocks, *_title(names, chinese))
    return Scenario(
        reform,
        terms_of(shocks),
        lambda before, laws, after: shocked_segments(before, laws, after, reform, shocks, assumed)[
            0
        ],
    )


NAMED = 3
"""Shocks that a title names before it counts them."""


def _title(names: Sequence[str], chinese: Sequence[str]) -> tuple[str, str]:
    """The names of several shocks in English and Chinese, or how many they are."""
    if len(names) <= NAMED:
        return "; ".join(names), "；".join(chinese)
    titles = []
    for lang in ("en", "zh"):
        with speaking(lang):
            titles.append(say("policy.shocks_together", count=len(names)))
    return titles[0], titles[1]


def stressed(
    before: Outcome,
    comparison: Comparison,
    shocks: Sequence[Shock],
    assumed: Assumed,
    *,
    reverse: bool,
) -> Comparison:
    """A comparison of all shocks together, with each alone and the reverse.

    Args:
        before: the study under today's rules.
        comparison: under all shocks.
        shocks: that were asked for.
        assumed: elasticities and draws.
        reverse: whether the smallest shock that undoes the plan is looked for.
    """
    floor = 0.0 if reverse else None
    stress = _stress(before, shocks, assumed, comparison.effects, floor)
    return replace(comparison, stress=stress)


def with_stress(before: Outcome) -> Outcome:
    """A finished run with what the shocks of its ``[stress]`` do to its plan.

    Args:
        before: the study under today's rules.
    """
    world, settings = before.world, before.world.study.stress
    if settings is None:
        return before
    assumed = Assumed(draws=settings.draws, seed=world.study.seed)
    per_usd = before.planned.decided.cny_per_usd
    with stretch(0.9, 1.0):
        joint = replanned(before, under_shocks(world, world.shocks, assumed))
        floor = float(settings.floor_cny) / per_usd if settings.reverse else None
        stress = _stress(before, world.shocks, assumed, joint, floor)
    said = caution(ABOUT[2], stress.missing, before.planned.plan)
    warnings = (*before.result.warnings, *said)
    return replace(before, result=replace(before.result, stress=stress, warnings=warnings))


def _stress(
    before: Outcome,
    shocks: Sequence[Shock],
    assumed: Assumed,
    joint: TradeEffects | None,
    floor: float | None,
) -> Stress:
    """Each shock alone, all together, and down to ``floor`` USD a year the reverse."""
    rows = []
    alone = len(shocks) == 1
    with stretch(0.0, 0.5):
        for shock in told_of(shocks, say("policy.doing_stress")):
            by_itself = under_shocks(before.world, [shock], assumed)
            effects = joint if alone else replanned(before, by_itself)
            rows.append(_row(before, shock, effects))
    groups = [[shock] for shock in shocks]
    if not alone:
        rows.append(_joint(before, joint))
        groups.append(list(shocks))
    if floor is None:
        return Stress(tuple(rows))
    with stretch(0.5, 1.0):
        reverses = [
            _reverse(before, row, group, assumed, floor)
            for row, group in told_of([*zip(rows, groups, strict=True)], say("policy.doing_stress"))
        ]
    return Stress(tuple(rows), tuple(reverses))


def _row(before: Outcome, shock: Shock, effects: TradeEffects | None) -> StressRow:
    about = shock.file.shock
    assert effects is not None, "a shock has effects"
    return StressRow(
        shock.key,
        about.name,
        about.name_zh,
        about.since,
        about.until,
        about.source,
        about.status,
        effects.plan,
        _measured(before, shock),
        about.source_zh,
        effects.settling,
        **_lacking(before, effects),
    )


def _lacking(before: Outcome, effects: TradeEffects) -> dict[str, Any]:
    """What is missing of a shock where the firm sells or plans to, and the share that is not."""
    missing = tuple(each for each in effects.missing if each.at_stake.amount)
    return {
        "missing": missing,
        "known_share": known_share(missing, sales_of_plan(before.planned.plan)),
    }


def _joint(before: Outcome, effects: TradeEffects | None) -> StressRow:
    assert effects is not None, "shocks have effects"
    nothing = None, None, None, "", ""
    lacking = _lacking(before, effects)
    return StressRow(JOINT, "", *nothing, effects.plan, 0, settling=effects.settling, **lacking)


def _measured(before: Outcome, shock: Shock) -> int:
    return bought(before, shock, 1)[1] if shock.file.imports else 0


def _reverse(
    before: Outcome, row: StressRow, shocks: Sequence[Shock], assumed: Assumed, floor: float
) -> ReverseStress:
    """The smallest size at which the plan, kept, earns no more than ``floor`` USD a year.

    Yuan are dollars at today's rate here: a floor is a sum of yuan. What is missing of the shock
    is in no sum.
    """
    plan, key = before.planned, row.key
    gone = {(each.values["product"], each.values["market"]) for each in row.missing}
    dollar = dollar_of(plan.rates)
    gain = float(earned(plan, without=gone).mean()) / dollar
    few = replace(assumed, draws=min(assumed.draws, 40))

    def earnings(size: float) -> float:
        sized = [shock.sized(size) for shock in shocks]
        after = shaken(before, under_shocks(before.world, sized, few))
        offers = offers_in(after.world, after.moved)
        return float(earned(plan, offers, gone).mean()) / dollar

    if row.plan is None:
        return ReverseStress(key, None, 0.0, gain, None, floor)
    if gain <= floor:
        return ReverseStress(key, None, 0.0, gain, gain, floor)
    high = LARGEST
    at_most = earnings(high)
    if at_most > floor:
        return ReverseStress(key, None, high, gain, at_most, floor)
    low = 0.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if earnings(middle) > floor else (low, middle)
    what = tuple(clause for shock in shocks for clause in shock.sized(high).what())
    return ReverseStress(key, high, LARGEST, gain, at_most, floor, what)
