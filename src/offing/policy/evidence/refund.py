"""Do export refunds add exports? The design, then how small an effect could be seen, then the
estimate.

For every dated change: treated are the products whose refund changes, controls those of the same
origin whose refund changes neither in the window nor before it ends (not yet, or never). Each
product in each market is one row: the mean log of its exports after less that before, over rivals'
where the data have them; the months of anticipation and the broken period are shown and dropped.
The rows of all changes are stacked and regressed on the points of refund, with an effect for each
change and market. Collapsing to one difference keeps serial correlation out of the errors
(Bertrand, Duflo and Mullainathan 2004); stacking keeps treated products out of the controls.

What chance does is learnt by giving the changes to other product groups at random, before the
estimate is looked at: from it come the smallest effect that could be seen and the power. Where the
power against a full pass-through is under a half, the answer is that the data cannot tell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import polars as pl

from offing.estimators import TINY, Floats
from offing.estimators.clustered import Estimate, NotIdentifiedError, combine_slopes, fit
from offing.refunds.rates import dated_rate
from offing.refunds.rules import DatedRate
from offing.terms.errors import OffingError
from offing.terms.frames import exact_sum

ANTICIPATION = 3
"""Months before a change that count as anticipation: announcements of 2018-2026 came one to twelve
weeks ahead, and shipments are brought forward or held back in them."""


@dataclass(frozen=True)
class RefundChange:
    """The refund of a code that changes.

    Attributes:
        code: HS code of 4 to 10 digits.
        on: the first day of the new rate, by the export date.
        points: of refund less levy, new less old, in percentage points: what exporters keep. A
            cut of both together, as in 2019, is no change; a cancelled refund counts as nought.
        status: of the rule.
    """

    code: str
    on: date
    points: float
    status: str


@dataclass(frozen=True)
class Clock:
    """How a panel counts time: months since year 0, or years.

    The window is on each side.
    """

    monthly: bool
    window: int

    def period(self, day: date) -> int:
        """The period in which a day lies."""
        return 12 * day.year + day.month - 1 if self.monthly else day.year

    def first_full(self, on: date) -> int:
        """The first period that lies wholly under the new rate."""
        start = date(on.year, on.month, 1) if self.monthly else date(on.year, 1, 1)
        return self.period(on) + (on > start)

    def dropped_periods(self, on: date) -> range:
        """The periods that are shown and dropped: from the anticipation to the first full one."""
        months = 12 * on.year + on.month - 1 - ANTICIPATION
        first = months if self.monthly else months // 12
        return range(first, self.first_full(on))

    def name(self, period: int) -> str:
        """``2024-12`` or ``2024``."""
        return f"{period // 12}-{period % 12 + 1:02d}" if self.monthly else str(period)


def changes_of(rates: Sequence[DatedRate]) -> tuple[RefundChange, ...]:
    """Every change of the refund of a code, from the dated rates; a rule without codes is left out.

    The rate before a code's first row is that of its group or the general one on the day before.
    """
    changes: dict[tuple[str, date], RefundChange] = {}
    for rate in rates:
        since = rate.when.since
        if since is None:
            continue
        for code in rate.codes:
            try:
                before = dated_rate(since - timedelta(days=1), code=code, rates=rates)
            except OffingError:
                continue
            points = 100 * float(_unrefunded_share(rate) - _unrefunded_share(before))
            if points:
                changes[code, since] = RefundChange(code, since, points, rate.status)
    return tuple(sorted(changes.values(), key=lambda change: (change.on, change.code)))


def _unrefunded_share(rate: DatedRate) -> Decimal:
    """What of the levy is not refunded, negative."""
    return rate.refund_rate - rate.levy_rate


def touches(product: str, code: str) -> bool:
    """Whether a change of a code touches a product: its own, a finer or a coarser code."""
    return product.startswith(code) or code.startswith(product)


def doses(products: Sequence[str], changes: Sequence[RefundChange]) -> pl.DataFrame:
    """``product``, ``on``, ``points`` and ``whole``: whether the change is of all of the product.

    Of several codes under one product the mean of the changes stands.
    """
    rows = [
        (product, change.on, change.points, product.startswith(change.code))
        for change in changes
        for product in products
        if touches(product, change.code)
    ]
    schema = {
        "product": pl.String, "on": pl.Date, "points": pl.Float64, "whole": pl.Boolean,
    }  # fmt: skip
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        .group_by("product", "on")
        .agg(pl.col("points").mean(), pl.col("whole").any())
        .sort("on", "product")
    )


LEAST_GROUPS = 3
"""Treated product groups, and control ones, below which nothing is estimated."""
SHUFFLES = 999
LEVEL, POWER = 1.959964, 0.841621
"""Of the standard normal: 5 % two-sided, and 80 % power."""
LEAST_POWER = 0.5


@dataclass(frozen=True)
class EventCoverage:
    """What the data have of one change.

    Attributes:
        on: its day.
        treated: products that it touches, with exports before and after.
        groups: headings of these.
        partly: of the treated, those of which only some codes changed.
        controls: products that are not yet or never treated.
        used: whether it is in the estimate.
        why: message key that says why not; empty where it is used.
    """

    on: date
    treated: int
    groups: int
    partly: int
    controls: int
    used: bool
    why: str = ""


@dataclass(frozen=True)
class Refunds:
    """What a panel says of refunds and exports; effects are per cent of exports a point of refund.

    Attributes:
        monthly: whether the panel is by month.
        window: periods on each side.
        rivals: whether exports are taken over those of other origins.
        coverage: each change.
        rows: product × market × change.
        noise: standard deviation of the effect under random assignment; ``None`` without rows.
        smallest: the smallest effect that would be seen in four of five samples.
        benchmark: the effect of a full pass-through by the elasticity: what is to be seen.
        power: to see the benchmark.
        estimate: with its interval, clustered by product group; ``None`` where power is too low to
            look.
        chance: share of random assignments with an effect as large.
        placebo: the same, dated one window earlier; ``None`` where the data do not reach.
        rival_placebo: the same on rivals' exports alone.
        path: (periods from the first full one, effect): the dropped ones among them.
        dropped: periods, counted from the first full one, that are shown and not used.
    """

    monthly: bool
    window: int
    rivals: bool
    coverage: tuple[EventCoverage, ...]
    rows: int
    noise: float | None = None
    smallest: float | None = None
    benchmark: float | None = None
    power: float | None = None
    estimate: Estimate | None = None
    chance: float | None = None
    placebo: Estimate | None = None
    rival_placebo: Estimate | None = None
    path: tuple[tuple[int, float], ...] = ()
    dropped: tuple[int, ...] = ()

    @property
    def verdict(self) -> str:
        """``cannot_tell``, ``more``, ``less`` or ``none``."""
        if self.estimate is None or self.power is None or self.power < LEAST_POWER:
            return "cannot_tell"
        if self.chance is not None and self.chance < 0.05 and self.estimate.clear:
            return "more" if self.estimate.value > 0 else "less"
        return "none"


def refunds(
    panel: pl.DataFrame,
    origin: str,
    changes: Sequence[RefundChange],
    *,
    monthly: bool,
    benchmark: float,
    seed: int,
) -> Refunds:
    """Test whether exports answer to the refund.

    Args:
        panel: ``period`` (see :class:`Clock`), ``product``, ``exporter``, ``importer``,
            ``value_usd``.
        origin: whose refund it is.
        changes: dated.
        monthly: whether periods are months.
        benchmark: effect of one point at full pass-through, in per cent, positive.
        seed: of the random assignments.
    """
    clock = Clock(monthly, 12 if monthly else 2)
    logs, rivals = _logs(panel, origin)
    dosed = doses(sorted(set(logs["product"])), changes)
    rows, coverage = _stack(logs, dosed, clock, "y")
    empty = Refunds(monthly, clock.window, rivals, coverage, rows.height)
    if not any(change.used for change in coverage):
        return empty
    noise_of = _placebo_effects(rows, seed)
    noise = float(noise_of.std())
    power = _power(benchmark, noise)
    designed = replace(
        empty, noise=noise, smallest=(LEVEL + POWER) * noise, benchmark=benchmark, power=power
    )
    if power < LEAST_POWER:
        return designed  # the estimate is not looked at
    estimate = _estimate(rows)
    if estimate is None:
        return designed
    path, dropped = _path(logs, dosed, clock)
    return replace(
        designed,
        estimate=estimate,
        chance=float((np.abs(noise_of) >= abs(estimate.value)).mean()),
        placebo=_estimate(_stack(logs, dosed, clock, "y", early=True)[0]),
        rival_placebo=_estimate(_stack(logs, dosed, clock, "others")[0]) if rivals else None,
        path=path,
        dropped=dropped,
    )


def _power(effect: float, noise: float) -> float:
    from scipy.stats import norm

    if noise <= 0:
        return 1.0
    size = abs(effect) / noise
    return float(norm.cdf(size - LEVEL) + norm.cdf(-size - LEVEL))


def _logs(panel: pl.DataFrame, origin: str) -> tuple[pl.DataFrame, bool]:
    """Log exports of the origin by period, product and market, over rivals' where there are any."""
    keys = ["period", "product", "importer"]
    sound = panel.filter(pl.col("value_usd") > 0)
    ours = pl.col("exporter") == origin
    sums = [
        sound.filter(side & (pl.col("exporter") != pl.col("importer")))
        .group_by(keys)
        .agg(exact_sum().log().alias(name))
        for side, name in ((ours, "own"), (~ours, "others"))
    ]
    rivals = sums[1].height > 0
    both = sums[0].join(sums[1], on=keys, how="inner" if rivals else "left")
    y = pl.col("own") - pl.col("others") if rivals else pl.col("own")
    return both.with_columns(y=y).rename({"importer": "market"}).sort(keys[:2]), rivals


