"""Trading companies' refund: exempt, refund (免退税).

The refund gives back the tax on the purchase invoice, never a share of the export price::

    应退税额 = Σ 专票不含税金额 × min(退税率, 专票税率或征收率)
    转入成本 = Σ 专票不含税金额 × (专票税率 − 适用退税率)

An invoice of a small-scale supplier carries a levy rate (征收率, such as 3 %): the refund is no
higher. In consigned processing (委托加工) the base is the processor's invoice for the whole value,
with the trader's own material sold to the processor first.

The consumption tax (消费税) that was paid on the goods comes back whole, as the payment certificate
for exports (税收缴款书) shows it; not where the export is exempt or taxed like a sale at home.
A producer's exports are exempt from it, so there is nothing to give back.

Sources: 财税〔2012〕39号 art. 4, 5 and 8; MoF/STA Announcement 2026 No. 11.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from offing.refunds.months import ZERO
from offing.terms.amounts import exactly
from offing.terms.errors import InputError


@dataclass(frozen=True)
class Purchase:
    """One line of a purchase invoice or customs payment certificate. Red invoices are negative.

    Attributes:
        net_cny: 不含税金额, or the dutiable value of the customs certificate.
        invoice_rate: the tax or levy rate printed on it.
        refund_rate: 退税率 of the goods on the export date.
        consumption_tax_cny: 消费税 that was paid on the goods and comes back.
    """

    net_cny: Decimal
    invoice_rate: Decimal
    refund_rate: Decimal
    consumption_tax_cny: Decimal = ZERO

    def __post_init__(self) -> None:
        for amount in (self.net_cny, self.consumption_tax_cny):
            if not isinstance(amount, Decimal):
                raise InputError("money.not_exact", value=amount)
        for name, share in (("invoice_rate", self.invoice_rate), ("refund_rate", self.refund_rate)):
            if not 0 <= share < 1:
                raise InputError("refund.bad_rate", name=name, text=share)

    @property
    def applied_rate(self) -> Decimal:
        """The lower of the two rates."""
        return min(self.refund_rate, self.invoice_rate)


@dataclass(frozen=True)
class TraderRefund:
    """What comes of the purchases.

    Attributes:
        base: 计税依据, without tax.
        input_tax: on the invoices.
        refund: 应退税额 of value-added tax.
        cost_addition: 转入成本: the input tax that is not refunded.
        consumption_refund: 消费税应退税额.
    """

    base: Decimal
    input_tax: Decimal
    refund: Decimal
    cost_addition: Decimal
    consumption_refund: Decimal


def net_of(gross: Decimal, rate: Decimal) -> Decimal:
    """The price without tax of a price with it.

    >>> net_of(Decimal("113.00"), Decimal("0.13")) == 100
    True
    """
    with exactly():
        return gross / (1 + rate)


def trader_refund(purchases: Iterable[Purchase]) -> TraderRefund:
    """The refund of a trading company on its purchases, unrounded.

    >>> trader_refund([Purchase(Decimal(10000), Decimal("0.03"), Decimal("0.13"))]).refund
    Decimal('300.00')
    """
    base = tax = refund = consumption = ZERO
    with exactly():
        for line in purchases:
            base += line.net_cny
            tax += line.net_cny * line.invoice_rate
            refund += line.net_cny * line.applied_rate
            consumption += line.consumption_tax_cny
        return TraderRefund(base, tax, refund, tax - refund, consumption)
