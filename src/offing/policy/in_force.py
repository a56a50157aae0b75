"""What law is in force for a country on a day, what two days have apart, and what is to come."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import polars as pl

from offing.landed.charges import applies_to
from offing.landed.duties import listed_below, lists_cautioned, lists_named, remedy_caution
from offing.policy.overlay import Rules
from offing.refunds.rates import dated_rate
from offing.refunds.rules import (
    ClaimRule,
    DatedRate,
    FirmClass,
    Surtax,
    claim_rules,
    firm_classes,
    surtax_rates,
)
from offing.rules.remedies import CHARGES, ORIGIN, Remedy, measures_of, remedies
from offing.rules.rule_use import RuleUse, Status
from offing.rules.rulebook import Charge, Rate, Regime, Rulebook
from offing.rules.tariff import Lines, NationalLine, Tariffs, lists_of, near_lines, nearest_lines
from offing.terms.caution import Caution, CountryCode, ListName
from offing.terms.errors import MissingDataError, OffingError
from offing.terms.interval import Interval, holding
from offing.warehouse import Warehouse
from offing.warehouse.tariffs import groups_on, lists_in_data

Kind = Literal[
    "charge", "rate", "duty", "list", "caution", "defence", "group", "refund", "claim", "surtax"
]
REFUNDING = "CHN"
"""The country whose export refund is known."""


@dataclass(frozen=True)
class ActiveRule:
    """A rule that holds on a day.

    Attributes:
        kind: what it is: a charge of an importer, its rate, a line of its tariff, codes on a
            product list, a caution (its value is a message key), a measure of trade defence, a
            group that both countries are in, a Chinese refund rate, a rule of claiming, a surtax.
        use: the rule with its value, days, source, status and the last look at its document.
        name: of the charge or product list that it belongs to.
    """

    kind: Kind
    use: RuleUse
    name: str = ""


Law = tuple[tuple[ActiveRule, ...], tuple[Caution, ...]]
"""What holds for a country on a day, by kind, as the law is applied; what could not be said."""


@dataclass(frozen=True)
class Matter:
    """Whose law, on which day, for which goods.

    ``code`` is ``None`` for all goods.
    """

    country: str
    on: date
    code: str | None
    origin: str


def is_refund(matter: Matter) -> bool:
    """Whether it is about the export refund of China's own goods."""
    return matter.country == matter.origin == REFUNDING


def law_of(laws: Rules, matter: Matter, warehouse: Warehouse) -> Law:
    """The law in force: of imports, or of exports where China's own goods are asked about there.

    Raises:
        InputError: a code that needs more digits.
        MissingDataError: ``landed.no_regime`` where no file covers the country.
    """
    if is_refund(matter):
        return _refund(laws, matter)
    return _imports(laws, laws.rulebook.regime(matter.country), matter, warehouse)


def _imports(laws: Rules, regime: Regime, matter: Matter, warehouse: Warehouse) -> Law:
    tariff, lines = Lines(warehouse, regime.importer), list[NationalLine]()
    if matter.code is not None:
        lines = near_lines(tariff, regime, matter.code, matter.origin, matter.on)
    charges = [c for c in holding(regime.charges, matter.on) if applies_to(c, matter.origin)]
    on_lists = lists_named(charges, matter.origin)
    rules: list[ActiveRule] = []
    cautions: list[Caution] = []
    if matter.code is not None:
        on_lists = lists_of(lines, matter.code, on_lists, lists_cautioned(regime))
        cautions += _code_cautions(regime, charges, lines, matter)
        charges = [
            charge
            for charge in charges
            if is_on_lists(charge, on_lists)
            and (not charge.only_listed or _is_decided(charge, lines))
        ]
    for charge in charges:
        rules.append(ActiveRule("charge", charge.use(), charge.name))
        if charge.rate is not None and not _is_decided(charge, lines):
            rates = holding(_series(laws.rulebook, charge, matter), matter.on)
            rules += [ActiveRule("rate", rate.use(), charge.name) for rate in rates]
            if not rates:
                day = {"lists": ListName(charge.name), "day": str(matter.on)}
                cautions.append(Caution("rules.no_rate_of_day", day))
    rules += _duties(regime, lines, matter)
    rules += _list_rules(regime, lines, matter, on_lists)
    rules += [
        ActiveRule("caution", caution.traced(caution.message, "text"))
        for caution in holding(regime.cautions, matter.on)
        if caution.about(matter.origin, {charge.name for charge in charges}, on_lists)
    ]
    rules += [defence_rule(m) for m in measures_on(regime, matter) if m.when.holds(matter.on)]
    rules += _groups(matter, warehouse)
    return tuple(rules), tuple(cautions)


