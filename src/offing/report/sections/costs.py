"""What a shipment costs from the factory to landed, and what is left."""

from decimal import Decimal

from offing.landed.costed import Quote
from offing.report import words
from offing.report.blocks import (
    Block,
    Cell,
    Column,
    Figure,
    Figures,
    Folded,
    Heading,
    Section,
    Table,
    Text,
)
from offing.report.tellings.plan import rate_cell
from offing.report.tellings.quote import figure, lines
from offing.study.result import MarketResult, ProductResult, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    currency_name,
    day,
    fixed,
    price_places,
)

DRAWN = 3


def section(result: StudyResult) -> Section:
    """Costs of every market with rules, and which markets have none."""
    blocks: list[Block] = [Text((say("report.cost_lead", on=day(result.on)),))]
    for number, product in enumerate(result.products):
        told = _product(product)
        if number and told:  # of several models the first stands open
            blocks.append(Folded(words.product(product), tuple(told)))
            continue
        if len(result.products) > 1:
            blocks.append(Heading(words.product(product)))
        blocks += told
    return Section("costs", say("report.cost_heading"), say("report.cost_short"), tuple(blocks))


def _product(product: ProductResult) -> list[Block]:
    quoted = [market for market in product.markets if market.quote]
    blocks: list[Block] = []
    if quoted:
        blocks.append(Figures(tuple(_figure(product, m.quote) for m in quoted[:DRAWN] if m.quote)))
        blocks.append(Text((say("report.cost_read"),), "note"))
        table = _overview(product, [m.quote for m in quoted if m.quote])
        blocks.append(Folded(say("report.cost_rest", count=len(quoted)), (table,)))
    reasons: dict[str, list[str]] = {}
    for market in product.markets:
        if not market.quote:
            reasons.setdefault(_reason(market), []).append(country_name(market.market))
    blocks += [
        Text((say("report.cost_missing", markets=words.listed(names), reason=reason),), "note")
        for reason, names in reasons.items()
    ]
    return blocks


def _reason(market: MarketResult) -> str:
    key = market.quote_missing or "study.no_regime"
    return say(key, market=country_name(market.market), destination=country_name(market.market))


def each(quote: Quote, amount: Decimal | None, places: int) -> str:
    """An amount of the shipment for one unit."""
    return fixed(amount / quote.quantity, places) if amount is not None else NOTHING


def stage_sum(quote: Quote, stage: str) -> Decimal:
    """What the lines of a stage come to, for the shipment."""
    return sum(
        (line.amount for line in quote.lines if line.stage == stage and not line.subtotal),
        Decimal(0),
    )


def _overview(product: ProductResult, quotes: list[Quote]) -> Table:
    unit = words.unit(product.unit)
    currency = currency_name(quotes[0].currency)
    places = price_places(quote.landed / quote.quantity for quote in quotes)
    rows = []
    for quote in quotes:
        margin = quote.margin
        rows.append(
            (
                Cell(country_name(quote.destination)),
                Cell(each(quote, quote.price, places)),
                Cell(each(quote, stage_sum(quote, "duty"), places)),
                Cell(each(quote, stage_sum(quote, "tax"), places)),
                Cell(each(quote, quote.landed_before_recoverable, places)),
                Cell(each(quote, quote.landed, places), mark="strong"),
                Cell(each(quote, quote.refund, places)),
                Cell(
                    each(quote, margin, places), mark="negative" if margin and margin < 0 else None
                ),
                rate_cell(float(quote.margin_rate) if quote.margin_rate is not None else None),
            )
        )
    terms = words.listed(dict.fromkeys(quote.price_term for quote in quotes))
    return Table(
        f"costs-{product.product}",
        say(
            "report.cost_table",
            product=words.product(product),
            unit=say("report.per_unit", currency=currency, unit=unit),
        ),
        (
            Column(say("report.market"), number=False),
            Column(say("report.price_asked", term=terms)),
            Column(say("report.duty")),
            Column(say("report.import_tax")),
            Column(say("report.landed_net")),
            Column(say("report.landed")),
            Column(say("report.refund")),
            Column(say("report.margin_each")),
            Column(say("report.margin_rate")),
        ),
        tuple(rows),
    )


def _figure(product: ProductResult, quote: Quote) -> Figure:
    name = f"cost-{product.product}-{quote.destination.lower()}"
    market = country_name(quote.destination)
    caption = say("report.cost_lines_table", market=market)
    return figure(name, market, quote, lines(f"{name}-lines", caption, quote))
