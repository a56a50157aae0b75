"""Plausibility checks of a study's figures, see :mod:`offing.terms.caution`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from math import fsum

from offing.refunds.rates import is_odd_refund, levies
from offing.study.costs import EVERY, otherwise_refunded
from offing.study.file import Study
from offing.study.sales import OwnSales
from offing.terms.caution import Caution, CheckList, CountryCode, Values
from offing.terms.countries import all_countries
from offing.terms.usual_figures import Level, far_said, is_odd, shipped

COST_SHARE = (Decimal("0.15"), Decimal("1.5"))
"""Shares of its price that a unit costs to make; outside, one of the two is in another unit."""
PRICE_RATIO = Decimal(5)
"""How many times the usual price one market's may be, or a part of it: yuan are seven dollars."""
OTHER_PLANT = {
    "cost_cny": (Decimal("0.6"), Decimal("2.2")), "hours": (Decimal("0.1"), Decimal(10)),
}  # fmt: skip
"""What a model costs and takes in another plant, as shares of what it does where its line is: a
cost in dollars is a seventh, hours in minutes are sixty times."""
UNION = "EUR"
"""How the rulebook calls the European Union as an importer."""
LEAST_INPUT_TAX = Decimal("0.005")
LEAST_TAX_OF_SALES = Decimal("0.02")
LEVY = Decimal("0.13")
PURCHASES_OF_SALES = 2
"""How many times all sales a typical month's purchases may be."""
MONTHS_APART = (50, 100)
"""How many times a month's exports the ledger's average month may be, and the other way round."""
OVER_CAPACITY = 1.5
USD_PER_M3, USD_PER_M3_AT_SEA = Decimal(200), Decimal(600)
"""What carriage on land or over 1,000 km costs at most, and the fixed part by sea."""
THOUSAND_KM = 5
"""Half the way from China to Europe."""
LEAST_LIMIT_CNY, LEAST_OUTLAY_CNY = 10_000, 100
"""Below these a limit, or a part of what a market costs, is in ten thousands or millions."""
YEARS_OF_EXPORTS = 10
"""A limit may be so many; a market costs less than one of them."""
LEAST_HOME_TAX_CNY = Decimal(1000)
"""A month's output tax below it is in ten thousands."""
SHARES = (Decimal("0.0002"), Decimal("0.1"))
"""Of its country's sales in a segment, what a new firm may take."""
FIELD = {
    "study.warn_cost_share": "price_usd", "study.warn_level": "price_usd",
    "study.warn_input_tax_small": "input_vat_cny",
    "study.warn_price_elsewhere": "market_prices_usd",
    "study.warn_carriage_above": "m3",
}  # fmt: skip
"""What of a model a check is about, where its finding does not name it."""


@dataclass(frozen=True)
class DatedStudy:
    """A study, and the CNY for one US dollar on its day."""

    study: Study
    dollar: Decimal


STUDY_CHECKS = CheckList[DatedStudy, Values]()


@STUDY_CHECKS.add(
    "study.warn_cost_share",
    example={"model.0.price_usd": "4200"},
    twin={"model.0.price_usd": "600"},
)
def cost_of_another_size(dated: DatedStudy) -> Iterator[Values]:
    """A unit cost in another currency or unit than its price."""
    low, high = COST_SHARE
    for model in dated.study.model:
        share = model.cost_cny / (model.price_usd * dated.dollar)
        if not low <= share <= high:
            yield {"model": model.key, "share": f"{share * 100:.0f} %"}


@STUDY_CHECKS.add("study.warn_level", example={"model.0.price_usd": "5600000"}, twin={})
def price_of_such_goods(dated: DatedStudy) -> Iterator[Values]:
    """A price that goods of this code hardly have anywhere."""
    for model in dated.study.model:
        level = Level(model.code, model.unit, model.price_usd, dated.dollar, dated.dollar)
        if far := shipped().far(level):
            yield {"model": model.key, **far_said(*far)}


