"""The sales to expect of exporters in markets: of one product, or of everything in a file."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl

from offing.api.asking import Answer, Asked, Country, Product, TradeRequest, Words, parts, question
from offing.api.given import Horizon
from offing.api.markets import day_asked, task_of
from offing.forecast.outlook.draws import Draws, draw
from offing.forecast.outlook.forecast import (
    OutlookFile,
    Outlooks,
    outlooks,
    outlooks_of_origin,
    write,
    years_ahead,
)
from offing.forecast.ranking import (
    FittedProduct,
    fit_product,
    months_note,
    whole_trade,
    year_cautions,
)
from offing.terms.background import tell
from offing.terms.caution import Caution
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError, MissingDataError, Where
from offing.terms.messages import join_list, say
from offing.terms.plain import values_of

Levels = Sequence[float] | float | str
"""Levels of probability."""
MOST_DRAWS = 20_000


@dataclass(frozen=True)
class OutlookRequest(TradeRequest):
    """What may exporters sell in a market some years on?

    Attributes:
        product: HS code or name; all products, written to ``out``, where ``None``.
        horizon: years ahead of the day, 1 to 10.
        market: only these importers, of a product.
    """

    product: Annotated[Product | None, Asked("market.help_outlook_product", word=True)] = None
    origin: Annotated[Country | None, Asked("market.help_outlook_origin")] = None
    as_of: Annotated[int | None, Asked("market.help_as_of")] = None
    horizon: Annotated[Horizon, Asked("market.help_horizon")] = 2
    on: Annotated[date | None, Asked("market.help_outlook_on")] = None
    market: Annotated[Words, Asked("market.help_outlook_market", kind=list[str] | None)] = None
    quantile: Annotated[Levels | None, Asked("market.help_quantile", kind=str | None)] = None
    draws: Annotated[int, Asked("market.help_draws")] = 0
    out: Annotated[Path | None, Asked("market.help_out")] = None
    tiers: Annotated[bool, Asked("market.help_tiers")] = False
    seed: Annotated[int, Asked("equilibrium.help_seed")] = 1


@dataclass(frozen=True)
class OutlookAnswer(Answer):
    """What is expected of every flow that exists or may begin.

    Attributes:
        product: HS code; ``None`` for all.
        base_year: nothing later was looked at.
        horizon: years from the base year to the year looked at.
        dataset: the trade data set.
        outlook: rows, flows, products, the model and the base years that it was fitted on.
        rows: of a product, the largest growth first: sales in USD, ends of the intervals, quantiles
            that were asked for, the probability of less than today and, where nothing is sold
            today, of sales; see ``outlook.forecast.write``.
        file: where they were written.
        draws: joint draws of the origin's sales; ``None`` where none were asked for.
    """

    product: str | None
    base_year: int
    horizon: int
    dataset: str
    outlook: OutlookFile
    rows: pl.DataFrame | None
    file: Path | None
    draws: Draws | None

    @property
    def year(self) -> int:
        """The calendar year looked at."""
        return self.base_year + self.horizon

    @property
    def drawn(self) -> Any:
        """The draws as rows: draw, year, market, sales_usd."""
        if self.draws is None:
            return None
        n, years, markets = self.draws.sales_usd.shape
        return self.as_given(
            pl.DataFrame(
                {
                    "draw": np.repeat(np.arange(n), years * markets),
                    "year": np.tile(np.repeat(self.draws.years, markets), n),
                    "market": pl.Series(self.draws.markets, dtype=pl.String).gather(
                        np.tile(np.arange(markets), n * years)
                    ),
                    "sales_usd": self.draws.sales_usd.ravel(),
                }
            )
        )

    @property
    def table(self) -> Any:
        """All rows."""
        if self.rows is None:
            assert self.file is not None, "the outlook of everything is in a file"
            return self.as_given(pl.read_parquet(self.file, glob=False))
        return self.as_given(self.rows)

    def data(self) -> dict[str, Any]:
        """What was written, and of a product the rows."""
        return {
            **values_of(self, "dataset", "outlook", "year", "rows", "notes=cautions", "file"),
            "draws": self.draws and asdict(self.draws, dict_factory=_plain_items),
        }


def _plain_items(items: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in items}


@question(OutlookRequest)
def outlook(request: OutlookRequest) -> OutlookAnswer:
    """The sales to expect in every market, seeing nothing later than the base year.

    Raises:
        InputError: ``errors.out_of_range``, ``market.whole_outlook``, ``cli.bad_ending``,
            ``market.bad_quantile``, ``market.bad_draws``, ``cli.no_out_folder``.
        MissingDataError: ``market.no_exports``, ``market.no_year``, ``market.no_flows``,
            ``market.no_draws``.

    >>> answer = outlook("8507", "China", as_of=2021, horizon=1)
    >>> answer.table.columns[:5]
    ['exporter', 'importer', 'product', 'tier', 'base_usd']
    >>> answer = outlook("8507", "China", market="DEU", quantile=0.1, on=date(2026, 11, 26))
    >>> answer.year, answer.table.height
    (2028, 1)
    """
    product = request.product
    _check_target(request.out)
    levels = _levels(request.quantile or ())
    if product is None:
        return _write_all(request)
    _check_draws(request)
    warehouse, dataset, cautions = request.trade(product, request.as_of)
    tell(say("market.training"), 0.0)
    fitted = fit_product(warehouse, task_of(request, warehouse, product, dataset))
    trained, origin = fitted.outlooks, request.origin
    rows = _rows(trained, product, origin, request.market, levels)
    if request.out is not None:
        rows.write_parquet(request.out)
    flows, origins = rows.filter(pl.col("base_usd") > 0), trained.model and trained.model.origins
    written = OutlookFile(rows.height, flows.height, 1, trained.method, origins or ())
    drawn = None
    if request.draws and origin:
        markets = tuple(rows["importer"].unique(maintain_order=True))
        drawn = _drawn(request, fitted, origin, markets)
    notes = (*map(Caution, trained.notes), *months_note(fitted))
    notes += year_cautions(warehouse, dataset, product, trained.base_year, request.as_of)
    notes += (*_unknown_markets(request, rows), *cautions)
    base, horizon = trained.base_year, trained.horizon
    return OutlookAnswer(
        product, base, horizon, dataset, written, rows, request.out, drawn, cautions=notes
    )


def _unknown_markets(request: OutlookRequest, rows: pl.DataFrame) -> Iterator[Caution]:
    """Markets that were asked for, and of which there is no outlook."""
    asked = {country_code(text) for text in parts(request.market or ())}
    if missing := asked - {*rows["importer"]}:
        names = join_list(sorted(map(country_name, missing)))
        yield Caution("landed.warn_idle", {"option": "--market", "names": names})


def _write_all(request: OutlookRequest) -> OutlookAnswer:
    """All products of all exporters, written as they are made."""
    year, out = request.as_of, request.out
    if year is None or out is None or request.origin:
        raise InputError("market.whole_outlook")
    _check_draws(request)
    warehouse, dataset, cautions = request.trade("", year)
    tell(say("market.training"), 0.0)
    history, _ = whole_trade(warehouse, dataset=dataset, year=year, tiers=request.tiers)
    ahead = years_ahead(year, day_asked(year, request.on), request.horizon)
    trained = outlooks(history, year, ahead, seed=request.seed)
    written = write(trained, out, lambda share: tell(say("market.writing"), share))
    notes = (*map(Caution, trained.notes), *cautions)
    base, horizon = trained.base_year, trained.horizon
    return OutlookAnswer(None, base, horizon, dataset, written, None, out, None, cautions=notes)


def _check_draws(request: OutlookRequest) -> None:
    if request.draws and not (0 < request.draws <= MOST_DRAWS and request.origin):
        raise InputError("market.bad_draws", count=request.draws, most=MOST_DRAWS)


def _levels(entered: Levels) -> tuple[float, ...]:
    """Levels of probability.

    Raises:
        InputError: ``market.bad_quantile``.
    """
    levels = []
    for text in parts(entered):
        try:
            level = float(text)
        except ValueError:
            level = np.nan
        if not 0 < level < 1:
            raise InputError("market.bad_quantile", text=text)
        levels.append(level)
    return tuple(dict.fromkeys(levels))


def _check_target(out: Path | None) -> None:
    if out is None:
        return
    if out.suffix != ".parquet":
        raise InputError("cli.bad_ending", where=Where(out), path=out, all=".parquet")
    if not out.parent.is_dir():
        raise InputError("cli.no_out_folder", where=Where(out), folder=out.parent)


def _drawn(
    request: OutlookRequest, fitted: FittedProduct, origin: str, markets: Sequence[str]
) -> Draws:
    """Draws of every year from the first after the day up to the one that is asked for."""
    last = fitted.task.horizon
    first = max(last - request.horizon + 1, 1)
    years = [fitted.at(ahead) for ahead in range(first, last + 1)]
    return draw(years, fitted.task.product, origin, markets, n=request.draws, seed=request.seed)


def _rows(
    trained: Outlooks, product: str, origin: str | None, markets: Words, levels: Sequence[float]
) -> pl.DataFrame:
    if origin is not None:
        outlooks_of_origin(trained, product, origin)  # says so where it exports none
    rows = pl.concat(
        trained.table(cells, forecast, levels).cast({"exporter": pl.String, "importer": pl.String})
        for cells, forecast in trained.forecasts([product])
    )
    if origin is not None:
        rows = rows.filter(pl.col("exporter") == origin)
    if markets:
        codes = [country_code(text) for text in parts(markets)]
        rows = rows.filter(pl.col("importer").is_in(codes))
        if rows.is_empty():
            raise MissingDataError("market.no_market", product=product, year=trained.base_year)
    order = ["gain_usd", "exporter", "importer", "tier"]
    return rows.sort(order, descending=[True, False, False, False])
