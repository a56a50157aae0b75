"""Which currency to invoice in, and how much of it to hedge: a deal, or many deals netted."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from offing.api import typed
from offing.api.asking import (
    Answer,
    Asked,
    Country,
    LawRequest,
    Named,
    Words,
    open_warehouse,
    question,
)
from offing.policy.overlay import doubtful, unused_reforms
from offing.settlement.advice import (
    SETTLEMENT_CHECKS,
    BookAdvice,
    DealAdvice,
    SettlementTerms,
    old_interest,
    reasons_unhedged,
    rules_of,
)
from offing.settlement.deal import Credit, choose
from offing.settlement.market_data import (
    Compared,
    Own,
    currencies_without_rates,
    last_day,
    market_data,
    must_have_rates,
    read_history,
)
from offing.settlement.portfolio import hedge_book
from offing.settlement.simulation import BASKET, RangeCoverage, coverage, trading_days
from offing.sources.deals import days_of, deal_amount, read_deals
from offing.terms.caution import Caution
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.exchange import FRESH, OLDEST, FxTable, old_rates
from offing.terms.firm_records import Deal, Records
from offing.terms.messages import say
from offing.terms.money import currency_code, currency_codes, currency_of
from offing.terms.plain import as_data, values_of
from offing.terms.sale_terms import payment_term
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import fx_of, quoted_currencies

TEST_SINCE = date(2015, 1, 1)
TESTED = ("USD", "EUR", "JPY", "KRW", "HKD", "AUD", "GBP", "SGD", "MYR", "THB")
"""Ten currencies of China's main trading partners with a daily rate since 2005."""
ALWAYS = ("USD", "EUR", "CNY")
"""Compared where nothing else is asked for."""


@dataclass(frozen=True)
class SettleRequest(LawRequest):
    """Which currency should a deal be invoiced in, and how much of it hedged?

    ``offing settle --help`` explains every field.

    Attributes:
        amount: negative for a payable.
        risk, hedge, premium, cover, default_probability, loss_given_default, cny_discount: shares.
        interest, spread, volatility, ndf_basis: yearly shares, ``{"USD": "4.1%"}``.
        rate: ``{"VND": 26300}``: units for one US dollar.
    """

    amount: Annotated[typed.Number, Asked("settle.help_amount", word=True)] = None
    currency: Annotated[str | None, Asked("settle.help_currency", word=True, name="--currency")] = (
        None
    )
    book: Annotated[typed.File, Asked("settle.help_book")] = None
    market: Annotated[Country | None, Asked("settle.help_market")] = None
    invoice: Annotated[Words, Asked("settle.help_invoice")] = None
    days: Annotated[int, Asked("settle.help_days")] = 90
    terms: Annotated[str, Asked("settle.help_terms")] = "open_account"
    on: Annotated[date | None, Asked("settle.help_on")] = None
    cost_cny: Annotated[typed.Number, Asked("settle.help_cost")] = None
    risk: Annotated[typed.Share, Asked("settle.help_risk")] = "2%"
    hedge: Annotated[typed.Share | None, Asked("settle.help_hedge")] = None
    interest: Annotated[Named, Asked("settle.help_interest")] = None
    spread: Annotated[Named, Asked("settle.help_spread")] = None
    rate: Annotated[Named, Asked("landed.help_rate")] = None
    rates_age: Annotated[int | None, Asked("landed.help_rates_age")] = None
    volatility: Annotated[Named, Asked("settle.help_volatility")] = None
    premium: Annotated[typed.Share, Asked("settle.help_premium")] = "0%"
    cover: Annotated[typed.Share, Asked("settle.help_cover")] = "0%"
    default_probability: Annotated[typed.Share, Asked("settle.help_pd", name="--pd")] = "0%"
    loss_given_default: Annotated[typed.Share, Asked("settle.help_lgd", name="--lgd")] = "60%"
    cny_discount: Annotated[typed.Share, Asked("settle.help_discount")] = "0%"
    ndf_basis: Annotated[Named, Asked("settle.help_ndf_basis")] = None
    deliverable: Annotated[Words, Asked("settle.help_deliverable")] = None
    reform: Annotated[typed.Paths, Asked("settle.help_reform")] = None
    frontier: Annotated[bool, Asked("settle.help_frontier")] = False
    backtest: Annotated[bool, Asked("settle.help_test")] = False
    explain: Annotated[bool, Asked("landed.help_explain")] = False
    seed: Annotated[int, Asked("equilibrium.help_seed")] = 1


