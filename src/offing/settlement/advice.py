"""What settling comes to, for a deal or a book: the choice, the market it rests on, the rules."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from offing.rules.rule_use import RuleUse
from offing.settlement.deal import CurrencyChoice, Market, Option, why_no_forward
from offing.settlement.defaults import OLD_DAYS
from offing.settlement.forwards import day_count
from offing.settlement.portfolio import Book
from offing.terms.caution import Caution
from offing.terms.firm_records import Deal


@dataclass(frozen=True)
class Simulated:
    """How the limits were simulated: enough to do it again."""

    paths: int
    trading_days: int
    seed: int
    first_day: date
    last_day: date


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
        bare = {choice.option.currency: choice.frontier[0] for choice in self.choices}
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
