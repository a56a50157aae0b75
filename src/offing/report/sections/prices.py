"""A study's prices: the ladders with ours on them, what a shipment costs, the firm's own book."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial

from offing.ladders.ladder import TIERS, Ladder, PricePlace, Tier
from offing.landed.shipment import Quote
from offing.report import words
from offing.report.blocks import (
    Block,
    Cell,
    Figure,
    Figures,
    Folded,
    Heading,
    Shown,
    Table,
    Text,
    table_of,
    text,
)
from offing.report.charts import book as book_chart
from offing.report.views import ladder, quote
from offing.report.views.plan import rate_cell
from offing.study.result import MarketResult, ProductResult, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    change,
    count,
    currency_name,
    day,
    fixed_decimals,
    money_column,
    percent,
    percent_range,
    price_digits,
    price_places,
    value_or_dash,
)

DRAWN = 3
FOLDED = 6
"""Further ladders that open on demand."""
SUPPLIERS = 20
Row = tuple[Ladder, PricePlace | None]


def _product_blocks(
    result: StudyResult, tell: Callable[[ProductResult], list[Block]]
) -> Iterator[Block]:
    """What is told of each product; of several the first stands open."""
    for number, product in enumerate(result.products):
        told = tell(product)
        if number and told:
            yield Folded(words.product(product), tuple(told))
            continue
        if told and len(result.products) > 1:
            yield Heading(words.product(product))
        yield from told


def ladders(result: StudyResult) -> Iterator[Block]:
    """What sells at which price, and where ours stands."""

    def tell(product: ProductResult) -> list[Block]:
        there = [(m.ladder, m.place) for m in product.markets if m.ladder]
        without = [country_name(market.market) for market in product.markets if not market.ladder]
        told: list[Block] = []
        if there:
            drawn = [_ladder(product, result.firm.origin, *row) for row in there[: DRAWN + FOLDED]]
            inside: list[Block] = [Figures(tuple(drawn[DRAWN:]))] if drawn[DRAWN:] else []
            inside.append(_ladder_table(product, there))
            told.append(Figures(tuple(drawn[:DRAWN])))
            told.append(Folded(say("report.ladder_rest", count=len(there)), tuple(inside)))
        if without:
            told.append(
                Text((say("report.ladder_none", markets=words.join_words(without)),), "note")
            )
        return told

    told = list(_product_blocks(result, tell))
    if told:
        yield Text((say("report.ladder_lead"),))
        yield Text((say("report.ladder_read"),), "note")
        yield from told


def _ladder(product: ProductResult, origin: str, of: Ladder, place: PricePlace | None) -> Figure:
    name = f"ladder-{product.product}-{of.market.lower()}"
    usd, total = money_column([s.value_usd for s in of.suppliers]), of.value_usd or 1.0
    suppliers = table_of(
        f"{name}-suppliers",
        say("report.ladder_suppliers_table", market=country_name(of.market)),
        of.suppliers[:SUPPLIERS],
        (say("report.exporter"), lambda s: country_name(s.exporter)),
        (
            say("report.unit_value", unit=words.unit(of.unit)),
            lambda s: value_or_dash(s.unit_value, price_digits),
        ),
        (say("report.imports", unit=usd.unit), lambda s: usd.cell(s.value_usd)),
        (say("report.share"), lambda s: percent(s.value_usd / total)),
        (text("report.remark"), lambda s: words.message_or_last(s.dropped) if s.dropped else ""),
    )
    tables = (ladder.tiers_table(name, of, with_leaders=True), suppliers)
    return ladder.figure(name, of, place, origin, tables)


def _ladder_table(product: ProductResult, rows: list[Row]) -> Table:
    usd, unit = money_column([of.value_usd for of, _ in rows]), words.unit(product.unit)

    def share(tier: Tier) -> Shown[Row]:
        def cell(row: Row) -> Cell:
            share = next(band.share for band in row[0].tiers if band.name == tier)
            return Cell(percent(share, 0), bar=share)

        return say("report.tier_share", tier=words.tier(tier)), cell

    def price_column(key: str, written: Callable[[PricePlace], str]) -> Shown[Row]:
        return say(f"report.{key}", unit=unit), lambda row: value_or_dash(row[1], written)

    return table_of(
        f"ladders-{product.product}",
        say("report.ladders_table", product=words.product(product)),
        rows,
        (say("report.market"), lambda row: country_name(row[0].market)),
        (say("report.imports", unit=usd.unit), lambda row: usd.cell(row[0].value_usd)),
        (say("report.reference", unit=unit), lambda row: price_digits(row[0].reference)),
        *map(share, TIERS),
        price_column("our_price", lambda place: price_digits(place.price)),
        price_column("below_us", _below),
        price_column("exporters", lambda place: count(place.suppliers)),
        (say("report.coverage"), lambda row: percent(row[0].coverage, 0)),
    )


def _below(place: PricePlace) -> str:
    """The share of value sold below our price, with its interval."""
    return f"{percent(place.percentile, 0)} ({percent_range(place.low, place.high)})"


def costs(result: StudyResult) -> Iterator[Block]:
    """Costs of every market with rules, and which markets have none."""
    yield Text((say("report.cost_lead", on=day(result.on)),))
    yield from _product_blocks(result, _costs)


def _costs(product: ProductResult) -> list[Block]:
    quoted = [market.quote for market in product.markets if market.quote]
    told: list[Block] = []
    if quoted:
        told.append(Figures(tuple(_cost(product, of) for of in quoted[:DRAWN])))
        told.append(Text((say("report.cost_read"),), "note"))
        table = _cost_table(product, quoted)
        told.append(Folded(say("report.cost_rest", count=len(quoted)), (table,)))
    reasons: dict[str, list[str]] = {}
    for market in product.markets:
        if not market.quote:
            reasons.setdefault(_reason(market), []).append(market.market)
    named = {reason: list(map(country_name, markets)) for reason, markets in reasons.items()}
    missing = tuple(
        say("report.cost_missing", markets=words.join_words(markets), reason=reason)
        for reason, markets in named.items()
    )
    show = say("report.cost_missing_all", count=sum(map(len, named.values())))
    return [*told, *([Folded(show, (Text(missing, "list"),))] if missing else [])]


def _reason(market: MarketResult) -> str:
    key, name = market.quote_missing or "study.no_regime", country_name(market.market)
    return say(key, market=name, destination=name)


def _cost_table(product: ProductResult, quotes: list[Quote]) -> Table:
    unit, currency = words.unit(product.unit), currency_name(quotes[0].currency)
    places = price_places(of.landed / of.quantity for of in quotes)
    terms = words.join_words(dict.fromkeys(of.price_term for of in quotes))

    def each(of: Quote, amount: Decimal | None) -> str:
        """An amount of the shipment for one unit."""
        return NOTHING if amount is None else fixed_decimals(amount / of.quantity, places)

    def stage(key: str, name: str) -> Shown[Quote]:
        def cell(of: Quote) -> str:
            lines = (x.amount for x in of.lines if x.stage == name and not x.subtotal)
            return each(of, sum(lines, Decimal(0)))

        return say(f"report.{key}"), cell

    def margin(of: Quote) -> Cell:
        loss = of.margin is not None and of.margin < 0
        return Cell(each(of, of.margin), mark="negative" if loss else None)

    def rate(of: Quote) -> Cell:
        return rate_cell(None if of.margin_rate is None else float(of.margin_rate))

    per_unit = say("report.per_unit", currency=currency, unit=unit)
    return table_of(
        f"costs-{product.product}",
        say("report.cost_table", product=words.product(product), unit=per_unit),
        quotes,
        (say("report.market"), lambda of: country_name(of.destination)),
        (say("report.price_asked", term=terms), lambda of: each(of, of.price)),
        stage("duty", "duty"),
        stage("import_tax", "tax"),
        (say("report.landed_net"), lambda of: each(of, of.landed_before_recoverable)),
        (say("report.landed"), lambda of: Cell(each(of, of.landed), mark="strong")),
        (say("report.refund"), lambda of: each(of, of.refund)),
        (say("report.margin_each"), margin),
        (say("report.margin_rate"), rate),
    )


def _cost(product: ProductResult, of: Quote) -> Figure:
    name = f"cost-{product.product}-{of.destination.lower()}"
    market = country_name(of.destination)
    caption = say("report.cost_lines_table", market=market)
    return quote.figure(name, market, of, quote.lines(f"{name}-lines", caption, of))


def book(result: StudyResult) -> Iterator[Block]:
    """The firm's own sales by price band."""
    products = [product for product in result.products if product.book]
    if products:
        yield Figures(tuple(map(_book, products)))


def _book(product: ProductResult) -> Figure:
    name, title, years = f"book-{product.product}", words.product(product), product.book
    places = sorted(book_chart.bands_with_sales(years))
    usd = money_column([band.value_usd for year in years for band in year.bands])
    table = table_of(
        f"{name}-table",
        say("report.book_table", product=title),
        [(year.year, year.bands[place]) for year in years for place in places],
        (say("report.year"), lambda row: str(row[0])),
        (text("report.band"), lambda row: words.band(row[1].low, row[1].high)),
        (say("report.sales", unit=usd.unit), lambda row: usd.cell(row[1].value_usd)),
        (say("report.share"), lambda row: percent(row[1].share, 0)),
        (say("report.change"), lambda row: value_or_dash(row[1].growth, change)),
    )
    picture = partial(book_chart.draw, name, title, years)
    most = max(years[-1].bands, key=lambda band: band.value_usd)
    found = words.finding(title, words.band(most.low, most.high), percent(most.share, 0))
    caption, source = say("report.book_caption"), say("report.source_own")
    return Figure(name, found, picture, caption, (table,), source=source)
