"""Errors, data and progress of a command line; :mod:`offing.report.terminal` shows blocks."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TextIO

from cyclopts import Parameter
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from offing.cli.streams import can_write
from offing.report.terminal import Words, error_console, neutral, print_line
from offing.terms.errors import OffingError
from offing.terms.messages import say
from offing.terms.plain import plain

if TYPE_CHECKING:  # loading it would cost every command the start of Polars
    from offing.sources.staging import Progress as Report

AsJson = Annotated[bool, Parameter(name="--json", negative="", help=say("cli.help_json"))]
"""In the language of the call: this is imported with a command."""


def print_error(error: OffingError) -> None:
    """An error in words, on standard error."""
    out = error_console()
    head, *rest = str(error).split("\n")
    heading = say("errors.heading")
    shown = Words(heading + head, overflow="ignore")
    shown.stylize("bold red", 0, len(heading))
    for wrapped in shown.wrap(out, out.width, overflow="ignore"):
        out.print(wrapped, soft_wrap=True)
    for line in rest:
        print_line(line, indent=2, out=out)


def print_json(value: Any) -> None:
    """Data on standard output: dataclasses, Decimals and dates become plain JSON."""
    from offing.rules.rule_use import cite_sources

    print_data(cite_sources(plain(value)), sys.stdout, indent=1)


def print_data(data: Any, stream: TextIO, indent: int | None = None) -> None:
    """Plain JSON on a stream, in ASCII where it lacks characters or the data would steer it."""
    text = json.dumps(data, ensure_ascii=not can_write("中é−", stream), indent=indent)
    whole = text if neutral(text) == text else json.dumps(data, indent=indent)
    stream.write(f"{whole}\n")


@contextmanager
def progress() -> "Iterator[Report]":
    """A progress bar on standard error; yields the function that moves it."""
    out = error_console()
    if not out.is_terminal:  # some releases of Rich leave an empty line of a hidden bar
        yield lambda _message, _share: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def move(message: str, share: float) -> None:
            bar.update(task, description=message, completed=share)

        yield move
