"""The firm's own sales by price band, year by year."""

from collections.abc import Collection, Sequence

from offing.report import words
from offing.report.drawing import WIDTH, Axis, Drawing, Scale, linear_ticks, text_width
from offing.study.result import BookYear
from offing.terms.messages import say
from offing.terms.numbers import money, money_column, moneys, percent

TOP, BOTTOM, LEFT = 26.0, 226.0, 8.0
BESIDE_ROOM = 260.0
"""Units for the names of the bands on a wide page."""

STEPS = ("low", "medium", "high")


def band_step(number: int, bands: int) -> str:
    """The tint of a band: light for the cheapest, dark for the dearest."""
    return STEPS[round(number * (len(STEPS) - 1) / max(bands - 1, 1))]


def bands_with_sales(book: Sequence[BookYear]) -> set[int]:
    """The places of the bands in which anything was sold."""
    return {n for year in book for n, band in enumerate(year.bands) if band.value_usd > 0}


def draw(name: str, product: str, book: Sequence[BookYear], width: float = WIDTH) -> str:
    """A bar for each year, its bands stacked from cheap to dear.

    On a wide page the bands are named to the right of the bars, else under them.
    """
    beside, bands = width > WIDTH, bands_with_sales(book)
    told = len(bands) > 1
    right, thicker = (width - BESIDE_ROOM * told, 1.6) if beside else (width, 1.0)
    highest = max((year.sales_usd for year in book), default=0.0) or 1.0
    step = (right - LEFT) / max(len(book), 1)
    unit, above = _above(book, step)
    y = Axis(0.0, highest, BOTTOM, TOP + 12.0 * bool(unit))
    height = BOTTOM + 28 + (0.0 if beside or not told else 20.0 * len(bands))
    title = say("report.book_title", product=product)
    pen = Drawing(name, height, title, _description(book), width=width)
    for tick in linear_ticks(0, highest, about=3)[1:]:
        pen.line(LEFT, y(tick), right, y(tick), "grid")
    if unit:
        pen.text(LEFT, 10, unit, "soft")
    thick = min(62.0, step * 0.62) * thicker
    for number, (year, text) in enumerate(zip(book, above, strict=True)):
        _bar(pen, year, y, (LEFT + step * (number + 0.5), thick), text, shares=told)
    pen.line(LEFT, BOTTOM, right, BOTTOM, "axis")
    if told:
        start, top = (right + 24, TOP + 24) if beside else (LEFT, BOTTOM + 28)
        _names(pen, book[-1], bands, (start, top))
    return pen.svg()


def _description(book: Sequence[BookYear]) -> str:
    amount = moneys(year.sales_usd for year in book)
    return words.series(f"{year.year} {amount(year.sales_usd)}" for year in book)


def _above(book: Sequence[BookYear], step: float) -> tuple[str, list[str]]:
    """What stands over each bar; where that is wider than its place, the unit apart, said once."""
    sales = [year.sales_usd for year in book]
    whole = list(map(moneys(sales), sales))
    if all(text_width(text, bold=True) < step for text in whole):
        return "", whole
    column = money_column(sales)
    return column.unit, list(map(column.cell, sales))


def _bar(
    pen: Drawing, year: BookYear, y: Scale, where: tuple[float, float], above: str, *, shares: bool
) -> None:
    """A year's bar: its middle and how thick it is, the text above it, its bands' shares."""
    (middle, thick), low = where, 0.0
    for place, band in enumerate(year.bands):
        top = y(low + band.value_usd)
        size, step = y(low) - top, band_step(place, len(year.bands))
        name = words.band(band.low, band.high)
        pen.open(f"{year.year} {name} {money(band.value_usd)} {percent(band.share, 0)}")
        pen.rect(middle - thick / 2, top, thick, size, f"tier-{step} edge")
        if shares and size >= 16 and thick >= 34:
            pen.text(middle, top + size / 2 + 4.2, percent(band.share, 0), "", "middle")
        pen.close()
        low += band.value_usd
    pen.text(middle, y(low) - 6, above, "strong", "middle")
    pen.text(middle, BOTTOM + 16, str(year.year), "soft", "middle")


def _names(
    pen: Drawing, year: BookYear, shown: Collection[int], corner: tuple[float, float]
) -> None:
    """The bands in which something was sold, from dear to cheap, with their tints."""
    start, top = corner
    for row, place in enumerate(sorted(shown, reverse=True)):
        at, step, band = top + 20 * row, band_step(place, len(year.bands)), year.bands[place]
        pen.rect(start, at, 14, 12, f"tier-{step} edge")
        pen.text(start + 22, at + 10.5, words.band(band.low, band.high))
