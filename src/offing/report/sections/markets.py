"""The markets of a study: the map, the four axes of every segment, and what may be sold there."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from offing.forecast.results import AXES, TOP, AxisMeasure, Backtest, Score, Segment, verdict
from offing.report import words
from offing.report.blocks import (
    Block,
    Cell,
    Figure,
    Figures,
    Folded,
    Heading,
    Shown,
    Table,
    Text,
    number,
    table_of,
    text,
)
from offing.report.charts import bars
from offing.report.charts import map as map_chart
from offing.report.charts import outlook as chart
from offing.report.decision import CNY
from offing.report.drawing import BESIDE, PAGE, draw_twice
from offing.report.views.backtest import PREFIX, WHOLE, captured_table, rank_scores, signed_points
from offing.report.views.markets import axes_table, map_blocks, record, why_total
from offing.study.result import MarketResult, ProductResult, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    count,
    digits,
    distance,
    fixed_decimals,
    money,
    money_column,
    moneys,
    percent,
    percent_range,
    value_or_dash,
    yearly,
)

SHOWN = 12
"""Segments of the ranking where there is no plan."""
WITH_PARTS = 5
"""Segments whose measures are told."""
DRAWN = 6
"""Fans of a product."""
UNITS: Mapping[str, Callable[[float], str]] = {
    "usd": money,
    "share": percent,
    "rate": percent,
    "growth": yearly,
    "km": distance,
    "count": count,
}
"""How the measures behind an axis are written."""


def where(result: StudyResult) -> Iterator[Block]:
    """Where the markets lie and what is planned there, with a table."""
    planned: dict[str, float] = defaultdict(float)
    today: dict[str, float] = defaultdict(float)
    places: dict[str, MarketResult] = {}
    for product in result.products:
        for market in product.markets:
            planned[market.market] += 0.0
            places.setdefault(market.market, market)
    rate, origin = result.decided.cny_per_usd, country_name(result.firm.origin)
    for row in result.plan.rows:
        planned[row.market] += row.sales_usd * rate
        today[row.market] += row.sales_now_usd * rate
    order = sorted(planned, key=lambda code: (-planned[code], code))
    column = money_column([*planned.values(), *today.values()], CNY)

    def sales(of: Mapping[str, float]) -> Callable[[str], str]:
        return lambda code: column.cell(of[code]) if of.get(code) else NOTHING

    def km(code: str) -> str:
        return value_or_dash(places[code].km if code in places else None, distance)

    def groups(code: str) -> str:
        named = places[code].groups if code in places else ()
        return words.join_words(map(words.group, named)) or NOTHING

    table = table_of(
        "map-table",
        say("report.map_table"),
        order,
        (say("report.market"), country_name),
        (number("report.sales_planned", unit=column.unit), sales(planned)),
        (number("report.sales_now", unit=column.unit), sales(today)),
        (number("report.distance"), km),
        (text("report.groups"), groups),
    )
    sales_on_map = map_chart.MappedSales(
        {code: planned[code] for code in order}, today, CNY, result.firm.origin
    )
    caption, source = say("report.map_caption", origin=origin), say("report.source_own")
    yield from map_blocks(sales_on_map, caption, source, (table,))


def axes(result: StudyResult) -> Iterator[Block]:
    """Demand, competition, access and fit; what is not known stays empty."""
    products = [p for p in words.once_a_code(result.products) if p.ranking.segments]
    if products:
        yield Text((say("report.axes_short_lead"),))
    means = Text(tuple(say(f"report.axis_{name}_means") for name in AXES), "list")
    for product in products:
        title = words.product(product)
        name, years = f"axes-{product.product}", product.ranking.horizon
        if len(result.products) > 1:
            yield Heading(title)
        yield Text((why_total(verdict(product.backtest)),))
        shown = ours(result, product)
        titled = [(words.segment(s.market, s.tier), s) for _, s in shown]
        caption = say("report.axes_table", product=title)
        table, lead = axes_table(f"{name}-ours", caption, titled, years), say("report.axes_lead")
        yield Folded(say("report.axes_ours", count=len(shown)), (Text((lead,)), means, table))
        parts = (_parts(product, rank, segment) for rank, segment in shown[:WITH_PARTS])
        yield Folded(say("report.axes_parts"), tuple(parts))


def ours(result: StudyResult, product: ProductResult) -> tuple[tuple[int, Segment], ...]:
    """The segments of the plan in its order, with their places in the ranking, from 1.

    They are those where our price stands. Without a plan it is the first of the ranking.
    """
    placed = {
        (s.market, s.tier): (rank, s) for rank, s in enumerate(product.ranking.segments, start=1)
    }
    planned = [(r.market, r.tier) for r in result.plan.rows if r.product == product.product]
    ranked = tuple(placed[name] for name in planned if name in placed)
    return ranked or tuple(placed.values())[:SHOWN]


def _parts(product: ProductResult, number: int, segment: Segment) -> Table:
    """The measures behind the axes of a segment, each in its own unit."""

    def value(row: tuple[str, AxisMeasure]) -> Cell:
        if row[1].value is None:
            return Cell(say("report.missing"), mark="missing")
        return Cell(UNITS.get(row[1].unit, partial(digits, significant=2))(row[1].value))

    def rank(row: tuple[str, AxisMeasure]) -> Cell:
        return Cell(
            value_or_dash(row[1].rank, lambda share: fixed_decimals(100 * share, 0)),
            bar=row[1].rank,
        )

    return table_of(
        f"parts-{product.product}-{number}",
        words.segment(segment.market, segment.tier),
        [(str(axis.name), part) for axis in segment.axes for part in axis.parts],
        (say("report.measure"), lambda row: words.message_or_last(f"market.part_{row[1].name}")),
        (text("report.axis"), lambda row: say(f"report.axis_{row[0]}")),
        (say("report.value"), value),
        (say("report.rank"), rank),
    )


def outlook(result: StudyResult) -> Iterator[Block]:
    """What the origin's exporters may sell some years on: fans for the markets of the plan."""
    drawn = [
        (product, segments)
        for product in words.once_a_code(result.products)
        if (segments := plan_segments(result, product))
    ]
    alone = len(drawn) == 1
    figures = tuple(_fans(result, *one, alone=alone) for one in drawn)
    if figures:
        yield Text((say("report.outlook_lead", origin=country_name(result.firm.origin)),))
        yield Figures(figures)


