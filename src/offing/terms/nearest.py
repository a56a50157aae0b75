"""The known name that a misspelt one probably means."""

from collections.abc import Iterable
from difflib import get_close_matches

from offing.terms.messages import say

FAR = 0.3
"""Names that are less alike have nothing to do with each other."""


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
    if name == name.lower() and all(map(lowered.__contains__, options)):
        return None  # it would be the same question
    found = get_close_matches(name.lower(), list(lowered), n=1, cutoff=cutoff)
    return lowered[found[0]] if found else None


def nearest_ones(name: str, among: Iterable[str], count: int = 3) -> list[str]:
    """The most similar ones, the nearest first; none where nothing comes near.

    >>> nearest_ones("cip", ["cip_simple", "netting", "cip_annual", "ecr"], 2)
    ['cip_simple', 'cip_annual']
    >>> nearest_ones("zzzzqqqq", ["cip_simple", "netting", "ecr"])
    []
    """
    return get_close_matches(name, sorted(among, reverse=True), n=count, cutoff=FAR)


def suggest(name: str, among: Iterable[str]) -> str:
    """A question to put after a list of what there is; nothing where nothing comes near.

    >>> suggest("basi", ["baci", "comtrade"]), suggest("xyz", ["baci", "comtrade"])
    ('; did you mean baci?', '')
    """
    return did_you_mean(nearest(name, among))


def did_you_mean(near: str | None) -> str:
    """The same question of a name that was found near, or of none."""
    return say("errors.meant", name=near) if near else ""
