"""Does a claim hold on the loaded data? Resilience: do higher price tiers fall less, come back
sooner and last longer?

A flow is one exporter's sales of one product in one market. Its tier is its place on the price
ladder of an earlier year, in shares as ``offing.ladders.tiers`` gives them, so that what a flow did
in the bad year cannot put it into a tier.

For each bad year that the data cover, every flow's later fortune is regressed on its place among
the price tiers *before*, with effects of product, importer and exporter, the size of the flow and
its earlier trend. The answer is the difference between a flow wholly in the high tier and one
wholly in the low tier, in percentage points. The same regression on quiet years says what the
tiers do without a shock.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from offing.estimators import Codes, Floats
from offing.estimators.clustered import Estimate, Fit, NotIdentifiedError, combine_slopes, fit
from offing.ladders.ladder import TIERS, Tier
from offing.ladders.tiers import USUAL_METHOD, collect, method_name, tier_shares
from offing.terms.caution import Caution
from offing.terms.errors import MissingDataError
from offing.terms.hs import finest as finest_codes
from offing.terms.messages import join_list
from offing.terms.text import Unit

KEYS = ["product", "importer", "exporter"]
MARKET = ["product", "importer"]

SHOCKS = ((2008, 2009), (2019, 2020), (2022, 2023))
"""Year before → year of a fall in world goods trade in dollars: the financial crisis, the pandemic,
and the fall after the boom of 2021-22. Only those that the data cover are used."""

REACH = 2
"""Years after the bad year at which recovery and survival are looked at, if the data go so far."""

BACK = 0.95
"""Share of the sales before, from which a flow counts as recovered."""

Measure = Literal["growth", "back", "alive"]
MEASURES: tuple[Measure, ...] = ("growth", "back", "alive")
"""Midpoint growth in the bad year; at 95 % of the sales before; still trading."""

Weighting = Literal["equal", "dollar"]
WEIGHTINGS: tuple[Weighting, ...] = ("equal", "dollar")

LEAST_FLOWS = 50
LEAST_IN_TIER = 10.0
LEAST_OF_EACH = 10
"""Flows that recovered and that did not, that traded on and that ended."""
LEAST_CLUSTERS = 8
"""Under so many exporters or importers nothing is estimated; under so many products they are no
clusters of their own."""

FEW_CLUSTERS = 30
FEW_LARGE_FLOWS = 100
LEVEL = 0.05


@dataclass(frozen=True)
class Event:
    """A pair of neighbouring years.

    Attributes:
        before: the year that sales are measured against.
        year: the year after it, bad or quiet.
        tier_year: when the tier is taken: the year before ``before`` where the data have it.
        after: when recovery is looked at; ``None`` where the data stop at ``year``.
        quiet: no shock, and no rebound from one: a test of the method.
        trend_year: the year before ``tier_year``, from which the earlier trend is taken; ``None``
            where there is none. The trend must end where the tier is taken: one that ran up to
            ``before`` would share its accidents with both the tier and the fall.
    """

    before: int
    year: int
    tier_year: int
    after: int | None
    quiet: bool
    trend_year: int | None = None

    @property
    def is_lagged(self) -> bool:
        """Whether the tier comes from an earlier year than the sales."""
        return self.tier_year < self.before


def events(years: Iterable[int]) -> list[Event]:
    """The bad years that the data cover, and the quiet ones, in order of time.

    The year after a bad one is neither: what fell less has less to regain. A quiet year is looked
    at in the way of each bad one, with tiers from the year before it or from the same year, so
    that like is compared with like.

    >>> [(e.year, e.tier_year, e.after, e.quiet) for e in events(range(2019, 2025))]
    [(2020, 2019, 2022, False), (2022, 2020, 2024, True), (2022, 2021, 2024, True), \
(2023, 2021, 2024, False)]
    """
    covered = set(years)
    bad = {year for _, year in SHOCKS}
    pairs = [(year - 1, year) for year in sorted(covered) if year - 1 in covered]
    shocks = [
        _event(covered, before, year, lag=before - 1 in covered)
        for before, year in pairs
        if year in bad
    ]
    quiet = [
        _event(covered, before, year, lag=lag, quiet=True)
        for before, year in pairs
        for lag in sorted({event.is_lagged for event in shocks}, reverse=True)
        if not {before, year} & bad and (not lag or before - 1 in covered)
    ]
    return sorted([*shocks, *quiet], key=lambda event: (event.year, event.tier_year))


def _event(covered: set[int], before: int, year: int, *, lag: bool, quiet: bool = False) -> Event:
    later = [year + step for step in range(1, REACH + 1) if year + step in covered]
    tier_year = before - 1 if lag else before
    trend_year = tier_year - 1 if lag and tier_year - 1 in covered else None
    return Event(before, year, tier_year, max(later, default=None), quiet, trend_year)


def finest(flows: pl.DataFrame) -> pl.DataFrame:
    """Without codes that have finer ones in the data: nothing is counted twice."""
    return flows.filter(pl.col("product").is_in(finest_codes(flows["product"].unique())))


def add_tier_shares(flows: pl.DataFrame, *, unit: Unit | None = None, method: str) -> pl.DataFrame:
    """Flows above zero with their tier shares, null where there is no usable unit value.

    Returns:
        ``year``, the keys, ``value_usd`` (FOB), ``low``, ``medium``, ``high``, and ``seen``:
        whether the importer's own statistics reported the product in that year, from anyone.
    """
    sound = flows.filter(pl.col("value_usd").is_finite() & (pl.col("value_usd") > 0))
    wide = tier_shares(finest(sound), unit=unit, method=method)
    rows = collect(wide.select("year", *KEYS, "value_usd", *TIERS, "observed"))
    own = pl.col("observed").cast(pl.String) != "exporter"
    return (
        rows.with_columns(seen=own.any().over("year", *MARKET))
        .drop("observed")
        .unique(["year", *KEYS], keep="first", maintain_order=True)
        .sort("year", *KEYS)
    )


def rows_of_year(tiered: pl.DataFrame, year: int) -> pl.DataFrame:
    """The rows of one year."""
    return tiered.filter(pl.col("year") == year)


def sales_in(rows: pl.DataFrame, tiered: pl.DataFrame, year: int, name: str) -> pl.DataFrame:
    """Add what each flow sold in a year: 0 where it ended, null where that cannot be known."""
    then = rows_of_year(tiered, year)
    markets = then.filter("seen").select(MARKET).unique().with_columns(market=pl.lit(True))
    sellers = then.select("exporter").unique().with_columns(seller=pl.lit(True))
    return (
        rows.join(then.select(*KEYS, pl.col("value_usd").alias(name)), on=KEYS, how="left")
        .join(markets, on=MARKET, how="left")
        .join(sellers, on="exporter", how="left")
        .with_columns(
            pl.when(pl.col("market") & pl.col("seller")).then(pl.col(name).fill_null(0.0))
        )
        .drop("market", "seller")
    )


def panel(tiered: pl.DataFrame, event: Event) -> pl.DataFrame:
    """One row for each flow that an event can say something about.

    A flow takes part where it has a usable unit value in the tier year, sales in the year before,
    a market whose own statistics reported the product in both years, and an exporter that anyone
    reported in both. A flow that is missing from such a market's next report has ended; one that
    is missing from a report that was never made is unknown.

    Args:
        tiered: of :func:`add_tier_shares`.
        event: of :func:`events`.

    Returns:
        The keys; ``low``, ``medium``, ``high``; ``base`` (USD before); ``size`` (log USD in the
        tier year); ``trend`` (growth into the tier year, null where unknown); ``value`` and
        ``later`` (USD in the year and in ``after``, null where unknown); ``growth`` (midpoint
        growth, −2 to 2); ``back`` (at 95 % of ``base`` in ``after``) and ``alive`` (sales above
        zero in ``after``, else in ``year``), 0 or 1, null where unknown.
    """
    rows = (
        rows_of_year(tiered, event.tier_year)
        .filter(pl.col("low").is_not_null())
        .select(*KEYS, *TIERS, first="value_usd")
        .join(
            rows_of_year(tiered, event.before).filter("seen").select(*KEYS, base="value_usd"),
            on=KEYS,
        )
    )
    rows = sales_in(rows, tiered, event.year, "value").filter(pl.col("value").is_not_null())
    for year, name in ((event.after, "later"), (event.trend_year, "earlier")):
        if year is None:
            rows = rows.with_columns(pl.lit(None, pl.Float64).alias(name))
        else:
            rows = sales_in(rows, tiered, year, name)
    last = "value" if event.after is None else "later"
    return rows.select(
        *KEYS,
        *TIERS,
        "base",
        pl.col("first").log().alias("size"),
        _midpoint("first", "earlier").alias("trend"),
        "value",
        "later",
        _midpoint("value", "base").alias("growth"),
        (pl.col("later") >= BACK * pl.col("base")).cast(pl.Float64).alias("back"),
        (pl.col(last) > 0).cast(pl.Float64).alias("alive"),
    ).sort(KEYS)


def _midpoint(new: str, old: str) -> pl.Expr:
    """Growth against the mean of both years (Davis and Haltiwanger 1992): an end is −2."""
    return 2 * (pl.col(new) - pl.col(old)) / (pl.col(new) + pl.col(old))


@dataclass(frozen=True)
class TierComparison:
    """The high tier against the low one by one measure.

    Attributes:
        measure: one of :data:`MEASURES`.
        weighting: each flow alike, or by its sales before.
        high: high tier less low tier with controls, percentage points.
        medium: the same of the medium tier; ``None`` where the method has none.
        without_controls: high less low without any control.
        flows: rows of the regression.
        effective: rows of equal weight that would carry as much: few where giants lead.
        clusters: way of clustering → number of clusters.
    """

    measure: Measure
    weighting: Weighting
    high: Estimate
    medium: Estimate | None
    without_controls: float
    flows: int
    effective: float
    clusters: dict[str, int]


@dataclass(frozen=True)
class TierFacts:
    """What became of the flows of a tier, nothing taken out.

    Attributes:
        tier: its name.
        flows: number of flows, parts added up.
        base_usd: sales in the year before.
        change: of those sales in the year, as a share.
        back: share of flows at 95 % of their sales before, in ``Event.after``.
        alive: share of flows still trading in ``Event.after``, else in the year.
        path: (year, sales over the sales before), over markets that reported in both.
        years_down: years from the bad one until the tier's sales were at 95 % again: 0 where they
            never fell below, ``None`` where the data end before.
    """

    tier: Tier
    flows: float
    base_usd: float
    change: float
    back: float | None
    alive: float | None
    path: tuple[tuple[int, float], ...]
    years_down: int | None


@dataclass(frozen=True)
class EventResult:
    """One bad or quiet year.

    Attributes:
        event: its years.
        flows: that take part.
        change: of all their sales, as a share.
        tiers: low to high.
        comparisons: by measure and weighting; quiet years have growth alone.
        beyond_quiet: weighting → the growth comparison less its mean in the quiet years.
    """

    event: Event
    flows: int
    change: float
    tiers: tuple[TierFacts, ...]
    comparisons: tuple[TierComparison, ...]
    beyond_quiet: dict[Weighting, Estimate]

    @property
    def fell(self) -> bool:
        """Whether the flows together sold less than in the year before."""
        return self.change < 0

    @property
    def counts(self) -> bool:
        """Whether it can say something about resilience: a fall, and tiers from before."""
        return self.fell and self.event.is_lagged

    def comparison(self, measure: Measure, weighting: Weighting) -> TierComparison | None:
        """The comparison of that name, where there is one."""
        matching = (c for c in self.comparisons if (c.measure, c.weighting) == (measure, weighting))
        return next(matching, None)


@dataclass(frozen=True)
class Resilience:
    """The evidence on one claim.

    Attributes:
        method: of the tiers.
        years: in the data.
        products: number of product codes.
        importers: number of importers.
        exporters: number of exporters.
        shocks: the bad years.
        quiet: the quiet ones.
        favours_high: comparisons that favour the high tier beyond chance, with Holm's (1979)
            correction for their number; only of bad years that count (``EventResult.counts``).
        favours_low: the same for the low tier.
        compared: comparisons of those years; 0 where no bad year counts.
        notes: cautions: message keys with their values.
    """

    method: str
    years: tuple[int, ...]
    products: int
    importers: int
    exporters: int
    shocks: tuple[EventResult, ...]
    quiet: tuple[EventResult, ...]
    favours_high: int
    favours_low: int
    compared: int
    notes: tuple[Caution, ...]


def resilience(
    flows: pl.DataFrame, *, unit: Unit | None = None, method: str = USUAL_METHOD
) -> Resilience:
    """Compare price tiers through the bad years that the flows cover.

    Args:
        flows: the ``Flows`` columns, all markets and exporters of the products.
        unit: ``item`` or ``kg``; chosen for each product and market where ``None``.
        method: one of ``offing.ladders.tiers.METHODS``.

    Raises:
        InputError: ``errors.unknown_name``.
        MissingDataError: ``evidence.no_shock`` where no bad year is covered,
            ``evidence.too_few`` where none has enough flows with a usable unit value.
    """
    name = method_name(method)
    years = sorted(flows["year"].unique().to_list())
    planned = events(years)
    if all(event.quiet for event in planned):
        raise MissingDataError("evidence.no_shock", years=_spans(years))
    tiered = add_tier_shares(flows, unit=unit, method=name)
    ways = _ways(tiered)
    looked = [_look_at(tiered, event, ways) for event in planned]
    results, regressions = zip(*looked, strict=True)
    fits = dict(zip(planned, regressions, strict=True))
    shocks = [_against_quiet(r, fits) for r in results if not r.event.quiet]
    if not any(result.comparisons for result in shocks):
        raise MissingDataError("evidence.too_few", flows=max(r.flows for r in results))
    compared = [c for result in shocks if result.counts for c in result.comparisons]
    quiet = tuple(r for r in results if r.event.quiet and r.comparisons)
    products, importers, exporters = tiered.select(pl.col(KEYS).n_unique()).row(0)
    return Resilience(
        name, tuple(years), products, importers, exporters, tuple(shocks), quiet,
        *_holm_counts(compared), len(compared), tuple(_notes(shocks, quiet)),
    )  # fmt: skip


def _ways(tiered: pl.DataFrame) -> list[str]:
    """The columns to cluster by: products only where there are enough of them."""
    enough = tiered["product"].n_unique() >= LEAST_CLUSTERS
    return ["exporter", "importer", *(["product"] if enough else [])]


def _spans(years: Sequence[int]) -> str:
    """Years as ``2012, 2014–2016``."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return join_list(f"{r[0]}–{r[-1]}" if len(r) > 1 else str(r[0]) for r in runs) or "–"


