"""``offing settle``: which currency to invoice in, and how much of it to hedge."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import console, print_json, print_line, table
from offing.costing.fx import fx_of, given_rates
from offing.costing.refund.amounts import amount, rate
from offing.costing.settlement import backtest
from offing.costing.settlement.book_file import days_of, read_book
from offing.costing.settlement.charges import letter_of_credit_rank
from offing.costing.settlement.deal import (
    Book,
    Choice,
    Credit,
    Deal,
    Market,
    Option,
    choose,
    hedge_book,
)
from offing.costing.settlement.defaults import (
    Assumed,
    fees_source,
    finance_rate,
    frameworks,
    given,
    interest,
    spread,
)
from offing.costing.settlement.history import last_day, quoted, read_history, simulate_all
from offing.costing.settlement.simulation import trading_days
from offing.costing.shape import RuleUse
from offing.terms.countries import country_code
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError, Where
from offing.terms.messages import say
from offing.warehouse import Warehouse

ALWAYS = ("USD", "EUR", "CNY")
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
    frontier: Annotated[bool, Parameter(help=say("settle.help_frontier"), negative="")] = False,
    test: Annotated[
        bool, Parameter(name="--backtest", help=say("settle.help_test"), negative="")
    ] = False,
    explain: Annotated[bool, Parameter(help=say("settle.help_explain"), negative="")] = False,
    seed: Annotated[int, Parameter(help=say("settle.help_seed"))] = 1,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Compare invoice currencies for a deal or a book: cost, risk and the hedge that suits."""
    house = Warehouse.open(warehouse)
    day = on or last_day(house)
    if test:
        _backtest(house, day, as_json)
        return
    deals = _deals(value, currency, book, days, terms, cost_cny)
    per_usd, sigmas = given_rates(spot or []), _rates(volatility, "--volatility")
    buyers = _buyers_currency(market)
    known = quoted(house, day)
    wanted = [currency_code(code) for code in invoice or []] or [
        *ALWAYS,
        *(code for code in (buyers, *(deal.currency for deal in deals)) if code),
    ]
    wanted = list(dict.fromkeys(wanted))
    missing = _missing(wanted, known, per_usd, sigmas, asked=bool(invoice))
    compared = [code for code in wanted if code not in missing]
    fx = fx_of(house, day, per_usd)
    quotes = Market(
        on=day,
        spot={
            code: fx.rate("CNY", code)[0]
            for code in {*compared, *(deal.currency for deal in deals)}
        },
        interest=_interest(compared, day, interest_rate),
        spreads=_spreads(compared, bank_spread),
        finance=finance_rate(day),
        cny_discount=rate(cny_discount, name="--cny-discount"),
    )
    credit = Credit(
        premium_rate=rate(premium, name="--premium"),
        cover=_share(cover, "--cover"),
        default_probability=rate(default_probability, name="--pd"),
        loss_given_default=_share(loss_given_default, "--lgd"),
    )
    history_of = [c for c in compared if c in known and c != "CNY"]
    if any(code not in known for code in compared) and "USD" not in history_of:
        history_of.append("USD")
    history = read_history(house, history_of, day) if history_of else None
    own = {code: (per_usd[code], sigmas[code]) for code in compared if code not in known}
    allowed = _share(risk, "--risk")
    fixed = None if hedge is None else _hedge(hedge)
    longest = trading_days(max(deal.days for deal in deals))
    drawn = {} if history is None else simulate_all(history, longest, own, seed=seed)
    rules = _rules(quotes, compared)
    if book is not None:
        together = hedge_book(deals, quotes, credit, drawn, risk=allowed, hedge=fixed)
        if as_json:
            print_json({"on": day, "book": together, "rules": rules})
            return
        _print_book(together, day)
        _print_notes((), {line.option.currency: line.option for line in together.lines}, quotes)
    else:
        (deal,) = deals
        choices = choose(deal, compared, quotes, credit, drawn, risk=allowed, hedge=fixed)
        if as_json:
            print_json(
                {
                    "on": day,
                    "deal": deal,
                    "choices": choices,
                    "not_compared": missing,
                    "rules": rules,
                }
            )
            return
        _print_deal(deal, choices, day)
        if frontier:
            _print_frontier(choices)
        _print_notes(missing, {c.option.currency: c.option for c in choices}, quotes)
    if explain:
        _print_rules(rules)


def _deals(
    value: str | None,
    currency: str,
    book: Path | None,
    days: int,
    terms: str,
    cost_cny: str | None,
) -> tuple[Deal, ...]:
    if book is not None:
        return read_book(book)
    if value is None:
        raise InputError("settle.which_deal")
    letter_of_credit_rank(terms)
    return (
        Deal(
            amount=amount(value),
            currency=currency_code(currency),
            days=days_of(days, Where(column="--days")),
            terms=terms,
            cost_cny=None if cost_cny is None else amount(cost_cny),
        ),
    )


