"""Figures of a study at which a careful person would stop, though a plan can be made of them."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from offing.landed.likely import SEA_TERMS
from offing.refunds.month_checks import levies
from offing.study.book import OwnSales
from offing.study.file import Study
from offing.study.firm_file import FirmFacts, ModelFacts
from offing.study.result import StudyWarning
from offing.terms.countries import all_countries

_COST = (Decimal("0.15"), Decimal("1.5"))
"""Shares of its price that a unit costs to make; outside, one of the two is in another unit."""
_ELSEWHERE = Decimal(5)
"""How many times the usual price one market's may be, or a part of it."""
UNION = "EUR"
"""How the rulebook calls the European Union as an importer."""
_INPUT_TAX = Decimal("0.005")
_OF_SALES = Decimal("0.001")
_LARGEST_ENTRY = Decimal("0.1")
_LARGEST_GROWTH = Decimal(20)
_FULL = 2
_FAR = 5
"""Thousand kilometres: half the way from China to Europe."""


FIELD = {
    "study.warn_cost_share": "price_usd", "study.warn_price_elsewhere": "price_usd",
    "study.warn_price_at_home": "price_usd", "study.warn_input_tax_small": "input_vat_cny",
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
    yield from _of_firm(study.firm)
    limits = study.limits
    for name, value, most in (
        ("entry_share", limits.entry_share, _LARGEST_ENTRY),
        ("largest_growth", limits.largest_growth, _LARGEST_GROWTH),
    ):
        if value > most:
            yield "study.warn_limit", {"name": name, "value": f"{value:f}"}
    mode = study.shipping.mode
    terms = sorted({model.price_term for model in study.model} & set(SEA_TERMS))
    if mode != "sea" and terms:
        names = {"term": terms[0], "mode": mode, "other": SEA_TERMS[terms[0]]}
        yield "landed.warn_sea_term", names


def _of_model(
    study: Study, model: ModelFacts, dollar: Decimal
) -> Iterator[tuple[str, dict[str, str]]]:
    share = model.cost_cny / (model.price_usd * dollar)
    if not _COST[0] <= share <= _COST[1]:
        yield "cost_share", {"share": f"{share * 100:.0f} %"}
    for market, price in model.market_prices_usd.items():
        if market == study.firm.origin:
            yield "price_at_home", {"market": market}
        if not 1 / _ELSEWHERE <= price / model.price_usd <= _ELSEWHERE:
            prices = {"price": f"{price:f}", "usual": f"{model.price_usd:f}"}
            yield "price_elsewhere", {"market": market, **prices}
    if unread := [name for name in model.national_codes if name not in {UNION, *all_countries()}]:
        yield "no_importer", {"text": unread[0]}
    if 0 < model.input_vat_cny < model.cost_cny * _INPUT_TAX:
        yield "input_tax_small", {"tax": f"{model.input_vat_cny:f}"}
    for name, rate in (("levy_rate", model.levy_rate), ("refund_rate", model.refund_rate)):
        if rate is not None and rate not in levies(study.on):
            yield "odd_rate", {"name": name, "rate": f"{rate:f}"}
    way = study.shipping
    far = way.freight_usd_per_m3_1000km * _FAR
    carriage = way.inland_usd_per_m3 + way.freight_usd_per_m3_fixed + far
    if carriage * model.m3 > model.price_usd:
        yield "carriage_above", {"amount": f"{carriage * model.m3:,.0f}"}


def _of_firm(firm: FirmFacts) -> Iterator[StudyWarning]:
    fob, tax = firm.export_fob_cny, firm.input_tax_cny
    if fob > 0 and tax > fob + 17 * firm.domestic_output_tax_cny:
        yield "study.warn_tax_above_sales", {"tax": f"{tax:,.0f}", "fob": f"{fob:,.0f}"}
    if 0 < tax < fob * _OF_SALES:
        yield "study.warn_tax_tiny", {"tax": f"{tax:,.0f}", "fob": f"{fob:,.0f}"}


def beyond_capacity(study: Study, sold: Iterable[tuple[str, OwnSales]]) -> Iterator[StudyWarning]:
    """Models of which far more was sold than their line can make.

    Args:
        study: the study.
        sold: key of a model → its sales of the last twelve months.
    """
    models = {model.key: model for model in study.model}
    for key, sales in sold:
        model = models[key]
        units = sum(sales.now.values()) / float(model.price_usd)
        able = float(study.capacity(model))
        if units > _FULL * able:
            values = {"units": f"{units:,.0f}", "able": f"{able:,.0f}"}
            yield "study.warn_beyond_capacity", {"model": key, **values}
