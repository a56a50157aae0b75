"""Worked cases of settlement: from the words of ``settlement/cases.toml`` to the formulas."""

from decimal import Decimal
from typing import cast

from offing.cases.inputs import ONE, ZERO, Answers, Inputs, Solver, solves
from offing.settlement.charges import Fee, expected_credit_loss, finance_cost
from offing.settlement.forwards import (
    Compounding,
    covered_parity_forward,
    money_market_hedge,
    ndf_settlement,
)
from offing.settlement.limits import (
    annual_volatility_limit,
    portfolio_sigma,
    single_limit,
    two_factor_lognormal_limit,
)
from offing.terms.errors import InputError
from offing.terms.messages import enumerated

QUANTILES = {
    Decimal(level): Decimal(z)
    for level, z in (("0.90", "1.282"), ("0.95", "1.645"), ("0.975", "1.960"), ("0.99", "2.326"),
                     ("0.995", "2.576"))
}  # fmt: skip
"""One-sided confidence → the quantile that textbooks print."""


def _quantile(inputs: Inputs, default: Decimal | None = None) -> Decimal:
    """``z`` as given, or of the confidence that is given."""
    if inputs.has("z") or not inputs.has("confidence"):
        return inputs.number("z", default)
    level = inputs.number("confidence")
    if level not in QUANTILES:
        raise InputError("settle.no_quantile", level=level, known=enumerated(QUANTILES))
    return QUANTILES[level]


def _day_count(inputs: Inputs) -> Decimal:
    """Days of a year: 360 or 365, also as ``ACT/365``."""
    given = inputs.given("day_count")
    if given and isinstance(given.value, str) and "/" in given.value:
        return Decimal(given.value.rsplit("/", 1)[1])
    return inputs.number("day_count", Decimal(360))


def _days(inputs: Inputs) -> Decimal:
    """The days of a case: given, or in months of 30, or in years of its day count."""
    if not inputs.has("days") and inputs.has("months"):
        return inputs.number("months") * 30
    if not inputs.has("days") and inputs.has("years"):
        return inputs.number("years") * _day_count(inputs)
    return inputs.number("days")


def _forward(inputs: Inputs, side: str) -> Decimal:
    """The forward: given, or spot with its points."""
    if inputs.has("forward") or not inputs.has("points"):
        return inputs.quote("forward", side=side)
    points = inputs.number("points", form=side) * inputs.number("point_size", ONE)
    return inputs.quote("spot", side=side) + points


def _parity(inputs: Inputs, compounding: Compounding, side: str) -> Decimal:
    """The forward of one side: its bid lends the price currency at bid, borrows the base at ask."""
    other = {"bid": "ask", "ask": "bid"}.get(side, "")
    given = inputs.given("r_price", "period")
    spot = inputs.quote("spot", side=side)
    if given and "period" in given.named.forms:
        rates = inputs.number("r_price", form="period"), inputs.number("r_base", form="period")
        return covered_parity_forward(spot, *rates, ONE, day_count_price=ONE, day_count_base=ONE)
    day_count = _day_count(inputs)
    return covered_parity_forward(
        spot,
        inputs.number("r_price", form=side),
        inputs.number("r_base", form=other),
        _days(inputs),
        day_count_price=inputs.number("day_count_price", day_count),
        day_count_base=inputs.number("day_count_base", day_count),
        compounding=compounding,
    )


@solves("cip_simple", "cip_annual", "cip_continuous")
def parity(inputs: Inputs) -> Answers:
    """The forward that covered interest parity gives, or that spot and points give."""
    compounding = cast(Compounding, inputs.method.removeprefix("cip_"))
    given = inputs.given("spot", "bid")
    both = given is not None and bool(given.named.forms)
    answers: Answers = {}
    for side in ("bid", "ask") if both else ("",):
        spot = inputs.quote("spot", side=side)
        if inputs.has("points"):
            forward = _forward(inputs, side)
        else:
            forward = _parity(inputs, compounding, side)
        ending = f"_{side}" if side else ""
        answers |= {f"forward{ending}": forward, f"points{ending}": forward - spot}
        if not side:
            answers["premium"] = (forward - spot) / spot
            if inputs.has("days", "months", "years"):
                years = _days(inputs) / _day_count(inputs)
                answers["premium_annual"] = (forward - spot) / spot / years
    return answers


def _period_rate(inputs: Inputs, word: str) -> Decimal:
    """Interest for the period, given so or as a yearly rate with its days."""
    given = inputs.given(word, "period")
    if given is None or "period" in given.named.forms:
        return inputs.number(word, form="period")
    return inputs.number(word) * _days(inputs) / _day_count(inputs)


