"""The export refund, told: months in the terms of the return, one more unit, papers, limits."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby, starmap
from pathlib import Path

from offing.api.exchange_cost import ExchangeCostAnswer
from offing.api.refund import CENTS, MonthsRefund, PapersCheck, ProductRefund, RefundAnswer
from offing.refunds.checks.claim import PaperFinding
from offing.refunds.explain import explain_month
from offing.refunds.marginal import MarginalEffect
from offing.refunds.methods import MonthResult, Surtaxes, TraderRefund
from offing.report import words
from offing.report.blocks import (
    Block,
    Callout,
    Column,
    Heading,
    Shown,
    Table,
    Text,
    cautions,
    columns_of,
    number,
    table_of,
    text,
)
from offing.rules.rule_use import RuleUse
from offing.rules.rule_use import percent as share
from offing.terms.errors import OffingError
from offing.terms.messages import join_list, language, say
from offing.terms.numbers import day, fixed_decimals, percent, value_or_dash

MONTHS_ABREAST, UNITS_ABREAST = 4, 5
SHOWN = 20
"""Of rows in quarantine."""

FIGURES = (
    "fob_cny", "material_cny", "reduction_nd", "nondeductible", "tax_raw", "reduction_ecr", "ecr",
    "closing_credit", "refund", "exempt_credit", "carry_forward", "vat_payable",
)  # fmt: skip
"""Of a month, in the order of the return."""
TRADED = {"base": "base", "input_tax": "input_tax", "refund": "refund", "cost": "cost_addition"}
DAYS = ("expected=refund_expected_on", "claim_by=ordinary_claim_by")
EFFECTS = (
    "refund", "exempt_credit", "nondeductible", "vat_payable", "carry_forward", "surtax", "cost",
    "cash", "simple_refund",
)  # fmt: skip
"""Of one more unit."""


def view(answer: RefundAnswer) -> tuple[Block, ...]:
    """The part that was asked for."""
    if answer.papers is not None:
        return tuple(_papers(answer.papers))
    if answer.months is not None:
        return tuple(_firm(answer, answer.months))
    return tuple(_products(answer.products, answer.explain))


def _products(products: Sequence[ProductRefund], explain: bool) -> Iterator[Block]:
    """Each month of the firm once, then one more unit of every product in it, side by side."""
    for _, same in groupby(products, key=lambda product: (product.result, product.surtaxes)):
        group = list(same)
        yield from _months((group[0].result,), (group[0].surtaxes,))
        if explain:
            for product in group:
                yield from _product(product)
        yield from _units(group)


def _units(products: Sequence[ProductRefund]) -> Iterator[Block]:
    """What one more unit of each product changes; why it is not rate × FOB, a line for each."""
    for start in range(0, len(products), UNITS_ABREAST):
        some = products[start : start + UNITS_ABREAST]
        title = "refund.title_effect_unit" if start == 0 else ""
        yield _effects(title, [(Column(product.facts.key), product.effect) for product in some])
    told = [
        f"{_product_name(product)}{say('report.colon')}{product.effect.why()}"
        for product in products
    ]
    yield Text(tuple(told), "list") if len(products) > 1 else Text((products[0].effect.why(),))
    if days := sorted({product.effect.days_to_cash for product in products} - {None, 0}):
        yield Text((say("refund.days_to_cash", days=join_list(days)),))


def _product_name(product: ProductRefund) -> str:
    name = product.facts.name
    named = name.zh if language() == "zh" else name.en
    return "  ".join(dict.fromkeys((product.facts.key, named)))


def _firm(answer: RefundAnswer, firm: MonthsRefund) -> Iterator[Block]:
    """Months, trading, steps, one more unit, what lapses when, and what needs a look."""
    yield from _months(firm.results, firm.surtaxes)
    if firm.traded:
        yield _trade_table(firm.traded)
    if answer.explain:
        for month, result in firm.months_solved():
            yield Heading(result.period)
            yield Text(explain_month(month, result))
        yield from _sources(firm.rules)
    if firm.effect is not None:
        yield from _effect(firm.effect, "refund.title_effect")
    yield table_of(
        "refund-calendar",
        say("refund.title_calendar", on=answer.on),
        firm.calendar,
        (say("refund.column_exported"), lambda item: item.month),
        (say("refund.column_claimed_in"), lambda item: item.claimed_in),
        *columns_of("refund.column_{}", _cents, "fob=fob_cny"),
        *columns_of("refund.column_{}", str, *DAYS),
        (number("refund.column_taxed_on"),
         lambda item: str(item.deemed_domestic_on or say("refund.no_end"))),
        (number("refund.column_state"), lambda item: say(f"refund.state_{item.state}")),
    )  # fmt: skip
    yield from cautions(firm.cautions)
    yield from quarantined_rows(firm.file.quarantined, firm.file.rows)


def _product(product: ProductRefund) -> Iterator[Block]:
    """The steps of a study's typical month for one product, and its rules."""
    facts = product.facts
    yield Heading(_product_name(product))
    per_usd, day = product.per_usd
    fob = say(
        "refund.step_fob",
        price=facts.price_usd,
        rate=f"{per_usd:.6f}",
        day=day,
        result=fixed_decimals(facts.price_usd * per_usd, CENTS),
    )
    yield Text((*explain_month(product.month, product.result), fob))
    yield from _sources(product.rules)


