"""What settling comes to, in sentences."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from offing.report.words import caution_text, joined, some_of
from offing.rules.citing import cited
from offing.settlement.advice import BookAdvice, DealAdvice, ndf_cost, reasons_unhedged
from offing.settlement.deal import Option
from offing.settlement.defaults import Framework
from offing.settlement.portfolio import Book
from offing.terms.messages import enumerated, known, say
from offing.terms.numbers import NOTHING, difference, fixed, percent
from offing.terms.numbers import known as shown

if TYPE_CHECKING:
    from offing.api.settle import SettleAnswer


def title(advice: DealAdvice) -> str:
    """The deal in one line."""
    deal = advice.deal
    return say(
        "settle.title_payable" if deal.amount < 0 else "settle.title_deal",
        name=deal.name,
        amount=f"{abs(deal.amount):,f}",
        currency=deal.currency,
        days=deal.days,
        terms=say(f"settle.terms_{deal.terms}"),
        on=advice.market.on,
    ).strip()


def instrument(name: str | None) -> str:
    """What hedges, in a word."""
    return say(f"settle.instrument_{name}") if name else NOTHING


def hedge(ratio: Decimal | None) -> str:
    """A share sold forward; a dash where nothing is known to hedge with."""
    return shown(ratio, lambda share: percent(share, 0))


def sentences(answer: "SettleAnswer") -> list[str]:
    """What to do, what it costs and what it saves."""
    if isinstance(answer.advice, BookAdvice):
        return list(_book_answer(answer.advice))
    return [] if answer.advice is None else list(_deal_answer(answer.advice))


def _deal_answer(advice: DealAdvice) -> Iterator[str]:
    if len(advice.choices) < 2:
        return
    best = advice.choices[0].option
    yield say(
        "settle.answer_cny" if best.currency == "CNY" else "settle.answer",
        currency=best.currency,
        hedge=hedge(best.hedge_ratio),
        instrument=instrument(best.instrument),
        expected=fixed(best.expected, 0),
        low=fixed(best.low, 0),
    )
    yield say(
        "settle.costs" if best.cost >= 0 else "settle.gains",
        cost=fixed(abs(best.cost), 0),
        share=percent(_over(abs(best.cost), abs(best.at_mid)), 2),
    )
    plain = advice.plain
    if plain is not None and plain != best:
        gain, safer = best.expected - plain.expected, best.low - plain.low
        key = "against" if plain.currency == advice.deal.currency else "against_other"
        values = {"gain": difference(gain, 0), "safer": difference(safer, 0)}
        yield say(f"settle.{key}", currency=plain.currency, own=advice.deal.currency, **values)
    other = next((option for option in advice.options if option.currency != "CNY"), None)
    if best.currency == "CNY" and other is not None:
        yield say(
            "settle.if_not_cny",
            currency=other.currency,
            hedge=hedge(other.hedge_ratio),
            discount=percent(_over(best.expected - other.expected, best.at_mid), 2),
        )
    if (cost := advice.deal.cost_cny) is not None:
        margins = (percent(_over(sum_ - cost, sum_), 1) for sum_ in (best.expected, best.low))
        yield say("settle.margin", **dict(zip(("expected", "low"), margins, strict=True)))


def _over(value: Decimal, whole: Decimal) -> Decimal:
    """A share; nothing of nothing."""
    return value / whole if whole else Decimal(0)


def _book_answer(advice: BookAdvice) -> Iterator[str]:
    book = advice.book
    moved = [line for line in book.lines if line.option.currency != line.deal.currency]
    if moved:
        deals = [f"{line.deal.name or NOTHING}: {line.option.currency}" for line in moved]
        yield say("settle.book_moved", deals=some_of(deals, "settle.book_others"))
    ratios = [f"{net.currency} {hedge(net.hedge_ratio)}" for net in book.nettings]
    yield say("settle.book_answer", hedges=enumerated(ratios) or NOTHING)
    sums = {"expected": book.expected, "low": book.low, "cost": book.cost}
    yield say("settle.book_costs", **{name: fixed(value, 0) for name, value in sums.items()})
    yield from _saved(advice.book)


def _saved(book: Book) -> Iterator[str]:
    """What offsets by itself, what netting is worth, and what the hedge costs."""
    for net in book.nettings:
        if net.offset:
            offset, days = fixed(net.offset, 0), net.days_apart
            yield say("settle.book_natural", currency=net.currency, offset=offset, days=days)
    if book.low > book.low_added:
        yield say("settle.book_saves", saved=fixed(book.low - book.low_added, 0))
    if book.frontier and any(net.hedge_ratio for net in book.nettings):
        expected, low = (Decimal(repr(value)) for value in book.frontier[0])
        cost = expected - book.expected
        key = "settle.book_hedge" if cost >= 0 else "settle.book_hedge_gains"
        yield say(key, cost=fixed(abs(cost), 0), safer=fixed(book.low - low, 0))


def notes(advice: DealAdvice | BookAdvice) -> Iterator[str]:
    """What is assumed, what is a fact, and what a person must check."""
    from offing.api.settle import ALWAYS

    market, codes = advice.market, list(dict.fromkeys(row.currency for row in advice.options))
    if isinstance(advice, DealAdvice):
        for code in advice.missing:
            key = "not_compared_volatility" if code in advice.with_rate else "not_compared"
            yield say(f"settle.{key}", currency=code)
    for reason in reasons_unhedged(advice):
        nexts = say(f"{reason.key}_next", **reason.values)
        yield joined((caution_text(reason), nexts[:1].upper() + nexts[1:] + say("report.stop")))
    for code in codes:
        yield from _about_ndf(advice, code)
    if market.finance is None:
        yield say("settle.no_finance", on=market.on)
    if "CNY" in codes:
        yield say("settle.accepts_cny", discount=percent(market.cny_discount, 1))
    yield from (say("settle.accepts_local", currency=c) for c in codes if c not in ALWAYS)
    yield from (_fact(f) for c in sorted(codes) for f in market.defaults.standing(c, market.on))
    deals = [advice.deal] if isinstance(advice, DealAdvice) else [x.deal for x in advice.book.lines]
    missing = advice.missing if isinstance(advice, DealAdvice) else ()
    currencies = {*codes, *missing, *(deal.currency for deal in deals)} - {*ALWAYS}
    if currencies:
        yield say("settle.not_checked", currencies=enumerated(sorted(currencies)))
    yield say("settle.assumed")


def _fact(fact: Framework) -> str:
    """A swap line or framework; its counterparty in our words unless the user wrote it."""
    key = f"settle.bank_{fact.currency.lower()}"
    bank = say(key) if fact.status != "user" and known(key) else fact.counterparty
    days = {"since": fact.when.since or "…", "until": fact.when.until or say("settle.no_last_day")}
    told = say(f"settle.fact_{fact.kind}", currency=fact.currency, counterparty=bank, **days)
    if fact.status == "user":
        return told
    status = say(f"report.status_{fact.status}")
    return joined((told, say("settle.fact_of", status=status, source=cited(fact.source))))


def _about_ndf(advice: DealAdvice | BookAdvice, code: str) -> Iterator[str]:
    """How a currency that is not delivered is hedged, what that costs and who can do it."""
    market = advice.market
    facts = market.defaults.ndf(code)
    if facts is None or code not in market.ndf:
        return
    unknown = say("settle.ndf_fixing_unknown")
    yield say(
        "settle.ndf_how",
        currency=code,
        fixing=facts.fixing if facts.fixing != "—" else unknown,
        days=facts.fixing_days_before,
    )
    if isinstance(advice, DealAdvice):
        choice = next(c for c in advice.choices if c.option.currency == code)
        cost = ndf_cost(choice, market, advice.deal.days)
        if cost is not None:
            yield say(
                "settle.ndf_costs",
                currency=code,
                carry=percent(cost.carry, 2),
                basis=percent(cost.basis, 2),
                spreads=percent(cost.spreads, 2),
                risk=percent(cost.fixing_risk, 2),
            )
    yield say(facts.access, currency=code, source=facts.access_source)


def risk_steps(advice: DealAdvice | BookAdvice) -> Iterator[str]:
    """How forwards and limits came about."""
    yield say("settle.rounding")
    if any(option.instrument == "ndf" for option in advice.options):
        yield say("settle.rounding_ndf")
    sure = advice.simulated
    yield say(
        "settle.rounding_risk", paths=f"{sure.paths:,}", days=sure.trading_days, seed=sure.seed,
        last=sure.last_day, first=sure.first_day,
    )  # fmt: skip


def steps(option: Option) -> Iterable[tuple[str, Decimal]]:
    """How what is expected came about: what each line is, and its amount in CNY."""
    parts = {
        "at_mid": option.at_mid,
        "discount": -option.discount,
        "spread": -option.spread_cost,
        "carry": option.carry,
        "fees": -option.fees,
        "finance": -option.finance,
        "insurance": -option.insurance,
        "credit_loss": -option.credit_loss,
        "expected": option.expected,
        "fall": option.low - option.expected,
        "low": option.low,
    }
    for name, value in parts.items():
        if value or name in ("at_mid", "expected", "low"):
            text = say(
                f"settle.step_{name}",
                amount=f"{option.amount:,}",
                currency=option.currency,
                spot=option.spot,
                hedge=hedge(option.hedge_ratio),
                forward=option.forward or NOTHING,
            )
            yield text, value
