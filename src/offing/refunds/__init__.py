"""The Chinese export refund of value-added tax, month by month, exact to the cent.

Manufacturers: :mod:`exempt_credit` (免抵退). Trading companies: :mod:`exempt_refund` (免退).
Exports taxed as home sales: :mod:`deemed_domestic`. One more unit: :mod:`marginal`.
"""

from offing.refunds.marginal import MarginalEffect, marginal_effect
from offing.refunds.methods import (
    ExportLine,
    FirmMonth,
    MonthResult,
    Opening,
    solve_month,
    solve_months,
)

__all__ = [
    "ExportLine",
    "FirmMonth",
    "MarginalEffect",
    "MonthResult",
    "Opening",
    "marginal_effect",
    "solve_month",
    "solve_months",
]
