"""offing: which market, at which price segment, in which currency, and what is earned there.

The top level is lazy: ``import offing`` costs nothing until a name is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what __getattr__ gives, for editors and type checkers
    from offing.api.backtest import backtest as backtest
    from offing.api.book import book as book
    from offing.api.equilibrium import equilibrium as equilibrium
    from offing.api.evidence import evidence as evidence
    from offing.api.exchange_cost import exchange_cost as exchange_cost
    from offing.api.fetch import fetch as fetch
    from offing.api.gravity import gravity as gravity
    from offing.api.indicators import complexity as complexity
    from offing.api.indicators import indicators as indicators
    from offing.api.ladder import ladder as ladder
    from offing.api.ledger import ledger as ledger
    from offing.api.load import load as load
    from offing.api.markets import markets as markets
    from offing.api.origin import origin as origin
    from offing.api.outlook import outlook as outlook
    from offing.api.plan import plan as plan
    from offing.api.price import price as price
    from offing.api.quote import quote as quote
    from offing.api.reconcile import reconcile as reconcile
    from offing.api.refund import refund as refund
    from offing.api.rules import law as law
    from offing.api.run import run as run
    from offing.api.settle import settle as settle
    from offing.api.sources import loaded as loaded
    from offing.api.survival import survival as survival
    from offing.api.upgrade import upgrade as upgrade
    from offing.api.whatif import whatif as whatif
    from offing.terms.errors import OffingError as OffingError
    from offing.warehouse import Warehouse as Warehouse

__version__ = "0.1.0"

_QUESTIONS = (
    "run",
    "plan",
    "price",
    "whatif",
    "exchange_cost",
    "origin",
    "quote",
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
    "upgrade",
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


def _shown(answer: Any) -> str:
    html: str = import_module("offing.report.notebook").html(answer)
    return html


def _written(answer: Any, folder: Any) -> None:
    import_module("offing.report.folder").write_folder(answer, folder)


def __getattr__(name: str) -> Any:
    """Import a public name the first time it is asked for."""
    if name not in _WHERE:
        raise AttributeError(f"module 'offing' has no attribute {name!r}")
    if _WHERE[name].startswith("offing.api."):
        asking = import_module("offing.api.asking")
        asking.Answer.shown_by = staticmethod(_shown)
        asking.Answer.written_by = staticmethod(_written)
        named = getattr(import_module(_WHERE[name]), name)
        asking.document(named)
        return named
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
