"""Names are the field's: a function is a verb with its object, or the noun that it returns.

No bare participle (``told``, ``_kept``), no leading preposition (``of_study``, ``_by_market``). The
rest stands in ``names.txt``, which only shrinks. A public class name means one thing.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "src" / "offing"
LEFT = Path(__file__).with_name("names.txt")
PARTICIPLE = re.compile(
    r"(?:ed|en|made|told|said|given|kept|found|known|meant|laid|heard|read|sold|held|put|left|built"
    r"|shown)$"
)
NO_PARTICIPLE = frozenset(
    ("seed", "feed", "speed", "need", "red", "token", "then", "when", "open", "even", "children",
     "screen", "read", "embed", "len", "output", "shorten"),
)  # fmt: skip
HOOKS = frozenset(("on_broken_pipe", "on_response_complete"))
"""Of other packages, which call them by these names."""
PREPOSITION = re.compile(r"^_?(?:of|by|with|without|in|on|at|under|beside|within|beyond|as_of)_")
TWICE = 0
"""Public class names that mean two things."""


def is_odd(name: str) -> bool:
    """Whether a function's name is a bare participle, or begins with a preposition."""
    bare = name.strip("_")
    participle = "_" not in bare and bare not in NO_PARTICIPLE and PARTICIPLE.search(bare)
    return bool(participle or PREPOSITION.match(name)) and name not in HOOKS


@cache
def definitions() -> tuple[tuple[str, ast.AST], ...]:
    """Each function and class with its file, in the order of the files."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return tuple(
        (file.relative_to(ROOT).as_posix(), node)
        for file in sorted(ROOT.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, kinds)
    )


def odd_names() -> Iterator[str]:
    """``file: name`` of every function that is named otherwise."""
    for file, node in definitions():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and is_odd(node.name):
            yield f"{file}: {node.name}"


def test_no_function_is_a_participle_or_begins_with_a_preposition() -> None:
    left = set(LEFT.read_text("utf-8").splitlines())
    found = set(odd_names())
    assert sorted(found - left) == [], "name it by what it does or returns"
    assert sorted(left - found) == [], "mended: take it out of names.txt"
    assert len(left) <= 100


def test_the_rule_knows_what_it_looks_for() -> None:
    assert all(map(is_odd, ("told", "_kept", "of_study", "_by_market", "without_rate", "spread")))
    assert not any(map(is_odd, ("seed", "read", "rank_segments", "landed_cost", "__len__")))


def test_a_public_class_name_means_one_thing() -> None:
    names = Counter(
        node.name
        for _, node in definitions()
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert sum(count > 1 for count in names.values()) <= TWICE
