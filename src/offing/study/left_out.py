"""Models that a plan goes on without, since the trade data loaded have nothing of them."""

from collections.abc import Collection, Iterator, Sequence

import polars as pl

from offing.ladders.own_sales import in_usd
from offing.study.firm_file import ModelFacts
from offing.study.own_record import lines_by_model, year_before
from offing.study.result import StudyWarning
from offing.study.world import World
from offing.terms.errors import OffingError

NO_TRADE = (
    "warehouse.no_such_product",
    "warehouse.not_in_dataset",
    "study.no_year",
    "study.no_markets",
    "market.no_exports",
)
"""Why there is nothing to look at of one model, while others may be looked at."""


def without_trade(error: OffingError) -> bool:
    """Whether the trade data lack one model's goods, and no more is wrong."""
    return error.key in NO_TRADE


def left_out(world: World, studied: Collection[str]) -> list[StudyWarning]:
    """Which models of the study the plan does not know, why, and what they sold.

    Args:
        world: the study and what it rests on.
        studied: keys of the models that the plan knows.
    """
    missing = [model for model in world.study.model if model.key not in studied]
    return list(_told(world, missing)) if missing else []


def _told(world: World, missing: Sequence[ModelFacts]) -> Iterator[StudyWarning]:
    lines = lines_by_model(world.sales, world.study.model).filter(
        (pl.col("on") > year_before(world.study.on)) & (pl.col("on") <= world.study.on)
    )
    priced = None
    if not lines.is_empty():
        priced = in_usd(lines, world.history, {}, world.study.rates_age)
    for model in missing:
        goods = f"{model.name.en} ({model.key})|{model.name.zh}（{model.key}）"
        values = {"goods": goods, "code": model.code}
        loaded = bool(world.warehouse.trade_seen(model.code).usd)
        why = "markets" if loaded else "loaded"
        if priced is None:
            yield f"study.warn_left_out_{why}", values
            continue
        usd = float(priced.filter(pl.col("key") == model.key)["usd"].sum())
        whole = float(priced["usd"].sum())
        share = f"{usd / whole:.0%}" if whole > 0 else "–"
        yield f"study.warn_left_out_{why}_sold", {**values, "usd": f"{usd:.0f}", "share": share}
