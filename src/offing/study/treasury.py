"""What a study may do about currencies: the columns that its programme gets (结算与套期保值).

Buyers' currencies, the bank's spreads, forwards by covered parity, what is held and paid already:
all from ``[settlement]``, the ledger and the settlement's own market of the day, so that a deal
costs here what ``offing settle`` says it costs.

Two tenors are looked at. Each invoice of the first year may be sold for the day of its payment; or
the receipts that the plan expects are sold now, for the middle of the first year, where the
scenarios have their rates. Beyond a year no forward is quoted here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import fsum

import numpy as np
from numpy.typing import NDArray

from offing.planning.offers import Currency, ExchangeRisk, Forward, Offers, Switch, Treasury
from offing.planning.scenarios import RateDraws
from offing.settlement.advice import old_interest
from offing.settlement.deal import LONGEST_FORWARD, forward_mid, half_spreads, why_no_forward
from offing.settlement.market_data import Compared, Own, currencies_without_rates, market_data
from offing.study.choices import AHEAD, Bank, ProductOptions, Shelves
from offing.study.file import Study
from offing.study.inputs import StudyInputs
from offing.study.schema import SettlementFacts
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.interval import whole_years
from offing.terms.messages import join_list
from offing.warehouse.exchange_rates import quoted_currencies

Floats = NDArray[np.float64]

YEAR = 360
FAR = 0.5
"""A held rate that lies off the day's by so much is of another unit."""


def bank_of(
    world: StudyInputs, shelves: Iterable[ProductOptions], invoiced: Mapping[str, Sequence[str]]
) -> Bank | None:
    """The market of the day for a study's currencies; ``None`` without ``[settlement]``.

    Args:
        world: the study and what it rests on.
        shelves: what may be sold where, in today's currencies.
        invoiced: market → currencies of the ledger's invoices there, the largest first.

    Raises:
        InputError: ``study.no_history`` for one that the firm must pay or holds.
    """
    facts = world.study.settlement
    if facts is None:
        return None
    used: dict[str, list[str]] = {}
    for shelf in shelves:
        for outlet in shelf.outlets:
            used.setdefault(outlet.market, []).append(outlet.deliveries[0].currency)
    extra = {
        market: accepted_currencies(facts, market, invoiced.get(market, ())) for market in used
    }
    accepts = {market: list(dict.fromkeys([*used[market], *extra[market]])) for market in used}
    own = [*(p.currency for p in facts.payable), *(h.currency for h in facts.held)]
    needed = list(dict.fromkeys(["USD", *(c for codes in accepts.values() for c in codes), *own]))
    study = world.study
    mine = Own(
        per_usd=study.rates.per_usd, volatility=facts.volatility, cny_discount=facts.cny_discount
    )
    quoted_codes = quoted_currencies(world.warehouse, study.on, study.rates_age)
    missing = currencies_without_rates(needed, quoted_codes, mine, world.fx.thin)
    _must_have_rates([*(("[settlement]", [code]) for code in own), *extra.items()], missing)
    codes = [code for code in needed if code not in missing]
    days = {facts.days, *(payable.days for payable in facts.payable)}
    compared = Compared(study.on, codes, days, study.seed, oldest=study.rates_age)
    at = market_data(world.warehouse, compared, world.laws.settlement, world.fx, mine)
    return Bank(facts, study.on, accepts, at, tuple(missing))


def _must_have_rates(groups: Iterable[tuple[str, Sequence[str]]], missing: Iterable[str]) -> None:
    """Refuse what has currencies without rates alone."""
    without = set(missing)
    for what, codes in groups:
        if set(codes) <= without:
            raise InputError("study.no_history", what=what, currency=join_list(codes))


def accepted_currencies(facts: SettlementFacts, market: str, invoiced: Sequence[str]) -> list[str]:
    """The currencies that a market's buyers take: as the study says, else those they pay today."""
    if market in facts.market_accepts:
        return facts.market_accepts[market]
    return list(dict.fromkeys([*invoiced, *facts.accepts]))


def treasury_of(bank: Bank, offers: Offers, shelves: Shelves, rates: RateDraws) -> Treasury:
    """The columns of the programme.

    Args:
        bank: of the study.
        offers: what is chosen from.
        shelves: by model, for what goes off in proportion to a price.
        rates: of the scenarios.

    Raises:
        InputError: ``study.held_rate``.
    """
    codes = list(dict.fromkeys([*bank.currencies, *(row.currency for row in offers.rows), "CNY"]))
    return Treasury(
        tuple(
            _currency(bank, code, rates, offers.discount)
            for code in codes
            if code in rates.currencies
        ),
        tuple(_switches(bank, offers, shelves, rates)),
        _risk(bank, rates.cny_per_usd),
    )


