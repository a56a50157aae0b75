"""What a reform or a shock does to demand and to the plan, with intervals."""

from collections.abc import Callable, Iterator

from offing.policy.effects import (
    EffectRange,
    ElasticityUse,
    MarketChange,
    PlanEffects,
    SegmentEffect,
    TradeEffects,
)
from offing.report import words
from offing.report.blocks import Block, Heading, Table, Text, cautions, missing_cell, table_of, text
from offing.report.in_yuan import CNY
from offing.study.result import StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    MoneyColumn,
    change,
    fixed,
    money_column,
    moneys,
    percent,
    signed_money,
)

LEAST_FORGONE = 0.01
"""Of what the kept plan loses: less is rounding."""
SHOWN = 12
"""Rows of a table on the terminal; ``result.json`` has all."""


def blocks(result: StudyResult, effects: TradeEffects, most: int | None = None) -> Iterator[Block]:
    """The effects, told; ``most`` rows of each table."""
    yield Heading(say("policy.effects_heading"))
    yield Text(tuple(sentences(effects, result.decided.cny_per_usd)))
    if effects.markets:
        yield _markets(effects, most)
    if effects.segments:
        yield _segments(effects, most)
    yield Text(tuple(assumed(effects)), "list")
    yield from cautions(effects.cautions)


def between(value: EffectRange, amount: Callable[[float], str]) -> str:
    """The mean, and the ends where they differ from it."""
    if amount(value.low) == amount(value.high):
        return amount(value.mean)
    return say(
        "policy.between", mean=amount(value.mean), low=amount(value.low), high=amount(value.high)
    )


def sentences(effects: TradeEffects, dollar: float) -> Iterator[str]:
    """What the change does to the plan kept and to the one made anew, CNY, ``dollar`` for one."""
    if effects.kind == "partial" and not effects.markets:
        yield say("policy.touches_nothing")
        return
    plan = effects.plan
    if plan is None:
        return
    spreads = (plan.old, plan.new, plan.saved)
    told = [dollar * x for side in spreads for x in (side.mean, side.low, side.high)]
    written = moneys(told, CNY)

    def told_as(side: EffectRange, *, signed: bool) -> str:
        mean, low, high = (dollar * value for value in (side.mean, side.low, side.high))
        said = signed_money(mean, CNY, written) if signed else written(mean)
        if written(low) == written(high):
            return said
        return say("policy.within", mean=said, range=written.between(low, high))

    old, new = (told_as(side, signed=True) for side in (plan.old, plan.new))
    saved = told_as(plan.saved, signed=False)
    yield say("policy.old_plan", change=old)
    yield say("policy.new_plan", change=new, saved=saved)
    if told_forgone(plan):
        yield say("policy.kept_is_better", amount=written(dollar * plan.forgone))


def told_forgone(plan: PlanEffects) -> bool:
    """Whether the kept plan is so much better than the one made anew that a reader sees it."""
    return plan.forgone > LEAST_FORGONE * max(abs(plan.old.mean), 1.0)


def _share(value: EffectRange | None) -> str:
    if value is None:
        return NOTHING
    if change(value.low) == change(value.high):
        return change(value.mean)
    return say(
        "policy.between", mean=change(value.mean), low=change(value.low), high=change(value.high)
    )


def _markets(effects: TradeEffects, most: int | None) -> Table:
    def duty(row: MarketChange) -> str:
        if row.duty is None:
            return NOTHING
        return f"{percent(row.duty[0], 1)} → {percent(row.duty[1], 1)}"

    rows = effects.markets[:most]
    return table_of(
        "effects-markets",
        say(f"policy.effects_markets_{effects.kind}"),
        rows,
        (text("policy.column_product"), lambda row: row.product),
        (text("policy.column_market"), _place),
        (say("policy.column_duty_rate"), duty) if any(row.duty for row in rows) else None,
        (say("policy.chart_change"), lambda r: missing_cell() if r.missing else _share(r.change)),
        (say("policy.column_smart"), lambda row: _share(row.smart))
        if any(row.smart for row in rows)
        else None,
        (say("policy.column_world"), lambda row: _share(row.world))
        if any(row.world for row in rows)
        else None,
        *(
            (say(f"equilibrium.beside_{name.replace('-', '_')}"), _other(name))
            for name, _ in (rows[0].beside if rows else ())
        ),
    )


