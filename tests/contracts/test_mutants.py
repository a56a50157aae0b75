"""Which tests a mutant meets: those that reach its statement, all of a room if none is seen."""

import ast

import pytest
from tools.mutants import Reach, sites, statement

CODE = """\
LIMIT = 3


@compiled
def kernel(a):
    return a + 1


def plain(a, b=4):
    if a > 2:
        return sum(
            a,
            b * 5,
        )
    return a - 6
"""


@pytest.mark.parametrize(
    ("line", "lines", "runs"),
    [
        (1, {1}, False),  # when the module is imported
        (6, {6}, False),  # compiled: nothing is seen
        (9, {9}, False),  # a default is made at import
        (10, {10}, True),  # the head of a statement, not its body
        (13, {11, 12, 13, 14}, True),  # the whole of a statement
        (15, {15}, True),
    ],
)
def test_statement_of_a_change(line: int, lines: set[int], runs: bool) -> None:
    tree = ast.parse(CODE)
    [site, *_] = [each for each in sites(tree) if each.lineno == line]  # type: ignore[attr-defined]
    assert statement(tree, site) == (lines, runs)


def test_tests_that_reach_a_line_go_first_and_what_none_reaches_meets_none() -> None:
    reach = Reach()
    near, far = "tests/rules/test_duty.py", "tests/study/test_costs.py"
    lines = {"offing/rules/duty.py": {"3": [f"{near}::a", ""], "8": [f"{far}::c"], "9": [""]}}
    reach.add(near, {"seconds": {f"{near}::a": 2, f"{near}::b": 1}, "broken": [], "lines": lines})
    slow = {"seconds": {f"{far}::c": 3, f"{far}::d": 1}, "broken": [f"{far}::d"], "lines": lines}
    reach.add(far, slow)

    def met(lines: set[int], runs: bool = True) -> list[str]:
        found = reach.batches("rules", "offing/rules/duty.py", lines, runs)
        return [test for batch in found for test in batch]

    assert met({8}) == [f"{far}::c", f"{near}::b", f"{near}::a"]
    assert met({9}) == [f"{near}::b", f"{near}::a", f"{far}::c"]  # what a file prepares
    assert met({4}) == []
    assert met({1}, runs=False) == [f"{near}::a", f"{far}::c", f"{near}::b"]
