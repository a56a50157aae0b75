"""The command of a question: its request's fields are the words and options of the line.

Write a result where the user asked for it: a table as Parquet or CSV, a page as HTML.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_type_hints

import polars as pl
from cyclopts import Group, Parameter, Token

from offing.api.asking import Answer, AskedField, fields_of, read_field, request_of
from offing.api.given import kinds_of
from offing.cli.options import AsJson
from offing.cli.show import print_json, progress
from offing.report.blocks import Text
from offing.report.terminal import error_console, print_line, show
from offing.report.views import page_of, question_of, view_of
from offing.terms.background import listening, stretch
from offing.terms.errors import InputError, Where
from offing.terms.frames import write_csv
from offing.terms.messages import join_list, say
from offing.terms.numbers import fixed_decimals
from offing.terms.whole_file import write_file, write_text

ENDINGS = (".parquet", ".csv")
PAGE_ENDINGS = (".html", ".htm")


def checked_target(path: Path, endings: tuple[str, ...]) -> None:
    """Refuse a target before the work is done.

    Raises:
        InputError: ``cli.bad_ending``; ``cli.no_out_folder`` where its folder is missing.
    """
    if path.suffix.lower() not in endings:
        raise InputError("cli.bad_ending", where=Where(path), path=path, all=join_list(endings))
    if not path.parent.is_dir():
        raise InputError("cli.no_out_folder", where=Where(path), folder=path.parent)


def write_table(path: Path, rows: pl.DataFrame) -> None:
    """Write a table.

    Raises:
        StorageError: ``cli.disk``.
    """
    as_csv = partial(write_csv, rows)
    write_file(path, rows.write_parquet if path.suffix.lower() == ".parquet" else as_csv)


A = TypeVar("A", bound=Answer)


def command(
    ask: Callable[..., A],
    *,
    name: str | None = None,
    out: str | None = None,
    page: bool = False,
    writers: Mapping[str, Callable[[A, Path], None]] | None = None,
    folder: tuple[Callable[[dict[str, Any]], Path], Callable[[A, Path], None]] | None = None,
    panel: tuple[str, Sequence[str]] | None = None,
) -> Callable[..., int]:
    """A command that asks one question and shows its answer.

    Args:
        ask: a question of :mod:`offing.api`.
        name: of the answer in ``--json``; that of the answer's file where ``None``; its data stand
            alone where it is empty.
        out: message key of the help of ``--out`` where the answer has a ``table`` to write.
        page: whether ``--out`` writes an HTML file too; alone where there is no ``table``.
        writers: of further files that ``--out`` can be: the ending of a name → what writes it.
        folder: of a question that writes a folder of results: where, from what was asked, and what
            writes it.
        panel: message key of a heading of its own in ``--help``, and the fields under it.
    """

    def run(**arguments: Any) -> int:
        as_json = arguments.pop("as_json", False)
        target = arguments.pop("out", None) if out else None  # a question may have one of its own
        if target is not None:
            checked_target(target, (*_endings(ask, page=page), *(writers or {})))
        destination = None if folder is None else folder[0](arguments)
        with progress() as move, listening(move):
            with stretch(0.0, 0.9):
                answer = ask(**arguments)
            if folder is not None and destination is not None:
                folder[1](answer, destination)
        written = [] if target is None else [_write_answer(answer, target, writers or {})]
        if as_json:
            shown = answer.data()
            if name != "":
                shown = {name or question_of(answer): shown}
            print_json(shown if destination is None else {"folder": destination, **shown})
        else:
            report = [] if destination is None else [_report(destination)]
            show([*view_of(answer), *written, *report])
        if answer.work is not None:
            print_line(str(answer.work), out=error_console())
        return (0 if answer.holds else 1) if answer.complete else 2

    return _line(ask, run, out, panel)


def _line(
    ask: Callable[..., Any],
    run: Callable[..., int],
    out: str | None,
    panel: tuple[str, Sequence[str]] | None,
) -> Callable[..., int]:
    """A function whose signature is that of the command line."""
    fields = fields_of(request_of(ask))
    words = [field for field in fields if field.needed or field.asked.word]
    options = [field for field in fields if field not in words]
    parameters = [_parameter(field, word=True) for field in words]
    parameters += [_parameter(field, word=False, panel=panel) for field in options]
    if out is not None:
        kind = Annotated[Path | None, Parameter(help=say(out))]
        parameters.append(_parameter_of("out", kind, None))
    parameters.append(_parameter_of("as_json", AsJson, False))

    def line(*args: Any, **keywords: Any) -> int:
        if words and many(words[-1].kind):
            args = (*args[: len(words) - 1], args[len(words) - 1 :])
        return run(**dict(zip([field.name for field in words], args, strict=False)), **keywords)

    line.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    line.__annotations__ = {p.name: p.annotation for p in parameters}
    line.__name__, line.__doc__ = ask.__name__, (ask.__doc__ or "").split("\n\n")[0]
    return line


def many(kind: Any) -> bool:
    """Whether a field takes all the words that are left: ``tuple[Path, ...]``."""
    return get_args(kind)[1:] == (...,)


def _parameter_of(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _parameter(
    field: AskedField, *, word: bool, panel: tuple[str, Sequence[str]] | None = None
) -> inspect.Parameter:
    # What must be given may stand by its name as well.
    unnamed = word and not field.needed
    name = field.asked.name or (field.name.upper() if unnamed else None)
    values = field.asked.values() if field.asked.values else {}
    negative = None if field.kind == bool | None else ""  # what is told by itself may be denied
    read = partial(_read, field) if kinds_of(field.kind) & {int, float, date, Literal} else None
    told = say(field.asked.help, **values)
    extra = Parameter(name=name, help=told, negative=negative, converter=read)
    kind: Any = Annotated[field.kind, extra]
    if panel is not None and field.name in panel[1]:  # it stands after the others
        kind = Annotated[kind, Parameter(group=Group(say(panel[0]), sort_key=3))]
    default = inspect.Parameter.empty if field.needed else field.default
    if not word:
        return _parameter_of(field.name, kind, default)
    parameter = inspect.Parameter
    if many(field.kind):
        kind = Annotated[get_args(field.kind)[0], extra]
        return parameter(field.name, parameter.VAR_POSITIONAL, annotation=kind)
    either = name is None or (isinstance(name, str) and name.startswith("-"))
    parameter_kind = parameter.POSITIONAL_OR_KEYWORD if either else parameter.POSITIONAL_ONLY
    return parameter(field.name, parameter_kind, default=default, annotation=kind)


def _read(field: AskedField, _kind: Any, tokens: Sequence[Token]) -> Any:
    """A number, a day or a choice as the question reads it."""
    return read_field(field, tokens[-1].value)


def _report(folder: Path) -> Text:
    return Text((say("run.report", path=folder / "report.html"),))


def _endings(ask: Callable[..., Any], *, page: bool) -> tuple[str, ...]:
    """What ``--out`` may be called: a page, a table, or either."""
    if not page:
        return ENDINGS
    tables = hasattr(get_type_hints(inspect.unwrap(ask))["return"], "table")
    return (*ENDINGS, *PAGE_ENDINGS) if tables else PAGE_ENDINGS


def _write_answer(
    answer: Any, target: Path, writers: Mapping[str, Callable[[Any, Path], None]]
) -> Text:
    if (write := writers.get(target.suffix.lower())) is not None:
        write_file(target, partial(write, answer))
        is_page = target.suffix.lower() in (".docx", ".pdf", ".png")
        told = "settle.page" if is_page else "gravity.regression_written"
        return Text((say(told, path=target),))
    if target.suffix.lower() in PAGE_ENDINGS:
        write_text(target, page_of(answer))
        return Text((say("settle.page", path=target),))
    write_table(target, answer.table)
    return Text((say("gravity.written", rows=fixed_decimals(answer.table.height, 0), path=target),))
