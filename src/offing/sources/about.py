"""What a source says of itself, and how the sources are found."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Protocol, cast

from offing.terms.errors import InputError, unknown_name
from offing.terms.messages import join_list
from offing.terms.plugins import plugins


@dataclass(frozen=True)
class About:
    """Name, tables and terms of an outside data set.

    Attributes:
        name: the word after ``offing load``.
        tables: the warehouse tables it fills.
        page: where a person finds it.
        files: file name → address of the official file, for ``offing fetch``.
        checksums: file name → SHA-256, where the publisher fixes a release.
        title: key of the message that names it in both languages; by its name where empty.
        publisher: key of the message that says who publishes it, likewise.
        licence: key of the message that says under which terms, in one line, likewise.
    """

    name: str
    tables: tuple[str, ...]
    page: str = ""
    files: dict[str, str] | None = None
    checksums: dict[str, str] | None = None
    title: str = ""
    publisher: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        """Name the messages."""
        for kind in ("title", "publisher", "licence"):
            key = getattr(self, kind) or f"sources.{kind}_{self.name.replace('-', '_')}"
            object.__setattr__(self, kind, key)


class Source(Protocol):
    """The shape of a source module."""

    ABOUT: About
    read: Callable[..., None]


def names() -> tuple[str, ...]:
    """Every source: the folder's files that have an ``ABOUT``, and those of other packages."""
    return tuple(sorted((*_own(), *_plugin_sources())))


def _plugin_sources() -> dict[str, Source]:
    return plugins("offing.sources", _own())


@cache
def _own() -> tuple[str, ...]:
    folder = Path(__file__).parent
    return tuple(
        sorted(
            file.stem.replace("_", "-")
            for file in folder.glob("*.py")
            if "\nABOUT = " in file.read_text(encoding="utf-8")
        )
    )


def options_of(name: str) -> tuple[str, ...]:
    """The options that a source's ``read`` takes: its ``OPTIONS``, else its keyword arguments."""
    module = source(name)
    declared: tuple[str, ...] | None = getattr(module, "OPTIONS", None)
    if declared is not None:
        return declared
    parameters = signature(module.read).parameters.values()
    return tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)


def source(name: str) -> Source:
    """The source of that name.

    Raises:
        InputError: ``errors.unknown_name``, ``sources.file_alone`` for a file in its place.
    """
    if name not in names():
        if Path(name).exists():
            raise InputError("sources.file_alone", path=name, all=join_list(names()))
        raise unknown_name(name, names())
    if name in _plugin_sources():
        return _plugin_sources()[name]
    module: ModuleType = import_module(f"offing.sources.{name.replace('-', '_')}")
    return cast(Source, module)
