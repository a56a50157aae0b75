"""The known name that a misspelt one probably means."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, among: Iterable[str], cutoff: float = 0.5) -> str | None:
    """The most similar of ``among``, or ``None`` where nothing comes near.

    >>> nearest("capcity", ["capacity", "cost"])
    'capacity'
    """
    options = sorted(among)
    found = get_close_matches(name, options, n=1, cutoff=cutoff)
    if found:
        return found[0]
    lowered = {option.lower(): option for option in options}
    found = get_close_matches(name.lower(), list(lowered), n=1, cutoff=cutoff)
    return lowered[found[0]] if found else None
