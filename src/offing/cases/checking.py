"""Run the cases of a file and say which hold."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path

# The solvers register themselves: importing them is what makes a method known.
from offing.cases import (  # noqa: F401
    bank_costs,
    duty,
    exchange,
    importers,
    netting,
    refund,
    settlement,
    trade,
)
from offing.cases.bank_costs import fee_name
from offing.cases.compare import compared, in_units, places_of
from offing.cases.conventions import WAYS, by_its_figures
from offing.cases.derived import solved
from offing.cases.given import Answers, Value
from offing.cases.importers import importer, importer_method, in_importers_money
from offing.cases.inputs import Inputs
from offing.cases.layouts import as_read, own_charges, own_values
from offing.cases.levels import is_upside_down
from offing.cases.netting import net_name
from offing.cases.parts import part_readings, summed
from offing.cases.phrases import said, without_faint
from offing.cases.reading import Case, read_cases
from offing.cases.readings import (
    TRIALS,
    Reading,
    answer_names,
    figures,
    input_readings,
    methods_like,
    read_so,
    renamed,
)
from offing.cases.slips import slip_of
from offing.cases.states import Changed, changed
from offing.cases.values import day_written, written
from offing.cases.words import Method, Named, Vocabulary, methods
from offing.terms.amounts import exactly
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.messages import enumerated
from offing.terms.nearest import asked, meant, nearest_ones

FEW = 3
"""Other conventions of a case that is read otherwise too, at most."""

LAID = 12
"""Readings of one case with its amounts laid together, at most."""

IMPORTER = "importer"
"""The method that stands for every country's."""

ENDS = ("", "_duty")
"""A duty of a free name is answered under that name, and with ``_duty``."""


OPEN = {f"check.{what}" for what in ("unknown_method", "unknown_word", "unknown_answer",
                                     "missing_input", "turned_over", "bad_points")}  # fmt: skip
"""Errors that another reading of the case may answer."""
UNSAID = {"check.missing_input", "check.bad_points"}
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


def method_of(name: str, where: Where | None = None) -> Method:
    """The method or model that a case names: one of the vocabulary, or an importer.

    Raises:
        InputError: ``check.unknown_method``.
    """
    known = {name: method for name, method in methods().items() if name != IMPORTER}
    method = known.get(name) or importer_method(name) or _method_said(name, known)
    if method is None:
        some, near = enumerated(nearest_ones(name, known)), meant(name, known)
        raise InputError("check.unknown_method", where=where, name=name, some=some, near=near)
    return method


def _method_said(name: str, known: Mapping[str, Method]) -> Method | None:
    """The one method whose name says the same things, in whatever order and language."""
    things = without_faint(said(name).things)
    found = [
        method
        for method in known.values()
        if things and things in {without_faint(said(n).things) for n in (method.name, *method.also)}
    ]
    return found[0] if len(found) == 1 else None


def _names(values: Mapping[str, Value], words: Vocabulary) -> Iterator[tuple[str, Value]]:
    """The names of a table and of the tables in it, with their values; free ones are not ours."""
    for name, value in values.items():
        yield name, value
        inner = value if isinstance(value, list) else [value]
        if isinstance(value, dict) and (named := words.find(name)) and named.word.kind == "free":
            inner = list(value.values())
        for table in inner:
            if isinstance(table, dict):
                yield from _names(table, words)


def _refuse_unknown(
    values: Mapping[str, Value], known: Vocabulary, near: Vocabulary, case: Case, key: str
) -> None:
    """Refuse a word that is not known, with the nearest; the method's own where one is like it."""
    for name, value in _names(values, known):
        named = known.find_for(name, value)
        if named is None:
            _refuse_other_way(name, value, known, case)
            like = near.nearest(name, 0.75) or known.nearest(name)
            words = {"name": name, "method": case.name, "near": asked(like)}
            raise InputError(key, where=case.where, case=case.id, **words)
        _refuse_turned_over(name, value, named, case)


def _refuse_other_way(name: str, value: Value, known: Vocabulary, case: Case) -> None:
    """Refuse a quote whose two currencies the method has, by its level, the other way round."""
    rate = written(value) if isinstance(value, str) else None
    number = rate.number if rate and not rate.unit else value
    if not isinstance(number, Decimal) or number <= 0:
        return
    named = known.find_for(name, 1 / number)
    if named is not None and named.quoted:
        raise _turned_over("check.turned_over", name, value, number, named, case)


def _turned_over(
    key: str, name: str, value: Value, number: Decimal, named: Named, case: Case
) -> InputError:
    """A quote that is the inverse of what is asked for, with its inverse."""
    price, priced = (code.upper() for code in named.quoted or ())
    said_as = {"name": name, "value": value, "price": price, "priced": priced}
    turned = f"{1 / number:.4f}"
    return InputError(key, where=case.where, case=case.id, turned=turned, **said_as)


