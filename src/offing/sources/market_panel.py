"""A market panel that the firm pays for: what is sold in a market by size, price, brand and period.

CSV or workbook as the institute delivers it (GfK, AVC 奥维云网, Circana and the like), with the
headings of ``firm_tables.toml``. Units and value of each line make its price; the band that a line
names is kept beside them. Prices are of the shelf, with value-added tax, unless the line's level
says ``landed``, ``cif`` or ``fob``. A line that cannot be used goes to the quarantine.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import polars as pl

from offing.sources import ledger_cells as cells
from offing.sources.about import About
from offing.sources.archive import files_given
from offing.sources.staging import Staging
from offing.sources.trade_checks import this_year
from offing.sources.user_table import Line, TableRow, far_from_others, records
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.firm_records import Records, row_caution
from offing.terms.sale_terms import PriceLevel
from offing.terms.text import normal

ABOUT = About("market-panel", ("market_panel",))

LEVELS = {"零售": "retail", "零售价": "retail", "到岸完税": "landed", "到岸": "cif", "离岸": "fob"}
"""Chinese words for the level of a price."""


def read(paths: list[Path], staging: Staging) -> None:
    """Read panels into ``market_panel``."""
    frames = []
    for path in (file.path for file in files_given(paths, staging.folder)):
        panel = read_panel(path)
        frames.append(pl.DataFrame(panel.rows, infer_schema_length=None))
        staging.take(path, panel)
    staging.frame("market_panel", pl.concat(frames, how="vertical_relaxed"))


def read_panel(path: Path) -> Records[Line]:
    """The lines of a panel.

    Raises:
        InputError: as :func:`offing.sources.user_table.records`.
    """
    panel = records(path, "market_panel", _line)
    return replace(panel, notes=(*panel.notes, *_odd(panel.rows)))


def _odd(lines: Sequence[Line]) -> Iterator[Caution]:
    """Lines at which a careful person would stop, each kind with its rows."""
    kind = ("product", "currency", "level", "segment", "low")
    prices = ((tuple(x[name] for name in kind), _price(x), x["row"]) for x in lines)
    yield from row_caution("reference.panel_price_far", far_from_others(prices, FAR))
    yield from row_caution("reference.panel_price", [x["row"] for x in lines if _is_no_price(x)])


FAR = 20
"""How many times the middle price of its product, money and segment a line may have."""
LEAST_PRICE, DEAR, DEAREST = 0.01, 100_000, 10**9
"""What one unit of consumer goods costs in any money; ``DEAR`` in one of :data:`LARGE`."""
LARGE = frozenset(("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "SGD", "NZD"))


def _price(line: Line) -> float:
    return float(line["value"] / line["units"])


def _is_no_price(line: Line) -> bool:
    """Whether value and units make no price: one is in thousands, a mean price, or exchanged."""
    most = DEAR if line["currency"] in LARGE and line["level"] == "retail" else DEAREST
    return not LEAST_PRICE <= _price(line) <= most


def _line(row: TableRow) -> Line:
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
    return {
        **row.texts("segment", "brand"), "year": year, "period": period,
        "market": row.country("market", year), "product": row.product(), "low": low, "high": high,
        "units": units, "value": value, "currency": _currency(row), "level": _level(row),
        "row": row.where.row or 1,
    }  # fmt: skip


_PART = re.compile(r"([QHM第])\s*(\d{1,2})", re.IGNORECASE)
_PARTS = {"Q": 4, "H": 2, "M": 12, "第": 4}
"""How many quarters, halves, months, 季度 a year has."""


def _period(row: TableRow) -> tuple[str, int]:
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


def _currency(row: TableRow) -> str:
    """Raises ``reference.bad_currency`` where neither the line nor its heading says one."""
    if not (currency := row.currency_of("value")):
        raise InputError("reference.bad_currency", where=row.at("currency"))
    return currency


def _level(row: TableRow) -> PriceLevel:
    text = normal(row.text("level")).casefold()
    name = LEVELS.get(text, text) or "retail"
    level: PriceLevel | None = next((n for n in get_args(PriceLevel) if n == name), None)
    if level is None:
        raise InputError("reference.bad_level", where=row.at("level"))
    return level
