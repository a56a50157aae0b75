"""The price ladders of the first markets with our price on them, and all markets in a table."""

from offing.ladders.ladder import TIERS, Ladder, PricePlace, Tier
from offing.report import words
from offing.report.blocks import (
    Block,
    Cell,
    Figure,
    Figures,
    Folded,
    Heading,
    Section,
    Shown,
    Table,
    Text,
    table_of,
    text,
)
from offing.report.views.ladder import figure, tiers_table
from offing.study.result import MarketResult, ProductResult, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    count,
    known,
    money_column,
    percent,
    percent_range,
    price_digits,
)

DRAWN = 3
FOLDED = 6
"""Further ladders that open on demand."""
Row = tuple[Ladder, PricePlace | None]


def section(result: StudyResult) -> Section | None:
    """What sells at which price, and where ours stands."""
    blocks: list[Block] = [
        Text((say("report.ladder_lead"),)),
        Text((say("report.ladder_read"),), "note"),
    ]
    for number, product in enumerate(result.products):
        told = _product(product, result.firm.origin)
        if number and told:  # of several models the first stands open
            blocks.append(Folded(words.product(product), tuple(told)))
            continue
        if len(result.products) > 1:
            blocks.append(Heading(words.product(product)))
        blocks += told
    return None if len(blocks) == 2 else Section.of("ladders", blocks, "ladder")


def _product(product: ProductResult, origin: str) -> list[Block]:
    with_ladder = [market for market in product.markets if market.ladder]
    without = [country_name(market.market) for market in product.markets if not market.ladder]
    blocks: list[Block] = []
    figures = tuple(
        _figure(f"ladder-{product.product}-{market.market.lower()}", market, origin)
        for market in with_ladder[: DRAWN + FOLDED]
    )
    if figures:
        further: list[Block] = [Figures(figures[DRAWN:])] if figures[DRAWN:] else []
        further.append(_overview(product, with_ladder))
        blocks.append(Figures(figures[:DRAWN]))
        blocks.append(Folded(say("report.ladder_rest", count=len(with_ladder)), tuple(further)))
    if without:
        blocks.append(Text((say("report.ladder_none", markets=words.listed(without)),), "note"))
    return blocks


def _figure(name: str, market: MarketResult, origin: str) -> Figure:
    ladder = market.ladder
    assert ladder is not None
    tables = (tiers_table(name, ladder, with_leaders=True), _suppliers(name, ladder))
    return figure(name, ladder, market.place, origin, tables)


def _suppliers(name: str, ladder: Ladder) -> Table:
    usd = money_column([s.value_usd for s in ladder.suppliers])
    total, unit = ladder.value_usd or 1.0, words.unit(ladder.unit)
    remark = text("report.remark")
    return table_of(
        f"{name}-suppliers",
        say("report.ladder_suppliers_table", market=country_name(ladder.market)),
        ladder.suppliers[:20],
        (say("report.exporter"), lambda s: country_name(s.exporter)),
        (say("report.unit_value", unit=unit), lambda s: known(s.unit_value, price_digits)),
        (say("report.imports", unit=usd.unit), lambda s: usd.cell(s.value_usd)),
        (say("report.share"), lambda s: percent(s.value_usd / total)),
        (remark, lambda s: words.named(s.dropped) if s.dropped else ""),
    )


def _overview(product: ProductResult, markets: list[MarketResult]) -> Table:
    rows = [(m.ladder, m.place) for m in markets if m.ladder]
    usd, unit = money_column([ladder.value_usd for ladder, _ in rows]), words.unit(product.unit)

    def share(tier: Tier) -> Shown[Row]:
        def cell(row: Row) -> Cell:
            share = next(band.share for band in row[0].tiers if band.name == tier)
            return Cell(percent(share, 0), bar=share)

        return say("report.tier_share", tier=words.tier(tier)), cell

    return table_of(
        f"ladders-{product.product}",
        say("report.ladders_table", product=words.product(product)),
        rows,
        (say("report.market"), lambda row: country_name(row[0].market)),
        (say("report.imports", unit=usd.unit), lambda row: usd.cell(row[0].value_usd)),
        (say("report.reference", unit=unit), lambda row: price_digits(row[0].reference)),
        *map(share, TIERS),
        (say("report.our_price", unit=unit), lambda row: known(_price(row), price_digits)),
        (say("report.below_us"), lambda row: below(row[1])),
        (say("report.exporters"), lambda row: count(row[1].suppliers) if row[1] else NOTHING),
        (say("report.coverage"), lambda row: percent(row[0].coverage, 0)),
    )


def _price(row: Row) -> float | None:
    return row[1].price if row[1] else None


def below(place: PricePlace | None) -> str:
    """The share of value sold below our price, with its interval."""
    if place is None:
        return NOTHING
    return f"{percent(place.percentile, 0)} ({percent_range(place.low, place.high)})"
