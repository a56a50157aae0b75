"""Figures of a study at which a careful person would stop, though a plan can be made of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from math import fsum
from operator import itemgetter

from offing.landed.likely import SEA_TERMS, about_density
from offing.refunds.month_checks import is_odd_refund, levies
from offing.rules.tariff import national
from offing.settlement.likely import has_odd_days
from offing.study.book import OwnSales
from offing.study.costs import EVERY, otherwise_refunded
from offing.study.file import Study
from offing.study.firm_file import FirmFacts, ModelFacts
from offing.study.market_file import SettlementFacts
from offing.study.result import StudyWarning
from offing.terms.countries import all_countries
from offing.terms.currencies import currency_of
from offing.terms.usual_prices import Level, shipped
from offing.terms.usual_rates import Kind, is_odd

_COST = (Decimal("0.15"), Decimal("1.5"))
"""Shares of its price that a unit costs to make; outside, one of the two is in another unit."""
_ELSEWHERE = Decimal(5)
"""How many times the usual price one market's may be, or a part of it."""
_ABROAD = {"cost_cny": (Decimal("0.6"), Decimal("2.2")), "hours": (Decimal("0.1"), Decimal(10))}
"""What a model costs and takes in another plant, as shares of what it does where its line is: a
cost in dollars is a seventh, hours in minutes are sixty times."""
UNION = "EUR"
"""How the rulebook calls the European Union as an importer."""
_INPUT_TAX = Decimal("0.005")
_OF_SALES = Decimal("0.02")
_LARGEST_ENTRY, _LEAST_ENTRY = Decimal("0.1"), Decimal("0.0002")
_LARGEST_GROWTH, _LEAST_GROWTH = Decimal(20), Decimal("0.05")
_DEAR_MARGIN = Decimal("0.4")
_TOO_SMALL = 50
"""How many times a month's exports the ledger's average month may be."""
_TOO_LARGE = 100
"""How many times the ledger's average month a month's exports may be."""
_FULL, _IDLE = 2, 50
_NATIONAL = 6
"""Digits of a code that an importer's tariff may have one duty for; fewer are a heading."""
_ANYWHERE = {"USD", "EUR", "CNY"}
"""Currencies in which buyers of any country are invoiced."""
_LEVY = Decimal("0.13")
_BOUGHT = 2
"""How many times all sales a typical month's purchases may be."""
_CREDIT = 36
"""Months of input tax that may be carried forward."""
_INLAND, _SEA_FIXED = Decimal(200), Decimal(600)
"""USD a cubic metre on land or over 1,000 km, and the fixed part by sea, that carriage costs."""
_LEAST = {"freight_usd_per_m3_1000km": Decimal("0.05")}
_CLEARANCE = Decimal("0.1")
_BAND = 4
"""How many times the dearest price the lowest band may begin at, and the highest the cheapest."""
_PAID, _LEAST_PAID = 2, 1000
"""How many times a year's exports may be paid abroad; in any currency, less offsets nothing."""
_LIMIT, _PART = 10_000, 100
"""CNY below which a limit, or a part of what a market costs, is in ten thousands or millions."""
_YEARS = 10
"""How many years of exports a limit may be; a market costs less than one of them."""
_SLOW = 240
"""Days from an order to the port; more are hours, or a date."""
_WIDE = {"freight": (Decimal("0.2"), Decimal(6)), "inputs": (Decimal("0.4"), Decimal("2.5"))}
"""How far costs may go; freight from China rose to five times its price in 2021."""
_STALE = 366
"""Days after which an exchange rate is of another year."""
_HOME_TAX = Decimal(1000)
"""CNY of a month below which output tax is in ten thousands."""
_FAR = 5
"""Thousand kilometres: half the way from China to Europe."""


