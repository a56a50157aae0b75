"""A study under stress: shocks alone, together, and the smallest that undoes the plan."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from offing.policy.comparison import JOINT, Comparison, ReverseStress, Stress, StressRow
from offing.policy.effects import SegmentDraws, TradeEffects, changes_of, combine_factors
from offing.policy.overlay import Rules
from offing.policy.shock_file import Shock, percent_text
from offing.rules.reform import Changes, NameKeys, Reform, reform_of
from offing.sources.elasticities import substitution_of
from offing.study.costs import refund_rate_of
from offing.study.demand_response import (
    AssumedResponse,
    DemandResponse,
    effects_on_segments,
    foreign_plants,
)
from offing.study.inputs import StudyInputs
from offing.study.markets import Standings
from offing.study.plan import StudyPlan
from offing.study.result import StudyResult
from offing.study.scenario import (
    EVERY_MARKET,
    Scenario,
    ShippingTerms,
    apply_scenario,
    offers_in,
    profit_of_fixed_plan,
    reoptimise,
)
from offing.study.unknown import ABOUT, caution, share_known
from offing.terms.background import stretch, told_of
from offing.terms.errors import Where
from offing.terms.frames import exact_sum
from offing.terms.messages import say, using_language

Array = npt.NDArray[np.float64]
Shocks = Sequence[Shock]

WEEKS = 52


def terms_of(shocks: Shocks) -> ShippingTerms:
    """The terms under several shocks; their factors multiply."""
    freight: dict[str, float] = {}
    price: dict[str, float] = {}
    for shock in shocks:
        for carriage in shock.file.freight:
            _multiply(freight, carriage.markets, shock.factor(carriage.change))
        for floor in shock.file.floor:
            _multiply(price, floor.markets, shock.factor(floor.above))
    return ShippingTerms(freight, price)


def _multiply(factors: dict[str, float], markets: Sequence[str], factor: float) -> None:
    for market in markets or (EVERY_MARKET,):
        factors[market] = factors.get(market, 1.0) * factor


def reform_of_shocks(world: StudyInputs, shocks: Shocks, name: str, name_zh: str) -> Reform:
    """The rules that shocks lay over a study's: duties, refund, exchange rates, interest."""
    changes: dict[str, list[dict[str, object]]] = {"rate": [], "charge": [], "exchange": []}
    for shock in shocks:
        source = shock.file.shock.source
        for number, duty in enumerate(shock.file.duty):
            importer = duty.importer.upper()
            charge = f"shock_{shock.key}_{number}".replace("-", "_")
            rate = f"{importer.lower()}.{charge}"
            of = {"importer": importer, "name": charge, "stage": "duty", "base": ["customs_value"]}
            hit = {"rate": rate, "origins": duty.origins, "not_origins": duty.not_origins}
            changes["charge"].append({**of, **hit, "source": source})
            value = percent_text(duty.rate * shock.size)
            changes["rate"].append({"id": rate, "value": value, "source": source})
        for exchange in shock.file.exchange:
            moved = percent_text(shock.factor(exchange.change) - 1)
            changes["exchange"].append({"currency": exchange.currency, "change": moved})
        changes["rate"] += _refunds(world, shock) + _interests(world, shock)
    where = next((shock.where for shock in shocks if shock.where), Where(Path("shock")))
    about = NameKeys(name=name, name_zh=name_zh)
    return reform_of(about, Changes.model_validate(changes), where)


def _refunds(world: StudyInputs, shock: Shock) -> list[dict[str, object]]:
    rates: list[dict[str, object]] = []
    for facts in {facts.code: facts for facts in world.study.model}.values():
        points = shock.size * sum(
            cut.points
            for cut in shock.file.refund
            if not cut.products or facts.code.startswith(tuple(cut.products))
        )
        if not points:
            continue
        today, _ = refund_rate_of(facts, world.study.on, rates=world.laws.refund_rates)
        if today is not None:  # a cancelled refund has no points to lose
            value = min(max(float(today) + points, 0.0), float(facts.levy_rate))
            rates.append({"id": f"chn.refund.{facts.code}", "value": percent_text(value)})
    return rates


def _interests(world: StudyInputs, shock: Shock) -> list[dict[str, object]]:
    rates: list[dict[str, object]] = []
    for interest in shock.file.interest:
        today = world.laws.settlement.interest(interest.currency, world.study.on)
        if today is not None and not today.is_stale:  # of no rate nothing is moved
            value = float(today.rate) + interest.points * shock.size
            id_ = f"settlement.interest.{interest.currency.lower()}"
            rates.append({"id": id_, "value": percent_text(max(value, 0.0))})
    return rates


