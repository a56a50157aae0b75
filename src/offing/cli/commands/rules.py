"""``offing rules``: the law in force on a day, the difference of two days, the worked cases."""

from offing.api import rules as api
from offing.cli.asking import command
from offing.report.tellings.rules import tell

rules = command(api.law, tell, name="rules")
