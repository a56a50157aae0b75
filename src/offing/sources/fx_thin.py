"""Rates against the yuan that are not the ECB's, in a table of their own.

A file has ``date, currency, per_cny``: units of the currency for one yuan; or it is a table of
published rates: the central parity of the yuan (人民币汇率中间价) of the State Administration of
Foreign Exchange and of the China Foreign Exchange Trade System, or the representative rates of the
International Monetary Fund. Which way round a column is quoted, and for how many units, is known
from its heading and from ``central_parities.toml``; it is checked against what the ECB published.

The starter world has 29 days of some 50 currencies, 2024-03 to 2026-09. Such rates give a level and
never a volatility; they are used only where the ECB has none, or none of the last days, and a
figure that rests on one says so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.archive import files_given
from offing.sources.ecb import rates_to_yuan
from offing.sources.headings import heading_data, official
from offing.sources.ledger_cells import any_date
from offing.sources.rows import SourceTable, bad_day, open_table
from offing.sources.sheet_file import FirmSheet, firm_sheets
from offing.sources.staging import Staging
from offing.sources.trade_checks import unlike
from offing.terms.errors import InputError, Where
from offing.terms.money import currency_codes
from offing.terms.text import normal

ABOUT = About(
    "fx-thin", ("fx_thin", "central_parity"), "https://github.com/fawazahmed0/exchange-api"
)

DAY, IMF = ("日期", "date", "day", "交易日", "数据日期"), "currency"
_PAIR = re.compile(r"(\d*)\s*([A-Z]{3})\s*/\s*(\d*)\s*([A-Z]{3})")
_EMPTY = ("", "-", "--", "---", "N/A", "NA", "NULL")
HUNDRED, ONE, EXACT = Decimal(100), Decimal(1), Decimal("1e-10")
NEAR, FAR = 1.05, 2.0
"""How far a rate of the same week, or of any later day, is from what the ECB has published."""
WEEK, YEARS, HALF = 7, 730, 0.5
"""Days of near rates, days after which a level says nothing, the part of a column that is off."""


def read(paths: list[Path], staging: Staging) -> None:
    """Read files of rates against the yuan into ``fx_thin``, and into ``central_parity``."""
    parts, parity = [], []
    for file in files_given(paths, staging.folder):
        shipped = staging.shipped("fx_thin")
        sheet = next(firm_sheets(file.path, _heads))
        if _heads(sheet.header):
            table, rows = SourceTable(file, staging, sheet), parities(sheet, file.shown, shipped)
            staging.read_from(file.origin, rows["row"].n_unique())
            no_rate = {"reference.bad_rate": pl.col("per_cny").is_null()}
            far = {"reference.rate_far": pl.col("far")}
            usable = table.quarantine(rows, {"reference.bad_date": bad_day(), **no_rate, **far})
            table.settle()
            parts.append(usable.select("on", "currency", "per_cny"))
            quoted = usable.select("on", "currency", "cny").drop_nulls()
            parity += [quoted] if quoted.height else []
            continue
        table = open_table(file, staging)
        rows = table.read(official("fx_thin")).with_columns(
            pl.col("on").str.to_date("%Y-%m-%d", strict=False),
            pl.col("currency").str.to_uppercase(),
            pl.when(pl.col("per_cny").str.contains(r"^\d{1,9}(\.\d{1,10})?$"))
            .then(pl.col("per_cny"))
            .cast(pl.Decimal(20, 10), strict=False),
        )
        good = table.check(
            rows,
            {
                "reference.bad_date": bad_day(),
                "reference.bad_rate": unlike("currency", "^[A-Z]{3}$")
                | ~(pl.col("per_cny") > 0).fill_null(value=False),
                "reference.unknown_currency": ~pl.col("currency").is_in(list(currency_codes())),
            },
            once=["on", "currency"],
        )
        near = table.quarantine(
            mark_far_rates(good, shipped), {"reference.rate_far": pl.col("far")}
        )
        parts.append(near.select("on", "currency", "per_cny"))
    for name, frames in (("fx_thin", parts), ("central_parity", parity)):
        if frames:
            last = pl.concat(frames).unique(["on", "currency"], keep="last", maintain_order=True)
            staging.frame(name, last)


_Parity = tuple[str, Decimal, bool]
"""What a column quotes: a currency, so many units of it or of yuan, whether it is these."""


def parities(sheet: FirmSheet, shown: str, shipped: pl.DataFrame | None) -> pl.DataFrame:
    """``row``, ``on``, ``currency``, ``per_cny``, ``cny``, ``far`` of a table of published rates.

    Cells that are no figure have no ``per_cny``; ``far`` is whether a rate cannot be that of its
    day.

    Raises:
        InputError: ``reference.rates_in_sdr``, ``reference.parity_off``.
    """
    lines, at, head = sheet.lines, sheet.row, sheet.header
    where = Where(shown, at)
    if normal(head[0]).lower() == IMF:
        titles = " ".join(cell for row, cells in lines.items() if row <= at for cell in cells)
        if "SDR" in titles or "representative" not in titles.lower():
            raise InputError("reference.rates_in_sdr", where=where)
        published = list(_imf_rows(lines, at))
    else:
        published = list(_daily_rows(lines, at))
    rows = pl.DataFrame(
        published,
        schema={"row": pl.Int64, "on": pl.Date, "currency": pl.String,
                "per_cny": pl.Decimal(20, 10), "text": pl.String, "cny": pl.Decimal(20, 10)},
        orient="row",
    )  # fmt: skip
    return _refuse_columns(mark_far_rates(rows, shipped), where)


def _heads(cells: Sequence[str]) -> bool:
    """Whether a line is the headings of a table of published rates."""
    first = normal(cells[0]).lower() if cells else ""
    if first == IMF:
        return any(any_date(cell) for cell in cells[1:])
    return first in DAY and bool(_columns(cells))


def _columns(head: Sequence[str]) -> dict[int, _Parity]:
    """Place → what stands in the column: a pair with the yuan, or a currency's Chinese name."""
    names = heading_data("central_parities")
    named, indirect = names["safe"], names["indirect"]["codes"]
    by_column: dict[int, _Parity] = {}
    for at, cell in enumerate(head):
        name = normal(cell)
        if pair := _PAIR.fullmatch(name.upper()):
            first, base, second, other = pair.groups()
            if "CNY" in (base, other) and {base, other} <= currency_codes() and not second:
                of_yuan = base == "CNY"
                by_column[at] = other if of_yuan else base, Decimal(first or 1), of_yuan
        elif code := named.get(re.sub(r"\([^()]*+\)|100|/人民币|人民币", "", name)):
            by_column[at] = code, HUNDRED, code in indirect
    return by_column


