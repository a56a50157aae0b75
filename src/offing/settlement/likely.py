"""What a person gives for a settlement and would hardly mean: a caution each, never a change."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations

from offing.landed.likely import GREATEST_MARGIN, LEAST_MARGIN
from offing.settlement.deal import Credit
from offing.settlement.defaults import Defaults
from offing.settlement.market_data import Own
from offing.terms.currencies import currency_of
from offing.terms.exchange import FxTable
from offing.terms.firm_records import Deal
from offing.terms.payment import DEFERRED
from offing.terms.usual_rates import Kind, is_odd

Caution = tuple[str, dict[str, str]]
_DOLLARS = (100, 10**9)
"""What deals are worth; below it a settlement costs more than it brings."""
_DEAR_SPREAD, _TIMES_SPREAD = Decimal("0.01"), 4
"""A spread of more than a hundredth, and so many times the assumed one."""
_APART = Decimal("0.005")
"""Between the interest of two currencies, for an exchange of the two to matter."""
_DAYS = (7, 540)
"""Days from shipment to payment that deferred terms have, at the least and at the most."""
_ANYWHERE = ("USD", "EUR", "CNY", "GBP", "JPY", "HKD")
"""Currencies in which buyers of any country are invoiced."""
_AT_SIGHT, _SIGHT = ("sight_lc", "dp"), 90
"""Terms on which the buyer pays when he sees the papers, and days that none takes for them: a
voyage of six weeks and a bank's days are half of it."""
_PREPAID = 45
"""Days in which a buyer who pays before the goods leave has paid."""


def unlikely(own: Own, credit: Credit, defaults: Defaults, on: date) -> Iterator[Caution]:
    """Rates that no market of the last years has had, or a hundredth of the day's."""
    usual = {code: defaults.interest(code, on) for code in own.interest}
    of_day = {code: assumed.rate for code, assumed in usual.items() if assumed is not None}
    spreads = {code: defaults.spread(code, on).rate for code in own.spreads}
    entries: list[tuple[str, Kind, str, Decimal, Decimal | None]] = [
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
            yield "settle.warn_unlikely", _named(option, code, value)
        elif kind == "spread" and near and value > max(_DEAR_SPREAD, _TIMES_SPREAD * near):
            market_rate = {"known": f"{near * 100:.2f}%"}
            yield "settle.warn_dear_spread", _named(option, code, value) | market_rate
    yield from _exchanged(own.interest, of_day)


def _exchanged(own: Mapping[str, Decimal], of_day: Mapping[str, Decimal]) -> Iterator[Caution]:
    """Interest of two currencies that fits far better where the two change places."""
    codes = [code for code in sorted(own) if code in of_day]
    for first, other in combinations(codes, 2):
        apart = abs(own[first] - of_day[first]) + abs(own[other] - of_day[other])
        turned = abs(own[first] - of_day[other]) + abs(own[other] - of_day[first])
        if abs(of_day[first] - of_day[other]) > _APART and 2 * turned < apart:
            values = {"one": first, "other": other, "given": f"{own[first] * 100:.2f}%"}
            yield "settle.warn_exchanged", {**values, "known": f"{of_day[first] * 100:.2f}%"}


def of_request(risk: Decimal, hedge: Decimal | None, credit: Credit) -> Iterator[Caution]:
    """Shares whose per cent sign is one too many or one too few, and insurance of nothing."""
    shares: list[tuple[str, Kind, Decimal | None]] = [
        ("--risk", "risk", risk),
        ("--hedge", "hedge", hedge),
        ("--cover", "cover", credit.cover),
        ("--lgd", "loss", credit.loss_given_default),
    ]
    for option, kind, value in shares:
        if value is not None and is_odd(kind, value):
            yield "settle.warn_share", _named(option, "", value)
    if (credit.premium_rate > 0) != (credit.cover > 0):
        yield "settle.warn_insured_nothing", {}


def of_deal(
    deal: Deal, fx: FxTable, buyer: str | None, invoiced: Iterable[str] = ()
) -> Iterator[Caution]:
    """One deal that is hardly one: next to nothing, paid at once on deferred terms, at home.

    Args:
        deal: the deal.
        fx: rates of the day.
        buyer: the buyer's country, where it is known.
        invoiced: currencies that are to be compared.
    """
    dollars = abs(fx.convert(deal.amount, deal.currency, "USD"))
    if not _DOLLARS[0] <= dollars <= _DOLLARS[1]:
        yield "settle.warn_amount", {"amount": f"{deal.currency} {deal.amount:,f}"}
    if has_odd_days(deal.terms, deal.days):
        yield "settle.warn_days", {"days": str(deal.days)}
    yield from _of_terms(deal)
    if buyer is not None:
        for code in sorted({deal.currency, *invoiced} - {*_ANYWHERE, currency_of(buyer)}):
            yield "settle.warn_another_currency", {"currency": code, "market": buyer}
    if buyer == "CHN":
        yield "settle.warn_at_home", {}


def _of_terms(deal: Deal) -> Iterator[Caution]:
    """Terms on which the money comes long before the days that were said."""
    if deal.terms == "prepaid" and deal.days > _PREPAID:
        yield "settle.warn_prepaid", {"days": str(deal.days)}
    if deal.terms in _AT_SIGHT and deal.days > _SIGHT:
        yield "settle.warn_at_sight", {"days": str(deal.days)}


def of_book(deals: Sequence[Deal], fx: FxTable) -> Iterator[Caution]:
    """Deals of a book that are hardly ones, and days that are months in most of them."""
    for deal in deals:
        dollars = abs(fx.convert(deal.amount, deal.currency, "USD"))
        if not _DOLLARS[0] <= dollars <= _DOLLARS[1]:
            yield "settle.warn_amount", {"amount": f"{deal.currency} {deal.amount:,f}"}
    said: set[str] = set()
    for key, values in (found for deal in deals for found in _of_terms(deal)):
        if key not in said:
            yield key, values
        said.add(key)
    later = [deal.days for deal in deals if deal.terms in DEFERRED]
    soon = [days for days in later if 0 < days < _DAYS[0]]
    if 2 * len(soon) > len(later):
        yield "settle.warn_days", {"days": f"{soon[0]}"}


def has_odd_days(terms: str, days: int) -> bool:
    """Whether deferred terms have next to no days, or years: months or a date were meant."""
    return terms in DEFERRED and not _DAYS[0] <= days <= _DAYS[1]


def _named(option: str, code: str, value: Decimal) -> dict[str, str]:
    prefix = f"{code}=" if code else ""
    return {"given": f"{option} {prefix}{(value * 100).normalize():f}%"}


def cost_and_price(deals: Iterable[Deal], fx: FxTable) -> Iterator[Caution]:
    """Deals whose cost is far from their price at the middle rate of the day."""
    for deal in deals:
        if deal.cost_cny and deal.amount < 0:
            yield "settle.warn_payable_cost", {"name": deal.name or deal.currency}
        if deal.cost_cny is not None and deal.amount > 0:
            margin = 1 - deal.cost_cny / fx.convert(deal.amount, deal.currency, "CNY")
            if not LEAST_MARGIN <= margin <= GREATEST_MARGIN:
                share = {"share": f"{margin * 100:.0f} %", "name": deal.name or deal.currency}
                yield "settle.warn_margin", share
