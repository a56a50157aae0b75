"""What a programme did to exports (政策效果评估): by a lottery among applicants, or by who joined.

With a lottery the winners are held against those who lost the draw of their class. Mean exports of
the twelve months after the start are regressed on winning by Poisson pseudo-maximum likelihood with
an effect of each class and the logarithm of the months before (analysis of covariance: McKenzie
2012, Journal of Development Economics 99(2)); the effect is a ratio of means, zeros count (Chen and
Roth 2024, Quarterly Journal of Economics 139(2)). Standard errors are robust, with leverage (HC3).

Without one, each month's joiners are held against firms that have not joined a year on (stacked
event study: Cengiz and others 2019, Quarterly Journal of Economics 134(3)), clustered by firm.
Whoever joins may have done better anyway: the same is computed for a start a year earlier, when
nothing can have been brought (placebo), and the effect is called weaker.

The smallest effect that would be found is not read off that standard error: squared errors of the
few largest firms make it waver by a quarter with 90 firms, so that the effect named was found in 75
of 100. It takes one dispersion of all firms, with a variance that rises with the square of the mean
(firms' luck is a share of their size). The error by which it is named and that of the test that is
to find it are estimates: with L the variance of each as a share of its square (by the kurtosis of
firms' luck), q of 97.5 and z of 80 %, it is c errors large where (c − q)² = z² (1 + L (c² + q²)):
``python -m tools.planted_programmes``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from offing.terms.errors import MissingDataError

Floats = NDArray[np.float64]

WINDOW = 12
"""Months before and after that are compared, at most."""
LEAST_WINDOW = 3
LEAST_SIDE = 8
"""Firms on a side below which nothing is told."""
LEVEL, POWER = 0.95, 0.8
FARTHEST = 50.0
"""Logs of effects that are told as they are: the rest has no number."""
GAPS_APART = 0.1
"""By how much the shares of months without a row may differ between the sides: by more, zeros that
may be rows nobody has are a good part of the effect."""
MOST = 10.0
"""Where no smaller effect than ten times the exports would be found, nothing is told."""


@dataclass(frozen=True)
class ProgrammeEffect:
    """An effect on exports, as a share of what they would have been.

    Attributes:
        effect: 0.1 is ten per cent more.
        low, high: 95 % interval.
        smallest: the effect that 80 of 100 such programmes would have shown.
    """

    effect: float
    low: float
    high: float
    smallest: float

    @property
    def is_proved(self) -> bool:
        """Whether the interval leaves no effect out."""
        return self.low > 0 or self.high < 0

    def reaches(self, other: float) -> bool:
        """Whether an effect as far from none as another one lies in the interval, either way."""
        farthest = max(-np.log1p(self.low), np.log1p(self.high))
        return bool(farthest >= abs(np.log1p(other)))


@dataclass(frozen=True)
class RowGaps:
    """Months of compared firms that have no row and count as no exports.

    Attributes:
        treated, others: such months of the two sides.
        treated_months, others_months: all that are compared.
        apart: by how much their shares differ, before or after the start, whichever is more.
    """

    treated: int
    others: int
    treated_months: int
    others_months: int
    apart: float

    @property
    def is_lopsided(self) -> bool:
        """Whether the effect may be one of rows that one side lacks."""
        return self.apart > GAPS_APART


@dataclass(frozen=True)
class ProgrammeEvidence:
    """What is known of a programme.

    Attributes:
        lottery: whether chance decided.
        treated, others: firms of the two sides.
        classes: of the draw, or months in which firms joined.
        before, after: months compared, of those in which anybody has a row.
        effect: on exports.
        placebo: of a start a year earlier; ``None`` with a lottery, or where the months do not
            reach back.
        gaps: months without a row.
        unread: firms left out: without months before or after the start.
        joined_anyway: firms that lost the draw and have a month of joining: the effect is the
            draw's, whoever joined (intention to treat).
    """

    lottery: bool
    treated: int
    others: int
    classes: int
    before: int
    after: int
    effect: ProgrammeEffect
    placebo: ProgrammeEffect | None
    gaps: RowGaps
    unread: int
    joined_anyway: int = 0


@dataclass(frozen=True)
class ProgrammeFirm:
    """A firm, month by month.

    Attributes:
        exports: month (count of months since year 0) → exports, none without a row.
        start: the month from which the programme counts; ``None`` where it never joined.
        won: whether it won the draw; ``None`` without one.
        group: its class in the draw.
    """

    exports: Mapping[int, float]
    start: int | None
    won: bool | None
    group: str


def programme_effect(firms: Mapping[str, ProgrammeFirm]) -> ProgrammeEvidence:
    """The effect of a programme, by name of the firm. A month in which no firm has a row is left
    out; one in which a firm has none is one without exports.

    Raises:
        MissingDataError: ``evidence.few_firms``, ``evidence.few_months``; ``evidence.too_unequal``
            where not even an effect of :data:`MOST` would be seen.
    """
    lottery = any(firm.won is not None for firm in firms.values())
    known = sorted({month for firm in firms.values() for month in firm.exports})
    kept, before, after = _drawn(firms, known) if lottery else _stack_months(firms, known, 0)
    placebo = None if lottery else _effect_a_year_before(firms, known)
    treated, others = _count_sides(kept)
    if min(treated, others) < LEAST_SIDE:
        raise MissingDataError("evidence.few_firms", treated=treated, others=others,
                               least=LEAST_SIDE)  # fmt: skip
    found = _effect(kept, clustered=not lottery)
    if not found.smallest < MOST:
        raise MissingDataError("evidence.too_unequal", times=round(MOST))
    return ProgrammeEvidence(
        lottery, treated, others, len({row.stratum for row in kept}), before, after, found,
        placebo,
        _gaps(kept), len(firms) - len({row.firm for row in kept}),
        sum(firm.won is False and firm.start is not None for firm in firms.values()),
    )  # fmt: skip


def _effect_a_year_before(
    firms: Mapping[str, ProgrammeFirm], known: Sequence[int]
) -> ProgrammeEffect | None:
    """That of a start a year earlier; none of few firms, or where one side lacks more rows."""
    rows = _stack_months(firms, known, -WINDOW)[0]
    few = min(_count_sides(rows)) < LEAST_SIDE
    return None if few or _gaps(rows).is_lopsided else _effect(rows, clustered=True)


UNIT_APART = 10_000
"""万: by how much exports in another unit are too small."""
NEAR = 4.0
"""How far from it, as a factor either way, two levels still look like two units."""
LEAST_APART = 3
"""Firms, or months of one, of each level."""


def levels_apart(firms: Mapping[str, ProgrammeFirm]) -> tuple[list[str], ...]:
    """Months of a firm, or firms, that stand in two levels ten thousand times apart, 万 beside 元:
    the names of the lower and of the higher; nothing where all are in one.
    """
    months = [
        [(usd, f"{name} {month // 12}-{month % 12 + 1:02}") for month, usd in one.exports.items()]
        for name, one in firms.items()
    ]
    middles = [(median(one.exports.values()), name) for name, one in firms.items()]
    for amounts in (*months, middles):
        ordered = sorted(one for one in amounts if one[0] > 0)
        gaps = [(after[0] / before[0], at) for at, (before, after) in enumerate(pairwise(ordered))]
        gap, last = max(gaps, default=(0.0, 0))
        below, above = ordered[: last + 1], ordered[last + 1 :]
        if gap < NEAR or min(len(below), len(above)) < LEAST_APART:
            continue
        apart = above[len(above) // 2][0] / below[len(below) // 2][0]
        if UNIT_APART / NEAR < apart < UNIT_APART * NEAR:
            return tuple([name for _, name in of] for of in (below, above))
    return ()


@dataclass(frozen=True)
class _Row:
    firm: str
    stratum: str
    treated: bool
    before: float
    after: float
    gaps: tuple[int, int]
    months: tuple[int, int]


_Rows = tuple[tuple[_Row, ...], int, int]
"""Firms that can be compared, and the months before and after."""


def _count_sides(rows: Sequence[_Row]) -> tuple[int, int]:
    """Firms in the programme, and outside it."""
    sides = [{row.firm for row in rows if row.treated is side} for side in (True, False)]
    return len(sides[0]), len(sides[1])


def _gaps(rows: Sequence[_Row]) -> RowGaps:
    """What the firms of both sides lack."""
    sides = [[row for row in rows if row.treated is side] for side in (True, False)]
    gaps, months = (
        np.array([[sum(getattr(r, name)[at] for r in of) for at in (0, 1)] for of in sides])
        for name in ("gaps", "months")
    )
    shares = gaps / np.maximum(months, 1)
    (treated, others), (treated_months, others_months) = gaps.sum(axis=1), months.sum(axis=1)
    apart = float(np.abs(shares[0] - shares[1]).max())
    return RowGaps(int(treated), int(others), int(treated_months), int(others_months), apart)


def _window(known: Sequence[int], start: int) -> tuple[int, int]:
    """Months before and after a start that the table has."""
    return min(start - known[0], WINDOW), min(known[-1] - start + 1, WINDOW)


@dataclass(frozen=True)
class _Months:
    """Those compared, before and after a start: anybody has a row of them."""

    before: tuple[int, ...]
    after: tuple[int, ...]

    @classmethod
    def of(cls, known: Sequence[int], start: int, before: int, after: int) -> "_Months":
        """Of so many months by the calendar."""
        early = tuple(month for month in known if start - before <= month < start)
        return cls(early, tuple(month for month in known if start <= month < start + after))

    @property
    def reach(self) -> tuple[int, int]:
        """How many on each side."""
        return len(self.before), len(self.after)

    def row(self, name: str, firm: ProgrammeFirm, stratum: str, treated: bool) -> _Row:
        """A firm in them."""
        parts = self.before, self.after
        usd = [sum(firm.exports.get(m, 0.0) for m in part) / len(part) for part in parts]
        gaps = [sum(m not in firm.exports for m in part) for part in parts]
        return _Row(name, stratum, treated, usd[0], usd[1], (gaps[0], gaps[1]), self.reach)


def _first_starts(firms: Mapping[str, ProgrammeFirm]) -> dict[str, int]:
    """The first start of each class of the draw."""
    starts: dict[str, int] = {}
    for firm in firms.values():
        if firm.won is not None and firm.start is not None:
            starts[firm.group] = min(firm.start, starts.get(firm.group, firm.start))
    return starts


def _drawn(firms: Mapping[str, ProgrammeFirm], known: Sequence[int]) -> _Rows:
    """Those of the draw, by class; who never joined counts from the first start of its class."""
    starts = _first_starts(firms)
    drawn = {
        name: (firm, starts[firm.group] if firm.start is None else firm.start)
        for name, firm in firms.items()
        if firm.won is not None and firm.group in starts
    }
    if not drawn:
        raise MissingDataError("evidence.few_months", least=LEAST_WINDOW)
    windows = [_window(known, start) for _, start in drawn.values()]
    shared = min(window[0] for window in windows), min(window[1] for window in windows)
    months = {start: _Months.of(known, start, *shared) for _, start in drawn.values()}
    before, after = np.array([of.reach for of in months.values()]).min(axis=0).tolist()
    _must_reach(before, after)
    kept = tuple(
        months[start].row(name, firm, firm.group, bool(firm.won))
        for name, (firm, start) in drawn.items()
    )
    return _comparable(kept), before, after


def _stack_months(firms: Mapping[str, ProgrammeFirm], known: Sequence[int], shift: int) -> _Rows:
    """Each month's joiners and who has not joined a year on; ``shift`` moves the start."""
    kept: list[_Row] = []
    reach = 0, 0
    for start in sorted({f.start for f in firms.values() if f.start is not None}):
        months = _Months.of(known, start + shift, *_window(known, start + shift))
        if min(months.reach) < LEAST_WINDOW:
            continue
        reach = max(reach[0], months.reach[0]), max(reach[1], months.reach[1])
        kept += [
            months.row(name, firm, str(start), firm.start == start)
            for name, firm in firms.items()
            if firm.start is None or firm.start == start or firm.start >= start + WINDOW
        ]
    if not shift:
        _must_reach(*reach)
    return _comparable(kept), *reach