@STUDY_CHECKS.add(
    "study.warn_price_elsewhere",
    example={"model.0.market_prices_usd": {"DEU": "5750"}},
    twin={"model.0.market_prices_usd": {"DEU": "575"}},
)
def price_of_one_market(dated: DatedStudy) -> Iterator[Values]:
    """A price in one market that is in another currency or unit than the usual one."""
    for model in dated.study.model:
        for market, price in model.market_prices_usd.items():
            if not 1 / PRICE_RATIO <= price / model.price_usd <= PRICE_RATIO:
                prices = {"price": f"{price:f}", "usual": f"{model.price_usd:f}"}
                yield {"model": model.key, "market": CountryCode(market), **prices}


@STUDY_CHECKS.add(
    "study.warn_carriage_above", example={"shipping.inland_usd_per_m3": "9000"}, twin={}
)
def carriage_above_price(dated: DatedStudy) -> Iterator[Values]:
    """Carriage of one unit above its price: litres taken for cubic metres."""
    way = dated.study.shipping
    per_m3 = way.inland_usd_per_m3 + way.freight_usd_per_m3_fixed
    per_m3 += way.freight_usd_per_m3_1000km * THOUSAND_KM
    for model in dated.study.model:
        if per_m3 * model.m3 > model.price_usd:
            yield {"model": model.key, "amount": f"{per_m3 * model.m3:,.0f}"}


@STUDY_CHECKS.add(
    "study.warn_no_importer",
    example={"model.0.national_codes": {"GERMANY": "85287240"}},
    twin={"model.0.national_codes": {"EUR": "85287240"}},
)
def codes_of_no_importer(dated: DatedStudy) -> Iterator[Values]:
    """A national code under a name that is no importer's would be left out."""
    importers = {UNION, EVERY, *all_countries()}
    for model in dated.study.model:
        if unread := [name for name in model.national_codes if name not in importers]:
            yield {"model": model.key, "text": unread[0]}


@STUDY_CHECKS.add(
    "study.warn_input_tax_small",
    example={"model.0.input_vat_cny": "3.55"},
    twin={"model.0.input_vat_cny": "350"},
)
def input_tax_of_another_size(dated: DatedStudy) -> Iterator[Values]:
    """Input tax next to nothing of the cost: a per cent sign or a unit is wrong."""
    for model in dated.study.model:
        if 0 < model.input_vat_cny < model.cost_cny * LEAST_INPUT_TAX:
            yield {"model": model.key, "tax": f"{model.input_vat_cny:f}"}


@STUDY_CHECKS.add(
    "study.warn_odd_rate",
    example={"model.0.refund_rate": "0.12"},
    twin={"model.0.refund_rate": "0.13"},
)
def rates_of_no_law(dated: DatedStudy) -> Iterator[Values]:
    """A levy or refund rate that the law of the day does not have."""
    on = dated.study.on
    for model in dated.study.model:
        if model.levy_rate not in levies(on):
            yield {"model": model.key, "name": "levy_rate", "rate": f"{model.levy_rate:f}"}
        if (refund := model.refund_rate) is not None and is_odd_refund(refund, on):
            yield {"model": model.key, "name": "refund_rate", "rate": f"{refund:f}"}


@STUDY_CHECKS.add(
    "study.warn_other_plant",
    example={"plant.1.makes.0.cost_cny": "330"},
    twin={"plant.1.makes.0.cost_cny": "2300"},
)
def costs_of_other_plants(dated: DatedStudy) -> Iterator[Values]:
    """Costs and hours of a second plant in another currency or unit than those at home."""
    models = {model.key: model for model in dated.study.model}
    for plant in dated.study.plant:
        for makes in plant.makes:
            for name, (least, most) in OTHER_PLANT.items():
                value, home = getattr(makes, name), getattr(models[makes.model], name)
                if value is not None and not least <= value / home <= most:
                    named = {"model": makes.model, "plant": plant.key, "home": f"{home:f}"}
                    yield {**named, "name": name, "value": f"{value:f}"}


