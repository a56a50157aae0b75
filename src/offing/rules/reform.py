"""What-ifs: a reform lays other rules over the rulebook, and nothing else changes.

A reform file has ``[reform]`` and any of ``[[rate]]`` (a value from ``since`` to ``until``, in
place of what holds then), ``[[close]]`` (a rate or a charge ends on a day), ``[[charge]]`` (a new
charge of an importer, before a named one), ``[[framework]]`` (a swap line or local-currency
framework) and ``[[exchange]]`` (a currency worth more or less). One file serves quotes, refunds,
settlement and studies; :mod:`offing.policy.overlay` lays it over all of them at once.
"""

import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from offing.rules.regime_file import (
    ChargeKeys,
    FileTable,
    KeyPlace,
    RateKeys,
    charge_of,
    check_bases,
    rates_of,
    read_checked,
)
from offing.rules.rule_use import REFUND, SETTLEMENT, check_single, overlaid, without
from offing.rules.rulebook import KEYS, Charge, Rate, Rulebook, Text
from offing.terms.errors import InputError, Where
from offing.terms.interval import Interval
from offing.terms.limits import parse_toml
from offing.terms.messages import suggest
from offing.terms.money import currency_code, exact

FrameworkKind = Literal["swap_line", "local_currency"]


@dataclass(frozen=True)
class NewCharge:
    """A charge that a reform adds to an importer, before the charge named (or last)."""

    importer: str
    charge: Charge
    before: str | None


Currency = Annotated[str, AfterValidator(lambda text: currency_code(text))]


def _number(raw: object) -> Decimal:
    """A number, which may be a share in per cent; of TOML as it is written."""
    text = str(raw).strip()
    return exact(text[:-1]).scaleb(-2) if text.endswith("%") else exact(text)


@dataclass(frozen=True)
class Close:
    """A rate or charge that ends (``[[close]]``): it holds no more from ``until`` on."""

    __pydantic_config__ = KEYS

    id: Text
    until: date


@dataclass(frozen=True)
class RateSetting:
    """Another value of a refund or settlement rule, as written, while it holds."""

    id: str
    value: str
    when: Interval
    where: Where


@dataclass(frozen=True)
class NewFramework:
    """A swap line or local-currency framework that would stand (``[[framework]]``), no price."""

    __pydantic_config__ = KEYS

    currency: Currency
    counterparty: Text
    kind: FrameworkKind
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        Interval(self.since, self.until)  # it ends after it starts

    @property
    def when(self) -> Interval:
        """While it would stand."""
        return Interval(self.since, self.until)


@dataclass(frozen=True)
class Exchange:
    """A currency worth more or less against all others that are not named (``[[exchange]]``).

    ``change`` is a share; in a file such as ``"-5%"``.
    """

    __pydantic_config__ = KEYS

    currency: Currency
    change: Annotated[Decimal, BeforeValidator(_number), Field(gt=Decimal("-0.9"), le=9)]


@dataclass(frozen=True)
class ValueCase:
    """A worked example of a single rule: its value on a day, as it is written.

    ``expected`` is ``6%``, ``cancelled`` or an amount.
    """

    __pydantic_config__ = KEYS

    name: Text
    id: Text
    on: date
    expected: Annotated[str, BeforeValidator(lambda raw: str(raw))]
    source: Text
    where: Where | None = None


