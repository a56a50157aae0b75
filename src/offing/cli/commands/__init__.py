"""The commands: ``COMMANDS`` names them, and each is imported only when it is called.

Those that ask one question are made in :mod:`offing.cli.commands.questions`; the others have a file
each.
"""

ELSEWHERE = {
    "examples": "offing.cli.commands.examples",
    "check": "offing.cli.commands.check",
    "serve": "offing.web.command",
    "mcp": "offing.cli.commands.mcp",
}
"""Commands that are not one question: each has a file of its own."""
NAMES = (
    "run", "plan", "price", "experiment", "quotations", "order", "whatif", "begin", "lines",
    "examples", "markets", "ladder", "outlook", "gravity", "equilibrium", "indicators", "survival",
    "evidence", "backtest", "ledger", "book", "codes", "quote", "refund", "exchange-cost", "origin",
    "settle", "province", "fairs", "agreement", "share", "firms", "load", "fetch", "sources",
    "reconcile", "rules", "check", "serve", "mcp",
)  # fmt: skip
"""In the order of work, which is that of the help page."""
COMMANDS = {
    name: f"{ELSEWHERE.get(name, 'offing.cli.commands.questions')}:{name.replace('-', '_')}"
    for name in NAMES
}
"""Command → function."""

PARTS = {
    "run": "cli.part_study",
    "markets": "cli.part_markets",
    "ledger": "cli.part_sales",
    "province": "cli.part_office",
    "load": "cli.part_data",
    "serve": "cli.part_elsewhere",
}
"""The command with which a part of the help page begins → the part's title."""
