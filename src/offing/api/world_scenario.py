"""What a question of a world equilibrium is asked with, and the scenario that it means.

:func:`offing.equilibrium` and :func:`offing.whatif` share one request, :class:`WorldRequest`: what
can be asked of a world can be asked of what it does to a firm.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from offing.api.asking import Asked, TableIn, parts
from offing.api.world_tables import (
    Sectors,
    WorldData,
    code_of,
    place_of,
    read_sectors,
    read_shock,
    read_tariffs,
    read_world,
    sector_places,
    world_table,
)
from offing.estimators import Floats
from offing.policy.effects import Changed, WorldModel
from offing.policy.equilibrium import many_sectors
from offing.policy.equilibrium.counterfactual import (
    MODELS,
    Coefficient,
    Model,
    ModelSetting,
    Retaliation,
    Tariffs,
    TradeShock,
    draws_of,
    solve,
    strategic,
)
from offing.policy.equilibrium.one_sector import Deficits, World, WorldSolution
from offing.policy.equilibrium.with_revenue import Parameters, Rebate
from offing.sources.own_table import must_be_filled
from offing.terms.caution import Caution, Value
from offing.terms.errors import InputError, RuleError, Where, must_be_within
from offing.terms.messages import join_list
from offing.terms.plain import values_of

if TYPE_CHECKING:
    from offing.study.demand_response import WorldDraws


Asks = Literal["one-sector", "many-sectors", "with-revenue", "all"]
USUAL: Model = "one-sector"
NEEDS = {"controls": "panel", "inputs": "sectors", "balanced": "sectors"}
"""What means nothing without another."""
OF_ONE_SECTOR = ("rebate", "labour_supply", "scale", "pass_through", "krugman", "value_added",
                 "gdp", "home", "tariffs", "retaliation", "panel", "controls")  # fmt: skip
"""What a world of sectors does not read."""


@dataclass(frozen=True, kw_only=True)
class WorldRequest:
    """A change of trade costs or tariffs, in a world of countries whose incomes answer.

    Attributes:
        shock: a table with ``exporter``, ``importer`` (``*`` for all others) and one of ``tariff``
            (new ad valorem rate, 0.25 is 25 %), ``cost`` (factor on the cost of trade, 0.9 is a
            tenth cheaper) or ``effect`` (change of the log of trade at given prices, such as a
            gravity coefficient), with ``se`` where it is known; with ``panel``, the change of one
            of its variables. ``None`` where ``tariffs`` is ``optimal``.
        model: ``one-sector``; ``many-sectors`` for tariffs with revenue and materials (here of one
            sector); ``with-revenue`` for labour supply beside it; ``all`` side by side.
        theta: trade elasticity, positive; ``theta_se`` its standard error.
        labour_supply: elasticity of labour to the real wage, in ``with-revenue``; ``scale`` that of
            productivity to employment (0.67 / ``theta`` where ``None``), ``pass_through`` that of
            the prices of firms to a tariff; ``krugman`` for no share that distributors keep.
        panel: a table of several years with ``exporter``, ``importer``, ``year``, trade and the
            shock's variable: its coefficient is estimated, with fixed effects of exporter and
            year, importer and year, and pair, on trade between countries, and drawn with its error.
            ``controls`` are further variables of it.
        sectors: for ``many-sectors`` with a ``sector`` in the trade: ``sector``, ``country``
            (``*``), ``value_added`` (share in output), ``theta``; the trade may have today's
            ``tariff``.
    """

    trade: Annotated[TableIn, Asked("equilibrium.help_trade")] = None
    shock: Annotated[TableIn, Asked("equilibrium.help_shock")] = None
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
    groups: Annotated[TableIn, Asked("equilibrium.help_groups")] = None
    gdp: Annotated[TableIn, Asked("equilibrium.help_gdp")] = None
    home: Annotated[str | None, Asked("equilibrium.help_home")] = None
    tariffs: Annotated[Tariffs, Asked("equilibrium.help_tariffs")] = "given"
    retaliation: Annotated[Retaliation, Asked("equilibrium.help_retaliation")] = "none"
    panel: Annotated[TableIn, Asked("equilibrium.help_panel")] = None
    controls: Annotated[str | None, Asked("equilibrium.help_controls")] = None
    sectors: Annotated[TableIn, Asked("equilibrium.help_sectors")] = None
    inputs: Annotated[TableIn, Asked("equilibrium.help_inputs")] = None
    balanced: Annotated[bool, Asked("equilibrium.help_balanced")] = False
    draws: Annotated[int, Asked("equilibrium.help_draws")] = 0
    seed: Annotated[int, Asked("equilibrium.help_seed")] = 1


@dataclass(frozen=True)
class WorldScenario:
    """A world, what changes in it, and how it is to be solved."""

    given: WorldData
    shock: TradeShock
    setting: ModelSetting
    coefficient: Coefficient | None
    cautions: tuple[Caution, ...] = ()

    @property
    def world(self) -> World:
        """Today's trade."""
        return self.given.world


