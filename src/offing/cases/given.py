"""What a case gives: its values, found by the words of its vocabulary.

Read a file of cases. Text stays text: ``NO`` is no truth value, ``010121`` no octal number.

YAML is built from its nodes, so that nothing is guessed and nothing can be smuggled in: aliases,
tags, duplicate keys and deep nesting are refused. Plain numbers become Decimal.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from offing.cases.words import (
    MEASURES,
    SIZES,
    Named,
    Vocabulary,
    day_written,
    is_share,
    number_said,
    parse_number,
    units_of,
)
from offing.terms.errors import InputError, Where

Value = None | str | bool | Decimal | list["Value"] | dict[str, "Value"]
"""What a case file holds: no binary numbers, and dates stay text."""

Answers = dict[str, Value]
ZERO, ONE = Decimal(0), Decimal(1)
ASKED_SHARE = 3
"""A share from here on must say that it is one: ``350%``."""

CONVERTED = frozenset(("fc", "unit", "rate", "bid", "ask"))
"""Forms that are not the plain amount: another form goes first where it is there too."""

YES, NO = ("true", "yes", "y", "是", "有"), ("false", "no", "n", "否", "无", "none")
"""What a flag may be, besides true and false."""


@dataclass(frozen=True)
class Given:
    """A value of the case: the name it stands under, what that means, and where it stands."""

    name: str
    named: Named
    value: Value
    inputs: "GivenWords"


@dataclass(frozen=True)
class GivenWords:
    """The inputs of one case, or of one period or line of it.

    Attributes:
        values: by name.
        vocabulary: the words that may be asked for.
        method: the case's method or model.
        case: the case's id, for errors.
        where: its place in the file.
        outer: inputs that hold where these are silent: a period's or a line's surroundings.
        expected: what the case expects: the days of a series of rates, and which way round or in
            which units an answer is asked for where its name does not say it.
        home: currencies that are home money, in small letters.
        foreign: whether the sum is in foreign money: then that is what stays as it is.
        asked: the names that had a part so far, in the whole case.
        currencies: the foreign currency at each exchange rate, in the whole case.
        charged: what the rules charge and the case does not give, with its sum.
        levels: the first rate of each table, with its name.
        places: decimals to which the case states its answers.
    """

    values: Mapping[str, Value]
    vocabulary: Vocabulary
    method: str = ""
    case: str = ""
    where: Where | None = None
    outer: Self | None = None
    expected: Mapping[str, Value] = field(default_factory=dict)
    home: frozenset[str] = frozenset(("home", "cny"))
    foreign: bool = False
    asked: set[str] = field(default_factory=set)
    currencies: dict[str, str] = field(default_factory=dict)
    charged: list[str] = field(default_factory=list)
    levels: dict[str, tuple[str, Decimal]] = field(default_factory=dict)
    places: int | None = None

    def given(self, word: str, form: str = "", currency: str = "") -> Given | None:
        """The value of a word, in the form (or of the currency) asked for where there are several.

        Raises:
            KeyError: the word is not in the vocabulary: the vocabulary or the method is wrong.
        """
        known = self.vocabulary.words[word]
        found = [
            Given(name, self._name_with_currency(name, named, value), value, self)
            for name, value in self.values.items()
            if value is not None
            and (named := self.vocabulary.find(name)) is not None
            and named.word is known
        ]
        if found:

            def rank(item: Given) -> tuple[bool, bool, int]:
                quoted = item.named.quoted or ()
                # fx beside rub_per_eur: the plain one is for foreign money that has no name
                other = currency not in quoted if currency else word == "fx" and bool(quoted)
                return form not in item.named.forms, other, len(item.named.forms & CONVERTED)

            plainest = min(found, key=rank)
            self._refuse_rivals(plainest, [item for item in found if rank(item) == rank(plainest)])
            self.asked.add(plainest.name)
            return plainest
        return self.outer.given(word, form, currency) if self.outer else None

    def _name_with_currency(self, name: str, named: Named, value: Value) -> Named:
        """What a name means, with the currency that its value is written with.

        Raises:
            InputError: ``check.bad_input`` where name and value name two currencies.
        """
        currency = said.currency if (said := number_said(value)) else ""
        if not currency or named.word.kind != "money" or currency == named.currency:
            return named
        if named.currency or (named.forms & {"cny", "home"} and currency not in self.home):
            raise self.bad(name, value)
        return replace(named, currency=currency)

    def _refuse_rivals(self, chosen: Given, found: list[Given]) -> None:
        """Refuse a word that is given twice under different names, with different values."""
        for item in found:
            same = item.named == chosen.named and self._as_number(item) == self._as_number(chosen)
            by_currency = chosen.named.word.kind in ("share", "number") and chosen.named.currency
            if same or item.named.forms != chosen.named.forms or by_currency:
                continue
            raise self.error("check.word_twice", first=chosen.name, second=item.name)

    def _as_number(self, item: Given) -> Value:
        try:
            return self.read(item.name)
        except InputError:
            return item.value

    def every(self, word: str) -> list[Given]:
        """All values of a word that stand in this very table."""
        return [
            Given(name, named, value, self)
            for name, value in self.values.items()
            if (named := self.vocabulary.find(name)) and named.word.name == word
        ]

    def has(self, *words: str) -> bool:
        """Whether any of the words is given, in whichever form."""
        return any(self.is_given(word) for word in words)

    def is_given(self, word: str) -> bool:
        """Whether a word is given here or around; the names that give it have a part."""
        here = [item for item in self.every(word) if item.value is not None]
        self.asked.update(item.name for item in here if len(here) == 1)
        return bool(here) or (self.outer is not None and self.outer.is_given(word))

    def own(self, *words: str) -> bool:
        """Whether any of the words stands in this very table."""
        return any(item.value is not None for word in words for item in self.every(word))

    def error(self, key: str, **values: object) -> InputError:
        """An error about the case."""
        return InputError(key, where=self.where, case=self.case, **values)

    def missing(self, word: str) -> InputError:
        """The error of a case that does not give a word."""
        return self.error("check.missing_input", name=word)

    def bad(self, name: str, value: Value) -> InputError:
        """The error of a value that cannot be used."""
        shown = f"{value:f}" if isinstance(value, Decimal) else value
        return self.error("check.bad_input", name=name, value=shown)

    def read(self, name: str) -> Decimal:
        """The number that stands under a name in this very table; ``8%`` is 0.08."""
        value = self.values[name]
        if (said := number_said(value)) is None:
            raise self.bad(name, value)
        if not said.unit and not said.currency:
            return said.number
        named = self.vocabulary.find(name)
        word, kind = (named.word.name, named.word.kind) if named else ("", "money")
        foreign = said.currency and kind != "money" and said.currency not in self.home
        size = self._size(word, said.unit) if said.unit else ONE
        if foreign or size is None:
            raise self.bad(name, value)
        return said.number * size

    def _size(self, word: str, unit: str) -> Decimal | None:
        """How many of a word's own unit another unit is; ``None`` where it is none."""
        own = units_of().get(word, "")
        if own == unit or (word == "quantity" and unit in MEASURES):
            return ONE
        if self.method == "value_date":
            return None
        return SIZES.get((own, unit))

    def needed(self, word: str, form: str = "", currency: str = "") -> Given:
        """The value of a word that must be there; a bid is no answer to an ask.

        Raises:
            InputError: ``check.missing_input``.
        """
        item = self.given(word, form, currency)
        sides = item.named.forms & {"bid", "ask"} if item else frozenset()
        if item is None or (sides and form not in sides):
            raise self.missing(f"{word}_{form}" if sides and form else word)
        return item

    def number(self, word: str, default: Decimal | None = None, form: str = "") -> Decimal:
        """The number of a word as it stands; ``8%`` is 0.08.

        Raises:
            InputError: ``check.missing_input`` without one and without a default, or
                ``check.bad_input``.
        """
        if default is not None and not self.has(word):
            return default
        return self._number(self.needed(word, form))

    def share(self, item: Given) -> Decimal:
        """The number of a share that is given."""
        self.asked.add(item.name)
        return self._number(item)

    def _number(self, item: Given) -> Decimal:
        """The number of a word; a share of 13 is 13 % or 1,300 %, and is asked for."""
        value = item.inputs.read(item.name)
        share = item.named.word.kind == "share" or "rate" in item.named.forms
        if share and abs(value) >= ASKED_SHARE and not is_share(item.value):
            raise self.error("check.bad_share", name=item.name, value=value)
        if not item.named.word.can_be(value):
            least, most = (*map(str, item.named.word.within), "…")[:2]
            limits = {"least": least, "most": most}
            raise self.error("check.out_of_range", name=item.name, value=value, **limits)
        return value

    def unit_written(self, word: str) -> str:
        """The unit that a number is written with: ``2400 pairs``, ``-385 pips``."""
        item = self.given(word)
        said = number_said(item.value) if item else None
        return said.unit if said else ""

    def text(self, word: str, default: str | None = None) -> str:
        """The text of a word."""
        if default is not None and not self.has(word):
            return default
        return str(self.needed(word).value)

    def flag(self, word: str) -> bool:
        """Whether a word is given and true."""
        if not self.has(word):
            return False
        item = self.needed(word)
        if str(item.value).strip().lower() not in (*YES, *NO):
            raise self.bad(item.name, item.value)
        return str(item.value).strip().lower() in YES

    def day(self, word: str) -> date:
        """A day.

        Raises:
            InputError: ``check.missing_input``, or ``check.bad_input`` where it is not a day of
                the calendar.
        """
        item = self.needed(word)
        if (day := day_written(str(item.value))) is None:
            raise self.bad(item.name, item.value)
        return day

    def is_words(self, word: str) -> bool:
        """Whether a word is given as a text that is no number: ``10% + 2 EUR/kg``."""
        item = self.given(word)
        return item is not None and isinstance(item.value, str) and parse_number(item.value) is None


