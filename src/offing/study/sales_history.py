"""The firm's own record by model and market, from its ledger: what it sold, when, at what price.

A line belongs to a model by the ledger's model column (``ledger`` of a ``[[model]]``, else its key
or name), or, for a model that the ledger does not name, by its code and a price in its tier.
What belongs to no model is said.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum

import numpy as np
import polars as pl

from offing.ladders.own_sales import rated_sales
from offing.planning.elasticity import Learnt, Panel, own_sigma
from offing.planning.scenarios import PULL
from offing.sources.ledger_line import spelled_model, spelled_models
from offing.study.file import Study
from offing.study.schema import ModelFacts
from offing.terms.caution import Caution, Dollars, Value
from offing.terms.exchange import OLDEST

Bounds = Mapping[str, tuple[float | None, float | None]]
"""Market → lower and upper bound of a tier's unit price, FOB."""


@dataclass(frozen=True)
class SalesMonth:
    """One month of one model in one market: net of what came back.

    Attributes:
        first: the month's first day.
        usd: invoiced for goods, at the rates of the lines' days.
        units: in the model's unit.
        currency: of the largest part of the invoices.
        credit_usd: taken off by credits without a quantity: a rebate of a year belongs to no month.
    """

    first: date
    usd: float
    units: float
    currency: str
    credit_usd: float

    @property
    def net_usd(self) -> float:
        """What is left of the invoices after credits."""
        return self.usd + self.credit_usd


@dataclass(frozen=True)
class SalesHistory:
    """What the firm's ledger says of one model in one market, up to the study's day.

    Attributes:
        model: its key.
        market: alpha-3.
        sales_usd: FOB sales of the last twelve months: units × ``price_usd``.
        invoiced_usd: the same as invoiced, whatever the price term.
        units: of the last twelve months, net of what came back.
        price_usd: average price of a unit in them, brought to FOB and less credits; ``None`` where
            nothing was sold.
        to_fob: that price over the invoiced one: what the price terms contain.
        currency: of the largest part of these invoices; empty where there is none.
        since: first day of sale in the whole ledger.
        monthly: every month with a line, in order, of the whole ledger.
        price_now_usd: ``price_usd`` at the rates of the study's day: what the same invoices, in
            their own currencies, are worth then.
    """

    model: str
    market: str
    sales_usd: float
    invoiced_usd: float
    units: float
    price_usd: float | None
    to_fob: float
    currency: str
    since: date
    monthly: tuple[SalesMonth, ...]
    price_now_usd: float | None = None

    @property
    def sales_now_usd(self) -> float:
        """``sales_usd`` at the rates of the study's day, as a plan counts: then yuan stay yuan."""
        return self.units * self.price_now_usd if self.price_now_usd else 0.0


def year_before(on: date) -> date:
    """The same day a year before; the 28th for the 29th of February."""
    return on.replace(year=on.year - 1, day=28 if (on.month, on.day) == (2, 29) else on.day)


def short_year(sales: pl.DataFrame, on: date) -> tuple[date, int] | None:
    """First day and months of a ledger that begins less than twelve months before a day."""
    first = sales["on"].min()
    if not isinstance(first, date):
        return None
    months = 12 * (on.year - first.year) + on.month - first.month + 1
    return (first, months) if months < 12 else None


def last_twelve_months(on: date) -> pl.Expr:
    """Whether a line is of the twelve months to a day."""
    return (pl.col("on") > year_before(on)) & (pl.col("on") <= on)


def lines_by_model(sales: pl.DataFrame, models: Sequence[ModelFacts]) -> pl.DataFrame:
    """The ledger's lines with ``key``: the model that they belong to, null where there is none.

    A model that the ledger never names (see :func:`named_in`) takes the lines of its code that no
    other model claims, if it is the only such model of the code.

    Args:
        sales: in the ``Sales`` columns.
        models: of the study.
    """
    claimed = _MODEL.replace_strict(claims(models), default=None, return_dtype=pl.String)
    alone = _alone(models, named_in(sales, models))
    by_code = pl.coalesce(
        pl.lit(None, pl.String),
        *(
            pl.when(pl.col("product").str.starts_with(model.code)).then(pl.lit(model.key))
            for model in alone
        ),
    )
    return sales.with_columns(key=pl.coalesce(claimed, by_code))


_MODEL = spelled_models(pl.col("model"))


def claims(models: Sequence[ModelFacts]) -> dict[str, str]:
    """What the ledger may call a model → its key.

    These are the names in ``ledger``; of a model without them its key, and its names in both
    languages where no other model has them.
    """
    own = [(spelled_model(name), model.key) for model in models for name in model.ledger]
    bare = [model for model in models if not model.ledger]
    keys = [(spelled_model(model.key), model.key) for model in bare]
    both = [(name, model.key) for model in bare for name in _names(model)]
    count = Counter(name for name, _ in both)
    names = [(name, key) for name, key in both if count[name] == 1]
    return dict([*names, *keys, *own])


