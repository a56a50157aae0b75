"""What a reform or a shock does to demand and to the plan, with intervals."""

from collections.abc import Callable, Iterator
from functools import partial
from math import isclose

from offing.api.world_tables import code_of
from offing.policy.comparison import JOINT, ReverseStress, Stress, StressRow
from offing.policy.effects import (
    EffectRange,
    MarketChange,
    PlanEffects,
    SegmentEffect,
    TradeEffects,
    WorldModel,
)
from offing.report import words
from offing.report.blocks import (
    Block,
    Cell,
    Detail,
    Heading,
    Shown,
    Table,
    Text,
    cautions,
    missing_cell,
    table_of,
    text,
    texts_of,
)
from offing.report.decision import CNY
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.money import stake_of
from offing.terms.numbers import (
    NOTHING,
    change,
    difference,
    fixed_decimals,
    money,
    money_column,
    moneys,
    percent,
    range_text,
    signed_money,
    span_text,
    value_or_dash,
)

SHOWN = 12
"""Segments, those that change most first; ``result.json`` has all."""
LEAST_FORGONE = 0.01
"""Of what the kept plan loses: less is rounding."""


def blocks(effects: TradeEffects, dollar: float, detail: Detail) -> Iterator[Block]:
    """The effects, told; a plan's in CNY, ``dollar`` for one; in short its sentences alone."""
    said = Text(tuple(sentences(effects, dollar)))
    if detail == "short":
        yield said
        return
    yield Heading(say("policy.effects_heading"))
    yield said
    if effects.markets:
        yield _markets(effects)
    if effects.segments:
        yield _segments(effects)
    yield Text(tuple(assumption_sentences(effects)), "list")
    yield from cautions(effects.cautions)


def ends_text(value: EffectRange) -> str:
    """The ends of an effect in USD; a dash where nothing is known of how far they lie apart."""
    known = not isclose(value.low, value.high)
    return span_text(money(value.low), money(value.high)) if known else NOTHING


def mean_with_ends(value: EffectRange, amount: Callable[[float], str]) -> str:
    """The mean, and the ends where they differ from it."""
    mean, low, high = (amount(x) for x in (value.mean, value.low, value.high))
    return mean if low == high else say("policy.between", mean=mean, low=low, high=high)


def sentences(effects: TradeEffects, dollar: float) -> Iterator[str]:
    """What the change does to the plan kept and to the one made anew, CNY, ``dollar`` for one."""
    if effects.kind == "partial" and not effects.markets:
        yield say("policy.touches_nothing")
        return
    plan = effects.plan
    if plan is None:
        return
    spreads = (plan.old, plan.new, plan.saved)
    written = moneys([dollar * x for s in spreads for x in (s.mean, s.low, s.high)], CNY)

    def side_text(side: EffectRange, *, signed: bool = True) -> str:
        mean, low, high = (dollar * value for value in (side.mean, side.low, side.high))
        said = signed_money(mean, CNY, written) if signed else written(mean)
        if written(low) == written(high):
            return said
        return say("policy.within", mean=said, range=written.between(low, high))

    yield say("policy.old_plan", change=side_text(plan.old))
    yield say(
        "policy.new_plan", change=side_text(plan.new), saved=side_text(plan.saved, signed=False)
    )
    if told_forgone(plan):
        yield say("policy.kept_is_better", amount=written(dollar * plan.forgone))


def told_forgone(plan: PlanEffects) -> bool:
    """Whether the kept plan is so much better than the one made anew that a reader sees it."""
    return plan.forgone > LEAST_FORGONE * max(abs(plan.old.mean), 1.0)


def _markets(effects: TradeEffects) -> Table:
    rows = effects.markets

    def place(row: MarketChange) -> str:
        """The market, and for goods of a plant abroad where they are made."""
        market, origin = country_name(row.market), row.origin
        if not origin:
            return market
        return say("policy.made_in", market=market, origin=country_name(origin))

    def duty(row: MarketChange) -> str:
        return " → ".join(percent(rate, 1) for rate in row.duty) if row.duty else NOTHING

    def share(key: str, name: str) -> Shown[MarketChange] | None:
        if name != "change" and not any(getattr(row, name) for row in rows):
            return None
        return (
            say(f"policy.{key}"),
            lambda row: (
                missing_cell()
                if row.missing and name == "change"
                else value_or_dash(getattr(row, name), lambda value: mean_with_ends(value, change))
            ),
        )

    def model(name: str) -> Shown[MarketChange]:
        key = f"equilibrium.beside_{name.replace('-', '_')}"
        return say(key), lambda row: value_or_dash(dict(row.beside).get(name), change)

    return table_of(
        "effects-markets",
        say(f"policy.effects_markets_{effects.kind}"),
        rows,
        (text("policy.column_product"), lambda row: row.product),
        (text("policy.column_market"), place),
        (say("policy.column_duty_rate"), duty) if any(row.duty for row in rows) else None,
        share("chart_change", "change"),
        share("column_smart", "smart"),
        share("column_world", "world"),
        *(model(name) for name, _ in rows[0].beside),
    )


