"""``offing settle``: which currency to invoice in, and how much of it to hedge."""

from offing.api import settle as api
from offing.cli.asking import command
from offing.report.settle_words import sentences
from offing.report.tellings.settle import page, tell

settle = command(api.settle, tell, name="", out="settle.help_out", page=page, said=sentences)
