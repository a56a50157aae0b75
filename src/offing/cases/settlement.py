"""Worked cases of settlement: from the words of ``settlement/cases.toml`` to the formulas."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from operator import mul
from statistics import NormalDist
from typing import cast

from offing.cases.given import ONE, ZERO, Answers, Given
from offing.cases.inputs import Inputs, solves
from offing.cases.positions import (
    amount_of,
    day_count,
    days_of,
    forward_points,
    interest,
    side_of,
    sign_of,
    to_price_currency,
    year_of,
)
from offing.cases.words import methods
from offing.settlement.forwards import (
    Compounding,
    covered_parity_forward,
    money_market_hedge,
    ndf_settlement,
)
from offing.settlement.simulation import (
    RANKS,
    annual_volatility_limit,
    historical_limit,
    path_sigma,
    portfolio_sigma,
    single_limit,
    two_factor_lognormal_limit,
)
from offing.terms.errors import InputError, must_be_within
from offing.terms.messages import join_list

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
    level = _level(inputs)
    if level not in QUANTILES:
        return Decimal(repr(NormalDist().inv_cdf(float(level))))
    return QUANTILES[level]


POINT_SIZES = (ONE, Decimal("0.0001"), Decimal("0.01"))
"""What a point may be worth: one of the quote, a pip, and one of yen."""

POINTS = {"points": ONE, "premium_points": ONE, "discount_points": -ONE}
"""Words of forward points, and the sign that each has in a direct quote."""


def _forward(inputs: Inputs, side: str) -> Decimal:
    """The forward: given, or spot with its points, which are in the terms of its quote."""
    word = next(filter(inputs.has, POINTS), "")
    if inputs.has("forward") or not word:
        return inputs.quote("forward", side=side, plus=_margin(inputs, "forward", side))
    if word != "points":  # of the foreign money: in a quote of it in home money
        points = inputs.number(word)
        if points < 0 or inputs.is_indirect(inputs.pair_of("spot", side)):
            raise inputs.bad(word, points)
        return inputs.quote("spot", side=side, plus=POINTS[word] * forward_points(inputs, word))
    quoted = inputs.side_as_quoted("spot", side)
    points = forward_points(inputs, "points", quoted) + _margin(inputs, "spot", side)
    return inputs.quote("spot", side=side, plus=points)


def _margin(inputs: Inputs, word: str, side: str) -> Decimal:
    """The points that the bank keeps: a worse price on either side of a quote."""
    if not inputs.has("margin_points"):
        return ZERO
    up = (side == "bid") == inputs.is_indirect(inputs.pair_of(word, side))
    return forward_points(inputs, "margin_points") * (1 if up else -1)


def _parity(inputs: Inputs, side: str) -> Decimal:
    """The forward of one side: its bid lends the price currency at bid, borrows the base at ask."""
    other = {"bid": "ask", "ask": "bid"}.get(side, "")
    spot, given = inputs.quote("spot", side=side), inputs.given("r_price", "period")
    if given and "period" in given.named.forms:
        rates = inputs.number("r_price", form="period"), inputs.number("r_base", form="period")
        return covered_parity_forward(spot, *rates, ONE, day_count_price=ONE, day_count_base=ONE)
    return covered_parity_forward(
        spot,
        interest(inputs, "r_price", side),
        interest(inputs, "r_base", other),
        days_of(inputs),
        day_count_price=year_of(inputs, "price"),
        day_count_base=year_of(inputs, "base"),
        compounding=cast(Compounding, inputs.method.removeprefix("cip_")),
    )


@solves("cip_simple", "cip_annual", "cip_continuous")
def parity(inputs: Inputs) -> Answers:
    """The forward that covered interest parity gives, or that spot and points give."""
    inputs = to_price_currency(inputs)
    given = inputs.given("spot", "bid")
    answers: Answers = {}
    for side in ("bid", "ask") if given and given.named.forms & {"bid", "ask"} else ("",):
        spot, ending = inputs.quote("spot", side=side), f"_{side}" if side else ""
        forward = (_forward if inputs.has(*POINTS, "forward") else _parity)(inputs, side)
        answers |= {
            f"forward{ending}": _nearer(inputs, f"forward{ending}", forward),
            f"points{ending}": _to_points(inputs, f"points{ending}", forward - spot),
        }
        if not side:
            answers |= _premium(inputs, (forward - spot) / spot)
    return answers


def _premium(inputs: Inputs, premium: Decimal) -> Answers:
    """The points over the spot, and a year's."""
    if not inputs.has("days", "months", "years"):
        return {"premium": premium}
    years = days_of(inputs) / day_count(inputs)
    annual = premium / years if years else None
    return {"premium": premium, "premium_annual": annual}


