"""Explain a quote: how each line came about, with the numbers that it was computed from.

:func:`steps` has the lines that rest on the firm's own figures, and the exchange rates;
:func:`charges` has the importer's duties and taxes with the acts behind them.

The worked examples that a regime file brings along, computed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from offing.landed.charges import Context, assessment
from offing.landed.quote import QuoteContext, bill_of, fob_of_shipment, rates_used
from offing.landed.shipment import ONE, Carriage, Shipment, carriage_of
from offing.rules.duty_text import duty_of_user
from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import Regime, RegimeCase, Rulebook
from offing.rules.tariff import Tariff, listed_lines, lists_of, the_line, written_lines
from offing.terms.errors import OffingError, Where
from offing.terms.money import Money, round_amount
from offing.terms.sale_terms import CONTAINS, DUTY_PAID, WITHOUT_VAT


@dataclass(frozen=True)
class Trace:
    """How one charge came about.

    Attributes:
        name: of the charge.
        base: names of the inputs and charges that its base sums.
        base_amount: in ``currency``, the importer's.
        amount: in ``currency``, after rounding.
        currency: of the two.
        rounding: how the amount was rounded, such as ``half_up_2``.
        gross_up: whether the charge is inside its own base.
        rule: of the rate; of the base where the charge is a plain sum.
        legal: the act behind the charge itself.
    """

    name: str
    base: tuple[str, ...]
    base_amount: Decimal
    amount: Decimal
    currency: str
    rounding: str
    gross_up: bool
    rule: RuleUse
    legal: str


def charges(request: Shipment, ready: QuoteContext) -> tuple[Trace, ...]:
    """The trace of every charge of a shipment, values and bases included, in their order."""
    way = carriage_of(request, ready.fx)
    bill = bill_of(request, way, fob_of_shipment(request, way, ready), ready)
    return tuple(
        Trace(
            item.step.charge.name,
            item.step.charge.base,
            round_amount(item.base, 4),
            item.amount,
            bill.currency,
            str(item.step.charge.rounding),
            item.step.charge.gross_up,
            item.step.use,
            item.step.charge.legal,
        )
        for item in bill.charges
    )


@dataclass(frozen=True)
class CostStep:
    """How one line came about that no act decides.

    Attributes:
        name: of the line; of a rate ``CNY/USD``, units of the first for one of the second.
        key: message key of the sentence.
        sum: the computation in numbers; empty where the sentence alone says it.
        amount: the result.
        currency: of the result.
        day: of an exchange rate.
    """

    name: str
    key: str
    sum: str
    amount: Decimal
    currency: str
    day: date | None = None


def _number(value: Decimal) -> str:
    """At most six decimals; a refund at the margin has more."""
    text = f"{round_amount(value, 6):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rate(value: Decimal) -> str:
    text = f"{value:.8g}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _cents(value: Decimal) -> str:
    return f"{round_amount(value):,.2f}"


OF_REFUND = "landed.step_refund_engine"


def steps(request: Shipment, ready: QuoteContext) -> tuple[CostStep, ...]:
    """How every line but the charges came about, in the order of the waterfall; then the rates."""
    way = carriage_of(request, ready.fx)
    fob, back = fob_of_shipment(request, way, ready), Money(request.refund_cny, "CNY")
    return (
        *_to_fob(request, ready, way, fob),
        *_onward(request, ready, way, fob),
        *_own("refund", back, request, ready, apiece=True, key=OF_REFUND),
        *_rates(request, ready),
    )


def _conversion_text(text: str, money: Money, request: Shipment, ready: QuoteContext) -> str:
    """An amount as given, with the division that brings it into the quote's currency."""
    if money.currency == request.currency:
        return f"{text} {money.currency}"
    rate = ready.fx.rate(money.currency, request.currency)[0]
    return f"{text} {money.currency} ÷ {_rate(rate)} {money.currency}/{request.currency}"


def _own(
    name: str,
    money: Money | None,
    request: Shipment,
    ready: QuoteContext,
    *,
    apiece: bool = False,
    key: str = "landed.step_own",
) -> Iterator[CostStep]:
    if money is None or not money.amount:
        return
    if not apiece and money.currency == request.currency:
        yield CostStep(name, "landed.step_given", "", round_amount(money.amount), money.currency)
        return
    text = _number(money.amount)
    total = ready.fx.convert(money.amount, money.currency, request.currency)
    if apiece:
        text = f"{_number(request.quantity)} × {text}"
        total *= request.quantity
    shown = _conversion_text(text, money, request, ready)
    yield CostStep(name, key, shown, round_amount(total), request.currency)


