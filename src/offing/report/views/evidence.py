"""Whether a claim holds on the loaded data, told."""

from collections.abc import Iterable, Iterator
from functools import partial

from offing.api.evidence import EvidenceAnswer
from offing.estimators.clustered import Estimate
from offing.policy.evidence.programme import ProgrammeEvidence
from offing.policy.evidence.refund import Refunds
from offing.policy.evidence.resilience import (
    MEASURES,
    WEIGHTINGS,
    EventResult,
    Resilience,
    TierFacts,
)
from offing.report import words
from offing.report.blocks import Block, Heading, Table, Text, columns_of, table_of, text, texts_of
from offing.report.words import caution_text
from offing.settlement.defaults import Settlement
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    change,
    count,
    currency_name,
    difference,
    fixed_decimals,
    money_column,
    percent,
    value_or_dash,
)
from offing.terms.products import product_label

EFFECT = ("effect", "low", "high")
NAMED = 3
"""So many products are named; more are counted."""


def view(answer: EvidenceAnswer) -> tuple[Block, ...]:
    """The answer in a sentence, each bad year with its comparisons, and how to read them."""
    result, codes = answer.result, answer.products
    if isinstance(result, Refunds):
        return tuple(_refund(result, answer.dataset))
    if isinstance(result, Settlement):
        return tuple(_settlement(result))
    if isinstance(result, ProgrammeEvidence):
        return tuple(_programme(result))
    few = 0 < len(codes) <= NAMED
    scope = say(
        "evidence.scope", dataset=answer.dataset, exporters=result.exporters,
        products=say("evidence.joint").join(map(product_label, codes)) if few
        else say("evidence.products", count=result.products), importers=result.importers,
        years=f"{result.years[0]}–{result.years[-1]}", method=result.method,
    )  # fmt: skip
    shocks = [shock for shock in result.shocks if shock.comparisons]
    return (
        Text((say("evidence.title"), scope), "lead"),
        Text((_verdict(result),), "lead"),
        *(block for shock in shocks for block in _shock(shock, result)),
        Heading(say("evidence.cautions")),
        Text(tuple(_notes(result)), "list"),
    )


def _programme(result: ProgrammeEvidence) -> Iterator[Block]:
    """The effect with its interval, what could have been seen, and how strong that is."""
    kind, found = "lottery" if result.lottery else "joined", result.effect
    figures = texts_of(found, change, *EFFECT)
    counts = {"treated": result.treated, "others": result.others}
    counts["count" if result.lottery else "classes"] = result.classes
    verdict = "open" if not found.is_proved else "proved" if result.lottery else "beside"
    verdict = "untold" if result.gaps.is_lopsided else verdict
    yield Text((say(f"evidence.programme_{verdict}", **figures),), "lead")
    told = [
        say(f"evidence.programme_{kind}", **counts, before=result.before, after=result.after),
        say("evidence.programme_smallest", smallest=percent(found.smallest)),
    ]
    if result.placebo is not None:
        wide = "wide" if result.placebo.reaches(found.effect) else "good"
        how = "bad" if result.placebo.is_proved else wide
        told_of = texts_of(result.placebo, change, *EFFECT)
        told.append(say(f"evidence.programme_placebo_{how}", **told_of))
    elif not result.lottery:
        told.append(say("evidence.programme_no_placebo"))
    counted = (("joined_anyway", result.joined_anyway), ("unread", result.unread))
    told += [say(f"evidence.programme_{name}", count=count) for name, count in counted if count]
    yield Text(tuple(told), "list")


_signed = partial(difference, places=1)


def _years(shock: EventResult) -> dict[str, int]:
    event = shock.event
    after = event.after or event.year
    years = {"before": event.before, "year": event.year, "after": after, "last": after}
    return years | {"tier_year": event.tier_year}


def _verdict(result: Resilience) -> str:
    if not result.compared:
        return say("evidence.answer_untested")
    up, down = result.favours_high, result.favours_low
    kind = "mixed" if up and down else "high" if up else "low" if down else "none"
    verdict = say(f"evidence.answer_{kind}", up=up, down=down, compared=result.compared)
    against = [e for shock in result.shocks if shock.counts for e in shock.beyond_quiet.values()]
    if (up or down) and against and not any(estimate.clear for estimate in against):
        return f"{verdict} {say('evidence.answer_quiet')}"
    return verdict


def _shock(shock: EventResult, result: Resilience) -> tuple[Block, ...]:
    years = _years(shock)
    flows, fall = fixed_decimals(shock.flows, 0), change(shock.change)
    return (
        Heading(say("evidence.shock", **years)),
        Text(
            (say("evidence.shock_all", flows=flows, change=fall, **years), *_beside(shock, result))
        ),
        _facts_table(shock),
        _comparison_table(shock),
    )


def _beside(shock: EventResult, result: Resilience) -> Iterable[str]:
    """Measures without data, and the growth beside that of quiet years."""
    for measure in MEASURES:
        if shock.comparison(measure, "equal") is None:
            yield say(f"evidence.gap_{measure}", year=_years(shock)["last"])
    against = shock.beyond_quiet.get("equal")
    if against is not None and shock.comparison("growth", "equal") is not None:
        quiet = [q.event.year for q in result.quiet if q.event.is_lagged == shock.event.is_lagged]
        yield say(
            "evidence.beyond_quiet",
            years=say("evidence.joint").join(map(str, quiet)),
            points=_signed(against.value),
            interval=say("evidence.interval", **texts_of(against, _signed, "low", "high")),
            verdict=say("evidence.clear" if against.clear else "evidence.unclear"),
        )


