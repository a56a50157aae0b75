"""A what-if, told: the totals, the markets that change most, the rules; in full every table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import fsum
from typing import TypeVar

from offing.api.whatif import WhatifAnswer
from offing.policy.comparison import (
    Comparison,
    ComparisonTotals,
    RuleChange,
    SegmentChange,
    SegmentFigures,
)
from offing.report import words
from offing.report.blocks import (
    Block,
    Callout,
    Cell,
    Column,
    Detail,
    Fact,
    Figure,
    Figures,
    Heading,
    Shown,
    Table,
    Text,
    cautions,
    fact_lines,
    missing_cell,
    money_cell,
    number,
    table_of,
    text,
)
from offing.report.charts import bars as chart
from offing.report.decision import CNY
from offing.report.views import effects as told_effects
from offing.rules.rule_use import cite_source, value_text
from offing.study.result import ProductResult, StudyResult
from offing.study.unknown import ABOUT
from offing.terms.caution import Caution
from offing.terms.countries import country_name
from offing.terms.messages import has_message, language, say
from offing.terms.numbers import (
    NOTHING,
    MoneyColumn,
    change,
    day,
    fine_column,
    fixed_decimals,
    money_column,
    moneys,
    percent,
    price_digits,
    signed_money,
)

DRAWN = 12
"""Markets of a picture."""
MOST = 6
"""Markets of the first screen, and those that a rule names before it says how many there are."""
LEAST = 0.5
"""Of a yuan: a smaller change is none."""
TOTALS = ("margin", "sales", "refund", "duty")
SPARE = ("duty", "refund", "margin_rate")
"""Columns that a narrow terminal leaves out."""
ALWAYS = ("sales", "margin")
"""Columns of a model's markets that are there though nothing changes in them."""
EACH = ("landed", "duty", "refund")
"""Columns of one unit, in USD."""
Sums = TypeVar("Sums", ComparisonTotals, SegmentFigures)


def view(answer: WhatifAnswer) -> tuple[Block, ...]:
    """The answer of the command; with ``explain`` in full."""
    return result_blocks(answer.result, answer.doubts, "full" if answer.explain else "short")


def result_blocks(
    result: StudyResult, doubts: Sequence[Caution], detail: Detail = "full"
) -> tuple[Block, ...]:
    """The same of a result alone."""
    assert result.what_if is not None, "a what-if has a comparison"
    lang = language()
    heading = say("policy.heading", name=result.what_if.title(lang))
    lead = Text((heading, f"{result.title(lang)} · {day(result.on)}"), "lead")
    said, totals = Text(tuple(sentences(result))), fact_lines(facts(result))
    return (lead, said, totals, *blocks(result, detail), *cautions(doubts))


def study_blocks(result: StudyResult) -> tuple[Block, ...]:
    """In a study's report; nothing for a study without a reform."""
    if result.what_if is None:
        return ()
    return (Text(tuple(sentences(result))), *blocks(result, "full"))


def blocks(result: StudyResult, detail: Detail) -> Iterator[Block]:
    """What stands under the sentences: pictures, markets, effects, rules, and what is assumed."""
    assert result.what_if is not None, "a what-if has a comparison"
    compared = convert_to_yuan(result.what_if)
    missing = [one for one in result.warnings if one.values.get("about") == ABOUT[1]]
    yield from (Callout(words.caution_text(one, result.decided.cny_per_usd)) for one in missing)
    full, dollar, effects = detail == "full", compared.dollar[0], compared.effects
    if full:
        yield from _picture(compared)
    if compared.stress is not None:
        yield Heading(say("policy.stress_heading"))
        yield from told_effects.stress_blocks(compared.stress, dollar)
    if compared.changed or compared.missing:
        yield markets_table(compared)
    for product in result.products if full else ():
        rows = [row for row in compared.segments if row.product == product.product]
        if rows:
            yield _model_table(product, rows)
    if effects is not None and (full or compared.stress is None):
        yield from told_effects.blocks(effects, dollar, detail)
    yield from _grounds(compared, result)
    if not full:
        yield Text((say("policy.more"),), "note")


