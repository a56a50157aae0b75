"""Run a study: from the loaded data and the firm's facts to a ranked, costed plan."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from offing.forecast.axes import Facts, Fit
from offing.forecast.ranking import (
    ForecastTask,
    backtest_product,
    fit_product,
    latest_full_year,
    ranked,
    with_total,
)
from offing.forecast.results import Backtest, Outlook, Ranking
from offing.ladders.build import PriceMeasure, ladder
from offing.ladders.ladder import Ladder, Place
from offing.ladders.place import place
from offing.planning import Candidate, Limits, Plan, build, read_back, solve
from offing.policy.overlay import Rules
from offing.rules.rule_use import RuleUse
from offing.sources.ledger import Lines, read_ledger
from offing.study.book import last_twelve_months, sales_in_tier, years_of
from offing.study.costs import MarketCost, cost_in_market, duty_rates, refund_rate_of
from offing.study.earlier import Earlier, earlier_plans, earlier_years
from offing.study.file import ProductFacts, Study
from offing.study.laws import laws_of, rule_files
from offing.study.result import (
    Firm,
    MarketResult,
    ProductResult,
    StudyResult,
)
from offing.study.rival_duty import rival_duties
from offing.study.settlement import settle_plan
from offing.study.sources_used import sources_used
from offing.terms.errors import MissingDataError
from offing.terms.exchange import FxTable
from offing.terms.messages import enumerated
from offing.terms.tables import TABLES
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import fx_of

SCHEMA_VERSION = "1"
Progress = Callable[[str, float], None]
Warning_ = tuple[str, dict[str, str]]


@dataclass(frozen=True)
class Demand:
    """What the world's trade says of a product, whatever the rules are.

    ``ranking`` is by segment, with access and fit under the rules of the run that made it;
    ``outlook`` is by market, for all prices; ``earlier`` the same as of earlier years, with what
    came.
    """

    ranking: Ranking
    outlook: Mapping[str, Outlook]
    backtest: Backtest
    earlier: Mapping[int, Mapping[str, Earlier]]


@dataclass(frozen=True)
class Outcome:
    """The result of a run, the user's files that it read, and what the plan was made from."""

    result: StudyResult
    inputs: tuple[Path, ...]
    demand: Mapping[str, Demand]
    candidates: tuple[Candidate, ...]
    limits: Limits


@dataclass(frozen=True)
class _World:
    """What every product of a study shares."""

    study: Study
    warehouse: Warehouse
    laws: Rules
    fx: FxTable
    fx_rates: pl.DataFrame
    km: Mapping[str, float]
    groups: Mapping[str, tuple[str, ...]]
    sales: pl.DataFrame


@dataclass(frozen=True)
class _Standing:
    """Where the firm's product stands in one market."""

    market: str
    cost: MarketCost
    ladder: Ladder | None
    place: Place | None

    @property
    def tier(self) -> str:
        """The tier that the price most probably stands in; ``all`` without a ladder."""
        if self.place is None:
            return "all"
        tiers = self.place.tiers
        return max(tiers, key=lambda tier: (tiers[tier], tier))

    @property
    def tier_share(self) -> float:
        """The share of the market's imports in that tier; all of them without a ladder."""
        if self.ladder is None:
            return 1.0
        return next(tier.share for tier in self.ladder.tiers if tier.name == self.tier)


def _km(warehouse: Warehouse, origin: str) -> dict[str, float]:
    found = warehouse.table("distances").filter(pl.col("origin") == origin)
    return dict(found.select("destination", "km").iter_rows())


def _groups(warehouse: Warehouse, on: date) -> dict[str, tuple[str, ...]]:
    inside = warehouse.table("groups").filter(
        (pl.col("since").is_null() | (pl.col("since") <= on))
        & (pl.col("until").is_null() | (pl.col("until") > on))
    )
    by_country = inside.group_by("country").agg(pl.col("group").unique().sort())
    return {country: tuple(names) for country, names in by_country.iter_rows()}


def _candidates(study: Study, flows: pl.DataFrame, year: int) -> tuple[list[str], list[Warning_]]:
    """The markets to look at: those named, or all that import the product; and who does not."""
    importing = set(flows.filter(pl.col("year") == year)["importer"])
    wanted = importing if study.markets.consider == "all" else set(study.markets.consider)
    wanted -= {study.firm.origin, *study.markets.leave_out}
    found = sorted(wanted & importing)
    if not found:
        raise MissingDataError(
            "study.no_markets", year=year, markets=enumerated(sorted(wanted)[:8]) or "—"
        )
    missing = sorted(wanted - importing)
    if not missing:
        return found, []
    return found, [("study.warn_no_imports", {"markets": enumerated(missing), "year": str(year)})]


