"""Solve a worked case of settlement: from the names that case files use to the formulas."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import cast

from offing.costing.cases.inputs import Inputs, Value
from offing.costing.refund.amounts import exactly
from offing.costing.settlement.charges import Fee, expected_credit_loss, finance_cost
from offing.costing.settlement.forwards import (
    Compounding,
    covered_parity_forward,
    hedge_carry,
    money_market_hedge,
    ndf_settlement,
)
from offing.costing.settlement.limits import (
    annual_volatility_limit,
    portfolio_sigma,
    single_limit,
    two_factor_lognormal_limit,
)
from offing.terms.errors import InputError

ZERO, ONE = Decimal(0), Decimal(1)
Answers = dict[str, Value]


def _days(inputs: Inputs) -> Decimal:
    if not inputs.has("days") and inputs.has("months"):
        return inputs.number("months") * 30
    return inputs.number("days")


def _quote(inputs: Inputs, name: str) -> Decimal:
    """A rate in home money for one of foreign money, however it was quoted."""
    if inputs.has(f"{name}_fc_per_home"):
        quoted = inputs.number(f"{name}_fc_per_home")
        if quoted <= 0:
            raise InputError("settle.not_positive", name=name, value=quoted)
        return 1 / quoted
    return inputs.number(f"{name}_home_per_fc", name)


def _period_rate(inputs: Inputs, name: str) -> Decimal:
    """Interest for the period, given so or as a yearly rate with its days."""
    yearly = (f"{name}_annual", f"{name}_year", name)
    if not inputs.has(f"{name}_period") and inputs.has(*yearly):
        day_count = inputs.number("day_count", default=Decimal(360))
        return inputs.number(*yearly) * _days(inputs) / day_count
    return inputs.number(f"{name}_period")


def _parity(compounding: str) -> Callable[[Inputs], Answers]:
    def solve_parity(inputs: Inputs) -> Answers:
        day_count = inputs.number("day_count", default=Decimal(360))
        spot = inputs.number("spot")
        forward = covered_parity_forward(
            spot,
            inputs.number("r_price", "r_home", "r_cny"),
            inputs.number("r_base", "r_foreign", "r_fc"),
            _days(inputs),
            day_count_price=inputs.number("day_count_price", default=day_count),
            day_count_base=inputs.number("day_count_base", default=day_count),
            compounding=cast(Compounding, compounding),
        )
        return {
            "forward": forward,
            "points": forward - spot,
            "carry": hedge_carry(forward, spot),
        }

    return solve_parity


def _money_market(amount: str, foreign: str, home: str) -> Callable[[Inputs], Answers]:
    def solve_hedge(inputs: Inputs) -> Answers:
        hedge = money_market_hedge(
            inputs.number(f"{amount}_fc", "amount_fc"),
            _period_rate(inputs, foreign),
            _quote(inputs, "spot"),
            _period_rate(inputs, home),
        )
        return {
            "borrow_fc": hedge.borrow_fc,
            "deposit_fc": hedge.borrow_fc,
            "home_now": hedge.home_now,
            "home_at_maturity": hedge.home_at_maturity,
        }

    return solve_hedge


def _forward(inputs: Inputs) -> Answers:
    amount = inputs.number("receivable_fc", "payable_fc", "amount_fc")
    fees = inputs.number("fees", "fees_home", default=ZERO)
    return {"home_at_maturity": amount * _quote(inputs, "forward") - fees}


def _single(inputs: Inputs) -> Answers:
    limit = single_limit(
        inputs.number("exposure_fc"),
        inputs.number("spot"),
        inputs.number("sigma_daily", "sigma"),
        inputs.number("z"),
        days=inputs.number("days", default=ONE),
        mean_daily=inputs.number("mean", default=ZERO),
    )
    return {"var_pct": limit.share, "worst_spot": limit.worst_spot, "var_home": limit.loss_home}


def _annual(inputs: Inputs) -> Answers:
    value = inputs.number("value_home")
    limit = annual_volatility_limit(
        value,
        inputs.number("sigma_annual"),
        inputs.number("z"),
        days=inputs.number("days", default=ONE),
        trading_days=inputs.number("trading_days", default=Decimal(252)),
    )
    return {"var_home": limit, "var_pct": limit / value}


def _two_factor(inputs: Inputs) -> Answers:
    limit = two_factor_lognormal_limit(
        inputs.number("value_home"),
        inputs.number("sigma_fx"),
        inputs.number("sigma_rate"),
        inputs.number("z"),
        inputs.number("rho", default=ZERO),
    )
    return {
        "loss_fx": limit.loss_first,
        "loss_rate": limit.loss_second,
        "var_home": limit.loss_both,
    }


def _correlations(inputs: Inputs, size: int) -> list[list[Decimal]]:
    given = inputs.find("correlations", "corr", "correlation")
    if isinstance(given, list):
        return [Inputs({"row": row}, inputs.case, inputs.where).numbers("row") for row in given]
    rho = inputs.number("rho", default=ZERO)
    return [[ONE if i == j else rho for j in range(size)] for i in range(size)]


def _portfolio(inputs: Inputs) -> Answers:
    weights = inputs.numbers("weights")
    sigma = portfolio_sigma(weights, inputs.numbers("sigmas"), _correlations(inputs, len(weights)))
    z = inputs.number("z", default=Decimal("1.645"))
    days = inputs.number("days", default=ONE)
    mean = inputs.number("mean", default=ZERO)
    worst = mean * days - z * sigma * days.sqrt()
    answers: Answers = {"sigma_p": sigma, "worst_pct": worst, "var_pct": z * sigma * days.sqrt()}
    if inputs.has("value_home", "value"):
        value = inputs.number("value_home", "value")
        answers |= {"var_home": value * z * sigma * days.sqrt(), "worst_home": value * worst}
    return answers


def _usd_per_local(inputs: Inputs, name: str) -> Decimal:
    if inputs.has(f"{name}_local_per_usd"):
        quoted = inputs.number(f"{name}_local_per_usd")
        if quoted <= 0:
            raise InputError("settle.not_positive", name=name, value=quoted)
        return 1 / quoted
    return inputs.number(f"{name}_usd_per_local")


def _ndf(inputs: Inputs) -> Answers:
    settled = ndf_settlement(
        inputs.number("notional_local"),
        _usd_per_local(inputs, "ndf"),
        _usd_per_local(inputs, "fixing"),
    )
    return {
        "usd_at_ndf": settled.usd_at_ndf,
        "usd_at_fixing": settled.usd_at_fixing,
        "settlement_usd_to_seller": settled.to_seller,
        "settlement_usd_to_buyer": settled.to_buyer,
    }


def _fee(inputs: Inputs) -> Answers:
    maximum = (
        inputs.number("max", "maximum", "cap") if inputs.has("max", "maximum", "cap") else None
    )
    period = int(inputs.number("period_days")) if inputs.has("period_days") else None
    fee = Fee(inputs.number("rate"), inputs.number("min", "minimum", default=ZERO), maximum, period)
    return {"fee": fee.of(inputs.number("amount"), int(inputs.number("days", default=ZERO)))}


def _finance(inputs: Inputs) -> Answers:
    cost = finance_cost(
        inputs.number("amount"),
        inputs.number("rate"),
        _days(inputs),
        inputs.number("day_count", default=Decimal(360)),
    )
    return {"finance_cost": cost, "cost": cost}


def _credit_loss(inputs: Inputs) -> Answers:
    loss = expected_credit_loss(
        inputs.number("amount"),
        inputs.number("pd", "default_probability"),
        inputs.number("lgd", "loss_given_default"),
        inputs.number("cover", default=ZERO),
        inputs.number("premium", default=ZERO),
    )
    return {"expected_loss": loss, "expected_credit_loss": loss}


MODELS: dict[str, Callable[[Inputs], Answers]] = {
    "cip_simple": _parity("simple"),
    "cip_annual": _parity("annual"),
    "cip_continuous": _parity("continuous"),
    "money_market_receivable": _money_market("receivable", "borrow_rate", "deposit_rate"),
    "money_market_payable": _money_market("payable", "deposit_rate", "borrow_rate"),
    "forward_receivable": _forward,
    "forward_payable": _forward,
    "var_single": _single,
    "var_annual_vol": _annual,
    "var_two_factor_lognormal": _two_factor,
    "portfolio_sigma": _portfolio,
    "var_portfolio": _portfolio,
    "ndf_buy_local": _ndf,
    "ndf_sell_local": _ndf,
    "bank_fee": _fee,
    "finance_cost": _finance,
    "expected_credit_loss": _credit_loss,
}
"""The models of settlement cases."""


def solve(model: str, inputs: Inputs | Mapping[str, Value]) -> Answers:
    """The answers of a settlement case, unrounded.

    Args:
        model: a name of :data:`MODELS`.
        inputs: of the case.
    """
    with exactly():
        return MODELS[model](inputs if isinstance(inputs, Inputs) else Inputs(inputs))
