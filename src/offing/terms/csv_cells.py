"""Tables as CSV for people, whose spreadsheet must not run a cell: the one writer of the house.

A text that begins as a formula does (``=``, ``@``, a sign that begins no plain number, a tab or a
return, also behind blanks and line ends) gets an apostrophe in front. Chinese and Japanese editions
take full-width signs for the same.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

_BEGINS = r"[\s\x00\u200b\ufeff]*[=@+\-＝＠＋－]|[ \n]*[\t\r]"
_NUMBER = r"[ \u00a0]*[+-]?\.?\d[\d.,'\u00a0\u202f]*+([eE][+-]?\d{1,3})?\s*+(%\s*+)?|[+-]"
_TEXTS = (pl.String, pl.Categorical, pl.Enum)


def inert(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; plain numbers with a sign stay.

    >>> inert("=1+1"), inert(" @SUM(A1)"), inert("-2+3+cmd|' /C calc'!A0"), inert("-1,234.5")
    ("'=1+1", "' @SUM(A1)", "'-2+3+cmd|' /C calc'!A0", '-1,234.5')
    """
    armed = re.match(_BEGINS, text) and not re.fullmatch(_NUMBER, text)
    return f"'{text}" if armed else text


def csv_text(rows: Iterable[Sequence[str]], line_end: str = "\r\n") -> str:
    """Rows of cells as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=line_end)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return text.getvalue()


def write_csv(table: pl.DataFrame, path: Path, *, for_excel: bool = False) -> None:
    """Write a table; ``for_excel`` puts the mark in front by which it knows UTF-8."""
    texts = [name for name, kind in table.schema.items() if isinstance(kind, _TEXTS)]
    headings = csv_text([table.columns], "\n")
    with path.open("wb") as file:
        file.write(headings.encode("utf-8-sig" if for_excel else "utf-8"))
        table.with_columns(map(_inert, texts)).write_csv(file, include_header=False)


def _inert(name: str) -> pl.Expr:
    """As :func:`inert`, of a column."""
    text = pl.col(name).cast(pl.String)
    armed = text.str.contains(f"^(?:{_BEGINS})") & ~text.str.contains(f"^(?:{_NUMBER})$")
    return pl.when(armed).then(pl.concat_str(pl.lit("'"), text)).otherwise(text).alias(name)
