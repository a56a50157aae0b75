"""Prices of a ledger's lines beside each other: far off, of another currency, columns exchanged."""

import polars as pl

from offing.sources.ecb import packaged_rates

FAR, FAR_FOR_MODEL = 20, 6
"""How many times dearer or cheaper than the middle of its code, or of its model, a line is a slip
of the keyboard."""
KIND = ("currency", "unit")
ALIKE, APART = 1.5, 3.0
"""Prices that fit, and currencies that a price tells apart."""
LEAST_PRICE = 0.02
"""Euros: hardly a piece of anything costs less, but what is in ``TINY``."""
TINY = (
    "17", "25", "28", "30", "3406", "3605", "38", "39", "40", "4421", "48", "49", "56", "58", "70",
    "71", "73", "74", "76", "83", "8212", "8482", "8504", "8505", "8532", "8533", "8536", "8541",
    "8542", "8547", "9018", "95", "96",
)  # fmt: skip
"""Chapters and headings of screws, resistors, labels, bags, buttons, pills, needles, beads and
matches: pieces that may cost less than a cent. From memory; no list can be whole."""
SEVERAL, COUNTED = 4, 20
"""Lines of a model that tell prices from counts, and a count that a code's lines do not share by
chance: cars are sold one by one."""
FEW_LINES, NEARLY_ALL = 5, 0.8
"""Lines, and the part of them, that tell amounts of money from counts by their decimals."""
LOOKED_AT = 5.0
"""A middle price above it, in whatever currency, is not looked at."""


def price_of_one() -> pl.Expr:
    """Amount a unit; null where nothing was counted."""
    price = pl.col("amount").cast(pl.Float64) / pl.col("quantity").cast(pl.Float64)
    return pl.when(pl.col("quantity") != 0).then(price)


def far_from_its_kind(frame: pl.DataFrame) -> pl.Expr:
    """Whether a line costs many times what the middle line of its model, else its code, costs."""
    price = price_of_one()
    far = pl.lit(value=False)
    for kind, times in (("product", FAR), ("model", FAR_FOR_MODEL)):
        if frame[kind].null_count() < frame.height:
            middle, lines = price.median().over(kind, *KIND), pl.len().over(kind, *KIND)
            odd = (price < middle / times) | (price > middle * times)
            far = pl.when((lines > 2) & pl.col(kind).is_not_null()).then(odd).otherwise(far)
    return far.fill_null(value=False)


def in_another_currency(frame: pl.DataFrame) -> list[int]:
    """Rows whose price fits the usual currency of their model, and not their own.

    56,000 for 100 sets is a price in dollars where other lines have 560 dollars a set; in yuan it
    would be a seventh of it.
    """
    group = ["model", "unit"]
    lines = frame.select("row", "on", *group, "currency", price=price_of_one())
    lines = lines.filter(pl.col("model").is_not_null() & (pl.col("price") > 0))
    usual = (
        lines.group_by(*group, "currency")
        .agg(pl.len().alias("lines"), pl.col("price").median().alias("middle"))
        .filter(pl.col("lines") > 2)
        .sort("lines", "currency", descending=[True, False])
        .unique(group, keep="first", maintain_order=True)
        .rename({"currency": "usual"})
    )
    beside = lines.join(usual, on=group).filter(pl.col("currency") != pl.col("usual"))
    times = pl.col("price") / pl.col("middle")
    alike = beside.filter(times.is_between(1 / ALIKE, ALIKE))
    if alike.is_empty():
        return []
    alike = _with_euros(alike, "own", "currency")
    alike = _with_euros(alike, "other", "usual")
    apart = pl.col("own") / pl.col("other")
    return sorted(alike.filter((apart > APART) | (apart < 1 / APART))["row"].to_list())


