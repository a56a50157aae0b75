"""Gravity of one product, of all, or over the years of a user's table, told."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import polars as pl

from offing.api.gravity import FEW_CLUSTERS, GravityAnswer, PanelAnswer
from offing.market.gravity.estimates import COVARIANCES
from offing.report.blocks import (
    Block,
    Cell,
    Column,
    Table,
    Text,
    columns_of,
    number,
    table_of,
    text,
)
from offing.terms.countries import country_name
from offing.terms.messages import join_list, say
from offing.terms.numbers import fixed_decimals, percent, span_text
from offing.terms.products import product_label

NAMED = 8
"""So many products without an estimate are named; more are counted."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def view(answer: GravityAnswer) -> tuple[Block, ...]:
    """Elasticities with their errors, and expected trade where it was asked for."""
    return (
        *(_one(answer, answer.product) if answer.product is not None else _all(answer)),
        *(() if answer.expected is None else _expected_trade(answer, answer.expected)),
    )


def _one(answer: GravityAnswer, product: str) -> tuple[Block, ...]:
    fit, note = answer.fit, answer.fit.notes[0]
    heading = say(
        "gravity.heading", product=product_label(product), year=answer.year, dataset=answer.dataset
    )
    sample = say(
        "gravity.sample",
        pairs=fixed_decimals(note.pairs, 0),
        zeros=fixed_decimals(answer.zeros, 0),
        exporters=note.exporters,
        importers=note.importers,
    )
    lead = (Text((heading,), "lead"), Text((sample, say("gravity.fared", why=fit.why(product)))))
    if not np.isfinite(fit.beta[0]).any():
        return lead
    errors = (f"{kind}=se_{kind}" for kind in COVARIANCES)
    table = table_of(
        "coefficients",
        say("gravity.coefficients"),
        fit.table().iter_rows(named=True),
        (text("gravity.column_covariate"), lambda row: _covariate(row["covariate"])),
        *columns_of("gravity.column_{}", partial(fixed_decimals, places=3), "estimate", *errors),
    )
    few = min(note.exporters, note.importers) < FEW_CLUSTERS
    told = ("explain_errors",) if few else ("explain_errors", "errors_cautious")
    return (*lead, table, Text(tuple(say(f"gravity.{key}") for key in told), "note"))


def _covariate(name: str) -> str:
    return say(f"gravity.covariate_{name}")


def _all(answer: GravityAnswer) -> tuple[Block, ...]:
    """How many products were estimated, how their elasticities differ, why some were not."""
    fit = answer.fit
    estimated = [number for number, beta in enumerate(fit.beta) if np.isfinite(beta).any()]
    heading = say(
        "gravity.heading_all",
        count=fixed_decimals(len(fit.products), 0),
        done=fixed_decimals(len(estimated), 0),
        year=answer.year,
        dataset=answer.dataset,
    )
    reasons: dict[str, list[str]] = {}
    for product, note in zip(fit.products, fit.notes, strict=True):
        if note.state != "estimated":
            reasons.setdefault(note.state, []).append(product)
    fared = tuple(
        say(
            "gravity.fared_so",
            count=fixed_decimals(len(products), 0),
            why=say(f"gravity.short_{state}"),
            products=join_list(products[:NAMED]) + (" …" if len(products) > NAMED else ""),
        )
        for state, products in sorted(reasons.items(), key=lambda item: -len(item[1]))
    )
    tables = (_quantiles(answer, estimated),) if estimated else ()
    return (Text((heading,), "lead"), *tables, Text(fared))


