"""Gravity as a paper prints it: a table of coefficients, in LaTeX (booktabs) or on a sheet.

Laid out as ``etable`` of fixest and pyfixest does: one column a regression, under each coefficient
its standard error, then the fixed effects, the observations and the fit, and what the stars mean.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from math import erfc, floor, isfinite, log10, sqrt
from pathlib import Path

from offing.api.gravity import GravityAnswer, PanelAnswer, coefficients
from offing.market.gravity.expected import pseudo_r2
from offing.terms.errors import InputError
from offing.terms.messages import join_list, say
from offing.terms.numbers import NOTHING, fixed_decimals
from offing.terms.products import product_label

Estimated = GravityAnswer | PanelAnswer
STARS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))
"""The stars of a p below each level: those of fixest and of most journals of economics."""
NO_DAY = datetime(1980, 1, 1, tzinfo=UTC)
"""Of a workbook without a day of its own: the same figures give the same bytes."""
DECIMALS = 3
"""Of coefficients; more where an error would be nought."""


@dataclass(frozen=True)
class Regression:
    """One column of a regression table.

    Attributes:
        explains: what is explained: the dependent variable.
        coefficients: covariate → estimate and standard error; not a number where it was left out.
        effects: the fixed effects.
        observations: in the sample.
        pseudo_r2: the share of the Poisson deviance that is explained.
        clusters: within what errors may go together, as a word of the note.
    """

    explains: str
    coefficients: dict[str, tuple[float, float]]
    effects: tuple[str, ...]
    observations: int
    pseudo_r2: float
    clusters: str


def regression_of(answer: Estimated) -> Regression:
    """The column of an answer.

    Raises:
        InputError: ``gravity.table_of_one`` where it is of every product, or of one that has no
            estimate.
    """
    if isinstance(answer, PanelAnswer):
        fit = answer.fit
        pair = () if answer.pair_effects == "none" else (f"pair_{answer.pair_effects}",)
        return Regression(
            say("gravity.column_trade"),
            dict(
                zip(
                    fit.names, zip(fit.beta.tolist(), fit.errors.tolist(), strict=True), strict=True
                )
            ),
            tuple(map(_effect, ("exporter_year", "importer_year", *pair))),
            fit.rows,
            fit.pseudo_r2,
            say("gravity.clusters_pair"),
        )
    products = answer.fit
    if answer.product is None or not any(map(isfinite, products.beta[0])):
        raise InputError("gravity.table_of_one")
    errors = products.standard_errors("both")[0].tolist()
    estimates = zip(products.beta[0].tolist(), errors, strict=True)
    names = [say(f"gravity.covariate_{name}") for name in products.names]
    return Regression(
        f"{product_label(answer.product)}, {answer.year}",
        dict(zip(names, estimates, strict=True)),
        (_effect("exporter"), _effect("importer")),
        products.notes[0].pairs,
        pseudo_r2(products, answer.flows, answer.product),
        say("gravity.clusters_both"),
    )


def _effect(name: str) -> str:
    return say(f"gravity.effect_{name}")


def stars(estimate: float, error: float) -> str:
    """The stars of a coefficient: two-sided, from the normal distribution.

    >>> stars(0.25, 0.1), stars(0.1, 0.1)
    ('**', '')
    """
    p = erfc(abs(estimate / error) / sqrt(2)) if error > 0 else math.nan
    return next((sign for level, sign in STARS if p < level), "")


def _decimals(error: float) -> int:
    """So many that two digits of the error are there."""
    return max(DECIMALS, 1 - floor(log10(error))) if isfinite(error) and error > 0 else DECIMALS


Line = tuple[str, str, tuple[str, ...]]
"""Of the table: of which part it is, its name, and a text for each column."""


def _lines(columns: Sequence[Regression]) -> Iterator[Line]:
    for name in _each(column.coefficients for column in columns):
        cells = [_coefficient(*column.coefficients.get(name, (None, None))) for column in columns]
        shown, errors = zip(*cells, strict=True)
        yield "coefficient", name, shown
        if any(errors):
            yield "error", "", errors
    for name in _each(column.effects for column in columns):
        there = (say("gravity.yes") if name in column.effects else "" for column in columns)
        yield "effect", name, tuple(there)
    for key, shown in (
        ("observations", tuple(fixed_decimals(column.observations, 0) for column in columns)),
        ("pseudo_r2", tuple(fixed_decimals(column.pseudo_r2, DECIMALS) for column in columns)),
    ):
        yield "fit", say(f"gravity.{key}"), shown


def _coefficient(estimate: float | None, error: float | None) -> tuple[str, str]:
    """A coefficient with its stars, and its error; empty where the regression does not have it."""
    if estimate is None or error is None:
        return "", ""
    if not isfinite(estimate):
        return NOTHING, ""
    decimals = _decimals(error)
    below = f"({fixed_decimals(error, decimals)})" if isfinite(error) else ""
    return fixed_decimals(estimate, decimals) + stars(estimate, error), below


def _each(names: Iterable[Iterable[str]]) -> list[str]:
    """Every name once, in order."""
    return list(dict.fromkeys(chain.from_iterable(names)))


def _note(columns: Sequence[Regression]) -> tuple[str, ...]:
    """What the errors are, what the stars mean, what the fit is."""
    clusters = join_list(_each([column.clusters] for column in columns))
    levels = join_list(f"{sign} p < {level:g}" for level, sign in STARS)
    lacking = any(not isfinite(b) for column in columns for b, _ in column.coefficients.values())
    return (
        say("gravity.table_note", clusters=clusters),
        say("gravity.table_stars", levels=levels),
        *([say("gravity.table_left_out", sign=NOTHING)] if lacking else []),
    )


def latex(*answers: Estimated) -> str:
    r"""A table for a paper, a column for each answer: LaTeX that needs ``\usepackage{booktabs}``.

    Raises:
        InputError: ``gravity.table_of_one``.
    """
    columns = [regression_of(answer) for answer in answers]
    width, kind = len(columns) + 1, "coefficient"
    rows = [r"\begin{tabular}{l" + "c" * len(columns) + "}", r"\toprule"]
    rows.append(_row("", [f"({number})" for number in range(1, width)]))
    rows.append(_row("", [_escape_latex(column.explains) for column in columns]))
    rows.append(r"\midrule")
    for part, name, cells in _lines(columns):
        if part not in (kind, "error"):
            rows.append(r"\midrule")
            kind = part
        rows.append(_row(_escape_latex(name), map(_figure, cells)))
    rows.append(r"\bottomrule")
    rows += [r"\end{tabular}", "", r"\begin{minipage}{\linewidth}\smallskip\footnotesize"]
    rows += map(_escape_latex, _note(columns))
    return "\n".join(["% \\usepackage{booktabs}", *rows, r"\end{minipage}", ""])


def _row(name: str, cells: Iterable[str]) -> str:
    return f"{' & '.join([name, *cells])} \\\\"


def _figure(cell: str) -> str:
    """A figure in the mathematics of LaTeX: its minus, its stars above."""
    digits = cell.rstrip("*")
    if not any(map(str.isdigit, digits)):
        return _escape_latex(cell)
    raised = f"^{{{cell[len(digits) :]}}}" if digits != cell else ""
    plain = digits.replace("−", "-").replace(",", "{,}")
    return f"${plain}{raised}$"


_SIGNS = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": "$<$",
    ">": "$>$", "²": "$^2$", "−": "$-$", "–": "--", "\u00a0": "~",
}  # fmt: skip


def _escape_latex(words: str) -> str:
    """Words as LaTeX prints them."""
    return "".join(_SIGNS.get(sign, sign) for sign in words)


def write_latex(answer: Estimated, path: Path) -> None:
    """Write the table for a paper."""
    path.write_text(latex(answer), encoding="utf-8")


def write_workbook(answer: Estimated, path: Path) -> None:
    """Write every figure with all its digits on a sheet, and what is expected on another."""
    import xlsxwriter

    if isinstance(answer, PanelAnswer):
        frames = {"digits": coefficients(answer.fit)}
    else:
        frames = {"digits": answer.fit.table()}
        frames |= {} if answer.expected is None else {"expected": answer.expected}
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        book.set_properties({"created": NO_DAY})
        for name, frame in frames.items():
            frame.write_excel(book, say(f"gravity.sheet_{name}"), autofit=True)


WRITERS: dict[str, Callable[[Estimated, Path], None]] = {
    ".tex": write_latex,
    ".xlsx": write_workbook,
}
"""What ``--out`` writes beside tables for programs: an ending → its writer."""
