"""How long trade relationships last: Kaplan-Meier, and a hazard in discrete time.

Kaplan and Meier (1958), JASA 53(282), with Greenwood's variance; first used for trade by Besedeš
and Prusa (2006), Canadian Journal of Economics 39(1). Trade is seen once a year, so the hazard is
the complementary log-log model of Prentice and Gloeckler (1978), Biometrics 34(1), as Hess and
Persson (2012), Empirical Economics 43(3), advise: its coefficients are those of proportional
hazards in continuous time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.estimators import Codes, Floats
from offing.estimators.newton import NewtonPoint, Search, cluster_sums, newton
from offing.terms.errors import InputError, MissingDataError
from offing.terms.messages import join_list


def spells(
    flows: pl.DataFrame, keys: Sequence[str], *, gap: int = 0, seen: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Runs of years in which a relationship trades.

    Args:
        flows: ``year``, the key columns and ``value_usd``; rows at 0 do not trade.
        keys: columns that make a relationship, such as exporter, importer and product.
        gap: silent years that do not end a spell. Small flows fall below reporting thresholds;
            one year is common.
        seen: ``year`` and some of the keys, such as importer and product: the years that were
            reported for each. All years of ``flows`` where ``None``. A relationship cannot be
            missed in a year that nobody reported, so a spell goes on over it.

    Returns:
        The keys, ``began`` and ``last`` (years), ``duration`` in years seen, ``ended`` (false where
        it trades in the last ``gap + 1`` years seen: censored), ``started_before`` (true where it
        trades in the first ``gap + 1``: its true start is not known, as in Besedeš and Prusa).

    Raises:
        MissingDataError: ``indicators.no_trade``.
    """
    reported = flows.select("year").unique() if seen is None else seen.unique()
    of = [column for column in reported.columns if column != "year"]
    rank = pl.col("year").rank("dense").cast(pl.Int64) - 1
    step = reported.with_columns(at=rank.over(of) if of else rank)
    end = pl.col("at").max()
    step = step.with_columns(end=end.over(of) if of else end)
    alive = flows.filter(pl.col("value_usd") > 0).select("year", *keys).unique()
    if alive.is_empty():
        raise MissingDataError("indicators.no_trade")
    new = (pl.col("at").diff() > gap + 1).fill_null(True).cum_sum().over(keys, order_by="at")
    return (
        alive.join(step, on=["year", *of])
        .sort(*keys, "at")
        .with_columns(spell=new)
        .group_by(*keys, "spell")
        .agg(
            began=pl.col("year").min(),
            last=pl.col("year").max(),
            first_at=pl.col("at").min(),
            last_at=pl.col("at").max(),
            end=pl.col("end").first(),
        )
        .with_columns(
            duration=(pl.col("last_at") - pl.col("first_at") + 1).cast(pl.Int64),
            ended=pl.col("last_at") + gap < pl.col("end"),
            started_before=pl.col("first_at") <= gap,
        )
        .drop("spell", "first_at", "last_at", "end")
        .sort(*keys, "began")
    )


