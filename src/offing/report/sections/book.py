"""The firm's own sales by price band, with the sentence on what grew."""

from offing.report import words
from offing.report.blocks import Figure, Figures, Section, Table, Text, table_of, text
from offing.report.charts import book as chart
from offing.report.drawing import PAGE, two_sizes
from offing.study.result import BookYear, ProductResult, StudyResult
from offing.terms.messages import say
from offing.terms.numbers import change, known, money, money_column, percent

MANIFOLD = 9.0
"""From growth to ten times the sales on, both are told: nobody reads 15,254 %."""


def section(result: StudyResult) -> Section | None:
    """One figure for each product that the ledger has."""
    figures = []
    said: list[str] = []
    for product in result.products:
        if product.book:
            figures.append(_figure(product, alone=len(result.products) == 1))
            said += sentences(product)
    if not figures:
        return None
    return Section.of("book", (Text(tuple(said), "list"), Figures(tuple(figures))))


def sentences(product: ProductResult) -> list[str]:
    """How each band changed from the year before, the dearest first."""
    year = product.book[-1]
    single = len(chart.sold(product.book)) == 1
    said = []
    for band in reversed(year.bands):
        if band.growth is None:
            continue
        kind = "grew" if band.growth >= 0 else "fell"
        if single:
            kind = f"all_{kind}"
        elif band.growth > MANIFOLD:
            kind = "from"
        said.append(
            say(
                f"report.book_{kind}",
                product=words.product(product),
                band=words.band(band.low, band.high),
                change=percent(abs(band.growth)),
                before=money(band.value_usd / (1 + max(band.growth, 0.0))),
                year=str(year.year),
                sales=money(band.value_usd),
                share=percent(band.share, 0),
            )
        )
    return said


def _figure(product: ProductResult, *, alone: bool) -> Figure:
    name, title = f"book-{product.product}", words.product(product)

    def picture() -> str:
        drawn = chart.draw(name, title, product.book)
        if alone:
            drawn = two_sizes(drawn, chart.draw(f"{name}-wide", title, product.book, PAGE))
        return drawn

    return Figure(
        name,
        title,
        picture,
        say(
            "report.book_caption"
            if len(chart.sold(product.book)) > 1
            else "report.book_caption_all"
        ),
        (_table(name, product, product.book),),
        wide=alone,
    )


def _table(name: str, product: ProductResult, book: tuple[BookYear, ...]) -> Table:
    places = sorted(chart.sold(book))
    usd = money_column([band.value_usd for year in book for band in year.bands])
    return table_of(
        f"{name}-table",
        say("report.book_table", product=words.product(product)),
        [(year.year, year.bands[place]) for year in book for place in places],
        (say("report.year"), lambda row: str(row[0])),
        (text("report.band"), lambda row: words.band(row[1].low, row[1].high)),
        (say("report.sales", unit=usd.unit), lambda row: usd.cell(row[1].value_usd)),
        (say("report.share"), lambda row: percent(row[1].share, 0)),
        (say("report.change"), lambda row: known(row[1].growth, change)),
    )
