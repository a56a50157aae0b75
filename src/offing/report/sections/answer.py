"""The first screen: what to do, what it earns and how sure that is, in three sentences."""

from offing.planning.plan import PlanRow
from offing.report import words
from offing.report.blocks import Fact
from offing.report.sections import proof
from offing.study.result import ProductResult, StudyResult
from offing.terms.messages import language, say
from offing.terms.numbers import change, fixed, money, money_range, percent


def best_row(result: StudyResult) -> PlanRow | None:
    """The segment with the largest planned sales."""
    rows = [row for row in result.plan.rows if row.sales_usd > 0]
    return min(rows, key=lambda r: (-r.sales_usd, r.product, r.market, r.tier), default=None)


def product_of(result: StudyResult, code: str) -> ProductResult:
    """The product of a code."""
    return next(product for product in result.products if product.product == code)


def sentences(result: StudyResult) -> tuple[str, ...]:
    """The answer."""
    row = best_row(result)
    if row is None:
        return (say("report.answer_nothing"),)
    product = product_of(result, row.product)
    values = {
        "segment": words.segment(row.market, row.tier),
        "product": words.product(product),
        "sales": money(row.sales_usd),
        "price": words.price_per(row.price_usd, product.unit),
    }
    if row.sales_now_usd > 0:
        first = say(
            "report.answer_grow",
            now=money(row.sales_now_usd),
            change=change(row.sales_usd / row.sales_now_usd - 1),
            **values,
        )
    else:
        first = say("report.answer_enter", **values)
    plan = result.plan
    rate = plan.margin_usd / plan.sales_usd if plan.sales_usd else 0.0
    second = say(
        "report.answer_earns" if plan.margin_usd >= 0 else "report.answer_loses",
        sales=money(plan.sales_usd),
        now=money(plan.sales_now_usd),
        margin=money(abs(plan.margin_usd)),
        rate=percent(abs(rate)),
    )
    third = (
        say("report.answer_unsure")
        if row.low_usd is None or row.high_usd is None
        else say(
            "report.answer_sure",
            segment=values["segment"],
            range=money_range(row.low_usd, row.high_usd),
        )
    )
    top = proof.shown_top(product.backtest)
    lead = "" if top is None else proof.lead(product, top)
    sure = words.joined((third, proof.verdict(product), lead))
    return first, second, sure, *record(result), *rests_on(result)


def record(result: StudyResult) -> tuple[str, ...]:
    """What such plans promised in earlier years, what came, and what doing nothing brought."""
    made = [plan for plan in result.earlier_plans if plan.rule == "outlook"]
    kept = {plan.base_year: plan for plan in result.earlier_plans if plan.rule == "persistence"}
    pairs = [(plan, kept[plan.base_year]) for plan in made if plan.base_year in kept]
    if not pairs:
        return ()
    better = sum(plan.margin_usd > still.margin_usd for plan, still in pairs)
    listed = [
        say(
            "report.record_year",
            year=plan.base_year,
            planned=money(plan.planned_usd),
            came=money(plan.sold_usd),
            earned=money(plan.margin_usd),
            still=money(still.margin_usd),
        )
        for plan, still in pairs
    ]
    key = "report.record_behind" if 2 * better <= len(pairs) else "report.record_ahead"
    return (say(key, count=len(pairs), better=better, years=words.series(listed)),)


def rests_on(result: StudyResult) -> tuple[str, ...]:
    """Which trade data, how much of it, and that a starter set is for learning."""
    if not result.sources:
        return ()
    trade = result.sources[0]  # the flows come first
    starter = "starter" if trade.dataset.startswith("starter") else "loaded"
    return (
        say(
            f"report.rests_{starter}",
            dataset=trade.dataset,
            covers=words.covers(trade.covers),
            rows=fixed(trade.rows, 0),
        ),
    )


def facts(result: StudyResult) -> tuple[Fact, ...]:
    """The figures beside it."""
    plan = result.plan
    if not plan.rows:
        return ()
    rate = plan.margin_usd / plan.sales_usd if plan.sales_usd else 0.0
    markets = {row.market for row in plan.rows if row.sales_usd > 0}
    new = {
        market
        for market in markets
        if not any(row.sales_now_usd > 0 for row in plan.rows if row.market == market)
    }
    return (
        Fact(
            say("report.fact_sales"),
            money(plan.sales_usd),
            say("report.fact_sales_now", now=money(plan.sales_now_usd)),
        ),
        Fact(
            say("report.fact_margin"),
            money(plan.margin_usd),
            say("report.fact_margin_rate", rate=percent(rate)),
        ),
        Fact(
            say("report.fact_markets"),
            str(len(markets)),
            say("report.fact_markets_new", count=len(new)),
        ),
        Fact(
            say("report.fact_capacity"),
            words.listed(percent(used, 0) for _, used in plan.capacity_used),
            words.listed(result.line_name(key, language()) for key, _ in plan.capacity_used),
        ),
    )
