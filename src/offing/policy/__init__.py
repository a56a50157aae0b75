"""What if: reforms laid over every rule, and the same study under both.

:func:`~offing.policy.overlay.under` lays a reform over all rules at once,
:func:`~offing.policy.comparison.compare` sets two runs side by side.
"""
