"""The price of a model in a market, told: today's, what may decide it, the curve."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from math import ceil, isinf

from offing.api.experiment import ExperimentAnswer, PriceTestArm
from offing.api.order import OrderAnswer
from offing.api.price import PriceAnswer
from offing.api.quotations import QuotationsAnswer
from offing.planning.offering import Selling
from offing.planning.price_test import USEFUL
from offing.planning.win_chances import LEAST, Chance, MarketWins
from offing.report.blocks import (
    Block,
    Callout,
    Cell,
    Figure,
    Figures,
    Shown,
    Table,
    Text,
    cautions,
    missing_cell,
    money_cell,
    number,
    table_of,
    text,
    texts_of,
)
from offing.report.charts import price as chart
from offing.report.views.refund import quarantined_rows
from offing.study.order import OrderResult
from offing.study.pricing import PricePoint
from offing.terms.caution import Caution
from offing.terms.countries import country_name
from offing.terms.messages import join_list, say
from offing.terms.numbers import (
    change,
    count,
    currency_name,
    day,
    digits,
    fixed_decimals,
    likelihood,
    money,
    money_column,
    moneys,
    percent,
    percent_range,
    price,
    price_digits,
    value_or_dash,
)

NEAR = 2
"""Prices on each side of today's that the first screen shows, beside the asked and the best."""


def view(answer: PriceAnswer) -> tuple[Block, ...]:
    """A price that was asked about, sentences, the curve, the prices near today's or all."""
    return *asked_price_blocks(answer), *curve(answer)


def curve(answer: PriceAnswer) -> tuple[Block, ...]:
    """Sentences, the curve, the prices near today's; with ``explain`` the whole table."""
    priced = answer.priced
    market = country_name(answer.market)
    figure = Figure(
        "price",
        say("price.heading", model=answer.model, market=market),
        partial(chart.draw, "price", answer.model, market, priced.curve.points),
        say("price.chart_caption"),
        tables=(_table(answer),),
        source=say("report.source_own"),
    )
    hidden = len(priced.curve.points) - len(_price_points(answer))
    more = (Text((say("price.more", count=hidden),), "note"),) if hidden else ()
    return (
        Text((_verdict(answer),), "lead"),
        Text(tuple(_grounds(answer)), "list"),
        Figures((figure,)),
        *more,
    )


def asked_price_blocks(answer: PriceAnswer) -> tuple[Block, ...]:
    """What the price that was asked about would bring."""
    point = answer.priced.point
    if point is None:
        return ()
    amount = moneys([point.profit_cny, point.low_cny, point.high_cny, point.matched_cny], "CNY")
    brings = say(
        "price.at",
        fob=price(point.fob_usd),
        landed=_landed_price(answer, point),
        **texts_of(point, _units, "units", "few=low_units", "many=high_units"),
        **texts_of(point, amount, "profit=profit_cny", "low=low_cny", "high=high_cny"),
    )
    more = [] if point.chance is None else [say("price.at_chance", chance=likelihood(point.chance))]
    more.append(say("price.at_matched", profit=amount(point.matched_cny)))
    return Text((brings,), "lead"), Text(tuple(more))


def _units(value: float) -> str:
    return count(round(value))


def _landed_price(answer: PriceAnswer, point: PricePoint) -> str:
    """Its price at the importer's door; missing where nobody knows the duty."""
    if point.landed_usd is None:
        return say("price.duty_unknown")
    return say("price.duty_paid", price=price(point.landed_usd))


def _grounds(answer: PriceAnswer) -> Iterator[str]:
    """Today's price, the one that the study asks, and what is known of how buyers answer to it."""
    priced = answer.priced
    point = next(point for point in priced.curve.points if point.today)
    key = "sells" if isinstance(priced.outlet.state, Selling) else "enters"
    yield say(f"price.today_{key}", price=price(point.fob_usd), landed=_landed_price(answer, point))
    if priced.outlet.asked_usd is not None:
        yield say("price.asked", price=price(priced.asked_usd))
    implied, sigma, learnt = priced.curve.implied, priced.sigma, priced.ledger
    if isinf(implied):
        yield say("price.implied_none")
    else:
        yield say("price.implied", sigma=fixed_decimals(implied, 1))
    tenths = partial(fixed_decimals, places=1)
    yield say(
        f"price.sigma_{sigma.source}", **texts_of(sigma, tenths, "sigma=value", "low", "high")
    )
    if learnt is None:
        yield say("price.ledger_none")
        return
    ends = {} if learnt.sigma is None else texts_of(learnt.sigma, tenths, "low", "high")
    yield say(f"price.ledger_{learnt.reason}", rows=count(learnt.rows), **ends)


