"""The level of a price: where on the way from the works to the shelf it is asked."""

from typing import Literal

PriceLevel = Literal["fob", "cif", "landed", "retail"]
"""``fob`` on board, ``cif`` at the border before duty, ``landed`` with duty paid and without
value-added tax, ``retail`` on the shelf with it."""