FIELD = {
    "study.warn_cost_share": "price_usd", "study.warn_level": "price_usd",
    "study.warn_input_tax_small": "input_vat_cny",
    "study.warn_price_elsewhere": "market_prices_usd",
    "study.warn_price_at_home": "market_prices_usd",
    "study.warn_carriage_above": "m3",
}  # fmt: skip
"""What of a model a doubt is about, where the doubt itself does not name it."""


def unlikely(study: Study, dollar: Decimal) -> Iterator[StudyWarning]:
    """What to ask of the study's figures.

    Args:
        study: the study.
        dollar: CNY for one US dollar on its day.
    """
    for model in study.model:
        for key, values in _of_model(study, model, dollar):
            yield f"study.warn_{key}", {"model": model.key, **values}
        yield from about_density(model.code, model.kg, model.m3)
    yield from _of_plants(study)
    yield from _of_firm(study.firm)
    limits = study.limits
    for name, value, least, most in (
        ("entry_share", limits.entry_share, _LEAST_ENTRY, _LARGEST_ENTRY),
        ("largest_growth", limits.largest_growth, _LEAST_GROWTH, _LARGEST_GROWTH),
    ):
        if value > most:
            yield "study.warn_limit", {"name": name, "value": f"{value:f}"}
        elif 0 < value < least:
            yield "study.warn_figure", {"name": name, "value": f"{value:f}"}
    odd = limits.least_margin_rate > _DEAR_MARGIN
    if odd:
        yield "study.warn_figure", _figure("least_margin_rate", limits.least_margin_rate)
    yield from _of_way(study)
    yield from _of_rates(study)
    yield from _of_ranges(study)
    if study.rates_age > _STALE:
        yield "study.warn_figure", _figure("rates_age", study.rates_age)
    yield from _of_money(study, dollar)
    yield from _of_limits(study)
    yield from _of_outlays(study)
    yield from _of_announced(study)
    mode = study.shipping.mode
    terms = sorted({model.price_term for model in study.model} & set(SEA_TERMS))
    if mode != "sea" and terms:
        names = {"term": terms[0], "mode": mode, "other": SEA_TERMS[terms[0]]}
        yield "landed.warn_sea_term", names


def _figure(name: str, value: Decimal | int) -> dict[str, str]:
    return {"name": name, "value": str(value) if isinstance(value, int) else f"{value:f}"}


def _of_way(study: Study) -> Iterator[StudyWarning]:
    """Carriage, clearance and shipments in another unit, or for another part of the goods."""
    way = study.shipping
    prices = [model.price_usd for model in study.model]
    cheapest, dearest = min(prices), max(prices)
    most = {
        "inland_usd_per_m3": _INLAND,
        "freight_usd_per_m3_1000km": _INLAND,
        "freight_usd_per_m3_fixed": _SEA_FIXED if way.mode == "sea" else None,
        "export_clearance_usd": _CLEARANCE * dearest * way.shipment_units,
        "shipment_units": max(map(study.capacity, study.model)),
    }
    for name, high in most.items():
        value = getattr(way, name)
        if (high is not None and value > high) or 0 < value < _LEAST.get(name, 0):
            yield "study.warn_figure", _figure(name, value)
    ledger = study.ledger
    own_bands = ledger is not None and "bands_usd" in ledger.model_fields_set
    if ledger is not None and own_bands and ledger.bands_usd[0] > _BAND * dearest:
        yield "study.warn_figure", _figure("bands_usd", ledger.bands_usd[0])
    if ledger is not None and own_bands and ledger.bands_usd[-1] * _BAND < cheapest:
        yield "study.warn_figure", _figure("bands_usd", ledger.bands_usd[-1])


def _of_ranges(study: Study) -> Iterator[StudyWarning]:
    """Ends of what a cost may come to that no cost has come to: 7 and 8 for 7 and 8 %."""
    for of, (least, most) in _WIDE.items():
        span = getattr(study.ranges, of)
        for name, value in (("low", span.low), ("high", span.high)):
            if not least <= value <= most:
                yield "study.warn_figure", _figure(f"ranges.{of}.{name}", value)