def scenario(request: WorldRequest) -> WorldScenario:
    """The tables of a request, read and checked.

    Raises:
        InputError: see :func:`offing.equilibrium`.
    """
    must_be_within("--draws", request.draws, ge=0)
    must_be_within("--theta-se", request.theta_se, ge=0)
    for name, other in NEEDS.items():
        if getattr(request, other) is None and (alone := typed_options(request, (name,))):
            raise InputError("equilibrium.needs", option=alone[0], other=f"--{other}")
    own = values_of(request, "theta", "theta_se", "deficits", "rebate", "value_added")
    parameters = values_of(request, "labour_supply", "scale", "pass_through", "krugman")
    setting = ModelSetting(**own, parameters=Parameters(**parameters))
    setting.check()
    tables = read_world(request.trade, request.gdp, setting)
    coefficient = None
    if request.shock is not None:
        coefficient = _coefficient(request)
        groups = read_groups(request.groups, tables.world.countries)
        shock = read_shock(request.shock, tables, coefficient, groups)
    elif request.tariffs == "optimal":
        shock = TradeShock.nothing(len(tables.world.countries))
    else:
        raise InputError("equilibrium.no_shock")
    setting = replace(tables.setting, home=_home(request, tables.world.countries, shock))
    answered = strategic(tables.world, shock, setting, request.tariffs, request.retaliation)
    cautions = [*odd_elasticities(request)]
    lost = (shock.tariffs != 0) & (shock.tariffs != answered.tariffs)
    if setting.home is not None and lost.any():  # a best tariff or an answer stands in their place
        cautions.insert(0, Caution("equilibrium.rates_replaced", {"count": int(lost.sum())}))
    return WorldScenario(tables, answered, setting, coefficient, tuple(cautions))


def _home(request: WorldRequest, countries: tuple[str, ...], shock: TradeShock) -> int | None:
    """Whose tariffs are studied: who is named, else who changes most of them, where one does."""
    if request.home is not None:
        return place_of(countries, request.home.strip())
    changed = (shock.tariffs != 0).sum(axis=0)
    most = np.flatnonzero(changed == changed.max())
    return int(most[0]) if changed.any() and len(most) == 1 else None


ESTIMATED = {
    "theta": (0.5, 30), "elasticity": (1, 50), "demand": (-5, -0.05), "supply": (0.1, 100),
}  # fmt: skip
"""Elasticities outside these are asked about: of the 4,566 trade elasticities for HS6 codes in
CEPII's ProTEE 0.1 (Fontagné, Guimbard and Orefice 2022) nine in ten lie between 2.5 and 29."""


def odd_elasticities(request: WorldRequest) -> tuple[Caution, ...]:
    """Those that hardly any product has: a slip of the decimal point."""
    typed = {name: getattr(request, name, None) for name in ESTIMATED}
    return tuple(
        Caution("policy.warn_outside", {"option": f"--{name}", "value": f"{value:g}",
                                        "least": f"{least:g}", "most": f"{most:g}"})
        for (name, value), (least, most) in zip(typed.items(), ESTIMATED.values(), strict=True)
        if value is not None and not least <= value <= most
    )  # fmt: skip