def plan_segments(result: StudyResult, product: ProductResult) -> tuple[Segment, ...]:
    """The markets of the plan, in its order, at all prices: what the plan rests on.

    A fan that starts from nothing has nothing to show. Without a plan, the first of the ranking.
    """
    looks = {m.market: m.outlook for m in product.markets if m.outlook and m.outlook.base_usd > 0}
    planned = [
        Segment(product.product, row.market, "all", (), looks[row.market], 1.0)
        for row in result.plan.rows
        if row.product == product.product and row.sales_usd > 0 and row.market in looks
    ]
    ranked = [segment for segment in product.ranking.segments if segment.outlook.base_usd > 0]
    return tuple(planned or ranked)[:DRAWN]


def _fans(
    result: StudyResult, product: ProductResult, segments: tuple[Segment, ...], *, alone: bool
) -> Figure:
    name, title = f"outlook-{product.product}", words.product(product)
    looks = [s.outlook for s in segments]
    parts = list(dict.fromkeys(p for look in looks for p, _ in look.contributions))
    # A waterfall is read along its row: one unit for the whole table.
    told = ((x.base_usd, x.expected_usd, *dict(x.contributions).values()) for x in looks)
    amount = moneys(value for row in told for value in row)

    def moved_by(source: str) -> Shown[Segment]:
        heading = words.message_or_last(f"market.contribution_{source}")
        return heading, lambda s: amount(dict(s.outlook.contributions).get(source, 0.0))

    table = table_of(
        f"{name}-table",
        say("report.outlook_table", product=title),
        segments,
        (say("report.segment_column"), lambda s: words.segment(s.market, s.tier)),
        (say("report.base"), lambda s: amount(s.outlook.base_usd)),
        *map(moved_by, parts),
        (say("report.expected"), lambda s: Cell(amount(s.outlook.expected_usd), mark="strong")),
        (
            say("report.interval80_plain"),
            lambda s: amount.between(s.outlook.low80, s.outlook.high80),
        ),
        (
            text("report.method"),
            lambda s: words.message_or_last(f"market.rival_{s.outlook.method}"),
        ),
    )
    draw = partial(chart.draw, on=result.on)
    picture = partial(draw, name, title, segments)
    if alone:
        picture = partial(draw_twice, draw, name, title, segments, width=PAGE, across=3)
    caption = say("report.outlook_caption", origin=country_name(result.firm.origin))
    most = max(segments, key=lambda s: s.outlook.expected_usd)
    value = money(most.outlook.expected_usd)
    found = words.finding(title, words.segment(most.market, most.tier), value)
    source = product.backtest.dataset
    return Figure(name, found, picture, caption, (table,), wide=alone, source=source)


