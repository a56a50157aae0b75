"""What law is in force for a country on a day, and what two days have apart."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import polars as pl

from offing.landed.charges import applies_to
from offing.landed.defence import told
from offing.landed.duties import listed_below, lists_cautioned, lists_named
from offing.policy.overlay import Rules
from offing.refunds.rates import dated_rate
from offing.refunds.rules import DatedRate, claim_rules, firm_classes, surtax_rates
from offing.rules.remedies import CHARGES, ORIGIN, Remedy, measures_of, remedies
from offing.rules.rule_use import RuleUse, Status
from offing.rules.rulebook import Charge, Regime
from offing.rules.tariff import Line, Lines, lists_of, near_lines, nearest_lines
from offing.terms.caution import Caution, CountryCode, ListName
from offing.terms.errors import OffingError
from offing.terms.interval import holding
from offing.warehouse import Warehouse
from offing.warehouse.tariffs import IN_DATA_SETS, groups_on

Kind = Literal[
    "charge", "rate", "duty", "list", "caution", "defence", "group", "refund", "claim", "surtax"
]
REFUNDING = "CHN"
"""The country whose export refund is known."""


@dataclass(frozen=True)
class Held:
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


@dataclass(frozen=True)
class Law:
    """What holds for a country on a day.

    Attributes:
        rules: by kind, as the law is applied.
        cautions: what could not be said, message keys with their values.
    """

    rules: tuple[Held, ...]
    cautions: tuple[Caution, ...]


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
    lines = [] if matter.code is None else _lines(regime, matter.code, matter, warehouse)
    charges = [c for c in holding(regime.charges, matter.on) if applies_to(c, matter.origin)]
    on_lists = lists_named(charges, matter.origin)
    rules: list[Held] = []
    cautions: list[Caution] = []
    if matter.code is not None:
        on_lists = lists_of(lines, matter.code, on_lists, lists_cautioned(regime))
        cautions += _of_code(regime, charges, lines, matter)
        charges = [c for c in charges if on_these(c, on_lists) and _has_line(c, lines)]
    for charge in charges:
        rules.append(Held("charge", charge.use(), charge.name))
        if charge.rate is not None and not _decided(charge, lines):
            rates = _rates(laws, charge, matter)
            rules += rates
            if not rates:
                day = {"lists": ListName(charge.name), "day": str(matter.on)}
                cautions.append(Caution("rules.no_rate_of_day", day))
    rules += _duties(regime, lines, matter)
    rules += _listed(regime, lines, matter, on_lists)
    rules += [
        Held("caution", caution.traced(caution.message, "text"))
        for caution in holding(regime.cautions, matter.on)
        if caution.about(matter.origin, {charge.name for charge in charges}, on_lists)
    ]
    rules += [defended(m) for m in measures_on(regime, matter) if m.when.holds(matter.on)]
    rules += _groups(matter, warehouse)
    return Law(tuple(rules), tuple(cautions))


def measures_on(regime: Regime, matter: Matter) -> list[Remedy]:
    """Every measure of trade defence on the goods, on whatever day."""
    known = measures_of(regime.importer) or () if matter.origin == ORIGIN else ()
    return [m for m in known if matter.code is None or m.about(matter.code)]


def defended(measure: Remedy) -> Held:
    """The trace of a measure of trade defence."""
    name = CHARGES.get(measure.kind, "investigation")
    use = RuleUse(
        f"{measure.country.lower()}.{name}.{measure.product}", measure.rate, measure.when.since,
        measure.when.until, f"{measure.document} · {measure.source}", measure.status, "text",
        (("goods_en", measure.product), ("goods_zh", measure.product_zh)), measure.still_valid_on,
    )  # fmt: skip
    return Held("defence", use)


def _decided(charge: Charge, lines: Sequence[Line]) -> bool:
    """Whether a line at or above the code says the rate, in place of the usual one."""
    return charge.tariff is not None and any(line.regime == charge.tariff for line in lines)


def _has_line(charge: Charge, lines: Sequence[Line]) -> bool:
    """Whether a charge that is only for products with a line of it has one."""
    return not charge.only_listed or _decided(charge, lines)


def _of_code(
    regime: Regime, charges: Sequence[Charge], lines: Sequence[Line], matter: Matter
) -> Iterator[Caution]:
    """What is said of a code: listed duties of longer codes, trade defence, no duty known."""
    code = matter.code or ""
    have = {line.regime for line in lines}
    for charge in charges:
        if charge.tariff not in {None, "mfn", *have}:
            yield from listed_below(regime, charge, code, matter.origin, matter.on)
    for measure in remedies(regime.importer, matter.origin, code, matter.on):
        yield told(measure, matter.country, matter.on)
    besides = {charge.tariff for charge in regime.charges} - {"mfn"}
    if all(line.text is None or line.regime in besides for line in lines):
        yield Caution("rules.no_duty_of", {"code": code, "market": CountryCode(matter.country)})


def on_these(charge: Charge, on_lists: frozenset[str]) -> bool:
    """Whether a charge is for products on these lists."""
    included = not charge.lists or not on_lists.isdisjoint(charge.lists)
    return included and on_lists.isdisjoint(charge.not_on)


def _lines(regime: Regime, code: str, matter: Matter, warehouse: Warehouse) -> list[Line]:
    tariff = Lines(warehouse, regime.importer)
    return near_lines(tariff, regime, code, matter.origin, matter.on)


def _rates(laws: Rules, charge: Charge, matter: Matter) -> list[Held]:
    assert charge.rate is not None
    id_ = charge.rate.format(destination=matter.country.lower(), origin=matter.origin.lower())
    rates = holding(laws.rulebook.series(id_), matter.on)
    return [Held("rate", rate.use(), charge.name) for rate in rates]


def _duties(regime: Regime, lines: Sequence[Line], matter: Matter) -> Iterator[Held]:
    """The lines of the tariff that decide the code; the file's own ones where none is named."""
    if matter.code is None:
        for own in holding(regime.lines, matter.on):
            if not own.origins or matter.origin in own.origins:
                yield Held("duty", own.traced(own.duty, "duty"))
        return
    for name in dict.fromkeys(line.regime for line in lines):
        for line in nearest_lines(list(lines), matter.code, name):
            if line.text is not None:
                yield Held("duty", line.tariff().use)


