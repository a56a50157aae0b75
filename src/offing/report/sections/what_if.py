"""What a reform would change in the plan: in words, in pictures, by market and by rule."""

from collections.abc import Iterator

from offing.policy.comparison import Comparison, RuleChange, SegmentChange
from offing.report import words
from offing.report.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Figure,
    Figures,
    Heading,
    Section,
    Table,
    Text,
)
from offing.report.charts import what_if as chart
from offing.report.sections.plan import money_cell
from offing.rules.citing import cited, valued
from offing.study.result import ProductResult, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import (
    NOTHING,
    MoneyColumn,
    change,
    money,
    money_column,
    percent,
    price,
    price_digits,
)

DRAWN = 12
LISTED = 6
"""Markets that a rule names before it says how many more there are."""


def section(result: StudyResult) -> Section | None:
    """What the study's reform would change; ``None`` for a study without one."""
    made = result.what_if
    if made is None:
        return None
    blocks: list[Block] = [Text(tuple(sentences(result, made))), *_pictures(result, made)]
    for product in result.products:
        rows = [each for each in made.segments if each.product == product.product]
        if rows:
            blocks.append(_table(product, rows))
    if made.rules:
        blocks.append(Heading(say("policy.rules_heading")))
        blocks.append(_rules(made))
    blocks.append(Text(tuple(_notes(made)), "list"))
    heading = say("policy.heading", name=made.title(language()))
    return Section("what-if", heading, say("policy.short"), tuple(blocks))


def sentences(result: StudyResult, made: Comparison) -> Iterator[str]:
    """The answer, the totals first."""
    was, now = made.before, made.after
    delta = now.margin - was.margin
    key = "margin_stays" if abs(delta) < 0.5 else "margin_rises" if delta > 0 else "margin_falls"
    yield say(
        f"policy.{key}",
        name=made.title(language()),
        before=money(was.margin),
        after=money(now.margin),
        change=change(delta / abs(was.margin)) if was.margin else NOTHING,
    )
    for name, before, after in (
        ("sales", was.sales, now.sales),
        ("refund", was.refund, now.refund),
        ("duty", was.duty, now.duty),
    ):
        if abs(after - before) >= 0.5:
            yield say(f"policy.{name}", before=money(before), after=money(after))
    if was.settlement_rate is not None and now.settlement_rate is not None:
        rates = (percent(was.settlement_rate, 2), percent(now.settlement_rate, 2))
        if rates[0] != rates[1]:
            yield say("policy.settlement", before=rates[0], after=rates[1])
    if not made.changed:
        if was == now:
            yield say("policy.nothing")
        return
    top = max(made.changed, key=lambda each: (abs(each.margin), _dearer(each)))
    if abs(top.margin) >= 0.5:
        yield say("policy.most", market=country_name(top.market), delta=_plus(top.margin))
    if top.before and top.after and top.before.landed and _dearer(top):
        unit = next(p.unit for p in result.products if p.product == top.product)
        yield say(
            "policy.most_landed",
            market=country_name(top.market),
            unit=words.unit(unit),
            before=price(top.before.landed),
            after=price(top.after.landed or 0.0),
        )


def _dearer(each: SegmentChange) -> float:
    """By how much the landed cost of one unit changes, whichever way."""
    was, now = each.before, each.after
    if was is None or now is None or was.landed is None or now.landed is None:
        return 0.0
    return abs(now.landed - was.landed)


def demand(made: Comparison) -> str:
    """What is assumed of demand."""
    if made.elasticity:
        return say("policy.demand_moves", elasticity=f"{made.elasticity:g}")
    return say("policy.demand")


def facts(made: Comparison) -> list[Fact]:
    """The totals under the reform, each beside today's."""
    return [
        Fact(
            say(f"policy.fact_{name}"),
            money(getattr(made.after, name)),
            say("policy.fact_today", before=money(getattr(made.before, name))),
        )
        for name in ("margin", "sales", "refund", "duty")
    ]


def _plus(value: float) -> str:
    return ("+" if value > 0 else "") + money(value)


def _pictures(result: StudyResult, made: Comparison) -> Iterator[Block]:
    by_market: dict[str, float] = {}
    for each in made.segments:
        by_market[each.market] = by_market.get(each.market, 0.0) + each.margin
    moved = sorted(
        ((m, v) for m, v in by_market.items() if abs(v) >= 0.5), key=lambda mv: -abs(mv[1])
    )
    figures: list[Figure] = []
    if moved:
        rest = sum(value for _, value in moved[DRAWN:])
        drawn = moved[:DRAWN] + ([(say("policy.others"), rest)] if abs(rest) >= 0.5 else [])
        unit = money_column([value for _, value in drawn]).unit
        figures.append(
            Figure(
                "what-if-margin",
                say("policy.chart_heading"),
                chart.draw_margins("what-if-margin-chart", drawn),
                say("policy.chart_caption", unit=unit),
            )
        )
    for product in result.products:
        rows = [
            (each.market, each.before.landed, each.after.landed)
            for each in made.segments
            if each.product == product.product
            and each.before
            and each.after
            and each.before.landed
            and each.after.landed
            and price_digits(each.before.landed) != price_digits(each.after.landed)
        ][:DRAWN]
        if rows:
            name, unit = words.product(product), words.unit(product.unit)
            figures.append(
                Figure(
                    f"what-if-landed-{product.product}",
                    say("policy.landed_heading", product=name, unit=unit),
                    chart.draw_landed(f"what-if-landed-chart-{product.product}", name, unit, rows),
                    say("policy.landed_caption"),
                )
            )
    if figures:
        yield Figures(tuple(figures))


