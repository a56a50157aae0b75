"""The answers of one case in its method's own words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

# The solvers register themselves: importing them is what makes a method known.
from offing.cases import (  # noqa: F401
    bank_costs,
    duty,
    exchange,
    importers,
    refund,
    settlement,
    trade,
    weighted,
)
from offing.cases.bank_costs import fee_names, offer_name
from offing.cases.compare import convert_units, places_of
from offing.cases.derived import solve_case
from offing.cases.given import Answers, Value
from offing.cases.importers import importer, importer_method, to_importers_currency
from offing.cases.inputs import Inputs
from offing.cases.levels import is_upside_down
from offing.cases.reading import Case
from offing.cases.values import bare_number, day_written, parse_number
from offing.cases.weighted import net_name, share_names
from offing.cases.words import Method, Named, Vocabulary, Word, methods
from offing.terms.amounts import exactly
from offing.terms.errors import InputError, Where
from offing.terms.messages import join_list
from offing.terms.nearest import did_you_mean, nearest_ones, suggest

IMPORTER = "importer"
"""The method that stands for every country's."""

ENDS = ("", "_duty")
"""A duty of a free name is answered under that name, and with ``_duty``."""

USUAL = ("ecr", "cip_simple", "rvc")
"""Methods that are named where none is like what was asked for."""


def method_of(name: str, where: Where | None = None) -> Method:
    """The method or model that a case names: one of the vocabulary, or an importer.

    Raises:
        InputError: ``check.unknown_method``.
    """
    known = {name: method for name, method in methods().items() if name != IMPORTER}
    called = {word: method for method in known.values() for word in method.also}
    method = known.get(name) or importer_method(name) or called.get(name)
    if method is None:
        some, near = join_list(nearest_ones(name, known) or USUAL), suggest(name, known)
        raise InputError("check.unknown_method", where=where, name=name, some=some, near=near)
    return method


def names_of(values: Mapping[str, Value], words: Vocabulary) -> Iterator[tuple[str, Value]]:
    """The names of a table and of the tables in it, with their values; free ones are not ours."""
    for name, value in values.items():
        yield name, value
        inner = value if isinstance(value, list) else [value]
        if isinstance(value, dict) and (named := words.find(name)) and named.word.kind == "free":
            inner = list(value.values())
        for table in inner:
            if isinstance(table, dict):
                yield from names_of(table, words)


def _refuse_unknown(
    values: Mapping[str, Value], known: Vocabulary, near: Vocabulary, case: Case, key: str
) -> None:
    """Refuse a word that is not known, with the nearest; the method's own where one is like it."""
    for name, value in names_of(values, known):
        named = known.find(name)
        if named is None:
            like = near.nearest(name, 0.75) or known.nearest(name)
            words = {"name": name, "method": case.name, "near": did_you_mean(like)}
            raise InputError(key, where=case.where, case=case.id, **words)
        _refuse_turned_over(name, value, named, case)


def _refuse_turned_over(name: str, value: Value, named: Named, case: Case) -> None:
    """Refuse a quote of two currencies whose level is that of its inverse."""
    if not named.quoted or (number := bare_number(value)) is None:
        return
    if is_upside_down(named.quoted, number / named.scale):
        price, priced = (code.upper() for code in named.quoted)
        values = {"name": name, "value": value, "price": price, "priced": priced}
        turned = f"{1 / number:.4f}"
        where = case.where
        raise InputError("check.upside_down", where=where, case=case.id, turned=turned, **values)


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
            asked[name] = convert_units(name, number, value)
        else:
            asked[name] = got
    return asked


def _number_as_asked(
    got: Decimal, named: Named, name: str, answers: Answers, inputs: Inputs
) -> Decimal:
    """A number in the money that its name asks for; a quote the way round that it says."""
    if named.per:
        got = got * named.scale / inputs.count_of(named.per)
    if named.currency:
        return inputs.answered(got, named, name)
    if name in answers:
        return got
    if named.quoted and got and not inputs.is_quoted_so(named.quoted):
        got = 1 / got
    return got if named.per else got * named.scale


