"""What a target would need: the moves that reach it, or the limits that keep it out of reach.

All offers count here, also those whose moves are struck from the plan for not being likely enough:
the question is what it would take.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from offing.planning.inaction import PlanSolution
from offing.planning.inaction import plan as plan_moves
from offing.planning.limits import Name, amounts, conflicting, feasible, most, names_of, without
from offing.planning.linear import Pool
from offing.planning.offers import PlanLimits, Risk, Target
from offing.planning.programme import Programme, build, facts_of
from offing.planning.risk import NeedFigures, TargetFigures
from offing.planning.treasury import plan_with_money
from offing.sources.numbers import Amount, read_amount, sign_of
from offing.study.decision import summarise_decision
from offing.study.plan import StudyPlan, decision_at_level
from offing.study.solve import limits_of
from offing.terms.errors import InputError
from offing.terms.money import clear_amount, figures_for_words, split_multiple

Kind = Literal["sales", "profit"]
KINDS: dict[str, Kind] = {
    "sales": "sales",
    "销售额": "sales",
    "销售": "sales",
    "profit": "profit",
    "利润": "profit",
}
USUAL: dict[Kind, str] = {"sales": "USD", "profit": "CNY"}
"""The currency of digits alone."""
PARTS = {"%": 100, "成": 10}
"""What a change is written in → how many make the whole."""
"""English sizes → the power of ten; Chinese ones are the number reader's own."""
MORE, LESS = "+|增长|增加|提高", "-|下降|减少"

_WORDS = re.compile(rf"(?:({'|'.join(KINDS)})\s*(?:of\b|[:：]|为|达到)?\s*)?(.*)", re.IGNORECASE)
_CHANGE = re.compile(
    rf"(?:(?P<more>\{MORE})|(?P<less>{LESS}))?\s*(?P<number>[\d.,]*\d)\s*(?P<part>[{''.join(PARTS)}])"
)


@dataclass(frozen=True)
class PlanTarget:
    """A target as a person says it.

    Attributes:
        of: ``sales`` of the last year, or its ``profit``.
        change: over today's, a share; ``None`` where an amount is asked.
        amount: the amount; ``None`` where a change is asked.
        currency: of the amount.
    """

    of: Kind
    change: float | None
    amount: float | None
    currency: str = "USD"


def parse_target(text: str) -> PlanTarget:
    """A target such as ``+30%``, ``profit +10%``, ``利润 2,000万元`` or ``sales 80000000``.

    Digits alone are USD of sales and CNY of profit. What stands with a counting word (万, m), or
    with ``$`` or ``¥``, needs its currency.

    Raises:
        InputError: ``planning.bad_target``; ``planning.target_currency`` where the currency is not
            clear; ``money.thousand_or_one`` for ``2.000``.
    """
    plain = figures_for_words(unicodedata.normalize("NFKC", text).replace("−", "-").strip())
    words = _WORDS.fullmatch(plain)
    if words is None:
        raise InputError("planning.bad_target", text=text)
    kind = KINDS[(words[1] or "sales").lower()]
    if changed := _CHANGE.fullmatch(words[2]):
        share = _clear(changed["number"], text) / PARTS[changed["part"]]
        if changed["less"]:
            share = -share
        if share <= -1:
            raise InputError("planning.bad_target", text=text)
        return PlanTarget(kind, float(share), None)
    amount, currency = _amount(words[2], kind, text)
    return PlanTarget(kind, None, float(amount), currency)


def _clear(number: str, text: str) -> Decimal:
    try:
        return clear_amount(number)
    except InputError as error:
        if error.key == "money.thousand_or_one":
            raise
        raise InputError("planning.bad_target", text=text) from None


def _amount(rest: str, kind: Kind, text: str) -> tuple[Decimal, str]:
    """An amount and its currency; a sign before it would say how much more, and of what not."""
    bare, power = split_multiple(rest)
    amount: Amount | None = read_amount(bare)
    if amount is None or amount.value <= 0 or re.match(r"\D*[+(-]", rest):
        raise InputError("planning.bad_target", text=text)
    if sign_of(rest) == ".?":
        number = re.search(r"(?<![\d.])[\d.]*\d", rest)
        clear_amount(number[0] if number else rest)
    if amount.currency is None and (power or amount.counted or set(rest) & set("$¥￥")):
        size = re.sub(r"[$¥￥]", "", rest).strip()
        raise InputError("planning.target_currency", text=text, size=size)
    return amount.value.scaleb(power), amount.currency or USUAL[kind]


TINY = 0.02
"""An amount below this part of today's is a change without its sign, or in ten thousands."""
HALVINGS = 7
"""Of the amount of a limit that would do: within a hundredth of what is missing."""


