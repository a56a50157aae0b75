"""``offing fairs``: which fairs to support with how many places under a budget."""

from offing.api import fairs as api
from offing.cli.asking import command
from offing.report.views.fairs import page

fairs = command(api.fairs, out="fairs.help_out", page=page)
