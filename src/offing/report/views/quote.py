"""A shipment from the works to landed, told: the waterfall, its rules, how each line came about."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, get_args

from offing.landed.batch import GENERAL, Preferred
from offing.landed.explain import CostStep, Trace
from offing.landed.shipment import CostLine, Quote, Stage, SumsWithout
from offing.report import words
from offing.report.blocks import (
    Block,
    Cell,
    Column,
    Figure,
    Figures,
    Heading,
    Mark,
    Shown,
    Table,
    Text,
    cautions,
    columns_of,
    table_of,
    text,
    texts_of,
)
from offing.report.charts import waterfall as chart
from offing.report.views.rules import legal_change, requirements
from offing.rules.register import past_horizon
from offing.rules.rule_use import RuleUse, value_text
from offing.rules.rule_use import percent as share
from offing.terms.caution import Caution, ListName
from offing.terms.countries import country_name
from offing.terms.messages import has_message, say
from offing.terms.numbers import NOTHING, count, currency_name, fixed_decimals, percent, price

if TYPE_CHECKING:
    from offing.api.quote import QuoteAnswer
    from offing.study.costs import UnitRefund


def view(answer: "QuoteAnswer") -> tuple[Block, ...]:
    """The waterfall with its rules and cautions, the firm's refund, and what was asked beside."""
    quote = answer.quote
    numbers = {use.id: n for n, use in enumerate(rules_of(quote), start=1)}
    told: list[Block] = [Figures((_figure(quote, numbers),)), Text(tuple(_notes(quote)), "list")]
    if numbers:
        cited = (f"[{numbers[use.id]}] {words.rule(use, on=quote.on)}" for use in rules_of(quote))
        told += [Heading(say("landed.rules_heading")), Text(tuple(cited))]
    told += cautions(quote.warnings)
    if answer.passed:
        told += [Heading(say("rules.heading_passed"))]
        told += [Text(tuple(map(legal_change, answer.passed)), "list")]
    if answer.preferences:
        told += _agreements(answer)
    if answer.requirements is not None:
        told += requirements(answer.requirements, quote.destination)
    if answer.refund is not None:
        told += _refund(answer, answer.refund)
    if answer.steps:
        told += [Heading(say("landed.steps_heading")), Text(tuple(map(_step, answer.steps)))]
    if answer.trace:
        heading = Heading(say("landed.trace_heading", currency=answer.trace[0].currency))
        told += [heading, Text(tuple(map(_charge, answer.trace)))]
    if answer.reverse is not None:
        told.append(Text((_back(answer),)))
    return tuple(told)


def rules_of(quote: Quote) -> list[RuleUse]:
    """The rules of the waterfall's lines, each once, in their order."""
    return list(dict.fromkeys(line.rule for line in quote.lines if line.rule is not None))


def figure(name: str, heading: str, quote: Quote, table: Table) -> Figure:
    """The waterfall of one unit, with a table of its lines."""
    unit = words.unit(quote.unit)
    caption = say(
        "report.cost_caption",
        unit=say("report.per_unit", currency=currency_name(quote.currency), unit=unit),
        quantity=say(f"landed.quantity_{quote.unit}", count=count(quote.quantity)),
    )
    landed = price(quote.landed / quote.quantity, quote.currency)
    return Figure(
        name,
        say("report.finding_landed", title=heading, landed=landed),
        partial(chart.draw_quote, name, quote),
        caption,
        (table,),
        source=say("report.source_named"),
    )


def _figure(quote: Quote, numbers: Mapping[str, int]) -> Figure:
    title = say(
        "landed.heading",
        product=quote.product,
        origin=country_name(quote.origin),
        destination=country_name(quote.destination),
        quantity=say(f"landed.quantity_{quote.unit}", count=f"{quote.quantity:,f}"),
        day=quote.on,
    )
    return figure("quote", title, quote, lines("quote-lines", title, quote, numbers))


WORDS = ("step", "rule", "status")
"""Columns of a waterfall's table that are text."""


def lines(name: str, caption: str, quote: Quote, numbers: Mapping[str, int] | None = None) -> Table:
    """The waterfall as a table: with its rules' numbers in a list, else with the rules in words."""
    currency, unit = currency_name(quote.currency), words.unit(quote.unit)
    rest = ("rate", "rule") if numbers is not None else ("rate_base", "rule", "status")
    names = ("step", "per_shipment", "per_unit", *rest)
    heads = tuple(
        Column(
            say(f"report.{n}", currency=currency, unit=unit), n not in ("step", "rule", "status")
        )
        for n in names
    )
    rows = []
    for line in quote.lines:
        mark: Mark | None = "strong" if line.subtotal else None
        loss: Mark | None = "negative" if line.amount < 0 else mark
        label = chart.line_name(line) if numbers is None else _line_name(line)
        money = Cell(fixed_decimals(line.amount, 2), mark=loss)
        each = Cell(fixed_decimals(line.per_unit, 2), mark=loss)
        rows.append((Cell(label, mark=mark), money, each, *_rule(line, numbers, quote.on)))
    if quote.without is not None:
        whole = quote.without.landed
        sums = Cell(fixed_decimals(whole, 2)), Cell(fixed_decimals(whole / quote.quantity, 2))
        rest_of_row = (Cell(""),) * len(rest)
        rows.append((Cell(landed_without_charges(quote.without)), *sums, *rest_of_row))
    return Table(name, caption, heads, tuple(rows))


