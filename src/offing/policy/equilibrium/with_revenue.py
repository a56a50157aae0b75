"""Tariffs that raise revenue, with labour supply and profits: one sector, exact changes.

Ignatenko, Lashkaripour, Macedoni and Simonovska (2025), "Making America Great Again? The Economic
Impacts of Liberation Day Tariffs". Firms compete under monopoly; a share ν of what is sold in a
destination stays with local agents (distribution, profits), the rest goes to the origin. With
λ = X/E, labour supply elasticity κ, scale elasticity ψ, trade elasticity ε, pass-through φ::

    s_ij = λ_ij (ŵ_i L̂_i^−ψ)^−ε (1+t_ij)^−εφ_j / S_j       P̂_j = (Ê_j/ŵ_j)^(1−φ_j) S_j^(−1/ε)
    Y_i ŵ_i L̂_i = Σ_j (1−ν_j) X'_ij + ν_i Σ_k X'_ki        X'_ij = s_ij E'_j / (1+t_ij)
    E'_j = R_j + Y_j ŵ_j L̂_j + T_j ΣY'/ΣY                  R_j = Σ_i s_ij t_ij/(1+t_ij) E'_j
    L̂_j = (τ̂_j ŵ_j / P̂_j)^κ

The revenue R lowers the tax on labour (τ̂ = 1/(1 − R/Y')) or is handed out (τ̂ = 1). Solved by
Newton's method in logs with the exact Jacobian, expenditure eliminated.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from offing.estimators import Floats
from offing.policy.equilibrium.one_sector import WorldSolution, must_leave_income
from offing.terms.errors import RuleError

Rebate = Literal["income_tax", "lump_sum"]

CLOSE, SOLVED, STEPS, LARGEST_STEP = 1e-11, 1e-9, 80, 0.7


@dataclass(frozen=True)
class RevenueEconomy:
    """Trade, incomes and parameters, consistent with one another.

    Attributes:
        countries: N codes.
        trade: N × N values, origins in rows, with trade inside countries.
        kept: N, the share ν of a destination's purchases that its own agents keep.
        elasticity: ε, of trade.
        labour_supply: κ, of labour to the real wage after tax.
        scale: ψ, of productivity to employment.
        pass_through: N, φ of tariffs to trade.
    """

    countries: tuple[str, ...]
    trade: Floats
    kept: Floats
    elasticity: float
    labour_supply: float
    scale: float
    pass_through: Floats

    @property
    def expenditure(self) -> Floats:
        """E, purchases of each destination."""
        return np.asarray(self.trade.sum(axis=0))

    @property
    def income(self) -> Floats:
        """Y, what each country's labour earns."""
        sold = (self.trade * (1 - self.kept)).sum(axis=1)
        return np.asarray(sold + self.kept * self.trade.sum(axis=0))


def solve(
    economy: RevenueEconomy, tariffs: Floats, *, rebate: Rebate = "income_tax"
) -> WorldSolution:
    """The equilibrium under new tariffs; today's are nought.

    Args:
        economy: today.
        tariffs: N × N, on the value of goods of an origin (row) in a destination (column).
        rebate: where the revenue goes.

    Raises:
        RuleError: ``equilibrium.no_solution_revenue``.
        InputError: as :func:`one_sector.must_leave_income`.
    """
    n = len(economy.countries)
    guess = _RevenueGuess(economy, tariffs, rebate, np.zeros(n), np.zeros(n), np.zeros(n))
    steps = 0
    with np.errstate(all="ignore"):  # a gap that is not finite is refused below
        while guess.residual >= CLOSE and steps < STEPS:
            guess, steps = guess.newton_step(), steps + 1
    if not guess.residual < SOLVED:
        raise RuleError(
            "equilibrium.no_solution_revenue", residual=f"{guess.residual:.1e}", steps=steps
        )
    return _outcome(economy, guess, steps)


