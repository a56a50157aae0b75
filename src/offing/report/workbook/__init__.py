"""The plan as a workbook: figures to change in blue, formulas that follow in black."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import starmap
from math import fsum
from pathlib import Path

from offing.forecast.results import AXES, AxisName, Outlook, Segment
from offing.landed.shipment import CostLine, Quote
from offing.planning.plan import MoveSummary, PlanRow
from offing.report import words
from offing.report.blocks import (
    Actions,
    Callout,
    Cell,
    Column,
    Heading,
    Shown,
    Table,
    Text,
    missing_cell,
    table_of,
    text,
)
from offing.report.charts.waterfall import MARGIN, status_of
from offing.report.decision import NamedDecision
from offing.report.sections import rules_table, sources_table
from offing.report.views.plan import facts, sort_rows, what_to_do
from offing.report.views.quote import landed_without_charges
from offing.report.views.risk import frontier_table, limits_table, tornado_table
from offing.report.views.run import known_tiers
from offing.report.workbook.sheet import TOP, Sheet, Value, cells_of, write_sheets
from offing.rules.rule_use import cite_source, value_text
from offing.study.result import ProductResult, StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import Language, language, say, using_language
from offing.terms.numbers import currency_name, day, fixed_decimals

CENTS = Decimal("0.05")
"""A base that is this near to a sum of the shipment is that sum, rounded on its way."""


STEPS = {
    "step": "text",
    "rate": "rate input",
    "base_each": "price",
    "each": "price",
    "per_shipment": "price",
    "status": "text",
    "rule": "text",
    "source": "text",
}
"""Columns of a waterfall with the format of their cells."""
WIDTHS = {"rule": 44, "source": 60}


def costs_sheet(result: StudyResult) -> Sheet:
    """What each market comes to, each with a link to its block; below, one block for each."""
    quotes = [
        (words.product(product), market.quote)
        for product in result.products
        for market in product.markets
        if market.quote
    ]
    blocks = [t for at, (product, quote) in enumerate(quotes) for t in _block(at, product, quote)]
    title, note = say("report.cost_heading"), say("report.book_note")
    tables = (_index(quotes), *blocks)
    return Sheet(say("report.sheet_costs"), title, note, tables, (TOP, 1), sorts=bool(quotes))


def _index(quotes: Sequence[tuple[str, Quote]]) -> Table:
    columns = (
        Column(say("planning.sheet_product"), number=False, width=34),
        Column(say("planning.sheet_market"), number=False, width=18),
        Column(words.message_or_last("landed.line_fob"), format="price"),
        Column(words.message_or_last("landed.line_landed"), format="price"),
        Column(say("report.margin_rate"), format="rate"),
        text("report.of_which_unit"),
    )
    rows = [_summary_row(at, *quote) for at, quote in enumerate(quotes)] or [
        (say("report.no_quote"),)
    ]
    return Table("costs", "", columns, tuple(cells_of(row, len(columns)) for row in rows))


def _summary_row(at: int, product: str, quote: Quote) -> Sequence[Value]:
    """A row that leads to its block, whose figures are those of the block."""
    lines, fob, last = quote.lines, _fob(quote), len(quote.lines) - 1

    def block_reference(value: Decimal | None, line: int) -> Cell:
        return Cell(value=float(value or 0), formula=f"{{lines{at}:{line}.each}}")

    return (
        Cell(product, link=f"cost{at}"),
        Cell(country_name(quote.destination), link=f"cost{at}"),
        block_reference(lines[fob].per_unit, fob),
        block_reference(lines[last].per_unit, last),
        block_reference(quote.margin_rate, last + 1) if _has_margin(quote) else None,
        _per_unit(quote),
    )


def _per_unit(quote: Quote) -> str:
    currency, unit = currency_name(quote.currency), words.unit(quote.unit)
    return say("report.per_unit", currency=currency, unit=unit)


def _fob(quote: Quote) -> int:
    """The line of the FOB price."""
    return next(n for n, line in enumerate(quote.lines) if line.subtotal and line.stage == "FOB")


def _has_margin(quote: Quote) -> bool:
    return any(line.name == MARGIN for line in quote.lines)


def _block(at: int, product: str, quote: Quote) -> tuple[Table, Table]:
    """A market's waterfall: the quantity and the price that it is of, then its lines."""
    of = {"unit": _per_unit(quote), "currency": currency_name(quote.currency)}
    columns = tuple(
        Column(of["unit"] if name == "each" else say(f"report.{name}", **of), kind != "text",
               id=name.partition("_")[0], format=kind, width=WIDTHS.get(name, 0))
        for name, kind in STEPS.items()
    )  # fmt: skip
    other = ""
    if (sums := quote.without) is not None:
        other = f"{landed_without_charges(sums)}: {fixed_decimals(sums.landed / quote.quantity, 2)}"
    title = Cell(f"{product} – {country_name(quote.destination)}", style="block")
    quantity = Cell(value=float(quote.quantity), style="units input")
    back = Cell(say("report.to_top"), link="costs")
    head: list[Sequence[Value]] = [(title, "", say("report.quantity"), quantity, back, other)]
    if _has_margin(quote):
        price = Cell(value=float(quote.lines[_fob(quote)].per_unit), style="price input")
        head.append(("", "", say("report.price_asked", term="FOB"), price))
    bare = tuple(replace(column, heading="") for column in columns)
    tables = (
        (f"cost{at}", bare, head),
        (f"lines{at}", columns, [*_lines(at, quote), *_margin_rows(at, quote)]),
    )
    one, two = (
        Table(name, "", heads, tuple(cells_of(row, len(STEPS)) for row in rows))
        for name, heads, rows in tables
    )
    return one, two


