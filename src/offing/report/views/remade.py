"""A plan made anew without some of its moves, told beside the whole plan."""

from collections.abc import Collection, Iterator

from offing.planning.plan import MoveSummary
from offing.report import words
from offing.report.blocks import Block, Text, number, table_of, text
from offing.report.decision import CNY, Decision
from offing.report.views.risk import close_column
from offing.study.reoptimise import Key, RevisedPlan
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import likelihood, money

SAME_CNY = 1e-4
"""A difference of so small a share of the profit is below what the solver leaves open."""


def view(decision: Decision, remade: RevisedPlan) -> tuple[Block, ...]:
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


def _sentences(decision: Decision, remade: RevisedPlan) -> Iterator[str]:
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
        yield from _moved(decision, remade, "bound" if not remade.off else "without")
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
    yield from _moved(decision, remade, "without")


def _moved(decision: Decision, remade: RevisedPlan, way: str) -> Iterator[str]:
    """The moves that one of the two plans has alone."""
    for name in ("off", "dropped", "added"):
        keys: Collection[Key] = getattr(remade, name)
        if keys:
            yield say(f"moves.{way}_{name}", moves=words.listed(_named(decision, keys)))


def _named(decision: Decision, keys: Collection[Key]) -> Iterator[str]:
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
