"""Figures of a shipment at which a careful person would stop, though each can be computed."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal

from offing.landed.duties import Warning_
from offing.landed.shipment import ZERO, QuoteRequest
from offing.terms.errors import OffingError
from offing.terms.exchange import FxTable
from offing.terms.money import Money
from offing.terms.numbers import digits
from offing.terms.usual_prices import Level, shipped
from offing.terms.usual_rates import is_odd

LEAST_MARGIN, GREATEST_MARGIN = Decimal("-0.5"), Decimal("0.85")
"""Margins outside these are asked about, as a share of the FOB price: a cost in dollars taken for
yuan leaves a seventh of the price."""
_CARRIAGE = {
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
_CLEARANCE = 1000
"""USD that the declaration of a small shipment may cost whatever its goods are worth."""
_LEAST_BY_AIR = Decimal("0.7")
"""USD a kilogram; from memory: no lane from China has been cheaper."""
_LEAST_REFUND = Decimal("0.001")
_OF_KILOGRAMS = Decimal("0.0003")
"""Of goods sold by the kilogram: freight below this share of them is that of a tonne's price."""
_WHOLE = 1000
"""Dollars a kilogram from which cents tell nothing."""
_KG_OF_KG = (Decimal("0.9"), Decimal("1.5"))
"""What a kilogram weighs with its packing."""
_RATES_APART = 92
"""Days between the day of a quote and that of its rates."""
_BY_KG = (Decimal("0.03"), Decimal(20000))
_BY_M3 = (Decimal(3), Decimal("5000000"))
"""USD that a kilogram and a cubic metre of goods cost; what is dearer is in ``_DEAR``."""
_DEAR = ("71", "8541", "8542", "30", "91", "97")
_LARGEST_REFUND = Decimal("0.17")
_EXCISED = ("2203", "2204", "2205", "2206", "2207", "2208", "2402", "2403", "2404", "2710")
"""Headings that bear excise nearly everywhere: drinks with alcohol, tobacco, fuels. From memory."""
_FREE = {"HKG": ("2203", "2204", "2205", "2206")}
"""Where they do not: Hong Kong has none on wine and beer since 2008 (Cap. 109). From memory."""
_SMALL, _SMALL_OF = 200, {"USA": 2500, "AUS": 700, "NZL": 650}
"""USD of a whole consignment below which importers have rules of their own, such as no duty, one
for each item, or a lower fee of entry. From memory, and higher than most."""
_AMERICA = """
ARG BLZ BOL BRA CAN CHL COL CRI ECU GTM GUY HND MEX NIC PAN PER PRY SLV SUR URY USA VEN
"""
_ISLANDS = """
AUS CUB CYP DOM FJI HTI IDN ISL JAM JPN LKA MDG MDV MLT MUS NZL PHL PNG PRI TTO TWN
"""
"""Where neither road nor railway leads from another country; lorries go to Great Britain."""
_DENSITY, _LIGHT_DENSITY = (Decimal(20), Decimal(12000)), Decimal(700)
"""Kilograms of a cubic metre of packed goods: foam and lead; and what light goods stay below. From
memory, and wide: they only ask."""
_LIGHT = (
    "42", "61", "62", "63", "64", "65", "8415", "8418", "8422", "8450", "8471", "8508", "8509",
    "8516", "8528", "94", "95",
)  # fmt: skip
"""Clothes, shoes, bags, furniture, lamps, toys, household appliances, computers, TV sets."""
_CARGO = 5 * 10**8
"""USD; no consignment is worth more: a tanker of crude oil is worth a third of it."""
_VESSEL = {
    "sea": (400000, 600000),
    "rail": (20000, 20000),
    "air": (250, 1200),
    "road": (5000, 20000),
}
"""Tonnes and cubic metres that the largest ship and aircraft take, a train, a column of lorries:
from memory, rounded up. They only ask."""
SEA_TERMS = {"FAS": "FCA", "FOB": "FCA", "CFR": "CPT", "CIF": "CIP"}
"""Terms that Incoterms 2020 keep for sea and inland water → those for every mode."""


