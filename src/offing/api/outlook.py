"""The sales to expect of exporters in markets: of one product, or of everything in a file."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import polars as pl

from offing.api.asking import (
    Answer,
    Asked,
    Caution,
    DatasetName,
    FlowsIn,
    WarehouseIn,
    opened,
    question,
    set_cautions,
)
from offing.api.markets import checked_horizon
from offing.forecast.outlook.forecast import Outlooks, of_origin, outlooks
from offing.forecast.outlook.writing import Written, write
from offing.forecast.ranking import latest_full_year, learn, whole_trade
from offing.ladders.tiers import METHODS
from offing.terms.countries import country_code
from offing.terms.errors import InputError, Where
from offing.terms.hs import product_code
from offing.terms.messages import say
from offing.terms.progress import tell
from offing.warehouse import Warehouse


@dataclass(frozen=True)
class OutlookRequest:
    """What may exporters sell in a market some years on?

    Attributes:
        product: HS code or name; all products, written to ``out``, where ``None``.
        origin: only this exporter's, of a product.
        as_of: base year, nothing later is looked at; of a product the newest full year.
        horizon: years ahead, 1 to 10.
        out: the Parquet file of all products.
        tiers: by price tier.
        seed: for the sampling of large data.
        dataset: the trade data set; else the one with the most trade.
        flows: a table of your own instead, in the columns of ``Flows``.
        warehouse: see :data:`offing.api.asking.WarehouseIn`.
    """

    product: Annotated[str | None, Asked("market.help_outlook_product", word=True)] = None
    origin: Annotated[str | None, Asked("market.help_outlook_origin")] = None
    as_of: Annotated[int | None, Asked("market.help_as_of")] = None
    horizon: Annotated[int, Asked("market.help_horizon")] = 2
    out: Annotated[Path | None, Asked("market.help_out")] = None
    dataset: DatasetName = None
    tiers: Annotated[bool, Asked("market.help_tiers")] = False
    seed: Annotated[int, Asked("market.help_seed")] = 1
    flows: FlowsIn = None
    warehouse: WarehouseIn = None


@dataclass(frozen=True)
class OutlookAnswer(Answer):
    """What is expected of every flow that exists or may begin.

    Attributes:
        product: HS code; ``None`` for all.
        base_year: nothing later was looked at.
        horizon: years ahead.
        dataset: the trade data set.
        written: rows, flows, products, the model and the base years that it learnt from.
        rows: of a product, the largest growth first: sales in USD, ends of the intervals, and the
            probability of a lasting flow where there is none; see ``outlook.writing.write``.
        file: where they were written.
        notes: message keys of what the data are too thin for.
        cautions: those and others, with their values.
    """

    product: str | None
    base_year: int
    horizon: int
    dataset: str
    written: Written
    rows: pl.DataFrame | None
    file: Path | None
    notes: tuple[str, ...]
    cautions: tuple[Caution, ...] = ()

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
            "outlook": asdict(self.written),
            "notes": list(self.notes),
            "file": None if self.file is None else str(self.file),
            **({} if self.rows is None else {"rows": self.rows.to_dicts()}),
        }


@question(OutlookRequest)
def outlook(request: OutlookRequest) -> OutlookAnswer:
    """The sales to expect in every market, seeing nothing later than the base year.

    Raises:
        InputError: ``market.bad_horizon``, ``market.whole_outlook``, ``market.not_parquet``,
            ``cli.no_out_folder``.
        MissingDataError: ``market.no_exports``, ``market.no_year``, ``market.no_flows``.

    >>> answer = outlook("850760", "China", as_of=2021, horizon=1)
    >>> answer.table.columns[:5]
    ['exporter', 'importer', 'product', 'tier', 'base_usd']
    """
    checked_horizon(request.horizon)
    if request.out is not None:
        _check_target(request.out)
    warehouse = opened(request.warehouse, flows=request.flows)
    answer = _of_all if request.product is None else _of_product
    return answer(request, warehouse)


def _check_target(out: Path) -> None:
    if out.suffix != ".parquet":
        raise InputError("market.not_parquet", where=Where(out), path=out)
    if not out.parent.is_dir():
        raise InputError("cli.no_out_folder", where=Where(out), folder=out.parent)


def _of_all(request: OutlookRequest, warehouse: Warehouse) -> OutlookAnswer:
    year, out = request.as_of, request.out
    if year is None or out is None:
        raise InputError("market.whole_outlook")
    history, dataset = whole_trade(
        warehouse, dataset=request.dataset, year=year, tiers=request.tiers
    )
    tell(say("market.training"), 0.0)
    made = outlooks(history, year, request.horizon, seed=request.seed)
    written = write(made, out, lambda share: tell(say("market.writing"), share))
    cautions = set_cautions(warehouse, "", dataset, request.dataset, year)
    return _answer(None, dataset, made, written, None, out, cautions)


def _of_product(request: OutlookRequest, warehouse: Warehouse) -> OutlookAnswer:
    product = product_code(request.product or "")
    origin = None if request.origin is None else country_code(request.origin)
    dataset = warehouse.trade_set(product, request.dataset, request.as_of)
    year = request.as_of or latest_full_year(warehouse.flows(product, dataset=dataset))
    tell(say("market.training"), 0.0)
    made = learn(
        warehouse,
        product,
        year=year,
        horizon=request.horizon,
        dataset=dataset,
        method=METHODS[0] if request.tiers else None,
        seed=request.seed,
    ).outlooks
    if origin is not None:
        of_origin(made, product, origin)  # says so where it exports none
    rows = pl.concat(
        made.table(cells, forecast)
        .filter(True if origin is None else pl.col("exporter") == origin)
        .cast({"exporter": pl.String, "importer": pl.String})
        for cells, forecast in made.forecasts([product])
    ).sort(["gain_usd", "exporter", "importer", "tier"], descending=[True, False, False, False])
    if request.out is not None:
        rows.write_parquet(request.out)
    written = Written(
        rows.height,
        rows.filter(pl.col("base_usd") > 0).height,
        1,
        made.method,
        made.model.origins if made.model else (),
    )
    cautions = set_cautions(warehouse, product, dataset, request.dataset, request.as_of)
    return _answer(product, dataset, made, written, rows, request.out, cautions)


def _answer(
    product: str | None,
    dataset: str,
    made: Outlooks,
    written: Written,
    rows: pl.DataFrame | None,
    file: Path | None,
    cautions: tuple[Caution, ...],
) -> OutlookAnswer:
    notes: tuple[Caution, ...] = tuple((note, {}) for note in made.notes)
    return OutlookAnswer(
        product,
        made.base_year,
        made.horizon,
        dataset,
        written,
        rows,
        file,
        made.notes,
        (*notes, *cautions),
    )