@STUDY_CHECKS.add(
    "study.warn_tax_above_sales", example={"firm.input_tax_cny": "300000000"}, twin={}
)
def input_tax_above_sales(dated: DatedStudy) -> Iterator[Values]:
    """More input tax in a month than purchases of twice all sales carry."""
    firm = dated.study.firm
    sales = firm.export_fob_cny + firm.domestic_output_tax_cny / LEVY
    if sales > 0 and firm.input_tax_cny > PURCHASES_OF_SALES * LEVY * sales:
        yield {"tax": f"{firm.input_tax_cny:,.0f}", "fob": f"{firm.export_fob_cny:,.0f}"}


@STUDY_CHECKS.add("study.warn_tax_tiny", example={"firm.input_tax_cny": "30"}, twin={})
def input_tax_next_to_nothing(dated: DatedStudy) -> Iterator[Values]:
    """Input tax of a month in ten thousands of yuan."""
    firm = dated.study.firm
    if 0 < firm.input_tax_cny < firm.export_fob_cny * LEAST_TAX_OF_SALES:
        yield {"tax": f"{firm.input_tax_cny:,.0f}", "fob": f"{firm.export_fob_cny:,.0f}"}


@STUDY_CHECKS.add(
    "study.warn_figure",
    example={"shipping.insurance_rate": "0.04"},
    twin={"shipping.insurance_rate": "0.003"},
)
def figures_of_another_size(dated: DatedStudy) -> Iterator[Values]:
    """Rates whose per cent sign or point is wrong, and sums in another unit."""
    study = dated.study
    for name, kind, value, currency in _rates(study):
        if is_odd(kind, value, currency=currency):
            yield _figure(name, value)
    for figures in (_carriage, _limits, _outlays, _firm_sums):
        yield from figures(study)


def _figure(name: str, value: Decimal | int) -> Values:
    return {"name": name, "value": str(value) if isinstance(value, int) else f"{value:f}"}


def _carriage(study: Study) -> Iterator[Values]:
    """Carriage in another unit, or for another part of the goods."""
    way = study.shipping
    fixed_is_by_sea = way.mode == "sea"
    for name, most in (
        ("inland_usd_per_m3", USD_PER_M3),
        ("freight_usd_per_m3_1000km", USD_PER_M3),
        ("freight_usd_per_m3_fixed", USD_PER_M3_AT_SEA if fixed_is_by_sea else None),
    ):
        value = getattr(way, name)
        if most is not None and value > most:
            yield _figure(name, value)


def _rates(study: Study) -> list[tuple[str, str, Decimal, str]]:
    """Every rate of a study: its name, its kind, its value, its currency."""
    yearly, money = study.rates, study.settlement
    rates: list[tuple[str, str, Decimal, str]] = [
        ("discount", "discount", yearly.discount, ""),
        ("interest", "owed", yearly.interest, ""),
        ("credit_insurance", "credit_premium", yearly.credit_insurance, ""),
        ("insurance_rate", "cargo_premium", study.shipping.insurance_rate, ""),
        *(("commission", "commission", channel.commission, "") for channel in study.channel),
        *(("margin", "margin", channel.margin, "") for channel in study.channel),
        *((f"duty.{market}", "duty", rate, "") for market, rate in study.duty.items()),
        *(("announced.rate", "duty", duty.rate, "") for duty in study.announced),
        *(("announced.probability", "chance", duty.probability, "") for duty in study.announced),
        ("largest_market_share", "market_share", study.limits.largest_market_share, ""),
    ]
    for plant in study.plant:
        if plant.local_content is not None:
            rates += [("local_content", "content", plant.local_content, "")]
        for preference in plant.preference:
            rates += [("preference.duty", "duty", preference.duty, "")]
            rates += [("preference.least_content", "content", preference.least_content, "")]
    if money is not None:
        rates += [("risk", "risk", money.risk, "")]
        rates += [("cny_discount", "cny_discount", money.cny_discount, "")]
        rates += [(f"volatility.{c}", "volatility", v, c) for c, v in money.volatility.items()]
    return rates


