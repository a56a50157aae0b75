"""The inputs of a case, asked for by name: a missing one is named, a misspelt one is recognised."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from offing.cases.names import bare, in_per_cent, plain
from offing.terms.amounts import amount
from offing.terms.errors import InputError, Where
from offing.terms.nearest import nearest

Value = None | str | bool | Decimal | list["Value"] | dict[str, "Value"]
"""What a case file holds: no binary numbers, and dates stay text."""

LABELS = frozenset(
    ("currency", "unit", "units", "note", "notes", "name", "description", "product", "goods_name",
     "supplier", "supplier_type", "taxpayer", "taxpayer_type", "month", "inputs_inferred")
)  # fmt: skip
"""Inputs that say what a case is about and have no part in its sum."""


def _iso(found: re.Match[str]) -> str:
    """A day written with dots, strokes or in Chinese, as ``2026-01-15``."""
    return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"


@dataclass(frozen=True)
class Inputs:
    """The inputs of one case.

    Attributes:
        values: by name.
        case: the case's id, for errors.
        where: its place in the file.
        outer: inputs that hold where these are silent: a period's or a line's surroundings.
        asked: the names asked for so far, of the whole case.
    """

    values: Mapping[str, Value]
    case: str = ""
    where: Where | None = None
    outer: "Inputs | None" = None
    asked: set[str] = field(default_factory=set)

    def find(self, *names: str) -> Value:
        """The value of the first of the names that is there, else ``None``."""
        key = self.own_key(*names)
        if key is not None:
            return self.values[key]
        return self.outer.find(*names) if self.outer else None

    def own_key(self, *names: str) -> str | None:
        """The spelling under which this table itself holds the first of the names, if any."""
        self.asked.update(names)
        for name in names:
            if self.values.get(name) is not None:
                return name
        given = [key for key, value in self.values.items() if value is not None]
        for form in (plain, bare):
            spellings = {form(key): key for key in given}
            for name in names:
                key = spellings.get(form(name))
                if key is not None:
                    self.asked.add(key)
                    return key
        return None

    def total(self, *names: str) -> Decimal:
        """The sum of all that is there under any of the names, each once."""
        keys = dict.fromkeys(key for name in names if (key := self.own_key(name)))
        spare = [name for name in names if self.own_key(name) is None]
        around = self.outer.total(*spare) if self.outer else Decimal(0)
        return sum((self.number(key) for key in keys), around)

    def is_share(self, *names: str) -> bool:
        """Whether the first of the names that is there is written as per cent: ``8%``."""
        found = self.find(*names)
        return isinstance(found, str) and found.rstrip().endswith(("%", "％"))

    def _in_per_cent(self, names: tuple[str, ...]) -> bool:
        """Whether the name of the case, and not ours, says that the number is per cent."""
        key = self.own_key(*names)
        if key is None:
            return self.outer is not None and self.outer._in_per_cent(names)
        return in_per_cent(key) and key not in names

    def has(self, *names: str) -> bool:
        """Whether any of the names is there."""
        return self.find(*names) is not None

    def _missing(self, name: str) -> InputError:
        spare = [key for key in self.values if key not in self.asked]
        near = nearest(name, spare, cutoff=0.7)
        key = "check.misspelt_input" if near else "check.missing_input"
        return InputError(key, where=self.where, case=self.case, name=name, near=near or "")

    def number(self, *names: str, default: Decimal | None = None) -> Decimal:
        """The number under the first of the names that is there.

        Raises:
            InputError: ``check.missing_input`` without one and without a default, or
                ``check.bad_input``.
        """
        found = self.find(*names)
        if found is None:
            if default is None:
                raise self._missing(names[0])
            return default
        if isinstance(found, str | Decimal):
            share = self.is_share(*names)
            text = str(found).rstrip()[:-1] if share else found
            try:
                read = amount(text, where=self.where)
                return read.scaleb(-2) if share or self._in_per_cent(names) else read
            except InputError:
                pass
        raise InputError(
            "check.bad_input", where=self.where, case=self.case, name=names[0], value=found
        )

    def numbers(self, *names: str) -> list[Decimal]:
        """A list of numbers."""
        found = self.find(*names)
        if found is None:
            raise self._missing(names[0])
        if isinstance(found, list) and all(isinstance(item, Decimal) for item in found):
            return [item for item in found if isinstance(item, Decimal)]
        raise InputError(
            "check.bad_input", where=self.where, case=self.case, name=names[0], value=found
        )

    def text(self, *names: str, default: str | None = None) -> str:
        """The text under the first of the names that is there."""
        found = self.find(*names)
        if found is None:
            if default is None:
                raise self._missing(names[0])
            return default
        return str(found)

    def day(self, *names: str) -> date | None:
        """A date, or ``None`` where there is none.

        Raises:
            InputError: ``check.bad_input`` where it is not a day of the calendar.
        """
        found = self.find(*names)
        if found is None:
            return None
        try:
            text = re.sub(r"^(\d{4})[./年](\d{1,2})[./月](\d{1,2})日?$", _iso, str(found).strip())
            return date.fromisoformat(text)
        except ValueError as error:
            raise InputError(
                "check.bad_input", where=self.where, case=self.case, name=names[0], value=found
            ) from error

    def needed_day(self, *names: str) -> date:
        """A date that must be there."""
        day = self.day(*names)
        if day is None:
            raise self._missing(names[0])
        return day

    def unused(self) -> tuple[str, ...]:
        """Inputs that nothing asked for: distractors, or misspelt names of optional ones."""
        names = list(self.values)
        for value in self.values.values():
            if isinstance(value, list):
                names += [name for item in value if isinstance(item, dict) for name in item]
        spare = dict.fromkeys(name for name in names if name not in self.asked | LABELS)
        return tuple(spare)

    def parts(self, *names: str) -> "list[Inputs] | None":
        """A list of tables, each with this one around it; ``None`` where there is none."""
        found = self.find(*names)
        if found is None:
            return None
        if isinstance(found, list) and found and all(isinstance(item, dict) for item in found):
            own = self.own_key(*names)
            around = Inputs(
                {key: value for key, value in self.values.items() if key not in (*names, own)},
                self.case,
                self.where,
                self.outer,
                self.asked,
            )
            return [
                Inputs(item, self.case, self.where, around, self.asked)
                for item in found
                if isinstance(item, dict)
            ]
        raise InputError(
            "check.bad_input", where=self.where, case=self.case, name=names[0], value=found
        )
