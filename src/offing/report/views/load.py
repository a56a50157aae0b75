"""What a load or a download did, what is loaded and what could be, told."""

from collections.abc import Iterable, Iterator
from functools import partial
from math import fsum

import polars as pl

from offing.api.fetch import FetchAnswer
from offing.api.load import LoadAnswer
from offing.api.reconcile import ReconcileAnswer
from offing.api.sources import SourcesAnswer
from offing.report import words
from offing.report.blocks import (
    Block,
    Callout,
    Folded,
    Table,
    Text,
    cautions,
    columns_of,
    number,
    table_of,
    text,
)
from offing.sources.about import About, source
from offing.terms.countries import country_name
from offing.terms.messages import join_list, say
from offing.terms.numbers import NOTHING, fixed_decimals, percent
from offing.warehouse.reconciling.estimate import FOLDS, ReconciledTrade
from offing.warehouse.reconciling.mirror import ALONE

_whole = partial(fixed_decimals, places=0)


def view(answer: LoadAnswer) -> tuple[Block, ...]:
    """Rows read, loaded, left out and quarantined; where they are; what to know of them."""
    load = answer.report.load
    heading = say("load.title", title=say(source(load.source).ABOUT.title), dataset=load.dataset)
    return (
        Text((heading,), "lead"),
        table_of(
            "load",
            say("load.table"),
            _rows(answer),
            (text("report.rows"), lambda row: row[0]),
            (number("load.count"), lambda row: _whole(row[1])),
        ),
        Text(tuple(_about(answer))),
        *([Callout(say("load.quarantine", path=kept))] if (kept := answer.quarantine) else []),
        *cautions(load.notes),
    )


def _rows(answer: LoadAnswer) -> Iterator[tuple[str, int]]:
    load = answer.report.load
    yield say("load.rows_in"), load.rows_in
    yield say("load.good"), load.good
    for reasons, key in ((load.skipped, "load.skipped"), (load.quarantined, "load.quarantined")):
        for reason, rows in sorted(reasons.items(), key=lambda item: -item[1]):
            yield say(key, reason=say(reason)), rows
    if len(answer.report.tables) > 1:
        for name, rows in answer.report.tables.items():
            yield say("load.table_rows", table=name), rows


def _about(answer: LoadAnswer) -> Iterator[str]:
    report = answer.report
    if report.years:
        yield say("load.years", years=spans(report.years))
    if report.replaced:
        yield say("load.replaced", years=spans(report.replaced))
    if report.load.edition:
        yield say("load.edition", edition=report.load.edition)
    yield say("load.warehouse", folder=report.folder)


def spans(years: Iterable[int]) -> str:
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
    return join_list(f"{a}–{b}" if a != b else f"{a}" for a, b in parts)


def view_fetch(answer: FetchAnswer) -> tuple[Block, ...]:
    """Where the file is, its checksum, and what came of it."""
    line = say(
        "load.fetched",
        name=answer.file,
        size=fixed_decimals(answer.size / 1e6, 1),
        sha256=answer.sha256,
    )
    others = (part for other in answer.others for part in view_fetch(other))
    return (Text((line,)), *(view(answer.load) if answer.load else ()), *others)


LONGEST = 120
"""Characters of a row that a load left out."""


def view_sources(answer: SourcesAnswer) -> Iterator[Block]:
    """The holdings, the files they were read from, and the other sources."""
    if answer.starter:
        yield Callout(say("load.starter"))
    yield Text((say("load.warehouse", folder=answer.folder),))
    yield from _checksum_blocks(answer)
    if answer.holdings:
        yield _contents(answer)
        yield _files(answer)
        yield _abouts("terms", answer.used)
    yield from _left_out(answer)
    yield _abouts("can_load", answer.not_loaded)


