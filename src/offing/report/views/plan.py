"""A plan, told: what to do, its rows with their totals, and what it was short of."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import fsum
from types import MappingProxyType
from typing import TYPE_CHECKING

from offing.planning.plan import MoveSummary, Plan, PlanRow
from offing.planning.track_record import LEAST_OUTCOMES
from offing.report import words
from offing.report.blocks import (
    Block,
    Callout,
    Cell,
    Column,
    Fact,
    Folded,
    Heading,
    Shown,
    Table,
    Text,
    fact_lines,
    money_cell,
    money_of,
    number,
    table_of,
    text,
)
from offing.report.decision import CNY, NamedDecision, decisive_cautions, further_cautions
from offing.report.views import explain, risk
from offing.report.views.explain import explain_rows
from offing.report.views.risk import told_target
from offing.terms.caution import Caution
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import (
    NOTHING,
    MoneyColumn,
    count,
    day,
    digits,
    fixed_decimals,
    likelihood,
    money,
    money_column,
    moneys,
    percent,
    range_text,
    signed_money,
    value_or_dash,
)

if TYPE_CHECKING:
    from offing.api.plan import PlanAnswer
    from offing.study.file import Study

SHOWN = 12
"""Rows that stand open, and those of a terminal."""
MOVES = 8
"""Moves that stand open."""
LISTED = 5
"""Moves of "not yet" that stand open."""
QUIET = ("keep", "none", "grow", "shrink")
"""Rows in which the firm goes on as today, but for how many it sells."""
TEXTS = ("market", "model_in", "tier", "price", "plant", "move")
"""Columns of text."""
SPARE = ("interval", "units", "price", "rate")
LESS = ("alone", "low", "worst")
"""Columns that a narrow terminal leaves out."""
MUCH_KEPT = 0.1
"""Of the profit before it, from which on an illustrative cost of keeping markets is told."""
DRIFT = 0.0005
"""A difference of units × price from sales that is no rounding."""
LEAST_RATE = -10.0
"""A lower margin rate is of sales of next to nothing."""
Tiers = Mapping[tuple[str, str], str]
"""(model, market) → tier, where enough prices are known to name one."""
PlanCell = Callable[[PlanRow], Cell | str]


def heading(study: "Study") -> tuple[str, str]:
    """A study's title, and its firm with the day."""
    chinese = language() == "zh"
    title, firm = (of.zh if chinese else of.en for of in (study.title, study.firm.name))
    return title, f"{firm} · {day(study.on)}"


def view(answer: "PlanAnswer") -> tuple[Block, ...]:
    """The whole plan."""
    study, planned = answer.planned.world.study, answer.planned
    decision = NamedDecision.from_study(study, planned.decided)
    of = planned.plan, decision
    rows = blocks(*of, {}, settled=study.settlement is not None)
    told: tuple[Block, ...] = (
        Text(heading(study), "lead"),
        *what_to_do(*of, answer.cautions),
        fact_lines(facts(*of)),
        *(rows if answer.explain else leave_folded(planned.plan, rows)),
    )
    if answer.target is not None:
        told += tuple(told_target(decision, answer.target))
    if answer.open_figures:
        told += explain.told_open_figures(decision, decision.figures.open_figures)
    if answer.risk is not None:
        told += risk.view(decision, answer.risk)
    if answer.explain:
        told += (Heading(say("run.title_explain")), explain_rows(planned, decision))
    return (*told, *further(planned.plan, decision, answer.cautions))


def leave_folded(plan: Plan, told: Iterable[Block]) -> list[Block]:
    """What a terminal tells of a plan: what is folded is left to ``--explain``."""
    hidden = say("plan.more", count=len(plan.rows) - SHOWN) if len(plan.rows) > SHOWN else ""
    return [*(one for one in told if not isinstance(one, Folded)), Text((hidden,), "note")]


