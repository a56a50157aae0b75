"""Checks that every trade file needs: countries that exist, product codes that kept their zeros.

Whole columns are judged at once. A country is told by its number, its alpha-3 code or its name,
looked up once for each distinct value.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.terms.caution import Caution
from offing.terms.countries import (
    ENDED_NUMBERS,
    all_countries,
    countries_by_number,
    country_code,
    known_code,
)
from offing.terms.errors import InputError
from offing.terms.messages import join_list
from offing.terms.tables import TABLES
from offing.terms.usual_figures import WIDER, shipped

FIRST_YEAR = 1962
"""UN Comtrade begins with it."""

NOT_KNOWN, GROUP = -1, -2
"""Places of what is no country: nothing we know, and a group such as the world or the EU."""


NO_NUMBER = 65_536
"""Where :func:`places_of_numbers` has what is no number at all."""

Numbers = NDArray[np.int16]


def this_year() -> int:
    """The last year that trade data can have."""
    return datetime.now(UTC).year


@cache
def places() -> tuple[str, ...]:
    """The codes of every country and unspecified area, sorted; a country's place is its index.

    So places sort as codes do. Groups have no place.
    """
    return tuple(sorted(code for code, c in all_countries().items() if c.kind != "aggregate"))


def last_years() -> Numbers:
    """By place, the last year in which a country may trade; 9999 also for what is no country."""
    return np.array([*(last_year(code) for code in places()), 9999, 9999], dtype=np.int16)


@cache
def place_of(code: str) -> int:
    """The place of a code of :func:`offing.terms.countries.all_countries`."""
    return GROUP if all_countries()[code].kind == "aggregate" else places().index(code)


def last_year(code: str) -> int:
    """The last year in which a country may trade; 9999 where it still does."""
    until = all_countries()[code].until
    return until.year if until else 9999


def places_of_numbers() -> Numbers:
    """A table from the numbers of trade statistics (16 bits, and ``NO_NUMBER``) to places."""
    table = np.full(NO_NUMBER + 1, NOT_KNOWN, dtype=np.int16)
    for number, code in countries_by_number().items():
        table[number] = place_of(code)
    return table


def last_years_of_numbers() -> Numbers:
    """By number of trade statistics, the last year that has it; 9999 where it still is one."""
    table = np.full(NO_NUMBER + 1, 9999, dtype=np.int16)
    for number, last in ENDED_NUMBERS.items():
        table[number] = last
    return table


def numbers_ended() -> pl.Expr:
    """Whether a side's number was none any more in the row's ``year``."""
    gone = [
        (pl.col(f"{side}_{how}").str.strip_chars_start("0") == str(one)) & (pl.col("year") > last)
        for side in ("reporter", "partner")
        for how in ("number", "code")
        for one, last in ENDED_NUMBERS.items()
    ]
    return pl.any_horizontal(one.fill_null(value=False) for one in gone)


def no_countries() -> dict[str, pl.Expr]:
    """Why the sides of a row are none: two countries (``?``), or one that nobody knows."""
    sides = (pl.col("reporter"), pl.col("partner"))
    return {
        "sources.two_countries": pl.any_horizontal(side == "?" for side in sides),
        "sources.unknown_country": pl.any_horizontal(side.is_null() for side in sides),
    }


def codes_of(values: Iterable[str | None]) -> dict[str, str | None]:
    """Each distinct value → our code of it, or ``None`` where we know none.

    Numbers that offices gave up are known too: :func:`numbers_ended` tells their years.
    """
    found: dict[str, str | None] = {}
    values = set(values)
    ended = {text for text in values if text and text.isascii() and text.isdigit()}
    found |= {t: countries_by_number()[int(t)] for t in ended if int(t) in ENDED_NUMBERS}
    for value in values:
        if value is not None and value not in found:
            try:
                found[value] = country_code(value, trading=False)
            except InputError:
                found[value] = None
    return found


def code_of(rows: pl.DataFrame, column: str) -> pl.Expr:
    """Our code of a column of countries; null where it is none."""
    return pl.col(column).replace_strict(codes_of(rows[column].unique()), return_dtype=pl.String)


def no_country(code: str) -> pl.Expr:
    """Whether a column of codes has none, or that of a group."""
    return pl.col(code).is_null() | is_group(pl.col(code))


def unlike(column: str, pattern: str) -> pl.Expr:
    """Whether a text is missing or not of a form."""
    return ~pl.col(column).str.contains(pattern).fill_null(value=False)


def bad_year() -> pl.Expr:
    """Whether ``year`` is none of trade data."""
    return ~pl.col("year").is_between(FIRST_YEAR, this_year()).fill_null(value=False)


def bad_report(codes: str) -> dict[str, pl.Expr]:
    """Why a report cannot be used: its flow, countries, code (of the form ``codes``) or value."""
    return {
        "sources.bad_flow": pl.col("direction").is_null(),
        **no_countries(),
        "sources.lost_zero": pl.col("product").str.contains(r"^(\d\d)*\d$"),
        "sources.bad_product": unlike("product", codes),
        "sources.bad_value": pl.col("value").is_null() | (pl.col("value") < 0),
    }


def is_group(code: pl.Expr) -> pl.Expr:
    """Whether a code is that of a group of countries, such as the world."""
    return code.is_in(_groups())


def _groups() -> list[str]:
    return [code for code, country in all_countries().items() if country.kind == "aggregate"]


def names_group(text: str) -> bool:
    """Whether a text names a group of countries.

    >>> names_group("欧盟"), names_group("德国")
    (True, False)
    """
    return known_code(text) in _groups()


LEAST_ROWS = 3
"""Rows of a year with value and weight, before they are judged."""
MOST = 0.5
"""The part of a year's rows outside, from which on it is the table."""
FLOWS, UNIT_PART, OF_A_UNIT = 6, 0.8, 30.0
"""Flows of two years, the part of them that jumps where a unit changes, and how many times."""
ALIKE, UNLIKE, MANY = 0.5, 1.0, 30
"""How far the logs of flows of one direction lie from those of the same, or of the other, in the
middle; of so many flows. Data sets differ by a tenth, both directions of a pair widely."""
WOULD_FIT = {
    "exchanged": 1 / pl.col("each"),
    "thousands": pl.col("each") * 1000,
    "tonnes": pl.col("each") / 1000,
}
"""What the value of one kilogram would be, were it the table's slip."""


