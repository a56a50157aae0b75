"""What a change of trade costs or tariffs does to every country: exact-hat general equilibrium."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from offing.api.asking import Answer, Asked, Caution, TableIn, parts, question
from offing.api.sector_tables import read_sectors, read_tariffs
from offing.api.world_groups import averages, read_groups
from offing.api.world_tables import (
    Array,
    Coefficient,
    Given,
    place_of,
    read_shock,
    read_world,
    world_table,
)
from offing.policy.equilibrium import many_sectors
from offing.policy.equilibrium.counterfactual import (
    MODELS,
    Model,
    Retaliation,
    Setting,
    Shock,
    Solved,
    Tariffs,
    draws_of,
    solve,
    strategic,
)
from offing.policy.equilibrium.one_sector import Deficits, World
from offing.policy.equilibrium.with_revenue import Parameters, Rebate
from offing.terms.errors import InputError, RuleError
from offing.terms.messages import enumerated, say
from offing.terms.progress import tell

Asks = Literal["one-sector", "many-sectors", "with-revenue", "all"]
USUAL: Model = "one-sector"


@dataclass(frozen=True)
class EquilibriumRequest:
    """Who gains and who loses when trade costs or tariffs change, with all incomes answering?

    Attributes:
        trade: a table with ``exporter``, ``importer`` and ``trade`` (or ``value_usd``): one year,
            one unit of money, trade within each country too.
        shock: a table with ``exporter``, ``importer`` (``*`` for all others) and one of ``tariff``
            (new ad valorem rate, 0.25 is 25 %), ``cost`` (factor on the cost of trade, 0.9 is a
            tenth cheaper) or ``effect`` (change of the log of trade at given prices, such as a
            gravity coefficient), with ``se`` where it is known; with ``panel``, the change of one
            of its variables. ``None`` where ``tariffs`` is ``optimal``.
        model: ``one-sector``; ``many-sectors`` for tariffs with revenue and materials (here of one
            sector); ``with-revenue`` for labour supply beside it; ``all`` side by side.
        theta: trade elasticity, positive; ``theta_se`` its standard error.
        deficits: ``additive`` (a share of world output) or ``multiplicative`` (with the country).
        rebate: of the revenue in ``with-revenue``: ``income_tax`` or ``lump_sum``.
        labour_supply: elasticity of labour to the real wage, in ``with-revenue``; ``scale`` that of
            productivity to employment (0.67 / ``theta`` where ``None``), ``pass_through`` that of
            the prices of firms to a tariff; ``krugman`` for no share that distributors keep.
        value_added: its share in output, in ``many-sectors``.
        groups: a table with ``group`` and ``country``: averages by today's expenditure.
        gdp: a table with ``country`` and ``gdp`` in the unit of the trade, to estimate domestic
            trade from where the trade has none.
        home: the country whose tariffs are studied; the importer of the shock where ``None``.
        tariffs: ``optimal`` for home's best single rate in place of the shock's.
        retaliation: of the others on home's goods: ``reciprocal`` or ``optimal``.
        panel: a table of several years with ``exporter``, ``importer``, ``year``, trade and the
            shock's variable: its coefficient is estimated, with fixed effects of exporter and
            year, importer and year, and pair, on trade between countries, and drawn with its error.
            ``controls`` are further variables of it.
        sectors: for ``many-sectors`` with a ``sector`` in the trade: ``sector``, ``country``
            (``*``), ``value_added`` (share in output), ``theta``; the trade may have today's
            ``tariff``.
        inputs: ``country`` (``*``), ``output``, ``input`` and ``share`` of its materials.
        balanced: take today's deficits away first, as Caliendo and Parro do; with ``sectors``.
        draws: of the elasticity and of the effects, for an interval; none where 0.
        seed: of the draws.
    """

    trade: Annotated[TableIn, Asked("equilibrium.help_trade", name="TRADE", kind=Path)]
    shock: Annotated[TableIn, Asked("equilibrium.help_shock", kind=Path | None, word=True)] = None
    model: Annotated[Asks, Asked("equilibrium.help_model")] = USUAL
    theta: Annotated[float, Asked("equilibrium.help_theta")] = 4.0
    theta_se: Annotated[float, Asked("equilibrium.help_theta_se")] = 0.0
    deficits: Annotated[Deficits, Asked("equilibrium.help_deficits")] = "additive"
    rebate: Annotated[Rebate, Asked("equilibrium.help_rebate")] = "income_tax"
    labour_supply: Annotated[float, Asked("equilibrium.help_labour_supply")] = 0.5
    scale: Annotated[float | None, Asked("equilibrium.help_scale")] = None
    pass_through: Annotated[float, Asked("equilibrium.help_pass_through")] = 1.0
    krugman: Annotated[bool, Asked("equilibrium.help_krugman")] = False
    value_added: Annotated[float, Asked("equilibrium.help_value_added")] = 1.0
    groups: Annotated[TableIn, Asked("equilibrium.help_groups", kind=Path | None)] = None
    gdp: Annotated[TableIn, Asked("equilibrium.help_gdp", kind=Path | None)] = None
    home: Annotated[str | None, Asked("equilibrium.help_home")] = None
    tariffs: Annotated[Tariffs, Asked("equilibrium.help_tariffs")] = "given"
    retaliation: Annotated[Retaliation, Asked("equilibrium.help_retaliation")] = "none"
    panel: Annotated[TableIn, Asked("equilibrium.help_panel", kind=Path | None)] = None
    controls: Annotated[str | None, Asked("equilibrium.help_controls")] = None
    sectors: Annotated[TableIn, Asked("equilibrium.help_sectors", kind=Path | None)] = None
    inputs: Annotated[TableIn, Asked("equilibrium.help_inputs", kind=Path | None)] = None
    balanced: Annotated[bool, Asked("equilibrium.help_balanced")] = False
    draws: Annotated[int, Asked("equilibrium.help_draws")] = 0
    seed: Annotated[int, Asked("equilibrium.help_seed")] = 1


Changed = tuple[Literal["tariff", "cost", "effect"], int, float, float]


@dataclass(frozen=True)
class EquilibriumAnswer(Answer):
    """The world under the change, beside the world as it is.

    Attributes:
        model: of the figures; the first that was solved where all were asked for.
        theta: trade elasticity.
        rows: ``country`` and changes as shares: ``welfare`` (real income), ``income``, ``prices``,
            ``exports``, ``imports``; ``welfare_low`` and ``welfare_high`` (90 % of the draws),
            null without draws; ``output``, today's, in the unit of the trade; with sectors
            ``real_wages`` and ``first_order``, the published formula of welfare; in
            ``with-revenue`` ``deficit`` (relative to its size), ``exports_over_income``,
            ``imports_over_income``, ``employment``, and ``revenue`` over today's expenditure.
        groups: ``group`` (null for all but home), ``count`` of its countries, and the means of the
            changes, weighted by today's expenditure.
        beside: other model → its real incomes as shares, in the order of the rows.
        without: other model → why it cannot have the scenario.
        trade: ``exporter``, ``importer``, ``before`` and ``after``.
        residual: the largest relative gap of the equations.
        draws: how many were solved.
        changed: what the shock was taken for: ``tariff``, ``cost`` or ``effect``, on how many
            flows, the least and the most of it as shares.
        theta_se: standard error of the elasticity; ``None`` with sectors, which have their own.
        deficits: how they are held in ``one-sector``.
        rebate: of the revenue in ``with-revenue``.
        home: whose tariffs are studied, with the highest rate on its imports and its exports;
            ``None`` where nobody says.
        coefficient: of the panel; ``None`` without one.
        cautions: message keys with their values.
    """

    model: Model
    theta: float
    rows: pl.DataFrame
    groups: pl.DataFrame
    beside: Mapping[str, tuple[float, ...]]
    without: Mapping[str, str]
    trade: pl.DataFrame
    residual: float
    draws: int
    changed: Changed
    theta_se: float | None = None
    deficits: Deficits = "additive"
    rebate: Rebate = "income_tax"
    home: tuple[str, float, float] | None = None
    coefficient: Coefficient | None = None
    cautions: tuple[Caution, ...] = ()

    @property
    def table(self) -> Any:
        """One row a country; the other models' real incomes as ``welfare_…``."""
        others = (
            pl.Series(f"welfare_{name.replace('-', '_')}", values)
            for name, values in self.beside.items()
        )
        return self.as_given(self.rows.with_columns(*others))

    def data(self) -> dict[str, Any]:
        """The changes by country."""
        return {
            "model": self.model,
            "theta": self.theta,
            "residual": self.residual,
            "draws": self.draws,
            "changed": list(self.changed),
            "home": self.home,
            "coefficient": None if self.coefficient is None else vars(self.coefficient),
            "countries": self.rows.to_dicts(),
            "groups": self.groups.to_dicts(),
            "beside": {name: list(values) for name, values in self.beside.items()},
            "cautions": [key for key, _ in self.cautions],
        }