def _verdict(answer: PriceAnswer) -> str:
    curve = answer.priced.curve
    best = {} if curve.best_usd is None else {"price": price(curve.best_usd)}
    return say(f"price.verdict_{curve.verdict}", **best)


def _price_points(answer: PriceAnswer) -> tuple[PricePoint, ...]:
    """The prices to tell: all where asked for, else those near today's and those that matter."""
    curve, tried = answer.priced.curve, answer.priced.asked_usd
    if answer.explain:
        return curve.points
    today = next(at for at, point in enumerate(curve.points) if point.today)
    return tuple(
        point
        for at, point in enumerate(curve.points)
        if abs(at - today) <= NEAR or point.fob_usd in (tried, curve.best_usd, answer.priced.at_usd)
    )


def _table(answer: PriceAnswer) -> Table:
    points = _price_points(answer)
    usual = [point for point in points if point.fob_usd != answer.priced.at_usd] or points
    told = [(p.profit_cny, p.low_cny, p.high_cny, p.matched_cny) for p in usual]
    column = money_column([value for row in told for value in row], "CNY")

    def landed_cell(point: PricePoint) -> Cell:
        usd = point.landed_usd
        return missing_cell() if usd is None else Cell(price_digits(usd), value=usd)

    def chance(point: PricePoint) -> Cell:
        known = point.chance is not None
        return Cell(likelihood(point.chance or 0.0) * known, value=point.chance)

    def yuan(of: str) -> Shown[PricePoint]:
        name = of.removesuffix("_cny")
        return say(f"price.column_{name}"), lambda point: money_cell(column, getattr(point, of))

    return table_of(
        "price-points",
        say("price.table", unit=column.unit),
        points,
        (say("price.column_fob"), lambda p: Cell(price_digits(p.fob_usd), value=p.fob_usd)),
        (say("price.column_landed"), landed_cell),
        (say("price.column_units"), lambda p: Cell(count(round(p.units)), value=p.units)),
        yuan("profit_cny"),
        (text("price.column_range"),
         lambda p: f"{column.cell(p.low_cny)} … {column.cell(p.high_cny)}"),
        (say("price.column_chance"), chance),
        yuan("matched_cny"),
        (text("price.column_note"), partial(_note, answer)),
    )  # fmt: skip


def _note(answer: PriceAnswer, point: PricePoint) -> str:
    priced = answer.priced
    notes = {
        "today": point.today and isinstance(priced.outlet.state, Selling),
        "asked": point.fob_usd == priced.asked_usd,
        "at": point.fob_usd == priced.at_usd,
        "outside": point.outside and not point.today,
    }
    return say("errors.joint").join(say(f"price.is_{name}") for name, true in notes.items() if true)


def view_order(answer: OrderAnswer) -> tuple[Block, ...]:
    """The verdict, the prices at which it pays, its parts, what is not known."""
    made, order = answer.result, answer.result.order
    prices = {"price": float(order.price.amount), "zero": made.zero, "usual": made.usual}
    figures = {
        "units": count(order.units), "model": order.facts.key, "market": country_name(order.market),
        "term": order.term, "net": money(made.net_cny, "CNY"),
        "hours": fixed_decimals(order.hours, 0), "line": digits(made.line_hours),
        "margin": percent(made.margin, 1),
        "entering": money(made.entering_cny or 0.0, "CNY"),
        "by": say(f"order.entering_{'illustrative' if made.entering_shipped else 'own'}"),
        **{name: f"{order.price.currency} {_to_a_cent(value)}" for name, value in prices.items()},
    }  # fmt: skip
    lacking = (Caution(key, {"needs": needs}) for key, needs in made.lacking.items())
    return (
        Text((say("order.lead", **figures), say(f"order.{made.verdict}", **figures)), "lead"),
        Text(tuple(_beside(made, figures)), "list"),
        _parts(made),
        *cautions(lacking),
    )


def _to_a_cent(value: float) -> str:
    """Rounded up: a cent below the price at which nothing is left is a loss."""
    return fixed_decimals(ceil(round(value * 100, 4)) / 100, 2)


def _beside(made: OrderResult, figures: dict[str, str]) -> Iterator[str]:
    """The prices, the hours, the market, the exchange rate and the buyer."""
    yield say("order.prices_least" if made.lacking else "order.prices", **figures)
    if made.hours_cny is not None and not made.order.planned and made.verdict != "beyond":
        key = "order.hours" if made.hours_cny else "order.hours_free"
        free = min(made.free_hours, made.order.hours)
        parts = {"free": free, "taken": made.order.hours - free}
        told = {name: fixed_decimals(hours, 0) for name, hours in parts.items()}
        yield say(key, worth=money(made.hours_cny, "CNY"), **told, **figures)
    if made.entering_cny is not None:
        yield say("order.nothing_sold", **figures)
    if made.lines.get("wait"):
        yield say("order.waiting", rate=percent(made.interest, 2))
    if made.at_risk_cny:
        yield say("order.at_risk", risk=money(made.at_risk_cny, "CNY"))
    if made.owed_cny is not None:
        key = "order.no_limit" if made.limit_cny is None else "order.owes"
        limit, owed = money(made.limit_cny or 0.0, "CNY"), money(made.owed_cny, "CNY")
        yield say(key, buyer=made.order.buyer, owed=owed, limit=limit)


