"""The published indicators of trade, each in one file with its paper.

Start with :meth:`exports.Exports.of`, which turns a table of country, product and value into a
matrix; ``space.product_space`` computes the usual set at once and returns tables.
"""
