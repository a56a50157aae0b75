"""Quotes whose level says that they are written upside down: ``eur_usd: 0.92``."""

from decimal import Decimal
from functools import cache

from offing.terms.shipped import shipped_toml

FAR = Decimal(10)
"""Beyond this factor two quotes of one pair are not of one pair."""
INVERSE, DIRECT = Decimal("1.08"), Decimal("1.15")
"""Within the first factor of its inverse, and beyond the second of the quote as it is read."""
SINCE = 2003
"""Levels of earlier years, when a euro was 0.9 dollars, are those of the textbooks' past."""


def level_of(price: str, priced: str) -> Decimal | None:
    """About how many units of one currency another one costs; ``None`` where we know no level."""
    levels = shipped_toml("offing.cases", "units.toml")["levels"]
    if price not in levels or priced not in levels:
        return None
    return Decimal(str(levels[price])) / Decimal(str(levels[priced]))


def is_upside_down(quoted: tuple[str, str], rate: Decimal) -> bool:
    """Whether a quote fits its level turned over, and has not been so in twenty years.

    ``quoted`` is the currency of the price and the one priced.

    >>> is_upside_down(("usd", "eur"), Decimal("0.92")), is_upside_down(("usd", "eur"), Decimal(1))
    (True, False)
    >>> is_upside_down(("chf", "usd"), Decimal("1.2"))  # as in 2005
    False
    """
    level = level_of(*quoted)
    if level is None or rate <= 0:
        return False
    off, turned = (max(one / level, level / one) for one in (rate, 1 / rate))
    if off <= DIRECT or turned > INVERSE:
        return False
    low, high = _range(*quoted)
    return not low <= float(rate) <= high


@cache
def _range(price: str, priced: str) -> tuple[float, float]:
    """The lowest and the highest quote since :data:`SINCE` by the package's own rates."""
    import polars as pl

    from offing.warehouse.store import Warehouse, starter_folder

    known = Warehouse(starter_folder(), is_starter=True).table("fx_rates")
    rates = known.filter(pl.col("on").dt.year() >= SINCE)
    euro = rates.select("on", pl.lit(1.0).alias("per_eur")).unique()

    def of(code: str) -> pl.DataFrame:
        mine = rates.filter(pl.col("currency") == code.upper())
        return euro if code == "eur" else mine.select("on", pl.col("per_eur").cast(pl.Float64))

    both = of(price).join(of(priced), on="on", suffix="_priced")
    quotes = both.select(pl.col("per_eur") / pl.col("per_eur_priced")).to_series()
    return float(quotes.min()), float(quotes.max())  # type: ignore[arg-type]
