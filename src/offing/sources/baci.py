"""BACI of CEPII: reconciled world trade by HS6 product, one file a year.

Columns: ``t`` year, ``i`` exporter, ``j`` importer, ``k`` product, ``v`` thousand USD free on
board, ``q`` tonnes (Gaulier and Zignago 2010). One edition of the Harmonized System for each
download; its name is in the file names (``BACI_HS17_Y2020_V202301.csv``).

A year has about ten million rows. They are read in pieces, checked, packed into one integer key
for each row, sorted by it and written; texts appear again only on the way to the disk.
"""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np
import polars as pl

from offing.sources.about import About
from offing.sources.archive import names
from offing.sources.headings import official
from offing.sources.rows import SourceTable, ahead, finite, tables
from offing.sources.staging import Staging, YearFile
from offing.sources.trade_checks import (
    FIRST_YEAR,
    GROUP,
    NO_NUMBER,
    NOT_KNOWN,
    Numbers,
    last_years,
    last_years_of_numbers,
    odd_values,
    place_of,
    places,
    places_of_numbers,
    this_year,
)
from offing.terms.countries import all_countries
from offing.terms.errors import InputError, Where
from offing.terms.hs import edition_of, fitting, invalid_codes, telling_codes
from offing.terms.messages import join_list

ABOUT = About(
    "baci",
    ("flows",),
    "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37",
    files={
        f"BACI_HS{edition}_V202601.zip": "https://www.cepii.fr/DATA_DOWNLOAD/baci/data/"
        f"BACI_HS{edition}_V202601.zip"
        for edition in ("92", "96", "02", "07", "12", "17", "22")
    },
)

NOT_GIVEN = ("NA", "N/A", "NaN", ".", "NULL")
"""How a missing quantity is written."""


def _is_codes(name: str) -> bool:
    return name.lower().startswith(("country_codes", "product_codes"))


def _is_trade(name: str) -> bool:
    return not _is_codes(name)


def edition_in(name: str) -> str | None:
    """The HS edition that a file name tells, such as 2017 for ``BACI_HS17_Y2020_V202301.csv``.

    >>> edition_in("BACI_HS17_Y2020_V202301.csv"), edition_in("flows.csv")
    ('2017', None)
    """
    found = re.search(r"(?<![A-Za-z])HS(\d{4}|\d{2})(?!\d)", name, re.IGNORECASE)
    if found is None:
        return None
    try:
        return edition_of(found[0])
    except InputError:
        return None


def year_files(paths: Sequence[Path]) -> tuple[YearFile, ...]:
    """The files, where each has one year of its own and the name tells which; else none.

    Each can then be loaded by itself.
    """
    files: dict[int, YearFile] = {}
    for name, origin in names(paths):
        if not _is_trade(name):
            continue
        told, edition = _RELEASE.search(name), edition_in(name) or edition_in(origin.name)
        if told is None or edition is None or int(told[1]) in files:
            return ()
        files[int(told[1])] = YearFile(int(told[1]), name, origin, edition)
    return tuple(file for _, file in sorted(files.items()))


def read(paths: Sequence[Path], staging: Staging, *, edition: str | None = None) -> None:
    """Read BACI files into ``flows``.

    ``edition`` stands in where the file names do not tell the HS edition.

    Raises:
        InputError: ``sources.mixed_editions``, ``sources.edition_does_not_fit``,
            ``sources.years_differ``, or a file that cannot be used.
    """
    _must_be_one_release(paths)
    numbers, products = _publishers_codes(paths, staging)
    staging.edition = _edition(paths, staging, edition)
    listed = products.get(staging.edition or "")
    years = FlowYears(staging)
    layout = official("baci")

    def is_wanted(name: str) -> bool:
        return _is_trade(name) and (not staging.only or name in staging.only)

    def check_pieces() -> Iterator[tuple[SourceTable, pl.DataFrame]]:
        for table in tables(paths, staging, layout.fits_half, is_wanted=is_wanted):
            table.find(layout)
            told = _RELEASE.search(table.file.name)
            for piece in table.pieces():
                if told:
                    _must_be_of_year(table, piece, int(told[1]))
                yield table, _check_piece(table, piece, numbers, listed)

    for table, rows in ahead(check_pieces()):
        years.add(rows)
        staging.progress(table.file.name, 0.7 * table.share)
    years.write()
    staging.edition = _checked_edition(staging, years.signs)
    staging.reasons.update({"sources.twice": years.twice} if years.twice else {})
    notes = odd_values(years.sample().with_columns(value="value_usd"))[:1]
    staging.notes += notes
    if notes and notes[0].key != "sources.no_weights":
        staging.note("sources.baci_units")


