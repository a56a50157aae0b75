"""Build the starter world: ``python -m tools.make_starter ../shared/data`` (make starter).

The starter world is a small warehouse inside the package, so that a fresh machine without internet
can run the examples. It is made by the project's own loads and its own reconciliation: the flows
are estimates from both sides' reports, and the reports themselves are left out. What is in it, and
under which terms, is in ``starter/STARTER.md``.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from offing.terms.caution import Caution
from offing.terms.tables import TABLES
from offing.warehouse.catalog import Catalog, Load, StoredPart, stretches, write_catalog
from offing.warehouse.loading import load
from offing.warehouse.store import Warehouse, starter_folder

BUILT = datetime(2026, 11, 24, tzinfo=UTC)
"""The day that its provenance gives; fixed, so that the same data give the same bytes."""

FLOWS = "starter-hs85"
CHAPTERS = ("61", "62", "85")
"""Chapters whose schedules of preferences the examples need: garments, electrical machinery."""
FIRST_YEAR = 2015
US_LISTS = (
    "metals-annex-IA", "metals-annex-IB", "metals-annex-II-removed", "metals-annex-III-temporary",
    "section122-product-exemptions", "section122-specific-exemptions",
    "section122-aircraft-exemptions", "annex-II-exemptions", "annex-II-exemptions-nov14",
    "consumer_electronics_EO14257_apr11", "steel-tariffs", "alu-tariffs", "copper-list",
    "auto-tariffs", "brazil-non-airplane-exemptions", "brazil-301-exemptions",
)  # fmt: skip
"""All that a rule uses: a list without a line of a code means that the goods are not on it."""
INDICATORS = ("gdp_usd", "population")

Choice = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Piece:
    """One load of the starter world: which files of the data folder, and which rows are kept.

    ``words`` is a table of a tariff's own texts, ``code`` and ``path``, that its lines get.
    """

    source: str
    files: tuple[str, ...]
    keep: Choice
    words: str = ""
    dataset: str | None = None
    notes: tuple[str, ...] = ()


def _everything(rows: pl.DataFrame) -> pl.DataFrame:
    return rows


def _to_the_dollar(flows: pl.DataFrame) -> pl.DataFrame:
    """Estimates without the digits that they do not have; small ones keep three decimals."""
    amounts = ("value_usd", "cif_usd", "kg", "items")
    return flows.with_columns(
        pl.when(pl.col(name) >= 1000).then(pl.col(name).round(0)).otherwise(pl.col(name).round(3))
        for name in amounts
    )


def _to_a_tenth(distances: pl.DataFrame) -> pl.DataFrame:
    return distances.with_columns(pl.col("km").round(1))


def _recent(indicators: pl.DataFrame) -> pl.DataFrame:
    return indicators.filter(pl.col("name").is_in(INDICATORS) & (pl.col("year") >= FIRST_YEAR))


def _chapters(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.filter(pl.col("code").str.slice(0, 2).is_in(CHAPTERS))


def with_words(lines: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Lines with what tells them apart below six digits: the texts above them that differ there.

    ``Other, color: With a flat panel screen: Other: Other`` of 8528.72.72.
    """
    told = texts.with_columns(
        pl.col("code").str.replace(r"^(\d{8})00$", "${1}"), parts=pl.col("path").str.split(": ")
    ).filter(pl.col("code").str.len_chars() == 8)
    below: dict[str, str] = {}
    for _, group in told.group_by(pl.col("code").str.slice(0, 6), maintain_order=True):
        paths = group["parts"].to_list()
        first = next(
            (at for at in range(min(map(len, paths))) if len({path[at] for path in paths}) > 1),
            min(map(len, paths)) - 1,
        )
        # a long path is cut off in the table: its last text stands beside it in full
        rows = zip(group["code"], paths, group["description"], strict=True)
        below |= {code: ": ".join([*path[first:-1], last]) for code, path, last in rows}
    named = pl.col("code").replace_strict(below, default=None, return_dtype=pl.String)
    return lines.with_columns(description=pl.coalesce(named, "description"))


def _japan(lines: pl.DataFrame) -> pl.DataFrame:
    """A tariff of July 2026: Japan cuts under RCEP on 1 April of each year (Annex I)."""
    staged = pl.col("regime") == "rcep"
    return lines.with_columns(
        since=pl.when(staged).then(date(2026, 4, 1)).otherwise(pl.col("since")),
        until=pl.when(staged).then(date(2027, 4, 1)).otherwise(pl.col("until")),
    )