def _quantiles(answer: GravityAnswer, estimated: list[int]) -> Table:
    fit = answer.fit
    quantiles = np.nanquantile(fit.beta[estimated], QUANTILES, axis=0)
    errors = np.nanmedian(fit.standard_errors("both")[estimated], axis=0)
    return table_of(
        "elasticities",
        say("gravity.spread"),
        zip(fit.names, quantiles.T, errors, strict=True),
        (text("gravity.column_covariate"), lambda row: _covariate(row[0])),
        *(
            (Column(percent(share)), lambda row, at=at: fixed_decimals(row[1][at], 3))
            for at, share in enumerate(QUANTILES)
        ),
        (number("gravity.column_typical_error"), lambda row: fixed_decimals(row[2], 3)),
    )


def _millions(value: float) -> str:
    """USD million: fewer decimals for larger amounts."""
    return fixed_decimals(
        value / 1e6, 0 if value >= 1e8 or value == 0 else 1 if value >= 1e6 else 3
    )


def _expected_trade(answer: GravityAnswer, rows: pl.DataFrame) -> tuple[Block, ...]:
    several = rows["product"].n_unique() > 1
    rows = rows.sort("expected", "product", "importer", descending=[True, False, False])
    level = f"{100 * answer.level:g}"
    table = table_of(
        "expected",
        say("gravity.expected", origin=country_name(answer.origin or "")),
        rows.iter_rows(named=True),
        (text("gravity.column_product"), lambda row: row["product"]) if several else None,
        (text("gravity.column_market"), lambda row: country_name(row["importer"])),
        *columns_of("gravity.column_{}", _millions, "actual", "expected"),
        (
            number("gravity.column_interval", level=level),
            lambda row: span_text(_millions(row["low"]), _millions(row["high"])),
        ),
        (
            number("gravity.column_gap"),
            lambda row: _millions(max(row["expected"] - row["actual"], 0.0)),
        ),
        most=answer.top,
    )
    return table, Text((say("gravity.explain_expected"),), "note")


def view_gravity_panel(answer: PanelAnswer) -> tuple[Block, ...]:
    """Coefficients, what was left out and why."""
    first, last, count = answer.years
    heading = say(
        "gravity.panel_heading", file=answer.file.name, first=first, last=last, count=count
    )
    fit = say("gravity.panel_fit", share=fixed_decimals(100 * answer.fit.pseudo_r2, 2))
    return (
        Text((heading,), "lead"),
        Text(tuple(_panel_sample(answer))),
        _panel_coefficients(answer),
        Text((fit,)),
        Text((say("gravity.panel_explain"),), "note"),
    )


def _panel_sample(answer: PanelAnswer) -> Iterator[str]:
    fit = answer.fit
    effects = say(f"gravity.panel_effects_{answer.pair_effects}")
    rows, pairs = fixed_decimals(fit.rows, 0), fixed_decimals(fit.pairs, 0)
    yield say("gravity.panel_sample", rows=rows, pairs=pairs, effects=effects)
    for why, left_out in answer.left_out.items():
        if left_out:
            yield say(f"gravity.panel_{why}", rows=fixed_decimals(left_out, 0))
    if answer.domestic:
        how = "kept" if answer.kept else "dropped"
        yield say(f"gravity.panel_domestic_{how}", rows=fixed_decimals(answer.domestic, 0))
    if fit.collinear:
        yield say("gravity.panel_collinear", names=join_list(fit.collinear))


def _panel_coefficients(answer: PanelAnswer) -> Table:
    fine = partial(fixed_decimals, places=4)
    return table_of(
        "coefficients",
        say("gravity.coefficients"),
        answer.data()["coefficients"],
        (text("gravity.column_covariate"), lambda row: row["covariate"]),
        *columns_of("gravity.column_{}", fine, "estimate", "pair=se_pair", "hc=se_hc"),
        (number("gravity.column_p"), lambda row: Cell(_p_value(row["p"]), value=row["p"])),
    )


LEAST_P = 0.0001
"""Below it a p is told as smaller than this: it is never nought."""


def _p_value(p: float | None) -> str:
    return f"<{LEAST_P:.4f}" if p is not None and p < LEAST_P else fixed_decimals(p, 4)
