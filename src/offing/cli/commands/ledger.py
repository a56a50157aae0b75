"""``offing ledger``: how a ledger is understood, before a plan rests on it."""

from offing.api import ledger as api
from offing.cli.asking import command
from offing.report.tellings.ledger import tell

ledger = command(api.ledger, tell)