def _parts(made: OrderResult) -> Block:
    rows = {**made.lines, "profit": made.profit_cny}
    if made.hours_cny:
        rows |= {"hours": -made.hours_cny, "net": made.net_cny}
    units = float(made.order.units)
    return table_of(
        "order-parts",
        say("order.parts"),
        [row for row in rows.items() if round(row[1])],
        (text("order.column_part"), lambda row: say(f"order.part_{row[0]}")),
        (currency_name("CNY"), lambda row: fixed_decimals(row[1], 0)),
        (number("order.column_unit"), lambda row: fixed_decimals(row[1] / units, 2)),
    )


WIDE = 0.3
"""Relative error of an elasticity above which no price is moved by it."""


def view_experiment(answer: ExperimentAnswer) -> tuple[Block, ...]:
    """The test in sentences, and its arms pair by pair."""
    by = say(f"experiment.by_{answer.by}")
    lead = say(
        "experiment.lead",
        change=change(answer.change),
        goods=answer.goods,
        by=by,
        months=answer.months,
        start=day(answer.start),
    )
    told = _design_blocks(answer, by) if answer.plan is not None else _result_blocks(answer)
    beside = [] if answer.plan is None else [Text((say("experiment.next"),), "note")]
    return (Text((lead,), "lead"), *told, _arms(answer), *beside)


def _design_blocks(answer: ExperimentAnswer, by: str) -> Iterator[Block]:
    plan, likely = answer.plan, answer.elasticity
    assert plan is not None
    seen = fixed_decimals(plan.least_seen, 1)
    lines = [say("experiment.tells", error=fixed_decimals(plan.error, 1), seen=seen)]
    if likely is not None:
        figure = fixed_decimals(likely, 1)
        if answer.needed is None:
            yield Callout(say("experiment.cannot", elasticity=figure, by=by))
        elif plan.error <= USEFUL * likely:
            lines.append(say("experiment.enough", elasticity=figure))
        else:
            lines.append(say("experiment.needs", elasticity=figure, months=answer.needed))
        if answer.source == "literature":
            lines.append(say("experiment.source_literature", elasticity=figure))
    if plan.cost is not None:
        amount = money(abs(plan.cost), "USD")
        lines.append(
            say("experiment.costs" if plan.cost > 0 else "experiment.earns", amount=amount)
        )
    elif answer.margin is None:
        lines.append(say("experiment.cost_missing"))
    if answer.stop_below is not None:
        stop = {"months": answer.stop_months, "share": percent(answer.stop_below, 0)}
        lines.append(say("experiment.stop", **stop))
    if answer.left_out:
        lines.append(say("experiment.left_out", count=answer.left_out))
    yield Text(tuple(lines), "list")


def _result_blocks(answer: ExperimentAnswer) -> Iterator[Block]:
    found = answer.result
    assert found is not None
    figures = {
        "elasticity": fixed_decimals(found.elasticity, 1), "run": answer.run,
        "months": answer.months,
    }  # fmt: skip
    yield from _stop(answer, found.sold)
    if found.low is None or found.high is None or found.error is None:
        yield Text((say("experiment.found_one", **figures),), "list")
        return
    low, high = fixed_decimals(found.low, 1), fixed_decimals(found.high, 1)
    lines = [say("experiment.found", low=low, high=high, pairs=found.pairs, **figures)]
    if found.low > 1 and found.error <= WIDE * found.elasticity:
        part = percent(found.error / found.elasticity, 0)
        lines.append(say("experiment.use", share=part, elasticity=figures["elasticity"]))
    else:
        lines.append(say("experiment.too_wide"))
    if answer.left_out:
        lines.append(say("experiment.pairs_lost", count=answer.left_out))
    yield Text(tuple(lines), "list")


def _stop(answer: ExperimentAnswer, sold: float) -> Iterator[Block]:
    """Whether to stop: what the test group sold beside the stop that the test was planned with."""
    if answer.stop_below is None:
        yield Text((say("experiment.stop_unknown"),), "list")
        return
    values = {"sold": percent(sold, 0), "share": percent(answer.stop_below, 0),
              "count": answer.run, "months": answer.stop_months}  # fmt: skip
    if answer.stops:
        yield Callout(say("experiment.stop_now", **values))
    else:
        early = "_early" if answer.stops is None else ""
        yield Text((say(f"experiment.stop_not{early}", **values),), "list")