def _facts_table(shock: EventResult) -> Table:
    years = _years(shock)
    usd = money_column([facts.base_usd for facts in shock.tiers])

    def share(value: float | None) -> str:
        return value_or_dash(value, lambda share: percent(share, 0))

    def down(facts: TierFacts) -> str:
        if not facts.path:
            return NOTHING
        never = say("evidence.not_yet", year=facts.path[-1][0])
        return never if facts.years_down is None else str(facts.years_down)

    back = (say("evidence.column_back", **years), lambda facts: share(facts.back))
    return table_of(
        f"evidence-{shock.event.year}-facts",
        say("evidence.facts_title"),
        [facts for facts in reversed(shock.tiers) if facts.base_usd > 0],
        (say("evidence.column_tier"), lambda facts: say(f"ladder.tier_{facts.tier}")),
        (say("evidence.column_flows"), lambda facts: fixed_decimals(facts.flows, 0)),
        (
            say("evidence.column_base", unit=usd.unit, **years),
            lambda facts: usd.cell(facts.base_usd),
        ),
        (say("landed.column_refund"), lambda facts: change(facts.change)),
        back if shock.event.after is not None else None,
        (say("evidence.column_alive", **years), lambda facts: share(facts.alive)),
        (say("evidence.column_down"), down),
    )


def _comparison_table(shock: EventResult) -> Table:
    years = _years(shock)
    weights = text("evidence.column_weights")
    compared = [shock.comparison(measure, way) for measure in MEASURES for way in WEIGHTINGS]
    return table_of(
        f"evidence-{shock.event.year}-compared",
        say("evidence.compared_title"),
        [row for row in compared if row is not None],
        (say("report.measure"), lambda row: say(f"evidence.measure_{row.measure}", **years)),
        (weights, lambda row: say(f"evidence.weights_{row.weighting}")),
        (say("evidence.column_raw"), lambda row: _signed(row.without_controls)),
        (say("evidence.column_estimate"), lambda row: _signed(row.high.value)),
        (
            say("evidence.column_interval"),
            lambda row: say("evidence.range", **texts_of(row.high, _signed, "low", "high")),
        ),
        (say("evidence.column_flows"), lambda row: fixed_decimals(row.flows, 0)),
    )  # fmt: skip


def _notes(result: Resilience) -> Iterable[str]:
    joint = say("evidence.joint")
    ways = next(iter(c.clusters for shock in result.shocks for c in shock.comparisons))
    named = joint.join(say(f"evidence.way_{way}") for way in ways)
    yield say("evidence.note_controls", ways=named)
    if compared := result.compared:
        yield say(
            "evidence.note_chance", compared=compared, count=fixed_decimals(0.05 * compared, 1)
        )
    yield from map(caution_text, result.notes)


def _refund(tested: Refunds, dataset: str) -> Iterator[Block]:
    """The answer; the design and the smallest effect that could be seen; only then the estimate."""
    yield Text((say("evidence.refund_title"), _refund_verdict(tested)), "lead")
    yield Heading(say("evidence.design"))
    yield Text(tuple(_design(tested, dataset)), "list")
    yield _coverage(tested)
    yield Text(tuple(_power(tested)))
    if tested.estimate is not None:
        yield Heading(say("evidence.refund_estimate"))
        yield Text(tuple(_estimates(tested)), "list")
    yield Heading(say("evidence.cautions"))
    kept = ("published", "part", "not")
    yield Text(tuple(say(f"evidence.refund_{key}") for key in kept), "list")


def _refund_verdict(tested: Refunds) -> str:
    if tested.estimate is None or tested.verdict == "cannot_tell":
        reason = "refund_no_rows" if tested.noise is None else "refund_weak"
        return say("evidence.cannot_tell", reason=say(f"evidence.{reason}"))
    return say(f"evidence.refund_{tested.verdict}", effect=_effect(tested.estimate))


def _points(value: float) -> str:
    return change(value / 100)


def _effect(fit: Estimate) -> str:
    return say("evidence.effect", **texts_of(fit, _points, "value", "low", "high"))


def _design(tested: Refunds, dataset: str) -> Iterator[str]:
    data = say("evidence.own_months") if tested.monthly else say("evidence.loaded", name=dataset)
    yield say("evidence.design_data", data=data)
    span = say(f"evidence.{'months' if tested.monthly else 'years'}", count=tested.window)
    yield say("evidence.design_treated", span=span)
    yield say("evidence.design_rivals" if tested.rivals else "evidence.design_alone")
    yield say("evidence.design_dropped")
    yield say("evidence.design_chance")


def _coverage(tested: Refunds) -> Table:
    return table_of(
        "evidence-changes",
        say("evidence.coverage"),
        tested.coverage,
        (text("evidence.column_on"), lambda row: str(row.on)),
        *columns_of("evidence.column_{}", count, "treated", "groups", "partly", "controls"),
        (text("evidence.column_use"), lambda row: say("evidence.used" if row.used else row.why)),
    )


def _power(tested: Refunds) -> Iterator[str]:
    if tested.smallest is None or tested.power is None or tested.benchmark is None:
        return
    yield say(
        "evidence.smallest", value=_points(tested.smallest), rows=fixed_decimals(tested.rows, 0)
    )
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


def _settlement(tested: Settlement) -> Iterator[Block]:
    """That nothing is found, and what a currency costs."""
    yield Text((say("evidence.settlement_title"), say("evidence.settlement_none")), "lead")
    yield table_of(
        "evidence-settlement",
        say("evidence.settlement_costs", on=tested.on),
        tested.costs,
        (text("settle.column_currency"), lambda row: currency_name(row.currency)),
        *columns_of("evidence.column_{}", partial(percent, places=2), "spread", "lost"),
        (text("report.status"), lambda row: words.status(row.rule.status)),
    )
    yield Text((say("evidence.settlement_design"), say("evidence.settlement_use")), "list")
