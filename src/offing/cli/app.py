"""The ``offing`` command: finds the language, runs the command, turns errors into words.

Exit codes: 0 done, 1 a check did not hold, 2 the input cannot be used, 130 stopped by Ctrl-C,
141 nobody reads any further (``offing … | head``), as for programs that SIGPIPE ends.
"""

import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import FrameType

from offing.cli.streams import let_go, prepare, readable
from offing.terms.background import allow_processes, collect_seldom, keep_memory
from offing.terms.errors import OffingError, StorageError, refused_by_disk
from offing.terms.limits import path_refusal
from offing.terms.messages import (
    LANGUAGES,
    Language,
    from_locale,
    say,
    typing_options,
    using_language,
)

_ALGEBRA = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""What tells the libraries of linear algebra how many threads to use, before NumPy is loaded."""

_PATIENCE = 3.0
"""Seconds after Ctrl-C in which work on other threads may come to its end."""

_LASTING = {"serve", "mcp"}
"""Commands that wait for questions: they give memory back between them."""


def _take_language(arguments: list[str]) -> tuple[Language, list[str]]:
    """``--lang`` anywhere on the line, else the locale; pages are told of the former only."""
    rest: list[str] = []
    chosen: str | None = None
    items = iter(arguments)
    for item in items:
        if item == "--lang":
            chosen = next(items, "")
        elif item.startswith("--lang="):
            chosen = item.partition("=")[2]
        else:
            rest.append(item)
    if chosen is None:
        return from_locale(), rest
    if chosen not in LANGUAGES:
        from offing.terms.errors import unknown_name

        raise unknown_name(chosen, LANGUAGES)
    return chosen, [*rest, "--lang", chosen] if rest[:1] == ["serve"] else rest


def _print_error(error: OffingError, as_json: bool) -> None:
    from offing.cli.show import print_data, print_error

    error.parameters = None
    try:
        if as_json:
            print_data(error.as_json(), sys.stderr)
        else:
            print_error(error)
        sys.stderr.flush()
    except OSError:  # nobody can be told
        let_go(sys.stderr)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    # Sums in another order differ in their last digits: the same bytes on any number of threads.
    os.environ.update(dict.fromkeys(_ALGEBRA, "1"))
    arguments = list(sys.argv[1:] if argv is None else argv)
    if _LASTING.isdisjoint(arguments):
        keep_memory()
        collect_seldom()
    prepare()
    with allow_processes():
        sys.exit(run(arguments, alone=True))


def run(arguments: list[str], *, alone: bool = False) -> int:
    """Run the command line; returns the exit code.

    Args:
        arguments: without the program's name.
        alone: the process is this command's: Ctrl-C may end it while other threads go on.
    """
    as_json = "--json" in arguments
    try:
        lang, rest = _take_language(arguments)
    except OffingError as error:
        _print_error(error, as_json)
        return error.exit_code
    if lang != (lang := readable(lang)) and not as_json:
        print(say("cli.no_chinese", encoding=sys.stdout.encoding), file=sys.stderr)  # noqa: T201
    told = threading.Event()

    def leave() -> None:
        if not told.is_set():
            _say_stopped(lang)
        sys.stderr.flush()
        os._exit(130)

    with (
        using_language(lang),
        typing_options(),
        _noticing_interrupts(leave if alone else None) as interrupts,
    ):
        try:
            if sys.stdout is None:
                raise StorageError("cli.no_output", reason=os.strerror(errno.EBADF))
            code = _answer(rest, as_json)
            sys.stdout.flush()  # a pipe that is closed shows here, not when Python ends
            return code
        except StorageError as error:
            _print_error(error, as_json)
            return error.exit_code
        except KeyboardInterrupt:
            interrupts.append(signal.SIGINT)
        except BrokenPipeError:
            let_go(sys.stdout)
            return 141
        except OSError as error:
            if interrupts:
                raise
            if (refusal := path_refusal(error)) is not None:  # not a stream's
                _print_error(refusal, as_json)
                return refusal.exit_code
            let_go(sys.stdout)
            reason = refused_by_disk(error)
            _print_error(StorageError("cli.no_output", reason=reason), as_json)
            return 2
        except BaseException:  # a library in Rust makes a panic of it, which is no Exception
            if not interrupts:
                raise
    _say_stopped(lang)
    told.set()
    return 130


def _say_stopped(lang: Language) -> None:
    with using_language(lang):  # plainly: a library that was being imported may be half there
        print(say("errors.interrupted"), file=sys.stderr)  # noqa: T201


def _answer(rest: list[str], as_json: bool) -> int:
    """Run one command; its errors become words."""
    from cyclopts import CycloptsError

    from offing.cli.build import build_app

    _load(rest)
    try:
        result = build_app()(
            rest, exit_on_error=False, print_error=False, result_action="return_value"
        )
    except OffingError as error:
        _print_error(error, as_json)
        return error.exit_code
    except CycloptsError as error:
        from offing.cli.streams import attach_negative, usage_error

        if (meant := attach_negative(error, rest)) is not None:
            return _answer(meant, as_json)
        wrong = usage_error(error)
        _print_error(wrong, as_json)
        return wrong.exit_code
    return result if isinstance(result, int) else 0


def _load(rest: list[str]) -> None:
    """Import the command that is called, if it is one."""
    from offing.cli.commands import COMMANDS

    module, _, function = COMMANDS.get(next(iter(rest), ""), "").partition(":")
    if module:
        getattr(import_module(module), function)


@contextmanager
def _noticing_interrupts(leave: Callable[[], None] | None) -> Iterator[list[int]]:
    """Note every Ctrl-C: a library may turn it into an error of its own (DuckDB does).

    One that meets an import comes again when the import is done: DuckDB dies where its own is
    broken off, and swallows what breaks off an import that it asks for itself. Threads that go on
    (a compiler's first run takes half a minute) are not waited for long: ``leave`` ends the
    program. What is written is whole at any moment (``docs/record``).
    """
    noted: list[int] = []
    again: list[threading.Timer] = []
    if threading.current_thread() is not threading.main_thread():
        yield noted
        return
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: FrameType | None) -> None:
        if _importing(frame):
            again.append(threading.Timer(0.02, _send, (number,)))
            again[-1].daemon = True
            again[-1].start()
            return
        if leave and not noted:
            last = threading.Timer(_PATIENCE, leave)
            last.daemon = True
            last.start()
        noted.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        for timer in again:
            timer.cancel()
        signal.signal(signal.SIGINT, before)


def _send(number: int) -> None:
    """Send a signal to the main thread; it wakes where it waits, but for Windows."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        signal.raise_signal(number)


def _importing(frame: FrameType | None) -> bool:
    """Whether a module is being imported where the program stands."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
