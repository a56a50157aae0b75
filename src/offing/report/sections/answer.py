"""The first screen: the moves, today beside the plan, how sure, how such plans did, on what."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import fsum

from offing.ladders.ladder import LEAST_COVERAGE
from offing.planning.plan import NO_SALES, EarlierPlan, MoveSummary
from offing.report import words
from offing.report.blocks import Block, Fact, Figure, Table, Text, number, table_of
from offing.report.charts import plan as chart
from offing.report.charts.plan import Change
from offing.report.decision import CNY, Decision, profit_unit
from offing.report.doubts import Doubts
from offing.report.of_itself import of_itself
from offing.study.result import StudyResult
from offing.terms.caution import Caution
from offing.terms.countries import country_name
from offing.terms.messages import enumerated, say
from offing.terms.numbers import (
    NOTHING,
    MoneyColumn,
    fine_column,
    fixed,
    likelihood,
    money,
    moneys,
    percent,
    signed_money,
)

DRAWN = 12
"""Markets of the picture; the others are one row."""
WEIGHTY = 0.1
"""A change of quantity that is marked in the picture: a tenth."""
NEARLY_ALL = 0.995
"""A share that is told as 100 %."""
ILLUSTRATIVE = ("illustrative", "recalled")


def blocks(result: StudyResult) -> tuple[Block, ...]:
    """What to do."""
    decision = Decision.of_result(result)
    more = decision.more()
    notes = [more] if more else []
    if len(decision.figures.moves) > 1 and not decision.figures.without_sales:
        notes.append(say("report.gains_note", years=decision.years))
    told = [*decision.answer(), *([Text(tuple(notes), "note")] if notes else [])]
    told += of_itself(result.plan, decision)
    return (*told, *Doubts.of(result.plan, decision, result.warnings).beside())


def past(result: StudyResult) -> tuple[Block, ...]:
    """How such plans did in earlier years."""
    lead, *years = record(result)
    return (Text((lead,), "lead"), *([Text(tuple(years), "list")] if years else []))


def rests(result: StudyResult) -> tuple[Block, ...]:
    """What the answer rests on."""
    return (Text((say("report.rests_heading"),), "lead"), Text(rests_on(result), "list"))


def weighty(move: MoveSummary) -> bool:
    """Whether a move is more than a few items of what is sold anyway."""
    before, after = sum(move.units_before), sum(move.units_after)
    return move.kind not in ("grow", "shrink") or abs(after - before) >= WEIGHTY * before


def changes(result: StudyResult) -> tuple[Change, ...]:
    """Sales by market today and as planned, in the firm's currency; the largest first."""
    rate = result.decided.cny_per_usd
    moved = {move.market for move in result.decided.moves if weighty(move)}
    now: dict[str, float] = defaultdict(float)
    planned: dict[str, float] = defaultdict(float)
    still: dict[str, float] = defaultdict(float)
    for row in result.plan.rows:
        still[row.market] += row.still_usd * rate
        now[row.market] += row.sales_now_usd * rate
        planned[row.market] += row.sales_usd * rate
    order = sorted(planned, key=lambda m: (m not in moved, -max(now[m], planned[m]), m))
    shown = set(order[:DRAWN])
    drawn = sorted(shown, key=lambda m: (-max(now[m], planned[m]), m))
    rows = [
        Change(
            country_name(market),
            words.short_name(market),
            now[market],
            planned[market],
            market in moved,
            still[market],
        )
        for market in drawn
    ]
    rest = order[DRAWN:]
    if rest:
        text = say("report.other_markets", count=len(rest))
        today, later = (fsum(side[market] for market in rest) for side in (now, planned))
        rows.append(Change(text, text, today, later, moved=False))
    return tuple(rows)


