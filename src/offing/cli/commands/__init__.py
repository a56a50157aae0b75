"""One file for each command. ``COMMANDS`` names them; each is imported only when it is called."""

COMMANDS: dict[str, str] = {
    "run": "offing.cli.commands.run:run",
    "plan": "offing.cli.commands.plan:plan",
    "whatif": "offing.cli.commands.whatif:whatif",
    "load": "offing.cli.commands.load:load",
    "fetch": "offing.cli.commands.fetch:fetch",
    "sources": "offing.cli.commands.sources:sources",
    "reconcile": "offing.cli.commands.reconcile:reconcile",
    "markets": "offing.cli.commands.markets:markets",
    "gravity": "offing.cli.commands.gravity:gravity",
    "equilibrium": "offing.cli.commands.equilibrium:equilibrium",
    "indicators": "offing.cli.commands.indicators:indicators",
    "survival": "offing.cli.commands.survival:survival",
    "outlook": "offing.cli.commands.outlook:outlook",
    "ladder": "offing.cli.commands.ladder:ladder",
    "book": "offing.cli.commands.book:book",
    "quote": "offing.cli.commands.quote:quote",
    "refund": "offing.cli.commands.refund:refund",
    "exchange-cost": "offing.cli.commands.exchange_cost:exchange_cost",
    "origin": "offing.cli.commands.origin:origin",
    "settle": "offing.cli.commands.settle:settle",
    "rules": "offing.cli.commands.rules:rules",
    "check": "offing.cli.commands.check:check",
    "evidence": "offing.cli.commands.evidence:evidence",
    "backtest": "offing.cli.commands.backtest:backtest",
}
"""Command → function, in the order of work, which is that of the help page."""