def _grounds(compared: Comparison, result: StudyResult) -> Iterator[Block]:
    """The rules that change, those that no figure rests on, and what is assumed."""
    if compared.rules:
        yield _rules(compared)
    if compared.unused:
        yield Callout(_unused_parts(compared))
    yield Text(tuple(_notes(compared, result)), "list")


def convert_to_yuan(compared: Comparison) -> Comparison:
    """Sums of a year in CNY, each side at its own day's dollar; prices of a unit stay in USD."""
    today, then = compared.dollar
    segments = (
        replace(
            row,
            before=row.before and _times(row.before, today, ALWAYS),
            after=row.after and _times(row.after, then, ALWAYS),
        )
        for row in compared.segments
    )
    return replace(
        compared,
        before=_times(compared.before, today, TOTALS),
        after=_times(compared.after, then, TOTALS),
        segments=tuple(segments),
    )


def _times(figures: Sums, rate: float, names: Sequence[str]) -> Sums:
    """Figures with some of them times a rate."""
    sums = {name: getattr(figures, name) for name in names}
    return replace(figures, **{n: v * rate for n, v in sums.items() if v is not None})


def sentences(result: StudyResult) -> Iterator[str]:
    """What becomes of the margin, and of what settling costs."""
    assert result.what_if is not None, "a what-if has a comparison"
    compared = convert_to_yuan(result.what_if)
    was, now = compared.before, compared.after
    delta, amount = now.margin - was.margin, moneys([was.margin, now.margin], CNY)
    way = "stays" if abs(delta) < LEAST else "rises" if delta > 0 else "falls"
    said = say(
        f"policy.margin_{way}",
        name=compared.title(language()),
        before=amount(was.margin),
        after=amount(now.margin),
        change=change(delta / was.margin) if was.margin > 0 else signed_money(delta, CNY),
    )
    yield words.known_part(said, compared.known_share)
    if was.settlement_rate is not None and now.settlement_rate is not None:
        lost, then = percent(was.settlement_rate, 2), percent(now.settlement_rate, 2)
        if lost != then:
            yield say("policy.settlement", before=lost, after=then)
    if was == now and not (compared.changed or compared.missing):
        yield say("policy.nothing")


def _market_sums(compared: Comparison) -> dict[str, list[float]]:
    """Market → sales today and under the change, margin likewise, of all models that are known."""
    sums: dict[str, list[float]] = {}
    for segment in compared.known:
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


def facts(result: StudyResult) -> list[Fact]:
    """The totals under the reform, each beside today's, in yuan."""
    assert result.what_if is not None, "a what-if has a comparison"
    compared, told = convert_to_yuan(result.what_if), []
    for name in TOTALS:
        before, after = getattr(compared.before, name), getattr(compared.after, name)
        value, today = say("report.missing"), ""
        if before is not None and after is not None:
            amount = moneys([before, after], CNY)
            value, today = amount(after), say("policy.fact_today", before=amount(before))
        told.append(Fact(_total_name(name, compared.after), value, today))
    return told


def _total_name(name: str, totals: ComparisonTotals) -> str:
    """What a sum of a year is called; of duties that are not all known, of which part it is."""
    if name == "duty" and totals.duty is not None and totals.duty_unknown > 0:
        return say("policy.fact_duty_known", part=percent(1 - totals.duty_unknown))
    return say(f"policy.fact_{name}")


def side_by_side(changes: Sequence[Comparison]) -> Table:
    """A year's totals today and in each of several worlds, with the change from today, in yuan."""
    changes = [convert_to_yuan(change) for change in changes]
    today = changes[0].before
    every = (today, *(change.after for change in changes))
    amounts = (getattr(totals, name) for totals in every for name in TOTALS)
    column = money_column([amount for amount in amounts if amount is not None], CNY)

    def amount(value: float | None) -> Cell:
        return missing_cell() if value is None else Cell(column.cell(value))

    def world(compared: Comparison) -> Shown[str]:
        def cell(name: str) -> Cell | str:
            before, after = getattr(compared.before, name), getattr(compared.after, name)
            if (before or 0) <= 0 or after is None or after == before:
                return amount(after)
            by = change(after / before - 1)
            return say("policy.with_change", amount=column.cell(after), change=by)

        return Column(compared.title(language())), cell

    return table_of(
        "worlds",
        say("policy.worlds_table", unit=column.unit),
        TOTALS,
        (text("policy.column_figure"), lambda name: _total_name(name, changes[0].after)),
        (number("policy.column_today"), lambda name: amount(getattr(today, name))),
        *map(world, changes),
    )