def unlikely(request: QuoteRequest, fob: Decimal, fx: FxTable) -> Iterator[Warning_]:
    """What to ask of a shipment whose goods are worth ``fob`` on board, in the quote's currency."""
    yield from _of_carriage(request, fob, fx)
    yield from _of_days(request)
    if is_odd("cargo_premium", request.insurance_rate):
        yield "landed.warn_premium", {"rate": f"{request.insurance_rate * 100:f} %"}
    if is_odd("markup", request.insured_markup):
        yield "landed.warn_markup", {"rate": f"{request.insured_markup * 100:f} %"}
    if request.price is not None and request.mode != "sea" and request.price_term in SEA_TERMS:
        names = {"term": request.price_term, "mode": f"landed.mode_{request.mode}"}
        yield "landed.warn_sea_term", {**names, "other": SEA_TERMS[request.price_term]}
    if request.mode in ("road", "rail") and _land(request.origin) != _land(request.destination):
        names = {"mode": f"landed.mode_{request.mode}", "destination": request.destination}
        yield "landed.warn_no_land_way", names
    free = _FREE.get(request.destination, ())
    if request.product.startswith(_EXCISED) and not request.product.startswith(free):
        yield "landed.caution_excise_goods", {}
    dollars = fx.convert(fob, request.currency, "USD")
    if ZERO < dollars < _SMALL_OF.get(request.destination, _SMALL):
        yield "landed.warn_small_consignment", {"usd": f"{dollars:.0f}"}
    yield from _by_size(request, dollars / request.quantity)
    yield from _of_kilograms(request, fob, dollars / request.quantity, fx)
    yield from _of_such_goods(request, dollars / request.quantity, fx)
    yield from _taxes(request, fob, fx)
    yield from _by_air(request, fx)
    yield from _of_vessel(request, dollars)


def _by_air(request: QuoteRequest, fx: FxTable) -> Iterator[Warning_]:
    """Air freight for what ships take."""
    unit_kg = Decimal(1) if request.unit == "kg" else request.unit_kg
    if request.mode != "air" or request.freight is None or not unit_kg:
        return
    dollars = fx.convert(request.freight.amount, request.freight.currency, "USD")
    per_kg = dollars / (unit_kg * request.quantity)
    if ZERO < per_kg < _LEAST_BY_AIR:
        yield "landed.warn_air_freight", {"price": f"{per_kg:,.2g}"}


def _of_vessel(request: QuoteRequest, dollars: Decimal) -> Iterator[Warning_]:
    """More than the largest vessel takes, or is worth: a nought too many, or a year's sales."""
    tonnes = request.measured().get("kg", ZERO) / 1000
    metres = request.measured().get("m3", ZERO)
    most_tonnes, most_metres = _VESSEL[request.mode]
    if dollars > _CARGO or tonnes > most_tonnes or metres > most_metres:
        names = {"quantity": f"{request.quantity:,f}", "usd": f"{dollars:.0f}"}
        yield "landed.warn_vessel", {**names, "mode": f"landed.mode_{request.mode}"}


def _land(country: str) -> str:
    """What a country shares its roads with."""
    return country if country in _ISLANDS else "America" if country in _AMERICA else ""


def _of_carriage(request: QuoteRequest, fob: Decimal, fx: FxTable) -> Iterator[Warning_]:
    """Costs of the shipment that are above its goods', or those of one unit."""
    for name, (least, bill, most) in _CARRIAGE.items():
        money: Money | None = getattr(request, name)
        if money is None:
            continue
        value = fx.convert(money.amount, money.currency, request.currency)
        dollars = fx.convert(value, request.currency, "USD")
        if value > fob * most and not (name == "export_clearance" and dollars < _CLEARANCE):
            yield "landed.warn_carriage_above", {"name": f"landed.given_{name}"}
        low = dollars < bill
        small = ZERO < value < fob * (least if low else least / 10)
        if request.quantity > 1 and small:
            named = {"name": f"landed.given_{name}", "amount": str(money)}
            yield "landed.warn_carriage_of_one", named


