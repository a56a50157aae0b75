"""Facts of countries by year: World Bank indicators, in each layout in which they are published.

* the bulk file of one indicator (``API_NY.GDP.MKTP.CD_…csv``): four lines, then one column a year;
* DataBank's export: ``Series Code`` and one column a year, headed ``2024 [YR2024]``;
* one indicator, long: ``Country Name, Country Code, Year, Value``; say which with ``indicator``;
* several indicators side by side, such as ``iso3, year, gdp_current_usd, population_total``, or
  the Logistics Performance Index.

Groups of countries (Arab World, euro area, World) are passed over and counted. A blank or ``..``
is not a value and leaves no row.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from math import inf
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.headings import heading_data, normalise_heading, official
from offing.sources.rows import SourceTable, tables
from offing.sources.staging import Staging
from offing.sources.trade_checks import code_of
from offing.terms.countries import all_countries
from offing.terms.errors import InputError, unknown_name
from offing.terms.messages import join_list

ABOUT = About("indicators", ("indicators",), "https://data.worldbank.org/indicator")

POSITIVE = ("gdp_usd", "gdp_constant_usd", "gdp_per_head_usd", "population", "cpi", "lpi")
BEST_LPI = 5
"""The index goes from 1 to 5."""
AT_LEAST = {"gdp_usd": 1e9, "gdp_constant_usd": 1e9, "population": 2e6}
"""What these had each year since 1960; below it the values are in millions or the like."""
BLANK = ("", "..", "NA", "N/A", "#N/A")


def _year(heading: str) -> int | None:
    match = re.fullmatch(r"(\d{4})(?:\.0)?(?: ?\[YR\d{4}\])?", heading.strip())
    return int(match[1]) if match else None


def _long(table: SourceTable, indicator: str | None) -> pl.DataFrame:
    """The rows as row, country, year (text), name, text."""
    years = {f"y{year}": heading for heading in table.header if (year := _year(heading))}
    if years:
        return _columns_by_year(table, indicator, years)
    if "value" in table.words:
        name = indicator or _guess(table)
        return table.read(official("indicator_values")).with_columns(name=pl.lit(name))
    return _columns_by_name(table, indicator)


def _columns_by_year(
    table: SourceTable, indicator: str | None, years: Mapping[str, str]
) -> pl.DataFrame:
    """A column for each year."""
    headings = {name: [normalise_heading(heading)] for name, heading in years.items()}
    read = table.read(official("indicator_years", **headings))
    lowered = pl.col("series").str.to_lowercase()
    series = pl.col("series").replace_strict(heading_data("indicators")["series"], default=lowered)
    named = pl.lit(indicator) if indicator else series
    rows = read.with_columns(named.alias("name")).unpivot(
        list(years), index=["row", "country", "name"], variable_name="year", value_name="text"
    )
    return rows.with_columns(pl.col("year").str.slice(1))


def _columns_by_name(table: SourceTable, indicator: str | None) -> pl.DataFrame:
    """A column for each indicator."""
    layout = official("indicator_names")
    ours = {name: layout.names[name] for name in layout.names if name not in ("country", "year")}
    present = {n: keys for n, keys in ours.items() if not table.words.isdisjoint(keys)}
    if indicator and present and indicator not in present:
        raise unknown_name(indicator, sorted(present), table.where())
    present = {indicator: present[indicator]} if indicator and present else present
    read = table.read(
        replace(layout, names={n: layout.names[n] for n in ("country", "year", *present)})
    )
    if not present:
        raise InputError(
            "reference.no_known_indicator",
            where=table.where(),
            columns=join_list(table.header),
            known=join_list(sorted(ours)),
        )
    return read.unpivot(
        sorted(present), index=["row", "country", "year"], variable_name="name", value_name="text"
    )


def _guess(table: SourceTable) -> str:
    stem = table.file.name.casefold()
    for sign, name in (("gdp", "gdp_usd"), ("pop", "population"), ("lpi", "lpi")):
        if sign in stem:
            return name
    known = join_list(sorted(heading_data("indicators")["series"].values()))
    raise InputError("reference.which_indicator", where=table.where(), known=known)


def read(paths: list[Path], staging: Staging, *, indicator: str | None = None) -> None:
    """Read World Bank files into ``indicators``.

    ``indicator`` is our name of the values in a file that does not say it, such as ``gdp_usd``; in
    a file with several, the only one to take.

    Raises:
        InputError: ``reference.which_indicator`` where a long file does not say what its values
            are, ``errors.unknown_name`` where the named one is not in the file.
    """
    codes = {code for code, country in all_countries().items() if country.kind == "country"}
    frames = []
    groups = 0
    for table in tables(paths, staging, official("indicator_years").fits, heading="Country Code"):
        if table.file.name.startswith("Metadata_"):
            continue  # beside the data in the World Bank's archives
        rows = _long(table, indicator).with_columns(
            pl.col("country").str.to_uppercase().replace(heading_data("indicators")["old_codes"]),
            pl.col("text").fill_null("").str.strip_chars(),
        )
        named = pl.coalesce(code_of(rows, "country"), "country")
        rows = rows.with_columns(named.alias("country"))
        of_group = (
            pl.col("country").is_in(heading_data("indicators")["groups"]).fill_null(value=False)
        )
        groups += rows.filter(of_group)["row"].n_unique()
        rows = rows.filter(~of_group & ~pl.col("text").is_in(BLANK)).with_columns(
            pl.col("year").cast(pl.Float64, strict=False).alias("year"),
            pl.col("text").str.replace_all(",", "").cast(pl.Float64, strict=False).alias("value"),
        )
        positive = pl.col("name").is_in(POSITIVE)
        rows = table.check(
            rows,
            {
                "reference.unknown_country": ~pl.col("country").is_in(codes).fill_null(value=False),
                "reference.no_series": pl.col("name").is_null(),
                "reference.bad_year": ~pl.col("year").is_between(1900, 2100).fill_null(value=False)
                | (pl.col("year") % 1 != 0),
                "reference.bad_value": pl.col("value").is_null()
                | ~pl.col("value").is_finite()
                | (positive & (pl.col("value") <= 0))
                | ((pl.col("name") == "lpi") & (pl.col("value") > BEST_LPI)),
            },
            once=["country", "year", "name"],
        )
        least = pl.col("name").replace_strict(AT_LEAST, default=-inf)
        small = pl.col("country").is_in(heading_data("indicators")["large"]) & (
            pl.col("value") < least
        )
        rows = table.quarantine(rows, {"reference.value_unit": small.any().over("name")})
        frames.append(rows.select("country", pl.col("year").cast(pl.Int16), "name", "value"))
    if groups:
        staging.note("reference.groups_passed_over", count=groups)
    merged = pl.concat(frames).unique(["country", "year", "name"], keep="last", maintain_order=True)
    staging.frame("indicators", merged)