def _standing(
    world: _World,
    facts: ProductFacts,
    flows: pl.DataFrame,
    market: str,
    year: int,
    cost: MarketCost,
) -> _Standing:
    """The market's ladder, and our price on it."""
    try:
        made = ladder(
            flows,
            product=facts.code,
            market=market,
            year=year,
            measure=PriceMeasure(facts.unit, world.study.markets.tiers),
        )
    except MissingDataError:
        return _Standing(market, cost, None, None)
    price = cost.cif_usd if made.basis == "cif" else cost.fob_usd
    return _Standing(market, cost, made, place(made, float(price), seed=world.study.seed))


def _tier_bounds(standing: _Standing) -> tuple[str, float | None, float | None]:
    """The tier of our price and its bounds as FOB prices."""
    if standing.ladder is None:
        return "all", None, None
    tier = next(tier for tier in standing.ladder.tiers if tier.name == standing.tier)
    to_fob = (
        float(standing.cost.fob_usd / standing.cost.cif_usd)
        if standing.ladder.basis == "cif"
        else 1.0
    )
    low = None if tier.low is None else tier.low * to_fob
    high = None if tier.high is None else tier.high * to_fob
    return standing.tier, low, high


def _demand(
    world: _World,
    facts: ProductFacts,
    standings: Mapping[str, _Standing],
    *,
    year: int,
    dataset: str,
    say_share: Callable[[float], None],
) -> Demand:
    """The ranking of segments, the outlook of markets and how such rankings did in the past."""
    study, warehouse = world.study, world.warehouse
    costs = {market: standing.cost for market, standing in standings.items()}
    duty = duty_rates(costs)
    in_year = warehouse.flows(facts.code, dataset=dataset, years=[year])
    task = ForecastTask(
        facts.code,
        dataset,
        year,
        study.markets.horizon,
        method=study.markets.tiers,
        seed=study.seed,
    )
    fitted = fit_product(warehouse, task)
    given = Facts(
        duty_rate=duty,
        rival_duty=rival_duties(duty, in_year, study.firm.origin, world.laws.rulebook),
        fit={
            (market, standing.tier): Fit(
                percentile=standing.place.percentile if standing.place else None,
                margin_rate=float(standing.cost.margin_rate),
            )
            for market, standing in standings.items()
        },
    )
    ranking = ranked(warehouse, fitted, study.firm.origin, markets=list(standings), given=given)
    outlook = fitted.by_market(study.firm.origin)
    say_share(0.7)
    backtest = backtest_product(warehouse, task)
    say_share(0.85)
    earlier = earlier_years(
        fitted,
        study.firm.origin,
        horizon=backtest.horizon,
        base_years=backtest.origins,
        seed=study.seed,
    )
    ranking = with_total(warehouse, ranking, backtest, tiers=study.markets.tiers)
    return Demand(
        ranking,
        {market: outlook[market] for market in standings if market in outlook},
        backtest,
        earlier,
    )


