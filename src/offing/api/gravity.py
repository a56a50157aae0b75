"""Gravity of one product, of all, or of the user's own panel: elasticities and expected trade."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import polars as pl

from offing.api.asking import (
    Answer,
    Asked,
    Country,
    Product,
    TableIn,
    TradeRequest,
    Words,
    parts,
    question,
)
from offing.api.given import Top
from offing.forecast.ranking import trade_year, year_cautions
from offing.market.gravity.estimates import COVARIANCES, Floats, Gravity
from offing.market.gravity.expected import COVARIATES, FURTHER, expected_trade, pair_covariates
from offing.market.gravity.panel import PairEffects, PanelGravity, fit_panel
from offing.sources.own_table import column_of, first_row, must_be_filled, numbers, own_table
from offing.sources.trade_checks import year_jumps
from offing.terms.background import tell
from offing.terms.caution import Caution
from offing.terms.errors import InputError, MissingDataError, Where, must_be_within, unknown_name
from offing.terms.frames import exact_sum
from offing.terms.messages import join_list, say
from offing.terms.numbers import fixed_decimals
from offing.terms.plain import values_of
from offing.warehouse import Warehouse
from offing.warehouse.trade import (
    flows_below,
    flows_of,
    heading_results,
    pooled_flows,
    too_many_here,
)

PANEL_KEYS = ("exporter", "importer", "year")
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

    question: ClassVar[str] = "gravity_panel"
    file: Path
    years: tuple[int, int, int]
    pair_effects: PairEffects
    fit: PanelGravity
    domestic: int
    kept: bool
    without: int

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
        fit = ("fit.rows", "fit.pairs", "fit.collinear", "fit.pseudo_r2", "fit.steps")
        return {
            **values_of(self, "file", "pair_effects", "left_out", *fit),
            **dict(zip(("first_year", "last_year", "years"), self.years, strict=True)),
            "domestic": values_of(self, "rows=domestic", "kept", "countries_without=without"),
            "coefficients": coefficients(self.fit).to_dicts(),
        }


def panel_gravity(
    given: TableIn,
    covariates: Sequence[str],
    *,
    value: str | None = None,
    pair_effects: PairEffects = "directed",
    one_cluster: bool = False,
    domestic: DomesticRows,
) -> PanelAnswer:
    """Estimate on a frame or file with ``exporter``, ``importer``, ``year`` and trade.

    Args:
        given: the table; its rows are the sample.
        covariates: columns, used as they are.
        value: the column of trade, in any unit; else one of ``VALUES``.
        pair_effects: as :func:`fit_panel`.
        one_cluster: likewise.
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
    countries = pl.concat([table[name].cast(pl.String) for name in PANEL_KEYS[:2]]).n_unique()
    if not kept:
        table = table.filter(~own)
        if table.is_empty():
            raise MissingDataError("gravity.only_domestic", where=Where(file))
    years = table["year"].cast(pl.Int32).unique().sort().to_list()
    if len(years) < 2 and pair_effects != "none":
        raise InputError("gravity.one_year", where=Where(file), year=years[0])
    panel = table.select(
        *PANEL_KEYS[:2], pl.col("year").cast(pl.Int32), pl.col(trade).alias("value_usd"), *names
    )
    fit = fit_panel(panel, pair_effects=pair_effects, one_cluster=one_cluster)
    without = countries - at_home["exporter"].n_unique()
    cautions = [*_doubts(table, trade, names)]
    if at_home.height and kept and without:
        cautions.append(Caution("gravity.panel_domestic_some", {"count": without}))
    if fit.pairs < FEW_PAIRS:
        cautions.append(Caution("gravity.panel_few", {"least": str(FEW_PAIRS)}))
    span = years[0], years[-1], len(years)
    return PanelAnswer(
        file, span, pair_effects, fit=fit, domestic=at_home.height, kept=kept, without=without,
        cautions=tuple(cautions),
    )  # fmt: skip


