"""How a plan holds, told: mean or worst, what turns a move around, what limits are worth."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from offing.planning.plan import MoveSummary
from offing.planning.risk import (
    LESS_RISK,
    BarFigures,
    LimitFigures,
    NeedFigures,
    PointFigures,
    RiskFigures,
    TargetFigures,
    TurnFigures,
)
from offing.report import words
from offing.report.blocks import (
    Action,
    Actions,
    Block,
    Callout,
    Cell,
    Figure,
    Figures,
    Folded,
    Heading,
    Shown,
    Table,
    Text,
    amount,
    money_cell,
    money_of,
    number,
    table_of,
    text,
)
from offing.report.charts import bars, frontier
from offing.report.decision import CNY, MOST, NamedDecision
from offing.report.drawing import BESIDE, draw_twice
from offing.report.move_words import currency_phrase
from offing.terms.countries import country_name
from offing.terms.messages import has_message as has_message
from offing.terms.messages import language, say
from offing.terms.numbers import (
    MoneyColumn,
    change,
    count,
    currency_name,
    fixed_decimals,
    likelihood,
    money,
    money_column,
    percent,
    price,
    value_or_dash,
)

MARKETS = ("market_share",)
"""Limits whose subject is a market."""
LABELLED = ("today", "careful", "bold")
"""Plans of the frontier that the picture names."""
NEAREST = 3
"""Inputs that are told of a move: those that turn it around first."""
NEXT_TO_NOTHING = 0.001
"""Of the plan's gain: what a tenth more of a limit earns is then no figure worth reading."""


def view(decision: NamedDecision, risk: RiskFigures) -> tuple[Block, ...]:
    """What turns the first moves around, and folded the frontier, the tornado and the limits."""
    share = percent(risk.factor, 0)
    folds = {
        "frontier": _frontier(decision, risk),
        "tornado": _tornado(decision, risk) if risk.bars else (),
        "limits": _limits(decision, risk),
    }
    return (
        *unsure(decision),
        *(turns(decision, risk) if risk.bars else []),
        *(
            Folded(say(f"planning.{name}_fold", share=share), blocks, printed=True)
            for name, blocks in folds.items()
        ),
    )


def unsure(decision: NamedDecision) -> list[Block]:
    """What the worlds of a plan without sales of the firm do not tell."""
    return [Callout(say("planning.risk_no_sales"))] if decision.figures.without_sales else []


def one_plan(risk: RiskFigures) -> bool:
    """Whether there is nothing to choose between: every plan is today's way."""
    return len({(round(point.mean_cny), round(point.worst_cny)) for point in risk.points}) < 2


def frontier_says(risk: RiskFigures) -> Iterator[str]:
    """What care would cost, and whether the plan is less risky than today's way."""
    by_name = {point.name: point for point in risk.points}
    gap = risk.gap_over_today
    if gap is not None and not one_plan(risk):
        key = "gap_smaller" if gap <= 1 - LESS_RISK else "gap_not"
        if gap > 1:
            earns_more = by_name["bold"].mean_cny > by_name["today"].mean_cny
            key = "gap_larger" if earns_more else "gap_dear"
        yield say(f"planning.{key}", share=percent(abs(gap - 1), 0), asked=percent(LESS_RISK, 0))
    careful, bold = by_name.get("careful"), by_name.get("bold")
    if careful is None or bold is None:
        yield say("planning.frontier_same")
        return
    yield say(
        "planning.frontier_says",
        mean=money(bold.mean_cny - careful.mean_cny, CNY),
        worst=money(careful.worst_cny - bold.worst_cny, CNY),
    )


