"""A plan, told: its rows with their totals, and what they are short of."""

from collections.abc import Callable, Mapping, Sequence

from offing.api.plan import PlanAnswer
from offing.planning import Plan, PlanRow
from offing.report import words
from offing.report.blocks import Block, Cell, Column, Table, Text, cautions
from offing.study.file import Study
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import (
    NOTHING,
    MoneyColumn,
    day,
    digits,
    money_column,
    percent,
    price_digits,
)

Cells = dict[str, Cell]
"""A row by the names of its columns."""


def tell(answer: PlanAnswer) -> tuple[Block, ...]:
    """The whole plan."""
    study = answer.world.study
    return (
        Text((_title(study), _subtitle(study)), "lead"),
        *told_plan(answer.planned.plan),
        *cautions(answer.cautions),
    )


def _title(study: Study) -> str:
    return study.title.zh if language() == "zh" else study.title.en


def _subtitle(study: Study) -> str:
    firm = study.firm.name.zh if language() == "zh" else study.firm.name.en
    return f"{firm} · {day(study.on)}"


def told_plan(plan: Plan, shown: int | None = None) -> list[Block]:
    """The rows of all products in one table, and the capacity that they use.

    Args:
        plan: of a study.
        shown: rows, at most; the report has all.
    """
    money = money_column([plan.sales_usd, plan.sales_now_usd])
    words_of = {"market": False, "tier": False, "limit": False}
    names = ["market", "tier", "now", "plan", "interval", "rate", "margin", "limit"]
    if all(row.tier == "all" for row in plan.rows):
        names.remove("tier")
    several = len({row.product for row in plan.rows}) > 1

    def more(row: PlanRow) -> Cells:
        tier = say(f"ladder.tier_{row.tier}" if row.tier != "all" else "run.all_tiers")
        name = country_name(row.market)
        market = Cell(f"{row.product} {name}" if several else name)
        return {"market": market, "tier": Cell(tier)}

    table = plan_table(
        "plan",
        say("run.plan", unit=money.unit),
        {name: Column(say(f"run.column_{name}"), words_of.get(name, True)) for name in names},
        plan.rows[:shown],
        (money, money),
        more,
        total_of=plan.rows,
    )
    left_out = len(plan.rows) - len(table.rows)
    used = [
        say("run.capacity", product=name, share=percent(share, 0))
        for name, share in plan.capacity_used
    ]
    return [
        table,
        *([Text((say("run.more", count=left_out),), "note")] if left_out else []),
        Text(tuple(used), "list"),
    ]


def plan_table(
    name: str,
    caption: str,
    columns: Mapping[str, Column],
    rows: Sequence[PlanRow],
    money: tuple[MoneyColumn, MoneyColumn],
    more: Callable[[PlanRow], Cells],
    *,
    total_of: Sequence[PlanRow] | None = None,
) -> Table:
    """Rows of a plan as a table.

    Args:
        name: unique on the page.
        caption: above it.
        columns: by name, in their order: ``market``, ``tier``, ``now``, ``plan``, ``interval``,
            ``units``, ``price``, ``margin``, ``rate``, ``limit``, and what ``more`` knows.
        rows: to show.
        money: the unit of sales, and of margins.
        more: further cells of a row, or other ones.
        total_of: rows that the total is of, where not all are shown.
    """
    sales, margin = money
    total = _total(rows if total_of is None else total_of, sales, margin)
    return Table(
        name,
        caption,
        tuple(columns.values()),
        tuple(
            tuple(cells[column] for column in columns)
            for cells in (_row(row, sales, margin) | more(row) for row in rows)
        ),
        tuple(total.get(column, Cell("")) for column in columns),
    )


def _row(row: PlanRow, sales: MoneyColumn, margin: MoneyColumn) -> Cells:
    nothing = row.sales_usd <= 0
    interval = NOTHING
    if not nothing and row.low_usd is not None and row.high_usd is not None:
        interval = f"{sales.cell(row.low_usd)}–{sales.cell(row.high_usd)}"
    return {
        "market": Cell(country_name(row.market)),
        "tier": Cell(words.tier(row.tier)),
        "now": Cell(sales.cell(row.sales_now_usd) if row.sales_now_usd else NOTHING),
        "plan": Cell(NOTHING if nothing else sales.cell(row.sales_usd), mark="strong"),
        "interval": Cell(interval),
        "units": Cell(NOTHING if nothing else digits(row.units)),
        "price": Cell(price_digits(row.price_usd)),
        "margin": Cell(NOTHING) if nothing else money_cell(margin, row.margin_usd),
        "rate": rate_cell(row.margin_rate),
        "limit": Cell(words.named(f"plan.limit_{row.limit}")),
    }


def _total(rows: Sequence[PlanRow], sales: MoneyColumn, margin: MoneyColumn) -> Cells:
    sold, earned = sum(r.sales_usd for r in rows), sum(r.margin_usd for r in rows)
    return {
        "market": Cell(say("report.total")),
        "now": Cell(sales.cell(sum(r.sales_now_usd for r in rows))),
        "plan": Cell(sales.cell(sold)),
        "units": Cell(digits(sum(r.units for r in rows))),
        "margin": money_cell(margin, earned),
        "rate": rate_cell(earned / sold if sold else None),
    }


def money_cell(column: MoneyColumn, value: float | None) -> Cell:
    """An amount; a loss is set off, with its minus sign."""
    return Cell(column.cell(value), mark="negative" if value is not None and value < 0 else None)


def rate_cell(value: float | None) -> Cell:
    """A rate with one decimal; a loss is set off."""
    if value is None:
        return Cell(NOTHING)
    return Cell(percent(value, 1), mark="negative" if value < 0 else None)
