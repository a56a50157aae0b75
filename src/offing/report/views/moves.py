"""One move of a plan, told; and a plan made anew without some of them, beside the whole one."""

from collections.abc import Collection, Iterator

from offing.planning.offers import Key
from offing.planning.plan import MoveSummary
from offing.report import words
from offing.report.blocks import Block, Text, number, table_of, text
from offing.report.decision import CNY, NamedDecision
from offing.report.move_words import own_sentences
from offing.report.views.plan import moves_table
from offing.report.views.risk import close_column
from offing.study.reoptimise import RevisedPlan
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    count,
    currency_name,
    likelihood,
    money,
    percent,
    price,
    value_or_dash,
)

SAME_CNY = 1e-4
"""A difference of so small a share of the profit is below what the solver leaves open."""


def key_of(move: MoveSummary) -> str:
    """A move by its model and market, as an address names it."""
    return f"{move.product}.{move.market}"


def view(decision: NamedDecision, move: MoveSummary) -> tuple[Block, ...]:
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
    told = own_sentences(decision, move)
    notes = (Text(told, "list"),) if told else ()
    return table, *notes, moves_table(f"{name}-figures", decision, [move])


def _rows(decision: NamedDecision, move: MoveSummary) -> Iterator[tuple[str, str, str]]:
    rate = decision.figures.cny_per_usd
    before, after = move.units_before[-1], move.units_after[-1]
    yield say("moves.row_units"), count(before), count(after)
    sold, planned = move.sales_before_usd[-1] * rate, move.sales_after_usd[-1] * rate
    yield say("moves.row_sales"), money(sold, CNY), money(planned, CNY)
    now = decision.price_text(move.price_before_usd, move.currency_before or move.currency)
    then = decision.price_text(move.price_after_usd, move.currency)
    yield say("moves.row_price"), now or NOTHING, then or NOTHING
    if decision.several_plants:
        now = decision.plants.get(move.plant_before, move.plant_before)
        then = decision.plants.get(move.plant, move.plant)
        yield say("moves.row_plant"), now or NOTHING, then or NOTHING
    yield from _landed_rows(move)
    if move.currency_before and move.currency_before != move.currency:
        now, then = currency_name(move.currency_before), currency_name(move.currency)
        yield say("moves.row_currency"), now, then


def _landed_rows(move: MoveSummary) -> Iterator[tuple[str, str, str]]:
    """Duty and landed price, where another plant or price changes them."""
    terms = move.terms
    if terms is None or {"other_plant", "dearer", "cheaper"}.isdisjoint(move.kinds):
        return
    now, then = (value_or_dash(rate, percent) for rate in (terms.duty_before, terms.duty_after))
    yield say("moves.row_duty"), now, then
    paid = terms.landed_before_usd, terms.landed_after_usd
    now, then = (value_or_dash(usd, price) for usd in paid)
    yield say("moves.row_landed"), now, then


def view_revised(decision: NamedDecision, remade: RevisedPlan) -> tuple[Block, ...]:
    """What is lost, how sure the rest is, and the markets in which the two plans differ."""
    blocks: list[Block] = [Text(tuple(_sentences(decision, remade)), "list")]
    if remade.markets:
        rate = decision.figures.cny_per_usd
        amounts = [v * rate for m in remade.markets for v in (m.plan_usd, m.remade_usd)]
        column = close_column(max(amounts))
        year = str(decision.figures.years[-1])
        blocks.append(
            table_of(
                "remade",
                say("moves.without_table", year=year, unit=column.unit),
                remade.markets,
                (text("report.market"), lambda row: country_name(row.market)),
                (number("moves.column_today"), lambda row: column.cell(row.today_usd * rate)),
                (number("moves.column_whole"), lambda row: column.cell(row.plan_usd * rate)),
                (number("moves.column_remade"), lambda row: column.cell(row.remade_usd * rate)),
            )
        )
    return tuple(blocks)


def _sentences(decision: NamedDecision, remade: RevisedPlan) -> Iterator[str]:
    if remade.least_worst_cny is not None:
        amount = close_column(abs(remade.plan.mean)).amount
        yield say(
            "moves.bound",
            remade=amount(remade.remade.mean),
            plan=amount(remade.plan.mean),
            worst=amount(remade.remade.worst),
            plan_worst=amount(remade.plan.worst),
            years=decision.years,
        )
        if decision.figures.level is not None:
            yield say("planning.as_computed")
        yield from _changed_moves(decision, remade)
        return
    profit = {"remade": money(remade.remade.mean, CNY), "years": decision.years}
    if remade.lost_cny > SAME_CNY * abs(remade.plan.mean):
        lost, today = money(remade.lost_cny, CNY), money(remade.today.mean, CNY)
        yield say("moves.without_lost", lost=lost, today=today, **profit)
    else:
        yield say("moves.without_same", **profit)
    if remade.chance_better is None:
        yield say("moves.without_none")
    elif not decision.figures.without_sales:
        yield say(
            "moves.without_chance",
            chance=likelihood(remade.chance_better),
            worst=money(remade.remade.low, CNY),
            plan_worst=money(remade.plan.low, CNY),
        )
    yield from _changed_moves(decision, remade)


def _changed_moves(decision: NamedDecision, remade: RevisedPlan) -> Iterator[str]:
    """The moves that one of the two plans has alone."""
    for name in ("off", "dropped", "added"):
        keys: Collection[Key] = getattr(remade, name)
        if keys:
            yield say(
                f"moves.without_{name}", moves=words.join_words(_move_sentences(decision, keys))
            )


def _move_sentences(decision: NamedDecision, keys: Collection[Key]) -> Iterator[str]:
    """Moves in words; those that are none of the plan by model and market."""
    by_key: dict[Key, MoveSummary] = {
        (move.product, move.market): move for move in decision.figures.moves
    }
    for key in keys:
        if key in by_key:
            yield decision.text(by_key[key]).rstrip(".。")
        else:
            product = decision.products.get(key[0], key[0])
            yield say("planning.model_in", market=country_name(key[1]), product=product)
