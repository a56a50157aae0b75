"""Up to four markets of a product side by side, told in one table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from offing.forecast.results import AXES, AxisName, Segment
from offing.ladders.ladder import Ladder, PriceTier
from offing.landed.costed import Quote
from offing.report import words
from offing.report.blocks import Block, Cell, Column, Shown, Table, Text, table_of, text
from offing.rules.requirements import Requirements
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import NOTHING, fixed, money_column, percent, price, price_digits


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
    note = [say("market.compare_note")]
    if model is None:
        note.append(say("market.compare_no_model"))
    reasons = [
        say("market.compare_reason", market=country_name(beside.market), reason=reason)
        for beside in markets
        for reason in beside.reasons
    ]
    why = (Text(tuple(reasons), "list"),) if reasons else ()
    return _table(markets, model), *why, Text(tuple(note), "note")


def _table(markets: Sequence[Beside], model: str | None) -> Table:
    rows = [*_sales(markets), *map(_axis, AXES), *_tiers(markets)]
    rows += [] if model is None else [_duty(model), _landed(model)]
    rows += [(say("market.compare_required"), _required)]

    def column(beside: Beside) -> Shown[Row]:
        return Column(country_name(beside.market), number=False), lambda row: row[1](beside)

    return table_of(
        "compare",
        say("market.compare_table"),
        rows,
        (text("market.compare_column"), lambda row: row[0]),
        *map(column, markets),
    )


def _sales(markets: Sequence[Beside]) -> list[Row]:
    """Sales now and as expected, with the interval."""
    looks = [beside.segment.outlook for beside in markets if beside.segment is not None]
    if not looks:
        return []
    usd = money_column([value for o in looks for value in (o.base_usd, o.expected_usd, o.high80)])

    def now(beside: Beside) -> str:
        return NOTHING if beside.segment is None else usd.cell(beside.segment.outlook.base_usd)

    def expected(beside: Beside) -> str:
        if beside.segment is None:
            return NOTHING
        outlook = beside.segment.outlook
        low, high = usd.cell(outlook.low80), usd.cell(outlook.high80)
        return say("market.compare_range", value=usd.cell(outlook.expected_usd), low=low, high=high)

    first, later = looks[0].base_year, looks[0].base_year + looks[0].horizon
    return [
        (say("market.compare_now", year=first, unit=usd.unit), now),
        (say("market.compare_expected", year=later, unit=usd.unit), expected),
    ]


def _axis(name: AxisName) -> Row:
    def shown(beside: Beside) -> str | Cell:
        score = None if beside.segment is None else beside.segment.axis(name).score
        if score is None:
            return Cell(say("report.missing"), mark="missing")
        return Cell(fixed(100 * score, 0), bar=score)

    return say(f"report.axis_{name}"), shown


def _tiers(markets: Sequence[Beside]) -> list[Row]:
    """The share of each price tier, with its bounds."""
    ladders = [beside.ladder for beside in markets if beside.ladder is not None]
    if not ladders:
        return []
    return [
        (say("market.compare_tier", tier=words.tier(tier.name)), _tier(rank))
        for rank, tier in enumerate(ladders[0].tiers)
    ]


def _tier(rank: int) -> Callable[[Beside], str]:
    def shown(beside: Beside) -> str:
        if beside.ladder is None:
            return NOTHING
        tier = beside.ladder.tiers[rank]
        return say(
            "market.compare_share",
            share=percent(tier.share, 0),
            bounds=_bounds(tier),
            unit=words.unit(beside.ladder.unit),
        )

    return shown


def _bounds(tier: PriceTier) -> str:
    if tier.low is None:
        return NOTHING if tier.high is None else f"< {price_digits(tier.high)}"
    if tier.high is None:
        return f"≥ {price_digits(tier.low)}"
    return f"{price_digits(tier.low)}–{price_digits(tier.high)}"


def _duty(model: str) -> Row:
    def shown(beside: Beside) -> str:
        if beside.quote is None:
            return NOTHING
        lines = [x for x in beside.quote.lines if x.stage == "duty" and not x.subtotal]
        return price(float(sum(line.per_unit for line in lines)), beside.quote.currency)

    return say("market.compare_duty", model=model), shown


def _landed(model: str) -> Row:
    def shown(beside: Beside) -> str:
        if beside.quote is None:
            return NOTHING
        return price(float(beside.quote.landed / beside.quote.quantity), beside.quote.currency)

    return say("market.compare_landed", model=model), shown


def _required(beside: Beside) -> str:
    required = beside.required
    if required is None or not (required.checked or required.known):
        return say("market.compare_unchecked")
    gates = words.listed(gate.scheme[language()] for gate in required.gates)
    if not gates:
        return say("market.compare_none_known")
    if required.lead_weeks is None:
        return gates
    return say("market.compare_gates", gates=gates, weeks=required.lead_weeks)
