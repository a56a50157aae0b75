"""Exports taxed like sales at home (视同内销征税).

The refund of the goods was cancelled, documents were false or missing, or nothing was claimed in 36
months. The FOB price counts as tax-inclusive::

    一般纳税人  销项税额 = (FOB − 耗用的进料加工保税料件) ÷ (1 + 适用税率) × 适用税率
    小规模纳税人 应纳税额 = FOB ÷ (1 + 征收率) × 征收率

Input tax that had been moved to cost goes back to input tax.
Source: 财税〔2012〕39号 art. 7; MoF/STA Announcement 2026 No. 11.
"""

from decimal import Decimal

from offing.terms.amounts import exactly
from offing.terms.errors import InputError


def output_tax(fob_cny: Decimal, rate: Decimal, *, bonded_cny: Decimal = Decimal(0)) -> Decimal:
    """The tax due on an export that is taxed like a sale at home, unrounded.

    Args:
        fob_cny: FOB price, tax included.
        rate: 适用税率, or 征收率 of a small-scale taxpayer.
        bonded_cny: bonded material used in the goods (general taxpayers only).

    Raises:
        InputError: ``refund.material_above_fob``.

    >>> output_tax(Decimal(113000), Decimal("0.13"))
    Decimal('13000')
    """
    if fob_cny >= 0 and bonded_cny > fob_cny:
        raise InputError("refund.material_above_fob", material=bonded_cny, fob=fob_cny)
    with exactly():
        return (fob_cny - bonded_cny) * rate / (1 + rate)
