"""What a reform would change in the plan: in words, in pictures, by market and by rule."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from math import fsum

from offing.policy.comparison import Comparison, ComparisonTotals, RuleChange, SegmentChange
from offing.report import words
from offing.report.blocks import (
    Block,
    Callout,
    Cell,
    Column,
    Fact,
    Figure,
    Figures,
    Heading,
    Section,
    Table,
    Text,
    missing_cell,
    money_cell,
    number,
    table_of,
    text,
)
from offing.report.charts import what_if as chart
from offing.report.in_yuan import CNY, in_yuan
from offing.report.sections import effects, stress
from offing.rules.citing import cited, valued
from offing.study.result import ProductResult, StudyResult
from offing.study.unknown import ABOUT
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import (
    NOTHING,
    MoneyColumn,
    change,
    day,
    digits,
    fine_column,
    fixed,
    money_column,
    moneys,
    percent,
    price,
    price_digits,
    signed_money,
)

DRAWN = 12
ALWAYS = ("sales", "margin")
"""Columns of the short table that are there though nothing changes in them."""
LISTED = 6
"""Markets that a rule names before it says how many more there are."""


def section(result: StudyResult) -> Section | None:
    """What the study's reform would change; ``None`` for a study without one."""
    if result.what_if is None:
        return None
    comparison = in_yuan(result.what_if)
    blocks: list[Block] = [
        Text(tuple(sentences(result, comparison))),
        *missing_said(result),
        *_pictures(result, comparison),
    ]
    for product in result.products:
        rows = [each for each in comparison.segments if each.product == product.product]
        if rows:
            blocks.append(segments_table(product, rows))
    if comparison.stress is not None:
        blocks.append(Heading(say("policy.stress_heading")))
        blocks += stress.blocks(comparison.stress, comparison.dollar[0])
    if comparison.effects is not None:
        blocks += effects.blocks(result, comparison.effects)
    if comparison.rules:
        blocks.append(Heading(say("policy.rules_heading")))
        blocks.append(_rules(comparison))
    blocks.append(Text(tuple(_notes(comparison, result.on)), "list"))
    heading = say("policy.heading", name=comparison.title(language()))
    return Section("what-if", heading, say("policy.short"), tuple(blocks))


def sentences(result: StudyResult, comparison: Comparison) -> Iterator[str]:
    """The answer, the totals first; ``comparison`` is in yuan."""
    was, now = comparison.before, comparison.after
    delta = now.margin - was.margin
    amount = moneys([was.margin, now.margin], CNY)
    key = "margin_stays" if abs(delta) < 0.5 else "margin_rises" if delta > 0 else "margin_falls"
    said = say(
        f"policy.{key}",
        name=comparison.title(language()),
        before=amount(was.margin),
        after=amount(now.margin),
        change=change(delta / abs(was.margin)) if was.margin else NOTHING,
    )
    yield words.known_part(said, comparison.known_share)
    yield from _totals(was, now)
    if comparison.changed:
        yield from _most(result, comparison)
    elif was == now and not comparison.missing:
        yield say("policy.nothing")


def missing_said(result: StudyResult) -> Iterator[Block]:
    """What of the change is missing, and what hangs on it."""
    for one in result.warnings:
        if one.values.get("about") == ABOUT[1]:
            yield Callout(words.caution_text(one, result.decided.cny_per_usd))


def _totals(was: ComparisonTotals, now: ComparisonTotals) -> Iterator[str]:
    """What else of the whole plan changes."""
    for name in ("sales", "refund", "duty"):
        before, after = getattr(was, name), getattr(now, name)
        if before is not None and after is not None and abs(after - before) >= 0.5:
            amount = moneys([before, after], CNY)
            yield say(f"policy.{name}", before=amount(before), after=amount(after))
    if was.settlement_rate is not None and now.settlement_rate is not None:
        rates = (percent(was.settlement_rate, 2), percent(now.settlement_rate, 2))
        if rates[0] != rates[1]:
            yield say("policy.settlement", before=rates[0], after=rates[1])


def money_note(comparison: Comparison, on: date) -> str:
    """At which rate of which day sums are in yuan."""
    today, then = (fixed(rate, 2) for rate in comparison.dollar)
    if today == then:
        return say("policy.in_yuan", on=day(on), today=today)
    return say("policy.in_two_yuan", on=day(on), today=today, then=then)


