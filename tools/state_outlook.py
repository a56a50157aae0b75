"""Santa Catarina's meat, its last two years hidden: the outlook beside the mean of three years.

``python -m tools.state_outlook`` prints, for headings and for codes of six digits, one and two
years ahead of 2022, the error of the outlook, of the mean of 2020-2022 and of 2022 alone. By value
it is the sum of misses over what was sold (of the expected sales); by pair the mean miss in logs
(of the median). Brazil's exports of meat are not at hand: the state stands for the country.
"""

import os
from collections.abc import Sequence

import numpy as np
import polars as pl

from offing.market.history import FLOOR_USD
from tools.state_firms import meat_by_year

HIDDEN_FROM = 2022
KEYS = ["importer", "product"]


def errors(digits: int, horizon: int) -> pl.DataFrame:
    """Way → error by value and by pair, of pairs sold in 2022."""
    import offing
    from offing.terms.errors import MissingDataError

    codes = pl.col("product").str.slice(0, digits)
    keys = ["year", *KEYS]
    sold = meat_by_year().with_columns(codes).group_by(keys).agg(pl.col("usd", "kg").sum())
    past = sold.filter((pl.col("year") <= HIDDEN_FROM) & (pl.col("usd") > 0))
    flows = past.select(*keys, exporter=pl.lit("BRA"), value_usd="usd", quantity="kg",
                        unit=pl.lit("kg"))  # fmt: skip

    def of_product(code: str) -> pl.DataFrame | None:
        try:
            made = offing.outlook(
                code, "BRA", flows=flows, as_of=HIDDEN_FROM, horizon=horizon, quantile=0.5
            )
        except MissingDataError:  # nothing was sold in the last year that is seen
            return None
        rows: pl.DataFrame = made.table
        return rows.filter(pl.col("base_usd") > 0)

    told = [
        one for code in sorted(past["product"].unique()) if (one := of_product(code)) is not None
    ]
    window = pl.col("year").is_between(HIDDEN_FROM - 2, HIDDEN_FROM)
    mean = past.filter(window).group_by(KEYS).agg(mean=pl.col("usd").sum() / 3)
    came = sold.filter(pl.col("year") == HIDDEN_FROM + horizon).select(*KEYS, came="usd")
    every = pl.concat(told, how="diagonal_relaxed").join(mean, on=KEYS, how="left")
    rows = every.join(came, on=KEYS, how="left").with_columns(pl.col("came", "mean").fill_null(0.0))
    return pl.DataFrame(
        [
            {"digits": digits, "years ahead": horizon, "pairs": rows.height, "way": way,
             "by value": _by_value(rows, expected), "by pair": _by_pair(rows, median)}
            for way, expected, median in (("outlook", "expected_usd", "q50"),
                                          ("mean of three years", "mean", "mean"),
                                          ("last year", "base_usd", "base_usd"))
        ]
    )  # fmt: skip


def _by_value(rows: pl.DataFrame, way: str) -> float:
    mine, came = (rows[name].to_numpy() for name in (way, "came"))
    return float(np.abs(mine - came).sum() / came.sum())


def _by_pair(rows: pl.DataFrame, way: str) -> float:
    mine, came = (np.log(rows[name].to_numpy() + FLOOR_USD) for name in (way, "came"))
    return float(np.abs(mine - came).mean())


def main(digits: Sequence[int] = (4, 6)) -> None:
    """Print the errors."""
    os.environ["OFFING_CACHE"] = ""
    with pl.Config(tbl_rows=-1, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
        print(pl.concat([errors(count, ahead) for count in digits for ahead in (1, 2)]))


if __name__ == "__main__":
    main()