def _buyers_currency(market: str | None) -> str | None:
    """The currency of a market, by the day's calendar of the Unicode CLDR."""
    if market is None:
        return None
    from babel.numbers import get_territory_currencies

    from offing.terms.countries import all_countries

    found = get_territory_currencies(all_countries()[country_code(market)].alpha2)
    return str(found[0]) if found else None


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


def _share(text: str, option: str) -> Decimal:
    """A share from 0 to 1, both included."""
    return Decimal(1) if text.strip() in ("100%", "1", "1.0") else rate(text, name=option)


def _hedge(text: str) -> Decimal:
    plain = text.strip()
    share = amount(plain[:-1]).scaleb(-2) if plain.endswith("%") else amount(plain)
    if not 0 <= share <= 1:
        raise InputError("settle.bad_hedge", hedge=plain.rstrip("%"))
    return share


def _missing(
    wanted: Sequence[str],
    known: frozenset[str],
    per_usd: dict[str, Decimal],
    sigmas: dict[str, Decimal],
    *,
    asked: bool,
) -> list[str]:
    """Currencies that cannot be compared; an error where the user named them."""
    missing = [
        code
        for code in wanted
        if code != "CNY" and code not in known and not (code in per_usd and code in sigmas)
    ]
    if missing and asked:
        raise InputError("settle.ask_rate", currency=missing[0])
    return missing


def _interest(compared: Sequence[str], on: date, texts: Many | None) -> dict[str, Assumed]:
    mine = _rates(texts, "--interest")
    found: dict[str, Assumed] = {}
    for code in {*compared, "CNY"}:
        default = interest(code, on)
        if code in mine:
            found[code] = given(f"interest.{code.lower()}", mine[code])
        elif default is not None:
            found[code] = default
    return found


def _spreads(compared: Sequence[str], texts: Many | None) -> dict[str, Assumed]:
    mine = _rates(texts, "--spread")
    return {
        code: given(f"spread.{code.lower()}", mine[code]) if code in mine else spread(code)
        for code in compared
    }


def _rules(quotes: Market, compared: Sequence[str]) -> list[RuleUse]:
    used = [quotes.interest[code].use for code in sorted(quotes.interest)]
    used += [quotes.spreads[code].use for code in sorted(compared) if code != "CNY"]
    if quotes.finance:
        used.append(quotes.finance.use)
    return [
        *used,
        RuleUse("settlement.fees", "—", None, None, fees_source(), "illustrative"),
    ]


def _money(number: Decimal) -> str:
    return f"{number:,.0f}"


def _percent(share: Decimal, places: int = 1) -> str:
    return f"{share * 100:.{places}f} %"


def _print_deal(deal: Deal, choices: tuple[Choice, ...], day: date) -> None:
    columns = [
        say("settle.column_currency"),
        say("settle.column_hedge"),
        say("settle.column_expected"),
        say("settle.column_low"),
        say("settle.column_cost"),
        say("settle.column_at_risk"),
    ]
    rows = []
    for choice in choices:
        it = choice.option
        rows.append(
            [
                it.currency + ("" if choice.within else " *"),
                "—" if it.currency == "CNY" else _percent(it.hedge_ratio, 0),
                _money(it.expected),
                _money(it.low),
                _money(it.at_mid - it.expected),
                _percent(it.at_risk),
            ]
        )
    title = say(
        "settle.title_deal",
        name=deal.name,
        amount=f"{deal.amount:,}",
        currency=deal.currency,
        days=deal.days,
        terms=say(f"settle.terms_{deal.terms}"),
        on=day,
    )
    out = console()
    out.print(table(title.strip(), columns, rows))
    if any(not choice.within for choice in choices):
        print_line(say("settle.beyond"))
    if len(choices) > 1:
        _print_answer(deal, choices)


def _print_answer(deal: Deal, choices: tuple[Choice, ...]) -> None:
    best = choices[0].option
    words = say(
        "settle.answer_cny" if best.currency == "CNY" else "settle.answer",
        currency=best.currency,
        hedge=_percent(best.hedge_ratio, 0),
        expected=_money(best.expected),
        low=_money(best.low),
    )
    plain = next((c.frontier[0] for c in choices if c.option.currency == "USD"), None)
    if plain is not None and plain is not best:
        words += " " + say(
            "settle.against",
            gain=f"{best.expected - plain.expected:+,.0f}",
            safer=f"{best.low - plain.low:+,.0f}",
        )
    other = next((c.option for c in choices if c.option.currency != "CNY"), None)
    if best.currency == "CNY" and other is not None:
        words += " " + say(
            "settle.if_not_cny",
            currency=other.currency,
            hedge=_percent(other.hedge_ratio, 0),
            discount=_percent((best.expected - other.expected) / best.at_mid, 2),
        )
    if deal.cost_cny is not None and best.expected:
        words += " " + say(
            "settle.margin",
            expected=_percent((best.expected - deal.cost_cny) / best.expected),
            low=_percent((best.low - deal.cost_cny) / best.low if best.low else Decimal(0)),
        )
    print_line(words)


