"""What the data say of refunds and of settling: the design stands before the estimate."""

from collections.abc import Iterator

from offing.estimators.clustered import Estimate
from offing.policy.evidence.refund import Coverage, Refunds
from offing.policy.evidence.settlement import Settlement
from offing.report import words
from offing.report.blocks import Block, Heading, Table, Text, table_of, text
from offing.terms.messages import say
from offing.terms.numbers import change, currency_name, fixed, percent


def refund_blocks(found: Refunds, dataset: str) -> Iterator[Block]:
    """The answer; the design and the smallest effect that could be seen; only then the estimate."""
    yield Text((say("evidence.refund_title"), _verdict(found)), "lead")
    yield Heading(say("evidence.design"))
    yield Text(tuple(_design(found, dataset)), "list")
    yield _coverage(found)
    yield Text(tuple(_power(found)))
    if found.estimate is not None:
        yield Heading(say("evidence.refund_estimate"))
        yield Text(tuple(_estimates(found)), "list")
        if found.path:
            yield _path(found)
    yield Heading(say("evidence.cautions"))
    yield Text(
        tuple(say(f"evidence.{key}") for key in ("refund_published", "refund_part", "refund_not")),
        "list",
    )


def _verdict(found: Refunds) -> str:
    if found.estimate is None or found.verdict == "cannot_tell":
        reason = "refund_no_rows" if found.noise is None else "refund_weak"
        return say("evidence.cannot_tell", reason=say(f"evidence.{reason}"))
    return say(f"evidence.refund_{found.verdict}", effect=_effect(found.estimate))


def _points(value: float) -> str:
    return change(value / 100)


def _effect(one: Estimate) -> str:
    return say(
        "evidence.effect", value=_points(one.value), low=_points(one.low), high=_points(one.high)
    )


def _span(found: Refunds) -> str:
    return say(f"evidence.{'months' if found.monthly else 'years'}", count=found.window)


def _design(found: Refunds, dataset: str) -> Iterator[str]:
    data = say("evidence.own_months") if found.monthly else say("evidence.loaded", name=dataset)
    yield say("evidence.design_data", data=data)
    yield say("evidence.design_treated", span=_span(found))
    yield say("evidence.design_rivals" if found.rivals else "evidence.design_alone")
    yield say("evidence.design_dropped")
    yield say("evidence.design_chance")


def _coverage(found: Refunds) -> Table:
    def used(one: Coverage) -> str:
        return say("evidence.used") if one.used else say(one.why)

    return table_of(
        "evidence-changes",
        say("evidence.coverage"),
        found.coverage,
        (text("evidence.column_on"), lambda one: str(one.on)),
        (say("evidence.column_treated"), lambda one: fixed(one.treated, 0)),
        (say("evidence.column_groups"), lambda one: fixed(one.groups, 0)),
        (say("evidence.column_partly"), lambda one: fixed(one.partly, 0)),
        (say("evidence.column_controls"), lambda one: fixed(one.controls, 0)),
        (text("evidence.column_use"), used),
    )


def _power(found: Refunds) -> Iterator[str]:
    if found.smallest is None or found.power is None or found.benchmark is None:
        return
    yield say("evidence.smallest", value=_points(found.smallest), rows=fixed(found.rows, 0))
    yield say("evidence.power", value=_points(found.benchmark), power=percent(found.power, 0))


def _estimates(found: Refunds) -> Iterator[str]:
    assert found.estimate is not None, "told only where there is one"
    yield say("evidence.refund_effect", effect=_effect(found.estimate))
    if found.chance is not None:
        yield say("evidence.refund_chance", share=percent(found.chance, 1))
    for name in ("placebo", "rival_placebo"):
        one: Estimate | None = getattr(found, name)
        if one is None:
            yield say(f"evidence.refund_no_{name}")
        else:
            yield say(f"evidence.refund_{name}", effect=_effect(one))


def _path(found: Refunds) -> Table:
    return table_of(
        "evidence-path",
        say("evidence.path_months" if found.monthly else "evidence.path_years"),
        found.path,
        (say("evidence.column_step"), lambda row: fixed(row[0], 0)),
        (say("evidence.column_effect"), lambda row: _points(row[1])),
        (
            text("evidence.column_use"),
            lambda row: say("evidence.dropped") if row[0] in found.dropped else "",
        ),
    )


def settlement_blocks(found: Settlement) -> Iterator[Block]:
    """That nothing is found, and what a currency costs."""
    yield Text((say("evidence.settlement_title"), say("evidence.settlement_none")), "lead")
    yield table_of(
        "evidence-settlement",
        say("evidence.settlement_costs", on=found.on),
        found.costs,
        (text("evidence.column_currency"), lambda one: currency_name(one.currency)),
        (say("evidence.column_spread"), lambda one: percent(one.spread, 2)),
        (say("evidence.column_lost"), lambda one: percent(one.lost, 2)),
        (text("evidence.column_status"), lambda one: words.status(one.rule.status)),
    )
    yield Text((say("evidence.settlement_design"), say("evidence.settlement_use")), "list")
