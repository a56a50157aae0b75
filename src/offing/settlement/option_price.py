"""What a European option on foreign money costs before its day."""

from decimal import Decimal
from math import erf, exp, log, sqrt


def _normal(x: float) -> float:
    return (1 + erf(x / sqrt(2))) / 2


def option_prices(
    spot: float, strike: float, r_home: float, r_foreign: float, sigma: float, years: float
) -> dict[str, Decimal]:
    """The call and the put, in home money for one of foreign money.

    Garman and Kohlhagen, Journal of International Money and Finance 2 (1983), eq. 9 and 10:
    ``call = S·e^(-r_f·t)·N(d1) − K·e^(-r·t)·N(d2)``; interest is continuous, and a year's.

    Returns:
        ``call``, ``put``, ``d1``, ``d2``.

    >>> {name: round(value, 4) for name, value in option_prices(7, 7, 0, 0, 0.1, 1).items()}
    {'call': Decimal('0.2792'), 'put': Decimal('0.2792'), 'd1': Decimal('0.0500'), \
'd2': Decimal('-0.0500')}
    """
    width = sigma * sqrt(years)
    d1 = (log(spot / strike) + (r_home - r_foreign + sigma**2 / 2) * years) / width
    d2 = d1 - width
    foreign, home = spot * exp(-r_foreign * years), strike * exp(-r_home * years)
    call = foreign * _normal(d1) - home * _normal(d2)
    values = {"call": call, "put": call - foreign + home, "d1": d1, "d2": d2}
    return {name: Decimal(str(value)) for name, value in values.items()}
