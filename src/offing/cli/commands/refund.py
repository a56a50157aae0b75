"""``offing refund``: the export VAT refund of a firm's months, and what one more unit changes."""

from offing.api import refund as api
from offing.cli.asking import command
from offing.report.tellings.refund import tell

refund = command(api.refund, tell, name="")
