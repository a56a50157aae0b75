"""The firm's own sales inside a study: by price band, and its record by model and market."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from math import fsum

import polars as pl

from offing.ladders.own_sales import (
    BANDS,
    band_rows,
    own_bands,
    own_sales,
    sales_at_levels,
    sales_with_rate,
)
from offing.sources.ledger_line import spelled_model
from offing.study.costs import importer_of, request_for, shipment_fob
from offing.study.inputs import StudyInputs
from offing.study.markets import Standings
from offing.study.result import BookYear
from offing.study.sales_history import (
    Bounds,
    SalesHistory,
    last_twelve_months,
    sales_histories,
    short_year,
    unclaimed_sales,
    unnamed_by_code,
)
from offing.study.schema import LedgerFile, ModelFacts
from offing.terms.caution import Caution, Dollars, Value, countries
from offing.terms.errors import OffingError
from offing.terms.exchange import levels_said
from offing.terms.messages import join_list
from offing.terms.money import Money
from offing.terms.sale_terms import INCOTERMS, Incoterm


@dataclass(frozen=True)
class OwnSales:
    """What the firm sold of a model.

    Attributes:
        records: market → its record, also in markets that the study does not look at.
        now: market looked at → USD of the last twelve months, at the rates of the study's day, as
            its plan; of a model that the ledger does not name, in the tier where our price stands.
        other_markets: market not looked at → USD invoiced there in the last twelve months.
        other_tiers_usd: in the markets looked at, at prices of other tiers.
        at_invoice: markets whose price term could not be brought to FOB.
        duty_paid: markets whose prices were taken with import VAT that a buyer gets back.
        by_key: whether the ledger names the model.
    """

    records: Mapping[str, SalesHistory]
    now: Mapping[str, float]
    other_markets: Mapping[str, float]
    other_tiers_usd: float = 0.0
    at_invoice: tuple[str, ...] = ()
    duty_paid: tuple[str, ...] = ()
    by_key: bool = False

    @property
    def usd(self) -> float:
        """All of it in the last twelve months, wherever and at whatever price."""
        return fsum(self.now.values()) + fsum(self.other_markets.values()) + self.other_tiers_usd


def sales_of(world: StudyInputs, facts: ModelFacts, standings: Standings) -> OwnSales:
    """The firm's sales of a model up to the study's day."""
    lines = _lines_of(world, facts)
    if lines.is_empty():
        return OwnSales({}, dict.fromkeys(standings, 0.0), {})
    study = world.study
    recent = lines.filter(last_twelve_months(study.on))
    sums = recent.group_by("market").agg(pl.col("usd_now").sum()).sort("market")
    invoiced = dict(sums.iter_rows())
    others = {market: usd for market, usd in invoiced.items() if market not in standings}
    if facts.key in world.named_models:
        to_fob, at_invoice = _to_fob(world, facts, recent)
        with_vat = {m for m, term in to_fob if term == "DDP" and gives_back(world, m)}
        records = sales_histories(lines, facts, study.on, to_fob)
        now = {m: records[m].sales_now_usd if m in records else 0.0 for m in standings}
        duty_paid = tuple(sorted(with_vat))
        return OwnSales(records, now, others, 0.0, at_invoice, duty_paid, by_key=True)
    in_tier = within(lines, {m: standing.tier_fob for m, standing in standings.items()})
    records = sales_histories(in_tier, facts, study.on, {})
    now = {m: records[m].sales_now_usd if m in records else 0.0 for m in standings}
    here = fsum(usd for market, usd in invoiced.items() if market in standings)
    return OwnSales(records, now, others, max(here - fsum(now.values()), 0.0))


def _lines_of(world: StudyInputs, facts: ModelFacts) -> pl.DataFrame:
    """The ledger's lines of a model in its unit, with ``usd`` and ``price``, USD for one unit."""
    priced = world.model_sales.filter(pl.col("key") == facts.key)
    if priced.is_empty():
        return priced.with_columns(usd_now=pl.lit(0.0), price=pl.lit(0.0))
    world.must_be_rated(priced)
    now = _dollars_now(world, priced["currency"].unique())
    rate = pl.col("currency").replace_strict(now, default=None, return_dtype=pl.Float64)
    return priced.with_columns(
        price=pl.when(pl.col("quantity") != 0).then(pl.col("usd") / pl.col("quantity")),
        usd_now=pl.coalesce(pl.col("amount") * rate, "usd"),
    )


