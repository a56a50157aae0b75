"""Gravity over several years, estimated on the user's own table."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import polars as pl

from offing.api.asking import Answer, TableIn
from offing.market.gravity.panel import PairEffects, PanelGravity, fit_panel
from offing.sources.own_table import column_of, first_row, must_be_filled, numbers, own_table
from offing.sources.trade_checks import year_jumps
from offing.terms.caution import Caution, Value
from offing.terms.countries import known_code, nearest_country
from offing.terms.errors import InputError, MissingDataError, Where
from offing.terms.messages import join_list, say
from offing.terms.plain import values_of

KEYS = ("exporter", "importer", "year")
VALUES = ("value_usd", "trade")
"""What the column of trade is called where the user does not say."""
NAMED = 8
"""Names that a caution tells."""
FEW_PAIRS = 30
"""Fewer pairs than that, and clustered errors are too small."""
DomesticRows = Literal["keep", "drop"]
"""Whether trade within a country, where it is listed, is part of the sample."""


@dataclass(frozen=True)
class PanelAnswer(Answer):
    """Estimates on the user's own table.

    Attributes:
        file: the table's file, or the kind of frame it was.
        years: the first, the last, and how many.
        pair_effects: as given.
        fit: the estimates.
        domestic: rows of trade within a country that the table has.
        kept: whether they are in the sample.
        without: countries of the table that have no such row.
    """

    file: Path
    years: tuple[int, int, int]
    pair_effects: PairEffects
    fit: PanelGravity
    domestic: int
    kept: bool
    without: int
    cautions: tuple[Caution, ...]

    @property
    def table(self) -> Any:
        """The coefficients: ``covariate``, ``estimate``, ``se_pair``, ``se_hc``, ``p``; null where
        one was left out.
        """
        return self.as_given(coefficients(self.fit))

    @property
    def left_out(self) -> dict[str, int]:
        """Rows that are not in the sample, by why."""
        fit = self.fit
        return {"missing": fit.missing, "empty": fit.empty, "separated": fit.separated - fit.empty}

    def data(self) -> dict[str, Any]:
        """The sample, what was left out of it, and the coefficients."""
        at_home = {"rows": self.domestic, "kept": self.kept, "countries_without": self.without}
        return {
            **values_of(self, "file", "pair_effects", "left_out"),
            **values_of(self.fit, "rows", "pairs", "collinear", "pseudo_r2", "steps"),
            **dict(zip(("first_year", "last_year", "years"), self.years, strict=True)),
            "domestic": at_home,
            "coefficients": coefficients(self.fit).to_dicts(),
        }


def panel_gravity(
    given: TableIn,
    covariates: Sequence[str],
    *,
    value: str | None = None,
    pair_effects: PairEffects = "directed",
    domestic: DomesticRows,
) -> PanelAnswer:
    """Estimate on a frame or file with ``exporter``, ``importer``, ``year`` and trade.

    Args:
        given: the table; its rows are the sample.
        covariates: columns, used as they are.
        value: the column of trade, in any unit; else one of ``VALUES``.
        pair_effects: as :func:`fit_panel`.
        domestic: ``drop`` leaves out rows whose exporter is the importer.

    Raises:
        InputError: ``gravity.no_such_column``, ``gravity.panel_needs_covariates``,
            ``gravity.not_a_number``, ``gravity.infinite``, ``gravity.bad_outcome``,
            ``gravity.blank_key``, ``gravity.one_year``, and as :func:`fit_panel`.
        MissingDataError: ``gravity.no_rows``, ``gravity.only_domestic``.
    """
    table, file = own_table(given)
    trade = value or next((name for name in VALUES if name in table.columns), VALUES[0])
    names = list(dict.fromkeys(covariates))
    _check_columns(table, trade, names, file)
    table = _check_table(table, trade, names, file)
    own, kept = pl.col("exporter") == pl.col("importer"), domestic == "keep"
    at_home = table.filter(own)
    countries = pl.concat([table[name].cast(pl.String) for name in KEYS[:2]]).n_unique()
    if not kept:
        table = table.filter(~own)
        if table.is_empty():
            raise MissingDataError("gravity.only_domestic", where=Where(file))
    years = table["year"].cast(pl.Int32).unique().sort().to_list()
    if len(years) < 2 and pair_effects != "none":
        raise InputError("gravity.one_year", where=Where(file), year=years[0])
    panel = table.select(
        *KEYS[:2], pl.col("year").cast(pl.Int32), pl.col(trade).alias("value_usd"), *names
    )
    fit = fit_panel(panel, pair_effects=pair_effects)
    without = countries - at_home["exporter"].n_unique()
    cautions = [*_country_doubts({*table["exporter"], *table["importer"]})]
    cautions += _doubts(table, trade, names)
    if at_home.height and kept and without:
        cautions.append(Caution("gravity.panel_domestic_some", {"count": without}))
    if fit.pairs < FEW_PAIRS:
        cautions.append(Caution("gravity.panel_few", {"least": str(FEW_PAIRS)}))
    return PanelAnswer(
        file,
        (years[0], years[-1], len(years)),
        pair_effects,
        fit,
        at_home.height,
        kept,
        without,
        tuple(cautions),
    )


FLAT, FLAT_ROWS = 10.0, 50
"""The largest trade over the smallest, but for a hundredth at each end, of so many rows: flows of
countries differ by thousands, their logarithms hardly."""
LEAST_YEAR = 1000
"""Smaller numbers beside years are years of two digits: 10 for 2010."""
LARGEST_LOG = 1000.0
"""No logarithm is larger."""


def _country_doubts(names: Collection[object]) -> Iterator[Caution]:
    """Names that are no country's, where most are; and two names of one country."""
    texts = sorted({str(name) for name in names})
    called = {text: known_code(text) for text in texts}
    unknown = [text for text, code in called.items() if code is None]
    if unknown and 2 * len(unknown) < len(texts):
        near = join_list(filter(None, map(nearest_country, unknown[:NAMED])))
        meant = say("gravity.panel_meant", near=near) if near else ""
        names, count = join_list(unknown[:NAMED]), len(unknown)
        values: dict[str, Value] = {"count": count, "names": names, "meant": meant}
        yield Caution("gravity.panel_no_country", values)
    for code in sorted({code for code in called.values() if code}):
        if len(same := [text for text in texts if called[text] == code]) > 1:
            yield Caution("gravity.panel_one_country", {"names": join_list(same)})