def typed_options(request: WorldRequest, names: Iterable[str]) -> list[str]:
    """The options among some that were given another value than their own, as they are typed."""
    own = {field.name: field.default for field in fields(request)}
    chosen = {name: getattr(request, name) for name in names}
    return [
        f"--{name.replace('_', '-')}"
        for name, value in chosen.items()
        if not (value is own[name] or (np.isscalar(value) and value == own[name]))
    ]


OF_WORLD = tuple(f.name for f in fields(WorldRequest) if f.name not in {"draws", "seed"})
"""What asks for a world."""


def first_of(shock: TradeShock) -> Model:
    """The model of the figures where all are asked for: the one with the most in it."""
    return "with-revenue" if shock.only_tariffs else USUAL


def other_models(
    model: Model, case: WorldScenario, *, told: bool
) -> tuple[dict[str, WorldSolution], dict[str, str]]:
    """The same scenario in the other models, and why one cannot have it.

    Args:
        model: of the answer.
        case: the scenario.
        told: whether all models were asked for; else one more stands beside tariffs.
    """
    others: dict[str, WorldSolution] = {}
    without: dict[str, str] = {}
    if not (told or (case.shock.tariffs.any() and case.shock.only_tariffs)):
        return others, without
    for name in MODELS:
        if name == model or (name == "many-sectors" and not told):
            continue
        try:
            others[name] = solve(name, case.world, case.shock, case.setting)
        except (InputError, RuleError) as error:
            without[name] = error.found
    return others, without


def ends_of(values: Floats, where: npt.NDArray[np.bool_]) -> tuple[int, float, float]:
    """How many values are changed, the least and the most of them."""
    changed = values[where]
    return changed.size, float(changed.min(initial=np.inf)), float(changed.max(initial=-np.inf))


def changed_by(shock: TradeShock) -> Changed:
    """What the shock was taken for, so that a slip of the unit is seen."""
    if shock.tariffs.any():
        return "tariff", *ends_of(shock.tariffs, shock.tariffs != 0)
    if shock.log_cost.any():
        return "cost", *ends_of(np.expm1(shock.log_cost), shock.log_cost != 0)
    return "effect", *ends_of(np.expm1(shock.effect), shock.effect != 0)


def home_rates(
    world: World, shock: TradeShock, setting: ModelSetting
) -> tuple[str, float, float] | None:
    """Whose tariffs are studied, with the highest rate on its imports and on its exports."""
    if setting.home is None or not shock.tariffs.any():
        return None
    at = setting.home
    imports, exports = (max(rates, key=abs) for rates in (shock.tariffs[:, at], shock.tariffs[at]))
    return world.countries[at], float(imports), float(exports)


def about_world(
    case: WorldScenario, model: Model, draws: int, without: Mapping[str, str]
) -> WorldModel:
    """Of which world equilibrium the figures are, and what it rests on."""
    setting = case.setting
    return WorldModel(
        model, setting.theta, setting.theta_se, draws, changed_by(case.shock), setting.deficits,
        setting.rebate, home_rates(case.world, case.shock, setting), case.coefficient, without,
    )  # fmt: skip


@dataclass(frozen=True)
class BySector:
    """A world of sectors before and after new tariffs.

    Attributes:
        given: as its tables say.
        before: the economy that the tariffs are laid on.
        tariffs: J × N × N, the new ones.
        after: the world under them.
        cautions: what the data leave open.
    """

    given: Sectors
    before: many_sectors.SectorEconomy
    tariffs: Floats
    after: many_sectors.SectorOutcome
    cautions: tuple[Caution, ...]


def about_sectors(solved: BySector, theta: float, sector: str = "") -> WorldModel:
    """The same of a world of sectors; ``sector`` is the one that the figures are of."""
    changed = ends_of(solved.tariffs, solved.tariffs != solved.before.tariffs)
    return WorldModel("many-sectors", theta, None, 0, ("tariff", *changed), sector=sector)


