"""``offing survival``: how long trade relationships last, by tier, size and price at the start."""

from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
from cyclopts import Parameter
from scipy.special import ndtri

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import console, print_json, print_line, print_set_caution, table
from offing.cli.table_file import checked_target, write_table
from offing.market.indicators.survival import Hazard
from offing.study.survival import LEAST_SPELLS, Lifetimes, lifetimes
from offing.terms.countries import country_code
from offing.terms.hs import product_code
from offing.terms.messages import say
from offing.terms.products import product_label
from offing.warehouse import Warehouse

SHORT, LONG = (1, 2, 3), (1, 3, 5)
ORDER = ("low", "medium", "high", "small", "cheap", "middle", "large", "dear")


def survival(
    product: Annotated[str, Parameter(help=say("indicators.help_survival_product"))],
    *,
    origin: Annotated[str | None, Parameter(help=say("indicators.help_origin"))] = None,
    gap: Annotated[int, Parameter(help=say("indicators.help_gap"))] = 0,
    out: Annotated[Path | None, Parameter(help=say("indicators.help_out_spells"))] = None,
    dataset: Annotated[str | None, Parameter(help=say("market.help_dataset"))] = None,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Print the share of relationships that last, and what shortens them."""
    code = product_code(product)
    exporter = None if origin is None else country_code(origin)
    if out is not None:
        checked_target(out)
    house = Warehouse.open(warehouse)
    made = lifetimes(house, code, origin=exporter, dataset=dataset, gap=gap)
    if out is not None:
        write_table(out, made.runs)
    if as_json:
        print_json({"survival": _data(made)})
        return
    _print(made, code)
    if dataset is None:
        print_set_caution(house, code, made.dataset)
    if out is not None:
        print_line(say("gravity.written", rows=f"{made.runs.height:,}", path=out))


def _data(made: Lifetimes) -> dict[str, object]:
    found = made.hazard
    return {
        "dataset": made.dataset,
        "years": made.years,
        "spells": made.runs.filter(~pl.col("started_before")).height,
        "left_out": made.runs.filter(pl.col("started_before")).height,
        "whole": made.whole.to_dicts(),
        "by": {kind: rows.to_dicts() for kind, rows in made.by.items()},
        "hazard": None
        if found is None
        else [
            {"covariate": name, "estimate": float(beta), "error": float(error)}
            for name, beta, error in zip(found.names, found.beta, found.errors, strict=True)
        ],
    }


def _after(rows: pl.DataFrame, years: int) -> str:
    """Share still there after so many years, with its interval."""
    past = rows.filter(pl.col("time") <= years)
    if past.is_empty():
        return "100 %"
    last = past.row(-1, named=True)
    share = f"{100 * last['survival']:.0f} %"
    if last["low"] is None:
        return share
    return f"{share} ({100 * last['low']:.0f}–{100 * last['high']:.0f})"


def _print(made: Lifetimes, product: str) -> None:
    fresh = made.runs.filter(~pl.col("started_before"))
    print_line(
        say(
            "indicators.survival_heading",
            product=product_label(product),
            first=made.years[0],
            last=made.years[-1],
            dataset=made.dataset,
        ),
        "bold",
    )
    print_line(
        say(
            "indicators.survival_sample",
            spells=f"{fresh.height:,}",
            ended=f"{int(fresh['ended'].sum()):,}",
            left_out=f"{made.runs.height - fresh.height:,}",
        )
    )
    known = int(fresh["duration"].max())  # type: ignore[arg-type]
    shown = [years for years in (LONG if known >= LONG[-1] else SHORT) if years <= known]
    rows = [
        [say("indicators.group_all"), f"{fresh.height:,}", *(_after(made.whole, y) for y in shown)]
    ]
    for kind, found in made.by.items():
        for group in sorted(fresh[kind].drop_nulls().unique().to_list(), key=ORDER.index):
            mine = found.filter(pl.col(kind) == group)
            rows.append(
                [
                    say(f"indicators.group_{kind}_{group}"),
                    f"{fresh.filter(pl.col(kind) == group).height:,}",
                    *(_after(mine, years) for years in shown),
                ]
            )
    console().print()
    console().print(
        table(
            say("indicators.survival_table"),
            [
                say("indicators.column_group"),
                say("indicators.column_spells"),
                *(say("indicators.column_after", years=years) for years in shown),
            ],
            rows,
        )
    )
    if made.hazard is None:
        print_line(say("indicators.no_hazard", least=LEAST_SPELLS))
    else:
        _print_hazard(made.hazard)
    print_line(say("indicators.explain_survival"), "dim")


def _print_hazard(found: Hazard) -> None:
    z = float(ndtri(0.975))
    console().print(
        table(
            say("indicators.hazard_table"),
            [
                say("indicators.column_covariate"),
                say("indicators.column_ratio"),
                say("indicators.column_interval"),
            ],
            [
                [
                    say(f"indicators.covariate_{name}"),
                    f"{np.exp(beta):.3f}",
                    f"{np.exp(beta - z * error):.3f} – {np.exp(beta + z * error):.3f}",
                ]
                for name, beta, error in zip(found.names, found.beta, found.errors, strict=True)
            ],
        )
    )
