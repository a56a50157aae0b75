"""Does settling in the buyer's or the seller's currency add trade? Cost only: the literature finds
none.

Larch, Wanner, Yotov and Zylkin (2019), Oxford Bulletin of Economics and Statistics 81(3), with more
than 200 countries over 65 years: effects of currency unions and of the euro on trade are small and
not significant. No loaded data say in which currency a flow was invoiced, so nothing is estimated
here; what can be said is what a currency costs to settle in.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from offing.rules.rule_use import RuleUse
from offing.settlement.defaults import Defaults

CURRENCIES = ("CNY", "USD", "EUR", "GBP", "JPY", "HKD", "KRW", "RUB", "VND", "BRL")


@dataclass(frozen=True)
class CurrencyCost:
    """What settling in a currency costs.

    ``spread`` is the bank's bid-ask spread, as a share of the rate; an exporter loses half of it.
    """

    currency: str
    spread: Decimal
    lost: Decimal
    rule: RuleUse


@dataclass(frozen=True)
class Settlement:
    """What is known of settling and trade.

    Costs are by currency, the cheapest first.
    """

    on: date
    costs: tuple[CurrencyCost, ...]


def settlement(defaults: Defaults, on: date) -> Settlement:
    """The cost of settling by currency."""
    rows = []
    for currency in CURRENCIES:
        quoted = defaults.spread(currency, on)
        rows.append(CurrencyCost(currency, quoted.rate, quoted.rate / 2, quoted.use))
    return Settlement(on, tuple(sorted(rows, key=lambda row: (row.spread, row.currency))))