def _look_at(
    tiered: pl.DataFrame, event: Event, ways: list[str]
) -> tuple[EventResult, dict[Weighting, Fit]]:
    rows = panel(tiered, event)
    comparisons: list[TierComparison] = []
    growth_fits: dict[Weighting, Fit] = {}
    for measure in MEASURES[:1] if event.quiet else MEASURES:
        if measure == "back" and event.after is None:
            continue
        if (sample := _sample(rows, tiered, measure, ways)) is None:
            continue
        for weighting in WEIGHTINGS:
            try:
                comparison, regression = _compare(sample, measure, weighting)
            except NotIdentifiedError:
                continue
            comparisons.append(comparison)
            if measure == "growth":
                growth_fits[weighting] = regression
    base = float(rows["base"].sum())
    change = float(rows["value"].sum()) / base - 1 if base else 0.0
    facts = tuple(_facts(rows, tiered, event, tier) for tier in TIERS)
    return EventResult(event, rows.height, change, facts, tuple(comparisons), {}), growth_fits


@dataclass(frozen=True)
class _Moved:
    """The flows of a regression: what is explained is in percent."""

    y: Floats
    base: Floats
    places: Floats
    controls: Floats
    effects: list[Codes]
    clusters: list[Codes]
    counts: dict[str, int]