_RELEASE = re.compile(r"_Y((?:19|20)\d{2})_V(\d{6}\w?)\b", re.IGNORECASE)
"""The year and the release in the name of a file."""


def _must_be_one_release(paths: Sequence[Path]) -> None:
    """Refuse a year of two releases: a later one replaces the figures of an earlier one.

    Raises:
        InputError: ``sources.two_releases``.
    """
    found: dict[str, str] = {}
    for name, origin in names(paths):
        if (told := _RELEASE.search(name)) is None:
            continue
        year, release = told[1], told[2]
        if (other := found.setdefault(year, release)) != release:
            first, last = sorted((other, release))
            values = {"year": year, "here": last, "there": first}
            raise InputError("sources.two_releases", where=Where(origin), **values)


def _must_be_of_year(table: SourceTable, piece: pl.DataFrame, named: int) -> None:
    """Refuse rows of another year than the file's name says: they would replace that year.

    Raises:
        InputError: ``sources.year_of_name``.
    """
    found = piece["t"].unique().cast(pl.Int16, strict=False).drop_nulls().sort()
    others = [year for year in found if year != named and FIRST_YEAR <= year <= this_year()]
    if others:
        values = {"file": table.file.name, "year": named, "years": join_list(map(str, others))}
        raise InputError("sources.year_of_name", where=Where(table.file.origin), **values)


def _edition(paths: Sequence[Path], staging: Staging, said: str | None) -> str | None:
    """The one edition that the option and all file names agree on."""
    first = (edition_of(said), "--edition") if said else None
    for name, origin in names(paths):
        here = (edition_in(name) or edition_in(origin.name)) if _is_trade(name) else None
        if here and first and first[0] != here:
            raise InputError(
                "sources.mixed_editions",
                where=Where(origin),
                here=here,
                there=first[0],
                other=first[1],
            )
        first = first or ((here, name) if here else None)
    return first[0] if first else None


def _checked_edition(staging: Staging, signs: dict[int, set[str]]) -> str | None:
    """The edition, against the codes that came: a wrong one would change what codes mean."""
    said = staging.edition
    fits = {year: fitting(codes) for year, codes in sorted(signs.items())}
    for year, editions in fits.items():
        if said and said not in editions:
            raise InputError(
                "sources.edition_does_not_fit",
                year=year,
                said=said,
                like=join_list(sorted(editions)),
                codes=join_list(invalid_codes(signs[year], said)[:5]),
            )
    if said:
        _note_strays(invalid_codes(set().union(*signs.values()), said), staging)
        return said
    common = frozenset.intersection(*fits.values()) if fits else frozenset()
    if fits and not common:
        like = "; ".join(f"{year}: HS {', '.join(sorted(e))}" for year, e in fits.items())
        raise InputError("sources.years_differ", like=like)
    if len(common) == 1:
        (told,) = common
        staging.note("sources.edition_told", edition=told)
        return told
    staging.note("sources.no_edition")
    return None


def _note_strays(strays: Sequence[str], staging: Staging) -> None:
    """Name the codes that the edition has not, though too few to be another edition."""
    if strays:
        codes = {"codes": join_list(strays), "edition": staging.edition or ""}
        staging.note("sources.stray_codes", count=len(strays), **codes)


def _publishers_codes(
    paths: Sequence[Path], staging: Staging
) -> tuple[Numbers, dict[str, pl.Series]]:
    """The table from numbers to places, and the product list of each edition that came along."""
    numbers = places_of_numbers()
    products: dict[str, pl.Series] = {}
    scratch = Staging(staging.folder)
    for table in tables(paths, scratch, is_wanted=_is_codes):
        if table.file.name.lower().startswith("product_codes"):
            if named := edition_in(table.file.name):
                codes = table.read(official("baci_products"))["code"]
                products[named] = codes.drop_nulls().unique()
            continue
        rows = table.read(official("baci_countries"))
        for text, code in rows.select("number", "code").drop_nulls().iter_rows():
            number = int(text) if text.isascii() and text.isdigit() else -1
            unknown = 0 <= number < NO_NUMBER and numbers[number] == NOT_KNOWN
            if unknown and code in all_countries():
                numbers[number] = place_of(code)
    return numbers, products


