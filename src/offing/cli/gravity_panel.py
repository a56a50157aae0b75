"""What ``offing gravity --panel`` prints."""

import math

import polars as pl

from offing.report.terminal import console, print_line, table
from offing.study.gravity_panel import PanelEstimate
from offing.terms.messages import enumerated, say

FEW_PAIRS = 30
"""Fewer pairs than that, and clustered errors are too small."""


def coefficients(made: PanelEstimate) -> pl.DataFrame:
    """``covariate``, ``estimate``, ``se_pair``, ``se_hc``, ``p``: null where it was left out."""
    fit = made.fit
    return (
        pl.DataFrame(
            {
                "covariate": fit.names,
                "estimate": fit.beta,
                "se_pair": fit.errors,
                "se_hc": fit.hc.diagonal() ** 0.5,
            }
        )
        .with_columns(z=(pl.col("estimate") / pl.col("se_pair")).abs())
        .with_columns(
            p=pl.col("z").map_elements(lambda z: math.erfc(z / 2**0.5), return_dtype=pl.Float64)
        )
        .drop("z")
        .with_columns(pl.col(pl.Float64).fill_nan(None))
    )


def data(made: PanelEstimate) -> dict[str, object]:
    """The estimates for ``--json``."""
    fit = made.fit
    first, last, count = made.years
    return {
        "file": made.file,
        "first_year": first,
        "last_year": last,
        "years": count,
        "pair_effects": made.pair_effects,
        "rows": fit.rows,
        "pairs": fit.pairs,
        "domestic": {"rows": made.domestic, "kept": made.kept, "countries_without": made.without},
        "left_out": {
            "missing": fit.missing,
            "empty": fit.empty,
            "separated": fit.separated - fit.empty,
        },
        "collinear": fit.collinear,
        "pseudo_r2": fit.pseudo_r2,
        "steps": fit.steps,
        "coefficients": coefficients(made).to_dicts(),
    }


def show(made: PanelEstimate) -> None:
    """Print coefficients, what was left out and why."""

    def number(value: float | None) -> str:
        return "–" if value is None else f"{value:.4f}"

    fit = made.fit
    first, last, count = made.years
    print_line(
        say("gravity.panel_heading", file=made.file.name, first=first, last=last, count=count),
        "bold",
    )
    print_line(
        say(
            "gravity.panel_sample",
            rows=f"{fit.rows:,}",
            pairs=f"{fit.pairs:,}",
            effects=say(f"gravity.panel_effects_{made.pair_effects}"),
        )
    )
    for why, rows in (
        ("missing", fit.missing),
        ("empty", fit.empty),
        ("separated", fit.separated - fit.empty),
    ):
        if rows:
            print_line(say(f"gravity.panel_{why}", rows=f"{rows:,}"), "yellow")
    if made.domestic:
        how = "kept" if made.kept else "dropped"
        print_line(say(f"gravity.panel_domestic_{how}", rows=f"{made.domestic:,}"))
        if made.kept and made.without:
            print_line(f"! {say('gravity.panel_domestic_some', count=made.without)}", "yellow")
    if fit.collinear:
        print_line(say("gravity.panel_collinear", names=enumerated(fit.collinear)), "yellow")
    console().print()
    console().print(
        table(
            None,
            [
                say("gravity.column_covariate"),
                say("gravity.column_estimate"),
                say("gravity.column_pair"),
                say("gravity.column_hc"),
                say("gravity.column_p"),
            ],
            [
                [row["covariate"], *map(number, list(row.values())[1:])]
                for row in coefficients(made).iter_rows(named=True)
            ],
        )
    )
    print_line(say("gravity.panel_fit", share=f"{100 * fit.pseudo_r2:.2f}"))
    print_line(say("gravity.panel_explain"), "dim")
    if fit.pairs < FEW_PAIRS:
        print_line(f"! {say('gravity.panel_few', least=FEW_PAIRS)}", "yellow")
