"""Run the cases of a file and say which hold."""

from collections import ChainMap, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from itertools import chain, islice
from operator import attrgetter
from pathlib import Path

from offing.cases.answering import (
    IMPORTER,
    answers_of,
    asked_values,
    given_answers,
    method_of,
    names_of,
)
from offing.cases.compare import compared
from offing.cases.fits import fits, importers_like, likeliest_named
from offing.cases.given import Answers, Value
from offing.cases.importers import importer_method
from offing.cases.layouts import as_read, own_charges, own_values
from offing.cases.parts import part_readings
from offing.cases.reading import Case, read_cases
from offing.cases.readings import (
    TRIALS,
    Reading,
    answer_names,
    figures,
    input_readings,
    is_misspelt,
    methods_like,
    read_so,
    renamed,
)
from offing.cases.rows import Rows, rows_of
from offing.cases.slips import slip_of
from offing.cases.states import Changed, changed
from offing.cases.words import Method, Vocabulary, methods
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import enumerated

FEW = 3
"""Other conventions of a case that is read otherwise too, at most."""

WAYS = 24
"""Runs of one case by other conventions at most."""

LAID = 12
"""Readings of one case with its amounts laid together, at most."""

OPEN = {f"check.{what}" for what in ("unknown_method", "unknown_word", "unknown_answer",
        "missing_input", "turned_over", "bad_points")} | {"landed.bad_choice"}  # fmt: skip
"""Errors that another reading of the case may answer."""
UNNAMED = {"check.unknown_method", "check.unknown_answer"}
"""Those of them that several methods may answer."""
UNSAID = {"check.missing_input", "check.bad_points", "landed.bad_choice"}
"""Those of them that another convention may."""


@dataclass(frozen=True)
class Checked:
    """One case after its run.

    ``got`` has the same answers by the engine, in the same rounding; what could not be answered is
    ``None``. ``unused`` are the inputs that had no part in them, ``charged`` what the rules charge
    and the case does not give; ``read`` the names that were read as words by the figures, ``ways``
    the conventions that they prove, ``open_ways`` those that were left open. ``slip`` is the one
    input that explains all misses, with the value at which everything holds.
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
    read: Mapping[str, str] = field(default_factory=dict)
    ways: Mapping[str, str] = field(default_factory=dict)
    open_ways: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    slip: Mapping[str, Value] = field(default_factory=dict)


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


def _run(case: Case) -> Checked:
    """One case in its own words. A case that cannot be run does not hold, and says why."""
    nothing: dict[str, Value] = dict.fromkeys(case.expected)
    open_ways: dict[str, tuple[str, ...]] = {}
    unrun = Checked(
        case.id, case.name, False, case.expected, nothing, tuple(case.expected), open_ways=open_ways
    )
    try:
        answers, unused, charged = answers_of(case, open_ways)
        answered = {
            name: compared(value, answers.get(name), case.rounding, name, case.where)
            for name, value in asked_values(case.expected).items()
        }
    except OffingError as error:
        error.where = error.where or case.where
        return replace(unrun, error=error)
    misses = tuple(name for name, (ok, _) in answered.items() if not ok)
    got = {name: shown for name, (_, shown) in answered.items()}
    return replace(unrun, ok=not misses, got=got, misses=misses, unused=unused, charged=charged)


def _possible(case: Case) -> Iterator[list[Method]]:
    """The method that a case names; then, where it is not by its own name, those it may mean."""
    known = {name: method for name, method in methods().items() if name != IMPORTER}
    try:
        named = [method_of(case.name)]
    except InputError:
        named = []
    called = [method for method in known.values() if case.name in method.also]
    named = named or sorted(called, key=lambda method: not _is_its_side(case, method))
    if named:
        yield named
    if not named or (named[0].name in known and case.name not in known):
        texts = (*case.name.split("_"), *(v for v in case.inputs.values() if isinstance(v, str)))
        like = (*filter(None, map(_place, texts)), *methods_like(case, known))
        yield [method for method in like if method not in named]


def _is_its_side(case: Case, method: Method) -> bool:
    """Whether the case gives the amount that the method's name ends with, if it ends with one."""
    side = method.name.rpartition("_")[2]
    words = (method.accepts.find(name) for name in case.inputs)
    return side in ("receivable", "payable") and side in {of.word.name for of in words if of}


def _place(text: str) -> Method | None:
    """The importer that a text names; none where it names none, or one without rules."""
    try:
        return importer_method(text)
    except OffingError:
        return None


