"""What-ifs: a reform lays other rules over the rulebook, and nothing else changes.

A reform file has ``[reform]`` and any of ``[[rate]]`` (a value from ``since`` to ``until``, in
place of what holds then), ``[[close]]`` (a rate or a charge ends on a day) and ``[[charge]]`` (a
new charge of an importer, before a named one). The same overlay serves quotes, studies and policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from offing.costing.regime_file import (
    ChargeKeys,
    RateKeys,
    charge_of,
    check_bases,
    rate_of,
    read_checked,
)
from offing.costing.rulebook import Charge, Rate, Rulebook
from offing.terms.errors import InputError, Where
from offing.terms.interval import Interval
from offing.terms.nearest import nearest


@dataclass(frozen=True)
class NewCharge:
    """A charge that a reform adds to an importer, before the charge named (or last)."""

    importer: str
    charge: Charge
    before: str | None = None


@dataclass(frozen=True)
class Close:
    """A rate or charge that ends: it holds no more from ``until`` on."""

    id: str
    until: date


@dataclass(frozen=True)
class Reform:
    """Changes to the rulebook.

    Attributes:
        name: for the trace.
        rates: each holds in its own interval instead of what held there.
        closes: rules that end.
        charges: new ones.
    """

    name: str
    rates: tuple[Rate, ...] = ()
    closes: tuple[Close, ...] = ()
    charges: tuple[NewCharge, ...] = ()


def _cut(when: Interval, hole: Interval) -> list[Interval]:
    """What is left of an interval outside another one."""
    if not when.meets(hole):
        return [when]
    left: list[Interval] = []
    if hole.since is not None and (when.since is None or when.since < hole.since):
        left.append(Interval(when.since, hole.since))
    if hole.until is not None and (when.until is None or hole.until < when.until):
        left.append(Interval(hole.until, when.until))
    return left


def _cut_rates(rates: Sequence[Rate], id_: str, hole: Interval) -> tuple[Rate, ...]:
    kept: list[Rate] = []
    for rate in rates:
        if rate.id != id_:
            kept.append(rate)
        else:
            kept.extend(replace(rate, when=when) for when in _cut(rate.when, hole))
    return tuple(kept)


def _closed(book: Rulebook, close: Close) -> Rulebook:
    hole = Interval(close.until, None)
    if book.series(close.id):
        return replace(book, rates=_cut_rates(book.rates, close.id, hole))
    importer, _, name = close.id.upper().partition(".")
    regime = book.regimes.get(importer)
    name = name.lower()
    if regime is None or name not in {charge.name for charge in regime.charges}:
        known = [rate.id for rate in book.rates] + [
            f"{key.lower()}.{charge.name}"
            for key, r in book.regimes.items()
            for charge in r.charges
        ]
        raise InputError("costing.unknown_rule", id=close.id, near=nearest(close.id, known) or "—")
    charges = tuple(
        replace(charge, when=when)
        for charge in regime.charges
        for when in (_cut(charge.when, hole) if charge.name == name else [charge.when])
    )
    return replace(book, regimes={**book.regimes, importer: replace(regime, charges=charges)})


def _with_charge(book: Rulebook, new: NewCharge) -> Rulebook:
    regime = book.regimes.get(new.importer)
    if regime is None:
        near = nearest(new.importer, book.regimes) or "—"
        raise InputError("costing.unknown_rule", id=new.importer, near=near)
    names = [charge.name for charge in regime.charges]
    if new.before is not None and new.before not in names:
        near = nearest(new.before, names) or "—"
        raise InputError("costing.unknown_rule", id=new.before, near=near)
    at = len(names) if new.before is None else names.index(new.before)
    charges = (*regime.charges[:at], new.charge, *regime.charges[at:])
    check_bases(charges)
    return replace(book, regimes={**book.regimes, new.importer: replace(regime, charges=charges)})


def with_overlay(book: Rulebook, reform: Reform) -> Rulebook:
    """The rulebook under a reform. One that changes nothing changes nothing.

    Raises:
        InputError: ``costing.unknown_rule`` where it closes or extends what is not there.
        RuleError: two rules would hold on one day.
    """
    for close in reform.closes:
        book = _closed(book, close)
    for rate in reform.rates:
        kept = _cut_rates(book.rates, rate.id, rate.when)
        book = replace(book, rates=(*kept, rate))
    for new in reform.charges:
        book = _with_charge(book, new)
    book.check()
    return replace(book, reforms=(*book.reforms, reform.name))


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class NameKeys(_Keys):
    """``[reform]``."""

    name: Annotated[str, Field(min_length=1)]


class CloseKeys(_Keys):
    """``[[close]]``."""

    id: Annotated[str, Field(min_length=1)]
    until: date


class ReformRateKeys(RateKeys):
    """``[[rate]]``: as in a regime file; source and status may be left out."""

    source: str = "reform"


class ReformChargeKeys(ChargeKeys):
    """``[[charge]]``: as in a regime file, with the importer and the place."""

    importer: Annotated[str, Field(min_length=3)]
    before: str | None = None
    source: str = "reform"


class ReformFile(_Keys):
    """A whole reform file."""

    reform: NameKeys
    rate: list[ReformRateKeys] = []
    close: list[CloseKeys] = []
    charge: list[ReformChargeKeys] = []


TABLES: dict[str, type[BaseModel]] = {
    "reform": NameKeys,
    "rate": ReformRateKeys,
    "close": CloseKeys,
    "charge": ReformChargeKeys,
}


def read_reform(path: Path) -> Reform:
    """The reform in a TOML file, checked. Its rules have the status ``user``.

    Raises:
        InputError: a key or a value that cannot be.
    """
    file = read_checked(path, ReformFile, TABLES)
    where = Where(path)
    return Reform(
        file.reform.name,
        tuple(replace(rate_of(keys, where), status="user") for keys in file.rate),
        tuple(Close(keys.id, keys.until) for keys in file.close),
        tuple(
            NewCharge(keys.importer, replace(charge_of(keys, where), status="user"), keys.before)
            for keys in file.charge
        ),
    )
