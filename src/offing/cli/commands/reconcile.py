"""``offing reconcile``: what both sides' reports say, and how well one foretells the other."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import polars as pl
from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json
from offing.report.terminal import console, print_line, table
from offing.report.words import listed
from offing.terms.countries import country_name
from offing.terms.errors import InputError, MissingDataError
from offing.terms.messages import enumerated, say
from offing.terms.nearest import nearest
from offing.warehouse import Warehouse
from offing.warehouse.reconciling import Proof, Reconciled, prove
from offing.warehouse.reconciling import reconcile as reconcile_reports

SHOWN = 20
"""Products in the margin table; ``--json`` has all of them."""

ENDS = 5
"""Reporters at each end of the reliability table."""


def reconcile(
    *,
    dataset: Annotated[
        str | None, Parameter(name="--dataset", help=say("reconcile.help_dataset"))
    ] = None,
    proof: Annotated[
        bool, Parameter(name="--proof", negative="", help=say("reconcile.help_proof"))
    ] = False,
    by: Annotated[
        Literal["product", "reporter"] | None,
        Parameter(name="--by", help=say("reconcile.help_by")),
    ] = None,
    other_years: Annotated[
        bool,
        Parameter(name="--other-years", negative="", help=say("reconcile.help_other_years")),
    ] = False,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the reconciled reports of a data set, and prove them with ``--proof``."""
    house = Warehouse.open(warehouse)
    name = _dataset(house, dataset)
    reports, distances = house.table("reports", name), house.table("distances")
    result = reconcile_reports(reports, distances)
    proven = None
    if proof or by or other_years:
        if not result.counts["both"]:
            raise MissingDataError("reconcile.nothing_to_prove", dataset=name)
        proven = prove(reports, distances, other_years=other_years)
    if as_json:
        print_json(_as_data(name, result, proven))
        return
    out = console()
    for part in _tables(name, result):
        out.print(part)
    if proven is not None:
        out.print(_proof_table(proven, by))
        how = "reconcile.proof_how_years" if proven.other_years else "reconcile.proof_how"
        print_line(say(how, folds=proven.folds))
    others = [one for one in house.catalog.datasets("reports") if one != name]
    if dataset is None and others:
        text = say("reconcile.several_sets", dataset=name, sets=listed(others))
        print_line(f"! {text}", "yellow")


def _dataset(house: Warehouse, name: str | None) -> str:
    """The data set of reports to use: the one named, else the largest."""
    sets = house.catalog.datasets("reports")
    if not sets and house.is_starter:
        raise MissingDataError("reconcile.starter_has_no_reports")
    if not sets:
        raise MissingDataError("reconcile.no_reports", folder=house.folder)
    if name is not None and name not in sets:
        raise InputError(
            "reconcile.unknown_dataset",
            name=name,
            known=enumerated(sets),
            near=nearest(name, sets) or sets[0],
        )
    return name or max(sets, key=lambda one: _reports(house, one))


def _reports(house: Warehouse, name: str) -> int:
    return sum(part.rows for part in house.catalog.parts_of("reports", name))


def _as_data(name: str, result: Reconciled, proven: Proof | None) -> dict[str, object]:
    data: dict[str, object] = {
        "dataset": name,
        "counts": result.counts,
        "value_usd": result.values,
        "margin_from_data": result.margin_from_data,
        "margins": result.margins.to_dicts(),
        "reliability": result.reliability.to_dicts(),
        "notes": list(result.notes),
    }
    if proven is not None:
        data["proof"] = {
            "folds": proven.folds,
            "seed": proven.seed,
            "other_years": proven.other_years,
            "errors": proven.errors.to_dicts(),
        }
    return data