def measures_on(regime: Regime, matter: Matter) -> list[Remedy]:
    """Every measure of trade defence on the goods, on whatever day."""
    known = measures_of(regime.importer) or () if matter.origin == ORIGIN else ()
    return [m for m in known if matter.code is None or m.about(matter.code)]


def defence_rule(measure: Remedy) -> ActiveRule:
    """The trace of a measure of trade defence."""
    name = CHARGES.get(measure.kind, "investigation")
    use = RuleUse(
        f"{measure.country.lower()}.{name}.{measure.product}", measure.rate, measure.when.since,
        measure.when.until, f"{measure.document} · {measure.source}", measure.status, "text",
        (("goods_en", measure.product), ("goods_zh", measure.product_zh)), measure.still_valid_on,
    )  # fmt: skip
    return ActiveRule("defence", use)


def _is_decided(charge: Charge, lines: Sequence[NationalLine]) -> bool:
    """Whether a line at or above the code says the rate, in place of the usual one."""
    return charge.tariff is not None and any(line.regime == charge.tariff for line in lines)


def _code_cautions(
    regime: Regime, charges: Sequence[Charge], lines: Sequence[NationalLine], matter: Matter
) -> Iterator[Caution]:
    """What is said of a code: listed duties of longer codes, trade defence, no duty known."""
    code = matter.code or ""
    have = {line.regime for line in lines}
    for charge in charges:
        if charge.tariff not in {None, "mfn", *have}:
            yield from listed_below(regime, charge, code, matter.origin, matter.on)
    for measure in remedies(regime.importer, matter.origin, code, matter.on):
        yield remedy_caution(measure, matter.country, matter.on)
    besides = {charge.tariff for charge in regime.charges} - {"mfn"}
    if all(line.text is None or line.regime in besides for line in lines):
        yield Caution("rules.no_duty_of", {"code": code, "market": CountryCode(matter.country)})


def is_on_lists(charge: Charge, on_lists: frozenset[str]) -> bool:
    """Whether a charge is for products on these lists."""
    included = not charge.lists or not on_lists.isdisjoint(charge.lists)
    return included and on_lists.isdisjoint(charge.not_on)


def _series(book: Rulebook, charge: Charge, matter: Matter) -> tuple[Rate, ...]:
    """All rates of a charge for the matter's countries."""
    named = {"destination": matter.country.lower(), "origin": matter.origin.lower()}
    return () if charge.rate is None else book.series(charge.rate.format(**named))


def _duties(regime: Regime, lines: Sequence[NationalLine], matter: Matter) -> Iterator[ActiveRule]:
    """The lines of the tariff that decide the code; the file's own ones where none is named."""
    if matter.code is None:
        for own in holding(regime.lines, matter.on):
            if not own.origins or matter.origin in own.origins:
                yield ActiveRule("duty", own.traced(own.duty, "duty"))
        return
    for name in dict.fromkeys(line.regime for line in lines):
        for line in nearest_lines(list(lines), matter.code, name):
            if line.text is not None:
                yield ActiveRule("duty", line.tariff().use)


def _list_rules(
    regime: Regime, lines: Sequence[NationalLine], matter: Matter, on_lists: frozenset[str]
) -> Iterator[ActiveRule]:
    """The product lists: those that the code is on, else those of the file itself."""
    if matter.code is None:
        for listed in holding(regime.listed, matter.on):
            codes = " ".join((*listed.codes, *(f"-{code}" for code in listed.without)))
            yield ActiveRule("list", listed.traced(codes, "text"), listed.name)
        return
    for line in lines:
        if line.text is None and line.regime in on_lists and matter.code.startswith(line.code):
            yield ActiveRule("list", line.listed_use(), line.regime)


def _groups(matter: Matter, warehouse: Warehouse) -> Iterator[ActiveRule]:
    """The trade agreements and unions of which both countries are members on the day."""
    memberships = groups_on(warehouse, matter.on)
    theirs = set(memberships.filter(pl.col("country") == matter.origin)["group"])
    mine = memberships.filter((pl.col("country") == matter.country) & pl.col("group").is_in(theirs))
    columns = ("group", "since", "until", "status", "source")
    for group, since, until, standing, source in mine.sort("group").select(columns).iter_rows():
        status: Status = "secondary" if standing == "checked" else "illustrative"
        use = RuleUse(f"group.{group}", group, since, until, source, status, "text")
        yield ActiveRule("group", use)