def _frontier(decision: NamedDecision, risk: RiskFigures) -> tuple[Block, ...]:
    said = Text(tuple(frontier_says(risk)))
    if one_plan(risk):
        return (said,)
    column = points_column(risk)
    described = words.series(
        f"{point_name(p)} {column.amount(p.mean_cny)} ({column.amount(p.worst_cny)})"
        for p in risk.points
        if p.name in LABELLED
    )

    def dot(point: PointFigures) -> frontier.FrontierPoint:
        usual = "rival" if point_name(point) else "rival-dot"
        kind = {"today": "today", "bold": "own"}.get(point.name, usual)
        label = point_name(point) if point.name in LABELLED else ""
        return frontier.FrontierPoint(point.worst_cny, point.mean_cny, kind, label)

    dots = list(map(dot, risk.points))
    across, up = (
        (*frontier.around(values), column.size, "", say(f"planning.axis_{name}", unit=column.unit))
        for name, values in (("worst", [dot.x for dot in dots]), ("mean", [dot.y for dot in dots]))
    )
    title, count = say("planning.frontier_title"), fixed_decimals(decision.figures.scenarios, 0)
    figure = Figure(
        "frontier",
        title,
        partial(frontier.draw, "frontier-chart", title, described, [dots], across, up),
        say("planning.frontier_caption", years=decision.years, count=count),
        source=say("report.source_own"),
    )
    notes = ["regret_note", *["as_computed"] * (decision.figures.level is not None)]
    note = Text(tuple(say(f"planning.{name}") for name in notes), "note")
    return said, Figures((figure,)), frontier_table(decision, risk), note


def _tornado(decision: NamedDecision, risk: RiskFigures) -> tuple[Block, ...]:

    def swing(bar: BarFigures) -> bars.Swing:
        long, short = map(row_heading, (input_name(decision, bar), short_name(bar)))
        return long, short, bar.low_cny, bar.high_cny

    swings = list(map(swing, risk.bars))
    column, share = _ends_column(risk), percent(risk.factor, 0)
    of = (swings, risk.gain_cny, column, risk.factor)
    gain = column.amount(risk.gain_cny)
    label, _, below, above = swings[0]
    widest = label, f"{column.cell(below)} / {column.amount(above)}"
    figure = Figure(
        "tornado",
        words.finding(say("planning.tornado_title", share=share), *widest, "weighs"),
        partial(draw_twice, bars.draw_tornado, "tornado-chart", *of, lanes=BESIDE),
        say("planning.tornado_caption", years=decision.years, gain=gain, share=share),
        wide=True,
        source=say("report.source_own"),
    )
    note = Text((say("planning.tornado_note"),), "note")
    return Figures((figure,)), tornado_table(decision, risk), note


def _limits(decision: NamedDecision, risk: RiskFigures) -> tuple[Block, ...]:
    """What each limit is worth."""
    if not risk.limits:
        return (Text((say("planning.limits_none"),)),)
    note = Text((say("planning.limits_note"),), "note")
    return limits_table(decision, risk), note


def point_name(point: PointFigures) -> str:
    """A plan in words; between the named ones it has none."""
    key = f"planning.point_{point.name}"
    return say(key) if has_message(key) else ""


def frontier_table(decision: NamedDecision, risk: RiskFigures) -> Table:
    """Today, the named points of the frontier, and how each is regretted."""
    points = [point for point in risk.points if point_name(point)]
    column = points_column(risk)
    missed = money_column([p.regret_high_cny for p in points], CNY)

    spare = replace(amount("planning.column_regret_high", missed), spare=True)
    return table_of(
        "frontier-table",
        say("planning.frontier_table", years=decision.years),
        points,
        (
            text("planning.column_point"),
            lambda p: Cell(point_name(p), mark="strong" if p.name == "bold" else None),
        ),
        money_of("planning.column_mean_of", column, "mean_cny"),
        money_of("planning.column_low_of", column, "low_cny"),
        money_of("planning.column_worst_of", column, "worst_cny"),
        (number("planning.column_steps"), lambda p: Cell(str(p.moves), value=p.moves)),
        money_of("planning.column_regret", missed, "regret_cny"),
        (spare, lambda p: money_cell(missed, p.regret_high_cny)),
        (
            replace(number("planning.column_best"), format="rate"),
            lambda p: Cell(value_or_dash(p.best, partial(percent, places=0)), value=p.best),
        ),
        *([(text("planning.column_receipts"), receipts)] if receipts_differ(points) else []),
    )


def receipts_differ(points: Sequence[PointFigures]) -> bool:
    """Whether plans invoice or hedge otherwise."""
    return len(set(map(receipts, points))) > 1


