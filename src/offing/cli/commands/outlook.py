"""``offing outlook``: the expected sales of a product, or of every exporter in every market."""

from offing.api import outlook as api
from offing.cli.asking import command
from offing.report.tellings.outlook import tell

outlook = command(api.outlook, tell, name="")