def _checksum_blocks(answer: SourcesAnswer) -> Iterator[Block]:
    """What was looked through, and each part that is not as it was written, with its remedy."""
    if not answer.seen:
        return
    summed = sum(state == "whole" for _, _, state in answer.seen)
    plain = sum(state == "unsummed" for _, _, state in answer.seen)
    yield Text((say("load.verified", whole=summed, parts=len(answer.seen)),), "lead")
    if plain:
        yield Text((say("load.unsummed", count=plain),))
    for file, part, state in answer.broken:
        load = next((load for load in answer.loads if load.dataset == part.dataset), None)
        remedy = load.source if load else part.dataset
        yield Callout(say(f"load.part_{state}", file=file, source=remedy))


def _contents(answer: SourcesAnswer) -> Table:
    return table_of(
        "sources",
        say("load.sources_title"),
        answer.holdings,
        (text("load.column_dataset"), lambda row: row.dataset),
        (text("load.column_table"), lambda row: row.table),
        (number("report.rows"), lambda row: _whole(row.rows)),
        (text("load.column_years"), lambda row: spans(row.years) or NOTHING),
        (text("load.column_edition"), lambda row: row.edition or NOTHING),
        *columns_of("load.column_{}", _whole, "age=days_old", "quarantined"),
    )


def _files(answer: SourcesAnswer) -> Table:
    return table_of(
        "files",
        say("load.files_title"),
        [(load, file) for load in answer.loads for file in load.inputs],
        (text("load.column_dataset"), lambda of: of[0].dataset),
        (text("load.column_file"), lambda of: of[1].name),
        (number("report.rows"), lambda of: fixed_decimals(of[1].rows, 0)),
        (text("report.loaded"), lambda of: f"{of[0].at:%Y-%m-%d}"),
        (text("load.column_hash"), lambda of: of[1].sha256[:12]),
    )


def _left_out(answer: SourcesAnswer) -> Iterator[Block]:
    """The rows that each load did not take, with the reason."""
    for load in answer.loads:
        rows = answer.left_out.get(load.id, ())
        if not rows:
            continue
        total = sum(load.quarantined.values())
        named = {"dataset": load.dataset, "count": total, "day": f"{load.at:%Y-%m-%d}"}
        table = table_of(
            f"left-out-{load.id}",
            say("load.left_out_title", **named),
            rows,
            (text("load.column_file"), lambda row: row.file),
            (number("load.column_row"), lambda row: NOTHING if row.row is None else str(row.row)),
            (text("ledger.column_reason"), lambda row: say(row.reason)),
            (text("load.column_text"), lambda row: words.shorten(row.text, LONGEST)),
        )
        rest = total - len(rows)
        more = say("load.left_out_more", count=rest) if rest > 0 else ""
        yield Folded(say("load.left_out_fold", **named), (table, Text((more,), "note")))


def _abouts(name: str, abouts: Iterable[About]) -> Table:
    return table_of(
        name,
        say(f"load.{name}_title"),
        abouts,
        (text("load.column_source"), lambda about: about.name),
        (text("load.column_what"), lambda about: say(about.title)),
        (text("load.column_publisher"), lambda about: say(about.publisher)),
        (text("report.licence"), lambda about: say(about.licence)),
    )


PRODUCTS = 20
"""Products in the margin table; ``--json`` has all of them."""
ENDS = 5
"""Reporters at each end of the reliability table."""


def view_reconcile(answer: ReconcileAnswer) -> Iterator[Block]:
    """Who saw which flows, margins, reliabilities, and the proof."""
    of = answer.reconciled
    yield _report_coverage(answer.dataset, of)
    yield Text(tuple(_notes(of)))
    yield _margins(of.margins)
    ranked = of.reliability.sort(["discrepancy", "n"], descending=[False, True])
    if ranked.height:
        yield _reporters("most", ranked.head(ENDS))
    if ranked.height > ENDS:
        yield _reporters("least", ranked.tail(min(ENDS, ranked.height - ENDS)).reverse())
    if answer.proof is not None:
        yield _proof(answer.proof, answer.by)
        how = "reconcile.proof_how_years" if answer.other_years else "reconcile.proof_how"
        yield Text((say(how, folds=FOLDS),))


