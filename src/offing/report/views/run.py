"""A study's run, told: the plan, how such plans did, what it rests on; the report says the rest."""

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from math import fsum

from offing.api.run import RunAnswer
from offing.ladders.ladder import LEAST_COVERAGE
from offing.planning.plan import NO_SALES, EarlierPlan, MoveSummary
from offing.report import words
from offing.report.blocks import Block, Figure, Heading, Text, number, table_of
from offing.report.charts import plan as chart
from offing.report.charts.plan import Arrow
from offing.report.decision import CNY, NamedDecision
from offing.report.views import explain, stress
from offing.report.views.plan import SHOWN, Tiers, further, told_plan
from offing.report.views.settled_plan import sentences
from offing.study.result import ProductResult, StudyResult
from offing.study.template import key_of
from offing.terms.countries import country_name
from offing.terms.messages import enumerated, language, say
from offing.terms.numbers import NOTHING, day, fine_column, fixed, moneys, percent

DRAWN = 12
"""Markets of the picture; the others are one row."""
WEIGHTY = 0.1
"""A change of quantity that is marked in the picture: a tenth."""
ILLUSTRATIVE = ("illustrative", "recalled")


def view(answer: RunAnswer) -> tuple[Block, ...]:
    """The plan in short, its settlement and stress, its record and what it rests on."""
    result, lang = answer.result, language()
    several = len(result.products) > 1
    names = words.listed(_called(product, lang, several) for product in result.products)
    about = f"{result.firm.name(lang)} · {day(result.on)} · {names}"
    decision = NamedDecision.of_result(result)
    blocks: list[Block] = [
        Text((result.title(lang), about), "lead"),
        *told_plan(result.plan, decision, answer.cautions, SHOWN, "run"),
    ]
    if result.settlement is not None:
        blocks.append(Text((say("settle.section_plan_heading"), *sentences(result)), "lead"))
    if result.stress is not None:
        dollar = result.decided.cny_per_usd
        told = (say("policy.stress_heading"), *stress.sentences(result.stress, dollar))
        blocks += [Text(told, "lead"), *stress.blocks(result.stress, dollar)]
    blocks += [*past(result), *rests(result)]
    return (*blocks, *further(result.plan, decision, answer.cautions))


def _called(product: ProductResult, lang: str, several: bool) -> str:
    """A model's name, after its key where there are several and the key is another."""
    name = product.name(lang)
    return f"{product.product} {name}" if several and product.product != key_of(name) else name


def explained(answer: RunAnswer) -> tuple[Block, ...]:
    """How each row of the plan came about, and the data and rules behind it."""
    planned, result = answer.planned, answer.result
    settling = result.settlement.rules if result.settlement else ()
    example = next((row.market for row in result.plan.rows if row.sales_usd), "DEU")
    margin = say("run.explain_margin", study=planned.world.file, market=example)
    sources = (
        say(
            "run.source",
            title=words.named(source.title),
            publisher=words.named(source.publisher),
            covers=words.covers(source.covers) or "—",
            loaded=day(source.loaded),
        )
        for source in result.sources
    )
    return (
        Heading(say("run.title_explain")),
        *explain.explained(planned, NamedDecision.of_result(result)),
        Text((margin, say("run.explain_rounding"))),
        Heading(say("report.sources_heading")),
        Text(tuple(sources), "list"),
        Heading(say("run.title_rules")),
        Text(tuple(map(words.rule, (*result.rules, *settling))), "list"),
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


def changes(result: StudyResult) -> tuple[Arrow, ...]:
    """Sales by market today and as planned, in the firm's currency; the largest first."""
    rate = result.decided.cny_per_usd
    moved = {move.market for move in result.decided.moves if _weighty(move)}
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for row in result.plan.rows:
        for at, usd in enumerate((row.sales_now_usd, row.sales_usd, row.still_usd)):
            sums[row.market][at] += usd * rate
    order = sorted(sums, key=lambda m: (m not in moved, -max(sums[m][:2]), m))
    rows = [
        Arrow(
            country_name(m),
            words.short_name(m),
            sums[m][0] or None,
            sums[m][1] or None,
            m in moved,
            sums[m][2],
        )
        for m in sorted(order[:DRAWN], key=lambda m: (-max(sums[m][:2]), m))
    ]
    if rest := order[DRAWN:]:
        text = say("report.other_markets", count=len(rest))
        now, planned = (fsum(sums[m][at] for m in rest) for at in (0, 1))
        rows.append(Arrow(text, text, now, planned, moved=False))
    return tuple(rows)


def picture(result: StudyResult) -> Figure | None:
    """Today → plan by market; ``None`` without a plan."""
    rows = changes(result)
    if not rows:
        return None
    column = fine_column([value for row in rows for value in (row.now, row.planned)], CNY)
    year = str(result.decided.years[-1])
    caption = ["screen_caption", "screen_caption_moves"]
    if result.decided.without_sales:
        caption = ["screen_caption_supposed"]
    elif not result.decided.moves:
        caption = ["screen_caption_stay"]
    heading = say("report.screen_title", year=year)
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
        partial(chart.draw, "today-plan-chart", heading, rows, column),
        words.joined(say(f"report.{key}", year=year) for key in caption),
        (table,),
    )


def past(result: StudyResult) -> tuple[Block, ...]:
    """How such plans did in earlier years."""
    lead, *years = record(result)
    return (Text((lead,), "lead"), *([Text(tuple(years), "list")] if years else []))


def record(result: StudyResult) -> tuple[str, ...]:
    """What such plans promised and what came, observed apart from imputed; the heading first."""
    plans = result.earlier_plans
    if result.decided.without_sales or not plans:
        return (say(f"report.record_{'no_sales' if result.decided.without_sales else 'none'}"),)
    moved = [plan for plan in plans if plan.moves]
    better = sum(plan.earned_usd > plan.still_usd for plan in moved)
    came, promised = (fsum(getattr(p, f"{n}_usd") for p in plans) for n in ("came", "promised"))
    kind = "stayed" if not moved else "behind" if 2 * better <= len(moved) else "ahead"
    count, share = len(moved or plans), _share(came, promised)
    lead = say(f"report.record_{kind}", count=count, better=better, share=share)
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
    names = [
        "promised",
        "came",
        "unchanged",
        *(["earned", "still", "imputed"] if plan.moves else []),
    ]
    sums = {name: getattr(plan, f"{name}_usd") * rate for name in names}
    amount = moneys(sums.values(), CNY)
    values = {name: amount(value) for name, value in sums.items()}
    values |= {"year": str(plan.base_year), "later": str(plan.base_year + plan.horizon)}
    values["short"] = _share(plan.came_usd, plan.promised_usd)
    if not plan.moves:
        return say("report.record_year_stay", **values)
    whole = abs(plan.earned_usd) + abs(plan.imputed_usd)
    share = percent(abs(plan.imputed_usd) / whole if whole else 0.0, 0)
    said = say("report.record_year", count=plan.moves, **values)
    return words.joined((said, say("report.record_imputed", money=values["imputed"], share=share)))


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
    share, low = percent(fsum(known.values()) / len(known), 0), percent(known[least], 0)
    yield say("report.rests_coverage", share=share, least=low, market=words.within(least[1]))
    if thin:
        yield say("report.rests_thin", markets=words.listed(map(country_name, sorted(thin))))
