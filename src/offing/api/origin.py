"""Does a product originate, so that its importer may claim a preference, and what is that worth?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from offing.api import typed
from offing.api.asking import Answer, Asked, Country, Words, question
from offing.rules.origin import (
    RCEP,
    SHIFTS,
    Material,
    RegionalValue,
    TariffShift,
    preference_gain,
    regional_value,
    tariff_shift,
)
from offing.terms.caution import Caution
from offing.terms.countries import country_code
from offing.terms.errors import InputError
from offing.terms.hs import codes_of_other_years, digits_of
from offing.terms.messages import join_list, suggest
from offing.terms.money import Money

AGREEMENTS = {"rcep": RCEP}
"""Agreements whose parties' materials count together."""
USUAL = "RVC40"
"""RCEP annex 3A has it for most products, often beside a change of heading."""

_MATERIAL = re.compile(
    r"(?P<origin>[^=]*)=(?P<value>[^@]*?)\s*(?:@\s*(?P<code>[\d.]+))?\s*(?:/\s*(?P<kg>[\d.]+)\s*kg)?"
)


@dataclass(frozen=True)
class OriginRequest:
    """Does a product meet a rule of origin (原产地规则)?

    Attributes:
        material: all that goes in: ``"IND=2.00"``, with its tariff code ``"IND=2.00@740811"`` and
            weight ``"IND=2.00@520811/0.3kg"`` where the rule asks for them, in the price's
            currency; an origin of ``?`` is not known and does not count.
        rule: ``RVC40`` (least regional value, per cent), ``CC``, ``CTH``, ``CTSH`` (change of
            chapter, heading, subheading); of several one is enough.
        value, mfn, preferential, compliance: customs value of a shipment, the two duties, and what
            proof, records and checks cost, for what the preference is then worth.
    """

    price: Annotated[typed.Amount, Asked("origin.help_price")]
    material: Annotated[Sequence[str | Material] | str | None, Asked("origin.help_material")] = None
    rule: Annotated[Words, Asked("origin.help_rule")] = None
    code: Annotated[str | None, Asked("origin.help_code")] = None
    exporter: Annotated[Country, Asked("origin.help_exporter")] = "CHN"
    cumulate: Annotated[Words, Asked("origin.help_cumulate")] = None
    other: Annotated[typed.Amount, Asked("origin.help_other")] = None
    kg: Annotated[typed.Number, Asked("origin.help_kg")] = None
    value: Annotated[typed.Amount, Asked("origin.help_value")] = None
    mfn: Annotated[typed.Share | None, Asked("origin.help_mfn")] = None
    preferential: Annotated[typed.Share, Asked("origin.help_preferential")] = "0%"
    compliance: Annotated[typed.Amount, Asked("origin.help_compliance")] = None


@dataclass(frozen=True)
class OriginTest:
    """One rule and whether the product meets it, by value or by a change of code."""

    rule: str
    qualifies: bool
    regional: RegionalValue | None = None
    shift: TariffShift | None = None


@dataclass(frozen=True)
class OriginAnswer(Answer):
    """Whether a product originates.

    Attributes:
        fob: price of the product.
        parties: countries whose materials count.
        tests: each rule; one that holds is enough.
        saving: duty that the preference takes off the shipment; ``None`` where not asked for.
        gain: what is left of it after the cost of compliance; nothing where it does not pay.
    """

    fob: Money
    parties: tuple[str, ...]
    tests: tuple[OriginTest, ...]
    saving: Money | None
    gain: Money | None

    @property
    def qualifies(self) -> bool:
        """Whether one rule is met."""
        return any(test.qualifies for test in self.tests)

    def data(self) -> dict[str, Any]:
        """The tests with their shares, and the verdict."""
        return {"qualifies": self.qualifies, **super().data()}