@dataclass(frozen=True)
class SettleAnswer(Answer):
    """Currencies compared for a deal, a book hedged, or the limits tested.

    Attributes:
        advice: on a deal or a book, amounts in CNY; ``None`` for a test.
        quarantined: deals of the book that could not be used, and why.
        coverage: how each currency's 95 % limit fared from ``TEST_SINCE`` to ``tested_until``.
        frontier: whether every hedge ratio is to be told.
        explain: whether every assumption is to be told.
        cautions: what to look at in the file or the reforms, message keys with their values.
    """

    advice: DealAdvice | BookAdvice | None = None
    quarantined: tuple[OffingError, ...] = ()
    coverage: tuple[RangeCoverage, ...] = ()
    tested_until: date | None = None
    frontier: bool = False
    explain: bool = False

    def data(self) -> Any:
        """The options of each currency, or the book's lines; the test as a list."""
        advice = self.advice
        if advice is None:
            tests = ("horizon_trading_days=horizon", "limits=outcomes", "hits", "share", "p_value")
            return [
                {
                    "currency": "basket" if one.currency == BASKET else one.currency,
                    **values_of(one, *tests, "separate_rejected", "holds"),
                }
                for one in self.coverage
            ]
        shared = {
            "on": advice.market.on,
            **values_of(advice, "simulated", "rules"),
            "aside": as_data(self.quarantined),
            "not_hedged": [
                {
                    "reason": say(why.key, **why.values),
                    "next": say(f"{why.key}_next", **why.values),
                    **why.values,
                }
                for why in reasons_unhedged(advice)
            ],
        }
        if isinstance(advice, BookAdvice):
            return {"book": advice.book, **shared}
        return {**values_of(advice, "deal", "choices", "not_compared=missing"), **shared}


@question(SettleRequest)
def settle(request: SettleRequest) -> SettleAnswer:
    """Compare invoice currencies for a deal or a book: cost, risk and the hedge that suits.

    Raises:
        InputError: a value that cannot be, or a currency whose rate must be given.

    >>> answer = settle("250000", "USD", on=date(2026, 10, 30), market="IDN")
    >>> sorted(option.currency for option in answer.advice.options)
    ['CNY', 'EUR', 'IDR', 'USD']
    """
    warehouse = open_warehouse(request.warehouse)
    newest = last_day(warehouse)
    on = request.on or newest
    oldest = OLDEST if request.rates_age is None else request.rates_age
    if (on - newest).days > oldest:
        days = (on - newest).days
        raise InputError("settle.no_rates_yet", on=on, last=newest, days=days, oldest=oldest)
    if request.backtest:
        history = read_history(warehouse, TESTED, on)
        tests = [one for d in (1, trading_days(90)) for one in coverage(history, d, TEST_SINCE)]
        return SettleAnswer(coverage=tuple(tests), tested_until=on)
    own = _own(request)
    reforms = typed.reforms_of(request.reform)
    laws = request.laws(reforms)
    fx = laws.fx(fx_of(warehouse, on, own.per_usd, oldest))
    listed = quoted_currencies(warehouse, fx.on, fx.oldest)
    file = _deals(
        request, on, lambda deal: must_have_rates([deal.currency, *deal.accepts], listed, own, fx)
    )
    risk = typed.share(request.risk, "--risk", whole=True)
    hedge = None if request.hedge is None else typed.share(request.hedge, "--hedge", whole=True)
    terms = SettlementTerms(file.rows, fx, own, _credit(request), laws.settlement, on, risk, hedge)
    advice = _advice(request, warehouse, terms)
    return SettleAnswer(
        advice,
        file.quarantined,
        put_aside=len(file.quarantined),
        frontier=request.frontier,
        explain=request.explain,
        cautions=(
            *file.notes,
            *SETTLEMENT_CHECKS.findings(terms),
            *_about_rates(advice, fx, asked=request.on is not None),
            *old_interest(advice.market),
            *unused_reforms(reforms, advice.rules),
            *doubtful(reforms),
        ),
    )


def _about_rates(advice: DealAdvice | BookAdvice, fx: FxTable, *, asked: bool) -> Iterator[Caution]:
    """Rates that are old: on the day asked for, or today where the newest rates were taken."""
    currencies = {"CNY", *advice.market.spot}
    yield from fx.cautions(currencies)
    today = date.today()  # noqa: DTZ011 - the user's own day
    if not asked and today - fx.on > FRESH:
        yield old_rates(sorted(currencies - {*fx.given, *fx.thin}), fx.on, today)


