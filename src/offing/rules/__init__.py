"""Dated law: duties, taxes and rates with the days on which they hold, and reforms over them."""