WIDTH = 20


def _print_frontier(choices: tuple[Choice, ...]) -> None:
    """Each hedge ratio as a bar: how far the limit lies below what is expected."""
    for choice in choices:
        if len(choice.frontier) == 1:
            continue
        widest = max(each.at_risk for each in choice.frontier) or Decimal(1)
        rows = [
            [
                _percent(each.hedge_ratio, 0),
                _money(each.expected),
                _money(each.low),
                _percent(each.at_risk),
                ("█" * round(each.at_risk / widest * WIDTH)).ljust(WIDTH)
                + (" ←" if each is choice.option else "  "),
            ]
            for each in choice.frontier
        ]
        columns = [
            say("settle.column_hedge"),
            say("settle.column_expected"),
            say("settle.column_low"),
            say("settle.column_at_risk"),
            "",
        ]
        title = say("settle.title_frontier", currency=choice.option.currency)
        console().print(table(title, columns, rows, text_columns=(0, 4)))


def _print_book(book: Book, day: date) -> None:
    columns = [
        say("settle.column_deal"),
        say("settle.column_days"),
        say("settle.column_amount"),
        say("settle.column_natural"),
        say("settle.column_forward"),
        say("settle.column_expected"),
    ]
    rows = [
        [
            line.deal.name or "—",
            str(line.deal.days),
            f"{line.deal.currency} {line.deal.amount:,}",
            _percent(line.natural, 0),
            _percent(line.option.hedge_ratio, 0),
            _money(line.option.expected),
        ]
        for line in book.lines
    ]
    out = console()
    out.print(table(say("settle.title_book", on=day), columns, rows))
    sums = [
        [say("settle.book_expected"), _money(book.expected)],
        [say("settle.book_low"), _money(book.low)],
        [say("settle.book_added"), _money(book.low_added)],
        *([say("settle.book_open", currency=c), _money(a)] for c, a in book.exposures),
    ]
    out.print(table(None, [say("settle.column_sum"), "CNY"], sums))
    print_line(say("settle.book_answer", hedge=_percent(book.hedge_ratio, 0)))
    if not book.within:
        print_line(say("settle.beyond"))


def _print_notes(missing: Sequence[str], options: dict[str, Option], quotes: Market) -> None:
    notes = [say("settle.not_compared", currency=code) for code in missing]
    notes += [
        say("settle.no_forward_note", currency=code)
        for code, it in options.items()
        if code != "CNY" and it.forward is None
    ]
    if "CNY" in options:
        notes.append(say("settle.accepts_cny", discount=_percent(quotes.cny_discount)))
    notes += [say("settle.accepts_local", currency=code) for code in options if code not in ALWAYS]
    notes += [
        say(
            f"settle.fact_{fact.kind}",
            counterparty=fact.counterparty,
            since=fact.since,
            until=fact.until or "…",
        )
        for code in sorted(options)
        for fact in frameworks(code, quotes.on)
    ]
    for note in [*notes, say("settle.assumed")]:
        print_line("• " + note)


def _print_rules(rules: list[RuleUse]) -> None:
    print_line(say("settle.title_rules"), "bold")
    for use in rules:
        line = say(
            "settle.rule",
            id=use.id,
            value=use.value,
            status=say(f"refund.status_{use.status}"),
            source=use.source,
        )
        print_line(line, indent=2)


def _backtest(house: Warehouse, day: date, as_json: bool) -> None:
    history = read_history(house, TESTED, day)
    results = [
        each
        for horizon in (1, trading_days(90))
        for each in backtest.coverage(history, horizon, TEST_SINCE)
    ]
    if as_json:
        print_json(
            [
                {
                    "currency": each.currency,
                    "horizon_trading_days": each.horizon,
                    "limits": each.outcomes,
                    "hits": each.hits,
                    "share": each.share,
                    "p_value": each.p_value,
                    "separate_rejected": each.separate_rejected,
                    "holds": each.holds,
                }
                for each in results
            ]
        )
        return
    columns = [
        say("settle.column_pair"),
        say("settle.column_horizon"),
        say("settle.column_limits"),
        say("settle.column_hits"),
        say("settle.column_share"),
        say("settle.column_p"),
        say("settle.column_holds"),
    ]
    rows = [
        [
            each.currency,
            str(each.horizon),
            str(each.outcomes),
            str(each.hits),
            f"{each.share * 100:.1f} %",
            f"{each.p_value:.2f}",
            say("settle.yes") if each.holds else say("settle.no"),
        ]
        for each in results
    ]
    out = console()
    out.print(table(say("settle.title_test", since=TEST_SINCE, until=day), columns, rows))
    print_line(say("settle.test_note"))
