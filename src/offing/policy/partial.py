"""What a tariff changes in one product's trade, all else equal: SMART, GSIM, and whole changes.

SMART looks at one market (Jammes and Olarreaga 2005, "Explaining SMART and GSIM", World Bank;
Laird and Yeats 1986, UNCTAD). GSIM clears the world market of each origin's variety (Francois and
Hall 2009, "Global Simulation Analysis of Industry-Level Trade Policy").
"""

import numpy as np

from offing.estimators import TINY, Floats


def smart(
    imports: Floats, before: Floats, after: Floats, substitution: Floats, *, demand: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """A change of tariffs in one market, for K elasticities of substitution at once.

    Args:
        imports: R values by origin, before tariffs.
        before: R tariffs, as shares.
        after: R tariffs of the reform.
        substitution: K, positive.
        demand: of imports to their price, negative; the world price holds.

    Returns:
        By K draws, in the currency of the imports: K × R, more (less) of them for the lower
        (higher) price; K × R, won from (lost to) the other origins, which sums to nought; K, the
        change of the market's tariff revenue, all origins together; K, its consumers' gain beyond
        what the treasury loses: the Harberger triangle.
    """
    relative = (1 + after) / (1 + before)
    creation = np.maximum(imports * demand * (relative - 1), -imports)
    others, paid = imports.sum() - imports, imports * relative
    mean = np.divide(paid.sum() - paid, others, out=np.ones_like(imports), where=others > 0)
    # cheaper against the others wins
    pull = -substitution[:, None] * (relative / mean - 1)
    room = imports + others + imports * pull  # none left: the origin loses all that it sells
    uncapped = np.where(room > 0, imports * others * pull / np.where(room > 0, room, 1), -imports)
    won = np.clip(uncapped, -imports, others)
    gains = np.where(won > 0, won, 0).sum(axis=1, keepdims=True)
    losses = -np.where(won < 0, won, 0).sum(axis=1, keepdims=True)
    even = np.minimum(gains, losses)  # what one origin wins another loses
    scale = np.where(won > 0, even / np.maximum(gains, TINY), even / np.maximum(losses, TINY))
    won = won * scale
    later = imports + creation + won
    triangle = float(((before + after) / 2 * creation).sum())
    revenue = (after * later).sum(axis=1) - float((before * imports).sum())
    created = np.broadcast_to(creation, won.shape)
    return created, won, revenue, np.full(len(won), triangle)


def armington(
    imports: Floats, before: Floats, after: Floats, substitution: Floats, demand: float
) -> Floats:
    """What each origin sells in a market under other tariffs over today's, world prices held.

    The demand of GSIM, on whole changes where GSIM and SMART are linear: with τ̂ = (1 + t′)/(1 + t),
    θ the share in what buyers pay today and E the elasticity of all imports (Armington 1969)::

        M̂_r = τ̂_r^−σ P̂^(σ + E)        P̂ = (Σ θ_r τ̂_r^(1−σ))^(1/(1−σ))

    Equal to both for small changes; a duty that is raised and removed again leads back.

    Args:
        imports: R values by origin, before tariffs; some must be positive.
        before: R tariffs, as shares.
        after: R tariffs of the reform.
        substitution: K, positive.
        demand: of all imports to their price, negative.

    Returns:
        K × R factors.


    >>> imports = np.array([60.0])
    >>> armington(imports, imports * 0, np.array([0.25]), np.array([3.0]), -1.0).round(3).tolist()
    [[0.8]]
    """
    paid = imports * (1 + before)
    shares = paid / max(float(paid.sum()), TINY)
    dearer = np.log1p(after) - np.log1p(before)
    sigma = substitution[:, None]
    at_one = np.abs(substitution - 1) < NEAR_ONE
    slope = np.where(at_one, 1.0, 1 - substitution)
    index = np.log((shares * np.exp((1 - sigma) * dearer)).sum(axis=1)) / slope
    index = np.where(at_one, float(shares @ dearer), index)
    return np.asarray(np.exp(-sigma * dearer + (sigma + demand) * index[:, None]))


NEAR_ONE = 1e-9
"""So near to 1 an elasticity of substitution is 1: shares of spending stay."""


def gsim(
    trade: Floats,
    before: Floats,
    after: Floats,
    *,
    demand: float,
    substitution: float,
    supply: float,
) -> tuple[Floats, Floats]:
    """A change of tariffs anywhere, with world prices that clear; linear in percentage changes.

    Args:
        trade: R × M values before tariffs.
        before: R × M tariffs, as shares.
        after: R × M tariffs of the reform.
        demand: of imports to their price, negative.
        substitution: between origins, positive.
        supply: of exports to their price, positive and finite.

    Returns:
        Changes as shares: R, of the prices of each origin's goods at its border; R × M, of the
        quantities from origin (row) to market (column).
    """
    spent = trade * (1 + before)
    shares = spent / np.maximum(spent.sum(axis=0), TINY)  # θ, at prices with tariffs
    sold = trade / np.maximum(trade.sum(axis=1, keepdims=True), TINY)
    wedge = (after - before) / (1 + before)
    # M̂_rv = −σ P̂_rv + (E_m + σ) Σ_s θ_sv P̂_sv: the own and cross elasticities of the model
    cross = demand + substitution
    slope = cross * (sold @ shares.T)
    slope[np.diag_indices_from(slope)] -= substitution + supply
    constant = -substitution * (sold * wedge).sum(axis=1)
    constant += cross * (sold @ (shares * wedge).sum(axis=0))
    prices = np.asarray(np.linalg.solve(slope, -constant))
    paid = prices[:, None] + wedge
    return prices, -substitution * paid + cross * (shares * paid).sum(axis=0)
