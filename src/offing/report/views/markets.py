"""The markets of a product in order, with their axes and the ranking's record, told."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from offing.api.outlook import OutlookAnswer
from offing.forecast.outlook.draws import Draws
from offing.forecast.outlook.forecast import ONE_YEAR
from offing.forecast.results import (
    AXES,
    TOP,
    AxisName,
    Backtest,
    Outlook,
    Ranking,
    Segment,
    Verdict,
)
from offing.forecast.scores import unit as unit_of_score
from offing.ladders.ladder import Ladder, PriceTier
from offing.landed.shipment import Quote
from offing.report import words
from offing.report.blocks import (
    Block,
    Cell,
    Column,
    Figure,
    Figures,
    Shown,
    Table,
    Text,
    columns_of,
    missing_cell,
    number,
    table_of,
    text,
    texts_of,
)
from offing.report.charts import map as map_chart
from offing.report.charts import outlook as chart
from offing.report.drawing import PAGE, draw_twice
from offing.rules.requirements import Requirements
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import (
    NOTHING,
    fixed_decimals,
    likelihood,
    money,
    money_column,
    percent,
    price,
    price_digits,
    span_text,
    value_or_dash,
)
from offing.terms.products import product_label

if TYPE_CHECKING:
    from offing.api.markets import MarketsAnswer


DRAWN = 6
BESIDE = {"mean": "three_year_mean", "other": "persistence", "best": "oracle"}
"""Ways of ranking that the record is told beside."""

Titled = Sequence[tuple[str, Segment]]
"""Segments, each with the name of its row."""


def view(answer: "MarketsAnswer") -> tuple[Block, ...]:
    """The first segments with what is expected there, and how such a ranking did before."""
    ranking, by = answer.ranking, answer.by
    heading = say(
        "market.heading",
        product=ranking.product,
        origin=country_name(ranking.origin),
        year=ranking.year,
        count=ranking.horizon,
        dataset=ranking.dataset,
    )
    shown = [
        (_title(place, segment, with_tier=answer.tiers), segment)
        for place, segment in enumerate(ranking.segments[: answer.top], start=1)
    ]
    more = len(ranking.segments) - len(shown)
    explained = ["market.explain_gain"] if by == "outlook" else []
    whole = [say("market.proof_whole")] if answer.tiers and answer.backtest.scores else []
    return (
        Text((heading, say("market.heading_by", rival=say(f"market.rival_{by}"))), "lead"),
        *_fans(ranking, [s for _, s in shown if s.outlook.base_usd > 0][:DRAWN]),
        outlook_table([(title, s.outlook) for title, s in shown], _other_score(by, shown)),
        axes_table("axes", say("market.table_axes"), shown, None),
        *([Text((say("market.more_rows", count=more),))] if more else []),
        Text((record(by, answer.backtest), *whole)),
        Text((*map(say, [*explained, "market.explain_axes"]), why_total(answer.total)), "note"),
    )


def map_of(answer: "MarketsAnswer") -> tuple[Block, ...]:
    """The markets that are told on the map: sales now and as expected; price tiers together."""
    expected: dict[str, float] = defaultdict(float)
    now: dict[str, float] = defaultdict(float)
    told = answer.ranking.segments[: answer.top]
    for segment in told:
        market, look = segment.market, segment.outlook
        expected[market] += look.expected_usd
        now[market] += look.base_usd
    if not told:
        return ()
    look, origin = told[0].outlook, answer.ranking.origin
    years = {"year": str(look.base_year), "later": str(look.base_year + look.horizon)}
    sales = map_chart.MappedSales(expected, now, "USD", origin, "market.map_desc")
    caption = say("market.map_caption", origin=country_name(origin), **years)
    return map_blocks(sales, caption, answer.ranking.dataset)


def map_blocks(
    sales: map_chart.MappedSales, caption: str, source: str, tables: tuple[Table, ...] = ()
) -> tuple[Block, ...]:
    """The map with its tables, what it does not say of boundaries, and who is not on it."""
    draw = partial(map_chart.draw, "map", sales)
    most = max(sales.planned, key=lambda code: sales.planned[code])
    value = money(sales.planned[most], sales.currency)
    title = words.finding(say("report.map_title"), country_name(most), value)
    figure = Figure("map", title, draw, caption, tables, wide=True, source=source)
    lost = [country_name(code) for code in sales.planned if map_chart.point(code) is None]
    notes = [say("report.map_boundaries")]
    notes += [say("report.not_on_map", markets=words.join_words(lost))] if lost else []
    return Figures((figure,)), Text(tuple(notes), "note")


def _title(place: int, segment: Segment, *, with_tier: bool) -> str:
    name = country_name(segment.market)
    if with_tier:
        tier = "unplaced" if segment.tier == "all" else segment.tier
        name = say("market.segment", market=name, tier=say(f"market.tier_{tier}"))
    return f"{place}. {name}"


def _fans(ranking: Ranking, segments: Sequence[Segment]) -> tuple[Block, ...]:
    if not segments:
        return ()
    title, origin = product_label(ranking.product), say("market.the_origin")
    return (Figures((fans_figure("outlook", title, segments, origin, ranking.dataset),)),)


def fans_figure(
    name: str,
    title: str,
    segments: Sequence[Segment],
    origin: str,
    source: str,
    *,
    tables: tuple[Table, ...] = (),
    alone: bool = True,
) -> Figure:
    """What may be sold in segments some years on, as fans; the largest in its title.

    Args:
        name: unique on the page.
        title: of the product.
        segments: in their order.
        origin: whose exporters sell.
        source: the data set.
        tables: its numbers.
        alone: whether it has a wide screen to itself.
    """
    most = max(segments, key=lambda s: s.outlook.expected_usd)
    value = money(most.outlook.expected_usd)
    found = words.finding(title, words.segment(most.market, most.tier), value)
    picture = partial(chart.draw, name, title, segments)
    if alone:
        picture = partial(draw_twice, chart.draw, name, title, segments, width=PAGE, across=3)
    caption = say("report.outlook_caption", origin=origin)
    return Figure(name, found, picture, caption, tables, wide=alone, source=source)


def _other_score(by: str, shown: Titled) -> tuple[str, list[float | None], bool] | None:
    if by == "outlook":
        return None
    return say(f"market.short_{by}"), [s.score for _, s in shown], unit_of_score(by) == "usd"


def outlook_table(
    rows: Sequence[tuple[str, Outlook]], other: tuple[str, list[float | None], bool] | None = None
) -> Table:
    """Sales now and expected with their interval, and the growth that a ranking goes by.

    Args:
        rows: each with its name.
        other: heading and values of another way of ranking, and whether they are USD.
    """
    looks = [look for _, look in rows]
    heading, values, in_usd = other or (
        say("report.word_gain"), [look.gain_usd for look in looks], True,
    )  # fmt: skip
    usd = money_column([v for o in looks for v in (o.base_usd, o.expected_usd, o.high80)])
    scores = money_column(values) if in_usd else None
    first, later = looks[0], looks[0].base_year + looks[0].horizon
    return table_of(
        "outlook-table",
        say("market.table_outlook", unit=usd.unit),
        [(name, look, value) for (name, look), value in zip(rows, values, strict=True)],
        (say("report.market"), lambda row: row[0]),
        (Column(str(first.base_year)), lambda row: usd.cell(row[1].base_usd)),
        (say("market.column_expected", year=later), lambda row: usd.cell(row[1].expected_usd)),
        (
            say("market.column_interval"),
            lambda row: span_text(usd.cell(row[1].low80), usd.cell(row[1].high80)),
        ),
        (
            Column(
                say("market.with_unit", heading=heading, unit=scores.unit) if scores else heading
            ),
            lambda row: (
                scores.cell(row[2])
                if scores
                else value_or_dash(row[2], lambda v: fixed_decimals(v, 3))
            ),
        ),
    )


def axes_table(name: str, caption: str, rows: Titled, years: int | None) -> Table:
    """The four axes of segments, 0 to 100, the total where it may be shown, and their coverage.

    Args:
        name: unique on the page.
        caption: of the table.
        rows: segments with their names.
        years: ahead, where the growth in view stands in a last column.
    """
    gains = money_column([s.outlook.gain_usd for _, s in rows])

    def axis_column(axis: AxisName) -> Shown[tuple[str, Segment]]:
        return say(f"report.axis_{axis}"), lambda row: _axis(row[1].axis(axis).score)

    total = (say("market.short_blue_ocean"), lambda row: _axis(row[1].total))
    gain = say("report.expected_growth", years=years, unit=gains.unit)
    return table_of(
        name,
        caption,
        rows,
        (say("report.segment_column"), lambda row: row[0]),
        *map(axis_column, AXES),
        total if any(s.total is not None for _, s in rows) else None,
        (say("report.coverage"), lambda row: percent(row[1].coverage, 0)),
        (gain, lambda row: gains.cell(row[1].outlook.gain_usd)) if years else None,
    )


def _axis(score: float | None) -> Cell:
    if score is None:
        return Cell(say("report.missing"), mark="missing")
    return Cell(fixed_decimals(100 * score, 0), bar=score)


def why_total(verdict: Verdict) -> str:
    """Why the blue-ocean total is shown, or is not."""
    shares = {
        name: percent(getattr(verdict, name) or 0.0, 0)
        for name in ("captured", "three_year_mean", "persistence", "size")
    }
    return say(f"market.total_{verdict.reason}", top=verdict.top, **shares)


def record(by: str, backtest: Backtest) -> str:
    """How the way of ranking did before, in one sentence."""
    shares = {
        s.rival: s
        for s in backtest.scores
        if (s.measure, s.weighting, s.part) == (f"captured_top{TOP}", "dollar", "all")
    }
    if by not in shares:
        return say("market.no_proof", count=backtest.horizon)
    mine, whole = shares[by], partial(percent, places=0)
    return say(
        "market.proof_line",
        years=words.join_words(map(str, backtest.origins)),
        count=backtest.horizon,
        top=TOP,
        rival=say(f"market.rival_{by}"),
        **texts_of(mine, whole, "share=value", "low", "high"),
        **{name: whole(shares[rival].value) for name, rival in BESIDE.items()},
    )


SHOWN = 15


def view_outlook(answer: OutlookAnswer) -> Iterator[Block]:
    """What was written, or the first rows of a product."""
    written = answer.outlook
    values = {
        "rows": f"{written.rows:,}",
        "flows": f"{written.flows:,}",
        "empty": f"{written.rows - written.flows:,}",
        "year": answer.base_year,
        "horizon": answer.horizon,
        "later": answer.year,
        "dataset": answer.dataset,
        "path": answer.file,
    }
    years = words.join_words(map(str, sorted(written.origins)))
    fitted = [say("market.fitted_on", origins=years)] if years else []
    if answer.rows is None:
        yield Text((say("market.written", products=f"{written.products:,}", **values), *fitted))
        return
    product = product_label(answer.product or "")
    yield Text((say("market.outlook_heading", product=product, **values), *fitted), "lead")
    origins = answer.rows["exporter"].unique().to_list()
    alone = len(origins) == 1
    first = [
        _named_outlook(answer, row, alone) for row in answer.rows.head(SHOWN).iter_rows(named=True)
    ]
    if first:
        largest = say("market.outlook_largest", count=len(first), **values)
        one = (say("market.outlook_origin", origin=country_name(origins[0])),) if alone else ()
        yield Text((*one, largest))
        yield outlook_table(first)
        yield Text((say("market.explain_gain"),), "note")
        if answer.outlook.method != ONE_YEAR:
            yield _odds(answer, [name for name, _ in first])
    if answer.draws is not None:
        yield from _sums(answer.draws)
    if answer.file is not None:
        yield Text((say("market.outlook_file", path=answer.file),))


def _odds(answer: OutlookAnswer, names: list[str]) -> Table:
    """How likely a fall and a beginning are, and the quantiles that were asked for."""
    assert answer.rows is not None, "of a product"
    levels = [name for name in answer.rows.columns if name[0] == "q" and name[1].isdigit()]
    first = zip(names, answer.rows.head(SHOWN).iter_rows(named=True), strict=True)
    rows = [row | {"name": name} for name, row in first]
    usd = money_column([row[level] for row in rows for level in levels])
    begins = any(row["entry_probability"] is not None for row in rows)

    def quantile(level: str) -> Shown[dict[str, Any]]:
        heading = number("market.column_quantile", level=level[1:], unit=usd.unit)
        return heading, lambda row: usd.cell(row[level])

    shares = ["fall=fall_probability", *(["entry=entry_probability"] if begins else [])]
    return table_of(
        "outlook-odds",
        say("market.table_odds", year=answer.year),
        rows,
        (say("report.market"), lambda row: row["name"]),
        *columns_of("market.column_{}", likelihood, *shares),
        *map(quantile, levels),
    )


def _sums(draws: Draws) -> Iterable[Block]:
    """What the markets together may bring, year by year."""
    whole = draws.sales_usd.sum(axis=2)
    low, high = np.quantile(whole, [0.1, 0.9], axis=0)
    usd = money_column([*low, *high])
    yield table_of(
        "outlook-sums",
        say("market.table_sums", draws=len(whole), count=len(draws.markets), unit=usd.unit),
        list(zip(draws.years, draws.expected_usd.sum(axis=1), low, high, strict=True)),
        (say("report.year"), lambda row: str(row[0])),
        (say("market.column_mean"), lambda row: usd.cell(row[1])),
        (say("market.column_interval"), lambda row: span_text(*map(usd.cell, row[2:]))),
    )


def _named_outlook(answer: OutlookAnswer, row: dict[str, Any], alone: bool) -> tuple[str, Outlook]:
    """A row with its name: the market, and before it the exporter where there are several."""
    exporter, market = country_name(row["exporter"]), country_name(row["importer"])
    name = market if alone else say("market.outlook_pair", exporter=exporter, market=market)
    if row["tier"] != "all":
        name = say("market.segment", market=name, tier=say(f"market.tier_{row['tier']}"))
    return name, Outlook(
        row["base_usd"],
        answer.base_year,
        answer.horizon,
        row["expected_usd"],
        row["low80"],
        row["high80"],
        answer.outlook.method,
        (),
        row["gain_usd"],
    )


@dataclass(frozen=True)
class Beside:
    """What is known of one market.

    Attributes:
        market: alpha-3.
        segment: its place in the ranking; ``None`` where it is not ranked.
        ladder: of its imports; ``None`` where the data have none.
        quote: of a model of the study, landed there; ``None`` where none can be made.
        required: beside duty and tax; ``None`` where the rules of the market are not known.
        reasons: why any of these is not there.
    """

    market: str
    segment: Segment | None
    ladder: Ladder | None
    quote: Quote | None
    required: Requirements | None
    reasons: tuple[str, ...]


Row = tuple[str, Callable[[Beside], str | Cell]]


def compare_markets(markets: Sequence[Beside], model: str | None = None) -> tuple[Block, ...]:
    """The table, and what its lines mean.

    Args:
        markets: as they stand side by side.
        model: the name of the study's model that the quotes are of, if any.
    """

    def column(beside: Beside) -> Shown[Row]:
        return Column(country_name(beside.market), number=False), lambda row: row[1](beside)

    table = table_of(
        "compare",
        say("market.compare_table"),
        _rows(markets, model),
        (text("market.compare_column"), lambda row: row[0]),
        *map(column, markets),
    )
    reasons = tuple(
        say("market.compare_reason", market=country_name(beside.market), reason=reason)
        for beside in markets
        for reason in beside.reasons
    )
    note = ["compare_note", *(["compare_no_model"] if model is None else [])]
    why, notes = Text(reasons, "list"), Text(tuple(say(f"market.{key}") for key in note), "note")
    return (table, why, notes) if reasons else (table, notes)


def _rows(markets: Sequence[Beside], model: str | None) -> Iterator[Row]:
    """Each line by its name, and what it says of a market."""
    looks = [beside.segment.outlook for beside in markets if beside.segment is not None]
    if looks:
        usd = money_column([v for o in looks for v in (o.base_usd, o.expected_usd, o.high80)])
        first, later = looks[0].base_year, looks[0].base_year + looks[0].horizon
        yield (
            say("market.compare_now", year=first, unit=usd.unit),
            lambda of: value_or_dash(of.segment, lambda s: usd.cell(s.outlook.base_usd)),
        )
        yield (
            say("market.compare_expected", year=later, unit=usd.unit),
            lambda of: value_or_dash(
                of.segment,
                lambda s: say(
                    "market.compare_range",
                    value=usd.cell(s.outlook.expected_usd),
                    range=span_text(usd.cell(s.outlook.low80), usd.cell(s.outlook.high80)),
                ),
            ),
        )
    for axis in AXES:
        yield say(f"report.axis_{axis}"), partial(_axis_beside, axis)
    ladders = [beside.ladder for beside in markets if beside.ladder is not None]
    for rank, tier in enumerate(ladders[0].tiers if ladders else ()):
        yield say("market.compare_tier", tier=words.tier(tier.name)), partial(_tier, rank)
    if model is not None:
        yield say("market.compare_duty", model=model), lambda of: value_or_dash(of.quote, _duty)
        yield (
            say("market.compare_landed", model=model),
            lambda of: value_or_dash(of.quote, _landed_price),
        )
    yield say("market.compare_required"), _price_needed


def _axis_beside(name: AxisName, beside: Beside) -> Cell:
    score = None if beside.segment is None else beside.segment.axis(name).score
    return missing_cell() if score is None else Cell(fixed_decimals(100 * score, 0), bar=score)


def _tier(rank: int, beside: Beside) -> str:
    """The share of a price tier, with its bounds."""
    if beside.ladder is None:
        return NOTHING
    tier = beside.ladder.tiers[rank]
    unit, share = words.unit(beside.ladder.unit), percent(tier.share, 0)
    return say("market.compare_share", share=share, bounds=_bounds(tier), unit=unit)


def _bounds(tier: PriceTier) -> str:
    if tier.low is None:
        return NOTHING if tier.high is None else f"< {price_digits(tier.high)}"
    if tier.high is None:
        return f"≥ {price_digits(tier.low)}"
    return f"{price_digits(tier.low)}–{price_digits(tier.high)}"


def _duty(quote: Quote) -> str:
    lines = (x.per_unit for x in quote.lines if x.stage == "duty" and not x.subtotal)
    return price(float(sum(lines)), quote.currency)


def _landed_price(quote: Quote) -> str:
    return price(float(quote.landed / quote.quantity), quote.currency)


def _price_needed(beside: Beside) -> str:
    required = beside.required
    if required is None or not (required.checked or required.known):
        return say("market.compare_unchecked")
    gates = words.join_words(gate.scheme[language()] for gate in required.gates)
    if not gates:
        return say("market.compare_none_known")
    if required.lead_weeks is None:
        return gates
    return say("market.compare_gates", gates=gates, weeks=required.lead_weeks)
