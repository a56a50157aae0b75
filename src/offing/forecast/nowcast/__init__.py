"""The running year from its months: what they say beyond the annual outlook, and how much to trust.

``signals`` has the months and what those of a year tell of its whole, ``nowcast`` moves the
outlook's distributions by it as far as such months were worth in earlier years, and ``scoring``
measures it on pseudo-vintages.
"""
