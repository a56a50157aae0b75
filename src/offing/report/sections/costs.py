"""What a shipment costs from the factory to landed, and what is left."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from offing.landed.costed import Quote
from offing.report import words
from offing.report.blocks import (
    Block,
    Cell,
    Figure,
    Figures,
    Folded,
    Heading,
    Section,
    Table,
    Text,
    table_of,
)
from offing.report.views.plan import rate_cell
from offing.report.views.quote import figure, lines
from offing.study.result import MarketResult, ProductResult, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, currency_name, day, fixed, price_places

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
    return Section.of("costs", blocks, "cost")


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
            reasons.setdefault(_reason(market), []).append(market.market)
    return [*blocks, *_missing(reasons)]


def _missing(reasons: Mapping[str, list[str]]) -> list[Block]:
    """Which markets have no landed cost, and why; of very many the first, the others folded."""
    told = {
        whole: tuple(
            say("report.cost_missing", markets=named(markets), reason=reason)
            for reason, markets in reasons.items()
        )
        for whole, named in ((False, words.countries), (True, _all))
    }
    blocks: list[Block] = [Text((said,), "note") for said in told[False]]
    if told[True] != told[False]:
        count = sum(map(len, reasons.values()))
        blocks.append(
            Folded(say("report.cost_missing_all", count=count), (Text(told[True], "list"),))
        )
    return blocks


def _all(markets: Iterable[str]) -> str:
    return words.listed(map(country_name, markets))


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

    def margin(quote: Quote) -> Cell:
        loss = quote.margin is not None and quote.margin < 0
        return Cell(each(quote, quote.margin, places), mark="negative" if loss else None)

    def rate(quote: Quote) -> Cell:
        return rate_cell(None if quote.margin_rate is None else float(quote.margin_rate))

    terms = words.listed(dict.fromkeys(quote.price_term for quote in quotes))
    return table_of(
        f"costs-{product.product}",
        say(
            "report.cost_table",
            product=words.product(product),
            unit=say("report.per_unit", currency=currency, unit=unit),
        ),
        quotes,
        (say("report.market"), lambda quote: country_name(quote.destination)),
        (say("report.price_asked", term=terms), lambda q: each(q, q.price, places)),
        (say("report.duty"), lambda q: each(q, stage_sum(q, "duty"), places)),
        (say("report.import_tax"), lambda q: each(q, stage_sum(q, "tax"), places)),
        (say("report.landed_net"), lambda q: each(q, q.landed_before_recoverable, places)),
        (say("report.landed"), lambda q: Cell(each(q, q.landed, places), mark="strong")),
        (say("report.refund"), lambda q: each(q, q.refund, places)),
        (say("report.margin_each"), margin),
        (say("report.margin_rate"), rate),
    )


def _figure(product: ProductResult, quote: Quote) -> Figure:
    name = f"cost-{product.product}-{quote.destination.lower()}"
    market = country_name(quote.destination)
    caption = say("report.cost_lines_table", market=market)
    return figure(name, market, quote, lines(f"{name}-lines", caption, quote))
