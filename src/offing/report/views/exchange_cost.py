"""The cost of exchange (换汇成本), told with its sums."""

from offing.api.exchange_cost import ExchangeCostAnswer
from offing.report import words
from offing.report.blocks import Block, Cell, Table, Text, cautions, columns
from offing.rules.citing import percent as share
from offing.terms.messages import say
from offing.terms.numbers import fixed, percent


def view(answer: ExchangeCostAnswer) -> tuple[Block, ...]:
    """What a unit of foreign currency costs against what the bank pays, and how it came about."""
    cost, currency = answer.cost, answer.currency
    lead = say(
        "refund.exchange_gains" if cost.margin_on_cost >= 0 else "refund.exchange_loses",
        currency=currency,
        cost=fixed(cost.cny_per_unit, 4),
        bid=fixed(answer.bid, 4),
        margin=percent(abs(cost.margin_on_cost), 2),
        least=fixed(cost.total_cost / answer.bid, 2),
    )
    purchase, fees, fob = (fixed(x, 2) for x in (answer.purchase, answer.fees, cost.fob))
    rebate, total, revenue = (fixed(x, 2) for x in (cost.rebate, cost.total_cost, cost.revenue))
    vat, back = (share(rate) for rate in (answer.vat_rate, answer.refund_rate))
    bid, carriage = f"{answer.bid:.6g}", fixed(answer.carriage, 2)
    lines = (
        ("fob", f"{fixed(answer.price, 2)} − {carriage}", f"{currency} {fob}"),
        ("rebate", f"{purchase} ÷ (1 + {vat}) × {back}", f"CNY {rebate}"),
        ("total", f"{purchase} + {fees} − {rebate}", f"CNY {total}"),
        ("revenue", f"{fob} × {bid}", f"CNY {revenue}"),
        ("unit", f"{total} ÷ {fob}", f"CNY {fixed(cost.cny_per_unit, 4)}"),
        ("margin", f"({revenue} − {total}) ÷ {total}", percent(cost.margin_on_cost, 2)),
    )
    heads = columns("refund.column_exchange_{}", "line", "sum", "result", text=("sum",))
    rows = tuple(
        (Cell(say(f"refund.exchange_{name}", currency=currency)), Cell(sum_), Cell(result))
        for name, sum_, result in lines
    )
    note = [say("refund.exchange_note")]
    if answer.rule is not None:
        note.append(words.rule(answer.rule))
    return (
        Text((lead,), "lead"),
        Table("exchange-cost", say("refund.exchange_table"), heads, rows),
        Text(tuple(note), "note"),
        *cautions(answer.cautions),
    )
