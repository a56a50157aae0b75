"""``offing whatif``: a study under today's rules and under a reform, side by side."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from offing.cli.folder import replaced_folder
from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json, progress
from offing.policy.comparison import SegmentChange
from offing.report.terminal import console, print_line, table
from offing.study.file import read_study
from offing.study.laws import with_rules
from offing.study.result import ProductResult, StudyResult
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
    rules: Annotated[
        list[Path] | None, Parameter(help=say("rules.help_rules"), negative="")
    ] = None,
    rules_key: Annotated[Path | None, Parameter(help=say("rules.help_key"))] = None,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Run a study under today's rules and under a reform, and show both side by side."""
    from offing.rules.reform import read_reform
    from offing.study.manifest import manifest
    from offing.study.output import as_json as result_text
    from offing.study.whatif import own_reform, what_if

    file = study / "study.toml" if study.is_dir() else study
    facts = with_rules(read_study(file), rules, rules_key)
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


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:,.1f}"


def _millions(value: float) -> str:
    return f"{value / 1e6:,.2f}"


FIGURES: tuple[tuple[str, Callable[[float], str]], ...] = (
    ("landed", _number),
    ("refund", _number),
    ("margin_rate", lambda value: f"{value:.0%}"),
    ("sales", _millions),
    ("margin", _millions),
)
ALWAYS = ("sales", "margin")
"""Shown whether they change or not; the others only where they do."""


def _cell(each: SegmentChange, name: str, say_value: Callable[[float], str]) -> str:
    values = [None if side is None else getattr(side, name) for side in (each.before, each.after)]
    return _both(*(MISSING if value is None else say_value(value) for value in values))


def _print_segments(rows: Sequence[SegmentChange], product: ProductResult) -> None:
    columns, cells = [say("policy.column_market")], [[country_name(e.market)] for e in rows]
    for name, say_value in FIGURES:
        column = [_cell(each, name, say_value) for each in rows]
        if name not in ALWAYS and not any(" → " in text for text in column):
            continue
        columns.append(say(f"policy.short_{name}"))
        for row, text in zip(cells, column, strict=True):
            row.append(text)
    columns.append(say("policy.short_change"))
    for row, each in zip(cells, rows, strict=True):
        row.append(f"{each.margin / 1e6:+,.2f}" if abs(each.margin) >= 5000 else MISSING)
    unit = say(f"report.unit_{product.unit}")
    title = say("policy.table_short", product=product.name(language()), unit=unit)
    console().print(table(title, columns, cells, wrapped=range(len(columns))))


def _print(result: StudyResult, folder: Path) -> None:
    from offing.report.sections.what_if import demand, rule_texts, sentences, where_used

    made = result.what_if
    assert made is not None, "a what-if has a comparison"
    print_line(say("policy.heading", name=made.title(language())), "bold")
    print_line(f"{result.title(language())} · {result.on}")
    for product in result.products:
        rows = [each for each in made.changed if each.product == product.product]
        if not rows:
            continue
        _print_segments(rows[:SHOWN], product)
    for sentence in sentences(result, made):
        print_line(sentence)
    for rule in made.rules:
        before, after = rule_texts(rule)
        where = where_used(rule)
        changed = say("policy.rule_line", id=rule.id, before=before, after=after, where=where)
        print_line(f"• {changed}")
    for id_ in made.unused:
        print_line("! " + say("policy.unused", id=id_))
    print_line("• " + demand(made))
    print_line(say("policy.report", path=folder / "report.html"))
