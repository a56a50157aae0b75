"""offing: which market, at which price segment, in which currency, and what is earned there.

The top level is lazy: ``import offing`` costs nothing until a name is used. What it gives stands in
``__init__.pyi`` for editors and type checkers.
"""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"

_QUESTIONS = (
    "run",
    "plan",
    "price",
    "experiment",
    "quotations",
    "order",
    "whatif",
    "exchange_cost",
    "origin",
    "quote",
    "lines",
    "refund",
    "settle",
    "backtest",
    "equilibrium",
    "book",
    "evidence",
    "fetch",
    "gravity",
    "indicators",
    "ladder",
    "ledger",
    "load",
    "markets",
    "outlook",
    "reconcile",
    "survival",
    "begin",
    "codes",
    "province",
    "fairs",
    "share",
    "firms",
    "agreement",
)
"""Questions of :mod:`offing.api` that can be asked as ``offing.<name>(...)``."""

_WHERE = {
    "OffingError": "offing.terms.errors",
    "Warehouse": "offing.warehouse",
    "complexity": "offing.api.indicators",
    "law": "offing.api.rules",
    "loaded": "offing.api.sources",
    **{name: f"offing.api.{name}" for name in _QUESTIONS},
}

__all__ = ["__version__", *_WHERE]


def _notebook_html(answer: Any) -> str:
    html: str = import_module("offing.report.views").notebook_html(answer)
    return html


def _plain_words(answer: Any) -> str:
    words: str = import_module("offing.report.views").notebook_words(answer)
    return words


def _write_folder(answer: Any, folder: Any) -> None:
    import_module("offing.report.page").write_folder(answer, folder)


def __getattr__(name: str) -> Any:
    """Import a public name the first time it is asked for."""
    if name not in _WHERE:
        raise AttributeError(f"module 'offing' has no attribute {name!r}")
    named = getattr(import_module(_WHERE[name]), name)
    if _WHERE[name].startswith("offing.api."):
        asking = import_module("offing.api.asking")
        asking.Answer.shown_by = staticmethod(_notebook_html)
        asking.Answer.written_by = staticmethod(_write_folder)
        asking.Answer.said_by = staticmethod(_plain_words)
        asking.document(named)
    return named


def __dir__() -> list[str]:
    return sorted(__all__)