def what_to_do(plan: Plan, decision: NamedDecision, cautions: Iterable[Caution]) -> list[Block]:
    """The conclusion, and what stands beside it."""
    more = decision.more()
    notes = [more] if more else []
    if len(decision.figures.moves) > 1 and not decision.figures.without_sales:
        notes.append(say("report.gains_note", years=decision.years))
    if (level := decision.figures.level) is not None:
        few = "_few" if level.outcomes < LEAST_OUTCOMES else ""
        kept, factor = percent(level.kept, 0), fixed_decimals(level.factor, 2)
        notes.append(say(f"report.level{few}", kept=kept, factor=factor, count=level.outcomes))
        if level.kept > 1 and round(plan.fullest, 3) >= 1:
            notes.append(say("report.level_full"))
        if decision.figures.moves:
            notes.append(say("planning.as_computed"))
    holds = [Text((told,), "note")] if (told := holds_for(plan, decision)) else []
    blocks = [*holds, *decision.answer(), *([Text(tuple(notes), "note")] if notes else [])]
    return [*blocks, *map(Callout, decisive_cautions(plan, decision, cautions))]


def holds_for(plan: Plan, decision: NamedDecision) -> str:
    """For which share of the firm's sales it holds, and what the rest lacks; empty where all."""
    if plan.known_share is None or plan.known_share >= 1:
        return ""
    lacking = dict.fromkeys(str(m.values["market"]) for m in plan.missing if m.at_stake.amount)
    sums = {m: usd * decision.figures.cny_per_usd for m, usd in plan.outside if m}
    unseen = [f"{country_name(m)} {moneys(sums.values(), CNY)(sums[m])}" for m in sums]
    named = [
        say(f"report.holds_{name}", markets=words.join_words(markets))
        for name, markets in (("lacking", [*map(country_name, lacking)]), ("unseen", unseen))
        if markets
    ]
    named += [say("report.holds_no_model")] * any(not market for market, _ in plan.outside)
    rest = words.series(named)
    return say("report.holds_for", share=likelihood(plan.known_share), rest=rest)


def further(plan: Plan, decision: NamedDecision, cautions: Sequence[Caution]) -> list[Block]:
    """The other cautions, folded where they can be."""
    others = further_cautions(plan, decision, cautions)
    if not others:
        return []
    return [Folded(say("report.further_cautions", count=len(others)), tuple(map(Callout, others)))]


def facts(plan: Plan, decision: NamedDecision) -> tuple[Fact, ...]:
    """How sure: the chance of beating today, the profit, the worst of twenty; the sales.

    Without sales of the firm, that there are none, and what would be if the share were reached.
    """
    decided, years = decision.figures, decision.years
    if not plan.rows:
        return ()
    usd = plan.sales_usd, plan.still_usd, plan.sales_now_usd, plan.computed_usd or 0.0
    sums = [value * decided.cny_per_usd for value in usd]
    planned, still, now, computed = map(moneys(sums, CNY), sums)
    way = "fact_still" if decided.moves else "fact_of_itself"
    since = words.last_year(decided.short_year)
    remark = say(f"report.{way}", still=still, since=since, money=now)
    remark = decision.fact_remark(remark, computed)
    sold = Fact(say("report.fact_sales", year=str(decided.years[-1])), planned, remark)
    if decided.without_sales:
        supposed = say("report.fact_supposed")
        return (
            Fact(say("report.fact_no_sales"), say("report.none"), say("report.fact_no_chance")),
            Fact(say("report.fact_profit", years=years), money(decided.plan.mean, CNY), supposed),
            Fact(sold.name, planned, supposed),
        )
    profits = {
        "profit": (decided.plan.mean, decided.today.mean),
        "worst": (decided.plan.low, decided.today.low),
    }
    ends = (value for pair in profits.values() for value in pair)
    written = moneys([*ends, decided.gain_low_cny], CNY)
    key = "fact_today" if decided.moves else "fact_stay"
    before = decided.computed or decided.plan
    kept = _illustrative_keeping(plan, decision)
    told = [
        Fact(
            say(f"report.fact_{name}", years=years),
            written(value),
            decision.fact_remark(
                say(f"report.{key}", money=written(today)) + kept, written(computed)
            ),
        )
        for (name, (value, today)), computed in zip(
            profits.items(), (before.mean, before.low), strict=True
        )
    ]
    if decided.chance_better is not None:
        gain = say("report.fact_gain", low=signed_money(decided.gain_low_cny, written=written))
        told.insert(0, Fact(say("report.fact_better"), likelihood(decided.chance_better), gain))
    return (*told, sold)


