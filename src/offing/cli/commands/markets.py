"""``offing markets``: rank the markets and segments of a product."""

from offing.api import markets as api
from offing.cli.asking import command
from offing.report.tellings.markets import tell

markets = command(api.markets, tell, name="")
