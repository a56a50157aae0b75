"""Groups of countries, dated: RCEP, the European Union, ASEAN, and Belt and Road by year.

RCEP, EU and ASEAN memberships come with the package (``data/groups.toml``, written by hand from
the treaties); every load has them. Files add to them:

* a Belt and Road table by year (``国家, country, id, friend, Y13 … Y23``). Its code was not
  explained by its publisher; it reads as follows. ``friend`` is the number k of the year in which
  the country signed its first cooperation document with China, counted so that 2013 is 1; the
  column of that year repeats k and the others have 0. A country is a member from 1 January of
  that year, since the file has no day, so its status is ``illustrative``. Read so, those of 2013 to
  2019 and Kiribati (January 2020) are exactly the 138 countries of the official list of January
  2020; a test holds this. Countries are found by
  their Chinese name: the English names and ISO codes of the published table confuse the two Congos
  and Dominica with the Dominican Republic.
* a table of your own: ``group, country, since, until`` and, if you like, ``status`` and ``source``.
"""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from offing.sources.about import About
from offing.sources.headings import heading_data, normalise_heading, official
from offing.sources.rows import SourceTable, tables
from offing.sources.staging import Staging
from offing.sources.trade_checks import code_of, no_country
from offing.terms.tables import Groups

ABOUT = About("groups", ("groups",), "https://www.yidaiyilu.gov.cn/country")

BELT_AND_ROAD = "belt_and_road"
LEFT = {"ITA": date(2024, 3, 23)}
"""Italy did not renew its memorandum, which ran to 2024-03-22 (notice of December 2023)."""


def packaged_groups() -> pl.DataFrame:
    """The memberships that come with the package, in the columns of ``Groups``."""
    rows: list[dict[str, Any]] = [
        {
            "group": group["name"],
            "country": member[0],
            "since": date.fromisoformat(member[1]),
            "until": date.fromisoformat(member[2]) if len(member) > 2 else None,
            "status": group["status"],
            "source": group["source"],
        }
        for group in heading_data("groups")["group"]
        for member in group["members"]
    ]
    return Groups.validate(pl.DataFrame(rows, schema_overrides={"until": pl.Date}), cast=True)


def _belt_and_road(table: SourceTable, years: dict[str, int]) -> pl.DataFrame:
    layout = official("belt_and_road", **{name: [normalise_heading(name)] for name in years})
    read = table.read(layout)
    rows = read.with_columns(
        code_of(read, "chinese").alias("country"),
        *(pl.col(name).cast(pl.Int32, strict=False) for name in ("friend", *years)),
    )
    year = pl.col("friend") + 2012
    agrees = pl.all_horizontal(
        pl.col(name) == pl.when(year == number).then(pl.col("friend")).otherwise(0)
        for name, number in years.items()
    )
    good = table.check(
        rows,
        {
            "reference.unknown_country": no_country("country"),
            "reference.bad_belt_code": ~(agrees & year.is_in(list(years.values()))).fill_null(
                value=False
            ),
        },
        once=["country"],
    )
    leaving = pl.Series("until", [LEFT.get(code) for code in good["country"]], pl.Date)
    return good.select(
        pl.lit(BELT_AND_ROAD).alias("group"),
        "country",
        pl.date(year, 1, 1).alias("since"),
        leaving,
        pl.lit("illustrative").alias("status"),
        pl.lit("first cooperation document, by year; Belt and Road Portal").alias("source"),
    )


def _own(table: SourceTable) -> pl.DataFrame:
    def day(name: str) -> pl.Expr:
        return pl.col(name).str.to_date("%Y-%m-%d", strict=False)

    read = table.read(official("groups"))
    rows = read.with_columns(
        code_of(read, "country").alias("code"),
        pl.col("group").str.to_lowercase().str.replace_all(r"[\s-]+", "_"),
        *(day(name).alias(f"{name}_day") for name in ("since", "until")),
        pl.col("status").fill_null("illustrative"),
        pl.col("source").fill_null(Path(table.file.shown).name),
    )
    good = table.check(
        rows,
        {
            "reference.no_group": pl.col("group").is_null(),
            "reference.unknown_country": no_country("code"),
            "reference.bad_date": (pl.col("since").is_not_null() & pl.col("since_day").is_null())
            | (pl.col("until").is_not_null() & pl.col("until_day").is_null()),
            "reference.ends_before_start": pl.col("until_day") <= pl.col("since_day"),
            "reference.bad_status": ~pl.col("status").is_in(["checked", "illustrative"]),
        },
        once=["group", "code", "since_day"],
    )
    return good.select(
        "group",
        country="code",
        since="since_day",
        until="until_day",
        status="status",
        source="source",
    )


def _read_one(table: SourceTable) -> pl.DataFrame:
    years = {
        heading: 2000 + int(heading[1:])
        for heading in table.header
        if heading[:1] in "Yy" and heading[1:].isdigit() and len(heading) == 3
    }
    return _belt_and_road(table, years) if years else _own(table)


def read(paths: list[Path], staging: Staging) -> None:
    """Read dated memberships into ``groups``: those of the package and those of the files."""
    frames = [packaged_groups()]
    for table in tables(paths, staging, heading="country"):
        rows = _read_one(table).select(list(Groups.columns()))
        frames.append(Groups.validate(rows, cast=True))
    merged = pl.concat(frames).unique(
        ["group", "country", "since"], keep="last", maintain_order=True
    )
    staging.frame("groups", merged)
