"""What a study leaves out and what it cannot know: models without trade data, markets whose landed
cost is missing, and effects that rest on one.

What a plan expects at the firm's own price does not rest on a duty: its record there was made under
the duty that buyers pay, and margins are at FOB. Another plant's duty beside it does, and so does
whatever a reform or a shock does to that duty. What a currency does to an invoice, and a refund to
a margin, is known at FOB; what a currency does to the landed price, by a reform's own elasticity,
rests on the duty again.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from math import fsum
from types import MappingProxyType

import polars as pl

from offing.ladders.own_sales import rated_sales
from offing.planning.plan import Plan, PlanRow
from offing.rules.reform import Reform
from offing.study.analysis import ProductAnalysis, group_by_models, is_short
from offing.study.costs import MarketCost, importer_of
from offing.study.delivery import SAME_UNION, from_other_plants
from offing.study.file import Study
from offing.study.inputs import StudyInputs
from offing.study.markets import Standings, may_touch
from offing.study.sales_history import last_twelve_months
from offing.study.schema import Line, ModelFacts
from offing.terms.caution import Caution, Dollars, Likelihood, Phrase, Value, countries
from offing.terms.errors import MissingDataError
from offing.terms.money import Missing, dollars, known_share, stake_of


def left_out(world: StudyInputs, studied: Collection[str]) -> list[Caution]:
    """Which models of the study the plan does not know, why, and what they sold.

    Args:
        world: the study and what it rests on.
        studied: keys of the models that the plan knows.
    """
    missing: dict[str, list[ModelFacts]] = defaultdict(list)
    for model in world.study.model:
        if model.key not in studied:
            loaded = bool(world.warehouse.trade_seen(model.code)[0])
            missing["markets" if loaded else "loaded"].append(model)
    sold = _ledger_sales(world) if missing else {}
    return [
        _caution(why, models, sold, fsum(_hours(world, models)))
        for why, models in sorted(missing.items())
    ]


def reserved_hours(world: StudyInputs, beside: Mapping[str, Collection[str]]) -> dict[str, float]:
    """Line → hours a year of what is sold today and the plan does not decide: it goes on.

    Args:
        world: the study and what it rests on.
        beside: model of the plan → markets of its sales that the plan does not look at; of a model
            that is not there, one without trade data, all sales count.
    """
    models = world.study.model
    hours: dict[str, float] = defaultdict(float)
    for model, used in zip(models, _hours(world, models, beside), strict=True):
        hours[world.study.line_of(model).key] += used
    return {line: used for line, used in hours.items() if used > 0}


def _hours(
    world: StudyInputs,
    models: Sequence[ModelFacts],
    only: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> list[float]:
    """What each model's sales of the last twelve months, in its unit, took of its line.

    ``only`` has the markets that count of some models.
    """
    if not models:
        return []
    sums = _recent(world).group_by("key", "unit", "market").agg(pl.col("quantity").sum())
    sold: dict[tuple[str, str], float] = defaultdict(float)
    for key, unit, market, count in sums.iter_rows():
        if key not in only or market in only[key]:
            sold[key, unit] += float(count)
    return [max(sold[model.key, model.unit], 0.0) * float(model.hours) for model in models]


def reserve_hours(study: Study, reserved: Mapping[str, float], every: Mapping[str, float]) -> Study:
    """The study with the hours of its lines that are left for what the plan decides.

    Where ``every`` hour used today is more than a line has, what the plan decides keeps its own.
    """
    if not reserved:
        return study

    def remaining(line: Line) -> Decimal:
        beside = reserved.get(line.key, 0.0)
        today = Decimal(repr(max(every.get(line.key, 0.0) - beside, 0.0)))
        least = max(min(today, line.hours), line.hours * NEARLY_NONE)
        return max(line.hours - Decimal(repr(beside)), least)

    return replace_hours(study, remaining)


def replace_hours(study: Study, hours: Callable[[Line], Decimal]) -> Study:
    """A study whose lines have other hours."""

    def replace_line(line: Line) -> Line:
        return line.model_copy(update={"hours": hours(line)})

    plants = [
        plant.model_copy(update={"line": list(map(replace_line, plant.line))})
        for plant in study.plant
    ]
    return Study.model_construct(**{**dict(study), "plant": plants})


NEARLY_NONE = Decimal("1e-6")
"""Of a line's hours, where the models that are left out take all: a line has some."""


def _recent(world: StudyInputs) -> pl.DataFrame:
    """The ledger's last twelve months by model."""
    return world.keyed_sales.filter(last_twelve_months(world.study.on))


def _ledger_sales(world: StudyInputs) -> dict[str | None, float]:
    """Model → USD of the ledger's last twelve months; nothing where it has none."""
    return dict(_priced_sales(world).group_by("key").agg(pl.col("usd").sum()).iter_rows())


