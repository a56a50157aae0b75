"""Worked cases: each answered in its method's own words, and whether its answers hold.

An answer holds to the rounding that the case names: ``exact``, ``half_up_2`` (also ``half_even_``,
``down_``, ``up_``, ``floor_``, ``ceiling_``), ``tol_0.5``; or a table with one for each answer.

Some answers follow from others by a formula, which stands beside the word: ``of`` in its data. It
names answers of the solver, words of the case and other derived answers; ``amount`` is the position
whatever it is called, ``sign`` -1 for a payable, ``days`` and ``year`` as the case counts them,
``r_price`` also the interest of a currency that is named, ``spot_bid`` a side of a quote.
``round(x)`` is the nearest whole number, ``of(premium, amount)`` a sum, or a share of the amount;
``cover | 0`` is nought where the case gives none. Of several formulas the first is the usual one,
the next is used where the case lacks an input of it. Answers stay exact and round as the case says.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import cast

from offing.cases import duty, exchange, importers, positions, refund, settlement, trade  # noqa: F401
from offing.cases.exchange import fee_names, offer_name
from offing.cases.given import Answers, Case, Value, read_cases
from offing.cases.importers import importer, importer_method, to_importers_currency
from offing.cases.inputs import SOLVERS, Inputs, is_upside_down
from offing.cases.positions import (
    amount_of,
    day_count,
    days_of,
    forward_points,
    interest,
    net_name,
    share_names,
    side_of,
    sign_of,
)
from offing.cases.words import (
    Method,
    Named,
    Vocabulary,
    Word,
    bare_number,
    day_written,
    methods,
    parse_number,
)
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.messages import did_you_mean, join_list, nearest_ones, suggest
from offing.terms.money import Rounding, exactly, round_amount

EXACT_PLACES = 12
"""A quotient that never ends is compared to 12 decimals; all else is compared whole."""

NOISE_PLACES = 20
"""What stands further behind the point is left over by a division and its inverse: no half."""

LARGEST = 30
"""Digits before the point above which a number is compared as it is."""

SIZES = {"pip": (10000, 100), "bp": (10000,), "percent": (100,), "pct": (100,)}
"""How many of a unit one is: pips also of a quote in yen."""

_NOTHING = {"none", "null", "never", "no limit", "n/a", "-"}
_FORM = re.compile(r"(half_up|half_even|down|up|floor|ceiling)_(\d{1,2})|tol_(\d+(?:\.\d+)?)|exact")


def _form(rounding: Value, name: str, where: Where) -> str:
    chosen = rounding
    if isinstance(rounding, dict):
        chosen = rounding.get(name, rounding.get("default", "exact"))
    if not isinstance(chosen, str) or not _FORM.fullmatch(chosen):
        raise InputError("check.bad_rounding", where=where, rounding=chosen)
    return chosen


def places_of(rounding: Value) -> int:
    """The decimals to which a case states most of its answers; cents where it does not say."""
    forms = [*rounding.values()] if isinstance(rounding, dict) else [rounding]
    found = [int(match[2]) for one in forms if (match := _FORM.fullmatch(str(one))) and match[2]]
    return max(found, key=found.count, default=2)


def round_as_stated(value: Value, rounding: str) -> Value:
    """The value as a case of that rounding would state it.

    >>> round_as_stated(Decimal("8.888888"), "half_up_2")
    Decimal('8.89')
    """
    match = _FORM.fullmatch(rounding)
    if not isinstance(value, Decimal) or match is None:
        return value
    places, how = (int(match[2]), match[1]) if match[1] else (EXACT_PLACES, "half_up")
    if value.adjusted() > LARGEST:
        return value
    with exactly():
        value = round_amount(value, max(places, NOISE_PLACES), "half_even")
        return round_amount(value, places, cast(Rounding, how)).normalize()


def convert_units(name: str, got: Decimal, expected: Value) -> Decimal:
    """A number in the units that the name of an answer ends with, where it is as large in them.

    >>> convert_units("spread_pips", Decimal("0.0382"), Decimal(382))
    Decimal('382.0000')
    """
    sizes = SIZES.get(name.rpartition("_")[2].removesuffix("s"), ())
    if not isinstance(expected, Decimal) or not expected or not got:
        return got
    return min((got * size for size in (1, *sizes)), key=lambda one: abs(abs(one / expected).ln()))


def _same(expected: Value, got: Value, form: str) -> bool:
    """Whether one is the other; a figure of more places than its rounding is held to its own."""
    if not isinstance(expected, Decimal) or not isinstance(got, Decimal):
        if got is None:
            return expected is None or str(expected).lower() in _NOTHING
        return type(expected) is type(got) and expected == got
    if form.startswith("tol_"):
        return abs(got - expected) <= Decimal(form.removeprefix("tol_"))
    if round_as_stated(expected, form) != expected:
        form = f"half_up_{-int(expected.as_tuple().exponent)}"
    return round_as_stated(got, form) == expected


def compare_answer(
    expected: Value, got: Value, rounding: Value, name: str, where: Where
) -> tuple[bool, Value]:
    """Whether ``got`` answers ``expected``, and the part that was asked for, as the case states it.

    Tables and lists are compared item by item.

    Raises:
        InputError: ``check.bad_rounding``.
    """
    if isinstance(expected, dict) and isinstance(got, dict):
        items = {k: compare_answer(v, got.get(k), rounding, k, where) for k, v in expected.items()}
        return all(ok for ok, _ in items.values()), {k: shown for k, (_, shown) in items.items()}
    if isinstance(expected, list) and isinstance(got, list):
        pairs = zip(expected, got, strict=False)
        rows = [compare_answer(one, two, rounding, name, where) for one, two in pairs]
        same = len(got) == len(expected) and all(ok for ok, _ in rows)
        return same, [shown for _, shown in rows]
    form = _form(rounding, name, where)
    return _same(expected, got, form), round_as_stated(got, form)


_SIGNS: dict[type, Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip
_FACTS: dict[str, Callable[[Inputs], Decimal | int]] = {
    "amount": amount_of, "sign": sign_of, "days": days_of, "year": day_count,
    "given_points": partial(forward_points, word="points"),
    "r_price": partial(interest, word="r_price"), "r_base": partial(interest, word="r_base"),
}  # fmt: skip
_CALLS: dict[str, Callable[..., Decimal]] = {
    "min": min, "max": max, "abs": abs, "round": partial(round_amount, places=0),
}  # fmt: skip


@cache
def _parse_formula(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


@dataclass(frozen=True)
class Derived:
    """The derived answers of one case, each counted when it is asked for."""

    inputs: Inputs
    answers: Answers
    gives: Vocabulary

    def of(self, word: Word) -> Decimal:
        """The answer that a word's formula gives.

        Raises:
            InputError: ``check.missing_input`` for what none of its formulas can do without.
        """
        missing: InputError | None = None
        for formula in word.of:
            try:
                return self._value(_parse_formula(formula), word.name)
            except InputError as error:
                missing = missing or _if_missing(error)
        assert missing is not None
        raise missing

    def _value(self, node: ast.expr, of: str) -> Decimal:
        """The value of a part of a formula for an answer."""
        match node:
            case ast.Constant(value):
                return Decimal(str(value))
            case ast.Name(name):
                return self._value_of_name(name, of)
            case ast.UnaryOp(ast.USub(), part):
                return -self._value(part, of)
            case ast.BinOp(first, ast.BitOr(), second):
                try:
                    return self._value(first, of)
                except InputError as error:
                    _if_missing(error)
                    return self._value(second, of)
            case ast.BinOp(first, sign, second):
                return _SIGNS[type(sign)](self._value(first, of), self._value(second, of))
            case ast.Call(ast.Name("of"), [ast.Name(word), base]):
                return self.inputs.money(word, of=self._value(base, of))
            case ast.Call(ast.Name(call), parts):
                return _CALLS[call](*(self._value(part, of) for part in parts))
        raise TypeError(ast.dump(node))

    def _value_of_name(self, name: str, of: str) -> Decimal:
        """What a name of a formula is worth: an answer, a word of the case, or a derived answer."""
        answer, own = self.answers.get(name), self.gives.words.get(name)
        if isinstance(answer, Decimal) and name != of:
            return answer
        if name in _FACTS:
            return Decimal(_FACTS[name](self.inputs))
        if own and own.of and name != of:
            return self.of(own)
        base, _, side = name.partition("_") if name.endswith(("_bid", "_ask")) else (name, "", "")
        word = self.inputs.vocabulary.words.get(base)
        if word is None or not self.inputs.has(base):
            raise self.inputs.missing(name)
        if word.kind == "quote":
            return self.inputs.quote(base, side=side or side_of(self.inputs))
        return self.inputs.money(name) if word.kind == "money" else self.inputs.number(name)


def _if_missing(error: InputError) -> InputError:
    """An error that says what is missing; any other is raised."""
    if error.key != "check.missing_input":
        raise error
    return error


def solve_case(inputs: Inputs, gives: Vocabulary) -> Answers:
    """The answers of a case: its solver's, if any, and those asked for that follow by a formula."""
    of_importer = None if inputs.method in methods() else SOLVERS["importer"]
    solver = SOLVERS.get(inputs.method, of_importer)
    answers = solver(inputs) if solver else {}
    derived, words = Derived(inputs, answers, gives), map(gives.find, inputs.expected)
    asked = {named.word.name: named.word for named in words if named and named.word.of}
    return answers | {
        name: derived.of(word) for name, word in asked.items() if answers.get(name) is None
    }


