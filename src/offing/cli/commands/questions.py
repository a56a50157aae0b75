"""The commands that ask one question and show its answer: each is made when it is called.

A name in ``NAMES`` is all that such a command needs: its words and options are the fields of the
question's request, and the answer is told by the telling that has the question's name.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

from cyclopts import Group, Parameter, Token

from offing.api.asking import Answer, AskedField, fields_of, read_field, request_of
from offing.api.given import kinds_of
from offing.cli.commands import COMMANDS
from offing.cli.show import AsJson, print_json, progress
from offing.report.blocks import Text
from offing.report.terminal import error_console, print_line, show
from offing.report.views import page_of, question_of, view_of
from offing.terms.background import listening, stretch
from offing.terms.errors import InputError, Where
from offing.terms.frames import write_csv
from offing.terms.messages import join_list, say
from offing.terms.numbers import fixed_decimals
from offing.terms.whole_file import write_file

ASKED = {"rules": "law", "sources": "loaded"}
"""Files of :mod:`offing.api` whose question is not called like them."""
KEYS = {
    **dict.fromkeys((
        "backtest", "book", "evidence", "fetch", "ladder", "load", "markets", "outlook", "quote",
        "reconcile", "refund", "settle", "sources",
    ), ""),
    "run": "plan", "whatif": "what_if",
}  # fmt: skip
"""What an answer stands under in ``--json``: nothing, or not the name of its question."""
OUT = {
    "plan": "plan.help_out",
    "price": "price.help_out",
    "experiment": "experiment.help_out",
    "quotations": "indicators.help_out",
    "settle": "settle.help_out",
    "equilibrium": "equilibrium.help_out",
    "province": "province.help_out",
    "fairs": "province.help_out",
    "firms": "province.help_out",
    "agreement": "province.help_out",
    "gravity": "gravity.help_out",
    "indicators": "indicators.help_out",
    "survival": "indicators.help_out_spells",
}
"""Questions whose answer ``--out`` writes, and the message that says so."""
PAGES = {"agreement", "equilibrium", "fairs", "firms", "province", "settle"}
"""Those of them whose answer it writes as a page too."""
WRITERS = {
    "gravity": "offing.report.regression:WRITERS",
    "plan": "offing.report.paper:PLAN_WRITERS",
    **dict.fromkeys(PAGES, "offing.report.paper:WRITERS"),
}
"""Questions whose answer ``--out`` writes in further ways, and where these ways are."""
FOLDERS: dict[str, Callable[[Mapping[str, Any]], tuple[str, ...]]] = {
    "run": lambda _: (),
    "whatif": lambda asked: (
        asked["reform"].stem if asked.get("reform")
        else "stress" if asked.get("stress") else "whatif",
    ),
}  # fmt: skip
"""Questions that write a folder of results, and what its name says beside the study's."""
PANELS = {"whatif": ("policy.panel_general", "OF_GENERAL")}
"""Questions with options under a heading of their own in ``--help``, and which these are."""
Writer = Callable[[Any, Path], None]


def __getattr__(name: str) -> Callable[..., int]:
    """The command of the question in ``offing.api.<name>``, in the language of the context."""
    if COMMANDS.get(name.replace("_", "-")) != f"{__name__}:{name}":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"offing.api.{name}")
    ask = getattr(home, ASKED.get(name, name))
    run = partial(_run, name, ask, _writers(name, ask) if name in OUT else {})
    heading, under = PANELS.get(name, ("", ""))
    return _line(ask, run, OUT.get(name), dict.fromkeys(getattr(home, under, ()), heading))