def _must_reach(before: int, after: int) -> None:
    if min(before, after) < LEAST_WINDOW:
        raise MissingDataError("evidence.few_months", least=LEAST_WINDOW)


def _comparable(rows: Sequence[_Row]) -> tuple[_Row, ...]:
    """Of the classes that have both sides and sell anything afterwards."""
    sides: dict[str, set[bool]] = {}
    sold: dict[str, float] = {}
    for row in rows:
        sides.setdefault(row.stratum, set()).add(row.treated)
        sold[row.stratum] = sold.get(row.stratum, 0.0) + row.after
    return tuple(r for r in rows if len(sides[r.stratum]) == 2 and sold[r.stratum] > 0)


def _effect(rows: Sequence[_Row], *, clustered: bool) -> ProgrammeEffect:
    """The first coefficient of a Poisson regression with class effects, as a ratio less one."""
    from scipy.stats import norm, t

    design, y = _regression(rows)
    beta, mean = _poisson(design, y)
    bread = np.linalg.pinv((design.T * mean) @ design)
    leverage = np.minimum(np.einsum("ij,jk,ik->i", design, bread, design) * mean, 0.99)
    scores = design * ((y - mean) / (1 - leverage))[:, None]
    firms, place = np.unique([row.firm for row in rows], return_inverse=True)
    freedom = max(len(firms) - design.shape[1], 1)
    if clustered:
        sums = np.zeros((len(firms), design.shape[1]))
        np.add.at(sums, place, scores)
        scores = sums * np.sqrt(len(firms) / freedom)
    error = float(np.linalg.norm(scores @ bread[:, 0]))
    reach = float(t.ppf((1 + LEVEL) / 2, freedom))
    weight, luck = (design @ bread[:, 0]) * mean, (y / mean - 1) / np.sqrt(1 - leverage)
    squares, found = luck**2, float(norm.ppf(POWER))
    planned = np.sqrt(float(squares.mean()) * _sum_firm_weights(weight, luck, place))
    sure = 1 - found**2 * min(float(squares.var() / squares.mean() ** 2) / (4 * freedom), 1.0)
    least = (reach + np.sqrt(reach**2 - sure * (sure * reach**2 - found**2))) / sure * planned
    told = [beta[0], beta[0] - reach * error, beta[0] + reach * error, least]
    return ProgrammeEffect(*np.expm1(np.clip(told, -FARTHEST, FARTHEST)).tolist())


