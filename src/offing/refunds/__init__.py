"""The Chinese export refund of value-added tax, month by month, exact to the cent.

Manufacturers (免抵退), trading companies (免退), exports taxed as home sales: :mod:`methods`. One
more unit: :mod:`marginal`.
"""
