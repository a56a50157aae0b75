"""Inputs that stand in tables of their own, laid out as the names and lists that a method reads.

``usd_cny: {bid: 7.10, ask: 7.12}`` is ``usd_cny_bid`` and ``usd_cny_ask``, ``price: {amount: 9000,
currency: USD}`` an amount of dollars; what stands below a mere heading keeps its own name.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from offing.cases.given import Value
from offing.cases.phrases import said
from offing.cases.words import Method

SUMS = ("amount", "value", "sum", "total")
"""What the number of a table of one amount may be called."""
UNITS = ("currency", "unit")
"""What stands beside it."""
BARE = frozenset((*SUMS, *UNITS, "rate", "min", "max", "price", "flat", "fee", "per"))
"""Names that say nothing without the one above them."""
WHOLE = ("free", "bound")
"""Kinds of words whose table is read as it stands."""


def unnested(values: Mapping[str, Value], method: Method) -> dict[str, Value]:
    """The inputs without tables that no word of the method is; where two names clash, as given."""
    laid: dict[str, Value] = {}
    for name, value in values.items():
        for called, one in _read(name, value, method):
            if called in laid or (called != name and called in values):
                return {**values}
            laid[called] = one
    return laid


def tables_in(value: Value) -> list[dict[str, Value]]:
    """The tables of a list, or of a table, of nothing else."""
    inner = [*value.values()] if isinstance(value, dict) else value
    found = [one for one in inner if isinstance(one, dict)] if isinstance(inner, list) else []
    return found if isinstance(inner, list) and len(found) == len(inner) else []


def _read(name: str, value: Value, method: Method) -> Iterator[tuple[str, Value]]:
    """What one input is, under the names that the method reads."""
    named, tables = method.accepts.find_for(name, value), tables_in(value)
    kind = named.word.kind if named else ""
    if isinstance(value, dict) and kind == "tables" and tables:
        each = zip(value, tables, strict=True)
        yield name, [{"name": one, **table} for one, table in each]
    elif isinstance(value, dict) and kind not in WHOLE:
        parts = _parts(name, value, method)
        yield from [(name, sum(parts, Decimal(0)))] if parts else _below(name, value, method)
    elif isinstance(value, list) and tables and kind != "tables":
        laid = _by_names(name, tables) if kind == "free" else _columns(name, tables, method)
        yield from laid or [(name, value)]
    else:
        yield name, value


def _by_names(name: str, tables: list[dict[str, Value]]) -> list[tuple[str, Value]]:
    """A table of free names from a list: ``[{name: s301, rate: 0.25}]``."""
    rows = {str(row["name"]): [*row.values()] for row in tables if [*row][:1] == ["name"]}
    plain = len(rows) == len(tables) and all(len(row) == 2 for row in rows.values())
    return [(name, {own: row[1] for own, row in rows.items()})] if plain else []


def _below(name: str, table: Mapping[str, Value], method: Method) -> Iterator[tuple[str, Value]]:
    """What stands below a name: an amount with its unit, or for so many, or names of its own."""
    numbers = {own: value for own, value in table.items() if isinstance(value, Decimal)}
    units = [str(value) for own, value in table.items() if own in UNITS]
    (own, amount), counts = next(iter(numbers.items()), ("", None)), numbers.keys() - SUMS
    if len(numbers) == len(units) == 1 and len(table) == 2:
        yield _called(name, own, None, method), f"{amount:f} {units[0]}"
    elif own in SUMS and amount and "quantity" in counts and counts <= {"quantity", "per"}:
        yield name, amount * numbers["quantity"] / numbers.get("per", Decimal(1))
    else:
        for own, value in table.items():
            called = _called(name, own, value, method)
            yield from (
                _read(called, value, method) if isinstance(value, dict) else [(called, value)]
            )


def _called(name: str, own: str, value: Value, method: Method) -> str:
    """The name of what stands below another: both of them, or its own below a mere heading."""
    head, _, rest = own.partition("_")
    own = rest if head in SUMS and method.accepts.find(name) else own
    both, words = f"{name}_{own}".strip("_"), method.accepts
    options = [both, f"{own}_{name}"] if head in BARE else [both, own, f"{own}_{name}"]
    found = ((option, words.find_for(option, value)) for option in options)
    return next((option for option, of in found if of and of.word.name in words.own), both)


def _parts(name: str, table: Mapping[str, Value], method: Method) -> list[Decimal]:
    """The parts of one amount: ``input_tax: {materials: 30, power: 6}``; none of other tables.

    What is for a unit, a share, in a currency or an amount by its own name is no part.
    """
    words, named = method.accepts, method.accepts.find(name)
    numbers = [value for value in table.values() if isinstance(value, Decimal)]
    if len(numbers) < len(table) or named is None or named.word.kind != "money":
        return []
    kinds = [of.word.kind for own in table if (of := words.find(own))]
    apart = {*kinds} & {"number", "share", "quote"} or any(
        own in BARE or "per_" in own or said(own).currencies or words.is_plain(f"{name}_{own}")
        for own in table
    )
    return [] if apart else numbers


def _columns(name: str, rows: list[dict[str, Value]], method: Method) -> list[tuple[str, Value]]:
    """The numbers of several rows by what they are, where each row has them all."""
    found: list[tuple[str, Value]] = []
    listed = any(word.kind == "list" for word in method.reads.words.values())
    for own in rows[0] if listed else ():
        column = [row.get(own) for row in rows]
        numbers = [isinstance(one, Decimal) for one in column]
        if None in column or any(numbers) != all(numbers):
            return []
        named = method.accepts.find(own)
        called = own if named and named.word.kind == "list" else f"{name}_{own}"
        found += [(called, column)] if all(numbers) else []
    return found