def _stack(
    logs: pl.DataFrame, dosed: pl.DataFrame, clock: Clock, column: str, *, early: bool = False
) -> tuple[pl.DataFrame, tuple[EventCoverage, ...]]:
    """One difference a product, market and change, and what of the data each change has.

    Rows have ``stack``, ``group``, ``product``, ``market``, ``points`` and ``y``.
    """
    parts, coverage = [], []
    first, last = logs["period"].min(), logs["period"].max()
    for number, on in enumerate(dosed["on"].unique().sort()):
        shift = 2 * clock.window if early else 0
        gap = clock.dropped_periods(on)
        start, full = gap.start - shift, clock.first_full(on) - shift
        before = _means(logs, column, start - clock.window, start)
        after = _means(logs, column, full, full + clock.window)
        rows = before.join(after, on=["product", "market"], suffix="_after").select(
            "product", "market", y=pl.col(f"{column}_after") - pl.col(column)
        )
        rows = _add_dose(rows, dosed, on, (start - clock.window, full + clock.window), clock)
        treated = rows.filter(pl.col("points") != 0)
        groups = treated["group"].n_unique()
        controls = rows.filter(pl.col("points") == 0)
        why = ""
        if not isinstance(first, int) or start - 1 < first:
            why = "evidence.no_before"
        elif not isinstance(last, int) or full > last:
            why = "evidence.no_after"
        elif groups < LEAST_GROUPS or controls["group"].n_unique() < LEAST_GROUPS:
            why = "evidence.few_groups"
        products, partly, others = (
            of["product"].n_unique() for of in (treated, treated.filter(~pl.col("whole")), controls)
        )
        coverage.append(EventCoverage(on, products, groups, partly, others, not why, why))
        if not why:
            parts.append(rows.with_columns(stack=pl.lit(number)))
    schema = {"product": pl.String, "market": pl.String, "y": pl.Float64, "points": pl.Float64,
              "whole": pl.Boolean, "group": pl.String, "stack": pl.Int32}  # fmt: skip
    rows = pl.concat(parts, how="vertical_relaxed") if parts else pl.DataFrame(schema=schema)
    return rows.sort("stack", "market", "product"), tuple(coverage)


