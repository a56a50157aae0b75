"""A plan, told: what to do, its rows with their totals, and what it was short of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

from offing.planning.plan import MoveSummary, Plan, PlanRow
from offing.report import words
from offing.report.blocks import (
    Block,
    Cell,
    Column,
    Heading,
    Mark,
    Shown,
    Table,
    Text,
    money_cell,
    number,
    table_of,
    text,
)
from offing.report.decision import CNY, Decision, profit_unit
from offing.report.doubts import Doubts
from offing.report.of_itself import of_itself
from offing.report.views.explain import explained
from offing.report.views.risk import told_risk
from offing.report.views.target import told_target
from offing.study.file import Study
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import (
    NOTHING,
    MoneyColumn,
    count,
    day,
    digits,
    fixed,
    likelihood,
    money_column,
    moneys,
    percent,
    signed_money,
)

if TYPE_CHECKING:
    from offing.api.plan import PlanAnswer

SHOWN = 12
"""Rows of a terminal's table; the report has all."""

QUIET = ("keep", "none", "grow", "shrink")
"""Rows in which the firm goes on as today, but for how many it sells."""

Cells = dict[str, Cell]
"""A row by the names of its columns."""

TEXTS = ("market", "model_in", "tier", "price", "plant", "move")
"""Columns of text."""
DRIFT = 0.0005
"""A difference of units × price from sales that is no rounding."""
FAR = 1.5
"""Times today's sales, or a part of them: a row without a move that is told why it changes so."""
FAR_SHARE = 0.01
"""Of all planned sales: smaller changes are not told."""
LEAST_RATE = -10.0
"""A lower margin rate is of sales of next to nothing."""
SPARE = ("interval", "units", "price", "rate")
"""Columns that a narrow terminal leaves out."""


def view(answer: "PlanAnswer") -> tuple[Block, ...]:
    """The whole plan."""
    study, planned = answer.planned.world.study, answer.planned
    decision = Decision.of_study(study, planned.decided, planned.plan.known_share)
    doubts = Doubts.of(planned.plan, decision, answer.cautions)
    told = (
        Text((_title(study), _subtitle(study)), "lead"),
        *told_plan(planned.plan, decision, doubts, None if answer.explain else SHOWN),
    )
    if answer.target is not None:
        told += tuple(told_target(decision, answer.target))
    if answer.risk is not None:
        told += tuple(told_risk(decision, answer.risk))
    if answer.explain:
        told += (Heading(say("run.title_explain")), *explained(planned, decision))
    return (*told, *doubts.further())


def _title(study: Study) -> str:
    return study.title.zh if language() == "zh" else study.title.en


def _subtitle(study: Study) -> str:
    firm = study.firm.name.zh if language() == "zh" else study.firm.name.en
    return f"{firm} · {day(study.on)}"


def told_plan(
    plan: Plan, decision: Decision, doubts: Doubts, shown: int | None = None, more: str = "plan"
) -> list[Block]:
    """What to do, what could turn it, how sure it is, all moves, the rows, the lines they use.

    Args:
        plan: of a study.
        decision: that made it.
        doubts: what stands beside the conclusion.
        shown: rows, at most.
        more: the command that tells it, whose ``<more>.more`` says where the other rows are.
    """
    blocks: list[Block] = decision.answer()
    if rest := decision.more():
        blocks.append(Text((rest,), "note"))
    blocks += [*of_itself(plan, decision), *doubts.beside(), Text(tuple(how_sure(decision)))]
    if len(decision.figures.moves) > 1:
        blocks.append(short_moves("moves", decision))
    if not plan.rows:
        return [*blocks, Text((say("report.plan_empty"),))]
    rows = in_order(plan.rows)
    table = plan_table("plan", plan, rows[:shown], Layout.of(plan, decision, short=True))
    left_out = len(rows) - len(table.rows)
    used = [
        say("run.capacity", product=decision.lines.get(key, key), share=percent(share, 0))
        for key, share in plan.capacity_used
    ]
    return [
        *blocks,
        table,
        *([Text((say(f"{more}.more", count=left_out),), "note")] if left_out else []),
        Text((*price_notes(plan, decision), *used), "list"),
    ]


