"""Run the cases of a file and say which hold."""

from dataclasses import dataclass, replace
from pathlib import Path

from offing.cases.answering import answers_of, asked_values
from offing.cases.compare import compare_answer
from offing.cases.given import Value
from offing.cases.reading import Case, read_cases
from offing.terms.errors import OffingError


@dataclass(frozen=True)
class Checked:
    """One case after its run.

    ``got`` has the same answers by the engine, in the same rounding; what could not be answered is
    ``None``. ``unused`` are the inputs that had no part in them, ``charged`` what the rules charge
    and the case does not give.
    """

    id: str
    name: str
    ok: bool
    expected: dict[str, Value]
    got: dict[str, Value]
    misses: tuple[str, ...]
    error: OffingError | None = None
    unused: tuple[str, ...] = ()
    charged: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckReport:
    """All cases of a file, in its order."""

    cases: tuple[Checked, ...]

    @property
    def passed(self) -> int:
        """How many hold."""
        return sum(case.ok for case in self.cases)

    @property
    def failed(self) -> int:
        """How many do not, or could not be run."""
        return len(self.cases) - self.passed

    @property
    def unusable(self) -> tuple[Checked, ...]:
        """Those that could not be run."""
        return tuple(case for case in self.cases if case.error is not None)


def check_case(case: Case) -> Checked:
    """One case in its own words. A case that cannot be run does not hold, and says why."""
    nothing: dict[str, Value] = dict.fromkeys(case.expected)
    unrun = Checked(case.id, case.name, False, case.expected, nothing, tuple(case.expected))
    try:
        answers, unused, charged = answers_of(case)
        answered = {
            name: compare_answer(value, answers.get(name), case.rounding, name, case.where)
            for name, value in asked_values(case.expected).items()
        }
    except OffingError as error:
        error.where = error.where or case.where
        return replace(unrun, error=error)
    misses = tuple(name for name, (ok, _) in answered.items() if not ok)
    got = {name: shown for name, (_, shown) in answered.items()}
    return replace(unrun, ok=not misses, got=got, misses=misses, unused=unused, charged=charged)


def check_file(path: Path) -> CheckReport:
    """Run every case of a file.

    Raises:
        InputError: the file as a whole cannot be used; see
            :func:`offing.cases.reading.read_cases`.
    """
    return CheckReport(tuple(check_case(case) for case in read_cases(path)))