def receipts(point: PointFigures) -> str:
    """The first year's receipts of a plan by currency, and how much of each is hedged."""
    said = [
        f"{currency_phrase(currency)} {percent(share, 0)}"
        + (say("planning.hedged", share=percent(hedged, 0)) if round(hedged, 2) else "")
        for currency, share, hedged in point.receipts
        if round(share, 2)
    ]
    return words.series(said)


def choices(risk: RiskFigures) -> tuple[tuple[PointFigures, str, str], ...]:
    """The plans to take one of, the most careful first and the plan itself last.

    Points that earn as much, as it is written, by the same receipts are one; there is none to take
    where all are.

    Returns:
        the point of each, what it is, and what it would mean: mean, worst twentieth, moves, and
        the receipts by currency where the plans differ in them.
    """
    offered = [point for point in risk.points if point.name != "today"]
    amount, differ = points_column(risk).amount, receipts_differ(offered)
    same: dict[tuple[str, str, str], list[PointFigures]] = {}
    for point in offered:
        ends = amount(point.mean_cny), amount(point.worst_cny)
        same.setdefault((*ends, receipts(point)), []).append(point)
    told = []
    for (mean, worst, paid), points in same.items():
        point = max(points, key=_name_rank)
        said = say("planning.choice", mean=mean, worst=worst, count=point.moves)
        if differ:
            said = say("planning.choice_receipts", choice=said, receipts=paid)
        name = point_name(point) or say("planning.point_between")
        told.append((point, row_heading(name), said))
    return tuple(told) if len(told) > 1 else ()


def _name_rank(point: PointFigures) -> int:
    """Of points that are the same plan the name that says most: that of the plan itself first."""
    return 2 if point.name == "bold" else int(bool(point_name(point)))


def points_column(risk: RiskFigures) -> MoneyColumn:
    """The unit of the frontier's amounts."""
    return close_column(max(abs(point.mean_cny) for point in risk.points))


def close_column(largest: float) -> MoneyColumn:
    """The unit of amounts that lie close together: with a decimal more."""
    if language() == "zh":  # 万 rather than 亿
        return money_column([largest / 10], CNY)
    column = money_column([largest], CNY)
    return replace(column, places=column.places + 1)


def input_name(decision: NamedDecision, bar: BarFigures) -> str:
    """An input in words."""
    subject = bar.subject
    if bar.name == "rate":
        subject = currency_name(bar.subject)
    elif bar.name == "elasticity":
        subject = decision.products.get(bar.subject, bar.subject)
    return say(f"planning.input_{bar.name}", subject=subject)


def short_name(bar: BarFigures) -> str:
    """An input where there is less room: a model by its key."""
    if bar.name == "rate":
        return bar.subject
    return say(f"planning.input_{bar.name}", subject=bar.subject)


def row_heading(name: str) -> str:
    """A name at the head of a row."""
    return name[:1].upper() + name[1:]


def _ends_column(risk: RiskFigures) -> MoneyColumn:
    ends = [end for bar in risk.bars for end in (bar.low_cny, bar.high_cny)]
    return money_column([*ends, risk.gain_cny], CNY)


def tornado_table(decision: NamedDecision, risk: RiskFigures) -> Table:
    """The kept plan's gain at both ends of each input."""
    column, share = _ends_column(risk), percent(risk.factor, 0)
    whole = say("planning.tornado_table", unit=currency_name(CNY))
    return table_of(
        "tornado-table",
        say("planning.tornado_table", unit=column.unit),
        risk.bars,
        (
            replace(text("planning.column_input"), whole=whole),
            lambda bar: row_heading(input_name(decision, bar)),
        ),
        money_of("planning.column_lower", column, "low_cny", share=share),
        money_of("planning.column_higher", column, "high_cny", share=share),
    )