def _illustrative_keeping(plan: Plan, decision: NamedDecision) -> str:
    """What the profit is after that nobody stated of the firm, where it is much of the profit."""
    assumed = (one for one in decision.figures.assumed if one.key.startswith("study.note_sums"))
    part = fsum(float(one["yearly_shipped"] / one["yearly"]) for one in assumed if one["yearly"])
    kept = part * decision.figures.keeping_cny
    margin = fsum(row.margin_usd for row in plan.rows) * decision.figures.cny_per_usd
    if not kept or kept < MUCH_KEPT * (margin + kept):
        return ""
    return say("report.fact_kept", kept=money(kept, CNY))


def blocks(plan: Plan, decision: NamedDecision, tiers: Tiers, *, settled: bool) -> Iterator[Block]:
    """The moves with their figures, the plan as a table, and what was looked at and is not made.

    Args:
        plan: of a study.
        decision: that made it.
        tiers: of the prices asked.
        settled: whether the margins have the settlement in them.
    """
    yield from _moves(decision)
    if not plan.rows:
        yield Text((say("report.plan_empty"),))
    else:
        rows, table = sort_rows(plan.rows), partial(plan_table, plan=plan, decision=decision)
        yield Heading(say("planning.rows_heading"))
        yield table("plan-table", rows=rows[:SHOWN], tiers=tiers)
        if rows[SHOWN:]:
            rest = table("plan-table-rest", rows=rows[SHOWN:], tiers=tiers, totals=False)
            yield Folded(say("planning.rows_rest", count=len(rows) - SHOWN), (rest,), printed=True)
        yield Text(tuple(_notes(plan, decision, tiers, settled=settled)), "note")
    if moves := decision.figures.not_yet:
        yield Heading(say("planning.not_yet_heading"))
        yield _not_yet("not-yet", decision, moves[:LISTED])
        if others := moves[LISTED:]:
            heading = say("planning.not_yet_rest", count=len(others))
            yield Folded(heading, (_not_yet("not-yet-rest", decision, others),))
    if decision.figures.open_figures:
        _, *told = explain.told_open_figures(decision, decision.figures.open_figures)
        yield Folded(say("plan.open_heading"), tuple(told))


def _moves(decision: NamedDecision) -> Iterator[Block]:
    moves = (*decision.figures.weighty, *decision.figures.small)
    if not moves:
        return
    resting = {move.rests_on for move in moves}
    alike = len(resting) == 1 and len(moves) > 1
    table = partial(moves_table, decision=decision, rests=not alike)
    yield Heading(say("planning.moves_heading"))
    yield table("moves-table", moves=moves[:MOVES])
    if rest := moves[MOVES:]:
        folded = table("moves-rest", moves=rest)
        yield Folded(say("planning.moves_rest", count=len(rest)), (folded,))
    if alike:
        said = words.join_words(map(words.message_or_last, *resting))
        yield Text((say("planning.rests_alike", rests=said),), "note")


def _notes(plan: Plan, decision: NamedDecision, tiers: Tiers, *, settled: bool) -> Iterator[str]:
    """What the figures of the plan have in them; settlement only where the study chooses it."""
    key = "report.plan_note" if settled else "report.plan_note_unsettled"
    yield say(key, year=str(decision.figures.years[-1]))
    yield from price_notes(plan, decision)
    if len(set(tiers.values())) == 1:
        yield say("report.plan_one_tier", tier=words.tier(next(iter(tiers.values()))))
    yield from _capacity(plan, decision)
    planned, now = fixed_decimals(plan.concentration, 2), fixed_decimals(plan.concentration_now, 2)
    yield say("report.plan_concentration", planned=planned, now=now)


def _capacity(plan: Plan, decision: NamedDecision) -> Iterator[str]:
    for key, share in plan.capacity_used:
        yield say("run.capacity", product=decision.lines.get(key, key), share=percent(share, 0))


