"""What settling comes to, for a deal or a book: the choice, the market it rests on, the rules.

And plausibility checks of what was given for it, see :mod:`offing.terms.caution`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from offing.landed.checks import GREATEST_MARGIN, LEAST_MARGIN
from offing.rules.rule_use import RuleUse
from offing.settlement.deal import Credit, CurrencyChoice, Market, Option, why_no_forward
from offing.settlement.defaults import OLD_DAYS, Defaults
from offing.settlement.forwards import day_count
from offing.settlement.market_data import Own
from offing.settlement.portfolio import Book
from offing.settlement.simulation import Simulated
from offing.terms.caution import Caution, CheckList, Values
from offing.terms.exchange import FxTable
from offing.terms.firm_records import Deal
from offing.terms.sale_terms import DEFERRED
from offing.terms.usual_figures import is_odd


@dataclass(frozen=True)
class DealAdvice:
    """A deal's invoice currencies, the best first.

    Attributes:
        deal: as agreed.
        choices: each currency with the hedge ratio that suits it.
        market: rates of the day.
        risk: the limit, a share of the amount.
        missing: currencies that were not compared for want of a rate or a history.
        rules: every figure and fact behind it.
        simulated: how the limits came about.
        with_rate: those of the missing whose rate is known, and how it moves is not.
    """

    deal: Deal
    choices: tuple[CurrencyChoice, ...]
    market: Market
    risk: Decimal
    missing: tuple[str, ...]
    rules: tuple[RuleUse, ...]
    simulated: Simulated
    with_rate: frozenset[str] = frozenset()

    @property
    def options(self) -> tuple[Option, ...]:
        """The chosen option of each currency."""
        return tuple(choice.option for choice in self.choices)

    @property
    def plain(self) -> Option | None:
        """The deal's own currency without a hedge, else dollars; ``None`` without either."""
        bare = {choice.option.currency: choice.bare for choice in self.choices}
        return bare.get(self.deal.currency, bare.get("USD"))


@dataclass(frozen=True)
class BookAdvice:
    """A book netted and hedged, with the market and the rules that it rests on."""

    book: Book
    market: Market
    risk: Decimal
    rules: tuple[RuleUse, ...]
    simulated: Simulated

    @property
    def options(self) -> tuple[Option, ...]:
        """The option of each deal."""
        return tuple(line.option for line in self.book.lines)


def reasons_unhedged(advice: DealAdvice | BookAdvice) -> Iterator[Caution]:
    """Why currencies have no hedge, each reason once: message key and values."""
    waits = dict.fromkeys((option.currency, option.days_to_cash) for option in advice.options)
    told = list[Caution]()
    for code, days in waits:
        reason = None if code == "CNY" else why_no_forward(code, days, advice.market)
        if reason is not None and reason not in told:
            told.append(reason)
            yield reason


def old_interest(market: Market) -> Iterator[Caution]:
    """Interest that was last seen in force long before the day: message key and values."""
    old = [c for c in sorted(market.interest.items()) if c[1].age_days > OLD_DAYS]
    if old:
        rates = ", ".join(
            f"{code} {rate.rate * 100:.2f}% {rate.known_on} ({rate.age_days})" for code, rate in old
        )
        yield Caution("settle.old_interest", {"most": str(OLD_DAYS), "rates": rates})
    waiting = market.finance
    if waiting is not None and waiting.age_days > OLD_DAYS:
        known = {"day": str(waiting.known_on), "age": str(waiting.age_days)}
        yield Caution("settle.old_finance", known | {"rate": f"{waiting.rate * 100:.2f}%"})


def ndf_cost(choice: CurrencyChoice, market: Market, days: int) -> dict[str, Decimal] | None:
    """What the fullest hedge that was tried costs and leaves open; ``None`` where no NDF hedges.

    Returns:
        shares of the amount: ``carry`` lost by selling forward (negative) or gained, the ``basis``
        in it, the ``spreads`` of the two contracts beside the currency's own, and the ``risk``: how
        far the 95 % limit lies below what is expected though all is hedged.
    """
    full = choice.frontier[-1]
    if full.instrument != "ndf" or not full.at_mid or not full.hedge_ratio:
        return None
    terms = market.ndf[full.currency]
    half_spreads = terms.spread.rate + (
        market.spreads["USD"].rate if "USD" in market.spreads else 0
    )
    return {
        "carry": full.carry / abs(full.at_mid) / full.hedge_ratio,
        "basis": -terms.basis.rate * days / day_count(full.currency),
        "spreads": half_spreads / 2,
        "risk": full.at_risk,
    }


def rules_of(
    market: Market, currencies: Sequence[str], terms: Iterable[str]
) -> tuple[RuleUse, ...]:
    """Every figure and fact behind a comparison, in the order of their names."""
    used = [market.interest[code].use for code in sorted(market.interest)]
    used += [market.spreads[code].use for code in sorted(market.spreads) if code != "CNY"]
    for code in sorted(market.ndf):
        facts = market.defaults.ndf(code)
        used += [market.ndf[code].spread.use, market.ndf[code].basis.use]
        used += facts.uses() if facts else ()
    if market.finance:
        used.append(market.finance.use)
    for term in dict.fromkeys(terms):
        used += market.defaults.fee_uses(term, market.on)
    for code in sorted(set(currencies)):
        used += [framework.use() for framework in market.defaults.standing(code, market.on)]
    return tuple(dict.fromkeys(used))


