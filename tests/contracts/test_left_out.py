"""What a row leaves out is nothing: an amount or a count is 0, a factor 1, a seed the first."""

import ast
import re
from pathlib import Path

import pytest

import offing

ROOT = Path(offing.__file__).parent
ONES = {
    "seed", "lasting", "scale", "unit", "cny_per_usd", "per_usd", "hours", "discount", "low",
    "middle", "high", "size", "value_added", "pass_through",
    "hazard", "level",
}  # fmt: skip
"""Names of factors; the first seed."""
CHOSEN = {
    "Search.steps", "Parameters.elasticity", "Parameters.labour_supply", "AssumedResponse.draws",
    "RoundingRule.places",
}  # fmt: skip
"""Values that somebody chose: their own tests look at them; so do those of requests."""


def left_out() -> list[tuple[str, str, float]]:
    """Class, field and value of every number that a dataclass of the house has by default."""
    return [
        (kind.name, line.target.id, line.value.value)
        for path in sorted(ROOT.rglob("*.py"))
        if path.relative_to(ROOT).parts[0] not in ("api", "web")
        and "@dataclass" in (text := path.read_text(encoding="utf-8"))
        for kind in ast.parse(text).body
        if isinstance(kind, ast.ClassDef) and "dataclass" in ast.dump(ast.List(kind.decorator_list))
        for line in kind.body
        if isinstance(line, ast.AnnAssign)
        and isinstance(line.target, ast.Name)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, int | float)
        and not isinstance(line.value.value, bool)
    ]


def test_nothing_and_one_are_what_they_are_called() -> None:
    """What papers and sums begin with, in whichever room it is named."""
    called = re.compile(r"^((?:ZERO|ONE)(?:, ONE)?) = (Decimal.*)$", re.MULTILINE)
    said = [
        pair
        for path in ROOT.rglob("*.py")
        for names, values in called.findall(path.read_text(encoding="utf-8"))
        for pair in zip(names.split(", "), values.split(", "), strict=True)
    ]
    assert set(said) == {("ZERO", "Decimal(0)"), ("ONE", "Decimal(1)")}


@pytest.mark.parametrize(("kind", "name", "value"), left_out())
def test_what_is_left_out_is_nothing(kind: str, name: str, value: float) -> None:
    if f"{kind}.{name}" not in CHOSEN:
        assert value == (1 if name in ONES else 0)
