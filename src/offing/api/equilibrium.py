"""What a change of trade costs or tariffs does to every country: exact-hat general equilibrium."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import numpy as np
import polars as pl

from offing.api.asking import Answer, Asked, TableIn, question
from offing.api.world_scenario import (
    WorldRequest,
    WorldScenario,
    about_sectors,
    about_world,
    averages,
    first_of,
    other_models,
    read_groups,
    scenario,
    solve_sectors,
)
from offing.estimators import TINY, Floats
from offing.policy.effects import WorldModel
from offing.policy.equilibrium.counterfactual import (
    Model,
    ModelSetting,
    TradeShock,
    draws_of,
    solve,
)
from offing.policy.equilibrium.one_sector import World, WorldSolution
from offing.terms.background import tell
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.messages import say


@dataclass(frozen=True)
class EquilibriumRequest(WorldRequest):
    """Who gains and who loses when trade costs or tariffs change, with all incomes answering?

    Attributes:
        trade: see :class:`~offing.api.world_scenario.WorldRequest`, like all others.
        shock: may stand as a word.
    """

    trade: Annotated[TableIn, Asked("equilibrium.help_trade", name="TRADE")] = field()
    shock: Annotated[TableIn, Asked("equilibrium.help_shock", word=True)] = None


@dataclass(frozen=True)
class EquilibriumAnswer(Answer):
    """The world under the change, beside the world as it is.

    Attributes:
        about: the model of the figures, the first that was solved where all were asked for, and
            what it rests on.
        rows: ``country`` and changes as shares: ``welfare`` (real income), ``income``, ``prices``,
            ``exports``, ``imports``; ``welfare_low`` and ``welfare_high`` (90 % of the draws),
            null without draws; ``output``, today's, in the unit of the trade; with sectors
            ``real_wages`` and ``first_order``, the published formula of welfare; in
            ``with-revenue`` ``deficit`` (relative to its size), ``exports_over_income``,
            ``imports_over_income``, ``employment``, and ``revenue`` over today's expenditure.
        groups: ``group`` (null for all but home), ``count`` of its countries, and the means of the
            changes, weighted by today's expenditure.
        beside: other model → its real incomes as shares, in the order of the rows.
        trade: ``exporter``, ``importer``, ``before`` and ``after``.
        residual: the largest relative gap of the equations.
        world: in ``with-revenue``, changes as shares: ``trade_over_income``, at prices with
            tariffs, and ``employment``, weighted by income.
    """

    told = (
        "about.model about.theta about.draws about.changed about.home about.coefficient residual "
        "groups world beside cautions countries=rows"
    )
    about: WorldModel
    rows: pl.DataFrame
    groups: pl.DataFrame
    beside: Mapping[str, tuple[float, ...]]
    trade: pl.DataFrame
    residual: float
    world: Mapping[str, float] = field(default_factory=dict)

    @property
    def table(self) -> Any:
        """One row a country; the other models' real incomes as ``welfare_…``."""
        others = (
            pl.Series(f"welfare_{name.replace('-', '_')}", values)
            for name, values in self.beside.items()
        )
        return self.as_given(self.rows.with_columns(*others))


@question(EquilibriumRequest)
def equilibrium(request: EquilibriumRequest) -> EquilibriumAnswer:
    """Solve the world under other trade costs or tariffs, in exact changes.

    Raises:
        InputError: a table that does not fit, an unknown country in the shock, trade without
            domestic flows, an elasticity that is not positive.
        RuleError: ``equilibrium.no_solution``: no number is given.

    >>> trade = pl.DataFrame({"exporter": ["A", "A", "B", "B"], "importer": ["A", "B", "A", "B"],
    ...                       "trade": [80, 20, 20, 80]})
    >>> shock = pl.DataFrame({"exporter": ["*"], "importer": ["*"], "cost": [2 ** -0.25]})
    >>> equilibrium(trade, shock).rows["welfare"].round(4).to_list()
    [0.0466, 0.0466]
    """
    if request.sectors is not None:
        return _sector_answer(request)
    made = scenario(request)
    world, shock, setting = made.world, made.shock, made.setting
    model: Model = first_of(shock) if request.model == "all" else request.model
    main = solve(model, world, shock, setting)
    others, without = other_models(model, made, told=request.model == "all")
    low, high = _interval(model, made, request.draws, request.seed)
    rows = _rows(world, main, low, high)
    groups = averages(rows, main.spent, read_groups(request.groups, world.countries), setting.home)
    beside = {name: _welfare(solved.welfare) for name, solved in others.items()}
    about, flows = about_world(made, model, request.draws, without), _flows(world, main.trade)
    cautions = (*made.given.cautions, *made.cautions, *_cautions(model, made))
    return EquilibriumAnswer(
        about, rows, groups, beside, flows, main.residual, main.world, cautions=cautions
    )