def _refuse_turned_over(name: str, value: Value, named: Named, case: Case) -> None:
    """Refuse a quote of two currencies whose level is that of its inverse."""
    rate = written(value) if isinstance(value, str) else None
    number = rate.number if rate and not rate.unit else value
    if not named.quoted or not isinstance(number, Decimal):
        return
    if is_upside_down(named.quoted, number / named.scale):
        raise _turned_over("check.upside_down", name, value, number, named, case)


def _as_asked(
    expected: Mapping[str, Value], answers: Answers, words: Vocabulary, inputs: Inputs
) -> Answers:
    """The answers that a case asks for, under the names and in the money that it has for them."""
    asked: Answers = {}
    for name, value in expected.items():
        named = words.find(name)
        got = answers.get(name, answers.get(named.canonical if named else name))
        if isinstance(value, list) and isinstance(got, list):
            pairs = zip(value, got, strict=False)
            rows = [_row_as_asked(one, row, words, inputs) for one, row in pairs]
            asked[name] = [*rows, *got[len(rows) :]]
        elif named and isinstance(got, Decimal):
            number = _number_as_asked(got, named, name, answers, inputs)
            asked[name] = in_units(name, number, value)
        else:
            asked[name] = got
    return asked


def _number_as_asked(
    got: Decimal, named: Named, name: str, answers: Answers, inputs: Inputs
) -> Decimal:
    """A number in the money that its name asks for; a quote the way round that it says."""
    if named.currency:
        return inputs.answered(got, named, name)
    if name in answers:
        return got
    if named.quoted and got and not inputs.is_quoted_so(named.quoted):
        got = 1 / got
    return got * named.scale


def _row_as_asked(expected: Value, row: Value, words: Vocabulary, inputs: Inputs) -> Value:
    if isinstance(expected, dict) and isinstance(row, dict):
        return _as_asked(expected, row, words, inputs)
    return row


def _home_of(case: Case, inputs: Inputs) -> frozenset[str]:
    """The currencies that the answers of a case are in where no word says otherwise."""
    known = importer(case.name) if case.name not in methods() else None
    return in_importers_money(inputs, known).home if known else frozenset({"home", "cny"})


def _asked_values(expected: Mapping[str, Value]) -> Answers:
    """What a case expects, as numbers, shares and days, however they are written."""
    values: Answers = {}
    for name, value in expected.items():
        if isinstance(value, dict):
            values[name] = _asked_values(value)
        elif isinstance(value, list):
            rows = ((_asked_values(row) if isinstance(row, dict) else row) for row in value)
            values[name] = list(rows)
        elif isinstance(value, str) and (number := written(value)) and not number.unit:
            values[name] = number.number
        elif isinstance(value, str) and (day := day_written(value)):
            values[name] = day.isoformat()
        else:
            values[name] = value
    return values


def free_names(case: Case, method: Method) -> Iterator[str]:
    """The case's own names of duties, fees and parties, which are answers too."""
    for name, value in case.inputs.items():
        named = method.accepts.find_for(name, value)
        yield from _own_names(named.word.name if named else "", value)


def _own_names(word: str, value: Value) -> list[str]:
    if word == "additional_rates" and isinstance(value, dict):
        return [f"{own}{end}" for own in value for end in ENDS]
    rows = [line for line in value if isinstance(line, dict)] if isinstance(value, list) else []
    if word == "fee_lines":
        return [*map(fee_name, _texts([line.get("name") for line in rows]))]
    if word == "payments":
        return [*map(net_name, sorted({*_texts([text for row in rows for text in row.values()])}))]
    return []