def price_notes(plan: Plan, decision: Decision) -> Iterator[str]:
    """What the FOB prices of the rows are, and how units × price comes to sales."""
    if not decision.figures.without_sales:
        yield say("planning.price_note", on=day(decision.on))
    drifts = [row.drift for row in plan.rows if row.units]
    if drifts and max(abs(drift - 1) for drift in drifts) >= DRIFT:
        low, high = (fixed(end, 3) for end in (min(drifts), max(drifts)))
        yield say("planning.drift_note", year=str(decision.figures.years[-1]), low=low, high=high)
    yield from by_themselves(plan, decision)


def by_themselves(plan: Plan, decision: Decision) -> Iterator[str]:
    """Why rows without a move sell much more or less than in the last twelve months."""
    rate, least = decision.figures.cny_per_usd, FAR_SHARE * plan.sales_usd
    far = [
        row
        for row in plan.rows
        if row.move == "keep"
        and row.usual_share is not None
        and min(row.sales_usd, row.sales_now_usd) * FAR < max(row.sales_usd, row.sales_now_usd)
        and abs(row.sales_usd - row.sales_now_usd) >= least
    ]
    far.sort(key=lambda row: -abs(row.sales_usd - row.sales_now_usd))
    if not far:
        return
    money = moneys([v * rate for row in far for v in (row.sales_now_usd, row.sales_usd)], CNY)
    yield say(
        "planning.by_themselves",
        rows=say("landed.joint").join(
            say(
                "planning.by_itself",
                market=country_name(row.market),
                product=decision.products.get(row.product, row.product),
                now=money(row.sales_now_usd * rate),
                planned=money(row.sales_usd * rate),
                times=fixed(row.usual_share or 0.0, 1),
            )
            for row in far[:3]
        ),
    )


def how_sure(decision: Decision) -> Iterator[str]:
    """The chance of beating today, and the worst of twenty worlds of the plan and of today."""
    figures = decision.figures
    amount = profit_unit(figures)
    values = {
        "years": decision.years,
        "mean": amount(figures.plan.mean),
        "low": amount(figures.plan.low),
        "today": amount(figures.today.mean),
        "today_low": amount(figures.today.low),
    }
    if figures.without_sales:
        if figures.moves:
            yield say("planning.sure_no_sales", **values)
    elif figures.chance_better is None:
        yield say("planning.sure_stay", **values)
    else:
        chance = likelihood(figures.chance_better)
        low_gain = signed_money(figures.gain_low_cny, written=amount)
        yield say("planning.sure", chance=chance, low_gain=low_gain, **values)


def in_order(rows: Sequence[PlanRow]) -> tuple[PlanRow, ...]:
    """What matters first: rows with a move of more than quantity, then the largest.

    A move of less than a hundredth of all sales does not go before larger rows.
    """
    whole = fsum(max(row.sales_usd, row.sales_now_usd) for row in rows)

    def place(row: PlanRow) -> tuple[bool, float, str, str]:
        size = max(row.sales_usd, row.sales_now_usd)
        return row.move in QUIET or size < 0.01 * whole, -size, row.product, row.market

    return tuple(sorted(rows, key=place))


@dataclass(frozen=True)
class Layout:
    """How the rows of a plan are laid out.

    Attributes:
        decision: that made them.
        columns: by name, in their order.
        sales: the unit of sales, in the firm's currency.
        margin: of margins.
        tiers: (model, market) → tier, where enough prices are known to name one.
    """

    decision: Decision
    columns: Mapping[str, Column]
    sales: MoneyColumn
    margin: MoneyColumn
    tiers: Mapping[tuple[str, str], str]

    @classmethod
    def of(
        cls,
        plan: Plan,
        decision: Decision,
        tiers: Mapping[tuple[str, str], str] | None = None,
        *,
        short: bool = False,
    ) -> "Layout":
        """The columns that say something of this plan; a terminal's are ``short``."""
        rate = decision.figures.cny_per_usd
        amounts = [v * rate for r in plan.rows for v in (r.sales_now_usd, r.sales_usd)]
        sales = money_column(amounts, CNY)
        margin = money_column([r.margin_usd * rate for r in plan.rows], CNY)
        several = len({row.product for row in plan.rows}) > 1
        tiers = tiers or {}
        names = ["model_in" if several else "market", "now", *_later(decision)]
        names += ["units", *(["tier"] if len(set(tiers.values())) > 1 else []), "price"]
        names += [*(["plant"] if decision.several_plants else []), "margin", "rate", "move"]
        if short:
            names.remove("units")
        year = str(decision.figures.years[-1])
        columns = {
            name: Column(
                say(f"planning.column_{name}", unit=_unit(name, sales, margin), year=year),
                name not in TEXTS,
                spare=name in SPARE,
            )
            for name in names
        }
        return cls(decision, columns, sales, margin, tiers)


