"""What shocks do to a plan: each alone, all together, and what would have to be true to undo it."""

from collections.abc import Callable, Iterator

from offing.policy.comparison import JOINT, ReverseStress, Stress, StressRow
from offing.report import words
from offing.report.blocks import Block, Cell, Text, missing_cell, table_of, text
from offing.report.decision import CNY
from offing.report.views.effects import mean_with_ends, told_forgone
from offing.terms.messages import language, say
from offing.terms.money import stake_of
from offing.terms.numbers import NOTHING, fixed_decimals, money, money_column, moneys


def sentences(stress: Stress, dollar: float) -> Iterator[str]:
    """The shock that costs most, then all together, and those of which nothing is known; ``dollar``
    is CNY for one.
    """
    alone = [row for row in stress.rows if row.key != JOINT]
    known = [(row.plan.old.mean, row) for row in alone if row.plan is not None]
    if known:
        worst = min(known, key=lambda pair: pair[0])[1]
        yield _earns(worst, "worst" if len(alone) < len(stress.rows) else "one", len(alone), dollar)
    for row in stress.rows:
        if row.plan is None:
            yield say("policy.effect_missing", name=_name(row), usd=money(stake_of(row.missing)))
        elif row.key == JOINT:
            yield _earns(row, "all", len(alone), dollar)


def _earns(row: StressRow, which: str, count: int, dollar: float) -> str:
    """What a shock does to a plan, and for which part of the sales that holds."""
    assert row.plan is not None, "it is known"
    told = [dollar * side.mean for side in (row.plan.old, row.plan.new)]
    old, new = map(moneys(told, CNY), told)
    said = say(f"policy.stress_{which}", name=_name(row), count=count, old=old, new=new)
    return words.known_part(said, row.known_share)


def blocks(stress: Stress, dollar: float) -> Iterator[Block]:
    """Every shock with what it does to the plan, the reverse, and where the sizes come from.

    Args:
        stress: the stress.
        dollar: CNY for one, today: the firm counts in its own currency.
    """
    plans = [row.plan for row in stress.rows if row.plan is not None]
    spreads = [side for plan in plans for side in (plan.old, plan.new, plan.saved)]
    told = [dollar * x for side in spreads for x in (side.mean, side.low, side.high)]
    column = money_column(told, CNY)

    def cell(usd: float) -> str:
        return column.cell(dollar * usd)

    def side(name: str) -> Callable[[StressRow], Cell | str]:
        return lambda row: (
            missing_cell() if row.plan is None else mean_with_ends(getattr(row.plan, name), cell)
        )

    idle = all(row.gain <= row.floor for row in stress.reverse)
    if idle and not any(told) and not stress.missing:
        yield Text((say("policy.stress_nothing"),))
        return
    yield table_of(
        "stress",
        say("policy.stress_table", unit=column.unit),
        stress.rows,
        (text("policy.column_shock"), _name),
        (text("policy.column_when"), _when),
        *((say(f"policy.column_{name}"), side(name)) for name in ("old", "new", "saved")),
    )
    yield from _beside(stress, dollar)
    yield Text(tuple(_source(row) for row in stress.rows if row.source), "list")


def _beside(stress: Stress, dollar: float) -> Iterator[Block]:
    """Plans better kept, and what would have to be true to undo one."""
    if forgone := [_name(row) for row in stress.rows if row.plan and told_forgone(row.plan)]:
        yield Text((say("policy.stress_kept", names=words.join_words(forgone)),), "note")
    if stress.reverse:
        names = {row.key: _name(row) for row in stress.rows}
        yield Text((say("policy.reverse_heading"),))
        yield Text(
            tuple(_reverse_stress_text(row, names[row.key], dollar) for row in stress.reverse),
            "list",
        )


def _name(row: StressRow) -> str:
    if row.key == JOINT:
        return say("policy.stress_joint")
    return row.name_zh if language() == "zh" and row.name_zh else row.name


def _when(row: StressRow) -> str:
    if row.since is None:
        return NOTHING
    return f"{row.since} – {row.until or ''}".rstrip(" –") if row.until else str(row.since)


def _source(row: StressRow) -> str:
    source = say(
        "policy.stress_source",
        name=_name(row),
        key=row.key,
        source=row.source_zh if language() == "zh" and row.source_zh else row.source,
        status=_status(row.status),
    )
    if not row.measured:
        return source
    return f"{source} {say('policy.stress_measured', count=row.measured)}"


def _status(name: str) -> str:
    return say("policy.status_hypothetical") if name == "hypothetical" else words.status(name)


def _reverse_stress_text(row: ReverseStress, name: str, dollar: float) -> str:
    """The size that undoes the plan, or what is left of it at the largest size tried."""
    if row.left is None:
        return say("policy.reverse_missing", name=name)
    gain, earned, floor = (dollar * usd for usd in (row.gain, row.left, row.floor))
    amount = moneys([gain, earned, floor], CNY)
    values = {"name": name, "gain": amount(gain), "left": amount(earned), "floor": amount(floor)}
    if row.size is not None:
        what = words.join_words(words.caution_text(one) for one in row.what)
        key = "reverse_floor" if row.floor else "reverse"
        return say(f"policy.{key}", size=fixed_decimals(row.size, 2), what=what, **values)
    key = "reverse_never" if row.gain > row.floor else "reverse_no_gain"
    return say(f"policy.{key}", tried=fixed_decimals(row.tried, 0), **values)
