"""Names that people write for one country and that may be another: asked about, or noted.

"Congo" is asked about: two countries are called so. "Korea" on an invoice is the South, and whoever
reads it so says it once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

from offing.terms.shipped import shipped_rows


@dataclass(frozen=True)
class DoubtfulName:
    """What a name may be.

    Attributes:
        code: what it is taken for, alpha-3; empty where it has to be asked.
        others: what it may be besides.
    """

    code: str
    others: tuple[str, ...]


@cache
def doubtful_names() -> dict[str, DoubtfulName]:
    """Name, without capitals → what it may be."""
    return {
        row["name"].casefold(): DoubtfulName(row["code"], tuple(row["others"].split()))
        for row in shipped_rows("offing.terms", "data/doubtful_names.csv")
    }


Taken = dict[str, tuple[str, tuple[str, ...]]]
"""A name as it was written → what it was taken for, and what it may be besides."""

_TAKEN: ContextVar[Taken | None] = ContextVar("taken", default=None)


@contextmanager
def taking_notes() -> Iterator[Taken]:
    """Note the doubtful names that are read in here."""
    outer, noted = _TAKEN.get(), Taken()
    token = _TAKEN.set(noted)
    try:
        yield noted
    finally:
        _TAKEN.reset(token)
        if outer is not None:
            outer.update(noted)


def note(text: str) -> None:
    """Note a name if it is a doubtful one that was read all the same."""
    noted = _TAKEN.get()
    if noted is None:
        return
    name = text.strip()
    doubtful = doubtful_names().get(name.casefold())
    if doubtful and doubtful.code and name.casefold() not in map(str.casefold, noted):
        noted[name] = doubtful.code, doubtful.others
