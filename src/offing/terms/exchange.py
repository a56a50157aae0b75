"""Exchange rates of a day: the ECB's reference rates, or what the user gives. Never a guess.

The ECB publishes on working days; for another day the rate of the last working day on or before it
holds, and the day is shown. Older rates than of a week are used up to a limit, and their age is
said. A currency that the ECB does not quote on the day (VND, AED, SAR; the rouble after 2022-03-01)
has a level from a monthly collection, which is said too, or must be given.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from offing.terms.caution import Caution
from offing.terms.errors import InputError, RuleError
from offing.terms.messages import join_list, say
from offing.terms.money import exact

ONE = Decimal(1)
FRESH = timedelta(days=7)
"""The longest run of days without an ECB rate is five (Easter, Christmas and a weekend)."""
OLDEST = 62
"""Days after which a rate is not used, unless the user allows more: two months."""


@dataclass(frozen=True)
class DayRate:
    """What one unit of a currency is in yuan on a day.

    Attributes:
        cny: yuan for one.
        parity: the day of publication of a central parity (人民币汇率中间价); ``None`` of any other
            rate.
        after: of a day without a parity of its own the next one and its day, where it is known.
    """

    cny: Decimal
    parity: date | None = None
    after: tuple[Decimal, date] | None = None


@dataclass(frozen=True)
class FxTable:
    """Rates of one day.

    Attributes:
        on: the day asked for.
        per_eur: currency → (units for one euro, day of the rate).
        last: currency → the last day that has a rate, for the error.
        given: currency → units for one US dollar, by the user; they win.
        thin: currency that the ECB does not quote → (units for one US dollar, day), of a monthly
            collection.
        newest: the last day on which the ECB quoted anything; ``None`` where there are no rates.
        oldest: how many days old a rate may be.
        later: currencies whose rates are those of another table, newer than the ECB's.
    """

    on: date
    per_eur: Mapping[str, tuple[Decimal, date]]
    last: Mapping[str, date] = field(default_factory=dict)
    given: Mapping[str, Decimal] = field(default_factory=dict)
    thin: Mapping[str, tuple[Decimal, date]] = field(default_factory=dict)
    newest: date | None = None
    oldest: int = OLDEST
    later: frozenset[str] = frozenset()

    def _per_eur(self, currency: str) -> tuple[Decimal, date]:
        if currency in self.given:
            dollars, _ = self._rate_of("USD")
            return self.given[currency] * dollars, self.on
        return self._rate_of(currency)

    def _rate_of(self, currency: str) -> tuple[Decimal, date]:
        if currency == "EUR":
            return ONE, self.on
        if currency in self.per_eur:
            return self.per_eur[currency]
        if currency in self.thin:
            per_usd, day = self.thin[currency]
            dollars, other = self._rate_of("USD")
            return per_usd * dollars, min(day, other)
        raise self._missing(currency)

    def _missing(self, currency: str) -> RuleError:
        last = self.last.get("USD" if currency == "EUR" else currency)
        if last is None:
            return RuleError("landed.no_fx", currency=currency, day=self.on)
        too_old = self.newest is not None and self.newest - last <= FRESH
        return RuleError(
            "landed.fx_too_old" if too_old else "landed.no_fx_any_more",
            currency=currency,
            day=self.on,
            last=last,
            days=(self.on - last).days,
            oldest=self.oldest,
        )

    def cautions(self, currencies: Iterable[str]) -> list[Caution]:
        """What to say of the rates between some currencies: those that are old, or of few days.

        >>> rates = FxTable(date(2026, 11, 25), {"USD": (Decimal("1.15"), date(2026, 10, 30))})
        >>> rates.cautions(["EUR", "USD"])[0]["days"]
        '26'
        """
        used, typed = set(currencies), {"USD", *self.given}
        if len(used) < 2 or used <= typed:
            return []
        if used & {*typed, *self.thin} and used - {*typed, *self.thin}:
            used.add("USD")  # the way from the one to the others leads through the dollar
        used -= {"EUR", *self.given}
        old: dict[date, list[str]] = {}
        for currency in sorted(used & {*self.per_eur}):
            old.setdefault(self.per_eur[currency][1], []).append(currency)
        thin = sorted(used & {*self.thin})
        return [
            *_other_table_cautions(sorted(used & self.later), self.per_eur),
            *(
                old_rates(codes, day, self.on)
                for day, codes in old.items()
                if self.on - day > FRESH
            ),
            *(
                Caution("landed.warn_rate_thin", {"currency": code, "day": str(self.thin[code][1])})
                for code in thin
            ),
        ]

    def rate(self, currency: str, base: str) -> tuple[Decimal, date]:
        """Units of ``currency`` for one unit of ``base``, and the day of the older rate.

        Raises:
            RuleError: ``landed.no_fx`` where the ECB never quoted it, ``landed.no_fx_any_more``
                where it does no more, ``landed.fx_too_old`` where no newer rate is loaded. All ask
                for ``--rate``.
        """
        if currency == base:
            return ONE, self.on
        if (currency, base) not in self._cross_cache:
            self._cross_cache[currency, base] = self._cross(currency, base)
        return self._cross_cache[currency, base]

    @cached_property
    def _cross_cache(self) -> dict[tuple[str, str], tuple[Decimal, date]]:
        """Rates that have been asked for: a batch asks for the same few."""
        return {}

    def used_rates(self, to: str) -> list[Caution]:
        """At which rates, of which day, figures so far became a currency."""
        found = {code: self.rate(to, code) for code in sorted(self.asked - {to})}
        return [
            Caution(
                "money.converted",
                {"currency": code, "to": to, "rate": f"{rate:.4f}", "day": str(day)},
            )
            for code, (rate, day) in found.items()
        ]

    @property
    def asked(self) -> set[str]:
        """The currencies that any figure so far was converted from or to."""
        return {code for pair in self._cross_cache for code in pair}

    def _cross(self, currency: str, base: str) -> tuple[Decimal, date]:
        typed = {"USD": ONE, **self.given}
        if currency in typed and base in typed:
            return typed[currency] / typed[base], self.on
        missing = next(name for name in (currency, base) if name not in typed)
        if "USD" not in self.per_eur and set(typed) & {currency, base}:
            # the way to the other one leads through the dollar, which has no rate of the day
            raise self._missing(missing)
        units, day = self._per_eur(currency)
        base_units, base_day = self._per_eur(base)
        days = [d for c, d in ((currency, day), (base, base_day)) if c != "EUR"]
        return units / base_units, min(days)

    def convert(self, amount: Decimal, currency: str, to: str) -> Decimal:
        """An amount in another currency, not rounded."""
        return amount if currency == to else amount * self.rate(to, currency)[0]


def _other_table_cautions(
    currencies: list[str], rates: Mapping[str, tuple[Decimal, date]]
) -> Iterator[Caution]:
    if currencies:
        named, day = join_list(currencies), rates[currencies[0]][1]
        yield Caution("landed.warn_rate_later", {"currencies": named, "day": str(day)})


def shift_rates(table: FxTable, changes: Mapping[str, Decimal]) -> FxTable:
    """The rates if some currencies were worth more, or less, against all others.

    Args:
        table: the rates.
        changes: currency → change of its value, such as -0.05.

    >>> rates = FxTable(date(2026, 1, 5), {"USD": (Decimal("1.2"), date(2026, 1, 5))})
    >>> shift_rates(rates, {"EUR": Decimal("-0.1")}).rate("USD", "EUR")[0]
    Decimal('1.08')
    """
    if not changes:
        return table
    worth = {code: ONE + change for code, change in changes.items()}
    euro, dollar = worth.get("EUR", ONE), worth.get("USD", ONE)
    return replace(
        table,
        per_eur={c: (u * euro / worth.get(c, ONE), day) for c, (u, day) in table.per_eur.items()},
        given={c: u * dollar / worth.get(c, ONE) for c, u in table.given.items()},
        thin={c: (u * dollar / worth.get(c, ONE), day) for c, (u, day) in table.thin.items()},
    )


def old_rates(currencies: Iterable[str], day: date, on: date) -> Caution:
    """What to say of rates of some days before the day that is asked for."""
    age = {"day": str(day), "days": str((on - day).days)}
    return Caution(
        "landed.warn_rate_old", {"currencies": join_list(currencies), "on": str(on), **age}
    )


def levels_said(used: Iterable[tuple[str, int, date, date]]) -> Iterator[Caution]:
    """What to say of sales at levels of a monthly collection: currency, lines, first, last day."""
    for currency, count, first, last in used:
        days = {"first": str(first), "last": str(last)}
        yield Caution("book.warn_levels", {"currency": currency, "count": count, **days})


LARGEST_GAP, LARGEST_THIN_GAP = Decimal("1.5"), Decimal(3)
"""By how much a rate that a person gives may differ from the ECB's, and from one of a month."""


