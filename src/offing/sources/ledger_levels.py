"""Whether a ledger as a whole is in another unit or currency than it says.

Nothing in such a file is unlike the rest of it. Its prices are held against what goods of the same
codes cost in customs data.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from offing.sources.ledger_prices import price_of_one, with_yuan
from offing.terms.usual_prices import LONGEST, Level, shared_readings, shipped

CODES, SHIFTED = 8, 10.0
"""Codes of a ledger that are all so many times usual: of importers held back 0.2 %, of brands'
dear goods hardly any."""
_KIND = ("code", "unit", "currency")


def unusual_level(frame: pl.DataFrame) -> Iterator[tuple[str, list[int], Mapping[str, str]]]:
    """The message, the rows and the rest of what it names, where prices are none of their goods'.

    ``frame`` is in the columns of ``Sales``.
    """
    kinds = _in_dollars(frame)
    levels = [Level(*kind) for kind in kinds.select(pl.exclude("row")).iter_rows()]
    far, judged = shipped().far_levels(levels)
    shift = None if far else shipped().shift(levels, CODES, SHIFTED)
    if shift is not None:
        rows = sorted(row for some in kinds["row"] for row in some)
        yield "level_shifted", rows, shift.said()
    if far:
        first = next(iter(far.values()))
        rows = sorted(row for place in far for row in kinds["row"][place])
        counts = {"codes": str(len(far)), "judged": str(judged)}
        yield "level_far", rows, first.said(shared_readings(far.values())) | counts


def _in_dollars(frame: pl.DataFrame) -> pl.DataFrame:
    """Each code by unit and currency, the largest first: its middle price in USD, and its rows."""
    whole = (pl.col("quantity") > 0) & (pl.col("amount") > 0) & pl.col("product").is_not_null()
    lines = frame.filter(whole).select(
        "on", "row", "unit", "currency", code=pl.col("product").str.slice(0, LONGEST),
        price=price_of_one(), amount=pl.col("amount").cast(pl.Float64), us=pl.lit("USD"),
    )  # fmt: skip
    known = with_yuan(with_yuan(lines, "us").rename({"yuan": "dollar"}))
    rate = pl.col("yuan") / pl.col("dollar")
    kinds = known.drop_nulls(["yuan", "dollar"]).group_by(_KIND).agg(
        (pl.col("price") * rate).median(), pl.col("yuan", "dollar").median(), pl.col("row"),
        usd=(pl.col("amount") * rate).sum(),
    )  # fmt: skip
    ordered = kinds.sort(["usd", *_KIND], descending=[True, False, False, False])
    return ordered.select("code", "unit", "price", "yuan", "dollar", "row")
