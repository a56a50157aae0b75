"""What settling costs beside the exchange rate: bank fees, the wait for money, and who may not pay.

Fixed minima dominate small letters of credit (a real one cost GBP 487 on GBP 1,890), so a fee is
``max(rate × amount, minimum)``, capped where the bank caps it.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from offing.terms.amounts import exactly
from offing.terms.errors import InputError


@dataclass(frozen=True)
class Fee:
    """One line of a bank's tariff.

    Attributes:
        rate: of the amount, for each period.
        minimum: for one transaction.
        maximum: ``None`` where the bank has none.
        period_days: the days that the rate covers (90 for "0.2 % per 3 months"); ``None`` for a
            fee that is charged once.
    """

    rate: Decimal
    minimum: Decimal = Decimal(0)
    maximum: Decimal | None = None
    period_days: int | None = None

    def __post_init__(self) -> None:
        if self.maximum is not None and self.maximum < self.minimum:
            raise InputError("settle.fee_limits", least=self.minimum, most=self.maximum)

    def of(self, amount: Decimal, days: int) -> Decimal:
        """The fee on an amount that is outstanding for so many days.

        A begun period counts whole, the first always.

        >>> Fee(Decimal("0.00125"), Decimal(200)).of(Decimal(50000), 90)
        Decimal('200')
        """
        if amount < 0:
            raise InputError("settle.not_positive", name="amount", value=amount)
        with exactly():
            periods = Decimal(1)
            if self.period_days:
                begun = (Decimal(days) / self.period_days).to_integral_value(ROUND_CEILING)
                periods = max(begun, periods)
            fee = max(amount * self.rate * periods, self.minimum)
            return fee if self.maximum is None else min(fee, self.maximum)


def finance_cost(
    amount: Decimal, rate: Decimal, days: Decimal, day_count: Decimal = Decimal(360)
) -> Decimal:
    """``A · r · days / 360``: what waiting for the money costs.

    >>> finance_cost(Decimal(100000), Decimal("0.036"), Decimal(90))
    Decimal('900.000')
    """
    with exactly():
        return amount * rate * days / day_count


def expected_credit_loss(
    amount: Decimal,
    default_probability: Decimal,
    loss_given_default: Decimal,
    cover: Decimal = Decimal(0),
    premium: Decimal = Decimal(0),
) -> Decimal:
    """``PD · LGD · A · (1 − cover) + premium``.

    Args:
        amount: the receivable.
        default_probability: that the buyer does not pay, as a share.
        loss_given_default: share lost then.
        cover: insured share of the loss.
        premium: of the insurance, in money.

    >>> expected_credit_loss(Decimal(100000), Decimal("0.02"), Decimal("0.6"), Decimal("0.9"),
    ...     Decimal(800))
    Decimal('920.0000')
    """
    with exactly():
        return amount * default_probability * loss_given_default * (1 - cover) + premium