def _listed(
    regime: Regime, lines: Sequence[Line], matter: Matter, on_lists: frozenset[str]
) -> Iterator[Held]:
    """The product lists: those that the code is on, else those of the file itself."""
    if matter.code is None:
        for listed in holding(regime.listed, matter.on):
            codes = " ".join((*listed.codes, *(f"-{code}" for code in listed.without)))
            yield Held("list", listed.traced(codes, "text"), listed.name)
        return
    for line in lines:
        if line.text is None and line.regime in on_lists and matter.code.startswith(line.code):
            yield Held("list", line.listed_use(), line.regime)


def _groups(matter: Matter, warehouse: Warehouse) -> Iterator[Held]:
    """The trade agreements and unions of which both countries are members on the day."""
    memberships = groups_on(warehouse, matter.on)
    theirs = set(memberships.filter(pl.col("country") == matter.origin)["group"])
    mine = memberships.filter((pl.col("country") == matter.country) & pl.col("group").is_in(theirs))
    columns = ("group", "since", "until", "status", "source")
    for group, since, until, standing, source in mine.sort("group").select(columns).iter_rows():
        status: Status = "secondary" if standing == "checked" else "illustrative"
        use = RuleUse(f"group.{group}", group, since, until, source, status, "text")
        yield Held("group", use)