def solve_sectors(request: WorldRequest) -> BySector:
    """Many sectors with intermediates, solved.

    Raises:
        InputError: an option that is not of this model, a table that does not fit.
        RuleError: ``equilibrium.no_solution``.
    """
    if request.shock is None:
        raise InputError("equilibrium.no_shock")
    unused = typed_options(request, OF_ONE_SECTOR)
    if request.model == "with-revenue":
        unused.append("--model with-revenue")
    if unused:
        raise InputError("equilibrium.not_by_sector", options=join_list(unused))
    tables = read_sectors(request.trade, request.sectors, request.inputs)
    tariffs = read_tariffs(request.shock, tables, read_groups(request.groups, tables.countries))
    economy, own = tables.economy, tables.economy.tariffs
    # solved under today's tariffs first, so that what the data leave open is no effect
    names = tables.countries
    none = np.zeros(len(names)) if request.balanced else None
    before = many_sectors.solve(economy, own, deficits=none, countries=names).economy
    short, cautions = int((economy.left < 0).sum()), list[Caution]()
    if short:
        cells: dict[str, Value] = {"count": short, "all": str(economy.left.size)}
        cautions.append(Caution("equilibrium.rebased", cells))
    after = many_sectors.solve(before, tariffs, countries=names)
    return BySector(tables, before, tariffs, after, tuple(cautions))


def _coefficient(request: WorldRequest) -> Coefficient | None:
    """The shock's variable, estimated on the panel."""
    if request.panel is None:
        return None
    from offing.api.gravity import panel_gravity

    panel, _ = world_table(request.panel)
    columns, (shock, path) = set(panel.columns) - {"row"}, world_table(request.shock)
    keys = {"row", "exporter", "importer", "year", "se"}
    name = next((n for n in shock.columns if n in columns and n not in keys), None)
    if name is None:
        raise InputError("equilibrium.no_variable", where=None, path=path)
    controls = [control for control in parts(request.controls or ()) if control != name]
    fit = panel_gravity(panel.drop("row"), [name, *controls], domestic="drop").fit
    at = fit.names.index(name)
    if not np.isfinite(fit.beta[at]):
        raise InputError("equilibrium.not_estimated", name=name)
    return Coefficient(name, float(fit.beta[at]), float(fit.errors[at]))


def read_groups(source: TableIn, countries: tuple[str, ...]) -> dict[str, list[int]]:
    """Each group of a table with ``group`` and ``country``, and where its countries stand.

    Raises:
        InputError: ``gravity.no_such_column``, ``equilibrium.unknown_country``,
            ``equilibrium.pair_twice`` where a country is twice in a group.
    """
    if source is None:
        return {}
    table, path = world_table(source)
    must_be_filled(table, path, "group", "country")
    texts = (pl.col(name).cast(pl.String).str.strip_chars() for name in ("group", "country"))
    groups: dict[str, list[int]] = {}
    for row, group, country in table.select("row", *texts).iter_rows():
        if not group:
            raise InputError("gravity.blank_key", where=Where(path, row, "group"), column="group")
        position = place_of(countries, country, Where(path, row))
        members = groups.setdefault(group, [])
        if position in members:
            pair = f"{group}: {country}"
            raise InputError("equilibrium.pair_twice", where=Where(path, row), pair=pair)
        members.append(position)
    return groups


def averages(
    rows: pl.DataFrame, spent: Floats, groups: dict[str, list[int]], home: int | None
) -> pl.DataFrame:
    """One row a group: ``group`` (null for all but home), ``count`` and the mean of each change.

    Args:
        rows: one a country, in the order of ``spent``.
        spent: N, today's expenditure.
        groups: name → places.
        home: whose tariffs are studied; all others are a group where they are several.
    """
    levels = {"output", "welfare_low", "welfare_high"}
    names = [n for n, kind in rows.schema.items() if kind == pl.Float64 and n not in levels]
    everyone: list[tuple[str | None, Sequence[int]]] = [*groups.items()]
    if home is not None and rows.height > 2:
        everyone.append((None, [at for at in range(rows.height) if at != home]))
    lines = [
        (name, len(members), *(_mean(rows[n].to_numpy(), spent, members) for n in names))
        for name, members in everyone
    ]
    schema = {"group": pl.String, "count": pl.Int64, **dict.fromkeys(names, pl.Float64)}
    return pl.DataFrame(lines, schema, orient="row")


def _mean(values: Floats, spent: Floats, members: Sequence[int]) -> float | None:
    there = [at for at in members if np.isfinite(values[at])]
    weight = spent[there].sum()
    return float(values[there] @ spent[there] / weight) if weight > 0 else None