def with_yuan(lines: pl.DataFrame, of: str = "currency") -> pl.DataFrame:
    """The lines with ``yuan``, what one of a currency cost ``on`` their day, if known."""
    yuan = _with_euros(lines.with_columns(home=pl.lit("CNY")), "own", of)
    yuan = _with_euros(yuan, "other", "home")
    return yuan.with_columns(yuan=pl.col("other") / pl.col("own")).drop("own", "other", "home")


def _with_euros(lines: pl.DataFrame, name: str, of: str) -> pl.DataFrame:
    """The lines with units for one euro of the currency in a column, on the day or before."""
    known = (
        packaged_rates({*lines[of], "CNY", "USD"})
        .sort("on")
        .select("on", pl.col("currency").alias(of), pl.col("per_eur").cast(pl.Float64).alias(name))
    )
    beside = lines.sort("on").join_asof(known, on="on", by=of, check_sortedness=False)
    euro = pl.when(pl.col(of) == "EUR").then(1.0).otherwise(pl.col(name))
    return beside.with_columns(euro.alias(name))


def counts_with_cents(frame: pl.DataFrame) -> bool:
    """Whether nearly all counts of pieces are no whole numbers, and every amount is one.

    So it is where quantity and amount of goods that cost cents a piece have changed their places.
    """
    pieces = frame.filter(pl.col("unit") == "item")
    part = pieces.select((pl.col("quantity", "amount").cast(pl.Float64) % 1 != 0).mean())
    counts, amounts = part.row(0) if pieces.height >= FEW_LINES else (0.0, 0.0)
    return bool(counts >= NEARLY_ALL and amounts == 0)


def price_for_count(frame: pl.DataFrame) -> list[int]:
    """Rows of models that are sold in one number at any price, as where the two changed places.

    A model has one price and orders of any size. Where most lines have it the other way round,
    price and quantity stand under each other's headings; price times quantity shows nothing.
    """
    group = ["kind", "unit", "currency"]
    lines = frame.filter((pl.col("quantity") > 1) & (pl.col("amount") > 0)).select(
        "row", "unit", "currency",
        kind=pl.coalesce("model", pl.when(pl.col("quantity") > COUNTED).then("product")),
        count=pl.col("quantity").cast(pl.Float64), price=price_of_one(),
    )  # fmt: skip
    spread = lines.drop_nulls("kind").with_columns(
        pl.len().over(group).alias("lines"),
        *((pl.col(n).max().over(group) / pl.col(n).min().over(group)).alias(f"{n}s")
          for n in ("count", "price")),
    ).filter(pl.col("lines") >= SEVERAL)  # fmt: skip
    odd = spread.filter((pl.col("counts") <= ALIKE) & (pl.col("prices") >= APART))["row"]
    return odd.sort().to_list() if 2 * len(odd) > spread.height else []


def exchanged(frame: pl.DataFrame) -> bool:
    """Whether most pieces cost next to nothing, as where quantity and amount changed their places.

    Pieces that may cost so little, by their chapter, do not count. Where they changed places the
    amounts are counts: whole numbers.
    """
    pieces = frame.filter(
        (pl.col("unit") == "item")
        & (pl.col("amount") > 0)
        & (pl.col("quantity") > 1)
        & ~pl.any_horizontal(pl.col("product").str.starts_with(code) for code in TINY).fill_null(
            value=False
        )
    )
    if (pieces["amount"].cast(pl.Float64) % 1 != 0).any():
        return False
    middle = pieces.select(price_of_one()).to_series().median()
    if not isinstance(middle, float) or middle > LOOKED_AT:
        return False
    rates = packaged_rates().group_by("currency").agg(pl.col("per_eur").sort_by("on").last())
    valued = pieces.join(rates, on="currency", how="left").with_columns(
        pl.when(pl.col("currency") == "EUR").then(1.0).otherwise(pl.col("per_eur")).alias("per_eur")
    )
    in_euro = valued.select(price_of_one() / pl.col("per_eur")).to_series().median()
    return isinstance(in_euro, float) and in_euro < LEAST_PRICE
