"""``offing settle``: which currency to invoice in, and how much of it to hedge."""

import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.settlement import (
    backtest_data,
    print_aside,
    print_backtest,
    print_book,
    print_deal,
    print_explained,
    print_frontier,
    print_notes,
)
from offing.cli.show import print_json
from offing.policy.overlay import today, under_all, unused
from offing.report.settle_words import ALWAYS, book_answer, deal_answer
from offing.report.terminal import print_line
from offing.rules.reform import read_reform
from offing.settlement import backtest
from offing.settlement.advice import BookAdvice, DealAdvice, rules_of
from offing.settlement.deal import Credit, choose
from offing.settlement.history import last_day, read_history
from offing.settlement.market_data import Compared, Own, market_data, without_rates
from offing.settlement.portfolio import hedge_book
from offing.settlement.simulation import trading_days
from offing.sources.deals import days_of, deal_amount, read_deals
from offing.terms.amounts import amount, clear_amount, rate
from offing.terms.countries import country_code
from offing.terms.currencies import currency_code, currency_of
from offing.terms.errors import InputError, StorageError, Where
from offing.terms.exchange import given_rates
from offing.terms.firm_records import Deal, Records
from offing.terms.messages import language, say
from offing.terms.payment import payment_term
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import STALE, fx_of, quoted

TEST_SINCE = date(2015, 1, 1)
TESTED = ("USD", "EUR", "JPY", "KRW", "HKD", "AUD", "GBP", "SGD", "MYR", "THB")
"""Ten currencies of China's main trading partners with a daily rate since 2005."""

Many = list[str]


