"""How a plan holds, told: mean or worst, what turns a move around, what limits are worth."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from offing.planning.plan import MoveSummary
from offing.planning.risk_figures import (
    LESS_RISK,
    BarFigures,
    LimitFigures,
    PointFigures,
    RiskFigures,
    TurnFigures,
)
from offing.report import words
from offing.report.blocks import (
    Block,
    Callout,
    Cell,
    Column,
    Heading,
    Table,
    Text,
    money_cell,
    number,
    table_of,
    text,
)
from offing.report.decision import CNY, Decision
from offing.terms.countries import country_name
from offing.terms.messages import known, language, say
from offing.terms.numbers import (
    NOTHING,
    MoneyColumn,
    count,
    currency_name,
    fixed,
    money,
    money_column,
    percent,
    price,
)

MARKETS = ("market_share",)
"""Limits whose subject is a market."""
NEAREST = 3
"""Inputs that are told of a move: those that turn it around first."""
NEXT_TO_NOTHING = 0.001
"""Of the plan's gain: what a tenth more of a limit earns is then no figure worth reading."""


def told_risk(decision: Decision, risk: RiskFigures) -> list[Block]:
    """All of it for a terminal."""
    blocks: list[Block] = [*unsure(decision), Heading(say("planning.frontier_fold"))]
    blocks.append(Text(tuple(frontier_says(risk))))
    if not one_plan(risk):
        blocks.append(frontier_table(decision, risk))
        blocks.append(Text((say("planning.regret_note"),), "note"))
    if risk.bars:
        share = percent(risk.factor, 0)
        blocks += [
            Heading(say("planning.tornado_fold", share=share)),
            *turns(decision, risk),
            tornado_table(decision, risk),
            Text((say("planning.tornado_note"),), "note"),
        ]
    return [*blocks, Heading(say("planning.limits_fold")), *limits(decision, risk)]


def unsure(decision: Decision) -> list[Block]:
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


def point_name(point: PointFigures) -> str:
    """A plan in words; between the named ones it has none."""
    key = f"planning.point_{point.name}"
    return say(key) if known(key) else ""


def frontier_table(decision: Decision, risk: RiskFigures) -> Table:
    """Today, the named points of the frontier, and how each is regretted."""
    points = [point for point in risk.points if point_name(point)]
    column = points_column(risk)
    missed = money_column([p.regret_high_cny for p in points], CNY)

    def amount(value: float | None) -> Cell:
        return Cell(NOTHING) if value is None else money_cell(column, value)

    return table_of(
        "frontier-table",
        say("planning.frontier_table", years=decision.years),
        points,
        (
            text("planning.column_point"),
            lambda p: Cell(point_name(p), mark="strong" if p.name == "bold" else None),
        ),
        (number("planning.column_mean_of", unit=column.unit), lambda p: amount(p.mean_cny)),
        (number("planning.column_low_of", unit=column.unit), lambda p: amount(p.low_cny)),
        (number("planning.column_worst_of", unit=column.unit), lambda p: amount(p.worst_cny)),
        (number("planning.column_steps"), lambda p: Cell(str(p.moves))),
        (
            number("planning.column_regret", unit=missed.unit),
            lambda p: Cell(missed.cell(p.regret_cny)),
        ),
        (
            Column(say("planning.column_regret_high", unit=missed.unit), spare=True),
            lambda p: Cell(missed.cell(p.regret_high_cny)),
        ),
        (
            number("planning.column_best"),
            lambda p: Cell(NOTHING if p.best is None else percent(p.best, 0)),
        ),
    )


@dataclass(frozen=True)
class Choice:
    """A plan of the frontier that a person may take.

    Attributes:
        name: of its point.
        text: what it is.
        figures: what it would mean: mean, worst twentieth, moves.
        worst_cny: average of its worst twentieth.
    """

    name: str
    text: str
    figures: str
    worst_cny: float


def choices(risk: RiskFigures) -> tuple[Choice, ...]:
    """The plans to take one of, the most careful first and the plan itself last.

    Points that are the same plan are one; there is none to take where all are.
    """
    offered = [point for point in risk.points if point.name != "today"]
    same: dict[tuple[float, float], list[PointFigures]] = {}
    for point in offered:
        same.setdefault((point.mean_cny, point.worst_cny), []).append(point)
    points = [max(points, key=_called) for points in same.values()]
    if len(points) < 2:
        return ()
    column = points_column(risk)
    return tuple(
        Choice(
            point.name,
            headed(point_name(point) or say("planning.point_between")),
            say(
                "planning.choice",
                mean=column.amount(point.mean_cny),
                worst=column.amount(point.worst_cny),
                count=point.moves,
            ),
            point.worst_cny,
        )
        for point in points
    )


def _called(point: PointFigures) -> int:
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


def input_name(decision: Decision, bar: BarFigures) -> str:
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


def headed(name: str) -> str:
    """A name at the head of a row."""
    return name[:1].upper() + name[1:]