def _refund(laws: Rules, matter: Matter) -> Law:
    """China's export refund: rates, claims, classes of firms, surtaxes."""
    cautions: list[Caution] = []
    rates: list[DatedRate] = []
    if matter.code is None:
        rates = holding(laws.refund_rates, matter.on)
    else:
        try:
            rates = [dated_rate(matter.on, code=matter.code, rates=laws.refund_rates)]
        except OffingError as error:
            cautions.append(Caution(error.key, {name: str(v) for name, v in error.values.items()}))
    uses = [replace(r.use(), unit="cancelled") if r.cancelled else r.use() for r in rates]
    rules = [ActiveRule("refund", use) for use in uses]
    others: tuple[tuple[Kind, Iterable[ClaimRule | FirmClass | Surtax]], ...] = (
        ("claim", (*claim_rules(), *firm_classes().values())),
        ("surtax", surtax_rates().values()),
    )
    rules += [ActiveRule(kind, one.use()) for kind, of in others for one in holding(of, matter.on)]
    return tuple(rules), tuple(cautions)


@dataclass(frozen=True)
class LawChange:
    """What two days have apart in one rule.

    Attributes:
        kind: see :class:`ActiveRule`.
        what: whether it began, ended or changed from the earlier to the later day.
        before, after: the rule on the two days; ``None`` where it does not hold.
        name: of the charge or product list that it belongs to.
    """

    kind: Kind
    what: Literal["began", "ended", "changed"]
    before: RuleUse | None
    after: RuleUse | None
    name: str = ""


def difference(before: Sequence[ActiveRule], after: Sequence[ActiveRule]) -> tuple[LawChange, ...]:
    """What began, ended or has another value, in the order of the rules.

    A rule written anew with the same value has not changed; neither has a charge ended that goes on
    by another rate, nor a list of which only some codes are on or off.
    """
    old, new = _rules_by_series(before), _rules_by_series(after)
    changes = []
    for key in dict.fromkeys([*old, *new]):
        was, now = old.get(key), new.get(key)
        if was is None and now is not None:
            changes.append(LawChange(now.kind, "began", None, now.use, now.name))
        elif now is None and was is not None:
            changes.append(LawChange(was.kind, "ended", was.use, None, was.name))
        elif was is not None and now is not None and _content(was.use) != _content(now.use):
            changes.append(LawChange(now.kind, "changed", was.use, now.use, now.name))
    return (*_pair_changes(changes), *_list_changes(before, after))


def _pair_changes(changes: Iterable[LawChange]) -> list[LawChange]:
    """A caution that ends while another of the same words about the same goods begins is one."""
    paired: list[LawChange] = []
    for one in changes:
        other = next((x for x in paired if _succeeds(x, one)), None)
        if other is None:
            paired.append(one)
        else:
            both = (other.before or one.before, other.after or one.after)
            paired[paired.index(other)] = replace(
                one, what="changed", before=both[0], after=both[1]
            )
    return paired


def _succeeds(one: LawChange, other: LawChange) -> bool:
    """Whether one caution ended and the other began, with the same message and goods."""
    if one.kind != "caution" or {one.what, other.what} != {"began", "ended"}:
        return False
    first, second = one.before or one.after, other.before or other.after
    return bool(first and second and first.value == second.value and one.name == other.name)


def _content(use: RuleUse) -> tuple[object, ...]:
    return use.value, use.unit, use.inputs


def _rules_by_series(rules: Sequence[ActiveRule]) -> dict[tuple[str, str, str], ActiveRule]:
    """Rules but for lists by their series; of the cautions several may hold at once."""
    series = {}
    for rule in rules:
        if rule.kind in ("charge", "rate") and rule.name:
            series["charge", rule.name, ""] = rule
        elif rule.kind != "list":
            use, many = rule.use, {"caution": rule.use.source, "group": rule.use.value}
            series_id = f"{use.id} {use.value} {rule.name}" if rule.kind == "caution" else use.id
            series[rule.kind, series_id, many.get(rule.kind, "")] = rule
    return series


def _list_changes(before: Sequence[ActiveRule], after: Sequence[ActiveRule]) -> Iterator[LawChange]:
    """What is on or off each list, by the entry that begins, or else the one that ends.

    A list begins or ends with its first or last code; one that data sets hold only has codes more
    or fewer, because the rest of it may not be loaded.
    """
    old, new = _entries_by_list(before), _entries_by_list(after)
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name, {}), new.get(name, {})
        if was.keys() == now.keys():
            continue
        entry = next((now[code] for code in now if code not in was), None)
        entry = entry or next(was[code] for code in was if code not in now)
        first, last = (replace(entry, value=" ".join(codes)) for codes in (was, now))
        none = [all(code.startswith("-") for code in codes) for codes in (was, now)]
        if none[0] == none[1] or name in lists_in_data():
            yield LawChange("list", "changed", first, last, name)
        elif none[0]:
            yield LawChange("list", "began", None, last, name)
        else:
            yield LawChange("list", "ended", first, None, name)


def _entries_by_list(rules: Sequence[ActiveRule]) -> dict[str, dict[str, RuleUse]]:
    """The entry of each code of each list; of one that is not on it after a minus."""
    lists: dict[str, dict[str, RuleUse]] = {}
    for rule in rules:
        if rule.kind == "list":
            codes = dict.fromkeys(rule.use.value.split(), rule.use)
            lists.setdefault(rule.name or rule.use.id, {}).update(codes)
    return lists


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
    change: LawChange