@solves("international_fisher")
def international_fisher(inputs: Inputs) -> Answers:
    """无抛补利率平价: the spot to expect grows as the forward of covered parity does."""
    growth = "cip_simple" if inputs.has("days", "months") else "cip_annual"
    return {"expected_spot": _parity(replace(to_price_currency(inputs), method=growth), "")}


def _expected_number(inputs: Inputs, name: str) -> Decimal | None:
    """The number that a case expects of an answer, under whichever of its names."""
    gives = methods()[inputs.method].gives
    found = ((value, gives.find(n)) for n, value in inputs.expected.items())
    named = (v for v, of in found if of and not of.quoted and of.canonical == name)
    value = next(named, None)
    return value if isinstance(value, Decimal) else None


def _nearer(inputs: Inputs, name: str, rate: Decimal) -> Decimal:
    """A rate, or its inverse, of a spot quoted inversely: whichever the case is speaking of."""
    asked = _expected_number(inputs, name)
    if not inputs.is_indirect(inputs.pair_of("spot", "bid")) or not asked or min(asked, rate) <= 0:
        return rate
    return min((rate, ONE / rate), key=lambda one: abs((one / asked).ln()))


def _to_points(inputs: Inputs, name: str, difference: Decimal) -> Decimal:
    """Forward less spot, in the terms of the quote; in points where a case speaks of many."""
    asked = _expected_number(inputs, name)
    if not asked or not difference or abs(asked) < 1:
        return difference
    sizes = [inputs.number("point_size")] if inputs.has("point_size") else POINT_SIZES
    found = [difference / size for size in sizes]
    return min(found, key=lambda one: abs(abs(one / asked).ln()))


def _period_rate(inputs: Inputs, word: str, *, home: bool) -> Decimal:
    """Interest for the period, given so or as a yearly rate with its days.

    Where what is lent and borrowed has no rate of its own it is the interest of its currency.
    """
    given = _lent(inputs, word, home=home)
    if given is None and not inputs.has(word) and inputs.has("r_price", "r_base", "interest"):
        side = "r_price" if home else "r_base"
        if (own := inputs.given(side, "period")) and "period" in own.named.forms:
            return inputs.number(side, form="period")
        return interest(inputs, side) * days_of(inputs) / year_of(inputs, side.removeprefix("r_"))
    given = given or inputs.needed(word, "period")
    if given.named.currency and (given.named.currency in inputs.home) != home:
        raise inputs.bad(given.name, given.value)
    if "period" in given.named.forms:
        return inputs.share(given)
    return inputs.share(given) * days_of(inputs) / day_count(inputs)


def _lent(inputs: Inputs, word: str, *, home: bool) -> Given | None:
    """The interest on home or on foreign money, of several that say which they are on."""
    found = [item for item in inputs.every(word) if item.named.currency]
    found = [item for item in found if (item.named.currency in inputs.home) == home]
    found.sort(key=lambda item: "period" not in item.named.forms)
    return found[0] if found else None


@solves("money_market_receivable", "money_market_payable")
def money_market(inputs: Inputs) -> Answers:
    """A receivable: foreign money borrowed, home money deposited; a payable is the mirror."""
    foreign, home = ("borrow_rate", "deposit_rate")[:: sign_of(inputs)]
    rates = _period_rate(inputs, foreign, home=False), _period_rate(inputs, home, home=True)
    spot = inputs.quote("spot", side=side_of(inputs))
    abroad, now, later = money_market_hedge(amount_of(inputs), rates[0], spot, rates[1])
    answers: Answers = dict.fromkeys(("borrow_fc", "deposit_fc", "pv_fc"), abroad)
    return answers | {"home_now": now, "home_at_maturity": later}


@solves("forward_receivable", "forward_payable", "partial_hedge")
def forward(inputs: Inputs) -> Answers:
    """The whole or a share at the forward, with its fees, and the rest at the spot of the day."""
    amount = amount_of(inputs)
    ratio = inputs.number("hedge_ratio", None if inputs.method == "partial_hedge" else ONE)
    hedged = amount * ratio * _forward(inputs, side_of(inputs))
    unhedged = amount * (ONE - ratio) * inputs.quote("spot_at_maturity") if ratio != ONE else ZERO
    fees = inputs.money("fees", ZERO) + hedged * inputs.number("fee_rate", ZERO)
    home = hedged + unhedged - sign_of(inputs) * fees
    if inputs.has("spot_at_maturity") and ratio == ONE:  # what it would have brought without
        unhedged = amount * inputs.quote("spot_at_maturity")
    rate = hedged / (amount * ratio) if amount * ratio else None
    sums: Answers = {"hedged_home": hedged, "unhedged_home": unhedged, "home_at_maturity": home}
    return sums | {"forward": rate}


