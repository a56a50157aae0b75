"""Many sectors with intermediates and tariffs, in exact changes.

Caliendo and Parro (2015), "Estimates of the Trade and Welfare Effects of NAFTA", Review of Economic
Studies 82(1). With π the share of origin i in what n spends on j, B value added in output, G the
share of input k in the materials of j, α final demand, τ = 1 + tariff::

    ĉ_jn = ŵ_n^B_jn Π_k P̂_kn^(G_kj(1−B_jn))        P̂_jn = (Σ_i π_jni (τ̂_jni ĉ_ji)^−θ_j)^(−1/θ_j)
    X'_jn = Σ_k G_jk (1−B_kn) Y'_kn + α_jn I'_n      Y'_kn = Σ_i π'_kin X'_ki / τ'_kin
    I'_n = ŵ_n VA_n + R'_n + D_n                     Σ_jn B_jn Y'_jn = ŵ_n VA_n

Deficits D are held as shares of the world's value added. Prices are a contraction, expenditure is
linear; wages are found by Newton's method on their excess demand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from offing.estimators import TINY, Floats
from offing.policy.equilibrium.one_sector import WorldSolution, must_leave_income
from offing.terms.errors import InputError, RuleError, Where
from offing.terms.messages import join_list

INNER, SOLVED, SWEEPS, STEPS = 1e-13, 1e-9, 2_000, 30


@dataclass(frozen=True)
class SectorEconomy:
    """A world of N countries and J sectors.

    Attributes:
        trade: J × N × N, sector, buyer, seller, before tariffs, with trade inside countries.
        tariffs: the same, as shares of the value before the tariff.
        value_added: J × N, its share in output.
        materials: N × J × J, the share of input (second) in the materials of an output (third).
        theta: J, trade elasticities.
        deficits: N, what is spent above income; ``None`` for those in the trade.
    """

    trade: Floats
    tariffs: Floats
    value_added: Floats
    materials: Floats
    theta: Floats
    deficits: Floats | None = None

    @property
    def output(self) -> Floats:
        """J × N, sales of each seller."""
        return np.asarray(self.trade.sum(axis=1))

    @property
    def spending(self) -> Floats:
        """J × N, of each buyer, with tariffs."""
        return np.asarray((self.trade * (1 + self.tariffs)).sum(axis=2))

    @property
    def shares(self) -> Floats:
        """J × N × N, π; a sector in which a country buys nothing has no sellers."""
        spent = self.spending[:, :, None]
        return np.divide(
            self.trade * (1 + self.tariffs), spent, out=np.zeros_like(self.trade), where=spent > 0
        )

    @property
    def earned(self) -> Floats:
        """N, value added."""
        return np.asarray((self.value_added * self.output).sum(axis=0))

    @property
    def deficit(self) -> Floats:
        """N, imports less exports, before tariffs."""
        if self.deficits is not None:
            return self.deficits
        return np.asarray(self.trade.sum(axis=(0, 2)) - self.trade.sum(axis=(0, 1)))

    @property
    def revenue(self) -> Floats:
        """N, of tariffs."""
        return np.asarray((self.trade * self.tariffs).sum(axis=(0, 2)))

    @property
    def inputs(self) -> Floats:
        """N × J × J, the shares of materials, made to add up to one."""
        total = self.materials.sum(axis=1, keepdims=True)
        return np.asarray(self.materials / np.where(total > 0, total, 1.0))

    @property
    def left(self) -> Floats:
        """J × N, spending less materials; below nought where the data do not fit together."""
        bought = np.einsum("nkj,jn->kn", self.inputs, (1 - self.value_added) * self.output)
        return np.asarray(self.spending - bought)

    @property
    def final_demand(self) -> Floats:
        """J × N, α: what is left after materials, never below nought, shares of one."""
        rest = np.maximum(self.left, 0.0)
        total = rest.sum(axis=0)
        return np.asarray(rest / np.where(total > 0, total, np.nan))

    def check_demand(self, countries: Sequence[str], where: Where | None = None) -> None:
        """Refuse a country whose materials cost more than all that it buys.

        Raises:
            InputError: ``equilibrium.no_final_demand``.
        """
        none = np.flatnonzero(np.maximum(self.left, 0.0).sum(axis=0) <= 0)
        if none.size:
            names = join_list(countries[at] for at in none[:8])
            raise InputError("equilibrium.no_final_demand", where=where, countries=names)

    def check(self, where: Where | None = None) -> None:
        """Refuse trade that cannot be; ``where`` it was read, for the error.

        Raises:
            InputError: ``equilibrium.bad_trade``.
        """
        if not (np.isfinite(self.trade) & (self.trade >= 0)).all():
            raise InputError("equilibrium.bad_trade", where=where)


@dataclass(frozen=True)
class SectorOutcome:
    """Changes over today; 1 is no change.

    Attributes:
        wages: N, with the world's value added as the unit of account.
        prices: N, of final demand.
        income: N, value added, revenue and deficit, nominal.
        real_wages: N.
        welfare: N, real income: the model's exact change.
        terms_of_trade: N, first-order, as a share (equation 17 of the paper).
        volume_of_trade: N, first-order, as a share; the published welfare is the sum of both.
        economy: the world of the counterfactual.
        residual: the largest gap of an income to what its factors earn.
    """

    wages: Floats
    prices: Floats
    income: Floats
    real_wages: Floats
    welfare: Floats
    terms_of_trade: Floats
    volume_of_trade: Floats
    economy: SectorEconomy
    residual: float

    def all_goods(self, spent: Floats) -> WorldSolution:
        """The trade of all sectors together; ``spent`` is today's expenditure."""
        trade = self.economy.trade.sum(axis=0).T
        return WorldSolution(self.welfare, self.income, self.prices, trade, self.residual, spent)


