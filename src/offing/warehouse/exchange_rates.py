"""The exchange rates that are loaded: the ECB's of a day and over time, others of some days."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from offing.terms.exchange import FRESH, OLDEST, DayRate, FxTable, check_given
from offing.terms.money import round_amount
from offing.terms.usual_figures import PEGGED
from offing.warehouse.store import Warehouse

HOLIDAY = timedelta(days=10)
"""The longest run of days without a central parity is nine: the Spring Festival."""


def fx_of(
    warehouse: Warehouse, on: date, given: Mapping[str, Decimal] | None = None, oldest: int = OLDEST
) -> FxTable:
    """The rates of a day from the warehouse: the newest on or before it.

    ``given`` has units for one US dollar by the user; the starter world's rates stand in where the
    user has none.

    Raises:
        InputError: a given rate is far from the ECB's: :func:`~offing.terms.exchange.check_given`.
    """
    newest = _newest_rates(warehouse, on)
    rates = {code: (units, day) for code, units, day in _still_quoted(newest, on, oldest)}
    later = _later_rates(warehouse, on, max((day for _, _, day in newest), default=None), oldest)
    rates = _brought_forward(rates, later)
    thin = _thin_rates(warehouse, on, oldest) if "USD" in rates else {}
    table = FxTable(
        on,
        rates,
        last={code: day for code, _, day in newest},
        given=dict(given or {}),
        thin={code: rate for code, rate in thin.items() if code not in {"EUR", *rates}},
        newest=max((day for _, _, day in newest), default=None),
        oldest=oldest,
        later=frozenset(later),
    )
    check_given(table)
    return table


def _still_quoted(
    newest: Sequence[tuple[str, Decimal, date]], on: date, oldest: int
) -> list[tuple[str, Decimal, date]]:
    """The currencies with a rate of the last days that the ECB published, if those are not too old.

    A currency that the ECB has left while it went on with others, such as the rouble, is not among
    them, however young its last rate is.
    """
    end = max((day for _, _, day in newest), default=on)
    return [
        rate for rate in newest if end - rate[2] <= FRESH and on - rate[2] <= timedelta(days=oldest)
    ]


def last_of_others(warehouse: Warehouse, on: date) -> date | None:
    """The newest day up to one with rates of the euro and the dollar that are not the ECB's."""
    of_both = pl.col("currency").is_in(["EUR", "USD"]) & (pl.col("on") <= on)
    days = warehouse.table("fx_thin").filter(of_both).group_by("on").agg(pl.n_unique("currency"))
    day = days.filter(pl.col("currency") == 2)["on"].max()
    return day if isinstance(day, date) else None


_Rates = dict[str, tuple[Decimal, date]]


def _later_rates(warehouse: Warehouse, on: date, ecb: date | None, oldest: int) -> _Rates:
    """Units for one euro of another table's newest day, where the ECB's are older than a week."""
    day = last_of_others(warehouse, on) if ecb is None or on - ecb > FRESH else None
    if day is None or on - day > timedelta(days=oldest) or (ecb and day <= ecb):
        return {}
    of_day = warehouse.table("fx_thin").filter(pl.col("on") == day)
    per_cny = {**dict(of_day.select("currency", "per_cny").rows()), "CNY": Decimal(1)}
    euro = per_cny.pop("EUR")
    return {code: (units / euro, day) for code, units in per_cny.items()}


def _brought_forward(rates: _Rates, later: _Rates) -> _Rates:
    """The rates with those of a later day; all others keep their level against the dollar."""
    if not later:
        return rates
    times = later["USD"][0] / rates["USD"][0] if "USD" in rates else Decimal(1)
    return {**{code: (units * times, day) for code, (units, day) in rates.items()}, **later}


def _thin_rates(warehouse: Warehouse, on: date, oldest: int) -> dict[str, tuple[Decimal, date]]:
    """Currency → units for one US dollar and their day, of the monthly collection.

    One that is fixed to the dollar has its rate however old that is.
    """
    young = pl.col("on") >= on - timedelta(days=oldest)
    thin = warehouse.table("fx_thin").filter(
        pl.col("on") <= on, young | pl.col("currency").is_in(list(PEGGED))
    )
    rows = thin.sort("on", "currency").select("currency", "per_cny", "on").rows()
    dollars = _dollars_for_a_yuan(warehouse, thin)
    return {
        code: (per_cny / dollars[day], day)
        for code, per_cny, day in rows
        if day in dollars and code != "USD"
    }


def _dollars_for_a_yuan(warehouse: Warehouse, thin: pl.DataFrame) -> dict[date, Decimal]:
    """US dollars for one yuan on the days of other rates: of their table, else the ECB's.

    The ECB's are of that day, or of the last one before it within a week.
    """
    own = dict(thin.filter(pl.col("currency") == "USD").select("on", "per_cny").rows())
    days = thin.select("on").filter(~pl.col("on").is_in([*own])).unique().sort("on")
    if days.is_empty():
        return own
    ecb = warehouse.table("fx_rates")
    usd, cny = (ecb.filter(currency=code).select("on", "per_eur") for code in ("USD", "CNY"))
    both = usd.join(cny, on="on", suffix="_cny").sort("on")
    found = days.join_asof(both, on="on", tolerance=FRESH).drop_nulls().rows()
    return own | {day: usd / cny for day, usd, cny in found}