def _picture(compared: Comparison) -> Iterator[Block]:
    """What the firm keeps in each market before and after, the largest change first."""
    sums = {m: of[2:] for m, of in _market_sums(compared).items() if abs(of[3] - of[2]) >= LEAST}
    order = sorted(sums, key=lambda m: -abs(sums[m][1] - sums[m][0]))[:DRAWN]
    if order:
        column = fine_column([value for market in order for value in sums[market]], CNY)
        rows = [
            chart.Arrow(country_name(m), words.short_name(m), was, now, moved=True)
            for m in order
            for was, now in (sums[m],)
        ]
        heading = say("policy.chart_heading")
        drawn = partial(chart.draw_arrows, "what-if-margin-chart", heading, rows, column)
        caption, source = say("policy.chart_caption"), say("report.source_own")
        yield Figures((Figure("what-if-margin", heading, drawn, caption, source=source),))


def _missing(before: str) -> Cell:
    """What is known of a figure today, and that nothing is of it under the change."""
    return Cell(f"{before} → {say('report.missing')}", mark="missing")


def _both(before: str, after: str) -> Cell:
    return Cell(before) if before == after else Cell(f"{before} → {after}", mark="strong")


def _model_table(product: ProductResult, rows: Sequence[SegmentChange]) -> Table:
    """A model's markets today → under the change; of one unit only the figures that change."""
    amounts = [v for segment in rows for name in ALWAYS for v in _pair(segment, name)]
    column = money_column(amounts, CNY)
    written: dict[str, Callable[[float], str]] = {
        "landed": price_digits,
        "duty": price_digits,
        "refund": price_digits,
        "margin_rate": partial(percent, places=1),
        "sales": column.cell,
        "margin": column.cell,
    }
    cells = {name: _change_cell(name, style) for name, style in written.items()}
    kept = [n for n in cells if n in ALWAYS or any(cells[n](row).mark == "strong" for row in rows)]
    table = table_of(
        f"what-if-table-{product.product}",
        _caption(product, kept, column),
        rows,
        (text("policy.column_market"), lambda segment: country_name(segment.market)),
        *((Column(say(f"policy.short_{name}"), spare=name in SPARE), cells[name]) for name in kept),
        (number("policy.short_change"), partial(_margin_change, column)),
    )
    known = [segment for segment in rows if segment.missing is None]
    sales, margin = ([_sum_of(known, name, at) for at in (0, 1)] for name in ALWAYS)
    total = (
        Cell(say("policy.total")),
        *(Cell(),) * (len(kept) - len(ALWAYS)),
        _both(*map(column.cell, sales)),
        _both(*map(column.cell, margin)),
        money_cell(column, margin[1] - margin[0]),
    )
    return replace(table, total=total)


def _caption(product: ProductResult, kept: Sequence[str], column: MoneyColumn) -> str:
    """What the table has, and which of its figures are of one unit."""
    caption = say("policy.table", product=words.product(product), money=column.unit)
    if not (each := [say(f"policy.short_{name}") for name in kept if name in EACH]):
        return caption
    names, unit = words.join_words(each), words.unit(product.unit)
    return say("policy.table_each", table=caption, names=names, unit=unit)


def _sum_of(segments: Sequence[SegmentChange], name: str, at: int) -> float:
    """A figure of segments, today (0) or under the change (1)."""
    return fsum(value for row in segments if (value := _pair(row, name)[at]) is not None)


def _change_cell(which: str, written: Callable[[float], str]) -> Callable[[SegmentChange], Cell]:
    """A figure of a segment today → under the reform."""

    def cell(segment: SegmentChange) -> Cell:
        was, now = (NOTHING if v is None else written(v) for v in _pair(segment, which))
        return _both(was, now) if segment.missing is None else _missing(was)

    return cell


def _margin_change(column: MoneyColumn, segment: SegmentChange) -> Cell | str:
    if segment.margin is None:
        return missing_cell()
    return money_cell(column, segment.margin) if abs(segment.margin) >= LEAST else NOTHING


