"""``offing refund``: the export VAT refund of a firm's months, and what one more unit changes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import console, print_json, print_line, table
from offing.policy.overlay import Rules, today, under
from offing.refunds.calendar import Lapse, firm_class, lapses
from offing.refunds.cross_check import cross_check
from offing.refunds.exempt_credit import solve_month, solve_months
from offing.refunds.exempt_refund import TraderRefund, trader_refund
from offing.refunds.explain import as_solved, explain_month, rules_behind
from offing.refunds.marginal import MarginalEffect, marginal_effect
from offing.refunds.month_table import day_of
from offing.refunds.months import ExportLine, FirmMonth, MonthResult
from offing.refunds.months_file import MonthsFile, read_months
from offing.refunds.papers import read_declarations, read_invoices, read_receipts
from offing.refunds.rate_library import read_library
from offing.refunds.rules import surtax_rates
from offing.refunds.surtax import Surtaxes, surtaxes
from offing.rules.citing import cited, valued
from offing.rules.reform import read_reform
from offing.rules.rule_use import RuleUse
from offing.study.costs import effect_of_one_unit, refund_rate_of, typical_month
from offing.study.file import ProductFacts, Study, read_study
from offing.terms.amounts import clear_amount, rate
from offing.terms.errors import InputError, OffingError
from offing.terms.exchange import given_rates
from offing.terms.messages import enumerated, language, say
from offing.terms.nearest import nearest
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import fx_of

MONTHS_ABREAST = 4
CENTS = 2

FIGURES = (
    "fob_cny",
    "material_cny",
    "reduction_nd",
    "nondeductible",
    "tax_raw",
    "reduction_ecr",
    "ecr",
    "closing_credit",
    "refund",
    "exempt_credit",
    "carry_forward",
    "vat_payable",
)


def refund(
    months: Annotated[
        Path | None, Parameter(name="--months", help=say("refund.help_months"))
    ] = None,
    *,
    library: Annotated[
        Path | None, Parameter(name=("--rates", "--library"), help=say("refund.help_library"))
    ] = None,
    reform: Annotated[Path | None, Parameter(help=say("refund.help_reform"))] = None,
    declarations: Annotated[Path | None, Parameter(help=say("refund.help_declarations"))] = None,
    invoices: Annotated[Path | None, Parameter(help=say("refund.help_invoices"))] = None,
    receipts: Annotated[Path | None, Parameter(help=say("refund.help_receipts"))] = None,
    exchange: Annotated[
        list[str] | None, Parameter(name="--rate", help=say("refund.help_rate"), negative="")
    ] = None,
    study: Annotated[Path | None, Parameter(help=say("refund.help_study"))] = None,
    on: Annotated[str | None, Parameter(help=say("refund.help_on"))] = None,
    firm: Annotated[int, Parameter(name="--class", help=say("refund.help_class"))] = 2,
    place: Annotated[str, Parameter(help=say("refund.help_place"))] = "city",
    more_fob: Annotated[str | None, Parameter(help=say("refund.help_more_fob"))] = None,
    more_input_tax: Annotated[str, Parameter(help=say("refund.help_more_input"))] = "0",
    more_rates: Annotated[str | None, Parameter(help=say("refund.help_more_rates"))] = None,
    explain: Annotated[bool, Parameter(negative="", help=say("refund.help_explain"))] = False,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> int:
    """Print the months in the terms of the return, the claim calendar and what needs a look."""
    laws = today() if reform is None else under(today(), read_reform(reform))
    rates = laws.refund_rates
    if study is not None:
        _of_study(read_study(study), warehouse, place, laws, explain=explain, as_json=as_json)
        return 0
    day = datetime.now(UTC).date() if on is None else day_of(on)
    if declarations is not None:
        given = given_rates(exchange or [])
        return _cross_check(declarations, invoices, receipts, day, given, as_json=as_json)
    if months is None:
        raise InputError("refund.which_months")
    firm_class(firm)
    known = None if library is None else read_library(library)
    read = read_months(months, on=day, library=known, rates=rates)
    results = solve_months(read.months, places=CENTS)
    charged = tuple(_surtaxes(result, place) for result in results)
    calendar = lapses(
        ((line.export_date, line.fob_cny) for line in read.exports), on=day, class_number=firm
    )
    traded = [(month.period, trader_refund(month.purchases)) for month in read.purchases]
    effect = _effect(read, results, more_fob, more_input_tax, more_rates, place, firm)
    if as_json:
        print_json(_document(read, results, charged, traded, calendar, effect))
    else:
        if results:
            _print_months(results, charged)
        if traded:
            _print_traded(traded)
        if explain:
            _print_steps(read, results)
            days = [line.export_date for line in read.exports]
            _print_sources((*read.rules, *rules_behind(place, firm, days)))
        if effect is not None:
            _print_effect(effect, say("refund.title_effect"))
        if calendar:
            _print_calendar(calendar, day)
        _print_notes(read, _notes(read, results, calendar))
    return 1 if read.aside else 0


def _surtaxes(result: MonthResult, place: str) -> Surtaxes:
    if place not in surtax_rates():
        raise InputError(
            "refund.unknown_place",
            text=place,
            near=nearest(place, surtax_rates()) or "city",
            all=enumerated(surtax_rates()),
        )
    return surtaxes(result.vat_payable, result.exempt_credit, rates=surtax_rates()[place])


def _effect(
    read: MonthsFile,
    results: tuple[MonthResult, ...],
    fob: str | None,
    input_tax: str,
    rates: str | None,
    place: str,
    firm: int,
) -> MarginalEffect | None:
    """One more unit in the last month."""
    if fob is None or not results:
        return None
    if rates is None:
        pairs = {(line.levy_rate, line.refund_rate) for line in read.months[-1].exports}
        if len(pairs) != 1:
            raise InputError("refund.more_rates_needed")
        rates = "/".join(map(str, *pairs))
    levy, _, back = rates.partition("/")
    if not back:
        raise InputError("refund.more_rates_needed")
    last = as_solved(read.months[-1], results[-2] if len(results) > 1 else None)
    return marginal_effect(
        last,
        ExportLine(clear_amount(fob), rate(levy, name="levy_rate"), rate(back, name="refund_rate")),
        input_tax_cny=clear_amount(input_tax),
        surtax_rate=surtax_rates()[place].total,
        firm_class=firm,
    )


def _cross_check(
    declarations: Path,
    invoices: Path | None,
    receipts: Path | None,
    on: date,
    rates: Mapping[str, Decimal],
    *,
    as_json: bool,
) -> int:
    declared = read_declarations(declarations, rates)
    invoiced = None if invoices is None else read_invoices(invoices)
    received = None if receipts is None else read_receipts(receipts)
    aside = [
        *declared.aside,
        *(invoiced.aside if invoiced else ()),
        *(received.aside if received else ()),
    ]
    findings = cross_check(
        declared.rows,
        invoiced.rows if invoiced else None,
        received.rows if received else None,
        on=on,
    )
    if as_json:
        print_json(
            {
                "items": len(declared.rows),
                "findings": [
                    {
                        "finding": each.key.partition("find_")[2],
                        "text": str(each),
                        "file": str(each.where.file),
                        "row": each.where.row,
                    }
                    for each in findings
                ],
                "aside": [error.as_json() for error in aside],
            }
        )
        return 1 if findings or aside else 0
    rows = [[Path(str(each.where.file)).name, str(each.where.row), str(each)] for each in findings]
    if rows:
        print_line(say("refund.title_findings"), "bold")
        for file, row, text in rows:
            print_line(f"• {say('refund.finding', file=file, row=row, text=text)}")
    print_line(say("refund.findings", count=len(findings), items=len(declared.rows)), "bold")
    _print_aside(aside, len(declared.rows) + len(aside))
    return 1 if findings or aside else 0


ON_BOARD = ("FOB", "FCA", "FAS")


def _of_study(
    study: Study,
    warehouse: Path | None,
    place: str,
    laws: Rules,
    *,
    explain: bool,
    as_json: bool,
) -> None:
    """The study's typical month with each product, and what one more unit of it does."""
    fx = laws.fx(fx_of(Warehouse.open(warehouse), study.on))
    found: list[tuple[ProductFacts, FirmMonth, MonthResult, Surtaxes, MarginalEffect]] = []
    rules: dict[str, RuleUse | None] = {}
    for facts in study.product:
        if facts.price_term not in ON_BOARD:
            raise InputError("refund.study_term", code=facts.code, term=facts.price_term)
        known, rule = refund_rate_of(facts, study.on, rates=laws.refund_rates)
        refund_rate = known or Decimal(0)
        rules[facts.code] = rule
        fob = fx.convert(facts.price_usd, "USD", "CNY")
        effect = effect_of_one_unit(study.firm, facts, refund_rate, fob)
        if effect is None:
            raise InputError("refund.study_status", status=study.firm.vat_status)
        month = typical_month(study.firm, facts, refund_rate)
        result = replace(solve_month(month, places=CENTS), period=f"{study.on:%Y-%m}")
        found.append((facts, month, result, _surtaxes(result, place), effect))
    if as_json:
        print_json(
            [
                {
                    "product": facts.code,
                    "month": asdict(result),
                    "surtax": surtax.total,
                    "marginal": {**asdict(effect), "why": effect.why()},
                }
                for facts, _, result, surtax, effect in found
            ]
        )
        return
    for facts, month, result, surtax, effect in found:
        name = facts.name.zh if language() == "zh" else facts.name.en
        print_line(f"{facts.code}  {name}", "bold")
        _print_months((result,), (surtax,))
        if explain:
            for step in explain_month(month, result):
                print_line(str(step), indent=2)
            per_usd, day = fx.rate("CNY", "USD")
            one = say(
                "refund.step_fob",
                price=facts.price_usd,
                rate=f"{per_usd:.6f}",
                day=day,
                result=_money(facts.price_usd * per_usd),
            )
            print_line(one, indent=2)
            own = RuleUse(
                "refund_rate", str(facts.refund_rate), None, None, "study.toml", "user", "share"
            )
            used = rules[facts.code] or own
            _print_sources((used, *rules_behind(place, study.firm.firm_class, [study.on])))
        _print_effect(effect, say("refund.title_effect_unit"))


