"""The outlook: the odds of each pair, and where an exporter's growth in a product goes.

For an exporter i of a product k and its markets j, h years on::

    sales_ijk  = 0 with some probability, else exp(middle + spread · shape)    ``distribution``
    gain_ijk   = G_ik · share_ijk              where growth goes: what rankings go by
    share_ijk  = ½ fitted_ijk + ½ mean of the share in three years' sales and the share by gravity
    fitted_ijk ∝ (base_ijk + small) · exp(x_ijk b)

``fitted`` corrects persistence by a factor: with b = 0 growth falls on today's sales in proportion.
It is fitted on how growth was shared out before (``penalised.shares``), so that booms and prices,
which move all markets of an exporter at once, do not mislead it. Gravity says where an exporter of
this size would sell if nothing but size and geography mattered; with the textbook's elasticities
it adds no error of estimation. What was fitted counts half, what needs no estimate the other half:
weights fitted from few years are seldom better than even ones (Timmermann 2006, Handbook of
Economic Forecasting 1, ch. 4).

``G`` is Poisson PML on the exporter's total; whether a flow stops, returns or begins are logits,
the middle of a log change is a regression of the median, its spread another. Openings further ahead
than the data reach are composed from single steps (``turnover``). How much is expected in all is
drawn to the long run, and each distribution is given the mean that is its part of that (``level``);
price tiers are made to add up to it (``adding_up``).
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from offing.estimators import TINY, one_thread, stretches
from offing.estimators.penalised import chance
from offing.forecast.outlook.distribution import LEVELS, PROBABILITIES, Distribution, ends
from offing.forecast.outlook.features import ESTABLISHED, FAMILIES, NEW, Cells, Matrix
from offing.forecast.outlook.fitting import (
    EntryFit,
    FittedParts,
    beginning,
    clip_to_seen,
    established_columns,
    fit_parts,
    scale_by_score,
    weight_by_gravity,
    weight_by_recent,
    weight_by_today,
)
from offing.forecast.outlook.training import longest_horizon, training_set
from offing.market.history import FLOOR_USD, Array, History, Mask
from offing.warehouse.kept import ROOMS, code_digest, keep_result

FITTED = 0.5
"""The weight of what was fitted in where growth goes; see decision 5."""
COMMON_SHARE = 0.45
"""Of the spread of errors, the part that all flows of a year may share (a boom, a slump): with few
earlier years it has hardly been seen, so intervals are widened by ``sqrt(1 + share / years)``."""


@dataclass(frozen=True)
class Forecast:
    """The outlook of the cells of a product, flat as in ``features.Cells``.

    Attributes:
        sales: the distribution of later sales: all but ``gain`` is read from it.
        base: sales today, USD.
        gain: what a ranking by growth goes by, USD: rises; :func:`align_to_level` sets their sum.
        because: part of the explanation → USD; the parts add up to ``expected - base``.
        lasting: probability that sales where there are none today last; of other cells 1.
        known: whether the spread could be estimated; where not, intervals are ``nan``.
    """

    sales: Distribution
    base: Array
    gain: Array
    because: dict[str, Array]
    lasting: Array | float = 1.0
    known: bool = True

    @property
    def new(self) -> Mask:
        """Cells without a flow in the base year."""
        return np.asarray(self.base == 0)

    @cached_property
    def expected(self) -> Array:
        """Mean, USD."""
        return self.sales.mean

    @cached_property
    def entry(self) -> Array:
        """Probability of sales where there are none; 0 where there are."""
        return np.where(self.new, self.sales.alive if self.known else np.nan, 0.0)

    @cached_property
    def fall(self) -> Array:
        """Probability of less sales than today's."""
        below = self.sales.probability_below(self.base)
        return below if self.known else np.full(len(self.base), np.nan)

    @cached_property
    def growth(self) -> Array:
        """Log of the median change of flows that go on; 0 where there is no flow yet."""
        old = ~self.new
        middle = self.sales.scale * (np.exp(self.sales.logs[:, len(PROBABILITIES) // 2]))
        return np.where(old, np.log(middle / np.where(old, self.base + FLOOR_USD, 1.0)), 0.0)

    @cached_property
    def quantiles(self) -> Array:
        """Cells × ``intervals.LEVELS``, USD."""
        if not self.known:
            return np.full((len(self.base), len(LEVELS)), np.nan)
        return np.column_stack([self.sales.quantile(level) for level in LEVELS])

    @cached_property
    def intervals(self) -> Array:
        """Cells × ``intervals.ENDS``, USD."""
        return np.full((len(self.base), 6), np.nan) if not self.known else ends(self.sales)


@dataclass(frozen=True)
class Model:
    """A trained outlook.

    Attributes:
        horizon: years ahead it is asked for.
        trained: years ahead it was fitted on; less than ``horizon`` where the data are too short.
        origins: base years it was fitted on.
        parts: what was fitted.
    """

    horizon: int
    trained: int
    origins: tuple[int, ...]
    parts: FittedParts

    @cached_property
    def stretch(self) -> float:
        """Spread grows with the root of time where the horizon was longer than the data."""
        return float(np.sqrt(self.horizon / self.trained))

    @property
    def more(self) -> float:
        """Log growth of a total beyond the long run's: what these data showed, and their spread.

        The long run is one of logs; the mean of what is as uncertain lies half the variance above.
        """
        return self.parts.more * self.horizon / self.trained

    @property
    def _widening_factor(self) -> float:
        return float(np.sqrt(1 + COMMON_SHARE / len(self.origins)))

    def __call__(self, cells: Cells, *, explain: bool = False) -> Forecast:
        """The outlook of a product's cells."""
        cells = clip_to_seen(cells, self.parts.seen)
        score = scale_by_score(cells, cells.design @ self.parts.share)
        recent, gravity = weight_by_recent(cells), weight_by_gravity(cells)
        total = np.exp(
            np.clip(self.parts.total(cells.exporters) + np.log(cells.exports + FLOOR_USD), -30, 60)
        )
        total = (total * self.stretch)[cells.row]
        gain = total * (FITTED * score + (1 - FITTED) * (recent + gravity) / 2)
        because = _explain_gain(cells, self.parts.share, total, score) if explain else {}
        sales = self.distribution(cells)
        if explain:
            because["own"] = sales.mean - cells.base - np.sum(list(because.values()), axis=0)
        return Forecast(sales, cells.base, gain, because, self._lasting(cells))

    def _lasting(self, cells: Cells) -> Array:
        """Probability that what begins is there the year before the horizon too.

        Where only the next year could be trained on, it is what such pairs do year by year.
        """
        if self.horizon == 1:
            return np.ones(len(cells.base))
        design = beginning(cells.design)
        if self.trained == 1:
            returning, new = (
                self.parts.turnover.lasting(chance(fit.chance(design)), self.horizon, back)
                for fit, back in zip(self._beginnings, (True, False), strict=True)
            )
        else:
            returning, new = (chance(fit.lasting(design)) for fit in self._beginnings)
        return np.where(cells.new, np.where(cells.returns, returning, new), 1.0)

    @property
    def _beginnings(self) -> tuple[EntryFit, EntryFit]:
        return self.parts.returning, self.parts.new

    def distribution(self, cells: Cells) -> Distribution:
        """Of later sales as fitted, before the level of the product is set."""
        alive, logs = np.zeros(len(cells.base)), np.zeros((len(cells.base), len(PROBABILITIES)))
        old, going = ~cells.new, self.parts.going
        design = established_columns(cells.design[old])
        alive[old] = (1 - chance(going.stop(design))) ** self.stretch
        spread = going.spread(design) * self._widening_factor
        error = going.errors(cells.base[old], cells.seen[old]) * spread[:, None]
        change = np.clip((going.middle(design)[:, None] + error) * self.stretch, -30, 30)
        logs[old] = np.log(cells.base[old] + FLOOR_USD)[:, None] + change
        kinds = cells.returns, cells.new & ~cells.returns
        steps = self.horizon / self.trained
        for kind, fit, back in zip(kinds, self._beginnings, (True, False), strict=True):
            chances, logs[kind] = self._beginning(beginning(cells.design[kind]), fit)
            alive[kind] = self.parts.turnover.stretch_probability(chances, steps, back)
        # Errors of small flows are wild: nothing goes beyond what the world trades today.
        return Distribution.of(alive, logs, float(cells.base.sum()))

    @staticmethod
    def _beginning(design: Matrix, fit: EntryFit) -> tuple[Array, Array]:
        logs = np.clip(fit.size(design)[:, None] + fit.errors, -30, 60)
        return chance(fit.chance(design)), logs


def _explain_gain(cells: Cells, slopes: Array, total: Array, score: Array) -> dict[str, Array]:
    """Split the gain: in proportion to today's sales, what was fitted by family, the rest.

    What was fitted is split by the logarithmic mean Divisia index (Ang, 2004, Energy Policy
    32:1131-1139): each family's part is its part of the log ratio.
    """
    today = weight_by_today(cells)
    log_ratio = np.log(np.maximum(score, TINY) / np.maximum(today, TINY))
    same = np.abs(log_ratio) < 1e-9
    mean = FITTED * total * np.where(same, score, (score - today) / np.where(same, 1.0, log_ratio))
    first, size = stretches(cells.row)
    parts: dict[str, Array] = {"in_proportion": total * today}
    rest = log_ratio.copy()
    names = [FAMILIES[n] for n in (*ESTABLISHED, *NEW)] + ["rest"]
    for family in dict.fromkeys(FAMILIES.values()):
        at = [i for i, name in enumerate(names) if name == family]
        effect = cells.design[:, at] @ slopes[at]
        effect -= np.repeat(np.add.reduceat(effect * today, first), size)
        rest -= effect
        parts[family] = mean * effect
    parts["rest"] = mean * rest
    half = (1 - FITTED) * total / 2
    parts["recent"] = half * (weight_by_recent(cells) - today)
    if cells.gravity_trade is None:
        parts["recent"] *= 2
    else:
        parts["gravity"] = half * (weight_by_gravity(cells) - today)
    return parts


def train(history: History, horizon: int, *, seed: int, size: int) -> Model | None:
    """The outlook's model from everything up to the history's last year; kept once it is made.

    The linear algebra runs on one thread: matrices are small, and the bytes are the same anywhere.
    Nothing after the base year may be in the history. About ``size`` cells are fitted on.

    Returns:
        The model, or ``None`` where no earlier year with an outcome exists.
    """
    trained = longest_horizon(history, horizon)
    if trained is None:
        return None
    # Horizons beyond the data share one and the same horizon: it is fitted once.
    key = "model", history.years[-1], trained, seed, size
    if key not in history.fits:

        def make() -> Model:
            return _train_model(history, trained, seed, size)

        rests_on = (history.digest, *key, code_digest(*ROOMS))
        history.fits[key] = keep_result(rests_on, make) if history.digest else make()
    model: Model = history.fits[key]
    return replace(model, horizon=horizon)


def _train_model(history: History, horizon: int, seed: int, size: int) -> Model:
    import scipy.linalg  # noqa: F401 - its own copy of the library must be there to be limited

    data = training_set(history, horizon, seed=seed, size=size)
    with one_thread():
        return Model(horizon, horizon, data.origins, fit_parts(data))
