"""A programme of fairs, told: the decision in a sentence, the fairs, what they rest on."""

from collections.abc import Iterator, Sequence
from functools import partial

from offing.api.fairs import FairLine, FairsAnswer
from offing.report.blocks import (
    Block,
    Callout,
    Figure,
    Figures,
    Folded,
    Table,
    Text,
    columns_of,
    number,
    table_of,
    text,
)
from offing.report.charts import bars as chart
from offing.report.drawing import BESIDE, draw_twice
from offing.report.words import finding
from offing.terms.countries import country_name
from offing.terms.messages import join_list, say
from offing.terms.numbers import (
    difference,
    fixed_decimals,
    money,
    money_column,
    money_range,
    percent,
    span_text,
    value_or_dash,
)

CURRENCY = "CNY"
DRAWN = 12
"""Fairs of the picture."""
NAMED = 5
"""Fairs and segments that a sentence names."""


def view(answer: FairsAnswer) -> tuple[Block, ...]:
    """The decision, what a yuan brings at each fair, the programme, and what it rests on."""
    return (
        Text(tuple(programme_lead(answer)), "lead"),
        *_picture(answer),
        *_programme(answer),
        *_last_year(answer),
        _omitted_fairs(answer.left_out),
        *([_unknown_fairs(answer.unknown)] if answer.unknown else []),
        *_editions(answer),
        *_sizes(answer),
        *_draws(answer),
        *_doubts(answer),
    )


def programme_lead(answer: FairsAnswer) -> Iterator[str]:
    """What to support, for what, what it may bring, and how many fairs have no known effect."""
    budget = money(answer.budget, CURRENCY)
    supported, left_out, unknown = answer.supported_fairs, answer.left_out, answer.unknown
    local = {line.own is None for line in supported}
    grounds = "both" if len(local) > 1 else "local" if True in local else "editions"
    if supported:
        names = join_list((line.fair for line in left_out), NAMED)
        out = say("fairs.lead_out", fairs=names) if left_out else ""
        yield say(
            "fairs.lead", count=len(supported), places=sum(line.places for line in supported),
            cost=money(answer.cost, CURRENCY), budget=budget, out=out, next=_next(answer),
            brings=money(answer.brings, CURRENCY), by=say(f"fairs.by_{grounds}"),
            range="" if answer.low80 is None else say(
                "province.of_80", range=money_range(answer.low80, answer.high80, CURRENCY)),
        )  # fmt: skip
    elif left_out:
        yield say("fairs.lead_nothing", budget=budget)
    else:
        yield say("fairs.lead_unknown")
    if unknown:
        key = "first" if unknown[0].room is not None else "alike"
        yield say(f"fairs.unknown_{key}", count=len(unknown), fair=unknown[0].fair)


def _last_year(answer: FairsAnswer) -> Iterator[Block]:
    """Places of last year beside this year's, those that change most first."""
    if not answer.told_last_year:
        return
    rows = [(x.fair, x.last_places or 0, x.places, x.last_cost, x.cost) for x in answer.lines]
    rows += [(fair, places, 0, cost, 0.0) for fair, places, cost in answer.ended]
    rows = [row for row in rows if row[1] or row[2]]
    usd = money_column([cost for row in rows for cost in row[3:]], CURRENCY)
    paid = any(row[3] is not None for row in rows)
    yield table_of(
        "last",
        say("fairs.last_year", unit=usd.unit),
        sorted(rows, key=lambda row: -abs(row[2] - row[1])),
        (text("fairs.column_fair"), lambda row: row[0]),
        (number("fairs.column_last_places"), lambda row: str(row[1])),
        (number("fairs.column_places"), lambda row: str(row[2])),
        (number("fairs.column_change"), lambda row: difference(row[2] - row[1], 0)),
        (number("fairs.column_last_cost"), lambda row: value_or_dash(row[3], usd.cell))
        if paid
        else None,
        (number("fairs.cost"), lambda row: usd.cell(row[4])),
    )