def picture(result: StudyResult) -> Figure | None:
    """Today → plan by market; ``None`` without a plan."""
    rows = changes(result)
    if not rows:
        return None
    column = _column(rows)
    year = str(result.decided.years[-1])
    stay = ""
    caption = ["screen_caption", "screen_caption_moves"]
    if result.decided.without_sales:
        caption = ["screen_caption_supposed"]
    elif not result.decided.moves:
        caption, stay = ["screen_caption_stay"], "_stay"
    heading = say(f"report.screen_title{stay}", year=year)
    return Figure(
        "today-plan",
        heading,
        partial(chart.draw, "today-plan-chart", heading, rows, column),
        words.joined(say(f"report.{key}", year=year) for key in caption),
        (_table(rows),),
    )


def _column(rows: Sequence[Change]) -> MoneyColumn:
    """The unit of the picture and its table."""
    return fine_column([value for row in rows for value in (row.now, row.planned)], CNY)


def _table(rows: tuple[Change, ...]) -> Table:
    column = _column(rows)
    return table_of(
        "today-plan-table",
        say("report.screen_table"),
        rows,
        (say("report.market"), lambda row: row.name),
        (number("report.sales_now", unit=column.unit), lambda row: column.cell(row.now)),
        (number("report.sales_planned", unit=column.unit), lambda row: column.cell(row.planned)),
    )


def facts(result: StudyResult) -> tuple[Fact, ...]:
    """How sure: the chance of beating today, the profit, the worst of twenty; the sales.

    Without sales of the firm, that there are none, and what would be if the share were reached.
    """
    decided, plan = result.decided, result.plan
    if not plan.rows:
        return ()
    rate = decided.cny_per_usd
    known = plan.sales_usd * rate, plan.still_usd * rate, plan.sales_now_usd * rate
    sales = moneys(known, CNY)
    planned, still, now = map(sales, known)
    remark = "fact_still" if decided.moves else "fact_of_itself"
    sold = Fact(
        say("report.fact_sales", year=str(decided.years[-1])),
        planned,
        say(f"report.{remark}", still=still, money=now),
    )
    if decided.without_sales:
        years, supposed = Decision.of_result(result).years, say("report.fact_supposed")
        return (
            Fact(say("report.fact_no_sales"), say("report.none"), say("report.fact_no_chance")),
            Fact(say("report.fact_profit", years=years), money(decided.plan.mean, CNY), supposed),
            replace(sold, remark=supposed),
        )
    return (*_profits(result), sold)


def _profits(result: StudyResult) -> list[Fact]:
    """The chance of beating today, the profit and its worst of twenty."""
    decided, years = result.decided, Decision.of_result(result).years
    amount = profit_unit(decided)

    def beside(value: float) -> str:
        if not decided.moves:
            return say("report.fact_stay")
        return say("report.fact_today", money=amount(value))

    told = [
        Fact(say(f"report.fact_{name}", years=years), amount(planned), beside(today))
        for name, planned, today in (
            ("profit", decided.plan.mean, decided.today.mean),
            ("worst", decided.plan.low, decided.today.low),
        )
    ]
    if decided.chance_better is None:
        return told
    better = Fact(
        say("report.fact_better"),
        likelihood(decided.chance_better),
        say("report.fact_gain", low=signed_money(decided.gain_low_cny, written=amount)),
    )
    return [better, *told]


def record(result: StudyResult) -> tuple[str, ...]:
    """What such plans promised and what came, observed apart from imputed; the heading first."""
    plans = result.earlier_plans
    if result.decided.without_sales:
        return (say("report.record_no_sales"),)
    if not plans:
        return (say("report.record_none"),)
    moved = [plan for plan in plans if plan.moves]
    better = sum(plan.earned_usd > plan.still_usd for plan in moved)
    promised = fsum(plan.promised_usd for plan in plans)
    share = _share(fsum(plan.came_usd for plan in plans), promised)
    if moved:
        kind = "behind" if 2 * better <= len(moved) else "ahead"
        lead = say(f"report.record_{kind}", count=len(moved), better=better, share=share)
    else:
        lead = say("report.record_stayed", count=len(plans), share=share)
    rate = result.decided.cny_per_usd
    return lead, *(_year(plan, rate) for plan in plans), *_before_the_ledger(result)


