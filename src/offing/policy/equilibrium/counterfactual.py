"""One scenario in any of the three models: the same world, the same shock, the same answer.

What a model needs beyond trade is taken from :class:`ModelSetting`. A scenario that a model cannot
have (a change of costs where only tariffs are known) is refused in words.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from offing.estimators import Floats
from offing.policy.equilibrium import many_sectors, one_sector, with_revenue
from offing.policy.equilibrium.one_sector import Deficits, World, WorldSolution
from offing.policy.equilibrium.with_revenue import (
    Parameters,
    Rebate,
    RevenueEconomy,
    economy_of,
    optimal_retaliation,
    optimal_tariff,
)
from offing.terms.errors import InputError, Where, must_be_within

Model = Literal["one-sector", "many-sectors", "with-revenue"]
MODELS: tuple[Model, ...] = ("one-sector", "many-sectors", "with-revenue")
Tariffs = Literal["given", "optimal"]
Retaliation = Literal["none", "reciprocal", "optimal"]

LEAST_THETA = 0.5
"""A draw of the trade elasticity below this counts as this: near nought nothing is solved."""
FIVE_PER_CENT = 1.645
"""Standard errors below the mean under which 5 % of normal draws lie."""


@dataclass(frozen=True)
class TradeShock:
    """N × N: new tariffs, log changes of trade costs, log changes of trade at given prices, and
    the standard errors of the latter.
    """

    tariffs: Floats
    log_cost: Floats
    effect: Floats
    se: Floats

    @classmethod
    def nothing(cls, size: int) -> "TradeShock":
        """No change."""
        return cls(*(np.zeros((size, size)) for _ in range(4)))

    @property
    def only_tariffs(self) -> bool:
        """Whether every model can have it."""
        return not (self.log_cost.any() or self.effect.any())

    def freeness(self, theta: float) -> Floats:
        """The factor on trade at given prices; a tariff counts as a cost."""
        with np.errstate(over="ignore"):  # the solver refuses what is not finite
            change = np.exp(-theta * (self.log_cost + np.log1p(self.tariffs)) + self.effect)
        return np.asarray(change)

    def drawn(self, noise: float) -> "TradeShock":
        """With every effect ``noise`` standard errors off: one coefficient moves all its pairs."""
        return replace(self, effect=self.effect + noise * self.se)


@dataclass(frozen=True)
class Coefficient:
    """Of one variable of a panel gravity, with its standard error clustered by pair."""

    name: str
    value: float
    se: float


@dataclass(frozen=True)
class ModelSetting:
    """What the models need beyond trade.

    Attributes:
        theta: trade elasticity, positive.
        theta_se: its standard error.
        deficits: see :func:`one_sector.solve`.
        rebate: of tariff revenue, see :func:`with_revenue.solve`.
        value_added: its share in output, in ``many-sectors``; the rest is bought as materials.
        gdp: N, where the world's domestic trade was estimated from it.
        home: whose tariffs are studied, in ``with-revenue``; ``None`` where nobody says.
        parameters: of ``with-revenue`` beside θ.
        foreign: N × N foreign trade as given, where ``gdp`` is.
    """

    theta: float
    theta_se: float = 0.0
    deficits: Deficits = "additive"
    rebate: Rebate = "income_tax"
    value_added: float = 1.0
    gdp: Floats | None = None
    home: int | None = None
    parameters: Parameters = field(default_factory=Parameters)
    foreign: Floats | None = field(default=None, repr=False)

    def check(self) -> None:
        """Refuse figures that cannot be.

        Raises:
            InputError: ``errors.out_of_range``, ``equilibrium.wide_theta``,
                ``errors.out_of_range``.
        """
        must_be_within("--theta", self.theta, gt=0, lt=np.inf)
        # the 5 % quantile of the draws must not be the bound that they are held to
        most = max((self.theta - LEAST_THETA) / FIVE_PER_CENT, 0.0)
        if not 0 <= self.theta_se <= most:
            raise InputError(
                "equilibrium.wide_theta", theta=self.theta, se=self.theta_se, most=f"{most:.3g}"
            )
        must_be_within("--value-added", self.value_added, gt=0, le=1)
        names = {"labour_supply": "--labour-supply", "psi": "--scale"}
        for name, option in (names | {"pass_through": "--pass-through"}).items():
            must_be_within(option, getattr(self.parameters, name), ge=0, lt=np.inf)


def solve(
    model: Model, world: World, shock: TradeShock, setting: ModelSetting, theta: float | None = None
) -> WorldSolution:
    """The world under a shock, in one of the models.

    ``theta`` stands in place of the setting's.

    Raises:
        InputError: ``equilibrium.only_tariffs``, and as the models.
        RuleError: ``equilibrium.no_solution``: no number is given.
    """
    theta = setting.theta if theta is None else theta
    if model == "one-sector":
        return one_sector.solve(
            world, shock.freeness(theta), theta=theta, deficits=setting.deficits
        )
    if not shock.only_tariffs:
        raise InputError("equilibrium.only_tariffs", model=model)
    if model == "many-sectors":
        return _solve_with_materials(world, shock, setting, theta)
    economy = economy_for(world, setting, theta)
    return with_revenue.solve(economy, shock.tariffs, rebate=setting.rebate)


def _solve_with_materials(
    world: World, shock: TradeShock, setting: ModelSetting, theta: float
) -> WorldSolution:
    """Caliendo and Parro's model with one sector that buys its materials from itself."""
    n = len(world.countries)
    nothing, added = np.zeros((1, n, n)), np.full((1, n), setting.value_added)
    itself, of = np.ones((n, 1, 1)), np.array([theta])
    economy = many_sectors.SectorEconomy(world.trade.T[None], nothing, added, itself, of)
    economy.check_demand(world.countries)
    solved = many_sectors.solve(economy, shock.tariffs.T[None], countries=world.countries)
    return solved.all_goods(world.expenditure)