# The solvers register themselves: importing them is what makes a method known.

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
            rows = [
                _as_asked(one, row, words, inputs)
                if isinstance(one, dict) and isinstance(row, dict)
                else row
                for one, row in pairs
            ]
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


OWN_NAMES: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "additional_rates": lambda own: tuple(f"{own}{end}" for end in ENDS),
    "amounts": share_names,
    "invoices": share_names,
    "offers": lambda currency: (offer_name(currency),),
    "payments": lambda party: (net_name(party),),
    "fee_lines": fee_names,
}
"""Words under which a case has names of its own, and the answers that stand under each."""


def free_names(case: Case, method: Method) -> Iterator[str]:
    """The case's own names of duties, fees and parties, which are answers too."""
    for name, value in case.inputs.items():
        named = method.accepts.find(name)
        word = named.word.name if named else ""
        if word not in OWN_NAMES:
            continue
        own = [*value] if isinstance(value, dict) else []
        rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
        for row in rows:
            texts = [row.get("name")] if word == "fee_lines" else [*row.values()]
            own += [text for text in texts if isinstance(text, str)]
        for one in sorted({*own}):
            yield from OWN_NAMES[word](one)


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
    free = (name for name in free_names(case, method) if method.gives.find(name) is None)
    gives = method.gives.add_words(map(Word, free))
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


def check_file(path: Path) -> tuple[Checked, ...]:
    """Run every case of a file, in its order.

    Raises:
        InputError: the file as a whole cannot be used; see
            :func:`offing.cases.given.read_cases`.
    """
    return tuple(map(check_case, read_cases(path)))