def _hedges(inputs: Inputs) -> Iterator[tuple[str, Answers]]:
    """Each hedge that a case has what is needed for."""
    side = "payable" if sign_of(inputs) < 0 else "receivable"
    if inputs.has("forward", *POINTS):
        yield "forward", forward(replace(inputs, method=f"forward_{side}"))
    if inputs.has("borrow_rate", "deposit_rate"):
        yield "money_market", money_market(replace(inputs, method=f"money_market_{side}"))
    if inputs.has("strike", "put_strike", "call_strike") and inputs.has("spot_at_maturity"):
        yield "option", option(replace(inputs, method=f"option_{side}"))
    if inputs.has("spot_at_maturity"):
        at_spot = amount_of(inputs) * inputs.quote("spot_at_maturity")
        yield "unhedged", {"home_at_maturity": at_spot}


HEDGE_PARTS = ("borrow_fc", "deposit_fc", "home_now", "premium_home", "exercised")
"""What a comparison tells of the hedges in it, besides what they bring."""


@solves("hedge_comparison_receivable", "hedge_comparison_payable")
def hedge_comparison(inputs: Inputs) -> Answers:
    """套保方案比较: what each hedge brings or costs, and which is best."""
    hedges = dict(_hedges(inputs))
    found = {name: cast(Decimal, hedge["home_at_maturity"]) for name, hedge in hedges.items()}
    if len(found) < 2:
        raise inputs.missing("forward" if "forward" not in found else "spot_at_maturity")
    best, second = sorted(found, key=lambda name: -sign_of(inputs) * found[name])[:2]
    homes: Answers = {
        name: hedge[name] for hedge in hedges.values() for name in HEDGE_PARTS if name in hedge
    }
    homes |= {f"{name}_home": home for name, home in found.items()}
    ahead = abs(found[best] - found[second])
    return homes | {"best": best, "best_home": found[best], "advantage": ahead}


@solves("option_receivable", "option_payable")
def option(inputs: Inputs) -> Answers:
    """A put on a receivable or a call on a payable, used where it pays.

    A premium that is paid at once bears ``premium_interest`` to maturity where that is given.
    """
    amount, sign = amount_of(inputs), sign_of(inputs)
    own = "put_strike" if sign > 0 else "call_strike"
    strike = inputs.quote(own if inputs.has(own) and not inputs.has("strike") else "strike")
    spot = inputs.quote("spot_at_maturity")
    premium = premium_given(inputs, amount)
    if inputs.has("premium_interest"):
        grown = inputs.number("premium_interest") * days_of(inputs) / day_count(inputs)
        premium *= ONE + grown
    used = sign * (strike - spot) > 0
    home = amount * (strike if used else spot) - sign * premium
    return {"home_at_maturity": home, "premium_home": premium, "exercised": used,
            "strike": strike, "rate": strike if used else spot}  # fmt: skip


def premium_given(inputs: Inputs, amount: Decimal) -> Decimal:
    """The premium in home money: a sum, or so much for one unit of foreign money."""
    unit = inputs.given("premium_per_fc")
    each = inputs.quote("premium_per_fc") if unit and unit.named.quoted else None
    each = inputs.number("premium_per_fc", ZERO) if each is None else each
    whole = inputs.given("premium")
    if whole and not inputs.is_share("premium") and inputs.means_share(whole, amount):
        value = inputs.read(whole.name)
        raise inputs.error("check.small_sum", name=whole.name, value=value, of=amount)
    spot = inputs.quote("spot") if inputs.is_share("premium") else ZERO
    return amount * each + inputs.money("premium", ZERO, of=amount * spot)


def _value(inputs: Inputs) -> Decimal:
    """A value in home money, or a foreign amount at spot."""
    for word in ("value", "exposure"):
        given = inputs.given(word, "home")
        if given and given.named.currency not in {"", *inputs.home}:
            return inputs.number(word) * inputs.quote("spot", side="bid")
        if given and (word == "value" or "home" in given.named.forms):
            return inputs.number(word, form="home")
    return amount_of(inputs) * inputs.quote("spot", side="bid")


def _sigma_daily(inputs: Inputs) -> Decimal:
    """The daily volatility, given or as the variance."""
    if inputs.has("variance_daily") and not inputs.has("sigma_daily"):
        return inputs.number("variance_daily").sqrt()
    return inputs.number("sigma_daily")


