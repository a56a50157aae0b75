"""Score the rankings out of time: no ranking sees anything later than its base year."""

from offing.market.backtest.run import backtest

__all__ = ["backtest"]
