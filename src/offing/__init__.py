"""offing: which market, at which price segment, in which currency, and what is earned there.

The top level is lazy: ``import offing`` costs nothing until a name is used.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_WHERE = {
    "OffingError": "offing.terms.errors",
    "Warehouse": "offing.warehouse",
}

__all__ = ["OffingError", "Warehouse", "__version__"]


def __getattr__(name: str) -> Any:
    """Import a public name the first time it is asked for."""
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'offing' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
