"""A target, told: what reaching it would need, or what keeps it out of reach."""

from collections.abc import Sequence

from offing.planning.plan import MoveSummary
from offing.planning.risk import NeedFigures, TargetFigures
from offing.report.blocks import Action, Actions, Block, Callout, Heading, Text
from offing.report.decision import CNY, MOST, NamedDecision
from offing.report.views.risk import limit_amount, limit_name, unsure
from offing.terms.messages import say
from offing.terms.numbers import change, likelihood, money, percent

MANY = 5
"""A target of so many times today's is hardly one."""


def told_target(decision: NamedDecision, target: TargetFigures) -> list[Block]:
    """What becomes of a target.

    Args:
        decision: the plan beside which it stands.
        target: of the same study.
    """
    blocks: list[Block] = [
        Heading(say("planning.target_heading", target=_move_name(decision, target)))
    ]
    blocks += _far_off(decision, target)
    if target.chance is None or target.decided is None:
        return [*blocks, *_out_of_reach(decision, target)]
    values = {"plan": _amount(decision, target, target.plan), "chance": likelihood(target.chance)}
    if target.plan >= target.amount:
        return [*blocks, Text((say("planning.target_met", **values),)), *unsure(decision)]
    cost = target.cost_cny or 0.0
    key = "target_free" if cost <= 0 else "target_reached"
    reached = say(f"planning.{key}", cost=money(cost, CNY), years=decision.years, **values)
    return [*blocks, Text((reached,)), *unsure(decision), *_beyond(decision, target.decided.moves)]


def _far_off(decision: NamedDecision, target: TargetFigures) -> list[Block]:
    """A target that is reached already, or is a multiple of today's: another unit, or no sign."""
    low = target.amount < target.now
    if not low and target.amount <= MANY * abs(target.now):
        return []
    values = {name: _amount(decision, target, getattr(target, name)) for name in ("amount", "now")}
    return [Callout(say(f"planning.warn_target_{'below' if low else 'many'}", **values))]


def _beyond(decision: NamedDecision, moves: Sequence[MoveSummary]) -> list[Block]:
    """The moves that the plan does not make, in this way."""

    def key(move: MoveSummary) -> tuple[object, ...]:
        return move.product, move.market, move.kinds, move.price_after_usd

    planned, wanted = ({key(move) for move in some} for some in (decision.figures.moves, moves))
    more = [move for move in moves if key(move) not in planned]
    left_out = [move for move in decision.figures.moves if key(move) not in wanted]
    blocks: list[Block] = []
    if more:
        steps = [
            Action(decision.text(m), decision.own(m), decision.remark(m, odds=False))
            for m in more[:MOST]
        ]
        blocks += [Text((say("planning.target_takes"),)), Actions(tuple(steps), len(steps) > 1)]
        blocks += _further(more)
    if left_out:
        blocks.append(Text((say("planning.target_leaves_out"),)))
        blocks.append(Text(tuple(map(decision.text, left_out[:MOST])), "list"))
        blocks += _further(left_out)
    return blocks or [Text((say("planning.target_shares"),))]


def _further(moves: Sequence[MoveSummary]) -> list[Block]:
    count = len(moves) - MOST
    return [Text((say("planning.target_further", count=count),), "note")] if count > 0 else []


def _out_of_reach(decision: NamedDecision, target: TargetFigures) -> list[Block]:
    def amount(value: float) -> str:
        return _amount(decision, target, value)

    out = say("planning.target_out", most=amount(target.most), plan=amount(target.plan))
    if target.needs:
        alone = len(target.needs) == 1
        lead = say("planning.target_limits_one" if alone else "planning.target_limits")
        needs = tuple(_need(decision, need) for need in target.needs)
        return [Text((out, lead)), Text(needs, "list")]
    if target.of == "profit" or target.unlimited <= 0:
        why = say("planning.target_no_limit_profit", most=amount(target.unlimited))
    else:
        share = percent(target.amount / target.unlimited - 1, 1)
        why = say("planning.target_no_limit", most=amount(target.unlimited), share=share)
    return [Text((out, why))]


def _need(decision: NamedDecision, need: NeedFigures) -> str:
    name = limit_name(decision, need.limit, need.subject)
    if need.now is None:
        return say("planning.need_given_up", limit=name)
    now = limit_amount(need.limit, need.now)
    if need.needed is None:
        return say("planning.need_more", limit=name, now=now)
    needed = limit_amount(need.limit, need.needed)
    return say("planning.need_amount", limit=name, now=now, needed=needed)


def _move_name(decision: NamedDecision, target: TargetFigures) -> str:
    amount = _amount(decision, target, target.amount)
    named = say(f"planning.target_of_{target.of}", amount=amount, year=str(target.year))
    if target.change is None:
        return named
    now = _amount(decision, target, target.now)
    return say("planning.target_change", target=named, change=change(target.change), now=now)


def _amount(decision: NamedDecision, target: TargetFigures, value: float) -> str:
    """In the firm's currency: sales at the day's rate."""
    return money(value * decision.figures.cny_per_usd if target.of == "sales" else value, CNY)
