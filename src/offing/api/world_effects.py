"""A world equilibrium's change of what one origin sells in each market, as draws."""

from collections.abc import Sequence

import numpy as np

from offing.api.world_scenario import (
    BySector,
    Scenario,
    WorldRequest,
    best_of_revenue,
    by_sector,
    changed_by,
    ends_of,
    first_of,
    home_rates,
    in_others,
    scenario,
    unread,
)
from offing.api.world_tables import Array, code_of, place_of
from offing.policy.effects import WorldModel
from offing.policy.equilibrium.counterfactual import Model, draws_of, solve
from offing.study.demand_response import WorldDraws
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated


def world_draws(
    request: WorldRequest, sector: str | None, origin: str, abroad: Sequence[str]
) -> WorldDraws:
    """Factors on what each market buys from an origin: all goods, or those of one sector.

    One factor where nothing has an error.

    Args:
        request: with the world's tables.
        sector: that the study's goods are of; ``None`` where nobody says.
        origin: alpha-3.
        abroad: countries of the firm's plants abroad; those that the trade has are told too.

    Raises:
        InputError: as :func:`offing.equilibrium`; ``equilibrium.unknown_country`` where the trade
            does not have the origin, ``policy.no_sector``.
        RuleError: ``equilibrium.no_solution``.
    """
    if request.sectors is not None:
        return _of_sector(by_sector(request), sector, origin, abroad)
    if sector is not None:
        raise InputError("equilibrium.needs", option="--sector", other="--sectors")
    case, told = scenario(request), request.model == "all"
    model: Model = first_of(case.shock) if request.model == "all" else request.model
    countries, before = case.world.countries, case.world.trade
    at, plants = place_of(countries, origin), _places(countries, abroad)
    others, without = in_others(model, case, told=told)
    after, setting = _sold(request, model, case, [at, *plants.values()]), case.setting
    return WorldDraws(
        _by_market(countries, at, before[at], after[:, 0]),
        WorldModel(
            model,
            setting.theta,
            setting.theta_se,
            len(after) if len(after) > 1 else 0,
            changed_by(case.shock),
            setting.deficits,
            setting.rebate,
            home_rates(case.world, case.shock, setting),
            case.coefficient,
            without,
        ),
        {
            (market, country): factors
            for number, (country, seller) in enumerate(plants.items())
            for market, factors in _by_market(
                countries, None, before[seller], after[:, 1 + number]
            ).items()
        },
        (
            *case.given.cautions,
            *case.cautions,
            *unread(request, (model, *others)),
            *best_of_revenue(request, model),
        ),
        {
            name: _by_market(countries, at, before[at], solved.trade[at][None])
            for name, solved in others.items()
        },
    )


def _places(countries: tuple[str, ...], abroad: Sequence[str]) -> dict[str, int]:
    """Where the countries of plants stand that the trade has."""
    by_code = {code_of(label) or label: at for at, label in enumerate(countries)}
    return {country: by_code[country] for country in abroad if country in by_code}


def _sold(request: WorldRequest, model: Model, case: Scenario, places: Sequence[int]) -> Array:
    """K × S × N, what some countries sell in each market under the scenario."""
    if case.setting.theta_se or case.shock.se.any():
        solved = draws_of(model, case.world, case.shock, case.setting, request.draws, request.seed)
        return np.array([drawn.trade[places] for drawn in solved])
    solved_once = solve(model, case.world, case.shock, case.setting)
    return np.asarray(solved_once.trade[places][None])


def _by_market(
    countries: tuple[str, ...], home: int | None, before: Array, after: Array
) -> dict[str, Array]:
    """Market → K factors; markets without sales today have none, nor has the seller's ``home``."""
    factors = after / np.where(before > 0, before, 1)
    return {
        code_of(label) or label: factors[:, number]
        for number, label in enumerate(countries)
        if number != home and before[number] > 0
    }


def _of_sector(
    solved: BySector, sector: str | None, origin: str, abroad: Sequence[str]
) -> WorldDraws:
    """What the origin sells of the sector that the study's goods are of."""
    countries, sectors = solved.given.countries, solved.given.sectors
    name = sector if sector is not None or sectors[1:] else sectors[0]
    if name is None:
        raise InputError("policy.no_sector", all=enumerated(sectors))
    (j,) = solved.given.places("sector", name.strip(), Where(column="--sector"))

    def factors(at: int, home: int | None) -> dict[str, Array]:
        before, after = (world.trade[j, :, at] for world in (solved.before, solved.after.economy))
        return _by_market(countries, home, before, after[None])

    at = place_of(countries, origin)
    return WorldDraws(
        factors(at, at),
        WorldModel(
            "many-sectors",
            float(solved.before.theta[j]),
            None,
            0,
            ("tariff", *ends_of(solved.tariffs, solved.tariffs != solved.before.tariffs)),
            sector=name,
        ),
        {
            (market, country): values
            for country, seller in _places(countries, abroad).items()
            for market, values in factors(seller, None).items()
        },
        solved.cautions,
    )
