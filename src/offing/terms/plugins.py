"""What other packages add, by entry points; looked up when a registry is asked, not before.

A package names what it adds in its ``pyproject.toml``::

    [project.entry-points."offing.scores"]
    momentum = "acme_trade.momentum"

A plug-in that cannot be used is left out and named in a caution; it never ends a run.
"""

from collections.abc import Callable, Collection
from functools import cache, partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal, TypeVar, get_args

from offing.terms.caution import Caution

Group = Literal[
    "offing.sources",  # a module with ABOUT and read(), as a file of offing.sources
    "offing.regimes",  # the path of a regime file, or of a folder of them
    "offing.scores",  # a module with score(), as a file of offing.forecast.scores
    "offing.sections",  # a function of a study's result that gives a section of the page, or None
    "offing.shocks",  # the path of a shock file, or of a folder of them
    "offing.messages",  # the path of a folder of message files, one for each room
]
GROUPS: tuple[Group, ...] = get_args(Group)
_NEEDS: dict[str, tuple[str, ...]] = {
    "offing.sources": ("ABOUT", "read"),
    "offing.scores": ("score",),
}
_failed: dict[tuple[str, str], str] = {}
T = TypeVar("T")


@cache
def plugins(group: Group, reserved: Collection[str] = ()) -> dict[str, Any]:
    """What the installed packages add to a group, by name.

    Args:
        group: of entry points.
        reserved: names that nothing from outside may have, as a tuple.
    """
    added: dict[str, Any] = {}
    for point in _points(group):
        if point.name in reserved or point.name in added:
            _note(group, point.value, f"{point.name} is there already")
        elif (value := use_guarded(group, point.name, partial(_load, point))) is not None:
            added[point.name] = value
    return added


@cache
def _points(group: Group) -> list[EntryPoint]:
    return sorted(entry_points(group=group), key=lambda point: (point.name, point.value))


def _load(point: EntryPoint) -> Any:
    value = point.load()
    lacking = [name for name in _NEEDS.get(point.group, ()) if not hasattr(value, name)]
    if lacking:
        raise AttributeError(f"{point.value}: {', '.join(lacking)}")
    return value


def use_guarded(group: Group, name: str, use: Callable[[], T]) -> T | None:
    """What using a plug-in gives; ``None``, and a caution, where it fails."""
    try:
        return use()
    except Exception as error:  # whatever a stranger's code raises
        _note(group, name, str(error).split("\n")[0] or type(error).__name__)
        return None


def _note(group: str, name: str, reason: str) -> None:
    _failed[group, name] = reason


def active_plugins() -> list[dict[str, str]]:
    """Every plug-in that is installed and has not failed: its group, name, package and version."""
    return [
        {
            "group": point.group,
            "name": point.name,
            "package": package.name,
            "version": package.version,
        }
        for group in GROUPS
        for point in _points(group)
        if (package := point.dist) is not None
        and not {(group, point.name), (group, point.value)} & _failed.keys()
    ]


def plugin_cautions() -> tuple[Caution, ...]:
    """Message keys and values: the plug-ins that could not be used so far."""
    return tuple(
        Caution("errors.plugin_failed", {"plugin": name, "group": group, "reason": reason})
        for (group, name), reason in sorted(_failed.items())
    )
