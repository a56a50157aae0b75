"""``offing book``: the firm's own sales by price band, with growth."""

from offing.api import book as api
from offing.cli.asking import command
from offing.report.views.book import sentences

book = command(api.book, name="", also=lambda answer: {"sentences": sentences(answer.book)})
