"""``offing whatif``: a study under today's rules and under a reform, side by side."""

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from offing.cli.folder import replaced_folder
from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import console, print_json, print_line, progress, table
from offing.policy.shape import SegmentChange
from offing.study.file import read_study
from offing.study.shape import StudyResult
from offing.terms.countries import country_name
from offing.terms.errors import InputError
from offing.terms.messages import language, say
from offing.warehouse import Warehouse

SHOWN = 12
"""Markets that the terminal prints; the report has all."""

MISSING = "–"


def whatif(
    study: Annotated[Path, Parameter(help=say("policy.help_study"))],
    reform: Annotated[Path | None, Parameter(help=say("policy.help_reform"))] = None,
    *,
    out: Annotated[Path | None, Parameter(help=say("policy.help_out"))] = None,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Run a study under today's rules and under a reform, and show both side by side."""
    from offing.costing.reform import read_reform
    from offing.study.manifest import manifest
    from offing.study.output import as_json as result_text
    from offing.study.whatif import own_reform, what_if

    file = study / "study.toml" if study.is_dir() else study
    facts = read_study(file)
    law = own_reform(file, facts) if reform is None else read_reform(reform)
    if law is None:
        raise InputError("policy.no_reform")
    house = Warehouse.open(warehouse)
    stem = "whatif" if reform is None else reform.stem
    folder = out or Path("out") / f"{file.resolve().parent.name}-{stem}"
    with progress() as move:
        outcome = what_if(file, facts, house, lambda key, share: move(say(key), share * 0.9), law)
        from offing.report import write_what_if

        result = outcome.result
        with replaced_folder(folder) as fresh:
            move(say("study.doing_report"), 0.95)
            page = write_what_if(result, language())
            (fresh / "report.html").write_text(page, encoding="utf-8")
            (fresh / "result.json").write_text(result_text(result), encoding="utf-8")
            notes = manifest(
                result,
                study_file=file,
                inputs=[*outcome.inputs, *([] if reform is None else [reform])],
                seed=facts.seed,
                lang=language(),
            )
            (fresh / "manifest.json").write_text(
                json.dumps(notes, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
            )
    if as_json:
        print_json({"folder": folder, "what_if": result.what_if})
        return
    _print(result, folder)


def _both(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def _number(value: float | None, places: int = 1) -> str:
    return MISSING if value is None else f"{value:,.{places}f}"


def _millions(value: float) -> str:
    return f"{value / 1e6:,.2f}"


def _cells(each: SegmentChange) -> tuple[str, ...]:
    was, now = each.before, each.after

    def pair(which: str, form: str) -> str:
        texts = []
        for side in (was, now):
            value = None if side is None else getattr(side, which)
            texts.append(
                MISSING
                if value is None
                else f"{value:.1%}"
                if form == "rate"
                else _millions(value)
                if form == "millions"
                else _number(value)
            )
        return _both(*texts)

    return (
        pair("landed", "price"),
        pair("refund", "price"),
        pair("margin_rate", "rate"),
        pair("sales", "millions"),
        pair("margin", "millions"),
        f"{each.margin / 1e6:+,.2f}" if abs(each.margin) >= 5000 else MISSING,
    )


def _print(result: StudyResult, folder: Path) -> None:
    from offing.report.sections.what_if import rule_texts, sentences, where_used

    made = result.what_if
    assert made is not None, "a what-if has a comparison"
    out = console()
    print_line(say("policy.heading", name=made.name), "bold")
    print_line(f"{result.title(language())} · {result.on}")
    for product in result.products:
        rows = [each for each in made.changed if each.product == product.product]
        if not rows:
            continue
        unit = say(f"report.unit_{product.unit}")
        columns = [
            say("policy.column_market"),
            say("policy.column_landed", unit=unit),
            say("policy.column_refund", unit=unit),
            say("policy.column_rate"),
            say("policy.column_sales", unit=say("policy.millions")),
            say("policy.column_margin", unit=say("policy.millions")),
            say("policy.column_change", unit=say("policy.millions")),
        ]
        lines = [(country_name(each.market), *_cells(each)) for each in rows[:SHOWN]]
        title = say("policy.table", product=product.name(language()))
        out.print(table(title, columns, lines, wrapped=range(len(columns))))
    for sentence in sentences(result, made):
        print_line(sentence)
    for rule in made.rules:
        before, after = rule_texts(rule)
        where = where_used(rule)
        changed = say("policy.rule_line", id=rule.id, before=before, after=after, where=where)
        print_line(f"• {changed}")
    for id_ in made.unused:
        print_line("! " + say("policy.unused", id=id_))
    print_line("• " + say("policy.demand"))
    print_line(say("policy.report", path=folder / "report.html"))
