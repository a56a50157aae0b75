"""``offing gravity``: elasticities of trade and what gravity expects, of one product or of all."""

from pathlib import Path
from typing import Annotated, cast, get_args

import numpy as np
import polars as pl
from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json, print_set_caution, progress
from offing.cli.table_file import checked_target, write_table
from offing.market.gravity.estimates import COVARIANCES, Gravity
from offing.market.gravity.expected import expected_trade
from offing.market.gravity.geography import COVARIATES
from offing.market.gravity.panel_steps import PairEffects
from offing.report.terminal import console, print_line, table
from offing.study.gravity import ProductsGravity, gravity_of
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError, MissingDataError
from offing.terms.hs import product_code
from offing.terms.messages import enumerated, say
from offing.terms.products import product_label
from offing.warehouse import Warehouse

FEW_CLUSTERS = 30
"""Fewer exporters or importers than that, and clustered errors are too small."""
NAMED = 8
"""So many products without an estimate are named; more are counted."""


def gravity(
    product: Annotated[str | None, Parameter(help=say("gravity.help_product"))] = None,
    *,
    every: Annotated[
        bool, Parameter(name="--all", negative="", help=say("gravity.help_all"))
    ] = False,
    year: Annotated[int | None, Parameter(help=say("gravity.help_year"))] = None,
    origin: Annotated[str | None, Parameter(help=say("gravity.help_origin"))] = None,
    market: Annotated[str | None, Parameter(help=say("gravity.help_market"))] = None,
    covariates: Annotated[str | None, Parameter(help=say("gravity.help_covariates"))] = None,
    panel: Annotated[Path | None, Parameter(help=say("gravity.help_panel"))] = None,
    value: Annotated[str | None, Parameter(help=say("gravity.help_value"))] = None,
    pair_effects: Annotated[str | None, Parameter(help=say("gravity.help_pair_effects"))] = None,
    domestic: Annotated[str | None, Parameter(help=say("gravity.help_domestic"))] = None,
    level: Annotated[float, Parameter(help=say("gravity.help_level"))] = 0.8,
    top: Annotated[int, Parameter(help=say("market.help_top"))] = 15,
    out: Annotated[Path | None, Parameter(help=say("gravity.help_out"))] = None,
    dataset: Annotated[str | None, Parameter(help=say("market.help_dataset"))] = None,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Print elasticities with four standard errors, and the trade that gravity expects."""
    usual = ",".join(COVARIATES) if panel is None else ""
    text = (usual if covariates is None else covariates).replace("，", ",")
    named = [part.strip() for part in text.split(",") if part.strip()]
    if panel is not None:
        if every or any(given is not None for given in (product, year, origin, market, dataset)):
            raise InputError("gravity.panel_alone")
        _of_panel(panel, named, value, pair_effects, domestic, out, as_json)
        return
    if any(given is not None for given in (value, pair_effects, domestic)):
        raise InputError("gravity.needs_panel")
    if every == (product is not None):
        raise InputError("gravity.one_or_all")
    code = None if product is None else product_code(product)
    exporter = None if origin is None else country_code(origin)
    importer = None if market is None else country_code(market)
    if importer is not None and exporter is None:
        raise InputError("gravity.market_needs_origin")
    if not 0 < level < 1:
        raise InputError("gravity.bad_level", text=level)
    if top < 1:
        raise InputError("market.bad_top", text=top)
    if out is not None:
        checked_target(out)
    house = Warehouse.open(warehouse)
    with progress() as move:
        move(say("gravity.running"), 0.0)
        made = gravity_of(house, code, dataset=dataset, year=year, covariates=named)
        move(say("gravity.running"), 0.5)
        expected = None if exporter is None else _expected(made, exporter, importer, level)
    if out is not None:
        write_table(out, made.fit.table() if expected is None else expected)
    if as_json:
        print_json({"gravity": _data(made, expected)})
        return
    if code is None:
        _print_all(made)
    else:
        _print_one(made, code)
    if expected is not None and exporter is not None:
        _print_expected(expected, exporter, level, top)
    if dataset is None:
        print_set_caution(house, code or "", made.dataset, year)
    if out is not None:
        rows = (made.fit.table() if expected is None else expected).height
        print_line(say("gravity.written", rows=f"{rows:,}", path=out))


def _of_panel(
    path: Path,
    covariates: list[str],
    value: str | None,
    pair_effects: str | None,
    domestic: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """One model over the years of a file."""
    from offing.cli.gravity_panel import coefficients, data, show
    from offing.study.gravity_panel import DomesticRows, panel_of

    effects = (pair_effects or "directed").strip().lower()
    if effects not in get_args(PairEffects):
        known = enumerated(get_args(PairEffects))
        raise InputError("gravity.bad_pair_effects", text=pair_effects, all=known)
    at_home = (domestic or "keep").strip().lower()
    if at_home not in get_args(DomesticRows):
        known = enumerated(get_args(DomesticRows))
        raise InputError("gravity.bad_domestic", text=domestic, all=known)
    if out is not None:
        checked_target(out)
    with progress() as move:
        move(say("gravity.running"), 0.0)
        made = panel_of(
            path,
            covariates,
            value=value,
            pair_effects=cast("PairEffects", effects),
            domestic=cast("DomesticRows", at_home),
        )
    if out is not None:
        write_table(out, coefficients(made))
    if as_json:
        print_json({"gravity_panel": data(made)})
        return
    show(made)
    if out is not None:
        print_line(say("gravity.written", rows=f"{len(made.fit.names):,}", path=out))


def _expected(
    made: ProductsGravity, exporter: str, importer: str | None, level: float
) -> pl.DataFrame:
    """Expected trade of an exporter in every product it has an estimate for."""
    own = made.flows.filter(pl.col("exporter") == exporter).partition_by("product", as_dict=True)
    nothing = made.flows.clear()
    parts = []
    refused: MissingDataError | None = None
    for product in made.fit.products:
        try:
            flows = own.get((product,), nothing)
            found = expected_trade(made.fit, flows, product, exporter, level=level)
        except MissingDataError as error:
            refused = error
            continue
        parts.append(found.select(pl.lit(product).alias("product"), pl.all()))
    if not parts and refused is not None:
        raise refused
    rows = pl.concat(parts)
    if importer is not None:
        rows = rows.filter(pl.col("importer") == importer)
        if rows.is_empty():
            raise MissingDataError("gravity.no_such_market", country=importer, year=made.year)
    return rows.with_columns(exporter=pl.lit(exporter)).select(
        "product", "exporter", "importer", "expected", "low", "high", "actual"
    )


def _data(made: ProductsGravity, expected: pl.DataFrame | None) -> dict[str, object]:
    fit = made.fit
    rows = fit.table()
    products = []
    for number, note in enumerate(fit.notes):
        mine = rows.slice(number * len(fit.names), len(fit.names))
        products.append(
            {
                "product": fit.products[number],
                "state": note.state,
                "why": fit.why(fit.products[number]),
                "pairs": note.pairs,
                "exporters": note.exporters,
                "importers": note.importers,
                "separated": note.separated,
                "collinear": note.collinear,
                "unmatched": note.unmatched,
                "coefficients": mine.select(
                    "covariate", "estimate", *(f"se_{kind}" for kind in COVARIANCES)
                ).to_dicts(),
            }
        )
    data: dict[str, object] = {"dataset": made.dataset, "year": made.year, "products": products}
    if expected is not None:
        data["expected"] = expected.to_dicts()
    return data


def _number(value: float | None) -> str:
    return "–" if value is None or not np.isfinite(value) else f"{value:.3f}"


def _millions(value: float) -> str:
    return f"{value / 1e6:,.{0 if value >= 1e8 or value == 0 else 1 if value >= 1e6 else 3}f}"


def _print_one(made: ProductsGravity, product: str) -> None:
    note = made.fit.notes[0]
    heading = say(
        "gravity.heading",
        product=product_label(product),
        year=made.year,
        dataset=made.dataset,
    )
    print_line(heading, "bold")
    zeros = note.pairs - made.flows.filter(pl.col("value_usd") > 0).height + note.unmatched
    print_line(
        say(
            "gravity.sample",
            pairs=f"{note.pairs:,}",
            zeros=f"{max(zeros, 0):,}",
            exporters=note.exporters,
            importers=note.importers,
        )
    )
    print_line(say("gravity.fared", why=made.fit.why(product)))
    if note.unmatched:
        print_line(say("gravity.unmatched", count=note.unmatched), "yellow")
    if not np.isfinite(made.fit.beta[0]).any():
        print_line(say("gravity.not_estimated_next"), "yellow")
        return
    console().print()
    _print_coefficients(made.fit)
    print_line(say("gravity.explain_errors"), "dim")
    flows = note.pairs - max(zeros, 0)
    parameters = int(np.isfinite(made.fit.beta[0]).sum()) + note.exporters + note.importers - 1
    if flows < parameters:
        print_line(f"! {say('gravity.thin', flows=flows, parameters=parameters)}", "yellow")
    if min(note.exporters, note.importers) < FEW_CLUSTERS:
        print_line(f"! {say('gravity.few_clusters', least=FEW_CLUSTERS)}", "yellow")


def _print_coefficients(fit: Gravity) -> None:
    console().print(
        table(
            None,
            [
                say("gravity.column_covariate"),
                say("gravity.column_estimate"),
                *(say(f"gravity.column_{kind}") for kind in COVARIANCES),
            ],
            [
                [
                    say(f"gravity.covariate_{row['covariate']}"),
                    *(
                        _number(row[name])
                        for name in ("estimate", *(f"se_{kind}" for kind in COVARIANCES))
                    ),
                ]
                for row in fit.table().iter_rows(named=True)
            ],
        )
    )


def _print_all(made: ProductsGravity) -> None:
    """How many products were estimated, how their elasticities spread, and why some were not."""
    fit = made.fit
    count = len(fit.products)
    done = [number for number, beta in enumerate(fit.beta) if np.isfinite(beta).any()]
    heading = say(
        "gravity.heading_all",
        count=f"{count:,}",
        done=f"{len(done):,}",
        year=made.year,
        dataset=made.dataset,
    )
    print_line(heading, "bold")
    console().print()
    if done:
        spread = np.nanquantile(fit.beta[done], [0.1, 0.25, 0.5, 0.75, 0.9], axis=0)
        errors = np.nanmedian(fit.standard_errors("both")[done], axis=0)
        console().print(
            table(
                say("gravity.spread"),
                [
                    say("gravity.column_covariate"),
                    *(f"{share} %" for share in (10, 25, 50, 75, 90)),
                    say("gravity.column_typical_error"),
                ],
                [
                    [
                        say(f"gravity.covariate_{name}"),
                        *(_number(float(value)) for value in spread[:, at]),
                        _number(float(errors[at])),
                    ]
                    for at, name in enumerate(fit.names)
                ],
            )
        )
    reasons: dict[str, list[str]] = {}
    for product, note in zip(fit.products, fit.notes, strict=True):
        if note.state != "estimated":
            reasons.setdefault(note.state, []).append(product)
    for state, products in sorted(reasons.items(), key=lambda item: -len(item[1])):
        shown = enumerated(products[:NAMED]) + (" …" if len(products) > NAMED else "")
        print_line(
            say(
                "gravity.fared_so",
                count=f"{len(products):,}",
                why=say(f"gravity.short_{state}"),
                products=shown,
            )
        )
    lost = sum(note.unmatched for note in fit.notes)
    if lost:
        print_line(say("gravity.unmatched", count=f"{lost:,}"), "yellow")


def _print_expected(rows: pl.DataFrame, exporter: str, level: float, top: int) -> None:
    several = rows["product"].n_unique() > 1
    shown = rows.sort("expected", "product", "importer", descending=[True, False, False]).head(top)
    console().print()
    console().print(
        table(
            say("gravity.expected", origin=country_name(exporter)),
            [
                *([say("gravity.column_product")] if several else []),
                say("gravity.column_market"),
                say("gravity.column_actual"),
                say("gravity.column_expected"),
                say("gravity.column_interval", level=f"{100 * level:g}"),
                say("gravity.column_gap"),
            ],
            [
                [
                    *([row["product"]] if several else []),
                    country_name(row["importer"]),
                    _millions(row["actual"]),
                    _millions(row["expected"]),
                    f"{_millions(row['low'])} – {_millions(row['high'])}",
                    _millions(max(row["expected"] - row["actual"], 0.0)),
                ]
                for row in shown.iter_rows(named=True)
            ],
            text_columns=(0, 1) if several else (0,),
        )
    )
    if rows.height > top:
        print_line(say("market.more_rows", count=f"{rows.height - top:,}"))
    print_line(say("gravity.explain_expected"), "dim")