def _product(
    world: _World,
    facts: ProductFacts,
    say_share: Callable[[float], None],
    known_demand: Demand | None,
) -> tuple[ProductResult, list[Candidate], list[RuleUse], str, list[Warning_], Demand]:
    study, warehouse = world.study, world.warehouse
    dataset = warehouse.trade_set(facts.code, study.markets.dataset, study.on.year)
    flows = warehouse.flows(facts.code, dataset=dataset)
    known = flows.filter(pl.col("year") <= study.on.year)
    if known.is_empty():
        raise MissingDataError("study.no_year", on=study.on, first=flows["year"].min())
    year = study.markets.year or latest_full_year(known)
    markets, cautions = _candidates(study, flows, year)
    refund_rate, refund_rule = refund_rate_of(facts, study.on, rates=world.laws.refund_rates)
    standings: dict[str, _Standing] = {}
    for number, market in enumerate(markets):
        say_share(0.5 * number / len(markets))
        cost = cost_in_market(
            study,
            facts,
            market,
            km=world.km.get(market),
            refund_rate=refund_rate,
            fx=world.fx,
            rulebook=world.laws.rulebook,
            warehouse=warehouse,
        )
        standings[market] = _standing(world, facts, flows, market, year, cost)
    found = known_demand or _demand(
        world, facts, standings, year=year, dataset=dataset, say_share=say_share
    )
    ranking, outlook, backtest = found.ranking, found.outlook, found.backtest
    recent = last_twelve_months(world.sales, world.fx_rates, facts, study.on)
    now = sales_in_tier(recent, {m: _tier_bounds(s) for m, s in standings.items()})
    candidates = []
    for market, standing in standings.items():
        if market not in outlook:
            continue
        candidates.append(
            Candidate(
                product=facts.code,
                market=market,
                tier=standing.tier,
                price_usd=float(standing.cost.fob_usd),
                margin_rate=float(standing.cost.margin_rate),
                sales_now_usd=now[market],
                tier_share=standing.tier_share,
                origin_now_usd=outlook[market].base_usd,
                origin_expected_usd=outlook[market].expected_usd,
                origin_low_usd=outlook[market].low80,
                origin_high_usd=outlook[market].high80,
            )
        )
    result = ProductResult(
        product=facts.code,
        name_en=facts.name.en,
        name_zh=facts.name.zh,
        unit=facts.unit,
        price_usd=float(facts.price_usd),
        capacity=float(facts.capacity),
        ranking=ranking,
        markets=tuple(
            MarketResult(
                market=market,
                km=world.km.get(market),
                groups=world.groups.get(market, ()),
                ladder=standing.ladder,
                place=standing.place,
                quote=standing.cost.quote,
                quote_missing=standing.cost.missing,
                outlook=outlook.get(market),
                refund_usd=float(standing.cost.refund_usd),
                refund_rule=refund_rule,
            )
            for market, standing in standings.items()
        ),
        backtest=backtest,
        book=years_of(world.sales, world.fx_rates, facts, study.ledger) if study.ledger else (),
    )
    rules = [rule for s in standings.values() if s.cost.quote for rule in s.cost.quote.rules]
    rules += [refund_rule] if refund_rule else []
    cautions += _not_in_the_plan(recent, now)
    chosen = warehouse.set_caution(facts.code, dataset, study.on.year)
    if study.markets.dataset is None and chosen is not None:
        cautions.append(chosen)
    return result, candidates, rules, dataset, cautions, found


def _in_order(product: ProductResult, plan: Plan) -> ProductResult:
    """Markets in the order of the plan, then of the ranking."""
    planned = [row.market for row in plan.rows if row.product == product.product and row.sales_usd]
    ranked = [segment.market for segment in product.ranking.segments]
    place_of = {market: at for at, market in reversed(list(enumerate([*planned, *ranked])))}
    ordered = sorted(
        product.markets, key=lambda m: (place_of.get(m.market, len(place_of)), m.market)
    )
    return ProductResult(**{**vars(product), "markets": tuple(ordered)})


def _not_in_the_plan(recent: pl.DataFrame, now: Mapping[str, float]) -> list[Warning_]:
    """What the firm sells today that the plan's "today" leaves out, in words."""
    found: list[Warning_] = []
    other = recent.filter(~pl.col("market").is_in(list(now)))
    if other.height:
        markets = enumerated(sorted(set(other["market"])))
        usd = f"{float(other['usd'].sum()):.0f}"
        found.append(("study.warn_other_markets", {"markets": markets, "usd": usd}))
    rest = float(recent.filter(pl.col("market").is_in(list(now)))["usd"].sum()) - sum(now.values())
    if rest > 0:
        found.append(("study.warn_other_tiers", {"usd": f"{rest:.0f}"}))
    return found


def _warnings(
    lines: Lines | None, products: list[ProductResult], rules: list[RuleUse]
) -> list[Warning_]:
    found: list[Warning_] = []
    if lines is not None and lines.put_aside:
        count = sum(number for _, number, _ in lines.put_aside)
        found.append(("study.warn_ledger_rows", {"count": str(count)}))
    for product in products:
        found += [(key, {}) for key in product.ranking.notes]
        found += [(key, {}) for key in product.backtest.notes]
        for market in product.markets:
            if market.quote:
                found += market.quote.warnings
        without = [m.market for m in product.markets if m.quote is None]
        if without:
            found.append(("study.warn_no_quote", {"markets": enumerated(without)}))
    illustrative = sum(rule.status in ("recalled", "illustrative") for rule in rules)
    if illustrative:
        found.append(("study.warn_illustrative", {"count": str(illustrative)}))
    return found


def _once(found: Sequence[Warning_]) -> tuple[Warning_, ...]:
    unique: list[Warning_] = []
    for warning in found:
        if warning not in unique:
            unique.append(warning)
    return tuple(unique)


