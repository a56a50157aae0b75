"""What arrives at an importer's border, and what a case charges there besides the rules."""

from collections.abc import Iterator
from decimal import Decimal

from offing.cases import duty as duties
from offing.cases.duty import TO_PORT, VALUES, DutyBasis, bound_duty, share_or_sum, value_given
from offing.cases.given import ONE, ZERO
from offing.cases.inputs import Inputs
from offing.cases.trade import insurance_given, insurance_rate, markup_given
from offing.landed.shipment import cif_of
from offing.rules.duty import AdValorem, Duty, MinimumPrice
from offing.rules.reform import NewCharge
from offing.rules.rulebook import DUTIES, Charge, Rate, Regime, Stage
from offing.terms.errors import Where
from offing.terms.interval import Interval

ADDITIONS = ("packing", "selling_commission", "royalty", "assists", "proceeds")
"""What the buyer pays or supplies besides the price: WTO Valuation Agreement, art. 8(1)."""

WHOLE = ("customs_value", "assessable_value", "entered_value")
"""Values that have the additions in them."""


def border_amounts(inputs: Inputs, regime: Regime) -> dict[str, Decimal]:
    """What arrives at the border. A CIF or assessable value has the carriage in it already."""
    word = next((word for word in VALUES if inputs.has(word)), "unit_price")
    inside = inputs.vocabulary.words[word].contains
    if word == "customs_value":
        bases = next(charge.base for charge in regime.charges if charge.name == word)
        inside = tuple(part for part in ("freight", "insurance") if part in bases)
    goods = value_given(inputs)
    freight = inputs.money("freight", ZERO, of=goods) * inputs.number("freight_share", ONE)
    freight += inputs.sum("transport_insurance", "freight_insurance")
    freight += _carriage_between(inputs, inside, goods)
    beyond_it = inputs.money("freight_beyond", ZERO)
    if beyond_it > freight:
        raise inputs.bad("freight_beyond", beyond_it)
    parts = {"goods": goods, "freight": freight - beyond_it, "insurance": ZERO}
    parts["insurance"] = _insurance(inputs, sum(map(parts.__getitem__, regime.words.insured), ZERO))
    parts["goods"] -= sum((parts[name] for name in inside), ZERO)
    if word not in WHOLE:
        parts["goods"] += sum((inputs.money(name, ZERO, of=goods) for name in ADDITIONS), ZERO)
    parts["goods"] += inputs.number("landing_charge_rate", ZERO) * sum(parts.values())
    to_port = TO_PORT if word == "exw" else ()
    parts["goods"] += inputs.sum(*to_port)
    beyond = {*BEYOND} - {*to_port, *regime.words.inputs}
    taxed = beyond & _taxed_beyond(regime)
    parts["fees"] = inputs.sum("fees", *taxed)
    parts["destination"] = beyond_it + inputs.sum(*(beyond - taxed))
    for name, target in regime.words.inputs.items():
        parts[target] += inputs.money(name, ZERO)
    return parts


BEYOND = ("vat_extra", "destination_charges", "port_charges", "inland")
"""Costs beyond the border."""


def _taxed_beyond(regime: Regime) -> set[str]:
    """What a tax's base has of them; with the carriage beyond the border it is in there."""
    bases = {part for charge in regime.charges if charge.stage == "tax" for part in charge.base}
    return {"vat_extra"} if {"fees", "destination"} & bases == {"fees"} else set()


def _carriage_between(inputs: Inputs, inside: tuple[str, ...], value: Decimal) -> Decimal:
    """The carriage in a CIF value beside which the goods' own value stands."""
    words = ("goods_value", "price", "fob")
    if not {"freight", "insurance"} <= {*inside} or not inputs.has(*words):
        return ZERO
    if inputs.has("freight", "insurance", "transport_insurance", "freight_insurance"):
        return ZERO
    between = value - inputs.money(next(filter(inputs.has, words)))
    if between < 0:  # goods that are worth more than with their carriage
        raise inputs.bad(next(filter(inputs.has, words)), value - between)
    return between


def _insurance(inputs: Inputs, insured: Decimal) -> Decimal:
    """The insurance; with a rate and a markup, of the CIF value that it leads to."""
    rate = insurance_rate(inputs)
    if rate is None or not inputs.has("insured_markup", "insured_share"):
        return insurance_given(inputs, insured)
    return cif_of(insured, rate, markup_given(inputs, ZERO)) - insured


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


class OwnCharges:
    """What one case charges besides its importer's rules."""

    inputs: Inputs
    regime: Regime
    measure: DutyBasis

    def own_charges(self) -> Iterator[tuple[NewCharge, Rate]]:
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