def check_case(case: Case) -> Checked:
    """Run one case; names that are no words are read as the case's own figures prove them.

    So are the conventions that it does not say.
    """
    plain = _run(case)
    if plain.ok or (plain.error and plain.error.key not in OPEN):
        return plain
    if figures(case.expected):
        return _by_its_figures(case, plain)
    return _by_what_fits(case, plain) or plain


def _by_its_figures(case: Case, plain: Checked) -> Checked:
    """The outcome of a case of several readings: of that which its figures prove, if one does."""
    if (proved := _by_convention(case, plain)).ok:
        return proved
    of_change = _of_change(case, two) if (two := changed(case)) else None
    if of_change and of_change.ok:
        return of_change
    each = _of_rows(case, rows, plain) if (rows := rows_of(case)) else None
    if each and each.ok:
        return each
    groups = (_by_its_names(case, plain, possible) for possible in _possible(case))
    held = next(filter(None, groups), None) or _by_each_answer(case, plain)
    return held or each or of_change or _by_what_fits(case, plain) or _with_slip(case, plain)


def _by_its_names(case: Case, plain: Checked, possible: list[Method]) -> Checked | None:
    """The outcome with the names read as the figures prove; ``None`` where they prove none."""
    left = {False: TRIALS, True: TRIALS}
    possible = [method for method in possible if not _is_misspelt(case, method)]

    def holds(trial: Case, *, heard: bool = False) -> bool:
        left[heard] -= 1
        return left[heard] >= 0 and _run(trial).ok

    def holds_somehow(trial: Case) -> bool:
        return left[False] >= 0 and _by_convention(trial, _run(trial), FEW).ok

    ways = (
        partial(_laid_otherwise, case, possible, plain, part_readings),
        partial(_read_otherwise, case, possible, plain, holds),
        partial(_laid_otherwise, case, possible, plain, own_charges),
        partial(_laid_otherwise, case, possible, plain, own_values),
        partial(_read_otherwise, case, possible, plain, partial(holds, heard=True), heard=True),
        partial(_read_otherwise, case, possible, plain, holds_somehow),
    )
    return _likeliest(case, (read for way in ways for read in way()))


def _is_misspelt(case: Case, method: Method) -> bool:
    """Whether a name of the case, laid out as the method reads it, is one of its words misspelt."""
    try:
        return is_misspelt(as_read(case, method), method)
    except InputError:
        return False


def _by_what_fits(case: Case, plain: Checked) -> Checked | None:
    """The outcome of a case whose name says no method: by the importer that its figures prove.

    Else it fails by the importer that is in its name, by the method that reads and gives all that
    it has, by the one of several whose name is like its own, or by several that agree; where those
    give different figures it is asked back. Nought proves nothing: then only an importer in the
    name will do.
    """
    if plain.error is None or plain.error.key != "check.unknown_method":
        return None
    proves = figures(case.expected) > 0
    held = _by_its_names(case, plain, importers_like(case)) if proves else None
    if held and not held.charged:
        return held
    placed = [*filter(None, map(_place, case.name.split("_")))]
    alone = _agreed(case, plain, placed) if len(placed) == 1 else None
    return alone or (_agreed(case, plain, fits(case)) if proves else None)


def _agreed(case: Case, plain: Checked, possible: Iterable[Method]) -> Checked | None:
    """The outcome by the likeliest of some methods where those give the same, else it is asked."""
    runs = {method.name: _run(replace(case, name=method.name)) for method in possible}
    done = {name: run for name, run in runs.items() if not run.error}
    if not (likeliest := likeliest_named(case.name, done)):
        return None
    first = done[likeliest[0]]
    if any(done[name].got != first.got for name in likeliest):
        words = {"name": case.name, "some": enumerated([*done][:FEW])}
        return replace(plain, error=InputError("check.open_method", where=case.where, **words))
    return replace(first, name=case.name, read={case.name: likeliest[0]})


def _answered_alone(case: Case, name: str) -> tuple[Method, Checked] | None:
    """The first method like the case that has one of its answers, with which that figure holds."""
    having = {
        known: method
        for known, method in methods().items()
        if known != IMPORTER and method.gives.find(name) is not None
    }
    for method in methods_like(case, having):
        known = {one: v for one, v in case.inputs.items() if method.accepts.find_for(one, v)}
        trial = replace(case, name=method.name, inputs=known, expected={name: case.expected[name]})
        if (run := _by_convention(trial, _run(trial), FEW)).ok:
            return method, run
    return None