def landed_without_charges(sums: SumsWithout) -> str:
    """The landed cost without charges whose exceptions were not read."""
    return words.caution_text(
        Caution("landed.line_without", {"lists": tuple(map(ListName, sums.charges))})
    )


def _rule(line: CostLine, numbers: Mapping[str, int] | None, on: date) -> tuple[Cell, ...]:
    """What a line rests on, with its age where that is past what is trusted."""
    rule = line.rule
    old = "" if rule is None or not past_horizon(rule, on) else words.age(rule, on)
    if numbers is not None:
        if rule is None:
            return Cell(""), Cell("")
        text = f"[{numbers[rule.id]}] {words.status(rule.status)}{old}"
        return Cell(_rate(line, rule)), Cell(text)
    status = chart.status_of(line)
    return (
        Cell(NOTHING if line.base is None else fixed_decimals(line.base, 2)),
        Cell(f"{value_text(rule)} ({rule.id})" if rule else NOTHING),
        Cell(words.status(status) + old if status else ""),
    )


def _line_name(line: CostLine) -> str:
    return words.message_or_last(f"landed.line_{line.name}") + (" ↩" if line.recoverable else "")


def _rate(line: CostLine, rule: RuleUse) -> str:
    """The rate, or what a specific or bounded duty amounts to here."""
    if rule.share is not None or not line.base:
        return value_text(rule)
    return f"≈ {percent(line.amount / line.base, 2)}"


def _notes(quote: Quote) -> list[str]:
    """What the sums mean: what an importer gets back, the margin, the refund, the day's rates."""
    notes, currency = [], quote.currency
    if quote.landed_before_recoverable != quote.landed:
        net = fixed_decimals(quote.landed_before_recoverable, 2)
        notes.append(say("landed.recoverable_note", amount=net, currency=currency))
    if quote.margin is not None and quote.margin_rate is not None:
        margin, share = fixed_decimals(quote.margin, 2), percent(quote.margin_rate, 1)
        notes.append(say("landed.margin_note", amount=margin, currency=currency, share=share))
    if quote.refund:
        back = fixed_decimals(quote.refund, 2)
        notes.append(say("landed.refund_note", amount=back, currency=currency))
    own = {*quote.own_rates}
    given = say("landed.own_rate")
    rates = [
        _exchange(currency, code, units, given if {code, currency} & own else str(day))
        for code, units, day in quote.fx
    ]
    if rates:
        notes.append(say("landed.rates_heading") + " · ".join(rates))
    return [*notes, *map(words.caution_text, quote.notes)]


def _exchange(base: str, other: str, units: Decimal, day: str) -> str:
    """Which of the two is dearer, in units of the other: 1 EUR = 7.5833 CNY, whatever is asked."""
    if units < 1:
        base, other, units = other, base, 1 / units
    return say("landed.rate_note", base=base, units=f"{units:.6g}", currency=other, day=day)


def _agreements(answer: "QuoteAnswer") -> list[Block]:
    """One unit under the general duty, and under each agreement that has one."""

    def regime(of: Preferred) -> str:
        return say("landed.agreements_general") if of.regime == GENERAL else of.regime.upper()

    def rate(duty: CostLine | None) -> str:
        return NOTHING if duty is None or duty.rule is None else _rate(duty, duty.rule)

    def status(duty: CostLine | None) -> str:
        return NOTHING if duty is None or duty.rule is None else words.status(duty.rule.status)

    cents = partial(fixed_decimals, places=2)
    table = table_of(
        "quote-agreements",
        say("landed.agreements_table", currency=currency_name(answer.quote.currency)),
        answer.preferences,
        (say("landed.agreements_column_regime"), regime),
        (say("landed.agreements_column_rate"), lambda of: rate(of.duty)),
        (say("landed.agreements_column_duty"),
         lambda of: NOTHING if of.duty is None else cents(of.duty.per_unit)),
        *columns_of("landed.agreements_column_{}", cents, "landed", "saved"),
        (text("landed.agreements_column_status"), lambda of: status(of.duty)),
    )  # fmt: skip
    heading = Heading(say("landed.agreements_heading"))
    return [heading, table, Text((say("landed.agreements_note"),), "note")]


