"""Answers that follow from others by a formula, which stands beside the word: ``of`` in its data.

A formula names answers of the solver, words of the case and other derived answers; ``amount`` is
the position whatever it is called, ``sign`` -1 for a payable, ``days`` and ``year`` as the case
counts them, ``r_price`` also the interest of a currency that is named, ``spot_bid`` a side of a
quote. ``round(x)`` is the nearest whole number, ``of(premium, amount)`` a sum, or a share of the
amount; ``cover | 0`` is nought where the case gives none. Of several formulas the first is the
usual one, the next is used where the case lacks an input of it. Answers stay exact and round as
the case says.
"""

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial

from offing.cases.given import Answers
from offing.cases.inputs import SOLVERS, Inputs
from offing.cases.positions import (
    amount_of,
    day_count,
    days_of,
    forward_points,
    interest,
    side_of,
    sign_of,
)
from offing.cases.words import Vocabulary, Word, methods
from offing.terms.errors import InputError
from offing.terms.money import round_amount

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
    importers = None if inputs.method in methods() else SOLVERS["importer"]
    solver = SOLVERS.get(inputs.method, importers)
    answers = solver(inputs) if solver else {}
    derived, words = Derived(inputs, answers, gives), map(gives.find, inputs.expected)
    asked = {named.word.name: named.word for named in words if named and named.word.of}
    return answers | {
        name: derived.of(word) for name, word in asked.items() if answers.get(name) is None
    }
