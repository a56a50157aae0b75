"""A price test (价格试验): who is asked another price, what that can tell, and what it told."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import polars as pl

from offing.api.asking import Answer, Asked, FirmLedgerRequest, TableIn, open_warehouse, question
from offing.api.typed import Number, Share, share
from offing.terms.caution import Caution
from offing.terms.errors import InputError, MissingDataError, Where, must_be_within
from offing.terms.messages import join_list, say
from offing.terms.money import clear_amount
from offing.terms.numbers import NOTHING
from offing.terms.plain import values_of

if TYPE_CHECKING:
    from offing.planning.price_test import PriceTest, PriceTestResult, SalesPanel

By = Literal["buyer", "market", "week"]
PERIODS = {1: 24, 3: 8}
"""Months of a period → periods of history, at most."""
BLOCKS = (1, 2, 4, 8)
"""Weeks of a block, where all buyers see one price."""
MOST_BLOCKS = 52
WEEKEND = timedelta(days=3)
"""A block is whole where the ledger's last day is so near its end."""
LEAST_PERIODS = 4
DAYS_OF_MONTH = 365.25 / 12
LEAST_ARMS = 4
"""Two pairs: one has no error of its own."""
LEAST_NOISE = 1e-6
"""Sales that move less, or all alike, are a schedule: nothing tells how buyers would part."""
MOST_CHANGE = Decimal("0.5")
COLUMNS = ("arm", "group", "pair", "by", "goods", "start", "months", "period", "change", "price",
           "test_price", "currency", "stop_months", "stop_below")  # fmt: skip
"""Of the file that says who is asked what, and is given back when the test has run."""
UNTOLD = {"goods", "stop_months", "stop_below"}
"""Of them those that may be empty or missing."""


@dataclass(frozen=True)
class ExperimentRequest(FirmLedgerRequest):
    """What could a price test tell this firm, and what did it tell?

    Attributes:
        ledger: a CSV file or workbook, or a data frame with such columns.
        change: of the price: ``"+5%"``, ``"-3%"``.
        start: the first day of the test, else that after the ledger's; by buyers and markets it
            begins with a month.
        test: the file that an earlier answer wrote; with it the test is read back.
    """

    ledger: Annotated[TableIn, Asked("book.help_ledger")]
    change: Annotated[Share | None, Asked("experiment.help_change")] = None
    by: Annotated[By, Asked("experiment.help_by")] = "buyer"
    model: Annotated[str | None, Asked("experiment.help_model")] = None
    product: Annotated[str | None, Asked("book.help_product")] = None
    months: Annotated[int, Asked("experiment.help_months")] = 6
    start: Annotated[date | None, Asked("experiment.help_start")] = None
    margin: Annotated[Share | None, Asked("experiment.help_margin")] = None
    elasticity: Annotated[Number, Asked("experiment.help_elasticity")] = None
    lead_days: Annotated[int | None, Asked("experiment.help_lead_days")] = None
    seed: Annotated[int, Asked("equilibrium.help_seed")] = 1
    test: Annotated[Path | None, Asked("experiment.help_test")] = None


@dataclass(frozen=True)
class PriceTestArm:
    """A buyer, a market or a block of weeks of a test.

    Attributes:
        arm: its name as the ledger has it; the first day of a block.
        pair: number of its pair, from 1.
        raised: whether it is asked the other price.
        units: a month, of the history; a block.
        price: of one today, in ``currency``.
        test_price: likewise, in the test.
        currency: of its invoices.
    """

    arm: str
    pair: int
    raised: bool
    units: float
    price: float
    test_price: float
    currency: str