def _both(before: str, after: str) -> Cell:
    return Cell(before) if before == after else Cell(f"{before} → {after}", mark="strong")


def _table(product: ProductResult, rows: list[SegmentChange]) -> Table:
    pairs = [pair for each in rows for pair in (each.before, each.after) if pair]
    sales = money_column([pair.sales for pair in pairs])
    margin = money_column([pair.margin for pair in pairs])
    delta = money_column([each.margin for each in rows])
    unit = words.unit(product.unit)
    columns = (
        Column(say("policy.column_market"), number=False),
        Column(say("policy.column_landed", unit=unit)),
        Column(say("policy.column_duty", unit=unit)),
        Column(say("policy.column_refund", unit=unit)),
        Column(say("policy.column_rate")),
        Column(say("policy.column_sales", unit=sales.unit)),
        Column(say("policy.column_margin", unit=margin.unit)),
        Column(say("policy.column_change", unit=delta.unit)),
    )

    def total(which: str, column: MoneyColumn) -> Cell:
        was = sum(getattr(each.before, which) for each in rows if each.before)
        now = sum(getattr(each.after, which) for each in rows if each.after)
        return _both(column.cell(was), column.cell(now))

    return Table(
        f"what-if-table-{product.product}",
        say("policy.table", product=words.product(product)),
        columns,
        tuple(_row(each, sales, margin, delta) for each in rows),
        (
            Cell(say("policy.total")),
            *(Cell(""),) * 4,
            total("sales", sales),
            total("margin", margin),
            money_cell(delta, sum(each.margin for each in rows)),
        ),
    )


def _row(
    each: SegmentChange, sales: MoneyColumn, margin: MoneyColumn, delta: MoneyColumn
) -> tuple[Cell, ...]:
    def pair(which: str) -> tuple[float | None, float | None]:
        was = getattr(each.before, which) if each.before else None
        now = getattr(each.after, which) if each.after else None
        return was, now

    def prices(which: str) -> Cell:
        was, now = (NOTHING if v is None else price_digits(v) for v in pair(which))
        return _both(was, now)

    rate = (NOTHING if v is None else percent(v, 1) for v in pair("margin_rate"))
    return (
        Cell(country_name(each.market)),
        prices("landed"),
        prices("duty"),
        prices("refund"),
        _both(*rate),
        _both(*(sales.cell(v) for v in pair("sales"))),
        _both(*(margin.cell(v) for v in pair("margin"))),
        money_cell(delta, each.margin) if abs(each.margin) >= 0.5 else Cell(NOTHING),
    )


def where_used(rule: RuleChange) -> str:
    """The markets whose figures rest on a rule, or how many."""
    named = (country_name(market) if market else say("policy.the_settlement")
             for _, market in rule.used_by)  # fmt: skip
    markets = list(dict.fromkeys(named))
    if len(markets) > LISTED:
        return say("policy.markets", count=len(markets))
    return words.listed(markets)


def rule_texts(rule: RuleChange) -> tuple[str, str]:
    """The value today and under the reform, in words where there is none."""
    if rule.before is None:
        own = rule.id.startswith("chn.refund.")
        before = say("policy.own_rate" if own else "policy.new")
    else:
        before = valued(rule.before)
    after = say("policy.ended") if rule.after is None else valued(rule.after)
    return before, after


def _rules(made: Comparison) -> Table:
    columns = tuple(
        Column(say(f"policy.column_{name}"), number=False)
        for name in ("rule", "today", "reform", "holds", "where", "source")
    )

    def row(rule: RuleChange) -> tuple[Cell, ...]:
        before, after = rule_texts(rule)
        held = rule.after or rule.before
        assert held is not None
        return (
            Cell(rule.id),
            Cell(before),
            Cell(after, mark="strong"),
            Cell(f"[{held.since or '…'}, {held.until or '…'})"),
            Cell(where_used(rule)),
            Cell(
                f"{cited(rule.before.source)} ({words.status(rule.before.status)})"
                if rule.before
                else NOTHING
            ),
        )

    return Table("what-if-rules", say("policy.rules_table"), columns, tuple(map(row, made.rules)))


def _notes(made: Comparison) -> Iterator[str]:
    for currency, moved in made.exchange:
        yield say("policy.exchange", currency=currency, change=change(moved))
    for id_ in made.unused:
        yield say("policy.unused", id=id_)
    yield demand(made)
