"""The trading house's sum: what a deal costs in CNY for one unit of foreign currency (换汇成本)."""

from dataclasses import dataclass
from decimal import Decimal

from offing.terms.errors import must_be_within


@dataclass(frozen=True)
class ExchangeCost:
    """A deal of bought-in goods, in CNY where not said otherwise.

    Attributes:
        fob: net receipt in the foreign currency.
        rebate: input tax that comes back: net purchase × the lower of refund and levy rate.
        total_cost: purchase with tax, and fees, less the rebate.
        revenue: ``fob`` at the bank's buying rate.
        margin_on_cost: ``(revenue - total_cost) / total_cost`` (盈亏率).
        cny_per_unit: ``total_cost / fob`` (换汇成本).
    """

    fob: Decimal
    rebate: Decimal
    total_cost: Decimal
    revenue: Decimal
    margin_on_cost: Decimal
    cny_per_unit: Decimal


def exchange_cost(
    *,
    fob: Decimal,
    purchase_gross: Decimal,
    vat_rate: Decimal,
    refund_rate: Decimal,
    fees: Decimal,
    fx_bid: Decimal,
) -> ExchangeCost:
    """Cost and margin of a trading deal (换汇成本、盈亏率).

    Args:
        fob: receipt after freight and insurance, in foreign currency.
        purchase_gross: price paid for the goods with value-added tax.
        vat_rate: 征税率.
        refund_rate: 退税率; no more than the tax on the invoice comes back.
        fees: domestic costs.
        fx_bid: CNY that the bank pays for one unit.

    Raises:
        InputError: ``errors.out_of_range`` where receipt or cost is not above zero.

    >>> deal = exchange_cost(
    ...     fob=Decimal("317.75"), purchase_gross=Decimal(2060), vat_rate=Decimal("0.17"),
    ...     refund_rate=Decimal("0.09"), fees=Decimal(206), fx_bid=Decimal("6.5"))
    >>> round(deal.total_cost, 2), round(deal.cny_per_unit, 2), round(deal.margin_on_cost, 3)
    (Decimal('2107.54'), Decimal('6.63'), Decimal('-0.020'))
    """
    rebate = purchase_gross / (1 + vat_rate) * min(refund_rate, vat_rate)
    return deal_at(fob, purchase_gross + fees - rebate, rebate, fx_bid)


def deal_at(fob: Decimal, total: Decimal, rebate: Decimal, fx_bid: Decimal) -> ExchangeCost:
    """A deal whose total cost, after the refund, is known.

    Raises:
        InputError: ``errors.out_of_range`` where receipt or cost is not above zero.
    """
    for name, value in (("FOB", fob), ("cost", total)):
        must_be_within(name, value, gt=0)
    revenue = fob * fx_bid
    return ExchangeCost(fob, rebate, total, revenue, (revenue - total) / total, total / fob)
