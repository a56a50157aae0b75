"""City construction tax and the two education surcharges.

Their base is the VAT paid and also the exempt-credit amount (免抵税额), which is VAT paid by
crediting (财税〔2005〕25号). A maker that sells well at home therefore pays up to 12 % of it.
"""

from dataclasses import dataclass
from decimal import Decimal

from offing.terms.amounts import exactly

CITY_RATES = {
    "city": Decimal("0.07"),
    "town": Decimal("0.05"),
    "elsewhere": Decimal("0.01"),
}
"""城市维护建设税: 市区 7 %, 县城和镇 5 %, 其他 1 % (城市维护建设税法 art. 4)."""

EDUCATION_RATE = Decimal("0.03")
LOCAL_EDUCATION_RATE = Decimal("0.02")


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
    vat_payable: Decimal,
    exempt_credit: Decimal,
    *,
    urban_rate: Decimal = CITY_RATES["city"],
    education_rate: Decimal = EDUCATION_RATE,
    local_education_rate: Decimal = LOCAL_EDUCATION_RATE,
) -> Surtaxes:
    """Surtaxes on VAT payable plus the exempt-credit amount, unrounded.

    >>> surtaxes(Decimal(0), Decimal(60)).total
    Decimal('7.20')
    """
    with exactly():
        base = vat_payable + exempt_credit
        return Surtaxes(base, base * urban_rate, base * education_rate, base * local_education_rate)
