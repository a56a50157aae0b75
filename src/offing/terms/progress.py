"""How far long work is, told to whoever listens: a bar in a terminal, a job on a page, nobody.

::

    with listening(bar.update):
        answer = offing.backtest()      # deep inside: tell(sentence, 0.4)
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")

Listener = Callable[[str, float], None]
"""Called with a sentence and the share done, 0 to 1."""

_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tell a listener of the work inside the block."""
    before = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(before)


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
