"""Days on which law changes: fixed and still to come, or between two days that have passed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from offing.landed.charges import applies_to
from offing.policy.in_force import (
    Change,
    Held,
    Matter,
    defended,
    difference,
    is_refund,
    measures_on,
    on_these,
    refund_held,
)
from offing.policy.overlay import Rules
from offing.rules.rulebook import Charge, Rate, Regime, Rulebook
from offing.rules.tariff import Tariffs
from offing.terms.errors import MissingDataError
from offing.terms.interval import Interval, holding


@dataclass(frozen=True)
class LegalChange:
    """What begins, ends or changes on a day.

    Attributes:
        on: the first day on which the law is another.
        countries: alpha-3, for whose law it is.
        codes: tariff codes that it touches; empty where all goods were asked about.
        change: what it is.
    """

    on: date
    countries: tuple[str, ...]
    codes: tuple[str, ...]
    change: Change


def legal_changes(
    laws: Rules, matters: Iterable[Matter], tariffs: Tariffs, after: date, last: date | None = None
) -> tuple[LegalChange, ...]:
    """What begins, ends or changes after a day, up to the last one, for any of some matters.

    The same change for several countries or codes is one. The day of a matter does not count.
    """
    found: dict[tuple[date, Change], LegalChange] = {}
    for matter in matters:
        for day, change in _of_matter(laws, matter, tariffs, after, last or date.max):
            one = found.get((day, change)) or LegalChange(day, (), (), change)
            codes = (*one.codes, *([matter.code] if matter.code else []))
            named = dict.fromkeys((*one.countries, matter.country)), dict.fromkeys(codes)
            found[day, change] = replace(one, countries=(*named[0],), codes=(*named[1],))
    return tuple(sorted(found.values(), key=lambda one: one.on))


def _of_matter(
    laws: Rules, matter: Matter, tariffs: Tariffs, after: date, last: date
) -> Iterator[tuple[date, Change]]:
    if is_refund(matter):
        ends = _ends((rate.when for rate in laws.refund_rates), after, last)
        for day in ends:
            days = (replace(matter, on=day - timedelta(days=1)), replace(matter, on=day))
            before, now = (refund_held(laws, one) for one in days)
            yield from ((day, change) for change in difference(before, now))
        return
    try:
        law = _Law(laws.rulebook, laws.rulebook.regime(matter.country), matter, tariffs)
    except MissingDataError:
        return
    for day in _ends(law.intervals(), after, last):
        changes = difference(law.on(day - timedelta(days=1)), law.on(day))
        yield from ((day, change) for change in changes)


def _ends(intervals: Iterable[Interval], after: date, last: date) -> list[date]:
    """The first and last days of intervals within a stretch of time."""
    ends = {day for when in intervals for day in (when.since, when.until)}
    return sorted(day for day in ends if day is not None and after < day <= last)


class _Law:
    """The law of imports that can touch a matter, on whatever day."""

    def __init__(self, book: Rulebook, regime: Regime, matter: Matter, tariffs: Tariffs) -> None:
        self.book, self.matter = book, matter
        origin, code = matter.origin, matter.code

        def about(*codes: str) -> bool:
            return code is None or any(c.startswith(code) or code.startswith(c) for c in codes)

        loaded = [] if code is None else tariffs.of(regime.importer).of(code, origin, None)
        self.charges = [c for c in regime.charges if applies_to(c, origin)]
        self.cautions = regime.cautions
        self.others = [
            *(Held("duty", line.traced(line.duty, "duty"), line.regime) for line in regime.lines
              if about(*line.codes) and (not line.origins or origin in line.origins)),
            *(Held("duty", line.tariff().use, line.regime) for line in loaded if line.text),
            *(Held("list", x.traced(" ".join(codes), "text"), x.name) for x in regime.listed
              if (codes := [*filter(about, x.codes), *(f"-{c}" for c in x.without if about(c))])),
            *(Held("list", replace(x.listed_use(), value=f"{'-' * x.excluded}{x.code}"), x.regime)
              for x in loaded if x.text is None),
            *map(defended, measures_on(regime, matter)),
        ]  # fmt: skip

    def intervals(self) -> Iterator[Interval]:
        """When each of it holds."""
        yield from (one.when for one in (*self.charges, *self.cautions))
        yield from (rate.when for charge in self.charges for rate in self._series(charge.rate))
        yield from map(_span, self.others)

    def _series(self, rate: str | None) -> tuple[Rate, ...]:
        named = {"destination": self.matter.country.lower(), "origin": self.matter.origin.lower()}
        return () if rate is None else self.book.series(rate.format(**named))

    def on(self, day: date) -> list[Held]:
        """What holds on a day; of a charge with a rate that rate, which says more."""
        others = [held for held in self.others if _span(held).holds(day)]
        lists, whole = self._lists(others)
        charges = [
            charge
            for charge in holding(self.charges, day)
            if self.matter.code is None
            or (on_these(replace(charge, not_on=()), lists) and whole.isdisjoint(charge.not_on))
        ]
        rules = [held for charge in charges for held in self._charged(charge, day)]
        names = {charge.name for charge in charges}
        rules += [
            Held("caution", caution.traced(caution.message, "text"), about)
            for caution in holding(self.cautions, day)
            if caution.about(self.matter.origin, names, lists)
            for about in (" ".join((*caution.charges, *caution.lists)),)
        ]
        return rules + others

    def _charged(self, charge: Charge, day: date) -> Iterator[Held]:
        """The rates of a charge on a day; one that goes on by a rate not known says so."""
        if charge.rate is None:
            yield Held("charge", charge.use(), charge.name)
            return
        series = self._series(charge.rate)
        uses = [rate.use() for rate in holding(series, day)]
        if not uses and any(rate.when.until and rate.when.until <= day for rate in series):
            uses = [charge.traced("", "unknown")]
        yield from (Held("rate", use, charge.name) for use in uses)

    def _lists(self, others: Iterable[Held]) -> tuple[frozenset[str], frozenset[str]]:
        """The lists that the code, or a part of it, is on; and those that all of it is on."""
        code = self.matter.code or ""
        listed = [(x.name, c) for x in others if x.kind == "list" for c in x.use.value.split()]
        off = {name for name, c in listed if c[0] == "-" and code.startswith(c[1:])}
        on = {name for name, c in listed if c[0] != "-"} - off
        cut = {name for name, c in listed if c[0] == "-"}
        whole = {name for name, c in listed if code.startswith(c)} - cut
        return frozenset(on), frozenset(whole)


def _span(held: Held) -> Interval:
    return Interval(held.use.since, held.use.until)