def _money_market(amount: str, foreign: str, home: str) -> Solver:
    def solve(inputs: Inputs) -> Answers:
        hedge = money_market_hedge(
            inputs.money(amount),
            _period_rate(inputs, foreign),
            inputs.quote("spot", side="bid" if amount == "receivable" else "ask"),
            _period_rate(inputs, home),
        )
        answers: Answers = dict.fromkeys(("borrow_fc", "deposit_fc"), hedge.borrow_fc)
        return answers | {"home_now": hedge.home_now, "home_at_maturity": hedge.home_at_maturity}

    return solve


solves("money_market_receivable")(_money_market("receivable", "borrow_rate", "deposit_rate"))
solves("money_market_payable")(_money_market("payable", "deposit_rate", "borrow_rate"))


def _amount(inputs: Inputs) -> Decimal:
    """The foreign amount, whichever side it is on."""
    words = ("receivable", "payable", "exposure")
    return inputs.money(next((word for word in words if inputs.has(word)), words[0]))


def _fees(inputs: Inputs, home: Decimal) -> Decimal:
    return inputs.money("fees", ZERO) + home * inputs.number("fee_rate", ZERO)


def _hedge(sign: int, side: str) -> Solver:
    """A receivable sold forward, less fees (1); or a payable bought, with the fees on top (-1)."""

    def solve(inputs: Inputs) -> Answers:
        home = _amount(inputs) * _forward(inputs, side)
        return {"home_at_maturity": home - sign * _fees(inputs, home)}

    return solve


solves("forward_receivable")(_hedge(1, "bid"))
solves("forward_payable")(_hedge(-1, "ask"))


@solves("partial_hedge")
def partial(inputs: Inputs) -> Answers:
    """A share sold forward and the rest at the spot of the day."""
    amount, ratio = _amount(inputs), inputs.number("hedge_ratio")
    hedged = amount * ratio * _forward(inputs, "bid")
    unhedged = amount * (ONE - ratio) * inputs.quote("spot_at_maturity")
    home = hedged + unhedged - _fees(inputs, hedged)
    return {"hedged_home": hedged, "unhedged_home": unhedged, "home_at_maturity": home}


def _option(sign: int) -> Solver:
    """A put on a receivable (1) or a call on a payable (-1), used where it pays."""

    def solve(inputs: Inputs) -> Answers:
        amount, strike = _amount(inputs), inputs.quote("strike")
        spot = inputs.quote("spot_at_maturity")
        premium = amount * inputs.number("premium_per_fc", ZERO) + inputs.money("premium", ZERO)
        used = sign * (strike - spot) > 0
        home = amount * (strike if used else spot) - sign * premium
        return {"home_at_maturity": home, "premium_home": premium, "exercised": used}

    return solve


solves("option_receivable")(_option(1))
solves("option_payable")(_option(-1))


@solves("hedge_ratio")
def hedge_ratio(inputs: Inputs) -> Answers:
    """The ratio of least variance, ``ρ·σ_spot / σ_forward``."""
    ratio = inputs.number("rho") * inputs.number("sigma_spot") / inputs.number("sigma_forward")
    return {"hedge_ratio": ratio}


def _value(inputs: Inputs) -> Decimal:
    """A value in home money, or a foreign amount at spot."""
    for word in ("value", "exposure"):
        given = inputs.given(word, "home")
        if given and (word == "value" or "home" in given.named.forms):
            return inputs.number(word, form="home")
    return _amount(inputs) * inputs.quote("spot", side="bid")


@solves("var_single", "var_annual_vol", "var_lognormal", "var_two_factor_lognormal")
def value_at_risk(inputs: Inputs) -> Answers:
    """Value at risk of one exposure, by the volatility that is given."""
    value, days = _value(inputs), inputs.number("days", ONE)
    z = _quantile(inputs)
    answers: Answers = {}
    if inputs.method == "var_annual_vol":
        year = inputs.number("trading_days", Decimal(252))
        sigma = inputs.number("sigma_annual")
        loss = annual_volatility_limit(value, sigma, z, days=days, trading_days=year)
    elif inputs.method == "var_single":
        mean = inputs.number("mean", ZERO)
        sigma = inputs.number("sigma_daily")
        loss = single_limit(value, ONE, sigma, z, days=days, mean_daily=mean).loss_home
    else:
        word = "sigma_fx" if inputs.has("sigma_fx") else "sigma_daily"
        two = inputs.method == "var_two_factor_lognormal"
        sigmas = inputs.number(word), inputs.number("sigma_rate") if two else ZERO
        rho = inputs.number("rho", ZERO) if two else ZERO
        first, second = (sigma * days.sqrt() for sigma in sigmas)
        both = two_factor_lognormal_limit(value, first, second, z, rho)
        loss = both.loss_both if two else both.loss_first
        answers = {"loss_fx": both.loss_first, "loss_rate": both.loss_second} if two else {}
    answers |= {"var_home": loss, "var_pct": loss / value, "worst_pct": -loss / value}
    if inputs.has("spot"):
        answers["worst_spot"] = inputs.quote("spot", side="bid") * (ONE - loss / value)
    return answers


