"""The running year from its months: what they say beyond the annual outlook, and how much to trust.

``signals`` has the months and what those of a year tell of its whole, ``nowcast`` moves the
outlook's distributions by it as far as such months were worth in earlier years, and ``scoring``
measures it on pseudo-vintages.
"""

from offing.forecast.nowcast.nowcast import Nowcast, nowcast
from offing.forecast.nowcast.scoring import NowcastRecord, pseudo_vintages
from offing.forecast.nowcast.signals import MonthlySales

__all__ = ["MonthlySales", "Nowcast", "NowcastRecord", "nowcast", "pseudo_vintages"]
