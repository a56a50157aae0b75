"""The inputs of a case: its words, its rates, its amounts, its tables; and who answers them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Self

from offing.cases.amounts import Amounts
from offing.cases.given import Answers, Value


@dataclass(frozen=True)
class Inputs(Amounts):
    """The inputs of one case, or of one period or line of it; with its lists and tables."""

    def items(self, word: str) -> list[Value]:
        """A list; empty where there is none."""
        item = self.given(word)
        if item and not isinstance(item.value, list):
            raise self.bad(item.name, item.value)
        return item.value if item and isinstance(item.value, list) else []

    def numbers(self, word: str) -> list[Decimal]:
        """A list of numbers.

        Raises:
            InputError: ``check.missing_input`` or ``check.bad_input``.
        """
        self.needed(word)
        values = self.items(word)
        numbers = [value for value in values if isinstance(value, Decimal)]
        if len(numbers) < len(values):
            raise self.bad(word, values)
        return numbers

    def table(self, values: Mapping[str, Value], *, apart: bool = False) -> Self:
        """A table of the case with this one around it, or ``apart`` from it."""
        outer = None if apart else self
        return replace(self, values=values, outer=outer)

    def parts(self, word: str, *, apart: bool = False) -> list[Self]:
        """A list of tables, each with this one around it; empty where there is none."""
        values = self.items(word)
        tables = [item for item in values if isinstance(item, dict)]
        if self.has(word) and (not values or len(tables) < len(values)):
            raise self.bad(word, values)
        rest = {name: value for name, value in self.values.items() if name != word}
        around = replace(self, values=rest)
        return [around.table(item, apart=apart) for item in tables]

    def free(self, word: str) -> dict[str, Value]:
        """A table of free names; empty where there is none."""
        item = self.given(word)
        if item and not isinstance(item.value, dict):
            raise self.bad(item.name, item.value)
        return item.value if item and isinstance(item.value, dict) else {}


Solver = Callable[[Inputs], Answers]
SOLVERS: dict[str, Solver] = {}
"""Method or model → the function that answers it, from :func:`solves`."""


def solves(*names: str) -> Callable[[Solver], Solver]:
    """Register a function as the solver of methods or models."""

    def register(solver: Solver) -> Solver:
        SOLVERS.update(dict.fromkeys(names, solver))
        return solver

    return register
