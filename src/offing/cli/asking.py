"""The command of a question: its request's fields are the words and options of the line."""

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from cyclopts import Parameter

from offing.api.asking import Answer, AskedField, fields_of, request_of
from offing.cli.options import AsJson
from offing.cli.show import print_json, progress
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
) -> Callable[..., None]:
    """A command that asks one question and shows its answer.

    Args:
        ask: a question of :mod:`offing.api`.
        tell: its telling, of :mod:`offing.report.tellings`.
        name: of the answer in ``--json``; the question's own where ``None``; its data stand alone
            where it is empty.
        also: what ``--json`` has beside the data.
        out: message key of the help of ``--out`` where the answer has a ``table`` to write.
    """
    asked = fields_of(request_of(ask))

    def run(**given: Any) -> None:
        as_json = given.pop("as_json", False)
        target = given.pop("out", None) if out else None  # a question may have one of its own
        if target is not None:
            from offing.cli.table_file import checked_target

            checked_target(target)
        with progress() as move, listening(move):
            answer = ask(**given)
        if target is not None:
            written = _written(answer, target)
        if as_json:
            data = answer.data() | also(answer) if also else answer.data()
            print_json(data if name == "" else {name or ask.__name__: data})
            return
        show([*tell(answer), *([written] if target is not None else [])])

    words = [field for field in asked if field.needed or field.asked.word]
    options = [field for field in asked if field not in words]
    parameters = [_parameter(field, word=True) for field in words]
    parameters += [_parameter(field, word=False) for field in options]
    if out is not None:
        kind = Annotated[Path | None, Parameter(help=say(out))]
        parameters.append(_named("out", kind, None))
    parameters.append(_named("as_json", AsJson, False))

    def line(*args: Any, **given: Any) -> None:
        run(**dict(zip([field.name for field in words], args, strict=False)), **given)

    line.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    line.__annotations__ = {p.name: p.annotation for p in parameters}
    line.__name__, line.__doc__ = ask.__name__, (ask.__doc__ or "").split("\n\n")[0]
    return line


def _named(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _parameter(field: AskedField, *, word: bool) -> inspect.Parameter:
    only = word and not field.needed  # what must be given may stand by its name as well
    name = field.asked.name or (field.name.upper() if only else None)
    extra = Parameter(name=name, help=say(field.asked.help), negative="")
    kind: Any = Annotated[field.kind, extra]
    default = inspect.Parameter.empty if field.needed else field.default
    if not word:
        return _named(field.name, kind, default)
    place = inspect.Parameter.POSITIONAL_ONLY if only else inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(field.name, place, default=default, annotation=kind)


def _written(answer: Any, target: Path) -> Text:
    from offing.cli.table_file import write_table

    write_table(target, answer.table)
    return Text((say("gravity.written", rows=count(answer.table.height), path=target),))
