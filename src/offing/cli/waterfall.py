"""Print a quote: the waterfall, its rules, how each line came about, the firm's refund."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from offing.landed.costed import CostLine, Quote
from offing.landed.explain import Step, Trace
from offing.landed.quote import Reverse
from offing.report.terminal import console, print_line, table
from offing.report.words import warning
from offing.rules.citing import cited, valued
from offing.rules.duty import FREE
from offing.rules.rule_use import RuleUse
from offing.study.costs import UnitRefund
from offing.terms.countries import country_name
from offing.terms.messages import known, say

TABLE_WIDTH = 82
"""Columns that the table takes without its bars, with the longest labels."""
NARROWEST_BAR, WIDEST_BAR = 12, 40


def _amount(value: Decimal) -> str:
    return f"{value:,.2f}"


def _percent(text: str) -> str:
    """A share as a percentage of at most four decimals; other duty texts as they are."""
    try:
        share = Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    except InvalidOperation:
        return valued(text)
    return f"{(share * 100).quantize(Decimal('0.0001')).normalize():f} %"


def _rate(line: CostLine, rule: RuleUse) -> str:
    """The rate, or what a specific or bounded duty amounts to here."""
    text = "0 %" if rule.value == str(FREE) else _percent(rule.value)
    if text.endswith(" %") or not line.base:
        return text
    return f"≈ {line.amount / line.base * 100:.2f} %"


def _span(use: RuleUse) -> str:
    if use.since is None and use.until is None:
        return say("landed.own_figure" if use.status == "user" else "landed.holds_undated")
    if use.until is None:
        return say("landed.holds_open", since=use.since)
    return say("landed.holds", since=use.since or "…", until=use.until)


def _label(name: str) -> str:
    for key in (f"landed.line_{name}", f"landed.base_{name}"):
        if known(key):
            return say(key)
    return name


def _cells(line: CostLine, numbers: dict[str, int]) -> list[str]:
    rule = line.rule
    return [
        _label(line.name) + (" ↩" if line.recoverable else ""),
        _amount(line.amount),
        _amount(line.per_unit),
        "" if rule is None else _rate(line, rule),
        "" if rule is None else f"[{numbers[rule.id]}] {say(f'landed.status_{rule.status}')}",
    ]


def _bars(lines: Sequence[CostLine], room: int) -> list[str]:
    """A bar for each line, each from where the one before ended; none in a narrow terminal."""
    wide = min(room, WIDEST_BAR)
    if wide < NARROWEST_BAR:
        return []
    ends, reached = [], Decimal(0)
    for line in lines:
        begin = Decimal(0) if line.subtotal else reached
        reached = line.amount if line.subtotal else reached + line.amount
        ends.append((min(begin, reached), max(begin, reached)))
    top = max(end for _, end in ends)
    bars = []
    for (begin, end), line in zip(ends, lines, strict=True):
        left, right = (round(max(x, Decimal(0)) / top * wide) if top else 0 for x in (begin, end))
        mark = "█" if line.subtotal else "▒" if line.amount < 0 else "▓"
        bars.append(" " * left + (mark * (right - left) or "▏"))
    return bars


def print_quote(made: Quote) -> None:
    """The waterfall, then rates, rules and warnings."""
    out = console()
    unit = say(f"landed.one_{made.unit}")
    numbers: dict[str, int] = {}
    for line in made.lines:
        if line.rule is not None:
            numbers.setdefault(line.rule.id, len(numbers) + 1)
    title = say(
        "landed.heading",
        product=made.product,
        origin=country_name(made.origin),
        destination=country_name(made.destination),
        quantity=say(f"landed.quantity_{made.unit}", count=f"{made.quantity:,f}"),
        day=made.on,
    )
    bars = _bars(made.lines, out.width - TABLE_WIDTH)
    columns = [
        say("landed.column_line"),
        say("landed.column_amount", currency=made.currency),
        say("landed.column_per_unit", unit=unit),
        say("landed.column_rate"),
        say("landed.column_rule"),
        *([""] if bars else []),
    ]
    cells = [[*_cells(line, numbers), *bars[at : at + 1]] for at, line in enumerate(made.lines)]
    shown = table(title, columns, cells, text_columns=(0, 4, 5))
    for row, line in zip(shown.rows, made.lines, strict=True):
        row.style = "bold" if line.subtotal else ""
    out.print(shown)
    if made.landed_before_recoverable != made.landed:
        _say("recoverable_note", amount=_amount(made.landed_before_recoverable),
             currency=made.currency)  # fmt: skip
    if made.margin is not None and made.margin_rate is not None:
        _say("margin_note", amount=_amount(made.margin), currency=made.currency,
             share=f"{made.margin_rate * 100:.1f} %")  # fmt: skip
    if made.refund:
        _say("refund_note", amount=_amount(made.refund), currency=made.currency)
    if made.fx:
        rates = [
            say("landed.rate_note", base=made.currency, units=f"{units:.6g}", currency=code,
                day=day)
            for code, units, day in made.fx
        ]  # fmt: skip
        print_line(say("landed.rates_heading") + " · ".join(rates))
    if numbers:
        print_line(say("landed.rules_heading"), "bold")
    uses = {line.rule.id: line.rule for line in made.lines if line.rule is not None}
    for id_, number in numbers.items():
        use = uses[id_]
        _print_rule(str(number), use)
    for key, values in made.warnings:
        print_line("! " + warning(key, values), "yellow")


def _print_rule(mark: str, use: RuleUse) -> None:
    _say(
        "rule_line",
        number=mark,
        id=use.id,
        value=_percent(use.value),
        span=_span(use),
        status=say(f"landed.status_{use.status}"),
    )
    if use.source:
        print_line(cited(use.source), indent=4)


def _say(key: str, /, **values: object) -> None:
    print_line(say(f"landed.{key}", **values))


def print_charges(trace: Sequence[Trace]) -> None:
    """How each duty and tax came about, with its law and its rounding."""
    if not trace:
        return
    heading = say("landed.trace_heading", currency=trace[0].currency)
    print_line(heading, "bold")
    for step in trace:
        values = {
            "name": _label(step.name),
            "rate": _percent(step.rule.value),
            "base": " + ".join(map(_label_of_base, step.base)),
            "base_amount": _amount(step.base_amount),
            "amount": _amount(step.amount),
        }
        plain = step.rule.value == " + ".join(step.base)
        kind = "sum" if plain else "gross_up" if step.gross_up else "rate"
        _say(f"trace_{kind}", **values)
        words = [_rounding(step.rounding), step.legal]
        print_line(say("landed.joint").join(word for word in words if word), indent=4)


def _rounding(rule: str) -> str:
    """``half_up_2`` in words."""
    how, _, places = rule.rpartition("_")
    if not how:
        return say("landed.rounding_exact")
    return say(f"landed.rounding_{how}", unit=f"{Decimal(1).scaleb(-int(places)):,f}")


def _label_of_base(name: str) -> str:
    key = f"landed.base_{name}"
    return say(key) if known(key) else _label(name)


def print_reverse(answer: Reverse, shelf: str) -> None:
    """What a shelf price leaves at each stage."""
    _say(
        "reverse_note",
        shelf=shelf,
        landed=_amount(answer.landed),
        fob=_amount(answer.fob),
        exw=_amount(answer.exw),
        currency=answer.quote.currency,
        unit=say(f"landed.one_{answer.quote.unit}"),
    )


def print_steps(steps: Sequence[Step]) -> None:
    """How each line came about that the firm's own figures decide."""
    print_line(say("landed.steps_heading"), "bold")
    for step in steps:
        text = say(
            step.key,
            name=_label(step.name),
            sum=step.sum.replace("; ", say("landed.joint")),
            amount=f"{step.amount:.6g}" if step.day else _amount(step.amount),
            currency=step.currency,
            base=step.name.partition("/")[2],
            day=step.day or "",
        )
        print_line(text)


def print_refund(refund: UnitRefund, rate: Decimal, rule: RuleUse | None) -> None:
    """The marginal refund of one unit with the simple view beside it, and why they differ."""
    out = console()
    effect = refund.effect
    rows = [
        [say("landed.refund_marginal"), _amount(refund.refund)],
        [say("landed.refund_simple", rate=_percent(str(rate))), _amount(refund.simple)],
        [say("landed.refund_lost"), _amount(refund.lost)],
    ]
    if effect is not None:
        rows += [
            [say("landed.refund_nondeductible"), _amount(effect.nondeductible)],
            [say("landed.refund_surtax"), _amount(effect.surtax)],
            [say("landed.refund_carried"), _amount(effect.carry_forward - effect.vat_payable)],
        ]
    columns = [say("landed.column_refund"), "CNY"]
    out.print(table(say("landed.refund_heading"), columns, rows))
    print_line(refund.why())
    if rule is not None:
        _print_rule("§", rule)
