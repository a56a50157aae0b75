"""The words of the field: countries, products, money, dates, tables, messages and errors.

The lowest room: it imports no other room of offing.
"""