def _dollars_now(world: StudyInputs, currencies: Iterable[str]) -> dict[str, float]:
    """Currency → USD for one on the study's day, where it has a rate then."""
    known = {}
    for code in currencies:
        with suppress(OffingError):
            known[code] = float(world.rates.convert(Decimal(1), code, "USD"))
    return known


def within(lines: pl.DataFrame, bounds: Bounds) -> pl.DataFrame:
    """The lines at prices of the tier where our price stands; all of a market without bounds.

    Args:
        lines: with ``market`` and ``price``, USD for one unit.
        bounds: market → lower and upper bound of its tier, FOB.
    """
    low = {market: bound[0] for market, bound in bounds.items() if bound[0] is not None}
    high = {market: bound[1] for market, bound in bounds.items() if bound[1] is not None}

    def bound(of: Mapping[str, float | None], none: float) -> pl.Expr:
        return pl.col("market").replace_strict(of, default=none, return_dtype=pl.Float64)

    return lines.filter(
        (pl.col("price") >= bound(low, float("-inf")))
        & (pl.col("price") < bound(high, float("inf")))
    )


def _to_fob(
    world: StudyInputs, facts: ModelFacts, recent: pl.DataFrame
) -> tuple[dict[tuple[str, str], float], tuple[str, ...]]:
    """(Market, price term) → FOB price over the invoiced one; and markets where that is unknown."""
    sums = recent.group_by("market", "incoterm").agg(pl.col("usd").sum(), pl.col("quantity").sum())
    shares, unknown = {}, set()
    for market, term, usd, units in sums.sort("market", "incoterm").iter_rows():
        if term in (None, "FOB") or usd <= 0 or units <= 0:
            continue
        share = _fob_share(world, facts, market, term, usd / units) if term in INCOTERMS else None
        if share is None:
            unknown.add(market)
        else:
            shares[market, term] = share
    return shares, tuple(sorted(unknown))


def _fob_share(
    world: StudyInputs, facts: ModelFacts, market: str, term: Incoterm, price: float
) -> float | None:
    """The FOB part of a price on another term; ``None`` where a duty or carriage is not known."""
    asked = Money(Decimal(repr(round(price, 4))), "USD")
    importer, km = importer_of(world.laws.rulebook, market), world.km.get(market)
    request = replace(
        request_for(world.study, facts, market, importer, km), price=asked, price_term=term
    )
    try:
        fob = shipment_fob(request, world.costing)
    except OffingError:
        return None
    return float(fob / (asked.amount * request.quantity))


def gives_back(world: StudyInputs, market: str) -> bool:
    """Whether a registered importer gets a tax on imports back."""
    try:
        charges = world.laws.rulebook.regime(market).charges_on(world.study.on)
    except OffingError:
        return False
    return any(charge.recoverable for charge in charges)


def invoiced_in(sold: Iterable[OwnSales]) -> dict[str, list[str]]:
    """Market → the currencies of today's invoices there, the largest first, of models by key."""
    sums: dict[str, dict[str, float]] = {}
    for sales in sold:
        for market, record in sales.records.items():
            if sales.by_key and record.currency and record.invoiced_usd > 0:
                of_market = sums.setdefault(market, {})
                before = of_market.get(record.currency, 0.0)
                of_market[record.currency] = before + record.invoiced_usd
    return {
        market: sorted(codes, key=lambda code: (-codes[code], code))
        for market, codes in sums.items()
    }


def ledger_warnings(
    world: StudyInputs, sold: Iterable[OwnSales], *, beside: bool = True
) -> list[Caution]:
    """What the plan's "today" leaves out, of all models together, and lines of no model.

    ``beside``: also sales in markets that are not looked at.
    """
    said: list[Caution] = []
    sold = list(sold)
    others: dict[str, float] = defaultdict(float)
    for sales in sold:
        for market, usd in sales.other_markets.items():
            others[market] += usd
    if others and beside:
        there: dict[str, Value] = {
            "markets": countries(sorted(others)),
            "usd": Dollars(round(fsum(others.values()))),
        }
        said.append(Caution("study.warn_other_markets", there))
    if (rest := fsum(sales.other_tiers_usd for sales in sold)) > 0:
        said.append(Caution("study.warn_other_tiers", {"usd": Dollars(round(rest))}))
    if unknown := sorted({market for sales in sold for market in sales.at_invoice}):
        said.append(Caution("study.warn_at_invoice", {"markets": countries(unknown)}))
    study = world.study
    said += unclaimed_sales(
        world.sales, world.day_rates, study.model, study.on, study.rates_age,
        study.ledger.leave_out if study.ledger else (),
    )  # fmt: skip
    return said + unnamed_by_code(world.sales, world.day_rates, study)


