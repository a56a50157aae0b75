"""What exporters may sell in markets some years on, told."""

from collections.abc import Iterable
from typing import Any

from offing.api.outlook import OutlookAnswer
from offing.forecast.results import Outlook
from offing.report import words
from offing.report.blocks import Block, Text, cautions
from offing.report.tellings.markets import outlook_table
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.products import product_label

SHOWN = 15


def tell(answer: OutlookAnswer) -> tuple[Block, ...]:
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
    first = [_row(answer, row) for row in answer.rows.head(SHOWN).iter_rows(named=True)]
    if first:
        yield Text((say("market.outlook_largest", count=len(first), **values),))
        yield outlook_table(first)
    if answer.file is not None:
        yield Text((say("market.outlook_file", path=answer.file),))


def _row(answer: OutlookAnswer, row: dict[str, Any]) -> tuple[str, Outlook]:
    exporter, market = country_name(row["exporter"]), country_name(row["importer"])
    name = say("market.outlook_pair", exporter=exporter, market=market)
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