class _WorldGiven(NamedTuple):
    """What no guess of wages changes."""

    economy: SectorEconomy
    tariffs: Floats
    reach: Floats
    alpha: Floats
    use: Floats
    earned: Floats
    deficit: Floats
    warm: dict[str, Floats]


class _Point(NamedTuple):
    """What follows from a guess of wages."""

    prices: Floats
    costs: Floats
    shares: Floats
    spending: Floats
    output: Floats
    income: Floats
    gap: Floats


def solve(
    economy: SectorEconomy,
    tariffs: Floats,
    *,
    deficits: Floats | None = None,
    countries: Sequence[str] = (),
) -> SectorOutcome:
    """The equilibrium under other tariffs and deficits.

    Args:
        economy: today.
        tariffs: J × N × N, as in the economy.
        deficits: N, of the counterfactual; today's where ``None``.
        countries: N names, for the error.

    Raises:
        InputError: see :meth:`SectorEconomy.check` and :func:`one_sector.must_leave_income`.
        RuleError: ``equilibrium.no_solution_sectors``.
    """
    economy.check()
    theta = economy.theta[:, None, None]
    reach = economy.shares * ((1 + tariffs) / (1 + economy.tariffs)) ** -theta
    use = economy.inputs * (1 - economy.value_added).T[:, None, :]
    deficit = economy.deficit if deficits is None else deficits
    fixed = _WorldGiven(
        economy, tariffs, reach, economy.final_demand, use, economy.earned, deficit,
        {"prices": np.zeros_like(economy.value_added), "spending": economy.spending},
    )  # fmt: skip
    with np.errstate(all="ignore"):  # a gap that is not finite is refused below
        wages, point = _wages(fixed)
    residual = float(np.max(np.abs(point.gap) / fixed.earned))
    if not residual < SOLVED:
        raise RuleError("equilibrium.no_solution_sectors", residual=f"{residual:.1e}", steps=STEPS)
    must_leave_income(countries or [str(n) for n in range(1, len(wages) + 1)], point.income)
    return _outcome(fixed, wages, point, residual)