def odd_values(rows: pl.DataFrame) -> list[Caution]:
    """What to say of years whose values of a kilogram are none of their goods'.

    Args:
        rows: with ``year``, ``product``, ``value`` (USD) and ``kg``.

    Returns:
        The figures, then each slip that would make most values usual; nothing where all is well;
        that no row has a weight.
    """
    if rows.height and not (rows["kg"].cast(pl.Float64, strict=False) > 0).any():
        return [Caution("sources.no_weights", {})]
    each = pl.col("value").cast(pl.Float64) / pl.col("kg").cast(pl.Float64)
    weighed = rows.filter((pl.col("kg") > 0) & (pl.col("value") > 0))
    weighed = weighed.select("year", pl.col("product").cast(pl.String), each=each)
    codes = weighed["product"].unique().sort()
    known = [(c, found) for c in codes if (found := shipped().find(c, "kg")) is not None]
    usual = pl.DataFrame(
        [(code, found.low / WIDER, found.high * WIDER) for code, found in known],
        schema={"product": pl.String, "low": pl.Float64, "high": pl.Float64},
        orient="row",
    )
    outside = ~pl.col("each").is_between("low", "high")
    beside = weighed.join(usual, on="product").with_columns(off=outside)
    shares = beside.group_by("year").agg(pl.len().alias("rows"), pl.col("off").mean())
    judged = shares.filter((pl.col("rows") >= LEAST_ROWS) & (pl.col("off") > MOST))
    off = beside.filter("off").join(judged, on="year", how="semi")
    return [] if off.is_empty() else [_figures(off), *_slips(off)]


def _figures(off: pl.DataFrame) -> Caution:
    """How many rows are outside, and the figures of the code that most of them have."""
    product = off["product"].mode().sort()[0]
    of_it = off.filter(pl.col("product") == product)
    return Caution(
        "sources.unit_values_kg",
        {
            "count": off.height,
            "years": join_list(map(str, sorted(off["year"].unique().to_list()))),
            "product": product,
            "found": _figure(float(of_it["each"].median())),  # type: ignore[arg-type]
            "low": _figure(of_it["low"][0]),
            "high": _figure(of_it["high"][0]),
        },
    )


def _slips(off: pl.DataFrame) -> list[Caution]:
    inside = {name: fits.is_between("low", "high").mean() for name, fits in WOULD_FIT.items()}
    shares = off.select(**inside).row(0, named=True)
    return [Caution(f"sources.looks_{name}", {}) for name, part in shares.items() if part > MOST]


