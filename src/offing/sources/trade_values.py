"""Values a kilogram and a piece in a table of trade: columns exchanged, thousands, tonnes.

A value and a weight are both numbers, and nothing but their ratio tells that they have changed
places. What goods of a code cost is known (:mod:`offing.terms.usual_prices`); where most rows of
a year are far outside, it is the table.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import polars as pl

from offing.sources.ecb import packaged_rates
from offing.sources.staging import Staging
from offing.terms.caution import Caution
from offing.terms.countries import country_name
from offing.terms.messages import enumerated
from offing.terms.units import Unit
from offing.terms.usual_prices import WIDER, Level, shipped

LEAST_ROWS = 3
"""Rows of a year with value and weight, before they are judged."""
MOST = 0.5
REPORTED, NEARLY_ALL_OFF = 10, 0.8
"""Rows of one reporter, and the part of them outside, that tell its unit from all others'."""
APART, APART_ROWS = 10.0, 5
"""A year's prices a kilogram against those of the others; real ones move by a fifth."""
FLOWS, UNIT_PART = 6, 0.8
"""Flows of two spans, and the part of them, that jump where a unit changes."""
MANY_FLOWS, CURRENCY_PART, CURRENCY_SPREAD = 20, 0.9, 3.0
"""How many flows tell a change of currency, the part of them, and how far their jumps differ."""
OF_A_UNIT, OF_A_CURRENCY, OF_A_MONTH = 30.0, 5.0, 500.0
"""How many times the span before: thousands for ones, yuan for dollars; the months of one year of
fruit or fur differ by hundreds."""
FEW_FLOWS, OF_ALL = 3, 300.0
"""Of fewer flows all have to jump, and by so much."""
AGAIN = 0.5
"""The part of flows with the very value of the span before: one was filled in for the other."""
ALIKE, UNLIKE, MANY = 0.5, 1.0, 30
"""How far the logs of flows of one direction lie from those of the same, or of the other, in the
middle; of so many flows. Data sets differ by a tenth, both directions of a pair widely."""
CODES, SHIFTED = 10, 5.0
"""Codes whose middle is so many times usual where the file is in another currency: of pairs of
countries held back hardly one in three hundred."""
COUNTED = 10
"""Rows with items and kilograms that tell whether one was written for the other."""
FEWER, MANY_ROWS = 0.6, 100
"""The part of the rows of the year before that a whole year has at least, where that had many."""
WOULD_FIT: Mapping[Unit, Mapping[str, pl.Expr]] = {
    "kg": {
        "exchanged": 1 / pl.col("each"),
        "thousands": pl.col("each") * 1000,
        "tonnes": pl.col("each") / 1000,
    },
    "item": {"thousands": pl.col("each") * 1000, "thousand_pieces": pl.col("each") / 1000},
}
"""What the value of one unit would be, were it the table's slip."""
MEASURED: Mapping[Unit, str] = {"kg": "kg", "item": "items"}


def _usual(codes: Iterable[str], unit: Unit) -> pl.DataFrame:
    """Code → the lowest and highest value of one unit that is still its goods', USD."""
    known = [(code, found) for code in codes if (found := shipped().find(code, unit)) is not None]
    return pl.DataFrame(
        {
            "product": [code for code, _ in known],
            "low": [found.low / WIDER for _, found in known],
            "high": [found.high * WIDER for _, found in known],
        },
        schema={"product": pl.String, "low": pl.Float64, "high": pl.Float64},
    )


def look_at_unit_values(rows: pl.DataFrame, staging: Staging) -> None:
    """Say of which years the values of a unit are none of their goods, as :func:`odd_values`."""
    found = [*odd_values(rows), *(odd_values(rows, "item") if "items" in rows.columns else ())]
    found = found or _shifted(rows)
    staging.notes += [note for note in found if note not in staging.notes]


def odd_values(rows: pl.DataFrame, unit: Unit = "kg") -> list[Caution]:
    """What to say of values of a kilogram or a piece that are none of their goods.

    The figures come first. ``rows`` has ``year``, ``product``, ``value`` (USD) and ``kg`` or
    ``items``.
    """
    sides = [name for name in ("reporter", "exporter") if name in rows.columns][:1]
    much = pl.col(MEASURED[unit])
    weighed = rows.filter((much > 0) & (pl.col("value") > 0)).select(
        "year", *sides, "product",
        each=pl.col("value").cast(pl.Float64) / much.cast(pl.Float64),
    )  # fmt: skip
    codes = weighed["product"].cast(pl.String).unique().sort()
    beside = weighed.with_columns(pl.col("product").cast(pl.String)).join(
        _usual(codes, unit), on="product"
    )
    beside = beside.with_columns(off=~pl.col("each").is_between("low", "high"))
    years = (
        beside.group_by("year")
        .agg(pl.len().alias("rows"), pl.col("off").mean())
        .filter((pl.col("rows") >= LEAST_ROWS) & (pl.col("off") > MOST))["year"]
    )
    if years.len():
        return _off(beside.filter(pl.col("off") & pl.col("year").is_in(years.to_list())), unit)
    if one := _of_one_reporter(beside, unit):
        return one
    if unit == "item":
        return []
    return [
        Caution("sources.year_apart", {"year": year, "times": _figure(times), "count": count})
        for year, times, count in _apart(weighed)
    ]


