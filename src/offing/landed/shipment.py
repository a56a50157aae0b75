"""A shipment to be costed: what the firm knows of it, and its way from the works to the border.

What a costed shipment is made of.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import Mode
from offing.rules.tariff import national
from offing.terms.caution import Caution
from offing.terms.errors import InputError, Where, must_be_within
from offing.terms.exchange import OLDEST, FxTable
from offing.terms.money import (
    CURRENCY_NAMES,
    CURRENCY_SIGNS,
    Money,
    clear_amount,
    currency_code,
    is_sign_of,
    round_amount,
    split_multiple,
)
from offing.terms.numbers import digits
from offing.terms.sale_terms import CONTAINS, Cost, Incoterm
from offing.terms.text import Unit, normal

ZERO, ONE = Decimal(0), Decimal(1)
LARGEST = Decimal(10) ** 15
"""Above this an amount is a slip of the finger: a thousand trillion."""

HIGHEST_PREMIUM, HIGHEST_MARKUP = Decimal("0.05"), Decimal("0.5")
"""Cargo insurance costs some thousandths of the value, and insures a tenth more than it."""
LIGHTEST, HEAVIEST = Decimal(3), Decimal(23000)
"""Kilograms of a cubic metre: a filled balloon, and osmium."""

_NAMES = sorted((name for name in CURRENCY_NAMES if not name.isascii() or "$" in name), key=len)[
    ::-1
]
"""Names of currencies that are no letters, such as 美元, € and US$, the longest first."""
_CURRENCY = re.compile(r"^(?:([A-Za-z]{3})\s*(.+)|(.*\S)\s*([A-Za-z]{3}))$")


@dataclass(frozen=True)
class Shipment:
    """What is asked: one shipment of one product to one destination on one day.

    Amounts named ``…`` for one unit are so said; all others are for the whole shipment.

    Attributes:
        product: HS code of 4 to 10 digits.
        destination: alpha-3.
        on: the day of entry; rules and rates are taken of it.
        quantity: units in the shipment.
        currency: of every amount of the quote.
        cost: of making or buying one unit, without value-added tax; ``None`` where only a price
            is known.
        not_deductible_cny: for one unit, tax that becomes cost for good (不得免征和抵扣税额 and
            surtaxes), in CNY, from the refund engine.
        refund_cny: for one unit, the firm's marginal refund in CNY: cash that comes back of input
            tax already paid. It is shown and is no income: ``cost`` is without that tax.
        inland: to the port of departure.
        export_clearance: declaration and terminal charges at origin.
        freight: main carriage.
        insurance_rate: premium over the insured sum.
        insured_markup: insured above the CIF value, usually a tenth.
        destination_costs: from the border to the first destination.
        fees: that enter a tax base where the regime says so (Siscomex in Brazil).
        price: asked for one unit on ``price_term``; ``None`` where only costs are wanted.
        price_term: Incoterm of ``price``.
        mode: of the main carriage.
        national_code: the importer's own code; ``product`` where ``None``.
        duties: duty regime → the user's duty, such as ``{"mfn": "14%"}``; they win over the tariff.
        preference: the duty regime claimed instead of ``mfn``, such as ``rcep``.
        unit_kg, unit_m3: weight and volume of one unit.
        quantities: unit → quantity of the shipment, for specific duties in other units.
        elements: amounts in the importer's currency for elements of a duty text (``EA``).
        rates: units of a currency for one US dollar, given by the user.
        rates_on: take exchange rates of this day instead.
        rates_age: how many days old they may be.
        exported: the day of export, for rates keyed by it.
        illustrative: cost lines whose figure is not the user's own.
    """

    product: str
    destination: str
    on: date
    quantity: Decimal
    currency: str
    cost: Money | None = None
    origin: str = "CHN"
    unit: Unit = "item"
    not_deductible_cny: Decimal = ZERO
    refund_cny: Decimal = ZERO
    inland: Money | None = None
    export_clearance: Money | None = None
    freight: Money | None = None
    insurance_rate: Decimal = ZERO
    insured_markup: Decimal = Decimal("0.10")
    destination_costs: Money | None = None
    fees: Money | None = None
    price: Money | None = None
    price_term: Incoterm = "FOB"
    mode: Mode = "sea"
    national_code: str | None = None
    duties: Mapping[str, str] = field(default_factory=dict)
    preference: str | None = None
    unit_kg: Decimal | None = None
    unit_m3: Decimal | None = None
    quantities: Mapping[str, Decimal] = field(default_factory=dict)
    elements: Mapping[str, Decimal] = field(default_factory=dict)
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    rates_on: date | None = None
    rates_age: int = OLDEST
    exported: date | None = None
    illustrative: frozenset[str] = frozenset()

    def check(self) -> None:
        """Refuse what cannot be.

        Raises:
            InputError: a quantity that is not above zero, a negative amount, a rate of 1 or more,
                neither cost nor price, half an item, a national code of other goods, a volume that
                does not go with the weight, a premium or a markup that no insurer asks.
        """
        if not 0 < self.quantity <= LARGEST:
            raise InputError("landed.no_quantity", quantity=self.quantity)
        if self.unit == "item" and self.quantity != self.quantity.to_integral_value():
            raise InputError("landed.not_whole", quantity=self.quantity)
        if self.cost is None and self.price is None:
            raise InputError("landed.no_cost_no_price")
        if self.national_code is not None:
            check_under(self.national_code, self.product)
            if len(national(self.national_code)) == 9 and self.destination != "JPN":
                raise InputError("landed.nine_digits", code=self.national_code)
        self._check_amounts()
        self._check_size()
        premium = self.insurance_rate * (1 + self.insured_markup)
        must_be_within("insurance_rate", premium, ge=0, lt=1)
        if self.insurance_rate > HIGHEST_PREMIUM:
            raise InputError("landed.high_premium", value=f"{self.insurance_rate:f}")
        if not 0 <= self.insured_markup <= HIGHEST_MARKUP:
            raise InputError("landed.high_markup", value=f"{self.insured_markup:f}")

    def _check_amounts(self) -> None:
        for name in AMOUNTS:
            money: Money | None = getattr(self, name)
            if money is not None:
                must_be_within(name, money.amount, ge=0, le=LARGEST / max(self.quantity, ONE))

    def _check_size(self) -> None:
        for name in ("unit_kg", "unit_m3"):
            size: Decimal | None = getattr(self, name)
            must_be_within(name, ONE if size is None else size, gt=0)
        if self.unit_kg is not None and self.unit_m3 is not None:
            check_density(self.unit_kg, self.unit_m3)

    def unstated_costs(self) -> tuple[Cost, ...]:
        """The costs on the way that are not given, and therefore count as nothing."""
        costs: dict[Cost, object] = {
            "inland": self.inland,
            "freight": self.freight,
            "insurance": self.insurance_rate or None,
            "destination": self.destination_costs,
        }
        # The D terms leave insurance to the parties; only CIF and CIP promise it.
        promised = self.price_term in ("CIF", "CIP")
        return tuple(
            name
            for name, value in costs.items()
            if value is None and (name != "insurance" or promised)
        )

    def measured(self) -> dict[str, Decimal]:
        """The quantities of the shipment by unit, for specific duties."""
        by_unit: dict[str, Decimal] = {self.unit: self.quantity}
        if self.unit_kg is not None:
            by_unit["kg"] = self.unit_kg * self.quantity
        if self.unit_m3 is not None:
            by_unit["m3"] = self.unit_m3 * self.quantity
        return by_unit | dict(self.quantities)


AMOUNTS = ("cost", "inland", "export_clearance", "freight", "destination_costs", "fees", "price")


def check_under(national_code: str, product: str) -> None:
    """Refuse an importer's code that is not of the product: the first six digits are the world's.

    Raises:
        InputError: ``landed.code_of_other_goods``.
    """
    code, heading = national(national_code), national(product)
    digits = min(6, len(code), len(heading))
    if code[:digits] != heading[:digits]:
        raise InputError("landed.code_of_other_goods", code=national_code, product=product)


def check_density(kg: Decimal, m3: Decimal) -> None:
    """Refuse a weight and a volume that no goods have: one of the two is in another unit.

    Raises:
        InputError: ``landed.density``.
    """
    density = kg / m3
    if not LIGHTEST <= density <= HEAVIEST:
        raise InputError("landed.density", kg=f"{kg:f}", m3=f"{m3:f}", density=digits(density))


def _split_number(text: str) -> tuple[str, str]:
    """A number and what is beside it: a code, a name such as 美元, a sign; else nothing."""
    if code := _CURRENCY.match(text):
        return code[2] or code[3], code[1] or code[4]
    for name in (*_NAMES, *CURRENCY_SIGNS):
        if text.startswith(name):
            return text.removeprefix(name), name
        if text.endswith(name) and name not in CURRENCY_SIGNS:
            return text.removesuffix(name), name
    return text, ""


def money_of(text: str, currency: str) -> Money:
    """An amount as a person types it, in ``currency`` unless another one is named.

    Raises:
        InputError: ``landed.bad_money``, ``currencies.unknown``.

    >>> print(money_of("1,800.50", "CNY"), "and", money_of("3m usd", "CNY"))
    CNY 1,800.50 and USD 3,000,000
    """
    plain, power = split_multiple(normal(text))
    number, named = _split_number(plain)
    if named in CURRENCY_SIGNS:
        if not is_sign_of(named, currency):
            raise InputError("landed.sign_of_others", text=text, currency=currency)
    elif named:
        currency = currency_code(named)
    try:
        value = clear_amount(number) * 10**power
    except InputError as error:
        if error.key == "money.thousand_or_one":
            raise
        raise InputError("landed.bad_money", text=text) from error
    return Money(value, currency)


def cif_of(cfr: Decimal, premium_rate: Decimal, markup: Decimal) -> Decimal:
    """The CIF value whose insurance, on the value and a markup, is in it.

    ``CIF = CFR / (1 - (1 + markup) × premium rate)``: the premium is paid on more than itself.

    >>> round(cif_of(Decimal(1000), Decimal("0.003"), Decimal("0.10")), 2)
    Decimal('1003.31')
    """
    return cfr / (ONE - (ONE + markup) * premium_rate)


@dataclass(frozen=True)
class Carriage:
    """The costs of a shipment in one currency, exact.

    ``cost``, ``not_deductible`` are the firm's; the others lie on the way, in its order.
    """

    cost: Decimal | None
    not_deductible: Decimal
    inland: Decimal
    export_clearance: Decimal
    freight: Decimal
    premium_rate: Decimal
    markup: Decimal
    destination: Decimal
    fees: Decimal

    @property
    def fob_cost(self) -> Decimal | None:
        """What the goods cost the firm on board."""
        if self.cost is None:
            return None
        return self.cost + self.not_deductible + self.inland + self.export_clearance

    def cif(self, fob: Decimal) -> Decimal:
        """The CIF value of goods worth ``fob``."""
        return cif_of(fob + self.freight, self.premium_rate, self.markup)

    def fob_of(self, price: Decimal, term: Incoterm, currency: str) -> Decimal:
        """A price on any term but DDP, brought to FOB by what the term contains.

        Raises:
            InputError: ``landed.price_below_carriage`` where the costs are above the price, both
                in ``currency``.
        """
        parts = CONTAINS[term]
        fob = price
        if "destination" in parts:
            fob -= self.destination
        if "insurance" in parts:
            fob *= ONE - (ONE + self.markup) * self.premium_rate
        if "freight" in parts:
            fob -= self.freight
        if "inland" not in parts:
            fob += self.inland + self.export_clearance
        if fob <= 0:
            asked, inside = (Money(round_amount(x), currency) for x in (price, price - fob))
            values = {"price": asked, "carriage": inside, "term": term}
            raise InputError("landed.price_below_carriage", where=Where(key="price"), **values)
        return fob


def carriage_of(request: Shipment, fx: FxTable) -> Carriage:
    """The shipment's costs in the currency of the quote.

    Raises:
        RuleError: a currency has no rate on the day.
    """
    to = request.currency

    def amount(money: Money | None) -> Decimal:
        return ZERO if money is None else fx.convert(money.amount, money.currency, to)

    return Carriage(
        cost=None if request.cost is None else amount(request.cost) * request.quantity,
        not_deductible=(
            fx.convert(request.not_deductible_cny, "CNY", to) * request.quantity
            if request.not_deductible_cny
            else ZERO
        ),
        inland=amount(request.inland),
        export_clearance=amount(request.export_clearance),
        freight=amount(request.freight),
        premium_rate=request.insurance_rate,
        markup=request.insured_markup,
        destination=amount(request.destination_costs),
        fees=amount(request.fees),
    )


Stage = Literal["EXW", "FOB", "CIF", "duty", "tax", "landed"]


@dataclass(frozen=True)
class CostLine:
    """One step of the waterfall.

    Attributes:
        name: message key is ``landed.line_<name>``.
        stage: the stage it belongs to; a subtotal line repeats its stage.
        amount: for the whole shipment, in the quote's currency.
        per_unit: the same for one unit.
        subtotal: whether the line sums up to here (EXW, FOB, CIF, landed).
        base: what a rate was taken of, where there is one.
        rule: the rule, or ``None`` for the user's own figure.
        recoverable: a tax that a registered importer gets back.
        illustrative: whether a figure without a rule is not the user's own.
    """

    name: str
    stage: Stage
    amount: Decimal
    per_unit: Decimal
    subtotal: bool = False
    base: Decimal | None = None
    rule: RuleUse | None = None
    recoverable: bool = False
    illustrative: bool = False


@dataclass(frozen=True)
class SumsWithout:
    """What a shipment comes to without the charges whose exceptions were not read.

    Attributes:
        charges: their names; message keys are ``landed.line_<name>``.
        duties: of the shipment with them.
        duties_without: and without them.
        landed: landed cost without them; the quote's own is with them.
        landed_before_recoverable: without them and the taxes that an importer gets back.
    """

    charges: tuple[str, ...]
    duties: Decimal
    duties_without: Decimal
    landed: Decimal
    landed_before_recoverable: Decimal


@dataclass(frozen=True)
class Quote:
    """The cost of one shipment from the factory to landed, on a date.

    Attributes:
        origin: alpha-3 of the country of origin.
        destination: alpha-3.
        product: HS code or national code.
        on: the day the rules and rates are taken of.
        quantity: units in the shipment.
        unit: ``item`` or ``kg``.
        currency: of every amount.
        price_term: the Incoterm of the price asked.
        price: the price asked for the shipment; ``None`` where only costs are wanted.
        lines: the waterfall in order.
        landed: with duty and import tax.
        landed_before_recoverable: without the taxes that an importer gets back.
        margin: price (brought to FOB) less cost after the marginal refund; ``None`` without price.
        margin_rate: margin over FOB price.
        refund: the firm's marginal export refund, in ``currency``.
        fx: (currency, units of it for one unit of the quote's currency, day of the rate).
        rules: every rule used, once.
        warnings: message keys with their values, ready to say.
        notes: likewise, of what was looked at and what was not.
        own_rates: currencies whose rate the user gave.
        without: the sums without charges that are official, exceptions not read; ``None`` where
            there is none.
    """

    origin: str
    destination: str
    product: str
    on: date
    quantity: Decimal
    unit: str
    currency: str
    price_term: str
    price: Decimal | None
    lines: tuple[CostLine, ...]
    landed: Decimal
    landed_before_recoverable: Decimal
    margin: Decimal | None
    margin_rate: Decimal | None
    refund: Decimal
    fx: tuple[tuple[str, Decimal, date], ...]
    rules: tuple[RuleUse, ...]
    warnings: tuple[Caution, ...] = ()
    own_rates: tuple[str, ...] = ()
    notes: tuple[Caution, ...] = ()
    without: SumsWithout | None = None

    @property
    def duties(self) -> Decimal:
        """All lines of the stage ``duty``."""
        return sum((x.amount for x in self.lines if x.stage == "duty"), Decimal(0))
