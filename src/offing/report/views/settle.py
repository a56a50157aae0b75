"""A deal, a book of deals or the test of the limits, told."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from math import fsum
from typing import TYPE_CHECKING

from offing.report import words
from offing.report.blocks import (
    Actions,
    Block,
    Cell,
    Figure,
    Figures,
    Folded,
    Heading,
    Table,
    Text,
    columns_of,
    number,
    table_of,
    text,
    texts_of,
)
from offing.report.charts import frontier
from offing.report.move_words import steps
from offing.report.views.refund import quarantined_rows
from offing.settlement.advice import BookAdvice, DealAdvice, ndf_cost, reasons_unhedged
from offing.settlement.deal import CurrencyChoice, Option
from offing.settlement.portfolio import Book, Netting
from offing.settlement.simulation import BASKET
from offing.study.result import SettledMarket, SettledPlan, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import join_list, say
from offing.terms.numbers import NOTHING, change, day, difference, fixed_decimals, money, percent

if TYPE_CHECKING:
    from offing.api.settle import SettleAnswer


def view(answer: "SettleAnswer") -> Iterator[Block]:
    """The answer, what it was compared with, what is assumed; the test as its table."""
    advice = answer.advice
    if advice is None:
        yield from _coverage_blocks(answer)
        return
    if isinstance(advice, BookAdvice):
        yield Text(tuple(_book_answer(advice)), "lead")
        yield netting_table(advice.book.nettings)
        yield from _lines(advice)
    else:
        yield Text(tuple(_deal_answer(advice)), "lead")
        yield from _comparison_blocks(advice, answer.frontier)
    yield from _assumption_blocks(advice, answer.explain)
    rows = len(answer.quarantined) + len(advice.options)
    yield from quarantined_rows(answer.quarantined, rows)


def full(answer: "SettleAnswer") -> Iterator[Block]:
    """With every hedge ratio, and how each figure came about, as a page has them."""
    return view(replace(answer, frontier=True, explain=True))


_whole = partial(fixed_decimals, places=0)
_sums = partial(columns_of, "settle.column_{}", _whole)
"""Columns of amounts."""


def _comparison_blocks(advice: DealAdvice, every_ratio: bool) -> Iterable[Block]:
    """The currencies side by side, with what each hedge costs and leaves at risk."""
    best = advice.choices[0]
    lines = [
        _line(choice, best=choice is best) for choice in advice.choices if choice.option.at_mid
    ]
    tables = [_ratios(choice) for choice in advice.choices if len(choice.frontier) > 1]
    if lines:
        yield Figures((_frontier(lines, advice.risk, tables if every_ratio else ()),))
    yield table_of(
        "settle-compared",
        _title(advice),
        advice.choices,
        (text("settle.column_currency"),
         lambda choice: Cell(choice.option.currency + " *" * (not choice.within),
                             mark="strong" if choice is best else None)),
        (text("settle.column_instrument"), lambda choice: instrument(choice.option.instrument)),
        (number("settle.column_hedge"), lambda choice: NOTHING if choice.option.currency == "CNY"
         else hedge(choice.option.hedge_ratio)),
        *_sums("expected=option.expected", "low=option.low", "cost=option.cost"),
        (number("settle.column_at_risk"),
         lambda choice: Cell(percent(choice.option.at_risk, 1),
                             mark=None if choice.within else "negative")),
    )  # fmt: skip
    if not all(choice.within for choice in advice.choices):
        yield Text((say("settle.beyond"),), "note")


def _ratios(choice: CurrencyChoice) -> Table:
    """Each hedge ratio with what it leaves at risk; an arrow at the one that suits."""
    suits, code = choice.option.hedge_ratio, choice.option.currency

    def ratio(point: Option) -> Cell:
        best = point.hedge_ratio == suits
        return Cell(
            ("→ " if best else "") + hedge(point.hedge_ratio), mark="strong" if best else None
        )

    return table_of(
        f"settle-{code}",
        say("settle.title_frontier", currency=code),
        choice.frontier,
        (text("settle.column_hedge"), ratio),
        *_sums("expected", "low"),
        (number("settle.column_at_risk"), lambda point: percent(point.at_risk, 1)),
    )


def _line(choice: CurrencyChoice, *, best: bool) -> list[frontier.FrontierPoint]:
    """Risk and cost from no hedge to a full one, the currency at the right end."""
    steps = [p for p in choice.frontier if p.at_mid]
    points = [(float(p.at_risk), float(p.cost / abs(p.at_mid))) for p in steps]
    end, chosen = points.index(max(points)), "own" if best else "rival"
    return [
        frontier.FrontierPoint(
            *point,
            chosen if step == choice.option else "rival-dot",
            choice.option.currency if at == end else "",
        )
        for at, (point, step) in enumerate(zip(points, steps, strict=True))
    ]


def _frontier(
    lines: Sequence[Sequence[frontier.FrontierPoint]], risk: Decimal, tables: Iterable[Table]
) -> Figure:
    """Cost upwards, risk to the right; the limit as an upright line."""
    limit, every = float(risk), [point for line in lines for point in line]
    costs = [point.y for point in every]
    widest = max([limit * 1.15, *(point.x for point in every)]) * 1.04 or 0.01
    described = words.series(
        f"{next(q.label for q in line if q.label)} {percent(p.x, 1)} → {percent(p.y, 2)}"
        for line in lines
        for p in line
        if p.kind != "rival-dot"
    )
    heading, caption = say("settle.frontier_heading"), say("settle.frontier_caption")
    drawn = partial(
        frontier.draw,
        "settle-frontier-chart",
        heading,
        described,
        lines,
        (0.0, widest, 0.01, "%", say("settle.axis_risk")),
        (min(0.0, *costs), max(0.001, *costs) * 1.06, 0.01, "%", say("settle.axis_cost")),
        (limit, say("settle.axis_limit", limit=percent(risk, 1))),
    )
    source = say("report.source_named")
    return Figure("settle-frontier", heading, drawn, caption, tuple(tables), source=source)


def netting_table(nettings: Sequence[Netting]) -> Table:
    """What offsets in each currency, and what stays open."""
    return table_of(
        "settle-netting",
        say("settle.natural_table"),
        nettings,
        (text("settle.column_invoiced"), lambda net: net.currency),
        *_sums("receivable", "payable", "offset"),
        (number("settle.column_hedge"), lambda net: hedge(net.hedge_ratio)),
        *_sums("hedged"),
        (number("settle.column_open"), lambda n: Cell(fixed_decimals(n.open, 0), mark="strong")),
        (number("settle.column_apart"), lambda n: str(n.days_apart) if n.offset else NOTHING),
    )


def _lines(advice: BookAdvice) -> Iterable[Block]:
    """Each deal; the whole stands in the answer."""
    yield table_of(
        "settle-deals",
        say("settle.title_book", on=advice.market.on),
        advice.book.lines,
        (text("settle.column_deal"), lambda line: line.deal.name or NOTHING),
        *columns_of("settle.column_{}", str, "days=deal.days"),
        (number("settle.column_amount"),
         lambda line: f"{line.deal.currency} {fixed_decimals(line.deal.amount, 0)}"),
        (text("settle.column_currency"), lambda line: line.option.currency),
        (number("settle.column_natural"), lambda line: percent(line.natural, 0)),
        (number("settle.column_hedge"), lambda line: hedge(line.option.hedge_ratio)),
        *_sums("expected=option.expected", "cost=option.cost"),
    )  # fmt: skip
    if not advice.book.within:
        yield Text((say("settle.beyond"),), "note")


def _assumption_blocks(advice: DealAdvice | BookAdvice, explain: bool) -> Iterable[Block]:
    """What is assumed, and the facts beside it; every figure behind them where asked for."""
    yield Text(tuple(notes(advice)), "list")
    if not explain:
        return
    names = [""] * len(advice.options)
    if isinstance(advice, BookAdvice):
        names = [line.deal.name or str(at) for at, line in enumerate(advice.book.lines, 1)]
    tables = tuple(
        table_of(
            f"settle-steps-{at}",
            say(
                "settle.title_steps_deal" if name else "settle.title_steps",
                name=name,
                currency=option.currency,
            ),
            _steps(option),
            (text("settle.column_step"), lambda step: step[0]),
            ("CNY", lambda step: fixed_decimals(step[1], 2)),
        )
        for at, (name, option) in enumerate(zip(names, advice.options, strict=True))
    )
    yield Folded(say("settle.steps_heading"), tables)
    yield Text(tuple(_risk_steps(advice)))
    yield Heading(say("settle.title_figures"))
    yield Text(tuple(map(words.rule, advice.rules)), "list")


def _coverage_blocks(answer: "SettleAnswer") -> Iterator[Block]:
    """How often each limit was exceeded, and whether it holds."""
    results = answer.coverage
    from offing.api.settle import TEST_SINCE

    yield table_of(
        "settle-test",
        say("settle.title_test", since=TEST_SINCE, until=answer.tested_until),
        results,
        (text("settle.column_pair"),
         lambda test: say("settle.basket") if test.currency == BASKET else test.currency),
        *columns_of("settle.column_{}", str, "horizon", "outcomes", "hits"),
        (number("settle.column_share"), lambda test: percent(test.share, 1)),
        (number("settle.column_p"), lambda test: fixed_decimals(test.p_value, 2)),
        (text("settle.column_holds"), lambda test: say(f"settle.{'yes' if test.holds else 'no'}")),
    )  # fmt: skip
    summary = say("settle.test_sum", held=sum(test.holds for test in results), count=len(results))
    yield Text((summary, say("settle.test_note")))


def _title(advice: DealAdvice) -> str:
    """The deal in one line."""
    deal = advice.deal
    return say(
        "settle.title_payable" if deal.amount < 0 else "settle.title_deal",
        name=deal.name,
        amount=f"{abs(deal.amount):,f}",
        currency=deal.currency,
        days=deal.days,
        terms=say(f"settle.terms_{deal.terms}"),
        on=advice.market.on,
    ).strip()


def instrument(name: str | None) -> str:
    """What hedges, in a word."""
    return say(f"settle.instrument_{name}") if name else NOTHING


def hedge(ratio: Decimal | float | None) -> str:
    """A share sold forward; a dash where nothing is known to hedge with."""
    return NOTHING if ratio is None else percent(ratio, 0)


def _deal_answer(advice: DealAdvice) -> Iterator[str]:
    if len(advice.choices) < 2:
        return
    best = advice.choices[0].option
    yield say(
        "settle.answer_cny" if best.currency == "CNY" else "settle.answer",
        currency=best.currency,
        hedge=hedge(best.hedge_ratio),
        instrument=instrument(best.instrument),
        **texts_of(best, _whole, "expected", "low"),
    )
    yield say(
        "settle.costs" if best.cost >= 0 else "settle.gains",
        cost=fixed_decimals(abs(best.cost), 0),
        share=percent(_over(abs(best.cost), abs(best.at_mid)), 2),
    )
    plain = advice.plain
    if plain is not None and plain != best:
        gain, safer = best.expected - plain.expected, best.low - plain.low
        key = "against" if plain.currency == advice.deal.currency else "against_other"
        values = {"gain": difference(gain, 0), "safer": difference(safer, 0)}
        yield say(f"settle.{key}", currency=plain.currency, own=advice.deal.currency, **values)
    other = next((option for option in advice.options if option.currency != "CNY"), None)
    if best.currency == "CNY" and other is not None:
        yield say(
            "settle.if_not_cny",
            currency=other.currency,
            hedge=hedge(other.hedge_ratio),
            discount=percent(_over(best.expected - other.expected, best.at_mid), 2),
        )
    if (cost := advice.deal.cost_cny) is not None:
        margins = (percent(_over(sum_ - cost, sum_), 1) for sum_ in (best.expected, best.low))
        yield say("settle.margin", **dict(zip(("expected", "low"), margins, strict=True)))


def _over(value: Decimal, whole: Decimal) -> Decimal:
    """A share; nothing of nothing."""
    return value / whole if whole else Decimal(0)


def _book_answer(advice: BookAdvice) -> Iterator[str]:
    book = advice.book
    moved = [line for line in book.lines if line.option.currency != line.deal.currency]
    if moved:
        deals = [f"{line.deal.name or NOTHING}: {line.option.currency}" for line in moved]
        yield say("settle.book_moved", deals=words.some_of(deals, "settle.book_others"))
    ratios = [f"{net.currency} {hedge(net.hedge_ratio)}" for net in book.nettings]
    yield say("settle.book_answer", hedges=join_list(ratios) or NOTHING)
    yield say("settle.book_costs", **texts_of(book, _whole, "expected", "low", "cost"))
    yield from _saving_sentences(book)


def _saving_sentences(book: Book) -> Iterator[str]:
    """What offsets by itself, what netting is worth, and what the hedge costs."""
    for net in book.nettings:
        if net.offset:
            offset, days = fixed_decimals(net.offset, 0), net.days_apart
            yield say("settle.book_natural", currency=net.currency, offset=offset, days=days)
    if book.low > book.low_added:
        yield say("settle.book_saves", saved=fixed_decimals(book.low - book.low_added, 0))
    if book.frontier and any(net.hedge_ratio for net in book.nettings):
        expected, low = (Decimal(repr(value)) for value in book.frontier[0])
        cost = expected - book.expected
        key = "settle.book_hedge" if cost >= 0 else "settle.book_hedge_gains"
        yield say(key, cost=fixed_decimals(abs(cost), 0), safer=fixed_decimals(book.low - low, 0))


def notes(advice: DealAdvice | BookAdvice) -> Iterator[str]:
    """What is assumed, what is a fact, and what a person must check."""
    from offing.api.settle import ALWAYS

    market, codes = advice.market, list(dict.fromkeys(row.currency for row in advice.options))
    if isinstance(advice, DealAdvice):
        for code in advice.missing:
            key = "not_compared_volatility" if code in advice.with_rate else "not_compared"
            yield say(f"settle.{key}", currency=code)
    for reason in reasons_unhedged(advice):
        nexts = say(f"{reason.key}_next", **reason.values)
        yield words.join_sentences(
            (words.caution_text(reason), nexts[:1].upper() + nexts[1:] + say("report.stop"))
        )
    for code in codes:
        yield from _about_ndf(advice, code)
    if market.finance is None:
        yield say("settle.no_finance", on=market.on)
    else:
        yield say("settle.waiting", rate=percent(market.finance.rate, 2))
    if "CNY" in codes:
        yield say("settle.accepts_cny", discount=percent(market.cny_discount, 1))
    yield from (say("settle.accepts_local", currency=c) for c in codes if c not in ALWAYS)
    deals = [advice.deal] if isinstance(advice, DealAdvice) else [x.deal for x in advice.book.lines]
    missing = advice.missing if isinstance(advice, DealAdvice) else ()
    currencies = {*codes, *missing, *(deal.currency for deal in deals)} - {*ALWAYS}
    if currencies:
        yield say("settle.not_checked", currencies=join_list(sorted(currencies)))
    yield say("settle.assumed")


def _about_ndf(advice: DealAdvice | BookAdvice, code: str) -> Iterator[str]:
    """How a currency that is not delivered is hedged, what that costs and who can do it."""
    market = advice.market
    facts = market.defaults.ndf(code)
    if facts is None or code not in market.ndf:
        return
    unknown = say("settle.ndf_fixing_unknown")
    yield say(
        "settle.ndf_how",
        currency=code,
        fixing=facts.fixing if facts.fixing != "—" else unknown,
        days=facts.fixing_days_before,
    )
    if isinstance(advice, DealAdvice):
        choice = next(c for c in advice.choices if c.option.currency == code)
        cost = ndf_cost(choice, market, advice.deal.days)
        if cost is not None:
            shares = {name: percent(share, 2) for name, share in cost.items()}
            yield say("settle.ndf_costs", currency=code, **shares)
    yield say(facts.access, currency=code, source=facts.access_source)


def _risk_steps(advice: DealAdvice | BookAdvice) -> Iterator[str]:
    """How forwards and limits came about."""
    yield say("settle.rounding")
    if any(option.instrument == "ndf" for option in advice.options):
        yield say("settle.rounding_ndf")
    sure = advice.simulated
    yield say(
        "settle.rounding_risk", paths=f"{sure.paths:,}", days=sure.trading_days, seed=sure.seed,
        last=sure.last_day, first=sure.first_day,
    )  # fmt: skip
    if isinstance(advice, BookAdvice):
        yield say("settle.rounding_book")


def _steps(option: Option) -> Iterable[tuple[str, Decimal]]:
    """How what is expected came about: what each line is, and its amount in CNY."""
    receives = option.at_mid > 0
    parts = {
        "at_mid": option.at_mid,
        "discount": -option.discount,
        "spread": -option.spread_cost,
        "carry" if receives else "carry_payable": option.carry,
        "fees": -option.fees,
        "finance": -option.finance,
        "insurance": -option.insurance,
        "credit_loss": -option.credit_loss,
        "expected": option.expected,
        "fall" if receives else "rise": option.low - option.expected,
        "low": option.low,
    }
    for name, value in parts.items():
        if value or name in ("at_mid", "expected", "low"):
            text = say(
                f"settle.step_{name}",
                amount=f"{option.amount:,}",
                currency=option.currency,
                spot=option.spot,
                hedge=hedge(option.hedge_ratio),
                forward=option.forward or NOTHING,
            )
            yield text, value


def plan_blocks(result: StudyResult) -> Iterator[Block]:
    """Currencies, hedges and what they cost; nothing for a study without ``[settlement]``."""
    settled = result.settlement
    if settled is None:
        return
    yield Text(tuple(plan_sentences(result)))
    yield Actions(steps(result.decided))
    yield netting_table(settled.nettings)
    yield Folded(say("report.by_market"), (_market_table(settled),))
    notes = [say("settle.plan_book", days=settled.days, on=day(result.on)), say("settle.assumed")]
    notes += [words.caution_text(one) for one in result.decided.not_hedged]
    yield Text(tuple(notes), "note")


def plan_sentences(result: StudyResult) -> Iterator[str]:
    """What to do and what it costs; nothing for a study without ``[settlement]``."""
    settled = result.settlement
    if settled is None:
        return
    sales = fsum(line.sales_usd for line in settled.lines if line.sales_usd > 0)
    by_currency: dict[str, float] = defaultdict(float)
    for line in settled.lines:
        if line.sales_usd > 0:
            by_currency[line.currency] += line.sales_usd
    shares = sorted(by_currency.items(), key=lambda pair: -pair[1])
    hedges = [
        f"{netting.currency} {hedge(netting.hedge_ratio)}"
        for netting in settled.nettings
        if netting.hedge_ratio
    ]
    fall = (settled.expected_cny - settled.low_cny) / settled.receivables_cny
    named = words.series(f"{code} {percent(usd / sales, 0)}" for code, usd in shares)
    yield say("settle.plan_currencies", shares=named)
    key = "settle.plan_hedges" if hedges else "settle.plan_no_hedge"
    yield say(key, hedges=words.series(hedges))
    yield say("settle.plan_costs", rate=change(-settled.cost_rate), fall=percent(fall, 1))
    if settled.low_cny > settled.low_added_cny:
        saved = money(settled.low_cny - settled.low_added_cny, "CNY")
        yield say("settle.plan_saves", saved=saved)
    if not settled.within:
        yield say("settle.plan_beyond", risk=percent(settled.risk, 1))


def _market_table(settled: SettledPlan) -> Table:
    def name(line: SettledMarket) -> str:
        return country_name(line.market) if line.market else line.name or say("settle.a_payable")

    def ratio(line: SettledMarket) -> str:
        return NOTHING if line.currency == "CNY" else hedge(line.hedge_ratio)

    def held_with(line: SettledMarket) -> str:
        return instrument(line.instrument if line.hedge_ratio else None)

    return table_of(
        "settlement-table",
        say("settle.section_plan_heading"),
        settled.lines,
        (say("settle.column_market"), name),
        (say("settle.column_sales"), lambda line: fixed_decimals(line.sales_usd / 1e6, 1)),
        (text("settle.column_currency"), lambda line: Cell(line.currency, mark="strong")),
        (say("settle.column_natural"), lambda line: percent(line.natural, 0)),
        (say("settle.column_hedge"), ratio),
        (text("settle.column_instrument"), held_with),
        (say("settle.column_cost_rate"), lambda line: percent(line.cost_rate, 2)),
    )