def _by_each_answer(case: Case, plain: Checked) -> Checked | None:
    """The outcome of a case that asks for answers of several methods, each by one that has it.

    Every figure must hold, and every input be a word of one of them; else ``None``.
    """
    if len(case.expected) < SEVERAL or not plain.error or plain.error.key not in UNNAMED:
        return None
    found = {}
    for name in case.expected:
        if (answered := _answered_alone(case, name)) is None:
            return None
        found[name] = answered
    having = [method for method, _ in found.values()]
    if not _read_all(having, case.inputs):
        return None
    unused = set.intersection(*({*run.unused} for _, run in found.values()))
    got = {name: run.got[name] for name, (_, run) in found.items()}
    read = {name: f"{name} ({method.name})" for name, (method, _) in found.items()}
    if len(used := {method.name for method in having}) == 1:
        read = {case.name: used.pop()}
    return replace(
        plain, ok=True, error=None, got=got, misses=(), unused=(*sorted(unused),), read=read
    )


def _read_all(some: Sequence[Method], inputs: Mapping[str, Value]) -> bool:
    """Whether each input is a word of one of the methods."""
    return all(any(m.accepts.find_for(*given) for m in some) for given in inputs.items())


def _of_change(case: Case, two: Changed) -> Checked | None:
    """The outcome of a case of a change; ``None`` where its figures do not prove how to read it."""
    known = [case.name] if not (found := _unknown(case)) else [one.name for one in found]
    for name in known:
        try:
            read = _in_two_states(replace(case, name=name), two)
        except InputError:
            continue
        if read.ok or (name == case.name and not read.read):
            told = read.read if name == case.name else {**read.read, case.name: name}
            return replace(read, name=case.name, read=told)
    return None


def _unknown(case: Case) -> list[Method]:
    """The methods that a case may mean whose own name is none."""
    try:
        method_of(case.name)
    except InputError:
        return [method for group in _possible(case) for method in group]
    return []


def _in_two_states(case: Case, two: Changed) -> Checked:
    """The answers before and after a change, and the differences of those."""
    runs = [replace(one, name=case.name) for one in (two.before, two.after)]
    exact = [answers_of(one)[0] for one in runs]
    answered: dict[str, tuple[bool, Value]] = {}
    read: dict[str, str] = {}
    asked = asked_values(case.expected)
    for name, value in asked.items():
        if name in two.own:
            side, stem = two.own[name]
            ways = {name: exact[side].get(stem)}
        else:
            ways = {f"{stem}_change": n for stem, n in _differences(case, two, name, exact).items()}
        tried = {
            way: compared(value, got, case.rounding, name, case.where) for way, got in ways.items()
        }
        way = next((way for way, (ok, _) in tried.items() if ok), next(iter(tried), ""))
        answered[name] = tried.get(way, (False, None))
        read |= {name: way} if len(ways) > 1 else {}
    misses = tuple(name for name, (ok, _) in answered.items() if not ok)
    got = {name: shown for name, (_, shown) in answered.items()}
    return Checked(case.id, case.name, not misses, case.expected, got, misses, read=read)


def _of_rows(case: Case, rows: Rows, plain: Checked) -> Checked | None:
    """The outcome of a case of several rows; ``None`` where one of them cannot be read."""
    runs = [check_case(row) for row in rows.cases]
    if any(run.error for run in runs):
        return None
    each = [run.got for run in runs]
    oks, got = {rows.name: all(run.ok for run in runs)}, {rows.name: rows.laid(each)}
    for name, total in rows.sums(each).items():
        value = case.expected[name]
        oks[name], got[name] = compared(value, total, case.rounding, name, case.where)
    misses = tuple(name for name, ok in oks.items() if not ok)
    read, ways = (dict(ChainMap(*map(attrgetter(of), runs))) for of in ("read", "ways"))
    unused = tuple(dict.fromkeys(chain.from_iterable(run.unused for run in runs)))
    done = replace(plain, ok=not misses, error=None, got=got, misses=misses)
    return replace(done, unused=unused, read=read, ways=ways)


def _differences(case: Case, two: Changed, name: str, exact: list[Answers]) -> dict[str, Decimal]:
    """What a difference may be: of the answer that its name says, or of whichever its figure is."""
    stem, sign = two.changes[name]
    named = method_of(case.name).gives.find(stem)
    stems = [named.canonical] if named and named.canonical in exact[0] else [*exact[0]]
    return {
        one: sign * (later - earlier)
        for one in stems
        if isinstance(earlier := exact[0][one], Decimal)
        and isinstance(later := exact[1].get(one), Decimal)
        and later != earlier
    } or dict.fromkeys(stems[:1], Decimal(0))