PIECES = (
    Piece("distances", ("gravity_cepii/dist_cepii.parquet",), _to_a_tenth),
    Piece(
        "indicators",
        (
            "country_indicators/gdp_wb_1960_2024.csv",
            "country_indicators/population_wb.csv",
            "comtrade_hs85_bilateral/wdi_2019_2024.csv",
        ),
        _recent,
    ),
    Piece("groups", ("bri_members/bri_by_year_2013_2023.csv",), _everything),
    Piece("ecb", (), _everything),
    Piece("fx-thin", ("fx_thin_history/cny_rates_2024_2026.csv",), _everything),
    Piece("tariff-uk-eu", ("uk_eu_tariff_2021/ukgt_cet.csv",), _everything),
    Piece(
        "tariff-us",
        (
            "us_tariffs/us_mfn_hts8.csv",
            "us_tariffs/section301_lists_yale.csv",
            *(f"us_tariffs/trade_war_lists/{name}.csv" for name in US_LISTS),
        ),
        _everything,
        "tariff_texts/us_hts_2025_basic_en.parquet",
    ),
    Piece("tariff-national", ("national_tariffs/jpn_2026-07.csv",), _japan),
    Piece("tariff-rcep", ("rcep_schedules/australia.csv",), _chapters),
    Piece(
        "comtrade",
        ("comtrade_hs85_bilateral/hs85_hs4_20x20.parquet",),
        _to_the_dollar,
        dataset=FLOWS,
        notes=("reference.starter_flows",),
    ),
)
"""In this order: reconciling needs the distances."""


def build(data: Path, target: Path) -> Catalog:
    """Build the starter world from the shared data.

    Args:
        data: the folder of shared data.
        target: a warehouse folder; its tables and catalogue are replaced, other files stay.

    Raises:
        InputError: a data file is missing or cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="offing-starter-") as scratch:
        whole = Path(scratch)
        for piece in PIECES:
            files = [data / file for file in piece.files]
            load(piece.source, files, whole, dataset=piece.dataset, at=BUILT)
        warehouse = Warehouse(whole)
        for table in TABLES:
            shutil.rmtree(target / table, ignore_errors=True)
        loads: list[Load] = []
        parts: list[StoredPart] = []
        for piece in PIECES:
            texts = pl.read_parquet(data / piece.words) if piece.words else None
            stored = _write(warehouse, piece, target, texts)
            parts += stored
            loads.append(_record(warehouse.catalog, piece, stored))
    catalog = Catalog(tuple(loads), tuple(parts), next_id=len(loads) + 1)
    write_catalog(target, catalog)
    return catalog


def _write(
    warehouse: Warehouse, piece: Piece, target: Path, texts: pl.DataFrame | None
) -> list[StoredPart]:
    """The kept rows of a piece, table by table and year by year, without the reports."""
    dataset = piece.dataset or piece.source
    stored = []
    for part in warehouse.catalog.parts:
        if part.dataset != dataset or part.table == "reports":
            continue
        rows = piece.keep(pl.read_parquet(warehouse.folder / part.file))
        rows = rows if texts is None else with_words(rows, texts)
        rows = TABLES[part.table].schema.validate(rows, cast=True)
        name = f"{part.table}/{dataset}{'' if part.year is None else f'-{part.year}'}.parquet"
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        # Sorted on every column: rows that are equal in the table's order keep one place too.
        order = [*TABLES[part.table].order, *rows.columns]
        rows.sort(list(dict.fromkeys(order))).write_parquet(
            target / name, compression="zstd", compression_level=19, statistics=True
        )
        sums = stretches(warehouse.duck, target / name)
        stored.append(replace(part, file=name, rows=rows.height, sums=sums))
    return stored


def _record(whole: Catalog, piece: Piece, stored: Sequence[StoredPart]) -> Load:
    record = whole.load_of(piece.dataset or piece.source)
    assert record is not None
    return replace(
        record,
        good=sum(part.rows for part in stored),
        quarantine=None,
        notes=(*record.notes, *(Caution(key, {}) for key in piece.notes)),
    )


def main(arguments: Sequence[str]) -> None:
    """Build the starter world in the package from the data folder named."""
    build(Path(arguments[0]), starter_folder())


if __name__ == "__main__":
    main(sys.argv[1:])