FAIR, NEAR = Decimal("1.1"), Decimal("1.03")
"""Gaps that a budget rate or another day explain, and that a bank's spread does."""
TURNED, APART = Decimal("1.06"), Decimal("1.15")
"""A rate so near its inverse, and so far from itself, is upside down by the rate of another day."""


def _rate_row(table: FxTable, currency: str) -> tuple[Decimal, date, Decimal] | None:
    """Units for one dollar, their day, and the largest gap to them."""
    if currency in table.thin:
        return *table.thin[currency], LARGEST_THIN_GAP
    if currency in {"EUR", *table.per_eur} and "USD" in table.per_eur:
        units, day = table.per_eur.get(currency, (ONE, table.on))
        return units / table.per_eur["USD"][0], day, LARGEST_GAP
    return None


def _within(gap: Decimal, rate: Decimal, other: Decimal) -> bool:
    return ONE / gap <= rate / other <= gap


def check_given(table: FxTable) -> None:
    """Refuse a given rate that is far from the ECB's of the day: upside down, or for 100 units.

    Raises:
        InputError: ``landed.rate_upside_down`` where the inverse fits, ``landed.rate_far_off``.
    """
    for currency, own in table.given.items():
        entry = _rate_row(table, currency)
        if entry is None:
            continue
        public, day, gap = entry
        inverse = any(
            _within(near, ONE / own, public) and not _within(far, own, public)
            for near, far in ((NEAR, FAIR / NEAR), (TURNED, APART))
        )
        if _within(gap, own, public) and not inverse:
            continue
        fits = _within(gap, ONE / own, public)
        raise InputError(
            "landed.rate_upside_down" if fits else "landed.rate_far_off",
            currency=currency,
            given=f"{own:f}",
            known=f"{public:.6g}",
            inverse=f"{ONE / own:.6g}",
            source=say("landed.rates_thin" if currency in table.thin else "landed.rates_ecb"),
            day=day,
        )


def given_rates(texts: Iterable[str]) -> dict[str, Decimal]:
    """Rates typed as ``VND=26300``: units for one US dollar.

    Raises:
        InputError: ``landed.bad_rate``, ``landed.rate_of_the_dollar``, or an unknown currency.

    >>> given_rates(["AED=3.6725"])
    {'AED': Decimal('3.6725')}
    """
    from offing.terms.money import currency_code

    rates: dict[str, Decimal] = {}
    for text in texts:
        name, sign, number = text.partition("=")
        try:
            value = exact(number.strip()) if sign else Decimal(0)
        except InputError:
            value = Decimal(0)
        if value <= 0:
            raise InputError("landed.bad_rate", text=text)
        code = currency_code(name)
        if rates.get(code, value) != value:
            raise InputError("landed.rate_twice", currency=code, text=text)
        if code == "USD" and value != 1:
            raise InputError("landed.rate_of_the_dollar", text=text, value=f"{value:f}")
        rates[code] = value
    return rates
