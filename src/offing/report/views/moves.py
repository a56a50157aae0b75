"""One move of a plan, told: what changes, why, what it rests on, and what turns it around."""

from collections.abc import Iterator

from offing.planning.plan import MoveSummary, fx_factor
from offing.report import words
from offing.report.blocks import Block, Heading, Text, table_of, text
from offing.report.decision import CNY, Decision
from offing.report.views.plan import DRIFT
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    count,
    currency_name,
    digits,
    fixed,
    money,
    signed_money,
)


def key_of(move: MoveSummary) -> str:
    """A move by its model and market, as an address names it."""
    return f"{move.product}.{move.market}"


def view(decision: Decision, move: MoveSummary) -> tuple[Block, ...]:
    """All that is known of a move."""
    year = str(decision.figures.years[-1])
    return (
        table_of(
            f"move-{key_of(move)}",
            say("moves.table", year=year),
            list(_rows(decision, move)),
            (text("moves.column_what"), lambda row: row[0]),
            (text("moves.column_today"), lambda row: row[1]),
            (text("moves.column_plan"), lambda row: row[2]),
        ),
        Heading(say("moves.why")),
        Text(tuple(_why(decision, move)), "list"),
        Heading(say("moves.turns")),
        Text(tuple(_turns(move)), "list"),
        Heading(say("moves.rests")),
        Text(tuple(words.named(key) for key in move.rests_on), "list"),
    )


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


def _why(decision: Decision, move: MoveSummary) -> Iterator[str]:
    if decision.figures.without_sales:
        yield decision.without_sales()
    elif move.gain_cny is None:
        yield say("moves.why_forced")
    else:
        yield say("moves.why_gain", gain=signed_money(move.gain_cny), years=decision.years)
    if move.alone_cny is not None and not decision.figures.without_sales:
        yield say("moves.why_alone", alone=signed_money(move.alone_cny))
    if move.supposed:
        yield decision.supposed(move)
    elif move.entry_cny:
        cost, payback = money(move.entry_cny, CNY), decision.payback(move)
        yield say("moves.why_entry", cost=cost, payback=payback).strip()


def _turns(move: MoveSummary) -> Iterator[str]:
    if move.supposed:
        yield say("moves.turns_supposed")
    elif move.chance is not None and move.low_cny is not None:
        loses = digits(100 * (1 - move.chance), 2)
        key = "moves.turns_never" if move.chance >= 1 else "moves.turns_chance"
        yield say(key, loses=loses, low=signed_money(move.low_cny))
    if move.worst_cny is not None and not move.supposed:
        yield say("moves.turns_worst", money=signed_money(move.worst_cny))
    if move.matched_cny is not None:
        gone = "_gone" if move.matched_cny <= 0 else ""
        yield say(f"moves.turns_matched{gone}", money=signed_money(move.matched_cny))
