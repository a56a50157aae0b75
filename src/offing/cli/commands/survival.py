"""``offing survival``: how long trade relationships last, by tier, size and price at the start."""

from offing.api import survival as api
from offing.cli.asking import command
from offing.report.tellings.survival import tell

survival = command(api.survival, tell, out="indicators.help_out_spells")
