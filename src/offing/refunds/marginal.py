"""What one more unit does to the firm's tax: the exact month with it, less the month without it.

The simple view (refund rate × FOB) is right for few firms. A refund gives back input tax that
could not be credited. So what more exports bring depends on what limits the month's refund:

* ``ceiling_limited``: more unused credit than the ceiling allows. The refund rises by the rate ×
  FOB, but takes credit that the firm held already.
* ``credit_limited``: the ceiling is above the unused credit. The refund rises by the unit's own
  input tax less the part that is not deductible; it *falls* when the FOB price rises and there is
  a rate gap. The rest becomes exempt-credit amount, on which surtaxes are due.
* ``payable``: home sales use up all input tax. Nothing is refunded; the unit's input tax lowers
  the tax to pay.

The trading house's sum: what a deal costs in CNY for one unit of foreign currency (换汇成本).
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from offing.refunds.calendar import usual_days_to_cash
from offing.refunds.methods import ExportLine, FirmMonth, MonthResult, Regime, solve_month
from offing.refunds.rules import surtax_rates
from offing.terms.caution import Caution
from offing.terms.errors import InputError, must_be_within
from offing.terms.messages import say
from offing.terms.money import clear_amount, exactly, rate


@dataclass(frozen=True)
class MarginalEffect:
    """The change that one more unit (or batch) makes to the firm's month, in CNY.

    Where the input tax goes::

        input_tax = nondeductible + refund + carry_forward − vat_payable

    Attributes:
        regime: what limits the refund before the unit is added.
        refund: change of the refund (应退税额).
        exempt_credit: change of the exempt-credit amount (免抵税额).
        nondeductible: change of the input tax that becomes cost (不得免征和抵扣税额).
        vat_payable: change of the tax to pay; negative where the unit's input tax lowers it.
        carry_forward: change of the credit carried on: the firm's money, but not yet cash.
        surtax: change of the surtaxes.
        cost: ``nondeductible + surtax``: what the unit costs in tax for good.
        cash: ``refund − vat_payable − surtax − input tax``: cash with the tax office and the
            suppliers' VAT, until the carried credit is used.
        days_to_cash: usual days from export to the refund; 0 where no cash comes by refund.
        simple_refund: ``refund_rate × fob``, as the rule of thumb has it.
        reason: message key of the sentence that says why the two differ.
    """

    regime: Regime
    refund: Decimal
    exempt_credit: Decimal
    nondeductible: Decimal
    vat_payable: Decimal
    carry_forward: Decimal
    surtax: Decimal
    cost: Decimal
    cash: Decimal
    days_to_cash: int
    simple_refund: Decimal
    reason: str

    def data(self) -> dict[str, Any]:
        """The changes, and why they are not rate × FOB."""
        return {**asdict(self), "why": self.why()}

    def why(self) -> str:
        """Why the firm's refund does not change by rate × FOB, in one sentence."""
        return say(self.reason, refund=f"{self.refund:,.2f}", simple=f"{self.simple_refund:,.2f}")


def _reason(regime: Regime, after: MonthResult, refund: Decimal, simple: Decimal) -> str:
    if refund == simple:
        return "refund.why_same"
    if regime != after.regime:
        return "refund.why_switch"
    return f"refund.why_{regime}"


def marginal_effect(
    month: FirmMonth,
    unit: ExportLine,
    *,
    input_tax_cny: Decimal,
    surtax_rate: Decimal | None = None,
    firm_class: int = 2,
) -> MarginalEffect:
    """The effect of one more unit of exports on the firm's month.

    Args:
        month: a typical month without the unit.
        unit: its FOB price, rates on the day of export, and duty-free material, CNY.
        input_tax_cny: input tax that its materials carry, CNY.
        surtax_rate: city tax and surcharges together; those of a city where ``None``.
        firm_class: 出口退税管理类别 1 to 4, for the days to cash.

    >>> month = FirmMonth((), input_tax_cny=Decimal(100), domestic_output_tax_cny=Decimal(500))
    >>> unit = ExportLine(Decimal(80), Decimal("0.13"), Decimal("0.13"))
    >>> effect = marginal_effect(month, unit, input_tax_cny=Decimal(9))
    >>> effect.regime, effect.refund, effect.vat_payable, effect.exempt_credit
    ('payable', Decimal('0'), Decimal('-9.00'), Decimal('10.40'))
    """
    more = replace(
        month, exports=(*month.exports, unit), input_tax_cny=month.input_tax_cny + input_tax_cny
    )
    if surtax_rate is None:
        surtax_rate = surtax_rates()["city"].total
    with exactly():
        before, after = solve_month(month), solve_month(more)
        refund = after.refund - before.refund
        exempt = after.exempt_credit - before.exempt_credit
        nondeductible = after.nondeductible - before.nondeductible
        payable = after.vat_payable - before.vat_payable
        surtax = (payable + exempt) * surtax_rate
        simple = unit.fob_cny * unit.refund_rate
        return MarginalEffect(
            regime=before.regime,
            refund=refund,
            exempt_credit=exempt,
            nondeductible=nondeductible,
            vat_payable=payable,
            carry_forward=after.carry_forward - before.carry_forward,
            surtax=surtax,
            cost=nondeductible + surtax,
            cash=refund - payable - surtax - input_tax_cny,
            days_to_cash=usual_days_to_cash(firm_class) if refund > 0 else 0,
            simple_refund=simple,
            reason=_reason(before.regime, after, refund, simple),
        )


def one_more(
    fob: str | int | Decimal,
    tax: str | int | Decimal,
    rates: str | None,
    exports: Iterable[ExportLine],
) -> tuple[ExportLine, Decimal]:
    """One more unit and its input tax, as a person types them.

    Args:
        fob: CNY.
        tax: on what goes into it, CNY.
        rates: levy and refund rate, such as ``13%/9%``; those of the ``exports`` where left out.
        exports: of the month that it comes to.

    Raises:
        InputError: ``refund.more_rates_needed``, ``refund.more_unlikely``, ``refund.bad_rate``.
    """
    pairs = {f"{line.levy_rate}/{line.refund_rate}" for line in exports}
    said = rates or (next(iter(pairs)) if len(pairs) == 1 else "")
    levy, _, back = said.partition("/")
    if not back:
        raise InputError("refund.more_rates_needed")
    price, carried = clear_amount(fob), clear_amount(tax)
    if not 0 <= carried < price:
        raise InputError("refund.more_unlikely", fob=f"{price:f}", tax=f"{carried:f}")
    unit = ExportLine(price, rate(levy, name="levy_rate"), rate(back, name="refund_rate"))
    return unit, carried


def about_unit(unit: ExportLine, tax: Decimal) -> Iterator[Caution]:
    """A unit of which the parts cost more than it is sold for."""
    if tax > unit.fob_cny * unit.levy_rate:
        levy = f"{(unit.levy_rate * 100).normalize():f}%"
        values = {"fob": f"{unit.fob_cny:f}", "tax": f"{tax:f}", "levy": levy}
        yield Caution("refund.caution_more_tax", values)


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
