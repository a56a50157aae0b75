"""Rolling base years, every rival, every measure, with bootstrap intervals.

A base year is ranked once for all horizons where the way of ranking allows it, added up by group,
redrawn, and forgotten: memory holds one base year and one way of ranking at a time.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from offing.estimators import TINY, one_thread
from offing.forecast.backtest.measures import (
    BARS,
    EXTRAS,
    KINDS,
    REFERENCE,
    Columns,
    Entries,
    Measures,
    forecast_columns,
    outcome_columns,
    outside_today,
    probability_columns,
    quantile_columns,
    ranking_columns,
)
from offing.forecast.backtest.trial import (
    LAST,
    PAST,
    BootstrapSums,
    BootstrapWeights,
    Candidates,
    PastChanges,
    Trial,
    sums_held,
)
from offing.forecast.outlook.forecast import METHOD, outlooks
from offing.forecast.outlook.training import origins as known_origins
from offing.forecast.results import Backtest, Score
from offing.forecast.scores import (
    any_horizon,
    can_run,
    names,
    rank_candidates,
    sees_later,
    sum_interval,
)
from offing.market.history import Array, History, Mask
from offing.terms.errors import MissingDataError
from offing.terms.messages import join_list

_LAST_CHAPTERS = (5, 14, 15, 24, 27, 38, 40, 43, 46, 49, 63, 67, 70, 71, 83, 85, 89, 92, 93, 96, 97)
_TEN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_SECTIONS = (*_TEN, *(f"X{more}" for more in _TEN), "XXI")
"""Sections of the HS, and the last chapter of each."""


def section_of(product: str) -> str:
    """The section of a code, as a Roman numeral; empty for national chapters 98 and 99.

    >>> section_of("852872"), section_of("6203")
    ('XVI', 'XI')
    """
    chapter = int(product[:2])
    at = bisect_left(_LAST_CHAPTERS, chapter)
    return _SECTIONS[at] if at < len(_SECTIONS) else ""


Progress = Callable[[float], None]

DRAWS = 300
TOPS = (5, 10, 20)
MEAN, BLIND = BARS["lead_mean"], BARS["lead_blind"]
THREADS = 2
"""Horizons scored at once: memory holds what each of them needs."""
CELLS = 3_000_000
"""Candidates of a base year, at most; beyond it products are sampled."""

STUDY_ORIGINS = 4
"""Base years of a study's backtest, the latest: each is a fit of its own. The command takes all."""
LEAST_SCORED = 2
"""Base years of a study's backtest at the horizon asked for, at least; else a shorter one is."""


