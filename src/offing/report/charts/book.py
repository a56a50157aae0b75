"""The firm's own sales by price band, year by year."""

from collections.abc import Sequence

from offing.report import words
from offing.report.drawing import WIDTH, Drawing, linear_ticks
from offing.report.numbers import money, percent
from offing.study.shape import BookYear
from offing.terms.messages import say

TOP, BOTTOM, LEFT = 26.0, 226.0, 8.0
STEPS = ("low", "medium", "high")


def band_step(number: int, bands: int) -> str:
    """The tint of a band: light for the cheapest, dark for the dearest."""
    return STEPS[round(number * (len(STEPS) - 1) / max(bands - 1, 1))]


def draw(name: str, product: str, book: Sequence[BookYear]) -> str:
    """A bar for each year, its bands stacked from cheap to dear."""
    highest = max((year.sales_usd for year in book), default=0.0) or 1.0
    bands = max((len(year.bands) for year in book), default=0)

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * value / highest

    said = words.series(
        say("report.book_desc_year", year=str(year.year), sales=money(year.sales_usd))
        for year in book
    )
    legend = 20.0 * bands
    pen = Drawing(name, BOTTOM + 28 + legend, say("report.book_title", product=product), said)
    for tick in linear_ticks(0, highest, about=3)[1:]:
        pen.line(LEFT, y(tick), WIDTH, y(tick), "grid")
    step = (WIDTH - LEFT) / max(len(book), 1)
    width = min(62.0, step * 0.62)
    for number, year in enumerate(book):
        middle = LEFT + step * (number + 0.5)
        low = 0.0
        for place, band in enumerate(year.bands):
            top = y(low + band.value_usd)
            size = y(low) - top
            pen.rect(middle - width / 2, top, width, size, f"tier-{band_step(place, bands)} edge")
            if size >= 16 and width >= 34:
                pen.text(middle, top + size / 2 + 4.2, percent(band.share, 0), "", "middle")
            low += band.value_usd
        pen.text(middle, y(low) - 6, money(year.sales_usd), "strong", "middle")
        pen.text(middle, BOTTOM + 16, str(year.year), "soft", "middle")
    pen.line(LEFT, BOTTOM, WIDTH, BOTTOM, "axis")
    if book:
        for place, band in enumerate(reversed(book[-1].bands)):
            at = BOTTOM + 28 + 20 * place
            cls = f"tier-{band_step(bands - 1 - place, bands)} edge"
            pen.rect(LEFT, at, 14, 12, cls)
            pen.text(LEFT + 22, at + 10.5, words.band(band.low, band.high))
    return pen.svg()