def _later(decision: Decision) -> list[str]:
    """Columns of the last year's sales: supposed without sales of the firm, else with intervals."""
    if decision.figures.without_sales:
        return ["supposed"]
    return ["plan" if decision.figures.moves else "expected", "interval"]


def _unit(name: str, sales: MoneyColumn, margin: MoneyColumn) -> str:
    return margin.unit if name == "margin" else sales.unit


def plan_table(
    name: str, plan: Plan, rows: Sequence[PlanRow], layout: Layout, *, totals: bool = True
) -> Table:
    """Rows of a plan as a table, with the totals of the whole plan.

    Args:
        name: unique on the page.
        plan: of which the totals are.
        rows: to show.
        layout: columns and units.
        totals: whether they stand under it.
    """
    total, moves = _total(plan, layout), layout.decision.figures.moves
    return Table(
        name,
        say(
            "planning.table" if moves else "planning.table_stay",
            year=str(layout.decision.figures.years[-1]),
        ),
        tuple(layout.columns.values()),
        tuple(tuple(_row(row, layout)[column] for column in layout.columns) for row in rows),
        tuple(total.get(column, Cell("")) for column in layout.columns) if totals else None,
    )


def _row(row: PlanRow, layout: Layout) -> Cells:
    decision, sales = layout.decision, layout.sales
    rate, nothing = decision.figures.cny_per_usd, row.sales_usd <= 0
    interval = NOTHING if nothing else _range(row.low_usd, row.high_usd, layout) or NOTHING
    tier = layout.tiers.get((row.product, row.market), "")
    moved = row.move not in ("keep", "none")
    name = decision.products.get(row.product, row.product)
    bold: Mark | None = "strong" if moved else None
    planned = Cell(NOTHING if nothing else sales.cell(row.sales_usd * rate), mark="strong")
    return {
        "market": Cell(country_name(row.market), mark=bold),
        "model_in": Cell(
            say("planning.model_in", market=country_name(row.market), product=name), mark=bold
        ),
        "tier": Cell(words.tier(tier) if tier else NOTHING),
        "now": Cell(sales.cell(row.sales_now_usd * rate) if row.sales_now_usd else NOTHING),
        "plan": planned,
        "expected": planned,
        "supposed": planned,
        "interval": Cell(interval),
        "units": Cell(NOTHING if nothing else digits(row.units)),
        "price": Cell(NOTHING if nothing else decision.asked(row.price_usd, row.currency)),
        "plant": Cell(NOTHING if nothing else decision.plants.get(row.plant, row.plant)),
        "margin": Cell(NOTHING) if nothing else money_cell(layout.margin, row.margin_usd * rate),
        "rate": Cell(NOTHING) if nothing else rate_cell(row.margin_rate),
        "move": Cell(
            say(f"planning.kind_{decision.kind(row.move)}"), mark="ours" if moved else None
        ),
    }


def _range(low_usd: float | None, high_usd: float | None, layout: Layout) -> str:
    """Two ends of sales; empty where they are not known."""
    if low_usd is None or high_usd is None:
        return ""
    rate, sales = layout.decision.figures.cny_per_usd, layout.sales
    return f"{sales.cell(low_usd * rate)}–{sales.cell(high_usd * rate)}"


def _total(plan: Plan, layout: Layout) -> Cells:
    rate, sales = layout.decision.figures.cny_per_usd, layout.sales
    # Kilograms and pieces are no sum.
    alike = len({layout.decision.units.get(row.product) for row in plan.rows}) == 1
    units = digits(fsum(row.units for row in plan.rows)) if alike else ""
    return {
        "market": Cell(say("report.total")),
        "model_in": Cell(say("report.total")),
        "now": Cell(sales.cell(plan.sales_now_usd * rate) if plan.sales_now_usd else NOTHING),
        "plan": (planned := Cell(sales.cell(plan.sales_usd * rate))),
        "expected": planned,
        "interval": Cell(_range(plan.low_usd, plan.high_usd, layout)),
        "supposed": planned,
        "units": Cell(units),
        "margin": money_cell(layout.margin, plan.margin_usd * rate),
        "rate": rate_cell(plan.margin_usd / plan.sales_usd if plan.sales_usd else None),
    }


