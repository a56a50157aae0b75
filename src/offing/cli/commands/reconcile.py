"""``offing reconcile``: what both sides' reports say, and how well one foretells the other."""

from offing.api import reconcile as api
from offing.cli.asking import command
from offing.report.tellings.reconcile import tell

reconcile = command(api.reconcile, tell, name="")
