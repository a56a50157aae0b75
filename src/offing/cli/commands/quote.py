"""``offing quote``: one shipment from the works to landed, as a waterfall with its rules."""

from offing.api import quote as api
from offing.cli.asking import command
from offing.report.tellings.quote import tell

quote = command(api.quote, tell, name="")
