"""What both sides' reports say, told."""

from collections.abc import Iterator
from math import fsum

import polars as pl

from offing.api.reconcile import ReconcileAnswer
from offing.report.blocks import Block, Table, Text, cautions, number, table_of, text
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import fixed_decimals, percent
from offing.warehouse.reconciling.estimate import Proof, ReconciledTrade

SHOWN = 20
"""Products in the margin table; ``--json`` has all of them."""
ENDS = 5
"""Reporters at each end of the reliability table."""


def view(answer: ReconcileAnswer) -> Iterator[Block]:
    """Who saw which flows, margins, reliabilities, and the proof."""
    of = answer.reconciled
    yield _report_coverage(answer.dataset, of)
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


def _notes(of: ReconciledTrade) -> Iterator[str]:
    zero, own, double = (of.counts[key] for key in ("zero_value", "own_trade", "duplicate"))
    if zero or own or double:
        numbers = {
            "zero": fixed_decimals(zero, 0),
            "own": fixed_decimals(own, 0),
            "double": fixed_decimals(double, 0),
        }
        yield say("reconcile.left_out", **numbers)
    yield from map(say, of.notes)
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
    rows: list[tuple[str, int, float | None]] = [(key, *seen[key]) for key in seen]
    return table_of(
        "seen",
        say("reconcile.title", dataset=dataset),
        [*rows, ("none", of.counts["none"], None)],
        (text("reconcile.seen_by"), lambda row: say(f"reconcile.{row[0]}")),
        (number("reconcile.flows"), lambda row: fixed_decimals(row[1], 0)),
        (
            number("reconcile.share_of_flows"),
            lambda row: "" if row[2] is None else percent(row[1] / flows, 1),
        ),
        (
            number("reconcile.value"),
            lambda row: "" if row[2] is None else fixed_decimals(row[2] / 1e6, 0),
        ),
        (
            number("reconcile.share_of_value"),
            lambda row: "" if row[2] is None else percent(row[2] / value, 1),
        ),
    )


def _margins(margins: pl.DataFrame) -> Table:
    # The products that most flows speak for, in the order of their codes.
    shown = margins.sort(["n", "product"], descending=[True, False]).head(SHOWN).sort("product")
    return table_of(
        "margins",
        say("reconcile.margins_title"),
        shown.iter_rows(named=True),
        (text("evidence.way_product"), lambda row: row["product"]),
        (number("reconcile.margin"), lambda row: fixed_decimals(100 * row["margin"], 1)),
        (number("reconcile.plus_minus"), lambda row: fixed_decimals(100 * row["se"], 1)),
        (number("reconcile.by_both"), lambda row: fixed_decimals(row["n"], 0)),
    )


def _reporters(which: str, rows: pl.DataFrame) -> Table:
    def name(row: dict[str, str]) -> str:
        return say(f"reconcile.{row['direction']}s_of", country=country_name(row["country"]))

    return table_of(
        which,
        say(f"reconcile.{which}_title"),
        rows.iter_rows(named=True),
        (text("reconcile.reporter"), name),
        (number("reconcile.discrepancy"), lambda row: fixed_decimals(row["discrepancy"], 2)),
        (number("reconcile.weight"), lambda row: fixed_decimals(row["weight"], 2)),
        (number("reconcile.flows"), lambda row: fixed_decimals(row["n"], 0)),
    )


def _proof(proof: Proof, by: str | None) -> Table:
    whole = proof.errors.filter(pl.col("by") == "all").sort(
        pl.col("hidden").replace_strict({"either": 0, "import": 1, "export": 2})
    )
    parts = proof.errors.filter((pl.col("by") == (by or "")) & (pl.col("hidden") == "either"))
    return table_of(
        "proof",
        say("reconcile.proof_title"),
        pl.concat([whole, parts]).iter_rows(named=True),
        (text("reconcile.proof_hidden"), _name),
        (number("reconcile.proof_n"), lambda row: fixed_decimals(row["n"], 0)),
        (number("reconcile.proof_median"), lambda row: fixed_decimals(row["median"], 3)),
        (number("reconcile.proof_raw_median"), lambda row: fixed_decimals(row["raw_median"], 3)),
        (number("reconcile.p90"), lambda row: fixed_decimals(row["p90"], 3)),
        (number("reconcile.raw_p90"), lambda row: fixed_decimals(row["raw_p90"], 3)),
    )


def _name(row: dict[str, str]) -> str:
    if row["by"] == "all":
        return say(f"reconcile.hidden_{row['hidden']}")
    return country_name(row["name"]) if row["by"] == "reporter" else row["name"]