def legal_changes(
    laws: Rules, matters: Iterable[Matter], tariffs: Tariffs, after: date, last: date | None = None
) -> tuple[LegalChange, ...]:
    """What begins, ends or changes after a day, up to the last one, for any of some matters.

    The same change for several countries or codes is one. The day of a matter does not count.
    """
    found: dict[tuple[date, LawChange], LegalChange] = {}
    for matter in matters:
        for day, change in _changes_of_matter(laws, matter, tariffs, after, last or date.max):
            one = found.get((day, change)) or LegalChange(day, (), (), change)
            codes = (*one.codes, *([matter.code] if matter.code else []))
            named = dict.fromkeys((*one.countries, matter.country)), dict.fromkeys(codes)
            found[day, change] = replace(one, countries=(*named[0],), codes=(*named[1],))
    return tuple(sorted(found.values(), key=lambda one: one.on))


def _changes_of_matter(
    laws: Rules, matter: Matter, tariffs: Tariffs, after: date, last: date
) -> Iterator[tuple[date, LawChange]]:
    if is_refund(matter):
        ends = _ends((rate.when for rate in laws.refund_rates), after, last)
        for day in ends:
            days = (replace(matter, on=day - timedelta(days=1)), replace(matter, on=day))
            before, now = (_refund(laws, one)[0] for one in days)
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
            *(
                ActiveRule("duty", line.traced(line.duty, "duty"), line.regime)
                for line in regime.lines
                if about(*line.codes) and (not line.origins or origin in line.origins)
            ),
            *(ActiveRule("duty", line.tariff().use, line.regime) for line in loaded if line.text),
            *(
                ActiveRule("list", x.traced(" ".join(codes), "text"), x.name)
                for x in regime.listed
                if (codes := [*filter(about, x.codes), *(f"-{c}" for c in x.without if about(c))])
            ),
            *(
                ActiveRule(
                    "list", replace(x.listed_use(), value=f"{'-' * x.excluded}{x.code}"), x.regime
                )
                for x in loaded
                if x.text is None
            ),
            *map(defence_rule, measures_on(regime, matter)),
        ]

    def intervals(self) -> Iterator[Interval]:
        """When each of it holds."""
        yield from (one.when for one in (*self.charges, *self.cautions))
        series = (_series(self.book, charge, self.matter) for charge in self.charges)
        yield from (rate.when for rates in series for rate in rates)
        yield from map(_span, self.others)

    def on(self, day: date) -> list[ActiveRule]:
        """What holds on a day; of a charge with a rate that rate, which says more."""
        others = [held for held in self.others if _span(held).holds(day)]
        lists, whole = self._lists(others)
        charges = [
            charge
            for charge in holding(self.charges, day)
            if self.matter.code is None
            or (is_on_lists(replace(charge, not_on=()), lists) and whole.isdisjoint(charge.not_on))
        ]
        rules = [held for charge in charges for held in self._charge_rates(charge, day)]
        names = {charge.name for charge in charges}
        rules += [
            ActiveRule("caution", caution.traced(caution.message, "text"), about)
            for caution in holding(self.cautions, day)
            if caution.about(self.matter.origin, names, lists)
            for about in (" ".join((*caution.charges, *caution.lists)),)
        ]
        return rules + others

    def _charge_rates(self, charge: Charge, day: date) -> Iterator[ActiveRule]:
        """The rates of a charge on a day; one that goes on by a rate not known says so."""
        if charge.rate is None:
            yield ActiveRule("charge", charge.use(), charge.name)
            return
        series = _series(self.book, charge, self.matter)
        uses = [rate.use() for rate in holding(series, day)]
        if not uses and any(rate.when.until and rate.when.until <= day for rate in series):
            uses = [charge.traced("", "unknown")]
        yield from (ActiveRule("rate", use, charge.name) for use in uses)

    def _lists(self, others: Iterable[ActiveRule]) -> tuple[frozenset[str], frozenset[str]]:
        """The lists that the code, or a part of it, is on; and those that all of it is on."""
        code = self.matter.code or ""
        listed = [(x.name, c) for x in others if x.kind == "list" for c in x.use.value.split()]
        off = {name for name, c in listed if c[0] == "-" and code.startswith(c[1:])}
        on = {name for name, c in listed if c[0] != "-"} - off
        cut = {name for name, c in listed if c[0] == "-"}
        whole = {name for name, c in listed if code.startswith(c)} - cut
        return frozenset(on), frozenset(whole)


def _span(held: ActiveRule) -> Interval:
    return Interval(held.use.since, held.use.until)