def settle(
    value: Annotated[str | None, Parameter(help=say("settle.help_amount"))] = None,
    currency: Annotated[str, Parameter(help=say("settle.help_currency"))] = "USD",
    *,
    book: Annotated[Path | None, Parameter(help=say("settle.help_book"))] = None,
    market: Annotated[str | None, Parameter(help=say("settle.help_market"))] = None,
    invoice: Annotated[Many | None, Parameter(help=say("settle.help_invoice"), negative="")] = None,
    days: Annotated[int, Parameter(help=say("settle.help_days"))] = 90,
    terms: Annotated[str, Parameter(help=say("settle.help_terms"))] = "open_account",
    on: Annotated[date | None, Parameter(help=say("settle.help_on"))] = None,
    cost_cny: Annotated[str | None, Parameter(help=say("settle.help_cost"))] = None,
    risk: Annotated[str, Parameter(help=say("settle.help_risk"))] = "2%",
    hedge: Annotated[str | None, Parameter(help=say("settle.help_hedge"))] = None,
    interest_rate: Annotated[
        Many | None, Parameter(name="--interest", help=say("settle.help_interest"), negative="")
    ] = None,
    bank_spread: Annotated[
        Many | None, Parameter(name="--spread", help=say("settle.help_spread"), negative="")
    ] = None,
    spot: Annotated[
        Many | None, Parameter(name="--rate", help=say("settle.help_rate"), negative="")
    ] = None,
    volatility: Annotated[
        Many | None, Parameter(help=say("settle.help_volatility"), negative="")
    ] = None,
    premium: Annotated[str, Parameter(help=say("settle.help_premium"))] = "0%",
    cover: Annotated[str, Parameter(help=say("settle.help_cover"))] = "0%",
    default_probability: Annotated[str, Parameter(name="--pd", help=say("settle.help_pd"))] = "0%",
    loss_given_default: Annotated[
        str, Parameter(name="--lgd", help=say("settle.help_lgd"))
    ] = "60%",
    cny_discount: Annotated[str, Parameter(help=say("settle.help_discount"))] = "0%",
    ndf_basis: Annotated[
        Many | None, Parameter(help=say("settle.help_ndf_basis"), negative="")
    ] = None,
    deliverable: Annotated[
        Many | None, Parameter(help=say("settle.help_deliverable"), negative="")
    ] = None,
    reform: Annotated[
        list[Path] | None, Parameter(help=say("settle.help_reform"), negative="")
    ] = None,
    out: Annotated[Path | None, Parameter(help=say("settle.help_out"))] = None,
    frontier: Annotated[bool, Parameter(help=say("settle.help_frontier"), negative="")] = False,
    test: Annotated[
        bool, Parameter(name="--backtest", help=say("settle.help_test"), negative="")
    ] = False,
    explain: Annotated[bool, Parameter(help=say("settle.help_explain"), negative="")] = False,
    seed: Annotated[int, Parameter(help=say("settle.help_seed"))] = 1,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> int:
    """Compare invoice currencies for a deal or a book: cost, risk and the hedge that suits."""
    house = Warehouse.open(warehouse)
    newest = last_day(house)
    day = on or newest
    if day > newest + STALE:
        raise InputError("settle.no_rates_yet", on=day, last=newest)
    if seed < 0:
        raise InputError("settle.bad_seed", seed=seed)
    if test:
        _backtest(house, day, as_json)
        return 0
    file = _deals(value, currency, book, days, terms, cost_cny)
    deals = file.rows
    reforms = [read_reform(path) for path in reform or []]
    laws = under_all(today(), reforms)
    own = Own(
        interest=_signed_rates(interest_rate, "--interest"),
        spreads=_rates(bank_spread, "--spread"),
        ndf_basis=_signed_rates(ndf_basis, "--ndf-basis"),
        per_usd=given_rates(spot or []),
        volatility=_rates(volatility, "--volatility"),
        delivered=frozenset(currency_code(code) for code in deliverable or []),
        cny_discount=rate(cny_discount, name="--cny-discount"),
    )
    wanted = _wanted(invoice, market, deals, book is not None)
    missing = without_rates(wanted, quoted(house, day), own)
    compared = [code for code in wanted if code not in missing]
    if missing and (invoice or book is not None or not compared):
        raise InputError("settle.ask_rate", currency=missing[0])
    credit = Credit(
        premium_rate=rate(premium, name="--premium"),
        cover=_share(cover, "--cover"),
        default_probability=rate(default_probability, name="--pd"),
        loss_given_default=_share(loss_given_default, "--lgd"),
    )
    allowed = _share(risk, "--risk")
    fixed = None if hedge is None else _hedge(hedge)
    longest = max(deal.days for deal in deals)
    asked = Compared(day, compared, longest, [deal.currency for deal in deals], seed)
    fx = laws.fx(fx_of(house, day, own.per_usd))
    at = market_data(house, asked, laws.settlement, fx, own)
    rules = rules_of(at.market, compared, [deal.terms for deal in deals])
    advice: DealAdvice | BookAdvice
    if book is not None:
        together = hedge_book(deals, at.market, credit, at.paths, risk=allowed, hedge=fixed)
        advice = BookAdvice(together, at.market, allowed, rules, at.simulated)
    else:
        (deal,) = deals
        choices = choose(deal, compared, at.market, credit, at.paths, risk=allowed, hedge=fixed)
        advice = DealAdvice(deal, choices, at.market, allowed, tuple(missing), rules, at.simulated)
    if out is not None:
        _write(advice, out)
    if as_json:
        print_json({**_document(advice, out), "aside": [e.as_json() for e in file.aside]})
    else:
        _print(advice, out, frontier=frontier, explain=explain)
        for key, values in unused(reforms, rules):
            print_line("! " + say(key, **values), "yellow")
        print_aside(file)
    return 1 if file.aside else 0


def _print(
    advice: DealAdvice | BookAdvice, page: Path | None, *, frontier: bool, explain: bool
) -> None:
    if isinstance(advice, BookAdvice):
        print_book(advice)
    else:
        print_deal(advice)
        if frontier:
            print_frontier(advice)
    print_notes(advice)
    if explain:
        print_explained(advice)
    if page is not None:
        print_line(say("settle.page", path=page))


def _document(advice: DealAdvice | BookAdvice, page: Path | None) -> dict[str, Any]:
    shared = {
        "on": advice.market.on,
        "simulated": advice.simulated,
        "rules": advice.rules,
        "page": page,
    }
    if isinstance(advice, BookAdvice):
        return {"book": advice.book, "answer": list(book_answer(advice)), **shared}
    return {
        "deal": advice.deal,
        "choices": advice.choices,
        "answer": list(deal_answer(advice)),
        "not_compared": advice.missing,
        **shared,
    }


def _write(advice: DealAdvice | BookAdvice, path: Path) -> None:
    from offing.report.settle_page import write_book, write_deal

    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError("settle.not_html", where=Where(path), path=path)
    lang = language()
    page = write_book(advice, lang) if isinstance(advice, BookAdvice) else write_deal(advice, lang)
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise StorageError("cli.disk", where=Where(path), reason=error.strerror) from error


def _wanted(
    invoice: Many | None, market: str | None, deals: Sequence[Deal], is_book: bool
) -> list[str]:
    """The currencies to look at: those asked for, or the usual ones with the buyer's."""
    if is_book:
        # Dollars carry the non-deliverable forwards, so their spread is needed too.
        codes = [code for deal in deals for code in (deal.currency, *deal.accepts)]
        return list(dict.fromkeys([*codes, "USD"]))
    asked = [currency_code(code) for code in invoice or []]
    buyers = _buyers_currency(market)
    usual = [*ALWAYS, *(code for code in (buyers, *(d.currency for d in deals)) if code)]
    return list(dict.fromkeys(asked or usual))


def _deals(
    value: str | None,
    currency: str,
    book: Path | None,
    days: int,
    terms: str,
    cost_cny: str | None,
) -> Records[Deal]:
    if book is not None:
        if value is not None:
            raise InputError("settle.deal_or_book")
        return read_deals(book)
    if value is None:
        raise InputError("settle.which_deal")
    deal = Deal(
        amount=deal_amount(value, Where(column="AMOUNT")),
        currency=currency_code(currency),
        days=days_of(days, Where(column="--days")),
        terms=payment_term(terms, where=Where(column="--terms")),
        cost_cny=None
        if cost_cny is None
        else clear_amount(cost_cny, where=Where(column="--cost-cny")),
    )
    return Records((deal,))


def _buyers_currency(market: str | None) -> str | None:
    """The currency of a market."""
    if market is None:
        return None
    code = country_code(market)
    found = currency_of(code)
    if found is None:
        raise InputError("settle.no_currency_of", where=Where(column="--market"), market=code)
    return found


def _pairs(texts: Many | None, option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts or []:
        for part in text.replace("，", ",").split(","):
            name, sign, number = part.partition("=")
            if not sign or not number.strip():
                raise InputError("settle.bad_pair", text=part, option=option)
            pairs[currency_code(name)] = number.strip()
    return pairs


def _rates(texts: Many | None, option: str) -> dict[str, Decimal]:
    return {code: rate(text, name=option) for code, text in _pairs(texts, option).items()}


def _signed_rates(texts: Many | None, option: str) -> dict[str, Decimal]:
    return {
        code: -rate(text[1:], name=option) if text.startswith("-") else rate(text, name=option)
        for code, text in _pairs(texts, option).items()
    }


def _share(text: str, option: str) -> Decimal:
    """A share from 0 to 1, both included."""
    return Decimal(1) if text.strip() in ("100%", "1", "1.0") else rate(text, name=option)


def _hedge(text: str) -> Decimal:
    plain = unicodedata.normalize("NFKC", text).strip()
    share = amount(plain[:-1]).scaleb(-2) if plain.endswith("%") else amount(plain)
    if not 0 <= share <= 1:
        raise InputError("settle.bad_hedge", hedge=f"{(share * 100).normalize():f}")
    return share


def _backtest(house: Warehouse, day: date, as_json: bool) -> None:
    history = read_history(house, TESTED, day)
    results = [
        each
        for horizon in (1, trading_days(90))
        for each in backtest.coverage(history, horizon, TEST_SINCE)
    ]
    if as_json:
        print_json(backtest_data(results))
        return
    print_backtest(results, say("settle.title_test", since=TEST_SINCE, until=day))
