"""The indicators of a year's exports, and how long exports last, told."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from scipy.special import ndtri

from offing.api.indicators import KEYS, IndicatorsAnswer, Potential
from offing.api.survival import LEAST_SPELLS, SurvivalAnswer
from offing.market.indicators.of_year import EPI
from offing.market.indicators.survival import Hazard
from offing.report.blocks import Block, Column, Shown, Table, Text, number, table_of, text
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import count, digits, fixed_decimals, percent, span_text
from offing.terms.products import product_label


def view(answer: IndicatorsAnswer) -> tuple[Block, ...]:
    """Each table, and what the export potential rests on."""
    of = answer.computed
    heading = say("indicators.heading", year=of.year, dataset=of.dataset)
    return (
        Text((heading,), "lead"),
        *(_table(answer, name, rows) for name, rows in answer.tables.items()),
        *(() if answer.potential is None else _potential(answer.potential)),
    )


def _table(answer: IndicatorsAnswer, name: str, rows: pl.DataFrame) -> Table:
    def column(key: str) -> Shown[dict[str, Any]]:
        kind = "column" if key in (*KEYS[name], "value_usd") else "name"
        heading = Column(say(f"indicators.{kind}_{key}"), number=key not in KEYS[name])
        return heading, lambda row: _text(key, row[key])

    shown = map(column, rows.columns)
    caption = say(f"indicators.table_{name}")
    return table_of(name, caption, rows.iter_rows(named=True), *shown, most=answer.top)


def _text(column: str, value: str | float | None) -> str:
    if isinstance(value, str):
        return product_label(value) if column == "product" else country_name(value)
    if value is not None and column in ("value_usd", EPI, "untapped"):
        return fixed_decimals(value / 1e6, 0)
    return fixed_decimals(value, 0 if isinstance(value, int) else 3)


def _potential(of: Potential) -> Iterator[Block]:
    """What the potentials rest on."""
    yield Text((say(f"indicators.variant_{of.variant}"),), "note")
    if of.growth is not None:
        low, high = map(digits, of.growth)
        yield Text((say("indicators.potential_growth", low=low, high=high, count=of.unlisted),))
    if of.rates is not None:
        low, high = (digits(100 * rate) for rate in of.rates)
        pairs = fixed_decimals(of.corrected, 0)
        yield Text((say("indicators.potential_rates", low=low, high=high, pairs=pairs),))
    yield Text((say("indicators.potential_no_forecast"),), "note")


SHORT, LONG = (1, 2, 3), (1, 3, 5)
ORDER = ("low", "medium", "high", "small", "cheap", "middle", "large", "dear")


def view_survival(answer: SurvivalAnswer) -> tuple[Block, ...]:
    """The share that lasts so many years, by what relationships were like when they began."""
    fresh = answer.runs.filter(~pl.col("started_before"))
    heading = say(
        "indicators.survival_heading",
        product=product_label(answer.product),
        first=answer.years[0],
        last=answer.years[-1],
        dataset=answer.dataset,
    )
    sample = say(
        "indicators.survival_sample",
        spells=count(fresh.height),
        ended=count(fresh["ended"].sum()),
        left_out=count(answer.runs.height - fresh.height),
    )
    return (
        Text((heading,), "lead"),
        Text((sample,)),
        _curves(answer, fresh),
        _hazard(answer.hazard),
        Text((say("indicators.explain_survival"),), "note"),
    )


def _curves(answer: SurvivalAnswer, fresh: pl.DataFrame) -> Table:
    longest = int(fresh["duration"].max())  # type: ignore[arg-type]
    shown = [y for y in (LONG if longest >= LONG[-1] else SHORT) if y <= longest]
    rows = [(say("market.tier_all"), fresh.height, answer.whole)]
    for kind, curves in answer.by.items():
        for group in sorted(fresh[kind].drop_nulls().unique().to_list(), key=ORDER.index):
            spells = fresh.filter(pl.col(kind) == group).height
            curve = curves.filter(pl.col(kind) == group)
            rows.append((say(f"indicators.group_{kind}_{group}"), spells, curve))
    return table_of(
        "survival",
        say("indicators.survival_table"),
        rows,
        (text("indicators.column_covariate"), lambda row: row[0]),
        (number("indicators.column_spells"), lambda row: count(row[1])),
        *(
            (number("indicators.column_after", years=n), lambda row, n=n: _after(row[2], n))
            for n in shown
        ),
    )


def _after(curve: pl.DataFrame, years: int) -> str:
    """Share still there after so many years, with its interval."""
    past = curve.filter(pl.col("time") <= years)
    if past.is_empty():
        return percent(1)
    last = past.row(-1, named=True)
    share = percent(last["survival"], 0)
    if last["low"] is None:
        return share
    return f"{share} ({100 * last['low']:.0f}–{100 * last['high']:.0f})"


def _hazard(hazard: Hazard | None) -> Block:
    if hazard is None:
        return Text((say("indicators.no_hazard", least=LEAST_SPELLS),))
    z = float(ndtri(0.975))

    def interval(row: tuple[str, float, float]) -> str:
        return span_text(*(fixed_decimals(np.exp(row[1] + side * row[2]), 3) for side in (-z, z)))

    return table_of(
        "hazard",
        say("indicators.hazard_table"),
        zip(hazard.names, hazard.beta, hazard.errors, strict=True),
        (text("indicators.column_covariate"), lambda row: say(f"indicators.covariate_{row[0]}")),
        (number("indicators.column_ratio"), lambda row: fixed_decimals(np.exp(row[1]), 3)),
        (number("evidence.column_interval"), interval),
    )