@dataclass(frozen=True)
class Design:
    """What a backtest compares, and on which groups.

    Attributes:
        origins: base years; every one that can be scored where ``None``.
        tops: sizes of the lists.
        rivals: ways of ranking; all that can run where ``None``. Today's exports and the three-year
            mean are always there.
        exporter: measure on this exporter's groups only; the rankings are still fitted on all.
        product: measure on this product's groups only.
        income: exporter → income group, for the measures by income.
        parts: measure by tier, income, section and base year too.
        details: look at intervals of sums over an exporter's markets and at entries too.
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
    details: bool = True
    draws: int = DRAWS
    seed: int = 1


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


def record_years(history: History, horizon: int) -> Iterator[tuple[int, list[int]]]:
    """Horizons, and base years to be scored at each, those that tell most first.

    Where the data are too short for the horizon, the longest is taken at which ``LEAST_SCORED``
    base years can be scored that had years to learn it from, then the longest that can be scored
    at all. Of many base years the latest ``STUDY_ORIGINS`` are taken.
    """
    possible = range(min(horizon, history.years[-1] - history.years[0]), 0, -1)
    well = next((tried for tried in possible if _scored_well(history, tried)), None)
    for tried in possible if well is None else (well, *possible):
        if years := base_years(history, tried)[-STUDY_ORIGINS:]:
            yield tried, years


def _scored_well(history: History, horizon: int) -> bool:
    """Whether enough base years have their outcome, and earlier years to fit the horizon to."""
    scored = [
        year
        for year in history.years
        if year + horizon in history.years and known_origins(history.until(year), horizon)
    ]
    return len(scored) >= LEAST_SCORED


@dataclass
class _Horizon:
    """What is gathered at one horizon."""

    years: list[int]
    draws: BootstrapWeights
    totals: BootstrapSums
    past: PastChanges
    ranked: dict[str, int] = field(default_factory=dict)
    groups: int = 0
    silence: Array = field(default_factory=lambda: np.zeros(4))

    @property
    def trains_on(self) -> set[int]:
        """Base years whose outcome was known in one that is scored."""
        possible = (range(year - self.past.horizon, 0, -1)[:LAST] for year in self.years)
        return {year for some in possible for year in some}

    @property
    def measured(self) -> list[str]:
        """Ways of ranking that could rank in every base year."""
        return [name for name, count in self.ranked.items() if count == len(self.years)]


def backtest(
    history: History,
    *,
    horizon: int,
    dataset: str,
    design: Design = ALL,
    progress: Progress | None = None,
) -> Backtest:
    """:func:`backtests` at one horizon."""
    return backtests(history, [horizon], dataset=dataset, design=design, progress=progress)[0]


def backtests(
    history: History,
    horizons: Sequence[int],
    *,
    dataset: str,
    design: Design,
    progress: Progress | None = None,
) -> tuple[Backtest, ...]:
    """Score ways of ranking against what came later, at several horizons.

    Raises:
        MissingDataError: ``market.no_outcome`` where no base year has a known outcome,
            ``market.no_groups`` where the exporter or product asked for has none.
    """
    scored = {horizon: _scored_years(history, horizon, design.origins) for horizon in horizons}
    rivals, runs = _rivals(history, design)
    sampled = _sample_products(history, max(map(max, scored.values())), design)
    counts = len(sampled.countries), len(sampled.rows)
    gathered = {
        horizon: _Horizon(
            years,
            BootstrapWeights.of(years, *counts, draws=design.draws, seed=design.seed),
            BootstrapSums(),
            PastChanges(horizon),
        )
        for horizon, years in scored.items()
    }
    # Matrices are small, so that threads inside one product would wait for each other.
    with one_thread():
        _all_years(sampled, gathered, runs, design, progress or (lambda _: None))
    notes = {
        "market.note_without_gravity": runs != rivals,
        "market.note_sampled": len(sampled.rows) < len(history.rows),
    }
    always = [key for key, holds in notes.items() if holds]
    return tuple(
        _summarise_horizon(dataset, horizon, t, always, design, sampled)
        for horizon, t in gathered.items()
    )


def _all_years(
    history: History,
    gathered: Mapping[int, _Horizon],
    rivals: Sequence[str],
    design: Design,
    progress: Progress,
) -> None:
    """Every base year that is scored or trained on, the earliest first."""
    if design.rivals and METHOD in rivals:
        # Of few ways of ranking its fits are most of the work, and need nothing of each other.
        tasks = [(year, horizon) for horizon, tally in gathered.items() for year in tally.years]
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda task: outlooks(history.until(task[0]), *task), tasks))
    years = {year for tally in gathered.values() for year in (*tally.years, *tally.trains_on)}
    ordered = sorted(years & set(history.years))
    for number, year in enumerate(ordered, start=1):
        _base_year(history, year, gathered, rivals, design)
        progress(number / len(ordered))


def _rivals(history: History, design: Design) -> tuple[list[str], list[str]]:
    """Ways of ranking that are wanted, and those of them that can run here."""
    bars = [REFERENCE, MEAN, *([BLIND] if history.has_tiers else [])]
    chosen = design.rivals or names()
    rivals = [name for name in dict.fromkeys([*chosen, *bars]) if name != BLIND or BLIND in bars]
    return rivals, rivals if design.rivals else [*filter(can_run, rivals)]


def _scored_years(history: History, horizon: int, origins: Sequence[int] | None) -> list[int]:
    years = base_years(history, horizon) if origins is None else sorted(set(origins))
    scorable = [y for y in years if y in history.years and y + horizon in history.years]
    if not scorable:
        raise MissingDataError("market.no_outcome", horizon=horizon, years=join_list(history.years))
    return scorable


def _sample_products(history: History, year: int, design: Design) -> History:
    """The history, or a sample of its products where there are too many candidates."""
    counts = history.cells(year)
    if int(counts["cells"].sum()) <= CELLS:
        return history if history.source is None else history.only([*history.rows])
    rng = np.random.default_rng(design.seed)
    order = rng.permutation(counts.height)
    reached = np.cumsum(counts["cells"].to_numpy()[order])
    picked = set(counts["product"].to_numpy()[order[: max(1, int((reached <= CELLS).sum()))]])
    return history.only([*picked, *([design.product] if design.product else [])])


def _base_year(
    history: History,
    year: int,
    gathered: Mapping[int, _Horizon],
    rivals: Sequence[str],
    design: Design,
) -> None:
    """Rank a base year, score it at every horizon at which it is known, and train on it."""
    due = {h: t for h, t in gathered.items() if year in t.years or year in t.trains_on}
    candidates = Candidates.of(history, year, [*due])
    trials = {h: candidates.trial(h) for h in due}
    scored = {}
    for horizon, tally in due.items():
        trial = trials[horizon]
        if year in tally.years and trial.groups:
            scored[horizon] = _Scoring(history, trial, tally, design)
            tally.silence += candidates.silence(horizon)
    del candidates
    _rank_all(history, rivals, year, scored)
    for one_scored in scored.values():
        one_scored.close()
    for horizon, tally in due.items():
        if year in tally.trains_on and trials[horizon].groups:
            tally.past.add(trials[horizon])


def _rank_all(
    history: History, rivals: Sequence[str], year: int, scored: "Mapping[int, _Scoring]"
) -> None:
    """Two at once: of one horizon two ways of ranking, else two horizons of one."""
    together = len(rivals) if len(scored) == 1 else 1
    for first in range(0, len(rivals), together):
        _rank(history, rivals[first : first + together], year, scored)


def _rank(
    history: History, names: Sequence[str], year: int, scored: "Mapping[int, _Scoring]"
) -> None:
    """Score ways of ranking at each horizon; one that says the same at all is asked once."""
    horizons = [*scored]

    def ranks_of(name: str, horizon: int) -> pl.DataFrame | None:
        seen = history if sees_later(name) else history.until(year)
        return rank_candidates(name, seen, year, horizon, scored[horizon].candidates)

    same = {n: ranks_of(n, horizons[0]) for n in names if len(horizons) > 1 and any_horizon(n)}

    def score(task: tuple[str, int]) -> _Measured | None:
        name, horizon = task
        frame = same[name] if name in same else ranks_of(name, horizon)
        if frame is None:
            return None
        job = scored[horizon]
        there = [column for column in ("score", *EXTRAS) if column in frame.columns]
        return job.measured(name, {what: frame[what].to_numpy()[job.trial.kept] for what in there})

    tasks = [(name, horizon) for name in names for horizon in horizons]
    with ThreadPoolExecutor(THREADS) as pool:
        # In order, so that sums are the same however fast each is.
        for (name, horizon), measured in zip(tasks, pool.map(score, tasks), strict=True):
            if measured is not None:
                scored[horizon].take(name, measured)


_Measured = tuple[Columns, dict[str, tuple[Array, Array]]]
"""Of a way of ranking: columns by group; by kind of empty pair what ``Entries.gained`` gives."""


class _Scoring:
    """One base year at one horizon, on its way into the totals."""

    def __init__(self, history: History, trial: Trial, into: _Horizon, design: Design) -> None:
        """Look at what came."""
        self.history, self.trial, self.into, self.design = history, trial, into, design
        self.candidates = trial.candidates
        self.outside = outside_today(trial)
        self.columns = outcome_columns(trial, self.outside)
        self.weights = into.draws.weights(trial)
        self.asked = _groups_to_measure(history, trial, design)
        self.parts = [("all", self.asked), *_parts(history, trial, design, self.asked)]
        self.reference = into.past.quantiles(trial)
        if self.reference is not None:
            self._take(REFERENCE, quantile_columns(trial, self.reference))

    def _take(self, name: str, columns: Columns) -> None:
        self.columns |= {f"{name} {what}": values for what, values in columns.items()}

    def measured(self, name: str, scores: Mapping[str, Array]) -> _Measured:
        """Look at what a way of ranking said."""
        trial = self.trial
        columns = ranking_columns(trial, scores, self.design.tops, self.outside)
        columns |= forecast_columns(trial, scores, self.reference)
        if self.design.details:
            columns |= probability_columns(trial, scores) | self._sums(name)
        weights = self.weights.astype(float)
        entries = {}
        for kind in KINDS if self.design.details else ():
            cells = (trial.new if kind == "new" else trial.returning) & self.asked[trial.group]
            entry = scores.get("entry", scores["score"])[cells]
            ordered = Entries.of(trial.group[cells], trial.survived[cells], entry)
            both = zip(ordered.whole(), ordered.thin().gained(weights), strict=True)
            gained, positives = (np.r_[point, more] for point, more in both)
            entries[kind] = gained, positives
        return columns, entries

    def take(self, name: str, measured: _Measured) -> None:
        """Take in what was measured."""
        columns, entries = measured
        self.into.ranked[name] = self.into.ranked.get(name, 0) + 1
        self._take(name, columns)
        origins = [part for part, _ in self.parts if part.startswith("origin:")]
        for kind, (gained, positives) in entries.items():
            for part in ("all", *origins):
                self.into.totals.put(part, f"{name} {kind} gained", gained)
                self.into.totals.put(part, f"{name} {kind} positives", positives)

    def _sums(self, name: str) -> Columns:
        """Whether intervals of sums over markets held, where whole markets are forecast."""
        ends = sum_interval(name)
        if ends is None or self.history.has_tiers:
            return {}
        year, horizon = self.trial.base_year, self.into.past.horizon
        seen = self.history.until(year)
        return sums_held(
            self.history,
            self.trial,
            self.asked,
            len(self.into.years),
            self.design.seed,
            lambda product, origin, markets: ends(seen, year, horizon, product, origin, markets),
        )

    def close(self) -> None:
        """Add the base year up."""
        self.into.groups += int((self.columns["total"][self.asked] > 0).sum())
        self.into.totals.add(self.columns, self.weights, self.parts)


def _groups_to_measure(history: History, trial: Trial, design: Design) -> Mask:
    """Groups that are measured."""
    groups = np.ones(trial.groups, dtype=bool)
    if design.exporter is not None:
        groups &= trial.exporter == history.index.get(design.exporter, -1)
    if design.product is not None:
        codes = np.array(sorted(history.rows))
        groups &= codes[trial.product] == design.product
    return groups


def _parts(
    history: History, trial: Trial, design: Design, groups: Mask
) -> Iterator[tuple[str, Mask]]:
    """Parts of the data, and their groups."""
    if not design.parts:
        return
    yield f"origin:{trial.base_year}", groups
    codes = sorted(history.rows)
    sections = np.array([section_of(code) for code in codes])[trial.product]
    income = np.array([design.income.get(code, "") for code in history.countries])[trial.exporter]
    tier = np.where(trial.tier == "all", "", trial.tier)
    for kind, labels in (("tier", tier), ("income", income), ("section", sections)):
        for label in sorted(set(labels.tolist()) - {""}):
            yield f"{kind}:{label}", groups & (labels == label)


def _summarise_horizon(
    dataset: str,
    horizon: int,
    tally: _Horizon,
    notes: Sequence[str],
    design: Design,
    history: History,
) -> Backtest:
    """The measures of one horizon.

    Raises:
        MissingDataError: ``market.no_groups``.
    """
    if not tally.groups:
        raise MissingDataError(
            "market.no_groups", exporter=design.exporter or "—", product=design.product or "—"
        )
    scores: list[Score] = []
    for part, sums in tally.totals.named():
        scores += Measures(sums, tally.measured, design.tops, part).scores()
    short = {
        "market.note_one_origin": len(tally.years) == 1,
        # A study compares some ways of ranking and shows nothing of new pairs.
        "market.note_few_years_before": design.rivals is None
        and tally.years[0] - history.years[0] < PAST,
    }
    silent_pairs, pairs, silent_usd, usd = tally.silence
    return Backtest(
        dataset,
        horizon,
        tuple(tally.years),
        tally.groups,
        tuple(scores),
        (*(key for key, holds in short.items() if holds), *notes),
        float(silent_pairs / max(pairs, 1)),
        float(silent_usd / max(usd, TINY)),
    )
