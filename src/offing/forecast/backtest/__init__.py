"""Score the rankings out of time: no ranking sees anything later than its base year."""

from offing.forecast.backtest.run import Design, backtest, backtests, base_years

__all__ = ["Design", "backtest", "backtests", "base_years"]