def world_draws(
    request: WorldRequest, sector: str | None, origin: str, abroad: Sequence[str]
) -> "WorldDraws":
    """Factors on what each market buys from an origin: all goods, or those of one sector.

    One factor where nothing has an error.

    Args:
        request: with the world's tables.
        sector: of the study's goods, in a world of sectors.
        origin: alpha-3.
        abroad: countries of the firm's plants abroad; those that the trade has are told too.

    Raises:
        InputError: as :func:`offing.equilibrium`; ``equilibrium.unknown_country`` where the trade
            does not have the origin, ``policy.no_sector``.
        RuleError: ``equilibrium.no_solution``.
    """
    from offing.study.demand_response import WorldDraws

    if request.sectors is not None:
        return _sector_draws(sector, solve_sectors(request), origin, abroad)
    if sector is not None:
        raise InputError("equilibrium.needs", option="--sector", other="--sectors")
    case, told = scenario(request), request.model == "all"
    model: Model = first_of(case.shock) if request.model == "all" else request.model
    countries, before = case.world.countries, case.world.trade
    at, plants = place_of(countries, origin), _places(countries, abroad)
    others, without = other_models(model, case, told=told)
    after = _sales_factors(request, model, case, [at, *plants.values()])
    sold = _market_factors(countries, at, before[at], after[:, 0])
    elsewhere = {
        (market, country): factors
        for (country, seller), now in zip(plants.items(), after.swapaxes(0, 1)[1:], strict=True)
        for market, factors in _market_factors(countries, None, before[seller], now).items()
    }
    beside = {
        name: _market_factors(countries, at, before[at], solved.trade[at][None])
        for name, solved in others.items()
    }
    about = about_world(case, model, len(after) if len(after) > 1 else 0, without)
    return WorldDraws(sold, about, elsewhere, (*case.given.cautions, *case.cautions), beside)


def _places(countries: tuple[str, ...], abroad: Sequence[str]) -> dict[str, int]:
    """Where the countries of plants stand that the trade has."""
    by_code = {code_of(label) or label: at for at, label in enumerate(countries)}
    return {country: by_code[country] for country in abroad if country in by_code}


def _sales_factors(
    request: WorldRequest, model: Model, case: WorldScenario, places: Sequence[int]
) -> Floats:
    """K × S × N, what some countries sell in each market under the scenario."""
    if case.setting.theta_se or case.shock.se.any():
        solved = draws_of(model, case.world, case.shock, case.setting, request.draws, request.seed)
        return np.array([drawn.trade[places] for drawn in solved])
    solved_once = solve(model, case.world, case.shock, case.setting)
    return np.asarray(solved_once.trade[places][None])


def _market_factors(
    countries: tuple[str, ...], home: int | None, before: Floats, after: Floats
) -> dict[str, Floats]:
    """Market → K factors; markets without sales today have none, nor has the seller's ``home``."""
    factors = after / np.where(before > 0, before, 1)
    return {
        code_of(label) or label: factors[:, number]
        for number, label in enumerate(countries)
        if number != home and before[number] > 0
    }


def _sector_draws(
    sector: str | None, solved: BySector, origin: str, abroad: Sequence[str]
) -> "WorldDraws":
    """What the origin sells of the sector that the study's goods are of."""
    from offing.study.demand_response import WorldDraws

    countries, sectors = solved.given.countries, solved.given.sectors
    name = sector if sector is not None or sectors[1:] else sectors[0]
    if name is None:
        raise InputError("policy.no_sector", all=join_list(sectors))
    (j,) = sector_places(sectors, name.strip(), Where(column="--sector"))

    def factors(at: int, home: int | None) -> dict[str, Floats]:
        before, after = (world.trade[j, :, at] for world in (solved.before, solved.after.economy))
        return _market_factors(countries, home, before, after[None])

    at, about = place_of(countries, origin), float(solved.before.theta[j])
    elsewhere = {
        (market, country): values
        for country, seller in _places(countries, abroad).items()
        for market, values in factors(seller, None).items()
    }
    told = about_sectors(solved, about, name)
    return WorldDraws(factors(at, at), told, elsewhere, solved.cautions)
