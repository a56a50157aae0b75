"""Offers become a decision: built and solved within the study's limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from offing.planning.facts import Limits, Risk, Treasury
from offing.planning.inaction import PlanSolution
from offing.planning.inaction import plan as plan_moves
from offing.planning.linear import Pool
from offing.planning.moves import Move
from offing.planning.offers import Offers
from offing.planning.outcome import outcome
from offing.planning.programme import Programme, build, facts_of
from offing.planning.scenarios import MarketDraws, Rates
from offing.planning.status_quo import status_quo_decision
from offing.planning.treasury import plan_with_money
from offing.study.choices import (
    ChoiceSet,
    ProductOptions,
    build_choice_set,
    matched_gain,
    moves_price,
    sum_of,
)
from offing.study.file import Study
from offing.terms.caution import Caution, Value, countries
from offing.terms.errors import InputError
from offing.terms.numbers import fixed

if TYPE_CHECKING:
    from offing.study.treasury import Bank


def solve_plan(
    study: Study,
    shelves: Mapping[str, ProductOptions],
    draws: Mapping[str, MarketDraws],
    rates: Rates,
    *,
    supposed: bool = False,
    weighed: bool = True,
    bank: "Bank | None" = None,
) -> tuple[ChoiceSet, PlanSolution, list["Caution"]]:
    """Build the offers and solve.

    Args:
        study: for the limits.
        shelves: by model.
        draws: by HS code.
        rates: of exchange.
        supposed: a world that the firm did not choose: where no plan keeps the loss that could be
            borne there, the best plan is made without that limit, and a caution says so. So it is
            where no sales of the firm are known, of which nobody can say what a bad year is.
        weighed: whether moves are measured in full.
        bank: what may be done about currencies; nothing where ``None``.

    Raises:
        InputError: the limits cannot hold together.
    """
    menu = build_choice_set(study, shelves, draws, rates)
    limits, warnings = limits_of(study, menu.offers, dollar_of(rates))
    bounds = study.limits
    worst = None if bounds.worst_twentieth_cny is None else float(bounds.worst_twentieth_cny)
    treasury = Treasury()
    if bank is not None:
        from offing.study.treasury import treasury_of

        treasury = treasury_of(bank, menu.offers, shelves, rates)
    programme, doubts = build(facts_of(menu.offers, limits, treasury)), _Doubts(study, menu)

    def solve(risk: Risk) -> PlanSolution:
        def moves(of: Programme, pool: Pool) -> PlanSolution:
            least = float(bounds.likelier_than)
            return plan_moves(of, risk, threshold=least, veto=doubts, weighed=weighed, pool=pool)

        return plan_with_money(programme, risk, moves)

    unknown = not any(row.sold for row in menu.offers.rows)
    try:
        # What nobody can say is not searched for: that no plan keeps a limit takes minutes to show.
        if not unknown or worst is None or _kept_by_staying(programme, worst):
            return menu, solve(risk_of(study)), warnings
    except InputError as error:
        if not (supposed or unknown) or worst is None or error.key != "planning.limits_conflict":
            raise
    key = "study.warn_loss_unknown" if unknown else "study.warn_loss_not_borne"
    warnings.append(Caution(key, {"least": fixed(worst, 0)}))
    return menu, solve(Risk()), warnings


def _kept_by_staying(programme: Programme, least: float) -> bool:
    """Whether the worst twentieth is not below this where nothing is done."""
    return -outcome(programme, status_quo_decision(programme)).shortfall >= least


def risk_of(study: Study) -> Risk:
    """How the worst scenarios count: not below the loss that could be borne."""
    worst = study.limits.worst_twentieth_cny
    return Risk(least_worst_cny=None if worst is None else float(worst))


def dollar_of(rates: Rates) -> float:
    """CNY for a dollar on the day."""
    return float(rates.today[rates.currencies.index("USD")])


@dataclass(frozen=True)
class _Doubts:
    """Why a move that is likely enough is not made all the same."""

    study: Study
    made: ChoiceSet

    def __call__(self, move: Move) -> str | None:
        """A message key."""
        if move.kind == "leave" and move.before is not None and self._on_illustrative(move):
            return "planning.not_on_illustrative"
        if move.after is not None and moves_price(self.made, move) and self._dies(move):
            return "planning.not_at_half_match"
        return None

    def _on_illustrative(self, move: Move) -> bool:
        """Whether it would not pay without the shipped costs of keeping a market."""
        years = self.made.offers.discount.sum()
        sums = sum_of("keeping", self.study.keeping, move.market)
        shipped = sum(sums.parts[name] for name in sums.illustrative)
        share = float(shipped / sums.total) if sums.total else 0.0
        saved = move.before.keep_cny * share * years if move.before else 0.0
        return move.gain_cny is not None and move.gain_cny <= saved

    def _dies(self, move: Move) -> bool:
        return matched_gain(self.made, move) <= 0


def limits_of(study: Study, offers: Offers, dollar: float) -> tuple[Limits, list["Caution"]]:
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
    limits = Limits(
        line_hours=hours,
        entry_budget_cny=None if budget is None else float(budget),
        working_capital_cny=None if capital is None else float(capital),
        cny_per_usd=dollar,
        market_share={} if cap >= 1 else share,
        must_keep=frozenset(key for key in sold if key[1] in study.markets.must_keep),
    )
    return limits, warnings
