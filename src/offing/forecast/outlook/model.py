"""The outlook: where an exporter's growth in a product goes, how much of it there is, what is lost.

For an exporter i of a product k and its markets j, h years on::

    gain_ijk     = G_ik · share_ijk             sales above today's
    share_ijk    = ½ fitted_ijk + ½ mean of today's share and the share by gravity
    fitted_ijk   ∝ (base_ijk + small) · exp(x_ijk b)
    expected_ijk = base_ijk · (1 - loss_ijk) + gain_ijk

``fitted`` corrects persistence by a factor: with b = 0 growth falls on today's sales in proportion.
It is fitted on how growth was shared out before (``penalised.shares``), so that booms and prices,
which move all markets of an exporter at once, do not mislead it. Gravity says where an exporter of
this size would sell if nothing but size and geography mattered; with the textbook's elasticities
it adds no error of estimation. What was fitted counts half, what needs no estimate the other half:
weights fitted from few years are seldom better than even ones (Timmermann 2006, Handbook of
Economic Forecasting 1, ch. 4).

``G`` is Poisson PML on the exporter's total, ``loss`` a fractional logit, the probability of a
new flow a logit. Rankings go by the gain. How much is expected in all is drawn to the long run
(``level``); price tiers are made to add up to that (``adding_up``).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from offing.estimators.penalised import Linear, least_squares, logistic, poisson, shares
from offing.forecast.outlook.features import COLUMNS, ESTABLISHED, FAMILIES, NEW, Cells, Matrix
from offing.forecast.outlook.intervals import LEVELS, Errors, ends
from offing.forecast.outlook.sharing import by_gravity, by_today, corrected, start
from offing.forecast.outlook.training import CELLS, TrainingSet, longest_horizon, training_set
from offing.market.history import Array, History, Mask

SMALLEST_ERROR = 0.05
"""Added to the size of an error before its log is taken: a lucky hit is no lasting precision."""
FITTED = 0.5
"""The weight of what was fitted in where growth goes; see ``docs/decisions/0005``."""
COMMON_SHARE = 0.45
"""Of the spread of errors, the part that all flows of a year may share (a boom, a slump): with few
earlier years it has hardly been seen, so intervals are widened by ``sqrt(1 + share / years)``."""
FLOOR_USD = 1_000.0
"""Added inside logs of the interval model: changes below it are not told apart."""

_ESTABLISHED = slice(0, len(ESTABLISHED))
_NEW = slice(len(ESTABLISHED), len(COLUMNS) - 1)
_NEVER = Linear(-30.0, np.zeros(len(NEW)))
"""The predictor of new flows where none was ever seen."""


@dataclass(frozen=True)
class Forecast:
    """The outlook of the cells of a product, flat as in ``features.Cells``.

    Attributes:
        expected: mean, USD.
        gain: mean of the sales above today's, USD: what a ranking by growth goes by.
        entry: probability that a pair without a flow has a lasting one; 0 where there is a flow.
        growth: mean log change; 0 where there is no flow yet.
        quantiles: cells × ``intervals.LEVELS``, USD.
        new: cells without a flow in the base year.
        because: part of the explanation → USD; the parts add up to ``expected - base``.
    """

    expected: Array
    gain: Array
    entry: Array
    growth: Array
    quantiles: Array
    new: Mask
    because: dict[str, Array]

    @cached_property
    def intervals(self) -> Array:
        """Cells × ``intervals.ENDS``, USD; of a flow that exists, 80 and 95 % hold the mean."""
        made = ends(self.quantiles)
        for at in (0, 2):
            low, high = made[:, at], made[:, at + 1]
            made[:, at] = np.where(self.new, low, np.minimum(low, self.expected))
            made[:, at + 1] = np.where(self.new, high, np.maximum(high, self.expected))
        # Rounding must not lift the end of a narrow interval over that of a wide one.
        for wide, narrow in ((3, 5), (1, 3)):
            made[:, wide] = np.maximum(made[:, wide], made[:, narrow])
        return made


@dataclass(frozen=True)
class Model:
    """A trained outlook.

    Attributes:
        horizon: years ahead it is asked for.
        trained: years ahead it was fitted on; less than ``horizon`` where the data are too short.
        origins: base years it was fitted on.
    """

    horizon: int
    trained: int
    origins: tuple[int, ...]
    share: Array
    total: Linear
    loss: Linear
    entry: Linear
    seen_again: Linear
    middle: Linear
    scale: Linear
    entry_size: Linear
    errors: Errors
    entry_errors: Errors

    @cached_property
    def stretch(self) -> float:
        """Spread grows with the root of time where the horizon was longer than the data."""
        return float(np.sqrt(self.horizon / self.trained))

    @property
    def _widened(self) -> float:
        return float(np.sqrt(1 + COMMON_SHARE / len(self.origins)))

    def spread(self, established: Matrix) -> Array:
        """How large the error of a flow's log change usually is."""
        return np.exp(np.clip(self.scale(established), -4, 4))

    def __call__(self, one: Cells, *, explain: bool = False) -> Forecast:
        """The outlook of a product's cells."""
        new = one.new
        fitted = corrected(one, one.design @ self.share)
        today, gravity = by_today(one), by_gravity(one)
        total = np.exp(
            np.clip(self.total(one.exporters) + np.log(one.exports + FLOOR_USD), -30, 60)
        )
        total = (total * self.stretch)[one.row]
        gain = total * (FITTED * fitted + (1 - FITTED) * (today + gravity) / 2)
        established = one.design[:, _ESTABLISHED]
        kept = 1 - _probability(self.loss(established))
        loss = np.where(new, 0.0, one.base * (1 - kept**self.stretch))
        entry = np.where(
            new, 1 - (1 - _probability(self.entry(one.design[:, _NEW]))) ** self.stretch, 0
        )
        because = {}
        if explain:
            because = {"losses": -loss} | _explained(one, self.share, total, today, fitted, gravity)
        return Forecast(
            expected=one.base - loss + gain,
            gain=gain,
            entry=entry,
            growth=np.where(new, 0.0, self.middle(established) * self.stretch),
            quantiles=self._quantiles(one, established),
            new=new,
            because=because,
        )

    def _quantiles(self, one: Cells, established: Matrix) -> Array:
        new = one.new
        made = np.zeros((len(one.base), len(LEVELS)))
        old = ~new
        spread = self.spread(established[old]) * self._widened
        error = self.errors(one.base[old], one.seen[old]) * spread[:, None]
        log = np.clip((self.middle(established[old])[:, None] + error) * self.stretch, -30, 30)
        made[old] = np.maximum((one.base[old] + FLOOR_USD)[:, None] * np.exp(log) - FLOOR_USD, 0)
        if new.any():
            features = one.design[new][:, _NEW]
            seen = 1 - (1 - _probability(self.seen_again(features))) ** self.stretch
            size = self.entry_size(features)
            table = self.entry_errors.table.mean(axis=(0, 1))
            # The level inside the part that enters; below its start the quantile is zero.
            inside = (np.asarray(LEVELS) - (1 - seen)[:, None]) / np.maximum(seen, 1e-12)[:, None]
            error = np.interp(inside, LEVELS, table)
            made[new] = np.where(inside > 0, np.exp(np.clip(size[:, None] + error, -30, 60)), 0)
        # Errors of small flows are wild: no quantile goes beyond what the world trades today.
        world = max(float(one.base.sum()), FLOOR_USD)
        return np.minimum(np.maximum.accumulate(made, axis=1), world)


