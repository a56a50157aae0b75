"""Print tables, numbers, errors and progress, aligned and with their units."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from offing.terms.errors import OffingError
from offing.terms.messages import say

if TYPE_CHECKING:  # loading it would cost every command the start of Polars
    from offing.sources.staging import Progress as Report

FIRST_COLUMN = 12
"""The first column wraps in a narrow terminal, but keeps this width."""


def console() -> Console:
    """Standard output."""
    return Console(highlight=False, soft_wrap=False)


def error_console() -> Console:
    """Standard error."""
    return Console(stderr=True, highlight=False)


def print_error(error: OffingError) -> None:
    """An error in words, on standard error."""
    out = error_console()
    head, *rest = str(error).split("\n")
    out.print(Text(f"{say('errors.heading')}: ", style="bold red") + Text(head))
    for line in rest:
        out.print(Text(f"  {line}"))


def print_interrupted() -> None:
    """What Ctrl-C leaves."""
    error_console().print(Text(say("errors.interrupted"), style="yellow"))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if value is None or isinstance(value, str | int | bool):
        return value
    return str(value)


def print_json(value: Any) -> None:
    """Data on standard output: dataclasses, Decimals and dates become plain JSON."""
    json.dump(_plain(value), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def table(
    title: str | None,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    text_columns: Sequence[int] = (0,),
    wrapped: Sequence[int] = (0,),
) -> Table:
    """A table: text to the left, numbers to the right.

    Args:
        title: above the table.
        columns: headings, with their units.
        rows: cells, formatted already.
        text_columns: which columns are text.
        wrapped: which columns may take several lines.
    """
    made = Table(
        title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False
    )
    for number, column in enumerate(columns):
        made.add_column(
            column,
            justify="left" if number in text_columns else "right",
            no_wrap=number not in wrapped,
        )
    for row in rows:
        made.add_row(*[Text(cell) for cell in row])
    return made


@contextmanager
def progress() -> "Iterator[Report]":
    """A progress bar on standard error; yields the function that moves it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=error_console(), transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def move(message: str, share: float) -> None:
            bar.update(task, description=message, completed=share)

        yield move