def _sample(
    rows: pl.DataFrame, tiered: pl.DataFrame, measure: Measure, ways: list[str]
) -> _Moved | None:
    """The flows on which a measure is known; ``None`` where they are too few to tell."""
    used = rows.filter(pl.col(measure).is_not_null())
    controls = ["size"]
    if used["trend"].count():
        used, controls = used.drop_nulls("trend"), ["size", "trend"]
    sides = [float(used[tier].sum()) for tier in ("low", "high")]
    counts = {way: used[way].n_unique() for way in ways}
    yes = float(used[measure].sum())
    too_few = (
        used.height < LEAST_FLOWS,
        min(sides) < LEAST_IN_TIER,
        min(counts.values()) < 2,
        min(counts["exporter"], counts["importer"]) < LEAST_CLUSTERS,
        measure != "growth" and min(yes, used.height - yes) < LEAST_OF_EACH,
    )
    if any(too_few):
        return None
    medium = float(used["medium"].sum()) >= LEAST_IN_TIER
    return _Moved(
        100 * used[measure].to_numpy(),
        used["base"].to_numpy(),
        _matrix(used, ["high", "medium"] if medium else ["high"]),
        _matrix(used, controls),
        [_codes(used[key], used[key]) for key in KEYS],
        [_codes(used[way], tiered[way]) for way in ways],
        counts,
    )