@dataclass(frozen=True)
class ExperimentAnswer(Answer):
    """A price test, planned or read back.

    Attributes:
        by: what an arm is.
        goods: model or HS code, as it was asked for.
        change: of the price, a share.
        start: first day.
        months: it takes.
        period: months that are compared as one: 1, or 3 where few buy every month; weeks of a block
            of a test by weeks.
        arms: who is asked what.
        left_out: arms that do not buy in every period, or in several currencies.
        plan: what it could tell; ``None`` where it is read back.
        needed: months until it tells the elasticity within 15 %; ``None`` where even three years
            do not.
        elasticity: that is held likely until then; ``None`` where none is known.
        source: of it: ``user`` or ``literature``.
        margin: contribution over the price, a share; ``None`` where it is not told.
        result: what it found; ``None`` where it is planned.
        run: months of the test in the ledger.
        stop_months: after which it is to be stopped where the test group sells less than
            ``stop_below`` of what the control group's change lets expect; ``None`` without margin.
    """

    by: By
    goods: str
    change: float
    start: date
    months: int
    period: int
    arms: tuple[PriceTestArm, ...]
    left_out: int
    plan: "PriceTest | None" = None
    needed: int | None = None
    elasticity: float | None = None
    source: str = ""
    margin: float | None = None
    result: "PriceTestResult | None" = None
    run: int = 0
    stop_months: int | None = None
    stop_below: float | None = None

    @property
    def stops(self) -> bool | None:
        """Whether what was sold is below the test's stop; ``None`` where that is not known."""
        if self.result is None or self.stop_below is None or self.run < (self.stop_months or 0):
            return None
        return self.result.sold < self.stop_below

    @property
    def table(self) -> Any:
        """A row an arm, for ``--out``: the file that reads the test back."""
        rows = [
            {
                "arm": arm.arm, "group": "test" if arm.raised else "control", "pair": arm.pair,
                "by": self.by, "goods": self.goods, "start": self.start, "months": self.months,
                "period": self.period, "change": self.change, "price": round(arm.price, 4),
                "test_price": round(arm.test_price, 4), "currency": arm.currency,
                "stop_months": self.stop_months, "stop_below": self.stop_below,
            }
            for arm in self.arms
        ]  # fmt: skip
        return self.as_given(pl.DataFrame(rows))

    def data(self) -> dict[str, Any]:
        """The test and what it tells; ``null`` is what is not known."""
        own = (
            "by", "goods", "change", "start", "months", "left_out", "arms", "margin", "cautions",
            "stop_months", "stop_below", "stops", "months_needed=needed",
            "elasticity_held_likely=elasticity",
        )  # fmt: skip
        found = values_of(self.result, "elasticity", "low", "high", "error", "pairs", "sold")
        return {
            **values_of(self, *own), "elasticity_source": self.source or None,
            "period_weeks" if self.by == "week" else "period_months": self.period,
            "plan": values_of(self.plan, "error", "least_seen", "cost"),
            "result": found and {**found, "months": self.run},
        }  # fmt: skip


@question(ExperimentRequest)
def experiment(request: ExperimentRequest) -> ExperimentAnswer:
    """A price test by buyers, markets or weeks: who is asked what, what it can tell and has told.

    Arms of like size are a pair, a coin says which of them is asked the other price. By weeks all
    buyers see one price, and a coin says which of two neighbouring blocks has the other one; a
    block is no shorter than ``lead_days``, from an order to its invoice. With ``test`` the file of
    an earlier answer is read back against a ledger that has the time since.

    Raises:
        InputError: ``experiment.bad_change``, ``errors.out_of_range``,
            ``experiment.below_cost``, ``experiment.which_goods``, ``experiment.bad_elasticity``,
            ``experiment.bad_lead``, ``experiment.bad_test``, ``experiment.other_ledger``.
        MissingDataError: ``experiment.no_sales``, ``experiment.few_arms``,
            ``experiment.no_noise``, ``experiment.not_begun``, ``experiment.not_tested``.

    Example::

        offing.experiment("ledger.csv", change="+5%", model="HC-65M", margin="20%")
    """
    codes: dict[str, str] | None = None if request.product else {}  # a model needs none
    sales = request.lines(request.ledger, **request.reading(), codes=codes).sales
    if request.test is not None:
        return _read_back(request.test, sales)
    change = _change(request.change)
    must_be_within("--months", request.months, ge=1, le=36)
    margin = None if request.margin is None else share(request.margin, "margin")
    must_be_within("--margin", 1 if margin is None else margin, gt=0)
    if margin is not None and margin + change <= 0:
        raise InputError("experiment.below_cost", change=request.change, margin=request.margin)
    goods, sales = _one_kind(request, sales)
    return _design_test(
        request, goods, sales, float(change), None if margin is None else float(margin)
    )


