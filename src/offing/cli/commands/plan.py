"""``offing plan``: a study's plan alone, without its folder of results."""

from offing.api import plan as api
from offing.cli.asking import command
from offing.report.tellings.plan import tell

plan = command(api.plan, tell, out="plan.help_out")
