"""A market's price ladder and the place of a price on it, told."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from offing.ladders.ladder import Ladder, PricePlace, PriceTier
from offing.report import words
from offing.report.blocks import (
    Block,
    Figure,
    Figures,
    Heading,
    Table,
    Text,
    cautions,
    table_of,
    text,
)
from offing.report.charts import ladder as chart
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    Number,
    change,
    fixed_decimals,
    money,
    money_column,
    percent,
    price_digits,
    value_or_dash,
)
from offing.terms.products import product_label

if TYPE_CHECKING:
    from offing.api.ladder import LadderAnswer

LARGEST = 3
WORTH_SAYING = 0.05
"""Probability from which a tier other than the likeliest is named."""


def view(answer: "LadderAnswer") -> tuple[Block, ...]:
    """The ladder's tiers, suppliers and bands, what could not be placed, and the price."""
    ladder = answer.ladder
    market = country_name(ladder.market)
    heading = say(
        "ladder.heading", product=product_label(ladder.product), market=market, year=ladder.year
    )
    note = ["ladder.caution_averages", *(["ladder.caution_kg"] if ladder.unit == "kg" else [])]
    return (
        Text((heading,), "lead"),
        Text(tuple(_about(ladder, own=answer.own))),
        Figures((figure("ladder", ladder, answer.place, "", ()),)),
        tiers_table("ladder", ladder, with_leaders=False),
        Heading(say("ladder.suppliers")),
        Text(tuple(_suppliers_of(tier) for tier in reversed(ladder.tiers) if tier.suppliers)),
        *_bands(ladder),
        *_omitted_flows(ladder),
        Text(tuple(map(say, note)), "note"),
        *(_place(ladder, answer.place) if answer.place else ()),
        *cautions(answer.cautions),
    )


def _about(ladder: Ladder, *, own: bool) -> Iterable[str]:
    unit, basis = say(f"ladder.unit_{ladder.unit}"), say(f"ladder.basis_{ladder.basis}")
    yield say("ladder.heading_prices", unit=unit, basis=basis, dataset=ladder.dataset)
    rule = say(f"ladder.method_{ladder.method.replace('-', '_')}")
    reference = price_digits(ladder.reference)
    yield say("ladder.heading_tiers", method=ladder.method, rule=rule, reference=reference)
    if own and ladder.method != "mean-2011":
        yield say("ladder.heading_own")
    coverage = percent(ladder.coverage, 1)
    yield say("ladder.heading_imports", usd=money(ladder.value_usd), coverage=coverage)


def figure(
    name: str, ladder: Ladder, place: PricePlace | None, origin: str, tables: tuple[Table, ...]
) -> Figure:
    """The ladder as a picture, with tables of its numbers."""
    basis = say(f"report.basis_{ladder.basis}")
    caption = [say("report.ladder_caption", unit=words.unit(ladder.unit), basis=basis)]
    if origin and not place:
        caption.append(say("report.ladder_no_place"))
    if left_out := len(ladder.suppliers) - len(chart.drawn_suppliers(ladder)):
        caption.append(say("report.ladder_left_out", count=left_out))
    if ladder.note:
        caption.append(words.message_or_last(ladder.note))
    caption.append(say("report.source_line", source=ladder.dataset))
    title = say("report.ladder_market_year", market=country_name(ladder.market), year=ladder.year)
    if first := max(ladder.suppliers, key=lambda one: one.value_usd, default=None):
        share = percent(first.value_usd / (ladder.value_usd or 1.0), 0)
        title = words.finding(title, country_name(first.exporter), share)
    return Figure(
        name,
        title,
        partial(chart.draw, name, ladder, place, origin),
        words.join_sentences(caption),
        tables,
    )


def tiers_table(name: str, ladder: Ladder, *, with_leaders: bool) -> Table:
    """The price tiers: bounds, imports, growth, drift and the largest suppliers."""
    title = say("report.ladder_tiers_table", market=country_name(ladder.market))
    if ladder.trend_years:
        first, last = ladder.trend_years
        title = say("report.ladder_tiers_since", title=title, first=first, last=last)
    usd, unit = money_column([tier.value_usd for tier in ladder.tiers]), words.unit(ladder.unit)
    return table_of(
        f"{name}-tiers",
        title,
        [tier for tier in ladder.tiers if tier.value_usd > 0 or tier.low != tier.high],
        (say("report.tier"), lambda tier: words.tier(tier.name)),
        (say("report.price_from", unit=unit), lambda tier: value_or_dash(tier.low, price_digits)),
        (say("report.price_to", unit=unit), lambda tier: value_or_dash(tier.high, price_digits)),
        (say("report.imports", unit=usd.unit), lambda tier: usd.cell(tier.value_usd)),
        (say("report.share"), lambda tier: percent(tier.share)),
        (say("report.growth"), lambda tier: value_or_dash(tier.growth, _a_year)),
        (say("report.drift"), lambda tier: value_or_dash(tier.drift, points)),
        (text("report.leaders"), _leaders) if with_leaders else None,
    )