def _arms(answer: ExperimentAnswer) -> Block:
    def name(arm: PriceTestArm) -> str:
        if answer.by == "week":
            return day(date.fromisoformat(arm.arm))
        return country_name(arm.arm) if answer.by == "market" else arm.arm

    def arm_text(arm: PriceTestArm, value: float) -> str:
        return price(value, arm.currency)

    units = "experiment.column_units" + "_week" * (answer.by == "week")
    return table_of(
        "experiment-arms",
        say("experiment.arms"),
        answer.arms,
        (text(f"experiment.by_{answer.by}"), name),
        (number("experiment.column_pair"), lambda arm: str(arm.pair)),
        (text("experiment.column_group"),
         lambda arm: say(f"experiment.group_{'test' if arm.raised else 'control'}")),
        (number(units), lambda arm: count(arm.units)),
        (number("experiment.column_price"), lambda arm: arm_text(arm, arm.price)),
        (number("experiment.column_test_price"), lambda arm: arm_text(arm, arm.test_price)),
    )  # fmt: skip


def view_quotations(answer: QuotationsAnswer) -> tuple[Block, ...]:
    """What they tell in sentences, a row a market, what to know of it."""
    names = ("won", "lost", "open", "unknown")
    sums = {name: sum(getattr(one, name) for one in answer.markets) for name in names}
    total, goods = sum(sums.values()), join_list(answer.goods[:6])
    lead = [say("quotations.lead", count=count(total), goods=goods, **sums)]
    if sums["open"] or sums["unknown"]:
        lead.append(say("quotations.undecided", **sums))
    return (
        Text(tuple(lead), "lead"),
        *_price(answer),
        _markets(answer),
        Text((say("quotations.selection"),), "note"),
        *quarantined_rows(answer.quarantined, total + answer.put_aside),
    )


def _price(answer: QuotationsAnswer) -> Iterator[Block]:
    """What a price does, or that these quotations cannot tell it."""
    curve, (won, lost) = answer.curve, answer.fitted
    if curve is None:
        yield Callout(say(f"quotations.cannot_{answer.reason}", won=won, lost=lost, least=LEAST))
        return
    tenths = partial(fixed_decimals, places=1)
    figures = texts_of(curve.elasticity, tenths, "elasticity=middle", "low", "high")
    # with their signs: a figure below nought before a word of direction says the opposite
    ends = "change=middle", "least=high", "most=low"
    signed = texts_of(curve.elasticity, lambda value: change(-value / 100), *ends)
    if not curve.falls:
        yield Callout(say("quotations.cannot_slope", won=won, lost=lost, **signed))
        return
    lines = [say(f"quotations.falls_{answer.against}", **signed)]
    error = (curve.elasticity.high - curve.elasticity.low) / 4
    narrow = curve.elasticity.low > 1 and error <= WIDE * curve.elasticity.middle
    if not narrow or len(answer.goods) == 1:
        lines.append(say("quotations.use" if narrow else "quotations.too_wide", **figures))
    yield Text(tuple(lines), "list")


def _chance(found: Chance | None) -> Cell:
    if found is None:
        return missing_cell()
    return Cell(f"{percent(found.middle, 0)} ({percent_range(found.low, found.high)})")


def _best(wins: MarketWins) -> Cell:
    if wins.best is None:
        return missing_cell()
    asked, beyond = price(wins.best.price, wins.currency), wins.best.beyond
    return Cell(say(f"quotations.best_{beyond}", price=asked) if beyond else asked)


def _markets(answer: QuotationsAnswer) -> Block:
    places = answer.curve.places if answer.curve and answer.curve.falls else {}
    priced = [
        (number(f"quotations.{name}_{answer.against}", change=change(ratio - 1)),
         lambda one, name=name: _chance(one.chances.get(name)))
        for name, ratio in places.items()
    ]  # fmt: skip
    return table_of(
        "quotations-markets",
        say("quotations.markets"),
        answer.markets,
        (text("report.market"), lambda one: value_or_dash(one.market, country_name)),
        *((number(f"quotations.column_{name}"), lambda one, name=name: str(getattr(one, name)))
          for name in ("won", "lost", "undecided")),
        (number("quotations.column_usual"),
         lambda one: " ".join(filter(None, (price(one.usual, one.currency), one.incoterm)))),
        (number("quotations.column_share"), lambda one: _chance(one.share)),
        *priced,
        (number("quotations.column_best"), _best) if any(w.best for w in answer.markets) else None,
    )  # fmt: skip
