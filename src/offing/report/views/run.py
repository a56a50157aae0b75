"""A study's run, told: the plan, how such plans did, what it rests on; the report says the rest."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from math import fsum

from offing.api.run import RunAnswer
from offing.ladders.ladder import LEAST_COVERAGE
from offing.planning.plan import NO_SALES, MoveSummary, Plan, PlanDecision
from offing.planning.track_record import LEAST_OUTCOMES, EarlierPlan, better_than_staying
from offing.report import words
from offing.report.blocks import Block, Figure, Heading, Text, fact_lines, number, table_of
from offing.report.charts import bars as chart
from offing.report.charts.bars import Arrow
from offing.report.decision import CNY, NamedDecision
from offing.report.views import effects, explain, plan
from offing.report.views.plan import Tiers
from offing.report.views.settle import plan_sentences as sentences
from offing.study.result import StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import day, fine_column, fixed_decimals, moneys, percent, signed_money

DRAWN = 12
"""Markets of the picture; the others are one row."""
WEIGHTY = 0.1
"""A change of quantity that is marked in the picture: a tenth."""
ILLUSTRATIVE = ("illustrative", "recalled")


def view(answer: RunAnswer) -> tuple[Block, ...]:
    """The plan in short, its settlement and stress, its record and what it rests on."""
    result, lang = answer.result, language()
    names = words.join_words(map(words.product, result.products))
    about = f"{result.firm.name(lang)} · {day(result.on)} · {names}"
    of = result.plan, NamedDecision.from_result(result)
    rows = plan.blocks(*of, known_tiers(result), settled=result.settlement is not None)
    blocks: list[Block] = [
        Text((result.title(lang), about), "lead"),
        *plan.what_to_do(*of, answer.cautions),
        fact_lines(plan.facts(*of)),
        *(rows if answer.explain else plan.leave_folded(result.plan, rows)),
    ]
    if result.settlement is not None:
        blocks.append(Text((say("settle.section_plan_heading"), *sentences(result)), "lead"))
    if result.stress is not None:
        dollar = result.decided.cny_per_usd
        told = (say("policy.stress_heading"), *effects.stress_sentences(result.stress, dollar))
        blocks += [Text(told, "lead"), *effects.stress_blocks(result.stress, dollar)]
    blocks += [*past(result), *rests(result)]
    blocks += plan.further(*of, answer.cautions)
    return (*blocks, *(explain_plan(answer) if answer.explain else ()))


def explain_plan(answer: RunAnswer) -> tuple[Block, ...]:
    """How each row of the plan came about; the report has its data and rules."""
    planned, result = answer.planned, answer.result
    example = next((row.market for row in result.plan.rows if row.sales_usd), "DEU")
    margin = say("run.explain_margin", study=planned.world.file, market=example)
    return (
        Heading(say("run.title_explain")),
        explain.explain_rows(planned, NamedDecision.from_result(result)),
        Text((margin, say("run.explain_rounding"))),
    )


def known_tiers(result: StudyResult) -> Tiers:
    """(model, market) → tier of the price asked, where enough prices are known to name one."""
    covered = {
        (product.product, market.market)
        for product in result.products
        for market in product.markets
        if market.ladder and market.ladder.coverage >= LEAST_COVERAGE
    }
    return {
        (row.product, row.market): row.tier
        for row in result.plan.rows
        if (row.product, row.market) in covered and row.tier in ("low", "medium", "high")
    }


def _weighty(move: MoveSummary) -> bool:
    """Whether a move is more than a few items of what is sold anyway."""
    before, after = sum(move.units_before), sum(move.units_after)
    return move.kind not in ("grow", "shrink") or abs(after - before) >= WEIGHTY * before


def changes(plan: Plan, decided: PlanDecision) -> tuple[Arrow, ...]:
    """Sales by market today and as planned, in the firm's currency; the largest first."""
    rate = decided.cny_per_usd
    moved = {move.market for move in decided.moves if _weighty(move)}
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for row in plan.rows:
        for at, usd in enumerate((row.sales_now_usd, row.sales_usd, row.still_usd)):
            sums[row.market][at] += usd * rate
    order = sorted(sums, key=lambda m: (m not in moved, -max(sums[m][:2]), m))

    def arrow(market: str) -> Arrow:
        (now, planned, still), name = sums[market], country_name(market)
        short, has_moved = words.short_name(market), market in moved
        return Arrow(name, short, now or None, planned or None, has_moved, still)

    rows = list(map(arrow, sorted(order[:DRAWN], key=lambda m: (-max(sums[m][:2]), m))))
    if rest := order[DRAWN:]:
        text = say("report.other_markets", count=len(rest))
        now, planned = (fsum(sums[m][at] for m in rest) for at in (0, 1))
        rows.append(Arrow(text, text, now, planned, moved=False))
    return tuple(rows)


