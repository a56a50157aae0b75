"""``offing upgrade``: a study file of an earlier version in the newest schema."""

from offing.api import upgrade as api
from offing.cli.asking import command
from offing.report.tellings.upgrade import tell

upgrade = command(api.upgrade, tell)
