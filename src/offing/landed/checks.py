"""Plausibility checks of a shipment, see :mod:`offing.terms.caution`; and what law has of its own
for its goods, which a quote does not charge.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from offing.landed.shipment import ZERO, Shipment
from offing.terms.caution import Caution, CheckList, CountryCode, Phrase, Values
from offing.terms.errors import OffingError
from offing.terms.exchange import FxTable
from offing.terms.money import Money, round_amount
from offing.terms.numbers import digits
from offing.terms.usual_figures import Level, far_said, is_odd, shipped

LEAST_MARGIN, GREATEST_MARGIN = Decimal("-0.5"), Decimal("0.85")
"""Margins outside these are asked about, as a share of the FOB price: a cost in dollars taken for
yuan leaves a seventh of the price."""
CARRIAGE = {
    "inland": (Decimal("0.0001"), 15, Decimal("0.3")),
    "freight": (Decimal("0.0003"), 1000, Decimal(1)),
    "destination_costs": (Decimal("0.0001"), 15, Decimal("0.5")),
    "export_clearance": (Decimal("0.00001"), 15, Decimal("0.1")),
    "fees": (ZERO, 0, Decimal(1)),
}
"""Of each cost of a shipment: below this share of its goods, where it is below so many USD as well,
or below a tenth of the share, it is that of one unit; above the last share it is in other money, or
for other goods. A container of goods of 300,000 USD costs over 100 USD to move and some tens of USD
to declare."""
CLEARANCE_USD = 1000
"""What the declaration of a small shipment may cost whatever its goods are worth."""
USD_PER_KG = (Decimal("0.03"), Decimal(20000))
USD_PER_M3 = (Decimal(3), Decimal("5000000"))
"""What a cubic metre of goods costs; dearer goods are in ``DEAR``."""
DEAR = ("71", "8541", "8542", "30", "91", "97")
LARGEST_REFUND = Decimal("0.17")
EXCISED = ("2203", "2204", "2205", "2206", "2207", "2208", "2402", "2403", "2404", "2710")
"""Headings that bear excise nearly everywhere: drinks with alcohol, tobacco, fuels. From memory."""
FREE_OF_EXCISE = {"HKG": ("2203", "2204", "2205", "2206")}
"""Where they do not: Hong Kong has none on wine and beer since 2008 (Cap. 109). From memory."""
SMALL = Money(Decimal(200), "USD")
SMALL_OF = {
    "USA": Money(Decimal(2500), "USD"),
    "AUS": Money(Decimal(1000), "AUD"),
    "NZL": Money(Decimal(1000), "NZD"),
}
"""A whole consignment up to which importers have rules of their own, such as no duty, one for each
item, or a lower fee of entry, in the money of their law. From memory; elsewhere higher than most.
"""


@dataclass(frozen=True)
class PricedShipment:
    """A shipment whose goods are worth ``fob`` on board, in the quote's currency."""

    request: Shipment
    fob: Decimal
    fx: FxTable
    margin: Decimal | None = None

    @cached_property
    def unit_usd(self) -> Decimal:
        """USD for one unit on board."""
        dollars = self.fx.convert(self.fob, self.request.currency, "USD")
        return dollars / self.request.quantity


SHIPMENT_CHECKS = CheckList[PricedShipment, Values]()


@SHIPMENT_CHECKS.add("landed.warn_margin", example={"cost": "430 CNY"}, twin={"cost": "3900 CNY"})
def margin_far_from_usual(shipment: PricedShipment) -> Iterator[Values]:
    """A price far from its cost is often in another currency or for another unit."""
    margin, fob = shipment.margin, shipment.fob
    if margin is not None and not LEAST_MARGIN <= margin / fob <= GREATEST_MARGIN:
        yield {"share": f"{margin / fob * 100:.0f} %"}


@SHIPMENT_CHECKS.add(
    "landed.warn_carriage_above", example={"freight": "450000 USD"}, twin={"freight": "45000 USD"}
)
def carriage_above_goods(shipment: PricedShipment) -> Iterator[Values]:
    """Costs of the shipment that are above its goods'."""
    for name, value, dollars in _costs(shipment):
        small_declaration = name == "export_clearance" and dollars < CLEARANCE_USD
        if value > shipment.fob * CARRIAGE[name][2] and not small_declaration:
            yield {"name": Phrase(f"landed.given_{name}")}


@SHIPMENT_CHECKS.add(
    "landed.warn_carriage_of_one", example={"freight": "15 USD"}, twin={"freight": "1500 USD"}
)
def carriage_of_one_unit(shipment: PricedShipment) -> Iterator[Values]:
    """Costs of the shipment that are those of one unit."""
    for name, value, dollars in _costs(shipment):
        share, bill, _ = CARRIAGE[name]
        least = share if dollars < bill else share / 10
        if shipment.request.quantity > 1 and ZERO < value < shipment.fob * least:
            given = getattr(shipment.request, name)
            yield {"name": Phrase(f"landed.given_{name}"), "amount": str(given)}