def _of_rates(study: Study) -> Iterator[StudyWarning]:
    """Rates whose per cent sign or point is wrong."""
    yearly, money = study.rates, study.settlement
    figures: list[tuple[str, Kind, Decimal, str]] = [
        ("discount", "discount", yearly.discount, ""),
        ("interest", "owed", yearly.interest, ""),
        ("credit_insurance", "credit_premium", yearly.credit_insurance, ""),
        ("insurance_rate", "cargo_premium", study.shipping.insurance_rate, ""),
        ("insured_markup", "markup", study.shipping.insured_markup, ""),
        *(("commission", "commission", channel.commission, "") for channel in study.channel),
        *(("margin", "margin", channel.margin, "") for channel in study.channel),
        *((f"duty.{market}", "duty", rate, "") for market, rate in study.duty.items()),
        *(("announced.rate", "duty", duty.rate, "") for duty in study.announced),
        *(("announced.probability", "chance", duty.probability, "") for duty in study.announced),
        ("largest_market_share", "market_share", study.limits.largest_market_share, ""),
        *_of_origin(study),
    ]
    if money is not None:
        figures += [("risk", "risk", money.risk, "")]
        figures += [("cny_discount", "cny_discount", money.cny_discount, "")]
        figures += [(f"volatility.{c}", "volatility", v, c) for c, v in money.volatility.items()]
    for name, kind, value, currency in figures:
        if is_odd(kind, value, currency=currency):
            yield "study.warn_figure", _figure(name, value)


def _of_origin(study: Study) -> Iterator[tuple[str, Kind, Decimal, str]]:
    """What plants abroad make themselves, and the duties that ask for it."""
    for plant in study.plant:
        if plant.local_content is not None:
            yield "local_content", "content", plant.local_content, ""
        for preference in plant.preference:
            yield "preference.duty", "duty", preference.duty, ""
            yield "preference.least_content", "content", preference.least_content, ""


def _of_money(study: Study, dollar: Decimal) -> Iterator[StudyWarning]:
    """Days to payment, risk, and what is paid abroad."""
    money = study.settlement
    if money is None:
        return
    if has_odd_days(money.terms, money.days):
        yield "study.warn_figure", _figure("days", money.days)
    for market, accepted in money.market_accepts.items():
        usual = {*_ANYWHERE, *money.accepts, currency_of(market)}
        if strange := [currency for currency in accepted if currency not in usual]:
            yield "study.warn_accepts", {"market": market, "currency": strange[0]}
    yield from _of_payables(money, 12 * study.firm.export_fob_cny / dollar)
    for forward in money.held:
        if forward.amount < _LEAST_PAID:
            yield "study.warn_figure", _figure("held.amount", forward.amount)


def _of_payables(money: SettlementFacts, year: Decimal) -> Iterator[StudyWarning]:
    """What is paid abroad, beside a ``year`` of exports in USD."""
    for payable in money.payable:
        over = payable.currency == "USD" and payable.amount_a_year > _PAID * year > 0
        if payable.currency == "CNY":
            yield "study.warn_payable_cny", {"name": payable.name}
        if over or 0 < payable.amount_a_year < _LEAST_PAID:
            yield "study.warn_figure", _figure("amount_a_year", payable.amount_a_year)


def _of_limits(study: Study) -> Iterator[StudyWarning]:
    """Limits in another unit than yuan."""
    year = 12 * study.firm.export_fob_cny
    limits: dict[str, Decimal | None] = {
        name: getattr(study.limits, name)
        for name in ("worst_twentieth_cny", "entry_budget_cny", "working_capital_cny")
    }
    limits["stress.floor_cny"] = study.stress.floor_cny if study.stress else None
    for name, limit in limits.items():
        if limit and (abs(limit) < _LIMIT or abs(limit) > _YEARS * year > 0):
            yield "study.warn_figure", _figure(name, limit)


