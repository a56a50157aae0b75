"""The four axes of every segment, and the measures behind the first ones."""

from offing.forecast.results import AXES, AxisMeasure, AxisName, Segment, verdict
from offing.report import words
from offing.report.blocks import Block, Cell, Folded, Heading, Section, Table, Text, table_of, text
from offing.report.views.markets import Titled, axes_table, why_total
from offing.study.result import ProductResult, StudyResult
from offing.terms.messages import say
from offing.terms.numbers import count, digits, distance, fixed, known, money, percent, yearly

SHOWN = 12
WITH_PARTS = 5

Placed = tuple[tuple[int, Segment], ...]
"""Segments with their places in the ranking, from 1."""


def section(result: StudyResult) -> Section | None:
    """Demand, competition, access and fit; what is not known stays empty."""
    blocks: list[Block] = [Text((say("report.axes_short_lead"),))]
    means = Text(tuple(say(f"report.axis_{name}_means") for name in AXES), "list")
    before = len(blocks)
    for product in words.once_a_code(result.products):
        segments = product.ranking.segments
        if not segments:
            continue
        if len(result.products) > 1:
            blocks.append(Heading(words.product(product)))
        shown = ours(result, product)
        name, title = f"axes-{product.product}", words.product(product)
        years = product.ranking.horizon
        blocks.append(Text((why_total(verdict(product.backtest)),)))
        caption = say("report.axes_table", product=title)
        table = axes_table(f"{name}-ours", caption, _titled(shown, numbered=False), years)
        lead = Text((say("report.axes_lead"),))
        blocks.append(Folded(say("report.axes_ours", count=len(shown)), (lead, means, table)))
        blocks.append(
            Folded(
                say("report.axes_parts"),
                tuple(_parts(product, rank, segment) for rank, segment in shown[:WITH_PARTS]),
            )
        )
        if len(segments) > len(shown):
            everything = _titled(tuple(enumerate(segments, start=1)), numbered=True)
            caption = say("report.axes_all_table", product=title)
            blocks.append(
                Folded(
                    say("report.axes_rest", count=len(segments)),
                    (axes_table(f"{name}-all", caption, everything, years),),
                )
            )
    return None if len(blocks) == before else Section.of("axes", blocks)


def ours(result: StudyResult, product: ProductResult) -> Placed:
    """The segments of the plan in its order, with their places in the ranking.

    They are those where our price stands. Without a plan it is the first of the ranking.
    """
    placed = {
        (s.market, s.tier): (rank, s) for rank, s in enumerate(product.ranking.segments, start=1)
    }
    planned = [(r.market, r.tier) for r in result.plan.rows if r.product == product.product]
    ranked = tuple(placed[name] for name in planned if name in placed)
    return ranked or tuple(placed.values())[:SHOWN]


def _titled(segments: Placed, *, numbered: bool) -> Titled:
    return [
        (f"{rank}. {title}" if numbered else title, segment)
        for rank, segment in segments
        for title in [words.segment(segment.market, segment.tier)]
    ]


def part_value(part: AxisMeasure) -> str:
    """A measure in its own unit."""
    value = part.value
    if value is None:
        return say("report.missing")
    if part.unit == "usd":
        return money(value)
    if part.unit in ("share", "rate"):
        return percent(value)
    if part.unit == "growth":
        return yearly(value)
    if part.unit == "km":
        return distance(value)
    return count(value) if part.unit == "count" else digits(value, 2)


def _parts(product: ProductResult, number: int, segment: Segment) -> Table:
    def value(row: tuple[AxisName, AxisMeasure]) -> Cell:
        return Cell(part_value(row[1]), mark="missing" if row[1].value is None else None)

    def rank(row: tuple[AxisName, AxisMeasure]) -> Cell:
        return Cell(known(row[1].rank, lambda share: fixed(100 * share, 0)), bar=row[1].rank)

    return table_of(
        f"parts-{product.product}-{number}",
        words.segment(segment.market, segment.tier),
        [(axis.name, part) for axis in segment.axes for part in axis.parts],
        (say("report.measure"), lambda row: words.named(f"market.part_{row[1].name}")),
        (text("report.axis"), lambda row: say(f"report.axis_{row[0]}")),
        (say("report.value"), value),
        (say("report.rank"), rank),
    )
