"""Find the columns a source needs among the headings a file has."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated, headings_said
from offing.terms.nearest import nearest
from offing.terms.shipped import shipped_toml
from offing.terms.text import normal, simplified

Spellings = Mapping[str, Sequence[str]]
"""Our name of a column → the headings it goes by, the best first; see :func:`spelled`."""

Required = str | tuple[str, ...]

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


def match_columns(
    header: Sequence[str],
    spellings: Spellings,
    required: Collection[Required],
    where: Where | None = None,
) -> dict[str, str]:
    """Our name → the heading in the file, for every column that is there.

    Of a tuple in ``required`` one is enough.

    Raises:
        InputError: ``sources.missing_column``, naming the nearest heading, or
            ``sources.missing_column_baci`` where the headings are that data set's.

    >>> match_columns(["Year", "Trade Value (US$)"], {"value": ["tradevalueus"]}, ["value"])
    {'value': 'Trade Value (US$)'}
    """
    there = {spelled(heading): heading for heading in reversed(header) if heading}
    columns = {
        name: there[present[0]]
        for name, options in spellings.items()
        if (present := [option for option in options if option in there])
    }
    for needed in required:
        either = (needed,) if isinstance(needed, str) else needed
        if not columns.keys() & set(either):
            options = [option for name in either for option in spellings[name]]
            raise _missing(either[0], options, there, where)
    return columns


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