def codes_of(models: Sequence[ModelFacts]) -> dict[str, str]:
    """What the ledger may call a model → its HS code."""
    code = {model.key: model.code for model in models}
    return {name: code[key] for name, key in claims(models).items()}


def _names(model: ModelFacts) -> set[str]:
    return {spelled_model(model.name.en), spelled_model(model.name.zh)}


def named_in(sales: pl.DataFrame, models: Sequence[ModelFacts]) -> frozenset[str]:
    """Keys of the models that the ledger names, or that say what it calls them."""
    names = set(sales.select(_MODEL).to_series().drop_nulls().unique())
    spoken = {key for name, key in claims(models).items() if name in names}
    return frozenset(spoken | {model.key for model in models if model.ledger})


def _alone(models: Sequence[ModelFacts], named: frozenset[str]) -> list[ModelFacts]:
    """Models that the ledger does not name, one a code; longer codes first."""
    without = [model for model in models if model.key not in named]
    count = Counter(model.code for model in without)
    alone = [model for model in without if count[model.code] == 1]
    return sorted(alone, key=lambda model: -len(model.code))


@dataclass(frozen=True)
class UnknownModel:
    """What the ledger sells under a name that no model of the study has.

    Attributes:
        name: as the ledger has it; the code where its lines name no model.
        code: of its lines, where all have one.
        usd: invoiced in the last twelve months to the study's day, or in the whole ledger where
            that has nothing in them; ``None`` where a currency has no rate.
        units: sold in the same time.
        unit: of them.
        markets: how many countries bought it.
    """

    name: str
    code: str | None
    usd: float | None
    units: float
    unit: str
    markets: int

    @property
    def price_usd(self) -> float | None:
        """Average price of a unit as invoiced; ``None`` where it is unknown."""
        return self.usd / self.units if self.usd and self.units > 0 and self.usd > 0 else None


_NAME = pl.coalesce("model", "product", pl.lit("—"))


def left_out(names: Collection[str]) -> pl.Expr:
    """Whether a line is of what the study leaves out knowingly."""
    return spelled_models(_NAME).is_in([spelled_model(n) for n in names])


def unknown_models(sales: pl.DataFrame, fx: pl.DataFrame, study: Study) -> tuple[UnknownModel, ...]:
    """The ledger's models that the study does not know, the largest first.

    Args:
        sales: in the ``Sales`` columns.
        fx: reference rates.
        study: with what its ledger leaves out knowingly.
    """
    excluded = study.ledger.leave_out if study.ledger else []
    lines = lines_by_model(sales, study.model).filter(pl.col("key").is_null() & ~left_out(excluded))
    recent = lines.filter(last_twelve_months(study.on))
    return _largest_first(lines if recent.is_empty() else recent, fx, study.rates_age)


def models_without_code(sales: pl.DataFrame, fx: pl.DataFrame) -> tuple[UnknownModel, ...]:
    """The models of a ledger that have no HS code, in its last year, the largest first."""
    last: date = sales["on"].max()  # type: ignore[assignment]
    lines = sales.filter(pl.col("product").is_null() & (pl.col("on") > year_before(last)))
    return _largest_first(lines, fx, OLDEST)


def _largest_first(lines: pl.DataFrame, fx: pl.DataFrame, oldest: int) -> tuple[UnknownModel, ...]:
    if lines.is_empty():
        return ()
    priced = rated_sales(lines, fx, {}, oldest).with_columns(name=_NAME)
    groups = priced.group_by("name").agg(
        code=pl.when(pl.col("product").n_unique() == 1).then(pl.col("product").first()),
        usd=pl.when(pl.col("usd").is_not_null().all()).then(pl.col("usd").sum()),
        units=pl.col("quantity").sum(),
        unit=pl.col("unit").mode().sort().first(),
        markets=pl.col("market").n_unique(),
    )  # fmt: skip
    largest = groups.sort(["usd", "name"], descending=[True, False], nulls_last=True)
    return tuple(UnknownModel(**row) for row in largest.iter_rows(named=True))


