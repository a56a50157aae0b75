"""Brazil's trade by months: the raw tables of Comex Stat (``EXP_2025.csv``, ``IMP_2025.csv``).

One row a month, code (NCM, 8 digits), country, state, way and customs office, in US dollars free
on board. Countries go by the ministry's own numbers; ``data/comexstat_countries.csv`` has them
from its table ``PAIS.csv``, without the areas that have no code of ours.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.columns import official
from offing.sources.monthly_rows import Months, months_of, plain_number
from offing.sources.rows import SourceTable, tables
from offing.sources.staging import Staging
from offing.sources.us_monthly import direction_asked
from offing.terms.errors import InputError
from offing.terms.shipped import shipped_rows

ABOUT = About(
    name="comexstat",
    title="sources.title_comexstat",
    tables=("monthly_reports",),
    page="https://www.gov.br/mdic/pt-br/assuntos/comercio-exterior/estatisticas/base-de-dados-bruta",
)

_NAMED = re.compile(r"(?i)^(exp|imp)_")


def read(
    paths: Sequence[Path],
    staging: Staging,
    *,
    flow: str | None = None,
    cumulated: bool | None = None,
) -> None:
    """Read tables of Comex Stat into ``monthly_reports``.

    ``flow`` stands in where the file's official name does not tell it; ``cumulated`` as in
    :class:`offing.sources.monthly_rows.Months`.

    Raises:
        InputError: ``sources.which_flow``, ``sources.looks_cumulated``, or a file that cannot be
            used.
    """
    months, layout = Months(staging, cumulated), official("comexstat")
    for table in tables(paths, staging, layout.fits_half):
        side = _side(table, direction_asked(flow))
        table.read(layout)
        if side == "export" and "freight" in table.found:
            raise InputError("sources.freight_of_imports", where=table.where(column="freight"))
        months.add(table, monthly(table, side))
        say_one_office(table, staging)
    months.write()


@cache
def _countries() -> dict[str, str]:
    """Number of the ministry → our code."""
    rows = shipped_rows("offing.sources", "data/comexstat_countries.csv")
    return {row["code"]: row["country"] for row in rows}


def _side(table: SourceTable, flow: str | None) -> str:
    """By the official name, ``EXP_`` or ``IMP_``, else as the user said."""
    named = _NAMED.match(table.file.name)
    if flow is None and named is None:
        raise InputError("sources.which_flow", where=table.where())
    return flow or ("export" if named and named[1].lower() == "exp" else "import")


def monthly(file: SourceTable, side: str) -> pl.DataFrame:
    """The rows of a file in the columns of :mod:`offing.sources.monthly_rows`."""
    raw = file.rows
    text = pl.concat_str(pl.col("year"), pl.lit("-"), pl.col("month"))
    rows = raw.drop("year", "month").hstack(months_of(raw.select(text).to_series()))
    number = pl.col("partner_number").str.zfill(3)
    # A spreadsheet takes the zero in front of 09011110.
    code = pl.col("product").str.zfill(8)
    return rows.with_columns(
        pl.lit(side).alias("direction"),
        pl.lit("BRA").alias("reporter"),
        number.replace_strict(_countries(), default=None, return_dtype=pl.String).alias("partner"),
        pl.when(pl.col("product").str.contains(r"^\d{7,8}$")).then(code).alias("product"),
        plain_number("value").alias("value"),
        pl.lit("USD").alias("currency"),
        plain_number("kg").alias("kg"),
        pl.concat_str(
            code,
            number,  # several areas may be one country of ours
            *(pl.col(name).fill_null("") for name in ("state", "transport", "office")),
            separator="|",
        ).alias("part"),
    )


def say_one_office(file: SourceTable, staging: Staging) -> None:
    """An extract of one customs office is not a country's trade."""
    offices = file.rows["office"].drop_nulls().unique()
    if len(offices) == 1:
        staging.note("sources.note_one_office", office=offices[0])