def _shifted(rows: pl.DataFrame) -> list[Caution]:
    """What to say where a kilogram of nearly all goods is so many times usual, in every year."""
    weighed = rows.filter((pl.col("kg") > 0) & (pl.col("value") > 0))
    each = (pl.col("value").cast(pl.Float64) / pl.col("kg").cast(pl.Float64)).median()
    codes = weighed.group_by(pl.col("product").cast(pl.String)).agg(each=each).sort("product")
    levels = [Level(code, "kg", price) for code, price in codes.iter_rows()]
    if shipped().shift(levels, CODES, SHIFTED) is None:
        return []
    dollar = _newest_dollar()
    in_money = [replace(level, yuan=dollar, dollar=dollar) for level in levels]
    shift = shipped().shift(in_money, CODES, SHIFTED)
    return [] if shift is None else [Caution("sources.level_shifted", {**shift.said()})]


def _newest_dollar() -> float:
    """CNY for one US dollar, in the packaged rates."""
    newest = packaged_rates({"CNY", "USD"}).sort("on").group_by("currency").last()
    per_euro = dict(zip(newest["currency"], newest["per_eur"].cast(pl.Float64), strict=True))
    return float(per_euro["CNY"] / per_euro["USD"])


def year_jumps(rows: pl.DataFrame, flow: Sequence[str]) -> list[Caution]:
    """What to say where nearly all flows of a year are many times those of the year before.

    ``rows`` has ``year``, ``value`` and the columns of ``flow``. All flows do not change so: the
    unit or the currency does.
    """
    return _jumps(rows.with_columns(span=pl.col("year").cast(pl.Int32)), flow, OF_A_UNIT)


def month_jumps(rows: pl.DataFrame, flow: Sequence[str]) -> list[Caution]:
    """The same of the months of a year before, and of the months before; with ``month``."""
    span = pl.col("year").cast(pl.Int32) * 100 + pl.col("month").cast(pl.Int32)
    months = rows.with_columns(span=span)
    jumps = year_jumps(rows, (*flow, "month")) or _jumps(months, flow, OF_A_MONTH)
    return jumps + same_again(months, flow)


def _jumps(rows: pl.DataFrame, flow: Sequence[str], unit: float) -> list[Caution]:
    """The first jump between two neighbouring spans."""
    for first, second, times in _neighbours(rows, flow):
        if times.len() < FLOWS and not _of_all(times):
            continue
        up, down = int((times > unit).sum()), int((times < 1 / unit).sum())
        if max(up, down) / times.len() > UNIT_PART or _of_a_currency(times) or _of_all(times):
            middle = float(times.median())  # type: ignore[arg-type]
            said: dict[str, str | int] = {"first": first, "second": second, "count": times.len()}
            return [Caution("sources.jump", {**said, "times": _figure(middle)})]
    return []


def _neighbours(rows: pl.DataFrame, flow: Sequence[str]) -> Iterator[tuple[int, int, pl.Series]]:
    """Two neighbouring spans, and how many times the value of the first each flow has."""
    known = rows.filter(pl.col("value") > 0).group_by(*flow, "span").agg(pl.col("value").sum())
    for first, second in pairwise(known["span"].unique().sort().to_list()):
        both = known.filter(pl.col("span") == second).join(
            known.filter(pl.col("span") == first), on=list(flow), nulls_equal=True
        )
        times = both["value"].cast(pl.Float64) / both["value_right"].cast(pl.Float64)
        yield first, second, times.sort()


def same_again(rows: pl.DataFrame, flow: Sequence[str]) -> list[Caution]:
    """What to say of a ``span`` in which most flows have the very values of the one before."""
    for first, second, times in _neighbours(rows, flow):
        if times.len() >= FLOWS and (times == 1).mean() > AGAIN:  # type: ignore[operator]
            said: dict[str, str | int] = {"first": first, "second": second, "count": times.len()}
            return [Caution("sources.same_again", said)]
    return []


def _of_all(times: pl.Series) -> bool:
    """Whether all of some flows are hundreds of times what they were, or hundredths."""
    return times.len() >= FEW_FLOWS and bool((times > OF_ALL).all() or (times < 1 / OF_ALL).all())


def turned(rows: pl.DataFrame, loaded: pl.DataFrame | None) -> int:
    """Flows that are like those loaded of the other direction; 0 where they are not so.

    Both have ``year``, ``product``, ``exporter``, ``importer`` and ``value_usd``; a heading that is
    loaded is held against the sum of its codes.
    """
    if loaded is None:
        return 0
    same, back = (
        ratios(_to_digits(rows, loaded), beside)
        for beside in (loaded, loaded.rename({"importer": "exporter", "exporter": "importer"}))
    )
    if min(len(same), len(back)) < MANY:
        return 0
    direct, swapped = (logs.abs().median() for logs in (same, back))
    is_turned = swapped < ALIKE and direct > UNLIKE  # type: ignore[operator]
    return len(back) if is_turned else 0


