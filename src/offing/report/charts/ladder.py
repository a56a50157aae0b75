"""The price ladder of a market: tiers as bands, suppliers as dots, our price as a line across."""

from math import log, sqrt

from offing.ladders.ladder import Ladder, PricePlace, PriceTier, Supplier
from offing.report import words
from offing.report.drawing import TEXT, WIDTH, Drawing, Scale, fits, log_ticks, space_apart
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import percent, percent_range, price_digits

TOP, BOTTOM, LEFT = 12.0, 292.0, 58.0
DOTS = 186.0
NAMES = 214.0
LARGEST_DOT = 15.0
NAMED = 9
TIERS_END = 112.0
"""Where the names of tiers end; dots stay to the right of it."""
CLEAR = 20.0
"""How far the name of a tier stays from our line."""
STRIP = 336.0
HEIGHT = 352.0


def drawn_suppliers(ladder: Ladder) -> list[Supplier]:
    """The exporters that the picture shows: with a usable unit value, the 14 largest."""
    usable = [s for s in ladder.suppliers if s.unit_value and s.value_usd > 0]
    return sorted(usable, key=lambda s: (-s.value_usd, s.exporter))[:14]


def span(ladder: Ladder, *more: float) -> tuple[float, float]:
    """The lowest and highest price that the picture shows, with room around its suppliers."""
    prices = [s.unit_value for s in drawn_suppliers(ladder) if s.unit_value]
    edges = [edge for tier in ladder.tiers for edge in (tier.low, tier.high) if edge]
    prices += [*edges, ladder.reference, *more]
    return min(prices) / 1.35, max(prices) * 1.35


def draw(name: str, ladder: Ladder, place: PricePlace | None, origin: str) -> str:
    """The ladder as SVG.

    Args:
        name: unique on the page.
        ladder: the market's ladder.
        place: where our price stands, or ``None``.
        origin: alpha-3 of our own country, which is set off.
    """
    suppliers = drawn_suppliers(ladder)
    low, high = span(ladder, *([place.price] if place else []))

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * log(value / low) / log(high / low)

    title = say("report.ladder_title", market=country_name(ladder.market), year=ladder.year)
    pen = Drawing(name, HEIGHT, title, _description(ladder, place))
    bands = _bands(pen, ladder, y, low, high)
    _axis(pen, y, low, high, y(place.price) if place else None)
    _dots(pen, suppliers, y, origin, ladder)
    if place:
        at = y(place.price)
        pen.line(LEFT, at, NAMES - 5, at, "ours-line")
        pen.rect(2, at - 9, LEFT - 2, 18, "ours-fill", rx=3)
        pen.text((LEFT + 2) / 2, at + 4.2, price_digits(place.price), "on-ours strong", "middle")
    _tiers(pen, bands, y(place.price) if place else None)
    _strip(pen, ladder, place)
    return pen.svg()


def _description(ladder: Ladder, place: PricePlace | None) -> str:
    tiers = [f"{words.tier(t.name)} {percent(t.share)}" for t in ladder.tiers if t.value_usd > 0]
    return words.series([*tiers, *([_below(place)] if place else [])])


def _below(place: PricePlace) -> str:
    """What is sold below our price."""
    span_below, share = percent_range(place.low, place.high), percent(place.percentile)
    return say("report.ladder_below", share=share, range=span_below)


def _bands(
    pen: Drawing, ladder: Ladder, y: Scale, low: float, high: float
) -> list[tuple[PriceTier, float, float]]:
    """The tiers as bands; each with its top and bottom."""
    bands = []
    for tier in ladder.tiers:
        if tier.low and tier.high and tier.low >= tier.high:
            continue  # methods of two tiers leave the middle one empty
        top, bottom = y(min(tier.high or high, high)), y(max(tier.low or low, low))
        pen.rect(LEFT, top, WIDTH - LEFT, bottom - top, f"tier-{tier.name}")
        bands.append((tier, top, bottom))
    return bands


