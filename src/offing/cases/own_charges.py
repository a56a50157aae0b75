"""Charges that an importer's case names besides the rules: defence duties, excises, its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from offing.cases import duty as duties
from offing.cases.duty import DutyBasis, bound_duty, share_or_sum
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
    measure: DutyBasis

    def all(self) -> Iterator[tuple[NewCharge, Rate]]:
        """Charges that the case names besides the regime's: duties before the taxes, and taxes."""
        inputs, measure = self.inputs, self.measure
        for name, value in inputs.free("additional_rates").items():
            duty = duties.free_duty(inputs, name, value, measure)
            yield self.charge(name, duty, "duty", ("customs_value",), room="own")
        if inputs.has(MIP):
            price = MinimumPrice(measure.specific(MIP, inputs))
            yield self.charge(MIP, price, "duty", ("customs_value",))
        for name, (stage, base) in further_taxes(self.regime).items():
            if tax := self._further(name, base):
                parts = [self._part(name, part) for part in base]
                yield from (helper for _, helper in parts if helper)
                yield self.charge(name, tax, stage, tuple(part for part, _ in parts if part))

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
        duty = share_or_sum(self.inputs, name, self.measure)
        limits = (f"{name}_min", f"{name}_max")
        if duty is None or limits[0] not in self.inputs.vocabulary.words:
            return duty
        return bound_duty(duty, self.inputs, limits, self.measure)

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
        charge = Charge.plain(f"{room}.{name}", stage, base)
        return NewCharge(self.regime.importer, charge, before), rate_of_case(charge.name, duty)