def _newest_rates(warehouse: Warehouse, on: date) -> list[tuple[str, Decimal, date]]:
    """The newest rate of each currency up to a day: currency, units for one euro, its day."""
    if not warehouse.has("fx_rates"):
        return []
    return warehouse.query(
        'SELECT currency, arg_max(per_eur, "on") AS per_eur, max("on") AS "on" FROM '
        f'{warehouse.source_sql("fx_rates")} WHERE "on" <= ? GROUP BY currency ORDER BY currency',
        [on],
    ).rows()


def day_rates(warehouse: Warehouse) -> pl.DataFrame:
    """Every day's rates of the ECB, and below them the levels of a monthly collection.

    Returns:
        The ``FxRates`` columns with ``per_usd``, units for one dollar: null on the ECB's rows; on
        the others ``per_eur`` is. Such a level is no history, and none may be learnt from it.
    """
    ecb = warehouse.table("fx_rates").with_columns(per_usd=pl.lit(None, pl.Float64))
    loaded = warehouse.table("fx_thin")
    of_day = _dollars_for_a_yuan(warehouse, loaded).items()
    schema = {"on": pl.Date, "dollar": pl.Float64}
    dollars = pl.DataFrame([(day, float(rate)) for day, rate in of_day], schema, orient="row")
    thin = loaded.unique(["currency", "on"], keep="last").with_columns(
        pl.col("per_cny").cast(pl.Float64)
    )
    others = thin.filter(pl.col("currency") != "USD").join(dollars, on="on")
    levels = others.select("currency", "on", per_usd=pl.col("per_cny") / pl.col("dollar"))
    own = thin.filter(pl.col("currency") == "USD")
    yuan = own.select(currency=pl.lit("CNY"), on="on", per_usd=1 / pl.col("per_cny"))
    return pl.concat([ecb, levels, yuan], how="diagonal")


def mean_rates(rates: pl.DataFrame, span: str) -> pl.DataFrame:
    """The means of :func:`day_rates` over months (``1mo``) or years (``1y``), on their last days:
    of units for one dollar, by day.
    """
    end = pl.col("on").dt.truncate(span).dt.offset_by(span).dt.offset_by("-1d").alias("on")
    per_eur = pl.col("per_eur").cast(pl.Float64)
    dollar = rates.filter(currency="USD").select("on", dollar=per_eur)
    days = rates.join(dollar, on="on", how="left").with_columns(cross=per_eur / pl.col("dollar"))
    mean = days.group_by("currency", end, of_ecb=pl.col("per_usd").is_null()).agg(
        per_eur=pl.col("cross").mean() * pl.col("dollar").mean(), per_usd=pl.col("per_usd").mean()
    )
    return mean.drop("of_ecb").sort("on", "currency")


def central_parity(warehouse: Warehouse, currency: str, on: date) -> DayRate | None:
    """The central parity (人民币汇率中间价) of a day: that of the last working day up to it.

    ``None`` where none of the days before is loaded.
    """
    near = pl.col("on").is_between(on - HOLIDAY, on + HOLIDAY) & (pl.col("currency") == currency)
    rows = warehouse.table("central_parity").filter(near).sort("on").select("on", "cny").rows()
    before = [row for row in rows if row[0] <= on]
    if not before:
        return None
    day, cny = before[-1]
    after = [(rounded_parity(value), later) for later, value in rows if later > on]
    return DayRate(rounded_parity(cny), day, after[0] if after and day < on else None)


def rounded_parity(cny: Decimal) -> Decimal:
    """As a central parity is published: four decimals, below a yuan of 100 units."""
    return round_amount(cny, 4 if cny >= 1 else 6)


def last_rate_day(warehouse: Warehouse, currency: str) -> date | None:
    """The newest day with a rate of the currency; ``None`` where there is none."""
    newest = {code: day for code, _, day in _newest_rates(warehouse, date.max)}
    return newest.get(currency)


def quoted_currencies(warehouse: Warehouse, on: date, oldest: int = OLDEST) -> frozenset[str]:
    """The currencies that the ECB quotes on the day, or last quoted before it, with the euro."""
    rates = _still_quoted(_newest_rates(warehouse, on), on, oldest)
    return frozenset({"EUR", *(code for code, _, _ in rates)})


def fx_history(
    warehouse: Warehouse, currencies: Sequence[str], until: date
) -> dict[str, dict[date, float]]:
    """Units for one euro of each currency on each day up to ``until``."""
    rows = warehouse.query(
        'SELECT currency, "on", per_eur::DOUBLE AS per_eur FROM '
        f'{warehouse.source_sql("fx_rates")} WHERE "on" <= ? AND list_contains(?, currency) '
        'ORDER BY currency, "on"',
        [until, list(currencies)],
    ).rows()
    rates: dict[str, dict[date, float]] = {}
    for code, day, per_eur in rows:
        rates.setdefault(code, {})[day] = per_eur
    return rates