def _advice(
    request: SettleRequest, warehouse: Warehouse, terms: SettlementTerms
) -> DealAdvice | BookAdvice:
    """The currencies of one deal compared, or a book netted and hedged."""
    deals, fx, own, credit = terms.deals, terms.fx, terms.own, terms.credit
    risk, hedge = terms.risk, terms.hedge
    wanted = _currencies_to_compare(request, deals)
    listed = quoted_currencies(warehouse, fx.on, fx.oldest)
    missing = currencies_without_rates(wanted, listed, own, fx.thin)
    compared = [code for code in wanted if code not in missing]
    if request.invoice or not compared:
        must_have_rates(wanted, listed, own, fx)
    days, also = {deal.days for deal in deals}, [deal.currency for deal in deals]
    asked = Compared(fx.on, compared, days, request.seed, also, fx.oldest)
    at = market_data(warehouse, asked, terms.defaults, fx, own)
    rules = rules_of(at.market, compared, [deal.terms for deal in deals])
    if request.book is not None:
        book = hedge_book(deals, at.market, credit, at.paths, risk=risk, hedge=hedge)
        return BookAdvice(book, at.market, risk, rules, at.simulated)
    (deal,) = deals
    paths = at.paths[deal.days]
    choices = choose(deal, compared, at.market, credit, paths, risk=risk, hedge=hedge)
    with_rate = frozenset(missing) & {*fx.thin, *own.per_usd}
    return DealAdvice(
        deal, choices, at.market, risk, tuple(missing), rules, at.simulated, with_rate
    )


def _deals(request: SettleRequest, on: date, check: Callable[[Deal], None]) -> Records[Deal]:
    """The deal, or those of the book that can be used."""
    if request.book is not None:
        if request.amount is not None:
            raise InputError("settle.deal_or_book")
        return read_deals(Path(request.book), on, check)
    if request.amount is None:
        raise InputError("settle.which_deal")
    said: typed.Number = request.amount
    named, cost = request.currency, request.cost_cny
    if isinstance(said, str) and said.strip().upper() in currency_codes():  # USD 250000
        said, named = named, said
    amount, currency = _amount(said, None if named is None else currency_code(named))
    deal = Deal(
        amount=deal_amount(amount, Where(column="AMOUNT")),
        currency=currency,
        days=days_of(request.days, Where(column="--days")),
        terms=payment_term(request.terms, where=Where(column="--terms")),
        cost_cny=None if cost is None else typed.money_in("CNY", cost, "--cost-cny"),
    )
    return Records((deal,))


def _amount(value: typed.Number, named: str | None) -> tuple[typed.Number, str]:
    """An amount and its currency, which may be written with it: ``-250000USD``.

    Raises:
        InputError: ``settle.other_currency``.
    """
    written = isinstance(value, str) and re.search(r"\d", value)
    if not written or not re.search(r"[^\W\d_亿万元]", str(value)):
        return value, named or DOLLAR
    found = typed.money(value, named or DOLLAR)
    assert found is not None, "a text is an amount or refused"
    if named not in (found.currency, None):
        raise InputError("settle.other_currency", one=found.currency, other=named)
    return found.amount, found.currency


DOLLAR = "USD"
"""The currency where none is named."""


def _currencies_to_compare(request: SettleRequest, deals: Sequence[Deal]) -> list[str]:
    """The currencies to look at: those asked for, or the usual ones with the buyer's."""
    if request.book is not None:
        # Dollars carry the non-deliverable forwards, so their spread is needed too.
        codes = [code for deal in deals for code in (deal.currency, *deal.accepts)]
        return list(dict.fromkeys([*codes, "USD"]))
    buyers, code = [], request.market
    if code is not None and not (buyers := [*filter(None, [currency_of(code)])]):
        raise InputError("settle.no_currency_of", where=Where(column="--market"), market=code)
    asked = [currency_code(code) for code in typed.as_list(request.invoice)]
    return list(dict.fromkeys(asked or [*ALWAYS, *buyers, *(deal.currency for deal in deals)]))


def _own(request: SettleRequest) -> Own:
    """What the user gives in place of a default or of the ECB's history."""
    return Own(
        interest=typed.shares(request.interest, "--interest", signed=True),
        spreads=typed.shares(request.spread, "--spread"),
        ndf_basis=typed.shares(request.ndf_basis, "--ndf-basis", signed=True),
        per_usd=typed.per_dollar(request.rate),
        volatility=typed.shares(request.volatility, "--volatility"),
        delivered=frozenset(currency_code(code) for code in typed.as_list(request.deliverable)),
        cny_discount=typed.share(request.cny_discount, "--cny-discount"),
    )


def _credit(request: SettleRequest) -> Credit:
    return Credit(
        premium_rate=typed.share(request.premium, "--premium"),
        cover=typed.share(request.cover, "--cover", whole=True),
        default_probability=typed.share(request.default_probability, "--pd"),
        loss_given_default=typed.share(request.loss_given_default, "--lgd", whole=True),
    )