def _probability(predictor: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(predictor, -30, 30))))


def _explained(
    one: Cells, slopes: Array, total: Array, today: Array, fitted: Array, gravity: Array
) -> dict[str, Array]:
    """Split the gain: in proportion to today's sales, what was fitted by family, gravity.

    What was fitted is split by the logarithmic mean Divisia index (Ang, 2004, Energy Policy
    32:1131-1139): each family's part is its part of the log ratio.
    """
    log_ratio = np.log(np.maximum(fitted, 1e-300) / np.maximum(today, 1e-300))
    same = np.abs(log_ratio) < 1e-9
    mean = (
        FITTED * total * np.where(same, fitted, (fitted - today) / np.where(same, 1.0, log_ratio))
    )
    first = np.flatnonzero(np.r_[True, np.diff(one.row) > 0])
    size = np.diff(np.r_[first, len(one.row)])
    parts: dict[str, Array] = {"in_proportion": total * today}
    rest = log_ratio.copy()
    names = [FAMILIES[n] for n in (*ESTABLISHED, *NEW)] + ["rest"]
    for family in dict.fromkeys(FAMILIES.values()):
        at = [i for i, name in enumerate(names) if name == family]
        effect = one.design[:, at] @ slopes[at]
        effect -= np.repeat(np.add.reduceat(effect * today, first), size)
        rest -= effect
        parts[family] = mean * effect
    parts["rest"] = mean * rest
    if one.by_gravity is not None:
        parts["gravity"] = (1 - FITTED) * total * (gravity - today) / 2
    return parts