def shocked_segments(
    before: StudyPlan,
    laws: Rules,
    after: Sequence[Standings],
    reform: Reform,
    shocks: Shocks,
    assumed: AssumedResponse,
) -> DemandResponse:
    """What shocks do to the origin's sales, as draws.

    Args:
        before: the study under today's rules.
        laws: those under the shocks.
        after: standings of every product under the laws and the shocks' terms.
        reform: of the shocks' rules.
        shocks: laid on together.
        assumed: elasticities and draws.
    """
    worked, several = DemandResponse({}, TradeEffects("shock")), list[SegmentDraws]()
    if assumed.moves:
        worked = effects_on_segments(before, laws, reform, assumed)
        several = [worked.draws, _dearer(before, after, assumed)]
    elsewhere = dict(worked.elsewhere)
    for shock in shocks:
        markets, _ = purchases(before, shock, assumed.draws)
        several += [markets, _close_weeks(before, shock, assumed.draws)]
        # neither the home port nor the home route is that of a plant abroad
        for studied in before.products:
            for plant in foreign_plants(before.world, studied.imports.facts):
                for segment, factors in markets.items():
                    if segment[0] == studied.imports.facts.key:
                        flow = (*segment, plant.country)
                        elsewhere[flow] = elsewhere.get(flow, 1.0) * factors
    draws = {
        segment: factors for segment, factors in combine_factors(several).items() if _moves(factors)
    }
    known_before = {
        (row.product, row.market): row for row in worked.effects.markets if not row.origin
    }
    duty = {s: row.duty for s, row in known_before.items() if row.duty is not None}
    markets_moved = changes_of(draws, {}, duty, elsewhere=elsewhere)
    effects = replace(worked.effects, kind="shock", markets=markets_moved)
    return DemandResponse(draws, effects, elsewhere, dict(_missing_interest(before, shocks)))


def _missing_interest(before: StudyPlan, shocks: Shocks) -> Iterator[tuple[tuple[str, str], str]]:
    """Segments whose invoices a shock of an interest rate touches that is not known today."""
    moved = {interest.currency for shock in shocks for interest in shock.file.interest}
    for code in moved:
        if before.world.laws.settlement.interest(code, before.world.study.on) is None:
            rows = (row for row in before.plan.rows if row.currency == code)
            yield from (((row.product, row.market), "study.no_interest") for row in rows)


def _moves(factors: Array) -> bool:
    return bool(np.abs(factors - 1).max() > 1e-12)


def _dearer(
    before: StudyPlan, after: Sequence[Standings], assumed: AssumedResponse
) -> SegmentDraws:
    """Where the firm's price or its carriage rises, rivals' staying: (after ÷ before)^−σ."""
    draws: dict[tuple[str, str], Array] = {}
    for studied, now in zip(before.products, after, strict=True):
        code, key = studied.imports.facts.code, studied.imports.facts.key
        sigma = (assumed.substitution or substitution_of(code)).draws(assumed.draws, assumed.seed)
        for market, standing in now.items():
            was = studied.standings[market].cost.cif_usd
            ratio = float(standing.cost.cif_usd / was) if was else 1.0
            if abs(ratio - 1) > 1e-9:
                draws[key, market] = ratio**-sigma
    return draws


def purchases(before: StudyPlan, shock: Shock, count: int) -> tuple[SegmentDraws, int]:
    """What markets buy: by the years of the data where both are covered, else the file's figure.

    Returns:
        Factors by model and market; in how many markets the data have them.
    """
    draws: dict[tuple[str, str], Array] = {}
    measured = set[str]()
    for studied in before.products:
        code, key = studied.imports.facts.code, studied.imports.facts.key
        for purchase in shock.file.imports:
            if purchase.products and not code.startswith(tuple(purchase.products)):
                continue
            by_market = _yearly_changes(studied.imports.flows, purchase.years)
            for market in studied.standings:
                if purchase.markets and market not in purchase.markets:
                    continue
                change = by_market.get(market, purchase.change)
                measured |= {market} & {*by_market}
                draws[key, market] = np.full(count, shock.factor(change))
    return draws, len(measured)


def _yearly_changes(flows: pl.DataFrame, years: tuple[int, int] | None) -> dict[str, float]:
    """Market → change of its imports between two years, where the data have both."""
    if years is None:
        return {}
    sums = [
        dict(flows.filter(pl.col("year") == year).group_by("importer").agg(exact_sum()).iter_rows())
        for year in years
    ]
    return {
        market: float(sums[1][market] / value - 1)
        for market, value in sums[0].items()
        if value > 0 and sums[1].get(market, 0.0) > 0
    }


def _close_weeks(before: StudyPlan, shock: Shock, count: int) -> SegmentDraws:
    """What is not shipped in the weeks of a closure is lost: the worst case."""
    weeks = sum(closure.weeks for closure in shock.file.closed) * shock.size
    if not weeks:
        return {}
    shipped = np.full(count, max(1 - weeks / WEEKS, 0.0))
    return {
        (studied.imports.facts.key, market): shipped
        for studied in before.products
        for market in studied.standings
    }


