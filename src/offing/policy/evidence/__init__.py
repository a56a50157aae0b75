"""Claims about trade, tested on the loaded data."""