def _currency(bank: Bank, code: str, rates: RateDraws, discount: Floats) -> Currency:
    if code == "CNY" or code not in bank.at.market.spot:
        return Currency(code)
    market, dollar, first = bank.at.market, rates.cny_per_usd, float(discount[0])
    out = _outlays(bank, code, dollar)
    moves = rates.moves(code)
    moved = moves @ discount
    constant, held_usd = -out * dollar * moved, 0.0
    for forward in bank.facts.held:
        if forward.currency != code:
            continue
        spot, rate = float(market.spot[code]), float(forward.rate)
        if abs(rate / spot - 1) > FAR:
            raise InputError(
                "study.held_rate", currency=code, rate=forward.rate, on=bank.on, spot=f"{spot:.6g}"
            )
        amount = float(forward.amount) * (1 if forward.side == "sell" else -1)
        year = year_of(bank.on, forward.until)
        if year >= len(discount):
            continue
        paid = amount * (rate - spot * (1 + moves[:, year]))
        constant = constant + discount[year] * paid
        held_usd += amount * spot / dollar if year == 0 else 0.0
    spread = float(market.spreads[code].rate) / 2 * dollar * first
    forwards = tuple(
        Forward(days, first * dollar * paying)
        for days in bank.tenors()
        if (paying := _paying(bank, code, days, moves[:, 0])) is not None
    )
    return Currency(code, forwards, spread, out, held_usd, constant)


def year_of(on: date, day: date) -> int:
    """In which year after a day another lies: 0 to its first anniversary, which belongs to it."""
    return max(whole_years(on + timedelta(days=1), day - timedelta(days=1)), 0)


def _outlays(bank: Bank, code: str, dollar: float) -> float:
    """What the firm pays in a currency each year, USD at the rate of the day."""
    paid = fsum(float(p.amount_a_year) for p in bank.facts.payable if p.currency == code)
    return paid * float(bank.at.market.spot.get(code, 0)) / dollar if paid else 0.0


def points_of(bank: Bank, code: str, days: int) -> float | None:
    """What a forward sale is sure to bring over the rate of the day, less its own spreads; a share.

    ``None`` where there is none: no interest rate of the currency is known, or the day is too far.
    """
    market = bank.at.market
    forward = None if code == "CNY" else forward_mid(code, days, market)
    if forward is None:
        return None
    over = float(forward / market.spot[code])
    at_spot, sold = (float(half) for half in half_spreads(code, market))
    return (over - 1) - (over * sold - at_spot)


def _paying(bank: Bank, code: str, days: int, moves: Floats) -> Floats | None:
    """What selling USD 1 ahead brings over not selling it, in every scenario; a share."""
    points = points_of(bank, code, days)
    if points is None:
        return None
    paying = np.full(len(moves), points)
    if days == AHEAD:
        paying = paying - moves
    ndf = bank.at.market.ndf.get(code)
    return paying if ndf is None else paying + np.resize(ndf.fixing[bank.facts.days], len(moves))


def _switches(bank: Bank, offers: Offers, shelves: Shelves, rates: RateDraws) -> Iterable[Switch]:
    sales = offers.sales_usd.mean(axis=0, dtype=np.float64)
    labels = np.array([(row.market, row.currency) for row in offers.rows])
    today = np.array([row.today for row in offers.rows])
    cny_discount = float(bank.facts.cny_discount)
    for market, before in dict.fromkeys((row.market, row.currency) for row in offers.rows):
        paid = (labels[:, 0] == market) & (labels[:, 1] == before)
        by_year = sales[:, paid & today if (paid & today).any() else paid].sum(axis=1)
        if by_year[0] <= 0:
            continue
        later = by_year / by_year[0]
        proceeds = 1 - _proportional(shelves, market, before)
        for after in bank.accepts.get(market, ()):
            if after == before or after not in rates.currencies or after in bank.missing:
                continue
            moved = (rates.moves(after) - rates.moves(before)) * proceeds
            asked_off = cny_discount if after == "CNY" else 0.0
            payoff = (moved - asked_off) @ (offers.discount * later) * rates.cny_per_usd
            yield Switch(market, before, after, payoff, tuple(map(float, later)))