def _change(given: Share | None) -> Decimal:
    text = str(given).strip()
    sign = -1 if text.startswith("-") else 1
    try:
        change = Decimal(0) if given is None else sign * share(text.lstrip("+-"), "change")
    except InputError:
        change = Decimal(0)
    if not 0 < abs(change) <= MOST_CHANGE:
        raise InputError("experiment.bad_change", change=NOTHING if given is None else given)
    return change


def _one_kind(request: ExperimentRequest, sales: pl.DataFrame) -> "tuple[str, pl.DataFrame]":
    """The model or code that is meant, and its lines."""
    if request.model is not None:
        goods, kept = request.model, sales.filter(pl.col("model") == request.model)
    else:
        goods = request.product or ""
        kept = sales.filter(pl.col("product").fill_null("").str.starts_with(goods))
        kinds = kept["model"].drop_nulls().value_counts(sort=True)["model"].to_list()
        if len(kinds) > 1:
            raise InputError("experiment.which_goods", models=join_list(kinds[:8]))
        goods = kinds[0] if kinds else goods
    if kept.is_empty():
        raise MissingDataError("experiment.no_sales", goods=goods)
    return goods, kept


def _design_test(
    request: ExperimentRequest, goods: str, sales: pl.DataFrame, change: float, margin: float | None
) -> ExperimentAnswer:
    from offing.planning import price_test

    weekly = request.by == "week"
    end, period, panel = (_blocks if weekly else _history)(sales, request)
    if weekly:
        noise = price_test.block_error(panel.units[0], 1, change)
    else:
        noise = price_test.noise_of(panel)[0]
    if noise < LEAST_NOISE:
        raise MissingDataError("experiment.no_noise", by=say(f"experiment.one_{request.by}"))
    elasticity, source = _held_likely(request, sales)
    dollars = _panel_in_dollars(request, panel, end)
    begins = _first_day(request, end)
    passed = begins < datetime.now(UTC).date()
    in_months = 7 * period / DAYS_OF_MONTH if weekly else period
    held: dict[str, Any] = {"elasticity": elasticity, "margin": margin, "seed": request.seed}
    if weekly:
        pairs = max(int(request.months / in_months) // 2, LEAST_ARMS // 2)
        starts = [begins + timedelta(weeks=period * ahead) for ahead in range(2 * pairs)]
        plan = price_test.design_blocks(dollars, change, starts, **held)
        months = ceil(in_months * 2 * pairs)
    else:
        months = request.months
        plan = price_test.design_test(dollars, change, ceil(months / period), **held)
    needed = None
    if elasticity is not None:
        count = price_test.blocks_needed if weekly else price_test.periods_needed
        needed = count(dollars, change, elasticity, int(36 / in_months))
    arms = tuple(_arms(panel, plan, change, 0 if weekly else period))
    left_out = 0 if weekly else sales[request.by].drop_nulls().n_unique() - len(arms)
    return ExperimentAnswer(
        request.by, goods, change, begins, months, period, arms, left_out, plan,
        None if needed is None else ceil(in_months * needed), elasticity, source, margin,
        stop_months=ceil(in_months * plan.stop_after), stop_below=plan.stop_below,
        cautions=(Caution("experiment.begun", {"start": str(begins)}),) * passed,
    )  # fmt: skip


def _first_day(request: ExperimentRequest, end: date) -> date:
    """Of the test, not before the history's end; by months that of a month."""
    day = max(end, request.start or end)
    return day if request.by == "week" or day.day == 1 else _month(day, 1)


def _arms(
    panel: "SalesPanel", plan: "PriceTest", change: float, months: int
) -> Iterator[PriceTestArm]:
    """Who is asked what, pair by pair; ``months`` of a period, none of blocks in which all are."""
    for pair, two in enumerate(zip(plan.raised, plan.held, strict=True), 1):
        for arm in two if months else sorted(two):
            at, raised = panel.arms.index(arm) if months else 0, arm in plan.raised
            units, price = float(panel.units[at].mean()), float(panel.prices[at, -1])
            yield PriceTestArm(
                arm, pair, raised, units / (months or 1), price, price * (1 + change * raised),
                panel.currencies[at],
            )  # fmt: skip


def _blocks(sales: pl.DataFrame, request: ExperimentRequest) -> "tuple[date, int, SalesPanel]":
    """The day after the ledger, weeks of a block that each had sales, and these as one arm."""
    lead_days, most = request.lead_days, 7 * BLOCKS[-1]
    if lead_days is None or not 0 <= lead_days <= most:
        lead = NOTHING if lead_days is None else lead_days
        raise InputError("experiment.bad_lead", lead=lead, most=most)
    first, last = sales["on"].min(), sales["on"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    end = last + timedelta(days=1)
    for weeks in BLOCKS:
        count = min((end - first).days // (7 * weeks), MOST_BLOCKS) // 2 * 2
        if 7 * weeks < lead_days or count < 2 * LEAST_PERIODS:
            continue
        starts = [end - timedelta(weeks=weeks * back) for back in range(count, 0, -1)]
        if (panel := _all_as_one(sales, starts, end)).arms:
            return end, weeks, panel
    raise MissingDataError("experiment.few_weeks", first=first, last=last, lead=lead_days)


def _all_as_one(sales: pl.DataFrame, starts: list[date], end: date) -> "SalesPanel":
    from offing.planning.price_test import sales_panel

    return sales_panel(sales.with_columns(everybody=pl.lit("all")), "everybody", starts, end)


def _held_likely(request: ExperimentRequest, sales: pl.DataFrame) -> tuple[float | None, str]:
    """The user's elasticity, else the literature's of the code that is sold most."""
    from offing.sources.elasticities import substitution_of

    if request.elasticity is not None:
        own = clear_amount(request.elasticity)
        if not own > 0:
            raise InputError("experiment.bad_elasticity", value=own)
        return float(own), "user"
    codes = sales["product"].drop_nulls().value_counts(sort=True)["product"].to_list()
    if not codes or len(codes[0]) < 4:
        return None, ""
    return substitution_of(codes[0][:6]).median, "literature"


def _history(sales: pl.DataFrame, request: ExperimentRequest) -> "tuple[date, int, SalesPanel]":
    """The day after the history, months of a period, and the arms that bought in every period."""
    from offing.planning.price_test import sales_panel

    by = request.by
    first, last, end = _months_of(sales)
    counts: dict[int, int] = {}
    for period, most in PERIODS.items():
        months = (end.year - first.year) * 12 + end.month - first.month
        count = min(months // period, most)
        if count < LEAST_PERIODS:
            continue
        starts = [_month(end, -period * back) for back in range(count, 0, -1)]
        panel = sales_panel(sales, by, starts, end)
        counts[period] = len(panel.arms)
        if len(panel.arms) >= LEAST_ARMS:
            return end, period, panel
    raise MissingDataError(
        "experiment.few_arms", count=max(counts.values(), default=0), by=by, least=LEAST_ARMS,
        first=first, last=last, other="buyer" if by == "market" else "market",
    )  # fmt: skip


def _months_of(sales: pl.DataFrame) -> tuple[date, date, date]:
    """First and last day, and the day after the last whole month: one that is sold in as late as in
    the earliest ending of the twelve before it.
    """
    days: list[date] = sales["on"].unique().sort().to_list()
    ends = [a for a, b in itertools.pairwise(days) if a.month != b.month][-12:]
    whole = not ends or days[-1].day >= min(day.day for day in ends)
    return days[0], days[-1], _month(days[-1], int(whole))


def _month(day: date, more: int) -> date:
    """The first of a month so many after a day's."""
    year, month = divmod(day.year * 12 + day.month - 1 + more, 12)
    return date(year, month + 1, 1)


def _panel_in_dollars(request: ExperimentRequest, panel: "SalesPanel", on: date) -> "SalesPanel":
    """The panel with its prices in USD at the newest rates; what a test costs is of one money."""
    import numpy as np

    from offing.warehouse.exchange_rates import fx_of

    if {*panel.currencies} == {"USD"}:
        return panel
    table = fx_of(open_warehouse(request.warehouse), on, oldest=36500)
    rates = np.array([float(table.rate("USD", currency)[0]) for currency in panel.currencies])
    return replace(panel, prices=panel.prices * rates[:, None])


def _read_back(file: Path, sales: pl.DataFrame) -> ExperimentAnswer:
    from offing.planning.price_test import estimate_elasticity, sales_panel

    rows = _test_file(file)
    start, months, period = rows["start"][0], rows["months"][0], rows["period"][0]
    by, goods = rows["by"][0], rows["goods"][0] or ""
    if by == "week":
        return _read_weeks(rows, sales)
    names = rows["arm"].to_list()
    if missing := sorted({*names} - {*sales[by].drop_nulls()}):
        raise InputError("experiment.other_ledger", where=Where(file), arms=join_list(missing[:5]))
    of_goods = _goods(sales, goods)
    first, last, end = _months_of(of_goods)
    run = min((end.year - start.year) * 12 + end.month - start.month, months) // period
    if run < 1:
        raise MissingDataError("experiment.not_begun", start=start, last=last)
    past_months = (start.year - first.year) * 12 + start.month - first.month
    count = min(PERIODS[period], past_months // period)
    if count < 1:
        raise MissingDataError("experiment.not_tested", start=start)
    before = [_month(start, -period * back) for back in range(count, 0, -1)]
    during = [_month(start, period * ahead) for ahead in range(run)]
    mine = of_goods.filter(pl.col(by).is_in(names))
    past = sales_panel(mine, by, before, start)
    now = sales_panel(mine, by, during, _month(start, period * run))
    pairs = {group: rows.filter(pl.col("group") == group).sort("pair")["arm"].to_list()
             for group in ("test", "control")}  # fmt: skip
    buying = {*mine.filter((pl.col("on") >= start) & (pl.col("quantity") > 0))[by]}
    if gone := [arm for arm in pairs["test"] if arm in past.arms and arm not in buying]:
        raise MissingDataError(
            "experiment.arms_gone", count=len(gone), all=len(pairs["test"]), start=start,
            arms=join_list(gone, 5), others=sum(a not in buying for a in pairs["control"]),
        )  # fmt: skip
    found = estimate_elasticity(past, now, pairs["test"], pairs["control"])
    if found is None:
        raise MissingDataError("experiment.not_tested", start=start)
    arms = tuple(
        _arm_of_file(row, float(now.units[now.arms.index(row["arm"])].mean()) / period
                     if row["arm"] in now.arms else 0.0)
        for row in rows.sort("pair", "group", descending=[False, True]).iter_rows(named=True)
    )  # fmt: skip
    return ExperimentAnswer(
        by, goods, rows["change"][0], start, months, period, arms,
        len(pairs["test"]) - found.pairs, result=found, run=run * period, **_stop_of(rows),
    )  # fmt: skip


def _stop_of(rows: pl.DataFrame) -> dict[str, Any]:
    return {name: rows[name][0] for name in ("stop_months", "stop_below")}


def _arm_of_file(row: Mapping[str, Any], units: float) -> PriceTestArm:
    return PriceTestArm(
        row["arm"],
        row["pair"],
        row["group"] == "test",
        units=units,
        price=row["price"],
        test_price=row["test_price"],
        currency=row["currency"],
    )


def _goods(sales: pl.DataFrame, goods: str) -> pl.DataFrame:
    of_goods = sales.filter(
        (pl.col("model") == goods) | pl.col("product").fill_null("").str.starts_with(goods or "-")
        if goods else pl.lit(value=True)
    )  # fmt: skip
    if of_goods.is_empty():
        raise MissingDataError("experiment.no_sales", goods=goods)
    return of_goods


def _read_weeks(rows: pl.DataFrame, sales: pl.DataFrame) -> ExperimentAnswer:
    """A test by weeks: the pairs of blocks that the ledger has whole."""
    import numpy as np

    from offing.planning.price_test import elasticity_of_pairs

    start, months, weeks = rows["start"][0], rows["months"][0], rows["period"][0]
    of_goods = _goods(sales, rows["goods"][0] or "")
    last, arms, gaps, prices = of_goods["on"].max(), [], [], []
    assert isinstance(last, date)
    for _, two in rows.sort("pair", "group", descending=[False, True]).group_by(
        "pair", maintain_order=True
    ):
        blocks = [
            _block_sold(of_goods, row["arm"], weeks, last) for row in two.iter_rows(named=True)
        ]
        arms += [
            _arm_of_file(row, sold[0])
            for row, sold in zip(two.iter_rows(named=True), blocks, strict=True)
        ]  # fmt: skip
        (raised, asked), (held, usual) = blocks
        if raised and held:
            gaps.append(float(np.log(raised / held)))
            prices.append(float(np.log(asked / usual)))
    run = min(ceil((last - start).days / DAYS_OF_MONTH), months)
    if last < start + timedelta(weeks=2 * weeks) - WEEKEND:
        raise MissingDataError("experiment.not_begun", start=start, last=last)
    found = elasticity_of_pairs(np.array(gaps), np.array(prices), run)
    if found is None:
        raise MissingDataError("experiment.not_tested", start=start)
    return ExperimentAnswer(
        "week", rows["goods"][0] or "", rows["change"][0], start, months, weeks, tuple(arms),
        len(arms) // 2 - found.pairs, result=found, run=run, **_stop_of(rows),
    )  # fmt: skip


def _block_sold(sales: pl.DataFrame, arm: str, weeks: int, last: date) -> tuple[float, float]:
    """Units and mean price of a block; nothing of one that the ledger has not whole."""
    begins = date.fromisoformat(arm)
    ends = begins + timedelta(weeks=weeks)
    if last < ends - WEEKEND:
        return 0.0, 0.0
    panel = _all_as_one(sales, [begins], ends)
    return (float(panel.units[0, 0]), float(panel.prices[0, 0])) if panel.arms else (0.0, 0.0)


def _test_file(file: Path) -> pl.DataFrame:
    """The file of a test as it was written: whole pairs, of one test."""
    from offing.sources.own_table import must_be_filled, own_table

    rows, path = own_table(file)
    must_be_filled(rows, path, *(name for name in COLUMNS if name not in UNTOLD))
    rows = rows.with_columns(
        pl.lit(None, pl.String).alias(name) for name in sorted(UNTOLD - {*rows.columns})
    ).with_columns(
        pl.col("goods").fill_null(""),
        pl.col("start").cast(pl.String).str.to_date(strict=False),
        pl.col("pair", "months", "period", "stop_months").cast(pl.Int64, strict=False),
        pl.col("change", "price", "test_price", "stop_below").cast(pl.Float64, strict=False),
    )
    one_test = rows.select("by", "goods", "start", "months", "period", "change").n_unique() == 1
    pairs = rows.group_by("pair").agg(pl.col("group").sort())["group"].to_list()
    whole = all(groups == ["control", "test"] for groups in pairs)
    read = not any(rows.select(pl.col(*set(COLUMNS) - UNTOLD).is_null().any()).row(0))
    first = rows.row(0, named=True) if rows.height else {}
    periods = {"buyer": tuple(PERIODS), "market": tuple(PERIODS), "week": BLOCKS}
    known = first.get("period") in periods.get(first.get("by") or "", ())
    if not (one_test and whole and read and known):
        raise InputError("experiment.bad_test", where=Where(path), rows=rows.height)
    return rows