def _picture(answer: FairsAnswer) -> Iterator[Figures]:
    """What a yuan brings at the fairs whose effect is known, the best first."""
    rows = [
        chart.Whisker(
            line.fair,
            line.effect / line.place_cny,
            (line.effect if line.low80 is None else line.low80) / line.place_cny,
            (line.effect if line.high80 is None else line.high80) / line.place_cny,
            say("fairs.chart_places", places=line.places, offered=line.offered),
            line.places > 0,
        )
        for line in (*answer.supported_fairs, *answer.left_out)
        if line.effect is not None and line.place_cny > 0
    ]
    shown = sorted(rows, key=lambda row: -row.value)[:DRAWN]
    if len(shown) < 2:
        return
    best, caption = shown[0], say("fairs.chart_caption", count=len(shown))
    title = finding(say("fairs.chart_title"), best.label, fixed_decimals(best.value, 1))
    described = "; ".join(f"{row.label} {fixed_decimals(row.value, 1)}" for row in shown)
    drawn = partial(draw_twice, chart.draw_whiskers, "fairs", title, described, shown, lanes=BESIDE)
    source = say("report.source_named")
    yield Figures((Figure("fairs", title, drawn, caption, wide=True, source=source),))


def _next(answer: FairsAnswer) -> str:
    if answer.next_yuan <= 0:
        return say("fairs.next_nothing")
    return money(round(answer.next_yuan, 1), CURRENCY)


def _markets(line: FairLine) -> str:
    return join_list(country_name(code) for code in line.markets)


def _programme(answer: FairsAnswer) -> Iterator[Block]:
    rows = answer.supported_fairs
    if rows:
        usd = money_column([line.cost for line in rows], CURRENCY)
        yield table_of(
            "supported",
            say("fairs.supported", unit=usd.unit),
            rows,
            (text("fairs.column_fair"), lambda line: line.fair),
            (text("report.market"), _markets),
            (number("fairs.column_places"), lambda line: f"{line.places} / {line.offered}"),
            *columns_of("fairs.{}", usd.cell, "cost", "column_effect=effect"),
            (number("market.column_interval"),
             lambda line: span_text(usd.cell(line.low80), usd.cell(line.high80))),
            (number("fairs.column_brings"), lambda line: usd.cell(line.brings)),
            (number("fairs.column_a_yuan"),
             lambda line: fixed_decimals(line.brings / line.cost if line.cost > 0 else None, 1)),
        )  # fmt: skip
        yield _budgets(answer)
    yield Text(tuple(_explanations(answer)), "note")


def _explanations(answer: FairsAnswer) -> Iterator[str]:
    if answer.mean_effect is not None:
        centre = money(answer.mean_effect, CURRENCY)
        yield say("fairs.explain", centre=centre, editions=answer.editions)
    local = [f"{line.fair} ({line.source})" for line in answer.lines if line.source and line.effect]
    if local:
        yield say("fairs.explain_local", estimates=join_list(local))
    if answer.supported_fairs:
        yield say("fairs.explain_cause")
        yield say("fairs.explain_next")
    if answer.crowded:
        full = [f"{code} {country_name(m)} ({year})" for code, m, _, year in answer.crowded]
        yield say("fairs.explain_crowding", segments=join_list(full, NAMED))


def _budgets(answer: FairsAnswer) -> Table:
    usd = money_column([value for pair in answer.budgets for value in pair], CURRENCY)
    return table_of(
        "budgets",
        say("fairs.budgets", unit=usd.unit),
        answer.budgets,
        (number("fairs.column_budget"), lambda pair: usd.cell(pair[0])),
        (number("fairs.column_brings"), lambda pair: usd.cell(pair[1])),
    )


def _omitted_fairs(rows: Sequence[FairLine]) -> Table:
    usd = money_column([line.effect for line in rows] + [x.place_cny for x in rows], CURRENCY)
    return table_of(
        "left",
        say("fairs.left", unit=usd.unit),
        rows,
        (text("fairs.column_fair"), lambda line: line.fair),
        (text("report.market"), _markets),
        *columns_of("fairs.column_{}", usd.cell, "place=place_cny", "effect", "room"),
    )