BESIDE = ""
"""Stands for all that the firm sells and no model of the plan is."""


def sold_in(world: StudyInputs, articles: Sequence[ProductAnalysis]) -> dict[str, dict[str, float]]:
    """Market → model, or :data:`BESIDE`, → USD of the last twelve months."""
    sold: dict[str, dict[str, float]] = defaultdict(dict)
    for article in articles:
        for market, record in article.sales.records.items():
            if record.units > 0 and record.sales_usd > 0:
                sold[market][article.key] = record.sales_usd
    models = [article.key for article in articles]
    beside = _priced_sales(world).filter(~pl.col("key").is_in(models).fill_null(value=False))
    for market, usd in beside.group_by("market").agg(pl.col("usd").sum()).iter_rows():
        if usd > 0:
            sold[market][BESIDE] = usd
    return dict(sold)


def _priced_sales(world: StudyInputs) -> pl.DataFrame:
    """The ledger's last twelve months with a rate, ``usd``."""
    rates, oldest = world.day_rates, world.study.rates_age
    return rated_sales(_recent(world), rates, {}, oldest).drop_nulls("usd")


def _caution(
    why: str, models: Sequence[ModelFacts], sold: Mapping[str | None, float], hours: float
) -> Caution:
    in_english = ", ".join(f"{model.name.en} (HS {model.code})" for model in models)
    in_chinese = "、".join(f"{model.name.zh}（HS {model.code}）" for model in models)
    values: dict[str, Value] = {"goods": {"en": in_english, "zh": in_chinese}}
    whole = fsum(sold.values())
    if whole <= 0:
        return Caution(f"study.warn_left_out_{why}", values)
    usd = fsum(sold.get(model.key, 0.0) for model in models)
    more: dict[str, Value] = {"usd": Dollars(round(usd)), "share": f"{usd / whole:.0%}"}
    more["hours"] = f"{hours:,.0f}"
    return Caution(f"study.warn_left_out_{why}_sold", values | more)


def unread_markets(
    study: Study, looked_at: Collection[str], models: Collection[str]
) -> Iterator[Caution]:
    """Markets of tables that are none of the plan's.

    Where all markets are considered, each is said. Where the study names its own, a table may be
    kept for more of them: then they are said where it has none of the plan's.

    Args:
        study: the study.
        looked_at: the plan's markets.
        models: keys of the models that the plan knows.
    """
    every = study.markets.consider == "all"
    decided = {*looked_at, *study.markets.leave_out, *([] if every else study.markets.consider)}
    for table, named in tables_by_market(study, models):
        if (rest := sorted(set(named) - decided)) and (every or not decided & set(named)):
            yield Caution("study.warn_market_unread", {"table": table, "markets": countries(rest)})


def tables_by_market(
    study: Study, models: Collection[str]
) -> Iterator[tuple[str, Collection[str]]]:
    """What stands in the file by market: the table or key, and the markets that it names."""
    yield "[duty]", study.duty
    yield "[[channel]] markets", [m for channel in study.channel for m in channel.markets]
    yield "[entering.market]", study.entering.market
    yield "[keeping.market]", study.keeping.market
    yield "[[announced]]", [duty.market for duty in study.announced]
    if study.settlement is not None:
        yield "[settlement.market_accepts]", study.settlement.market_accepts
    for plant in study.plant:
        yield f"[[plant]] {plant.key} preference", [rate.market for rate in plant.preference]
    for model in study.model:
        if model.key in models:
            yield f"[[model]] {model.key} market_prices_usd", model.market_prices_usd
            yield f"[[model]] {model.key} entry_units", model.entry_units


Segment = tuple[str, str]
"""A model and a market."""
ABOUT = ("study.about_plan", "study.about_change", "study.about_stress")
"""What is missing: of the plan itself, of a reform or what else is tried, of the study's shocks."""


def _sales(row: PlanRow) -> float:
    """What the firm is to sell, else what it sells today, USD a year."""
    return row.sales_usd or row.sales_now_usd


def share_known(plan: Plan, missing: Iterable[Missing]) -> float | None:
    """The share of all the firm's sales for which an answer holds; ``None`` of none.

    It does not hold where effects are missing, nor for what no row of the plan has.
    """
    level = plan.sales_usd / plan.computed_usd if plan.computed_usd else 1.0  # that of the rows
    outside = fsum(usd for _, usd in plan.outside) * level
    beside = Missing("", dollars(outside))
    return known_share([*missing, beside], fsum(map(_sales, plan.rows)) + outside)


