"""What shocks do to a plan: each alone, all together, and what would have to be true to undo it."""

from collections.abc import Iterator, Mapping

from offing.policy.stress import JOINT, Reverse, Stress, StressRow
from offing.report import words
from offing.report.blocks import Block, Section, Text, table_of, text
from offing.report.in_yuan import CNY
from offing.report.sections.effects import between, told_forgone
from offing.study.result import StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import NOTHING, fixed, money_column, moneys, percent

UNTOUCHED = 1e-6
"""Of the margin: what a shock that touches nothing leaves is off by less."""


def section(result: StudyResult) -> Section | None:
    """The study's ``[stress]``; ``None`` for a study without one."""
    if result.stress is None:
        return None
    dollar = result.decided.cny_per_usd
    lead = Text(tuple(sentences(result.stress, dollar)))
    heading, short = say("policy.stress_heading"), say("policy.stress_short")
    return Section("stress", heading, short, (lead, *blocks(result.stress, dollar)))


def sentences(made: Stress, dollar: float) -> Iterator[str]:
    """The shock that costs most, then all together; ``dollar`` is CNY for one."""
    alone = [row for row in made.rows if row.key != JOINT]
    worst = min(alone, key=lambda row: row.plan.old.mean)
    joint = next((row for row in made.rows if row.key == JOINT), None)
    for key, row in (("worst", worst), ("all", joint)):
        if row is None:
            continue
        plan = row.plan
        told = [dollar * side.mean for side in (plan.old, plan.new)]
        old, new = map(moneys(told, CNY), told)
        which = "one" if key == "worst" and joint is None else key
        yield say(f"policy.stress_{which}", name=_name(row), count=len(alone), old=old, new=new)


def blocks(made: Stress, dollar: float) -> Iterator[Block]:
    """Every shock with what it does to the plan, the reverse, and where the sizes come from.

    Args:
        made: the stress.
        dollar: CNY for one, today: the firm counts in its own currency.
    """
    plans = [row.plan for row in made.rows]
    spreads = [side for plan in plans for side in (plan.old, plan.new, plan.saved)]
    told = [dollar * x for side in spreads for x in (side.mean, side.low, side.high)]
    column = money_column(told, CNY)

    def cell(usd: float) -> str:
        return column.cell(dollar * usd)

    if not any(told) and all(one.gain <= one.floor for one in made.reverse):
        yield Text((say("policy.stress_nothing"),))
        return
    yield table_of(
        "stress",
        say("policy.stress_table", unit=column.unit),
        made.rows,
        (text("policy.column_shock"), _name),
        (text("policy.column_when"), _when),
        (say("policy.column_old"), lambda row: between(row.plan.old, cell)),
        (say("policy.column_new"), lambda row: between(row.plan.new, cell)),
        (say("policy.column_saved"), lambda row: between(row.plan.saved, cell)),
    )
    if kept := [_name(row) for row in made.rows if told_forgone(row.plan)]:
        yield Text((say("policy.stress_kept", names=words.listed(kept)),), "note")
    if settled := tuple(filter(None, map(_settled, made.rows))):
        yield Text((say("policy.stress_settling"),))
        yield Text(settled, "list")
    if made.reverse:
        names = {row.key: _name(row) for row in made.rows}
        yield Text((say("policy.reverse_heading"),))
        yield Text(tuple(_reversed(one, names[one.key], dollar) for one in made.reverse), "list")
    yield Text(tuple(_source(row) for row in made.rows if row.source), "list")


def _settled(row: StressRow) -> str | None:
    """What the shock takes or gives in settling the receivables, which is no part of the margin."""
    if row.settling is None:
        return None
    before, after = (percent(rate, 2) for rate in row.settling)
    if before == after:
        return None
    return say("policy.stress_settled", name=_name(row), before=before, after=after)


def _name(row: StressRow) -> str:
    if row.key == JOINT:
        return say("policy.stress_joint")
    return row.name_zh if language() == "zh" and row.name_zh else row.name


def _when(row: StressRow) -> str:
    if row.since is None:
        return NOTHING
    return f"{row.since} – {row.until or ''}".rstrip(" –") if row.until else str(row.since)


def _source(row: StressRow) -> str:
    said = say(
        "policy.stress_source",
        name=_name(row),
        key=row.key,
        source=row.source_zh if language() == "zh" and row.source_zh else row.source,
        status=_status(row.status),
    )
    if not row.measured:
        return said
    return f"{said} {say('policy.stress_measured', count=row.measured)}"


def _status(name: str) -> str:
    return say("policy.status_hypothetical") if name == "hypothetical" else words.status(name)


def _reversed(one: Reverse, name: str, dollar: float) -> str:
    """The size that undoes the plan, or what is left of it at the largest size tried."""
    gain, left, floor = (dollar * usd for usd in (one.gain, one.left, one.floor))
    amount = moneys([gain, left, floor], CNY)
    said = {"name": name, "gain": amount(gain), "left": amount(left), "floor": amount(floor)}
    if one.size is not None:
        what = words.listed(_part(key, values) for key, values in one.what)
        key = "reverse_floor" if one.floor else "reverse"
        return say(f"policy.{key}", size=fixed(one.size, 2), what=what, **said)
    key = "reverse_never" if one.gain > one.floor else "reverse_no_gain"
    if one.gain > one.floor and one.left >= one.gain * (1 - UNTOUCHED):
        key = "reverse_untouched" if one.left <= one.gain * (1 + UNTOUCHED) else "reverse_gains"
    return say(f"policy.{key}", tried=fixed(one.tried, 0), **said)


def _part(key: str, values: Mapping[str, str]) -> str:
    """One thing of a shock, its importer by name."""
    named = {"importer": country_name(values["importer"])} if "importer" in values else {}
    return say(key, **{**values, **named})