def _papers(check: PapersCheck) -> Iterator[Block]:
    """How many findings of which kind, what to do, and each with its rows."""
    count = len(check.findings)
    yield Text((say("refund.findings", count=count, items=check.items),), "lead")
    if check.findings:
        yield table_of(
            "refund-doubts",
            say("refund.title_doubts"),
            check.totals,
            (say("refund.column_doubt"), lambda row: row[0].name),
            (say("refund.column_count"), lambda row: str(row[1])),
            (
                say("refund.column_touched"),
                lambda row: value_or_dash(row[2], partial(fixed_decimals, places=0)),
            ),
            (text("refund.column_do"), lambda row: row[0].next_step),
        )
        yield Heading(say("refund.title_findings"))
        yield Text(tuple(map(_finding, check.findings)), "list")
        if check.per_usd is not None:
            rate, on = check.per_usd
            yield Text((say("refund.papers_rate", rate=f"{rate:.4f}", day=day(on)),), "note")
    yield from cautions(check.cautions)
    yield from quarantined_rows(check.quarantined, check.items + len(check.quarantined))


def _finding(one: PaperFinding) -> str:
    """Its rows, what does not fit, and the money."""
    files: dict[str, list[str]] = {}
    for where in one.rows:
        files.setdefault(Path(str(where.file)).name, []).append(str(where.row))
    places = [say("refund.place", file=name, rows=join_list(rows)) for name, rows in files.items()]
    money = "" if one.cny is None else say("refund.touched", cny=fixed_decimals(one.cny, 0))
    text = say("refund.finding", place=words.series(places), text=one)
    return words.join_sentences((text, money))


_cents = partial(fixed_decimals, places=CENTS)


def _months(results: Sequence[MonthResult], charged: Sequence[Surtaxes]) -> Iterator[Table]:
    """Months side by side, in the lines of the return."""

    def month(result: MonthResult, taxes: Surtaxes) -> Shown[str]:
        told = {"surtax": _cents(taxes.total), "limit": say(f"refund.short_{result.regime}")}
        return Column(result.period), lambda name: told.get(name) or _cents(getattr(result, name))

    every = list(map(month, results, charged))
    for start in range(0, len(every), MONTHS_ABREAST):
        yield table_of(
            f"refund-months-{start}",
            say("refund.title_months") if start == 0 else "",
            (*FIGURES, "surtax", "limit"),
            _figure_column(),
            *every[start : start + MONTHS_ABREAST],
        )


def _figure_column() -> Shown[str]:
    return say("refund.column_figure"), lambda name: say(f"refund.figure_{name}")


def _trade_table(traded: Sequence[tuple[str, TraderRefund]]) -> Table:
    more = {"deducted": "deducted", "consumption": "consumption_refund"}
    names = {
        **TRADED,
        **{n: of for n, of in more.items() if any(getattr(x, of) for _, x in traded)},
    }

    def column(name: str, of: str) -> Shown[tuple[str, TraderRefund]]:
        return say(f"refund.column_{name}"), lambda row: _cents(getattr(row[1], of))

    month = (say("refund.column_month"), lambda row: row[0])
    title = say("refund.title_trading")
    return table_of("refund-trading", title, traded, month, *starmap(column, names.items()))


