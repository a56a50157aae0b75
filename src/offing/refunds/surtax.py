"""City construction tax and the two education surcharges.

Their base is the VAT paid and also the exempt-credit amount (免抵税额), which is VAT paid by
crediting (财税〔2005〕25号). A maker that sells well at home therefore pays up to 12 % of it.
"""

from dataclasses import dataclass
from decimal import Decimal

from offing.refunds.months import MonthResult
from offing.refunds.rules import Surtax, surtax_rates
from offing.terms.amounts import exactly


@dataclass(frozen=True)
class Surtaxes:
    """The three surtaxes of a month and their common base."""

    base: Decimal
    urban: Decimal
    education: Decimal
    local_education: Decimal

    @property
    def total(self) -> Decimal:
        """All three."""
        return self.urban + self.education + self.local_education


def surtaxes(
    vat_payable: Decimal, exempt_credit: Decimal, *, rates: Surtax | None = None
) -> Surtaxes:
    """Surtaxes on VAT payable plus the exempt-credit amount, unrounded.

    The rates are those of the firm's place; a city's where ``None``.

    >>> surtaxes(Decimal(0), Decimal(60)).total
    Decimal('7.20')
    """
    of = rates or surtax_rates()["city"]
    with exactly():
        base = vat_payable + exempt_credit
        return Surtaxes(base, base * of.urban, base * of.education, base * of.local_education)


def surtaxes_of_month(result: MonthResult, place: str) -> Surtaxes:
    """Surtaxes on what a month came to, in a kind of place such as ``city``."""
    return surtaxes(result.vat_payable, result.exempt_credit, rates=surtax_rates()[place])