def _correlations(inputs: Inputs, sigmas: list[Decimal]) -> list[list[Decimal]]:
    rows = inputs.items("correlations")
    if rows:
        return [inputs.table({"weights": row}, apart=True).numbers("weights") for row in rows]
    rho = inputs.number("rho", ZERO)
    if not inputs.has("rho") and inputs.has("covariance"):
        rho = inputs.number("covariance") / (sigmas[0] * sigmas[1])
    size = range(len(sigmas))
    return [[ONE if i == j else rho for j in size] for i in size]


@solves("portfolio_sigma", "var_portfolio")
def portfolio(inputs: Inputs) -> Answers:
    """Volatility and value at risk of several positions."""
    value = ZERO
    if inputs.has("weights") or not inputs.has("exposures"):
        weights = inputs.numbers("weights")
    else:
        exposures = inputs.given("exposures")
        amounts = inputs.table({"weights": exposures.value if exposures else None}).numbers(
            "weights"
        )
        value = sum(amounts, ZERO)
        if not value:
            raise InputError("settle.not_positive", name="exposures", value=value)
        weights = [amount / value for amount in amounts]
    sigmas = inputs.numbers("sigmas")
    sigma = portfolio_sigma(weights, sigmas, _correlations(inputs, sigmas))
    days = inputs.number("days", ONE)
    loss = _quantile(inputs, Decimal("1.645")) * sigma * days.sqrt()
    worst = inputs.number("mean", ZERO) * days - loss
    answers: Answers = {"sigma_p": sigma, "worst_pct": worst, "var_pct": loss}
    value = inputs.money("value", value)
    return answers | ({"var_home": value * loss, "worst_home": value * worst} if value else {})


@solves("ndf_buy_local", "ndf_sell_local")
def ndf(inputs: Inputs) -> Answers:
    """A non-deliverable forward, settled in dollars at the fixing."""
    agreed, fixing = (inputs.quote(word, of="usd", per="local") for word in ("ndf", "fixing"))
    given = inputs.given("notional", "local")
    notional = inputs.number("notional", form="local")
    if given and "usd" in given.named.forms:
        notional /= agreed
    settled = ndf_settlement(notional, agreed, fixing)
    return {
        "usd_at_ndf": settled.usd_at_ndf,
        "usd_at_fixing": settled.usd_at_fixing,
        "settlement_usd_to_seller": settled.to_seller,
        "settlement_usd_to_buyer": settled.to_buyer,
        "settlement_usd": settled.to_seller if "sell" in inputs.method else settled.to_buyer,
    }


@solves("bank_fee")
def bank_fee(inputs: Inputs) -> Answers:
    """A share of the amount for each period, between its least and its greatest."""
    most = inputs.money("max") if inputs.has("max") else None
    period = int(inputs.number("period_days")) if inputs.has("period_days") else None
    fee = Fee(inputs.number("rate"), inputs.money("min", ZERO), most, period)
    return {"fee": fee.of(inputs.money("amount"), int(inputs.number("days", ZERO)))}


@solves("finance_cost")
def waiting(inputs: Inputs) -> Answers:
    """What waiting for the money costs."""
    rate, days = inputs.number("rate"), _days(inputs)
    return {"finance_cost": finance_cost(inputs.money("amount"), rate, days, _day_count(inputs))}


@solves("expected_credit_loss")
def credit(inputs: Inputs) -> Answers:
    """``PD · LGD · A · (1 − cover) + premium``."""
    amount = inputs.money("amount")
    loss = expected_credit_loss(
        amount,
        inputs.number("pd"),
        inputs.number("lgd"),
        inputs.number("cover", ZERO),
        inputs.money("premium", ZERO, of=amount),
    )
    return {"expected_loss": loss}
