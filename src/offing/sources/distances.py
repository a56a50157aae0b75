"""Distances between countries: CEPII's GeoDist (Mayer and Zignago 2011).

``distw`` is used: the distance between two countries' cities, weighted by the people who live in
them. Where it is not known (``.``), ``dist``, between the main cities, stands in for it; a note of
the load counts these pairs. Stata's ``.dta`` is not read: take the xls file, or save it as csv.
"""

from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.headings import official
from offing.sources.rows import number, tables
from offing.sources.staging import Staging
from offing.terms.countries import all_countries, country_name
from offing.terms.errors import InputError, Where
from offing.terms.files import shipped_rows

ABOUT = About(
    "distances", ("distances",), "http://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=6"
)

OLD_CODES = {"ROM": "ROU", "ZAR": "COD", "TMP": "TLS", "PAL": "PSE", "YUG": "SRB", "SCG": "SRB"}
"""Codes of GeoDist that ISO 3166 has changed since. CEPII measures YUG from Belgrade."""

HALF_ROUND = 20_100
"""Kilometres: nothing on earth is farther away."""
FLAGS = ("contiguous", "common_language", "colony")


def read(paths: list[Path], staging: Staging) -> None:
    """Read GeoDist files (Parquet, csv or xls) into ``distances``."""
    known = [
        code
        for code, country in all_countries().items()
        if country.kind in ("country", "dissolved")
    ]
    frames = []
    layout = official("distances")
    for table in tables(paths, staging, layout.fits_half, heading="iso_o"):
        written = table.replace_commas(table.read(layout), "weighted", "plain")
        rows = written.with_columns(
            pl.col("origin", "destination").str.to_uppercase().replace(OLD_CODES),
            *(number(name).alias(name) for name in ("weighted", "plain", *FLAGS)),
        ).with_columns(
            pl.coalesce("weighted", "plain").alias("km"),
            pl.col("weighted").is_not_null().alias("weighted"),
        )
        countries = pl.col("origin").is_in(known) & pl.col("destination").is_in(known)
        far = ~pl.col("km").is_between(0, HALF_ROUND, closed="right").fill_null(value=False)
        flags = pl.col(FLAGS).is_in([0.0, 1.0]).fill_null(value=False)
        bad = {
            "reference.unknown_country": ~countries.fill_null(value=False),
            "reference.bad_distance": far,
            "reference.bad_flag": ~pl.all_horizontal(flags),
        }
        frames.append(table.check(rows, bad, once=["origin", "destination"]))
    rows = pl.concat(frames).unique(["origin", "destination"], keep="last", maintain_order=True)
    must_be_kilometres(rows, Where(paths[0]))
    if stood_in := rows.filter(~pl.col("weighted")).height:
        staging.note("reference.plain_distance", count=stood_in, all=rows.height)
    staging.frame("distances", rows.with_columns(pl.col(name) == 1 for name in FLAGS))


KNOWN_KM = {
    (row["one"], row["other"]): int(row["km"])
    for row in shipped_rows("offing.sources", "data/known_distances.csv")
}
"""Pairs whose distance everybody knows, about."""
KILOMETRES = (0.72, 2.0)
"""Of them, whatever way of measuring is taken; miles are 0.62."""


def must_be_kilometres(rows: pl.DataFrame, where: Where | None = None) -> None:
    """Refuse distances that are miles or metres, by some that everybody knows.

    Raises:
        InputError: ``reference.no_kilometres``.
    """
    pairs = rows.select(pl.concat_list("origin", "destination"), "km").rows()
    there = {(origin, destination): km for (origin, destination), km in pairs}
    both = [(p, there.get(p) or there.get((p[1], p[0]))) for p in KNOWN_KM]
    ratios = sorted(km / KNOWN_KM[pair] for pair, km in both if km)
    middle = ratios[len(ratios) // 2] if ratios else 1.0
    if KILOMETRES[0] < middle < KILOMETRES[1]:
        return
    (one, other), found = next((pair, km) for pair, km in both if km)
    values = {"one": country_name(one), "other": country_name(other)}
    km = f"{KNOWN_KM[one, other]:,}"
    raise InputError(
        "reference.no_kilometres",
        where=where,
        found=f"{found:,.4g}" if found < 1000 else f"{found:,.0f}",
        km=km,
        **values,
    )