def refund_held(laws: Rules, matter: Matter) -> tuple[Held, ...]:
    """What holds of the export refund on the matter's day."""
    return _refund(laws, matter).rules


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
    claims = [rule.use() for rule in holding(claim_rules(), matter.on)]
    classes = [firm.use() for firm in firm_classes().values() if firm.when.holds(matter.on)]
    taxes = [tax.use() for tax in surtax_rates().values() if tax.when.holds(matter.on)]
    rules = [
        Held("refund", replace(rate.use(), unit="cancelled") if rate.cancelled else rate.use())
        for rate in rates
    ]
    rules += [Held("claim", use) for use in (*claims, *classes)]
    rules += [Held("surtax", use) for use in taxes]
    return Law(tuple(rules), tuple(cautions))


@dataclass(frozen=True)
class Change:
    """What two days have apart in one rule.

    Attributes:
        kind: see :class:`Held`.
        what: whether it began, ended or changed from the earlier to the later day.
        before, after: the rule on the two days; ``None`` where it does not hold.
        name: of the charge or product list that it belongs to.
    """

    kind: Kind
    what: Literal["began", "ended", "changed"]
    before: RuleUse | None
    after: RuleUse | None
    name: str = ""


def difference(before: Sequence[Held], after: Sequence[Held]) -> tuple[Change, ...]:
    """What began, ended or has another value, in the order of the rules.

    A rule written anew with the same value has not changed; neither has a charge ended that goes on
    by another rate, nor a list of which only some codes are on or off.
    """
    old, new = _by_series(before), _by_series(after)
    changes = []
    for key in dict.fromkeys([*old, *new]):
        was, now = old.get(key), new.get(key)
        if was is None and now is not None:
            changes.append(Change(now.kind, "began", None, now.use, now.name))
        elif now is None and was is not None:
            changes.append(Change(was.kind, "ended", was.use, None, was.name))
        elif was is not None and now is not None and _content(was.use) != _content(now.use):
            changes.append(Change(now.kind, "changed", was.use, now.use, now.name))
    return (*_paired(changes), *_list_changes(before, after))


def _paired(changes: Iterable[Change]) -> list[Change]:
    """A caution that ends while another of the same words about the same goods begins is one."""
    paired: list[Change] = []
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


def _succeeds(one: Change, other: Change) -> bool:
    """Whether one caution ended and the other began, with the same message and goods."""
    if one.kind != "caution" or {one.what, other.what} != {"began", "ended"}:
        return False
    first, second = one.before or one.after, other.before or other.after
    return bool(first and second and first.value == second.value and one.name == other.name)


def _content(use: RuleUse) -> tuple[object, ...]:
    return use.value, use.unit, use.inputs


def _by_series(rules: Sequence[Held]) -> dict[tuple[str, str, str], Held]:
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


def _list_changes(before: Sequence[Held], after: Sequence[Held]) -> Iterator[Change]:
    """What is on or off each list, by the entry that begins, or else the one that ends.

    A list begins or ends with its first or last code; one that data sets hold only has codes more
    or fewer, because the rest of it may not be loaded.
    """
    old, new = _by_list(before), _by_list(after)
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name, {}), new.get(name, {})
        if was.keys() == now.keys():
            continue
        entry = next((now[code] for code in now if code not in was), None)
        entry = entry or next(was[code] for code in was if code not in now)
        first, last = (replace(entry, value=" ".join(codes)) for codes in (was, now))
        none = [all(code.startswith("-") for code in codes) for codes in (was, now)]
        if none[0] == none[1] or name in IN_DATA_SETS:
            yield Change("list", "changed", first, last, name)
        elif none[0]:
            yield Change("list", "began", None, last, name)
        else:
            yield Change("list", "ended", first, None, name)


def _by_list(rules: Sequence[Held]) -> dict[str, dict[str, RuleUse]]:
    """The entry of each code of each list; of one that is not on it after a minus."""
    lists: dict[str, dict[str, RuleUse]] = {}
    for rule in rules:
        if rule.kind == "list":
            codes = dict.fromkeys(rule.use.value.split(), rule.use)
            lists.setdefault(rule.name or rule.use.id, {}).update(codes)
    return lists
