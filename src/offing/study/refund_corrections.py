"""Refund rates that a study has otherwise than the law (退税率与规定不符), and what that is worth.

No forecast is in it: a year of today's sales, with the tax that is not refunded by either rate.
"""

from collections.abc import Iterable, Iterator
from math import fsum

from offing.planning.plan import RefundCorrection
from offing.study.analysis import ProductAnalysis
from offing.study.costs import lawful_refund, refund_of_one_unit
from offing.study.inputs import StudyInputs


def refund_corrections(
    world: StudyInputs, products: Iterable[ProductAnalysis]
) -> tuple[RefundCorrection, ...]:
    """Of each model that is sold today; what changes most first."""
    found = (one for product in products for one in _correction(world, product))
    return tuple(sorted(found, key=lambda one: -abs(one.yearly_cny)))


def _correction(world: StudyInputs, product: ProductAnalysis) -> Iterator[RefundCorrection]:
    study, facts = world.study, product.imports.facts
    rate, given = lawful_refund(facts, study.on), facts.refund_rate
    if rate is None or given is None:
        return
    lawful = None if rate.cancelled else rate.refund_rate

    def yearly_gain(market: str, sales_usd: float) -> float:
        fob_usd = product.standings[market].cost.fob_usd
        fob = world.fx.convert(fob_usd, "USD", "CNY")
        now, then = (
            refund_of_one_unit(study.firm, facts, each, fob).lost for each in (given, lawful)
        )
        return float(now - then) * sales_usd / float(fob_usd)

    sold = {m: usd for m, usd in product.sales.now.items() if usd and m in product.standings}
    if sold:
        yearly = fsum(yearly_gain(market, usd) for market, usd in sold.items())
        yield RefundCorrection(
            facts.key, float(given), None if lawful is None else float(lawful), yearly
        )
