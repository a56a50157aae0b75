"""A province's exports, told: what moved them, beside the country's, and some years ahead."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import polars as pl

from offing.api.province import ProvinceAnswer
from offing.forecast.province import BARS, LEAST, SharesRecord, SkillLead
from offing.ladders.standing import PARTS, ExportDecomposition
from offing.report import words
from offing.report.blocks import (
    Block,
    Callout,
    Cell,
    Column,
    Figure,
    Figures,
    Shown,
    Table,
    Text,
    cautions,
    money_cell,
    number,
    table_of,
    text,
)
from offing.report.charts import waterfall as chart
from offing.report.views.ledger import left_out
from offing.terms.countries import country_name
from offing.terms.messages import join_list, say
from offing.terms.numbers import (
    NOTHING,
    change,
    fixed_decimals,
    money,
    money_column,
    money_range,
    percent,
    signed_money,
    span_text,
    value_or_dash,
)
from offing.terms.products import product_label

PRODUCTS, PAIRS, GAINS, ROOM = 10, 12, 8, 5
"""Rows that are shown: products, pairs of product and market, markets by gain, and by room."""
Row = Mapping[str, Any]


def view(answer: ProvinceAnswer) -> tuple[Block, ...]:
    """The year in a sentence, its change as a picture, products, markets, and the years ahead."""
    return (
        Text(tuple(_lead(answer)), "lead"),
        *_change(answer),
        _products(answer),
        _pairs(answer),
        *_ahead(answer),
        *([Text(tuple(_record_sentences(answer.record)))] if answer.record else []),
        *_doubts(answer),
    )


def _doubts(answer: ProvinceAnswer) -> Iterable[Block]:
    """What to know of the file and of the tables."""
    if answer.unknown:
        codes = join_list(answer.unknown, PRODUCTS)
        yield Callout(say("province.without_trade", products=codes, year=answer.share_year))
    if skipped := tuple(left_out(answer.skipped)):
        yield Text(skipped, "note")
    for key, count, row in answer.quarantined:
        yield Callout(say("book.put_aside", count=count, reason=say(key), row=row))
    yield from cautions(answer.notes)


def _first(standing: ExportDecomposition) -> tuple[str, str]:
    """The largest market, and its share."""
    first, now = standing.by("market").row(0, named=True), standing.total("now")
    return country_name(first["market"]), percent(first["now"] / now, 0)


def _months(answer: ProvinceAnswer) -> str:
    """The months meant, where they are not the whole year."""
    standing = answer.standing
    span_of = standing.months if standing.months != (1, 12) else None
    key = "month" if span_of and span_of[0] == span_of[1] else "months"
    span = say(f"province.{key}", first=span_of[0], last=span_of[1]) if span_of else ""
    gaps = standing.without if standing.months else ()
    return span + (say("province.without", months=join_list(gaps)) if gaps else "")


def _lead(answer: ProvinceAnswer) -> Iterable[str]:
    standing, now = answer.standing, answer.standing.total("now")
    sold = standing.cells.filter(pl.col("now") > 0)
    yield say(
        "province.lead", year=standing.year, months=_months(answer), usd=money(now),
        products=sold["product"].n_unique(), markets=sold["market"].n_unique(),
    )  # fmt: skip
    if answer.aside is not None:
        amount, currency, part = answer.aside
        yield say("province.aside", amount=money(amount, currency), share=percent(part))
    before = standing.total("before")
    if standing.months and before > 0:
        parts = [(part, standing.total(part) / before) for part in PARTS]
        shown = [f"{say(f'province.part_{name}')} {change(part)}" for name, part in parts if part]
        grew = change(now / before - 1)
        why = words.series(told[:1].lower() + told[1:] for told in shown)
        yield say("province.moved" if why else "province.unmoved", change=grew, parts=why)
        if (rest := standing.total("unmeasured")) != 0:
            yield say("province.moved_unmeasured", usd=money(rest))
    if now > 0:
        market, share = _first(standing)
        hhi = fixed_decimals(standing.concentration, 2)
        yield say("province.dependence", market=market, share=share, hhi=hhi)
    rows = answer.outlook.filter(pl.col("gain_usd") > 0).sort("gain_usd", descending=True)
    if rows.height:
        most = rows.row(0, named=True)
        low, high = most["low80"], most["high80"]
        interval = "" if low is None else say("province.of_80", range=money_range(low, high))
        yield say(
            "province.most", product=product_label(most["product"]), interval=interval,
            market=country_name(most["market"]), today=money(most["today_usd"]),
            base=answer.share_year, expected=money(most["expected_usd"]), year=most["year"],
        )  # fmt: skip


def _change(answer: ProvinceAnswer) -> Iterable[Figures]:
    standing = answer.standing
    before, now = standing.total("before"), standing.total("now")
    if not standing.months or before <= 0:
        return
    values = [(part, standing.total(part)) for part in PARTS]
    parts = [(say(f"province.part_{part}"), value) for part, value in values if value]
    written = [(part, value, signed_money(value, "USD")) for part, value in parts]
    begins, ends = standing.months
    key = "province.part_year" if standing.months == (1, 12) else "province.part_months"
    first, last = (
        (say(key, year=standing.year - back, first=begins, last=ends), value)
        for back, value in ((1, before), (0, now))
    )
    title, told = say("province.change_title"), words.series(f"{p} {t}" for p, _, t in written)
    described = say("province.change_desc", before=money(before), now=money(now), parts=told)
    bars = [
        chart.WaterfallBar(*first, money(before), chart.SUM),
        *(
            chart.WaterfallBar(*part, "gain-bar" if part[1] >= 0 else "loss-bar")
            for part in written
        ),
        chart.WaterfallBar(*last, money(now), chart.SUM),
    ]
    draw = partial(chart.draw, "change", title, described, bars)
    caption, source = say("province.change_caption"), say("report.source_named")
    yield Figures((Figure("change", title, draw, caption, source=source),))


def _growth_columns(parts: bool) -> list[Shown[Row]]:
    """Growth, and what of it is price and what quantity; nothing where nothing is compared."""

    def earlier_value(value: Callable[[Row], float | None]) -> Callable[[Row], str]:
        def write_part(row: Row) -> str:
            part = value(row) if row["before"] > 0 else None
            return NOTHING if part is None else change(part / row["before"])

        return write_part

    def spare(part: str) -> Column:
        return Column(say(f"province.column_of_{part}"), spare=True)

    def split(part: str) -> Callable[[Row], float | None]:
        """A part of what was split; of what was not, nothing is known."""
        return lambda row: row[part] if row["price"] or row["quantity"] else None

    if not parts:
        return []
    return [
        (number("province.column_growth"), earlier_value(lambda row: row["now"] - row["before"])),
        *((spare(part), earlier_value(split(part))) for part in ("price", "quantity")),
    ]


def _products(answer: ProvinceAnswer) -> Table:
    standing = answer.standing
    rows = standing.by("product")
    main = standing.by("product", "market").group_by("product", maintain_order=True).first()
    largest = {row["product"]: row for row in main.iter_rows(named=True)}
    usd = money_column(rows["now"].to_list())

    def largest_market(row: Row) -> str:
        first = largest[row["product"]]
        if row["now"] <= 0:
            return ""
        return f"{country_name(first['market'])} {percent(first['now'] / row['now'], 0)}"

    caption = say("province.products", year=standing.year, months=_months(answer), unit=usd.unit)
    return table_of(
        "products",
        caption,
        rows.head(PRODUCTS).iter_rows(named=True),
        (text("report.product"), lambda row: product_label(row["product"])),
        (number("equilibrium.column_exports"), lambda row: money_cell(usd, row["now"])),
        *_growth_columns(standing.months is not None),
        (text("province.column_main"), largest_market),
    )


def _pairs(answer: ProvinceAnswer) -> Table:
    standing = answer.standing
    rows = standing.by("product", "market").head(PAIRS)
    rows = rows.join(answer.beside, on=("product", "market"), how="left", maintain_order="left")
    usd = money_column(rows["now"].to_list())
    several = rows["product"].n_unique() > 1
    beside: list[Shown[Row]] = []
    if answer.share_year is not None:
        country = country_name(answer.origin)
        beside = [
            (number("province.column_share", country=country, year=answer.share_year),
             lambda row: value_or_dash(row["share"], percent)),
            (number("province.column_price_beside", country=country),
             lambda row: value_or_dash(
                 row["price_beside"], lambda value: fixed_decimals(value, 2))),
        ]  # fmt: skip
    return table_of(
        "pairs",
        say("province.markets", unit=usd.unit),
        rows.iter_rows(named=True),
        (text("report.market"), lambda row: country_name(row["market"])),
        (text("report.product"), lambda row: row["product"]) if several else None,
        (number("equilibrium.column_exports"), lambda row: money_cell(usd, row["now"])),
        *_growth_columns(standing.months is not None),
        *beside,
    )


def _ahead(answer: ProvinceAnswer) -> Iterable[Block]:
    country = country_name(answer.origin)
    rooms = False
    for (code,), rows in answer.outlook.partition_by(
        "product", as_dict=True, maintain_order=True
    ).items():
        yield _gains(str(code), rows, answer.share_year)
        room = rows.filter(pl.col("room_usd") > 0).sort("room_usd", descending=True).head(ROOM)
        if room.height:
            rooms = True
            yield _room(answer, str(code), room)
    if answer.outlook.height:
        sentences = [say("province.explain_ahead", country=country, base=answer.share_year)]
        if answer.record is not None:
            last = int(answer.outlook["year"].max())  # type: ignore[arg-type]
            sentences += _interval_sentences(answer.record, last - (answer.share_year or last))
        if rooms:
            sentences.append(say("province.explain_room"))
        yield Text(tuple(sentences), "note")


def _gains(code: str, rows: pl.DataFrame, base: int | None) -> Table:
    """Markets by what more is expected there than in the last whole year, the ``base``."""
    some = rows.filter(pl.col("today_usd") > 0).sort("gain_usd", descending=True).head(GAINS)
    usd = money_column([*some["expected_usd"], *some["high80"]])
    year = rows["year"].max()
    return table_of(
        f"ahead-{code}",
        say("province.ahead", product=product_label(code), year=year, unit=usd.unit),
        some.iter_rows(named=True),
        (text("report.market"), lambda row: country_name(row["market"])),
        (number("province.column_today", base=base), lambda row: usd.cell(row["today_usd"])),
        (number("report.expected"), lambda row: usd.cell(row["expected_usd"])),
        (number("market.column_interval"),
         lambda row: span_text(usd.cell(row["low80"]), usd.cell(row["high80"]))),
        (number("province.column_gain"), lambda row: money_cell(usd, row["gain_usd"])),
        (number("province.column_here", base=base), lambda row: percent(row["share"])),
    )  # fmt: skip


def _room(answer: ProvinceAnswer, code: str, rows: pl.DataFrame) -> Table:
    """Markets where the province has less than its mean share of what the country sells."""
    mine = answer.beside.filter(pl.col("product") == code)
    mean = float(mine["sold"].sum()) / float(mine["country"].sum())
    usd = money_column(rows["room_usd"].to_list())
    year = rows["year"].max()
    about = {"product": product_label(code), "share": percent(mean, 2), "unit": usd.unit}
    return table_of(
        f"room-{code}",
        say("province.room", **about, year=year),
        rows.iter_rows(named=True),
        (text("report.market"), lambda row: country_name(row["market"])),
        (
            number("province.column_here", base=answer.share_year),
            lambda row: percent(row["share"], 2),
        ),
        (number("province.column_room"), lambda row: Cell(usd.cell(row["room_usd"]))),
    )


def _record_sentences(record: SharesRecord) -> Iterator[str]:
    """How right it was; else why that is not known."""
    mine, wide = record.score("at_shares"), record.score("widened")
    if mine is None or wide is None:
        yield say("province.record_none", pairs=LEAST)
        return
    yield say(
        "province.record", years=_base_years(record), count=record.horizon, pairs=record.pairs,
        bars=_bar_note(record, "crps"), by_value=_bar_note(record, "quantile_loss"),
        plain=percent(mine.coverage80, 0), wide=percent(wide.coverage80, 0),
    )  # fmt: skip
    yield say("province.record_begun", share=percent(record.begun, 1))


def _base_years(record: SharesRecord) -> str:
    """From the first to the last, or the only one."""
    return "–".join(dict.fromkeys(map(str, (record.base_years[0], record.base_years[-1]))))


def _bar_note(record: SharesRecord, measure: str) -> str:
    leads = (record.lead(bar, measure) for bar in BARS)
    return words.series(_beside(lead) for lead in leads if lead is not None)


def _beside(lead: SkillLead) -> str:
    key = "better" if lead.low > 0 else "worse" if lead.high < 0 else "same"
    bar, less = say(f"province.way_{lead.bar}"), percent(abs(lead.value), 0)
    ends = {"error": change(-lead.value), "low": change(-lead.high), "high": change(-lead.low)}
    return say(f"province.record_{key}", bar=bar, less=less, **ends)


def _interval_sentences(record: SharesRecord, ahead: int) -> Iterable[str]:
    """What the intervals of ``ahead`` years hold, and what they do not."""
    wider = record.widening
    if wider is None:
        yield say("province.not_widened", pairs=LEAST)
        return
    yield say("province.widened", outcomes=wider.learnt_from, count=record.horizon)
    if ahead > record.horizon:
        yield say("province.widened_further", ahead=ahead, count=record.horizon)