def kaplan_meier(durations: pl.Series, ended: pl.Series, level: float = 0.95) -> pl.DataFrame:
    """Share of relationships that outlast each duration.

    Args:
        durations: years, above 0.
        ended: false where the relationship was still alive (censored).
        level: of the interval.

    Returns:
        ``time``, ``at_risk``, ``ended``, ``survival``, ``error`` (Greenwood's standard error),
        ``low``, ``high``: one row for each duration at which one ended. The interval is
        Greenwood's on the scale of log(−log S), which keeps it between 0 and 1 (Kalbfleisch and
        Prentice); null where S is 0 or 1.

    Raises:
        MissingDataError: ``indicators.no_spells``.
        MissingDataError: ``indicators.no_spells``.
    """
    from scipy.special import ndtri

    time, over = durations.cast(pl.Float64).to_numpy(), ended.cast(pl.Boolean).to_numpy()
    moments = np.unique(time[over])
    at_risk = (time[:, None] >= moments).sum(axis=0).astype(np.float64)
    gone = ((time[:, None] == moments) & over[:, None]).sum(axis=0).astype(np.float64)
    survival = np.cumprod(1 - gone / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = np.cumsum(gone / (at_risk * (at_risk - gone)))
        error = np.where(survival > 0, survival * np.sqrt(sums), np.nan)
        width = ndtri((1 + level) / 2) * np.sqrt(sums) / np.log(survival)
        low, high = survival ** np.exp(-width), survival ** np.exp(width)
    inside = (survival > 0) & (survival < 1)
    return pl.DataFrame(
        {
            "time": moments,
            "at_risk": at_risk.astype(np.int64),
            "ended": gone.astype(np.int64),
            "survival": survival,
            "error": error,
            "low": np.where(inside, low, np.nan),
            "high": np.where(inside, high, np.nan),
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))


def survival_by(runs: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Kaplan-Meier of each group of spells, such as tier, size or entry price.

    Spells whose start was not seen are left out: how long they had lasted is not known.

    Args:
        runs: as :func:`spells` returns them, with the group columns joined.
        by: group columns.

    Raises:
        MissingDataError: ``indicators.no_spells``.
    """
    fresh = runs.filter(~pl.col("started_before"))
    if fresh.is_empty():
        raise MissingDataError("indicators.no_spells")
    curves = [
        kaplan_meier(group["duration"], group["ended"]).select(
            *(pl.lit(value).alias(name) for name, value in zip(by, key, strict=True)), pl.all()
        )
        for key, group in sorted(fresh.group_by(by), key=lambda pair: str(pair[0]))
    ]
    return pl.concat(curves)


@dataclass(frozen=True)
class Hazard:
    """A hazard in discrete time: ``h(t | x) = 1 − exp(−exp(γ_t + x'β))``.

    Attributes:
        names: covariates.
        beta: their coefficients; ``exp(beta)`` is a ratio of hazards.
        errors: standard errors from the information matrix, or by cluster.
        times: durations with a baseline of their own.
        baseline: γ of each.
        spells: spells used.
        ends: how many of them ended.
    """

    names: tuple[str, ...]
    beta: Floats
    errors: Floats
    times: tuple[int, ...]
    baseline: Floats
    spells: int
    ends: int

    def survival(self, x: Sequence[float]) -> Floats:
        """Share alive after each of ``times``, for the covariates ``x``."""
        lift = float(np.asarray(x, dtype=np.float64) @ self.beta) if len(self.names) else 0.0
        return np.asarray(np.exp(-np.cumsum(np.exp(self.baseline + lift))))


def hazard(
    runs: pl.DataFrame, covariates: Sequence[str] = (), *, cluster: str | None = None
) -> Hazard:
    """Fit the complementary log-log hazard with a dummy for each duration, by maximum likelihood.

    Durations at which none or all of those at risk ended have no finite baseline and are left out.

    Args:
        runs: ``duration`` (whole years), ``ended`` and the covariates, one row for each spell;
            where there is a column ``started_before``, only spells whose start was seen are used.
        covariates: numbers, constant over a spell.
        cluster: column by which spells may depend on one another.

    Raises:
        InputError: ``indicators.bad_covariate``, ``indicators.not_identified`` where a covariate
            is constant, follows from others or sorts those that ended from those that did not.
        MissingDataError: ``indicators.no_spells``.
    """
    if "started_before" in runs.columns:
        runs = runs.filter(~pl.col("started_before"))
    time = runs["duration"].cast(pl.Float64).to_numpy()
    over = runs["ended"].cast(pl.Boolean).to_numpy()
    x = _finite(runs, covariates)
    spell, year, ended, times, share_ended = _years_lived(time.astype(np.int64), over)
    if not len(times):
        raise InputError("indicators.not_identified", names=join_list(covariates) or "-")
    mean = x.mean(axis=0)
    deviation = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    dummies = (year[:, None] == times).astype(np.float64)
    design = np.column_stack([(x - mean)[spell] / deviation, dummies])
    k = len(mean)
    theta, at, settled = newton(
        design,
        partial(_complementary_log_log, ended),
        np.concatenate([np.zeros(k), np.log(-np.log1p(-share_ended))]),
        Search(lambda _, moved: moved < 1e-10, 100, slack=1e-12, collinear=1e-9),
    )
    if not settled:
        raise InputError("indicators.not_identified", names=join_list(covariates))
    variance = np.linalg.inv(at.hessian(design))
    if cluster is not None:
        _, group = np.unique(runs[cluster].cast(pl.String).to_numpy(), return_inverse=True)
        sums = cluster_sums(design * at.slope[:, None], group[spell])
        count = int(group.max()) + 1
        variance = variance @ (sums.T @ sums) @ variance * count / (count - 1)
    beta, errors = theta[:k] / deviation, np.sqrt(np.diag(variance)[:k]) / deviation
    baseline, ends = theta[k:] - float(mean @ beta), int(over.sum())
    years = tuple(times.tolist())
    return Hazard(tuple(covariates), beta, errors, years, baseline, len(time), ends)


def _finite(runs: pl.DataFrame, covariates: Sequence[str]) -> Floats:
    if not covariates:
        return np.zeros((runs.height, 0))
    x = runs.select(pl.col(covariates).cast(pl.Float64)).to_numpy().reshape(runs.height, -1)
    for name, column in zip(covariates, x.T, strict=True):
        if not np.isfinite(column).all():
            raise InputError("indicators.bad_covariate", name=name)
    return x


def _years_lived(
    years: Codes, over: NDArray[np.bool_]
) -> tuple[Codes, Codes, Floats, Codes, Floats]:
    """One row for each spell and year that it lived, of the years that tell anything.

    Returns:
        Of each row its spell, the year of its life, from 1, and 1 where it ended in that year;
        then the years of life with a baseline, and the share that ended in each.
    """
    spell = np.repeat(np.arange(len(years)), years)
    year = np.arange(len(spell)) - np.repeat(np.cumsum(years) - years, years) + 1
    ended = (year == years[spell]) & over[spell]
    at_risk, gone = np.bincount(year), np.bincount(year, ended)
    usable = (gone > 0) & (gone < at_risk)
    keep, times = usable[year], np.nonzero(usable)[0]
    ends = ended[keep].astype(np.float64)
    return spell[keep], year[keep], ends, times, gone[times] / at_risk[times]


def _complementary_log_log(ended: Floats, index: Floats) -> NewtonPoint:
    """The negative log likelihood at an index, with the expected curvature."""
    rate = np.exp(np.clip(index, -30.0, 30.0))
    alive, dies = np.exp(-rate), -np.expm1(-rate)
    return NewtonPoint(
        -float((ended * np.log(dies) - (1 - ended) * rate).sum()),
        -rate * (ended * alive / dies - (1 - ended)),
        rate**2 * alive / dies,
    )
