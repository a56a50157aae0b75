"""The plan: change a quantity, a price or a rate, and sales, margins, markets and totals follow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import fsum

from offing.planning.plan import MoveSummary, PlanRow
from offing.report import words
from offing.report.blocks import Actions, Callout, Cell, Column, Heading, Table, Text
from offing.report.decision import NamedDecision
from offing.report.views.plan import facts, sort_rows, what_to_do
from offing.report.views.run import known_tiers
from offing.report.workbook.sheet import TOP, Sheet, Value, cells_of
from offing.study.result import StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import currency_name, day

SHARE = "IF({sales}=0,0,{margin_cny}/{sales})"
PLAN = {
    "product": "text",
    "market": "text",
    "tier": "text",
    "move": "text",
    "plant": "text",
    "now": "money",
    "still": "money",
    "units": "units input",
    "currency": "text",
    "price_in": "price input",
    "rate_of": "fine",
    "drift": "fine input",
    "sales": "money = {units}*{price_in}*{rate_of}*{drift}",
    "cost": "price input",
    "margin_cny": "money = {sales}-{units}*{cost}",
    "rate": f"rate = {SHARE}",
    "low_cny": "money",
    "high_cny": "money",
}
"""Columns with the format and the formula of their cells."""
SUMS = ("now", "still", "sales", "margin_cny")
"""Those that are added up."""
CAPACITY = {
    "product": "text",
    "capacity": "units input",
    "units": "units = SUMIF({plan:product},{product},{plan:units})",
    "of_line": "rate = IF({capacity}=0,0,{units}/{capacity})",
}
MARKETS = {
    "market": "text",
    "now": "money = SUMIF({plan:market},{market},{plan:now})",
    "sales": "money = SUMIF({plan:market},{market},{plan:sales})",
    "change": "money = {sales}-{now}",
    "margin_cny": "money = SUMIF({plan:market},{market},{plan:margin_cny})",
    "rate": f"rate = {SHARE}",
    "share": "rate = IF({total.sales}=0,0,{sales}/{total.sales})",
}
RATES = {"currency": "text", "currency_name": "text", "rate_of": "fine input"}
MOVES = {
    "text": "wrap",
    "gain_cny": "money",
    "alone_cny": "money",
    "low_cny_move": "money",
    "worst_cny": "money",
    "entry_cny": "money",
    "payback_years": "price",
    "payback_chance": "rate",
    "matched_cny": "money",
    "rests": "wrap",
}


def _table(
    name: str,
    columns: Mapping[str, str],
    rows: Iterable[Sequence[Value]],
    *,
    year: str = "",
    total: Mapping[str, float] | None = None,
) -> Table:
    """A table with a last row where it has a ``total``: sums, and what follows as in any row."""
    made, sums = [], {}
    for key, declared in columns.items():
        kind, _, formula = declared.partition(" = ")
        number = kind not in ("text", "wrap")
        heading = say(f"planning.sheet_{key}", year=year, unit=currency_name("CNY"))
        made.append(Column(heading, number, id=key, format=kind, formula=formula))
        if total and key in total:
            added = f"SUM({{{name}:{key}}})" if key in SUMS else ""
            sums[key] = Cell(value=total[key], formula=added)
    last = (Cell(say("report.total")), *(sums.get(key, Cell()) for key in [*columns][1:]))
    lines = tuple(cells_of(row, len(made)) for row in rows)
    return Table(name, "", tuple(made), lines, last if total else None)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _sums(result: StudyResult) -> dict[str, float]:
    plan, rate = result.plan, result.decided.cny_per_usd
    usd = (plan.sales_now_usd, plan.still_usd, plan.sales_usd, plan.margin_usd)
    return {name: value * rate for name, value in zip(SUMS, usd, strict=True)}


def _currencies(result: StudyResult) -> list[str]:
    """Those of the plan's invoices, the dollar first."""
    return list(dict.fromkeys(["USD", *sorted({row.currency for row in result.plan.rows})]))


def plan_sheet(result: StudyResult) -> Sheet:
    """The rows of the plan, what matters first, their totals, and the capacity of each model."""
    decision, decided, plan = NamedDecision.from_result(result), result.decided, result.plan
    dollar, tiers, currencies = decided.cny_per_usd, known_tiers(result), _currencies(result)

    def usd(value: float | None) -> Value:
        if value is None:
            return None
        return Cell(value=value * dollar, formula=f"{value!r}*{{rates:0.rate_of}}")

    def line(row: PlanRow) -> Sequence[Value]:
        rate, tier = decided.cny_per(row.currency), tiers.get((row.product, row.market))
        sales, margin = row.sales_usd * dollar, row.margin_usd * dollar if row.units else 0.0
        of = currencies.index(row.currency)
        return (
            decision.products[row.product],
            country_name(row.market),
            words.tier(tier) if tier else "",
            say(f"planning.kind_{row.move}"),
            decision.plants.get(row.plant, row.plant),
            usd(row.sales_now_usd),
            usd(row.still_usd),
            row.units,
            row.currency,
            row.price_usd * dollar / rate,
            Cell(value=rate, formula=f"{{rates:{of}.rate_of}}"),
            row.drift,
            sales,
            _ratio(sales - margin, row.units),
            margin,
            _ratio(margin, sales),
            usd(row.low_usd),
            usd(row.high_usd),
        )

    rows = [line(row) for row in sort_rows(plan.rows)] or [(say("report.plan_empty"),)]
    total = _sums(result) | {"rate": _ratio(plan.margin_usd, plan.sales_usd)}
    tables = [_table("plan", PLAN, rows, year=str(decided.years[-1]), total=total)]
    if plan.rows:
        made = []
        for product in result.products:
            units = fsum(row.units for row in plan.rows if row.product == product.product)
            name, capacity = decision.products[product.product], product.capacity
            made.append((name, capacity, units, _ratio(units, capacity)))
        tables.append(_table("capacity", CAPACITY, made))
    title, note = result.title(language()), say("report.plan_sheet_note")
    return Sheet(say("report.sheet_plan"), title, note, tuple(tables), (TOP + 1, 2), sorts=True)


