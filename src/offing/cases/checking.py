"""Run the cases of a file and say which hold."""

from dataclasses import dataclass
from pathlib import Path

from offing.cases import landed_cases, refund_cases
from offing.cases import settlement_cases as settlement_cases
from offing.cases.compare import answer, holds, shown
from offing.cases.inputs import Inputs, Value
from offing.cases.landed_importers import IMPORTERS, MEMBERS
from offing.cases.names import OTHER_NAMES, plain
from offing.cases.reading import Case, read_cases
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import enumerated
from offing.terms.nearest import nearest


@dataclass(frozen=True)
class Checked:
    """One case after its run.

    Attributes:
        id: of the case.
        name: its method or model.
        ok: whether every answer holds.
        expected: as the file states it.
        got: the same answers by the engine, stated in the same rounding; what could not be
            answered is ``None``.
        misses: the names of the answers that do not hold.
        error: why the case could not be run, or ``None``.
        unused: inputs that had no part in the answers.
    """

    id: str
    name: str
    ok: bool
    expected: dict[str, Value]
    got: dict[str, Value]
    misses: tuple[str, ...]
    error: OffingError | None = None
    unused: tuple[str, ...] = ()


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


def model_names() -> list[str]:
    """Every method and model that a case may name; a country once, and no members of the Union."""
    countries = {*MEMBERS, *(name for name in IMPORTERS if len(name) == len("DEU"))}
    landed = [name for name in landed_cases.MODELS if name not in countries]
    return sorted([*refund_cases.METHODS, *settlement_cases.MODELS, *landed])


def _known_method(name: str) -> str:
    """The method that a case means: as it is named here, or by another name of it."""
    known = {*refund_cases.METHODS, *settlement_cases.MODELS, *landed_cases.MODELS}
    if name in known:
        return name
    spellings = {plain(each): each for each in known}
    spelling = plain(name)
    return spellings.get(spelling) or spellings.get(plain(OTHER_NAMES.get(spelling, ""))) or name


def _answers(case: Case, inputs: Inputs) -> dict[str, Value]:
    name = _known_method(case.name)
    if name in refund_cases.METHODS:
        return refund_cases.solve(name, inputs, case.expected)
    if name in settlement_cases.MODELS:
        return settlement_cases.solve(name, inputs)
    if name in landed_cases.MODELS:
        return landed_cases.solve(name, inputs)
    raise InputError(
        "check.unknown_method",
        where=case.where,
        case=case.id,
        name=case.name,
        near=nearest(case.name, [n for n in model_names() if len(n) > len("AU")] or ["ecr"])
        or "ecr",
        all=enumerated(model_names()),
    )


def _computed(case: Case, inputs: Inputs) -> dict[str, Value]:
    try:
        return _answers(case, inputs)
    except ArithmeticError as error:
        raise InputError("check.cannot_compute", where=case.where, case=case.id) from error


def check_case(case: Case) -> Checked:
    """Run one case. A case that cannot be run does not hold, and says why."""
    inputs = Inputs(case.inputs, case.id, case.where)
    try:
        answers = _computed(case, inputs)
        misses = tuple(
            name
            for name, value in case.expected.items()
            if not holds(value, answer(answers, name), case.rounding, name, case.where)
        )
        got = {
            name: shown(value, answer(answers, name), case.rounding, name, case.where)
            for name, value in case.expected.items()
        }
    except OffingError as error:
        if error.where is None:
            error.where = case.where
        nothing = dict.fromkeys(case.expected)
        return Checked(
            case.id, case.name, False, case.expected, nothing, tuple(case.expected), error
        )
    return Checked(
        case.id, case.name, not misses, case.expected, got, misses, unused=inputs.unused()
    )


def check_file(path: Path) -> CheckReport:
    """Run every case of a file.

    Raises:
        InputError: the file as a whole cannot be used; see
            :func:`offing.cases.reading.read_cases`.
    """
    return CheckReport(tuple(check_case(case) for case in read_cases(path)))
