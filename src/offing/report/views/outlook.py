"""What exporters may sell in markets some years on, told."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from offing.api.outlook import OutlookAnswer
from offing.forecast.outlook.draws import Draws
from offing.forecast.outlook.forecast import ONE_YEAR
from offing.forecast.results import Outlook
from offing.report import words
from offing.report.blocks import Block, Column, Table, Text, cautions, table_of
from offing.report.views.markets import outlook_table
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import known, likelihood, money_column
from offing.terms.products import product_label

SHOWN = 15


def view(answer: OutlookAnswer) -> tuple[Block, ...]:
    """What was written, or the first rows of a product."""
    return (*_head(answer), *cautions(answer.cautions))


def _head(answer: OutlookAnswer) -> Iterable[Block]:
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
    years = words.listed(map(str, sorted(written.origins)))
    fitted = [say("market.fitted_on", origins=years)] if years else []
    if answer.rows is None:
        yield Text((say("market.written", products=f"{written.products:,}", **values), *fitted))
        return
    product = product_label(answer.product or "")
    yield Text((say("market.outlook_heading", product=product, **values), *fitted), "lead")
    origins = answer.rows["exporter"].unique().to_list()
    alone = len(origins) == 1
    first = [_row(answer, row, alone) for row in answer.rows.head(SHOWN).iter_rows(named=True)]
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
    rows = list(zip(names, answer.rows.head(SHOWN).iter_rows(named=True), strict=True))
    usd = money_column([row[level] for _, row in rows for level in levels])
    begins = any(row["entry_probability"] is not None for _, row in rows)

    def share(column: str) -> Callable[[tuple[str, dict[str, Any]]], str]:
        return lambda row: known(row[1][column], likelihood)

    def amount(level: str) -> Callable[[tuple[str, dict[str, Any]]], str]:
        return lambda row: usd.cell(row[1][level])

    return table_of(
        "outlook-odds",
        say("market.table_odds", year=answer.year),
        rows,
        (say("market.column_market"), lambda row: row[0]),
        (say("market.column_fall"), share("fall_probability")),
        (say("market.column_entry"), share("entry_probability")) if begins else None,
        *(
            (Column(say("market.column_quantile", level=level[1:], unit=usd.unit)), amount(level))
            for level in levels
        ),
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
        (say("market.column_year"), lambda row: str(row[0])),
        (say("market.column_mean"), lambda row: usd.cell(row[1])),
        (say("market.column_interval"), lambda row: f"{usd.cell(row[2])} – {usd.cell(row[3])}"),
    )


def _row(answer: OutlookAnswer, row: dict[str, Any], alone: bool) -> tuple[str, Outlook]:
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
