"""``offing fetch``: download a source's official file, then load it."""

from offing.api import fetch as api
from offing.cli.asking import command
from offing.report.tellings.fetch import tell

fetch = command(api.fetch, tell, name="")
