"""What settling comes to, in sentences: the terminal and the page say the same."""

from collections.abc import Iterator
from decimal import Decimal

from offing.rules.citing import cited, valued
from offing.rules.rule_use import RuleUse
from offing.settlement.advice import BookAdvice, DealAdvice, ndf_cost
from offing.settlement.deal import Option
from offing.settlement.defaults import Framework
from offing.terms.messages import enumerated, known, say

ALWAYS = ("USD", "EUR", "CNY")


def money(number: Decimal) -> str:
    """CNY without cents."""
    return f"{number:,.0f}"


def percent(share: Decimal, places: int = 1) -> str:
    """A share as per cent."""
    return f"{share * 100:.{places}f}\u00a0%"


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


def instrument(it: Option) -> str:
    """What hedges an option, in a word."""
    if it.instrument is None:
        return "—"
    return say(f"settle.instrument_{it.instrument}")


def deal_answer(advice: DealAdvice) -> Iterator[str]:
    """The currency and the hedge, what they cost and what they save."""
    if len(advice.choices) < 2:
        return
    best = advice.choices[0].option
    yield say(
        "settle.answer_cny" if best.currency == "CNY" else "settle.answer",
        currency=best.currency,
        hedge=percent(best.hedge_ratio, 0),
        instrument=instrument(best),
        expected=money(best.expected),
        low=money(best.low),
    )
    yield say(
        "settle.costs" if best.cost >= 0 else "settle.gains",
        cost=money(abs(best.cost)),
        share=percent(abs(best.cost / best.at_mid) if best.at_mid else Decimal(0), 2),
    )
    plain = advice.plain
    if plain is not None and plain != best:
        yield say(
            "settle.against",
            gain=f"{best.expected - plain.expected:+,.0f}",
            safer=f"{best.low - plain.low:+,.0f}",
        )
    other = next((it for it in advice.options if it.currency != "CNY"), None)
    if best.currency == "CNY" and other is not None and best.at_mid:
        yield say(
            "settle.if_not_cny",
            currency=other.currency,
            hedge=percent(other.hedge_ratio, 0),
            discount=percent((best.expected - other.expected) / best.at_mid, 2),
        )
    cost = advice.deal.cost_cny
    if cost is not None and best.expected:
        yield say(
            "settle.margin",
            expected=percent((best.expected - cost) / best.expected),
            low=percent((best.low - cost) / best.low if best.low else Decimal(0)),
        )


def book_answer(advice: BookAdvice) -> Iterator[str]:
    """How much of the net exposures to hedge, what it costs and what netting saves."""
    book = advice.book
    moved = [line for line in book.lines if line.option.currency != line.deal.currency]
    if moved:
        yield say(
            "settle.book_moved",
            deals="; ".join(f"{line.deal.name or '—'}: {line.option.currency}" for line in moved),
        )
    ratios = [f"{each.currency} {percent(each.hedge_ratio, 0)}" for each in book.nettings]
    yield say("settle.book_answer", hedges=enumerated(ratios) or "—")
    yield say(
        "settle.book_costs",
        expected=money(book.expected),
        low=money(book.low),
        cost=money(book.cost),
    )
    offsets = [each for each in book.nettings if each.offset]
    for each in offsets:
        yield say(
            "settle.book_natural",
            currency=each.currency,
            offset=f"{each.offset:,.0f}",
            days=each.days_apart,
        )
    if book.low > book.low_added:
        yield say("settle.book_saves", saved=money(book.low - book.low_added))
    if book.frontier and any(each.hedge_ratio for each in book.nettings):
        expected, low = (Decimal(repr(value)) for value in book.frontier[0])
        cost = expected - book.expected
        yield say(
            "settle.book_hedge" if cost >= 0 else "settle.book_hedge_gains",
            cost=money(abs(cost)),
            safer=money(book.low - low),
        )


def notes(advice: DealAdvice | BookAdvice) -> Iterator[str]:
    """What is assumed, what is a fact, and what a person must check."""
    market, missing = advice.market, getattr(advice, "missing", ())
    options = {it.currency: it for it in advice.options}
    yield from (say("settle.not_compared", currency=code) for code in missing)
    for code, it in options.items():
        if code != "CNY" and it.instrument is None:
            yield say("settle.no_forward_note", currency=code)
        facts = market.defaults.ndf(code)
        if facts is None or code not in market.ndf:
            continue
        yield say(
            "settle.ndf_how",
            currency=code,
            fixing=facts.fixing if facts.fixing != "—" else say("settle.ndf_fixing_unknown"),
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
    if market.finance is None:
        yield say("settle.no_finance", on=market.on)
    if "CNY" in options:
        yield say("settle.accepts_cny", discount=percent(market.cny_discount))
    yield from (
        say("settle.accepts_local", currency=code) for code in options if code not in ALWAYS
    )
    for code in sorted(options):
        for fact in market.defaults.standing(code, market.on):
            yield say(
                f"settle.fact_{fact.kind}",
                counterparty=_bank(fact),
                since=fact.when.since or "…",
                until=fact.when.until or "…",
            )
    yield say("settle.assumed")


def _bank(fact: Framework) -> str:
    """The counterparty's name in the language of the context; a user's own stays as written."""
    key = f"settle.bank_{fact.currency.lower()}"
    return say(key) if fact.status != "user" and known(key) else fact.counterparty


def rule(use: RuleUse) -> str:
    """One figure or fact with its days, its status and its source."""
    return say(
        "settle.rule" if use.since or use.until else "settle.rule_undated",
        id=use.id,
        value=valued(use),
        since=use.since or "…",
        until=use.until or "…",
        status=say(f"refund.status_{use.status}"),
        source=cited(use.source),
    )


def risk_steps(advice: DealAdvice | BookAdvice) -> Iterator[str]:
    """How forwards and limits came about, in sentences."""
    yield say("settle.rounding")
    if any(it.instrument == "ndf" for it in advice.options):
        yield say("settle.rounding_ndf")
    sure = advice.simulated
    yield say(
        "settle.rounding_risk", paths=f"{sure.paths:,}", days=sure.trading_days, seed=sure.seed,
        last=sure.last_day, first=sure.first_day,
    )  # fmt: skip


def steps(it: Option) -> list[tuple[str, str]]:
    """How what is expected came about: what each line is, and its amount in CNY."""
    parts = [
        ("at_mid", it.at_mid),
        ("discount", -it.discount),
        ("spread", -it.spread_cost),
        ("carry", it.carry),
        ("fees", -it.fees),
        ("finance", -it.finance),
        ("insurance", -it.insurance),
        ("credit_loss", -it.credit_loss),
        ("expected", it.expected),
        ("fall", it.low - it.expected),
        ("low", it.low),
    ]
    kept = ("at_mid", "expected", "low")
    return [
        (
            say(
                f"settle.step_{name}",
                amount=f"{it.amount:,}",
                currency=it.currency,
                spot=it.spot,
                hedge=percent(it.hedge_ratio, 0),
                forward=it.forward or "—",
            ),
            f"{value:,.2f}",
        )
        for name, value in parts
        if value or name in kept
    ]