def _texts(values: list[Value]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _gives(case: Case, method: Method) -> Vocabulary:
    """The answers of a method, with those of the case's own names of duties."""
    free = (name for name in free_names(case, method) if method.gives.find(name) is None)
    return method.gives.with_free(tuple(free))


def _unused(inputs: Inputs, method: Method) -> tuple[str, ...]:
    """Inputs that had no part: distractors of an exercise, or words of another method."""
    spare = dict.fromkeys(name for name, _ in _names(inputs.values, method.accepts))
    labels = {
        name for name in spare
        if (named := method.accepts.find(name)) and named.word.kind == "label"
    }  # fmt: skip
    return tuple(name for name in spare if name not in inputs.asked | labels)


def answers_of(
    case: Case, open_ways: dict[str, tuple[str, ...]] | None = None
) -> tuple[Answers, tuple[str, ...], tuple[str, ...]]:
    """All answers of a case, exact, also under its own names.

    Also its inputs that had no part, and what the rules charge that it does not give. The
    conventions that it leaves open are added to ``open_ways``.

    Raises:
        InputError: ``check.unknown_method``, ``check.unknown_word`` or ``check.unknown_answer``
            with the nearest that there is; an input that is missing or cannot be used.
    """
    method = method_of(case.name, case.where)
    case = as_read(case, method)
    case = replace(case, inputs=summed(case.inputs, method))
    gives = _gives(case, method)
    _refuse_unknown(case.inputs, method.accepts, method.reads, case, "check.unknown_word")
    _refuse_unknown(case.expected, gives, gives, case, "check.unknown_answer")
    inputs = Inputs(
        case.inputs,
        method.accepts,
        case.name,
        case.id,
        case.where,
        expected=case.expected,
        places=places_of(case.rounding),
        ways=case.ways,
        open_ways={} if open_ways is None else open_ways,
    )
    try:
        with exactly():
            answers = solved(inputs, gives)
    except ArithmeticError as error:
        raise InputError("check.cannot_compute", where=case.where, case=case.id) from error
    inputs = replace(inputs, home=_home_of(case, inputs))
    asked = _as_asked(case.expected, answers, gives, inputs)
    return answers | asked, _unused(inputs, method), tuple(inputs.charged)


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
            for name, value in _asked_values(case.expected).items()
        }
    except OffingError as error:
        error.where = error.where or case.where
        return replace(unrun, error=error)
    misses = tuple(name for name, (ok, _) in answered.items() if not ok)
    got = {name: shown for name, (_, shown) in answered.items()}
    return replace(unrun, ok=not misses, got=got, misses=misses, unused=unused, charged=charged)


def _possible(case: Case) -> list[Method]:
    """The method that a case names; those that it may mean where it names none."""
    try:
        return [method_of(case.name)]
    except InputError:
        known = {name: method for name, method in methods().items() if name != IMPORTER}
        texts = (*case.name.split("_"), *(v for v in case.inputs.values() if isinstance(v, str)))
        return [*filter(None, map(_place, texts)), *methods_like(case, known)]


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
    if plain.ok or not figures(case.expected) or (plain.error and plain.error.key not in OPEN):
        return plain
    if (proved := _by_convention(case, plain)).ok:
        return proved
    of_change = _of_change(case, two) if (two := changed(case)) else None
    if of_change and of_change.ok:
        return of_change
    return _by_its_names(case, plain) or of_change or _with_slip(case, plain)


def _by_its_names(case: Case, plain: Checked) -> Checked | None:
    """The outcome with the names read as the figures prove; ``None`` where they prove none."""
    left = {False: TRIALS, True: TRIALS}

    def holds(trial: Case, *, heard: bool = False) -> bool:
        left[heard] -= 1
        return left[heard] >= 0 and _run(trial).ok

    def holds_somehow(trial: Case) -> bool:
        return left[False] >= 0 and _by_convention(trial, _run(trial), FEW).ok

    possible = _possible(case)
    ways = (
        partial(_laid_otherwise, case, possible, plain, part_readings),
        partial(_read_otherwise, case, possible, plain, holds),
        partial(_laid_otherwise, case, possible, plain, own_charges),
        partial(_laid_otherwise, case, possible, plain, own_values),
        partial(_read_otherwise, case, possible, plain, partial(holds, heard=True), heard=True),
        partial(_read_otherwise, case, possible, plain, holds_somehow),
    )
    return _likeliest(case, (read for way in ways for read in way()))


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
        return _possible(case)
    return []


def _in_two_states(case: Case, two: Changed) -> Checked:
    """The answers before and after a change, and the differences of those."""
    runs = [replace(one, name=case.name) for one in (two.before, two.after)]
    exact = [answers_of(one)[0] for one in runs]
    answered: dict[str, tuple[bool, Value]] = {}
    read: dict[str, str] = {}
    asked = _asked_values(case.expected)
    for name, value in asked.items():
        if name in two.own:
            side, stem = two.own[name]
            ways = {name: exact[side].get(stem)}
        else:
            ways = {f"{stem}_change": n for stem, n in _differences(case, two, name, exact).items()}
        tried = {
            way: compared(value, got, case.rounding, name, case.where) for way, got in ways.items()
        }
        way = next((way for way, (ok, _) in tried.items() if ok), next(iter(tried)))
        answered[name] = tried[way]
        read |= {name: way} if len(ways) > 1 else {}
    misses = tuple(name for name, (ok, _) in answered.items() if not ok)
    got = {name: shown for name, (_, shown) in answered.items()}
    return Checked(case.id, case.name, not misses, case.expected, got, misses, read=read)


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
    """The case by the conventions that its figures prove, or as it stands."""
    if plain.error and plain.error.key not in UNSAID:
        return plain
    found, ways = by_its_figures(plain, lambda ways: _run(replace(case, ways=ways)), most)
    return replace(found, ways=ways)


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
        unknown = answer_names(laid, _gives(laid, method), missed)
        spare = tuple(laid.inputs) if plain.error else plain.unused  # none is known to have a part
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
    asked = {name for name, _ in _names(case.expected, Vocabulary({}))}
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