def _notes(
    read: MonthsFile, results: Sequence[MonthResult], calendar: Sequence[Lapse]
) -> list[tuple[str, dict[str, str]]]:
    """What a careful person would want to know, and what rests on a text that was not read."""
    notes = list(read.notes)
    carried = [r for r in results if r.reduction_nd_carry or r.reduction_ecr_carry]
    if carried:
        first = carried[0]
        sums = {
            "period": first.period,
            "nondeductible": _money(first.reduction_nd_carry),
            "ecr": _money(first.reduction_ecr_carry),
        }
        new = first.period >= "2026"
        notes.append(("refund.note_carry_2026" if new else "refund.note_carry", sums))
    if any(item.deemed_domestic_on for item in calendar):
        notes.append(("refund.note_36_months", {}))
    return notes


def _document(
    read: MonthsFile,
    results: tuple[MonthResult, ...],
    charged: tuple[Surtaxes, ...],
    traded: list[tuple[str, TraderRefund]],
    calendar: tuple[Lapse, ...],
    effect: MarginalEffect | None,
) -> dict[str, Any]:
    return {
        "months": [
            {**asdict(result), "regime": result.regime, "surtax": surtax.total}
            for result, surtax in zip(results, charged, strict=True)
        ],
        "trading": [{"period": period, **asdict(result)} for period, result in traded],
        "deemed_domestic": read.deemed,
        "marginal": None if effect is None else {**asdict(effect), "why": effect.why()},
        "calendar": calendar,
        "rules": read.rules,
        "aside": [error.as_json() for error in read.aside],
        "notes": [say(key, **values) for key, values in _notes(read, results, calendar)],
        "rows": read.rows,
    }