def _means(logs: pl.DataFrame, column: str, start: int, stop: int) -> pl.DataFrame:
    inside = (pl.col("period") >= start) & (pl.col("period") < stop)
    return logs.filter(inside).group_by("product", "market").agg(pl.col(column).mean())


def _add_dose(
    rows: pl.DataFrame, dosed: pl.DataFrame, on: date, window: tuple[int, int], clock: Clock
) -> pl.DataFrame:
    """With the points of this change; products of another change inside the window are left out."""
    mine = dosed.filter(pl.col("on") == on).select("product", "points", "whole")
    busy = {
        product
        for product, day in dosed.filter(pl.col("on") != on).select("product", "on").iter_rows()
        if window[0] <= clock.first_full(day) < window[1]
    }
    return (
        rows.filter(~pl.col("product").is_in(sorted(busy)))
        .join(mine, on="product", how="left")
        .with_columns(
            pl.col("points").fill_null(0.0),
            pl.col("whole").fill_null(True),
            group=pl.col("product").str.slice(0, 4),
        )
    )


def _estimate(rows: pl.DataFrame) -> Estimate | None:
    """Per cent a point, clustered by product group; ``None`` where nothing varies."""
    if rows.is_empty() or not rows["points"].n_unique() > 1:
        return None
    y, x = 100 * rows["y"].to_numpy(), rows["points"].to_numpy()[:, None]
    effects, clusters = [_labels(rows, ["stack", "market"])], [_labels(rows, ["group"])]
    try:
        fitted = fit(y, x, np.ones(rows.height), effects, clusters)
    except NotIdentifiedError:
        return None
    return combine_slopes([fitted], [1.0])