class _RevenueGuess:
    """The equations and their slopes at log changes of wages, spending and employment."""

    def __init__(
        self,
        economy: RevenueEconomy,
        tariffs: Floats,
        rebate: Rebate,
        w: Floats,
        e: Floats,
        labour: Floats,
    ) -> None:
        self.economy, self.tariffs, self.rebate = economy, tariffs, rebate
        self.w, self.e, self.labour = w, e, labour
        eps, phi, trade = economy.elasticity, economy.pass_through, economy.trade
        spent, earned = economy.expenditure, economy.income
        lost = trade / spent * (1 + tariffs) ** (-eps * phi)
        weighted = lost * np.exp(-eps * (w - economy.scale * labour))[:, None]
        index = weighted.sum(axis=0)
        self.shares = weighted / index
        self.log_prices = (1 - phi) * (e - w) - np.log(index) / eps
        self.spending, self.earnings = spent * np.exp(e), earned * np.exp(w + labour)
        self.trade = self.shares * self.spending / (1 + tariffs)
        self.duty_share = self.shares * tariffs / (1 + tariffs)
        self.revenue = self.duty_share.sum(axis=0) * self.spending
        self.tax_cut = self.revenue / self.earnings if rebate == "income_tax" else np.zeros_like(w)
        self.transfer = (spent - earned) / earned.sum()
        kept = economy.kept
        self.bought = self.trade.sum(axis=0)
        self.to_origin = self.trade * (1 - kept)
        self.sales_gap = self.to_origin.sum(axis=1) + kept * self.bought - self.earnings
        self.spending_gap = (
            self.revenue + self.earnings + self.transfer * self.earnings.sum() - self.spending
        )
        real_wage = -np.log1p(-self.tax_cut) + w - self.log_prices
        self.labour_gap = labour - economy.labour_supply * real_wage
        self.level_gap = float(spent @ np.expm1(self.log_prices) / spent.sum())

    @property
    def residual(self) -> float:
        """The largest gap: of money as a share of income, of labour in logs, of the price level."""
        gaps = (self.sales_gap / self.earnings, self.spending_gap / self.spending, self.labour_gap)
        largest = max(float(np.max(np.abs(gap))) for gap in gaps)
        return max(largest, abs(self.level_gap)) if np.isfinite(largest) else np.inf

    def newton_step(self) -> "_RevenueGuess":
        """One Newton step on, shortened where it is long.

        Slopes are by log unit cost a = w − ψ l and log earnings y = w + l, spending e eliminated.
        """
        economy, n = self.economy, len(self.w)
        eps, kappa, psi = economy.elasticity, economy.labour_supply, economy.scale
        eye, shares = np.diag_indices(n), self.shares
        rate = self.duty_share.sum(axis=0)
        revenue_a = -eps * (self.spending * (self.duty_share - shares * rate)).T
        spending_y = np.outer(self.transfer, self.earnings)
        spending_y[eye] += self.earnings
        own = 1 / (self.spending - self.revenue)
        e_gap = own * self.spending_gap
        e_a, e_y = own[:, None] * revenue_a, own[:, None] * spending_y
        slack = 1 - economy.pass_through
        price_a, price_y = shares.T + slack[:, None] * e_a, slack[:, None] * e_y
        cut = np.zeros(n) if self.rebate == "lump_sum" else 1 / (1 - self.tax_cut)
        tax_e = cut * self.revenue / self.earnings
        tax_a = (cut / self.earnings)[:, None] * revenue_a + tax_e[:, None] * e_a
        tax_y = tax_e[:, None] * e_y
        tax_y[eye] -= cut * self.tax_cut
        sales_a, sales_e = self._sales_slopes()
        sales_a, sales_y = sales_a + sales_e @ e_a, sales_e @ e_y
        sales_y[eye] -= self.earnings
        labour_a, labour_y = -kappa * (tax_a - price_a), -kappa * (tax_y - price_y)
        slope = np.block(
            [
                [sales_a + sales_y, sales_y - psi * sales_a],
                [
                    labour_a + labour_y - kappa * np.diag(1 + slack),
                    labour_y - psi * labour_a + np.eye(n),
                ],
            ]
        )
        # the last market clears by Walras; in its place the price level is held
        weights = economy.expenditure * np.exp(self.log_prices) / economy.expenditure.sum()
        level_a, level_y = weights @ price_a, weights @ price_y
        slope[n - 1] = np.concatenate(
            [level_a + level_y - weights * slack, level_y - psi * level_a]
        )
        gap = np.concatenate(
            [
                (self.sales_gap + sales_e @ e_gap)[:-1],
                [self.level_gap + weights @ (slack * e_gap)],
                self.labour_gap - kappa * (tax_e - slack) * e_gap,
            ]
        )
        step = np.linalg.solve(slope, -gap)
        w, labour = step[:n], step[n:]
        e = e_gap + e_a @ (w - psi * labour) + e_y @ (w + labour)
        short = min(1.0, LARGEST_STEP / max(np.abs(step).max(), np.abs(e).max()))
        moved = (self.w + short * w, self.e + short * e, self.labour + short * labour)
        return _RevenueGuess(self.economy, self.tariffs, self.rebate, *moved)

    def _sales_slopes(self) -> tuple[Floats, Floats]:
        """What each origin earns, by log unit costs and by log spending."""
        eps, kept, eye = self.economy.elasticity, self.economy.kept, np.diag_indices(len(self.w))
        sales_a = eps * (
            self.to_origin @ self.shares.T + (kept * self.bought)[:, None] * self.shares.T
        )
        sales_a -= eps * kept[:, None] * self.trade.T
        sales_a[eye] -= eps * self.to_origin.sum(axis=1)
        sales_e = self.to_origin.copy()
        sales_e[eye] += kept * self.bought
        return sales_a, sales_e


