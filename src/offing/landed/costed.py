"""What a costed shipment is made of."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from offing.rules.rule_use import RuleUse
from offing.terms.caution import Caution

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
    """

    name: str
    stage: Stage
    amount: Decimal
    per_unit: Decimal
    subtotal: bool = False
    base: Decimal | None = None
    rule: RuleUse | None = None
    recoverable: bool = False


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
