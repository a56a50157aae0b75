"""What a case gives: values found by the words of its vocabulary, as rates, amounts and tables.

Who answers a method registers with :func:`solves`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Self

from offing.cases.levels import FAR
from offing.cases.values import MEASURES, day_written, is_share, number_said, units_of, written
from offing.cases.words import Named, Vocabulary
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

OTHER_SIDE = {"bid": "ask", "ask": "bid"}

ONE_PAIR = ("spot", "forward", "strike", "put_strike", "call_strike", "spot_at_maturity", "near",
            "far", "forward_start", "forward_end", "bid", "ask", "ndf", "fixing")  # fmt: skip
"""Rates that are of one pair of currencies where they stand in one table."""

LARGE = Decimal(100)
"""A base from here on leaves no sense to a sum below one: it is a share."""


@dataclass(frozen=True)
class GivenValue:
    """A value of the case: the name it stands under, what that means, and where it stands."""

    name: str
    named: Named
    value: Value
    inputs: "Inputs"


@dataclass(frozen=True)
class Inputs:
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
    outer: "Inputs | None" = None
    expected: Mapping[str, Value] = field(default_factory=dict)
    home: frozenset[str] = frozenset(("home", "cny"))
    foreign: bool = False
    asked: set[str] = field(default_factory=set)
    currencies: dict[str, str] = field(default_factory=dict)
    charged: list[str] = field(default_factory=list)
    levels: dict[str, tuple[str, Decimal]] = field(default_factory=dict)
    places: int | None = None

    def given(self, word: str, form: str = "", currency: str = "") -> GivenValue | None:
        """The value of a word, in the form (or of the currency) asked for where there are several.

        Raises:
            KeyError: the word is not in the vocabulary: the vocabulary or the method is wrong.
        """
        known = self.vocabulary.words[word]
        found = [
            GivenValue(name, self._of_currency(name, named, value), value, self)
            for name, value in self.values.items()
            if value is not None
            and (named := self.vocabulary.find(name)) is not None
            and named.word is known
        ]
        if found:

            def rank(item: GivenValue) -> tuple[bool, bool, int]:
                quoted = item.named.quoted or ()
                # fx beside rub_per_eur: the plain one is for foreign money that has no name
                other = currency not in quoted if currency else word == "fx" and bool(quoted)
                return form not in item.named.forms, other, len(item.named.forms & CONVERTED)

            plainest = min(found, key=rank)
            self._refuse_rivals(plainest, [item for item in found if rank(item) == rank(plainest)])
            self.asked.add(plainest.name)
            return plainest
        return self.outer.given(word, form, currency) if self.outer else None

    def _of_currency(self, name: str, named: Named, value: Value) -> Named:
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

    def _refuse_rivals(self, chosen: GivenValue, found: list[GivenValue]) -> None:
        """Refuse a word that is given twice under different names, with different values."""
        for item in found:
            same = item.named == chosen.named and self._as_number(item) == self._as_number(chosen)
            by_currency = chosen.named.word.kind in ("share", "number") and chosen.named.currency
            if same or item.named.forms != chosen.named.forms or by_currency:
                continue
            names = {"first": chosen.name, "second": item.name}
            raise InputError("check.word_twice", where=self.where, case=self.case, **names)

    def _as_number(self, item: GivenValue) -> Value:
        try:
            return self.read(item.name)
        except InputError:
            return item.value

    def every(self, word: str) -> list[GivenValue]:
        """All values of a word that stand in this very table."""
        return [
            GivenValue(name, named, value, self)
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

    def missing(self, word: str) -> InputError:
        """The error of a case that does not give a word."""
        return InputError("check.missing_input", where=self.where, case=self.case, name=word)

    def bad(self, name: str, value: Value) -> InputError:
        """The error of a value that cannot be used."""
        shown = f"{value:f}" if isinstance(value, Decimal) else value
        return InputError(
            "check.bad_input", where=self.where, case=self.case, name=name, value=shown
        )

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
        measured = units_of().get(word) == said.unit or word == "quantity" or not said.unit
        if foreign or not measured:
            raise self.bad(name, value)
        return said.number

    def needed(self, word: str, form: str = "", currency: str = "") -> GivenValue:
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

    def share(self, item: GivenValue) -> Decimal:
        """The number of a share that is given."""
        self.asked.add(item.name)
        return self._number(item)

    def _number(self, item: GivenValue) -> Decimal:
        """The number of a word; a share of 13 is 13 % or 1,300 %, and is asked for."""
        value = item.inputs.read(item.name)
        share = item.named.word.kind == "share" or "rate" in item.named.forms
        if share and abs(value) >= ASKED_SHARE and not is_share(item.value):
            raise InputError(
                "check.bad_share", where=self.where, case=self.case, name=item.name, value=value
            )
        if not item.named.word.can_be(value):
            least, most = (*map(str, item.named.word.within), "…")[:2]
            values = {"name": item.name, "value": value, "least": least, "most": most}
            raise InputError("check.out_of_range", where=self.where, case=self.case, **values)
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
        return item is not None and isinstance(item.value, str) and written(item.value) is None

    def _quoted(
        self, word: str, ours: frozenset[str], per: str, side: str = "", currency: str = ""
    ) -> tuple[Decimal, bool]:
        """A rate as it is quoted, and whether that is the other way round."""
        item = self.needed(word, side, currency)
        rate = item.inputs.read(item.name) / item.named.scale
        if rate <= 0:
            raise InputError("settle.not_positive", name=word, value=rate)
        above, below = item.named.quoted or ("home", per)
        if (above in ours) == (below in ours) and (above == per) == (below == per):
            raise self.bad(item.name, item.value)
        if currency and item.named.quoted and not {currency, "fc"} & {above, below}:
            raise self.bad(item.name, item.value)
        return rate, not (above in ours or below == per)

    def pair_of(self, word: str, form: str = "") -> tuple[str, str]:
        """The money that a quote is in and the one that it prices: home for foreign, if unsaid."""
        item = self.given(word, form)
        return (item.named.quoted if item else None) or ("home", "fc")

    def is_indirect(self, pair: tuple[str, str]) -> bool:
        """Whether a quote is of foreign money for one of home money."""
        return pair[0] not in self.home and pair[1] != "fc"

    def side_as_quoted(self, word: str, side: str, per: str = "fc", of: str = "") -> str:
        """The side of a quote that a side of foreign money is: quoted inversely, the other one."""
        item = self.given(word, side)
        if not side or item is None or not item.named.forms & {"bid", "ask"}:
            return side
        above, below = item.named.quoted or ("home", per)
        ours = frozenset({of}) if of else self.home
        return side if above in ours or below == per else OTHER_SIDE[side]

    def quote(
        self, word: str, *, of: str = "", per: str = "fc", side: str = "", plus: Decimal = ZERO
    ) -> Decimal:
        """A rate in home money (or ``of``) for one of foreign money (``per``), however quoted.

        Args:
            word: of the vocabulary.
            of: another money than home money.
            per: what it is for one of.
            side: ``bid`` or ``ask``.
            plus: forward points, on the rate as it is quoted.

        Raises:
            InputError: ``settle.not_positive``; ``check.bad_input`` for a rate between two
                currencies neither of which is home money; and as :meth:`number`.
        """
        ours = frozenset({of}) if of else self.home
        rate, inverse = self._quoted(word, ours, per, self.side_as_quoted(word, side, per, of))
        if not -rate / 2 < plus < 4 * rate:
            raise InputError("check.bad_points", where=self.where, case=self.case, points=plus)
        level = ONE / (rate + plus) if inverse else rate + plus
        self._refuse_far(self.needed(word, side), level)
        return level

    def _refuse_far(self, item: GivenValue, level: Decimal) -> None:
        """Refuse two rates of one pair of which one must be quoted the other way round."""
        if item.named.word.name not in ONE_PAIR:
            return
        place = f"{id(item.inputs.values)}"
        first, other = self.levels.setdefault(place, (item.name, level))
        apart = max(level / other, other / level)
        if apart >= FAR:
            names = {"first": first, "second": item.name, "factor": round(apart)}
            raise InputError("check.quotes_apart", where=self.where, case=self.case, **names)

    def all_money(self) -> list[GivenValue]:
        """All amounts of money that stand in this very table."""
        named = ((name, self.vocabulary.find(name), v) for name, v in self.values.items())
        return [
            GivenValue(name, self._of_currency(name, word, value), value, self)
            for name, word, value in named
            if word is not None and word.word.kind == "money" and value is not None
        ]

    def money(
        self,
        word: str,
        default: Decimal | None = None,
        *,
        of: Decimal | None = None,
        tax: str = "",
        rate: Decimal = ZERO,
    ) -> Decimal:
        """The amount of a word in the money of the sum, whichever form it stands in.

        Args:
            word: of the vocabulary.
            default: where it is not given.
            of: what a share (``freight_rate``, ``8%``) is a share of.
            tax: ``net`` or ``gross`` for an amount without or with tax; plain counts as that.
            rate: of the tax.
        """
        if default is not None and not self.has(word):
            return default
        return self.money_of(self.needed(word, tax), of=of, tax=tax, rate=rate)

    def money_of(
        self, item: GivenValue, *, of: Decimal | None = None, tax: str = "", rate: Decimal = ZERO
    ) -> Decimal:
        """The amount that is given, in the money of the sum; see :meth:`money`."""
        value, forms = self._number(item), item.named.forms
        if self.means_share(item, of):
            if of is None:
                raise self.bad(item.name, item.value)
            return value * of
        value = item.inputs.converted(value, item.named)
        if tax == "net" and "gross" in forms:
            return value / (ONE + rate)
        return value * (ONE + rate) if tax == "gross" and "net" in forms else value

    def converted(self, value: Decimal, named: Named) -> Decimal:
        """An amount for all units, in the money of the sum; a word without a rate stays."""
        if "unit" in named.forms:
            value *= self.count_of("item")
        home = not self.is_foreign(named)
        if named.currency and not home:
            self._one_currency(self._fx_word(named) if named.word.fx else "", named.currency)
        if home != self.foreign or not named.word.fx:
            return value
        quoted, inverse = self.exchange(named)
        return value / quoted if inverse != self.foreign else value * quoted

    def _is_for_one(self) -> bool:
        """Whether all amounts are for one unit, so that nobody needs to know how many there are."""
        given = (
            item for item in self.all_money() if (said := number_said(item.value)) and said.number
        )
        return all({"unit", "rate"} & item.named.forms for item in given)

    def means_share(self, item: GivenValue, of: Decimal | None) -> bool:
        """Whether an amount is given as a share: so written, or below one on a large base.

        A word that may be a share is one where a sum would be next to nothing of its base:
        ``freight: 0.05`` on 1,000.
        """
        if "rate" in item.named.forms or is_share(item.value):
            return True
        said = number_said(item.value)
        bare = said is not None and not (said.currency or said.unit or item.named.currency)
        plain = bare and not item.named.forms
        if not plain or "rate" not in item.named.word.forms or of is None or said is None:
            return False
        return 0 < said.number < 1 and abs(of) >= LARGE

    def is_share(self, word: str) -> bool:
        """Whether a word is given as a share: ``freight_rate``, or ``8%``."""
        item = self.given(word)
        return item is not None and ("rate" in item.named.forms or is_share(item.value))

    def count_of(self, unit: str) -> Decimal:
        """How many of a unit the case has.

        Raises:
            InputError: ``check.missing_input``.
        """
        words = [word for word, _ in MEASURES[unit] if word in self.vocabulary.words]
        counts = [self.number(w) * size for w, size in MEASURES[unit] if w in words and self.has(w)]
        if len({*counts}) > 1:  # tonnes that are not the kilograms
            raise InputError("check.word_twice", where=self.where, case=self.case,
                             first=words[0], second=words[1])  # fmt: skip
        if counts:
            return counts[0]
        if "quantity" in self.vocabulary.words and self.unit_written("quantity") == unit:
            return self.number("quantity")
        if unit == "item" and self._is_for_one():
            return ONE
        raise self.missing(words[0] if words else unit)

    def at_home(self, value: Decimal, currency: str) -> Decimal:
        """An amount of a currency in home money, at the case's rate for it.

        Raises:
            InputError: ``check.missing_input`` where it has none.
        """
        if currency in self.home:
            return value
        self._one_currency("fx", currency)
        rate, inverse = self._quoted("fx", self.home, "fc", currency=currency)
        return value / rate if inverse else value * rate

    def is_foreign(self, named: Named) -> bool:
        """Whether an amount is in foreign money: by its currency, or else by its form."""
        if named.currency:
            return named.currency not in self.home
        if self.foreign:
            return not named.forms & {"cny", "home"}
        return "fc" in named.forms

    def _one_currency(self, word: str, currency: str) -> None:
        """Refuse a second foreign currency at the same exchange rate."""
        rate = self.given(word, currency=currency) if word else None
        place = f"{id(rate.inputs.values)} {rate.name}" if rate else ""  # a line may have its own
        first = self.currencies.setdefault(f"{word} {place}", currency)
        if first != currency:
            codes = {"first": first.upper(), "second": currency.upper()}
            raise InputError("check.two_currencies", where=self.where, case=self.case, **codes)

    def _fx_word(self, named: Named) -> str:
        known = [word for word in named.word.fx if word in self.vocabulary.words]
        return next((word for word in known if self.has(word)), known[0] if known else "")

    def exchange(self, named: Named) -> tuple[Decimal, bool]:
        """The exchange rate of a word in foreign money, and whether it is quoted the other way."""
        word = self._fx_word(named)
        if not word:
            raise self.bad(named.canonical, named.currency.upper())
        return self._quoted(word, self.home, "fc", currency=named.currency)

    def sum(self, *words: str) -> Decimal:
        """The amounts of several words together; what is not given is nothing."""
        return sum((self.money(word, ZERO) for word in words), ZERO)

    def items(self, word: str) -> list[Value]:
        """A list; empty where there is none."""
        item = self.given(word)
        if item and not isinstance(item.value, list):
            raise self.bad(item.name, item.value)
        return item.value if item and isinstance(item.value, list) else []

    def numbers(self, word: str) -> list[Decimal]:
        """A list of numbers.

        Raises:
            InputError: ``check.missing_input`` or ``check.bad_input``.
        """
        self.needed(word)
        values = self.items(word)
        numbers = [value for value in values if isinstance(value, Decimal)]
        if len(numbers) < len(values):
            raise self.bad(word, values)
        return numbers

    def table(self, values: Mapping[str, Value], *, apart: bool = False) -> Self:
        """A table of the case with this one around it, or ``apart`` from it."""
        outer = None if apart else self
        return replace(self, values=values, outer=outer)

    def parts(self, word: str, *, apart: bool = False) -> list[Self]:
        """A list of tables, each with this one around it; empty where there is none."""
        values = self.items(word)
        tables = [item for item in values if isinstance(item, dict)]
        if self.has(word) and (not values or len(tables) < len(values)):
            raise self.bad(word, values)
        rest = {name: value for name, value in self.values.items() if name != word}
        around = replace(self, values=rest)
        return [around.table(item, apart=apart) for item in tables]

    def free(self, word: str) -> dict[str, Value]:
        """A table of free names; empty where there is none."""
        item = self.given(word)
        if item and not isinstance(item.value, dict):
            raise self.bad(item.name, item.value)
        return item.value if item and isinstance(item.value, dict) else {}


Solver = Callable[[Inputs], Answers]
SOLVERS: dict[str, Solver] = {}
"""Method or model → the function that answers it, from :func:`solves`."""


def solves(*names: str) -> Callable[[Solver], Solver]:
    """Register a function as the solver of methods or models."""

    def register(solver: Solver) -> Solver:
        SOLVERS.update(dict.fromkeys(names, solver))
        return solver

    return register