def target_of(planned: StudyPlan, goal: PlanTarget) -> TargetFigures:
    """What becomes of a target, beside the plan and at its level of sales.

    Args:
        planned: the plan with what it was made from.
        goal: from :func:`offing.study.target.parse_target`.

    Raises:
        InputError: ``planning.target_no_rate``, ``planning.target_tiny``.
    """
    solved, offers = planned.solved, planned.choices.offers
    year = offers.years[-1]
    level = planned.decided.level
    bare = Target(goal.of, 0.0, year, level.factor if level else 1.0)
    stay, plan = (
        float(amounts(solved.programme, solution.decision, bare).mean())
        for solution in (solved.stay, solved.solution)
    )
    now = planned.plan.sales_now_usd if goal.of == "sales" else stay
    amount = _asked_amount(planned, goal) if goal.change is None else now + abs(now) * goal.change
    target = replace(bare, amount=float(amount or 0.0))
    if goal.change is None and target.amount < TINY * now:
        told, today = (f"{value:,.0f}" for value in (target.amount, now))
        raise InputError("planning.target_tiny", currency=USUAL[goal.of], amount=told, now=today)
    limits, _ = limits_of(
        planned.world.study, offers, planned.choices.dollar, planned.choices.beside
    )
    limits = replace(limits, line_hours=solved.programme.facts.limits.line_hours)
    risk = planned.choices.risk
    treasury = solved.programme.facts.treasury.unlearnt()
    programme = build(facts_of(offers, replace(limits, target=target), treasury))
    start = solved.solution.decision
    highest = most(programme, risk, target, start=start)
    free = most(*without(programme, risk, names_of(programme, risk)), target, start=start)
    figures = TargetFigures(
        goal.of, goal.change, target.amount, year=year, now=now, plan=plan, most=highest,
        unlimited=free, chance=None, cost_cny=None, decided=None, needs=(),
    )  # fmt: skip
    if plan >= target.amount:
        came = amounts(solved.programme, solved.solution.decision, target) >= target.amount
        return replace(figures, chance=float(came.mean()), cost_cny=0.0, decided=planned.decided)
    # What was looked at for the plan and is not made stays as it is, unless it is needed.
    fixed = solved.keep_struck(programme)
    as_planned = replace(fixed, closed=fixed.closed | solved.programme.closed)
    reached = _reaching(as_planned, risk) or _reaching(programme, risk)
    if reached is None:
        return replace(figures, needs=_needs(programme, risk))
    came = amounts(programme, reached.solution.decision, target) >= target.amount
    decided = summarise_decision(reached, planned.choices, False, planned.world.sales)
    if level:
        decided = decision_at_level(decided, reached, level)
    cost = planned.decided.plan.mean - decided.plan.mean
    return replace(figures, chance=float(came.mean()), cost_cny=cost, decided=decided)


def _asked_amount(planned: StudyPlan, goal: PlanTarget) -> float:
    """The amount asked: of sales in USD, of profit in CNY, at the day's rates."""
    rates = {"CNY": 1.0, **dict(planned.decided.rates)}
    if goal.currency not in rates:
        currencies = ", ".join(sorted(rates))
        raise InputError("planning.target_no_rate", currency=goal.currency, known=currencies)
    return (goal.amount or 0.0) * rates[goal.currency] / rates[USUAL[goal.of]]


def _reaching(programme: Programme, risk: Risk) -> PlanSolution | None:
    """The best plan within the limits, the target among them; ``None`` where there is none.

    Hedged and invoiced as the plan is: what the target costs is the moves' alone.
    """

    def moves(of: Programme, pool: Pool) -> PlanSolution:
        return plan_moves(of, risk, threshold=0.0, weighed=False, pool=pool)

    try:
        return plan_with_money(programme, risk, moves)
    except InputError as error:
        if error.key != "planning.limits_conflict":
            raise
        return None


def _needs(programme: Programme, risk: Risk) -> tuple[NeedFigures, ...]:
    """The limits that keep the target out of reach, with what each alone would have to be."""
    facts = programme.facts

    def reaches(limits: PlanLimits) -> bool:
        return feasible(build(facts_of(facts.offers, limits, facts.treasury)), risk)

    names = [name for name in conflicting(programme, risk) if name[0] != "target"]
    return tuple(_need(name, facts.limits, reaches) for name in names)


def _need(name: Name, limits: PlanLimits, reaches: Callable[[PlanLimits], bool]) -> NeedFigures:
    now, at = _movable(name, limits)
    if now is None:
        return NeedFigures(*name, None, None)
    highest = 1.0 if name[0] == "market_share" else max(now, 1.0) * 64
    if not reaches(at(highest)):
        return NeedFigures(*name, now, None)
    low, high = now, highest
    while high > 2 * max(low, 1e-9) and reaches(at((low + high) / 2)):
        high = (low + high) / 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if reaches(at(middle)):
            high = middle
        else:
            low = middle
    return NeedFigures(*name, now, high)


def _movable(name: Name, limits: PlanLimits) -> tuple[float | None, Callable[[float], PlanLimits]]:
    """A limit as it is, and all of them with another amount of it; ``None`` where it is none."""
    kind, subject = name
    if kind == "line_hours":
        plant, line = subject.split("/", 1)
        hours = limits.line_hours[plant, line]
        table = limits.line_hours
        return max(hours), lambda amount: replace(
            limits, line_hours={**table, (plant, line): (amount,) * len(hours)}
        )
    if kind == "market_share":
        shares = limits.market_share
        return shares[subject], lambda amount: replace(
            limits, market_share={**shares, subject: amount}
        )
    now = getattr(limits, f"{kind}_cny") if kind in ("entry_budget", "working_capital") else None
    return now, lambda amount: replace(limits, **{f"{kind}_cny": amount})