def _tables(name: str, result: Reconciled) -> Iterator[object]:
    yield _seen_table(name, result)
    zero, own, double = (result.counts[key] for key in ("zero_value", "own_trade", "duplicate"))
    if zero or own or double:
        yield say("reconcile.left_out", zero=f"{zero:,}", own=f"{own:,}", double=f"{double:,}")
    for note in result.notes:
        yield say(note)
    if result.counts["both"]:
        yield say("reconcile.note_prior_leads", share=f"{result.margin_from_data:.0%}")
    yield _margin_table(result.margins)
    if result.margins.height > SHOWN:
        yield say("reconcile.more_products", count=result.margins.height - SHOWN)
    ranked = result.reliability.sort(["discrepancy", "n"], descending=[False, True])
    if ranked.height:
        yield _reporter_table("reconcile.most_title", ranked.head(ENDS))
        worst = ranked.tail(min(ENDS, max(ranked.height - ENDS, 0)))
        if worst.height:
            yield _reporter_table("reconcile.least_title", worst.reverse())


def _seen_table(name: str, result: Reconciled) -> object:
    counts = result.counts
    flows = [
        ("both", counts["both"], result.values["both"]),
        (
            "importer_silent",
            counts["importer_other_silent"],
            result.values["importer_other_silent"],
        ),
        ("importer_zero", *_rest(result, "importer")),
        (
            "exporter_silent",
            counts["exporter_other_silent"],
            result.values["exporter_other_silent"],
        ),
        ("exporter_zero", *_rest(result, "exporter")),
    ]
    number = sum(count for _, count, _ in flows) or 1
    value = sum(usd for _, _, usd in flows) or 1.0
    rows = [
        (
            say(f"reconcile.{key}"),
            f"{count:,}",
            f"{count / number:.1%}",
            f"{usd / 1e6:,.0f}",
            f"{usd / value:.1%}",
        )
        for key, count, usd in flows
    ]
    rows.append((say("reconcile.none"), f"{counts['none']:,}", "", "", ""))
    return table(
        say("reconcile.title", dataset=name),
        _words("seen_by", "flows", "share_of_flows", "value", "share_of_value"),
        rows,
    )


def _rest(result: Reconciled, side: str) -> tuple[int, float]:
    silent = f"{side}_other_silent"
    return (
        result.counts[side] - result.counts[silent],
        result.values[side] - result.values[silent],
    )


def _margin_table(margins: pl.DataFrame) -> object:
    # The products that most flows speak for, in the order of their codes.
    shown = margins.sort(["n", "product"], descending=[True, False]).head(SHOWN).sort("product")
    rows = [
        (
            row["product"],
            f"{row['margin']:.1%}".rstrip("%"),
            f"{row['se'] * 100:.1f}",
            f"{row['n']:,}",
        )
        for row in shown.iter_rows(named=True)
    ]
    return table(
        say("reconcile.margins_title"),
        _words("product", "margin", "plus_minus", "by_both"),
        rows,
    )


def _reporter_table(title: str, rows: pl.DataFrame) -> object:
    return table(
        say(title),
        _words("reporter", "discrepancy", "weight", "flows"),
        [
            (
                say(f"reconcile.{row['direction']}s_of", country=country_name(row["country"])),
                f"{row['discrepancy']:.2f}",
                f"{row['weight']:.2f}",
                f"{row['n']:,}",
            )
            for row in rows.iter_rows(named=True)
        ],
    )


def _proof_table(proven: Proof, by: str | None) -> object:
    whole = proven.errors.filter(pl.col("by") == "all").sort(
        pl.col("hidden").replace_strict({"either": 0, "import": 1, "export": 2})
    )
    parts = proven.errors.filter((pl.col("by") == (by or "")) & (pl.col("hidden") == "either"))
    rows = [
        (
            _name(row),
            f"{row['n']:,}",
            *[f"{row[key]:.3f}" for key in ("median", "raw_median", "p90", "raw_p90")],
        )
        for row in pl.concat([whole, parts]).iter_rows(named=True)
    ]
    return table(
        say("reconcile.proof_title"),
        _words("proof_hidden", "proof_n", "proof_median", "proof_raw_median", "p90", "raw_p90"),
        rows,
    )


def _name(row: dict[str, object]) -> str:
    if row["by"] == "all":
        return say(f"reconcile.hidden_{row['hidden']}")
    name = str(row["name"])
    return country_name(name) if row["by"] == "reporter" else name


def _words(*names: str) -> Sequence[str]:
    return [say(f"reconcile.{name}") for name in names]