def _check_piece(
    opened: SourceTable, piece: pl.DataFrame, numbers: Numbers, listed: pl.Series | None
) -> pl.DataFrame:
    """The good rows of a piece, with their packed ``key``, ``value_usd`` and ``kg``."""
    piece = opened.replace_commas(piece, "v", "q")
    opened.must_have_points(piece, "v", "q")
    rows = piece.select(
        "row",
        *"tijkvq",
        pl.col("t").cast(pl.Int16, strict=False).alias("year"),
        pl.col("k").cast(pl.Int32, strict=False).alias("product"),
        finite(pl.col("v").cast(pl.Float64, strict=False) * 1000).alias("value_usd"),
        finite(pl.col("q").cast(pl.Float64, strict=False) * 1000).alias("kg"),
        *(
            pl.col(side).cast(pl.UInt16, strict=False).fill_null(NO_NUMBER).alias(name)
            for side, name in (("i", "exporter"), ("j", "importer"))
        ),
    )
    exporter, importer = (numbers[rows[name].to_numpy()] for name in ("exporter", "importer"))
    until, given_up = last_years(), last_years_of_numbers()
    last = np.minimum(until[exporter], until[importer])
    for name in ("exporter", "importer"):
        last = np.minimum(last, given_up[rows[name].to_numpy()])
    rows = rows.with_columns(
        pl.Series("exporter", exporter),
        pl.Series("importer", importer),
        pl.Series("last_year", last),
    )
    digits = pl.col("k").str.len_bytes()
    number = pl.col("product").is_not_null() & (pl.col("product") >= 0)
    sides = (pl.col("exporter"), pl.col("importer"))
    reasons = {
        "sources.bad_year": ~pl.col("year").is_between(FIRST_YEAR, this_year()).fill_null(False),
        "sources.group_of_countries": pl.any_horizontal(side == GROUP for side in sides),
        "sources.unknown_country": pl.any_horizontal(side == NOT_KNOWN for side in sides),
        "sources.dissolved_country": pl.col("year") > pl.col("last_year"),
        "sources.own_trade": sides[0] == sides[1],
        "sources.lost_zero": number & digits.is_in([1, 3, 5]),
        "sources.bad_product": ~number | (digits != 6) | pl.col("k").str.starts_with("+"),
        "sources.bad_value": pl.col("value_usd").is_null() | (pl.col("value_usd") < 0),
        "sources.bad_quantity": (pl.col("kg") < 0)
        | (pl.col("kg").is_null() & ~pl.col("q").is_in(NOT_GIVEN)),
    }
    if listed is not None:
        reasons["sources.not_in_edition"] = ~pl.col("k").is_in(listed.implode())
    good = opened.quarantine(rows, reasons)
    return good.select(packed_key().alias("key"), "value_usd", "kg")


SAMPLE = 20_000
"""Rows of a year that are looked at as a whole."""
_PRODUCT, _IMPORTER = 1_000_000, 1_000
_YEAR = _PRODUCT * 1_000_000


def packed_key() -> pl.Expr:
    """The key of a row: ``year``, ``product`` (an integer), and the places of both countries."""
    return (
        pl.col("year").cast(pl.Int64) * _YEAR
        + pl.col("product").cast(pl.Int64) * _PRODUCT
        + pl.col("importer").cast(pl.Int64) * _IMPORTER
        + pl.col("exporter").cast(pl.Int64)
    )


def _looked_up(place: pl.Expr, texts: pl.Series) -> pl.Expr:
    # Piece by piece: replace_strict holds all rows at once, and a cast takes three times as long.
    return place.map_batches(texts.gather, return_dtype=pl.String, is_elementwise=True)


_ROW = np.dtype([("key", np.int64), ("value_usd", np.float64), ("kg", np.float64)])
_BLOCK = _YEAR // 8
"""A year's rows lie apart in so many keys, each of which is sorted by itself."""
_AT = 27
"""Bits for the place of a row among those of its block, beside the 37 of its key there."""


