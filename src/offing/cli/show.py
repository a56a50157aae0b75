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

from offing.cli.wrapping import Words, column_widths
from offing.terms.errors import OffingError
from offing.terms.messages import say

if TYPE_CHECKING:  # loading it would cost every command the start of Polars
    from offing.sources.staging import Progress as Report
    from offing.warehouse import Warehouse

FIRST_COLUMN = 12
"""A column that wraps in a narrow terminal keeps this width."""


class _Output(Console):
    """Leaves a closed pipe to :mod:`offing.cli.app`; Rich itself would exit with 1."""

    def on_broken_pipe(self) -> None:
        """Raise again what Rich is handling."""
        raise


def console() -> Console:
    """Standard output."""
    return _Output(highlight=False, soft_wrap=False)


def error_console() -> Console:
    """Standard error."""
    return Console(stderr=True, highlight=False)


def print_line(text: str, style: str = "", *, indent: int = 0, out: Console | None = None) -> None:
    """A sentence, wrapped to the terminal; a path in it stays whole.

    What follows a mark such as ``•`` or ``!`` stays to the right of it.
    """
    out = out or console()
    mark, rest = (text[:2], text[2:]) if text[:2] in ("• ", "! ") else ("", text)
    words = Words(rest, style=style, overflow="ignore")
    lines = words.wrap(out, out.width - indent - len(mark), overflow="ignore")
    for number, line in enumerate(lines):
        before = Text(" " * indent).append(mark if not number else " " * len(mark), style or None)
        out.print(before.append_text(line), soft_wrap=True)


def print_error(error: OffingError) -> None:
    """An error in words, on standard error."""
    out = error_console()
    head, *rest = str(error).split("\n")
    heading = say("errors.heading")
    shown = Words(heading + head, overflow="ignore")
    shown.stylize("bold red", 0, len(heading))
    for part in shown.wrap(out, out.width, overflow="ignore"):
        out.print(part, soft_wrap=True)
    for line in rest:
        print_line(line, indent=2, out=out)


def print_set_caution(
    house: "Warehouse", product: str, chosen: str, until: int | None = None
) -> None:
    """Where several trade data sets are loaded: which one was taken, and how to take another."""
    if found := house.set_caution(product, chosen, until):
        key, values = found
        print_line(f"! {say(key, **values)}", "yellow")


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

    Where the terminal is too narrow for all columns, each row becomes lines of its own: nothing
    is ever cut off.
    """
    room = console().width - 3 * len(columns) + 1
    widths = column_widths(columns, rows, room, wrapped=wrapped, least=FIRST_COLUMN)
    if widths is None:
        return _records(title, columns, rows)
    made = Table(
        title=None if title is None else Words(title, overflow="fold"),
        box=SIMPLE_HEAD,
        title_justify="left",
        title_style="bold",
        pad_edge=False,
    )
    for number, column in enumerate(columns):
        made.add_column(
            Words(column, overflow="fold"),
            justify="left" if number in text_columns else "right",
            overflow="fold",
            width=widths[number],
        )
    for row in rows:
        made.add_row(*[Words(cell, overflow="fold") for cell in row])
    return made


def _records(title: str | None, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """The same table where the terminal has no room for it: each row as lines of its own."""
    made = Table(
        title=None if title is None else Words(title, overflow="fold"),
        box=None,
        title_justify="left",
        title_style="bold",
        show_header=False,
    )
    made.add_column(overflow="fold", style="dim")
    made.add_column(overflow="fold")
    for number, row in enumerate(rows):
        if number:
            made.add_row("", "")
        for column, cell in zip(columns, row, strict=True):
            if cell:
                made.add_row(Words(column, overflow="fold"), Words(cell, overflow="fold"))
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
    out = error_console()
    hidden = not out.is_terminal
    with Progress(*columns, console=out, transient=True, disable=hidden) as bar:
        task = bar.add_task("", total=1.0)

        def move(message: str, share: float) -> None:
            bar.update(task, description=message, completed=share)

        yield move