def _row_as_asked(expected: Value, row: Value, words: Vocabulary, inputs: Inputs) -> Value:
    if isinstance(expected, dict) and isinstance(row, dict):
        return _as_asked(expected, row, words, inputs)
    return row


def _home_of(case: Case, inputs: Inputs) -> frozenset[str]:
    """The currencies that the answers of a case are in where no word says otherwise."""
    known = importer(case.name) if case.name not in methods() else None
    return to_importers_currency(inputs, known).home if known else frozenset({"home", "cny"})


def asked_values(expected: Mapping[str, Value]) -> Answers:
    """What a case expects, as numbers, shares and days, however they are written."""
    values: Answers = {}
    for name, value in expected.items():
        if isinstance(value, dict):
            values[name] = asked_values(value)
        elif isinstance(value, list):
            rows = ((asked_values(row) if isinstance(row, dict) else row) for row in value)
            values[name] = list(rows)
        elif isinstance(value, str) and (number := parse_number(value)) and not number.unit:
            values[name] = number.number
        elif isinstance(value, str) and (day := day_written(value)):
            values[name] = day.isoformat()
        else:
            values[name] = value
    return values


def free_names(case: Case, method: Method) -> Iterator[str]:
    """The case's own names of duties, fees and parties, which are answers too."""
    for name, value in case.inputs.items():
        named = method.accepts.find(name)
        yield from _own_names(named.word.name if named else "", value)


OWN_NAMES: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "additional_rates": lambda own: tuple(f"{own}{end}" for end in ENDS),
    "amounts": share_names,
    "invoices": share_names,
    "offers": lambda currency: (offer_name(currency),),
    "payments": lambda party: (net_name(party),),
    "fee_lines": fee_names,
}
"""Words under which a case has names of its own, and the answers that stand under each."""


def _own_names(word: str, value: Value) -> list[str]:
    if word not in OWN_NAMES:
        return []
    own = [*value] if isinstance(value, dict) else []
    rows = [line for line in value if isinstance(line, dict)] if isinstance(value, list) else []
    for row in rows:
        own += _texts([row.get("name")] if word == "fee_lines" else [*row.values()])
    return [name for one in sorted({*own}) for name in OWN_NAMES[word](one)]


def _texts(values: list[Value]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def given_answers(case: Case, method: Method) -> Vocabulary:
    """The answers of a method, with those of the case's own names of duties."""
    free = (name for name in free_names(case, method) if method.gives.find(name) is None)
    return method.gives.add_words(map(Word, free))


def _idle_inputs(inputs: Inputs, method: Method) -> tuple[str, ...]:
    """Inputs that had no part: distractors of an exercise, or words of another method."""
    spare = dict.fromkeys(name for name, _ in names_of(inputs.values, method.accepts))
    labels = {
        name for name in spare
        if (named := method.accepts.find(name)) and named.word.kind == "label"
    }  # fmt: skip
    return tuple(name for name in spare if name not in inputs.asked | labels)


def answers_of(case: Case) -> tuple[Answers, tuple[str, ...], tuple[str, ...]]:
    """All answers of a case, exact, also under its own names.

    Also its inputs that had no part, and what the rules charge that it does not give.

    Raises:
        InputError: ``check.unknown_method``, ``check.unknown_word`` or ``check.unknown_answer``
            with the nearest that there is; an input that is missing or cannot be used.
    """
    method = method_of(case.name, case.where)
    case = replace(case, name=method.name)
    gives = given_answers(case, method)
    _refuse_unknown(case.inputs, method.accepts, method.reads, case, "check.unknown_word")
    inputs = Inputs(
        case.inputs,
        method.accepts,
        case.name,
        case.id,
        case.where,
        expected=case.expected,
        places=places_of(case.rounding),
    )
    _refuse_unknown(case.expected, gives, gives, case, "check.unknown_answer")
    try:
        with exactly():
            answers = solve_case(inputs, gives)
            inputs = replace(inputs, home=_home_of(case, inputs))
            asked = _as_asked(case.expected, answers, gives, inputs)
    except ArithmeticError as error:
        raise InputError("check.cannot_compute", where=case.where, case=case.id) from error
    return answers | asked, _idle_inputs(inputs, method), tuple(inputs.charged)
