"""Trade defence (贸易救济): anti-dumping, countervailing and safeguard duties on goods of China.

The measures are facts in ``trade_defence/*.csv``, one file for each importer; a measure that was
renewed at another rate has a row for each period, from its first act on, and one of no known rate
where that of a period was not found. Those that were read (official or secondary), with a first
day, a plain residual rate and the whole of a code, are charged at that rate; a maker with one of
its own gives it. All others are warned of: the product definition of the act decides, not the code.
Many rows are from memory, which each one says; no list is whole.

A duty that is due beyond a tariff quota only (``safeguard_quota``) is never charged unasked, since
nobody knows here whether the quota is used up: what it would come to is said.
"""

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from offing.rules.rule_use import days_of_row, record_of_row
from offing.terms.countries import EURASIAN
from offing.terms.interval import Interval

FOLDER = Path(__file__).parent / "trade_defence"
ORIGIN = "CHN"
LEFT = date(2021, 1, 1)
"""The first day of the United Kingdom's own measures; before, those of the Union were its own."""
REVIEWED = timedelta(days=730)
"""How long after its known end a measure is still warned of: a review may have prolonged it."""

BEYOND_QUOTA = "safeguard_quota"
Kind = Literal[
    "ad", "cvd", "ad_cvd", "ad_provisional", "safeguard", "safeguard_quota", "investigation"
]
Base = Literal["cif", "customs value", "export price", ""]
Status = Literal["official", "secondary", "recalled"]


@dataclass(frozen=True)
class Remedy:
    """A measure on one product.

    Attributes:
        country: the importer, alpha-3, ``EUR`` or ``EAEU``.
        product, product_zh: the goods in short; the act has their definition.
        codes: (prefix of the importer's tariff code, whether only a part of it is meant).
        kind: anti-dumping, countervailing, both, safeguard, one that is due beyond a quota only,
            or an open investigation, which always has its first day.
        residual: the rate of all firms without one of their own, ``62.1%`` or ``5.45 USD/m2``;
            empty where it is not known.
        base: what a percentage is of.
        range: of the rates of single firms.
        when: while it holds; a side is open where the day is not known, and then it is shown as
            not known.
        ended: whether the end is known for sure, so that no review can have prolonged it.
        document, source: the act, and where it was read.
        status: how the row is known; ``recalled`` is from memory.
        still_valid_on: the last day on which the document was looked at; ``None`` where it was not.
    """

    country: str
    product: str
    product_zh: str
    codes: tuple[tuple[str, bool], ...]
    kind: Kind
    residual: str
    base: Base
    range: str
    when: Interval
    ended: bool
    document: str
    source: str
    status: Status
    still_valid_on: date | None = None

    @property
    def rate(self) -> str:
        """The residual rate with the range of the firms' own; empty where neither is known."""
        if not self.residual or self.range in ("", self.residual):
            return self.residual or self.range
        return f"{self.residual} ({self.range})"

    @property
    def share(self) -> Decimal | None:
        """The residual rate as a share of ``base``; ``None`` where it is no plain one."""
        plain = self.base and self.residual.endswith("%")
        return Decimal(self.residual[:-1]) / 100 if plain else None

    def about(self, code: str) -> bool:
        """Whether a code may be of these goods: it is under a code of the act, or above one."""
        return code.startswith(self._codes) or f" {code}" in self._code_text

    @cached_property
    def _codes(self) -> tuple[str, ...]:
        return tuple(code for code, _ in self.codes)

    @cached_property
    def _code_text(self) -> str:
        """All codes after a space each: a search for many is quicker than a loop."""
        return "".join(f" {code}" for code in self._codes)

    def whole(self, code: str) -> bool:
        """Whether all goods of the code are named, as far as codes tell."""
        return any(code.startswith(_is_undivided(c)) for c, partly in self.codes if not partly)

    def has_lapsed(self, on: date) -> bool:
        """Whether its known end has passed."""
        return self.when.until is not None and self.when.until <= on


def _is_undivided(code: str) -> str:
    """The eight digits of the Nomenclature of ten that part it no further, and end in 00.

    >>> _is_undivided("8711601000"), _is_undivided("8711609010")
    ('87116010', '8711609010')
    """
    return code[:8] if len(code) == len("8711601000") and code.endswith("00") else code