def _costs(shipment: PricedShipment) -> Iterator[tuple[str, Decimal, Decimal]]:
    """The costs that are given: name, amount in the quote's currency, in USD."""
    request, fx = shipment.request, shipment.fx
    for name in CARRIAGE:
        if (money := getattr(request, name)) is not None:
            value = fx.convert(money.amount, money.currency, request.currency)
            yield name, value, fx.convert(value, request.currency, "USD")


@SHIPMENT_CHECKS.add(
    "landed.warn_premium", example={"insurance_rate": "3%"}, twin={"insurance_rate": "0.3%"}
)
def premium_of_another_size(shipment: PricedShipment) -> Iterator[Values]:
    """The premium of cargo insurance with a per cent sign too many or too few."""
    if is_odd("cargo_premium", shipment.request.insurance_rate):
        yield {"rate": f"{shipment.request.insurance_rate * 100:f} %"}


@SHIPMENT_CHECKS.add("landed.warn_size", example={"unit_kg": "22500"}, twin={"unit_kg": "22.5"})
def price_by_size(shipment: PricedShipment) -> Iterator[Values]:
    """Goods that cost next to nothing, or a fortune, by weight or volume."""
    request = shipment.request
    dear = request.product.startswith(DEAR)
    for name, size, (low, high) in (
        ("kg", request.unit_kg, USD_PER_KG), ("m3", request.unit_m3, USD_PER_M3),
    ):  # fmt: skip
        if size is not None:
            price = shipment.unit_usd / size
            if price < low or (price > high and not dear):
                yield {"unit": name, "price": f"{price:,.0f}" if price >= 1000 else digits(price)}


@SHIPMENT_CHECKS.add("landed.warn_level", example={"price": "5600000 USD"}, twin={})
def price_of_such_goods(shipment: PricedShipment) -> Iterator[Values]:
    """A price that goods of this code hardly have anywhere."""
    request = shipment.request
    yuan = dollar = None
    with suppress(OffingError):
        yuan = shipment.fx.convert(Decimal(1), request.currency, "CNY")
        dollar = shipment.fx.convert(Decimal(1), "USD", "CNY")
    level = Level(request.product, request.unit, shipment.unit_usd, yuan, dollar)
    if (far := shipped().far(level)) is not None:
        yield far_said(*far)


@SHIPMENT_CHECKS.add("landed.warn_duty", example={"duty": "140%"}, twin={"duty": "14%"})
def duty_of_another_size(shipment: PricedShipment) -> Iterator[Values]:
    """A duty with a per cent sign too many or too few."""
    mfn = shipment.request.duties.get("mfn", "").strip()
    number = mfn.removesuffix("%").strip()
    plain = mfn.endswith("%") and number.replace(".", "", 1).isdigit()
    if plain and is_odd("duty", Decimal(number).scaleb(-2)):
        yield {"duty": mfn}


@SHIPMENT_CHECKS.add(
    "landed.warn_refund_abroad",
    example={"refund_cny": "320", "origin": "VNM"},
    twin={"refund_cny": "320"},
)
def refund_of_another_country(shipment: PricedShipment) -> Iterator[Values]:
    """China refunds its own tax only."""
    if shipment.request.refund_cny > 0 and shipment.request.origin != "CHN":
        yield {"market": CountryCode(shipment.request.origin)}


@SHIPMENT_CHECKS.add(
    "landed.warn_refund", example={"refund_cny": "3200"}, twin={"refund_cny": "320"}
)
def refund_above_law(shipment: PricedShipment) -> Iterator[Values]:
    """More refund than any rate of the law gives."""
    request = shipment.request
    refund = shipment.fx.convert(request.refund_cny, "CNY", request.currency) * request.quantity
    if refund > LARGEST_REFUND * shipment.fob:
        yield {"share": f"{refund / shipment.fob * 100:.0f} %"}


def cautions_of_goods(shipment: PricedShipment) -> Iterator[Caution]:
    """What importers charge on such goods or consignments that is not in the sum."""
    request = shipment.request
    free = FREE_OF_EXCISE.get(request.destination, ())
    if request.product.startswith(EXCISED) and not request.product.startswith(free):
        yield Caution("landed.caution_excise_goods")
    small = SMALL_OF.get(request.destination, SMALL)
    goods = round_amount(shipment.fx.convert(shipment.fob, request.currency, small.currency))
    if ZERO < goods <= small.amount:
        amount = str(Money(goods, small.currency))
        yield Caution("landed.warn_small_consignment", {"amount": amount})
