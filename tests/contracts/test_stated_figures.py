"""A figure that a page states is the one that offing goes by: a page is written by a person."""

import re
from pathlib import Path

import pytest

from offing.forecast.backtest import measures, trial
from offing.ladders import build, ladder, tiers
from offing.planning import market_share, plan, scenarios
from offing.policy import shock_file
from offing.policy.evidence import resilience
from offing.refunds.checks import months as month_checks
from offing.settlement import deal, simulation
from offing.sources import archive
from offing.study import template as from_ledger
from offing.terms import exchange
from offing.warehouse.reconciling import margin

DOCS = Path(__file__).resolve().parents[2] / "docs"
WORDS = {3: "three", 4: "four", 5: "five", 10: "ten", 12: "twelve"}
LIFT, STRESS = "explanation/what-an-offer-earns.md", "how-to/see-what-a-tariff-does-to-the-world.md"
TIERS, LIMITS = "explanation/unit-values-and-tiers.md", "explanation/currency-limits.md"
RANKING, LADDER = "how-to/backtest-a-ranking.md", "how-to/read-a-ladder.md"

STATED = [
    ("how-to/settle-a-deal.md", "No forward is computed beyond {} days", deal.LONGEST_FORWARD),
    (LIMITS, "RiskMetrics (λ = {})", simulation.SHORT.beta),
    (LIMITS, "one by one from the last {}", simulation.SHORT.pool),
    (LIMITS, "to the mean of {:,} days", simulation.LONG.memory),
    (LIMITS, "stretches of up to {} days are drawn", simulation.LONGEST_STRETCH),
    ("how-to/run-a-study.md", "Moves of less than {} % of the plan's gain", 100 * plan.SMALL_MOVE),
    ("how-to/run-a-study.md", "of 2,000 joint scenarios", scenarios.SCENARIOS),
    (LIFT, ": {} a year at USD 10 m in a market", scenarios.PRIOR_YEARLY),
    (LIFT, "at USD {} m in a market", scenarios.PRIOR_SIZE / 1e6),
    (LIFT, "to the power −{:.2f} (Amaral", scenarios.BY_SIZE),
    (LIFT, "before a ledger is seen ({:.1f})", market_share.PRIOR_BETWEEN),
    (LIFT, "the ramp ({}, 1.5, 2:", market_share.ILLUSTRATIVE_RAMP[0]),
    (LIFT, "the ramp (1, {}, 2:", market_share.ILLUSTRATIVE_RAMP[1]),
    (LIFT, "the ramp (1, 1.5, {}:", market_share.ILLUSTRATIVE_RAMP[2]),
    (LIFT, "a quarter of its variance common to all markets", scenarios.COMMON),
    (LIFT, "Half of a move lasts", scenarios.AHEAD),
    (LIFT, "half are gone after {word} years", market_share.MEDIAN_YEARS),
    (TIERS, "r > {} | Fontagné", tiers.THRESHOLD),
    (TIERS, "offing takes {}, as the R package", tiers.EXPONENT),
    (TIERS, "an item is over {} times lighter or heavier", tiers.WEIGHT_FACTOR),
    (TIERS, "over {word} robust standard deviations", tiers.OUTLIER_DEVIATIONS),
    (TIERS, "and over {word} times in any case", tiers.OUTLIER_FACTOR),
    (LADDER, "Under {} % a line warns", 100 * build.GOOD_COVERAGE),
    (LADDER, "under {} % no price is placed", 100 * ladder.LEAST_COVERAGE),
    ("explanation/one-estimate-per-flow.md", "with {} degrees of freedom", margin.FREEDOM),
    ("explanation/one-estimate-per-flow.md", "0 and {} log points", 100 * margin.HIGHEST),
    ("how-to/check-a-claim.md", "at least {}, from 8 exporters", resilience.LEAST_FLOWS),
    ("how-to/check-a-claim.md", "from {} exporters into 8 importers", resilience.LEAST_CLUSTERS),
    ("how-to/quote-a-shipment.md", "rates of more than {} days are not used", exchange.OLDEST),
    (RANKING, "({} at random", trial.AT_MOST),
    (RANKING, "beyond today's {word} largest markets", measures.FIRST_TODAY),
    ("explanation/exempt-credit-refund.md", "the day after {} months", month_checks.OLD_EXPORT),
    (STRESS, "Above {} a share without the sign", shock_file.LARGEST_BARE),
    ("how-to/load-trade-data.md", "unpacks to more than {} times its size", archive.RATIO),
    ("how-to/describe-your-firm.md", "more than {word}, each HS code", from_ledger.MOST),
]
IN_WORDS = {"of 2,000 joint": 2000, "a quarter of": 0.25, "Half of a move": 0.5}
"""Sentences that say their figure otherwise."""


@pytest.mark.parametrize(("page", "said", "value"), STATED)
def test_a_stated_figure_is_that_of_the_code(page: str, said: str, value: float) -> None:
    text = re.sub(r"\s+", " ", (DOCS / page).read_text(encoding="utf-8"))
    plain = f"{value:g}"
    for start, figure in IN_WORDS.items():
        if said.startswith(start):
            assert value == figure
    number = value if "{:" in said else plain
    assert said.format(number, word=WORDS.get(round(float(plain)), plain)) in text
