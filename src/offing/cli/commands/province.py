"""``offing province``: a province's exports, what moved them, and where more may be sold."""

from offing.api import province as api
from offing.cli.asking import command
from offing.report.views.province import page

province = command(api.province, out="province.help_out", page=page)