def _outcome(economy: RevenueEconomy, solved: _RevenueGuess, steps: int) -> WorldSolution:
    spent, earned, kappa = economy.expenditure, economy.income, economy.labour_supply
    prices = np.exp(solved.log_prices)
    labour_part = kappa * (1 - solved.tax_cut) * earned / (1 + kappa)
    grown, wage_sum = np.exp(solved.e), np.exp(solved.w + solved.labour)
    today, later = spent - labour_part, spent * grown - labour_part * wage_sum
    must_leave_income(economy.countries, np.minimum(today, later))  # what labour is worth, paid
    welfare = later / today / prices
    outside = 1 - np.eye(len(spent))

    def over_income(axis: int) -> Floats:
        before = (economy.trade * outside).sum(axis=axis) / earned
        now = (solved.trade * outside).sum(axis=axis) / solved.earnings
        over = np.divide(now, before, out=np.full_like(now, np.nan), where=before > 0)
        return np.asarray(over, dtype=np.float64)

    def deficit(trade: Floats) -> Floats:
        return np.asarray(trade.sum(axis=0) - trade.sum(axis=1))

    before, after = deficit(economy.trade), deficit(solved.trade)
    more = {
        "deficit": np.where(before != 0, (after - before) / np.abs(np.where(before, before, 1)), 0),
        "exports_over_income": over_income(1) - 1,
        "imports_over_income": over_income(0) - 1,
        "employment": np.exp(solved.labour) - 1,
        "revenue": solved.revenue / spent,
    }
    paid = (solved.trade * (1 + solved.tariffs) * outside).sum() / (economy.trade * outside).sum()
    world = {
        "trade_over_income": float(paid / (solved.earnings.sum() / earned.sum())) - 1,
        "employment": float(np.exp(solved.labour) @ earned / earned.sum()) - 1,
    }
    income = solved.trade.sum(axis=1) / economy.trade.sum(axis=1)
    return WorldSolution(
        welfare, income, prices, solved.trade, solved.residual, spent, more, world, steps
    )


FIRM_SHARE = 0.67
"""ε ψ, the firm-level share of the trade elasticity, where no scale elasticity is given."""


@dataclass(frozen=True)
class Parameters:
    """What the paper takes from elsewhere.

    Attributes:
        elasticity: ε.
        labour_supply: κ.
        scale: ψ; ``FIRM_SHARE`` over ε where ``None``.
        pass_through: of a tariff to the prices of firms; φ is higher by what distributors keep.
        kept: the share of foreign and of home sales that stays with distributors, for the world
            beside the home country and for it.
        krugman: Eaton, Kortum and Krugman: nothing is kept, and φ is ``pass_through``.
    """

    elasticity: float = 4.0
    labour_supply: float = 0.5
    scale: float | None = None
    pass_through: float = 1.0
    kept: tuple[float, float] = (0.12, 0.26)
    krugman: bool = False

    @property
    def psi(self) -> float:
        """The scale elasticity as given, or as the paper has it."""
        return FIRM_SHARE / self.elasticity if self.scale is None else self.scale

    def economy(self, countries: tuple[str, ...], trade: Floats, kept: Floats) -> RevenueEconomy:
        """Trade with these parameters; φ follows from what is kept."""
        psi = self.psi
        phi = (1 + psi) / (1 - kept) - psi - 1 + self.pass_through
        return RevenueEconomy(countries, trade, kept, self.elasticity, self.labour_supply, psi, phi)