def picture(plan: Plan, decided: PlanDecision) -> Figure | None:
    """Today → plan by market; ``None`` without a plan."""
    rows = changes(plan, decided)
    if not rows:
        return None
    column = fine_column([value for row in rows for value in (row.now, row.planned)], CNY)
    year = str(decided.years[-1])
    gains = {row.name: (row.planned or 0.0) - (row.now or 0.0) for row in rows[:DRAWN]}
    most = max(gains, key=lambda name: abs(gains[name]))
    heading = words.finding(
        say("report.screen_title", year=year), most, signed_money(gains[most], CNY), "changes"
    )
    table = table_of(
        "today-plan-table",
        say("report.screen_table"),
        rows,
        (say("report.market"), lambda row: row.name),
        (number("report.sales_now", unit=column.unit), lambda row: column.cell(row.now or 0.0)),
        (
            number("report.sales_planned", unit=column.unit),
            lambda row: column.cell(row.planned or 0.0),
        ),
    )
    return Figure(
        "today-plan",
        heading,
        partial(chart.draw_arrows, "today-plan-chart", heading, rows, column),
        words.join_sentences(_caption(decided, year)),
        (table,),
        source=say("report.source_own"),
    )


def _caption(decided: PlanDecision, year: str) -> Iterator[str]:
    """What the arrows show, and what moved their ends."""
    keys = ["screen_caption", "screen_caption_moves"]
    if decided.without_sales:
        keys = ["screen_caption_supposed"]
    elif not decided.moves:
        keys = ["screen_caption_stay"]
    keys += ["screen_caption_level"] if decided.level else []
    for key in keys:
        values = {"since": words.last_year(decided.short_year), "year": year}
        yield say(f"report.{key}", **values, factor=fixed_decimals(decided.factor, 2))


def past(result: StudyResult) -> tuple[Block, ...]:
    """How such plans did in earlier years."""
    lead, *years = record(result)
    return (Text((lead,), "lead"), *([Text(tuple(years), "list")] if years else []))


def record(result: StudyResult) -> tuple[str, ...]:
    """What such plans promised and what came, observed apart from imputed; the heading first."""
    plans = result.earlier_plans
    if result.decided.without_sales or not plans:
        kind = "no_sales" if result.decided.without_sales else "none"
        return (say(f"report.record_{kind}"), *_before_the_ledger(result))
    rate = result.decided.cny_per_usd
    lines = [line for plan in plans for line in _year(plan, rate)]
    todays = sorted({market for plan in plans for market in plan.todays_cost})
    dated = [say("report.record_dated")]
    if todays:
        named = words.join_words(map(country_name, todays))
        dated.append(say("report.record_todays_cost", markets=named))
    made_up = [say("report.record_made_up")] if result.firm.made_up else []
    return (
        words.join_sentences((_standing(plans), *made_up)),
        *_before_the_ledger(result),
        *lines,
        words.join_sentences(dated),
    )