def _before_the_ledger(result: StudyResult) -> Iterator[str]:
    """Which of the years are before the firm's first sale that is known: the shares are today's."""
    first = min((book.year for product in result.products for book in product.book), default=None)
    years = [plan.base_year for plan in result.earlier_plans if first and plan.base_year < first]
    if first and years:
        yield say("report.record_before", years=enumerated(years), count=len(years), first=first)


def _share(part: float, whole: float) -> str:
    return percent(part / whole, 0) if whole > 0 else NOTHING


def _year(plan: EarlierPlan, rate: float) -> str:
    told = [plan.promised_usd, plan.came_usd, plan.unchanged_usd]
    if plan.moves:
        told += [plan.earned_usd, plan.still_usd, plan.imputed_usd]
    amount = moneys((usd * rate for usd in told), CNY)

    def cny(usd: float) -> str:
        return amount(usd * rate)

    values = {
        "year": str(plan.base_year),
        "later": str(plan.base_year + plan.horizon),
        "promised": cny(plan.promised_usd),
        "came": cny(plan.came_usd),
        "short": _share(plan.came_usd, plan.promised_usd),
        "unchanged": cny(plan.unchanged_usd),
    }
    if not plan.moves:
        return say("report.record_year_stay", **values)
    whole = abs(plan.earned_usd) + abs(plan.imputed_usd)
    share = abs(plan.imputed_usd) / whole if whole else 0.0
    said = say(
        "report.record_year",
        count=plan.moves,
        earned=cny(plan.earned_usd),
        still=cny(plan.still_usd),
        **values,
    )
    more = say("report.record_imputed", money=cny(plan.imputed_usd), share=percent(share, 0))
    return words.joined((said, more))


def rests_on(result: StudyResult) -> tuple[str, ...]:
    """Data set, coverage of prices, assumptions of the person, illustrative numbers."""
    told = [*_data(result), *_coverage(result)]
    told += [words.caution_text(one) for one in _assumed(result)]
    illustrative = sum(rule.status in ILLUSTRATIVE for rule in result.rules)
    if illustrative:
        told.append(say("report.rests_illustrative", count=illustrative))
    told.append(say("report.rests_firm"))
    return tuple(told)


def _assumed(result: StudyResult) -> Iterator[Caution]:
    """What the person assumes, but for what the conclusion begins with or has beside it."""
    for one in result.decided.assumed:
        if one.key not in NO_SALES and one.severity != "turning":
            yield one


def _data(result: StudyResult) -> Iterator[str]:
    if not result.sources:
        return
    trade = result.sources[0]  # the flows come first
    markets = {market.market for product in result.products for market in product.markets}
    yield say(
        "report.rests_starter" if trade.dataset.startswith("starter") else "report.rests_loaded",
        dataset=trade.dataset,
        covers=words.covers(trade.covers),
        rows=fixed(trade.rows, 0),
        count=len(markets),
    )


def _coverage(result: StudyResult) -> Iterator[str]:
    """How much of the imports has a price, in the markets of the plan."""
    planned = {(row.product, row.market) for row in result.plan.rows}
    known = {
        (product.product, market.market): market.ladder.coverage
        for product in result.products
        for market in product.markets
        if market.ladder and (product.product, market.market) in planned
    }
    if not planned:
        return
    if not known:
        yield say("report.rests_no_prices")
        return
    least = min(known, key=lambda key: (known[key], key))
    thin = {market for (_, market), share in known.items() if share < LEAST_COVERAGE}
    thin |= {market for product, market in planned if (product, market) not in known}
    if known[least] >= NEARLY_ALL:
        yield say("report.rests_coverage_all")
    else:
        yield say(
            "report.rests_coverage",
            share=percent(fsum(known.values()) / len(known), 0),
            least=percent(known[least], 0),
            market=words.within(least[1]),
        )
    if thin:
        yield say("report.rests_thin", markets=words.listed(map(country_name, sorted(thin))))