USD_OF_DEAL = (100, 10**9)
"""What deals are worth; below it a settlement costs more than it brings."""
DAYS = (7, 540)
"""Days from shipment to payment that deferred terms have, at the least and at the most."""


@dataclass(frozen=True)
class SettlementTerms:
    """What was given for a settlement, or for each deal of a book, on a day.

    Attributes:
        deals: the deal, or those of the book.
        own: rates of the user's own.
        defaults: what is assumed where nothing is given.
        risk, hedge: the limit of risk and the share sold forward, as far as given.
    """

    deals: Sequence[Deal]
    fx: FxTable
    own: Own
    credit: Credit
    defaults: Defaults
    on: date
    risk: Decimal
    hedge: Decimal | None = None


SETTLEMENT_CHECKS = CheckList[SettlementTerms, Values]()


@SETTLEMENT_CHECKS.add(
    "settle.warn_unlikely", example={"interest": ["USD=41%"]}, twin={"interest": ["USD=4.1%"]}
)
def rates_of_another_size(terms: SettlementTerms) -> Iterator[Values]:
    """Rates that no market of the last years has had, or a hundredth of the day's."""
    own, credit, on = terms.own, terms.credit, terms.on
    usual = {code: terms.defaults.interest(code, on) for code in own.interest}
    of_day = {code: assumed.rate for code, assumed in usual.items() if assumed is not None}
    spreads = {code: terms.defaults.spread(code, on).rate for code in own.spreads}
    entries: list[tuple[str, str, str, Decimal, Decimal | None]] = [
        *(("--interest", "interest", c, v, of_day.get(c)) for c, v in own.interest.items()),
        *(("--spread", "spread", c, v, spreads[c]) for c, v in own.spreads.items()),
        *(("--ndf-basis", "ndf_basis", c, v, None) for c, v in own.ndf_basis.items()),
        *(("--volatility", "volatility", c, v, None) for c, v in own.volatility.items()),
        ("--cny-discount", "cny_discount", "", own.cny_discount, None),
        ("--premium", "credit_premium", "", credit.premium_rate, None),
        ("--pd", "default_probability", "", credit.default_probability, None),
    ]
    for option, kind, code, value, near in entries:
        if is_odd(kind, value, currency=code, of_day=near):
            yield _stated_value(option, code, value)


@SETTLEMENT_CHECKS.add("settle.warn_share", example={"hedge": "0.5%"}, twin={"hedge": "50%"})
def shares_of_another_size(terms: SettlementTerms) -> Iterator[Values]:
    """Shares whose per cent sign is one too many or one too few."""
    shares: list[tuple[str, str, Decimal | None]] = [
        ("--risk", "risk", terms.risk),
        ("--hedge", "hedge", terms.hedge),
        ("--cover", "cover", terms.credit.cover),
        ("--lgd", "loss", terms.credit.loss_given_default),
    ]
    for option, kind, value in shares:
        if value is not None and is_odd(kind, value):
            yield _stated_value(option, "", value)


@SETTLEMENT_CHECKS.add("settle.warn_amount", example={"amount": "25"}, twin={"amount": "25000"})
def amount_of_another_size(terms: SettlementTerms) -> Iterator[Values]:
    """An amount in thousands or ten thousands."""
    least, most = USD_OF_DEAL
    for deal in terms.deals:
        dollars = abs(terms.fx.convert(deal.amount, deal.currency, "USD"))
        if not least <= dollars <= most:
            yield {"amount": f"{deal.currency} {deal.amount:,f}"}


@SETTLEMENT_CHECKS.add("settle.warn_days", example={"days": 3}, twin={"days": 90})
def months_for_days(terms: SettlementTerms) -> Iterator[Values]:
    """Days that are months, or a date, in most of the deferred deals."""
    deferred = [deal.days for deal in terms.deals if deal.terms in DEFERRED]
    odd = [days for days in deferred if days and not DAYS[0] <= days <= DAYS[1]]
    if 2 * len(odd) > len(deferred):
        yield {"days": str(odd[0])}


@SETTLEMENT_CHECKS.add(
    "settle.warn_payable_cost",
    example={"amount": "-250000", "cost_cny": "1500000"},
    twin={"cost_cny": "1500000"},
)
def cost_of_a_payable(terms: SettlementTerms) -> Iterator[Values]:
    """What is paid has no cost of making: a sign is wrong."""
    for deal in terms.deals:
        if deal.cost_cny and deal.amount < 0:
            yield {"name": deal.name or deal.currency}


@SETTLEMENT_CHECKS.add(
    "settle.warn_margin", example={"cost_cny": "200000"}, twin={"cost_cny": "1500000"}
)
def margin_far_from_usual(terms: SettlementTerms) -> Iterator[Values]:
    """A deal whose cost is far from its price at the middle rate of the day."""
    for deal in terms.deals:
        if deal.cost_cny is not None and deal.amount > 0:
            margin = 1 - deal.cost_cny / terms.fx.convert(deal.amount, deal.currency, "CNY")
            if not LEAST_MARGIN <= margin <= GREATEST_MARGIN:
                yield {"share": f"{margin * 100:.0f} %", "name": deal.name or deal.currency}


def _stated_value(option: str, code: str, value: Decimal) -> Values:
    prefix = f"{code}=" if code else ""
    return {"given": f"{option} {prefix}{(value * 100).normalize():f}%"}