def markets_table(compared: Comparison) -> Table:
    """All models together, by market: those whose margin changes most, those of which it is
    missing, and the total of what is known.
    """
    sums = _market_sums(compared)
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

    rows = [row(country_name(market), sums[market]) for market in order[:MOST]]
    if order[MOST:]:
        rest = [fsum(sums[m][at] for m in order[MOST:]) for at in range(4)]
        rows.append(row(say("policy.others"), rest))
    rows += _lost(compared, column, margins)
    heads = (number(f"policy.short_{name}") for name in ("sales", "margin", "change"))
    caption = say("policy.table_markets", money=column.unit)
    columns, last = (text("policy.column_market"), *heads), row(say("policy.total"), total)
    return Table("what-if-markets", caption, columns, tuple(rows), last)


def _lost(
    compared: Comparison, column: MoneyColumn, margins: MoneyColumn
) -> Iterator[tuple[Cell, ...]]:
    """Markets with something missing: what of it is known today."""
    for market in dict.fromkeys(each.values["market"] for each in compared.missing):
        gone = [s for s in compared.segments if s.market == market and s.missing]
        sales, margin = (_sum_of(gone, name, 0) for name in ALWAYS)
        cells = _missing(column.cell(sales)), _missing(margins.cell(margin)), missing_cell()
        yield Cell(country_name(market)), *cells


def _where_used(rule: RuleChange) -> str:
    """The markets whose figures rest on a rule, or how many."""
    settled = say("policy.the_settlement")
    markets = list(
        dict.fromkeys(country_name(market) if market else settled for _, market in rule.used_by)
    )
    if len(markets) > MOST:
        return say("policy.markets", count=len(markets))
    return words.join_words(markets)


def _rules(compared: Comparison) -> Table:
    def after(rule: RuleChange) -> Cell:
        value = say("policy.ended") if rule.after is None else value_text(rule.after)
        return Cell(value, mark="strong")

    def today(rule: RuleChange) -> str:
        return say("policy.new") if rule.before is None else value_text(rule.before)

    def days(rule: RuleChange) -> str:
        return words.holds(next(filter(None, (rule.after, rule.before)))) or NOTHING

    def source(rule: RuleChange) -> str:
        was = rule.before
        return f"{cite_source(was.source)} ({words.status(was.status)})" if was else NOTHING

    spare = partial(replace, spare=True)
    return table_of(
        "what-if-rules",
        say("policy.rules_table"),
        compared.rules,
        (text("policy.column_rule"), lambda rule: rule.id),
        (text("policy.column_today"), today),
        (text("policy.column_reform"), after),
        (spare(text("policy.column_holds")), days),
        (text("policy.column_where"), _where_used),
        (spare(text("policy.column_source")), source),
    )


def _notes(compared: Comparison, result: StudyResult) -> Iterator[str]:
    """What is assumed of currencies and demand, and at which rate of which day sums are in yuan."""
    for currency, moved in compared.exchange:
        yield say("policy.exchange", currency=currency, change=change(moved))
    if compared.effects is not None and any(row.change for row in compared.effects.markets):
        yield say(f"policy.demand_{compared.effects.kind}")
    elif compared.elasticity:
        yield say("policy.demand_moves", elasticity=f"{compared.elasticity:g}")
    else:
        yield say("policy.demand")
    yield from (say(why) for why in _limits(compared) if has_message(why))
    today, then = (fixed_decimals(rate, 2) for rate in compared.dollar)
    yield say("policy.in_yuan", on=day(result.on), today=today, then=then)


def _limits(compared: Comparison) -> list[str]:
    """What limits the refund under the change, where that of a unit is another; message keys."""
    sides = ((row.before, row.after) for row in compared.segments)
    changed = (now for was, now in sides if was and now and was.refund != now.refund)
    return sorted({f"policy.{now.refund_why.rpartition('.')[2]}" for now in changed})


def _unused_parts(compared: Comparison) -> str:
    """The parts of the reform that no figure rests on, the first of them by name."""
    named, more = words.join_words(compared.unused[:MOST]), len(compared.unused) - MOST
    if more > 0:
        named = say("policy.and_more", first=named, count=more)
    return say("policy.unused", id=named)
