"""Find the columns a source needs among the headings a file has."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated, headings_said
from offing.terms.nearest import nearest
from offing.terms.shipped import shipped_toml
from offing.terms.text import normal, simplified

Spellings = Mapping[str, Sequence[str]]
"""Our name of a column → the headings it goes by, the best first; see :func:`spelled`."""

Required = str | Sequence[str]

_SIGNS = re.compile(r"[\W_]+")


@cache
def kept(name: str) -> dict[str, Any]:
    """Headings that are kept as data, by the file's name in ``sources/data``."""
    return shipped_toml("offing.sources", f"data/{name}.toml")


def spelled(heading: str) -> str:
    """A heading without case, spaces and signs, so that one spelling stands for many.

    >>> spelled("Netweight (kg)"), spelled("net_weight_kg"), spelled("貿易額（美元）")
    ('netweightkg', 'netweightkg', '贸易额美元')
    """
    plain = heading if heading.isascii() else simplified(normal(heading))
    return _SIGNS.sub("", plain).casefold()


@dataclass(frozen=True)
class OfficialLayout:
    """The columns of a table of official data.

    Attributes:
        names: our name → the headings, spelled, the best first.
        needed: columns that must be there; of several together one.
    """

    names: Spellings
    needed: Sequence[Required]

    def matched(self, header: Sequence[str], where: Where | None = None) -> dict[str, str]:
        """Our name → the heading in the file, for every column that is there.

        Raises:
            InputError: ``sources.missing_column``, naming the nearest heading, or
                ``sources.missing_column_baci`` where the headings are that data set's.

        >>> layout = OfficialLayout({"value": ["tradevalueus"]}, ["value"])
        >>> layout.matched(["Year", "Trade Value (US$)"])
        {'value': 'Trade Value (US$)'}
        """
        there = {spelled(heading): heading for heading in reversed(header) if heading}
        for either in self._without(there):
            options = [option for name in either for option in self.names[name]]
            raise _missing(either[0], options, there, where)
        return {
            name: there[present[0]]
            for name, options in self.names.items()
            if (present := [option for option in options if option in there])
        }

    def fits(self, header: Sequence[str], part: float = 1.0) -> bool:
        """Whether a table has a part of the needed columns."""
        missing = self._without(set(map(spelled, header)))
        return len(missing) <= (1 - part) * len(self.needed)

    def fits_half(self, header: Sequence[str]) -> bool:
        """Whether a table has at least half of the needed columns: then it belongs."""
        return self.fits(header, 0.5)

    def _without(self, there: Collection[str]) -> list[Sequence[str]]:
        """The needed columns of which none is there."""
        groups = [(one,) if isinstance(one, str) else one for one in self.needed]
        return [g for g in groups if not any(o in there for name in g for o in self.names[name])]


def official(name: str, **more: Sequence[str]) -> OfficialLayout:
    """A layout of ``official_tables.toml``, with further columns and their headings."""
    table = kept("official_tables")[name]
    return OfficialLayout({**table["names"], **more}, table["needed"])


def _missing(
    column: str, options: Sequence[str], there: Mapping[str, str], where: Where | None
) -> InputError:
    if there.keys() >= {"t", "i", "j", "k", "v"}:
        return InputError("sources.missing_column_baci", where=where)
    near = next((n for o in options if (n := nearest(o, there, cutoff=0.6))), None)
    return InputError(
        "sources.missing_column_near" if near else "sources.missing_column",
        where=where,
        column=column,
        near=there[near] if near else "",
        spellings=enumerated(options),
        header=headings_said([*there.values()][::-1]),
    )