def _to_fob(
    request: Shipment, ready: QuoteContext, way: Carriage, fob: Decimal
) -> Iterator[CostStep]:
    to = request.currency
    yield from _own("cost", request.cost, request, ready, apiece=True)
    lost = Money(request.not_deductible_cny, "CNY")
    if request.cost is not None:
        yield from _own("not_deductible", lost, request, ready, apiece=True, key=OF_REFUND)
    yield from _own("inland", request.inland, request, ready)
    yield from _own("export_clearance", request.export_clearance, request, ready)
    if request.price is None:
        return
    if request.price_term in DUTY_PAID:
        key = "landed.step_from_landed"
        key += "_net" * (request.price_term == WITHOUT_VAT)
        yield CostStep("fob", key, "", round_amount(fob), to)
    else:
        yield CostStep(
            "fob", "landed.step_sum", _price_sum(request, ready, way), round_amount(fob), to
        )
    parts = (way.cost, way.not_deductible, way.inland, way.export_clearance)
    less = "".join(f" − {_cents(cost)}" for cost in parts if cost)
    name = "goods" if way.cost is None else "margin"
    rest = round_amount(fob) - sum((round_amount(cost) for cost in parts if cost), Decimal(0))
    yield CostStep(name, "landed.step_sum", f"{_cents(fob)}{less}", rest, to)


def _price_sum(request: Shipment, ready: QuoteContext, way: Carriage) -> str:
    """The price as asked, brought to FOB as :meth:`Carriage.fob_of` does."""
    assert request.price is not None
    priced = f"{_number(request.quantity)} × {_number(request.price.amount)}"
    text = f"{_conversion_text(priced, request.price, request, ready)} ({request.price_term})"
    parts = CONTAINS[request.price_term]
    if "destination" in parts and way.destination:
        text += f" − {_cents(way.destination)}"
    if "insurance" in parts and way.premium_rate:
        product = f"(1 − {_number(ONE + way.markup)} × {_number(way.premium_rate)})"
        text = f"({text}) × {product}" if " − " in text else f"{text} × {product}"
    if "freight" in parts and way.freight:
        text += f" − {_cents(way.freight)}"
    if "inland" not in parts:
        text += "".join(f" + {_cents(x)}" for x in (way.inland, way.export_clearance) if x)
    return text


def _onward(
    request: Shipment, ready: QuoteContext, way: Carriage, fob: Decimal
) -> Iterator[CostStep]:
    yield from _own("freight", request.freight, request, ready)
    if request.insurance_rate:
        cfr = fob + way.freight
        insured = f"(1 − {_number(ONE + way.markup)} × {_number(way.premium_rate)})"
        text = f"{_cents(cfr)} ÷ {insured} − {_cents(cfr)}"
        amount = round_amount(way.cif(fob) - cfr)
        yield CostStep("insurance", "landed.step_sum", text, amount, request.currency)
    yield from _own("fees", request.fees, request, ready)
    yield from _own("destination", request.destination_costs, request, ready)


def _rates(request: Shipment, ready: QuoteContext) -> Iterator[CostStep]:
    base, fx = request.currency, ready.fx
    for currency, units, day in rates_used(request, ready):
        own = {currency, base} & set(fx.given)
        thin = [code for code in (currency, base) if code in fx.thin and code not in fx.given]
        through = ["USD"][: len(thin)]  # the collection is in dollars
        quoted = [
            f"{_rate(fx.per_eur[code][0])} {code}/EUR"
            for code in dict.fromkeys((currency, base, *through))
            if code != "EUR" and code not in fx.given and code in fx.per_eur
        ]
        quoted += [f"{_rate(fx.thin[code][0])} {code}/USD" for code in thin]
        typed = [f"{_rate(fx.given[code])} {code}/USD" for code in sorted(own)]
        key = "landed.step_rate_thin" if thin else "landed.step_rate"
        if own:
            key = "landed.step_rate_own"
        yield CostStep(f"{currency}/{base}", key, "; ".join(typed or quoted), units, currency, day)


YOURS = RuleUse("user", "", None, None, "", "user")


@dataclass(frozen=True)
class Worked:
    """A worked example and what the rules give.

    ``got`` has the same figures by the rules, or the reason where they cannot be reckoned.
    """

    name: str
    where: Where
    expected: Mapping[str, object]
    got: Mapping[str, object] | str
    source: str

    @property
    def ok(self) -> bool:
        """Whether it holds to the last digit."""
        return self.got == self.expected


def solve_regime_cases(book: Rulebook, regimes: Iterable[Regime]) -> tuple[Worked, ...]:
    """The cases of some regimes under a rulebook."""
    return tuple(
        Worked(case.name, regime.where, dict(case.expected), _got(book, case), case.source)
        for regime in regimes
        for case in regime.cases
    )


def _got(book: Rulebook, case: RegimeCase) -> Mapping[str, Decimal] | str:
    duties = {"mfn": case.duty or "0", "ipi": "0"}
    try:
        tariffs = {name: Tariff(duty_of_user(text), YOURS) for name, text in duties.items()}
        lists = frozenset(case.lists)
        if case.code is not None:
            regime = book.regime(case.destination)
            own = written_lines(regime, case.code, case.origin, case.on)
            named = {line.regime for line in own if case.duty is None or line.regime != "mfn"}
            tariffs |= {name: the_line(own, case.code, name).tariff() for name in named}
            listed = listed_lines(regime, case.code, case.on)
            lists |= lists_of(listed, case.code, frozenset(line.regime for line in listed))
        context = Context(case.destination, case.on, case.origin, case.mode, tariffs, lists)
        bill = assessment(book, context).of(case.inputs, case.quantities)
        return {name: bill.paid if name == "paid" else bill.amount(name) for name in case.expected}
    except OffingError as error:
        return str(error)