def _tiers(pen: Drawing, bands: list[tuple[PriceTier, float, float]], ours: float | None) -> None:
    """Names of tiers near the middle of their band, clear of each other and of our line."""
    middles = []
    for _, top, bottom in bands:
        middle = (top + bottom) / 2
        if ours is not None and abs(ours - middle) < CLEAR:
            middle = (top + ours) / 2 if ours - top > bottom - ours else (ours + bottom) / 2
        middles.append(middle)
    for (tier, _, _), middle in zip(
        bands, space_apart(middles, 30, TOP + 14, BOTTOM - 16), strict=True
    ):
        pen.text(LEFT + 6, middle + 5, say(f"ladder.tier_{tier.name}"), "strong")


def _axis(pen: Drawing, y: Scale, low: float, high: float, ours: float | None) -> None:
    for tick in log_ticks(low, high):
        if ours is None or abs(y(tick) - ours) > 15:
            pen.line(LEFT - 4, y(tick), LEFT, y(tick), "axis")
            pen.text(LEFT - 7, y(tick) + 4.2, price_digits(tick).removesuffix(".0"), "soft", "end")


def _dots(pen: Drawing, suppliers: list[Supplier], y: Scale, origin: str, ladder: Ladder) -> None:
    where = _dot_positions(suppliers, y)
    named = suppliers[:NAMED]
    if origin not in {s.exporter for s in named}:
        named += [s for s in suppliers if s.exporter == origin]
    rows = space_apart([where[s.exporter][1] for s in named], 14, TOP + 5, BOTTOM - 5)
    for supplier, row in zip(named, rows, strict=True):
        x, at, _ = where[supplier.exporter]
        pen.path(f"M{x:.1f} {at:.1f}L{NAMES - 3:.1f} {row:.1f}", "leader")
    for supplier in suppliers:
        each = words.price_per(supplier.unit_value or 0.0, ladder.unit)
        share = _share(supplier, ladder)
        pen.open(f"{country_name(supplier.exporter)} {each} {share}")
        pen.circle(*where[supplier.exporter], "own" if supplier.exporter == origin else "rival")
        pen.close()
    for supplier, row in zip(named, rows, strict=True):
        share = _share(supplier, ladder)
        text = f"{country_name(supplier.exporter)} {share}"
        short = f"{words.short_name(supplier.exporter)} {share}"
        cls = "strong ours-text" if supplier.exporter == origin else ""
        pen.text(NAMES, row + 4.2, fits(text, WIDTH - NAMES, short), cls)


def _share(supplier: Supplier, ladder: Ladder) -> str:
    return percent(supplier.value_usd / ladder.value_usd) if ladder.value_usd else ""


def _dot_positions(suppliers: list[Supplier], y: Scale) -> dict[str, tuple[float, float, float]]:
    """Exporter → centre and radius of its dot, the largest first.

    Dots of nearly the same price stand side by side, the smaller ones to the left.
    """
    where: dict[str, tuple[float, float, float]] = {}

    def clear(x: float, at: float, radius: float) -> bool:
        others = where.values()
        return all((x - a) ** 2 + (at - b) ** 2 >= (radius + r) ** 2 for a, b, r in others)

    for supplier in suppliers:
        assert supplier.unit_value is not None  # see drawn_suppliers
        radius = max(3.0, LARGEST_DOT * sqrt(supplier.value_usd / suppliers[0].value_usd))
        at = y(supplier.unit_value)
        steps = (DOTS - 5.0 * step for step in range(13))
        free = (x for x in steps if x - radius > TIERS_END and clear(x, at, radius))
        where[supplier.exporter] = (next(free, DOTS), at, radius)
    return where


def _strip(pen: Drawing, ladder: Ladder, place: PricePlace | None) -> None:
    """Below: how much is sold in each tier, and the part of all that is cheaper than us."""
    # Here a share is seen to be one; beside a band's name it was read as a price above another's.
    shares = words.series(
        f"{say(f'ladder.tier_{tier.name}')} {percent(tier.share, 0)}" for tier in ladder.tiers
    )
    pen.text(8.0, STRIP - 12, say("report.ladder_strip", shares=shares), "soft")
    if place:
        pen.text(8.0, STRIP + 8, _below(place), "strong ours-text", size=TEXT)
