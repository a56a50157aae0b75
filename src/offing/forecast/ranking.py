"""Rank the markets and segments of one product, and say how well such rankings did before.

This is where the market room meets the ladder: flows are split into price tiers here and handed
over as plain tables, with duties and the firm's facts beside them.
"""

from collections.abc import Collection, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

import polars as pl

from offing.forecast.axes import MarketFacts, axes, coverage
from offing.forecast.backtest.run import Design, backtest, record_years
from offing.forecast.nowcast.nowcast import Nowcast, nowcast
from offing.forecast.nowcast.signals import MonthlySales
from offing.forecast.outlook.forecast import Outlooks, beside, outlooks, outlooks_of_origin
from offing.forecast.results import TOTAL, Backtest, Outlook, Ranking, Segment, verdict
from offing.forecast.scores import method as ranking_method
from offing.forecast.scores import own_names
from offing.ladders.tiers import USUAL_METHOD, split_by_tier
from offing.market.history import History
from offing.terms.background import tell
from offing.terms.caution import Caution, Value
from offing.terms.errors import MissingDataError
from offing.terms.frames import exact_sum
from offing.terms.messages import join_list, say
from offing.warehouse import Warehouse
from offing.warehouse.kept import ROOMS, code_digest, keep_result
from offing.warehouse.tariffs import groups_on
from offing.warehouse.trade import (
    FlowsElsewhere,
    flows_below,
    flows_by_year,
    monthly_sets,
    months_below,
    reported_years,
    too_many_here,
)

FITTED_FLOWS = 300_000
"""Flows the outlook is fitted on in a study, at most: a data set larger than this is looked at by
chapter, then by heading, then by the product alone. ``offing outlook`` takes all."""

LEAST_YEARS = 12
"""Newest years that are taken of a product that has more flows: five that a fit is trained on, four
that its record is of, and three ahead."""

NEARLY_ALL = 0.9
"""A year is complete when it has this share of the importers that the fullest year has."""

STUDY_DRAWS = 200
"""Resamples behind the intervals of a study's backtest."""

RIVALS = (
    "outlook", "three_year_mean", "persistence", "size", "epi", "unrealized", "blue_ocean",
    "random", "oracle",
)  # fmt: skip
"""Ways of ranking a study compares: those a reader can follow, the floor and the ceiling."""

BARS = ("three_year_mean", "persistence", "size", "blue_ocean", "oracle")
"""Ways of ranking beside which one is named in a sentence, and those of the blue-ocean total."""

MONTHS_USED = "market.note_months_used"
"""Said of a ranking whose outlook months moved; :func:`months_note` says which."""

NOTHING = MarketFacts()
"""No duties, and nothing of the firm."""


def near_product(
    warehouse: Warehouse, dataset: str, product: str, year: int | None
) -> tuple[str, int]:
    """What a product is fitted on: a code and all below it, from a year on.

    It is the shortest beginning of the code under which the set is small enough to fit on.

    Of a code that is larger by itself, the newest years that are, ``LEAST_YEARS`` at least.
    """
    for digits in (0, 2, 4, len(product)):
        counts = flows_by_year(warehouse, dataset, product[:digits], year or 9999)
        if sum(counts.values()) <= FITTED_FLOWS:
            return product[:digits], min(counts, default=0)
    years = sorted(counts, reverse=True)
    few = LEAST_YEARS
    while sum(counts[y] for y in years[: few + 1]) <= FITTED_FLOWS:
        few += 1
    return product, years[:few][-1]


