"""The inputs of a case: its words, amounts, quotes, lists and tables; and who answers them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Self, cast

from offing.cases.given import ONE, ZERO, Answers, Given, GivenWords, Value
from offing.cases.words import MEASURES, Named, is_share, number_said
from offing.terms.errors import must_be_within
from offing.terms.files import shipped_toml
from offing.terms.messages import did_you_mean

FAR = Decimal(10)
"""Beyond this factor two quotes of one pair are not of one pair."""
INVERSE, DIRECT = Decimal("1.08"), Decimal("1.15")
"""Within the first factor of its inverse, and beyond the second of the quote as it is read."""
SINCE = 2003
"""Levels of earlier years, when a euro was 0.9 dollars, are those of the textbooks' past."""


def level_of(price: str, priced: str) -> Decimal | None:
    """About how many units of one currency another one costs; ``None`` where we know no level."""
    levels = shipped_toml("offing.cases", "units.toml")["levels"]
    if price not in levels or priced not in levels:
        return None
    return Decimal(str(levels[price])) / Decimal(str(levels[priced]))


def is_upside_down(quoted: tuple[str, str], rate: Decimal) -> bool:
    """Whether a quote fits its level turned over, and has not been so in twenty years.

    ``quoted`` is the currency of the price and the one priced.

    >>> is_upside_down(("usd", "eur"), Decimal("0.92")), is_upside_down(("usd", "eur"), Decimal(1))
    (True, False)
    >>> is_upside_down(("chf", "usd"), Decimal("1.2"))  # as in 2005
    False
    """
    level = level_of(*quoted)
    if level is None or rate <= 0:
        return False
    off, turned = (max(one / level, level / one) for one in (rate, 1 / rate))
    if off <= DIRECT or turned > INVERSE:
        return False
    low, high = _range(*quoted)
    return not low <= float(rate) <= high


@cache
def _range(price: str, priced: str) -> tuple[float, float]:
    """The lowest and the highest quote since :data:`SINCE` by the package's own rates."""
    import polars as pl

    from offing.warehouse.store import Warehouse, starter_folder

    known = Warehouse(starter_folder(), is_starter=True).table("fx_rates")
    rates = known.filter(pl.col("on").dt.year() >= SINCE)
    euro = rates.select("on", pl.lit(1.0).alias("per_eur")).unique()

    def of(code: str) -> pl.DataFrame:
        mine = rates.filter(pl.col("currency") == code.upper())
        return euro if code == "eur" else mine.select("on", pl.col("per_eur").cast(pl.Float64))

    both = of(price).join(of(priced), on="on", suffix="_priced")
    quotes = both.select(pl.col("per_eur") / pl.col("per_eur_priced")).to_series()
    return float(quotes.min()), float(quotes.max())  # type: ignore[arg-type]


OTHER_SIDE = {"bid": "ask", "ask": "bid"}

ONE_PAIR = ("spot", "forward", "strike", "put_strike", "call_strike", "spot_at_maturity", "near",
            "far", "forward_start", "forward_end", "bid", "ask", "ndf", "fixing")  # fmt: skip
"""Rates that are of one pair of currencies where they stand in one table."""


class QuotedRates(GivenWords):
    """The words that are exchange rates."""

    def _parse_quote(
        self, word: str, ours: frozenset[str], per: str, side: str = "", currency: str = ""
    ) -> tuple[Decimal, bool]:
        """A rate as it is quoted, and whether that is the other way round."""
        item = self.needed(word, side, currency)
        rate = item.inputs.read(item.name) / item.named.scale
        must_be_within(word, rate, gt=0)
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

    def is_quoted_so(self, asked: tuple[str, str]) -> bool:
        """Whether a rate of the sum is quoted as an answer asks for it: home money for foreign."""
        above, below = self.pair_of("spot") if "spot" in self.vocabulary.words else ("home", "fc")
        if not self.home & {above, below}:  # of two foreign moneys the spot says it
            return asked == (above, below)
        return asked[0] in self.home or asked[1] == "fc"

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
            InputError: ``errors.out_of_range``; ``check.bad_input`` for a rate between two
                currencies neither of which is home money; and as :meth:`number`.
        """
        ours = frozenset({of}) if of else self.home
        rate, inverse = self._parse_quote(word, ours, per, self.side_as_quoted(word, side, per, of))
        if not -rate / 2 < plus < 4 * rate:
            raise self.error("check.bad_points", points=plus)
        level = ONE / (rate + plus) if inverse else rate + plus
        self._refuse_far(self.needed(word, side), level)
        return level

    def _refuse_far(self, item: Given, level: Decimal) -> None:
        """Refuse two rates of one pair of which one must be quoted the other way round."""
        if item.named.word.name not in ONE_PAIR:
            return
        place = f"{id(item.inputs.values)}"
        first, other = self.levels.setdefault(place, (item.name, level))
        apart = max(level / other, other / level)
        if apart >= FAR:
            names = {"first": first, "second": item.name, "factor": round(apart)}
            raise self.error("check.quotes_apart", **names)


LARGE = Decimal(100)
"""A base from here on leaves no sense to a sum below one: it is a share."""


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
            raise self.error("check.word_twice", first=words[0], second=words[1])
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
            raise self.error("check.two_currencies", first=first.upper(), second=currency.upper())

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
            near = did_you_mean(named.canonical)
            raise self.error("check.unknown_answer", name=name, method=self.method, near=near)
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


class Inputs(Amounts):
    """The inputs of one case, or of one period or line of it; with its lists and tables."""

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
