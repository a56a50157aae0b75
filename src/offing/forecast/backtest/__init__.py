"""Score the rankings out of time: no ranking sees anything later than its base year."""

from offing.forecast.backtest.run import backtest, base_years

__all__ = ["backtest", "base_years"]