def product_flows(
    warehouse: Warehouse, product: str, *, dataset: str, year: int | None, method: str | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The flows of a product by tier, and those with what is near it to fit on; up to a year.

    A code that the data set does not have itself stands for all below it; without a ``method`` of
    the tiers markets are whole.

    Raises:
        MissingDataError: ``market.no_year``, ``market.no_flows``.
    """
    _known_year(warehouse, dataset, year)
    code, since = near_product(warehouse, dataset, product, year)
    every = flows_below(warehouse, dataset, code, since=since, until=year)
    split = (
        split_by_tier(every, method=method) if method else every.with_columns(tier=pl.lit("all"))
    )
    split = split.select(
        "year", "product", pl.col("tier").cast(pl.String), "importer", "exporter", "value_usd",
        "observed",
    )  # fmt: skip
    codes = split["product"].unique().to_list()
    for above in (one for one in codes if product.startswith(one) and one != product):
        # Of a heading alone the codes asked for are copies: each would count twice.
        other = pl.col("product").str.starts_with(above) & (pl.col("product") != product)
        split = split.filter(~other)
    mine = split.filter(pl.col("product") == product)
    if mine.is_empty():
        below = warehouse.flows(product, dataset=dataset)["product"].unique().to_list()
        mine = split.filter(pl.col("product").is_in(below)).with_columns(product=pl.lit(product))
        # The codes below are one product now; as products of their own they would count twice.
        split = pl.concat([split.filter(~pl.col("product").is_in(below)), mine])
    return mine, split


def product_trade(
    warehouse: Warehouse, product: str, *, dataset: str, year: int | None, method: str | None = None
) -> tuple[pl.DataFrame, History]:
    """The :func:`product_flows`, those to fit on as a history."""
    mine, near = product_flows(warehouse, product, dataset=dataset, year=year, method=method)
    return mine, _history_of(warehouse, near)


def whole_trade(
    warehouse: Warehouse,
    *,
    dataset: str | None = None,
    product: str | None = None,
    year: int | None = None,
    tiers: bool = False,
) -> tuple[History, str]:
    """All flows of a data set, read or asked for as they are needed, and the data set's name.

    Without a name it is the set with the most trade, in the product where one is named. With
    ``tiers`` the set must fit into memory.

    Raises:
        InputError, MissingDataError: there is no such set, product or year.
    """
    name = warehouse.trade_set(product or "", dataset, year)
    _known_year(warehouse, name, year)
    distances = warehouse.table("distances")
    years = [seen for seen in warehouse.years("flows", name) if seen <= (year or seen)]
    if too_many_here(warehouse, name, years) and not tiers:
        return _elsewhere(FlowsElsewhere(warehouse, name, years[-1]), distances), name
    files = warehouse.files("flows", name, year)
    if not tiers:
        return History.scan(files, distances=distances), name
    split = split_by_tier(pl.read_parquet(files, glob=False), method=USUAL_METHOD)
    return History.of(split, distances=distances), name


def _elsewhere(source: FlowsElsewhere, distances: pl.DataFrame) -> History:
    """A history of flows that stay on a cluster."""
    sizes = source.sizes()
    if sizes.is_empty():
        raise MissingDataError("market.no_flows")
    years = tuple(sizes["year"].unique().sort())
    nothing = pl.LazyFrame(schema={"year": pl.Int32, "tier": pl.String})
    countries, reporters = source.countries(), source.reporters()
    return History(nothing, years, countries, sizes, distances, reporters, source)


def _known_year(warehouse: Warehouse, dataset: str, year: int | None) -> None:
    years = warehouse.years("flows", dataset)
    if year is not None and year not in years:
        raise MissingDataError("market.no_year", year=year, years=join_list(years))


def trade_year(warehouse: Warehouse, dataset: str, code: str, year: int | None) -> int:
    """The year that is asked for, else the newest full one of a product.

    Raises:
        MissingDataError: ``market.no_year``.
    """
    _known_year(warehouse, dataset, year)
    return year or latest_full_year(reported_years(warehouse, dataset, code))


def latest_full_year(flows: pl.DataFrame) -> int:
    """The newest year in which nearly all importers have reported.

    >>> rows = [(2023, "DEU"), (2023, "FRA"), (2024, "DEU")]
    >>> latest_full_year(pl.DataFrame(rows, schema=["year", "importer"], orient="row"))
    2023
    """
    counts = (
        flows.group_by("year", maintain_order=True).agg(pl.col("importer").n_unique()).sort("year")
    )
    most = int(counts["importer"].max())  # type: ignore[arg-type]
    return int(counts.filter(pl.col("importer") >= NEARLY_ALL * most)["year"].max())  # type: ignore[arg-type]


def year_cautions(
    warehouse: Warehouse, dataset: str, code: str, year: int, asked: int | None
) -> tuple[Caution, ...]:
    """What to say where the newest year of a product lacks importers that the fullest year has.

    It was passed over, and a year before it taken, or is used and provisional; ``asked`` is the
    year that the user named: none is passed over then.
    """
    reported = reported_years(warehouse, dataset, code)
    counts = reported.group_by("year").agg(pl.col("importer").n_unique()).sort("year")
    newest, seen = counts.row(-1)
    most = int(counts["importer"].max())  # type: ignore[arg-type]
    if seen == most or (year != newest and asked is not None):
        return ()
    key = "market.note_provisional" if year == newest else "market.note_passed_over"
    values = {"year": str(year), "newest": str(newest), "here": str(seen), "most": str(most)}
    return (Caution(key, values),)


def market_facts(
    warehouse: Warehouse, origin: str, year: int, beside: MarketFacts = NOTHING
) -> MarketFacts:
    """What the warehouse knows of markets at the end of a year, beside what is given."""
    near = warehouse.table("distances").filter(pl.col("origin") == origin)
    latest = (
        warehouse.table("indicators")
        .filter(pl.col("year") <= year)
        .sort("year")
        .group_by("country", "name", maintain_order=True)
        .agg(pl.col("value").last())
    )

    def indicator(name: str) -> dict[str, float]:
        rows = latest.filter(pl.col("name") == name).select("country", "value")
        return dict(rows.iter_rows())

    people = indicator("population")
    income = {
        country: value / people[country]
        for country, value in indicator("gdp_usd").items()
        if people.get(country)
    }
    inside = groups_on(warehouse, date(year, 12, 31))
    ours = inside.filter(pl.col("country") == origin)["group"].unique()
    shared: dict[str, int] = {}
    if not inside.is_empty():
        counted = inside.filter(pl.col("group").is_in(ours.to_list())).group_by(
            "country", maintain_order=True
        )
        members = dict(counted.agg(pl.col("group").n_unique()).iter_rows())
        # A country in no group shares none; that is known, not missing.
        shared = {country: int(members.get(country, 0)) for country in near["destination"]}
    return replace(
        beside,
        km=dict(near.select("destination", "km").iter_rows()),
        common_language=dict(near.select("destination", "common_language").iter_rows()),
        shared_groups=shared,
        income_usd=income,
        population=people,
    )


@dataclass(frozen=True)
class ForecastTask:
    """A forecast that is asked for. Nothing later than ``year`` is looked at.

    Attributes:
        product: HS code.
        dataset: the trade data set.
        year: base year.
        horizon: years ahead.
        method: of the price tiers; ``None`` for whole markets.
        seed: of the sampling of large data, and of resampling.
        months_to: the day up to which months of years after the base year are looked at, where
            some are loaded; none where ``None``.
    """

    product: str
    dataset: str
    year: int
    horizon: int
    method: str | None = None
    seed: int = 1
    months_to: date | None = None


@dataclass(frozen=True)
class FittedProduct:
    """A product's flows, by tier, with the outlook fitted on it: of segments, or of whole markets.

    ``nowcast`` is what moved it by the months of the running year, where some are loaded.
    """

    task: ForecastTask
    flows: pl.DataFrame
    outlooks: Outlooks
    nowcast: Nowcast | None
    _made: dict[tuple[bool, str], dict[tuple[str, str], Outlook]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def whole(self) -> Outlooks:
        """The outlook of whole markets."""
        return self.outlooks.whole or self.outlooks

    def at(self, ahead: int) -> Outlooks:
        """The outlook of whole markets so many years after the base year."""
        task = self.task
        plain = outlooks(self.whole.history, task.year, ahead, seed=task.seed)
        return plain if self.nowcast is None else self.nowcast.revise_outlook(plain)

    def outlook_by_segment(self, origin: str) -> dict[tuple[str, str], Outlook]:
        """(Market, tier) → its outlook for an exporter; models of one code share it."""
        return self._of(self.outlooks, origin)

    def outlook_by_market(self, origin: str) -> dict[str, Outlook]:
        """The outlook of each whole market for an exporter."""
        return {market: view for (market, _), view in self._of(self.whole, origin).items()}

    def _of(self, fitted: Outlooks, origin: str) -> dict[tuple[str, str], Outlook]:
        key = (fitted is self.outlooks, origin)
        if key not in self._made:
            self._made[key] = outlooks_of_origin(fitted, self.task.product, origin)
        return self._made[key]


def fit_product(
    warehouse: Warehouse, task: ForecastTask, flows: tuple[pl.DataFrame, pl.DataFrame] | None = None
) -> FittedProduct:
    """Fit the outlook of a product on nothing later than its base year.

    Args:
        warehouse: the data.
        task: what is forecast.
        flows: :func:`task_flows`, where they are at hand.

    Raises:
        MissingDataError: ``market.no_year`` or ``market.no_flows``.
    """
    mine, near = flows or task_flows(warehouse, task)
    return _fit_product(warehouse, task, mine, _history_of(warehouse, near))


def fit_with_record(
    warehouse: Warehouse, task: ForecastTask, *, by: str
) -> tuple[FittedProduct, Backtest]:
    """:func:`fit_product`, and the :func:`backtest_product` of a way of ranking and its bars.

    The two are made beside each other where they can.
    The record is of whole markets: it waits for them where flows are split by tier.
    """
    flows, near = task_flows(warehouse, task)
    history = _history_of(warehouse, near)
    rivals = tuple(dict.fromkeys(("outlook", by, *BARS)))
    if task.method is not None:
        fitted = _fit_product(warehouse, task, flows, history)
        whole = fitted.whole.history
        return fitted, backtest_product(warehouse, task, rivals=rivals, history=whole)
    with beside() as pool:
        scoring = partial(backtest_product, warehouse, task, rivals=rivals, history=history)
        record = pool.submit(copy_context().run, scoring)
        return _fit_product(warehouse, task, flows, history), record.result()


def task_flows(warehouse: Warehouse, task: ForecastTask) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The :func:`product_flows` of a task."""
    return product_flows(
        warehouse, task.product, dataset=task.dataset, year=task.year, method=task.method
    )


def _history_of(warehouse: Warehouse, near: pl.DataFrame) -> History:
    return History.of(near, distances=warehouse.table("distances"))


def _fit_product(
    warehouse: Warehouse, task: ForecastTask, flows: pl.DataFrame, history: History
) -> FittedProduct:
    fitted = outlooks(history, task.year, task.horizon, seed=task.seed)
    cast = _running_year(warehouse, task, (fitted.whole or fitted).history)
    return FittedProduct(task, flows, cast.revise_outlook(fitted) if cast else fitted, cast)


def _running_year(warehouse: Warehouse, task: ForecastTask, history: History) -> Nowcast | None:
    """What months say of the years after the base year; fitted to the products of the heading."""
    if task.months_to is None or not monthly_sets(warehouse):
        return None
    heading = task.product[:4]
    months, datasets, _ = months_below(warehouse, heading, task.months_to)
    if months.is_empty() or int(months["year"].max()) <= task.year:  # type: ignore[arg-type]
        return None
    products = [code for code in history.rows if code.startswith(heading)]
    sales = MonthlySales.of(months, products, datasets)
    return nowcast(history, task.year, sales, seed=task.seed)


def months_note(fitted: FittedProduct) -> tuple[Caution, ...]:
    """What to say of the months that moved an outlook; nothing where none did."""
    cast = fitted.nowcast
    if cast is None:
        return ()
    year, months = cast.newest
    values: dict[str, Value] = {
        "year": str(year),
        "months": str(months),
        "sets": tuple(cast.datasets),
    }
    if not cast.trained_on:
        return (Caution("market.note_months_unlearnt", values),)
    return (Caution("market.note_months", values | {"learnt": str(len(cast.trained_on))}),)


def rank_segments(
    warehouse: Warehouse,
    fitted: FittedProduct,
    origin: str,
    *,
    markets: Sequence[str] | None = None,
    given: MarketFacts = NOTHING,
    without_tiers: Collection[str] = (),
) -> Ranking:
    """The segments of a product in the order of the growth expected there for an origin.

    Args:
        warehouse: the data.
        fitted: the product.
        origin: the exporter, alpha-3.
        markets: only these; all that import the product where ``None``.
        given: duties and the firm's facts; the rest is looked up.
        without_tiers: markets of which too few imports have a unit value to part them by tier:
            each is one segment, ``all``.

    Raises:
        MissingDataError: ``market.no_exports`` or ``market.no_market``.
    """
    task, flows = fitted.task, fitted.flows
    outlook = fitted.outlook_by_segment(origin)
    if without_tiers:
        whole = {(m, "all"): view for m, view in fitted.outlook_by_market(origin).items()}
        outlook = {key: view for key, view in outlook.items() if key[0] not in without_tiers} | {
            key: view for key, view in whole.items() if key[0] in without_tiers
        }
        flows = _merge_tiers(flows, without_tiers)
    chosen = None if markets is None else set(markets)
    candidates = sorted(key for key in outlook if chosen is None or key[0] in chosen)
    if not candidates:
        raise MissingDataError("market.no_market", product=task.product, year=task.year)
    facts = market_facts(warehouse, origin, task.year, given)
    scored = axes(flows, origin, task.year, candidates, facts)
    segments = [
        Segment(task.product, *key, scored[key], outlook[key], coverage(scored[key]))
        for key in candidates
    ]
    segments.sort(key=lambda s: (-s.outlook.gain_usd, -s.outlook.base_usd, s.market, s.tier))
    return Ranking(
        task.product,
        origin,
        task.year,
        task.horizon,
        task.dataset,
        tuple(segments),
        (*fitted.outlooks.notes, *([MONTHS_USED] if fitted.nowcast else [])),
    )


def _merge_tiers(flows: pl.DataFrame, markets: Collection[str]) -> pl.DataFrame:
    """The flows with all tiers of some markets added up."""
    joined = pl.col("importer").is_in(list(markets))
    keys = [name for name in flows.columns if name != "value_usd"]
    summed = (
        flows.filter(joined)
        .with_columns(tier=pl.lit("all"))
        .group_by(keys, maintain_order=True)
        .agg(exact_sum())
    )
    return pl.concat([flows.filter(~joined), summed.select(flows.columns)])


def reorder_ranking(
    warehouse: Warehouse, ranking: Ranking, by: str, *, tiers: str | None = None
) -> Ranking:
    """The same segments in the order of another way of ranking.

    ``tiers`` is the method of the price tiers that the ranking was made with.

    Raises:
        InputError: ``errors.unknown_name``.
    """
    value = _values(warehouse, ranking, by, tiers)
    scored = [replace(s, score=value[s.market, s.tier]) for s in ranking.segments]
    segments = sorted(scored, key=lambda s: (-value[s.market, s.tier], s.market, s.tier))
    return replace(ranking, segments=tuple(segments))


def add_total(
    warehouse: Warehouse, ranking: Ranking, proof: Backtest, *, tiers: str | None = None
) -> Ranking:
    """The same with the blue-ocean total of each segment, if the backtest says it may be shown.

    ``proof`` is of :func:`backtest_product` on the same data; ``tiers`` the method of the price
    tiers that the ranking was made with.
    """
    if not verdict(proof).shown:
        return ranking
    value = _values(warehouse, ranking, TOTAL, tiers)
    segments = [replace(s, total=value.get((s.market, s.tier))) for s in ranking.segments]
    return replace(ranking, segments=tuple(segments))


def _values(
    warehouse: Warehouse, ranking: Ranking, by: str, tiers: str | None
) -> dict[tuple[str, str], float]:
    """What a way of ranking gives each (market, tier) of the ranking's origin and product."""
    _, history = product_trade(
        warehouse, ranking.product, dataset=ranking.dataset, year=ranking.year, method=tiers
    )
    frame = ranking_method(by).score(history, ranking.year, ranking.horizon)
    mine = frame.filter(
        (pl.col("product") == ranking.product)
        & (pl.col("exporter") == history.index[ranking.origin])
    )
    names = history.countries
    return {
        (names[importer], tier): float(score)
        for importer, tier, score in mine.select("importer", "tier", "score").iter_rows()
    }


def _record(history: History, horizon: int, dataset: str, design: Design) -> Backtest:
    """The backtest, kept once it is made; one with rankings of another package is recomputed."""

    def share(done: float) -> None:
        tell(say("backtest.running"), done)

    def make() -> Backtest:
        return backtest(history, horizon=horizon, dataset=dataset, design=design, progress=share)

    if history.digest is None or not own_names().issuperset(design.rivals or ()):
        return make()
    rests_on = ("record", history.digest, horizon, dataset, design, code_digest(*ROOMS))
    return keep_result(rests_on, make)


def backtest_product(
    warehouse: Warehouse,
    task: ForecastTask,
    *,
    rivals: tuple[str, ...] = RIVALS,
    history: History | None = None,
) -> Backtest:
    """How well the ways of ranking did before, on the product and what is near it.

    One exporter's one product is too little to tell ways of ranking apart: the backtest is over all
    exporters and the products near it, in whole markets, over :func:`record_years`; a horizon that
    is shorter than the task's has a note. The task's base year is the last year looked at, outcomes
    included. ``rivals`` are the ways of ranking to score.

    Returns:
        The backtest; without scores and with a note where there is but one year.
    """
    history = (
        history or product_trade(warehouse, task.product, dataset=task.dataset, year=task.year)[1]
    )
    design = Design(rivals=rivals, parts=False, details=False, draws=STUDY_DRAWS, seed=task.seed)
    for tried, years in record_years(history, task.horizon):
        try:
            proof = _record(history, tried, task.dataset, replace(design, origins=years))
        except MissingDataError:
            continue
        if tried < task.horizon:
            return replace(proof, notes=(*proof.notes, "market.note_shorter_horizon"))
        return proof
    return Backtest(task.dataset, task.horizon, (), 0, (), ("market.note_no_backtest",))