def _unknown_fairs(rows: Sequence[FairLine]) -> Table:
    usd = money_column([line.room for line in rows], CURRENCY)
    costs = money_column([line.place_cny * line.offered for line in rows], CURRENCY)
    return table_of(
        "unknown",
        say("fairs.unknown" if rows[0].room is not None else "fairs.unordered"),
        rows,
        (text("fairs.column_fair"), lambda line: line.fair),
        (text("report.market"), _markets),
        (number("fairs.column_room_in", unit=usd.unit),
         lambda line: value_or_dash(line.room, usd.cell)),
        (number("fairs.column_all_places", unit=costs.unit),
         lambda line: costs.cell(line.place_cny * line.offered)),
    )  # fmt: skip


def _editions(answer: FairsAnswer) -> Iterator[Block]:
    rows = [line for line in answer.lines if line.firms is not None]
    sums = [value for x in rows for value in (x.intent, x.contract, x.recorded)]
    usd = money_column(sums, CURRENCY)
    yield table_of(
        "editions",
        say("fairs.editions", unit=usd.unit),
        rows,
        (text("fairs.column_fair"), lambda line: line.fair),
        (number("fairs.column_sent"), lambda line: str(line.firms)),
        *columns_of("fairs.column_{}", usd.cell, "intent", "contract", "recorded"),
        *columns_of("fairs.column_{}", partial(percent, places=0), "own"),
    )  # fmt: skip


def _sizes(answer: FairsAnswer) -> Iterator[Block]:
    if not (rows := answer.sizes):
        return
    usd = money_column([share.cost / share.firms for share in rows], CURRENCY)
    yield table_of(
        "sizes",
        say("fairs.sizes", unit=usd.unit),
        rows,
        (text("fairs.column_size"), lambda share: share.size or "—"),
        *columns_of("fairs.column_{}", str, "firms", "able=eligible"),
        (number("fairs.column_places"), lambda share: fixed_decimals(share.places, 1)),
        (number("fairs.column_each"), lambda share: fixed_decimals(share.places / share.firms, 2)),
        (number("fairs.column_money_each"), lambda share: usd.cell(share.cost / share.firms)),
    )
    yield Text((say("fairs.explain_sizes"),), "note")


def _draws(answer: FairsAnswer) -> Iterator[Block]:
    """The draw by fair and class, or for how many fairs one would be fair."""
    if answer.seed is None:
        more = [x.fair for x in answer.supported_fairs if (x.eligible or 0) > x.places]
        names = join_list(more, NAMED)
        if more:
            yield Text((say("fairs.draw_lots", count=len(more), fairs=names),), "note")
        return
    lots: dict[tuple[str, str], list[bool]] = {}
    for one in answer.draws:
        lots.setdefault((one.fair, one.lots), []).append(one.won)
    if lots:
        yield table_of(
            "draws",
            say("fairs.draws", seed=answer.seed),
            [*lots.items()],
            (text("fairs.column_fair"), lambda row: row[0][0]),
            (text("fairs.column_class"), lambda row: row[0][1]),
            (number("fairs.column_able"), lambda row: str(len(row[1]))),
            (number("fairs.column_won"), lambda row: str(sum(row[1]))),
        )
        firms = sorted(answer.draws, key=lambda one: (one.fair, not one.won))
        table = table_of(
            "drawn",
            say("fairs.draws", seed=answer.seed),
            firms,
            (text("fairs.column_firm"), lambda one: one.firm),
            (text("fairs.column_fair"), lambda one: one.fair),
            (text("fairs.column_class"), lambda one: one.lots),
            (text("fairs.column_won"), lambda one: say("firms.yes") if one.won else "–"),
        )
        yield Folded(say("fairs.draw_names", count=len(firms)), (table,), printed=True)
    yield Text((say("fairs.explain_draws" if lots else "fairs.no_draws"),), "note")


def _doubts(answer: FairsAnswer) -> Iterator[Block]:
    yield from (Callout(" ".join(str(error).split("\n"))) for error in answer.quarantined)
    for key, count, row in answer.exports_aside:
        yield Callout(say("fairs.exports_aside", count=count, reason=say(key), row=row))