@dataclass(frozen=True)
class Scenario:
    """A world, what changes in it, and how it is to be solved."""

    given: Given
    shock: Shock
    setting: Setting
    coefficient: Coefficient | None

    @property
    def world(self) -> World:
        """Today's trade."""
        return self.given.world


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
        return _by_sector(request)
    made = scenario(request)
    world, shock, setting = made.world, made.shock, made.setting
    model: Model = _first(shock) if request.model == "all" else request.model
    main = solve(model, world, shock, setting)
    beside, without = _beside(model, made, told=request.model == "all")
    low, high = _interval(model, made, request.draws, request.seed)
    rows = _rows(world, main, low, high)
    return EquilibriumAnswer(
        model,
        setting.theta,
        rows,
        averages(rows, main.spent, read_groups(request.groups, world.countries), setting.home),
        beside,
        without,
        _flows(world, main.trade),
        main.residual,
        request.draws,
        _changed(shock),
        setting.theta_se,
        setting.deficits,
        setting.rebate,
        _home(world, shock, setting),
        made.coefficient,
        (*made.given.cautions, *_cautions(model, world, shock)),
    )


def _by_sector(request: EquilibriumRequest) -> EquilibriumAnswer:
    """Many sectors with intermediates, and the same tariffs on all goods in one sector."""
    if request.shock is None:
        raise InputError("equilibrium.no_shock")
    if request.draws or request.theta_se:
        raise InputError("equilibrium.no_draws_by_sector")
    unused = {
        "--tariffs": request.tariffs != "given",
        "--retaliation": request.retaliation != "none",
        "--panel": request.panel is not None,
        "--gdp": request.gdp is not None,
        "--value-added": request.value_added != 1,
        "--model with-revenue": request.model == "with-revenue",
        **{name: given for name, given in _of_revenue(request).items() if given},
    }
    if any(unused.values()):
        options = enumerated(name for name, given in unused.items() if given)
        raise InputError("equilibrium.not_by_sector", options=options)
    given = read_sectors(request.trade, request.sectors, request.inputs)
    tariffs = read_tariffs(request.shock, given)
    n, economy = len(given.countries), given.economy
    if request.balanced:
        economy = many_sectors.solve(economy, economy.tariffs, deficits=np.zeros(n)).economy
    outcome = many_sectors.solve(economy, tariffs)
    world = World(given.countries, economy.trade.sum(axis=0).T)
    main = Solved(
        outcome.welfare,
        outcome.income,
        outcome.prices,
        outcome.economy.trade.sum(axis=0).T,
        outcome.residual,
        world.expenditure,
    )
    none = np.full(n, np.nan)
    rows = _rows(world, main, none, none).with_columns(
        real_wages=pl.Series(outcome.real_wages - 1),
        first_order=pl.Series(outcome.terms_of_trade + outcome.volume_of_trade),
    )
    step = np.log1p(tariffs) - np.log1p(economy.tariffs)
    weight = economy.trade / np.maximum(economy.trade.sum(axis=0), 1e-300)
    one = replace(Shock.nothing(n), log_cost=(weight * step).sum(axis=0).T)
    setting = Setting(theta=request.theta, deficits=request.deficits)
    beside = solve("one-sector", world, one, setting).welfare - 1
    return EquilibriumAnswer(
        "many-sectors",
        float(np.median(economy.theta)),
        rows,
        averages(rows, main.spent, read_groups(request.groups, world.countries), None),
        {"one-sector": tuple(float(value) for value in beside)},
        {},
        _flows(world, main.trade),
        main.residual,
        0,
        ("tariff", *_ends(tariffs, tariffs != economy.tariffs)),
        cautions=(("equilibrium.static", {}), ("equilibrium.first_order", {})),
    )


