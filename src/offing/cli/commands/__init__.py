"""The commands: ``COMMANDS`` names them, and each is imported only when it is called.

Those that ask one question are made in :mod:`offing.cli.commands.questions`; the others have a file
each.
"""

COMMANDS: dict[str, str] = {
    "run": "offing.cli.commands.run:run",
    "plan": "offing.cli.commands.questions:plan",
    "price": "offing.cli.commands.questions:price",
    "experiment": "offing.cli.commands.questions:experiment",
    "quotations": "offing.cli.commands.questions:quotations",
    "order": "offing.cli.commands.questions:order",
    "whatif": "offing.cli.commands.whatif:whatif",
    "begin": "offing.cli.commands.questions:begin",
    "lines": "offing.cli.commands.questions:lines",
    "examples": "offing.cli.commands.examples:examples",
    "markets": "offing.cli.commands.questions:markets",
    "ladder": "offing.cli.commands.questions:ladder",
    "outlook": "offing.cli.commands.questions:outlook",
    "gravity": "offing.cli.commands.questions:gravity",
    "equilibrium": "offing.cli.commands.questions:equilibrium",
    "indicators": "offing.cli.commands.questions:indicators",
    "survival": "offing.cli.commands.questions:survival",
    "evidence": "offing.cli.commands.questions:evidence",
    "backtest": "offing.cli.commands.questions:backtest",
    "ledger": "offing.cli.commands.questions:ledger",
    "book": "offing.cli.commands.questions:book",
    "codes": "offing.cli.commands.questions:codes",
    "quote": "offing.cli.commands.questions:quote",
    "refund": "offing.cli.commands.questions:refund",
    "exchange-cost": "offing.cli.commands.questions:exchange_cost",
    "origin": "offing.cli.commands.questions:origin",
    "settle": "offing.cli.commands.questions:settle",
    "province": "offing.cli.commands.questions:province",
    "fairs": "offing.cli.commands.questions:fairs",
    "agreement": "offing.cli.commands.questions:agreement",
    "share": "offing.cli.commands.questions:share",
    "firms": "offing.cli.commands.questions:firms",
    "load": "offing.cli.commands.questions:load",
    "fetch": "offing.cli.commands.questions:fetch",
    "sources": "offing.cli.commands.questions:sources",
    "reconcile": "offing.cli.commands.questions:reconcile",
    "rules": "offing.cli.commands.questions:rules",
    "check": "offing.cli.commands.check:check",
    "serve": "offing.web.command:serve",
    "mcp": "offing.cli.commands.mcp:mcp",
}
"""Command → function, in the order of work, which is that of the help page."""

PARTS = {
    "run": "cli.part_study",
    "markets": "cli.part_markets",
    "ledger": "cli.part_sales",
    "province": "cli.part_office",
    "load": "cli.part_data",
    "serve": "cli.part_elsewhere",
}
"""The command with which a part of the help page begins → the part's title."""
