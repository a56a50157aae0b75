"""Work that takes long: how far it is, and what a second process does of it aside.

It is told to whoever listens: a bar in a terminal, a job on a page, nobody::

    with listening(bar.update):
        answer = offing.backtest()      # deep inside: tell(sentence, 0.4)

Python code of two threads takes turns; two processes do not. What comes back from one is the same
to the byte, for it is the same function. Where a process cannot be started, or dies, the function
is called here.
"""

import atexit
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar
from importlib import import_module
from typing import Any, Generic, TypeVar

from offing.terms.messages import set_inside

T = TypeVar("T")

Listener = Callable[[str, float], None]
"""Called with a sentence and the share done, 0 to 1."""

_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


def listening(listener: Listener) -> AbstractContextManager[None]:
    """Tell a listener of the work inside the block."""
    return set_inside(_LISTENER, listener)


def tell(message: str, share: float) -> None:
    """Say what is being done, and the share done. It costs nothing where nobody listens."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(message, share)


def told_of(items: Sequence[T], message: str) -> Iterator[T]:
    """The items, of which each is told of before it is worked on."""
    for number, item in enumerate(items):
        tell(message, number / len(items))
        yield item


@contextmanager
def stretch(first: float, last: float) -> Iterator[None]:
    """A part of longer work: what is told inside from 0 to 1 is told on from first to last.

    Work that is done again, or found to be more, is not told of as less done than before.
    """
    outer, far = _LISTENER.get(), first

    def told_on(message: str, share: float) -> None:
        nonlocal far
        far = max(far, first + (last - first) * share)
        if outer is not None:
            outer(message, far)

    with listening(told_on):
        yield


Answer = TypeVar("Answer")

_ALLOWED: ContextVar[bool] = ContextVar("aside", default=False)

_SERVE = "from offing.terms.background import serve; serve()"


def allow_processes() -> AbstractContextManager[None]:
    """Let a second process be started in here; a program of its own does, a library does not."""
    return set_inside(_ALLOWED, True)


def is_allowed() -> bool:
    """Whether this is a program of its own, not a library in another's."""
    return _ALLOWED.get()


def processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class BackgroundProcess(Generic[Answer]):
    """One call of a function, which may run in a second process.

    Args:
        function: of a module; what it takes and gives can be pickled.
    """

    def __init__(self, function: Callable[..., Answer]) -> None:
        self._function = function
        self._arguments: tuple[Any, ...] = ()
        self._process: Any = None
        if not (_ALLOWED.get() and processors() > 1 and sys.executable):
            return
        import subprocess

        search_path = os.pathsep.join(path for path in sys.path if path)
        with suppress(OSError):
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _SERVE, function.__module__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": search_path},
            )

    def start(self, *arguments: Any) -> None:
        """Hand over what the function is called with."""
        import pickle

        self._arguments = arguments
        if self._process is None or self._process.stdin is None:
            return
        try:
            with self._process.stdin as pipe:
                pickle.dump((self._function, arguments), pipe, protocol=5)
        except (OSError, pickle.PicklingError, TypeError, AttributeError):
            self.close()

    def answer(self) -> Answer:
        """What the function gives; it raises here what it raises."""
        import pickle

        if self._process is not None and self._process.stdout is not None:
            with suppress(OSError, EOFError, pickle.UnpicklingError), self._process.stdout as pipe:
                answer: Answer = pickle.loads(pipe.read())
                self._process.wait()
                return answer
            self.close()
        return self._function(*self._arguments)

    def close(self) -> None:
        """End the second process, where there is one."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._process = None

    def __enter__(self) -> "BackgroundProcess[Answer]":
        return self

    def __exit__(self, *_: object) -> None:
        """Nobody waits for it any more."""
        self.close()


def serve() -> None:
    """The second process: import the module that is named, then answer one call."""
    import pickle

    collect_seldom()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    import_module(sys.argv[1])
    function, arguments = pickle.load(sys.stdin.buffer)
    with out:
        pickle.dump(function(*arguments), out, protocol=5)


_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Options of ``mallopt``, as ``malloc.h`` of the GNU C library has them."""

LARGE = 32 << 20
"""Bytes; the C library takes no more."""


def keep_memory() -> bool:
    """Have what one array leaves used for the next, by all threads; for work that ends.

    The GNU C library gives an array back to the kernel at once, which makes each page anew for the
    next one, and lets threads keep what they do not use: a twelfth of the processor time of a
    study, and a quarter of its memory. Arrays above ``LARGE`` still go back: else they leave holes.

    Returns:
        Whether the C library is that one.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    settings = ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, LARGE), (_TRIM_THRESHOLD, 4 * LARGE))
    return all(mallopt(option, value) for option, value in settings)


def collect_seldom() -> None:
    """Have Python look for rings of dead objects after 50,000 new ones, not 700.

    Such rings are few, and loading our modules makes 200,000 objects that stay: to look through
    them again and again took a tenth of the time that it takes. Nor for a last time at the end,
    which took a twentieth of a study: the process gives all back.
    """
    gc.set_threshold(50_000, 20, 100)
    atexit.register(gc.freeze)
