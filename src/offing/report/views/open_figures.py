"""What to find out first: each figure with its worth, and where to get it and to write it."""

from collections.abc import Sequence

from offing.planning.plan import OpenFigure
from offing.report.blocks import Block, Heading, Text, number, table_of, text
from offing.report.decision import CNY, NamedDecision
from offing.terms.messages import say
from offing.terms.numbers import count, fixed_decimals, money_column, percent, range_text

SHOWN = 10


def view(decision: NamedDecision, figures: Sequence[OpenFigure]) -> tuple[Block, ...]:
    """The most valuable figures."""
    heading = Heading(say("plan.open_heading"))
    if not figures:
        return (heading, Text((say("plan.open_none"),)))
    money = money_column([figure.value_cny for figure in figures[:SHOWN]], CNY)

    table = table_of(
        "open-figures",
        say("plan.open_caption"),
        figures[:SHOWN],
        (text("plan.open_what"), decision.open_figure),
        (number("plan.open_value", unit=money.unit), lambda f: money.cell(f.value_cny)),
        (number("plan.open_turns"), lambda f: percent(f.turns, 0)),
        (text("plan.open_now"), _held_likely),
    )
    kinds = dict.fromkeys(figure.kind for figure in figures[:SHOWN])
    how = tuple(say(f"plan.open_how_{kind}") for kind in kinds)
    return (heading, table, Text(how, "list"))


def _held_likely(figure: OpenFigure) -> str:
    """The range of a figure; that of an elasticity with its source where it is no firm's."""
    if figure.kind == "entry":
        return range_text(count(figure.low), count(figure.high))
    places = 1 if figure.kind == "elasticity" else 2
    found = range_text(fixed_decimals(figure.low, places), fixed_decimals(figure.high, places))
    if figure.source == "literature":
        return say("plan.open_from_literature", range=found)
    return found
