"""The commands that ask one question and show its answer: each is made when it is called.

A name in ``NAMES`` is all that such a command needs: its words and options are the fields of the
question's request, and the answer is told by the telling that has the question's name.
"""

from collections.abc import Callable
from importlib import import_module

from offing.cli.asking import command
from offing.cli.commands import COMMANDS

ASKED = {"rules": "law", "sources": "loaded"}
"""Files of :mod:`offing.api` whose question is not called like them."""
BARE = {
    "backtest", "book", "evidence", "fetch", "ladder", "load", "markets", "outlook", "quote",
    "reconcile", "refund", "settle", "sources",
}  # fmt: skip
"""Questions whose data stand alone in ``--json``; those of others stand under the name."""
OUT = {
    "plan": "plan.help_out",
    "price": "price.help_out",
    "experiment": "experiment.help_out",
    "quotations": "indicators.help_out",
    "settle": "settle.help_out",
    "equilibrium": "equilibrium.help_out",
    "province": "province.help_out",
    "fairs": "province.help_out",
    "firms": "province.help_out",
    "agreement": "province.help_out",
    "gravity": "gravity.help_out",
    "indicators": "indicators.help_out",
    "survival": "indicators.help_out_spells",
}
"""Questions whose answer ``--out`` writes, and the message that says so."""
PAGES = {"agreement", "equilibrium", "fairs", "firms", "province", "settle"}
"""Those of them whose answer it writes as a page too."""
WRITERS = {
    "gravity": "offing.report.regression:WRITERS",
    "plan": "offing.report.paper:PLAN_WRITERS",
    **dict.fromkeys(PAGES, "offing.report.paper:WRITERS"),
}
"""Questions whose answer ``--out`` writes in further ways, and where these ways are."""


def __getattr__(name: str) -> Callable[..., int]:
    """The command of the question in ``offing.api.<name>``, in the language of the context."""
    if COMMANDS.get(name.replace("_", "-")) != f"{__name__}:{name}":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    ask = getattr(import_module(f"offing.api.{name}"), ASKED.get(name, name))
    module, _, ways = WRITERS.get(name, "").partition(":")
    writers = getattr(import_module(module), ways) if module else None
    return command(
        ask,
        name="" if name in BARE else None,
        out=OUT.get(name),
        page=name in PAGES,
        writers=writers,
    )
