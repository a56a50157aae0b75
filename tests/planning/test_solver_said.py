"""What the solver says of its run, and what is made of it."""

from types import SimpleNamespace
from typing import Any

import pytest

from offing.planning.linear import run
from offing.terms.errors import InputError

highspy = pytest.importorskip("highspy")
S = highspy.HighsModelStatus


class Solver:  # its names are those of HiGHS
    """Ends in these ways, one run after the other; ``found`` is how good its last plan is."""

    def __init__(self, *ends: Any, found: int = 2) -> None:
        self.ends, self.found = list(ends), found
        self.options: dict[str, float] = {}
        self.cleared = 0

    def run(self) -> None:
        self.end = self.ends.pop(0)

    def getModelStatus(self) -> Any:  # noqa: N802
        return self.end

    def modelStatusToString(self, status: Any) -> str:  # noqa: N802
        return str(status)

    def getInfo(self) -> Any:  # noqa: N802
        return SimpleNamespace(primal_solution_status=self.found)

    def clearSolver(self) -> None:  # noqa: N802
        self.cleared += 1

    def setOptionValue(self, name: str, value: float) -> None:  # noqa: N802
        self.options[name] = value


@pytest.mark.parametrize(
    ("end", "nodes", "found", "said"),
    [
        (S.kOptimal, False, 2, "optimal"),
        (S.kInfeasible, False, 2, "infeasible"),
        (S.kUnboundedOrInfeasible, True, 2, "infeasible"),
        (S.kObjectiveBound, True, 2, "infeasible"),
        (S.kSolutionLimit, True, 2, "optimal"),
        (S.kSolutionLimit, True, 1, "ended"),
        (S.kSolutionLimit, True, 0, "ended"),
    ],
)
def test_how_a_run_ended(end: Any, nodes: bool, found: int, said: str) -> None:
    solver = Solver(end, found=found)
    assert run(solver, nodes=nodes) == said
    assert solver.cleared == 0


@pytest.mark.parametrize("nodes", [True, False])
def test_a_run_that_cannot_be_is_refused(nodes: bool) -> None:
    with pytest.raises(InputError) as said:
        run(Solver(S.kModelError), nodes=nodes)
    assert said.value.key == "planning.not_solved"
    if not nodes:
        with pytest.raises(InputError):
            run(Solver(S.kSolutionLimit))


@pytest.mark.parametrize("end", [S.kUnknown, S.kSolveError])
def test_a_corner_that_cannot_be_settled_is_left_by_beginning_anew(end: Any) -> None:
    """From nothing, a hundred times less exactly than offing asks else; once."""
    solver = Solver(end, S.kOptimal)
    assert run(solver) == "optimal"
    assert solver.cleared == 1
    assert solver.options == {
        "primal_feasibility_tolerance": 1e-7,
        "dual_feasibility_tolerance": 1e-7,
    }
    with pytest.raises(InputError):
        run(Solver(end, end))