LARGEST = 10.0
"""Times the shock's own size, up to which the reverse is looked for."""
STEPS = 12
"""Halvings: the size is known to LARGEST / 2^12."""


def shock_scenario(world: StudyInputs, shocks: Shocks, assumed: AssumedResponse) -> Scenario:
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
        lambda before, laws, after: shocked_segments(before, laws, after, reform, shocks, assumed),
    )


NAMED = 3
"""Shocks that a title names before it counts them."""


def _title(names: Sequence[str], chinese: Sequence[str]) -> tuple[str, str]:
    """The names of several shocks in English and Chinese, or how many they are."""
    if len(names) <= NAMED:
        return "; ".join(names), "；".join(chinese)
    titles = []
    for lang in ("en", "zh"):
        with using_language(lang):
            titles.append(say("policy.shocks_together", count=len(names)))
    return titles[0], titles[1]


def stress_comparison(
    before: StudyPlan,
    comparison: Comparison,
    shocks: Shocks,
    assumed: AssumedResponse,
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


def add_stress(before: StudyPlan, result: StudyResult) -> StudyResult:
    """A result with what the shocks of its ``[stress]`` do to its plan.

    Args:
        before: the plan under today's rules.
        result: of it.
    """
    world, settings = before.world, before.world.study.stress
    if settings is None:
        return result
    assumed = AssumedResponse(draws=settings.draws, seed=world.study.seed)
    per_usd = before.decided.cny_per_usd
    with stretch(0.9, 1.0):
        joint = reoptimise(before, shock_scenario(world, world.shocks, assumed))
        floor = float(settings.floor_cny) / per_usd if settings.reverse else None
        stress = _stress(before, world.shocks, assumed, joint, floor)
    said = caution(ABOUT[2], stress.missing, before.plan)
    return replace(result, stress=stress, warnings=(*result.warnings, *said))


def _stress(
    before: StudyPlan,
    shocks: Shocks,
    assumed: AssumedResponse,
    joint: TradeEffects | None,
    floor: float | None,
) -> Stress:
    """Each shock alone, all together, and down to ``floor`` USD a year the reverse."""
    rows = []
    alone = len(shocks) == 1
    with stretch(0.0, 0.5):
        for shock in told_of(shocks, say("policy.doing_stress")):
            by_itself = shock_scenario(before.world, [shock], assumed)
            effects = joint if alone else reoptimise(before, by_itself)
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


def _row(before: StudyPlan, shock: Shock, effects: TradeEffects | None) -> StressRow:
    about = shock.file.shock
    assert effects is not None, "a shock has effects"
    return StressRow(
        shock.key, about.name, about.name_zh, about.since, about.until, about.source, about.status,
        effects.plan, purchases(before, shock, 1)[1], about.source_zh, effects.settling,
        **_lacking(before, effects),
    )  # fmt: skip


def _lacking(before: StudyPlan, effects: TradeEffects) -> dict[str, Any]:
    """What is missing of a shock where the firm sells or plans to, and the share that is not."""
    missing = tuple(each for each in effects.missing if each.at_stake.amount)
    return {"missing": missing, "known_share": share_known(before.plan, missing)}


def _joint(before: StudyPlan, effects: TradeEffects | None) -> StressRow:
    assert effects is not None, "shocks have effects"
    lacking = _lacking(before, effects)
    return StressRow(
        JOINT,
        "",
        name_zh=None,
        since=None,
        until=None,
        source="",
        status="",
        plan=effects.plan,
        measured=0,
        settling=effects.settling,
        **lacking,
    )


def _reverse(
    before: StudyPlan, row: StressRow, shocks: Shocks, assumed: AssumedResponse, floor: float
) -> ReverseStress:
    """The smallest size at which the plan, kept, earns no more than ``floor`` USD a year.

    Yuan are dollars at today's rate here: a floor is a sum of yuan. What is missing of the shock
    is in no sum.
    """
    key = row.key
    gone = {(each.values["product"], each.values["market"]) for each in row.missing}
    dollar = before.choices.dollar
    gain = float(profit_of_fixed_plan(before, without=gone).mean()) / dollar
    few = replace(assumed, draws=min(assumed.draws, 40))

    def earnings(size: float) -> float:
        sized = [shock.scale_to(size) for shock in shocks]
        after = apply_scenario(before, shock_scenario(before.world, sized, few))
        offers = offers_in(after.world, after.products)
        return float(profit_of_fixed_plan(before, offers, gone).mean()) / dollar

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
    what = tuple(clause for shock in shocks for clause in shock.scale_to(high).what())
    return ReverseStress(key, high, LARGEST, gain, at_most, floor, what)