def _figure(value: float) -> str:
    """Two figures of a small value, whole dollars of a large one."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def year_jumps(rows: pl.DataFrame, flow: Sequence[str]) -> list[Caution]:
    """What to say where nearly all flows of a year are many times those of the year before.

    All flows do not change so: the unit does.

    Args:
        rows: with ``year``, ``value`` and the columns of ``flow``.
        flow: what tells a flow from another; of months their number too.

    Returns:
        The first jump, or nothing.
    """
    known = rows.filter(pl.col("value") > 0).group_by(*flow, "year").agg(pl.col("value").sum())
    for first, second in pairwise(known["year"].unique().sort().to_list()):
        now, before = (known.filter(pl.col("year") == year) for year in (second, first))
        both = now.join(before, on=list(flow), nulls_equal=True)
        times = both["value"].cast(pl.Float64) / both["value_right"].cast(pl.Float64)
        jumped = max((times > OF_A_UNIT).sum(), (times < 1 / OF_A_UNIT).sum())
        if times.len() >= FLOWS and jumped > UNIT_PART * times.len():
            said: dict[str, str | int] = {"first": first, "second": second, "count": times.len()}
            middle = _figure(float(times.median()))  # type: ignore[arg-type]
            return [Caution("sources.jump", {**said, "times": middle})]
    return []


def reversed_flows(rows: pl.DataFrame, loaded: pl.DataFrame | None) -> int:
    """Flows that are like those loaded of the other direction; 0 where they are not so.

    Both have ``year``, ``product``, ``exporter``, ``importer`` and ``value_usd``; a heading that is
    loaded is held against the sum of its codes.
    """
    if loaded is None:
        return 0
    digits = int(loaded["product"].str.len_chars().max() or 0)  # type: ignore[arg-type]
    coded = rows.select(*_FLOW, "value_usd").with_columns(pl.col("product").str.slice(0, digits))
    flows = coded.group_by(_FLOW).agg(pl.col("value_usd").sum())
    back = loaded.rename({"importer": "exporter", "exporter": "importer"})
    direct, swapped = ratios(flows, loaded), ratios(flows, back)
    if min(len(direct), len(swapped)) < MANY:
        return 0
    is_turned = swapped.abs().median() < ALIKE and direct.abs().median() > UNLIKE  # type: ignore[operator]
    return len(swapped) if is_turned else 0


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


EUROPEAN_UNION = {918: "EUR"}
"""The number of TRAINS and of the WTO that is no country's."""


def duty_lines(
    rows: pl.DataFrame, regime: str | pl.Expr = "mfn", **columns: str | date | pl.Expr | None
) -> pl.DataFrame:
    """Rows of a tariff as lines of duty.

    Args:
        rows: with the columns that are not said beside; what is in neither is null.
        regime: the duty regime of the lines.
        columns: of the lines, as a value for all or an expression.
    """
    said = {"regime": regime, **columns}
    lines = []
    for name, kind in TABLES["duty_lines"].schema.create_empty().schema.items():
        value = said.get(name, pl.col(name) if name in rows.columns else None)
        lines.append((value if isinstance(value, pl.Expr) else pl.lit(value, kind)).alias(name))
    return rows.select(lines)


def until_the_next(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines that each hold until a later one of the same goods begins."""
    key = ["importer", "regime", "code", "partner"]
    ordered = lines.sort(*key, "since", maintain_order=True)
    return ordered.with_columns(until=pl.col("since").shift(-1).over(key))


def bad_code(pattern: str) -> pl.Expr:
    """Whether ``code`` is none of the tariff's."""
    return unlike("code", pattern)


def importer_of(column: str) -> pl.Expr:
    """Our code of an importer or partner, from its number in TRAINS."""
    number = pl.col(column).cast(pl.Int32, strict=False)
    places = countries_by_number() | EUROPEAN_UNION
    return number.replace_strict(places, default=None, return_dtype=pl.String)


def bad_tariff_year() -> pl.Expr:
    """Whether ``year`` is none of a tariff."""
    return ~pl.col("year").is_between(1988, 2100).fill_null(value=False)


def percent_text(column: str) -> pl.Expr:
    """A rate with no digit too many: 12.5, 0."""
    return pl.col(column).round(4).cast(pl.String).str.replace(r"\.0$", "")
