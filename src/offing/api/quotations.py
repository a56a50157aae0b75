"""Quotations, won and lost (报价单): how often an order is won, at which price, in which market."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import polars as pl

from offing.api.asking import (
    Answer,
    Asked,
    FirmLedgerRequest,
    TableIn,
    as_file,
    open_warehouse,
    question,
)
from offing.api.typed import Amount, price
from offing.terms.caution import Caution
from offing.terms.errors import InputError, MissingDataError, OffingError
from offing.terms.messages import join_list
from offing.terms.numbers import NOTHING
from offing.terms.plain import values_of

if TYPE_CHECKING:
    from offing.planning.win_chances import MarketWins, WinCurve
    from offing.warehouse import Warehouse

Against = Literal["usual", "target"]


@dataclass(frozen=True)
class QuotationsRequest(FirmLedgerRequest):
    """How often are this firm's quotations won, at which price, in which market?

    Attributes:
        quotations: a CSV file or workbook, or a data frame with such columns; those that are
            loaded where ``None``.
        cost: of a unit as it is quoted: ``"310 USD"``.
    """

    quotations: Annotated[TableIn, Asked("quotations.help_quotations", name="FILE", word=True)] = (
        None
    )
    model: Annotated[str | None, Asked("quotations.help_model")] = None
    against: Annotated[Against, Asked("quotations.help_against")] = "usual"
    cost: Annotated[Amount, Asked("quotations.help_cost")] = None
    dataset: Annotated[str | None, Asked("quotations.help_dataset")] = None


@dataclass(frozen=True)
class QuotationsAnswer(Answer):
    """What quotations tell of price.

    Attributes:
        against: what a price is looked at over: the usual one, or the buyer's target.
        goods: the models or codes.
        markets: counts, and chances by price where these can tell it; the most quoted first.
        curve: of won on price; ``None`` where the quotations cannot tell it.
        reason: why there is none: ``few``, ``one_price`` or ``parted``; else empty.
        fitted: won and lost quotations with a price to compare, which the curve is of.
        quarantined: rows that cannot be used.
    """

    against: Against
    goods: tuple[str, ...]
    markets: "tuple[MarketWins, ...]"
    curve: "WinCurve | None"
    reason: str
    fitted: tuple[int, int]
    quarantined: tuple[OffingError, ...] = ()

    @property
    def table(self) -> Any:
        """A row a market: counts, prices, and each chance with the ends of its interval."""
        rows = []
        for one in self.markets:
            parts = {"share": one.share, **one.chances, "best": one.best}
            kept = {n: v for n, v in vars(one).items() if n not in (*parts, "chances")}
            within = {f"{n}_{p}": v for n, c in parts.items() if c for p, v in vars(c).items()}
            rows.append(kept | within)
        return self.as_given(pl.from_dicts(rows, infer_schema_length=None))

    def data(self) -> dict[str, Any]:
        """Counts and chances; ``null`` is what the quotations cannot tell."""
        names = ("against", "goods", "reason", "fitted", "markets", "cautions")
        curve = self.curve and {n: v for n, v in vars(self.curve).items() if n != "posterior"}
        return {**values_of(self, *names), "curve": curve}


@question(QuotationsRequest)
def quotations(request: QuotationsRequest) -> QuotationsAnswer:
    """Find how often quotations are won by price and market, and the price that earns most.

    A logistic regression of won on the logarithm of the price over the usual one of its kind, or
    over the buyer's target; markets are shrunk towards each other. Where too few are won or lost,
    or prices hardly differ, there are counts alone. Only what was quoted is seen.

    Raises:
        InputError: ``quotations.which_goods``, ``quotations.no_model``,
            ``quotations.cost_of_target``, ``landed.price_not_positive``, and as the reader.
        MissingDataError: ``quotations.which_set``.

    Example::

        offing.quotations("quotations.xlsx", model="HC-65M", cost="470 USD").table
    """
    from offing.planning import win_chances

    warehouse = open_warehouse(request.warehouse)
    rows, notes, quarantined = _rows_of(request, warehouse)
    rows = rows.with_columns(
        pl.coalesce("model", "product").alias("goods"),
        pl.col("price", "target").cast(pl.Float64),
        pl.col("outcome").cast(pl.String),
    )
    rows = _rows_of_model(rows, request.model)
    goods = tuple(rows["goods"].unique().sort())
    priced = win_chances.relative_prices(rows, to_target=request.against == "target")
    if without := priced["ratio"].null_count():
        notes = (*notes, Caution("quotations.without_target", {"count": without}))
    if request.cost is not None and request.against == "target":
        raise InputError("quotations.cost_of_target")
    found = win_chances.fit_wins(priced)
    curve, reason = (None, found) if isinstance(found, str) else (found, "")
    markets = tuple(win_chances.wins_by_market(rows))
    if curve is not None and curve.falls:
        costs = _costs(request, warehouse, rows)
        markets = tuple(
            win_chances.add_chances(one, curve, costs.get(one.currency)) for one in markets
        )
    fitted = priced.filter(pl.col("ratio").is_not_null())["outcome"]
    won, lost = (int((fitted == word).sum()) for word in ("won", "lost"))
    aside = len(quarantined)
    return QuotationsAnswer(
        request.against,
        goods,
        markets,
        curve=curve,
        reason=reason,
        fitted=(won, lost),
        quarantined=quarantined,
        put_aside=aside,
        cautions=notes,
    )


def _rows_of(
    request: QuotationsRequest, warehouse: "Warehouse"
) -> "tuple[pl.DataFrame, tuple[Caution, ...], tuple[OffingError, ...]]":
    """The quotations of a file or frame, else those that are loaded."""
    from offing.sources.quotations import quotation_rows, read_quotations

    if request.quotations is not None:
        how = request.reading()
        if how.pop("period") is not None:
            raise InputError("quotations.no_period")
        with as_file(request.quotations) as file:
            read = read_quotations(file, **how)
        return quotation_rows(read.rows), read.notes, read.quarantined
    sets = warehouse.catalog.datasets("quotations")
    named = request.dataset
    meant = sets if named is None else [name for name in sets if name == named]
    if len(meant) != 1:
        raise MissingDataError("quotations.which_set", all=join_list(sets) or NOTHING)
    return warehouse.table("quotations", meant[0]), (), ()


def _rows_of_model(rows: pl.DataFrame, model: str | None) -> pl.DataFrame:
    if model is None:
        return rows
    kept = rows.filter(pl.col("goods") == model)
    if kept.is_empty():
        known = join_list(rows["goods"].unique().sort().to_list()[:12])
        raise InputError("quotations.no_model", model=model, models=known)
    return kept


def _costs(
    request: QuotationsRequest, warehouse: "Warehouse", rows: pl.DataFrame
) -> dict[str, float]:
    """Currency → what a unit costs in it; empty where no cost is told.

    Raises:
        InputError: ``quotations.which_goods`` where it is of several models.
    """
    from offing.warehouse.exchange_rates import fx_of

    currencies = rows["currency"].value_counts(sort=True)["currency"].to_list()
    cost = price(request.cost, currencies[0])
    if cost is None:
        return {}
    if len(goods := rows["goods"].unique().sort().to_list()) > 1:
        raise InputError("quotations.which_goods", models=join_list(goods[:8]))
    today = date.today()  # noqa: DTZ011 - the user's own day
    on = max((day for day in rows["on"].to_list() if day), default=today)
    fx = fx_of(warehouse, on, oldest=36500)
    return {code: float(fx.convert(cost.amount, cost.currency, code)) for code in currencies}