_Found = tuple[int, date | None, str, Decimal | None, str, Decimal | None]
"""Line, day, currency, its units for one yuan, the cells, yuan for one unit of a central parity."""


def _daily_rows(lines: Mapping[int, Sequence[str]], at: int) -> Iterator[_Found]:
    """A row a day, a column a currency."""
    columns = _columns(lines[at])
    for row, cells in lines.items():
        if row <= at or not cells or not any(cells[column] for column in columns):
            continue
        day = any_date(cells[0])
        for column, (currency, count, of_yuan) in columns.items():
            text = cells[column].strip()
            if text.upper() in _EMPTY:
                continue
            units, yuan = None, None
            if figure := _figure(text):
                plain, turned = (figure / count).quantize(EXACT), (count / figure).quantize(EXACT)
                units, yuan = (plain, turned) if of_yuan else (turned, plain)
            yield row, day, currency, units, f"{cells[0]} {text}", yuan


def _imf_rows(lines: Mapping[int, Sequence[str]], at: int) -> Iterator[_Found]:
    """A row a currency, a column a day; the days of half a month stand above one another."""
    per_usd: dict[date, dict[str, _Dollar]] = {}
    for row, day, code, units, text in _against_the_dollar(lines, at):
        per_usd.setdefault(day, {})[code] = (row, day, code, units, text)
    for day, rates in sorted(per_usd.items()):
        row, _, _, yuan, text = rates.pop("CNY", (0, day, "CNY", None, ""))
        if yuan:
            rates["USD"] = (row, day, "USD", ONE, text)
            for at_row, _, code, units, cell in rates.values():
                yield at_row, day, code, units and (units / yuan).quantize(EXACT), cell, None


