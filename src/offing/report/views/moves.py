"""One move of a plan, told: what changes, why, what it rests on, and what turns it around."""

from collections.abc import Iterator

from offing.planning.plan import MoveSummary, fx_factor
from offing.report.blocks import Block, table_of, text
from offing.report.decision import CNY, Decision
from offing.report.views.plan import DRIFT, moves_table
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    count,
    currency_name,
    fixed,
    money,
)


def key_of(move: MoveSummary) -> str:
    """A move by its model and market, as an address names it."""
    return f"{move.product}.{move.market}"


def view(decision: Decision, move: MoveSummary) -> tuple[Block, ...]:
    """All that is known of a move: what changes, what it brings, what it rests on."""
    name, year = f"move-{key_of(move)}", str(decision.figures.years[-1])
    table = table_of(
        name,
        say("moves.table", year=year),
        list(_rows(decision, move)),
        (text("moves.column_what"), lambda row: row[0]),
        (text("moves.column_today"), lambda row: row[1]),
        (text("moves.column_plan"), lambda row: row[2]),
    )
    return table, moves_table(f"{name}-figures", decision, [move])


def _rows(decision: Decision, move: MoveSummary) -> Iterator[tuple[str, str, str]]:
    rate = decision.figures.cny_per_usd
    before, after = move.units_before[-1], move.units_after[-1]
    yield say("moves.row_units"), count(before), count(after)
    sold, planned = move.sales_before_usd[-1] * rate, move.sales_after_usd[-1] * rate
    yield say("moves.row_sales"), money(sold, CNY), money(planned, CNY)
    now = decision.asked(move.price_before_usd, move.currency_before or move.currency)
    then = decision.asked(move.price_after_usd, move.currency)
    yield say("moves.row_price"), now or NOTHING, then or NOTHING
    yield from _drift(decision, move)
    if decision.several_plants:
        now = decision.plants.get(move.plant_before, move.plant_before)
        then = decision.plants.get(move.plant, move.plant)
        yield say("moves.row_plant"), now or NOTHING, then or NOTHING
    if move.currency_before and move.currency_before != move.currency:
        now, then = currency_name(move.currency_before), currency_name(move.currency)
        yield say("moves.row_currency"), now, then


def _drift(decision: Decision, move: MoveSummary) -> Iterator[tuple[str, str, str]]:
    """By what units × price, at the rates of the day, comes to the sales."""
    old = fx_factor(move.sales_before_usd[-1], move.units_before[-1], move.price_before_usd)
    new = fx_factor(move.sales_after_usd[-1], move.units_after[-1], move.price_after_usd)
    if max(abs(old - 1), abs(new - 1)) >= DRIFT:
        year = str(decision.figures.years[-1])
        yield say("moves.row_drift", year=year), fixed(old, 3), fixed(new, 3)