def economy_for(world: World, setting: ModelSetting, theta: float) -> RevenueEconomy:
    """The economy of ``with-revenue``: the paper's where GDP is given, else the trade as it is."""
    parameters = replace(setting.parameters, elasticity=theta)
    if setting.gdp is None or setting.foreign is None:
        return parameters.economy(world.countries, world.trade, np.zeros(len(world.countries)))
    if setting.home is None:
        raise InputError("equilibrium.home_apart")
    foreign, gdp, home = setting.foreign, setting.gdp, setting.home
    return economy_of(world.countries, foreign, gdp, home=home, parameters=parameters)


def draws_of(
    model: Model, world: World, shock: TradeShock, setting: ModelSetting, count: int, seed: int
) -> Iterator[WorldSolution]:
    """The world under the shock for ``count`` draws of the elasticity and of the effects.

    Raises:
        InputError: ``equilibrium.nothing_to_draw`` where neither has an error.
        RuleError: a draw has no solution: an interval of the others would be too narrow.
    """
    if not setting.theta_se and not shock.se.any():
        raise InputError("equilibrium.nothing_to_draw")
    random = np.random.default_rng(seed)
    for _ in range(count):
        theta = max(setting.theta + setting.theta_se * random.standard_normal(), LEAST_THETA)
        yield solve(model, world, shock.drawn(random.standard_normal()), setting, theta)


def strategic(
    world: World,
    shock: TradeShock,
    setting: ModelSetting,
    tariffs: Tariffs,
    retaliation: Retaliation,
) -> TradeShock:
    """The shock with home's best tariff, and the others' answer to it.

    ``optimal`` is the first-order rule of section 3 of Ignatenko and others (2025); ``reciprocal``
    puts on home's goods what home puts on those of each country. An ``optimal`` tariff stands in
    place of those given: one rate for all origins.

    Raises:
        InputError: ``equilibrium.no_home``, ``equilibrium.only_tariffs``.
    """
    if tariffs == "given" and retaliation == "none":
        return shock
    if setting.home is None:
        raise InputError("equilibrium.no_home")
    if not shock.only_tariffs:
        raise InputError("equilibrium.only_tariffs", model=f"--retaliation {retaliation}")
    home, economy = setting.home, economy_for(world, setting, setting.theta)
    rates = shock.tariffs.copy()
    if tariffs == "optimal":
        rates[:, home] = optimal_tariff(economy, home, answered=retaliation != "none")
    if retaliation == "reciprocal":
        rates[home, :] = rates[:, home]
    elif retaliation == "optimal":
        rates[home, :] = optimal_retaliation(economy, home)
    rates[home, home] = 0.0
    return replace(shock, tariffs=rates)


def add_domestic_trade(
    countries: tuple[str, ...], foreign: Floats, gdp: Floats, where: Where | None
) -> tuple[World, list[str]]:
    """A world whose domestic trade is estimated as GDP less exports, and whose that cannot be.

    Gross output less exports is the usual measure; GDP, which has no intermediates, understates
    it. A country that exports more than its GDP (a port of transit) gets the median ratio of the
    others' domestic trade to GDP.

    Args:
        countries: N codes.
        foreign: N × N foreign trade; its diagonal is not read.
        gdp: N, in the unit of the trade.
        where: the trade was read, for the error.

    Raises:
        InputError: ``equilibrium.bad_gdp``.
    """
    trade = foreign.copy()
    np.fill_diagonal(trade, 0.0)
    own = gdp - trade.sum(axis=1)
    bad = [c for c, v in zip(countries, gdp, strict=True) if not (np.isfinite(v) and v > 0)]
    if bad or not (own > 0).any():  # all below their exports: another unit than the trade's
        names = ", ".join(bad[:8] or countries[:8])
        raise InputError("equilibrium.bad_gdp", where=where, countries=names)
    usual = float(np.median(own[own > 0] / gdp[own > 0]))
    transit = [c for c, value in zip(countries, own, strict=True) if value <= 0]
    np.fill_diagonal(trade, np.where(own > 0, own, usual * gdp))
    return World(countries, trade), transit
