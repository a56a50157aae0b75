"""A case of several rows: the same sum for each, with what stands around them.

``outcomes: [{spot_at_maturity: 6.85}, {spot_at_maturity: 7.20}]`` among the inputs and ``outcomes``
among the answers are two cases; so are tables of the same names in both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from offing.cases.given import Value
from offing.cases.nesting import tables_in
from offing.cases.reading import Case


@dataclass(frozen=True)
class Rows:
    """A case as several, and what it calls their answers, their totals and each of them."""

    cases: tuple[Case, ...]
    name: str
    totals: Mapping[str, str]
    called: tuple[str, ...]

    def laid(self, rows: Sequence[dict[str, Value]]) -> Value:
        """The rows' answers as the case has them: a list, or a table by their names."""
        return dict(zip(self.called, rows, strict=True)) if self.called else [*rows]

    def sums(self, rows: Sequence[Mapping[str, Value]]) -> dict[str, Decimal | None]:
        """What is asked of all rows; ``None`` for what not each of them has."""
        found = {name: [row.get(stem) for row in rows] for name, stem in self.totals.items()}
        parts = {n: [one for one in of if isinstance(one, Decimal)] for n, of in found.items()}
        return {n: sum(of, Decimal(0)) if len(of) == len(rows) else None for n, of in parts.items()}


def rows_of(case: Case) -> Rows | None:
    """The case as several, where its inputs and its answers have as many rows; else ``None``."""
    for name, asked in case.expected.items():
        others = [other for other in case.expected if other != name]
        totals = {n: n.removeprefix("total_").removesuffix("_total") for n in others}
        same = [name] if tables_in(case.inputs.get(name)) else [*case.inputs]
        found = [own for own in same if _match(case.inputs[own], asked)]
        if not found or any(stem == total for total, stem in totals.items()):
            continue
        rest = {own: value for own, value in case.inputs.items() if own != found[0]}
        pairs = zip(tables_in(case.inputs[found[0]]), tables_in(asked), strict=True)
        rows = (replace(case, inputs=rest | one, expected=two) for one, two in pairs)
        called = tuple(asked) if isinstance(asked, dict) else ()
        return Rows(tuple(rows), name, totals, called)
    return None


def _match(given: Value, asked: Value) -> bool:
    """Whether two values are as many rows, of the same names where they have any."""
    same = not isinstance(given, dict) or not isinstance(asked, dict) or [*given] == [*asked]
    rows = len(tables_in(asked))
    return same and type(given) is type(asked) and rows > 0 and len(tables_in(given)) == rows