def _labels(rows: pl.DataFrame, names: list[str]) -> npt.NDArray[np.int64]:
    return rows.select(pl.struct(names).rank("dense") - 1).to_series().cast(pl.Int64).to_numpy()


def _placebo_effects(rows: pl.DataFrame, seed: int) -> Floats:
    """Effects with the changes given to other product groups at random, within each change."""
    random = np.random.default_rng(seed)
    cells = _labels(rows, ["stack", "market"])
    y = _demean(100 * rows["y"].to_numpy(), cells)
    doses_of = rows.group_by("stack", "group").agg(pl.col("points").mean()).sort("stack", "group")
    units = _labels(rows, ["stack", "group"])
    stacks, points = doses_of["stack"].to_numpy(), doses_of["points"].to_numpy()
    effects = np.empty(SHUFFLES)
    for number in range(SHUFFLES):
        dealt = points.copy()
        for stack in np.unique(stacks):
            at = stacks == stack
            dealt[at] = random.permutation(points[at])
        x = _demean(dealt[units], cells)
        effects[number] = (x @ y) / max(float(x @ x), TINY)
    return effects


def _demean(values: Floats, cells: npt.NDArray[np.int64]) -> Floats:
    count = np.bincount(cells)
    return np.asarray(values - (np.bincount(cells, values) / count)[cells])


def _path(
    logs: pl.DataFrame, dosed: pl.DataFrame, clock: Clock
) -> tuple[tuple[tuple[int, float], ...], tuple[int, ...]]:
    """The effect period by period against the mean before, the dropped ones too."""
    by_step: dict[int, list[pl.DataFrame]] = {}
    dropped: set[int] = set()
    for number, on in enumerate(dosed["on"].unique().sort()):
        gap, full = clock.dropped_periods(on), clock.first_full(on)
        window = (gap.start - clock.window, full + clock.window)
        before = _means(logs, "y", window[0], gap.start)
        dropped |= {period - full for period in gap}
        for period in range(*window):
            then = logs.filter(pl.col("period") == period).select("product", "market", then="y")
            rows = before.join(then, on=["product", "market"]).select(
                "product", "market", y=pl.col("then") - pl.col("y")
            )
            rows = _add_dose(rows, dosed, on, window, clock).with_columns(stack=pl.lit(number))
            if rows.filter(pl.col("points") != 0)["group"].n_unique() >= LEAST_GROUPS:
                by_step.setdefault(period - full, []).append(rows)
    effects: Mapping[int, Estimate | None] = {
        step: _estimate(pl.concat(parts)) for step, parts in by_step.items()
    }
    path = tuple((step, est.value) for step, est in sorted(effects.items()) if est is not None)
    return path, tuple(sorted(dropped))
