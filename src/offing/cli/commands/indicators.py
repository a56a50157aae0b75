"""``offing indicators``: RCA, complexity, relatedness and concentration on the loaded data."""

from offing.api import indicators as api
from offing.cli.asking import command
from offing.report.tellings.indicators import tell

indicators = command(api.indicators, tell, out="indicators.help_out")
