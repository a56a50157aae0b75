"""Worked cases: read a file of them, run the engine, say which hold.

The format is a list of cases, each with an ``id``, a ``method`` or ``model``, ``inputs``,
``expected`` and the ``rounding`` to which the answer is stated.
"""
