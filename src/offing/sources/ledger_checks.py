"""Lines of a ledger at which a careful person would stop, though each can be used."""

from collections.abc import Iterator, Mapping

import polars as pl

from offing.sources.headings import unit_said
from offing.terms.edition_signs import gone
from offing.terms.messages import enumerated

FAR = 20
"""How many times dearer or cheaper than the middle of its kind a line is a slip of the keyboard."""
KIND = ("currency", "unit")
COMPARED = ("item", "kg", "pair")
"""Units that other figures of offing have."""

Odd = tuple[str, list[int], Mapping[str, str]]
"""The message, the rows, and what else it names."""


def odd_lines(frame: pl.DataFrame, raw: pl.DataFrame) -> Iterator[Odd]:
    """What to ask of the good lines.

    ``frame`` is in the columns of ``Sales``, with ``by_price``, what price times quantity makes;
    ``raw`` has the rows as they stand in the file.
    """
    gap = (pl.col("amount") - pl.col("by_price")).abs().cast(pl.Float64)
    fair = (
        pl.col("amount").abs().cast(pl.Float64) * 0.01
        + pl.col("quantity").abs().cast(pl.Float64) / 100
    )
    part = (pl.col("unit") == "item") & (pl.col("quantity").cast(pl.Float64) % 1 != 0)
    same = [name for name in frame.columns if name not in ("row", "by_price")]
    for key, odd in (
        ("price_times_quantity", gap > fair),
        ("part_of_a_piece", part),
        ("lines_twice", ~pl.struct(same).is_first_distinct()),
        ("price_far", _far_from_its_kind(frame)),
        ("no_quantity", (pl.col("quantity") == 0) & (pl.col("amount") != 0)),
        ("units_mixed", _in_two_units(frame)),
        ("sold_at_home", pl.col("market") == "CHN"),
        ("code_gone", _of_another_edition(frame)),
    ):
        if rows := frame.filter(odd)["row"].to_list():
            yield key, rows, {}
    yield from _units(frame, raw)


def _in_two_units(frame: pl.DataFrame) -> pl.Expr:
    """Whether the line's model is sold in another unit too, which most of its lines have."""
    units = pl.col("unit").n_unique().over("model")
    usual = pl.col("unit") == pl.col("unit").mode().sort().first().over("model")
    return ((units > 1) & ~usual & pl.col("model").is_not_null()).fill_null(value=False)


def _far_from_its_kind(frame: pl.DataFrame) -> pl.Expr:
    """Whether a line costs many times what the middle line of its model, else its code, costs."""
    price = pl.col("amount").cast(pl.Float64) / pl.col("quantity").cast(pl.Float64)
    price = pl.when(pl.col("quantity") != 0).then(price)
    far = pl.lit(value=False)
    for kind in ("product", "model"):
        if frame[kind].null_count() < frame.height:
            middle, lines = price.median().over(kind, *KIND), pl.len().over(kind, *KIND)
            odd = (price < middle / FAR) | (price > middle * FAR)
            far = pl.when((lines > 2) & pl.col(kind).is_not_null()).then(odd).otherwise(far)
    return far.fill_null(value=False)


def _of_another_edition(frame: pl.DataFrame) -> pl.Expr:
    """Whether the code was in no edition of the Harmonized System of the line's year, or never."""
    pairs = frame.select(pl.col("product").str.slice(0, 6), pl.col("on").dt.year()).unique()
    bad = [(code, year) for code, year in pairs.rows() if code and gone(code, year)]
    if not bad:
        return pl.lit(value=False)
    pair = pl.concat_str(pl.col("product").str.slice(0, 6), pl.col("on").dt.year())
    return pair.is_in([f"{code}{year}" for code, year in bad]).fill_null(value=False)


def _units(frame: pl.DataFrame, raw: pl.DataFrame) -> Iterator[Odd]:
    """Lines whose unit was turned into ours, and those in a unit that is none of ours."""
    if "unit" not in raw.columns:
        return
    rows = raw.filter(pl.col("row").is_in(frame["row"].to_list()) & pl.col("unit").is_not_null())
    turned = {name: unit_said(name)[1] for name in rows["unit"].unique().sort().to_list()}
    said = {name: times for name, times in turned.items() if times != 1}
    if said:
        found = rows.filter(pl.col("unit").is_in(list(said)))["row"].to_list()
        named = enumerated(f"{name} × {times.normalize():,f}" for name, times in said.items())
        yield "units_turned", found, {"units": named}
    own = frame.filter(~pl.col("unit").is_in(COMPARED))
    if own.height:
        names = enumerated(own["unit"].unique().sort().to_list())
        yield "unit_of_its_own", own["row"].to_list(), {"units": names}
