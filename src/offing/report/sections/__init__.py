"""The report of a study: an order of views. What another one tells stands there, told in full."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import get_args

from offing.forecast.results import AXES, TOP, Backtest, Score, Segment, verdict
from offing.report import words
from offing.report.blocks import (
    Block,
    Cell,
    Figure,
    Figures,
    Folded,
    Heading,
    Section,
    Shown,
    Table,
    Text,
    number,
    place_figures,
    table_of,
    text,
)
from offing.report.charts import map as map_chart
from offing.report.decision import CNY, NamedDecision, decisive_cautions, further_cautions
from offing.report.sections import prices
from offing.report.views import effects, plan, risk, settle, whatif
from offing.report.views.backtest import (
    OUTLOOK,
    PREFIX,
    WHOLE,
    captured_table,
    lead_sentences,
    rank_scores,
    ranking_figure,
)
from offing.report.views.markets import axes_table, fans_figure, map_blocks, record, why_total
from offing.report.views.rules import calendar
from offing.report.views.run import known_tiers
from offing.rules.rule_use import RuleUse, Status, cite_source, value_text
from offing.study.result import MarketResult, ProductResult, SourceUse, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import (
    NOTHING,
    count,
    day,
    distance,
    fixed_decimals,
    money_column,
    moneys,
    percent,
    percent_range,
    value_or_dash,
)
from offing.terms.plugins import plugin_cautions, plugins, use_guarded

UNBROKEN_DASH = "\u2060–\u2060"
"""Keeps the years before and after it on one line."""


def sections(result: StudyResult) -> Iterator[Section]:
    """The sections that have something to say; those of other packages before the cautions."""
    for name in _VIEWS:
        if name == "notes":
            for other, tell in plugins("offing.sections").items():
                section = use_guarded("offing.sections", other, partial(tell, result))
                if section is not None:
                    yield section
        if (section := section_of(name, result)) is not None:
            yield section


def section_of(name: str, result: StudyResult) -> Section | None:
    """One of the sections; ``None`` where it has nothing to say."""
    room, key, tell = _VIEWS[name]
    titles = {one.dataset: words.message_or_last(one.publisher) for one in result.sources}
    if product := next(iter(result.products), None):  # a study's ladders are of the same flows
        titles[""] = titles.get(product.ranking.dataset, product.ranking.dataset)
    blocks = place_figures(tell(result), titles)
    if not blocks:
        return None
    reform = "" if result.what_if is None else result.what_if.title(language())
    heading, short = (say(f"{room}.{key}{kind}", name=reform) for kind in ("heading", "short"))
    return Section(name, heading, short, blocks)


def _plan(result: StudyResult) -> Iterator[Block]:
    settled = result.settlement is not None
    decision = NamedDecision.from_result(result)
    yield from plan.blocks(result.plan, decision, known_tiers(result), settled=settled)


def _risk(result: StudyResult) -> tuple[Block, ...]:
    if result.risk is None:
        return ()
    return risk.view(NamedDecision.from_result(result), result.risk)


def _stress(result: StudyResult) -> Iterator[Block]:
    if result.stress is not None:
        dollar = result.decided.cny_per_usd
        yield Text(tuple(effects.stress_sentences(result.stress, dollar)))
        yield from effects.stress_blocks(result.stress, dollar)


def _sources(result: StudyResult) -> Iterator[Block]:
    if result.sources:
        yield Text((say("report.sources_lead"),))
        show = say("report.sources_show", count=len(result.sources))
        yield Folded(show, (sources_table(result),), printed=True)


def sources_table(result: StudyResult, digits: int = 12) -> Table:
    """Each data set; of its fingerprint the first digits."""

    def covers(source: SourceUse) -> str:
        return words.covers(source.covers).replace("–", UNBROKEN_DASH) or NOTHING

    return table_of(
        "sources-table",
        say("report.sources_table"),
        result.sources,
        (text("report.dataset"), lambda source: words.message_or_last(source.title)),
        (text("report.publisher"), lambda source: words.message_or_last(source.publisher)),
        (text("report.covers"), covers),
        (text("report.loaded"), lambda source: day(source.loaded)),
        (number("report.rows"), lambda s: Cell(fixed_decimals(s.rows, 0), value=s.rows)),
        (number("report.set_aside"), lambda s: Cell(count(s.quarantined), value=s.quarantined)),
        (text("report.licence"), lambda source: words.message_or_last(source.licence)),
        (text("report.fingerprint"), lambda source: source.sha256[:digits]),
    )


def _rules(result: StudyResult) -> Iterator[Block]:
    """The rules with their status; illustrative ones are counted first."""
    if not result.rules:
        return
    tally = Counter(rule.status for rule in result.rules)
    lead = say("report.rules_lead", **{status: tally[status] for status in get_args(Status)})
    if tally["user"]:
        lead = words.join_sentences((lead, say("report.rules_own", user=tally["user"])))
    yield Text((lead,))
    yield from calendar(result.calendar)
    show = say("report.rules_show", count=len(result.rules))
    yield Folded(show, (rules_table(result.rules, result.on),), printed=True)


def rules_table(rules: Iterable[RuleUse], on: date) -> Table:
    """Each rule with its value, its days, what it is worth and when its document was looked at."""
    return table_of(
        "rules-table",
        say("report.rules_table"),
        rules,
        (say("report.rule"), lambda rule: rule.id),
        (text("report.rule_value"), value_text),
        (text("report.holds"), lambda rule: words.holds(rule) or NOTHING),
        (text("report.status"), lambda r: Cell(words.status(r.status), mark=r.status)),
        (text("report.source"), lambda rule: cite_source(rule.source)),
        (text("rules.column_looked_at"), lambda rule: words.last_look(rule, on) or NOTHING),
    )


def _notes(result: StudyResult) -> Iterator[Block]:
    """Every caution once; the study has gathered those of its quotes, rankings and backtests."""
    given = result.plan, NamedDecision.from_result(result), (*result.warnings, *plugin_cautions())
    if lines := (*decisive_cautions(*given), *further_cautions(*given)):
        yield Text(lines, "list")


SHOWN = 12
"""Segments of the ranking where there is no plan."""
DRAWN = 6
"""Fans of a product."""


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
        titled = [(words.segment(s.market, s.tier), s) for s in shown]
        caption = say("report.axes_table", product=title)
        table, lead = axes_table(f"{name}-ours", caption, titled, years), say("report.axes_lead")
        yield Folded(say("report.axes_ours", count=len(shown)), (Text((lead,)), means, table))


def ours(result: StudyResult, product: ProductResult) -> tuple[Segment, ...]:
    """The segments of the plan in its order: those where our price stands.

    Without a plan it is the first of the ranking.
    """
    placed = {(s.market, s.tier): s for s in product.ranking.segments}
    planned = [(r.market, r.tier) for r in result.plan.rows if r.product == product.product]
    return (
        tuple(placed[name] for name in planned if name in placed) or tuple(placed.values())[:SHOWN]
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
    origin, source = country_name(result.firm.origin), product.backtest.dataset
    return fans_figure(name, title, segments, origin, source, tables=(table,), alone=alone)


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
    said = () if mine is None else (record(mine, backtest), *_ranking_lead(backtest))
    sizes = {s.measure.removeprefix(PREFIX) for s in backtest.scores if s.part == WHOLE}
    heads = [
        (int(size), "dollar", say("report.proof_column", top=size))
        for size in sorted(filter(str.isdecimal, sizes), key=int)
    ]
    caption = say("report.proof_table")
    table = captured_table(f"{name}-table", caption, backtest, heads, TOP, _score_range)
    told, title = words.join_sentences((about, *said)), words.product(product)
    return ranking_figure(
        name, backtest, TOP, mine, heading=title, caption=told, tables=(table,), wide=alone
    )


def _score_range(score: Score) -> str:
    return f"{percent(score.value, 0)} ({percent_range(score.low, score.high)})"


def _ranking_lead(backtest: Backtest) -> Iterator[str]:
    """The outlook's lead over what costs nothing, market by market, and its intervals."""
    yield from lead_sentences(backtest.scores, TOP)
    for score in backtest.scores:
        if (score.rival, score.measure, score.part) == (OUTLOOK, "coverage80", WHOLE):
            yield say("report.proof_intervals", share=percent(score.value, 0))


_VIEWS: dict[str, tuple[str, str, Callable[[StudyResult], Iterable[Block]]]] = {
    "plan": ("report", "plan_", _plan),
    "risk": ("report", "risk_", _risk),
    "what-if": ("policy", "", whatif.study_blocks),
    "stress": ("policy", "stress_", _stress),
    "markets": ("report", "map_", where),
    "ladders": ("report", "ladder_", prices.ladders),
    "costs": ("report", "cost_", prices.costs),
    "settlement": ("settle", "section_plan_", settle.plan_blocks),
    "axes": ("report", "axes_", axes),
    "outlook": ("report", "outlook_", outlook),
    "book": ("report", "book_", prices.book),
    "proof": ("report", "proof_", proof),
    "sources": ("report", "sources_", _sources),
    "rules": ("report", "rules_", _rules),
    "notes": ("report", "notes_", _notes),
}
"""In the order of the page: a section's id, the room and the words of its heading, its view."""