def _lines(at: int, quote: Quote) -> Iterator[Sequence[Value]]:
    """Each with its amount as a formula of what stands above it, and what it rests on."""
    running, sums = Decimal(0), list[tuple[Decimal, str]]()
    for number, line in enumerate(quote.lines):
        rate, base, total = Cell(), Cell(), " total" if line.subtotal else ""
        if line.subtotal:
            each = Cell(formula=_sum_formula(quote, number) or "0", style="price total")
            sums.append((line.amount, f"{{{number}.each}}"))
        else:
            running += line.amount
            rate, base, each = _amount(at, quote, line, sums)
            sums.append((running, f"({_sum_formula(quote, number + 1)})"))
        status, shipment = status_of(line), f"{{each}}*{{cost{at}:0.each}}"
        yield (
            Cell(words.message_or_last(f"landed.line_{line.name}"), style=f"text{total}"),
            rate,
            base,
            replace(each, value=float(line.per_unit)),
            Cell(value=float(line.amount), formula=shipment, style=f"price{total}"),
            words.status(status) if status else "",
            f"{line.rule.id}: {value_text(line.rule)}" if line.rule else "",
            cite_source(line.rule.source) if line.rule else "",
        )


def _amount(
    at: int, quote: Quote, line: CostLine, sums: list[tuple[Decimal, str]]
) -> tuple[Cell, Cell, Cell]:
    """What is left of the price; a rate times a sum above it; else the figure itself."""
    if line.name == MARGIN:
        costs = _sum_formula(quote, len(quote.lines), before_fob=True)
        return Cell(), Cell(), Cell(formula=f"{{cost{at}:1.each}}-({costs})")
    if not line.base:
        return Cell(), Cell(), Cell(style="price input")
    base = line.base
    above = next((s for v, s in reversed(sums) if abs(v - base) < CENTS), "")
    return (
        # Worked back from rounded amounts: 0.14, not 0.1400000034281363.
        Cell(value=float(round(line.amount / base, 6))),
        Cell(
            value=float(base / quote.quantity),
            formula=above,
            style="price" if above else "price input",
        ),
        Cell(formula="{rate}*{base}"),
    )


def _sum_formula(quote: Quote, until: int, *, before_fob: bool = False) -> str:
    """The lines that are no sums, added up; ``before_fob``: only costs to FOB."""
    return "+".join(
        f"{{{number}.each}}"
        for number, line in enumerate(quote.lines[:until])
        if not line.subtotal
        and (not before_fob or (line.stage in ("EXW", "FOB") and line.name != MARGIN))
    )


def _margin_rows(at: int, quote: Quote) -> Iterator[Sequence[Value]]:
    """The margin as a share of the price, and the refund inside it."""
    if not _has_margin(quote):
        return
    number = next(n for n, line in enumerate(quote.lines) if line.name == MARGIN)
    price = f"{{cost{at}:1.each}}"
    share, of_price = float(quote.margin_rate or 0), f"IF({price}=0,0,{{{number}.each}}/{price})"
    yield say("report.margin_rate"), "", "", Cell(value=share, formula=of_price, style="rate")
    yield say("report.refund_inside"), "", "", float(quote.refund / quote.quantity)


