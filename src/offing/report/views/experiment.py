"""A price test, told: what it could tell, what it costs, who is asked what; or what it told."""

from collections.abc import Iterator
from datetime import date
from math import ceil

from offing.api.experiment import ExperimentAnswer, PriceTestArm
from offing.planning.price_test import USEFUL
from offing.report.blocks import Block, Callout, Text, number, table_of, text
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import change, count, day, fixed_decimals, money, percent, price

WEEKS = 52 / 12
"""Of a month."""
WIDE = 0.3
"""Relative error of an elasticity above which no price is moved by it."""


def view(answer: ExperimentAnswer) -> tuple[Block, ...]:
    """The test in sentences, and its arms pair by pair."""
    by = say(f"experiment.by_{answer.by}")
    lead = say(
        "experiment.lead",
        change=change(answer.change),
        goods=answer.goods,
        by=by,
        months=answer.months,
        start=day(answer.start),
    )
    told = _design_blocks(answer, by) if answer.plan is not None else _result_blocks(answer)
    beside = [] if answer.plan is None else [Text((say("experiment.next"),), "note")]
    return (Text((lead,), "lead"), *told, _arms(answer), *beside)


def _design_blocks(answer: ExperimentAnswer, by: str) -> Iterator[Block]:
    plan, likely = answer.plan, answer.elasticity
    assert plan is not None
    seen = fixed_decimals(plan.least_seen, 1)
    lines = [say("experiment.tells", error=fixed_decimals(plan.error, 1), seen=seen)]
    if likely is not None:
        figure = fixed_decimals(likely, 1)
        if answer.needed is None:
            yield Callout(say("experiment.cannot", elasticity=figure, by=by))
        elif plan.error <= USEFUL * likely:
            lines.append(say("experiment.enough", elasticity=figure))
        else:
            lines.append(say("experiment.needs", elasticity=figure, months=answer.needed))
        if answer.source == "literature":
            lines.append(say("experiment.source_literature", elasticity=figure))
    if plan.cost is not None:
        amount = money(abs(plan.cost), "USD")
        lines.append(
            say("experiment.costs" if plan.cost > 0 else "experiment.earns", amount=amount)
        )
    elif answer.margin is None:
        lines.append(say("experiment.cost_missing"))
    if plan.stop_below is not None:
        months = ceil(plan.stop_after * answer.period / (1 if answer.by != "week" else WEEKS))
        lines.append(say("experiment.stop", months=months, share=percent(plan.stop_below, 0)))
    if answer.left_out:
        lines.append(say("experiment.left_out", count=answer.left_out))
    yield Text(tuple(lines), "list")


def _result_blocks(answer: ExperimentAnswer) -> Iterator[Block]:
    found = answer.result
    assert found is not None
    figures = {
        "elasticity": fixed_decimals(found.elasticity, 1), "run": answer.run,
        "months": answer.months,
    }  # fmt: skip
    if found.low is None or found.high is None or found.error is None:
        yield Text((say("experiment.found_one", **figures),), "list")
        return
    low, high = fixed_decimals(found.low, 1), fixed_decimals(found.high, 1)
    lines = [say("experiment.found", low=low, high=high, pairs=found.pairs, **figures)]
    if found.low > 1 and found.error <= WIDE * found.elasticity:
        part = percent(found.error / found.elasticity, 0)
        lines.append(say("experiment.use", share=part, elasticity=figures["elasticity"]))
    else:
        lines.append(say("experiment.too_wide"))
    if answer.left_out:
        lines.append(say("experiment.pairs_lost", count=answer.left_out))
    yield Text(tuple(lines), "list")


def _arms(answer: ExperimentAnswer) -> Block:
    def name(arm: PriceTestArm) -> str:
        if answer.by == "week":
            return day(date.fromisoformat(arm.arm))
        return country_name(arm.arm) if answer.by == "market" else arm.arm

    def arm_text(arm: PriceTestArm, value: float) -> str:
        return price(value, arm.currency)

    units = "experiment.column_units" + "_week" * (answer.by == "week")
    return table_of(
        "experiment-arms",
        say("experiment.arms"),
        answer.arms,
        (text(f"experiment.by_{answer.by}"), name),
        (number("experiment.column_pair"), lambda arm: str(arm.pair)),
        (text("experiment.column_group"),
         lambda arm: say(f"experiment.group_{'test' if arm.raised else 'control'}")),
        (number(units), lambda arm: count(arm.units)),
        (number("experiment.column_price"), lambda arm: arm_text(arm, arm.price)),
        (number("experiment.column_test_price"), lambda arm: arm_text(arm, arm.test_price)),
    )  # fmt: skip