def _sources(rules: Sequence[RuleUse]) -> Iterator[Block]:
    """The formulas, the rounding, and every rule with its days, status and source."""
    yield Heading(say("refund.sources"))
    formulas = (say("refund.source_formulas"), say("refund.source_rounding"))
    yield Text((*formulas, *map(words.rule, rules)), "list")


def _effect(effect: MarginalEffect, title: str) -> Iterator[Block]:
    """What one more unit changes, and why that is not rate × FOB."""
    yield _effects(title, [(number("refund.column_change"), effect)])
    days = effect.days_to_cash
    yield Text((effect.why(), *([say("refund.days_to_cash", days=days)] if days else [])))


def _effects(title: str, effects: Sequence[tuple[Column, MarginalEffect]]) -> Table:
    def column(heading: Column, effect: MarginalEffect) -> Shown[str]:
        return heading, lambda name: _cents(getattr(effect, name))

    caption, columns = say(title) if title else "", starmap(column, effects)
    return table_of("refund-effect", caption, EFFECTS, _figure_column(), *columns)


def quarantined_rows(errors: Sequence[OffingError], rows: int) -> Iterator[Block]:
    """The rows that do not count, and why."""
    if errors:
        yield Callout(say("refund.aside", count=len(errors), rows=rows))
        lines = (" ".join(map(str.strip, str(error).split("\n"))) for error in errors)
        said = dict.fromkeys(lines)  # items of one entry share its charge
        yield Text(tuple(said)[:SHOWN], "list")


def view_exchange_cost(answer: ExchangeCostAnswer) -> tuple[Block, ...]:
    """What a unit of foreign currency costs against what the bank pays, and how it came about."""
    cost, currency, term = answer.cost, answer.currency, answer.receipt_term
    lead = say(
        "refund.exchange_gains" if cost.margin_on_cost >= 0 else "refund.exchange_loses",
        currency=currency,
        cost=fixed_decimals(cost.cny_per_unit, 4),
        bid=fixed_decimals(answer.bid, 4),
        margin=percent(abs(cost.margin_on_cost), 2),
        term=term,
        least=fixed_decimals(cost.total_cost / answer.bid, 2),
    )
    purchase, fees, fob = (fixed_decimals(x, 2) for x in (answer.purchase, answer.fees, cost.fob))
    rebate, total, revenue = (
        fixed_decimals(x, 2) for x in (cost.rebate, cost.total_cost, cost.revenue)
    )
    vat, back = (share(rate) for rate in (answer.vat_rate, answer.refund_rate))
    bid, carriage = f"{answer.bid:.6g}", fixed_decimals(answer.carriage, 2)
    lines = (
        ("fob", f"{fixed_decimals(answer.price, 2)} − {carriage}", f"{currency} {fob}"),
        ("rebate", f"{purchase} ÷ (1 + {vat}) × {back}", f"CNY {rebate}"),
        ("total", f"{purchase} + {fees} − {rebate}", f"CNY {total}"),
        ("revenue", f"{fob} × {bid}", f"CNY {revenue}"),
        ("unit", f"{total} ÷ {fob}", f"CNY {fixed_decimals(cost.cny_per_unit, 4)}"),
        ("margin", f"({revenue} − {total}) ÷ {total}", percent(cost.margin_on_cost, 2)),
    )
    table = table_of(
        "exchange-cost",
        say("refund.exchange_table"),
        lines,
        (say("refund.column_exchange_line"),
         lambda line: say(f"refund.exchange_{line[0]}", currency=currency, term=term)),
        (text("refund.column_exchange_sum"), lambda line: line[1]),
        (say("refund.column_exchange_result"), lambda line: line[2]),
    )  # fmt: skip
    note = [say("refund.exchange_note")]
    if answer.rule is not None:
        note.append(words.rule(answer.rule))
    return Text((lead,), "lead"), table, Text(tuple(note), "note")