def economy_of(
    countries: tuple[str, ...],
    foreign: Floats,
    gdp: Floats,
    *,
    home: int,
    parameters: Parameters = Parameters(),
) -> RevenueEconomy:
    """An economy from foreign trade and output, as the paper builds it.

    Args:
        countries: N codes.
        foreign: N × N foreign trade; its diagonal is not read.
        gdp: N, in the unit of the trade.
        home: the country whose tariffs are studied.
        parameters: those of the paper.
    """
    trade = np.array(foreign, dtype=float)
    np.fill_diagonal(trade, 0.0)
    bought = trade.sum(axis=0)
    kept = _solve_targets(trade, gdp, home, parameters.kept)
    deficit = (1 - kept) * (bought - (trade * (1 - kept)).sum(axis=1))
    np.fill_diagonal(trade, np.maximum(gdp + deficit - bought, 0.0))
    return parameters.economy(countries, trade, kept * (not parameters.krugman))


def _solve_targets(trade: Floats, gdp: Floats, home: int, targets: tuple[float, float]) -> Floats:
    """ν of the rest of the world and of the home country, so that both targets are met."""
    from scipy.optimize import root

    is_home = np.arange(len(gdp)) == home
    exports, imports = trade[is_home].sum(), trade[:, is_home].sum()
    output = np.array([gdp[~is_home].sum(), gdp[is_home].sum()])
    inside = trade.sum() - exports - imports
    two = np.array([[inside, imports], [exports, 0.0]])

    def gap(nu: Floats) -> list[float]:
        spent = output + (1 - nu) * (two.sum(axis=0) - (two * (1 - nu)).sum(axis=1))
        rest = (spent[0] - two[1, 0]) / (spent[0] - two[1, 0] + two[0, 1])
        own = (spent[1] - two[0, 1]) / (spent[1] - two[0, 1] + two[1, 0])
        return [
            (1 - rest) * nu[1] + rest * nu[0] - targets[0],
            own * nu[1] + (1 - own) * nu[0] - targets[1],
        ]

    roots = root(gap, np.array([0.1, 0.24]), tol=1e-13)
    if not roots.success:
        raise RuleError(
            "equilibrium.no_solution_revenue", residual=f"{max(map(abs, roots.fun)):.1e}", steps=0
        )
    nu = np.maximum(roots.x, 0.0)
    return np.asarray(np.where(is_home, nu[1], nu[0]))


def optimal_tariff(economy: RevenueEconomy, home: int, *, answered: bool) -> float:
    """The tariff that is best for one country: first-order, one rate for all origins.

    ``t = 1 / ((1 + δ ε) φ − 1)`` with δ the room that its exports leave abroad over what it buys
    abroad (section 3 of the paper). Where the others answer, the authors' programme takes what it
    would buy abroad with its income alone, without its deficit; so do the printed figures.
    """
    own = np.arange(len(economy.countries)) == home
    share_abroad = 1 - economy.trade[home] / economy.expenditure
    to_origin = 1 - economy.kept
    exports = float((economy.trade[home] * to_origin * share_abroad)[~own].sum())
    means = economy.income if answered else economy.expenditure
    imports = float((means[home] - economy.trade[home, home]) * to_origin[home])
    return _best(exports / imports, economy.elasticity, economy.pass_through[home])


def optimal_retaliation(economy: RevenueEconomy, home: int) -> Floats:
    """N, the tariffs on goods of one country that are best for all others acting as one."""
    own = np.arange(len(economy.countries)) == home
    to_origin = 1 - economy.kept
    sold = float(economy.trade[~own, home].sum())
    share = sold / float(economy.trade[:, home].sum())
    earned = float(economy.income[~own].sum() - economy.trade[np.ix_(~own, ~own)].sum())
    room = sold * to_origin[home] * (1 - share) / (to_origin[~own][0] * earned)
    rates = np.array([_best(room, economy.elasticity, phi) for phi in economy.pass_through])
    return np.where(own, 0.0, rates)


def _best(room: float, elasticity: float, pass_through: float) -> float:
    return 1 / ((1 + room * elasticity) * pass_through - 1)