def _welfare(change: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in change - 1)


def _sector_answer(request: EquilibriumRequest) -> EquilibriumAnswer:
    """Many sectors with intermediates, and the same tariffs on all goods in one sector."""
    if request.draws or request.theta_se:
        raise InputError("equilibrium.no_draws_by_sector")
    made = solve_sectors(request)
    economy, outcome, countries = made.before, made.after, made.given.countries
    n = len(countries)
    world = World(countries, economy.trade.sum(axis=0).T)
    main = outcome.all_goods(world.expenditure)
    none = np.full(n, np.nan)
    rows = _rows(world, main, none, none).with_columns(
        real_wages=pl.Series(outcome.real_wages - 1),
        first_order=pl.Series(outcome.terms_of_trade + outcome.volume_of_trade),
    )
    step = np.log1p(made.tariffs) - np.log1p(economy.tariffs)
    weight = economy.trade / np.maximum(economy.trade.sum(axis=0), TINY)
    one = replace(TradeShock.nothing(n), log_cost=(weight * step).sum(axis=0).T)
    setting = ModelSetting(theta=request.theta, deficits=request.deficits)
    setting.check()
    beside = {"one-sector": _welfare(solve("one-sector", world, one, setting).welfare)}
    always = map(Caution, ("equilibrium.static", "equilibrium.first_order"))
    groups = averages(rows, main.spent, read_groups(request.groups, countries), None)
    about = about_sectors(made, float(np.median(economy.theta)))
    flows = _flows(world, main.trade)
    return EquilibriumAnswer(
        about, rows, groups, beside, flows, main.residual, cautions=(*always, *made.cautions)
    )


LEAST_COST = 0.6
"""No scenario makes trade cheaper by so much: a change, or a rate, was given for its factor."""


def _cautions(model: Model, made: WorldScenario) -> tuple[Caution, ...]:
    shock, cautions = made.shock, [Caution("equilibrium.static")]
    if made.given.absent:
        cautions.append(Caution("equilibrium.empty_pairs", {"count": made.given.absent}))
    if model == "one-sector" and shock.tariffs.any():
        cautions.append(Caution("equilibrium.no_revenue"))
    if below := int((shock.tariffs < 0).sum()):
        cautions.append(Caution("equilibrium.subsidy", {"count": below}))
    if (least := float(np.exp(shock.log_cost.min()))) < LEAST_COST:
        cautions.append(Caution("equilibrium.cost_share", {"cost": f"{least:.3g}"}))
    return tuple(cautions)


def _interval(model: Model, made: WorldScenario, draws: int, seed: int) -> tuple[Floats, Floats]:
    """The 5 % and 95 % quantiles of welfare over draws of the elasticity and the effects."""
    n = len(made.world.countries)
    if not draws:
        return np.full(n, np.nan), np.full(n, np.nan)
    welfare = np.empty((draws, n))
    solved = draws_of(model, made.world, made.shock, made.setting, draws, seed)
    for number, drawn in enumerate(solved):
        welfare[number] = drawn.welfare - 1
        if number % 50 == 0:
            tell(say("equilibrium.drawing"), number / draws)
    low, high = np.quantile(welfare, [0.05, 0.95], axis=0)
    return low, high


def _rows(world: World, main: WorldSolution, low: Floats, high: Floats) -> pl.DataFrame:
    outside = 1 - np.eye(len(world.countries))

    def abroad(axis: int) -> Floats:
        before = (world.trade * outside).sum(axis=axis)
        after = (main.trade * outside).sum(axis=axis)
        return np.where(before > 0, after / np.where(before > 0, before, 1) - 1, np.nan)

    return pl.DataFrame(
        {
            "country": world.countries,
            "welfare": main.welfare - 1,
            "welfare_low": low,
            "welfare_high": high,
            "income": main.income - 1,
            "prices": main.prices - 1,
            "exports": abroad(1),
            "imports": abroad(0),
            "output": world.output,
            **main.more,
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))


def _flows(world: World, after: Floats) -> pl.DataFrame:
    n = len(world.countries)
    pairs = {"exporter": np.repeat(world.countries, n), "importer": np.tile(world.countries, n)}
    return pl.DataFrame({**pairs, "before": world.trade.ravel(), "after": after.ravel()})
