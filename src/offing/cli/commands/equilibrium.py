"""``offing equilibrium``: what a tariff or a trade cost does to every country."""

from offing.api import equilibrium as api
from offing.cli.asking import command
from offing.report.views.equilibrium import page

equilibrium = command(api.equilibrium, out="equilibrium.help_out", page=page)