def markets_sheet(result: StudyResult) -> Sheet:
    """Sums by market over all models, their totals, and how concentrated they are."""
    plan = result.plan

    def figures(market: str) -> list[float]:
        rows = [row for row in plan.rows if row.market == market]
        return [
            fsum(getattr(row, f"{name}_usd") for row in rows) * result.decided.cny_per_usd
            for name in ("sales_now", "sales", "margin")
        ]

    known = {market: figures(market) for market in dict.fromkeys(row.market for row in plan.rows)}
    whole = [fsum(row[at] for row in known.values()) for at in range(3)]

    def line(now: float, sales: float, margin: float) -> Sequence[float]:
        return now, sales, sales - now, margin, _ratio(margin, sales), _ratio(sales, whole[1])

    lines: list[Sequence[Value]] = [
        (country_name(market), *line(*of)) for market, of in known.items()
    ]
    total = dict(zip([*MARKETS][1:-1], line(*whole), strict=False))
    year = str(result.decided.years[-1])
    tables = [_table("markets", MARKETS, lines, year=year, total=total)]
    if lines:
        squares = "SUMPRODUCT({markets:share},{markets:share})"
        squared = Cell(value=plan.concentration, formula=squares, style="fine")
        tables.append(
            _labelled_table("concentration", [(say("report.word_concentration"), squared)])
        )
    title, note = say("planning.sheet_markets_title"), say("report.sums_note")
    return Sheet(say("report.sheet_markets"), title, note, tuple(tables))


def _labelled_table(
    name: str, rows: Sequence[Sequence[Value]], columns: Sequence[Column] = ()
) -> Table:
    """Rows without headings, each with its name."""
    columns = columns or (Column("", number=False, format="wrap"), Column("", format="money"))
    bare = tuple(replace(column, heading="") for column in columns)
    return Table(name, "", bare, tuple(cells_of(row, len(bare)) for row in rows))


def rates_sheet(result: StudyResult) -> Sheet:
    """Exchange rates of the day, CNY for one: change one, and every sheet follows."""
    rows = [
        (code, currency_name(code), result.decided.cny_per(code)) for code in _currencies(result)
    ]
    title = say("planning.sheet_rates_title", on=day(result.on))
    table = _table("rates", RATES, rows)
    return Sheet(say("report.sheet_rates"), title, say("report.book_note"), (table,))


ANSWER = (60.0, 34.0, 80.0)
"""How wide its columns are."""


def answer_sheet(result: StudyResult) -> Sheet:
    """The first screen: what is certain, to find out, to try and to do; how sure, and the level."""
    decision, rows = NamedDecision.from_result(result), list[Sequence[Value]]()
    for block in what_to_do(result.plan, decision, result.warnings):
        match block:
            case Heading(text):
                rows.append((Cell(text, style="block"),))
            case Actions(items):
                rows += [(one.text, one.gain, one.remark) for one in items]
            case Text(sentences):
                rows += [(sentence,) for sentence in sentences]
            case Callout(text):
                rows.append((text,))
    rows += [(one.name, one.value, one.remark) for one in facts(result.plan, decision)]
    columns = [Column("", number=False, format="wrap", width=width) for width in ANSWER]
    table = _labelled_table("answer", rows, columns)
    title, heading = result.title(language()), say("report.answer_heading")
    return Sheet(heading, title, f"{result.firm.name(language())} · {day(result.on)}", (table,))


def decision_sheet(result: StudyResult) -> Sheet:
    """Moves with all their figures, those that are not made yet, and the totals."""
    decision, decided, year = (
        NamedDecision.from_result(result),
        result.decided,
        result.decided.years[-1],
    )

    def line(move: MoveSummary, remark: str) -> Sequence[Value]:
        figures = (getattr(move, name.removesuffix("_move")) for name in [*MOVES][1:-1])
        return decision.text(move), *figures, remark

    rows = [
        line(m, words.join_words(map(words.message_or_last, m.rests_on))) for m in decided.moves
    ]
    moves = _table("moves", MOVES, rows or [(say("planning.stay"),)])
    tables = [moves]
    if decided.not_yet:
        heading = Cell(say("planning.not_yet_heading"), style="block")
        lines = [line(move, words.message_or_last(move.reason)) for move in decided.not_yet]
        tables.append(_labelled_table("not-yet", [(heading,), *lines], moves.columns))
    linked = (
        (
            say(f"planning.sheet_{name}", year=str(year)),
            Cell(value=value, formula=f"{{plan:total.{name}}}"),
        )
        for name, value in _sums(result).items()
    )
    drawn = {
        "mean": decided.plan.mean,
        "low": decided.plan.low,
        "today_mean": decided.today.mean,
        "today_low": decided.today.low,
    }
    profits = (
        (say(f"planning.sheet_profit_{name}", years=decision.years), value)
        for name, value in drawn.items()
    )
    heading = Cell(say("planning.sheet_totals"), style="block")
    tables.append(_labelled_table("totals", [(heading,), *linked, *profits]))
    years = say("planning.moves_table", years=decision.years)
    return Sheet(say("report.sheet_decision"), result.title(language()), years, tuple(tables))