def _compare(sample: _Moved, measure: Measure, weighting: Weighting) -> tuple[TierComparison, Fit]:
    """One regression.

    Raises:
        NotIdentifiedError: nothing varies.
    """
    weights = np.ones(len(sample.y)) if weighting == "equal" else sample.base
    plain = fit(sample.y, sample.places, weights, [], sample.clusters)
    regressors = np.hstack([sample.places, sample.controls])
    regression = fit(sample.y, regressors, weights, sample.effects, sample.clusters)
    share, high = weights / weights.sum(), combine_slopes([regression], [1.0])
    both = sample.places.shape[1] > 1
    medium = combine_slopes([regression], [1.0], slope=1) if both else None
    comparison = TierComparison(
        measure, weighting, high, medium, without_controls=float(plain.beta[0]),
        flows=len(sample.y), effective=float(1 / (share @ share)), clusters=sample.counts,
    )  # fmt: skip
    return comparison, regression


def _matrix(rows: pl.DataFrame, names: list[str]) -> Floats:
    return rows.select(names).to_numpy().astype(np.float64)


def _codes(names: pl.Series, categories: pl.Series) -> Codes:
    """Labels 0, 1, 2 … of names, the same for the same name wherever ``categories`` is the same."""
    order = pl.Enum(categories.unique().sort())
    return names.cast(order).to_physical().cast(pl.Int64).to_numpy()


