"""How long trade relationships last in a product, by what they were like when they began."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

import polars as pl

from offing.api.asking import Answer, Asked, Country, Product, TradeRequest, question
from offing.ladders.tiers import USUAL_METHOD, collect, tier_shares
from offing.market.indicators.survival import Hazard, hazard, kaplan_meier, spells, survival_by
from offing.policy.evidence.resilience import finest
from offing.terms.caution import Caution
from offing.terms.countries import nowhere
from offing.terms.errors import InputError, MissingDataError, must_be_within
from offing.terms.messages import join_list
from offing.terms.plain import values_of
from offing.warehouse.trade import flows_below, flows_by_exporter, reported_years

KEYS = ("product", "importer", "exporter")
Entry = Literal["tier", "size", "price"]
ENTRIES: tuple[Entry, ...] = get_args(Entry)
THIRDS = {"size": ("small", "middle", "large"), "price": ("cheap", "middle", "dear")}
COVARIATES = ("log_size", "log_price", "high_tier")
GONE = 10
"""Flows in its middle year from which an exporter without any in a year has not reported."""
LEAST_SPELLS = 50
"""Fewer spells with a known beginning say nothing on what shortens them."""


@dataclass(frozen=True)
class SurvivalRequest(TradeRequest):
    """How long do trade relationships in a product last?"""

    product: Annotated[Product, Asked("indicators.help_survival_product")]
    origin: Annotated[Country | None, Asked("indicators.help_origin")] = None
    gap: Annotated[int, Asked("indicators.help_gap")] = 0


@dataclass(frozen=True)
class SurvivalAnswer(Answer):
    """Relationships (product × importer × exporter) from beginning to end.

    Attributes:
        product: HS code.
        dataset: the trade data set.
        years: those in it.
        runs: one row for each spell: the keys, ``began``, ``last``, ``duration``, ``ended``,
            ``started_before``, and at its beginning ``value_usd``, ``tier``, ``size``, ``price``
            (thirds of the product's entries; null without a usable unit value), ``log_size``,
            ``log_price`` (over the world's reference price) and ``high_tier``.
        whole: Kaplan-Meier of all spells whose beginning was seen.
        by: the same by each of ``Entry``.
        hazard: of ``COVARIATES`` together, clustered by exporter; ``None`` where they cannot be
            told apart.
    """

    product: str
    dataset: str
    years: tuple[int, ...]
    runs: pl.DataFrame
    whole: pl.DataFrame
    by: dict[Entry, pl.DataFrame]
    hazard: Hazard | None

    @property
    def table(self) -> Any:
        """The spells, for ``--out``."""
        return self.as_given(self.runs)

    def data(self) -> dict[str, Any]:
        """The curves and the hazard; the spells themselves are in ``runs``."""
        early, found = self.runs["started_before"].sum(), self.hazard
        of = (
            zip(found.names, found.beta.tolist(), found.errors.tolist(), strict=True)
            if found
            else ()
        )
        slopes = [dict(zip(("covariate", "estimate", "error"), one, strict=True)) for one in of]
        return {
            **values_of(self, "dataset", "years", "whole", "by"),
            "spells": self.runs.height - early,
            "left_out": early,
            "hazard": slopes or None,
        }


@question(SurvivalRequest)
def survival(request: SurvivalRequest) -> SurvivalAnswer:
    """Spells of trade in a product, and how long they last.

    A year in which an importer reported nothing at all, nobody reported the product, or an exporter
    of ``GONE`` flows has none with anybody, ends no spell and begins none. Spells of the first
    ``gap + 1`` years are left out. Kaplan and Meier (1958); the hazard by tier, size and price at
    the beginning.

    Raises:
        InputError: ``errors.out_of_range``.
        MissingDataError: ``indicators.no_trade``, ``indicators.no_spells`` where no beginning was
            seen.

    >>> answer = survival("85")
    >>> answer.whole.columns[:2]
    ['time', 'at_risk']
    """
    product, origin, gap = request.product, request.origin, request.gap
    must_be_within("--gap", gap, ge=0, le=5)
    warehouse, chosen, cautions = request.trade(product)
    exporter = pl.col("exporter")
    abroad = (exporter != pl.col("importer")) & ~exporter.is_in(nowhere())
    flows = finest(flows_below(warehouse, chosen, product).filter(abroad))
    reported = reported_years(warehouse, chosen)
    entries = _entries(flows)
    mine = flows if origin is None else flows.filter(exporter == origin)
    if not (mine["value_usd"] > 0).any():
        raise MissingDataError("indicators.no_trade")
    # What an importer did not report, or what had no code yet, is not seen; its silence is no end.
    seen = flows.select("year", "product").unique().join(reported, on="year")
    silent = _silent_years(flows_by_exporter(warehouse, chosen)).join(
        mine, on="exporter", how="semi"
    )
    if silent.height:
        told = join_list((f"{code} ({year})" for code, year in silent.iter_rows()), 5)
        cautions += (Caution("indicators.silent", {"exporters": told}),)
    seen = seen.join(mine.select(KEYS).unique(), on=["product", "importer"])
    seen = seen.join(silent, on=["exporter", "year"], how="anti")
    runs = spells(mine.select("year", *KEYS, "value_usd"), list(KEYS), gap=gap, seen=seen)
    began, of = [*KEYS, "began"], [*KEYS, "year"]
    runs = _add_thirds(runs.join(entries, left_on=began, right_on=of, how="left").sort(began))
    fresh = runs.filter(~pl.col("started_before"))
    if fresh.is_empty():
        raise MissingDataError("indicators.no_spells")
    years, whole = sorted({*flows["year"]}), kaplan_meier(fresh["duration"], fresh["ended"])
    entered = {kind: some for kind in ENTRIES if (some := fresh.drop_nulls(kind)).height}
    by = {kind: survival_by(some, [kind]) for kind, some in entered.items()}
    return SurvivalAnswer(
        product, chosen, tuple(years), runs, whole, by, _hazard(fresh), cautions=cautions
    )


def _silent_years(flows: pl.DataFrame) -> pl.DataFrame:
    """``exporter`` and ``year`` in which one that trades a lot has nothing with anybody."""
    usual = flows.group_by("exporter").agg(pl.col("flows").median())
    large = usual.filter(pl.col("flows") >= GONE).select("exporter")
    every = large.join(flows.select("year").unique(), how="cross")
    return every.join(flows, on=["exporter", "year"], how="anti").sort("exporter", "year")


def _entries(flows: pl.DataFrame) -> pl.DataFrame:
    """What each flow was like: value, unit value over the world's reference, likeliest tier."""
    sound = flows.filter(pl.col("value_usd").is_finite() & (pl.col("value_usd") > 0))
    rows = collect(tier_shares(sound, method=USUAL_METHOD))
    tiers = pl.col("low", "medium", "high")
    likeliest = (
        pl.when(pl.max_horizontal(tiers) == pl.col("high")).then(pl.lit("high"))
        .when(pl.max_horizontal(tiers) == pl.col("low")).then(pl.lit("low"))
        .otherwise(pl.lit("medium"))
    )  # fmt: skip
    usable = pl.col("dropped").is_null() & pl.col("reference").is_finite()
    return (
        rows.with_columns(
            tier=pl.when(usable & pl.max_horizontal(tiers).is_not_null()).then(likeliest),
            log_price=pl.when(usable).then((pl.col("unit_value") / pl.col("reference")).log()),
            log_size=pl.col("value_usd").log(),
        )
        .unique(["year", *KEYS], keep="first", maintain_order=True)
        .select("year", *KEYS, "value_usd", "tier", "log_price", "log_size")
    )


def _add_thirds(runs: pl.DataFrame) -> pl.DataFrame:
    """Each spell's third among the product's beginnings by value and by price."""
    marked = {"high_tier": (pl.col("tier") == "high").cast(pl.Float64)}
    for name, labels in THIRDS.items():
        column = pl.col(f"log_{name}")
        usable = column.is_not_null() & ~pl.col("started_before")
        rank = pl.when(usable).then(column).rank("ordinal").over("product")
        third = ((rank - 1) * 3 // usable.sum().over("product")).cast(pl.Int64)
        label = third.replace_strict(dict(enumerate(labels)), default=None)
        marked[name] = pl.when(usable).then(label)
    return runs.with_columns(**marked)


def _hazard(fresh: pl.DataFrame) -> Hazard | None:
    """The hazard of an end by size, price and tier of the beginning."""
    complete = fresh.drop_nulls(list(COVARIATES))
    if complete.height < LEAST_SPELLS:
        return None
    few = complete["exporter"].n_unique() < 2
    try:
        return hazard(complete, COVARIATES, cluster=None if few else "exporter")
    except InputError:
        return None
