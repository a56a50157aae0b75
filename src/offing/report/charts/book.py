"""The firm's own sales by price band, year by year."""

from collections.abc import Sequence

from offing.report import words
from offing.report.drawing import WIDTH, Axis, Drawing, Scale, linear_ticks
from offing.study.result import BookYear
from offing.terms.messages import say
from offing.terms.numbers import money, moneys, percent

TOP, BOTTOM, LEFT = 26.0, 226.0, 8.0
BESIDE_ROOM = 260.0
"""Units for the names of the bands on a wide page."""

STEPS = ("low", "medium", "high")


def band_step(number: int, bands: int) -> str:
    """The tint of a band: light for the cheapest, dark for the dearest."""
    return STEPS[round(number * (len(STEPS) - 1) / max(bands - 1, 1))]


def draw(name: str, product: str, book: Sequence[BookYear], width: float = WIDTH) -> str:
    """A bar for each year, its bands stacked from cheap to dear.

    On a wide page the bands are named to the right of the bars, else under them.
    """
    beside = width > WIDTH
    right, thicker = (width - BESIDE_ROOM, 1.6) if beside else (width, 1.0)
    highest = max((year.sales_usd for year in book), default=0.0) or 1.0
    bands = max((len(year.bands) for year in book), default=0)
    y = Axis(0.0, highest, BOTTOM, TOP)
    amount = moneys(year.sales_usd for year in book)
    said = words.series(
        say("report.book_desc_year", year=str(year.year), sales=amount(year.sales_usd))
        for year in book
    )
    height = BOTTOM + 28 + (0.0 if beside else 20.0 * bands)
    title = say("report.book_title", product=product)
    pen = Drawing(name, height, title, said, width=width)
    for tick in linear_ticks(0, highest, about=3)[1:]:
        pen.line(LEFT, y(tick), right, y(tick), "grid")
    step = (right - LEFT) / max(len(book), 1)
    thick = min(62.0, step * 0.62) * thicker
    for number, year in enumerate(book):
        _bar(pen, year, y, LEFT + step * (number + 0.5), thick)
    pen.line(LEFT, BOTTOM, right, BOTTOM, "axis")
    if book:
        start, top = (right + 24, TOP + 24) if beside else (LEFT, BOTTOM + 28)
        _names(pen, book[-1], start, top)
    return pen.svg()


def _bar(pen: Drawing, year: BookYear, y: Scale, middle: float, thick: float) -> None:
    low = 0.0
    for place, band in enumerate(year.bands):
        top = y(low + band.value_usd)
        size, step = y(low) - top, band_step(place, len(year.bands))
        pen.rect(middle - thick / 2, top, thick, size, f"tier-{step} edge")
        if size >= 16 and thick >= 34:
            pen.text(middle, top + size / 2 + 4.2, percent(band.share, 0), "", "middle")
        low += band.value_usd
    pen.text(middle, y(low) - 6, money(year.sales_usd), "strong", "middle")
    pen.text(middle, BOTTOM + 16, str(year.year), "soft", "middle")


def _names(pen: Drawing, year: BookYear, start: float, top: float) -> None:
    """The bands from dear to cheap with their tints."""
    for place, band in enumerate(reversed(year.bands)):
        at, step = top + 20 * place, band_step(len(year.bands) - 1 - place, len(year.bands))
        pen.rect(start, at, 14, 12, f"tier-{step} edge")
        pen.text(start + 22, at + 10.5, words.band(band.low, band.high))
