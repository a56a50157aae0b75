"""Charges that an importer's case names besides the rules: defence duties, excises, its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from offing.cases import duty as duties
from offing.cases.duty import Measure, bounded, share_or_sum
from offing.cases.inputs import Inputs
from offing.rules.duty import AdValorem, Duty, MinimumPrice
from offing.rules.reform import NewCharge
from offing.rules.rulebook import DUTIES, Charge, Rate, Regime, Stage
from offing.terms.errors import Where
from offing.terms.interval import Interval

DEFENCE = ("anti_dumping", "countervailing", "safeguard", "surtax")
"""Duties on the customs value that any importer's case may name."""

MIP = "minimum_import_price"

EXCISES = ("excise",)

OWN_BASES: dict[str, tuple[Stage, tuple[str, ...]]] = {
    "value": ("duty", ("customs_value",)),
    "value_beside": ("tax", ("customs_value",)),
    "goods": ("duty", ("goods",)),
    "goods_beside": ("tax", ("goods",)),
    "duty": ("duty", ("duty",)),
    "duty_beside": ("tax", ("duty",)),
    "paid": ("duty", ("customs_value", DUTIES)),
    "paid_beside": ("tax", ("customs_value", DUTIES)),
}
"""What a charge of a case's own name may be of; those beside are in no tax base."""


def further_taxes(regime: Regime) -> dict[str, tuple[Stage, tuple[str, ...]]]:
    """Duties, excises and taxes that a case may name besides the regime's charges."""
    words = regime.words
    own = [name for name in EXCISES if name not in words.names]  # not the charge of a regime
    return {
        **dict.fromkeys(DEFENCE, ("duty", ("customs_value",))),
        **{name: ("duty", base) for name, base in words.duties.items()},
        **dict.fromkeys(own, ("duty", ("customs_value", "duties"))),
        **{name: ("duty", base) for name, base in words.excises.items()},
        "processing_charge": ("tax", ()),
        **{name: ("tax", base) for name, base in words.more.items()},
    }


def rate_of_case(id_: str, duty: Duty) -> Rate:
    """A rate of the case's own."""
    return Rate(
        id=id_, duty=duty, when=Interval(), keyed_by="entry_date", source="case", status="user",
        where=Where("case"),
    )  # fmt: skip


