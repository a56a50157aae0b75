"""The sales to expect of exporters in markets: of one product, or of everything in a file."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import polars as pl

from offing.api.asking import Answer, Asked, Cautions, TradeRequest, question
from offing.api.markets import checked_horizon
from offing.forecast.outlook.forecast import Outlooks, of_origin, outlooks
from offing.forecast.outlook.writing import Written, write
from offing.forecast.ranking import ForecastTask, fit_product, latest_full_year, whole_trade
from offing.ladders.tiers import METHODS
from offing.terms.countries import country_code
from offing.terms.errors import InputError, Where
from offing.terms.hs import product_code
from offing.terms.messages import say
from offing.terms.progress import tell
from offing.warehouse import Warehouse


@dataclass(frozen=True)
class OutlookRequest(TradeRequest):
    """What may exporters sell in a market some years on?

    Attributes:
        product: HS code or name; all products, written to ``out``, where ``None``.
        origin: only this exporter's, of a product.
        as_of: base year, nothing later is looked at; of a product the newest full year.
        horizon: years ahead, 1 to 10.
        out: the Parquet file of all products.
        tiers: by price tier.
        seed: for the sampling of large data.
    """

    product: Annotated[str | None, Asked("market.help_outlook_product", word=True)] = None
    origin: Annotated[str | None, Asked("market.help_outlook_origin")] = None
    as_of: Annotated[int | None, Asked("market.help_as_of")] = None
    horizon: Annotated[int, Asked("market.help_horizon")] = 2
    out: Annotated[Path | None, Asked("market.help_out")] = None
    tiers: Annotated[bool, Asked("market.help_tiers")] = False
    seed: Annotated[int, Asked("market.help_seed")] = 1


@dataclass(frozen=True)
class OutlookAnswer(Answer):
    """What is expected of every flow that exists or may begin.

    Attributes:
        product: HS code; ``None`` for all.
        base_year: nothing later was looked at.
        horizon: years ahead.
        dataset: the trade data set.
        outlook: rows, flows, products, the model and the base years that it was fitted on.
        rows: of a product, the largest growth first: sales in USD, ends of the intervals, and the
            probability of a lasting flow where there is none; see ``outlook.writing.write``.
        file: where they were written.
        cautions: message keys with their values.
    """

    product: str | None
    base_year: int
    horizon: int
    dataset: str
    outlook: Written
    rows: pl.DataFrame | None
    file: Path | None
    cautions: Cautions = ()

    @property
    def table(self) -> Any:
        """All rows."""
        if self.rows is None:
            assert self.file is not None, "the outlook of everything is in a file"
            return self.as_given(pl.read_parquet(self.file))
        return self.as_given(self.rows)

    def data(self) -> dict[str, Any]:
        """What was written, and of a product the rows."""
        return {
            "dataset": self.dataset,
            "outlook": asdict(self.outlook),
            "notes": [key for key, _ in self.cautions],
            "file": None if self.file is None else str(self.file),
            "rows": None if self.rows is None else self.rows.to_dicts(),
        }


@question(OutlookRequest)
def outlook(request: OutlookRequest) -> OutlookAnswer:
    """The sales to expect in every market, seeing nothing later than the base year.

    Raises:
        InputError: ``market.bad_horizon``, ``market.whole_outlook``, ``market.not_parquet``,
            ``cli.no_out_folder``.
        MissingDataError: ``market.no_exports``, ``market.no_year``, ``market.no_flows``.

    >>> answer = outlook("8507", "China", as_of=2021, horizon=1)
    >>> answer.table.columns[:5]
    ['exporter', 'importer', 'product', 'tier', 'base_usd']
    """
    checked_horizon(request.horizon)
    product = None if request.product is None else product_code(request.product)
    out, year = request.out, request.as_of
    _check_target(out)
    if product is None and (year is None or out is None or request.origin):
        raise InputError("market.whole_outlook")
    warehouse, dataset, cautions = request.trade(product or "", year)
    tell(say("market.training"), 0.0)
    rows = None
    if product is None:
        assert year, "checked above"
        assert out, "checked above"
        history, _ = whole_trade(warehouse, dataset=dataset, year=year, tiers=request.tiers)
        trained = outlooks(history, year, request.horizon, seed=request.seed)
        written = write(trained, out, lambda share: tell(say("market.writing"), share))
    else:
        trained = _trained(request, product, warehouse, dataset)
        rows = _rows(trained, product, request.origin and country_code(request.origin))
        written = _written(trained, rows, out)
    notes: Cautions = tuple((note, {}) for note in trained.notes)
    return OutlookAnswer(
        product,
        trained.base_year,
        trained.horizon,
        dataset,
        written,
        rows,
        out,
        (*notes, *cautions),
    )


def _check_target(out: Path | None) -> None:
    if out is None:
        return
    if out.suffix != ".parquet":
        raise InputError("market.not_parquet", where=Where(out), path=out)
    if not out.parent.is_dir():
        raise InputError("cli.no_out_folder", where=Where(out), folder=out.parent)


def _trained(request: OutlookRequest, product: str, warehouse: Warehouse, dataset: str) -> Outlooks:
    year = request.as_of or latest_full_year(warehouse.flows(product, dataset=dataset))
    tiers = METHODS[0] if request.tiers else None
    task = ForecastTask(product, dataset, year, request.horizon, tiers, request.seed)
    return fit_product(warehouse, task).outlooks


def _rows(trained: Outlooks, product: str, origin: str | None) -> pl.DataFrame:
    if origin is not None:
        of_origin(trained, product, origin)  # says so where it exports none
    every = pl.concat(
        trained.table(cells, forecast).cast({"exporter": pl.String, "importer": pl.String})
        for cells, forecast in trained.forecasts([product])
    )
    order = ["gain_usd", "exporter", "importer", "tier"]
    rows = every if origin is None else every.filter(pl.col("exporter") == origin)
    return rows.sort(order, descending=[True, False, False, False])


def _written(trained: Outlooks, rows: pl.DataFrame, out: Path | None) -> Written:
    if out is not None:
        rows.write_parquet(out)
    flows = rows.filter(pl.col("base_usd") > 0).height
    origins = trained.model.origins if trained.model else ()
    return Written(rows.height, flows, 1, trained.method, origins)
