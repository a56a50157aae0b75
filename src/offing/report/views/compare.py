"""Up to four markets of a product side by side, told in one table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from offing.forecast.results import AXES, AxisName, Segment
from offing.ladders.ladder import Ladder, PriceTier
from offing.landed.shipment import Quote
from offing.report import words
from offing.report.blocks import Block, Cell, Column, Table, Text, missing_cell, text
from offing.rules.requirements import Requirements
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import (
    NOTHING,
    fixed_decimals,
    money_column,
    percent,
    price,
    price_digits,
    value_or_dash,
)


@dataclass(frozen=True)
class Beside:
    """What is known of one market.

    Attributes:
        market: alpha-3.
        segment: its place in the ranking; ``None`` where it is not ranked.
        ladder: of its imports; ``None`` where the data have none.
        quote: of a model of the study, landed there; ``None`` where none can be made.
        required: beside duty and tax; ``None`` where the rules of the market are not known.
        reasons: why any of these is not there.
    """

    market: str
    segment: Segment | None
    ladder: Ladder | None
    quote: Quote | None
    required: Requirements | None
    reasons: tuple[str, ...]


Row = tuple[str, Callable[[Beside], str | Cell]]


def view(markets: Sequence[Beside], model: str | None = None) -> tuple[Block, ...]:
    """The table, and what its lines mean.

    Args:
        markets: as they stand side by side.
        model: the name of the study's model that the quotes are of, if any.
    """
    columns = (
        text("market.compare_column"),
        *(Column(country_name(beside.market), number=False) for beside in markets),
    )
    rows = tuple(
        (Cell(name), *(c if isinstance(c, Cell) else Cell(c) for c in map(cell, markets)))
        for name, cell in _rows(markets, model)
    )
    reasons = tuple(
        say("market.compare_reason", market=country_name(beside.market), reason=reason)
        for beside in markets
        for reason in beside.reasons
    )
    why = (Text(reasons, "list"),) if reasons else ()
    note = ["compare_note", *(["compare_no_model"] if model is None else [])]
    table = Table("compare", say("market.compare_table"), columns, rows)
    return table, *why, Text(tuple(say(f"market.{key}") for key in note), "note")


def _rows(markets: Sequence[Beside], model: str | None) -> Iterator[Row]:
    """Each line by its name, and what it says of a market."""
    looks = [beside.segment.outlook for beside in markets if beside.segment is not None]
    if looks:
        usd = money_column([v for o in looks for v in (o.base_usd, o.expected_usd, o.high80)])
        first, later = looks[0].base_year, looks[0].base_year + looks[0].horizon
        yield (
            say("market.compare_now", year=first, unit=usd.unit),
            lambda of: value_or_dash(of.segment, lambda s: usd.cell(s.outlook.base_usd)),
        )
        yield (
            say("market.compare_expected", year=later, unit=usd.unit),
            lambda of: value_or_dash(
                of.segment,
                lambda s: say(
                    "market.compare_range",
                    value=usd.cell(s.outlook.expected_usd),
                    low=usd.cell(s.outlook.low80),
                    high=usd.cell(s.outlook.high80),
                ),
            ),
        )
    for axis in AXES:
        yield say(f"report.axis_{axis}"), partial(_axis, axis)
    ladders = [beside.ladder for beside in markets if beside.ladder is not None]
    for rank, tier in enumerate(ladders[0].tiers if ladders else ()):
        yield say("market.compare_tier", tier=words.tier(tier.name)), partial(_tier, rank)
    if model is not None:
        yield say("market.compare_duty", model=model), lambda of: value_or_dash(of.quote, _duty)
        yield (
            say("market.compare_landed", model=model),
            lambda of: value_or_dash(of.quote, _landed_price),
        )
    yield say("market.compare_required"), _price_needed


def _axis(name: AxisName, beside: Beside) -> Cell:
    score = None if beside.segment is None else beside.segment.axis(name).score
    return missing_cell() if score is None else Cell(fixed_decimals(100 * score, 0), bar=score)


def _tier(rank: int, beside: Beside) -> str:
    """The share of a price tier, with its bounds."""
    if beside.ladder is None:
        return NOTHING
    tier = beside.ladder.tiers[rank]
    unit, share = words.unit(beside.ladder.unit), percent(tier.share, 0)
    return say("market.compare_share", share=share, bounds=_bounds(tier), unit=unit)


def _bounds(tier: PriceTier) -> str:
    if tier.low is None:
        return NOTHING if tier.high is None else f"< {price_digits(tier.high)}"
    if tier.high is None:
        return f"≥ {price_digits(tier.low)}"
    return f"{price_digits(tier.low)}–{price_digits(tier.high)}"


def _duty(quote: Quote) -> str:
    lines = (x.per_unit for x in quote.lines if x.stage == "duty" and not x.subtotal)
    return price(float(sum(lines)), quote.currency)


def _landed_price(quote: Quote) -> str:
    return price(float(quote.landed / quote.quantity), quote.currency)


def _price_needed(beside: Beside) -> str:
    required = beside.required
    if required is None or not (required.checked or required.known):
        return say("market.compare_unchecked")
    gates = words.join_words(gate.scheme[language()] for gate in required.gates)
    if not gates:
        return say("market.compare_none_known")
    if required.lead_weeks is None:
        return gates
    return say("market.compare_gates", gates=gates, weeks=required.lead_weeks)
