"""``offing sources``: what is loaded, from where, how old; and what could be."""

from offing.api import sources as api
from offing.cli.asking import command
from offing.report.tellings.sources import tell

sources = command(api.loaded, tell, name="")