FLAT, FLAT_ROWS = 10.0, 50
"""The largest trade over the smallest, but for a hundredth at each end, of so many rows: flows of
countries differ by thousands, their logarithms hardly."""
LAST_YEAR = 2100
"""As tables of trade have it (:mod:`offing.terms.tables`): a later one is a slip."""
LEAST_YEAR = 1000
"""Smaller numbers beside years are years of two digits: 10 for 2010."""


def _doubts(table: pl.DataFrame, trade: str, names: Sequence[str]) -> Iterator[Caution]:
    """Figures in another unit: logs for levels, one year of another scale."""
    traded = table.filter(pl.col(trade) > 0)[trade]
    low, high = traded.quantile(0.01), traded.quantile(0.99)
    if traded.len() >= FLAT_ROWS and low and high and high < FLAT * low:
        yield Caution(
            "gravity.panel_flat", {"column": trade, "low": f"{low:.3g}", "high": f"{high:.3g}"}
        )
    for name in (trade, *names):
        for note in year_jumps(table.with_columns(value=pl.col(name)), PANEL_KEYS[:2]):
            yield Caution("gravity.panel_jump", {"column": name, **note.values})


def coefficients(fit: PanelGravity) -> pl.DataFrame:
    """Estimates with their errors; ``p`` is two-sided, of the error clustered by pair."""
    errors = {"se_pair": fit.errors, "se_hc": fit.hc.diagonal() ** 0.5}
    rows = pl.DataFrame({"covariate": fit.names, "estimate": fit.beta, **errors})
    z = (pl.col("estimate") / pl.col("se_pair")).abs()
    tails = z.map_elements(lambda z: math.erfc(z / 2**0.5), return_dtype=pl.Float64)
    return rows.with_columns(p=tails).with_columns(pl.col(pl.Float64).fill_nan(None))


def _check_columns(table: pl.DataFrame, trade: str, names: Sequence[str], file: Path) -> None:
    if not names:
        free = [name for name in table.columns if name not in ("row", *PANEL_KEYS, trade)]
        raise InputError("gravity.panel_needs_covariates", where=Where(file), all=join_list(free))
    for name in (*PANEL_KEYS, trade, *names):
        column_of(table, file, name)
    if clash := next((name for name in names if name in (*PANEL_KEYS, trade)), None):
        raise InputError("gravity.covariate_is_key", where=Where(file, column=clash), text=clash)


def _check_table(table: pl.DataFrame, trade: str, names: Sequence[str], file: Path) -> pl.DataFrame:
    """The table with numbers where numbers are wanted, every key there, no impossible value."""
    if table.is_empty():
        raise MissingDataError("gravity.no_rows", where=Where(file))
    must_be_filled(table, file, *PANEL_KEYS[:2])
    table = table.with_columns(numbers(table, file, name) for name in ("year", trade, *names))
    year = pl.col("year")
    wrong = ~((year == year.round()) & year.is_between(1, LAST_YEAR)).fill_null(False)
    if table.filter(year >= LEAST_YEAR).height:  # where all are less, they count periods
        wrong |= year < LEAST_YEAR
    if (at := first_row(table, wrong)) is not None:
        where = Where(file, at["row"], "year")
        raise InputError("gravity.bad_year", where=where, text=_value_text(at["year"]))
    bad = ~(pl.col(trade).is_finite() & (pl.col(trade) >= 0)).fill_null(False)
    if (at := first_row(table, bad)) is not None:
        where, count = Where(file, at["row"], trade), table.filter(bad).height
        told = {"column": trade, "row": at["row"], "value": _value_text(at[trade])}
        raise InputError("gravity.bad_outcome", where=where, count=count, **told)
    for name in names:
        if (at := first_row(table, pl.col(name).is_infinite())) is not None:
            raise InputError("gravity.infinite", where=Where(file, at["row"], name), column=name)
    return table


