"""``offing run``: a study file becomes a plan, a report and the files behind them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from offing.cli.folder import replaced_folder
from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json, progress
from offing.planning.plan import PlanRow
from offing.report.terminal import console, print_line, table
from offing.report.words import listed, named, warning
from offing.study.file import read_study
from offing.study.laws import with_rules
from offing.study.result import StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.warehouse import Warehouse

if TYPE_CHECKING:  # loading it would cost the help page the start of Polars
    from offing.study.run import Outcome

SHOWN = 12
"""Rows of the plan that the terminal prints; the report has all."""


def run(
    study: Annotated[Path, Parameter(help=say("run.help_study"))],
    *,
    out: Annotated[Path | None, Parameter(help=say("run.help_out"))] = None,
    explain: Annotated[bool, Parameter(help=say("run.help_explain"), negative="")] = False,
    rules: Annotated[
        list[Path] | None, Parameter(help=say("rules.help_rules"), negative="")
    ] = None,
    rules_key: Annotated[Path | None, Parameter(help=say("rules.help_key"))] = None,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Run a study and write its folder of results."""
    from offing.study.manifest import manifest
    from offing.study.output import as_json as result_text
    from offing.study.run import run_study
    from offing.study.whatif import own_reform, what_if

    file = study / "study.toml" if study.is_dir() else study
    facts = with_rules(read_study(file), rules, rules_key)
    house = Warehouse.open(warehouse)
    folder = out or Path("out") / file.resolve().parent.name
    with progress() as move:
        reform = own_reform(file, facts)
        outcome = (
            run_study(file, facts, house, lambda key, share: move(say(key), share))
            if reform is None
            else what_if(file, facts, house, lambda key, share: move(say(key), share), reform)
        )
        from offing.report import write_report, write_workbook

        with replaced_folder(folder) as fresh:
            move(say("study.doing_report"), 0.85)
            page = write_report(outcome.result, language())
            (fresh / "report.html").write_text(page, encoding="utf-8")
            move(say("study.doing_report"), 0.95)
            write_workbook(outcome.result, fresh / "plan.xlsx", language())
            (fresh / "result.json").write_text(result_text(outcome.result), encoding="utf-8")
            notes = manifest(
                outcome.result,
                study_file=file,
                inputs=list(outcome.inputs),
                seed=facts.seed,
                lang=language(),
            )
            (fresh / "manifest.json").write_text(
                json.dumps(notes, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
            )
    if as_json:
        print_json({"folder": folder, "plan": outcome.result.plan})
        return
    _print(outcome.result, folder, house)
    if explain:
        _explain(outcome, file)


SMALL_PLAN = 2e6
"""Below it amounts are shown in thousands, USD a year."""


def _unit(result: StudyResult) -> tuple[str, float]:
    """The unit that suits the largest amounts: its message key and its size, USD."""
    largest = max(result.plan.sales_usd, result.plan.sales_now_usd)
    return ("run.plan", 1e6) if largest >= SMALL_PLAN else ("run.plan_thousand", 1e3)


def _amount(usd: float, size: float) -> str:
    return f"{usd / size:,.1f}" if usd else "–"


def _range(row: PlanRow, size: float) -> str:
    if not row.sales_usd or row.low_usd is None or row.high_usd is None:
        return "–"
    return f"{row.low_usd / size:,.1f}–{row.high_usd / size:,.1f}"


def _print(result: StudyResult, folder: Path, house: Warehouse) -> None:
    out = console()
    lang = language()
    plan = result.plan
    print_line(result.title(lang), "bold")
    shown = [(f"{p.product} " if len(result.products) > 1 else "", p) for p in result.products]
    names = listed(code + product.name(lang) for code, product in shown)
    print_line(f"{result.firm.name(lang)} · {result.on} · {names}")
    if house.is_starter:
        print_line(say("run.starter"), "dim")
    heading, size = _unit(result)
    several = len(result.products) > 1
    by_tier = any(row.tier != "all" for row in plan.rows)

    def tier(row: PlanRow) -> str:
        return say(f"ladder.tier_{row.tier}") if row.tier != "all" else say("run.all_tiers")

    rows = [
        (
            f"{row.product} {country_name(row.market)}" if several else country_name(row.market),
            *([tier(row)] if by_tier else []),
            _amount(row.sales_now_usd, size),
            _amount(row.sales_usd, size),
            _range(row, size),
            f"{row.margin_rate:.0%}",
            _amount(row.margin_usd, size),
            say(f"plan.limit_{row.limit}"),
        )
        for row in plan.rows[:SHOWN]
    ]
    rows.append(
        (
            say("run.total"),
            *([""] if by_tier else []),
            _amount(plan.sales_now_usd, size),
            _amount(plan.sales_usd, size),
            "",
            f"{plan.margin_usd / plan.sales_usd:.0%}" if plan.sales_usd else "–",
            _amount(plan.margin_usd, size),
            "",
        )
    )
    names_of_columns = [
        "market",
        *(["tier"] if by_tier else []),
        *("now", "plan", "interval", "rate", "margin", "limit"),
    ]
    columns = [say(f"run.column_{name}") for name in names_of_columns]
    words = {"market", "tier", "limit"}
    at = tuple(place for place, name in enumerate(names_of_columns) if name in words)
    out.print(table(say(heading), columns, rows, text_columns=at))
    if len(plan.rows) > SHOWN:
        print_line(say("run.more", count=len(plan.rows) - SHOWN), "dim")
    for name, share in plan.capacity_used:
        print_line(say("run.capacity", product=name, share=f"{share:.0%}"))
    if result.settlement is not None:
        from offing.report.sections.settlement import sentences

        print_line(say("settle.section_plan"), "bold")
        for sentence in sentences(result.settlement):
            print_line(sentence)
    for key, values in result.warnings:
        print_line(f"! {warning(key, values)}", "yellow")
    print_line(say("run.report", path=folder / "report.html"))


def _explain(outcome: "Outcome", file: Path) -> None:
    """How each row of the plan came about, and the data and rules behind it."""
    from offing.planning import explain_row
    from offing.report.words import rule

    result = outcome.result
    made_from = {(each.product, each.market, each.tier): each for each in outcome.candidates}
    print_line(say("run.title_explain"), "bold")
    for row in result.plan.rows:
        name = country_name(row.market)
        print_line(f"{name}, {row.product}", "bold")
        steps = explain_row(row, made_from[row.product, row.market, row.tier], outcome.limits)
        for step in steps:
            print_line(step, indent=2)
    example = next((row.market for row in result.plan.rows if row.sales_usd), "DEU")
    print_line(say("run.explain_margin", study=file, market=example))
    print_line(say("run.explain_rounding"))
    print_line(say("report.sources_heading"), "bold")
    for source in result.sources:
        print_line(
            say(
                "run.source",
                title=named(source.title),
                publisher=named(source.publisher),
                covers=source.covers or "—",
                loaded=source.loaded,
            ),
            indent=2,
        )
    print_line(say("run.title_rules"), "bold")
    settling = result.settlement.rules if result.settlement else ()
    for use in (*result.rules, *settling):
        print_line(rule(use), indent=2)
