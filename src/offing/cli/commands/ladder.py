"""``offing ladder``: the price ladder of a product in a market."""

from offing.api import ladder as api
from offing.cli.asking import command
from offing.report.tellings.ladder import tell

ladder = command(api.ladder, tell, name="")