@dataclass(frozen=True)
class Reform:
    """Changes to the rules.

    Attributes:
        name: for the trace.
        name_zh: in Chinese, where it has one.
        rates: each holds in its own interval instead of what held there.
        closes: rules that end.
        charges: new ones.
        settings: other values of refund rules (``chn.refund.…``) and of what settlement assumes.
        frameworks: swap lines and local-currency frameworks that would stand.
        exchange: currencies that would be worth more or less.
        elasticity: by how many per cent a study's sales fall where the landed cost rises by one
            per cent; the user's own. 0 keeps demand as it is; ``None`` where the file has none.
        cases: worked examples of its values.
    """

    name: str
    rates: tuple[Rate, ...] = ()
    closes: tuple[Close, ...] = ()
    charges: tuple[NewCharge, ...] = ()
    settings: tuple[RateSetting, ...] = ()
    frameworks: tuple[NewFramework, ...] = ()
    exchange: tuple[Exchange, ...] = ()
    elasticity: Decimal | None = None
    name_zh: str | None = None
    cases: tuple[ValueCase, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Every rule that it names, once, in their order."""
        named = [change.id for change in self.rates] + [change.id for change in self.closes]
        named += [f"{charge.importer.lower()}.{charge.charge.name}" for charge in self.charges]
        return tuple(dict.fromkeys([*named, *(setting.id for setting in self.settings)]))


def unknown_rule(id_: str, ids: Iterable[str], where: Where | None = None) -> InputError:
    """The error of a rule that there is not, with the nearest."""
    near = suggest(id_, sorted(set(ids)))
    return InputError("landed.unknown_rule", where=where, id=id_, near=near)


def _close_rule(book: Rulebook, close: Close) -> Rulebook:
    hole = Interval(close.until, None)
    if book.series(close.id):
        return replace(book, rates=without(book.rates, close.id, hole))
    id_ = close.id.lower()
    for importer, regime in book.regimes.items():
        if any(charge.id == id_ for charge in regime.charges):
            ended = replace(regime, charges=without(regime.charges, id_, hole))
            return replace(book, regimes={**book.regimes, importer: ended})
    charges = (charge.id for r in book.regimes.values() for charge in r.charges)
    raise unknown_rule(close.id, [*(rate.id for rate in book.rates), *charges])


def _add_charge(book: Rulebook, new: NewCharge) -> Rulebook:
    regime = book.regimes.get(new.importer)
    if regime is None:
        raise unknown_rule(new.importer, book.regimes)
    names = [charge.name for charge in regime.charges]
    if new.before is not None and new.before not in names:
        raise unknown_rule(new.before, names)
    at = len(names) if new.before is None else names.index(new.before)
    charges = (*regime.charges[:at], new.charge, *regime.charges[at:])
    check_bases(charges)
    return replace(book, regimes={**book.regimes, new.importer: replace(regime, charges=charges)})


_LINE = re.compile(r"([a-z]{3})\.([a-z0-9_]+)\.(\d{4,10})")


def check_known(book: Rulebook, reform: Reform) -> None:
    """Refuse a rate whose id nothing would ever look up: a misspelt one would change nothing.

    Known are the series of the rulebook, those that a charge asks for, and lines of a tariff such
    as ``usa.mfn.85287264``. ``book`` is the rulebook with the reform laid over it.

    Raises:
        InputError: ``landed.unknown_rule`` with the nearest that exists; also for a new charge of
            a rate that nobody sets.
    """
    mine = {rate.id for rate in reform.rates}
    written = {rate.id for rate in book.rates if rate.status != "user"}
    ids = [c.rate for r in book.regimes.values() for c in r.charges if c.rate is not None]
    patterns = [_pattern(id_) for id_ in ids]
    for id_ in sorted(mine):
        line = _LINE.fullmatch(id_)
        if (
            id_ in written
            or any(pattern.fullmatch(id_) for pattern in patterns)
            or (line is not None and line[1].upper() in book.regimes)
        ):
            continue
        raise unknown_rule(id_, [*written, *ids])
    _check_charges(reform, {*written, *mine})


def _check_charges(reform: Reform, ids: Collection[str]) -> None:
    """Refuse a new charge of a rate that nobody sets: its importer would have no landed cost."""
    for rate in filter(None, (new.charge.rate for new in reform.charges)):
        if not any(map(_pattern(rate).fullmatch, ids)):
            raise unknown_rule(rate, ids)


def _pattern(id_: str) -> re.Pattern[str]:
    """What a rate of any countries is called, such as ``{destination}.vat``."""
    return re.compile(re.sub(r"\\{\w+\\}", "[a-z]{3}", re.escape(id_)))


def apply_reform(book: Rulebook, reform: Reform) -> Rulebook:
    """The rulebook under a reform. One that changes nothing changes nothing.

    Raises:
        InputError: ``landed.unknown_rule`` where it closes or extends what is not there.
        RuleError: two rules would hold on one day.
    """
    for close in reform.closes:
        if not close.id.startswith((SETTLEMENT, REFUND)):
            book = _close_rule(book, close)
    for rate in reform.rates:
        book = replace(book, rates=overlaid(book.rates, rate))
    for new in reform.charges:
        book = _add_charge(book, new)
    book.check()
    return replace(book, reforms=(*book.reforms, reform.name))


class NameKeys(FileTable):
    """``[reform]``: its name, and for a study how much less sells where the landed cost rises."""

    name: Text
    name_zh: str | None = None
    elasticity: (
        Annotated[Decimal, BeforeValidator(lambda raw: exact(str(raw).strip())), Field(ge=0, le=20)]
        | None
    ) = None


class ReformRateKeys(RateKeys):
    """``[[rate]]``: as in a regime file; source and status may be left out."""

    # A bare number reads as its text: 0.09 is what "0.09" is.
    value: Annotated[str, BeforeValidator(lambda raw: str(raw))]
    source: str = "reform"


class ReformChargeKeys(ChargeKeys):
    """``[[charge]]``: as in a regime file, with the importer and the place."""

    importer: Annotated[str, Field(min_length=3)]
    before: str | None = None
    source: str = "reform"


class Changes(FileTable):
    """The tables of a reform."""

    rate: list[ReformRateKeys] = []
    close: tuple[Close, ...] = ()
    charge: list[ReformChargeKeys] = []
    framework: tuple[NewFramework, ...] = ()
    exchange: tuple[Exchange, ...] = ()


class ReformFile(Changes):
    """A whole reform file."""

    reform: NameKeys
    case: tuple[ValueCase, ...] = ()


class StudyReform(NameKeys, Changes):
    """``[reform]`` of a study: the same tables inside it, such as ``[[reform.rate]]``."""


def reform_of(about: NameKeys, changes: Changes, where: Where) -> Reform:
    """The reform of its keys. Its rules have the status ``user``.

    Raises:
        InputError: a value that cannot be.
        RuleError: ``landed.two_rules``: two values for one day.
    """
    place = KeyPlace("", where)
    others = [keys for keys in changes.rate if keys.id.startswith((SETTLEMENT, REFUND))]
    ours = [keys for keys in changes.rate if keys not in others]
    rates = tuple(replace(rate, status="user") for keys in ours for rate in rates_of(keys, place))
    settings = tuple(RateSetting(keys.id, keys.value, keys.when, where) for keys in others)
    check_single(rates)
    check_single(settings)
    return Reform(
        about.name,
        rates,
        changes.close,
        tuple(
            NewCharge(
                keys.importer,
                replace(charge_of(keys, KeyPlace(keys.importer, where)), status="user"),
                keys.before,
            )
            for keys in changes.charge
        ),
        settings,
        changes.framework,
        changes.exchange,
        about.elasticity,
        about.name_zh,
    )


def read_reform(path: Path) -> Reform:
    """The reform in a TOML file, checked.

    Raises:
        InputError: a key or a value that cannot be.
    """
    file = read_checked(path, ReformFile)
    cases = tuple(replace(case, where=Where(path)) for case in file.case)
    return replace(reform_of(file.reform, file, Where(path)), cases=cases)


def is_reform(path: Path) -> bool:
    """Whether a rule file has single values: ``[reform]``, and not ``[regime]``."""
    try:
        return "reform" in parse_toml(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False  # the reader of regimes says what is wrong with it