def _of_revenue(request: EquilibriumRequest) -> dict[str, bool]:
    """What only ``with-revenue`` uses, and whether it was asked for."""
    return {
        "--labour-supply": request.labour_supply != Parameters.labour_supply,
        "--scale": request.scale is not None,
        "--pass-through": request.pass_through != 1,
        "--krugman": request.krugman,
    }


def scenario(request: EquilibriumRequest) -> Scenario:
    """The tables of a request, read and checked.

    Raises:
        InputError: see :func:`equilibrium`.
    """
    if request.draws < 0 or request.theta_se < 0:
        raise InputError("equilibrium.bad_draws", draws=request.draws)
    setting = Setting(
        theta=request.theta,
        theta_se=request.theta_se,
        deficits=request.deficits,
        rebate=request.rebate,
        value_added=request.value_added,
        parameters=Parameters(
            labour_supply=request.labour_supply,
            scale=request.scale,
            pass_through=request.pass_through,
            krugman=request.krugman,
        ),
    )
    setting.check()
    given = read_world(request.trade, request.gdp, setting)
    coefficient = None
    if request.shock is not None:
        coefficient = _coefficient(request)
        shock = read_shock(request.shock, given, coefficient)
    elif request.tariffs == "optimal":
        shock = Shock.nothing(len(given.world.countries))
    else:
        raise InputError("equilibrium.no_shock")
    countries, home = given.world.countries, None
    if request.home is not None:
        home = place_of(countries, request.home.strip())
    elif shock.tariffs.any():
        home = int(np.argmax((shock.tariffs != 0).sum(axis=0)))
    setting = replace(given.setting, home=home)
    shock = strategic(given.world, shock, setting, request.tariffs, request.retaliation)
    return Scenario(given, shock, setting, coefficient)