LARGEST_FILE = 20_000_000
DEEPEST = 40
PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}

_NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?")
_PLAIN: dict[str, Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True)
class Case:
    """One worked case.

    ``rounding`` is one for all answers, or one for each.
    """

    id: str
    name: str
    inputs: dict[str, Value]
    expected: dict[str, Value]
    rounding: Value
    where: Where


def scalar(text: str, *, plain: bool = True) -> Value:
    """What a scalar means: a number, true, false, nothing, or text.

    >>> scalar("NO"), scalar("010121"), scalar("-4.80"), scalar("2026-01-15")
    ('NO', '010121', Decimal('-4.80'), '2026-01-15')
    """
    if plain and text in _PLAIN:
        return _PLAIN[text]
    return Decimal(text) if plain and _NUMBER.fullmatch(text) else text


def _refuse(path: Path, message: str, node: Any, **values: object) -> InputError:
    return InputError(message, where=Where(path, node.start_mark.line + 1), **values)


def _yaml_refusal(path: Path, error: Exception) -> InputError:
    mark = getattr(error, "problem_mark", None)
    reason = str(getattr(error, "problem", None) or error)
    return InputError(
        "check.not_yaml", where=Where(path, mark.line + 1 if mark else None), reason=reason
    )


def _document(path: Path, text: str) -> tuple[Value, dict[int, int]]:
    """The content of a file, and the rows of its tables by their ``id``."""
    import yaml  # only a file of cases needs it

    rows, seen = dict[int, int](), set[int]()

    def build(node: Any, depth: int) -> Value:
        if id(node) in seen:
            raise _refuse(path, "check.alias", node)
        seen.add(id(node))
        if node.tag not in PLAIN_TAGS:
            raise _refuse(path, "check.tag", node, tag=node.tag)
        if depth > DEEPEST:
            raise _refuse(path, "check.too_deep", node, deepest=DEEPEST)
        if isinstance(node, yaml.ScalarNode):
            return scalar(node.value, plain=not node.style)
        if isinstance(node, yaml.SequenceNode):
            return [build(item, depth + 1) for item in node.value]
        table: dict[str, Value] = {}
        for key, item in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _refuse(path, "check.bad_key", key)
            if key.value in table:
                raise _refuse(path, "check.key_twice", key, key=key.value)
            table[key.value] = build(item, depth + 1)
        rows[id(table)] = node.start_mark.line + 1
        return table

    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        return None if root is None else build(root, 0), rows
    except yaml.YAMLError as error:
        raise _yaml_refusal(path, error) from error