@solves("var_single", "var_annual_vol", "var_lognormal", "var_two_factor_lognormal")
def value_at_risk(inputs: Inputs) -> Answers:
    """Value at risk of one exposure, by the volatility that is given."""
    value, days, z = _value(inputs), inputs.number("days", ONE), _quantile(inputs)
    answers: Answers = {}
    scale = ZERO
    yearly = inputs.method == "var_single" and not inputs.has("sigma_daily", "variance_daily")
    if inputs.method == "var_annual_vol" or (yearly and inputs.has("sigma_annual")):
        sigma, year = inputs.number("sigma_annual"), inputs.number("trading_days", Decimal(252))
        loss = annual_volatility_limit(value, sigma, z, days=days, trading_days=year)
        scale = sigma * (days / year).sqrt()
    elif inputs.method == "var_single":
        sigma, mean = _sigma_daily(inputs), inputs.number("mean", ZERO)
        loss = value * single_limit(sigma, z, days=days, mean_daily=mean)
        scale = sigma * days.sqrt()
    else:
        two = inputs.method == "var_two_factor_lognormal"
        sigma = inputs.number("sigma_fx") if inputs.has("sigma_fx") else _sigma_daily(inputs)
        sigmas = sigma * days.sqrt(), inputs.number("sigma_rate") * days.sqrt() if two else ZERO
        rho = inputs.number("rho", ZERO) if two else ZERO
        *each, loss = two_factor_lognormal_limit(value, *sigmas, z, rho)
        answers = dict(zip(("loss_fx", "loss_rate"), each, strict=True)) if two else {}
    if scale and inputs.has("confidence"):
        level, normal = inputs.number("confidence"), NormalDist()
        density = Decimal(repr(normal.pdf(normal.inv_cdf(float(level)))))
        beyond = density / (ONE - level)  # the mean of a standard normal beyond its quantile
        answers["expected_shortfall_home"] = loss + value * scale * (beyond - z)
    return answers | {"var_home": loss, "value_home": value}


@solves("cash_flow_at_risk")
def cash_flow_at_risk(inputs: Inputs) -> Answers:
    """现金流在险值: what is sold forward is sure, what stays open moves with the spot."""
    spot, flows = inputs.quote("spot"), inputs.parts("flows") or [inputs]
    sure, opened = ZERO, list[tuple[Decimal, Decimal]]()
    for flow in flows:
        amount, ratio = amount_of(flow), flow.number("hedge_ratio", ZERO)
        sure += amount * ratio * flow.quote("forward") if ratio else ZERO
        opened.append((amount * (ONE - ratio), _walk(flow)))
    total, whole = sum((open_ for open_, _ in opened), ZERO), sum(map(amount_of, flows), ZERO)
    mean, sigma = sure + total * spot, spot * path_sigma(opened)
    fall = sign_of(inputs) * sigma * _quantile(inputs)
    budget = whole * inputs.quote("budget_rate") if inputs.has("budget_rate") else None
    answers: Answers = {"hedged_home": sure, "open_fc": total, "expected_home": mean}
    answers |= {"worst_home": mean - fall, "sigma_home": sigma, "budget_home": budget}
    return answers | {"worst_spot": spot - fall / total if total and len(flows) == 1 else None}


def _walk(flow: Inputs) -> Decimal:
    """The variance of the spot to the day of a flow, by the volatility of a year or of a day."""
    if not flow.has("sigma_annual"):
        return _sigma_daily(flow) ** 2 * flow.number("days", ONE)
    year = flow.number("trading_days") if flow.has("trading_days") else day_count(flow)
    return flow.number("sigma_annual") ** 2 * days_of(flow) / year


@solves("var_historical")
def historical(inputs: Inputs) -> Answers:
    """历史模拟法: the loss that so many of the past days were worse than."""
    sums = inputs.has("results")
    past = inputs.numbers("results" if sums else "returns")
    loss, beyond = historical_limit(past, _level(inputs), RANKS[0])
    if sums:
        return {"var_home": loss, "expected_shortfall_home": beyond}
    value = _value(inputs)
    answers: Answers = {"var_home": loss * value, "expected_shortfall_home": beyond * value}
    return answers | {"value_home": value, "var_pct": loss}


def _level(inputs: Inputs) -> Decimal:
    """The one-sided confidence."""
    level = inputs.number("confidence")
    if not Decimal("0.5") < level < 1:
        raise InputError("settle.no_quantile", level=level, known=join_list(QUANTILES))
    return level


