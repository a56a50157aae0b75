"""The price ladders of the first markets with our price on them, and all markets in a table."""

from offing.ladders.ladder import TIERS, Ladder, Place
from offing.report import words
from offing.report.blocks import (
    Block,
    Cell,
    Column,
    Figure,
    Figures,
    Heading,
    Section,
    Table,
    Text,
    columns,
)
from offing.report.charts import ladder as chart
from offing.study.result import MarketResult, ProductResult, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    change,
    count,
    money_column,
    percent,
    percent_range,
    price_digits,
    signed,
)

DRAWN = 6


def section(result: StudyResult) -> Section | None:
    """What sells at which price, and where ours stands."""
    blocks: list[Block] = [
        Text((say("report.ladder_lead"),)),
        Text((say("report.ladder_read"),), "note"),
    ]
    for product in result.products:
        if len(result.products) > 1:
            blocks.append(Heading(words.product(product)))
        blocks += _product(product, result.firm.origin)
    if len(blocks) == 2:
        return None
    return Section.of("ladders", blocks, "ladder")


def _product(product: ProductResult, origin: str) -> list[Block]:
    with_ladder = [market for market in product.markets if market.ladder]
    without = [country_name(market.market) for market in product.markets if not market.ladder]
    blocks: list[Block] = []
    figures = tuple(_figure(product, market, origin) for market in with_ladder[:DRAWN])
    if figures:
        blocks += [Figures(figures), _overview(product, with_ladder)]
    if without:
        blocks.append(Text((say("report.ladder_none", markets=words.listed(without)),), "note"))
    return blocks


def _figure(product: ProductResult, market: MarketResult, origin: str) -> Figure:
    ladder, place = market.ladder, market.place
    assert ladder is not None
    name = f"ladder-{product.product}-{market.market.lower()}"
    basis = say(f"report.basis_{ladder.basis}")
    caption = [say("report.ladder_caption", unit=words.unit(ladder.unit), basis=basis)]
    if not place:
        caption.append(say("report.ladder_no_place"))
    left_out = len(ladder.suppliers) - len(chart.drawn_suppliers(ladder))
    if left_out:
        caption.append(say("report.ladder_left_out", count=left_out))
    if ladder.note:
        caption.append(words.named(ladder.note))
    return Figure(
        name,
        say("report.ladder_market_year", market=country_name(market.market), year=ladder.year),
        chart.draw(name, ladder, place, origin),
        words.joined(caption),
        (_tiers(name, ladder), _suppliers(name, ladder)),
    )


def _a_year(growth: float | None) -> str:
    return NOTHING if growth is None else say("report.a_year", growth=change(growth))


def _bound(value: float | None) -> str:
    return price_digits(value) if value is not None else NOTHING


def _tiers_title(ladder: Ladder) -> str:
    title = say("report.ladder_tiers_table", market=country_name(ladder.market))
    if ladder.trend_years is None:
        return title
    first, last = ladder.trend_years
    return say("report.ladder_tiers_since", title=title, first=first, last=last)


def _tiers(name: str, ladder: Ladder) -> Table:
    column = money_column([tier.value_usd for tier in ladder.tiers])
    return Table(
        f"{name}-tiers",
        _tiers_title(ladder),
        (
            *columns("report", "tier* price_from price_to", unit=words.unit(ladder.unit)),
            *columns("report", "imports share growth drift leaders*", unit=column.unit),
        ),
        tuple(
            (
                Cell(words.tier(tier.name)),
                Cell(_bound(tier.low)),
                Cell(_bound(tier.high)),
                Cell(column.cell(tier.value_usd)),
                Cell(percent(tier.share)),
                Cell(_a_year(tier.growth)),
                Cell(points(tier.drift)),
                Cell(
                    words.listed(
                        f"{country_name(code)} {percent(share, 0)}"
                        for code, share in tier.suppliers[:2]
                    )
                    or NOTHING
                ),
            )
            for tier in ladder.tiers
        ),
    )


def points(drift: float | None) -> str:
    """Percentage points a year, with their sign."""
    return NOTHING if drift is None else signed(drift, 1)


def _suppliers(name: str, ladder: Ladder) -> Table:
    column = money_column([s.value_usd for s in ladder.suppliers])
    total = ladder.value_usd or 1.0
    return Table(
        f"{name}-suppliers",
        say("report.ladder_suppliers_table", market=country_name(ladder.market)),
        (
            *columns("report", "exporter* unit_value", unit=words.unit(ladder.unit)),
            *columns("report", "imports share remark*", unit=column.unit),
        ),
        tuple(
            (
                Cell(country_name(s.exporter)),
                Cell(_bound(s.unit_value)),
                Cell(column.cell(s.value_usd)),
                Cell(percent(s.value_usd / total)),
                Cell(words.named(s.dropped) if s.dropped else ""),
            )
            for s in ladder.suppliers[:20]
        ),
    )


def _overview(product: ProductResult, markets: list[MarketResult]) -> Table:
    rows = []
    largest = money_column([m.ladder.value_usd for m in markets if m.ladder])
    for market in markets:
        ladder = market.ladder
        assert ladder is not None
        shares = {tier.name: tier.share for tier in ladder.tiers}
        rows.append(
            (
                Cell(country_name(market.market)),
                Cell(largest.cell(ladder.value_usd)),
                Cell(price_digits(ladder.reference)),
                *(Cell(percent(shares[tier], 0), bar=shares[tier]) for tier in shares),
                Cell(price_digits(market.place.price) if market.place else NOTHING),
                Cell(below(market.place)),
                Cell(count(market.place.suppliers) if market.place else NOTHING),
                Cell(percent(ladder.coverage, 0)),
            )
        )
    unit = words.unit(product.unit)
    return Table(
        f"ladders-{product.product}",
        say("report.ladders_table", product=words.product(product)),
        (
            *columns("report", "market* imports", unit=largest.unit),
            *columns("report", "reference", unit=unit),
            *(Column(say("report.tier_share", tier=words.tier(tier))) for tier in TIERS),
            *columns("report", "our_price below_us exporters coverage", unit=unit),
        ),
        tuple(rows),
    )


def below(place: Place | None) -> str:
    """The share of value sold below our price, with its interval."""
    if place is None:
        return NOTHING
    return f"{percent(place.percentile, 0)} ({percent_range(place.low, place.high)})"