def short_moves(name: str, decision: Decision) -> Table:
    """Every move in a line: what, where, of which model, what it brings and how sure that is."""
    moves, unsure = decision.figures.moves, decision.figures.without_sales
    column = money_column([_brings(move, decision) for move in moves], CNY)
    several = len({move.product for move in moves}) > 1
    likely: Shown[MoveSummary] = (number("planning.column_least"), _least)
    if not unsure:
        likely = (number("planning.column_chance"), lambda m: _share(m.chance))
    gain = "planning.column_supposed_gain" if unsure else "planning.column_gain"
    return table_of(
        name,
        say("planning.moves_all", years=decision.years),
        moves,
        (text("planning.column_move"), lambda m: say(f"planning.kind_{decision.kind(m.kind)}")),
        (text("report.market"), lambda m: country_name(m.market)),
        (text("planning.column_product"), lambda m: decision.products.get(m.product, m.product))
        if several
        else None,
        (number(gain, unit=column.unit), lambda m: money_cell(column, _brings(m, decision))),
        likely,
    )


def _brings(move: MoveSummary, decision: Decision) -> float | None:
    return move.own_cny if decision.figures.without_sales else move.gain_cny


def _share(value: float | None) -> str:
    return NOTHING if value is None else likelihood(value)


def moves_table(
    name: str, decision: Decision, moves: Sequence[MoveSummary], *, rests: bool = True
) -> Table:
    """Moves with what they bring, alone and among the others, how sure, and when it is back.

    Without ``rests`` what they rest on is told elsewhere.
    """
    every = [v for m in moves for v in (m.gain_cny, m.alone_cny, m.low_cny, m.worst_cny)]
    column = money_column([*every, *(_brings(m, decision) for m in moves)], CNY)
    names = _told_of(decision, moves)
    heads = {key: Column(say(f"planning.column_{key}", unit=column.unit)) for key in names}
    heads = {"text": Column(say("planning.column_text"), number=False), **heads}
    if rests:
        heads["rests"] = Column(say("planning.column_rests"), number=False)

    def cells(move: MoveSummary) -> Cells:
        return {
            "text": Cell(decision.text(move)),
            "supposed_gain": money_cell(column, move.own_cny),
            "least": Cell(_least(move)),
            "gain": money_cell(column, move.gain_cny),
            "alone": money_cell(column, move.alone_cny),
            "chance": Cell(_share(move.chance)),
            "low": money_cell(column, move.low_cny),
            "worst": money_cell(column, move.worst_cny),
            "payback": Cell(decision.payback(move) or NOTHING),
            "matched": money_cell(column, move.matched_cny),
            "rests": Cell(words.listed(words.named(key) for key in move.rests_on)),
        }

    caption = say("planning.moves_table", years=decision.years)
    rows = tuple(tuple(cells(move)[key] for key in heads) for move in moves)
    return Table(name, caption, tuple(heads.values()), rows)


def _told_of(decision: Decision, moves: Sequence[MoveSummary]) -> list[str]:
    """The figures that a table of moves has columns for."""
    names = ["gain", "alone", "chance", "low", "worst"]
    if decision.figures.without_sales:
        names = ["supposed_gain", "least"]
    for name, key in (("payback", "payback_chance"), ("matched", "matched_cny")):
        names += [name] * any(getattr(move, key) is not None for move in moves)
    return names


def _least(move: MoveSummary) -> str:
    return NOTHING if move.least_units is None else count(move.least_units)


def not_yet_table(name: str, decision: Decision, moves: Sequence[MoveSummary]) -> Table:
    """Moves that were looked at and are not made, with the reason."""
    told = any(move.chance is not None for move in moves)
    column = money_column([m.mean_cny for m in moves], CNY)
    return table_of(
        name,
        say("planning.not_yet_table", years=decision.years),
        moves,
        (text("planning.column_text"), decision.text),
        (
            number("planning.column_mean", unit=column.unit),
            lambda m: money_cell(column, m.mean_cny),
        ),
        (number("planning.column_chance"), lambda m: _share(m.chance)) if told else None,
        (text("planning.column_reason"), lambda m: words.named(m.reason)),
    )


def rate_cell(value: float | None) -> Cell:
    """A rate with one decimal; a loss is set off, one of many times the sales in round figures."""
    if value is None:
        return Cell(NOTHING)
    if value < LEAST_RATE:
        return Cell(f"<{percent(LEAST_RATE, 0)}", mark="negative")
    return Cell(percent(value, 1), mark="negative" if value < 0 else None)