def turns(decision: NamedDecision, risk: RiskFigures) -> list[Block]:
    """How far an input may go before it turns one of the first moves around; or that none does."""
    reasons: dict[str, list[tuple[float, str]]] = {}
    for bar in risk.bars:
        for turn in bar.turns:
            key = "planning.turn_fell" if turn.change < 0 else "planning.turn_rose"
            values = {"share": percent(abs(turn.change), 0), "value": _value(bar, turn)}
            said = say(key, input=input_name(decision, bar), **values)
            reasons.setdefault(_move(decision, turn), []).append((abs(turn.change), said))
    if not reasons:
        share = percent(risk.as_far_as, 0)
        return [Text((say("planning.turns_none", share=share, count=risk.watched),))]
    told = []
    for move, turns in reasons.items():
        nearest = say("planning.turn_or").join(said for _, said in sorted(turns)[:NEAREST])
        told.append(say("planning.turn", move=move, reasons=nearest))
    return [Text((say("planning.turns_lead", count=risk.watched),)), Text(tuple(told), "list")]


def _value(bar: BarFigures, turn: TurnFigures) -> str:
    """The input where it turns a move around, if its own figure says something."""
    if bar.value is None:
        return ""
    at = bar.value * (1 + turn.change)
    value = price(at, CNY) if bar.name == "rate" else fixed_decimals(at, 1)
    return say("planning.turns_to", value=value)


def _move(decision: NamedDecision, turn: TurnFigures) -> str:
    move: MoveSummary | None = next(
        (m for m in decision.figures.moves if (m.product, m.market) == (turn.product, turn.market)),
        None,
    )
    return country_name(turn.market) if move is None else decision.text(move)


def subject_of(decision: NamedDecision, limit: str, subject: str) -> str:
    """What a limit is about, in words."""
    if limit == "line_hours":
        line = subject.rpartition("/")[2]
        return decision.lines.get(line, line)
    if limit in MARKETS:
        return words.within(subject)
    if limit == "must_keep":
        model, _, market = subject.partition(" ")
        name = decision.products.get(model, model)
        return say("planning.model_in", market=country_name(market), product=name)
    return subject


def limit_name(decision: NamedDecision, limit: str, subject: str) -> str:
    """A limit in words: "hours of the premium line"."""
    return say(f"planning.limit_{limit}", subject=subject_of(decision, limit, subject))


def limit_amount(limit: str, value: float) -> str:
    """How much of a limit, with its unit."""
    if limit == "line_hours":
        return say("planning.hours_a_year", count=count(value))
    if limit in MARKETS:
        return percent(value, 0)
    return money(value, CNY)


def limits_table(decision: NamedDecision, risk: RiskFigures) -> Table:
    """Limits that are worth something, the most first."""
    column = money_column(
        [v for limit in risk.limits for v in (limit.more_cny, limit.less_cny)], CNY
    )

    def limit_column(name: str, of: str) -> Shown[LimitFigures]:
        def cell(limit: LimitFigures) -> Cell:
            value = getattr(limit, of)
            return Cell(value_or_dash(value, partial(limit_amount, limit.limit)), value=value)

        return number(f"planning.column_{name}"), cell

    def less(limit: LimitFigures) -> Cell:
        if limit.less_cny is None:
            return Cell(say("planning.no_plan"))
        return money_cell(column, limit.less_cny)

    def one_more(limit: LimitFigures) -> Cell:
        text = value_or_dash(limit.price_cny, partial(price, currency=CNY))
        if limit.price_cny is not None and limit.year is not None:
            text = say("planning.one_in_year", price=text, year=str(limit.year))
        return Cell(text, value=limit.price_cny)

    return table_of(
        "limits-table",
        say("planning.limits_table", years=decision.years),
        risk.limits,
        (
            text("planning.column_limit"),
            lambda limit: row_heading(limit_name(decision, limit.limit, limit.subject)),
        ),
        limit_column("limit_now", "now"),
        limit_column("limit_used", "used"),
        money_of("planning.column_limit_more", column, "more_cny"),
        (amount("planning.column_limit_less", column), less),
        (replace(number("planning.column_limit_price"), format="money"), one_more),
        limit_column("limit_from", "low"),
        limit_column("limit_to", "high"),
    )


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
        blocks += [Text((say("planning.target_takes"),)), Actions(tuple(steps))]
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
