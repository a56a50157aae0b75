"""The amounts of a case, in the money of its sum whatever form they stand in."""

from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from offing.cases.given import ONE, ZERO, Given
from offing.cases.quotes import QuotedRates
from offing.cases.values import MEASURES, is_share, number_said
from offing.cases.words import Named
from offing.terms.errors import InputError
from offing.terms.nearest import did_you_mean

LARGE = Decimal(100)
"""A base from here on leaves no sense to a sum below one: it is a share."""


@dataclass(frozen=True)
class Amounts(QuotedRates):
    """The words that are money."""

    def all_money(self) -> list[Given]:
        """All amounts of money that stand in this very table."""
        named = ((name, self.vocabulary.find(name), v) for name, v in self.values.items())
        return [
            Given(name, self._name_with_currency(name, word, value), value, self)
            for name, word, value in named
            if word is not None and word.word.kind == "money" and value is not None
        ]

    def currencies_named(self) -> set[str]:
        """All currencies that the amounts and exchange rates of this table name."""
        quoted = {code for item in self.every("fx") for code in item.named.quoted or ()}
        return self._money_alone() | quoted

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
        self, item: Given, *, of: Decimal | None = None, tax: str = "", rate: Decimal = ZERO
    ) -> Decimal:
        """The amount that is given, in the money of the sum; see :meth:`money`."""
        value, forms = self._number(item), item.named.forms
        if self.means_share(item, of):
            if of is None:
                raise self.bad(item.name, item.value)
            return value * of
        value = cast(Amounts, item.inputs).converted(value, item.named)
        if tax == "net" and "gross" in forms:
            return value / (ONE + rate)
        return value * (ONE + rate) if tax == "gross" and "net" in forms else value

    def converted(self, value: Decimal, named: Named) -> Decimal:
        """An amount for all units, in the money of the sum; a word without a rate stays."""
        if "unit" in named.forms:
            value *= self.count_of("item")
        if named.per:
            value *= self.count_of(named.per) / named.scale
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
        return all({"unit", "rate"} & item.named.forms or item.named.per for item in given)

    def means_share(self, item: Given, of: Decimal | None) -> bool:
        """Whether an amount is given as a share: so written, or below one on a large base.

        A word that may be a share is one where a sum would be next to nothing of its base:
        ``freight: 0.05`` on 1,000.
        """
        if "rate" in item.named.forms or is_share(item.value):
            return True
        said = number_said(item.value)
        bare = said is not None and not (said.currency or said.unit or item.named.currency)
        plain = bare and not item.named.forms and not item.named.per
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

    def to_home_currency(self, value: Decimal, currency: str) -> Decimal:
        """An amount of a currency in home money, at the case's rate for it.

        Raises:
            InputError: ``check.missing_input`` where it has none.
        """
        if currency in self.home:
            return value
        self._one_currency("fx", currency)
        rate, inverse = self._parse_quote("fx", self.home, "fc", currency=currency)
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
        return self._parse_quote(word, self.home, "fc", currency=named.currency)

    def answered(self, value: Decimal, named: Named, name: str) -> Decimal:
        """An answer in the currency that its name asks for.

        Raises:
            InputError: ``check.unknown_answer`` where the case has no rate for that currency.
        """
        currency, money, at_home = named.currency, named.word.money, named.currency in self.home
        if currency == money or self._is_in(currency, money):
            return value
        words = [w for w in ("fx", "spot") if w in self.vocabulary.words and self.has(w)]
        if not words or (money, at_home) not in (("fc", True), ("home", False)):
            word = {"name": name, "method": self.method, "near": did_you_mean(named.canonical)}
            raise InputError("check.unknown_answer", where=self.where, case=self.case, **word)
        other = "" if money == "fc" else currency
        rate, inverse = self._parse_quote(words[0], self.home, "fc", currency=other)
        return value * rate if (money == "fc") != inverse else value / rate

    def _is_in(self, currency: str, money: str) -> bool:
        """Whether an answer in some money is in a currency as it stands."""
        if money in ("usd", "local"):
            return money == "local" and currency != "usd"
        at_home, theirs = currency in self.home, {*self.currencies.values()}
        if money != "fc":
            return at_home
        return self._money_alone() == {currency} or currency in theirs or not (theirs or at_home)

    def _money_alone(self) -> set[str]:
        """The currencies that the amounts of this very table name."""
        return {item.named.currency for item in self.all_money()} - {""}

    def sum(self, *words: str) -> Decimal:
        """The amounts of several words together; what is not given is nothing."""
        return sum((self.money(word, ZERO) for word in words), ZERO)
