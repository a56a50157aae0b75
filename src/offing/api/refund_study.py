"""The refund of a study's typical month with each of its products."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from offing.api.refund_months import CENTS
from offing.api.refund_request import RefundRequest, place_of
from offing.policy.overlay import Rules
from offing.refunds.explain import rules_behind
from offing.refunds.marginal import MarginalEffect
from offing.refunds.methods import FirmMonth, MonthResult, Surtaxes, solve_month, surtaxes_of_month
from offing.rules.rule_use import RuleUse
from offing.study.costs import (
    effect_of_one_unit,
    otherwise_refunded,
    refund_rate_of,
    typical_month,
)
from offing.study.file import Study
from offing.study.schema import ModelFacts
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.exchange import FxTable
from offing.terms.messages import join_list

ON_BOARD = ("FOB", "FCA", "FAS")


@dataclass(frozen=True)
class ProductRefund:
    """A study's typical month with one of its products, and what one more unit does, in CNY.

    Attributes:
        facts: of the product.
        month, result: the typical month and its solution.
        surtaxes: of the month.
        effect: of one more unit.
        rules: every rule behind the figures.
        per_usd: CNY for one US dollar, and the day of the rate.
    """

    facts: ModelFacts
    month: FirmMonth
    result: MonthResult
    surtaxes: Surtaxes
    effect: MarginalEffect
    rules: tuple[RuleUse, ...]
    per_usd: tuple[Decimal, date]

    def data(self) -> dict[str, Any]:
        """The month and the effect of one more unit."""
        return {
            "model": self.facts.key,
            "product": self.facts.code,
            "month": asdict(self.result),
            "surtax": self.surtaxes.total,
            "marginal": self.effect.data(),
        }


def month_cautions(study: Study) -> Iterator[Caution]:
    """What the study lacks for its month, and the models whose price is not on board."""
    if study.firm.silent_of_month:
        yield Caution("refund.no_month")
    if other := [model for model in study.model if model.price_term not in ON_BOARD]:
        terms = join_list(dict.fromkeys(model.price_term for model in other))
        yield Caution(
            "refund.not_on_board",
            {"models": join_list(model.key for model in other), "terms": terms},
        )


def other_rates(study: Study) -> Iterator[Caution]:
    """Models whose refund rate is the study's own, and another one by the law of its day."""
    for model in study.model:
        for said in otherwise_refunded(model, study.on):
            yield replace(said, values={"model": model.key, **said.values})


def product_refunds(
    study: Study, request: RefundRequest, laws: Rules, fx: FxTable
) -> Iterator[ProductRefund]:
    """The study's typical month with each product, and what one more unit of it does."""
    place = place_of(request)
    known = [facts for facts in study.model if facts.price_term in ON_BOARD]
    if not known:
        first = study.model[0]
        raise InputError("refund.study_term", code=first.code, term=first.price_term)
    for facts in known:
        rate, rule = refund_rate_of(facts, study.on, rates=laws.refund_rates)
        back = rate or Decimal(0)
        fob = fx.convert(facts.price_usd, "USD", "CNY")
        effect = effect_of_one_unit(study.firm, facts, back, fob)
        if effect is None:
            raise InputError("refund.study_status", status=study.firm.vat_status)
        month = typical_month(study.firm, facts, back)
        result = replace(solve_month(month, places=CENTS), period=f"{study.on:%Y-%m}")
        own = RuleUse(
            "refund_rate", str(facts.refund_rate), None, None, "study.toml", "user", "share"
        )
        rules = (rule or own, *rules_behind(place, study.firm.firm_class, [study.on]))
        charged = surtaxes_of_month(result, place)
        yield ProductRefund(facts, month, result, charged, effect, rules, fx.rate("CNY", "USD"))
