"""What answers SQL over tables, here or on a cluster, in words that both know."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import polars as pl


class Engine(Protocol):
    """Flows that lie elsewhere, and who adds them up there; small tables stay at home."""

    def source(self, years: Iterable[int] | None = None) -> str:
        """What stands after ``FROM``: a name that the engine knows, or some of its years."""

    def has(self, sql: str) -> bool:
        """Whether a statement asks for these flows."""

    def rows(self, sql: str, parameters: Sequence[Any]) -> pl.DataFrame:
        """The rows of a statement, brought home; more than fit there are refused."""
