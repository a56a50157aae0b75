"""What both sides' reports say, told."""

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from offing.api.reconcile import ReconcileAnswer
from offing.report.blocks import Block, Cell, Column, Table, Text, cautions
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import fixed, percent
from offing.warehouse.reconciling import Proof, Reconciled

SHOWN = 20
"""Products in the margin table; ``--json`` has all of them."""
ENDS = 5
"""Reporters at each end of the reliability table."""


def tell(answer: ReconcileAnswer) -> Iterator[Block]:
    """Who saw which flows, margins, reliabilities, and the proof."""
    of = answer.reconciled
    yield _seen(answer.dataset, of)
    yield Text(tuple(_notes(of)))
    yield _margins(of.margins)
    if of.margins.height > SHOWN:
        yield Text((say("reconcile.more_products", count=of.margins.height - SHOWN),))
    ranked = of.reliability.sort(["discrepancy", "n"], descending=[False, True])
    if ranked.height:
        yield _reporters("most", ranked.head(ENDS))
    if ranked.height > ENDS:
        yield _reporters("least", ranked.tail(min(ENDS, ranked.height - ENDS)).reverse())
    if answer.proof is not None:
        yield _proof(answer.proof, answer.by)
        how = "reconcile.proof_how_years" if answer.proof.other_years else "reconcile.proof_how"
        yield Text((say(how, folds=answer.proof.folds),))
    yield from cautions(answer.cautions)


def _notes(of: Reconciled) -> Iterator[str]:
    zero, own, double = (of.counts[key] for key in ("zero_value", "own_trade", "duplicate"))
    if zero or own or double:
        numbers = {"zero": fixed(zero, 0), "own": fixed(own, 0), "double": fixed(double, 0)}
        yield say("reconcile.left_out", **numbers)
    yield from map(say, of.notes)
    if of.counts["both"]:
        yield say("reconcile.note_prior_leads", share=percent(of.margin_from_data, 0))


def _table(name: str, caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """The first column names the row, the others are numbers."""
    return Table(
        name,
        caption,
        tuple(Column(say(f"reconcile.{one}"), number=at > 0) for at, one in enumerate(columns)),
        tuple(tuple(map(Cell, row)) for row in rows),
    )


def _seen(dataset: str, of: Reconciled) -> Table:
    seen = {"both": (of.counts["both"], of.values["both"])}
    for side in ("importer", "exporter"):
        silent = f"{side}_other_silent"
        seen[f"{side}_silent"] = of.counts[silent], of.values[silent]
        seen[f"{side}_zero"] = (
            of.counts[side] - of.counts[silent],
            of.values[side] - of.values[silent],
        )
    flows = sum(count for count, _ in seen.values()) or 1
    value = sum(usd for _, usd in seen.values()) or 1.0
    rows = [
        (
            say(f"reconcile.{key}"),
            fixed(count, 0),
            percent(count / flows, 1),
            fixed(usd / 1e6, 0),
            percent(usd / value, 1),
        )
        for key, (count, usd) in seen.items()
    ]
    rows.append((say("reconcile.none"), fixed(of.counts["none"], 0), "", "", ""))
    columns = ("seen_by", "flows", "share_of_flows", "value", "share_of_value")
    return _table("seen", say("reconcile.title", dataset=dataset), columns, rows)


def _margins(margins: pl.DataFrame) -> Table:
    # The products that most flows speak for, in the order of their codes.
    shown = margins.sort(["n", "product"], descending=[True, False]).head(SHOWN).sort("product")
    rows = [
        (
            row["product"],
            fixed(100 * row["margin"], 1),
            fixed(100 * row["se"], 1),
            fixed(row["n"], 0),
        )
        for row in shown.iter_rows(named=True)
    ]
    columns = ("product", "margin", "plus_minus", "by_both")
    return _table("margins", say("reconcile.margins_title"), columns, rows)


def _reporters(which: str, rows: pl.DataFrame) -> Table:
    lines = [
        (
            say(f"reconcile.{row['direction']}s_of", country=country_name(row["country"])),
            fixed(row["discrepancy"], 2),
            fixed(row["weight"], 2),
            fixed(row["n"], 0),
        )
        for row in rows.iter_rows(named=True)
    ]
    columns = ("reporter", "discrepancy", "weight", "flows")
    return _table(which, say(f"reconcile.{which}_title"), columns, lines)


def _proof(proof: Proof, by: str | None) -> Table:
    whole = proof.errors.filter(pl.col("by") == "all").sort(
        pl.col("hidden").replace_strict({"either": 0, "import": 1, "export": 2})
    )
    parts = proof.errors.filter((pl.col("by") == (by or "")) & (pl.col("hidden") == "either"))
    errors = ("median", "raw_median", "p90", "raw_p90")
    rows = [
        (_name(row), fixed(row["n"], 0), *(fixed(row[key], 3) for key in errors))
        for row in pl.concat([whole, parts]).iter_rows(named=True)
    ]
    columns = ("proof_hidden", "proof_n", "proof_median", "proof_raw_median", "p90", "raw_p90")
    return _table("proof", say("reconcile.proof_title"), columns, rows)


def _name(row: dict[str, str]) -> str:
    if row["by"] == "all":
        return say(f"reconcile.hidden_{row['hidden']}")
    return country_name(row["name"]) if row["by"] == "reporter" else row["name"]
