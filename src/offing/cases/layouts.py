"""Ways in which a case may lay its inputs out besides the one that a method reads."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from offing.cases.given import ASKED_SHARE, Value
from offing.cases.nesting import unnested
from offing.cases.reading import Case
from offing.cases.readings import Reading
from offing.cases.words import Method
from offing.refunds.fob import trade_term
from offing.terms.errors import InputError

_PRICE = re.compile(
    r"(?:(unit)_price|(?:(?:invoice|contract|goods|export)_)?(?:amount|price|value))((?:_\w+)?)"
)
_TERM = frozenset(("terms", "term", "incoterm", "incoterms", "trade_term", "trade_terms",
                   "delivery_terms", "delivery_term", "贸易术语", "成交方式"))  # fmt: skip
"""Names of the term of a price."""


def as_read(case: Case, method: Method) -> Case:
    """The case with its inputs laid out as its method reads them.

    Raises:
        InputError: as :func:`with_term`.
    """
    laid = with_lines(with_term(unnested(case.inputs, method), method, case), method)
    return replace(case, name=method.name, inputs=laid)


def with_term(values: dict[str, Value], method: Method, case: Case) -> dict[str, Value]:
    """The inputs with a price under the word of its term: ``terms: CIF, amount: 9000`` is a CIF.

    Raises:
        InputError: ``check.bad_input`` for a term that the method has no price for, or beside
            prices in another.
    """
    words, names = method.reads.words, [name for name in values if name in _TERM]
    if not names or "terms" in words or not {"fob", "cif"} <= {*words}:
        return values
    term = trade_term(str(values[names[0]])).lower()
    prices = {name: match for name in values if (match := _PRICE.fullmatch(name))}
    said = [n for name in values if (n := method.accepts.find(name)) and n.word.name == term]
    if term not in words or len(prices) + len(said) != 1:
        given = {"name": names[0], "value": values[names[0]]}
        raise InputError("check.bad_input", where=case.where, case=case.id, **given)
    laid = {name: value for name, value in values.items() if name not in (*names, *prices)}
    for name, match in prices.items():
        laid[f"{term}{'_unit' if match[1] else ''}{match[2]}"] = values[name]
    return laid


_OWN = re.compile(r"(\w+?)(?:_rate|_pct|_percent)?")

OWN_CHARGES = "additional_rates"
"""The word under which charges of a case's own stand."""


def own_charges(case: Case, method: Method) -> Iterator[Reading]:
    """The case with charges that its importer's rules do not know among ``additional_rates``.

    One is given by a name that is no word (``pier_levy_rate``), and asked for by it too
    (``pier_levy``).
    """
    names: dict[str, str] = {}
    for name, value in case.inputs.items():
        match = _OWN.fullmatch(name)
        named = method.accepts.find_for(name, value)
        unknown = named is None or named.word.name not in method.accepts.own
        if match and unknown and {match[1], f"{match[1]}_duty"} & {*case.expected}:
            names[name] = match[1]
    given = case.inputs.get(OWN_CHARGES, {})
    if names and isinstance(given, dict) and OWN_CHARGES in method.reads.words:
        kept = {name: value for name, value in case.inputs.items() if name not in names}
        own = given | {stem: _own_charge(case.inputs[name]) for name, stem in names.items()}
        laid = replace(case, inputs=kept | {OWN_CHARGES: own})
        yield Reading(laid, dict.fromkeys(names, OWN_CHARGES))


def _own_charge(value: Value) -> Value:
    """A charge as ``additional_rates`` has it: what is no share is a sum."""
    if isinstance(value, Decimal) and abs(value) >= ASKED_SHARE:
        return {"kind": "amount", "amount": value}
    return value


def own_values(case: Case, method: Method) -> Iterator[Reading]:
    """The case with a value that no word says as what one of its own charges is of.

    ``copper_value`` beside ``additional_rates: {s232_copper: 0.50}``: the metal in the goods.
    """
    given, find = case.inputs.get(OWN_CHARGES), method.accepts.find_for
    numbers = ((name, v) for name, v in case.inputs.items() if isinstance(v, Decimal))
    unknown = [(name, value) for name, value in numbers if find(name, value) is None]
    if len(unknown) != 1 or not isinstance(given, dict):
        return
    ((name, value),) = unknown
    kept = {word: other for word, other in case.inputs.items() if word != name}
    for own, rate in given.items():
        if isinstance(rate, Decimal) and {*own.split("_")} & {*name.split("_")}:
            part: dict[str, Value] = {"kind": "ad_valorem", "rate": rate, "value": value}
            laid = replace(case, inputs=kept | {OWN_CHARGES: {**given, own: part}})
            yield Reading(laid, {name: f"{own}_value"})


_FLAT = re.compile(
    r"(\w+?)_(rate(?:_per_(?:month|quarter))?|min|minimum|max|maximum|flat|fee|months|quarters)"
)
"""A name of one line's word, with the line's name before it: ``negotiation_rate``."""

POSTED = ("postage", "courier", "cable", "telex", "swift", "stamp_duty")
"""Sums of a bank's bill that say no word of a fee."""


def _line_of(name: str, value: Value, method: Method) -> tuple[str, str] | None:
    """The line of fees that a flat name is of, and the word that it gives; ``None`` for no line."""
    if isinstance(value, list | dict):
        return None
    if name in POSTED:
        return name, "flat"
    match = _FLAT.fullmatch(name) if method.reads.find_for(name, value) is None else None
    return (match[1], match[2].replace("fee", "flat")) if match else None


def _by_time(
    lines: Iterable[dict[str, Value]],
    unit: str,
    values: Mapping[str, Value],
    laid: dict[str, Value],
) -> None:
    """Give a line that alone is by the time its months or quarters, off what is laid flat."""
    timed, count = f"rate_per_{unit}", f"{unit}s"
    for line in lines:
        if timed in line and count in values:
            line |= {"rate": line.pop(timed), count: laid.pop(count, values[count])}


def with_lines(values: dict[str, Value], method: Method) -> dict[str, Value]:
    """The inputs with fees in lines, where each stands flat under its own name.

    >>> from offing.cases.words import methods
    >>> with_lines({"swift_fee": "60"}, methods()["lc_cost"])
    {'fee_lines': [{'name': 'swift', 'flat': '60'}]}
    """
    if "fee_lines" not in method.reads.words:
        return values
    lines: dict[str, dict[str, Value]] = {}
    laid: dict[str, Value] = {}
    for name, value in values.items():
        if of := _line_of(name, value, method):
            lines.setdefault(of[0], {"name": of[0]})[of[1]] = value
        else:
            laid[name] = value
    if not lines:
        return values
    for unit in ("month", "quarter"):
        _by_time(lines.values(), unit, values, laid)
    named = {name: method.accepts.find_for(name, value) for name, value in laid.items()}
    places = (name for name, of in named.items() if of and of.word.name == "fee_lines")
    place = next(places, "fee_lines")
    given = laid.get(place, [])
    together = [*given, *lines.values()] if isinstance(given, list) else given
    return laid | {place: together}
