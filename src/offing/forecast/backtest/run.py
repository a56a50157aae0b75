"""Rolling base years, every rival, every measure, with bootstrap intervals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
from offing.market.history import Array, Codes, History, Mask
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
class _Sums:
    """All base years together, one row for each group."""

    exporter: Codes
    product: Codes
    part: dict[str, np.ndarray]
    total: Array
    caught: dict[str, dict[int, Array]]
    moments: dict[str, Array]
    entries: dict[str, Entries]
    new_flows: int
    inside: dict[str, tuple[Array, Array]]
    log_score: dict[str, Array]
    expected: dict[str, Array]
    later: Array
    flows: Array


def base_years(history: History, horizon: int) -> list[int]:
    """Base years with a known outcome on which the outlook could learn at that horizon.

    Where the data are too short for that, those on which it could learn anything, then all.
    """
    possible = sorted(y for y in history.years if y + horizon in history.years)
    taught = [y for y in possible if known_origins(history.until(y), horizon)]
    some = [y for y in possible if y > history.years[0]]
    return taught or some or possible


def backtest(
    history: History,
    *,
    horizon: int,
    dataset: str,
    origins: Sequence[int] | None = None,
    tops: tuple[int, ...] = TOPS,
    rivals: Sequence[str] | None = None,
    exporter: str | None = None,
    product: str | None = None,
    income: Mapping[str, str] | None = None,
    parts: bool = True,
    draws: int = DRAWS,
    seed: int = 1,
    progress: Progress | None = None,
) -> Backtest:
    """Score ways of ranking against what came later.

    Args:
        history: any flows of two years and more.
        horizon: years between the ranking and its outcome.
        dataset: its name, for the report.
        origins: base years; every one that can be scored where ``None``.
        tops: sizes of the lists.
        rivals: ways of ranking; all that can run where ``None``.
        exporter: measure on this exporter's groups only; the rankings still learn from all.
        product: measure on this product's groups only.
        income: exporter → income group, for the measures by income.
        parts: measure by tier, income, section and base year too.
        draws: of the bootstrap.
        seed: of the bootstrap and of sampling.
        progress: told the share done.

    Raises:
        MissingDataError: ``market.no_outcome`` where no base year has a known outcome,
            ``market.no_groups`` where the exporter or product asked for has none.
    """
    notes: list[str] = []
    years = base_years(history, horizon) if origins is None else sorted(set(origins))
    years = [y for y in years if y in history.years and y + horizon in history.years]
    if not years:
        raise MissingDataError(
            "market.no_outcome", horizon=horizon, years=enumerated(history.years)
        )
    if len(years) == 1:
        notes.append("market.note_one_origin")
    chosen = list(dict.fromkeys([*(names() if rivals is None else rivals), PERSISTENCE]))
    if rivals is None and not all(map(can_run, chosen)):
        chosen = [name for name in chosen if can_run(name)]
        notes.append("market.note_without_gravity")
    sampled = _sampled(history, years[-1], seed, keep=product)
    if sampled is not history:
        notes.append("market.note_sampled")
    trials = []
    for number, year in enumerate(years):
        trials.append(trial(sampled, year, horizon, chosen))
        if progress is not None:
            progress((number + 1) / (len(years) + 1))
    sums = _sums(sampled, trials, chosen, tops, exporter, product, income or {})
    if not len(sums.total) or not (sums.total > 0).any():
        raise MissingDataError("market.no_groups", exporter=exporter or "—", product=product or "—")
    weights = _weights(sums, draws, seed)
    measures = list(_measures(sums, chosen, tops))
    scores = list(_scores(sums, measures, weights, "all", np.ones(len(sums.total), dtype=bool)))
    scores += _entry_scores(sums, chosen, weights)
    if parts:
        for kind, labels in sums.part.items():
            for label in sorted(set(labels.tolist()) - {""}):
                rows = labels == label
                if (sums.total[rows] > 0).any():
                    scores += _scores(sums, measures, weights, f"{kind}:{label}", rows)
    if progress is not None:
        progress(1.0)
    groups = int((sums.total > 0).sum())
    return Backtest(dataset, horizon, tuple(years), groups, tuple(scores), tuple(notes))


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


def _sums(
    history: History,
    trials: Sequence[Trial],
    rivals: Sequence[str],
    tops: tuple[int, ...],
    exporter: str | None,
    product: str | None,
    income: Mapping[str, str],
) -> _Sums:
    codes = sorted({code for one in trials for code in one.products})
    place = {code: at for at, code in enumerate(codes)}
    found: dict[str, list[np.ndarray]] = {}
    entries: dict[str, list[tuple[Codes, Array, Array]]] = {name: [] for name in rivals}
    offset = 0

    def add(name: str, values: np.ndarray) -> None:
        found.setdefault(name, []).append(values)

    for one in trials:
        groups = int(one.group.max()) + 1 if len(one.group) else 0
        _, at = np.unique(one.group, return_index=True)
        who = one.exporter[at]
        what = np.array([place[code] for code in one.products], dtype=np.int64)[one.product[at]]
        good = np.ones(groups, dtype=bool)
        if exporter is not None:
            good &= who == history.index.get(exporter, -1)
        if product is not None:
            good &= what == place.get(product, -1)
        add("keep", good)
        add("exporter", who)
        add("product", what)
        add("tier", np.where(one.tier[at] == "all", "", one.tier[at]).astype(str))
        add("origin", np.full(groups, str(one.base_year)))
        add("income", np.array([income.get(history.countries[w], "") for w in who], dtype=str))
        add("section", np.array([section_of(codes[w]) for w in what], dtype=str))
        add("total", np.bincount(one.group, one.gain, groups))
        add("later", np.bincount(one.group, one.later, groups))
        add("flows", np.bincount(one.group, one.base > 0, groups))
        new = one.base == 0
        for name in rivals:
            said = one.scores[name]
            for k, dollars in captured(one, said["score"], tops).items():
                add(f"{name} top {k}", dollars)
            growth = said.get("growth", said["score"])
            add(f"{name} moments", growth_moments(one, growth, groups))
            quantiles: Array | None = None
            if "q0" in said:
                quantiles = np.stack([said[f"q{at}"] for at in range(7)], axis=1)
            if "low80" in said:
                inside, count = hits(one, said["low80"], said["high80"], groups)
                add(f"{name} inside", inside)
                add(f"{name} count", count)
            if "expected" in said:
                add(f"{name} log", log_scores(one, said["expected"], quantiles, groups))
                add(f"{name} expected", np.bincount(one.group, said["expected"], groups))
            entries[name].append(
                (
                    one.group[new] + offset,
                    one.survived[new].astype(float),
                    said.get("entry", said["score"])[new],
                )
            )
        offset += groups
    joined = {name: np.concatenate(values) for name, values in found.items()}
    keep = joined.pop("keep")
    # Groups that were not asked for stay in place with nothing in them.
    for column, values in joined.items():
        if values.dtype.kind == "f" or column.endswith("count"):
            values[~keep] = 0
    mask = keep.astype(float)
    made: dict[str, Entries] = {}
    new_flows = 0
    for name, pieces in entries.items():
        group, positive, order_by = map(np.concatenate, zip(*pieces, strict=True))
        asked = keep[group]
        made[name] = Entries.of(group[asked], positive[asked], order_by[asked])
        new_flows = int(positive[asked].sum())
    return _Sums(
        exporter=joined["exporter"],
        product=joined["product"],
        part={kind: joined[kind] for kind in ("origin", "tier", "income", "section")},
        total=joined["total"],
        caught={name: {k: joined[f"{name} top {k}"] for k in tops} for name in rivals},
        moments={name: joined[f"{name} moments"] for name in rivals},
        entries=made,
        new_flows=new_flows,
        inside={
            name: (joined[f"{name} inside"], joined[f"{name} count"])
            for name in rivals
            if f"{name} inside" in joined
        },
        log_score={name: joined[f"{name} log"] for name in rivals if f"{name} log" in joined},
        expected={
            name: joined[f"{name} expected"] for name in rivals if f"{name} expected" in joined
        },
        later=joined["later"],
        flows=joined["flows"] * mask,
    )


def _weights(sums: _Sums, draws: int, seed: int) -> Array:
    """How often each group is drawn: exporters and products are drawn with replacement.

    The product of the two counts is the pigeonhole bootstrap (Owen, 2007): flows of one exporter,
    and of one product, are not independent.

    Returns:
        draws × groups.
    """
    rng = np.random.default_rng(seed)
    _, exporter = np.unique(sums.exporter, return_inverse=True)
    _, product = np.unique(sums.product, return_inverse=True)
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
    share = {
        name: {
            k: np.divide(v, sums.total, out=np.zeros_like(v), where=sums.total > 0)
            for k, v in by.items()
        }
        for name, by in sums.caught.items()
    }
    for name in rivals:
        for k in tops:
            caught, first = sums.caught[name][k], sums.caught[PERSISTENCE][k]
            part, first_part = share[name][k], share[PERSISTENCE][k]
            top = f"captured_top{k}"
            yield _Measure(name, top, "dollar", (caught, sums.total), _ratio)
            yield _Measure(name, top, "equal", (part, grows), _ratio)
            if name != PERSISTENCE:
                lead = f"lead_top{k}"
                yield _Measure(name, lead, "dollar", (caught - first, sums.total), _ratio)
                yield _Measure(name, lead, "equal", (part - first_part, grows), _ratio)
            if SIZE in rivals and name != SIZE:
                size, size_part = sums.caught[SIZE][k], share[SIZE][k]
                lead = f"lead_size_top{k}"
                yield _Measure(name, lead, "dollar", (caught - size, sums.total), _ratio)
                yield _Measure(name, lead, "equal", (part - size_part, grows), _ratio)
        moments = tuple(sums.moments[name].reshape(len(grows), 16).T)
        for measure, formula in (
            ("growth_rank", rank_correlation),
            ("growth_rank_partial", partial_rank_correlation),
        ):
            yield _Measure(name, measure, "equal", moments, _of_moments(formula))
        if name in sums.inside:
            yield _Measure(name, "coverage80", "equal", sums.inside[name], _ratio)
        if name in sums.expected:
            level = (sums.expected[name], sums.later)
            yield _Measure(name, "expected_ratio", "dollar", level, _ratio)
        if name in sums.log_score:
            yield _Measure(name, "crps", "equal", (sums.log_score[name], sums.flows), _ratio)


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


def _entry_scores(sums: _Sums, rivals: Sequence[str], weights: Array) -> Iterator[Score]:
    """The precision of new flows, which needs every candidate and not only sums of groups."""
    if sums.new_flows < LEAST_ENTRIES:
        return
    for name in rivals:
        entries = sums.entries[name]
        affordable = max(20, int(CELL_DRAWS / max(len(entries.group), 1)))
        drawn = np.array([entries.average_precision(w) for w in weights[:affordable]])
        value = entries.average_precision(np.ones(len(sums.total)))
        measure = _Measure(name, "entry_precision", "equal", (), _ratio)
        yield from _scored(measure, value, drawn, "all")
