"""Currencies of a plan: what may be sold ahead, invoiced otherwise, and how much may lie open.

Amounts are USD at the rate of the plan's day, as sales are: "EUR worth a dollar today". What a
contract pays is CNY for one of them, in every scenario, discounted to the plan's day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from offing.planning.offers import Array


@dataclass(frozen=True)
class Forward:
    """A sale of a currency ahead (远期结汇), for receipts of the first year.

    Attributes:
        days: until it is delivered; 0 where there is but one.
        payoff_cny: scenarios, what USD 1 of notional pays, its cost taken off.
    """

    days: int
    payoff_cny: Array


@dataclass(frozen=True)
class Currency:
    """A currency of invoices.

    Attributes:
        code: alpha-3.
        forwards: ways to sell it ahead; none where no forward is quoted or its risk is not known.
        spread_cny: the bank's spread on a USD that is exchanged in the first year: it falls on
            receipts less outlays, of every year.
        out_usd: outlays of a year in this currency, which receipts pay without exchange.
        held_usd: of the first year's receipts, what is sold ahead already; negative where more is
            bought.
        constant_cny: scenarios, what no decision changes: what held hedges pay, and what the moves
            of the rate take off the outlays.
    """

    code: str
    forwards: tuple[Forward, ...] = ()
    spread_cny: float = 0.0
    out_usd: float = 0.0
    held_usd: float = 0.0
    constant_cny: Array | float = 0.0

    @property
    def used_usd(self) -> float:
        """Receipts that are no risk: outlays take them, or they are sold already."""
        return max(self.out_usd + self.held_usd, 0.0)


@dataclass(frozen=True)
class Switch:
    """Receipts of a market that could be invoiced in another currency.

    Attributes:
        market: alpha-3.
        before: the currency of its invoices.
        after: the other one.
        payoff_cny: scenarios, what USD 1 of the first year's receipts brings more, over the
            horizon, beside what the exchange costs.
        later: by year, what is received for one of the first year's; 1 first.
    """

    market: str
    before: str
    after: str
    payoff_cny: Array
    later: tuple[float, ...]

    @property
    def name(self) -> str:
        """Of its variable."""
        return f"invoice_{self.market}_{self.before}_{self.after}"


@dataclass(frozen=True)
class RiskCut:
    """Weights of some bad paths: what is lost on USD 1 of a currency, open and sold ahead."""

    open: Mapping[str, float]
    hedged: Mapping[str, float]


@dataclass(frozen=True)
class ExchangeRisk:
    """How far the rates may take receivables down until they are paid (汇率风险限额).

    Attributes:
        share: of the receivables, that the 95 % limit may lie below what is expected.
        stock: receivables at any time, a share of the first year's receipts.
        moves: currency → paths, by what share its rate moves until the payment, drawn together.
        fixing: currency of non-deliverable forwards → paths, what is open though it is hedged.
        owed_usd: currency → what the firm itself owes at any time.
        scale: of the bound, see :func:`offing.planning.exchange.limited`.
        cuts: inequalities that hold the limit.
    """

    share: float
    stock: float
    moves: Mapping[str, Array]
    fixing: Mapping[str, Array] = field(default_factory=dict)
    owed_usd: Mapping[str, float] = field(default_factory=dict)
    scale: float = 1.0
    cuts: tuple[RiskCut, ...] = ()


@dataclass(frozen=True)
class Treasury:
    """What a plan may do about currencies; nothing where it is empty."""

    currencies: tuple[Currency, ...] = ()
    switches: tuple[Switch, ...] = ()
    risk: ExchangeRisk | None = None

    def unlearnt(self) -> "Treasury":
        """The same without what one plan's sales taught of the receivables' limit.

        Those inequalities leave room for that plan's hedges. Where other sales are sought before
        their hedges are, sales would be given up for them.
        """
        risk = None if self.risk is None else replace(self.risk, cuts=(), scale=1.0)
        return replace(self, risk=risk)
