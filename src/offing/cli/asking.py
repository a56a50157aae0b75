"""The command of a question: its request's fields are the words and options of the line."""

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from cyclopts import Parameter

from offing.api.asking import Answer, AskedField, fields_of, request_of
from offing.cli.options import AsJson
from offing.cli.show import print_json, progress
from offing.cli.table_file import ENDINGS, PAGE_ENDINGS, checked_target, write_page, write_table
from offing.report.blocks import Block, Text
from offing.report.terminal import show
from offing.terms.messages import say
from offing.terms.numbers import count
from offing.terms.progress import listening

A = TypeVar("A", bound=Answer)


def command(
    ask: Callable[..., A],
    tell: Callable[[A], Iterable[Block]],
    *,
    name: str | None = None,
    out: str | None = None,
    also: Callable[[A], dict[str, Any]] | None = None,
    page: Callable[[A], str] | None = None,
) -> Callable[..., int]:
    """A command that asks one question and shows its answer.

    Args:
        ask: a question of :mod:`offing.api`.
        tell: its telling, of :mod:`offing.report.tellings`.
        name: of the answer in ``--json``; the question's own where ``None``; its data stand alone
            where it is empty.
        also: what ``--json`` has beside the data.
        out: message key of the help of ``--out`` where the answer has a ``table`` to write.
        page: the text of the HTML file that ``--out`` writes instead.
    """

    def run(**given: Any) -> int:
        as_json, target = given.pop("as_json", False), given.pop("out", None)
        if target is not None:
            checked_target(target, ENDINGS if page is None else PAGE_ENDINGS)
        with progress() as move, listening(move):
            answer = ask(**given)
        written = [] if target is None else [_written(answer, target, page)]
        if as_json:
            data, more = answer.data(), also(answer) if also else {}
            if more:
                data = {**data, **more, **({"page": target} if page else {})}
            print_json(data if name == "" else {name or ask.__name__: data})
        else:
            show([*tell(answer), *written])
        return 0 if answer.complete else 1

    return _line(ask, run, out)


def _line(ask: Callable[..., Any], run: Callable[..., int], out: str | None) -> Callable[..., int]:
    """A function whose signature is that of the command line."""
    asked = fields_of(request_of(ask))
    words = [field for field in asked if field.needed or field.asked.word]
    options = [field for field in asked if field not in words]
    parameters = [_parameter(field, word=True) for field in words]
    parameters += [_parameter(field, word=False) for field in options]
    if out is not None:
        kind = Annotated[Path | None, Parameter(help=say(out))]
        parameters.append(_named("out", kind, None))
    parameters.append(_named("as_json", AsJson, False))

    def line(*args: Any, **given: Any) -> int:
        return run(**dict(zip([field.name for field in words], args, strict=False)), **given)

    line.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    line.__annotations__ = {p.name: p.annotation for p in parameters}
    line.__name__, line.__doc__ = ask.__name__, (ask.__doc__ or "").split("\n\n")[0]
    return line


def _named(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _parameter(field: AskedField, *, word: bool) -> inspect.Parameter:
    name = field.asked.name or (field.name.upper() if word else None)
    extra = Parameter(name=name, help=say(field.asked.help), negative="")
    kind: Any = Annotated[field.kind, extra]
    default = inspect.Parameter.empty if field.needed else field.default
    if not word:
        return _named(field.name, kind, default)
    either = isinstance(name, str) and name.startswith("-")
    parameter = inspect.Parameter
    place = parameter.POSITIONAL_OR_KEYWORD if either else parameter.POSITIONAL_ONLY
    return parameter(field.name, place, default=default, annotation=kind)


def _written(answer: Any, target: Path, page: Callable[[Any], str] | None) -> Text:
    if page is not None:
        write_page(target, page(answer))
        return Text((say("settle.page", path=target),))
    write_table(target, answer.table)
    return Text((say("gravity.written", rows=count(answer.table.height), path=target),))
