"""What the data say of refunds and of settling: the design stands before the estimate."""

from collections.abc import Iterator

from offing.estimators.clustered import Estimate
from offing.policy.evidence.refund import Coverage, Refunds
from offing.policy.evidence.settlement import Settlement
from offing.report import words
from offing.report.blocks import Block, Heading, Table, Text, table_of, text
from offing.terms.messages import say
from offing.terms.numbers import change, currency_name, fixed, percent


def refund_blocks(tested: Refunds, dataset: str) -> Iterator[Block]:
    """The answer; the design and the smallest effect that could be seen; only then the estimate."""
    yield Text((say("evidence.refund_title"), _verdict(tested)), "lead")
    yield Heading(say("evidence.design"))
    yield Text(tuple(_design(tested, dataset)), "list")
    yield _coverage(tested)
    yield Text(tuple(_power(tested)))
    if tested.estimate is not None:
        yield Heading(say("evidence.refund_estimate"))
        yield Text(tuple(_estimates(tested)), "list")
        if tested.path:
            yield _path(tested)
    yield Heading(say("evidence.cautions"))
    yield Text(
        tuple(say(f"evidence.{key}") for key in ("refund_published", "refund_part", "refund_not")),
        "list",
    )


def _verdict(tested: Refunds) -> str:
    if tested.estimate is None or tested.verdict == "cannot_tell":
        reason = "refund_no_rows" if tested.noise is None else "refund_weak"
        return say("evidence.cannot_tell", reason=say(f"evidence.{reason}"))
    return say(f"evidence.refund_{tested.verdict}", effect=_effect(tested.estimate))


def _points(value: float) -> str:
    return change(value / 100)


def _effect(fit: Estimate) -> str:
    return say(
        "evidence.effect", value=_points(fit.value), low=_points(fit.low), high=_points(fit.high)
    )


def _span(tested: Refunds) -> str:
    return say(f"evidence.{'months' if tested.monthly else 'years'}", count=tested.window)


def _design(tested: Refunds, dataset: str) -> Iterator[str]:
    data = say("evidence.own_months") if tested.monthly else say("evidence.loaded", name=dataset)
    yield say("evidence.design_data", data=data)
    yield say("evidence.design_treated", span=_span(tested))
    yield say("evidence.design_rivals" if tested.rivals else "evidence.design_alone")
    yield say("evidence.design_dropped")
    yield say("evidence.design_chance")


def _coverage(tested: Refunds) -> Table:
    def used(row: Coverage) -> str:
        return say("evidence.used") if row.used else say(row.why)

    return table_of(
        "evidence-changes",
        say("evidence.coverage"),
        tested.coverage,
        (text("evidence.column_on"), lambda row: str(row.on)),
        (say("evidence.column_treated"), lambda row: fixed(row.treated, 0)),
        (say("evidence.column_groups"), lambda row: fixed(row.groups, 0)),
        (say("evidence.column_partly"), lambda row: fixed(row.partly, 0)),
        (say("evidence.column_controls"), lambda row: fixed(row.controls, 0)),
        (text("evidence.column_use"), used),
    )


def _power(tested: Refunds) -> Iterator[str]:
    if tested.smallest is None or tested.power is None or tested.benchmark is None:
        return
    yield say("evidence.smallest", value=_points(tested.smallest), rows=fixed(tested.rows, 0))
    yield say("evidence.power", value=_points(tested.benchmark), power=percent(tested.power, 0))


def _estimates(tested: Refunds) -> Iterator[str]:
    assert tested.estimate is not None, "told only where there is one"
    yield say("evidence.refund_effect", effect=_effect(tested.estimate))
    if tested.chance is not None:
        yield say("evidence.refund_chance", share=percent(tested.chance, 1))
    for name in ("placebo", "rival_placebo"):
        placebo: Estimate | None = getattr(tested, name)
        if placebo is None:
            yield say(f"evidence.refund_no_{name}")
        else:
            yield say(f"evidence.refund_{name}", effect=_effect(placebo))


def _path(tested: Refunds) -> Table:
    return table_of(
        "evidence-path",
        say("evidence.path_months" if tested.monthly else "evidence.path_years"),
        tested.path,
        (say("evidence.column_step"), lambda row: fixed(row[0], 0)),
        (say("evidence.column_effect"), lambda row: _points(row[1])),
        (
            text("evidence.column_use"),
            lambda row: say("evidence.dropped") if row[0] in tested.dropped else "",
        ),
    )


def settlement_blocks(tested: Settlement) -> Iterator[Block]:
    """That nothing is found, and what a currency costs."""
    yield Text((say("evidence.settlement_title"), say("evidence.settlement_none")), "lead")
    yield table_of(
        "evidence-settlement",
        say("evidence.settlement_costs", on=tested.on),
        tested.costs,
        (text("evidence.column_currency"), lambda row: currency_name(row.currency)),
        (say("evidence.column_spread"), lambda row: percent(row.spread, 2)),
        (say("evidence.column_lost"), lambda row: percent(row.lost, 2)),
        (text("evidence.column_status"), lambda row: words.status(row.rule.status)),
    )
    yield Text((say("evidence.settlement_design"), say("evidence.settlement_use")), "list")
