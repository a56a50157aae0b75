"""A world equilibrium's change of what one origin sells in each market, as draws."""

from typing import TYPE_CHECKING

import numpy as np

from offing.api.equilibrium import EquilibriumRequest, scenario
from offing.api.world_tables import place_of
from offing.policy.equilibrium.counterfactual import draws_of, solve
from offing.study.effects import WorldDraws

if TYPE_CHECKING:
    from offing.api.whatif import WhatifRequest


def world_draws(request: "WhatifRequest", origin: str) -> WorldDraws:
    """Factors on all imports of each market from an origin; one where nothing has an error.

    Args:
        request: with the world's tables.
        origin: alpha-3.

    Raises:
        InputError: as :func:`offing.equilibrium`; ``equilibrium.unknown_country`` where the trade
            does not have the origin.
        RuleError: ``equilibrium.no_solution``.
    """
    made = scenario(
        EquilibriumRequest(
            trade=request.trade,
            shock=request.shock,
            model=request.model,
            theta=request.theta,
            theta_se=request.theta_se,
            gdp=request.gdp,
            retaliation=request.retaliation,
            panel=request.panel,
        )
    )
    world, model = made.world, request.model
    at = place_of(world.countries, origin)
    before = world.trade[at]
    if made.setting.theta_se or made.shock.se.any():
        solved = draws_of(model, world, made.shock, made.setting, request.draws, request.seed)
        after = np.array([each.trade[at] for each in solved])
    else:
        after = solve(model, world, made.shock, made.setting).trade[at][None]
    factors = after / np.where(before > 0, before, 1)
    return WorldDraws(
        {
            market: factors[:, number]
            for number, market in enumerate(world.countries)
            if number != at and before[number] > 0
        },
        model,
        made.setting.theta,
        made.given.cautions,
    )