def _case(entry: Value, number: int, where: Where) -> Case:
    if not isinstance(entry, dict):
        raise InputError("check.not_a_case", where=where, number=number)
    identity, name = entry.get("id"), entry.get("method") or entry.get("model")
    inputs, expected = entry.get("inputs"), entry.get("expected")
    if identity is None or isinstance(identity, list | dict):
        raise InputError("check.no_id", where=where, number=number)
    if name is None:
        raise InputError("check.no_method", where=where, case=identity)
    if not isinstance(inputs, dict):
        raise InputError("check.no_inputs", where=where, case=identity)
    if not isinstance(expected, dict) or not expected:
        raise InputError("check.nothing_expected", where=where, case=identity)
    rounding = entry.get("rounding") or "exact"
    return Case(str(identity), str(name), inputs, expected, rounding, where)


def case_files(path: Path) -> list[Path]:
    """The files of cases that a path names: itself, or those in the folder that it is.

    Raises:
        InputError: ``check.no_cases_in_folder``.
    """
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in (".yaml", ".yml"))
    if not files:
        raise InputError("check.no_cases_in_folder", where=Where(path), path=path)
    return files


def read_cases(path: Path) -> list[Case]:
    """The cases of a YAML file.

    Raises:
        InputError: the file is missing, too large, not UTF-8, not YAML, holds no cases, an alias or
            a tag, or one id twice.
    """
    where = Where(path)
    if not path.is_file():
        raise InputError("sources.no_file", where=where, path=path)
    if (size := path.stat().st_size) > LARGEST_FILE:
        sizes = {"size": size // 1_000_000, "largest": LARGEST_FILE // 1_000_000}
        raise InputError("check.too_large", where=where, **sizes)
    try:
        document, rows = _document(path, path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError("check.not_utf8", where=where) from error
    top = document if isinstance(document, dict) else {"cases": document}
    entries = top.get("cases", top.get("case"))
    if not isinstance(entries, list) or not entries:
        raise InputError("check.no_cases", where=where)
    cases: dict[str, Case] = {}
    for number, entry in enumerate(entries, start=1):
        case = _case(entry, number, Where(path, rows.get(id(entry))))
        if (first := cases.setdefault(case.id, case)) is not case:
            row = first.where.row
            raise InputError("check.id_twice", where=case.where, case=case.id, first=row)
    return list(cases.values())