def _most(result: StudyResult, comparison: Comparison) -> Iterator[str]:
    """The market that changes most, all models together, and the model that changes most there."""
    sums = _by_market(comparison)
    moved = {market: figures[3] - figures[2] for market, figures in sums.items()}

    def place(segment: SegmentChange) -> tuple[float, float, float]:
        return abs(moved[segment.market]), abs(segment.margin or 0.0), _dearer(segment)

    top = max(comparison.changed, key=place)
    market = country_name(top.market)
    if abs(moved[top.market]) >= 0.5:
        yield say("policy.most", market=market, delta=signed_money(moved[top.market]))
    before, after = _pair(top, "landed")
    if before and after and _dearer(top):
        product = next(p for p in result.products if p.product == top.product)
        several = len({segment.product for segment in comparison.segments}) > 1
        yield say(
            "policy.most_landed_of" if several else "policy.most_landed",
            market=market,
            product=product.name(language()),
            unit=words.unit(product.unit),
            before=price(before),
            after=price(after),
        )


def _by_market(comparison: Comparison) -> dict[str, list[float]]:
    """Market → sales today and under the change, margin likewise, of all models that are known."""
    sums: dict[str, list[float]] = {}
    for segment in comparison.known:
        of_market = sums.setdefault(segment.market, [0.0] * 4)
        for at, side in enumerate((segment.before, segment.after)):
            if side is not None:
                of_market[at] += side.sales
                of_market[2 + at] += side.margin
    return sums


def _pair(segment: SegmentChange, name: str) -> tuple[float | None, float | None]:
    """A figure of a segment today and under the reform; ``None`` where it is in one only."""
    before, after = (
        None if side is None else getattr(side, name) for side in (segment.before, segment.after)
    )
    return before, after


def _dearer(segment: SegmentChange) -> float:
    """By how much the landed cost of one unit changes, whichever way."""
    before, after = _pair(segment, "landed")
    return 0.0 if before is None or after is None else abs(after - before)


def demand(comparison: Comparison) -> str:
    """What is assumed of demand."""
    if comparison.effects is not None and any(row.change for row in comparison.effects.markets):
        return say(f"policy.demand_{comparison.effects.kind}")
    if comparison.elasticity:
        return say("policy.demand_moves", elasticity=f"{comparison.elasticity:g}")
    return say("policy.demand")


def facts(comparison: Comparison) -> list[Fact]:
    """The totals under the reform, each beside today's, in yuan."""
    return [_fact(comparison, name) for name in ("margin", "sales", "refund", "duty")]


def _fact(comparison: Comparison, name: str) -> Fact:
    before, after = getattr(comparison.before, name), getattr(comparison.after, name)
    if before is None or after is None:
        return Fact(say(f"policy.fact_{name}"), say("report.missing"), "")
    amount = moneys([before, after], CNY)
    today = say("policy.fact_today", before=amount(before))
    return Fact(say(f"policy.fact_{name}"), amount(after), today)


def _pictures(result: StudyResult, comparison: Comparison) -> Iterator[Block]:
    figures = [*_margin_figure(comparison)]
    for product in result.products:
        figures += _landed_figure(product, comparison)
    if figures:
        yield Figures(tuple(figures))


def _margin_figure(comparison: Comparison) -> Iterator[Figure]:
    by_market: dict[str, float] = defaultdict(float)
    for segment in comparison.known:
        by_market[segment.market] += segment.margin or 0.0
    moved = sorted(
        ((m, v) for m, v in by_market.items() if abs(v) >= 0.5), key=lambda mv: -abs(mv[1])
    )
    if not moved:
        return
    rest = fsum(value for _, value in moved[DRAWN:])
    drawn = moved[:DRAWN] + ([(say("policy.others"), rest)] if abs(rest) >= 0.5 else [])
    yield Figure(
        "what-if-margin",
        say("policy.chart_heading"),
        partial(chart.draw_margins, "what-if-margin-chart", drawn),
        say("policy.chart_caption", unit=money_column([value for _, value in drawn], CNY).unit),
    )


def _landed_figure(product: ProductResult, comparison: Comparison) -> Iterator[Figure]:
    rows = []
    for segment in comparison.segments:
        before, after = _pair(segment, "landed")
        if segment.product != product.product or not before or not after:
            continue
        if price_digits(before) != price_digits(after):
            rows.append((segment.market, before, after))
    if rows:
        name, unit = words.product(product), words.unit(product.unit)
        picture = f"what-if-landed-chart-{product.product}"
        yield Figure(
            f"what-if-landed-{product.product}",
            say("policy.landed_heading", product=name, unit=unit),
            partial(chart.draw_landed, picture, name, unit, rows[:DRAWN]),
            say("policy.landed_caption"),
        )