def price_notes(plan: Plan, decision: NamedDecision) -> Iterator[str]:
    """What the FOB prices of the rows are, and how units × price comes to sales."""
    if not decision.figures.without_sales:
        yield say("planning.price_note", on=day(decision.on))
    drifts = {
        name: [getattr(row, f"{name}_drift") for row in plan.rows if row.units]
        for name in ("price", "rest")
    }
    if any(abs(drift - 1) >= DRIFT for of in drifts.values() for drift in of):
        ends = {
            name: range_text(*said) if len(said) > 1 else said[0]
            for name, of in drifts.items()
            for said in [list(dict.fromkeys(fixed_decimals(end(of), 3) for end in (min, max)))]
        }
        yield say("planning.drift_note", year=str(decision.figures.years[-1]), **ends)


def sort_rows(rows: Sequence[PlanRow]) -> tuple[PlanRow, ...]:
    """What matters first: rows with a move of more than quantity, then the largest.

    A move of less than a hundredth of all sales does not go before larger rows.
    """
    whole = fsum(max(row.sales_usd, row.sales_now_usd) for row in rows)

    def place(row: PlanRow) -> tuple[bool, float, str, str]:
        size = max(row.sales_usd, row.sales_now_usd)
        return row.move in QUIET or size < 0.01 * whole, -size, row.product, row.market

    return tuple(sorted(rows, key=place))


def plan_table(
    name: str,
    plan: Plan,
    decision: NamedDecision,
    rows: Sequence[PlanRow],
    tiers: Tiers = MappingProxyType({}),
    *,
    totals: bool = True,
) -> Table:
    """Rows of a plan as a table, with the totals of the whole plan.

    Args:
        name: unique on the page.
        plan: of which the totals are.
        decision: that made it.
        rows: to show.
        tiers: of the prices asked.
        totals: whether they stand under it.
    """
    figures = decision.figures
    rate, year = figures.cny_per_usd, str(figures.years[-1])
    sales = money_column([v * rate for r in plan.rows for v in (r.sales_now_usd, r.sales_usd)], CNY)
    margin = money_column([r.margin_usd * rate for r in plan.rows], CNY)
    shown = _columns(plan, decision, tiers, sales, margin)

    def heading(key: str) -> Column:
        unit = (margin if key == "margin" else sales).unit
        said = say(f"planning.column_{key}", unit=unit, year=year)
        return Column(said, key not in TEXTS, spare=key in SPARE, id=key)

    table = table_of(
        name,
        say("planning.table" if figures.moves else "planning.table_stay", year=year),
        rows,
        *((heading(key), cell) for key, (cell, _) in shown.items()),
    )
    sums = (Cell(total) if isinstance(total, str) else total for _, total in shown.values())
    return replace(table, total=tuple(sums)) if totals else table


def _columns(
    plan: Plan, decision: NamedDecision, tiers: Tiers, sales: MoneyColumn, margin: MoneyColumn
) -> dict[str, tuple[PlanCell, Cell | str]]:
    """The columns that say something of this plan: what stands in a row, and under all."""
    figures, rate = decision.figures, decision.figures.cny_per_usd
    several = len({row.product for row in plan.rows}) > 1
    # Kilograms and pieces are no sum.
    alike = len({decision.units.get(row.product) for row in plan.rows}) == 1
    planned = "supposed" if figures.without_sales else "plan" if figures.moves else "expected"

    def name(row: PlanRow) -> Cell:
        said, model = country_name(row.market), decision.products.get(row.product, row.product)
        if several:
            said = say("planning.model_in", market=said, product=model)
        return Cell(said, mark="strong" if _is_moved(row) else None)

    def now(of: PlanRow | Plan) -> str:
        return sales.cell(of.sales_now_usd * rate) if of.sales_now_usd else NOTHING

    columns: dict[str, tuple[PlanCell, Cell | str]] = {
        "model_in" if several else "market": (name, say("report.total")),
        "now": (now, now(plan)),
        planned: (
            _if_sold(lambda row: Cell(sales.cell(row.sales_usd * rate), mark="strong")),
            sales.cell(plan.sales_usd * rate),
        ),
        "interval": (
            _if_sold(lambda row: _range(row, rate, sales) or NOTHING), _range(plan, rate, sales),
        ),
        "units": (
            _if_sold(lambda row: digits(row.units)),
            digits(fsum(row.units for row in plan.rows)) if alike else "",
        ),
        "tier": (lambda row: value_or_dash(tiers.get((row.product, row.market)), words.tier), ""),
        "price": (_if_sold(lambda row: decision.price_text(row.price_usd, row.currency)), ""),
        "plant": (_if_sold(lambda row: decision.plants.get(row.plant, row.plant)), ""),
        "margin": (
            _if_sold(lambda row: money_cell(margin, row.margin_usd * rate)),
            money_cell(margin, plan.margin_usd * rate),
        ),
        "rate": (
            _if_sold(lambda row: rate_cell(row.margin_rate)),
            rate_cell(plan.margin_usd / plan.sales_usd if plan.sales_usd else None),
        ),
        "move": (
            lambda row: Cell(
                say(f"planning.kind_{decision.kind(row.move)}"),
                mark="ours" if _is_moved(row) else None,
            ),
            "",
        ),
    }  # fmt: skip
    silent = {
        "interval": figures.without_sales,
        "tier": len(set(tiers.values())) < 2,
        "plant": not decision.several_plants,
    }
    return {key: column for key, column in columns.items() if not silent.get(key)}


