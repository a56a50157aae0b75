"""What a reader must know before trusting an answer: a message, its typed values, its weight.

Values stay what they are until somebody reads the sentence: a list is a tuple, an amount a number,
a text in two languages has both. ``report/words.py`` says each by its type.

Plausibility checks (合理性检查) find figures that can be computed and are hardly meant. A check
stays where a wrong unit, currency, sign or direction would change a sum by ten times or more, or
where law makes the figure impossible; else it goes. Each is one function in the list of its room,
with an example that it must find and a twin that it must leave alone: the tests run both.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Generic, Literal, TypeVar

from offing.terms.files import shipped_toml
from offing.terms.plain import plain


class CountryCode(str):
    """An alpha-3 code, said by the country's name."""


class Phrase(str):
    """The key of a message that stands inside the sentence."""


class Reference(str):
    """The source of a rule, as ``rules/rule_use.py`` reads it."""


class ListName(str):
    """The name of a product list or charge of a law."""


class Likelihood(float):
    """A part of a whole, said as the plan says likelihoods."""


class Dollars(float):
    """US dollars; beside a plan's sums said in the firm's currency, as these."""


class Yuan(float):
    """Amounts in the firm's currency."""


Single = str | int | float | Decimal | date
Value = Single | tuple[Single, ...] | Mapping[str, str]
"""A value of a sentence: one, several, or a text by language."""
Severity = Literal["note", "caution", "turning"]
KINDS = {
    kind.__name__: kind
    for kind in (CountryCode, Phrase, Reference, ListName, Likelihood, Dollars, Yuan)
}


def list_names(names: Iterable[str]) -> tuple[ListName, ...]:
    """Several product lists as a value."""
    return tuple(map(ListName, names))


@cache
def ranks() -> Mapping[str, int]:
    """Keys of the cautions that can turn a decision → rank, what weighs most first."""
    keys = shipped_toml("offing.terms", "data/severity.toml")["turning"]
    return {key: rank for rank, key in enumerate(keys)}


@cache
def _notes() -> frozenset[str]:
    return frozenset(shipped_toml("offing.terms", "data/severity.toml")["note"])


def countries(codes: Iterable[str]) -> tuple[CountryCode, ...]:
    """Several countries as a value."""
    return tuple(map(CountryCode, codes))


@dataclass(frozen=True)
class Caution:
    """A sentence beside an answer.

    Attributes:
        key: of its message.
        values: what the message names.
        subject: the countries that it is about, where the message does not name them.
        severity: ``turning`` where it can turn a decision, ``note`` where it is no cause for care.
    """

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)
    subject: tuple[CountryCode, ...] = ()
    severity: Severity = field(init=False, compare=False)

    def __post_init__(self) -> None:
        known: Severity = "note" if self.key in _notes() else "caution"
        object.__setattr__(self, "severity", "turning" if self.key in ranks() else known)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def data(self) -> dict[str, Any]:
        """As JSON; ``kinds`` names the types that JSON has not."""
        kinds = {name: _kind(value) for name, value in self.values.items()}
        return {
            "key": self.key,
            "values": plain(dict(self.values)),
            "kinds": {name: kind for name, kind in kinds.items() if kind in KINDS},
            "subject": plain(self.subject),
            "severity": self.severity,
        }

    @classmethod
    def from_data(cls, data: Any) -> "Caution":
        """A caution read back from JSON; one of an earlier version is a key and its values."""
        if not isinstance(data, Mapping):
            return cls(*data)
        kinds = data.get("kinds", {})
        values = {
            name: _typed_value(value, kinds.get(name)) for name, value in data["values"].items()
        }
        return cls(data["key"], values, countries(data.get("subject", ())))

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema as of

        fields = {
            "key": str, "values": dict[str, Any], "kinds": dict[str, str], "subject": list[str],
            "severity": Severity,
        }  # fmt: skip
        record = of.typed_dict_schema(
            {name: of.typed_dict_field(handler.generate_schema(t)) for name, t in fields.items()}
        )
        return of.no_info_before_validator_function(
            lambda given: given if isinstance(given, cls) else cls.from_data(given),
            of.is_instance_schema(cls),
            serialization=of.plain_serializer_function_ser_schema(cls.data, return_schema=record),
        )


def _kind(value: Value) -> str:
    one = value[0] if isinstance(value, tuple) and value else value
    return type(one).__name__


def _typed_value(value: Any, kind: str | None) -> Value:
    made: Any = KINDS.get(kind or "", lambda one: one)
    if isinstance(value, list):
        return tuple(map(made, value))
    typed: Value = made(value)
    return typed


S = TypeVar("S")
F = TypeVar("F")
Values = Mapping[str, Value]
Find = Callable[[S], Iterable[F]]


@dataclass(frozen=True)
class Check(Generic[S, F]):
    """One check.

    Attributes:
        key: of its message.
        find: the findings in a subject; of those that become cautions, their values.
        example: changes of a usual request with which it finds something.
        twin: changes alike with which it does not.
    """

    key: str
    find: Find[S, F]
    example: Mapping[str, object]
    twin: Mapping[str, object]


@dataclass(frozen=True)
class CheckList(Generic[S, F]):
    """The checks of a room, in the order in which their findings are shown."""

    checks: list[Check[S, F]] = field(default_factory=list)

    def add(
        self, key: str, *, example: Mapping[str, object], twin: Mapping[str, object]
    ) -> Callable[[Find[S, F]], Find[S, F]]:
        """Add the function below it."""

        def register(find: Find[S, F]) -> Find[S, F]:
            self.checks.append(Check(key, find, example, twin))
            return find

        return register

    def findings(self: "CheckList[S, Values]", subject: S) -> Iterator[Caution]:
        """What the checks find in a subject: message keys with their values."""
        for check in self.checks:
            yield from (Caution(check.key, dict(values)) for values in check.find(subject))