def _facts(rows: pl.DataFrame, tiered: pl.DataFrame, event: Event, tier: Tier) -> TierFacts:
    share = pl.col(tier)
    base = float(rows.select((share * pl.col("base")).sum()).item())
    path = _path(rows, tiered, event, tier)
    there = next((year for year, level in path if level >= BACK), None)

    def mean(name: str) -> float | None:
        present = rows.filter(pl.col(name).is_not_null() & (share > 0))
        mean: float | None = present.select((share * pl.col(name)).sum() / share.sum()).item()
        return None if present.is_empty() else mean

    after = float(rows.select((share * pl.col("value")).sum()).item())
    change = after / base - 1 if base else 0.0
    down = None if there is None else there - event.year
    return TierFacts(
        tier,
        float(rows[tier].sum()),
        base,
        change=change,
        back=mean("back"),
        alive=mean("alive"),
        path=path,
        years_down=down,
    )


def _path(
    rows: pl.DataFrame, tiered: pl.DataFrame, event: Event, tier: Tier
) -> tuple[tuple[int, float], ...]:
    """The tier's sales over those before, year by year; the tier of a flow stays what it was."""
    path = []
    share = pl.col(tier)
    for year in sorted(set(tiered["year"].to_list())):
        if year < event.year:
            continue
        then = sales_in(rows, tiered, year, "then").filter(pl.col("then").is_not_null())
        old, new = then.select(
            (share * pl.col("base")).sum().alias("old"), (share * pl.col("then")).sum().alias("new")
        ).row(0)
        if old:
            path.append((year, new / old))
    return tuple(path)


