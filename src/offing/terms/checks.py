"""Plausibility checks (合理性检查): figures that can be computed and are hardly meant.

A check stays where a wrong unit, currency, sign or direction would change a sum by ten times or
more, or where law makes the figure impossible; else it goes. Each is one function in the list of
its room, with an example that it must find and a twin that it must leave alone: the tests run both.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from offing.terms.caution import Caution

S = TypeVar("S")
Values = Mapping[str, str]
Find = Callable[[S], Iterable[Values]]


@dataclass(frozen=True)
class Check(Generic[S]):
    """One check.

    Attributes:
        key: of its message.
        find: the values of each finding in a subject.
        example: changes of a usual request with which it finds something.
        twin: changes alike with which it does not.
    """

    key: str
    find: Find[S]
    example: Mapping[str, object]
    twin: Mapping[str, object]


@dataclass(frozen=True)
class CheckList(Generic[S]):
    """The checks of a room, in the order in which their findings are shown."""

    checks: list[Check[S]] = field(default_factory=list)

    def add(
        self, key: str, *, example: Mapping[str, object], twin: Mapping[str, object]
    ) -> Callable[[Find[S]], Find[S]]:
        """Add the function below it."""

        def register(find: Find[S]) -> Find[S]:
            self.checks.append(Check(key, find, example, twin))
            return find

        return register

    def findings(self, subject: S) -> Iterator[Caution]:
        """What the checks find in a subject: message keys with their values."""
        for check in self.checks:
            for values in check.find(subject):
                yield Caution(check.key, dict(values))