def _money(value: Decimal) -> str:
    return f"{value:,.2f}"


def _print_months(results: tuple[MonthResult, ...], charged: tuple[Surtaxes, ...]) -> None:
    for start in range(0, len(results), MONTHS_ABREAST):
        some = results[start : start + MONTHS_ABREAST]
        rows = [
            [say(f"refund.figure_{name}"), *(_money(getattr(result, name)) for result in some)]
            for name in FIGURES
        ]
        taxes = charged[start : start + MONTHS_ABREAST]
        rows.append([say("refund.figure_surtax"), *(_money(each.total) for each in taxes)])
        rows.append(
            [
                say("refund.figure_limit"),
                *(say(f"refund.short_{result.regime}") for result in some),
            ]
        )
        title = say("refund.title_months") if start == 0 else None
        columns = [say("refund.column_figure"), *(result.period for result in some)]
        console().print(table(title, columns, rows))


def _print_traded(traded: list[tuple[str, TraderRefund]]) -> None:
    columns = [
        say("refund.column_month"),
        say("refund.column_base"),
        say("refund.column_input_tax"),
        say("refund.figure_refund"),
        say("refund.column_cost"),
    ]
    rows = [
        [
            period,
            _money(result.base),
            _money(result.input_tax),
            _money(result.refund),
            _money(result.cost_addition),
        ]
        for period, result in traded
    ]
    console().print(table(say("refund.title_trading"), columns, rows))


