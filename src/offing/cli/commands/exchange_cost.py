"""``offing exchange-cost``: what one unit of foreign currency costs in CNY (换汇成本)."""

from offing.api import exchange_cost as api
from offing.cli.asking import command
from offing.report.tellings.exchange_cost import tell

exchange_cost = command(api.exchange_cost, tell)