@dataclass
class FlowYears:
    """Collects checked rows and writes them year by year; rows that come twice are noticed.

    Until all are there they lie on the disk by year and block of products. A block is sorted at
    once, so that little more than the flows of one year is in memory.

    Attributes:
        staging: where the files go.
        twice: rows whose key an earlier one has; the first row is kept.
        signs: year → the codes of its that tell the HS edition.
    """

    staging: Staging
    twice: int = 0
    signs: dict[int, set[str]] = field(default_factory=dict)
    _blocks: set[int] = field(default_factory=set)
    _samples: list[pl.DataFrame] = field(default_factory=list)

    def _file(self, block: int) -> Path:
        return self.staging.folder / f"block-{block}.rows"

    def add(self, rows: pl.DataFrame) -> None:
        """Take rows with ``key``, ``value_usd`` and ``kg``."""
        packed = np.empty(rows.height, _ROW)
        for name in _ROW.names or ():
            packed[name] = rows[name].to_numpy()  # a missing quantity is not a number
        blocks = (packed["key"] // _BLOCK).astype(np.uint16)
        packed = packed[np.argsort(blocks, kind="stable")]
        first = 0
        for block, count in zip(*np.unique(blocks, return_counts=True), strict=True):
            with self._file(block).open("ab") as file:
                packed[first : first + count].tofile(file)
            self._blocks.add(int(block))
            first += count

    def write(self) -> None:
        """Sort each year, the first row of a key alone, and write it."""
        for year, blocks in groupby(sorted(self._blocks), lambda block: block * _BLOCK // _YEAR):
            with ThreadPoolExecutor() as pool:  # NumPy sorts without the lock of the interpreter
                found = list(pool.map(self._sorted_block, blocks))
            frames = [rows for rows, _, _ in found]
            self.twice += sum(twice for _, twice, _ in found)
            self.signs[year] = set[str]().union(*(codes for _, _, codes in found))
            count = sum(frame.height for frame in frames)
            rows = pl.concat(frame.lazy() for frame in frames).select(_texts(year))
            some = pl.concat(frames, rechunk=False).gather_every(max(count // SAMPLE, 1))
            some = some.select(_texts(year)).cast({"year": pl.Int16})
            self._samples.append(some.select("year", "product", "exporter", "value_usd", "kg"))
            self.staging.sorted("flows", rows, count, year=year)

    def _sorted_block(self, block: int) -> tuple[pl.DataFrame, int, set[str]]:
        """The rows of a block, how many came twice, and its codes that tell the edition."""
        rows = np.fromfile(self._file(block), _ROW)
        self._file(block).unlink()
        # The place of a row stands behind its key, so that plain numbers are sorted.
        tagged = (rows["key"] - block * _BLOCK).view(np.uint64)
        tagged <<= np.uint64(_AT)
        tagged |= np.arange(len(rows), dtype=np.uint64)
        tagged.sort()
        order = (tagged & np.uint64((1 << _AT) - 1)).view(np.int64)
        tagged >>= np.uint64(_AT)
        key = tagged.view(np.int64)
        key += block * _BLOCK
        same = np.append(False, key[1:] == key[:-1])
        if twice := int(same.sum()):
            key, order = key[~same], order[~same]
        begins = block * _BLOCK // _YEAR * _YEAR + np.array([*map(int, telling_codes())]) * _PRODUCT
        first, last = np.searchsorted(key, [begins, begins + _PRODUCT])
        codes = {code for code, some in zip(telling_codes(), first < last, strict=True) if some}
        texts = {"value_usd": rows["value_usd"][order], "kg": rows["kg"][order]}
        frame = pl.DataFrame({"key": key, **texts}).with_columns(pl.col("kg").fill_nan(None))
        return frame, twice, codes

    def sample(self) -> pl.DataFrame:
        """Some rows of each year that is merged, over all its products."""
        texts = dict.fromkeys(("product", "exporter"), pl.String)
        schema = {"year": pl.Int16, **texts, "value_usd": pl.Float64, "kg": pl.Float64}
        return pl.concat([pl.DataFrame(schema=schema), *self._samples])


@cache
def _products() -> pl.Series:
    """All numbers of six digits, as a product is written."""
    return pl.int_range(1_000_000, eager=True).cast(pl.String).str.zfill(6)


def _texts(year: int) -> list[pl.Expr]:
    """The columns of ``flows`` from a row's key."""
    key, countries = pl.col("key"), pl.Series(places())
    return [
        pl.lit(year).alias("year"),
        _looked_up(key // _PRODUCT % 1_000_000, _products()).alias("product"),
        _looked_up(key // _IMPORTER % 1_000, countries).alias("importer"),
        _looked_up(key % 1_000, countries).alias("exporter"),
        pl.col("value_usd"),
        pl.lit(None, pl.Float64).alias("cif_usd"),
        pl.col("kg"),
        pl.lit(None, pl.Float64).alias("items"),
        pl.lit("source").alias("observed"),
    ]