def tornado_table(decision: Decision, risk: RiskFigures) -> Table:
    """The kept plan's gain at both ends of each input."""
    ends = [end for bar in risk.bars for end in (bar.low_cny, bar.high_cny)]
    column, share = money_column([*ends, risk.gain_cny], CNY), percent(risk.factor, 0)
    return table_of(
        "tornado-table",
        say("planning.tornado_table", unit=column.unit),
        risk.bars,
        (text("planning.column_input"), lambda bar: Cell(headed(input_name(decision, bar)))),
        (number("planning.column_lower", share=share), lambda bar: money_cell(column, bar.low_cny)),
        (
            number("planning.column_higher", share=share),
            lambda bar: money_cell(column, bar.high_cny),
        ),
    )


def turns(decision: Decision, risk: RiskFigures) -> list[Block]:
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
    value = price(at, CNY) if bar.name == "rate" else fixed(at, 1)
    return say("planning.turns_to", value=value)


def _move(decision: Decision, turn: TurnFigures) -> str:
    move: MoveSummary | None = next(
        (m for m in decision.figures.moves if (m.product, m.market) == (turn.product, turn.market)),
        None,
    )
    return country_name(turn.market) if move is None else decision.text(move)


def subject_of(decision: Decision, limit: str, subject: str) -> str:
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


def limit_name(decision: Decision, limit: str, subject: str) -> str:
    """A limit in words: "hours of the premium line"."""
    if limit == "line_hours" and subject.rpartition("/")[2] in decision.lines:
        return say("planning.limit_hours_named", subject=subject_of(decision, limit, subject))
    if limit in MARKETS:
        return say("planning.limit_cap_named", subject=words.within(subject))
    return say(f"planning.limit_{limit}", subject=subject_of(decision, limit, subject))


def limit_amount(limit: str, value: float) -> str:
    """How much of a limit, with its unit."""
    if limit == "line_hours":
        return say("planning.hours_a_year", count=count(value))
    if limit in MARKETS:
        return percent(value, 0)
    return money(value, CNY)


def limits(decision: Decision, risk: RiskFigures) -> list[Block]:
    """What each limit is worth in plain words, and the same as a table."""
    if not risk.limits:
        return [Text((say("planning.limits_none"),))]
    said = [_limit_says(decision, risk, limit) for limit in risk.limits]
    return [
        Text(tuple(said), "list"),
        limits_table(decision, risk),
        Text((say("planning.limits_note"),), "note"),
    ]


def _limit_says(decision: Decision, risk: RiskFigures, limit: LimitFigures) -> str:
    name = headed(limit_name(decision, limit.limit, limit.subject))
    values = {
        "limit": name,
        "more": money(limit.more_cny, CNY),
        "less": "" if limit.less_cny is None else money(limit.less_cny, CNY),
    }
    key = "limit_more"
    if limit.less_cny is None:
        key = "limit_more_needed"
    elif limit.more_cny < NEXT_TO_NOTHING * abs(risk.gain_cny):
        key = "limit_more_nothing"
    said = [say(f"planning.{key}", **values)]
    if limit.price_cny is not None:
        unit = f"planning.one_{limit.limit}"
        subject = subject_of(decision, limit.limit, limit.subject)
        priced = {
            "one": say(unit if known(unit) else "planning.one_other", subject=subject),
            "price": price(limit.price_cny, CNY),
            "range": _range(limit),
        }
        said.append(
            say("planning.limit_price", **priced)
            if limit.year is None
            else say("planning.limit_price_year", year=str(limit.year), **priced)
        )
    return words.joined(said)


def _range(limit: LimitFigures) -> str:
    low = limit.low or 0.0
    if limit.high is None:
        return say("planning.limit_range_open", low=limit_amount(limit.limit, low))
    first = count(low) if limit.limit == "line_hours" else limit_amount(limit.limit, low)
    return say("planning.limit_range", low=first, high=limit_amount(limit.limit, limit.high))


def limits_table(decision: Decision, risk: RiskFigures) -> Table:
    """Limits that are worth something, the most first."""
    column = money_column(
        [v for limit in risk.limits for v in (limit.more_cny, limit.less_cny)], CNY
    )
    priced = any(limit.price_cny is not None for limit in risk.limits)
    return table_of(
        "limits-table",
        say("planning.limits_table", years=decision.years),
        risk.limits,
        (
            text("planning.column_limit"),
            lambda limit: Cell(headed(limit_name(decision, limit.limit, limit.subject))),
        ),
        (
            number("planning.column_limit_now"),
            lambda limit: Cell(limit_amount(limit.limit, limit.now)),
        ),
        (
            number("planning.column_limit_used"),
            lambda limit: Cell(
                NOTHING if limit.used is None else limit_amount(limit.limit, limit.used)
            ),
        ),
        (
            number("planning.column_limit_more", unit=column.unit),
            lambda limit: money_cell(column, limit.more_cny),
        ),
        (
            number("planning.column_limit_less", unit=column.unit),
            lambda limit: Cell(
                say("planning.no_plan") if limit.less_cny is None else column.cell(limit.less_cny)
            ),
        ),
        (
            number("planning.column_limit_price"),
            lambda limit: Cell(NOTHING if limit.price_cny is None else price(limit.price_cny, CNY)),
        )
        if priced
        else None,
        (
            text("planning.column_limit_range"),
            lambda limit: Cell(NOTHING if limit.price_cny is None else _range(limit)),
        )
        if priced
        else None,
    )
