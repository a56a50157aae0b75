"""Rules of origin: by value, by a change of tariff code, and what a preference is then worth.

Agreements that China has with importers, by name and first day (优惠贸易协定).

The facts are in ``agreements.toml``. What an agreement saves is not among them: it is in the
importer's tariff, or typed by the user.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from offing.rules.remedies import ORIGIN
from offing.rules.rule_use import DatedRule, record_of_row
from offing.terms.errors import InputError, Where, must_be_within, unknown_name
from offing.terms.interval import holding
from offing.terms.messages import Language

RCEP = (
    "AUS", "BRN", "CHN", "IDN", "JPN", "KHM", "KOR", "LAO",
    "MMR", "MYS", "NZL", "PHL", "SGP", "THA", "VNM",
)  # fmt: skip
"""The fifteen parties whose materials count together."""

RCEP_THRESHOLD = Decimal("0.40")
"""RCEP, chapter 3, art. 3.5 and annex 3A: the usual least regional value content."""


@dataclass(frozen=True)
class Material:
    """A material in the product.

    Attributes:
        origin: alpha-3, ``None`` where unknown: then it is not originating.
        value: in the currency of the product's price.
        code: its tariff code, for rules by a change of code.
        kg: its weight in the product, for textiles.
    """

    origin: str | None
    value: Decimal
    code: str = ""
    kg: Decimal | None = None


@dataclass(frozen=True)
class RegionalValue:
    """The regional value content of a product, as shares of its FOB price.

    Attributes:
        build_down: ``(FOB - non-originating materials) / FOB``.
        build_up: ``(originating materials + other originating costs) / FOB``; labour, overhead,
            profit and the like.
        qualifies: whether one of the two reaches the threshold; an exporter may choose.
    """

    build_down: Decimal
    build_up: Decimal
    qualifies: bool


def regional_value(
    fob: Decimal,
    materials: Iterable[Material],
    *,
    other_originating: Decimal = Decimal(0),
    parties: Iterable[str] = ("CHN",),
    threshold: Decimal = RCEP_THRESHOLD,
) -> RegionalValue:
    """Regional value content by both formulas (RCEP, art. 3.5).

    Args:
        fob: FOB price of the product.
        materials: all that went in, in the same currency.
        other_originating: labour, overhead, profit and other originating costs.
        parties: whose materials count: the exporter alone, or all where the agreement cumulates.
        threshold: least share.

    Raises:
        InputError: ``errors.out_of_range`` for a FOB price that is not above zero.

    >>> parts = [Material("CHN", Decimal("1.2")), Material("THA", Decimal("1.5")),
    ...          Material("IND", Decimal("2.0"))]
    >>> regional_value(Decimal("5.6"), parts, parties=RCEP).build_down.quantize(Decimal("0.0001"))
    Decimal('0.6429')
    """
    must_be_within("FOB", fob, gt=0)
    inside = frozenset(parties)
    originating = outside = Decimal(0)
    for material in materials:
        if material.origin in inside:
            originating += material.value
        else:
            outside += material.value
    down = (fob - outside) / fob
    up = (originating + other_originating) / fob
    return RegionalValue(down, up, max(down, up) >= threshold)


SHIFTS: dict[str, int] = {"CC": 2, "CTH": 4, "CTSH": 6}
"""A change of chapter, of heading, of subheading: the digits that must differ."""

DE_MINIMIS = Decimal("0.10")
"""RCEP, art. 3.7: of the FOB value, or for chapters 50 to 63 of the weight."""


@dataclass(frozen=True)
class TariffShift:
    """Whether the materials change their tariff code as the rule asks.

    Attributes:
        unshifted: non-originating materials that do not, in the order given.
        value_share: their value over the FOB price.
        weight_share: their weight over the product's, for textiles; ``None`` where not known.
        qualifies: whether all do, or what does not is within the tolerance.
    """

    unshifted: tuple[Material, ...]
    value_share: Decimal
    weight_share: Decimal | None
    qualifies: bool


def tariff_shift(
    code: str,
    rule: str,
    fob: Decimal,
    materials: Iterable[Material],
    *,
    parties: Iterable[str] = ("CHN",),
    kg: Decimal | None = None,
    tolerance: Decimal = DE_MINIMIS,
) -> TariffShift:
    """Change in tariff classification (RCEP, annex 3A, headnote 3, and art. 3.7).

    Args:
        code: of the product, six digits or more.
        rule: ``CC``, ``CTH`` or ``CTSH``.
        fob: price of the product.
        materials: all that went in, with their codes.
        parties: whose materials need not change: they are originating.
        kg: weight of the product; chapters 50 to 63 may use the tolerance by weight instead.
        tolerance: of what need not change.

    Raises:
        InputError: ``landed.bad_choice`` for another rule, ``landed.bad_code`` for a code that is
            shorter than the rule asks, ``errors.out_of_range``.

    >>> wire = Material("IND", Decimal(40), "740811")
    >>> tariff_shift("741980", "CTH", Decimal(100), [wire]).qualifies
    True
    """
    rule = rule.strip().upper()
    if rule not in SHIFTS:
        raise unknown_name(rule, SHIFTS)
    must_be_within("FOB", fob, gt=0)
    digits, inside = SHIFTS[rule], frozenset(parties)
    product = _digits(code, digits)
    unshifted = tuple(
        material
        for material in materials
        if material.origin not in inside and _digits(material.code, digits) == product
    )
    value = sum((material.value for material in unshifted), Decimal(0)) / fob
    weight = None
    if kg and "50" <= product[:2] <= "63" and all(m.kg is not None for m in unshifted):
        weight = sum((m.kg for m in unshifted if m.kg is not None), Decimal(0)) / kg
    within = value <= tolerance or (weight is not None and weight <= tolerance)
    return TariffShift(unshifted, value, weight, within)


def _digits(code: str, count: int) -> str:
    plain = code.replace(".", "").replace(" ", "")
    if not plain.isdecimal() or len(plain) < count:
        raise InputError("landed.bad_code", code=code)
    return plain[:count]


def preference_gain(
    customs_value: Decimal, mfn: Decimal, preferential: Decimal, cost: Decimal
) -> Decimal:
    """What a preference is worth after its cost of compliance; nothing where it does not pay.

    Args:
        customs_value: of the shipment.
        mfn: the duty without it, as a share.
        preferential: the duty with it.
        cost: certificates, records, checks, for the shipment.

    >>> preference_gain(Decimal(10000), Decimal("0.05"), Decimal(0), Decimal(120))
    Decimal('380.00')
    """
    return max(Decimal(0), customs_value * (mfn - preferential) - cost)


FILE = Path(__file__).with_name("agreements.toml")


@dataclass(frozen=True, kw_only=True)
class Agreement(DatedRule):
    """An agreement of China with importers for which it began on one day.

    Attributes:
        name: by language.
        importers: alpha-3.
    """

    name: Mapping[str, str]
    importers: tuple[str, ...]

    def named(self, lang: Language) -> str:
        """Its name with the first day."""
        return f"{self.name[lang]} ({self.when.since})"


@cache
def every_agreement() -> tuple[Agreement, ...]:
    """All rows of the file."""
    return tuple(
        record_of_row(
            Agreement,
            row,
            id=f"agreement.{row['name']['en']}",
            importers=tuple(row["importers"]),
            where=Where(FILE),
        )
        for row in tomllib.loads(FILE.read_text(encoding="utf-8"))["agreement"]
    )


def agreements_of(importer: str, origin: str, on: date) -> tuple[Agreement, ...]:
    """The agreements under which an importer may take less duty on goods of an origin.

    >>> [agreement.named("en") for agreement in agreements_of("CHL", "CHN", date(2024, 3, 1))]
    ['the China–Chile Free Trade Agreement (2006-10-01)']
    >>> agreements_of("KOR", "VNM", date(2024, 3, 1))
    ()
    """
    if origin != ORIGIN:
        return ()
    return tuple(row for row in holding(every_agreement(), on) if importer in row.importers)
