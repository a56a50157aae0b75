"""Quotations, told: what a price does to winning the order, market by market."""

from collections.abc import Iterator

from offing.api.quotations import QuotationsAnswer
from offing.planning.win_chances import LEAST, Chance, MarketWins
from offing.report.blocks import (
    Block,
    Callout,
    Cell,
    Text,
    cautions,
    missing_cell,
    number,
    table_of,
    text,
)
from offing.report.views.experiment import WIDE
from offing.report.views.refund import quarantined_rows
from offing.terms.countries import country_name
from offing.terms.messages import join_list, say
from offing.terms.numbers import (
    change,
    count,
    fixed_decimals,
    percent,
    percent_range,
    price,
    value_or_dash,
)


def view(answer: QuotationsAnswer) -> tuple[Block, ...]:
    """What they tell in sentences, a row a market, what to know of it."""
    names = ("won", "lost", "open", "unknown")
    sums = {name: sum(getattr(one, name) for one in answer.markets) for name in names}
    total, goods = sum(sums.values()), join_list(answer.goods[:6])
    lead = [say("quotations.lead", count=count(total), goods=goods, **sums)]
    if sums["open"] or sums["unknown"]:
        lead.append(say("quotations.undecided", **sums))
    return (
        Text(tuple(lead), "lead"),
        *_price(answer),
        _markets(answer),
        Text((say("quotations.selection"),), "note"),
        *cautions(answer.cautions),
        *quarantined_rows(answer.quarantined, total + answer.put_aside),
    )


def _price(answer: QuotationsAnswer) -> Iterator[Block]:
    """What a price does, or that these quotations cannot tell it."""
    curve, (won, lost) = answer.curve, answer.fitted
    if curve is None:
        yield Callout(say(f"quotations.cannot_{answer.reason}", won=won, lost=lost, least=LEAST))
        return
    names = {"elasticity": "middle", "low": "low", "high": "high"}
    figures = {
        name: fixed_decimals(getattr(curve.elasticity, end), 1) for name, end in names.items()
    }
    if not curve.falls:
        yield Callout(say("quotations.cannot_slope", won=won, lost=lost, **figures))
        return
    lines = [say(f"quotations.falls_{answer.against}", **figures)]
    error = (curve.elasticity.high - curve.elasticity.low) / 4
    narrow = curve.elasticity.low > 1 and error <= WIDE * curve.elasticity.middle
    if not narrow or len(answer.goods) == 1:
        lines.append(say("quotations.use" if narrow else "quotations.too_wide", **figures))
    yield Text(tuple(lines), "list")


def _chance(found: Chance | None) -> Cell:
    if found is None:
        return missing_cell()
    return Cell(f"{percent(found.middle, 0)} ({percent_range(found.low, found.high)})")


def _best(wins: MarketWins) -> Cell:
    if wins.best is None:
        return missing_cell()
    asked, beyond = price(wins.best.price, wins.currency), wins.best.beyond
    return Cell(say(f"quotations.best_{beyond}", price=asked) if beyond else asked)


def _usual(wins: MarketWins) -> str:
    return " ".join(filter(None, (price(wins.usual, wins.currency), wins.incoterm)))


def _markets(answer: QuotationsAnswer) -> Block:
    places = answer.curve.places if answer.curve and answer.curve.falls else {}
    priced = [
        (number(f"quotations.{name}_{answer.against}", change=change(ratio - 1)),
         lambda one, name=name: _chance(one.chances.get(name)))
        for name, ratio in places.items()
    ]  # fmt: skip
    return table_of(
        "quotations-markets",
        say("quotations.markets"),
        answer.markets,
        (text("report.market"), lambda one: value_or_dash(one.market, country_name)),
        *((number(f"quotations.column_{name}"), lambda one, name=name: str(getattr(one, name)))
          for name in ("won", "lost", "undecided")),
        (number("quotations.column_usual"), _usual),
        (number("quotations.column_share"), lambda one: _chance(one.share)),
        *priced,
        (number("quotations.column_best"), _best) if any(w.best for w in answer.markets) else None,
    )  # fmt: skip
