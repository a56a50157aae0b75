"""The United States tariff: most-favoured-nation rates, and the lists of its additional duties.

* ``hts8, mfn_text_rate, …``: the USITC's tariff database at eight digits. The text is kept, such
  as ``30.5 cents/kg + 8.5%`` or ``Free``.
* ``hts8, list, ch99_code``: which line is on which Section 301 list. A list says *that* a line
  pays more; *how much* changed by date and belongs to the rulebook, so ``expression`` is null.
* ``HTSUS`` or ``hts_code`` alone: one list of products, told by its file name, see
  ``data/us_lists.toml``.

In a folder, tables of other kinds are passed over and named.
"""

from pathlib import Path, PurePath
from typing import Any

import polars as pl

from offing.sources.about import About
from offing.sources.headings import heading_data, official
from offing.sources.rows import SourceTable, tables
from offing.sources.staging import Staging
from offing.sources.trade_checks import bad_code, duty_lines
from offing.terms.errors import InputError, Where
from offing.terms.messages import join_list

ABOUT = About("tariff-us", ("duty_lines",), "https://dataweb.usitc.gov/tariff/annual")


def read(paths: list[Path], staging: Staging) -> None:
    """Read rates and lists into ``duty_lines`` of the importer ``USA``."""
    frames = []
    passed_over = []
    for table in tables(paths, staging, heading="hts8"):
        product_list = heading_data("us_lists")["files"].get(PurePath(table.file.name).stem.lower())
        if "list" in table.words:
            frames.append(_lists(table))
        elif product_list is not None:
            frames.append(_product_list(table, product_list))
        elif table.file.origin in paths or table.words & {
            *official("us_rates").names["expression"]
        }:
            frames.append(_rates(table))
        else:
            passed_over.append(table.file.name)
    if not frames:
        raise InputError("reference.no_tariff_table", where=Where(paths[0] if paths else None))
    if passed_over:
        staging.note("reference.passed_over", count=len(passed_over), files=join_list(passed_over))
    lines = pl.concat(frames).unique(["regime", "code", "since"], keep="last", maintain_order=True)
    staging.frame("duty_lines", lines)


def _digits() -> pl.Expr:
    return pl.col("code").str.replace_all(".", "", literal=True)


def _rates(table: SourceTable) -> pl.DataFrame:
    rows = table.check(
        table.read(official("us_rates")).with_columns(_digits()),
        {
            "reference.bad_tariff_code": bad_code(r"^\d{8}(\d{2})?$"),
            "reference.no_rate": pl.col("expression").is_null(),
        },
        once=["code"],
    )
    return duty_lines(rows, importer="USA", source="@usitc")


def _lists(table: SourceTable) -> pl.DataFrame:
    lists = heading_data("us_lists")
    rows = table.check(
        table.read(official("us_lists")).with_columns(_digits()),
        {
            "reference.bad_tariff_code": bad_code(r"^\d{8}(\d{2})?$"),
            "reference.unknown_list": ~pl.col("list")
            .is_in([*lists["section_301"]])
            .fill_null(value=False),
        },
        once=["code", "list"],
    ).with_columns(pl.col("heading").fill_null("9903"))
    source = pl.format("@us301|heading={}", "heading")
    regime = pl.coalesce(
        pl.col("heading").replace_strict(lists["by_heading"], default=None),
        pl.col("list").replace_strict(lists["section_301"]),
    )
    return duty_lines(rows, regime, importer="USA", partner="CHN", source=source)


def _product_list(table: SourceTable, goods: dict[str, Any]) -> pl.DataFrame:
    whole = _digits().str.len_chars() == 10
    code = pl.when(whole).then(_digits().str.strip_suffix("00")).otherwise(_digits())
    rows = table.check(
        table.read(official("us_products")).with_columns(code.alias("code")),
        {"reference.bad_tariff_code": bad_code(r"^(\d\d){2,5}$")},
        once=["code"],
    )
    # "flat" is exempt as it is; other categories, such as aircraft, are so by their use alone
    by_use = pl.col("category").is_not_null() & (pl.col("category") != "flat")
    regimes = (pl.lit(f"{goods['regime']}{end}") for end in ("_by_use", ""))
    said = {"source": goods["source"], "since": goods["since"], "until": goods.get("until")}
    regime = pl.when(by_use).then(next(regimes)).otherwise(next(regimes))
    return duty_lines(rows, regime, importer="USA", **said)
