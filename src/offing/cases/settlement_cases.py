"""Solve a worked case of settlement: from the names that case files use to the formulas."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import cast

from offing.cases.inputs import Inputs, Value
from offing.settlement.charges import Fee, expected_credit_loss, finance_cost
from offing.settlement.forwards import (
    Compounding,
    covered_parity_forward,
    hedge_carry,
    money_market_hedge,
    ndf_settlement,
)
from offing.settlement.limits import (
    annual_volatility_limit,
    portfolio_sigma,
    single_limit,
    two_factor_lognormal_limit,
)
from offing.terms.amounts import exactly
from offing.terms.errors import InputError
from offing.terms.messages import enumerated

ZERO, ONE = Decimal(0), Decimal(1)
Answers = dict[str, Value]

DAYS = ("days", "tenor_days", "days_to_maturity", "horizon_days", "holding_days")
QUANTILES = {
    Decimal(level): Decimal(z)
    for level, z in (("0.90", "1.282"), ("0.95", "1.645"), ("0.975", "1.960"), ("0.99", "2.326"),
                     ("0.995", "2.576"))
}  # fmt: skip
"""One-sided confidence → the quantile that textbooks print."""


def _quantile(inputs: Inputs, default: Decimal | None = None) -> Decimal:
    """``z`` as given, or of the confidence that is given."""
    names = ("z", "z_score", "quantile")
    if not inputs.has(*names) and inputs.has("confidence", "confidence_level"):
        level = inputs.number("confidence", "confidence_level")
        if level not in QUANTILES:
            raise InputError("settle.no_quantile", level=level, known=enumerated(QUANTILES))
        return QUANTILES[level]
    return inputs.number(*names, default=default)


def _days(inputs: Inputs) -> Decimal:
    """The days of a case: given, or in months of 30, or in years of its day count."""
    if not inputs.has(*DAYS) and inputs.has("months", "tenor_months"):
        return inputs.number("months", "tenor_months") * 30
    if not inputs.has(*DAYS) and inputs.has("years", "tau"):
        return inputs.number("years", "tau") * _day_count(inputs)
    return inputs.number(*DAYS)


def _day_count(inputs: Inputs) -> Decimal:
    """Days of a year: 360 or 365, also as ``ACT/365``."""
    found = inputs.find("day_count", "basis", "day_count_basis")
    if isinstance(found, str) and "/" in found:
        return Decimal(found.rsplit("/", 1)[1])
    return inputs.number("day_count", "basis", "day_count_basis", default=Decimal(360))


def _quote(inputs: Inputs, name: str) -> Decimal:
    """A rate in home money for one of foreign money, however it was quoted."""
    indirect = (f"{name}_fc_per_home", f"{name}_fc_per_cny")
    if inputs.has(*indirect):
        quoted = inputs.number(*indirect)
        if quoted <= 0:
            raise InputError("settle.not_positive", name=name, value=quoted)
        return 1 / quoted
    side = "ask" if inputs.has("payable_fc", "payable") else "bid"
    direct = (
        f"{name}_home_per_fc", f"{name}_cny_per_fc", name, f"{name}_rate", f"{name}_{side}",
    )  # fmt: skip
    if name == "forward" and not inputs.has(*direct) and inputs.has("points", "forward_points"):
        points = inputs.number("points", "forward_points")
        return _quote(inputs, "spot") + points * inputs.number("point_size", "pip", default=ONE)
    return inputs.number(*direct)


def _period_rate(inputs: Inputs, name: str) -> Decimal:
    """Interest for the period, given so or as a yearly rate with its days."""
    yearly = (f"{name}_annual", f"{name}_year", name)
    if not inputs.has(f"{name}_period") and inputs.has(*yearly):
        return inputs.number(*yearly) * _days(inputs) / _day_count(inputs)
    return inputs.number(f"{name}_period")


PRICE = ("r_price", "r_home", "r_cny", "r_quote", "r_domestic")
BASE = ("r_base", "r_foreign", "r_fc")


def _parity(compounding: str) -> Callable[[Inputs], Answers]:
    def forward(inputs: Inputs, spot: Decimal, price: Decimal, base: Decimal) -> Decimal:
        day_count = _day_count(inputs)
        return covered_parity_forward(
            spot,
            price,
            base,
            _days(inputs),
            day_count_price=inputs.number("day_count_price", default=day_count),
            day_count_base=inputs.number("day_count_base", default=day_count),
            compounding=cast(Compounding, compounding),
        )

    def rate(inputs: Inputs, names: tuple[str, ...], side: str) -> Decimal:
        return inputs.number(*(f"{name}_{side}" for name in names), *names)

    def whole_period(inputs: Inputs) -> Answers:
        spot = _quote(inputs, "spot")
        at = covered_parity_forward(
            spot, rate(inputs, PRICE, "period"), rate(inputs, BASE, "period"), ONE,
            day_count_price=ONE, day_count_base=ONE,
        )  # fmt: skip
        return {"forward": at, "points": at - spot, "carry": hedge_carry(at, spot)}

    def solve_parity(inputs: Inputs) -> Answers:
        if any(inputs.has(f"{name}_period") for name in PRICE):
            return whole_period(inputs)
        if inputs.has("points_bid") or inputs.has("points_ask"):
            size = inputs.number("point_size", "pip", default=ONE)
            return {
                f"forward_{side}": inputs.number(f"spot_{side}", "spot")
                + inputs.number(f"points_{side}") * size
                for side in ("bid", "ask")
            }
        answers: Answers = {}
        # the bid: the base is borrowed at its ask, the price currency lent at its bid
        for side, other in (("bid", "ask"), ("ask", "bid")):
            if inputs.has(f"spot_{side}"):
                answers[f"forward_{side}"] = forward(
                    inputs,
                    inputs.number(f"spot_{side}"),
                    rate(inputs, PRICE, side),
                    rate(inputs, BASE, other),
                )
        if not answers or inputs.has("spot"):
            spot = _quote(inputs, "spot")
            at = forward(inputs, spot, inputs.number(*PRICE), inputs.number(*BASE))
            answers |= {"forward": at, "carry": hedge_carry(at, spot)}
            answers |= dict.fromkeys(("points", "forward_points"), at - spot)
            years = _days(inputs) / _day_count(inputs)
            if years:
                premium = (at - spot) / spot / years
                answers |= dict.fromkeys(("annual_premium", "forward_premium_annual"), premium)
            answers |= dict.fromkeys(("premium", "forward_premium"), (at - spot) / spot)
        return answers

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
            "pv_fc": hedge.borrow_fc,
            "home_now": hedge.home_now,
            "home_at_maturity": hedge.home_at_maturity,
        }

    return solve_hedge


AMOUNT = ("receivable_fc", "payable_fc", "amount_fc", "exposure_fc", "receivable", "payable")


def _either_money_market(inputs: Inputs) -> Answers:
    """The hedge of whichever side the case has."""
    side = "payable" if inputs.has("payable_fc") else "receivable"
    return MODELS[f"money_market_{side}"](inputs)


def _fees(inputs: Inputs, home: Decimal) -> Decimal:
    """Fees in home money: a sum, or a share of the amount."""
    fees = inputs.number("fees", "fees_home", "fees_cny", default=ZERO)
    return fees + home * inputs.number("fee_rate", "spread", default=ZERO)


def _forward(inputs: Inputs) -> Answers:
    """A receivable sold forward, less fees; or a payable bought, with the fees on top."""
    home = inputs.number(*AMOUNT) * _quote(inputs, "forward")
    fees = _fees(inputs, home)
    if inputs.has("payable_fc", "payable"):
        fees = -fees
    return dict.fromkeys(("home_at_maturity", "home", "receipt_home", "cost_home"), home - fees)


def _option(sign: int) -> Callable[[Inputs], Answers]:
    """A put on a receivable (1) or a call on a payable (-1), used where it pays."""

    def solve_option(inputs: Inputs) -> Answers:
        amount, strike = inputs.number(*AMOUNT), _quote(inputs, "strike")
        spot = _quote(
            inputs, "spot_at_maturity" if inputs.has("spot_at_maturity") else "spot_maturity"
        )
        premium = inputs.number("premium_home", "premium", default=ZERO)
        if inputs.has("premium_per_fc"):
            premium = amount * inputs.number("premium_per_fc")
        used = sign * (strike - spot) > 0
        home = amount * (strike if used else spot) - sign * premium
        return {"home_at_maturity": home, "premium_home": premium, "exercised": used}

    return solve_option


def _hedge_ratio(inputs: Inputs) -> Answers:
    """The ratio of least variance, ``ρ·σ_spot / σ_forward``."""
    ratio = (
        inputs.number("rho")
        * inputs.number("sigma_spot", "sigma_exposure")
        / inputs.number("sigma_forward", "sigma_futures", "sigma_hedge")
    )
    return dict.fromkeys(("hedge_ratio", "ratio", "h"), ratio)


def _partial(inputs: Inputs) -> Answers:
    """A share sold forward and the rest at the spot of the day."""
    amount, ratio = inputs.number(*AMOUNT), inputs.number("hedge_ratio", "ratio", "hedged_share")
    ahead = amount * ratio * _quote(inputs, "forward")
    open_ = amount * (ONE - ratio) * _quote(inputs, "spot_at_maturity")
    home = ahead + open_ - _fees(inputs, ahead)
    return {"hedged_home": ahead, "unhedged_home": open_, "home_at_maturity": home}


def _lognormal(inputs: Inputs) -> Answers:
    """``V (1 − e^(−zσ√h))``."""
    days = inputs.number(*DAYS, default=ONE)
    sigma = inputs.number("sigma_daily", "sigma", "sigma_fx") * days.sqrt()
    value = _value(inputs)
    loss = two_factor_lognormal_limit(value, sigma, ZERO, _quantile(inputs), ZERO).loss_first
    return {"var_home": loss, "loss_fx": loss, "var_pct": loss / value}


def _value(inputs: Inputs) -> Decimal:
    """A value in home money, or a foreign amount at spot."""
    if inputs.has("value_home", "value", "exposure_home"):
        return inputs.number("value_home", "value", "exposure_home")
    return inputs.number(*AMOUNT) * _quote(inputs, "spot")


def _single(inputs: Inputs) -> Answers:
    if not inputs.has("sigma_daily", "sigma") and inputs.has("sigma_annual", "annual_sigma"):
        return _annual(inputs)
    value = inputs.has("value_home", "value", "exposure_home")
    limit = single_limit(
        _value(inputs) if value else inputs.number(*AMOUNT),
        ONE if value else _quote(inputs, "spot"),
        inputs.number("sigma_daily", "sigma"),
        _quantile(inputs),
        days=inputs.number(*DAYS, default=ONE),
        mean_daily=inputs.number("mean", default=ZERO),
    )
    return {"var_pct": limit.share, "worst_spot": limit.worst_spot, "var_home": limit.loss_home}


def _annual(inputs: Inputs) -> Answers:
    value = _value(inputs)
    limit = annual_volatility_limit(
        value,
        inputs.number("sigma_annual", "annual_sigma", "sigma"),
        _quantile(inputs),
        days=inputs.number(*DAYS, default=ONE),
        trading_days=inputs.number("trading_days", default=Decimal(252)),
    )
    return {"var_home": limit, "var_pct": limit / value}


def _two_factor(inputs: Inputs) -> Answers:
    limit = two_factor_lognormal_limit(
        _value(inputs),
        inputs.number("sigma_fx", "sigma_1"),
        inputs.number("sigma_rate", "sigma_2"),
        _quantile(inputs),
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
    if not inputs.has("rho") and inputs.has("covariance", "cov"):
        sigmas = inputs.numbers("sigmas")
        rho = inputs.number("covariance", "cov") / (sigmas[0] * sigmas[1])
    else:
        rho = inputs.number("rho", default=ZERO)
    return [[ONE if i == j else rho for j in range(size)] for i in range(size)]


def _portfolio(inputs: Inputs) -> Answers:
    exposures = ("exposures_home", "exposures", "positions", "values_home")
    value = ZERO
    if not inputs.has("weights") and inputs.has(*exposures):
        amounts = inputs.numbers(*exposures)
        value = sum(amounts, ZERO)
        if not value:
            raise InputError("settle.not_positive", name="exposures", value=value)
        weights = [amount / value for amount in amounts]
    else:
        weights = inputs.numbers("weights")
    sigma = portfolio_sigma(weights, inputs.numbers("sigmas"), _correlations(inputs, len(weights)))
    z = _quantile(inputs, Decimal("1.645"))
    days = inputs.number("days", default=ONE)
    mean = inputs.number("mean", default=ZERO)
    worst = mean * days - z * sigma * days.sqrt()
    answers: Answers = {"sigma_p": sigma, "worst_pct": worst, "var_pct": z * sigma * days.sqrt()}
    value = inputs.number("value_home", "value", "portfolio_value", default=value)
    if value:
        answers |= {"var_home": value * z * sigma * days.sqrt(), "worst_home": value * worst}
    return answers


def _usd_per_local(inputs: Inputs, *names: str) -> Decimal:
    """A rate in dollars for one of local money; a rate that says nothing is local for a dollar."""
    for key in inputs.values:
        found = re.fullmatch(rf"(?:{'|'.join(names)})(?:_rate)?_([a-z]+)_per_([a-z]+)", key)
        if found and "usd" in found.groups():
            quoted = inputs.number(key)
            if quoted <= 0:
                raise InputError("settle.not_positive", name=key, value=quoted)
            return quoted if found[1] == "usd" else 1 / quoted
    direct = [f"{name}_usd_per_local" for name in names]
    if inputs.has(*direct):
        return inputs.number(*direct)
    local = (
        *(f"{name}_local_per_usd" for name in names), *(f"{name}_rate" for name in names), *names,
    )  # fmt: skip
    quoted = inputs.number(*local)
    if quoted <= 0:
        raise InputError("settle.not_positive", name=names[0], value=quoted)
    return 1 / quoted


def _ndf(inputs: Inputs) -> Answers:
    agreed = _usd_per_local(inputs, "ndf", "contract", "forward", "strike")
    fixing = _usd_per_local(inputs, "fixing", "settlement", "fix")
    if "notional_usd" in inputs.values or "notional_fc" in inputs.values:
        notional = inputs.number("notional_usd", "notional_fc") / agreed
    else:
        local = [key for key in inputs.values if re.fullmatch(r"notional_[a-z]{3}", key)]
        notional = inputs.number("notional_local", "notional", *local)
    settled = ndf_settlement(notional, agreed, fixing)
    answers: Answers = {
        "usd_at_ndf": settled.usd_at_ndf,
        "usd_at_fixing": settled.usd_at_fixing,
        "settlement_usd_to_seller": settled.to_seller,
        "settlement_usd_to_buyer": settled.to_buyer,
    }
    side = _side_of_local(inputs)
    if side:
        own = settled.to_seller if side == "sell" else settled.to_buyer
        answers |= dict.fromkeys(("settlement_usd", "payoff_usd", "settlement"), own)
    return answers


def _side_of_local(inputs: Inputs) -> str | None:
    """Whether the firm sells or buys the local currency; buying dollars is selling it."""
    words = inputs.text("side", "position", "direction", default="").lower().replace("_", " ")
    side = next((s for s in ("sell", "buy") if s in words), None)
    if side is None:
        side = next((s for w, s in (("short", "sell"), ("long", "buy")) if w in words), None)
    if side is None or "usd" not in words:
        return side
    return "buy" if side == "sell" else "sell"


def _ndf_of(side: str) -> Callable[[Inputs], Answers]:
    def solve_ndf(inputs: Inputs) -> Answers:
        answers = _ndf(inputs)
        of = "seller" if side == "sell" else "buyer"
        own = answers[f"settlement_usd_to_{of}"]
        return answers | dict.fromkeys(("settlement_usd", "payoff_usd", "settlement"), own)

    return solve_ndf


def _fee(inputs: Inputs) -> Answers:
    maximum = (
        inputs.number("max", "max_fee", "cap") if inputs.has("max", "max_fee", "cap") else None
    )
    period = int(inputs.number("period_days")) if inputs.has("period_days") else None
    for name, days in (("rate_per_quarter", 90), ("rate_per_month", 30), ("rate_per_year", 360)):
        period = days if inputs.has(name) and period is None else period
    rate = inputs.number("rate", "fee_rate", "rate_per_quarter", "rate_per_month", "rate_per_year")
    fee = Fee(rate, inputs.number("min", "min_fee", default=ZERO), maximum, period)
    amount = inputs.number("amount", "value", "invoice_amount", "lc_amount")
    return {"fee": fee.of(amount, int(inputs.number(*DAYS, default=ZERO)))}


def _finance(inputs: Inputs) -> Answers:
    cost = finance_cost(
        inputs.number("amount", "principal", "receivable"),
        inputs.number("rate", "annual_rate", "rate_annual", "r"),
        _days(inputs),
        _day_count(inputs),
    )
    return {"finance_cost": cost, "cost": cost}


def _credit_loss(inputs: Inputs) -> Answers:
    amount = inputs.number("amount", "exposure", "ead", "receivable")
    loss = expected_credit_loss(
        amount,
        inputs.number("pd", "default_probability", "probability_of_default"),
        inputs.number("lgd", "loss_given_default"),
        inputs.number("cover", "insured_share", "coverage", "cover_rate", default=ZERO),
        inputs.number("premium", default=amount * inputs.number("premium_rate", default=ZERO)),
    )
    return {"expected_loss": loss, "expected_credit_loss": loss}


MODELS: dict[str, Callable[[Inputs], Answers]] = {
    "cip_simple": _parity("simple"),
    "cip_annual": _parity("annual"),
    "cip_continuous": _parity("continuous"),
    "money_market_receivable": _money_market("receivable", "borrow_rate", "deposit_rate"),
    "money_market_payable": _money_market("payable", "deposit_rate", "borrow_rate"),
    "money_market_hedge": _either_money_market,
    "forward_receivable": _forward,
    "forward_payable": _forward,
    "partial_hedge": _partial,
    "hedge_ratio": _hedge_ratio,
    "option_receivable": _option(1),
    "option_payable": _option(-1),
    "var_single": _single,
    "var_annual_vol": _annual,
    "var_two_factor_lognormal": _two_factor,
    "portfolio_sigma": _portfolio,
    "var_portfolio": _portfolio,
    "var_lognormal": _lognormal,
    "ndf": _ndf,
    "ndf_buy_local": _ndf_of("buy"),
    "ndf_sell_local": _ndf_of("sell"),
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
