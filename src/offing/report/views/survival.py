"""How long trade relationships last, told."""

import numpy as np
import polars as pl
from scipy.special import ndtri

from offing.api.survival import LEAST_SPELLS, SurvivalAnswer
from offing.market.indicators.survival import Hazard
from offing.report.blocks import Block, Table, Text, cautions, number, table_of, text
from offing.terms.messages import say
from offing.terms.numbers import count, fixed, percent
from offing.terms.products import product_label

SHORT, LONG = (1, 2, 3), (1, 3, 5)
ORDER = ("low", "medium", "high", "small", "cheap", "middle", "large", "dear")


def view(answer: SurvivalAnswer) -> tuple[Block, ...]:
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
    return table_of(
        "survival",
        say("indicators.survival_table"),
        rows,
        (text("indicators.column_group"), lambda row: row[0]),
        (number("indicators.column_spells"), lambda row: count(row[1])),
        *(
            (number("indicators.column_after", years=n), lambda row, n=n: _after(row[2], n))
            for n in shown
        ),
    )


def _after(curve: pl.DataFrame, years: int) -> str:
    """Share still there after so many years, with its interval."""
    past = curve.filter(pl.col("time") <= years)
    if past.is_empty():
        return percent(1)
    last = past.row(-1, named=True)
    share = percent(last["survival"], 0)
    if last["low"] is None:
        return share
    return f"{share} ({100 * last['low']:.0f}–{100 * last['high']:.0f})"


def _hazard(hazard: Hazard | None) -> Block:
    if hazard is None:
        return Text((say("indicators.no_hazard", least=LEAST_SPELLS),))
    z = float(ndtri(0.975))

    def interval(row: tuple[str, float, float]) -> str:
        low, high = (fixed(np.exp(row[1] + side * row[2]), 3) for side in (-z, z))
        return f"{low} – {high}"

    return table_of(
        "hazard",
        say("indicators.hazard_table"),
        zip(hazard.names, hazard.beta, hazard.errors, strict=True),
        (text("indicators.column_covariate"), lambda row: say(f"indicators.covariate_{row[0]}")),
        (number("indicators.column_ratio"), lambda row: fixed(np.exp(row[1]), 3)),
        (number("indicators.column_interval"), interval),
    )