def _proportional(shelves: Shelves, market: str, currency: str) -> float:
    """What goes off in proportion to prices there, the mean of its models: it moves with them."""
    parts = [
        outlet.deliveries[0].proportional
        for shelf in shelves.values()
        for outlet in shelf.outlets
        if outlet.market == market and outlet.deliveries[0].currency == currency
    ]
    return fsum(parts) / len(parts) if parts else 0.0


def _risk(bank: Bank, dollar: float) -> ExchangeRisk | None:
    """The limit of all receivables, on the settlement's own paths; none where nobody waits."""
    facts, market = bank.facts, bank.at.market
    if not facts.days:
        return None
    owed: dict[str, float] = defaultdict(float)
    for payable in facts.payable:
        rate = float(market.spot[payable.currency]) / dollar
        owes = float(payable.amount_a_year) * max(payable.days, 1) / YEAR * rate
        owed[payable.currency] += owes
    # What is owed in a currency that no buyer pays falls by its own day: the longest.
    waits = {p.currency: p.days for p in sorted(facts.payable, key=lambda payable: payable.days)}
    waits |= {code: facts.days for codes in bank.accepts.values() for code in codes}
    days = {code: waits.get(code, facts.days) for code in market.spot}
    return ExchangeRisk(
        share=float(facts.risk),
        stock=facts.days / YEAR,
        moves={
            code: bank.at.paths[day][code] / float(market.spot[code]) - 1
            for code, day in days.items()
            if code in bank.at.paths[day]
        },
        fixing={code: ndf.fixing[days[code]] for code, ndf in market.ndf.items()},
        owed_usd=dict(owed),
    )


def shift_rate(
    treasury: Treasury, rates: RateDraws, discount: Floats, *, every: int, code: str, factor: float
) -> Treasury:
    """What contracts pay where a currency is dearer in yuan in all scenarios, and all else is not.

    Args:
        treasury: of a plan; its limit is left out.
        rates: of the scenarios.
        discount: Y.
        every: one in so many scenarios is looked at.
        code: of the currency; empty where none moves.
        factor: of its rate.
    """
    count = len(rates.draws[::every])
    more = np.zeros((count, len(discount)))
    if code in rates.currencies:
        at, dollars = rates.currencies.index(code), (factor - 1) * rates.cny_per_usd
        more = dollars * rates.draws[::every, :, at] / rates.today[at]

    def currency(account: Currency) -> Currency:
        less = more if account.code == code else np.zeros_like(more)
        sold = discount[0] * less[:, 0]
        forwards = tuple(
            replace(f, payoff_cny=f.payoff_cny[::every] - sold * (f.days == AHEAD))
            for f in account.forwards
        )
        always = np.broadcast_to(account.constant_cny, len(rates.draws))[::every]
        lost = account.out_usd * less @ discount + account.held_usd * discount[0] * less[:, 0]
        return replace(account, forwards=forwards, constant_cny=always - lost)

    def switch(contract: Switch) -> Switch:
        sign = float(contract.after == code) - float(contract.before == code)
        gained = sign * more @ (discount * np.array(contract.later))
        return replace(contract, payoff_cny=contract.payoff_cny[::every] + gained)

    return Treasury(
        tuple(map(currency, treasury.currencies)), tuple(map(switch, treasury.switches))
    )


PLAN_REASONS = {
    "settle.no_forward": "settle.plan_no_forward",
    "settle.stale_interest": "settle.plan_stale",
}
"""What a plan says of a currency without a forward, in place of what a deal says."""


def refused_hedges(study: Study, bank: Bank, offers: Offers) -> Iterator[Caution]:
    """What is not proposed, and why: message key and values.

    Args:
        study: for the horizon.
        bank: its currencies.
        offers: for the currencies of today's invoices.
    """
    yield from (Caution("settle.not_compared_plan", {"currency": code}) for code in bank.missing)
    yield from old_interest(bank.at.market)
    for code in dict.fromkeys([*(row.currency for row in offers.rows), *bank.currencies]):
        why = None if code == "CNY" else why_no_forward(code, 0, bank.at.market)
        if why is not None:
            yield replace(why, key=PLAN_REASONS.get(why.key, why.key))
    if bank.facts.days > LONGEST_FORWARD:
        days = {"days": str(bank.facts.days), "longest": str(LONGEST_FORWARD)}
        yield Caution("settle.plan_too_far", days)
    for day in (forward.until for forward in bank.facts.held):
        if year_of(bank.on, day) >= study.markets.horizon:
            yield Caution("settle.plan_held_later", {"day": day.isoformat()})
    if study.markets.horizon > 1:
        yield Caution("settle.plan_first_year", {"longest": str(LONGEST_FORWARD)})