def _coefficient(request: EquilibriumRequest) -> Coefficient | None:
    """The shock's variable, estimated on the panel."""
    if request.panel is None:
        return None
    from offing.api.gravity_panel import panel_gravity

    panel, _ = world_table(request.panel)
    columns, (shock, path) = set(panel.columns) - {"row"}, world_table(request.shock)
    keys = {"row", "exporter", "importer", "year", "se"}
    name = next((n for n in shock.columns if n in columns and n not in keys), None)
    if name is None:
        raise InputError("equilibrium.no_variable", where=None, path=path)
    controls = [each for each in parts(request.controls or ()) if each != name]
    fit = panel_gravity(panel.drop("row"), [name, *controls], domestic="drop").fit
    at = fit.names.index(name)
    if not np.isfinite(fit.beta[at]):
        raise InputError("equilibrium.not_estimated", name=name)
    return Coefficient(name, float(fit.beta[at]), float(fit.errors[at]))


def _first(shock: Shock) -> Model:
    return "with-revenue" if shock.only_tariffs else USUAL


def _cautions(model: Model, world: World, shock: Shock) -> tuple[Caution, ...]:
    cautions: list[Caution] = [("equilibrium.static", {})]
    if empty := int((world.trade == 0).sum()):
        cautions.append(("equilibrium.empty_pairs", {"count": str(empty)}))
    if model == "one-sector" and shock.tariffs.any():
        cautions.append(("equilibrium.no_revenue", {}))
    return tuple(cautions)


def _beside(
    model: Model, made: Scenario, *, told: bool
) -> tuple[dict[str, tuple[float, ...]], dict[str, str]]:
    """Real incomes of the same scenario in the other models, and why one cannot have it."""
    others: dict[str, tuple[float, ...]] = {}
    without: dict[str, str] = {}
    if not (told or (made.shock.tariffs.any() and made.shock.only_tariffs)):
        return others, without
    for name in MODELS:
        if name == model or (name == "many-sectors" and not told):
            continue
        try:
            solved = solve(name, made.world, made.shock, made.setting)
        except (InputError, RuleError) as error:
            without[name] = error.found
            continue
        others[name] = tuple(float(value) for value in solved.welfare - 1)
    return others, without


def _interval(model: Model, made: Scenario, draws: int, seed: int) -> tuple[Array, Array]:
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


def _ends(values: Array, where: npt.NDArray[np.bool_]) -> tuple[int, float, float]:
    changed = values[where]
    return changed.size, float(changed.min(initial=np.inf)), float(changed.max(initial=-np.inf))


def _changed(shock: Shock) -> Changed:
    """What the shock was taken for, so that a slip of the unit is seen."""
    if shock.tariffs.any():
        return "tariff", *_ends(shock.tariffs, shock.tariffs != 0)
    if shock.log_cost.any():
        return "cost", *_ends(np.expm1(shock.log_cost), shock.log_cost != 0)
    return "effect", *_ends(np.expm1(shock.effect), shock.effect != 0)


def _home(world: World, shock: Shock, setting: Setting) -> tuple[str, float, float] | None:
    if setting.home is None or not shock.tariffs.any():
        return None
    at = setting.home
    return (
        world.countries[at],
        float(shock.tariffs[:, at].max()),
        float(shock.tariffs[at, :].max()),
    )


def _rows(world: World, main: Solved, low: Array, high: Array) -> pl.DataFrame:
    outside = 1 - np.eye(len(world.countries))

    def abroad(axis: int) -> Array:
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
