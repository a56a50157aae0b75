"""Gravity over the years of a user's table, told."""

from collections.abc import Iterator

from offing.api.gravity_panel import PanelAnswer
from offing.report.blocks import Block, Cell, Table, Text, cautions, number, table_of, text
from offing.terms.messages import enumerated, say
from offing.terms.numbers import fixed


def view(answer: PanelAnswer) -> tuple[Block, ...]:
    """Coefficients, what was left out and why."""
    first, last, count = answer.years
    heading = say(
        "gravity.panel_heading", file=answer.file.name, first=first, last=last, count=count
    )
    fit = say("gravity.panel_fit", share=fixed(100 * answer.fit.pseudo_r2, 2))
    return (
        Text((heading,), "lead"),
        Text(tuple(_sample(answer))),
        _coefficients(answer),
        Text((fit,)),
        Text((say("gravity.panel_explain"),), "note"),
        *cautions(answer.cautions),
    )


def _sample(answer: PanelAnswer) -> Iterator[str]:
    fit = answer.fit
    effects = say(f"gravity.panel_effects_{answer.pair_effects}")
    rows, pairs = fixed(fit.rows, 0), fixed(fit.pairs, 0)
    yield say("gravity.panel_sample", rows=rows, pairs=pairs, effects=effects)
    for why, left_out in answer.left_out.items():
        if left_out:
            yield say(f"gravity.panel_{why}", rows=fixed(left_out, 0))
    if answer.domestic:
        how = "kept" if answer.kept else "dropped"
        yield say(f"gravity.panel_domestic_{how}", rows=fixed(answer.domestic, 0))
    if fit.collinear:
        yield say("gravity.panel_collinear", names=enumerated(fit.collinear))


def _coefficients(answer: PanelAnswer) -> Table:
    return table_of(
        "coefficients",
        say("gravity.coefficients"),
        answer.data()["coefficients"],
        (text("gravity.column_covariate"), lambda row: row["covariate"]),
        (number("gravity.column_estimate"), lambda row: fixed(row["estimate"], 4)),
        (number("gravity.column_pair"), lambda row: fixed(row["se_pair"], 4)),
        (number("gravity.column_hc"), lambda row: fixed(row["se_hc"], 4)),
        (number("gravity.column_p"), lambda row: Cell(_p_value(row["p"]), value=row["p"])),
    )


LEAST_P = 0.0001
"""Below it a p is told as smaller than this: it is never nought."""


def _p_value(p: float | None) -> str:
    return f"<{LEAST_P:.4f}" if p is not None and p < LEAST_P else fixed(p, 4)