def _limits(study: Study) -> Iterator[Values]:
    """Limits in another unit than yuan, a share whose point is elsewhere."""
    year = 12 * study.firm.export_fob_cny
    limits: dict[str, Decimal | None] = {
        name: getattr(study.limits, name)
        for name in ("worst_twentieth_cny", "entry_budget_cny", "working_capital_cny")
    }
    limits["stress.floor_cny"] = study.stress.floor_cny if study.stress else None
    least, most = SHARES
    if not least <= study.limits.entry_share <= most:
        yield _figure("entry_share", study.limits.entry_share)
    for name, limit in limits.items():
        if limit and (abs(limit) < LEAST_LIMIT_CNY or abs(limit) > YEARS_OF_EXPORTS * year > 0):
            yield _figure(name, limit)


def _outlays(study: Study) -> Iterator[Values]:
    """Parts of what a market costs that are next to nothing, or more than a year of exports."""
    year = 12 * study.firm.export_fob_cny
    for of, sums in (("entering", study.entering), ("keeping", study.keeping)):
        for outlay in (sums, *sums.market.values()):
            for name, value in outlay:
                amount = value if isinstance(value, Decimal) else Decimal(0)
                if amount and (amount < LEAST_OUTLAY_CNY or amount > year > 0):
                    yield _figure(f"{of}.{name}", amount)


def _firm_sums(study: Study) -> Iterator[Values]:
    """A month's tax in ten thousands."""
    firm = study.firm
    tax = firm.domestic_output_tax_cny
    if 0 < tax < min(LEAST_HOME_TAX_CNY, firm.export_fob_cny / LEAST_HOME_TAX_CNY):
        yield _figure("domestic_output_tax_cny", tax)


def plausibility_findings(study: Study, dollar: Decimal) -> Iterator[Caution]:
    """What to ask of a study's figures; and the refund rates that law has otherwise.

    Args:
        study: the study.
        dollar: CNY for one US dollar on its day.
    """
    yield from STUDY_CHECKS.findings(DatedStudy(study, dollar))
    for model in study.model:
        for said in otherwise_refunded(model, study.on):
            yield replace(said, values={"model": model.key, **said.values})


def ledger_findings(study: Study, sales: Iterable[OwnSales], dollar: Decimal) -> Iterator[Caution]:
    """A month's exports far below the ledger's, 万元 written for yuan, or far above them.

    Args:
        study: the study.
        sales: of all models.
        dollar: CNY for one US dollar on its day.
    """
    fob = study.firm.export_fob_cny
    month = Decimal(repr(float(fsum(own.usd for own in sales)))) * dollar / 12
    least, most = MONTHS_APART
    if study.firm.silent_of_month and month > 0:
        yield Caution("study.warn_no_month", {"month": f"{month:,.0f}"})
    if fob > most * month > 0:
        yield Caution("study.warn_exports_large", {"fob": f"{fob:,.0f}", "month": f"{month:,.0f}"})
    if 0 < fob * least < month:
        yield Caution("study.warn_exports_small", {"fob": f"{fob:,.0f}", "month": f"{month:,.0f}"})


def capacity_findings(study: Study, sales: Iterable[tuple[str, OwnSales]]) -> Iterator[Caution]:
    """Models of which far more was sold than their line can make.

    Args:
        study: the study.
        sales: key of a model → its sales of the last twelve months.
    """
    models = {model.key: model for model in study.model}
    for key, own in sales:
        model = models[key]
        units, able = own.usd / float(model.price_usd), float(study.capacity(model))
        if units > OVER_CAPACITY * able:
            values = {"model": key, "units": f"{units:,.0f}", "able": f"{able:,.0f}"}
            yield Caution("study.warn_beyond_capacity", values)
