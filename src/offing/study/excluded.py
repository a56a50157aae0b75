"""Models that a plan goes on without, since the trade data loaded have nothing of them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from math import fsum

import polars as pl

from offing.ladders.own_sales import sales_in_usd, sales_with_rate
from offing.study.file import Study
from offing.study.inputs import StudyInputs
from offing.study.sales_history import lines_by_model, year_before
from offing.study.schema import Line, ModelFacts
from offing.terms.caution import Caution, Dollars, Value, countries
from offing.terms.errors import OffingError

NO_TRADE = (
    "warehouse.no_such_product",
    "warehouse.not_in_dataset",
    "study.no_year",
    "study.no_markets",
    "market.no_exports",
)
"""Why there is nothing to look at of one model, while others may be looked at."""


def lacks_trade(error: OffingError) -> bool:
    """Whether the trade data lack one model's goods, and no more is wrong."""
    return error.key in NO_TRADE


def left_out(world: StudyInputs, studied: Collection[str]) -> list[Caution]:
    """Which models of the study the plan does not know, why, and what they sold.

    Args:
        world: the study and what it rests on.
        studied: keys of the models that the plan knows.
    """
    missing: dict[str, list[ModelFacts]] = defaultdict(list)
    for model in world.study.model:
        if model.key not in studied:
            loaded = bool(world.warehouse.trade_seen(model.code).usd)
            missing["markets" if loaded else "loaded"].append(model)
    sold = _ledger_sales(world) if missing else {}
    return [
        _caution(why, models, sold, fsum(_hours(world, models)))
        for why, models in sorted(missing.items())
    ]


def reserved_hours(world: StudyInputs, studied: Collection[str]) -> dict[str, float]:
    """Line → hours a year that models without trade data take for what they sell today.

    Their sales go on, whatever the plan does with the others.

    Args:
        world: the study and what it rests on.
        studied: keys of the models that the plan knows.
    """
    gone = [model for model in world.study.model if model.key not in studied]
    hours: dict[str, float] = defaultdict(float)
    for model, used in zip(gone, _hours(world, gone), strict=True):
        hours[world.study.line_of(model).key] += used
    return {line: used for line, used in hours.items() if used > 0}


def _hours(world: StudyInputs, models: Sequence[ModelFacts]) -> list[float]:
    """What each model's sales of the last twelve months, in its unit, took of its line."""
    if not models:
        return []
    sums = _recent(world).group_by("key", "unit").agg(pl.col("quantity").sum())
    units = {(key, unit): float(sold) for key, unit, sold in sums.iter_rows()}
    sold = (units.get((model.key, model.unit), 0.0) for model in models)
    return [max(count, 0.0) * float(model.hours) for count, model in zip(sold, models, strict=True)]


def reserve_hours(study: Study, reserved: Mapping[str, float]) -> Study:
    """The study with the hours of its lines that are left for the models of the plan."""
    if not reserved:
        return study

    def remaining(line: Line) -> Line:
        rest = line.hours - Decimal(repr(reserved.get(line.key, 0.0)))
        return line.model_copy(update={"hours": max(rest, line.hours * NEARLY_NONE)})

    plants = [
        plant.model_copy(update={"line": list(map(remaining, plant.line))}) for plant in study.plant
    ]
    return Study.model_construct(**{**dict(study), "plant": plants})


NEARLY_NONE = Decimal("1e-6")
"""Of a line's hours, where the models that are left out take all: a line has some."""


def _recent(world: StudyInputs) -> pl.DataFrame:
    """The ledger's last twelve months by model."""
    return lines_by_model(world.sales, world.study.model).filter(
        (pl.col("on") > year_before(world.study.on)) & (pl.col("on") <= world.study.on)
    )


def _ledger_sales(world: StudyInputs) -> dict[str | None, float]:
    """Model → USD of the ledger's last twelve months; nothing where it has none."""
    lines = _recent(world)
    if lines.is_empty():
        return {}
    rates, oldest = world.day_rates, world.study.rates_age
    priced = sales_in_usd(sales_with_rate(lines, rates, {}, oldest), rates, {}, oldest)
    return dict(priced.group_by("key").agg(pl.col("usd").sum()).iter_rows())


def _caution(
    why: str,
    models: Sequence[ModelFacts],
    sold: Mapping[str | None, float],
    hours: float,
) -> Caution:
    in_english = ", ".join(f"{model.name.en} (HS {model.code})" for model in models)
    in_chinese = "、".join(f"{model.name.zh}（HS {model.code}）" for model in models)
    values: dict[str, Value] = {"goods": {"en": in_english, "zh": in_chinese}}
    whole = fsum(sold.values())
    if whole <= 0:
        return Caution(f"study.warn_left_out_{why}", values)
    usd = fsum(sold.get(model.key, 0.0) for model in models)
    more: dict[str, Value] = {"usd": Dollars(round(usd)), "share": f"{usd / whole:.0%}"}
    more["hours"] = f"{hours:,.0f}"
    return Caution(f"study.warn_left_out_{why}_sold", values | more)


def unread_markets(
    study: Study, looked_at: Collection[str], models: Collection[str]
) -> Iterator[Caution]:
    """Markets of tables that are none of the plan's.

    Where all markets are considered, each is said. Where the study names its own, a table may be
    kept for more of them: then they are said where it has none of the plan's.

    Args:
        study: the study.
        looked_at: the plan's markets.
        models: keys of the models that the plan knows.
    """
    every = study.markets.consider == "all"
    decided = {*looked_at, *study.markets.leave_out, *([] if every else study.markets.consider)}
    for table, named in tables_by_market(study, models):
        if (rest := sorted(set(named) - decided)) and (every or not decided & set(named)):
            yield Caution("study.warn_market_unread", {"table": table, "markets": countries(rest)})


def tables_by_market(
    study: Study, models: Collection[str]
) -> Iterator[tuple[str, Collection[str]]]:
    """What stands in the file by market: the table or key, and the markets that it names."""
    yield "[duty]", study.duty
    yield "[[channel]] markets", [m for channel in study.channel for m in channel.markets]
    yield "[entering.market]", study.entering.market
    yield "[keeping.market]", study.keeping.market
    yield "[[announced]]", [duty.market for duty in study.announced]
    if study.settlement is not None:
        yield "[settlement.market_accepts]", study.settlement.market_accepts
    for plant in study.plant:
        yield f"[[plant]] {plant.key} preference", [rate.market for rate in plant.preference]
    for model in study.model:
        if model.key in models:
            yield f"[[model]] {model.key} market_prices_usd", model.market_prices_usd
