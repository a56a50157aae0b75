"""``offing price``: units, contribution and risk of a model along a market's ladder."""

from offing.api import price as api
from offing.cli.asking import command
from offing.report.tellings.price import tell

price = command(api.price, tell, out="price.help_out")
"""The price of one model in one market."""