def rows_aside(world: StudyInputs) -> int:
    """How many rows of the study's ledger are in quarantine."""
    return sum(number for _, number, _ in world.ledger.quarantined) if world.ledger else 0


def aside_said(world: StudyInputs) -> list[Caution]:
    """That rows of the ledger are in quarantine, where some are."""
    count = rows_aside(world)
    return [Caution("study.warn_ledger_rows", {"count": count})] if count else []


def _names_of_no_line(world: StudyInputs) -> Iterator[Caution]:
    """Names by which a model is looked for in the ledger, none of which any line has."""
    there = {spelled_model(name) for name in world.sales["model"].drop_nulls().unique()}
    for facts in world.study.model:
        if facts.ledger and there.isdisjoint(map(spelled_model, facts.ledger)):
            names = {"model": facts.key, "names": join_list(facts.ledger)}
            yield Caution("study.warn_ledger_name", names)


def ledger_asked(world: StudyInputs) -> list[Caution]:
    """Lines that were put aside, and what a careful person would ask about the others."""
    if world.ledger is None:
        return []
    rates, oldest = world.day_rates, world.study.rates_age
    own = world.study.rates.per_usd
    levels = levels_said(sales_at_levels(world.sales, rates, own, oldest))
    doubts = (*_short_year(world), *_lines_without_rate(world), *_names_of_no_line(world))
    return [*aside_said(world), *doubts, *levels, *world.ledger.notes]


def _short_year(world: StudyInputs) -> Iterator[Caution]:
    """A ledger whose first line is of less than twelve months ago."""
    if (short := short_year(world.sales, world.study.on)) is not None:
        yield Caution("study.warn_short_year", dict(zip(("first", "months"), short, strict=True)))


def _lines_without_rate(world: StudyInputs) -> Iterator[Caution]:
    """Lines of the last twelve months that no sum has, since their currency has no rate.

    One of a model that is looked at would have stopped the study.
    """
    study = world.study
    recent = world.sales.filter(last_twelve_months(study.on))
    rated = sales_with_rate(recent, world.day_rates, {}, study.rates_age)
    missing = recent.join(rated, on="row", how="anti")
    if missing.height:
        codes = join_list(sorted(missing["currency"].unique()))
        yield Caution("study.warn_without_rate", {"count": missing.height, "currency": codes})


def price_bands(
    sales: pl.DataFrame, rates: pl.DataFrame, ledger: LedgerFile, oldest: int
) -> Sequence[float | Decimal]:
    """The study's price bands; where it names none, those of :func:`offing.book`."""
    if ledger.bands_usd is not None:
        return ledger.bands_usd
    rated = sales_with_rate(sales, rates, {}, oldest)
    made = own_sales(rated, rates, BANDS, oldest=oldest, ways=())
    return own_bands(made, rated, rates, oldest=oldest) or BANDS


def years_of(world: StudyInputs, facts: ModelFacts, ledger: LedgerFile) -> tuple[BookYear, ...]:
    """The model's sales by year and price band; nothing where the ledger has none."""
    mine = world.keyed_sales.filter(pl.col("key") == facts.key).drop("key")
    if mine.is_empty():
        return ()
    mine = sales_with_rate(mine, world.day_rates, {}, world.study.rates_age)
    days = world.sales["on"].min(), world.sales["on"].max()
    made = own_sales(
        mine,
        world.day_rates,
        price_bands(world.sales, world.day_rates, ledger, world.study.rates_age),
        oldest=world.study.rates_age,
        covers=days,  # type: ignore[arg-type]
        ways=(),
    )
    return tuple(
        BookYear(facts.key, year, bands, sales_usd, units)
        for year, bands, sales_usd, units in band_rows(made)
    )
