"""Rolling base years, every rival, every measure, with bootstrap intervals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from offing.forecast.backtest.measures import (
    Entries,
    captured,
    growth_moments,
    hits,
    log_scores,
    partial_rank_correlation,
    rank_correlation,
)
from offing.forecast.backtest.sections import section_of
from offing.forecast.backtest.trial import Trial, trial
from offing.forecast.outlook.training import origins as known_origins
from offing.forecast.results import Backtest, Score
from offing.forecast.scores import can_run, names
from offing.market.history import Array, History, Mask
from offing.terms.errors import MissingDataError
from offing.terms.messages import enumerated

Progress = Callable[[float], None]
Weighting = Literal["dollar", "equal"]

DRAWS = 300
TOPS = (5, 10, 20)
PERSISTENCE, SIZE = "persistence", "size"
LEAST_ENTRIES = 20
"""New flows that the precision of entries needs."""
CELLS = 3_000_000
"""Candidates of a base year, at most; beyond it products are sampled."""
CELL_DRAWS = 20_000_000
"""Bounds the resampling of entries, which costs candidates × draws."""


@dataclass(frozen=True)
class Design:
    """What a backtest compares, and on which groups.

    Attributes:
        origins: base years; every one that can be scored where ``None``.
        tops: sizes of the lists.
        rivals: ways of ranking; all that can run where ``None``.
        exporter: measure on this exporter's groups only; the rankings are still fitted on all.
        product: measure on this product's groups only.
        income: exporter → income group, for the measures by income.
        parts: measure by tier, income, section and base year too.
        draws: of the bootstrap.
        seed: of the bootstrap and of sampling.
    """

    origins: Sequence[int] | None = None
    tops: tuple[int, ...] = TOPS
    rivals: Sequence[str] | None = None
    exporter: str | None = None
    product: str | None = None
    income: Mapping[str, str] = field(default_factory=dict)
    parts: bool = True
    draws: int = DRAWS
    seed: int = 1


@dataclass(frozen=True)
class _Sums:
    """All base years together, one row for each group.

    Attributes:
        columns: by name; those of a way of ranking are ``<way> <what>``.
        entries: way of ranking → candidates without a flow in the base year.
        new_flows: how many of these got a lasting one.
    """

    columns: dict[str, np.ndarray]
    entries: dict[str, Entries]
    new_flows: int

    @property
    def total(self) -> Array:
        """Growth that came, USD."""
        return self.columns["total"]


ALL = Design()
"""Everything against everything."""


def base_years(history: History, horizon: int) -> list[int]:
    """Base years with a known outcome on which the outlook could be fitted at that horizon.

    Where the data are too short for that, those on which it could be fitted at all, then all.
    """
    possible = sorted(y for y in history.years if y + horizon in history.years)
    fitted = [y for y in possible if known_origins(history.until(y), horizon)]
    some = [y for y in possible if y > history.years[0]]
    return fitted or some or possible


def backtest(
    history: History,
    *,
    horizon: int,
    dataset: str,
    design: Design = ALL,
    progress: Progress | None = None,
) -> Backtest:
    """Score ways of ranking against what came later.

    Args:
        history: any flows of two years and more.
        horizon: years between the ranking and its outcome.
        dataset: its name, for the report.
        design: what is compared.
        progress: told the share done.

    Raises:
        MissingDataError: ``market.no_outcome`` where no base year has a known outcome,
            ``market.no_groups`` where the exporter or product asked for has none.
    """
    tell = progress or (lambda _: None)
    years = _scored_years(history, horizon, design.origins)
    rivals = list(dict.fromkeys([*(design.rivals or names()), PERSISTENCE]))
    runs = rivals if design.rivals else [*filter(can_run, rivals)]
    sampled = _sampled(history, years[-1], design.seed, keep=design.product)
    trials = []
    for number, year in enumerate(years, start=1):
        trials.append(trial(sampled, year, horizon, runs))
        tell(number / (len(years) + 1))
    measured = [name for name in runs if all(name in one.scores for one in trials)]
    sums = _sums(sampled, trials, design)
    if not len(sums.total) or not (sums.total > 0).any():
        raise MissingDataError(
            "market.no_groups", exporter=design.exporter or "—", product=design.product or "—"
        )
    weights = _weights(sums, design.draws, design.seed)
    measures = list(_measures(sums, measured, design.tops))
    scores = list(_scores(sums, measures, weights, "all", np.ones(len(sums.total), dtype=bool)))
    scores += _entry_scores(sums, weights)
    for part, rows in _parts(sums) if design.parts else ():
        scores += _scores(sums, measures, weights, part, rows)
    tell(1.0)
    notes = {
        "market.note_one_origin": len(years) == 1,
        "market.note_without_gravity": runs != rivals,
        "market.note_sampled": sampled is not history,
    }
    said = tuple(key for key, holds in notes.items() if holds)
    groups = int((sums.total > 0).sum())
    return Backtest(dataset, horizon, tuple(years), groups, tuple(scores), said)


def _scored_years(history: History, horizon: int, origins: Sequence[int] | None) -> list[int]:
    years = base_years(history, horizon) if origins is None else sorted(set(origins))
    known = [y for y in years if y in history.years and y + horizon in history.years]
    if not known:
        raise MissingDataError(
            "market.no_outcome", horizon=horizon, years=enumerated(history.years)
        )
    return known


def _parts(sums: _Sums) -> Iterator[tuple[str, Mask]]:
    """Parts of the data in which there was any growth, and their groups."""
    for kind in ("origin", "tier", "income", "section"):
        labels = sums.columns[kind]
        for label in sorted(set(labels.tolist()) - {""}):
            rows = labels == label
            if (sums.total[rows] > 0).any():
                yield f"{kind}:{label}", rows


def _sampled(history: History, year: int, seed: int, keep: str | None) -> History:
    """The history, or a sample of its products where there are too many candidates."""
    import polars as pl

    counts = (
        history.flows.filter(pl.col("year") == year)
        .group_by("product", "tier")
        .agg(cells=pl.col("exporter").n_unique() * pl.col("importer").n_unique())
        .group_by("product")
        .agg(pl.col("cells").sum())
        .sort("product")
        .collect(engine="streaming")
    )
    total = int(counts["cells"].sum())
    if total <= CELLS:
        return history
    rng = np.random.default_rng(seed)
    order = rng.permutation(counts.height)
    reached = np.cumsum(counts["cells"].to_numpy()[order])
    picked = set(counts["product"].to_numpy()[order[: max(1, int((reached <= CELLS).sum()))]])
    picked |= {keep} if keep else set()
    rows = {code: count for code, count in history.rows.items() if code in picked}
    return replace(
        history,
        flows=history.flows.filter(pl.col("product").is_in(sorted(rows))),
        rows=rows,
        _pairs={},
        _held={},
        fits={},
    )


def _sums(history: History, trials: Sequence[Trial], design: Design) -> _Sums:
    codes = np.array(sorted({code for one in trials for code in one.products}))
    pieces = [_by_group(history, one, design, codes) for one in trials]
    joined = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    keep = joined.pop("keep")
    # Groups that were not asked for stay in place with nothing in them.
    for values in joined.values():
        if values.dtype.kind == "f":
            values[~keep] = 0
    firsts = iter(np.cumsum([0, *(len(piece["keep"]) for piece in pieces)]))
    group = _stacked(trials, lambda one: one.group + next(firsts))
    asked = keep[group] & (_stacked(trials, lambda one: one.base) == 0)
    lasting = _stacked(trials, lambda one: one.survived)[asked].astype(float)

    def entries(name: str) -> Entries:
        score = _stacked(
            trials, lambda one: one.scores[name].get("entry", one.scores[name]["score"])
        )
        return Entries.of(group[asked], lasting, score[asked])

    by_name = {name: entries(name) for name in trials[0].scores}
    return _Sums(joined, by_name, int(lasting.sum()))


def _stacked(trials: Sequence[Trial], of: Callable[[Trial], np.ndarray]) -> np.ndarray:
    return np.concatenate([of(one) for one in trials])


def _by_group(
    history: History, one: Trial, design: Design, codes: np.ndarray
) -> dict[str, np.ndarray]:
    """What a base year says of each group."""
    _, at = np.unique(one.group, return_index=True)
    groups, who = len(at), one.exporter[at]
    what = np.searchsorted(codes, np.array(one.products, dtype=codes.dtype))[one.product[at]]
    keep = np.ones(groups, dtype=bool)
    if design.exporter is not None:
        keep &= who == history.index.get(design.exporter, -1)
    if design.product is not None:
        keep &= codes[what] == design.product
    columns = {
        "keep": keep,
        "exporter": who,
        "product": what,
        "tier": np.where(one.tier[at] == "all", "", one.tier[at]).astype(str),
        "origin": np.full(groups, str(one.base_year)),
        "income": np.array([design.income.get(history.countries[w], "") for w in who], dtype=str),
        "section": np.array([section_of(codes[w]) for w in what], dtype=str),
        "total": np.bincount(one.group, one.gain, groups),
        "later": np.bincount(one.group, one.later, groups),
        "flows": np.bincount(one.group, one.base > 0, groups),
    }
    for name, said in one.scores.items():
        for what_of, values in _of_ranking(one, said, design.tops, groups).items():
            columns[f"{name} {what_of}"] = values
    return columns


def _of_ranking(
    one: Trial, said: dict[str, Array], tops: tuple[int, ...], groups: int
) -> dict[str, Array]:
    """What one way of ranking said, by group."""
    columns: dict[str, np.ndarray] = {}
    for k, usd in captured(one, said["score"], tops).items():
        columns[f"top {k}"] = usd
    growth = said.get("growth", said["score"])
    columns["moments"] = growth_moments(one, growth, groups)
    if "low80" in said:
        inside, count = hits(one, said["low80"], said["high80"], groups)
        columns |= {"inside": inside, "count": count}
    if "expected" in said:
        quantiles: Array | None = None
        if "q0" in said:
            quantiles = np.stack([said[f"q{at}"] for at in range(7)], axis=1)
        columns["log"] = log_scores(one, said["expected"], quantiles, groups)
        columns["expected"] = np.bincount(one.group, said["expected"], groups)
    return columns


def _weights(sums: _Sums, draws: int, seed: int) -> Array:
    """How often each group is drawn: exporters and products are drawn with replacement.

    The product of the two counts is the pigeonhole bootstrap (Owen, 2007): flows of one exporter,
    and of one product, are not independent.

    Returns:
        draws × groups.
    """
    rng = np.random.default_rng(seed)
    _, exporter = np.unique(sums.columns["exporter"], return_inverse=True)
    _, product = np.unique(sums.columns["product"], return_inverse=True)
    e, p = int(exporter.max()) + 1, int(product.max()) + 1
    made = np.empty((draws, len(exporter)))
    for row in made:
        by_exporter = rng.multinomial(e, np.full(e, 1 / e))
        by_product = rng.multinomial(p, np.full(p, 1 / p)) if p > 1 else np.ones(1)
        row[:] = by_exporter[exporter] * by_product[product]
    return made


@dataclass(frozen=True)
class _Measure:
    """A measure as a formula on sums over groups: ``columns`` are summed, ``of`` reads the sums."""

    rival: str
    name: str
    weighting: Weighting
    columns: tuple[Array, ...]
    of: Callable[[Array], float]


def _ratio(sums: Array) -> float:
    return float(sums[0] / sums[1]) if sums[1] > 0 else float("nan")


def _of_moments(formula: Callable[[Array], float]) -> Callable[[Array], float]:
    return lambda sums: formula(sums.reshape(4, 4))


def _measures(sums: _Sums, rivals: Sequence[str], tops: tuple[int, ...]) -> Iterator[_Measure]:
    grows = (sums.total > 0).astype(float)
    columns = sums.columns

    def taken(name: str, k: int) -> tuple[Array, Array]:
        """Growth on the first k markets: USD, and its share in each group."""
        usd = columns[f"{name} top {k}"]
        return usd, np.divide(usd, sums.total, out=np.zeros_like(usd), where=sums.total > 0)

    for name in rivals:
        for k in tops:
            usd, share = taken(name, k)
            against = [("captured", np.zeros_like(usd), np.zeros_like(usd))]
            for lead, other in (("lead", PERSISTENCE), ("lead_size", SIZE)):
                if other in rivals and name != other:
                    against.append((lead, *taken(other, k)))
            for measure, theirs, their_share in against:
                top = f"{measure}_top{k}"
                yield _Measure(name, top, "dollar", (usd - theirs, sums.total), _ratio)
                yield _Measure(name, top, "equal", (share - their_share, grows), _ratio)
        moments = tuple(columns[f"{name} moments"].reshape(len(grows), 16).T)
        for measure, formula in (
            ("growth_rank", rank_correlation),
            ("growth_rank_partial", partial_rank_correlation),
        ):
            yield _Measure(name, measure, "equal", moments, _of_moments(formula))
        ratios: list[tuple[str, Weighting, str, str]] = [
            ("coverage80", "equal", "inside", f"{name} count"),
            ("expected_ratio", "dollar", "expected", "later"),
            ("crps", "equal", "log", "flows"),
        ]
        for measure, weighting, what, whole in ratios:
            if f"{name} {what}" in columns:
                parts = (columns[f"{name} {what}"], columns[whole])
                yield _Measure(name, measure, weighting, parts, _ratio)


def _scored(measure: _Measure, value: float, drawn: Array, part: str) -> Iterator[Score]:
    """The value with its interval; nothing where it cannot be known."""
    if not np.isfinite(value):
        return
    kept = drawn[np.isfinite(drawn)]
    low, high = np.quantile(kept, [0.025, 0.975]) if len(kept) else (value, value)
    yield Score(
        measure.rival, measure.name, measure.weighting, value, float(low), float(high), part
    )


def _scores(
    sums: _Sums,
    measures: Sequence[_Measure],
    weights: Array,
    part: str,
    rows: Mask,
) -> Iterator[Score]:
    """Every measure in one part of the data, from one product of draws and columns."""
    columns = np.column_stack([column[rows] for m in measures for column in m.columns])
    whole, drawn = columns.sum(axis=0), weights[:, rows] @ columns
    at = 0
    for measure in measures:
        mine = slice(at, at + len(measure.columns))
        at = mine.stop
        values = np.array([measure.of(row) for row in drawn[:, mine]])
        yield from _scored(measure, measure.of(whole[mine]), values, part)


def _entry_scores(sums: _Sums, weights: Array) -> Iterator[Score]:
    """The precision of new flows, which needs every candidate and not only sums of groups."""
    if sums.new_flows < LEAST_ENTRIES:
        return
    for name, entries in sums.entries.items():
        affordable = max(20, int(CELL_DRAWS / max(len(entries.group), 1)))
        drawn = np.array([entries.average_precision(w) for w in weights[:affordable]])
        value = entries.average_precision(np.ones(len(sums.total)))
        measure = _Measure(name, "entry_precision", "equal", (), _ratio)
        yield from _scored(measure, value, drawn, "all")
