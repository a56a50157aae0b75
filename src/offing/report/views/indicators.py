"""The indicators of a year's exports, told."""

from collections.abc import Iterator

import polars as pl

from offing.api.indicators import KEYS, IndicatorsAnswer, Potential
from offing.market.indicators.of_year import EPI
from offing.report.blocks import Block, Cell, Column, Table, Text, cautions
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import digits, fixed
from offing.terms.products import product_label


def view(answer: IndicatorsAnswer) -> tuple[Block, ...]:
    """Each table, and what the export potential rests on."""
    of = answer.computed
    heading = say("indicators.heading", year=of.year, dataset=of.dataset)
    return (
        Text((heading,), "lead"),
        *(block for name, rows in answer.tables.items() for block in _table(answer, name, rows)),
        *(() if answer.potential is None else _potential(answer.potential)),
        *cautions(answer.cautions),
    )


def _table(answer: IndicatorsAnswer, name: str, rows: pl.DataFrame) -> Iterator[Block]:
    keys = KEYS[name]
    named = (*keys, "value_usd")
    yield Table(
        name,
        say(f"indicators.table_{name}"),
        tuple(
            Column(
                say(f"indicators.{'column' if column in named else 'name'}_{column}"),
                number=column not in keys,
            )
            for column in rows.columns
        ),
        tuple(
            tuple(Cell(_text(column, row[column])) for column in rows.columns)
            for row in rows.head(answer.top).iter_rows(named=True)
        ),
    )
    more = rows.height - answer.top
    if more > 0:
        yield Text((say("market.more_rows", count=fixed(more, 0)),))


def _text(column: str, value: str | float | None) -> str:
    if isinstance(value, str):
        return product_label(value) if column == "product" else country_name(value)
    if value is not None and column in ("value_usd", EPI, "untapped"):
        return fixed(value / 1e6, 0)
    return fixed(value, 0 if isinstance(value, int) else 3)


def _potential(of: Potential) -> Iterator[Block]:
    """What the potentials rest on."""
    yield Text((say(f"indicators.variant_{of.variant}"),), "note")
    if of.growth is not None:
        low, high = map(digits, of.growth)
        yield Text((say("indicators.potential_growth", low=low, high=high, count=of.unlisted),))
    if of.rates is not None:
        low, high = (digits(100 * rate) for rate in of.rates)
        pairs = fixed(of.corrected, 0)
        yield Text((say("indicators.potential_rates", low=low, high=high, pairs=pairs),))
    yield Text((say("indicators.potential_no_forecast"),), "note")