def proof(result: StudyResult) -> Iterator[Block]:
    """The backtest of each product that has one."""
    products = [
        product
        for product in words.once_a_code(result.products)
        if rank_scores(product.backtest, TOP)
    ]
    if products:
        alone = len(products) == 1
        yield Text((say("report.proof_lead"),))
        yield Figures(tuple(_figure(product, alone=alone) for product in products))


def _figure(product: ProductResult, *, alone: bool) -> Figure:
    backtest, name = product.backtest, f"proof-{product.product}"
    methods = {s.outlook.method for s in product.ranking.segments}
    mine = min(methods & {s.rival for s in backtest.scores}, default=None)
    about = say(
        "report.proof_caption",
        years=words.join_words(map(str, backtest.origins)),
        horizon=backtest.horizon,
        groups=backtest.groups,
    )
    said = () if mine is None else (record(mine, backtest), *_ranking_lead(mine, backtest))
    scores = rank_scores(backtest, TOP)
    picture = partial(bars.draw_scores, name, scores, mine, TOP)
    if alone:
        picture = partial(draw_twice, bars.draw_scores, name, scores, mine, TOP, lanes=BESIDE)
    sizes = {s.measure.removeprefix(PREFIX) for s in backtest.scores if s.part == WHOLE}
    heads = [
        (int(size), say("report.proof_column", top=size))
        for size in sorted(filter(str.isdecimal, sizes), key=int)
    ]
    caption = say("report.proof_table")
    table = captured_table(f"{name}-table", caption, backtest, heads, TOP, _score_range)
    told = words.join_sentences((about, *said))
    best = next((score for score in scores if score.rival != "oracle"), scores[0])
    shown = bars.rival_name(best.rival), percent(best.value, 0)
    title = words.finding(words.product(product), *shown)
    return Figure(name, title, picture, told, (table,), wide=alone, source=backtest.dataset)


def _score_range(score: Score) -> str:
    return f"{percent(score.value, 0)} ({percent_range(score.low, score.high)})"


def _ranking_lead(mine: str, backtest: Backtest) -> Iterator[str]:
    """The ranking's lead over what costs nothing, market by market, and its intervals."""
    scores = {
        (score.measure, score.weighting): score
        for score in backtest.scores
        if (score.rival, score.part) == (mine, WHOLE)
    }
    mean, today = (scores.get((f"{name}_top{TOP}", "dollar")) for name in ("lead_mean", "lead"))
    if mean is not None and today is not None:
        low, high = round(mean.low, 3), round(mean.high, 3)
        clear = "ahead" if low > 0 else "behind" if high < 0 else "unclear"
        yield say(
            f"report.proof_{clear}",
            lead=signed_points(mean.value),
            low=signed_points(mean.low),
            high=signed_points(mean.high),
            today=signed_points(today.value),
            today_low=signed_points(today.low),
            today_high=signed_points(today.high),
        )
    if (held := scores.get(("coverage80", "equal"))) is not None:
        yield say("report.proof_intervals", share=percent(held.value, 0))
