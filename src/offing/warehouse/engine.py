"""What answers SQL over tables, here or on a cluster, in words that both know."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import polars as pl

from offing.terms.messages import say

T = TypeVar("T")

HOME = 5_000_000
"""Rows that an answer may bring home."""
FEW = 100_000_000
"""Flows up to which this machine answers before a cluster has started."""


@dataclass
class Work:
    """What an engine has done since its warehouse was opened.

    Attributes:
        engine: its name and version; empty where it was not asked, since the rows are few.
        at: its address.
        flows: rows that lie there.
        start: seconds until it answered for the first time.
        questions: how many it was asked.
        seconds: of all of them.
        rows: that came home.
        bytes: theirs.
        here: whether all flows were read on this machine, in pieces.
    """

    engine: str
    at: str
    flows: int
    start: float = 0.0
    questions: int = 0
    seconds: float = 0.0
    rows: int = 0
    bytes: int = 0
    here: bool = False

    def __str__(self) -> str:
        if not self.engine:
            return say("engine.few", at=self.at, rows=f"{self.flows:,}", most=f"{HOME:,}")
        told = say(
            "engine.work",
            engine=self.engine,
            at=self.at,
            questions=self.questions,
            seconds=f"{self.seconds:.1f}",
            rows=f"{self.rows:,}",
            megabytes=f"{self.bytes / 1e6:,.1f}",
            start=f"{self.start:.1f}",
        )
        more = {
            "engine.here": self.here,
            "engine.small": not self.here and self.flows <= FEW,
        }
        for key in (key for key, holds in more.items() if holds):
            told = say("engine.both", told=told, more=say(key, flows=f"{self.flows:,}"))
        return told


class Engine(Protocol):
    """Flows that lie elsewhere, and who adds them up there; small tables stay at home."""

    @property
    def work(self) -> Work:
        """What was done so far."""

    def source(self, dataset: str | None = None, years: Iterable[int] | None = None) -> str:
        """What stands after ``FROM``: a name that the engine knows, or some of its years."""

    def read_here(self) -> bool:
        """Whether this machine has files of the flows; note that it reads all of them."""

    def has(self, sql: str) -> bool:
        """Whether a statement asks for these flows."""

    def rows(self, sql: str, parameters: Sequence[Any]) -> pl.DataFrame:
        """The rows of a statement, brought home; more than fit there are refused."""

    def chunk_results(
        self, rows: str, work: Callable[[pl.DataFrame], T]
    ) -> Iterator[tuple[str, T]]:
        """What some work makes there of the rows of each ``chunk`` of a statement, in any order."""