def _of_days(request: QuoteRequest) -> Iterator[Warning_]:
    """Rates of a day far from the quote's."""
    day = request.rates_on
    today = date.today()  # noqa: DTZ011 - the user's own day
    if day is not None and request.on <= today and abs((request.on - day).days) > _RATES_APART:
        yield "landed.warn_rates_day", {"on": str(request.on), "day": str(day)}


def _by_size(request: QuoteRequest, price: Decimal) -> Iterator[Warning_]:
    """Goods that cost next to nothing, or a fortune, by weight or volume."""
    if request.unit_kg is not None and request.unit_m3 is not None:
        yield from about_density(request.product, request.unit_kg, request.unit_m3)
    low, high = _KG_OF_KG
    if request.unit == "kg" and request.unit_kg is not None and not low <= request.unit_kg <= high:
        yield "landed.warn_kg_of_kg", {"kg": f"{request.unit_kg:f}"}
    for name, size, (low, high) in (
        ("kg", request.unit_kg, _BY_KG),
        ("m3", request.unit_m3, _BY_M3),
    ):
        dear = request.product.startswith(_DEAR)
        if size is not None and not low <= price / size <= (price / size if dear else high):
            per_size = price / size
            shown = f"{per_size:,.0f}" if per_size >= _WHOLE else f"{per_size:,.4g}"
            yield "landed.warn_size", {"unit": name, "price": shown}


def about_density(product: str, kg: Decimal, m3: Decimal) -> Iterator[Warning_]:
    """A weight of one and a volume of a carton, or the other way round."""
    density, (low, high) = kg / m3, _DENSITY
    if not low <= density <= (_LIGHT_DENSITY if product.startswith(_LIGHT) else high):
        values = {"kg": f"{kg:f}", "m3": f"{m3:f}", "density": digits(density)}
        yield "landed.warn_density", values


def _of_kilograms(
    request: QuoteRequest, fob: Decimal, price: Decimal, fx: FxTable
) -> Iterator[Warning_]:
    """A price for a kilogram that is that of a tonne, beside its freight."""
    if request.unit != "kg" or request.product.startswith(_DEAR):
        return
    freight = request.freight
    if freight is not None and request.quantity >= _WHOLE:
        value = fx.convert(freight.amount, freight.currency, request.currency)
        if ZERO < value < fob * _OF_KILOGRAMS:
            yield "landed.warn_price_of_tonne", {"price": f"{price:,.2f}"}


def _of_such_goods(request: QuoteRequest, price: Decimal, fx: FxTable) -> Iterator[Warning_]:
    """A price that goods of this code hardly have anywhere."""
    yuan = dollar = None
    with suppress(OffingError):
        yuan = fx.convert(Decimal(1), request.currency, "CNY")
        dollar = fx.convert(Decimal(1), "USD", "CNY")
    far = shipped().far(Level(request.product, request.unit, price, yuan, dollar))
    if far is not None:
        yield "landed.warn_level", far.said()


def _taxes(request: QuoteRequest, fob: Decimal, fx: FxTable) -> Iterator[Warning_]:
    mfn = request.duties.get("mfn", "").strip()
    if mfn.endswith("%") and mfn[:-1].strip().replace(".", "", 1).isdigit():
        duty = Decimal(mfn[:-1].strip()).scaleb(-2)
        if is_odd("duty", duty):
            yield "landed.warn_duty", {"duty": mfn}
    if request.refund_cny > 0 and request.origin != "CHN":
        yield "landed.warn_refund_abroad", {"market": request.origin}
    if request.refund_cny > 0:
        share = fx.convert(request.refund_cny, "CNY", request.currency) * request.quantity / fob
        if share > _LARGEST_REFUND:
            yield "landed.warn_refund", {"share": f"{share * 100:.0f} %"}
        elif share < _LEAST_REFUND:
            yield "landed.warn_refund_tiny", {"refund": f"{request.refund_cny:f}"}


def about_margin(margin: Decimal | None, fob: Decimal) -> Iterator[Warning_]:
    """A price far from its cost is often in another currency or for another unit."""
    if margin is not None and not LEAST_MARGIN <= margin / fob <= GREATEST_MARGIN:
        yield "landed.warn_margin", {"share": f"{margin / fob * 100:.0f} %"}