def _of_outlays(study: Study) -> Iterator[StudyWarning]:
    """Parts of what a market costs that are next to nothing, or more than a year of exports."""
    year = 12 * study.firm.export_fob_cny
    for of, sums in (("entering", study.entering), ("keeping", study.keeping)):
        for outlay in (sums, *sums.market.values()):
            for name, value in outlay:
                if isinstance(value, Decimal) and value and (value < _PART or value > year > 0):
                    yield "study.warn_figure", _figure(f"{of}.{name}", value)


def _of_announced(study: Study) -> Iterator[StudyWarning]:
    """Duties that were announced for a year gone by, or that comes after the plan's last."""
    for duty in study.announced:
        if duty.year < study.on.year:
            yield "study.warn_figure", _figure("announced.year", duty.year)
        elif duty.year > (last := study.on.year + study.markets.horizon):
            values = {"market": duty.market, "year": str(duty.year), "last": str(last)}
            yield "study.warn_announced_later", values


def _of_model(
    study: Study, model: ModelFacts, dollar: Decimal
) -> Iterator[tuple[str, dict[str, str]]]:
    share = model.cost_cny / (model.price_usd * dollar)
    if not _COST[0] <= share <= _COST[1]:
        yield "cost_share", {"share": f"{share * 100:.0f} %"}
    asked = Level(model.code, model.unit, model.price_usd, yuan=dollar, dollar=dollar)
    if unusual := shipped().far(asked):
        yield "level", unusual.said()
    for market, price in model.market_prices_usd.items():
        if market == study.firm.origin:
            yield "price_at_home", {"market": market}
        if not 1 / _ELSEWHERE <= price / model.price_usd <= _ELSEWHERE:
            prices = {"price": f"{price:f}", "usual": f"{model.price_usd:f}"}
            yield "price_elsewhere", {"market": market, **prices}
    yield from _of_lot(model, study.capacity(model))
    yield from _of_codes(model.national_codes)
    if 0 < model.input_vat_cny < model.cost_cny * _INPUT_TAX:
        yield "input_tax_small", {"tax": f"{model.input_vat_cny:f}"}
    if model.levy_rate not in levies(study.on):
        yield "odd_rate", {"name": "levy_rate", "rate": f"{model.levy_rate:f}"}
    if (refund := model.refund_rate) is not None and is_odd_refund(refund, study.on):
        yield "odd_rate", {"name": "refund_rate", "rate": f"{refund:f}"}
    yield from otherwise_refunded(model, study.on)
    way = study.shipping
    far = way.freight_usd_per_m3_1000km * _FAR
    carriage = way.inland_usd_per_m3 + way.freight_usd_per_m3_fixed + far
    if carriage * model.m3 > model.price_usd:
        yield "carriage_above", {"amount": f"{carriage * model.m3:,.0f}"}


def _of_lot(model: ModelFacts, able: Decimal) -> Iterator[tuple[str, dict[str, str]]]:
    """A least lot of part of an item, or of more than its line makes."""
    if model.unit == "item" and model.minimum_lot % 1:
        yield "part_of_lot", {"lot": f"{model.minimum_lot:f}"}
    if model.minimum_lot > able:
        yield (
            "lot_above_line",
            {"lot": f"{model.minimum_lot:,f}", "able": f"{able:,.0f}"},
        )


