"""The four axes of every segment, and the measures behind the first ones."""

from offing.forecast.backtest.verdict import verdict
from offing.forecast.results import AXES, Part, Segment
from offing.report import words
from offing.report.blocks import Block, Cell, Column, Folded, Heading, Section, Table, Text, columns
from offing.study.result import ProductResult, StudyResult
from offing.terms.messages import say
from offing.terms.numbers import (
    NOTHING,
    count,
    digits,
    distance,
    fixed,
    money,
    money_column,
    percent,
    yearly,
)

SHOWN = 12
WITH_PARTS = 5

Placed = tuple[tuple[int, Segment], ...]
"""Segments with their places in the ranking, from 1."""


def section(result: StudyResult) -> Section | None:
    """Demand, competition, access and fit; what is not known stays empty."""
    blocks: list[Block] = [
        Text((say("report.axes_lead"),)),
        Text(tuple(say(f"report.axis_{name}_means") for name in AXES), "list"),
    ]
    before = len(blocks)
    for product in result.products:
        segments = product.ranking.segments
        if not segments:
            continue
        if len(result.products) > 1:
            blocks.append(Heading(words.product(product)))
        shown = ours(result, product)
        blocks.append(Text((_why_total(product),)))
        blocks.append(_table(product, shown, "axes_table", "ours"))
        blocks.append(
            Folded(
                say("report.axes_parts"),
                tuple(_parts(product, place, segment) for place, segment in shown[:WITH_PARTS]),
            )
        )
        if len(segments) > len(shown):
            everything = tuple(enumerate(segments, start=1))
            blocks.append(
                Folded(
                    say("report.axes_rest", count=len(segments)),
                    (_table(product, everything, "axes_all_table", "all"),),
                )
            )
    if len(blocks) == before:
        return None
    return Section.of("axes", blocks)


def ours(result: StudyResult, product: ProductResult) -> Placed:
    """The segments of the plan in its order, with their places in the ranking.

    They are those where our price stands. Without a plan it is the first of the ranking.
    """
    placed = {
        (s.market, s.tier): (place, s) for place, s in enumerate(product.ranking.segments, start=1)
    }
    wanted = [(r.market, r.tier) for r in result.plan.rows if r.product == product.product]
    found = tuple(placed[name] for name in wanted if name in placed)
    return found or tuple(placed.values())[:SHOWN]


def _hundred(share: float | None) -> str:
    return NOTHING if share is None else fixed(100 * share, 0)


def _why_total(product: ProductResult) -> str:
    """Why the blue-ocean total is shown, or is not."""
    found = verdict(product.backtest)
    shares = {
        name: percent(getattr(found, name) or 0.0, 0) for name in ("caught", "persistence", "size")
    }
    return say(f"market.total_{found.reason}", top=found.top, **shares)


def _table(product: ProductResult, segments: Placed, caption: str, name: str) -> Table:
    column = money_column([s.outlook.gain_usd for _, s in segments])
    numbered = name == "all"
    with_total = any(segment.total is not None for _, segment in segments)
    rows = []
    for place, segment in segments:
        title = words.segment(segment.market, segment.tier)
        cells = []
        for axis in AXES:
            score = segment.axis(axis).score
            missing = Cell(say("report.missing"), mark="missing")
            cells.append(missing if score is None else Cell(_hundred(score), bar=score))
        rows.append(
            (
                Cell(f"{place}. {title}" if numbered else title),
                *cells,
                *([Cell(_hundred(segment.total))] if with_total else []),
                Cell(percent(segment.coverage, 0)),
                Cell(column.cell(segment.outlook.gain_usd)),
            )
        )
    years = product.ranking.horizon
    return Table(
        f"axes-{product.product}-{name}",
        say(f"report.{caption}", product=words.product(product)),
        (
            Column(say("report.segment_column"), number=False),
            *(Column(say(f"report.axis_{axis}")) for axis in AXES),
            *([Column(say("market.short_blue_ocean"))] if with_total else []),
            Column(say("report.coverage")),
            Column(say("report.expected_growth", years=years, unit=column.unit)),
        ),
        tuple(rows),
    )


def part_value(part: Part) -> str:
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


def _parts(product: ProductResult, place: int, segment: Segment) -> Table:
    rows = [
        (
            Cell(words.named(f"market.part_{part.name}")),
            Cell(say(f"report.axis_{axis.name}")),
            Cell(part_value(part), mark="missing" if part.value is None else None),
            Cell(_hundred(part.rank), bar=part.rank),
        )
        for axis in segment.axes
        for part in axis.parts
    ]
    return Table(
        f"parts-{product.product}-{place}",
        words.segment(segment.market, segment.tier),
        columns("report", "measure* axis* value rank"),
        tuple(rows),
    )
