"""The United States tariff: most-favoured-nation rates, and the lists of its additional duties.

* ``hts8, mfn_text_rate, …``: the USITC's tariff database at eight digits. The text is kept, such
  as ``30.5 cents/kg + 8.5%`` or ``Free``.
* ``hts8, list, ch99_code``: which line is on which Section 301 list. A list says *that* a line
  pays more; *how much* changed by date and belongs to the rulebook, so ``expression`` is null.
* ``HTSUS`` or ``hts_code`` alone: one list of products, told by its file name; see
  :mod:`offing.sources.tariff_us`.

In a folder, tables of other kinds are passed over and named.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath

import polars as pl

from offing.sources.about import About
from offing.sources.archive import SourceFile
from offing.sources.columns import spelled
from offing.sources.rows import TableReader, read_rows
from offing.sources.sheet_file import checked, headings, tables
from offing.sources.staging import Staging
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated

ABOUT = About(
    name="tariff-us",
    title="reference.tariff_us",
    tables=("duty_lines",),
    publisher="sources.publisher_tariff_us",
    licence="sources.licence_tariff_us",
    page="https://dataweb.usitc.gov/tariff/annual",
)

IEEPA_BEGAN, IEEPA_ENDED = date(2025, 4, 5), date(2026, 2, 24)
METALS = date(2026, 4, 6)


@dataclass(frozen=True)
class ProductList:
    """A list and the days on which it holds.

    ``regime`` is the duty regime that its lines get.
    """

    regime: str
    source: str
    since: date
    until: date | None = None


_SURCHARGE = (date(2026, 2, 24), date(2026, 7, 24))

_DERIVATIVES = (date(2025, 3, 12), METALS)

LISTS: dict[str, ProductList] = {
    "metals-annex-ia": ProductList("us232_ia", "@us232|annex=I-A", METALS),
    "metals-annex-ib": ProductList("us232_ib", "@us232|annex=I-B", METALS),
    "metals-annex-ii-removed": ProductList("us232_ii", "@us232|annex=II", METALS),
    "metals-annex-iii-temporary": ProductList("us232_iii", "@us232|annex=III", METALS),
    "section122-product-exemptions": ProductList("us122_exempt", "@us122", *_SURCHARGE),
    "section122-specific-exemptions": ProductList("us122_in_part", "@us122_some", *_SURCHARGE),
    "section122-aircraft-exemptions": ProductList("us122_aircraft", "@us122_aircraft", *_SURCHARGE),
    "annex-ii-exemptions": ProductList(
        "usieepa_exempt", "EO 14257, annex II as first published", IEEPA_BEGAN, date(2025, 11, 13)
    ),
    "annex-ii-exemptions-nov14": ProductList(
        "usieepa_exempt", "EO 14257, annex II of November 2025", date(2025, 11, 13), IEEPA_ENDED
    ),
    "steel-tariffs": ProductList("us232_steel_derivative", "@us232_steel", *_DERIVATIVES),
    "alu-tariffs": ProductList("us232_aluminium_content", "@us232_aluminium", *_DERIVATIVES),
    "copper-list": ProductList("us232_copper", "@us232_copper", date(2025, 8, 1), METALS),
    "auto-tariffs": ProductList("us232_auto_parts", "@us232_parts", date(2025, 5, 3)),
    "brazil-non-airplane-exemptions": ProductList(
        "usbrazil_exempt", "EO 14323, annex I", date(2025, 8, 6), IEEPA_ENDED
    ),
    "brazil-301-exemptions": ProductList("usbrazil301_exempt", "@us301_brazil", date(2026, 7, 22)),
    "consumer_electronics_eo14257_apr11": ProductList(
        "usieepa_exempt", "memorandum of 2025-04-11 on EO 14257", IEEPA_BEGAN, IEEPA_ENDED
    ),
}
"""File name in small letters, without its ending → list. ``us122_in_part`` and ``us122_aircraft``
depend on more than the code, so no rule uses them: a quote says that the product is on them."""

REGIMES = {
    "1": "us301_1",
    "2": "us301_2",
    "3": "us301_3",
    "3_addl": "us301_3",
    "4A": "us301_4a",
    "4B": "us301_4b",
    "biden_25": "us301_2024_25",
    "biden_50": "us301_2024_50",
    "biden_100": "us301_2024_100",
    "biden_25_jan25": "us301_2025_25",
    "biden_50_jan25": "us301_2025_50",
    "biden_jan26": "us301_2026",
    "cranes_301": "us301_cranes",
}
"""List → regime. ``3_addl`` is heading 9903.88.04: lines that list 3 covers in part. The lists of
the four-year review of 2024 are named by the year and rate with which they began."""

BY_HEADING = {"9903.91.07": "us301_2026_masks", "9903.91.08": "us301_2026_gloves"}
"""Headings of the list ``biden_jan26`` whose rates differ from the others'."""