def _a_year(growth: Number) -> str:
    return say("report.a_year", growth=change(growth))


def points(drift: Number) -> str:
    """Percentage points a year, with their sign."""
    sign = "+" if drift > 0.05 else "−" if drift < -0.05 else ""
    return f"{sign}{abs(drift):.1f}"


def _leaders(tier: PriceTier, count: int = 2) -> str:
    named = (f"{country_name(code)} {percent(share, 0)}" for code, share in tier.suppliers[:count])
    return words.join_words(named) or NOTHING


def _suppliers_of(tier: PriceTier) -> str:
    return say(
        "ladder.suppliers_of",
        tier=say(f"ladder.tier_{tier.name}"),
        count=len(tier.suppliers),
        concentration=fixed_decimals(tier.concentration, 2),
        list=_leaders(tier, LARGEST),
    )


def _bands(ladder: Ladder) -> Iterable[Block]:
    if not ladder.bands:
        return
    usd = money_column([band.value_usd for band in ladder.bands])
    yield table_of(
        "ladder-bands",
        say("ladder.bands"),
        ladder.bands,
        (say("report.band"), lambda band: words.band(band.low, band.high)),
        (say("report.imports", unit=usd.unit), lambda band: usd.cell(band.value_usd)),
        (say("report.share"), lambda band: percent(band.share)),
        (say("ladder.band_growth"), lambda band: value_or_dash(band.steady, _a_year)),
    )
    yield Text((say("ladder.bands_caution"), *_threshold_crossings(ladder)), "note")


def _threshold_crossings(ladder: Ladder) -> Iterator[str]:
    """Bands that grew or shrank because an exporter's average crossed a threshold."""
    for band in ladder.bands:
        if not band.crossed:
            continue
        yield say(
            "ladder.band_crossed",
            band=words.band(band.low, band.high),
            names=words.join_words(map(country_name, band.crossed[:LARGEST])),
            growth=value_or_dash(band.growth, _a_year),
            since=str(band.since),
            year=str(ladder.year),
        )


def _omitted_flows(ladder: Ladder) -> Iterable[Block]:
    if not ladder.dropped:
        return
    yield Heading(say("ladder.not_placed"))
    yield Text(
        tuple(
            say("ladder.not_placed_line", flows=flows, usd=money(value), reason=say(reason))
            for reason, (flows, value) in ladder.dropped.items()
        )
    )


def _place(ladder: Ladder, place: PricePlace) -> tuple[Block, ...]:
    nearest = [
        say("ladder.place_supplier", name=country_name(code), price=price_digits(unit_value))
        for code, unit_value in place.nearest
    ]
    stands = say(
        "ladder.place",
        price=price_digits(place.price),
        unit=say(f"ladder.unit_{ladder.unit}"),
        percentile=percent(place.percentile, 0),
        low=percent(place.low, 0),
        high=percent(place.high, 0),
        market=country_name(ladder.market),
    )
    basis = say(f"ladder.basis_{ladder.basis}")
    near = say("evidence.joint").join(nearest)
    return (
        Text((stands,), "lead"),
        Text(
            (
                say("ladder.place_tiers", **tier_words(place), nearest=near),
                say("ladder.place_basis", suppliers=place.suppliers, basis=basis),
            )
        ),
    )


def tier_words(place: PricePlace) -> dict[str, str]:
    """The likeliest tier with its probability, and the others that are possible."""
    (first, probability), *rest = sorted(place.tiers.items(), key=lambda item: -item[1])
    others = [
        say(
            "ladder.place_other_tier",
            tier=say(f"ladder.tier_{tier}").lower(),
            share=fixed_decimals(share, 2),
        )
        for tier, share in rest
        if share >= WORTH_SAYING
    ]
    return {
        "tier": say(f"ladder.tier_{first}").lower(),
        "share": fixed_decimals(probability, 2),
        "others": "".join(others),
    }