def _of_plants(study: Study) -> Iterator[StudyWarning]:
    """Costs and hours of a second plant that are in another currency or unit than those at home."""
    models = {model.key: model for model in study.model}
    for plant in study.plant:
        if plant.days > _SLOW:
            yield "study.warn_figure", _figure(f"{plant.key}.days", plant.days)
        for makes in plant.makes:
            model = models[makes.model]
            hours = next(line.hours for line in plant.line if line.key == makes.line)
            able = hours / (makes.hours or model.hours)
            if model.minimum_lot > able:
                lot = {"lot": f"{model.minimum_lot:,f}", "able": f"{able:,.0f}"}
                yield "study.warn_lot_above_line", {"model": model.key, **lot}
            for name, (least, most) in _ABROAD.items():
                value, home = getattr(makes, name), getattr(model, name)
                if value is not None and not least <= value / home <= most:
                    named = {"model": makes.model, "plant": plant.key, "home": f"{home:f}"}
                    yield "study.warn_other_plant", {**named, **_figure(name, value)}


def _of_codes(codes: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    importers = {UNION, EVERY, *all_countries()}
    if unread := [name for name in codes if name not in importers]:
        yield "no_importer", {"text": unread[0]}
    for market, code in codes.items():
        if len(national(code)) < _NATIONAL:
            yield "heading_code", {"market": market, "code": code}


def _of_firm(firm: FirmFacts) -> Iterator[StudyWarning]:
    fob, tax = firm.export_fob_cny, firm.input_tax_cny
    sales = fob + firm.domestic_output_tax_cny / _LEVY
    if sales > 0 and tax > _BOUGHT * _LEVY * sales:
        yield "study.warn_tax_above_sales", {"tax": f"{tax:,.0f}", "fob": f"{fob:,.0f}"}
    if 0 < tax < fob * _OF_SALES:
        yield "study.warn_tax_tiny", {"tax": f"{tax:,.0f}", "fob": f"{fob:,.0f}"}
    if 0 < firm.domestic_output_tax_cny < min(_HOME_TAX, fob / _HOME_TAX):
        name = "domestic_output_tax_cny"
        yield "study.warn_figure", _figure(name, firm.domestic_output_tax_cny)
    if tax > 0 and firm.opening_credit_cny > _CREDIT * tax:
        yield "study.warn_figure", _figure("opening_credit_cny", firm.opening_credit_cny)


def exports_too_small(
    study: Study, sold: Iterable[OwnSales], dollar: Decimal
) -> Iterator[StudyWarning]:
    """A month's exports far below the ledger's, 万元 written for yuan, or far above them.

    Args:
        study: the study.
        sold: of all models.
        dollar: CNY for one US dollar on its day.
    """
    fob = study.firm.export_fob_cny
    month = Decimal(repr(float(fsum(sales.usd for sales in sold)))) * dollar / 12
    if study.firm.silent_of_month and month > 0:
        yield "study.warn_no_month", {"month": f"{month:,.0f}"}
    if fob > _TOO_LARGE * month > 0:
        yield "study.warn_exports_large", {"fob": f"{fob:,.0f}", "month": f"{month:,.0f}"}
    if 0 < fob * _TOO_SMALL < month:
        yield "study.warn_exports_small", {"fob": f"{fob:,.0f}", "month": f"{month:,.0f}"}


def beyond_capacity(study: Study, sold: Iterable[tuple[str, OwnSales]]) -> Iterator[StudyWarning]:
    """Models of which far more was sold than their line can make; lines that hardly make anything.

    Args:
        study: the study.
        sold: key of a model → its sales of the last twelve months.
    """
    models = {model.key: model for model in study.model}
    used: dict[str, float] = defaultdict(float)
    largest: dict[str, tuple[float, dict[str, str]]] = {}
    for key, sales in sold:
        model = models[key]
        units, able = sales.usd / float(model.price_usd), float(study.capacity(model))
        values = {"model": key, "units": f"{units:,.0f}", "able": f"{able:,.0f}"}
        if units > _FULL * able:
            yield "study.warn_beyond_capacity", values
        line = study.line_of(model).key
        used[line] += units / able
        largest[line] = max(largest.get(line, (0.0, values)), (units, values), key=itemgetter(0))
    for line, share in used.items():
        if 0 < share * _IDLE < 1:
            yield "study.warn_idle", largest[line][1]