def _against_quiet(result: EventResult, fits: dict[Event, dict[Weighting, Fit]]) -> EventResult:
    """Add how far the bad year's growth comparison is from the mean of the quiet years'."""
    differences: dict[Weighting, Estimate] = {}
    for weighting in WEIGHTINGS:
        own = fits[result.event].get(weighting)
        others = [
            fitted[weighting]
            for event, fitted in fits.items()
            if event.quiet and event.is_lagged == result.event.is_lagged and weighting in fitted
        ]
        if own is not None and others:
            weights = [1.0, *[-1.0 / len(others)] * len(others)]
            differences[weighting] = combine_slopes([own, *others], weights)
    return replace(result, beyond_quiet=differences)


def _holm_counts(compared: Sequence[TierComparison]) -> tuple[int, int]:
    """How many favour the high and the low tier by Holm's step-down test at 5 %."""
    up = down = 0
    ordered = sorted(compared, key=lambda test: test.high.p)
    for rank, test in enumerate(ordered):
        if test.high.p > LEVEL / (len(ordered) - rank):
            break
        up, down = (up + 1, down) if test.high.value > 0 else (up, down + 1)
    return up, down


def _notes(shocks: Sequence[EventResult], quiet: Sequence[EventResult]) -> list[Caution]:
    notes = [note for result in shocks for note in _notes_of(result)]
    counts = [n for result in shocks for c in result.comparisons for n in c.clusters.values()]
    if counts and min(counts) < FEW_CLUSTERS:
        notes.append(Caution("evidence.note_few_clusters", {"count": min(counts)}))
    if not quiet:
        notes.append(Caution("evidence.note_no_quiet"))
    always = ("note_growth", "note_down", "note_mix", "note_cause")
    return notes + [Caution(f"evidence.{name}") for name in always]


def _notes_of(result: EventResult) -> Iterator[Caution]:
    """The cautions on one bad year."""
    year = result.event.year
    if not result.comparisons:
        yield Caution("evidence.note_too_few", {"year": year, "flows": result.flows})
        return
    if not result.fell:
        yield Caution(
            "evidence.note_no_fall", {"year": year, "change": f"{100 * result.change:+.1f}"}
        )
    if not result.event.is_lagged:
        yield Caution("evidence.note_same_year", {"year": year, "before": result.event.before})
    dollar = result.comparison("growth", "dollar")
    if dollar is not None and dollar.effective < FEW_LARGE_FLOWS:
        yield Caution("evidence.note_giants", {"year": year, "flows": f"{dollar.effective:.0f}"})
