"""A world equilibrium's change of what one origin sells in each market, as draws."""

from typing import TYPE_CHECKING

import numpy as np

from offing.api.world_scenario import (
    BySector,
    Scenario,
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
from offing.study.effects import WorldDraws
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated

if TYPE_CHECKING:
    from offing.api.whatif import WhatifRequest


def world_draws(request: "WhatifRequest", origin: str) -> WorldDraws:
    """Factors on what each market buys from an origin: all goods, or those of one sector.

    One factor where nothing has an error.

    Args:
        request: with the world's tables.
        origin: alpha-3.

    Raises:
        InputError: as :func:`offing.equilibrium`; ``equilibrium.unknown_country`` where the trade
            does not have the origin, ``policy.no_sector``.
        RuleError: ``equilibrium.no_solution``.
    """
    if request.sectors is not None:
        return _of_sector(request, by_sector(request), origin)
    if request.sector is not None:
        raise InputError("equilibrium.needs", option="--sector", other="--sectors")
    made, told = scenario(request), request.model == "all"
    model: Model = first_of(made.shock) if request.model == "all" else request.model
    at = place_of(made.world.countries, origin)
    before = made.world.trade[at]
    others, without = in_others(model, made, told=told)
    after, setting = _sold(request, model, made, at), made.setting
    return WorldDraws(
        _by_market(made.world.countries, at, before, after),
        WorldModel(
            model,
            setting.theta,
            setting.theta_se,
            len(after) if len(after) > 1 else 0,
            changed_by(made.shock),
            setting.deficits,
            setting.rebate,
            home_rates(made.world, made.shock, setting),
            made.coefficient,
            without,
        ),
        (
            *made.given.cautions,
            *made.cautions,
            *unread(request, (model, *others)),
            *best_of_revenue(request, model),
        ),
        {
            name: _by_market(made.world.countries, at, before, solved.trade[at][None])
            for name, solved in others.items()
        },
    )


def _sold(request: "WhatifRequest", model: Model, made: Scenario, at: int) -> Array:
    """K × N, what a country sells in each market under the scenario."""
    if made.setting.theta_se or made.shock.se.any():
        solved = draws_of(model, made.world, made.shock, made.setting, request.draws, request.seed)
        return np.array([each.trade[at] for each in solved])
    solved_once = solve(model, made.world, made.shock, made.setting)
    return np.asarray(solved_once.trade[at][None])


def _by_market(
    countries: tuple[str, ...], at: int, before: Array, after: Array
) -> dict[str, Array]:
    """Market → K factors; markets without sales today have none."""
    factors = after / np.where(before > 0, before, 1)
    return {
        code_of(label) or label: factors[:, number]
        for number, label in enumerate(countries)
        if number != at and before[number] > 0
    }


def _of_sector(request: "WhatifRequest", made: BySector, origin: str) -> WorldDraws:
    """What the origin sells of the sector that the study's goods are of."""
    at, sectors = place_of(made.given.countries, origin), made.given.sectors
    name = request.sector if request.sector is not None or sectors[1:] else sectors[0]
    if name is None:
        raise InputError("policy.no_sector", all=enumerated(sectors))
    (j,) = made.given.places("sector", name.strip(), Where(column="--sector"))
    before, after = (world.trade[j, :, at] for world in (made.before, made.after.economy))
    return WorldDraws(
        _by_market(made.given.countries, at, before, after[None]),
        WorldModel(
            "many-sectors",
            float(made.before.theta[j]),
            None,
            0,
            ("tariff", *ends_of(made.tariffs, made.tariffs != made.before.tariffs)),
            sector=name,
        ),
        made.cautions,
    )
