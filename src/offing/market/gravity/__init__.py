"""Gravity models: how much two countries would trade, given size, distance and the rest.

``fit_products`` estimates thousands of product models at once. It needs the extra ``gravity``.
"""