@question(OriginRequest)
def origin(request: OriginRequest) -> OriginAnswer:
    """Test rules of origin: regional value content, change of tariff code, tolerance (RCEP ch. 3).

    Raises:
        InputError: a material, rule, code or amount that cannot be.

    >>> answer = origin("5.60 USD", ["CHN=1.20", "THA=1.50", "IND=2.00"], cumulate="rcep")
    >>> answer.qualifies, round(answer.tests[0].regional.build_down, 4)
    (True, Decimal('0.6429'))
    """
    fob = typed.price(request.price, "CNY")
    assert fob is not None
    materials = [_material(one, fob.currency) for one in typed.as_list(request.material)]
    parties = _parties(request)
    if not materials:
        raise InputError("origin.no_materials")
    named = typed.as_list(request.rule) or [USUAL]
    rules = [rule.strip().upper().replace(" ", "") for rule in named]
    tests = tuple(_test(rule, request, fob, materials, parties) for rule in rules)
    saving, gain = _worth(request, fob.currency)
    cautions = tuple(_cautions(request, fob, materials))
    return OriginAnswer(fob, parties, tests, saving, gain, cautions=cautions)


def _material(text: str | Material, currency: str) -> Material:
    if isinstance(text, Material):
        return text
    parts = _MATERIAL.fullmatch(text.strip())
    if parts is None or not parts["value"]:
        raise InputError("origin.bad_material", text=text)
    named = parts["origin"].strip()
    place = None if named in ("", "?", "？") else country_code(named)
    weight = None if parts["kg"] is None else typed.number(parts["kg"])
    value = typed.money_in(currency, parts["value"], "material")
    return Material(place, value, parts["code"] or "", weight)


def _parties(request: OriginRequest) -> tuple[str, ...]:
    """The exporter, and whose materials count with its own."""
    found = [request.exporter]
    for text in typed.as_list(request.cumulate):
        agreement = AGREEMENTS.get(text.strip().casefold())
        if agreement is not None and found[0] not in agreement:
            raise InputError("origin.not_a_party", country=found[0], agreement=text.upper())
        found += agreement or [country_code(text)]
    return tuple(dict.fromkeys(found))


def _test(
    rule: str,
    request: OriginRequest,
    fob: Money,
    materials: Sequence[Material],
    parties: tuple[str, ...],
) -> OriginTest:
    if rule in SHIFTS:
        if request.code is None:
            raise InputError("origin.which_code", rule=rule)
        weight = typed.number(request.kg)
        shift = tariff_shift(request.code, rule, fob.amount, materials, parties=parties, kg=weight)
        return OriginTest(rule, shift.qualifies, shift=shift)
    least = re.fullmatch(r"RVC(\d{1,2})%?", rule)
    if least is None:
        known = (USUAL, *SHIFTS)
        near = suggest(rule, known)
        raise InputError("landed.bad_choice", text=rule, option="--rule", known=join_list(known),
                         near=near)  # fmt: skip
    other = typed.money_in(fob.currency, request.other, "other")
    value = regional_value(
        fob.amount, materials, other_originating=other, parties=parties,
        threshold=Decimal(least[1]) / 100,
    )  # fmt: skip
    return OriginTest(rule, value.qualifies, regional=value)


def _worth(request: OriginRequest, currency: str) -> tuple[Money | None, Money | None]:
    """What the preference saves in duty, and what is left after the cost of claiming it."""
    if request.value is None and request.mfn is None:
        return None, None
    value = typed.money(request.value, currency)
    if value is None or request.mfn is None:
        raise InputError("origin.half_worth")
    cost = typed.money_in(value.currency, request.compliance, "compliance")
    general = typed.share(request.mfn, "--mfn")
    claimed = typed.share(request.preferential, "--preferential")
    worth = (preference_gain(value.amount, general, claimed, part) for part in (Decimal(0), cost))
    if claimed > general:
        raise InputError("origin.no_preference", mfn=request.mfn, preferential=request.preferential)
    saving, gain = (Money(amount, value.currency) for amount in worth)
    return saving, gain


def _cautions(
    request: OriginRequest, fob: Money, materials: Sequence[Material]
) -> Iterator[Caution]:
    """What is assumed or looks wrong."""
    if not request.rule:
        yield Caution("origin.usual_rule", {"rule": USUAL})
    if unknown := sum(material.origin is None for material in materials):
        yield Caution("origin.unknown_origin", {"count": unknown})
    codes = filter(None, (request.code, *(material.code for material in materials)))
    yield from codes_of_other_years(map(digits_of, codes), date.today().year)  # noqa: DTZ011
    total = sum((m.value for m in materials), typed.money_in(fob.currency, request.other, "other"))
    if total > fob.amount:
        both = {"total": str(Money(total, fob.currency)), "price": str(fob)}
        yield Caution("origin.above_price", both)
