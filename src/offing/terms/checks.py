"""Plausibility checks (合理性检查): figures that can be computed and are hardly meant.

A check stays where a wrong unit, currency, sign or direction would change a sum by ten times or
more, or where law makes the figure impossible; else it goes. Each is one function in the list of
its room, with an example that it must find and a twin that it must leave alone: the tests run both.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from offing.terms.caution import Caution, Value

S = TypeVar("S")
F = TypeVar("F")
Values = Mapping[str, Value]
Find = Callable[[S], Iterable[F]]


@dataclass(frozen=True)
class Check(Generic[S, F]):
    """One check.

    Attributes:
        key: of its message.
        find: the findings in a subject; of those that become cautions, their values.
        example: changes of a usual request with which it finds something.
        twin: changes alike with which it does not.
    """

    key: str
    find: Find[S, F]
    example: Mapping[str, object]
    twin: Mapping[str, object]


@dataclass(frozen=True)
class CheckList(Generic[S, F]):
    """The checks of a room, in the order in which their findings are shown."""

    checks: list[Check[S, F]] = field(default_factory=list)

    def add(
        self, key: str, *, example: Mapping[str, object], twin: Mapping[str, object]
    ) -> Callable[[Find[S, F]], Find[S, F]]:
        """Add the function below it."""

        def register(find: Find[S, F]) -> Find[S, F]:
            self.checks.append(Check(key, find, example, twin))
            return find

        return register

    def findings(self: "CheckList[S, Values]", subject: S) -> Iterator[Caution]:
        """What the checks find in a subject: message keys with their values."""
        for check in self.checks:
            yield from (Caution(check.key, dict(values)) for values in check.find(subject))
