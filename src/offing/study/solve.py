"""Offers become a decision: built and solved within the study's limits."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from offing.planning.inaction import PlanSolution
from offing.planning.inaction import plan as plan_moves
from offing.planning.linear import Pool
from offing.planning.moves import Move
from offing.planning.offers import Offer, Offers, PlanLimits, Risk, Treasury
from offing.planning.outcome import outcome, status_quo_decision
from offing.planning.programme import Programme, build, facts_of
from offing.planning.treasury import plan_with_money
from offing.study.choices import ChoiceSet, sum_of
from offing.study.file import Study
from offing.study.moves import matched_gain, moves_price, own_gain
from offing.terms.caution import Caution, Value, countries
from offing.terms.errors import InputError
from offing.terms.numbers import fixed_decimals


def build_programme(choices: ChoiceSet) -> tuple[Programme, list[Caution]]:
    """The choice set as a programme within the study's limits, and what to say of these.

    Raises:
        InputError: a limit that cannot be.
    """
    limits, warnings = limits_of(choices.study, choices.offers, choices.dollar, choices.beside)
    treasury = Treasury()
    if choices.bank is not None:
        from offing.study.treasury import treasury_of

        treasury = treasury_of(choices.bank, choices.offers, choices.shelves, choices.rates)
    return build(facts_of(choices.offers, limits, treasury)), warnings


def solve_plan(
    programme: Programme, choices: ChoiceSet, *, supposed: bool = False, weighed: bool = True
) -> tuple[PlanSolution, list[Caution]]:
    """The best plan of likely moves, and what to say of a limit that none keeps.

    Args:
        programme: from :func:`build_programme`.
        choices: that it was built from.
        supposed: a world that the firm did not choose: where no plan keeps the loss that could be
            borne there, the best plan is made without that limit, and a caution says so. So it is
            where no sales of the firm are known, of which nobody can say what a bad year is.
        weighed: whether moves are measured in full.

    Raises:
        InputError: the limits cannot hold together.
    """
    least, veto = float(choices.study.limits.likelier_than), partial(_why_not, choices)
    worst = choices.risk.least_worst_cny

    def solve(risk: Risk) -> PlanSolution:
        def moves(of: Programme, pool: Pool) -> PlanSolution:
            return plan_moves(of, risk, threshold=least, veto=veto, weighed=weighed, pool=pool)

        return plan_with_money(programme, risk, moves)

    unknown = not any(row.sold for row in choices.offers.rows)
    try:
        # What nobody can say is not searched for: that no plan keeps a limit takes minutes to show.
        if not unknown or worst is None or _kept_by_staying(programme, worst):
            return solve(choices.risk), []
    except InputError as error:
        if not (supposed or unknown) or worst is None or error.key != "planning.limits_conflict":
            raise
    key = "study.warn_loss_unknown" if unknown else "study.warn_loss_not_borne"
    return solve(Risk()), [Caution(key, {"least": fixed_decimals(worst, 0)})]


def _kept_by_staying(programme: Programme, least: float) -> bool:
    """Whether the worst twentieth is not below this where nothing is done."""
    return -outcome(programme, status_quo_decision(programme)).shortfall >= least


def _why_not(choices: ChoiceSet, move: Move) -> str | None:
    """Why a move that is likely enough is not made all the same: a message key."""
    if move.kind == "leave" and move.before is not None:
        # It would not pay without the shipped costs of keeping markets: its own part, and those
        # that others save which leave with it.
        own, others = _shipped_keeping(choices, [move.before]), _shipped_keeping(choices)
        gain = move.gain_cny
        if gain is not None and own_gain(choices, move) <= own and gain <= others:
            return "planning.not_on_illustrative"
    if move.after is not None and moves_price(move) and matched_gain(choices, move) <= 0:
        return "planning.not_at_half_match"
    return None


def _shipped_keeping(choices: ChoiceSet, offers: Sequence[Offer] | None = None) -> float:
    """The illustrative part of what it costs to keep some of today's offers, or all; CNY."""
    total = 0.0
    for offer in (row for row in choices.offers.rows if row.today) if offers is None else offers:
        parts, shipped = sum_of("keeping", choices.study.keeping, offer.market)
        whole = sum(parts.values())
        total += offer.keep_cny * float(sum(parts[part] for part in shipped) / (whole or 1))
    return total * float(choices.offers.discount.sum())


def limits_of(
    study: Study, offers: Offers, dollar: float, beside: frozenset[str] = frozenset()
) -> tuple[PlanLimits, list[Caution]]:
    """The study's limits; a cap on a market never shrinks what exists."""
    bounds, years = study.limits, len(offers.years)
    hours = {
        (plant.key, line.key): (float(line.hours),) * years for plant, line in study.lines.values()
    }
    today = np.array([offer.today for offer in offers.rows], dtype=float)
    sales = offers.sales_usd.mean(axis=0, dtype=np.float64) * today
    total = sales.sum(axis=1)
    markets = sorted({offer.market for offer in offers.rows})
    cap = max(float(bounds.largest_market_share), 1 / max(len(markets), 1))
    share, above = {}, []
    for market in markets:
        in_market = np.array([offer.market == market for offer in offers.rows])
        now = sales[:, in_market].sum(axis=1)
        largest = float(np.max(now / total)) if (total > 0).all() else 0.0
        if largest > cap:
            above.append(market)
        share[market] = min(max(cap, largest * (1 + 1e-6)), 1.0)
    warnings: list[Caution] = []
    if cap > float(bounds.largest_market_share):
        few = {"cap": f"{bounds.largest_market_share:.0%}", "taken": f"{cap:.0%}"}
        warnings.append(Caution("study.warn_few_markets", {"count": len(markets), **few}))
    if above:
        values: dict[str, Value] = {"markets": countries(above), "cap": f"{cap:.0%}"}
        warnings.append(Caution("study.warn_cap_held", values))
    budget, capital = bounds.entry_budget_cny, bounds.working_capital_cny
    sold = {(o.model, o.market) for o in offers.rows if o.today}
    served = {market for _, market in sold}
    if sold and (unsold := [m for m in study.markets.must_keep if m not in served]):
        warnings.append(Caution("study.warn_keep_unsold", {"markets": countries(unsold)}))
    limits = PlanLimits(
        line_hours=hours,
        entry_budget_cny=None if budget is None else float(budget),
        working_capital_cny=None if capital is None else float(capital),
        cny_per_usd=dollar,
        market_share={} if cap >= 1 else share,
        must_keep=frozenset(key for key in sold if key[1] in study.markets.must_keep),
        beside=beside,
    )
    return limits, warnings