@dataclass(frozen=True)
class OwnCharges:
    """What one case charges besides its importer's rules."""

    inputs: Inputs
    regime: Regime
    measure: Measure

    def all(self) -> Iterator[tuple[NewCharge, Rate]]:
        """Charges that the case names besides the regime's: duties before the taxes, and taxes."""
        inputs, measure = self.inputs, self.measure
        last = []
        for name, value in inputs.free("additional_rates").items():
            duty, of = duties.free_duty(inputs, name, value, measure), self._base_of_own(name)
            charge = self.charge(name, duty, *of, room="own")
            if of == self._excises:
                last.append(charge)
            else:
                yield charge
        if inputs.has(MIP):
            price = MinimumPrice(measure.specific(MIP, inputs))
            yield self.charge(MIP, price, "duty", ("customs_value",))
        for name, (stage, base) in further_taxes(self.regime).items():
            if tax := self._further(name, base):
                parts = [self._part(name, part) for part in base]
                yield from (helper for _, helper in parts if helper)
                yield self.charge(name, tax, stage, tuple(part for part, _ in parts if part))
        yield from last

    @property
    def _last_tax(self) -> Charge | None:
        """The tax that rests on all before it: value-added tax, or the like."""
        taxes = (c for c in reversed(self.regime.charges) if c.stage == "tax" and DUTIES in c.base)
        return next(taxes, None)

    @property
    def _taxed(self) -> tuple[str, ...]:
        """Its base, where more is in it than the value and the duties."""
        base = self._last_tax.base if self._last_tax else ()
        return base if {*base} - {"customs_value", DUTIES} else ()

    @property
    def _excises(self) -> tuple[Stage, tuple[str, ...]]:
        """The base of a charge on the excises of the case."""
        words = (*EXCISES, *self.regime.words.excises)
        return "duty", tuple(f"case.{name}" for name in words if self.inputs.has(name))

    def _base_of_own(self, name: str) -> tuple[Stage, tuple[str, ...]]:
        """What a charge of a free name is of: the customs value, or what the figures prove."""
        if name not in self.inputs.expected:
            return OWN_BASES["value"]
        bases = OWN_BASES | ({"excise": self._excises} if self._excises[1] else {})
        bases |= {"taxed": ("duty", self._taxed)} if self._taxed else {}
        return bases[self.inputs.way(f"base_of_{name}", *bases)]

    def _further(self, name: str, base: tuple[str, ...]) -> Duty | None:
        """A further tax: of its base, or of a value of its own that the case gives.

        Raises:
            InputError: ``check.bad_input`` for a share where there is nothing to take it of.
        """
        own = f"{name}_value"
        if own in self.inputs.vocabulary.words and self.inputs.has(own):
            value = self.inputs.money(own)
            return self.measure.sum(self.inputs.money(name, of=value))
        if not base and self.inputs.is_share(name):
            item = self.inputs.needed(name)
            raise self.inputs.bad(item.name, item.value)
        duty = self._inside(name, share_or_sum(self.inputs, name, self.measure))
        limits = (f"{name}_min", f"{name}_max")
        if duty is None or limits[0] not in self.inputs.vocabulary.words:
            return duty
        return bounded(duty, self.inputs, limits, self.measure)

    def _inside(self, name: str, duty: Duty | None) -> Duty | None:
        """An excise: of the duty-paid value, or, as the figures prove, inside its own base.

        With it is the tax that rests on it, such as Thailand's interior tax: r / (1 - r (1 + t)).
        """
        excises = self.regime.words.excises
        rests = excises.get(name, ("duties",))
        if name not in (*EXCISES, *excises) or not {"duties", DUTIES} & {*rests}:
            return duty
        if not isinstance(duty, AdValorem) or not 0 < duty.rate < 1:
            return duty
        if self.inputs.way(f"inside_{name}", "plain", "own") == "plain":
            return duty
        on_it = [one for one, base in excises.items() if base == (name,) and self.inputs.has(one)]
        taxes = (share_or_sum(self.inputs, one, self.measure) for one in on_it)
        more = sum((tax.rate for tax in taxes if isinstance(tax, AdValorem)), Decimal(1))
        rest = 1 - duty.rate * more
        return AdValorem(round(duty.rate / rest, 15)) if rest > 0 else duty

    def _part(self, name: str, part: str) -> tuple[str, tuple[NewCharge, Rate] | None]:
        """A part of a base as the charges call it, with the charge that is a share of a part."""
        share, _, of = part.rpartition(" ")
        if of in further_taxes(self.regime):
            of = f"case.{of}" if self.inputs.has(of) else ""
        if not share:
            return of, None
        own = f"{name}_{of}"
        return f"case.{own}", self.charge(own, AdValorem(Decimal(share)), "value", (of,))

    def charge(
        self, name: str, duty: Duty, stage: Stage, base: tuple[str, ...], room: str = "case"
    ) -> tuple[NewCharge, Rate]:
        """A charge of the case's own, with its rate: what is no tax is before what rests on it."""
        later = (c.name for c in self.regime.charges if c.stage == "tax" or DUTIES in c.base)
        before = None if stage == "tax" else next(later, None)
        if (
            room == "own" and self._last_tax and base == self._taxed
        ):  # on a charge of a tax's stage too
            before = self._last_tax.name
        charge = Charge.plain(f"{room}.{name}", stage, base)
        return NewCharge(self.regime.importer, charge, before), rate_of_case(charge.name, duty)
