"""A market panel that the firm pays for: what is sold in a market by size, price, brand and period.

CSV or workbook as the institute delivers it (GfK, AVC 奥维云网, Circana and the like), with the
headings of ``firm_tables.toml``. Units and value of each line make its price; the band that a line
names is kept beside them. Prices are of the shelf, with value-added tax, unless the line's level
says ``landed``, ``cif`` or ``fob``. A line that cannot be used goes to the quarantine.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import get_args

import polars as pl

from offing.sources import ledger_cells as cells
from offing.sources.about import About
from offing.sources.archive import given
from offing.sources.numbers import read_currency
from offing.sources.staging import Staging
from offing.sources.trade_checks import this_year
from offing.sources.user_table import Row, records
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.firm_records import PanelLine, Records
from offing.terms.incoterms import PriceLevel
from offing.terms.messages import enumerated
from offing.terms.text import normal

ABOUT = About(
    name="market-panel",
    title="reference.market_panel",
    tables=("market_panel",),
    publisher="sources.publisher_market_panel",
    licence="sources.licence_market_panel",
    page="",
)

LEVELS = {"零售": "retail", "零售价": "retail", "到岸完税": "landed", "到岸": "cif", "离岸": "fob"}
"""Chinese words for the level of a price."""


def read(paths: list[Path], staging: Staging) -> None:
    """Read panels into ``market_panel``."""
    frames = []
    for path in (file.path for file in given(paths, staging.folder)):
        panel = read_panel(path)
        rows = pl.DataFrame([vars(line) for line in panel.rows], infer_schema_length=None)
        frames.append(rows)
        staging.take(path, panel)
    staging.frame("market_panel", pl.concat(frames, how="vertical_relaxed"))


def read_panel(path: Path) -> Records[PanelLine]:
    """The lines of a panel.

    Raises:
        InputError: as :func:`offing.sources.user_table.records`.
    """
    panel = records(path, "market_panel", _line)
    return replace(panel, notes=(*panel.notes, *_odd(panel.rows)))


def _odd(lines: Sequence[PanelLine]) -> Iterator[Caution]:
    """Lines at which a careful person would stop, each kind with its rows."""
    for key, rows in (
        ("outside_band", [line.row for line in lines if _outside(line)]),
        ("panel_price_far", _far_from_others(lines)),
        ("panel_price", [line.row for line in lines if _is_no_price(line)]),
        ("panel_share", [line.row for line in lines if line.units < 1]),
        ("panel_spans", _counted_twice(lines)),
        ("panel_bands", _overlapping(lines)),
        ("panel_sums", _sums(lines)),
    ):
        if rows:
            shown = enumerated(rows[:5]) + ("…" if len(rows) > 5 else "")
            yield Caution(f"reference.{key}", {"count": len(rows), "rows": shown})


FAR = 20
"""How many times the middle price of its product, money and segment a line may have."""
LEAST_PRICE, DEAR, DEAREST = 0.01, 100_000, 10**9
"""What one unit of consumer goods costs in any money; ``DEAR`` in one of :data:`LARGE`."""
LARGE = frozenset(("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "SGD", "NZD"))


def _price(line: PanelLine) -> float:
    return line.value / line.units


def _far_from_others(lines: Sequence[PanelLine]) -> list[int]:
    """Rows whose price is far from the middle of at least three of their kind."""
    kinds: dict[tuple[object, ...], list[PanelLine]] = defaultdict(list)
    for line in lines:
        kinds[line.product, line.currency, line.level, line.segment, line.low].append(line)
    far = []
    for same in kinds.values():
        middle = median(map(_price, same))
        if len(same) > 2:
            far += [line.row for line in same if not 1 / FAR <= _price(line) / middle <= FAR]
    return sorted(far)


def _is_no_price(line: PanelLine) -> bool:
    """Whether value and units make no price: one is in thousands, a mean price, or exchanged."""
    most = DEAR if line.currency in LARGE and line.level == "retail" else DEAREST
    return not LEAST_PRICE <= _price(line) <= most


def _counted_twice(lines: Sequence[PanelLine]) -> list[int]:
    """Rows of whole years beside months or quarters of the same year: they would add up."""
    spans: dict[tuple[object, ...], dict[bool, list[int]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        same = (
            line.market,
            line.product,
            line.segment,
            line.low,
            line.brand,
            line.level,
            line.year,
        )
        spans[same][_OF_YEAR.search(line.period) is None].append(line.row)
    return sorted(row for kinds in spans.values() if len(kinds) == 2 for row in kinds[True])


def _overlapping(lines: Sequence[PanelLine]) -> list[int]:
    """Rows whose price band begins below the end of another one of the same market and time."""
    kinds: dict[tuple[object, ...], list[PanelLine]] = defaultdict(list)
    for line in lines:
        if line.low is not None or line.high is not None:
            kinds[_kind(line, "low", "high", "brand")].append(line)
    rows = []
    for same in kinds.values():
        bands = sorted({(line.low or 0.0, line.high or math.inf) for line in same})
        over = {later for band, later in combinations(bands, 2) if later[0] < band[1]}
        rows += [line.row for line in same if (line.low or 0.0, line.high or math.inf) in over]
    return sorted(rows)


ROUNDED, MOST = 0.002, 0.5
"""How far a sum may be from its parts, and in what part of the tables a panel has its sums."""
_ALL = re.compile(
    r"(?i)\W*(all|total|sum|gesamt|alle|todos|todas)\b.{0,12}|.{0,4}(全部|合计|总计|总体|整体|所有).{0,4}"
)
"""What a brand or segment is called that is none."""


def _sums(lines: Sequence[PanelLine]) -> list[int]:
    """Rows that are, or are called, the sum of all others that differ in one thing alone."""
    rows: set[int] = set()
    for dropped in (("brand",), ("low", "high"), ("segment",)):
        kinds: dict[tuple[object, ...], list[PanelLine]] = defaultdict(list)
        for line in lines:
            kinds[_kind(line, *dropped)].append(line)
        tables = [same for same in kinds.values() if len(same) > 1]
        called = [
            [line for line in same if _ALL.fullmatch(str(getattr(line, dropped[0])))]
            for same in tables
        ]
        rows |= {line.row for of, same in zip(called, tables, strict=True)
                 for line in of if len(of) < len(same)}  # fmt: skip
        large = [same for same in tables if len(same) > 2]
        sums = [most for same in large if (most := _sum_among(same, dropped))]
        if len(sums) > MOST * len(large):
            rows |= {line.row for line in sums}
    return sorted(rows)


def _sum_among(same: Sequence[PanelLine], dropped: Sequence[str]) -> PanelLine | None:
    """The line that the others add up to, where each is of another brand, band or segment."""
    most = max(same, key=lambda line: line.units)
    units, value = (sum(getattr(one, name) for one in same) for name in ("units", "value"))
    apart = len({tuple(getattr(one, name) for name in dropped) for one in same}) == len(same)
    adds_up = abs(2 * most.units - units) <= ROUNDED * units
    return most if apart and adds_up and abs(2 * most.value - value) <= ROUNDED * value else None


def _kind(line: PanelLine, *without: str) -> tuple[object, ...]:
    """What a line is of, but for some of its columns."""
    names = ("market", "product", "period", "segment", "low", "high", "brand", "level", "currency")
    return tuple(getattr(line, name) for name in names if name not in without)


def _outside(line: PanelLine) -> bool:
    """Whether value and units make a price far outside the band that the line names."""
    price = line.value / line.units
    low, high = line.low or 0.0, line.high or math.inf
    return not low / 2 <= price <= high * 2


def _line(row: Row) -> PanelLine:
    market = cells.read_market(row.text("market"))
    if market is None:
        raise InputError("reference.unknown_country", where=row.at("market"))
    product = cells.read_code(row.text("product"))
    if product is None:
        raise InputError("reference.bad_product", where=row.at("product"))
    period, year = _period(row)
    units, value = (
        row.figure(name, f"reference.{reason}")
        for name, reason in (("units", "bad_quantity"), ("value", "bad_amount"))
    )
    if units is None or value is None or units <= 0 or value <= 0:
        raise InputError("reference.nothing_sold", where=row.where)
    low, high = (row.figure(name, "reference.bad_band") for name in ("low", "high"))
    if low is not None and high is not None and low > high:
        raise InputError("reference.bad_band", where=row.at("high"))
    return PanelLine(
        year=year,
        period=period,
        market=market,
        product=product,
        segment=row.text("segment") or None,
        low=low,
        high=high,
        units=units,
        value=value,
        currency=_currency(row),
        level=_level(row),
        brand=row.text("brand") or None,
        row=row.where.row or 1,
    )


_OF_YEAR = re.compile(
    r"[QHM第]\s*\d|[上下]半年|[一二三四1-4]\s*季|月|\d{4}\D?\d|\d\D\d{4}"
    r"|\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)
"""What a period shorter than a year is called."""
_PART = re.compile(r"([QHM第])\s*(\d{1,2})", re.IGNORECASE)
_PARTS = {"Q": 4, "H": 2, "M": 12, "第": 4}
"""How many quarters, halves, months, 季度 a year has."""


def _period(row: Row) -> tuple[str, int]:
    period = normal(row.text("period"))
    year = re.search(r"(?<!\d)(19|20)\d{2}(?!\d{5,})", period)
    later = None if year is None else period[year.end() :] + period[: year.start()]
    subperiod = None if later is None else _PART.search(later)
    if (
        year is None
        or not cells.FIRST.year <= int(year[0]) <= this_year()
        or (subperiod is not None and int(subperiod[2]) > _PARTS[subperiod[1].upper()])
    ):
        raise InputError("reference.bad_period", where=row.at("period"))
    return period, int(year[0])


def _currency(row: Row) -> str:
    """That of the line, else of the heading of its value.

    Raises:
        InputError: ``reference.bad_currency`` where neither says one.
    """
    column = row.columns.get("value")
    text = row.text("currency")
    money = read_currency(text) if text else column.heading.currency if column else None
    if money is None:
        raise InputError("reference.bad_currency", where=row.at("currency"))
    usual = column.heading.currency if column else None
    if usual not in (None, money):
        raise InputError("sources.other_currency", where=row.at("value"), text=money, usual=usual)
    return money


def _level(row: Row) -> PriceLevel:
    text = normal(row.text("level")).casefold()
    name = LEVELS.get(text, text) or "retail"
    level: PriceLevel | None = next((n for n in get_args(PriceLevel) if n == name), None)
    if level is None:
        raise InputError("reference.bad_level", where=row.at("level"))
    return level