def _value_text(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


KEYS = ("product", "importer", "exporter")
FEW_CLUSTERS = 30
"""Fewer exporters or importers than that, and clustered errors are too small."""


@dataclass(frozen=True)
class GravityRequest(TradeRequest):
    """What does gravity say of trade in a product, in ``every`` product, or in a ``panel``?"""

    product: Annotated[
        Product | None, Asked("gravity.help_product", name="--product", word=True)
    ] = None
    every: Annotated[bool, Asked("gravity.help_all", name="--all")] = False
    year: Annotated[int | None, Asked("gravity.help_year")] = None
    origin: Annotated[Country | None, Asked("gravity.help_origin")] = None
    market: Annotated[Country | None, Asked("gravity.help_market")] = None
    covariates: Annotated[Words, Asked("gravity.help_covariates", kind=str | None)] = None
    panel: Annotated[TableIn, Asked("gravity.help_panel")] = None
    value: Annotated[str | None, Asked("gravity.help_value")] = None
    pair_effects: Annotated[PairEffects | None, Asked("gravity.help_pair_effects")] = None
    one_cluster: Annotated[bool, Asked("gravity.help_one_cluster")] = False
    domestic: Annotated[DomesticRows | None, Asked("gravity.help_domestic")] = None
    level: Annotated[float, Asked("gravity.help_level")] = 0.8
    top: Annotated[Top, Asked("market.help_top")] = 15


@dataclass(frozen=True)
class GravityAnswer(Answer):
    """Estimates, the flows they were made on, and the trade that they expect.

    Attributes:
        product: HS code; ``None`` for every product.
        dataset: the trade data set.
        year: of the flows.
        fit: estimates of each product.
        flows: ``product``, ``importer``, ``exporter``, ``value_usd``.
        origin: the exporter that was asked for.
        level: of the interval.
        expected: ``product``, ``exporter``, ``importer``, ``expected``, ``low``, ``high`` and
            ``actual``, USD; ``None`` without an exporter.
        top: rows to show.
    """

    product: str | None
    dataset: str
    year: int
    fit: Gravity
    flows: pl.DataFrame
    origin: str | None
    level: float
    expected: pl.DataFrame | None
    top: int

    @property
    def table(self) -> Any:
        """Expected trade where an exporter was named, else the coefficients."""
        return self.as_given(self.fit.table() if self.expected is None else self.expected)

    @property
    def zeros(self) -> int:
        """Pairs of the (first) product's sample without trade."""
        note = self.fit.notes[0]
        traded = self.flows.filter(pl.col("value_usd") > 0).height
        return max(note.pairs - traded + note.unmatched, 0)

    def data(self) -> dict[str, Any]:
        """Every product with its coefficients, and expected trade."""
        fit, rows = self.fit, self.fit.table()
        columns = ("covariate", "estimate", *(f"se_{kind}" for kind in COVARIANCES))
        told = ("state", "pairs", "exporters", "importers", "separated", "collinear", "unmatched")
        products = [
            {
                "product": code,
                "why": fit.why(code),
                **values_of(note, *told),
                "coefficients": rows.slice(number * len(fit.names), len(fit.names))
                .select(columns)
                .to_dicts(),
            }
            for number, (code, note) in enumerate(zip(fit.products, fit.notes, strict=True))
        ]
        expected = () if self.expected is None else ("expected",)
        return {**values_of(self, "dataset", "year", *expected), "products": products}


@question(GravityRequest)
def gravity(request: GravityRequest) -> GravityAnswer | PanelAnswer:
    """Elasticities of trade with four standard errors, and the trade that gravity expects.

    Poisson pseudo maximum likelihood with exporter and importer effects (Santos Silva and Tenreyro
    2006), one model for each product; with ``panel`` one model over years, with exporter-year,
    importer-year and pair effects (Yotov et al. 2016).

    Raises:
        InputError: ``gravity.one_or_all``, ``gravity.market_needs_origin``,
            ``errors.out_of_range``, ``errors.unknown_name``, ``gravity.panel_alone``,
            ``gravity.needs_panel``, and as :func:`panel_gravity` and
            :func:`offing.market.gravity.batch.fit_products`.
        MissingDataError: ``warehouse.nothing_loaded``, ``warehouse.no_such_product``,
            ``market.no_year``, ``gravity.nothing_in_year``, ``gravity.no_such_market``.

    >>> answer = gravity("8528", origin="CHN")
    >>> answer.fit.names
    ('log_km', 'contiguous', 'common_language')
    """
    if request.panel is not None:
        return _panel_answer(request)
    _check(request)
    code, origin, market = request.product, request.origin, request.market
    warehouse, dataset, cautions = request.trade(code or "", request.year)
    tell(say("gravity.running"), 0.0)
    year = trade_year(warehouse, dataset, code or "", request.year)
    cautions += year_cautions(warehouse, dataset, code or "", year, request.year)
    names = _names(request.covariates, COVARIATES)
    if code is None and too_many_here(warehouse, dataset, [year]):
        flows, fit = _elsewhere(warehouse, dataset, year, names, origin)
    else:
        flows = _flows(warehouse, code, dataset, year)
        fit = _fit(warehouse, flows, names)
    tell(say("gravity.running"), 0.5)
    expected = None if origin is None else _expected_trade(fit, flows, origin, request.level)
    if expected is not None and market is not None:
        expected = expected.filter(pl.col("importer") == market)
        if expected.is_empty():
            raise MissingDataError("gravity.no_such_market", country=market, year=year)
    answer = GravityAnswer(
        code, dataset, year, fit, flows, origin, request.level, expected, request.top
    )
    return replace(answer, cautions=(*_cautions(answer), *cautions))


def _names(names: Words, usual: Sequence[str]) -> list[str]:
    return list(usual) if names is None else parts(names)


def _check(request: GravityRequest) -> None:
    """Whether what was asked goes together."""
    own = (request.value, request.pair_effects, request.domestic, request.one_cluster or None)
    if any(one is not None for one in own):
        raise InputError("gravity.needs_panel")
    if request.every == (request.product is not None):
        raise InputError("gravity.one_or_all")
    if request.market is not None and request.origin is None:
        raise InputError("gravity.market_needs_origin")
    must_be_within("--level", request.level, gt=0, lt=1)
    available = (*COVARIATES, *FURTHER)
    for name in _names(request.covariates, COVARIATES):
        if name not in available:
            raise unknown_name(name, available)


def _panel_answer(request: GravityRequest) -> PanelAnswer:
    """One model over the years of the user's table."""
    others = ("product", "year", "origin", "market", "dataset", "flows")
    if request.every or any(getattr(request, name) is not None for name in others):
        raise InputError("gravity.panel_alone")
    tell(say("gravity.running"), 0.0)
    effects, domestic = request.pair_effects or "directed", request.domestic or "keep"
    names = _names(request.covariates, ())
    return panel_gravity(
        request.panel, names, value=request.value, pair_effects=effects, domestic=domestic,
        one_cluster=request.one_cluster,
    )  # fmt: skip


def _flows(warehouse: Warehouse, product: str | None, dataset: str, year: int) -> pl.DataFrame:
    """The sums of each product and pair of countries."""
    if product is None:
        rows = flows_below(warehouse, dataset, year=year, columns=(*KEYS, "value_usd"))
    else:
        rows = warehouse.flows(product, dataset=dataset, years=[year])
        rows = rows.with_columns(product=pl.lit(product))
    flows = (
        rows.lazy()
        .filter(pl.col("exporter") != pl.col("importer"))
        .group_by(KEYS)
        .agg(exact_sum())
        .sort(KEYS)
        .collect(engine="streaming")
    )
    if flows.is_empty():
        raise MissingDataError("gravity.nothing_in_year", product=product or "–", year=year)
    return flows


def _elsewhere(
    warehouse: Warehouse, dataset: str, year: int, covariates: Sequence[str], origin: str | None
) -> tuple[pl.DataFrame, Gravity]:
    """The flows of an origin, and every product as the workers of a cluster estimate it."""
    whole = pooled_flows(warehouse, dataset, year).with_columns(product=pl.lit(""))
    if whole.is_empty():
        raise MissingDataError("gravity.nothing_in_year", product="–", year=year)
    together = _fit(warehouse, whole, covariates)
    pairs = _pairs(warehouse, whole, covariates)
    work = partial(_fit_heading, pairs, np.nan_to_num(together.beta[0]))
    fits = dict(heading_results(warehouse, dataset, [year], work))
    own = flows_of(warehouse, dataset, year, origin) if origin else whole.clear()
    return own, together.replace_products([fits[heading] for heading in sorted(fits)])


def _fit_heading(pairs: pl.DataFrame, start: Floats, flows: pl.DataFrame) -> Gravity:
    """The products of a heading, without what all of them share."""
    from offing.market.gravity.batch import fit_products

    flows = flows.group_by(KEYS).agg(exact_sum()).sort(KEYS)
    fit = fit_products(flows, pairs, threads=1, start=start)
    return replace(fit, covariates=np.empty(0), valid=np.empty(0, bool))


def _fit(warehouse: Warehouse, flows: pl.DataFrame, covariates: Sequence[str]) -> Gravity:
    from offing.market.gravity.batch import fit_products

    return fit_products(flows, _pairs(warehouse, flows, covariates))


def _pairs(warehouse: Warehouse, flows: pl.DataFrame, covariates: Sequence[str]) -> pl.DataFrame:
    """The covariates of the pairs of countries that have flows."""
    pairs = pair_covariates(warehouse.table("distances"))
    pairs = pairs.select("exporter", "importer", *dict.fromkeys(covariates))
    countries = pl.concat([flows["exporter"], flows["importer"]]).unique().to_list()
    return pairs.filter(pl.col("exporter").is_in(countries) & pl.col("importer").is_in(countries))


def _expected_trade(fit: Gravity, flows: pl.DataFrame, exporter: str, level: float) -> pl.DataFrame:
    """Expected trade of an exporter in every product it has an estimate for."""
    own = flows.filter(pl.col("exporter") == exporter).partition_by("product", as_dict=True)
    rows, refused = [], None
    for product in fit.products:
        mine = own.get((product,), flows.clear())
        try:
            trade = expected_trade(fit, mine, product, exporter, level=level)
            rows.append(trade.select(pl.lit(product).alias("product"), pl.all()))
        except MissingDataError as error:
            refused = error
    if not rows and refused is not None:
        raise refused
    return (
        pl.concat(rows)
        .with_columns(exporter=pl.lit(exporter))
        .select("product", "exporter", "importer", "expected", "low", "high", "actual")
    )


def _cautions(answer: GravityAnswer) -> list[Caution]:
    """What weakens the estimates."""
    lost, result = sum(note.unmatched for note in answer.fit.notes), list[Caution]()
    if lost:
        result.append(Caution("gravity.unmatched", {"count": fixed_decimals(lost, 0)}))
    if answer.product is None:
        return result
    note, estimated = answer.fit.notes[0], np.isfinite(answer.fit.beta[0])
    if not estimated.any():
        return [*result, Caution("gravity.not_estimated_next")]
    flows = note.pairs - answer.zeros
    parameters = int(estimated.sum()) + note.exporters + note.importers - 1
    if flows < parameters:
        result.append(Caution("gravity.thin", {"flows": str(flows), "parameters": str(parameters)}))
    if min(note.exporters, note.importers) < FEW_CLUSTERS:
        result.append(Caution("gravity.few_clusters", {"least": str(FEW_CLUSTERS)}))
    return result