def unnamed_by_code(sales: pl.DataFrame, fx: pl.DataFrame, study: Study) -> list[Caution]:
    """Names of the ledger that no model has, counted to the only model of their code.

    A ledger that names no model there leaves nothing to ask.

    Args:
        sales: in the ``Sales`` columns.
        fx: reference rates.
        study: whose models they were counted to.
    """
    named = _MODEL.is_in(list(claims(study.model)))
    lines = lines_by_model(sales, study.model).filter(
        pl.col("key").is_not_null() & (_MODEL != "") & ~named & (pl.col("on") <= study.on)
    )
    if lines.is_empty():
        return []
    warnings: list[Caution] = []
    priced = rated_sales(lines, fx, {}, study.rates_age).sort("key")
    for (key,), mine in priced.group_by("key", maintain_order=True):
        names = mine["model"].str.strip_chars().unique().sort().to_list()
        usd = mine.filter(last_twelve_months(study.on))["usd"]
        values: dict[str, Value] = {
            "model": _model_name(study, str(key)),
            "names": _first_names(names),
            "lines": str(mine.height),
        }
        if not usd.null_count():
            values["usd"] = Dollars(round(float(usd.sum())))
        rate = "" if "usd" in values else "_no_rate"
        warnings.append(Caution(f"study.warn_by_code{rate}", values))
    return warnings