LISTED = frozenset(REGIMES.values()) | frozenset(BY_HEADING.values())
LISTED |= frozenset(goods.regime for goods in LISTS.values())
"""The product lists that a data set has."""

CODE = ["hts8", "htsus", "htsnumber", "hts", "htscode"]
RATE = ["mfntextrate", "generalrateofduty"]


def list_of(name: str) -> ProductList | None:
    """The list that a file of this name has."""
    return LISTS.get(PurePath(name).stem.lower())


def read(paths: list[Path], staging: Staging) -> None:
    """Read rates and lists into ``duty_lines`` of the importer ``USA``."""
    frames = []
    passed_over = []
    for table in tables(paths, staging, heading="hts8"):
        names = set(map(spelled, headings(table)))
        product_list = list_of(table.name)
        if "list" in names:
            frames.append(_lists(table, staging))
        elif product_list is not None:
            frames.append(_product_list(table, product_list, staging))
        elif table.origin in paths or names & {spelled(name) for name in RATE}:
            frames.append(_rates(table, staging))
        else:
            passed_over.append(table.name)
    if not frames:
        raise InputError("reference.no_tariff_table", where=Where(paths[0] if paths else None))
    if passed_over:
        staging.note("reference.passed_over", count=len(passed_over), files=enumerated(passed_over))
    lines = pl.concat(frames).unique(["regime", "code", "since"], keep="last", maintain_order=True)
    staging.frame("duty_lines", lines)


def _digits(file: TableReader) -> pl.DataFrame:
    return file.rows.with_columns(pl.col("code").str.replace_all(".", "", literal=True))


def _bad_code() -> pl.Expr:
    return ~pl.col("code").str.contains(r"^\d{8}(\d{2})?$").fill_null(value=False)


def _line(
    regime: pl.Expr,
    partner: str | None,
    source: pl.Expr,
    since: date | None = None,
    until: date | None = None,
) -> list[pl.Expr]:
    return [
        pl.lit("USA").alias("importer"),
        pl.col("code"),
        regime.alias("regime"),
        pl.lit(partner, pl.String).alias("partner"),
        pl.col("expression"),
        pl.lit(since, pl.Date).alias("since"),
        pl.lit(until, pl.Date).alias("until"),
        pl.col("description"),
        source.alias("source"),
    ]


def _rates(table: SourceFile, staging: Staging) -> pl.DataFrame:
    spellings = {
        "code": CODE,
        "description": ["briefdescription", "description"],
        "expression": RATE,
    }
    file = read_rows(table, spellings, ["code", "expression"], staging)
    rows = checked(
        file,
        _digits(file),
        {
            "reference.bad_tariff_code": _bad_code(),
            "reference.no_rate": pl.col("expression").is_null(),
        },
        once=["code"],
    )
    return rows.select(_line(pl.lit("mfn"), None, pl.lit("@usitc")))


def _lists(table: SourceFile, staging: Staging) -> pl.DataFrame:
    spellings = {"code": CODE, "list": ["list"], "heading": ["ch99code"]}
    file = read_rows(table, spellings, ["code", "list"], staging)
    rows = checked(
        file,
        _digits(file),
        {
            "reference.bad_tariff_code": _bad_code(),
            "reference.unknown_list": ~pl.col("list").is_in(list(REGIMES)).fill_null(value=False),
        },
        once=["code", "list"],
    ).with_columns(
        expression=pl.lit(None, pl.String),
        description=pl.lit(None, pl.String),
        heading=pl.col("heading").fill_null("9903"),
    )
    source = pl.format("@us301|heading={}", "heading")
    regime = pl.coalesce(
        pl.col("heading").replace_strict(BY_HEADING, default=None),
        pl.col("list").replace_strict(REGIMES),
    )
    return rows.select(_line(regime, "CHN", source))


def _product_list(table: SourceFile, goods: ProductList, staging: Staging) -> pl.DataFrame:
    file = read_rows(table, {"code": CODE, "category": ["category"]}, ["code"], staging)
    digits = pl.col("code").str.replace_all(".", "", literal=True)
    whole = digits.str.len_chars() == 10
    rows = checked(
        file,
        file.rows.with_columns(
            pl.when(whole).then(digits.str.strip_suffix("00")).otherwise(digits).alias("code")
        ),
        {"reference.bad_tariff_code": ~pl.col("code").str.contains(r"^(\d\d){2,5}$")},
        once=["code"],
    ).with_columns(expression=pl.lit(None, pl.String), description=pl.lit(None, pl.String))
    # "flat" is exempt as it is; other categories, such as aircraft, are so by their use alone
    by_use = pl.col("category").is_not_null() & (pl.col("category") != "flat")
    regime = pl.when(by_use).then(pl.lit(f"{goods.regime}_by_use")).otherwise(pl.lit(goods.regime))
    return rows.select(_line(regime, None, pl.lit(goods.source), goods.since, goods.until))