def _notes(of: ReconciledTrade) -> Iterator[str]:
    zero, own, double = (of.counts[key] for key in ("zero_value", "own_trade", "duplicate"))
    if zero or own or double:
        yield say("reconcile.left_out", zero=_whole(zero), own=_whole(own), double=_whole(double))
    yield from map(say, of.notes)
    if len(of.years) > 1:
        yield say("reconcile.note_by_year", least=f"{ALONE:,}", year=max(of.years[-1]))
    if of.counts["both"]:
        yield say("reconcile.note_prior_leads", share=percent(of.margin_from_data, 0))


def _report_coverage(dataset: str, of: ReconciledTrade) -> Table:
    seen = {"both": (of.counts["both"], of.values["both"])}
    for side in ("importer", "exporter"):
        silent = f"{side}_other_silent"
        filed = of.counts[side] - of.counts[silent], of.values[side] - of.values[silent]
        seen |= {f"{side}_silent": (of.counts[silent], of.values[silent]), f"{side}_zero": filed}
    flows = sum(count for count, _ in seen.values()) or 1
    value = fsum(usd for _, usd in seen.values()) or 1.0
    return table_of(
        "seen",
        say("reconcile.title", dataset=dataset),
        [(key, *of_side) for key, of_side in seen.items()],
        (text("reconcile.seen_by"), lambda row: say(f"reconcile.{row[0]}")),
        (number("reconcile.flows"), lambda row: _whole(row[1])),
        (number("reconcile.share_of_flows"), lambda row: percent(row[1] / flows, 1)),
        (number("reconcile.value"), lambda row: _whole(row[2] / 1e6)),
        (number("reconcile.share_of_value"), lambda row: percent(row[2] / value, 1)),
    )


def _margins(margins: pl.DataFrame) -> Table:
    """The products that most flows speak for."""
    shown = margins.sort(["n", "product"], descending=[True, False])
    return table_of(
        "margins",
        say("reconcile.margins_title"),
        shown.iter_rows(named=True),
        (text("evidence.way_product"), lambda row: row["product"]),
        (number("reconcile.margin"), lambda row: fixed_decimals(100 * row["margin"], 1)),
        (number("reconcile.plus_minus"), lambda row: fixed_decimals(100 * row["se"], 1)),
        (number("reconcile.by_both"), lambda row: _whole(row["n"])),
        most=PRODUCTS,
    )


def _reporters(which: str, rows: pl.DataFrame) -> Table:
    def name(row: dict[str, str]) -> str:
        return say(f"reconcile.{row['direction']}s_of", country=country_name(row["country"]))

    return table_of(
        which,
        say(f"reconcile.{which}_title"),
        rows.iter_rows(named=True),
        (text("reconcile.reporter"), name),
        *columns_of("reconcile.{}", partial(fixed_decimals, places=2), "discrepancy", "weight"),
        (number("reconcile.flows"), lambda row: _whole(row["n"])),
    )


def _proof(errors: pl.DataFrame, by: str | None) -> Table:
    whole = errors.filter(pl.col("by") == "all").sort(
        pl.col("hidden").replace_strict({"either": 0, "import": 1, "export": 2})
    )
    mills = partial(fixed_decimals, places=3)
    parts = errors.filter((pl.col("by") == (by or "")) & (pl.col("hidden") == "either"))
    return table_of(
        "proof",
        say("reconcile.proof_title"),
        pl.concat([whole, parts]).iter_rows(named=True),
        (text("reconcile.proof_hidden"), _hidden_name),
        *columns_of("reconcile.proof_{}", _whole, "n"),
        *columns_of("reconcile.proof_{}", mills, "median", "raw_median", "p90", "raw_p90"),
    )


def _hidden_name(row: dict[str, str]) -> str:
    if row["by"] == "all":
        return say(f"reconcile.hidden_{row['hidden']}")
    return country_name(row["name"]) if row["by"] == "reporter" else row["name"]
