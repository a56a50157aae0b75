"""``offing origin``: does a product meet a rule of origin, and what is the preference worth?"""

from offing.api import origin as api
from offing.cli.asking import command
from offing.report.tellings.origin import tell

origin = command(api.origin, tell)