def _with_slip(case: Case, plain: Checked) -> Checked:
    """Where several figures miss, the one input whose unit explains them all."""
    if plain.error or len(plain.misses) < SEVERAL:
        return plain
    return replace(plain, slip=slip_of(case, lambda other: _run(other).ok))


SEVERAL = 2
"""Figures that miss together: of one alone nobody can tell whether it or an input is wrong."""


def _likeliest(case: Case, readings: Iterable[Reading]) -> Checked | None:
    """The outcome of the first reading in which all that is read has a part; else of the first.

    What has no part in that one is told as not used.
    """
    first: Reading | None = None
    for read in readings:
        if not _idle(read):
            return _as_written(case, read)
        first = first or read
    return _as_written(case, first) if first else None


def _idle(read: Reading) -> frozenset[str]:
    """The inputs that were read as words without a part: the case holds without them too."""
    idle = set()
    for name, word in read.words.items():
        value = read.case.inputs.get(word)
        if isinstance(value, Decimal) and value:
            rest = {one: other for one, other in read.case.inputs.items() if one != word}
            without = replace(read.case, inputs=rest)
            idle |= {name} if _by_convention(without, _run(without), FEW).ok else set()
    return frozenset(idle)


def _by_convention(case: Case, plain: Checked, most: int = WAYS) -> Checked:
    """The case by the conventions that its figures prove, fewest first, or as it stands.

    A year of 360 or of 365 days, charges rounded one by one or all at the end: textbooks and
    offices differ. The usual one is taken first, and each by which *all* figures hold is told.
    """
    unsaid = plain.error is None or plain.error.key in UNSAID
    queue, seen = deque([(dict[str, str](), plain)] if unsaid else []), set[frozenset[str]]()
    while queue:
        ways, last = queue.popleft()
        for name, options in last.open_ways.items():
            for option in options[1:] if name not in ways else ():
                tried = ways | {name: option}
                key = frozenset(f"{one} {way}" for one, way in tried.items())
                if key in seen or len(seen) >= most:
                    continue
                seen.add(key)
                run = replace(_run(replace(case, ways=tried)), ways=tried)
                if run.ok:
                    return run
                queue.append((tried, run))
    return plain


def _read_otherwise(
    case: Case,
    possible: list[Method],
    plain: Checked,
    holds: Callable[[Case], bool],
    *,
    heard: bool = False,
) -> Iterator[Reading]:
    """The readings of a case by the methods that it may mean that hold.

    With ``heard`` the answers that were read by what they say, and missed, may be others too.
    """
    missed = () if not heard else tuple(case.expected) if plain.error else plain.misses
    for method in possible:
        try:
            laid = as_read(case, method)
        except InputError:
            continue
        unknown = answer_names(laid, given_answers(laid, method), missed)
        spare = None if plain.error else plain.unused
        readings = islice(input_readings(laid, method, spare), TRIALS)
        open_ones = (one for one in readings if one.words or unknown or plain.error)
        yield from filter(None, (read_so(one, unknown, holds) for one in open_ones))


def _laid_otherwise(
    case: Case,
    possible: list[Method],
    plain: Checked,
    readings: Callable[[Case, Method], Iterator[Reading]],
) -> Iterator[Reading]:
    """The readings of a case with a word too many that its figures prove."""
    for method in possible if plain.error and plain.error.key in OPEN else ():
        for read in islice(readings(case, method), LAID):
            if (run := _run(read.case)).ok or _by_convention(read.case, run).ok:
                yield read


def _as_written(case: Case, read: Reading) -> Checked:
    """The outcome of a reading, under the case's own names."""
    checked = _run(read.case)
    checked = checked if checked.ok else _by_convention(read.case, checked)
    asked = {name for name, _ in names_of(case.expected, Vocabulary({}))}
    own, idle = {word: n for n, word in read.words.items() if n in asked}, _idle(read)
    words = {name: w for name, w in read.words.items() if name != w and name not in idle}
    unused = (one for one in checked.unused if one not in {*read.words.values()})
    if read.case.name != case.name:
        words[case.name] = read.case.name
    return replace(
        checked,
        name=case.name,
        expected=case.expected,
        got=renamed(checked.got, own),
        read=words,
        unused=(*unused, *sorted(idle)),
    )


def check_file(path: Path) -> CheckReport:
    """Run every case of a file.

    Raises:
        InputError: the file as a whole cannot be used; see
            :func:`offing.cases.reading.read_cases`.
    """
    return CheckReport(tuple(check_case(case) for case in read_cases(path)))
