"""``offing load``: read a data set into the warehouse."""

from offing.api import load as api
from offing.cli.asking import command
from offing.report.tellings.load import tell

load = command(api.load, tell, name="")