def run_study(
    path: Path,
    study: Study,
    warehouse: Warehouse,
    progress: Progress,
    laws: Rules | None = None,
    demand: Mapping[str, Demand] | None = None,
) -> Outcome:
    """Run a study.

    Args:
        path: the study's file; the ledger's path is relative to it.
        study: what it says.
        warehouse: the data.
        progress: told a message key and the share done.
        laws: the rules; today's with the study's own files where ``None``. A reform in the study
            itself is not laid over them here: see :mod:`offing.study.whatif`.
        demand: of an earlier run of the same study on the same data, by product: other rules do
            not change what the world traded.

    Raises:
        InputError, MissingDataError, RuleError: what the study asks for is not there or cannot be.
    """
    laws = laws or laws_of(path, study)
    progress("study.doing_data", 0.0)
    lines: Lines | None = None
    inputs = rule_files(path, study)
    if study.ledger is not None:
        ledger_path = path.parent / study.ledger.file
        lines = read_ledger(ledger_path, columns=study.ledger.columns, sheet=study.ledger.sheet)
        inputs.append(ledger_path)
    world = _World(
        study=study,
        warehouse=warehouse,
        laws=laws,
        fx=laws.fx(fx_of(warehouse, study.on, {})),
        fx_rates=warehouse.table("fx_rates"),
        km=_km(warehouse, study.firm.origin),
        groups=_groups(warehouse, study.on),
        sales=lines.sales if lines else TABLES["sales"].schema.create_empty(),
    )
    products: list[ProductResult] = []
    candidates: list[Candidate] = []
    rules: list[RuleUse] = []
    datasets: list[str] = []
    cautions: list[Warning_] = []
    found: dict[str, Demand] = {}
    for number, facts in enumerate(study.product):
        share = number / len(study.product)

        def done(part: float, base: float = share) -> None:
            progress("study.doing_markets", 0.1 + 0.7 * (base + part / len(study.product)))

        result, mine, used, dataset, left_out, found[facts.code] = _product(
            world, facts, done, (demand or {}).get(facts.code)
        )
        products.append(result)
        candidates += mine
        rules += used
        cautions += left_out
        datasets.append(dataset)
    progress("study.doing_plan", 0.8)
    looked_at = {candidate.market for candidate in candidates} or {""}
    if study.limits.largest_market_share * len(looked_at) < 1:
        cautions.append(
            (
                "study.warn_few_markets",
                {
                    "count": str(len(looked_at)),
                    "cap": f"{study.limits.largest_market_share:.0%}",
                    "taken": f"{1 / len(looked_at):.0%}",
                },
            )
        )
    limits = Limits(
        capacity={facts.code: float(facts.capacity) for facts in study.product},
        largest_market_share=max(float(study.limits.largest_market_share), 1 / len(looked_at)),
        least_margin_rate=float(study.limits.least_margin_rate),
        largest_growth=float(study.limits.largest_growth),
        entry_share=float(study.limits.entry_share),
        caution=float(study.limits.caution),
        whole=frozenset(facts.code for facts in study.product if facts.unit == "item"),
    )
    model = build(candidates, limits)
    plan = read_back(model, solve(model))
    products = [_in_order(product, plan) for product in products]
    unique = tuple(sorted(set(rules), key=lambda rule: (rule.id, str(rule.since))))
    tables = ("flows", "distances", "indicators", "groups", "duty_lines", "fx_rates")
    used_sources = tuple(
        dict.fromkeys(use for name in datasets for use in sources_used(warehouse, tables, name))
    )
    firm = study.firm
    return Outcome(
        StudyResult(
            schema_version=SCHEMA_VERSION,
            title_en=study.title.en,
            title_zh=study.title.zh,
            on=study.on,
            firm=Firm(
                firm.name.en,
                firm.name.zh,
                firm.origin,
                firm.city.en,
                firm.city.zh,
                firm.made_up,
            ),
            products=tuple(products),
            plan=plan,
            sources=used_sources,
            rules=unique,
            warnings=_once([*cautions, *_warnings(lines, products, list(unique))]),
            earlier_plans=earlier_plans(
                candidates,
                limits,
                {code: demand.earlier for code, demand in found.items()},
                min(product.backtest.horizon for product in products),
            ),
            settlement=settle_plan(study, plan, warehouse, laws, world.fx),
        ),
        tuple(inputs),
        found,
        tuple(candidates),
        limits,
    )