def _missing(before: str) -> Cell:
    """What is known of a figure today, and that nothing is of it under the change."""
    return Cell(f"{before} → {say('report.missing')}", mark="missing")


def _both(before: str, after: str) -> Cell:
    return Cell(before) if before == after else Cell(f"{before} → {after}", mark="strong")


def segments_table(product: ProductResult, rows: Sequence[SegmentChange]) -> Table:
    """Each market today → under the reform, with the totals."""
    pairs = [pair for segment in rows for pair in (segment.before, segment.after) if pair]
    sales = money_column([pair.sales for pair in pairs], CNY)
    margin = money_column([pair.margin for pair in pairs], CNY)
    known = [segment for segment in rows if segment.missing is None]
    delta = money_column([segment.margin or 0.0 for segment in known], CNY)
    unit = words.unit(product.unit)

    def total(which: str, column: MoneyColumn) -> Cell:
        was = fsum(getattr(segment.before, which) for segment in known if segment.before)
        now = fsum(getattr(segment.after, which) for segment in known if segment.after)
        return _both(column.cell(was), column.cell(now))

    table = table_of(
        f"what-if-table-{product.product}",
        say("policy.table", product=words.product(product)),
        rows,
        (text("policy.column_market"), lambda segment: country_name(segment.market)),
        (number("policy.column_landed", unit=unit), _moved("landed", price_digits)),
        (number("policy.column_duty", unit=unit), _moved("duty", price_digits)),
        (number("policy.column_refund", unit=unit), _moved("refund", price_digits)),
        (number("policy.column_rate"), _moved("margin_rate", _rate)),
        (number("policy.column_sales", unit=sales.unit), _moved("sales", sales.cell)),
        (number("policy.column_margin", unit=margin.unit), _moved("margin", margin.cell)),
        (number("policy.column_change", unit=delta.unit), _margin_change(delta)),
    )
    sums = (
        Cell(say("policy.total")),
        *(Cell(""),) * 4,
        total("sales", sales),
        total("margin", margin),
        money_cell(delta, fsum(segment.margin or 0.0 for segment in known)),
    )
    return replace(table, total=sums)


def markets_table(comparison: Comparison, most: int) -> Table:
    """All models together, by market: the ``most`` whose margin changes most, those of which it is
    missing, and the total of what is known.
    """
    sums = _by_market(comparison)
    order = sorted(sums, key=lambda m: (-abs(sums[m][3] - sums[m][2]), m))
    total = [fsum(of_market[at] for of_market in sums.values()) for at in range(4)]
    column, margins = fine_column(total, CNY), fine_column(total[2:], CNY)
    margins = margins if margins.size == column.size else column

    def row(name: str, figures: Sequence[float]) -> tuple[Cell, ...]:
        return (
            Cell(name),
            _both(column.cell(figures[0]), column.cell(figures[1])),
            _both(margins.cell(figures[2]), margins.cell(figures[3])),
            money_cell(margins, figures[3] - figures[2]),
        )

    rest = [fsum(sums[m][at] for m in order[most:]) for at in range(4)]
    rows = [row(country_name(market), sums[market]) for market in order[:most]]
    if order[most:]:
        rows.append(row(say("policy.others"), rest))
    rows += _lost_rows(comparison, column, margins)
    return Table(
        "what-if-markets",
        say("policy.table_markets", money=column.unit),
        (
            Column(say("policy.column_market"), number=False),
            *(Column(say(f"policy.short_{name}")) for name in ("sales", "margin", "change")),
        ),
        tuple(rows),
        row(say("policy.total"), total),
    )


def _lost_rows(
    comparison: Comparison, column: MoneyColumn, margins: MoneyColumn
) -> Iterator[tuple[Cell, ...]]:
    """Markets with something missing: what of it is known today."""
    for market in dict.fromkeys(each.values["market"] for each in comparison.missing):
        gone = [s.before for s in comparison.segments if s.market == market and s.missing]
        sales, margin = (fsum(getattr(s, n) for s in gone if s) for n in ("sales", "margin"))
        cells = _missing(column.cell(sales)), _missing(margins.cell(margin)), missing_cell()
        yield Cell(country_name(market)), *cells