def _segments(effects: TradeEffects) -> Table:
    names = ("creation", "diversion", "revenue", "welfare")
    rows = sorted(effects.segments, key=lambda row: -abs(row.creation.mean + row.diversion.mean))
    rows = rows[:SHOWN]
    means = [getattr(row, name).mean for row in rows for name in names]
    usd = money_column([*(row.imports for row in rows), *means])

    def range_column(name: str) -> Shown[SegmentEffect]:
        return say(f"policy.column_{name}"), lambda row: mean_with_ends(
            getattr(row, name), usd.cell
        )

    return table_of(
        "effects-segments",
        say("policy.effects_segments", unit=usd.unit),
        rows,
        (text("policy.column_product"), lambda row: row.product),
        (text("policy.column_market"), lambda row: country_name(row.market)),
        (text("policy.column_tier"), lambda row: words.tier(row.tier)),
        (say("policy.column_imports"), lambda row: usd.cell(row.imports)),
        *map(range_column, names),
    )


def assumption_sentences(effects: TradeEffects) -> Iterator[str]:
    """What the figures rest on."""
    draws = str(effects.draws)
    if effects.kind != "general":
        for use in effects.elasticities:
            ends = texts_of(use, partial(fixed_decimals, places=2), "median", "low", "high")
            codes = texts_of(use, str, "product", "code", "codes", "spread=spread_code")
            yield say(use.source, **ends, **codes)
    if effects.kind == "partial" and effects.markets:
        demand, supply = fixed_decimals(effects.demand, 2), fixed_decimals(effects.supply, 2)
        yield say("policy.assumed_partial", demand=demand, supply=supply, draws=draws)
        yield say("policy.rivals")
    if effects.kind == "shock" and effects.demand is None:
        yield say("policy.assumed_shock_still")
    elif effects.kind == "shock":
        yield say("policy.assumed_shock", demand=fixed_decimals(effects.demand, 2), draws=draws)
    if effects.kind == "general" and (world := effects.world) is not None:
        theta = fixed_decimals(world.theta, 2)
        yield say("policy.assumed_general", model=model_name(world.model), theta=theta)
        yield from about(world, "80%")
        yield fixed_in(world)
        key = "policy.of_sector" if world.sector else "policy.all_goods"
        yield say(key, sector=world.sector)
    yield say("policy.assumed_plan")


def about(solved: WorldModel, middle: str) -> Iterator[str]:
    """The elasticity and the change, whose tariffs, which coefficient, and which model cannot.

    ``middle`` is the part of the draws that intervals hold.
    """
    yield _elasticity(solved, middle)
    if solved.changed[1]:
        yield about_change(solved)
    if solved.home is not None:
        name, imports, exports = solved.home
        key = "equilibrium.home_answered" if exports else "equilibrium.home"
        rates = {"imports": percent(imports, 1), "exports": percent(exports, 1)}
        yield say(key, home=name_of(name), **rates)
    if (coefficient := solved.coefficient) is not None:
        yield say(
            "equilibrium.coefficient",
            name=coefficient.name,
            **texts_of(coefficient, partial(fixed_decimals, places=3), "value", "se"),
        )
    for model, reason in solved.without.items():
        yield say("equilibrium.without", model=model_name(model), reason=reason)


def about_change(solved: WorldModel) -> str:
    """What the shock was taken for."""
    kind, count, low, high = solved.changed
    ends = [percent(end, 1) if kind == "tariff" else points(end) for end in (low, high)]
    size = ends[0] if ends[0] == ends[1] else range_text(*ends)
    return say(f"equilibrium.changed_{kind}", count=count, size=size)


def _elasticity(solved: WorldModel, middle: str) -> str:
    if solved.theta_se is None:
        return say("equilibrium.theta_by_sector")
    if not solved.draws:
        return say("equilibrium.theta_assumed")
    se = fixed_decimals(solved.theta_se, 2)
    return say("equilibrium.theta_drawn", draws=solved.draws, se=se, middle=middle)


def fixed_in(solved: WorldModel) -> str:
    """What the model holds, and the unit of account."""
    return say(
        f"equilibrium.fixed_{solved.model.replace('-', '_')}",
        deficits=say(f"equilibrium.deficits_{solved.deficits}"),
        rebate=say(f"equilibrium.rebate_{solved.rebate}"),
    )


def model_name(name: str) -> str:
    """A model in words."""
    return say(f"equilibrium.model_{name.replace('-', '_')}")


def name_of(label: str) -> str:
    """A country's name where its label is known, else the label."""
    code = code_of(label)
    return label if code is None else country_name(code)


def points(share: float | None) -> str:
    """A change with its sign, to two decimals of a per cent."""
    return NOTHING if share is None else f"{difference(100 * share, 2)}%"


def stress_sentences(stress: Stress, dollar: float) -> Iterator[str]:
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


def stress_blocks(stress: Stress, dollar: float) -> Iterator[Block]:
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
    return NOTHING if row.since is None else f"{row.since} – {row.until or ''}".rstrip(" –")


def _source(row: StressRow) -> str:
    zh, key = language() == "zh", row.status
    status = say("policy.status_hypothetical") if key == "hypothetical" else words.status(key)
    cited = row.source_zh if zh and row.source_zh else row.source
    told = {"name": _name(row), "key": row.key, "source": cited, "status": status}
    source = say("policy.stress_source", **told)
    return (
        f"{source} {say('policy.stress_measured', count=row.measured)}" if row.measured else source
    )


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
