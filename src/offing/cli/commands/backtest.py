"""``offing backtest``: score the rankings out of time on the loaded data."""

from offing.api import backtest as api
from offing.cli.asking import command
from offing.report.tellings.backtest import tell

backtest = command(api.backtest, tell, name="")