def short_table(product: ProductResult, rows: Sequence[SegmentChange]) -> Table:
    """The same in short, without totals and without figures of one unit that change nowhere."""
    pairs = [pair for segment in rows for pair in (segment.before, segment.after) if pair]
    column = money_column([pair.margin for pair in pairs], CNY)
    written: dict[str, Callable[[float], str]] = {
        "landed": digits,
        "refund": partial(digits, significant=2),
        "margin_rate": percent,
        "sales": column.cell,
        "margin": column.cell,
    }
    cells = {name: _moved(name, style) for name, style in written.items()}

    def kept(name: str) -> bool:
        return name in ALWAYS or any(cells[name](segment).mark == "strong" for segment in rows)

    return table_of(
        f"what-if-{product.product}",
        say(
            "policy.table_short",
            product=words.product(product),
            unit=words.unit(product.unit),
            money=column.unit,
        ),
        rows,
        (text("policy.column_market"), lambda segment: country_name(segment.market)),
        *((number(f"policy.short_{name}"), cells[name]) for name in filter(kept, cells)),
        (number("policy.short_change"), _margin_change(column)),
    )


def _moved(which: str, written: Callable[[float], str]) -> Callable[[SegmentChange], Cell]:
    """A figure of a segment today → under the reform."""

    def cell(segment: SegmentChange) -> Cell:
        was, now = (NOTHING if v is None else written(v) for v in _pair(segment, which))
        return _both(was, now) if segment.missing is None else _missing(was)

    return cell


def _margin_change(column: MoneyColumn) -> Callable[[SegmentChange], Cell | str]:
    def cell(segment: SegmentChange) -> Cell | str:
        if segment.margin is None:
            return missing_cell()
        return money_cell(column, segment.margin) if abs(segment.margin) >= 0.5 else NOTHING

    return cell


def _rate(value: float) -> str:
    return percent(value, 1)


def where_used(rule: RuleChange) -> str:
    """The markets whose figures rest on a rule, or how many."""
    named = (country_name(market) if market else say("policy.the_settlement")
             for _, market in rule.used_by)  # fmt: skip
    markets = list(dict.fromkeys(named))
    if len(markets) > LISTED:
        return say("policy.markets", count=len(markets))
    return words.listed(markets)


def rule_texts(rule: RuleChange, every: Sequence[RuleChange]) -> tuple[str, str]:
    """The value today and under the change, in words where there is none.

    A refund rate that no other rule gave before is the study's own.
    """
    refund = "chn.refund."
    if rule.before is None:
        replaced = any(
            other.after is None
            and other.id.startswith(refund)
            and set(rule.used_by) & set(other.used_by)
            for other in every
        )
        own = rule.id.startswith(refund) and not replaced
        before = say("policy.own_rate" if own else "policy.new")
    else:
        before = valued(rule.before)
    after = say("policy.ended") if rule.after is None else valued(rule.after)
    return before, after


def _rules(comparison: Comparison) -> Table:
    def held(rule: RuleChange) -> str:
        use = rule.after or rule.before
        assert use is not None
        return f"[{use.since or '…'}, {use.until or '…'})"

    def source(rule: RuleChange) -> str:
        was = rule.before
        return f"{cited(was.source)} ({words.status(was.status)})" if was else NOTHING

    return table_of(
        "what-if-rules",
        say("policy.rules_table"),
        comparison.rules,
        (text("policy.column_rule"), lambda rule: rule.id),
        (text("policy.column_today"), lambda rule: rule_texts(rule, comparison.rules)[0]),
        (
            text("policy.column_reform"),
            lambda rule: Cell(rule_texts(rule, comparison.rules)[1], mark="strong"),
        ),
        (text("policy.column_holds"), held),
        (text("policy.column_where"), where_used),
        (text("policy.column_source"), source),
    )


def _notes(comparison: Comparison, on: date) -> Iterator[str]:
    for currency, moved in comparison.exchange:
        yield say("policy.exchange", currency=currency, change=change(moved))
    yield from unused(comparison)
    yield demand(comparison)
    yield money_note(comparison, on)


def unused(comparison: Comparison) -> Iterator[str]:
    """The parts of the reform that no figure rests on, the first of them by name."""
    if not comparison.unused:
        return
    named = words.listed(comparison.unused[:LISTED])
    if more := len(comparison.unused) - LISTED:
        named = say("policy.and_more", first=named, count=more) if more > 0 else named
    yield say("policy.unused", id=named)