def _refund(answer: "QuoteAnswer", refund: "UnitRefund") -> list[Block]:
    """The marginal refund of one unit with the simple view beside it, and why they differ."""
    effect, rate, rule = refund.effect, answer.refund_rate or Decimal(0), answer.refund_rule
    figures = [
        (say("landed.refund_marginal"), refund.refund),
        (say("landed.refund_simple", rate=share(rate)), refund.simple),
        (say("landed.line_not_deductible"), refund.lost),
    ]
    if effect is not None:
        figures += [
            (say("landed.refund_nondeductible"), effect.nondeductible),
            (say("landed.refund_surtax"), effect.surtax),
            (say("landed.refund_carried"), effect.carry_forward - effect.vat_payable),
        ]
    table = table_of(
        "quote-refund",
        say("landed.refund_heading"),
        figures,
        (say("landed.column_refund"), lambda row: row[0]),
        ("CNY", lambda row: fixed_decimals(row[1], 2)),
    )
    return [table, Text((refund.why(), *([] if rule is None else [f"[§] {words.rule(rule)}"])))]


def _label(name: str) -> str:
    """A line, or a part of a tax base, in words."""
    key = f"landed.base_{name}"
    return say(key) if has_message(key) else words.message_or_last(f"landed.line_{name}")


def _step(step: CostStep) -> str:
    """How one line came about that the firm's own figures decide, or a rate of the day."""
    return say(
        step.key,
        name=words.message_or_last(f"landed.line_{step.name}"),
        sum=step.sum.replace("; ", say("landed.joint")),
        amount=f"{step.amount:.6g}" if step.day else fixed_decimals(step.amount, 2),
        currency=step.currency,
        base=step.name.partition("/")[2],
        day=step.day or "",
    )


def _charge(step: Trace) -> str:
    """How a duty or tax came about, with its rounding and its law."""
    kind = "sum" if step.rule.unit == "sum" else "gross_up" if step.gross_up else "rate"
    sentence = say(
        f"landed.trace_{kind}",
        name=words.message_or_last(f"landed.line_{step.name}"),
        rate=value_text(step.rule),
        base=" + ".join(map(_label, step.base)),
        **texts_of(step, partial(fixed_decimals, places=2), "base_amount", "amount"),
    )
    how, _, places = step.rounding.rpartition("_")
    unit = f"{Decimal(1).scaleb(-int(places)):,f}" if how else ""
    rounding = say(f"landed.rounding_{how or 'exact'}", unit=unit)
    return say("landed.joint").join(part for part in (sentence, rounding, step.legal) if part)


def _back(answer: "QuoteAnswer") -> str:
    """What a shelf price leaves at each stage."""
    back = answer.reverse
    assert back is not None
    return say(
        "landed.reverse_note",
        shelf=answer.shelf,
        **texts_of(back, partial(fixed_decimals, places=2), "landed", "fob", "exw"),
        currency=answer.quote.currency,
        unit=words.unit(answer.quote.unit),
    )


StepRow = tuple[str, Callable[[Quote], Cell]]
StepPlace = tuple[int, bool, str]
"""Place of the stage, whether it is the stage's sum, name of the line."""


def side_by_side(quotes: Sequence[Quote], reasons: Mapping[str, str]) -> tuple[Block, ...]:
    """The table, and why a destination is not in it.

    Args:
        quotes: of the same shipment, in one currency.
        reasons: destination (alpha-3) → why it has no quote.
    """
    why = tuple(
        say("landed.beside_reason", country=country_name(market), reason=reason)
        for market, reason in reasons.items()
    )
    left_out = (Text(why, "list"),) if why else ()
    if not quotes:
        return Heading(say("landed.beside_heading")), *left_out
    steps = dict.fromkeys(_place_of(line) for quote in quotes for line in quote.lines)
    ordered = sorted(steps, key=lambda step: step[:2])  # the steps of a stage, then its sum
    rows = [_step_row(name, subtotal=bool(subtotal)) for _, subtotal, name in ordered]
    rows += [(say("landed.beside_net"), _net), (say("landed.beside_margin"), _margin)]

    def column(quote: Quote) -> Shown[StepRow]:
        return Column(country_name(quote.destination)), lambda row: row[1](quote)

    table = table_of(
        "quote-destinations",
        say("landed.beside_table", currency=currency_name(quotes[0].currency)),
        rows,
        (text("landed.beside_column"), lambda row: row[0]),
        *map(column, quotes),
    )
    return Heading(say("landed.beside_heading")), table, *left_out


def _place_of(line: CostLine) -> StepPlace:
    return get_args(Stage).index(line.stage), line.subtotal, line.name


def _step_row(name: str, *, subtotal: bool) -> StepRow:
    def quote_cell(quote: Quote) -> Cell:
        line = next((line for line in quote.lines if line.name == name), None)
        if line is None:
            return Cell(NOTHING)
        return Cell(fixed_decimals(line.per_unit, 2), mark="strong" if subtotal else None)

    return words.message_or_last(f"landed.line_{name}"), quote_cell


def _net(quote: Quote) -> Cell:
    return Cell(fixed_decimals(quote.landed_before_recoverable / quote.quantity, 2))


def _margin(quote: Quote) -> Cell:
    return Cell(NOTHING if quote.margin_rate is None else percent(quote.margin_rate, 1))