def _standing(plans: Sequence[EarlierPlan]) -> str:
    """How often the moves brought more than no change; of few outcomes, that they are few."""
    years = words.join_words(str(plan.base_year) for plan in plans)
    better, count = better_than_staying(plans)
    if not count:
        return say("report.record_stayed", years=years)
    if count < LEAST_OUTCOMES:
        return say("report.record_few", years=years, count=count)
    from offing.planning.win_chances import Chance

    interval = Chance.counted(better, count)
    assert interval is not None
    low, high = percent(interval.low, 0), percent(interval.high, 0)
    return say("report.record_share", years=years, better=better, count=count, low=low, high=high)


def _before_the_ledger(result: StudyResult) -> Iterator[str]:
    """Years that no plan was made for, since the ledger does not reach a year before their end."""
    first = min((book.year for product in result.products for book in product.book), default=None)
    if first is not None and (years := result.before_ledger):
        yield say("report.record_before", first=first, years=words.join_words(map(str, years)))


def _year(plan: EarlierPlan, rate: float) -> Iterator[str]:
    """Sales without moves, then the moves; each beside what came."""
    usd = plan.promised_usd, plan.came_usd, plan.unknown_usd
    amount = moneys([one * rate for one in usd], CNY)
    promised, came, unknown = (amount(one * rate) for one in usd)
    year, later = str(plan.base_year), str(plan.base_year + plan.horizon)
    said = [
        say(
            f"report.record_sales_{'observed' if plan.observed else 'imputed'}",
            year=year, later=later, promised=promised, came=came,
        )
    ]  # fmt: skip
    if plan.unknown_usd:
        said.append(say("report.record_unknown", money=unknown))
    yield words.join_sentences(said)
    if plan.moves:
        yield _moves(plan)


def _moves(plan: EarlierPlan) -> str:
    promised = fsum(move.promised_cny for move in plan.known)
    observed = fsum(move.came_cny or 0.0 for move in plan.known if move.observed)
    imputed = plan.gain_cny - observed
    amount = moneys((promised, observed, imputed, plan.gain_cny), CNY)
    said = []
    if plan.known:
        said.append(
            say(
                "report.record_moves",
                year=str(plan.base_year), horizon=plan.horizon, count=len(plan.known),
                promised=amount(promised), came=amount(plan.gain_cny),
                observed=amount(observed), imputed=amount(imputed),
            )
        )  # fmt: skip
    if lost := len(plan.moves) - len(plan.known):
        said.append(say("report.record_moves_unknown", year=str(plan.base_year), count=lost))
    return words.join_sentences(said)


def rests(result: StudyResult) -> tuple[Block, ...]:
    """What the answer rests on: data set, coverage of prices, assumptions, illustrative numbers."""
    told = [*_data(result), *_coverage(result)]
    # But for what the conclusion begins with or has beside it.
    told += [
        words.caution_text(one)
        for one in result.decided.assumed
        if one.key not in NO_SALES and one.severity != "turning"
    ]
    illustrative = sum(rule.status in ILLUSTRATIVE for rule in result.rules)
    if illustrative:
        told.append(say("report.rests_illustrative", count=illustrative))
    told.append(say("report.rests_firm"))
    return Text((say("report.rests_heading"),), "lead"), Text(tuple(told), "list")


def _data(result: StudyResult) -> Iterator[str]:
    if not result.sources:
        return
    trade = result.sources[0]  # the flows come first
    markets = {market.market for product in result.products for market in product.markets}
    yield say(
        "report.rests_starter" if trade.dataset.startswith("starter") else "report.rests_loaded",
        dataset=trade.dataset,
        covers=words.covers(trade.covers),
        rows=fixed_decimals(trade.rows, 0),
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
    share, low = percent(fsum(known.values()) / len(known), 0), percent(known[least], 0)
    yield say("report.rests_coverage", share=share, least=low, market=words.within(least[1]))
    if thin:
        yield say("report.rests_thin", markets=words.join_words(map(country_name, sorted(thin))))