def _run(
    name: str, ask: Callable[..., Answer], writers: Mapping[str, Writer], **arguments: Any
) -> int:
    """Ask, write what is to be written, and show the answer."""
    as_json, folder = arguments.pop("as_json", False), None
    target = arguments.pop("out", None) if writers else None  # a question may have its own
    if target is not None:
        checked_target(target, tuple(writers))
    if name in FOLDERS:
        from offing.report.page import folder_for

        more = FOLDERS[name](arguments)
        folder = folder_for(arguments.pop("out", None), arguments["study"], *more)
    written = []
    with progress() as move, listening(move):
        with stretch(0.0, 0.9):
            answer = ask(**arguments)
        if folder is not None:
            from offing.report.page import write_folder

            write_folder(answer, folder)  # type: ignore[arg-type]
            written.append(say("run.report", path=folder / "report.html"))
    if target is not None:
        written.append(_write_answer(answer, target, writers))
    if as_json:
        where, key = {"folder": folder} if folder else {}, KEYS.get(name, question_of(answer))
        print_json({**where, key: answer.data()} if key else answer.data())
    else:
        show([*view_of(answer), *(Text((told,)) for told in written)])
    if answer.work is not None:
        print_line(str(answer.work), out=error_console())
    return int(not answer.holds) if answer.complete else 2


def _line(
    ask: Callable[..., Answer],
    run: Callable[..., int],
    out: str | None,
    headings: Mapping[str, str],
) -> Callable[..., int]:
    """A function whose signature is that of the command line; some fields under a heading."""
    fields = fields_of(request_of(ask))
    words = [field for field in fields if field.needed or field.asked.word]
    options = [field for field in fields if field not in words]
    parameters = [_parameter(field, word=True) for field in words]
    parameters += [
        _parameter(field, word=False, heading=headings.get(field.name, "")) for field in options
    ]
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


def _parameter(field: AskedField, *, word: bool, heading: str = "") -> inspect.Parameter:
    # What must be given may stand by its name as well.
    unnamed = word and not field.needed
    name = field.asked.name or (field.name.upper() if unnamed else None)
    values = field.asked.values() if field.asked.values else {}
    negative = None if field.kind == bool | None else ""  # what is told by itself may be denied
    read = partial(_read, field) if kinds_of(field.kind) & {int, float, date, Literal} else None
    told = say(field.asked.help, **values)
    extra = Parameter(name=name, help=told, negative=negative, converter=read)
    kind: Any = Annotated[field.kind, extra]
    if heading:  # it stands after the others
        kind = Annotated[kind, Parameter(group=Group(say(heading), sort_key=3))]
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


def _writers(question: str, ask: Callable[..., Answer]) -> dict[str, Writer]:
    """What ``--out`` may be: the ending of its name, and what writes it."""
    writers: dict[str, Writer] = {}
    if question not in PAGES or hasattr(get_type_hints(inspect.unwrap(ask))["return"], "table"):
        writers[".parquet"] = lambda answer, file: answer.table.write_parquet(file)
        writers[".csv"] = lambda answer, file: write_csv(answer.table, file)
    if question in PAGES:
        writers |= dict.fromkeys((".html", ".htm"), _write_page)
    module, _, ways = WRITERS.get(question, "").partition(":")
    return writers | (getattr(import_module(module), ways) if module else {})


def _write_page(answer: Answer, file: Path) -> None:
    file.write_text(page_of(answer), encoding="utf-8")


def checked_target(path: Path, endings: tuple[str, ...]) -> None:
    """Refuse a target before the work is done.

    Raises:
        InputError: ``cli.bad_ending``; ``cli.no_out_folder`` where its folder is missing.
    """
    if path.suffix.lower() not in endings:
        raise InputError("cli.bad_ending", where=Where(path), path=path, all=join_list(endings))
    if not path.parent.is_dir():
        raise InputError("cli.no_out_folder", where=Where(path), folder=path.parent)


def _write_answer(answer: Any, target: Path, writers: Mapping[str, Writer]) -> str:
    """Write an answer, and what is said of it.

    Raises:
        StorageError: ``cli.disk``.
    """
    ending = target.suffix.lower()
    write_file(target, partial(writers[ending], answer))
    if ending in (".parquet", ".csv"):
        rows = fixed_decimals(answer.table.height, 0)
        return say("gravity.written", rows=rows, path=target)
    is_paper = ending in (".html", ".htm", ".docx", ".pdf", ".png")
    return say("settle.page" if is_paper else "gravity.regression_written", path=target)