def _sum_firm_weights(weight: Floats, luck: Floats, place: NDArray[np.intp]) -> float:
    """Sum of squared weights of firms, whose rows are as much alike as their luck in them is."""
    pairs, shared = (
        float((np.bincount(place, values) ** 2).sum() - (values**2).sum())
        for values in (np.ones_like(luck), luck)
    )
    own, both = float(weight @ weight), float((np.bincount(place, weight) ** 2).sum())
    alike = shared / pairs / float((luck**2).mean()) if pairs else 0.0
    return own + min(max(alike, 0.0), 1.0) * (both - own)


def _regression(rows: Sequence[_Row]) -> tuple[Floats, Floats]:
    """Treated, the log of the months before, whether these are nothing, the classes; exports."""
    y, x = (np.array([getattr(row, name) for row in rows]) for name in ("after", "before"))
    none = x <= 0
    logs = np.log(np.where(none, 1.0, x / max(float(x.mean()), 1e-12)))
    columns = [np.array([float(row.treated) for row in rows]), logs]
    if none.any() and not none.all():
        columns.append(none.astype(float))
    strata, codes = np.unique([row.stratum for row in rows], return_inverse=True)
    classes = (codes[:, None] == np.arange(len(strata))).astype(float)
    return np.column_stack([*columns, classes]), y / y.mean()


def _poisson(design: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Coefficients and means, by Newton's steps."""
    beta = np.zeros(design.shape[1])
    for _ in range(200):
        mean = np.exp(np.clip(design @ beta, -30, 30))
        step = np.linalg.lstsq((design.T * mean) @ design, design.T @ (y - mean), rcond=None)[0]
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    return beta, np.exp(np.clip(design @ beta, -30, 30))
