"""What a change of trade costs or tariffs does to every country: exact-hat general equilibrium."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import polars as pl

from offing.api.asking import Answer, Asked, Caution, TableIn, question
from offing.policy.equilibrium import one_sector, with_revenue
from offing.policy.equilibrium.one_sector import Array, Deficits, World
from offing.policy.equilibrium.with_revenue import Economy, Rebate
from offing.sources.own_table import first_row, numbers, own_table
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated, say
from offing.terms.nearest import nearest
from offing.terms.progress import tell

Model = Literal["one-sector", "with-revenue"]
VALUES = ("trade", "value_usd")
CHANGES = ("tariff", "cost", "effect")
ALL = "*"


@dataclass(frozen=True)
class EquilibriumRequest:
    """Who gains and who loses when trade costs or tariffs change, with all incomes answering?

    Attributes:
        trade: a table with ``exporter``, ``importer`` and ``trade`` (or ``value_usd``): one year,
            one unit of money, trade within each country too.
        shock: a table with ``exporter``, ``importer`` (``*`` for all others) and one of ``tariff``
            (new ad valorem rate, 0.25 is 25 %), ``cost`` (factor on the cost of trade, 0.9 is a
            tenth cheaper) or ``effect`` (change of the log of trade at given prices, such as a
            gravity coefficient), with ``se`` where it is known.
        model: ``one-sector``, or ``with-revenue`` for tariffs that raise revenue, with labour
            supply.
        theta: trade elasticity, positive; ``theta_se`` its standard error.
        deficits: ``additive`` (a share of world output) or ``multiplicative`` (with the country).
        rebate: of the revenue: ``income_tax`` or ``lump_sum``.
        draws: of the elasticity and of the effects, for an interval; none where 0.
        seed: of the draws.
    """

    trade: Annotated[TableIn, Asked("equilibrium.help_trade", kind=Path)]
    shock: Annotated[TableIn, Asked("equilibrium.help_shock", kind=Path)]
    model: Annotated[Model, Asked("equilibrium.help_model")] = "one-sector"
    theta: Annotated[float, Asked("equilibrium.help_theta")] = 4.0
    theta_se: Annotated[float, Asked("equilibrium.help_theta_se")] = 0.0
    deficits: Annotated[Deficits, Asked("equilibrium.help_deficits")] = "additive"
    rebate: Annotated[Rebate, Asked("equilibrium.help_rebate")] = "income_tax"
    draws: Annotated[int, Asked("equilibrium.help_draws")] = 0
    seed: Annotated[int, Asked("equilibrium.help_seed")] = 1


@dataclass(frozen=True)
class EquilibriumAnswer(Answer):
    """The world under the change, beside the world as it is.

    Attributes:
        model: that was solved.
        theta: trade elasticity.
        rows: ``country`` and changes as shares: ``welfare`` (real income), ``income``, ``prices``,
            ``exports``, ``imports``; ``welfare_low`` and ``welfare_high`` (90 % of the draws),
            null without draws; ``welfare_other``, the same scenario in the other model, null where
            that cannot have it; ``output``, today's, in the unit of the trade.
        trade: ``exporter``, ``importer``, ``before`` and ``after``.
        residual: the largest relative gap of the equations.
        draws: how many were solved.
        cautions: message keys with their values.
    """

    model: Model
    theta: float
    rows: pl.DataFrame
    trade: pl.DataFrame
    residual: float
    draws: int
    cautions: tuple[Caution, ...] = ()

    @property
    def table(self) -> Any:
        """One row a country."""
        return self.as_given(self.rows)

    def data(self) -> dict[str, Any]:
        """The changes by country."""
        return {
            "model": self.model,
            "theta": self.theta,
            "residual": self.residual,
            "draws": self.draws,
            "countries": self.rows.to_dicts(),
            "cautions": [key for key, _ in self.cautions],
        }


@dataclass(frozen=True)
class _Shock:
    """N × N: new tariffs, log changes of trade at given prices, their standard errors."""

    tariffs: Array
    log_cost: Array
    effect: Array
    se: Array

    def freeness(self, theta: float, noise: float | Array = 0.0) -> Array:
        """The factor on trade at given prices; a tariff counts as a cost."""
        cost = self.log_cost + np.log1p(self.tariffs)
        return np.asarray(np.exp(-theta * cost + self.effect + noise * self.se))


@dataclass(frozen=True)
class _Solved:
    welfare: Array
    income: Array
    prices: Array
    trade: Array
    residual: float


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
    world = _world(request.trade)
    shock = _shock(request.shock, world)
    if request.draws < 0 or request.theta_se < 0:
        raise InputError("equilibrium.bad_draws", draws=request.draws)
    main = _solve(request, request.model, world, shock, request.theta)
    cautions: list[Caution] = [("equilibrium.static", {})]
    if empty := int((world.trade == 0).sum()):
        cautions.append(("equilibrium.empty_pairs", {"count": str(empty)}))
    if request.model == "one-sector" and shock.tariffs.any():
        cautions.append(("equilibrium.no_revenue", {}))
    other = _other(request, world, shock)
    low, high = _interval(request, world, shock)
    outside = 1 - np.eye(len(world.countries))

    def abroad(axis: int) -> Array:
        before = (world.trade * outside).sum(axis=axis)
        after = (main.trade * outside).sum(axis=axis)
        return np.where(before > 0, after / np.where(before > 0, before, 1) - 1, np.nan)

    rows = pl.DataFrame(
        {
            "country": world.countries,
            "welfare": main.welfare - 1,
            "welfare_low": low,
            "welfare_high": high,
            "welfare_other": other,
            "income": main.income - 1,
            "prices": main.prices - 1,
            "exports": abroad(1),
            "imports": abroad(0),
            "output": world.output,
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
    return EquilibriumAnswer(
        request.model,
        request.theta,
        rows,
        _flows(world, main.trade),
        main.residual,
        request.draws,
        tuple(cautions),
    )


def _solve(
    request: EquilibriumRequest, model: Model, world: World, shock: _Shock, theta: float
) -> _Solved:
    if model == "one-sector":
        change = one_sector.solve(
            world, shock.freeness(theta), theta=theta, deficits=request.deficits
        )
        return _Solved(
            change.welfare, change.expenditure, change.prices, change.trade, change.residual
        )
    if shock.log_cost.any() or shock.effect.any():
        raise InputError("equilibrium.only_tariffs")
    n = len(world.countries)
    economy = Economy(
        world.countries, world.trade, np.zeros(n), theta, 0.5, 0.67 / theta, np.ones(n)
    )
    outcome = with_revenue.solve(economy, shock.tariffs, rebate=request.rebate)
    grown = outcome.trade.sum(axis=1) / world.output
    return _Solved(outcome.welfare, grown, outcome.prices, outcome.trade, outcome.residual)


def _other(request: EquilibriumRequest, world: World, shock: _Shock) -> Array:
    """Welfare of the same scenario in the other model, where that can have it."""
    nothing = np.full(len(world.countries), np.nan)
    if not shock.tariffs.any() or shock.log_cost.any() or shock.effect.any():
        return nothing
    model: Model = "with-revenue" if request.model == "one-sector" else "one-sector"
    return _solve(request, model, world, shock, request.theta).welfare - 1


def _interval(request: EquilibriumRequest, world: World, shock: _Shock) -> tuple[Array, Array]:
    """The 5 % and 95 % quantiles of welfare over draws of the elasticity and the effects."""
    n = len(world.countries)
    if not request.draws:
        return np.full(n, np.nan), np.full(n, np.nan)
    if not request.theta_se and not shock.se.any():
        raise InputError("equilibrium.nothing_to_draw")
    random = np.random.default_rng(request.seed)
    welfare = np.empty((request.draws, n))
    for number in range(request.draws):
        theta = max(request.theta + request.theta_se * random.standard_normal(), 0.5)
        noise = random.standard_normal()  # one coefficient moves all its pairs together
        drawn = _Shock(
            shock.tariffs, shock.log_cost, shock.effect + noise * shock.se, np.zeros_like(shock.se)
        )
        welfare[number] = _solve(request, request.model, world, drawn, theta).welfare - 1
        if number % 50 == 0:
            tell(say("equilibrium.drawing"), number / request.draws)
    low, high = np.quantile(welfare, [0.05, 0.95], axis=0)
    return low, high


def _flows(world: World, after: Array) -> pl.DataFrame:
    n = len(world.countries)
    return pl.DataFrame(
        {
            "exporter": np.repeat(world.countries, n),
            "importer": np.tile(world.countries, n),
            "before": world.trade.ravel(),
            "after": after.ravel(),
        }
    )


def _read(given: TableIn, wanted: tuple[str, ...]) -> tuple[pl.DataFrame, Path, str]:
    """A table with its keys as text and the first of ``wanted`` as a number."""
    table, path = own_table(given)
    column = next((name for name in wanted if name in table.columns), wanted[0])
    for name in ("exporter", "importer", column):
        if name not in table.columns:
            known = enumerated(name for name in table.columns if name != "row")
            raise InputError("gravity.no_such_column", where=Where(path), text=name, all=known)
        if (at := first_row(table, pl.col(name).is_null())) is not None:
            raise InputError("gravity.blank_key", where=Where(path, at["row"], name), column=name)
    keys = (pl.col(name).cast(pl.String).str.strip_chars() for name in ("exporter", "importer"))
    extra = [name for name in ("se",) if name in table.columns]
    values = (numbers(table, path, name) for name in (column, *extra))
    return table.select("row", *keys, *values), path, column


def _world(given: TableIn) -> World:
    table, path, column = _read(given, VALUES)
    twice = pl.struct("exporter", "importer").is_duplicated()
    if (at := first_row(table, twice)) is not None:
        pair = f"{at['exporter']} → {at['importer']}"
        raise InputError("equilibrium.pair_twice", where=Where(path, at["row"]), pair=pair)
    countries = tuple(sorted({*table["exporter"], *table["importer"]}))
    place = {name: at for at, name in enumerate(countries)}
    trade = np.zeros((len(countries), len(countries)))
    for exporter, importer, value in table.select("exporter", "importer", column).iter_rows():
        trade[place[exporter], place[importer]] = np.nan if value is None else value
    world = World(countries, trade)
    world.check()
    return world


def _shock(given: TableIn, world: World) -> _Shock:
    table, path, column = _read(given, CHANGES)
    n = len(world.countries)
    place = {name: [at] for at, name in enumerate(world.countries)} | {ALL: list(range(n))}
    value, se = np.full((n, n), np.nan), np.zeros((n, n))
    errors = table["se"].to_list() if "se" in table.columns else [0.0] * table.height
    rows = table.select("row", "exporter", "importer", column).iter_rows()
    for (row, exporter, importer, number), error in zip(rows, errors, strict=True):
        for name in (exporter, importer):
            if name not in place:
                near = nearest(name, world.countries) or world.countries[0]
                raise InputError(
                    "equilibrium.unknown_country", where=Where(path, row), text=name, near=near
                )
        if number is None or not np.isfinite(number):
            raise InputError("gravity.infinite", where=Where(path, row, column), column=column)
        cells = np.ix_(place[exporter], place[importer])
        value[cells], se[cells] = number, error or 0.0
    np.fill_diagonal(value, np.nan)  # trade within a country has no border
    se[np.isnan(value)] = 0.0
    if np.isnan(value).all():
        raise InputError("equilibrium.empty_shock", where=Where(path))
    changed = np.nan_to_num(value)
    if column == "cost" and (value[~np.isnan(value)] <= 0).any():
        raise InputError("equilibrium.bad_freeness", where=Where(path))
    if column == "tariff" and (changed <= -1).any():
        raise InputError("equilibrium.bad_tariffs", where=Where(path))
    nothing = np.zeros((n, n))
    return _Shock(
        tariffs=changed if column == "tariff" else nothing,
        log_cost=np.nan_to_num(np.log(value)) if column == "cost" else nothing,
        effect=changed if column == "effect" else nothing,
        se=se,
    )