_FLOW = ["year", "product", "importer", "exporter"]


def ratios(flows: pl.DataFrame, beside: pl.DataFrame) -> pl.Series:
    """Logs of the flows over those of another table, where both are above nought."""
    both = flows.filter(pl.col("value_usd") > 0).join(
        beside.filter(pl.col("value_usd") > 0).select(
            pl.col("year").cast(flows.schema["year"]), *_FLOW[1:], loaded="value_usd"
        ),
        on=_FLOW,
    )
    return both.select((pl.col("value_usd") / pl.col("loaded")).log()).to_series()


def _to_digits(rows: pl.DataFrame, loaded: pl.DataFrame) -> pl.DataFrame:
    """The flows by codes as long as those that are loaded."""
    digits = int(loaded["product"].str.len_chars().max() or 0)  # type: ignore[arg-type]
    coded = rows.select(*_FLOW, "value_usd").with_columns(pl.col("product").str.slice(0, digits))
    return coded.group_by(_FLOW).agg(pl.col("value_usd").sum())


def items_for_kilograms(rows: pl.DataFrame) -> list[Caution]:
    """What to say where most rows have as many ``items`` as ``kg``: one was written for both."""
    both = rows.filter((pl.col("items") > 0) & (pl.col("kg") > 0))
    same = both.filter(pl.col("items").cast(pl.Float64) == pl.col("kg").cast(pl.Float64)).height
    if both.height < COUNTED or same <= AGAIN * both.height:
        return []
    return [Caution("sources.items_are_kg", {"count": same, "all": both.height})]


def fewer_flows(rows: Mapping[int, int]) -> list[Caution]:
    """What to say of the first year with far fewer ``rows`` than the year before: it was cut."""
    for year in sorted(rows):
        before = rows.get(year - 1, 0)
        if before >= MANY_ROWS and rows[year] < FEWER * before:
            said: dict[str, str | int] = {"year": year, "count": rows[year], "before": before}
            return [Caution("sources.fewer_flows", said)]
    return []


def _of_a_currency(times: pl.Series) -> bool:
    """Whether nearly all flows of many are five times what they were, or a fifth, alike."""
    if times.len() < MANY_FLOWS:
        return False
    low, high = times.quantile(1 - CURRENCY_PART), times.quantile(CURRENCY_PART)
    if low is None or high is None or high > CURRENCY_SPREAD * low:
        return False
    return low > OF_A_CURRENCY or high < 1 / OF_A_CURRENCY


def _of_one_reporter(beside: pl.DataFrame, unit: Unit) -> list[Caution]:
    """What to say where the values of nearly all rows of one reporter are off."""
    side = next((name for name in ("reporter", "exporter") if name in beside.columns), None)
    if side is None:
        return []
    reported = (
        beside.group_by(side)
        .agg(pl.len().alias("rows"), pl.col("off").mean())
        .filter((pl.col("rows") >= REPORTED) & (pl.col("off") > NEARLY_ALL_OFF))
        .sort(side)
    )
    if reported.is_empty():
        return []
    one = str(reported[side][0])
    of_it = beside.filter(pl.col("off") & (pl.col(side) == one))
    key = "values_of_one" if side == "reporter" else "values_from_one"
    return [*_off(of_it, unit), Caution(f"sources.{key}", {"reporter": country_name(one)})]


def _off(off: pl.DataFrame, unit: Unit) -> list[Caution]:
    product = off["product"].mode().sort()[0]
    of_it = off.filter(pl.col("product") == product)
    would_fit = WOULD_FIT[unit].items()
    inside = {name: fits.is_between("low", "high").mean() for name, fits in would_fit}
    shares = off.select(**inside).row(0, named=True)
    found: dict[str, str | int] = {
        "count": off.height,
        "years": enumerated(map(str, sorted(off["year"].unique().to_list()))),
        "product": product,
        "found": _figure(float(of_it["each"].median())),  # type: ignore[arg-type]
        "low": _figure(of_it["low"][0]),
        "high": _figure(of_it["high"][0]),
    }
    fits = [Caution(f"sources.looks_{name}", {}) for name, share in shares.items() if share > MOST]
    return [Caution(f"sources.unit_values_{unit}", found), *fits]


def _figure(value: float) -> str:
    """Two figures of a small value, whole dollars of a large one."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _apart(weighed: pl.DataFrame) -> list[tuple[int, float, int]]:
    """Years in which a kilogram costs many times what it does in the others, of the same goods."""
    found = []
    for (year,), rows in sorted(weighed.partition_by("year", as_dict=True).items()):
        others = weighed.filter(pl.col("year") != year)
        usual = others.group_by("product").agg(pl.col("each").median().alias("usual"))
        both = rows.join(usual, on="product")
        times = both.select((pl.col("each") / pl.col("usual")).median()).item() if len(both) else 1
        enough = min(both.height, others.height) >= APART_ROWS
        if enough and not 1 / APART < times < APART:
            found.append((int(str(year)), float(times), both.height))
    return found if len(found) < 2 else found[:1]