def _doubts(table: pl.DataFrame, trade: str, names: Sequence[str]) -> Iterator[Caution]:
    """Figures in another unit: logs for levels, levels for logs, one year of another scale."""
    traded = table.filter(pl.col(trade) > 0)[trade]
    low, high = traded.quantile(0.01), traded.quantile(0.99)
    if traded.len() >= FLAT_ROWS and low and high and high < FLAT * low:
        yield Caution(
            "gravity.panel_flat", {"column": trade, "low": f"{low:.3g}", "high": f"{high:.3g}"}
        )
    for name in names:
        least: Any = table[name].min() or 0.0
        most: Any = table[name].max() or 0.0
        if least > 0 and most > LARGEST_LOG:
            ends = {"column": name, "low": f"{least:g}", "high": f"{most:g}"}
            yield Caution("gravity.panel_level", ends)
    for name in (trade, *names):
        for note in year_jumps(table.with_columns(value=pl.col(name)), KEYS[:2]):
            yield Caution("gravity.panel_jump", {"column": name, **note.values})


def coefficients(fit: PanelGravity) -> pl.DataFrame:
    """Estimates with their errors; ``p`` is two-sided, of the error clustered by pair."""
    rows = pl.DataFrame(
        {
            "covariate": fit.names,
            "estimate": fit.beta,
            "se_pair": fit.errors,
            "se_hc": fit.hc.diagonal() ** 0.5,
        }
    )
    z = (pl.col("estimate") / pl.col("se_pair")).abs()
    tails = z.map_elements(lambda z: math.erfc(z / 2**0.5), return_dtype=pl.Float64)
    return rows.with_columns(p=tails).with_columns(pl.col(pl.Float64).fill_nan(None))


def _check_columns(table: pl.DataFrame, trade: str, names: Sequence[str], file: Path) -> None:
    if not names:
        free = [name for name in table.columns if name not in ("row", *KEYS, trade)]
        raise InputError("gravity.panel_needs_covariates", where=Where(file), all=join_list(free))
    for name in (*KEYS, trade, *names):
        column_of(table, file, name)
    if clash := next((name for name in names if name in (*KEYS, trade)), None):
        raise InputError("gravity.covariate_is_key", where=Where(file, column=clash), text=clash)


def _check_table(table: pl.DataFrame, trade: str, names: Sequence[str], file: Path) -> pl.DataFrame:
    """The table with numbers where numbers are wanted, every key there, no impossible value."""
    if table.is_empty():
        raise MissingDataError("gravity.no_rows", where=Where(file))
    must_be_filled(table, file, *KEYS[:2])
    table = table.with_columns(numbers(table, file, name) for name in ("year", trade, *names))
    whole = (pl.col("year") == pl.col("year").round()) & pl.col("year").is_between(1, 9999)
    if (at := first_row(table, ~whole.fill_null(False))) is not None:
        raise InputError(
            "gravity.bad_year", where=Where(file, at["row"], "year"), text=_value_text(at["year"])
        )
    early = first_row(table, pl.col("year") < LEAST_YEAR)  # where all are, they count periods
    if early is not None and table.filter(pl.col("year") >= LEAST_YEAR).height:
        where = Where(file, early["row"], "year")
        raise InputError("gravity.bad_year", where=where, text=_value_text(early["year"]))
    bad = ~(pl.col(trade).is_finite() & (pl.col(trade) >= 0)).fill_null(False)
    if (at := first_row(table, bad)) is not None:
        raise InputError(
            "gravity.bad_outcome",
            where=Where(file, at["row"], trade),
            count=table.filter(bad).height,
            column=trade,
            row=at["row"],
            value=_value_text(at[trade]),
        )
    for name in names:
        if (at := first_row(table, pl.col(name).is_infinite())) is not None:
            raise InputError("gravity.infinite", where=Where(file, at["row"], name), column=name)
    return table


def _value_text(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
