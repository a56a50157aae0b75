"""``offing load``: read a data set into the warehouse."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_args

from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json, progress
from offing.report.terminal import console, print_line, table
from offing.sources.about import names, options_of, source
from offing.sources.ledger_cells import DayOrder
from offing.terms.errors import InputError
from offing.terms.messages import enumerated, say, say_or_key
from offing.warehouse import LoadReport
from offing.warehouse import load as load_into
from offing.warehouse.store import default_folder


def load(
    source_name: Annotated[
        str, Parameter(name="SOURCE", help=say("load.help_source", all=enumerated(names())))
    ],
    /,
    *paths: Annotated[Path, Parameter(name="PATH", help=say("load.help_paths"))],
    dataset: Annotated[str | None, Parameter(name="--as", help=say("load.help_as"))] = None,
    edition: Annotated[str | None, Parameter(help=say("load.help_edition"))] = None,
    indicator: Annotated[str | None, Parameter(help=say("load.help_indicator"))] = None,
    sheet: Annotated[str | None, Parameter(help=say("load.help_sheet"))] = None,
    currency: Annotated[str | None, Parameter(help=say("load.help_currency"))] = None,
    dates: Annotated[str | None, Parameter(help=say("load.help_dates"))] = None,
    column: Annotated[
        list[str] | None, Parameter(negative="", help=say("load.help_column"))
    ] = None,
    study: Annotated[Path | None, Parameter(help=say("load.help_study"))] = None,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Read files of a source into the warehouse and say what came of it."""
    if dates is not None and dates not in get_args(DayOrder):
        raise InputError("load.bad_dates", text=dates)
    asked = {
        "edition": edition,
        "indicator": indicator,
        "sheet": sheet,
        "currency": currency,
        "dates": dates,
        "columns": _columns(column, study),
    }
    options = accepted(source_name, asked)
    if not paths and source_name not in ("ecb", "groups"):  # these two come with the package
        raise InputError("load.no_paths", name=source_name)
    with progress() as move:
        report = load_into(
            source_name,
            paths,
            warehouse or default_folder(),
            dataset=dataset,
            progress=move,
            **options,
        )
    show(report, as_json=as_json)


def accepted(name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, all of which the source must have.

    Raises:
        InputError: ``load.no_option``.
    """
    options = {key: value for key, value in asked.items() if value is not None}
    has = options_of(name)
    for key in options:
        if key not in has:
            known = enumerated(_option(option) for option in has) or say("load.no_option_none")
            raise InputError("load.no_option", name=name, option=_option(key), options=known)
    return options


def _option(name: str) -> str:
    return "--column" if name == "columns" else f"--{name}"


def _columns(pairs: list[str] | None, study: Path | None) -> dict[str, str] | None:
    """The ledger's columns as the study maps them, and over it those of the command line."""
    if pairs is None and study is None:
        return None
    found: dict[str, str] = {}
    if study is not None:
        from offing.study.file import read_study

        ledger = read_study(study).ledger
        found |= ledger.columns if ledger else {}
    for pair in pairs or []:
        ours, sign, heading = pair.partition("=")
        if not (sign and ours.strip() and heading.strip()):
            raise InputError("load.bad_column", text=pair)
        found[ours.strip()] = heading.strip()
    return found


def show(report: LoadReport, *, as_json: bool) -> None:
    """Print what a load did."""
    load = report.load
    quarantine = report.folder / load.quarantine if load.quarantine else None
    if as_json:
        print_json(
            {
                "load": load,
                "tables": report.tables,
                "years": report.years,
                "replaced": report.replaced,
                "quarantine": quarantine,
                "notes": [str(note) for note in load.notes],
                "warehouse": report.folder,
            }
        )
        return
    rows = [[say("load.rows_in"), f"{load.rows_in:,}"], [say("load.good"), f"{load.good:,}"]]
    for counts, key in ((load.skipped, "load.skipped"), (load.quarantined, "load.quarantined")):
        for reason, count in sorted(counts.items(), key=lambda item: -item[1]):
            rows.append([say(key, reason=say_or_key(reason)), f"{count:,}"])
    if len(report.tables) > 1:
        for name, count in report.tables.items():
            rows.append([say("load.table_rows", table=name), f"{count:,}"])
    out = console()
    heading = say(
        "load.title", title=say_or_key(source(load.source).ABOUT.title), dataset=load.dataset
    )
    print_line(heading, "bold")
    out.print(table(None, [say("load.rows"), say("load.count")], rows))
    lines = []
    if report.years:
        lines.append(say("load.years", years=spans(report.years)))
    if report.replaced:
        lines.append(say("load.replaced", years=spans(report.replaced)))
    if load.edition:
        lines.append(say("load.edition", edition=load.edition))
    if quarantine:
        lines.append(say("load.quarantine", path=quarantine))
    for line in lines:
        print_line(line)
    for note in load.notes:
        print_line(say("load.caution", note=note), "yellow")
    print_line(say("load.warehouse", folder=report.folder))


def spans(years: tuple[int, ...] | list[int]) -> str:
    """Years as spans.

    >>> spans([2018, 2019, 2020, 2023])
    '2018–2020, 2023'
    """
    parts: list[list[int]] = []
    for year in sorted(years):
        if parts and year == parts[-1][1] + 1:
            parts[-1][1] = year
        else:
            parts.append([year, year])
    return enumerated(f"{a}–{b}" if a != b else f"{a}" for a, b in parts)
