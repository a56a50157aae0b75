"""``offing gravity``: elasticities of trade and what gravity expects, of one product or of all."""

from offing.api import gravity as api
from offing.cli.asking import command
from offing.report.tellings.gravity import tell

gravity = command(api.gravity, tell, out="gravity.help_out")