def _place(row: MarketChange) -> str:
    """The market, and for goods of a plant abroad where they are made."""
    market = country_name(row.market)
    return (
        say("policy.made_in", market=market, origin=country_name(row.origin))
        if row.origin
        else market
    )


def _other(model: str) -> Callable[[MarketChange], str]:
    """The change of a market in another model."""

    def written(row: MarketChange) -> str:
        other = dict(row.beside).get(model)
        return NOTHING if other is None else change(other)

    return written


def _segments(effects: TradeEffects, most: int | None) -> Table:
    rows = sorted(effects.segments, key=lambda row: -abs(row.creation.mean + row.diversion.mean))[
        :most
    ]
    spreads = [s for row in rows for s in (row.creation, row.diversion, row.revenue, row.welfare)]
    usd = money_column([*(row.imports for row in rows), *(s.mean for s in spreads)])
    return table_of(
        "effects-segments",
        say("policy.effects_segments", unit=usd.unit),
        rows,
        (text("policy.column_product"), lambda row: row.product),
        (text("policy.column_market"), lambda row: country_name(row.market)),
        (text("policy.column_tier"), lambda row: words.tier(row.tier)),
        (say("policy.column_imports"), lambda row: usd.cell(row.imports)),
        *(
            (say(f"policy.column_{name}"), _cell(name, usd))
            for name in ("creation", "diversion", "revenue", "welfare")
        ),
    )


def _cell(name: str, usd: MoneyColumn) -> Callable[[SegmentEffect], str]:
    """A figure of a segment with its interval."""

    def written(row: SegmentEffect) -> str:
        value: EffectRange = getattr(row, name)
        mean, low, high = (usd.cell(x) for x in (value.mean, value.low, value.high))
        return mean if low == high else say("policy.between", mean=mean, low=low, high=high)

    return written


def assumed(effects: TradeEffects) -> Iterator[str]:
    """What the figures rest on."""
    if effects.kind != "general":
        for use in effects.elasticities:
            yield _elasticity(use)
        if effects.kind == "partial" and effects.markets:
            yield say("policy.assumed_partial", demand=fixed(effects.demand, 2),
                      supply=fixed(effects.supply, 2), draws=str(effects.draws))  # fmt: skip
            yield say("policy.rivals")
    if effects.kind == "shock" and effects.demand is None:
        yield say("policy.assumed_shock_still")
    elif effects.kind == "shock":
        yield say("policy.assumed_shock", demand=fixed(effects.demand, 2), draws=str(effects.draws))
    if effects.kind == "general":
        yield from _world(effects)
    yield say("policy.assumed_plan")


def _world(effects: TradeEffects) -> Iterator[str]:
    """The world equilibrium: its model and elasticity, what changes in it, what it holds, and what
    stands for the products.
    """
    if (world := effects.world) is None:
        return
    from offing.report.sections.world import about, fixed_in, model_name

    model, theta = model_name(world.model), fixed(world.theta, 2)
    yield say("policy.assumed_general", model=model, theta=theta)
    yield from about(world, "80%")
    yield fixed_in(world)
    yield say("policy.of_sector", sector=world.sector) if world.sector else say("policy.all_goods")


def _elasticity(use: ElasticityUse) -> str:
    return say(
        use.source,
        product=use.product,
        median=fixed(use.median, 2),
        low=fixed(use.low, 2),
        high=fixed(use.high, 2),
        code=use.code,
        codes=str(use.codes),
        spread=use.spread_code,
    )
