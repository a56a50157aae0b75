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
from offing.terms.countries import country_name
from offing.terms.messages import enumerated, say
from offing.terms.numbers import change, count, fixed, percent, percent_range, price


def view(answer: QuotationsAnswer) -> tuple[Block, ...]:
    """What they tell in sentences, a row a market, what to know of it."""
    total = sum(one.won + one.lost + one.open + one.unknown for one in answer.markets)
    undecided = sum(one.open for one in answer.markets), sum(one.unknown for one in answer.markets)
    won, lost = (sum(getattr(one, name) for one in answer.markets) for name in ("won", "lost"))
    lead = [
        say("quotations.lead", count=count(total), goods=enumerated(answer.goods[:6]), won=won,
            lost=lost)
    ]  # fmt: skip
    if any(undecided):
        lead.append(say("quotations.undecided", open=undecided[0], unknown=undecided[1]))
    return (
        Text(tuple(lead), "lead"),
        *_price(answer),
        _markets(answer),
        Text((say("quotations.selection"),), "note"),
        *cautions(answer.cautions),
        *_aside(answer),
    )


def _aside(answer: QuotationsAnswer) -> Iterator[Block]:
    """Rows that cannot be used, by reason."""
    rows: dict[str, list[int]] = {}
    for error in answer.quarantined:
        rows.setdefault(error.found, []).append((error.where and error.where.row) or 0)
    for reason, some in rows.items():
        yield Callout(say("book.put_aside", count=len(some), reason=reason, row=some[0]))


def _price(answer: QuotationsAnswer) -> Iterator[Block]:
    """What a price does, or that these quotations cannot tell it."""
    curve, (won, lost) = answer.curve, answer.fitted
    if curve is None:
        yield Callout(say(f"quotations.cannot_{answer.reason}", won=won, lost=lost, least=LEAST))
        return
    figures = {
        "elasticity": fixed(curve.elasticity.middle, 1),
        "low": fixed(curve.elasticity.low, 1),
        "high": fixed(curve.elasticity.high, 1),
    }
    if not curve.falls:
        yield Callout(say("quotations.cannot_slope", won=won, lost=lost, **figures))
        return
    lines = [say(f"quotations.falls_{answer.against}", **figures)]
    error = (curve.elasticity.high - curve.elasticity.low) / 4
    if curve.elasticity.low > 1 and error <= WIDE * curve.elasticity.middle:
        lines.append(say("quotations.use", **figures))
    else:
        lines.append(say("quotations.too_wide"))
    yield Text(tuple(lines), "list")


def _markets(answer: QuotationsAnswer) -> Block:
    curve = answer.curve

    def chance(found: Chance | None) -> Cell:
        if found is None:
            return missing_cell()
        return Cell(f"{percent(found.middle, 0)} ({percent_range(found.low, found.high)})")

    def best(wins: MarketWins) -> Cell:
        if wins.best is None:
            return missing_cell()
        asked = price(wins.best.price, wins.currency)
        if wins.best.beyond:
            return Cell(say(f"quotations.best_{wins.best.beyond}", price=asked))
        return Cell(asked)

    falls = curve is not None and curve.falls
    places = ((0, curve.low), (1, 1.0), (2, curve.high)) if curve is not None and falls else ()
    at = "target" if answer.against == "target" else "usual"
    return table_of(
        "quotations-markets",
        say("quotations.markets"),
        answer.markets,
        (text("quotations.column_market"),
         lambda one: say("report.missing") if one.market is None else country_name(one.market)),
        (number("quotations.column_won"), lambda one: str(one.won)),
        (number("quotations.column_lost"), lambda one: str(one.lost)),
        (number("quotations.column_other"), lambda one: str(one.open + one.unknown)),
        (number("quotations.column_usual"), lambda one: " ".join(
            filter(None, (price(one.usual, one.currency), one.incoterm)))),
        (number("quotations.column_share"), lambda one: chance(one.share)) if not falls else None,
        *(
            (number(f"quotations.column_{at}_price" if ratio == 1 else f"quotations.column_at_{at}",
                    change=change(ratio - 1)),
             lambda one, place=place: chance(one.chances[place] if one.chances else None))
            for place, ratio in places
        ),
        (number("quotations.column_best"), best)
        if any(one.best for one in answer.markets) else None,
    )  # fmt: skip
