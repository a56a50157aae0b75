"""The firm's own sales by price band, year by year."""

from collections.abc import Collection, Sequence

from offing.report import words
from offing.report.drawing import WIDTH, Axis, Drawing, Scale, linear_ticks, text_width
from offing.study.result import BookYear
from offing.terms.messages import say
from offing.terms.numbers import money, money_column, moneys, percent

TOP, BOTTOM, LEFT = 26.0, 226.0, 8.0
STEPS = ("low", "medium", "high")


def band_step(number: int, bands: int) -> str:
    """The tint of a band: light for the cheapest, dark for the dearest."""
    return STEPS[round(number * (len(STEPS) - 1) / max(bands - 1, 1))]


def bands_with_sales(book: Sequence[BookYear]) -> set[int]:
    """The places of the bands in which anything was sold."""
    return {n for year in book for n, band in enumerate(year.bands) if band.value_usd > 0}


def draw(name: str, product: str, book: Sequence[BookYear]) -> str:
    """A bar for each year, its bands stacked from cheap to dear and named under the bars."""
    bands, right = bands_with_sales(book), float(WIDTH)
    told = len(bands) > 1
    highest = max((year.sales_usd for year in book), default=0.0) or 1.0
    step = (right - LEFT) / max(len(book), 1)
    unit, above = _above(book, step)
    y = Axis(0.0, highest, BOTTOM, TOP + 12.0 * bool(unit))
    height = BOTTOM + 28 + 20.0 * len(bands) * told
    title = say("report.book_title", product=product)
    pen = Drawing(name, height, title, _description(book))
    for tick in linear_ticks(0, highest, about=3)[1:]:
        pen.line(LEFT, y(tick), right, y(tick), "grid")
    if unit:
        pen.text(LEFT, 10, unit, "soft")
    thick = min(62.0, step * 0.62)
    for number, (year, text) in enumerate(zip(book, above, strict=True)):
        _bar(pen, year, y, (LEFT + step * (number + 0.5), thick), text, shares=told)
    pen.line(LEFT, BOTTOM, right, BOTTOM, "axis")
    if told:
        _names(pen, book[-1], bands)
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


def _names(pen: Drawing, year: BookYear, shown: Collection[int]) -> None:
    """The bands in which something was sold, from dear to cheap, with their tints."""
    for row, place in enumerate(sorted(shown, reverse=True)):
        at, band = BOTTOM + 28 + 20 * row, year.bands[place]
        pen.rect(LEFT, at, 14, 12, f"tier-{band_step(place, len(year.bands))} edge")
        pen.text(LEFT + 22, at + 10.5, words.band(band.low, band.high))
