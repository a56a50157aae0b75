"""A study under stress: shocks alone, together, and the smallest that undoes the plan."""

from collections.abc import Sequence
from dataclasses import replace

from offing.policy.comparison import Comparison
from offing.policy.effects import Effects
from offing.policy.shock_file import Shock
from offing.policy.stress import JOINT, Reverse, Stress, StressRow
from offing.study.effects import Assumed
from offing.study.kept import earned, offers_in
from offing.study.run import Outcome
from offing.study.shocked import bought, reform_of_shocks, shocked_segments, terms_of
from offing.study.whatif import Scenario, made_anew, shaken
from offing.study.world import World
from offing.terms.messages import say
from offing.terms.progress import tell

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
    reform = reform_of_shocks(world, shocks, "; ".join(names), "；".join(chinese))
    return Scenario(
        reform,
        terms_of(shocks),
        lambda before, laws, after: shocked_segments(before, laws, after, reform, shocks, assumed)[
            0
        ],
    )


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
    rows = []
    for number, shock in enumerate(shocks):
        tell(say("policy.doing_stress"), 0.9 * number / len(shocks))
        if len(shocks) == 1:
            effects = comparison.effects
        else:
            _, effects = made_anew(before, under_shocks(before.world, [shock], assumed))
        rows.append(_row(shock, effects, _measured(before, shock)))
    if len(shocks) > 1:
        rows.append(_joint(comparison.effects))
    found: tuple[Reverse, ...] = ()
    if reverse:
        groups = [(shock.key, [shock]) for shock in shocks]
        groups += [(JOINT, list(shocks))] if len(shocks) > 1 else []
        found = tuple(_reverse(before, key, group, assumed) for key, group in groups)
    return replace(comparison, stress=Stress(tuple(rows), found))


def _row(shock: Shock, effects: Effects | None, measured: int) -> StressRow:
    about = shock.file.shock
    assert effects is not None, "a shock has effects"
    assert effects.plan is not None, "and they are put to the plan"
    return StressRow(
        shock.key,
        about.name,
        about.name_zh,
        about.since,
        about.until,
        about.source,
        about.status,
        effects.plan,
        measured,
    )


def _joint(effects: Effects | None) -> StressRow:
    assert effects is not None, "shocks have effects"
    assert effects.plan is not None, "and they are put to the plan"
    return StressRow(JOINT, "", None, None, None, "", "", effects.plan)


def _measured(before: Outcome, shock: Shock) -> int:
    return bought(before, shock, 1)[1] if shock.file.imports else 0


def _reverse(before: Outcome, key: str, shocks: Sequence[Shock], assumed: Assumed) -> Reverse:
    """The smallest size at which the plan, kept, earns nothing any more."""
    kept = before.planned
    gain = float(earned(kept).mean())
    few = replace(assumed, draws=min(assumed.draws, 40))

    def left(size: float) -> float:
        sized = [shock.sized(size) for shock in shocks]
        after = shaken(before, under_shocks(before.world, sized, few))
        offers = offers_in(after.world, after.moved(after.draws))
        return float(earned(kept, offers).mean())

    if gain <= 0:
        return Reverse(key, None, 0.0, gain, gain)
    high = LARGEST
    at_most = left(high)
    if at_most > 0:
        return Reverse(key, None, high, gain, at_most)
    low = 0.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if left(middle) > 0 else (low, middle)
    what = tuple(part for shock in shocks for part in shock.sized(high).what())
    return Reverse(key, high, LARGEST, gain, at_most, what)