DIGITS = 64
"""Of a fingerprint: all, where there is room."""
OUTLOOK = {
    "base_usd": "",
    "expected_usd": "",
    "growth_usd": "{expected_usd}-{base_usd}",
    "gain_usd": "",
    "low80": "",
    "high80": "",
}
"""Columns of a segment's outlook with their formulas."""
Ranked = tuple[ProductResult, int, Segment]


def write_workbook(result: StudyResult, path: Path, lang: Language) -> None:
    """Write ``plan.xlsx``. The same result gives the same bytes.

    Args:
        result: a finished study.
        path: the file to write; an old one is replaced.
        lang: the language of headings and names.

    Raises:
        StorageError: ``report.cannot_write``, where the file cannot be written.
    """
    created = datetime(result.on.year, result.on.month, result.on.day, tzinfo=UTC)
    with using_language(lang):
        write_sheets(path, result.title(lang), created, list(_sheets(result)))


def _sheets(result: StudyResult) -> Iterator[Sheet]:
    yield answer_sheet(result)
    yield decision_sheet(result)
    yield plan_sheet(result)
    yield markets_sheet(result)
    yield rates_sheet(result)
    yield _risk(result)
    yield costs_sheet(result)
    yield _segments(result)
    for name, note, table in (
        ("sources", "sources_lead", sources_table(result, DIGITS)),
        ("rules", "rules_table", rules_table(result.rules, result.on)),
    ):
        title = say(f"report.{name}_heading")
        yield Sheet(say(f"report.sheet_{name}"), title, say(f"report.{note}"), (table,), sorts=True)


def _risk(result: StudyResult) -> Sheet:
    """How the plan holds: plans side by side, the gain under each input, what limits are worth."""
    decision, risk = NamedDecision.from_result(result), result.risk
    tables = [] if risk is None else [frontier_table(decision, risk)]
    if risk is not None and risk.bars:
        tables.append(tornado_table(decision, risk))
    if risk is not None and risk.limits:
        tables.append(limits_table(decision, risk))
    years = say("planning.frontier_table", years=decision.years)
    return Sheet(say("report.sheet_risk"), result.title(language()), years, tuple(tables), (TOP, 1))


def _segments(result: StudyResult) -> Sheet:
    """Every segment with its four axes and its outlook, in the order of the ranking."""
    usd = say("report.usd")

    def axis(name: AxisName) -> Shown[Ranked]:
        def cell(row: Ranked) -> Cell:
            score = row[2].axis(name).score
            return missing_cell() if score is None else Cell(value=100 * score)

        return Column(say(f"report.axis_{name}"), format="rank", width=10), cell

    def money(name: str, formula: str) -> Shown[Ranked]:
        heading = say(f"report.{name}", unit=usd)
        column = Column(heading, id=name, format="money", formula=formula)
        return column, lambda row: Cell(value=_outlook_figure(row[2].outlook, name))

    table = table_of(
        "segments",
        "",
        [
            (product, rank, segment)
            for product in result.products
            for rank, segment in enumerate(product.ranking.segments, start=1)
        ],
        (text("report.product"), lambda row: words.product(row[0])),
        (Column(say("report.place"), width=7), lambda row: Cell(value=row[1])),
        (text("report.market"), lambda row: country_name(row[2].market)),
        (text("report.tier"), lambda row: words.tier(row[2].tier)),
        *map(axis, AXES),
        (Column(say("report.coverage"), format="rate", width=10),
         lambda row: Cell(value=row[2].coverage)),
        *starmap(money, OUTLOOK.items()),
        (text("report.method"),
         lambda row: words.message_or_last(f"market.rival_{row[2].outlook.method}")),
    )  # fmt: skip
    title, note = say("report.axes_heading"), say("report.segments_note")
    return Sheet(say("report.sheet_segments"), title, note, (table,), (TOP + 1, 4), sorts=True)


def _outlook_figure(outlook: Outlook, name: str) -> float | None:
    if name == "growth_usd":
        return outlook.expected_usd - outlook.base_usd
    figure: float | None = getattr(outlook, name)
    return figure


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
    "price_drift": "fine input",
    "rest_drift": "fine input",
    "sales": "money = {units}*{price_in}*{rate_of}*{price_drift}*{rest_drift}",
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
            row.price_drift,
            row.rest_drift,
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