def _print_steps(read: MonthsFile, results: tuple[MonthResult, ...]) -> None:
    before: MonthResult | None = None
    for month, result in zip(read.months, results, strict=True):
        print_line(result.period, "bold")
        for step in explain_month(as_solved(month, before), result):
            print_line(str(step), indent=2)
        before = result


def _print_sources(rules: Sequence[RuleUse]) -> None:
    """The formulas, the rounding, and every rule with its days, status and source."""
    print_line(say("refund.sources"), "bold")
    print_line(say("refund.source_formulas"), indent=2)
    print_line(say("refund.source_rounding"), indent=2)
    for rule in rules:
        print_line(
            say(
                _dated(rule),
                id=rule.id,
                value=valued(rule),
                since=rule.since or "…",
                until=rule.until or "…",
                status=say(f"refund.status_{rule.status}"),
                source=cited(rule.source),
            ),
            indent=2,
        )


def _dated(rule: RuleUse) -> str:
    """The sentence for a rule with both ends, with a first day only, or with none."""
    if rule.since and not rule.until:
        return "refund.source_open"
    return "refund.source_rate" if rule.since or rule.until else "refund.source_undated"


def _print_effect(effect: MarginalEffect, title: str) -> None:
    figures = (
        ("refund.figure_refund", effect.refund),
        ("refund.figure_exempt_credit", effect.exempt_credit),
        ("refund.figure_nondeductible", effect.nondeductible),
        ("refund.figure_vat_payable", effect.vat_payable),
        ("refund.figure_carry_forward", effect.carry_forward),
        ("refund.figure_surtax", effect.surtax),
        ("refund.figure_cost", effect.cost),
        ("refund.figure_cash", effect.cash),
        ("refund.figure_simple", effect.simple_refund),
    )
    rows = [[say(key), _money(value)] for key, value in figures]
    columns = [say("refund.column_figure"), say("refund.column_change")]
    console().print(table(title, columns, rows))
    print_line(effect.why())
    if effect.days_to_cash:
        print_line(say("refund.days_to_cash", days=effect.days_to_cash))


def _print_calendar(calendar: tuple[Lapse, ...], on: date) -> None:
    columns = [
        say("refund.column_exported"),
        say("refund.column_fob"),
        say("refund.column_expected"),
        say("refund.column_claim_by"),
        say("refund.column_taxed_on"),
        say("refund.column_state"),
    ]
    rows = [
        [
            item.month,
            _money(item.fob_cny),
            str(item.refund_expected_on),
            str(item.ordinary_claim_by),
            str(item.deemed_domestic_on or say("refund.no_end")),
            say(f"refund.state_{item.state}"),
        ]
        for item in calendar
    ]
    console().print(table(say("refund.title_calendar", on=on), columns, rows))


def _print_notes(read: MonthsFile, notes: Sequence[tuple[str, dict[str, str]]]) -> None:
    cautions = {key for key, _ in read.notes}
    for key, values in notes:
        mark, style = ("! ", "yellow") if key in cautions else ("• ", "")
        print_line(mark + say(key, **values), style)
    _print_aside(read.aside, read.rows)


def _print_aside(aside: Sequence[OffingError], rows: int) -> None:
    if aside:
        print_line(say("refund.aside", count=len(aside), rows=rows), "bold")
        for error in aside[:20]:
            print_line("• " + " ".join(str(error).split("\n")[:2]))
