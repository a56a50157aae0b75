"""What a shipment costs from the factory to landed, and what is left."""

from decimal import Decimal

from offing.landed.costed import Quote
from offing.report import words
from offing.report.blocks import (
    Block,
    Cell,
    Figure,
    Figures,
    Heading,
    Section,
    Table,
    Text,
    columns,
)
from offing.report.charts import waterfall as chart
from offing.report.tellings.plan import rate_cell
from offing.study.result import MarketResult, ProductResult, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    count,
    currency_name,
    day,
    fixed,
    percent,
    price,
    price_places,
)

DRAWN = 3
OVERVIEW = "market* price_asked duty import_tax landed_net landed refund margin_each margin_rate"
LINES = "step* per_unit per_shipment rate_base rule* status*"


def section(result: StudyResult) -> Section:
    """Costs of every market with rules, and which markets have none."""
    blocks: list[Block] = [Text((say("report.cost_lead", on=day(result.on)),))]
    for product in result.products:
        if len(result.products) > 1:
            blocks.append(Heading(words.product(product)))
        blocks += _product(product)
    return Section.of("costs", blocks, "cost")


def _product(product: ProductResult) -> list[Block]:
    quoted = [market for market in product.markets if market.quote]
    blocks: list[Block] = []
    if quoted:
        blocks.append(_overview(product, [m.quote for m in quoted if m.quote]))
        blocks.append(Text((say("report.cost_read"),), "note"))
        blocks.append(Figures(tuple(_figure(product, m.quote) for m in quoted[:DRAWN] if m.quote)))
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
        columns("report", OVERVIEW, term=terms),
        tuple(rows),
    )


def _figure(product: ProductResult, quote: Quote) -> Figure:
    name = f"cost-{product.product}-{quote.destination.lower()}"
    unit = words.unit(quote.unit)
    caption = [
        say(
            "report.cost_caption",
            unit=say("report.per_unit", currency=currency_name(quote.currency), unit=unit),
            quantity=say(f"landed.quantity_{quote.unit}", count=count(quote.quantity)),
        )
    ]
    if quote.margin is not None and quote.margin_rate is not None:
        caption.append(
            say(
                "report.cost_left" if quote.margin >= 0 else "report.cost_loss",
                margin=price(abs(quote.margin) / quote.quantity, quote.currency),
                rate=percent(abs(quote.margin_rate)),
                refund=price(quote.refund / quote.quantity, quote.currency),
                unit=unit,
            )
        )
    return Figure(
        name,
        country_name(quote.destination),
        chart.draw(name, quote),
        words.joined(caption),
        (_lines(name, quote),),
    )


def _lines(name: str, quote: Quote) -> Table:
    places = price_places(line.per_unit for line in quote.lines)
    rows = []
    for line in quote.lines:
        rule = line.rule
        rows.append(
            (
                Cell(chart.line_name(line), mark="strong" if line.subtotal else None),
                Cell(fixed(line.per_unit, places), mark="strong" if line.subtotal else None),
                Cell(fixed(line.amount, 2)),
                Cell(NOTHING if line.base is None else fixed(line.base, 2)),
                Cell(f"{words.rule_value(rule.value)} ({rule.id})" if rule else NOTHING),
                Cell(words.status(status) if (status := chart.status_of(line)) else ""),
            )
        )
    unit = words.unit(quote.unit)
    return Table(
        f"{name}-lines",
        say("report.cost_lines_table", market=country_name(quote.destination)),
        columns("report", LINES, currency=currency_name(quote.currency), unit=unit),
        tuple(rows),
    )