_Dollar = tuple[int, date, str, Decimal | None, str]


def _against_the_dollar(lines: Mapping[int, Sequence[str]], at: int) -> Iterator[_Dollar]:
    """Units for one US dollar, of each filled cell of a currency that we know."""
    named = heading_data("central_parities")["imf"]
    days: list[date | None] = []
    for row, cells in lines.items():
        name = normal(cells[0]).lower()
        if name == IMF:
            days = [any_date(cell) for cell in cells[1:]]
        code = named.get(re.sub(r"(?<!\s)\s*+\(\d\)$", "", name))
        for day, cell in zip(days if code and row > at else (), cells[1:], strict=False):
            if day and (text := cell.strip()).upper() not in _EMPTY:
                figure = _figure(text)
                turned = ONE / figure if figure and name.endswith("(1)") else figure
                yield row, day, str(code), turned, f"{name} {text}"


def _figure(text: str) -> Decimal | None:
    try:
        value = Decimal(normal(text).replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() and value > 0 else None


def mark_far_rates(rows: pl.DataFrame, shipped: pl.DataFrame | None = None) -> pl.DataFrame:
    """The rows with ``far``: whether a rate is none that the ECB's of its days allow.

    A currency that the ECB does not quote is held against the nearest ``shipped`` level, in the
    columns of ``FxThin``. Beside it stand that rate and its day, as ``known`` and ``then``.
    """
    published = rates_to_yuan()
    beside = rows.sort("on").join_asof(
        published, left_on="on", right_on="then", by="currency", check_sortedness=False
    )
    if shipped is not None and shipped.height:
        others = shipped.filter(~pl.col("currency").is_in(published["currency"].unique().to_list()))
        levels = others.select(
            "currency", near="on", level=pl.col("per_cny").cast(pl.Float64)
        ).sort("near")
        beside = beside.join_asof(
            levels, left_on="on", right_on="near", by="currency", strategy="nearest",
            check_sortedness=False,
        )  # fmt: skip
        far_off = pl.col("on") - pl.duration(days=WEEK + 1)
        apart = (pl.col("on") - pl.col("near")).abs()
        beside = beside.with_columns(
            pl.col("known").fill_null(pl.col("level")),
            then=pl.coalesce("then", pl.when(apart.dt.total_days() <= YEARS).then(far_off)),
        ).drop("near", "level")
    times = pl.col("per_cny").cast(pl.Float64) / pl.col("known")
    age = (pl.col("on") - pl.col("then")).dt.total_days()
    most = pl.when(age <= WEEK).then(NEAR).otherwise(FAR)
    off = (~times.is_between(1 / most, most) & (age <= YEARS)).fill_null(value=False)
    return beside.with_columns(far=off).sort("row", "currency")


def _refuse_columns(judged: pl.DataFrame, where: Where) -> pl.DataFrame:
    """The rows, unless most of a currency's are far: ``reference.parity_off``."""
    columns = judged.group_by("currency").agg(pl.col("far").mean()).filter(pl.col("far") > HALF)
    worst = judged.filter(pl.col("far") & pl.col("currency").is_in(columns["currency"].to_list()))
    if worst.height:
        first = worst.row(0, named=True)
        raise InputError(
            "reference.parity_off",
            where=Where(where.file, first["row"], first["currency"]),
            text=first["text"].split(" ")[-1],
            currency=first["currency"],
            read=f"{1 / float(first['per_cny']):,.4g}",
            known=f"{1 / first['known']:,.4g}",
            day=first["then"],
        )
    return judged.drop("then", "known")