def _first_names(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (" …" if len(names) > 8 else "")


def _model_name(study: Study, key: str) -> str:
    """A model's name where it has one for all languages, else its key."""
    name = next(model.name for model in study.model if model.key == key)
    return name.en if name.en == name.zh else key


def names_of(sales: pl.DataFrame, models: Sequence[ModelFacts], key: str) -> list[str]:
    """What the ledger calls a model so far, as it writes it: its ``ledger`` names come first."""
    model = next(candidate for candidate in models if candidate.key == key)
    lines = lines_by_model(sales, models).filter(pl.col("key") == key)
    written = lines["model"].drop_nulls().str.strip_chars().unique().sort().to_list()
    seen = {spelled_model(name) for name in model.ledger}
    return [*model.ledger, *(n for n in written if spelled_model(n) not in seen)] or [key]


def unclaimed_sales(
    sales: pl.DataFrame,
    fx: pl.DataFrame,
    models: Sequence[ModelFacts],
    on: date,
    oldest: int,
    leave_out: Collection[str] = (),
) -> list[Caution]:
    """What of the last twelve months belongs to no model, is in another unit, or is no unit sold.

    Args:
        sales: in the ``Sales`` columns.
        fx: reference rates; lines without one are reported by themselves.
        models: of the study.
        on: the study's day.
        oldest: days that a rate may be old.
        leave_out: names that the study leaves out knowingly.
    """
    recent = lines_by_model(sales, models).filter(
        last_twelve_months(on), ~(pl.col("key").is_null() & left_out(leave_out))
    )
    if recent.is_empty():
        return []
    units = {model.key: model.unit for model in models}
    own_unit = pl.col("key").replace_strict(units, default=None, return_dtype=pl.String)
    charge = (pl.col("quantity") == 0) & (pl.col("usd") > 0)
    priced = rated_sales(recent, fx, {}, oldest).drop_nulls("usd")
    warnings: list[Caution] = []
    for key, lines in (
        ("study.warn_no_model", priced.filter(pl.col("key").is_null())),
        ("study.warn_other_unit", priced.filter(pl.col("unit") != own_unit)),
        ("study.warn_charges", priced.filter(charge & (pl.col("unit") == own_unit))),
    ):
        if lines.height:
            named = lines.with_columns(name=_NAME)
            sums = named.group_by("name").agg(pl.col("usd").sum())
            names = sums.sort(["usd", "name"], descending=[True, False])["name"].to_list()
            usd = Dollars(round(float(lines["usd"].sum())))
            warnings.append(Caution(key, {"usd": usd, "names": _first_names(names)}))
    return warnings


def sales_histories(
    lines: pl.DataFrame, facts: ModelFacts, on: date, to_fob: Mapping[tuple[str, str], float]
) -> dict[str, SalesHistory]:
    """Market → the record of one model there.

    Args:
        lines: of the model, credits without a quantity (价格折让) among them, with ``usd`` (see
            :func:`~offing.ladders.own_sales.sales_in_usd`) and ``usd_now``, the amounts at the
            rates of the study's day.
        facts: of the model.
        on: the study's day.
        to_fob: (market, price term) → FOB price over the invoiced one; 1 where it is not there.
    """
    mine = lines.filter((pl.col("unit") == facts.unit) & (pl.col("on") <= on)).sort("on", "row")
    recent, monthly = last_twelve_months(on), _monthly(mine)
    currencies = _currencies(mine.filter(recent))
    sums = mine.group_by("market", maintain_order=True).agg(
        pl.coalesce(pl.col("on").filter(pl.col("quantity") > 0).min(), pl.col("on").min()),
        pl.col("usd", "quantity").filter(recent).sum(),
    )
    fob: dict[str, list[tuple[float, float]]] = defaultdict(list)
    terms = mine.filter(recent).group_by("market", "incoterm").agg(pl.col("usd", "usd_now").sum())
    for market, term, usd, usd_now in terms.iter_rows():
        share = to_fob.get((market, term or "FOB"), 1.0)
        fob[market].append((usd * share, usd_now * share))

    def record(market: str, since: date, invoiced: float, units: float) -> SalesHistory:
        at_fob, now = (fsum(part[of] for part in fob[market]) for of in (0, 1))
        positive = units > 0 and invoiced > 0
        return SalesHistory(
            model=facts.key,
            market=market,
            sales_usd=at_fob if positive else 0.0,
            invoiced_usd=invoiced,
            units=units,
            price_usd=at_fob / units if positive else None,
            to_fob=at_fob / invoiced if positive else 1.0,
            currency=currencies.get(market, ""),
            since=since,
            monthly=tuple(monthly[market]),
            price_now_usd=now / units if positive else None,
        )

    return {market: record(market, *line) for market, *line in sums.iter_rows()}


def _currencies(lines: pl.DataFrame) -> dict[str, str]:
    """Market → the currency of the largest sales; empty where none is said."""
    sums = lines.group_by("market", "currency").agg(pl.col("usd").sum()).drop_nulls("currency")
    ordered = sums.sort(["usd", "currency"], descending=[True, False])
    return dict(ordered.unique("market", keep="first").select("market", "currency").iter_rows())


def _monthly(lines: pl.DataFrame) -> dict[str, list[SalesMonth]]:
    """Market → its months in order, each with the currency of its largest sales."""
    by_month = lines.with_columns(first=pl.col("on").dt.truncate("1mo"))
    goods = pl.col("quantity") != 0
    in_currency = by_month.group_by("market", "first", "currency").agg(
        pl.col("usd").filter(goods).sum(),
        pl.col("quantity").sum(),
        pl.col("usd").filter(~goods).sum().alias("credit"),
    )
    months = (
        in_currency.sort(["first", "usd", "currency"], descending=[False, True, False])
        .group_by("market", "first", maintain_order=True)
        .agg(pl.col("usd", "quantity").sum(), pl.col("currency").first(), pl.col("credit").sum())
    )
    by_market: dict[str, list[SalesMonth]] = defaultdict(list)
    for market, first, usd, units, code, credit in months.iter_rows():
        month = SalesMonth(first, float(usd), float(units), code or "", float(credit))
        by_market[market].append(month)
    return by_market


FEWEST_ROWS = 48
"""Months × markets below which no elasticity is asked for: two markets over two years."""


def sigma_from_ledger(records: Mapping[str, SalesHistory], history: pl.DataFrame) -> Learnt:
    """What the ledger says of a model's elasticity, at the level of FOB prices.

    Args:
        records: market → the model's record.
        history: reference rates, ``FxRates``.
    """
    dollars = _dollars(history, records)
    rows = [
        (market, month.first, np.log(month.units), np.log(month.usd / month.units), moved)
        for market, record in sorted(records.items())
        for month in record.monthly
        if month.units > 0
        and month.usd > 0
        and (moved := _worth(dollars, month.currency, month.first)) is not None
    ]
    if len(rows) < FEWEST_ROWS or len({row[4] == 0.0 for row in rows}) < 2:
        return Learnt(None, "nothing_varies", 0.0, len(rows))
    markets, months, units, prices, instrument = (
        list(column) for column in zip(*rows, strict=True)
    )
    in_market = np.unique(np.array(markets), return_inverse=True)[1]
    in_month = np.unique(np.array(months, dtype="datetime64[D]"), return_inverse=True)[1]
    groups, instruments = (in_market, in_month), np.array(instrument)[:, None]
    pull = 0.0, PULL[1]
    return own_sigma(
        Panel(np.array(units), np.array(prices), instruments, groups, groups, pull=pull)
    )


def _dollars(
    history: pl.DataFrame, records: Mapping[str, SalesHistory]
) -> dict[tuple[str, date], float]:
    """(Currency, first of the month) → log of its mean rate in euro, where the records ask."""
    months = [month for record in records.values() for month in record.monthly]
    if not months:
        return {}
    used = pl.col("currency").is_in({"USD", *(month.currency for month in months)})
    since = min(month.first for month in months).replace(day=1)
    monthly = (
        history.filter(used & (pl.col("on") >= since))
        .group_by("currency", pl.col("on").dt.truncate("1mo").alias("first"))
        .agg(pl.col("per_eur").cast(pl.Float64).mean())
    )
    return {(code, first): float(np.log(rate)) for code, first, rate in monthly.iter_rows()}


def _worth(rates: Mapping[tuple[str, date], float], currency: str, first: date) -> float | None:
    """Log of dollars for one unit of the invoice's currency; ``None`` where a rate is missing."""
    if currency == "USD":
        return 0.0
    dollar = rates.get(("USD", first))
    own = 0.0 if currency == "EUR" else rates.get((currency, first))
    return None if dollar is None or own is None else dollar - own
