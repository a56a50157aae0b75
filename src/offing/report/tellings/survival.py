"""How long trade relationships last, told."""

import numpy as np
import polars as pl
from scipy.special import ndtri

from offing.api.survival import LEAST_SPELLS, SurvivalAnswer
from offing.market.indicators.survival import Hazard
from offing.report.blocks import Block, Cell, Column, Table, Text, cautions
from offing.terms.messages import say
from offing.terms.numbers import count, fixed, percent
from offing.terms.products import product_label

SHORT, LONG = (1, 2, 3), (1, 3, 5)
ORDER = ("low", "medium", "high", "small", "cheap", "middle", "large", "dear")


def tell(answer: SurvivalAnswer) -> tuple[Block, ...]:
    """The share that lasts so many years, by what relationships were like when they began."""
    fresh = answer.runs.filter(~pl.col("started_before"))
    heading = say(
        "indicators.survival_heading",
        product=product_label(answer.product),
        first=answer.years[0],
        last=answer.years[-1],
        dataset=answer.dataset,
    )
    sample = say(
        "indicators.survival_sample",
        spells=count(fresh.height),
        ended=count(fresh["ended"].sum()),
        left_out=count(answer.runs.height - fresh.height),
    )
    return (
        Text((heading,), "lead"),
        Text((sample,)),
        _curves(answer, fresh),
        _hazard(answer.hazard),
        Text((say("indicators.explain_survival"),), "note"),
        *cautions(answer.cautions),
    )


def _curves(answer: SurvivalAnswer, fresh: pl.DataFrame) -> Table:
    longest = int(fresh["duration"].max())  # type: ignore[arg-type]
    shown = [y for y in (LONG if longest >= LONG[-1] else SHORT) if y <= longest]
    rows = [(say("indicators.group_all"), fresh.height, answer.whole)]
    for kind, curves in answer.by.items():
        for group in sorted(fresh[kind].drop_nulls().unique().to_list(), key=ORDER.index):
            spells = fresh.filter(pl.col(kind) == group).height
            curve = curves.filter(pl.col(kind) == group)
            rows.append((say(f"indicators.group_{kind}_{group}"), spells, curve))
    return Table(
        "survival",
        say("indicators.survival_table"),
        (
            Column(say("indicators.column_group"), number=False),
            Column(say("indicators.column_spells")),
            *(Column(say("indicators.column_after", years=years)) for years in shown),
        ),
        tuple(
            (Cell(name), Cell(count(spells)), *(_after(curve, years) for years in shown))
            for name, spells, curve in rows
        ),
    )


def _after(curve: pl.DataFrame, years: int) -> Cell:
    """Share still there after so many years, with its interval."""
    past = curve.filter(pl.col("time") <= years)
    if past.is_empty():
        return Cell(percent(1))
    last = past.row(-1, named=True)
    share = percent(last["survival"], 0)
    if last["low"] is None:
        return Cell(share)
    return Cell(f"{share} ({100 * last['low']:.0f}–{100 * last['high']:.0f})")


def _hazard(hazard: Hazard | None) -> Block:
    if hazard is None:
        return Text((say("indicators.no_hazard", least=LEAST_SPELLS),))
    z = float(ndtri(0.975))
    rows = zip(hazard.names, hazard.beta, hazard.errors, strict=True)
    return Table(
        "hazard",
        say("indicators.hazard_table"),
        (
            Column(say("indicators.column_covariate"), number=False),
            Column(say("indicators.column_ratio")),
            Column(say("indicators.column_interval")),
        ),
        tuple(
            (
                Cell(say(f"indicators.covariate_{name}")),
                Cell(fixed(np.exp(beta), 3)),
                Cell(
                    f"{fixed(np.exp(beta - z * error), 3)} – {fixed(np.exp(beta + z * error), 3)}"
                ),
            )
            for name, beta, error in rows
        ),
    )