def train(history: History, horizon: int, *, seed: int = 1, size: int = CELLS) -> Model | None:
    """The outlook's model from everything up to the history's last year.

    Args:
        history: must end at the base year: nothing after it may be in there.
        horizon: years ahead.
        seed: of the sampling of large data.
        size: cells to fit on, about.

    Returns:
        The model, or ``None`` where no earlier year with an outcome exists.
    """
    trained = longest_horizon(history, horizon)
    if trained is None:
        return None
    return fitted_model(training_set(history, trained, seed=seed, size=size), horizon)


def fitted_model(data: TrainingSet, horizon: int) -> Model:
    """Fit every part on the training set."""
    new = data.base == 0
    old = ~new
    share, total = _fit_gains(data)
    established = data.design[old][:, _ESTABLISHED]
    base, later, one = data.base[old], data.later[old], np.ones(int(old.sum()))
    change = np.log((later + FLOOR_USD) / (base + FLOOR_USD))
    middle = least_squares(established, change, one)
    off = change - middle(established)
    scale = least_squares(established, np.log(np.abs(off) + SMALLEST_ERROR), one)
    off /= np.exp(np.clip(scale(established), -4, 4))
    features, weight = data.design[new][:, _NEW], data.stands_for[new]

    def probability(event: Array) -> Linear:
        return logistic(features, event[new], weight) if len(weight) else _NEVER

    entry_size, entry_errors = _fit_entries(data)
    return Model(
        horizon=horizon,
        trained=data.horizon,
        origins=data.origins,
        share=share,
        total=total,
        loss=logistic(established, np.maximum(1 - later / base, 0.0), np.sqrt(base + 1e4)),
        entry=probability(data.survived),
        seen_again=probability((data.later > 0).astype(float)),
        middle=middle,
        scale=scale,
        entry_size=entry_size,
        errors=Errors.of(off, base, data.seen[old], one),
        entry_errors=entry_errors,
    )


def _fit_gains(data: TrainingSet) -> tuple[Array, Linear]:
    """How an exporter's growth is shared out among its markets, and how much of it there is."""
    gain = np.maximum(data.later - data.base, 0.0)
    totals: Array = np.bincount(data.group, gain * data.stands_for, len(data.exports)).astype(float)
    grows = totals[data.group] > 0
    share = np.zeros(len(COLUMNS))
    if grows.any():
        share = shares(
            data.design[grows],
            gain[grows],
            start(data.base, data.proportional)[grows],
            np.unique(data.group[grows], return_inverse=True)[1],
            data.stands_for[grows],
            1 / np.sqrt(totals[data.group[grows]] + 1e5),
        )
    weight = 1 / np.sqrt(data.exports + 1e5)
    return share, poisson(data.exporters, totals, np.log(data.exports + FLOOR_USD), weight)


def _fit_entries(data: TrainingSet) -> tuple[Linear, Errors]:
    """The log size of a new flow, and how far off it is."""
    arrives = (data.base == 0) & (data.later > 0)
    if arrives.sum() < 2:
        return _NEVER, Errors(np.zeros((1, 1, len(LEVELS))))
    entered, weight = data.design[arrives][:, _NEW], data.stands_for[arrives]
    size = np.log(data.later[arrives])
    fit = least_squares(entered, size, weight, 0.1)
    # One table for all new flows: their size today is zero, so there is no class to go by.
    none, once = np.zeros(len(size)), np.ones(len(size), dtype=np.int64)
    pooled = Errors.of(size - fit(entered), none, once, weight)
    return fit, Errors(np.broadcast_to(pooled.table[0, 0], pooled.table.shape))
