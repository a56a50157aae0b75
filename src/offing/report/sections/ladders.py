"""The price ladders of the first markets with our price on them, and all markets in a table."""

from offing.ladders.ladder import Ladder, Place
from offing.report import words
from offing.report.blocks import Block, Cell, Column, Figure, Figures, Heading, Section, Table, Text
from offing.report.tellings.ladder import bound, figure, tiers_table
from offing.study.result import MarketResult, ProductResult, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    count,
    money_column,
    percent,
    percent_range,
    price_digits,
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
    return Section(
        "ladders", say("report.ladder_heading"), say("report.ladder_short"), tuple(blocks)
    )


def _product(product: ProductResult, origin: str) -> list[Block]:
    with_ladder = [market for market in product.markets if market.ladder]
    without = [country_name(market.market) for market in product.markets if not market.ladder]
    blocks: list[Block] = []
    figures = tuple(
        _figure(f"ladder-{product.product}-{market.market.lower()}", market, origin)
        for market in with_ladder[:DRAWN]
    )
    if figures:
        blocks += [Figures(figures), _overview(product, with_ladder)]
    if without:
        blocks.append(Text((say("report.ladder_none", markets=words.listed(without)),), "note"))
    return blocks


def _figure(name: str, market: MarketResult, origin: str) -> Figure:
    ladder = market.ladder
    assert ladder is not None
    tables = (tiers_table(name, ladder, with_leaders=True), _suppliers(name, ladder))
    return figure(name, ladder, market.place, origin, tables)


def _suppliers(name: str, ladder: Ladder) -> Table:
    column = money_column([s.value_usd for s in ladder.suppliers])
    total = ladder.value_usd or 1.0
    return Table(
        f"{name}-suppliers",
        say("report.ladder_suppliers_table", market=country_name(ladder.market)),
        (
            Column(say("report.exporter"), number=False),
            Column(say("report.unit_value", unit=words.unit(ladder.unit))),
            Column(say("report.imports", unit=column.unit)),
            Column(say("report.share")),
            Column(say("report.remark"), number=False),
        ),
        tuple(
            (
                Cell(country_name(s.exporter)),
                Cell(bound(s.unit_value)),
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
            Column(say("report.market"), number=False),
            Column(say("report.imports", unit=largest.unit)),
            Column(say("report.reference", unit=unit)),
            *(
                Column(say("report.tier_share", tier=words.tier(t)))
                for t in ("low", "medium", "high")
            ),
            Column(say("report.our_price", unit=unit)),
            Column(say("report.below_us")),
            Column(say("report.exporters")),
            Column(say("report.coverage")),
        ),
        tuple(rows),
    )


def below(place: Place | None) -> str:
    """The share of value sold below our price, with its interval."""
    if place is None:
        return NOTHING
    return f"{percent(place.percentile, 0)} ({percent_range(place.low, place.high)})"