def _correlations(inputs: Inputs, sigmas: list[Decimal]) -> list[list[Decimal]]:
    """As given, or of one correlation or covariance."""
    if inputs.has("correlations"):
        rows = inputs.items("correlations")
        return [inputs.table({"weights": row}, apart=True).numbers("weights") for row in rows]
    rho = inputs.number("rho", ZERO)
    if not inputs.has("rho") and inputs.has("covariance") and len(sigmas) == 2:
        rho = inputs.number("covariance") / (sigmas[0] * sigmas[1])
    size = range(len(sigmas))
    return [[ONE if i == j else rho for j in size] for i in size]


@solves("portfolio_sigma", "var_portfolio")
def portfolio(inputs: Inputs) -> Answers:
    """Volatility and value at risk of several positions."""
    word = "exposures" if inputs.has("exposures") and not inputs.has("weights") else "weights"
    weights, sigmas = inputs.numbers(word), inputs.numbers("sigmas")
    value = sum(weights, ZERO) if word == "exposures" else ZERO
    must_be_within(word, value if word == "exposures" else ONE, gt=0)
    shares = [weight / value for weight in weights] if value else weights
    sigma = portfolio_sigma(shares, sigmas, _correlations(inputs, sigmas))
    days = inputs.number("days", ONE)
    loss = _quantile(inputs, Decimal("1.645")) * sigma * days.sqrt()
    worst = inputs.number("mean", ZERO) * days - loss
    answers: Answers = {"sigma_p": sigma, "worst_pct": worst, "var_pct": loss}
    value = inputs.money("value", value)
    alone = loss / sigma * sum(map(mul, map(abs, shares), sigmas), ZERO) if sigma else ZERO
    answers |= {"var_undiversified": value * alone, "diversification": value * (alone - loss)}
    answers |= {"sigma_home": value * sigma}
    return answers | ({"var_home": value * loss, "worst_home": value * worst} if value else {})


def _dollar_rate(inputs: Inputs, word: str) -> Decimal:
    """Dollars for one of local money, however quoted.

    Without names it is local money for a dollar, as every market of such forwards quotes it, where
    the notional names its currency and the rate is above one.

    Raises:
        InputError: ``check.unknown_word`` where it could mean either.
    """
    item = inputs.needed(word)
    if item.named.quoted:
        return inputs.quote(word, of="usd", per="local")
    notional, rate = inputs.given("notional", "local"), item.inputs.read(item.name)
    local = notional.named.currency if notional else ""
    if local in ("", "usd") or rate <= 1:
        near = f"{word}_local_per_usd"
        raise inputs.error("check.unknown_word", name=item.name, method=inputs.method, near=near)
    return ONE / rate


@solves("ndf_buy_local", "ndf_sell_local", "ndf_buy_usd", "ndf_sell_usd")
def ndf(inputs: Inputs) -> Answers:
    """A non-deliverable forward, settled in dollars at the fixing; who sells dollars buys local."""
    agreed, fixing = (_dollar_rate(inputs, word) for word in ("ndf", "fixing"))
    notional, given = inputs.number("notional", form="local"), inputs.given("notional", "local")
    dollars = given is not None and "usd" in given.named.forms
    at_ndf, at_fixing = ndf_settlement(notional / agreed if dollars else notional, agreed, fixing)
    to_seller, to_buyer = at_ndf - at_fixing, at_fixing - at_ndf
    answers: Answers = {"usd_at_ndf": at_ndf, "usd_at_fixing": at_fixing}
    if inputs.method.endswith("usd"):  # who sells dollars buys local money
        answers, to_seller, to_buyer = {}, to_buyer, to_seller
    own = to_seller if "sell" in inputs.method else to_buyer
    both: Answers = {"settlement_usd_to_seller": to_seller, "settlement_usd_to_buyer": to_buyer}
    return {**answers, **both, "settlement_usd": own, "settlement_local": own / fixing}


@solves("broken_date")
def broken_date(inputs: Inputs) -> Answers:
    """非标准期限: the points of a day between two tenors, on a straight line."""
    near, far, days = (inputs.number(word) for word in ("near_days", "far_days", "days"))
    if not near < far or not near <= days <= far:
        raise inputs.bad("days", days)
    words, share = ("near_points", "far_points"), (days - near) / (far - near)
    first, last = map(inputs.number, words)
    start, end = (forward_points(inputs, word) for word in words)
    forward = inputs.quote("spot", plus=start + (end - start) * share)
    return {"points": first + (last - first) * share, "forward": forward}