def _point(fixed: _WorldGiven, log_wages: Floats) -> _Point:
    economy, theta = fixed.economy, fixed.economy.theta[:, None]
    labour = economy.value_added * log_wages
    prices, spending = fixed.warm["prices"], fixed.warm["spending"]
    for _ in range(SWEEPS):  # a contraction: value added is a part of every cost
        costs = labour + np.einsum("nkj,kn->jn", fixed.use, prices, optimize=False)
        sellers = np.exp(-theta * costs)
        bought = np.matmul(fixed.reach, sellers[:, :, None])[:, :, 0]
        fresh = np.where(bought > 0, -np.log(np.maximum(bought, TINY)) / theta, 0.0)
        step, prices = float(np.max(np.abs(fresh - prices))), fresh
        if step < INNER:
            break
    shares = fixed.reach * sellers[:, None, :] * np.exp(theta * prices)[:, :, None]
    sold = np.ascontiguousarray((shares / (1 + fixed.tariffs)).transpose(0, 2, 1))
    duty = (shares * fixed.tariffs / (1 + fixed.tariffs)).sum(axis=2)
    earned = fixed.earned * np.exp(log_wages)
    before_duty = earned + fixed.deficit * (earned.sum() / fixed.earned.sum())
    for _ in range(SWEEPS):  # linear, with a spectral radius below the share of materials
        output = np.matmul(sold, spending[:, :, None])[:, :, 0]
        income = before_duty + (duty * spending).sum(axis=0)
        new = np.einsum("nkj,jn->kn", fixed.use, output) + fixed.alpha * income
        step, spending = float(np.max(np.abs(new - spending)) / new.max()), new
        if step < INNER:
            break
    fixed.warm["prices"], fixed.warm["spending"] = prices, spending
    output = np.matmul(sold, spending[:, :, None])[:, :, 0]
    income = before_duty + (duty * spending).sum(axis=0)
    gap = (economy.value_added * output).sum(axis=0) - earned
    return _Point(prices, costs, shares, spending, output, income, gap)


def _wages(fixed: _WorldGiven) -> tuple[Floats, _Point]:
    """Log wages at which every factor earns its income; Broyden's method from a numeric slope."""
    n = len(fixed.earned)
    log_wages = np.zeros(n)
    point = _point(fixed, log_wages)
    inverse = np.linalg.inv(_slope(fixed, log_wages, point.gap / fixed.earned))
    for _ in range(STEPS):
        gap = point.gap / fixed.earned
        if np.max(np.abs(gap)) < 1e-12:
            break
        step = -inverse @ gap
        step *= min(1.0, 0.5 / np.abs(step).max())
        log_wages = log_wages + step
        log_wages -= np.log(fixed.earned @ np.exp(log_wages) / fixed.earned.sum())
        point = _point(fixed, log_wages)
        turned = inverse @ (point.gap / fixed.earned - gap)
        inverse = inverse + np.outer(step - turned, step @ inverse) / (step @ turned)
    return log_wages, point


def _slope(fixed: _WorldGiven, log_wages: Floats, gap: Floats) -> Floats:
    n, size = len(gap), 1e-5
    slope = np.empty((n, n))
    for at in range(n):
        moved = log_wages.copy()
        moved[at] += size
        slope[:, at] = (_point(fixed, moved).gap / fixed.earned - gap) / size
    # Income adds up for the whole world: in place of one row the unit of account is held.
    return np.asarray(slope + np.outer(np.ones(n), fixed.earned / fixed.earned.sum()))


def _outcome(
    fixed: _WorldGiven, log_wages: Floats, point: _Point, residual: float
) -> SectorOutcome:
    economy = fixed.economy
    wages = np.exp(log_wages)
    before = economy.earned + economy.revenue + economy.deficit
    prices = np.exp((fixed.alpha * point.prices).sum(axis=0))
    trade = point.shares * point.spending[:, :, None] / (1 + fixed.tariffs)
    change = np.exp(point.costs) - 1
    sold = (economy.trade * change[:, None, :]).sum(axis=(0, 1))
    paid = (economy.trade * change[:, None, :]).sum(axis=(0, 2))
    grown = np.divide(trade, economy.trade, out=np.ones_like(trade), where=economy.trade > 0)
    volume = economy.tariffs * economy.trade * (grown - 1 - change[:, None, :])
    return SectorOutcome(
        wages=wages,
        prices=prices,
        income=point.income / before,
        real_wages=wages / prices,
        welfare=point.income / before / prices,
        terms_of_trade=(sold - paid) / before,
        volume_of_trade=volume.sum(axis=(0, 2)) / before,
        economy=replace(economy, trade=trade, tariffs=fixed.tariffs, deficits=None),
        residual=residual,
    )