def measures_of(importer: str) -> tuple[Remedy, ...] | None:
    """All measures of an importer that are known here; ``None`` where there is no table."""
    return _tables().get("EAEU" if importer in EURASIAN else importer)


def remedies(importer: str, origin: str, code: str, on: date) -> tuple[Remedy, ...]:
    """The measures that may hold for goods of a code on a day.

    One whose known end passed up to two years ago is among them, unless another on the same goods
    has taken its place: a review may have prolonged it.

    Args:
        importer: alpha-3, or ``EUR``.
        origin: of the goods; only China's are in the tables.
        code: HS or national code, digits alone.
        on: day of entry.

    >>> [measure.residual for measure in remedies("EUR", "CHN", "8711601000", date(2026, 3, 1))]
    ['62.1%', '17.2%']
    """
    if origin != ORIGIN:
        return ()
    named = [remedy for remedy in measures_of(importer) or () if remedy.about(code)]
    in_force = [remedy for remedy in named if remedy.when.holds(on)]
    followed = {(remedy.product, remedy.kind) for remedy in in_force}
    return tuple(
        remedy
        for remedy in named
        if remedy in in_force
        or (
            remedy.has_lapsed(on)
            and not remedy.ended
            and remedy.when.until is not None
            and on < remedy.when.until + REVIEWED
            and (remedy.product, remedy.kind) not in followed
        )
    )


CHARGES: Mapping[Kind, str] = {
    "ad": "anti_dumping", "cvd": "countervailing", "ad_cvd": "trade_defence",
    "ad_provisional": "anti_dumping", "safeguard": "safeguard", "safeguard_quota": "safeguard",
}  # fmt: skip
"""What a measure is called among the charges of an importer."""


def charged_remedies(
    importer: str, origin: str, code: str, on: date, given: Collection[str] = ()
) -> tuple[Remedy, ...]:
    """The measures that are charged on goods of a code: read, in force, for all of the code.

    One beyond a quota is charged where the user gives its rate.

    Args:
        importer: alpha-3, or ``EUR``.
        origin: of the goods.
        code: HS or national code, digits alone.
        on: day of entry.
        given: names of the charges whose rate the user gives.

    >>> spring = date(2026, 3, 1)
    >>> [measure.residual for measure in charged_remedies("EUR", "CHN", "8711601000", spring)]
    ['62.1%', '17.2%']
    >>> [measure.residual for measure in charged_remedies("EUR", "CHN", "87116010", spring)]
    ['62.1%', '17.2%']
    >>> charged_remedies("EUR", "CHN", "871160", date(2026, 3, 1))
    ()
    """
    return tuple(
        remedy
        for remedy in remedies(importer, origin, code, on)
        if remedy.kind in CHARGES
        and remedy.when.holds(on)
        and (
            CHARGES[remedy.kind] in given
            if remedy.kind == BEYOND_QUOTA
            else remedy.status != "recalled"
            and remedy.share is not None
            and remedy.when.since is not None
            and remedy.whole(code)
        )
    )


@cache
def _tables() -> Mapping[str, tuple[Remedy, ...]]:
    tables: dict[str, tuple[Remedy, ...]] = {}
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = tuple(map(_remedy, csv.DictReader(file)))
        tables[rows[0].country] = rows
    ours = (remedy for remedy in tables["EUR"] if (remedy.when.since or date.min) < LEFT)
    tables["GBR"] += tuple(map(_remedy_in_union, ours))
    return tables


def _remedy_in_union(remedy: Remedy) -> Remedy:
    """A measure of the Union as it held in the United Kingdom."""
    when = Interval(remedy.when.since, min(remedy.when.until or LEFT, LEFT))
    return replace(remedy, country="GBR", when=when, ended=True)


def _remedy(row: dict[str, str]) -> Remedy:
    codes = [code.strip() for code in row["codes"].split(";")]
    return record_of_row(
        Remedy,
        days_of_row(row),
        codes=tuple((code.removeprefix("ex "), code.startswith("ex ")) for code in codes),
        kind=row["remedy"],
        ended=row["outcome"] == "ended",
    )