def sales_outside(
    world: StudyInputs, articles: Sequence[ProductAnalysis]
) -> tuple[tuple[str, float], ...]:
    """Market → the firm's sales of the last twelve months that no row of the plan has, USD.

    Without a market: of no model of the plan, and at prices of other tiers.
    """
    outside: dict[str, float] = defaultdict(float)
    for article in articles:
        outside[""] += article.sales.other_tiers_usd
        for market, usd in article.sales.other_markets.items():
            outside[market] += usd
    ours = {article.key for article in articles}
    outside[""] += fsum(usd for key, usd in _ledger_sales(world).items() if key not in ours)
    return tuple(sorted((market, usd) for market, usd in outside.items() if usd > 0))


def missing_by_segment(plan: Plan, reasons: Mapping[Segment, str]) -> dict[Segment, Missing]:
    """Each segment with its reason and what the plan sells there."""
    sales = {(row.product, row.market): _sales(row) for row in plan.rows}
    return {
        key: Missing(reason, dollars(sales.get(key, 0.0)), {"product": key[0], "market": key[1]})
        for key, reason in reasons.items()
    }


def _lacks(*costs: MarketCost) -> str | None:
    """Why one of several shipments has no landed cost; ``None`` where all have theirs."""
    lacking = (c.missing or "" for c in costs if c.quote is None and c.missing != SAME_UNION)
    return next(lacking, None)


def segments_without_cost(
    plan: Plan, articles: Iterable[ProductAnalysis]
) -> dict[Segment, Missing]:
    """Segments of a plan whose landed cost is not known."""
    sold = {(row.product, row.market) for row in plan.rows}
    reasons = {
        (article.key, market): "study.four_digits" if is_short(article) else reason
        for article in articles
        for market, standing in article.standings.items()
        if (article.key, market) in sold and (reason := _lacks(standing.cost)) is not None
    }
    return missing_by_segment(plan, reasons)


def not_computed(
    worlds: tuple[StudyInputs, StudyInputs],
    products: Sequence[ProductAnalysis],
    after: Sequence[Standings],
    reform: Reform,
    changed_freight: Callable[[str], bool],
    plan: Plan,
) -> dict[Segment, str]:
    """Segments that a change touches, and where its effect rests on what is not known; and why.

    Args:
        worlds: under today's rules and under the change.
        products: under today's rules.
        after: standings of each under the change.
        reform: of the rules.
        changed_freight: whether the main carriage to a market costs another sum.
        plan: for the plants that it delivers from.
    """
    plants = {(row.product, row.market): row.plant for row in plan.rows}
    reasons: dict[Segment, str] = {}
    for studied, standings in zip(products, after, strict=True):
        facts = studied.imports.facts
        for market, now in standings.items():
            segment = facts.key, market
            sides = [studied.standings[market].cost, now.cost]
            if changed_freight(market) and worlds[0].km.get(market) is None:
                reasons[segment] = "study.no_distance"
            if not _touches(reform, worlds[0], facts.code, market):
                continue
            if plants.get(segment, "") not in ("", worlds[0].study.plant_of(facts).key):
                sides = [from_other_plants(w, facts, market)[plants[segment]] for w in worlds]
            if (reason := _lacks(*sides)) is not None:
                reasons[segment] = reason
    return reasons


def _touches(reform: Reform, world: StudyInputs, code: str, market: str) -> bool:
    """Whether a reform moves what goods cost when they have landed, or what rivals' do."""
    book = world.laws.rulebook
    if may_touch([reform], importer_of(book, market), code):
        return True
    moved = {each.currency for each in reform.exchange} if reform.elasticity else set()
    try:
        return not moved.isdisjoint({"USD", book.regime(market).currency})
    except MissingDataError:
        return bool(moved)


def caution(about: str, missing: Iterable[Missing], plan: Plan) -> Iterator[Caution]:
    """What is missing, by its reason: where, why, what is at stake, and for what the answer holds.

    Args:
        about: one of :data:`ABOUT`.
        missing: effects without a number; those on which nothing hangs are left out.
        plan: of whose sales they are a part.
    """
    weighty = sorted((m for m in missing if m.at_stake.amount), key=lambda m: -m.at_stake.amount)
    share = share_known(plan, weighty)
    for reason in dict.fromkeys(each.reason for each in weighty):
        same = [each for each in weighty if each.reason == reason]
        models: dict[str, list[str]] = {}
        for each in same:
            models.setdefault(each.values["market"], []).append(each.values["product"])
        for named, markets in group_by_models({m: sorted(of) for m, of in models.items()}).items():
            part = [each for each in same if each.values["market"] in markets]
            yield Caution(
                "study.warn_missing",
                {
                    "about": Phrase(about),
                    "unknown": Phrase(reason),
                    "markets": countries(markets),
                    "models": named,
                    "usd": Dollars(round(stake_of(part), 2)),
                    "holds": Likelihood(round(share or 0.0, 6)),
                },
            )