def _if_sold(write: PlanCell) -> PlanCell:
    return lambda row: write(row) if row.sales_usd > 0 else NOTHING


def _is_moved(row: PlanRow) -> bool:
    return row.move not in ("keep", "none")


def _range(of: PlanRow | Plan, rate: float, sales: MoneyColumn) -> str:
    """Two ends of sales; empty where they are not known."""
    if of.low_usd is None or of.high_usd is None:
        return ""
    return f"{sales.cell(of.low_usd * rate)}–{sales.cell(of.high_usd * rate)}"


def moves_table(
    name: str, decision: NamedDecision, moves: Sequence[MoveSummary], *, rests: bool = True
) -> Table:
    """Moves with what they bring, alone and among the others, how sure, and when it is back.

    Args:
        name: unique on the page.
        decision: that they are of.
        moves: to tell.
        rests: whether it says what they rest on; else that is told elsewhere.
    """
    column = money_column(
        [v for m in moves for v in (m.gain_cny, m.alone_cny, m.low_cny, m.worst_cny, m.own_cny)],
        CNY,
    )

    def move_column(name: str, of: str, *, spare: bool = False) -> Shown[MoveSummary]:
        heading, cell = money_of(f"planning.column_{name}", column, of)
        return replace(heading, spare=spare), cell

    def any_of(of: str) -> bool:
        return any(getattr(move, of) is not None for move in moves)

    supposed, least = decision.figures.without_sales, number("planning.column_least")
    resting: Shown[MoveSummary] = (
        replace(text("planning.column_rests"), spare=True),
        lambda m: words.join_words(map(words.message_or_last, m.rests_on)),
    )
    return table_of(
        name,
        say("planning.moves_table", years=decision.years),
        moves,
        (text("planning.column_text"), decision.text),
        move_column("supposed_gain", "own_cny") if supposed else move_column("gain", "gain_cny"),
        (least, lambda m: value_or_dash(m.least_units, count)) if supposed else None,
        *(move_column(of, f"{of}_cny", spare=True) for of in LESS if not supposed),
        (number("planning.column_payback"), lambda m: decision.payback(m) or NOTHING)
        if any_of("payback_chance") else None,
        move_column("matched", "matched_cny", spare=True) if any_of("matched_cny") else None,
        resting if rests else None,
    )  # fmt: skip


def _not_yet(name: str, decision: NamedDecision, moves: Sequence[MoveSummary]) -> Table:
    """Moves that were looked at and are not made, with the reason."""
    column = money_column([m.mean_cny for m in moves], CNY)
    return table_of(
        name,
        say("planning.not_yet_table", years=decision.years),
        moves,
        (text("planning.column_text"), decision.text),
        money_of("planning.column_mean", column, "mean_cny"),
        (text("planning.column_reason"), lambda m: words.message_or_last(m.reason)),
    )


def rate_cell(value: float | None) -> Cell:
    """A rate with one decimal; a loss is set off, one of many times the sales in round figures."""
    if value is None:
        return Cell(NOTHING)
    if value < LEAST_RATE:
        return Cell(f"<{percent(LEAST_RATE, 0)}", mark="negative")
    return Cell(percent(value, 1), mark="negative" if value < 0 else None)
