"""The refund rate that holds on the export date, from the dated rulebook.

Declared exports take the rate of the export date on the customs declaration (财税〔2012〕39号
art. 3, kept in 2026).
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from offing.refunds.rules import DatedRate, dated_rates
from offing.terms.errors import InputError, RuleError
from offing.terms.messages import enumerated
from offing.terms.nearest import nearest

FIRST_DAY = date(1994, 1, 1)
"""The present VAT began on this day; no export before it has a refund under it."""


def group_names() -> list[str]:
    """The groups of goods in the rulebook."""
    return sorted({rate.group for rate in dated_rates()})


def plain_code(code: str) -> str:
    """A customs code without dots and spaces, in plain digits.

    >>> plain_code("8507.60 00")
    '85076000'
    """
    return re.sub(r"[.\s]", "", unicodedata.normalize("NFKC", code))


def group_of_code(code: str) -> str:
    """The group of a customs code, by its leading digits; ``general`` where none is named.

    >>> group_of_code("8507600090"), group_of_code("620311")
    ('battery', 'general')
    >>> group_of_code("8507.60.00.90")
    'battery'
    """
    code = plain_code(code)
    for rate in dated_rates():
        if any(code.startswith(prefix) for prefix in rate.codes):
            return rate.group
    return "general"


_FILLERS = frozenset(
    ("and", "other", "others", "listed", "list", "lists", "list1", "list2", "1", "2", "product",
     "products", "goods", "item", "items", "chemically", "cell", "cells", "module", "modules",
     "panel", "panels")
)  # fmt: skip
"""Words that do not tell one group of goods from another."""


def _plain_word(word: str) -> str:
    """A word without its plural: ``batteries`` → ``battery``."""
    for ending, single in (("ies", "y"), ("s", "")):
        if len(word) > 4 and word.endswith(ending):
            return word.removesuffix(ending) + single
    return word


def _words_of(name: str) -> frozenset[str]:
    words = re.split(r"[\W_]+", name.strip().lower())
    return frozenset(_plain_word(word) for word in words if word and word not in _FILLERS)


def _known_group(text: str) -> str:
    """The group that a name means: as written, by its other names, or by its telling words."""
    names = {rate.group: rate.group for rate in dated_rates()}
    for rate in dated_rates():
        names |= dict.fromkeys(rate.aliases, rate.group)
    name = text.strip().lower().replace(" ", "_").replace("-", "_")
    if name in names:
        return names[name]
    words = _words_of(name)
    if words:
        of_group: dict[str, frozenset[str]] = {}
        for known, group in names.items():
            of_group[group] = of_group.get(group, frozenset()) | _words_of(known)
        meant = [group for group, known_words in of_group.items() if words <= known_words]
        if len(meant) == 1:
            return meant.pop()
    raise InputError(
        "refund.unknown_group",
        text=text,
        near=nearest(name, names) or "general",
        all=enumerated(group_names()),
    )


def dated_rate(
    on: date,
    *,
    group: str | None = None,
    code: str | None = None,
    rates: Sequence[DatedRate] | None = None,
) -> DatedRate:
    """The rate of a group or code on the export date.

    Args:
        on: export date of the customs declaration.
        group: a group of the rulebook, such as ``battery``; wins over ``code``.
        code: customs code of any length.
        rates: the rulebook's where ``None``; a reform's otherwise.

    Raises:
        InputError: ``refund.unknown_group``, or ``refund.before_1994``.
        RuleError: ``refund.no_rate`` where the rulebook has none on the day, ``refund.two_rates``
            where it has more than one, ``refund.part_of_heading`` where the code is a heading of
            which a group with another rate is a part: ask, do not guess.

    >>> dated_rate(date(2026, 4, 1), group="battery").refund_rate
    Decimal('0.06')
    """
    if on < FIRST_DAY:
        raise InputError("refund.before_1994", on=on)
    book = dated_rates() if rates is None else rates
    if group is not None:
        return _only(book, _known_group(group), on)
    found = _only(book, group_of_code(code or ""), on)
    for other in _groups_below(code or ""):
        part = _only(book, other, on)
        if (part.refund_rate, part.cancelled) != (found.refund_rate, found.cancelled):
            raise RuleError("refund.part_of_heading", code=code, group=other, on=on)
    return found


def _groups_below(code: str) -> list[str]:
    """The groups that have some of the goods of a heading, and not all."""
    heading = plain_code(code)
    longer = {
        rate.group
        for rate in dated_rates()
        for prefix in rate.codes
        if heading and prefix.startswith(heading) and prefix != heading
    }
    return sorted(longer)


def _only(book: Sequence[DatedRate], group: str, on: date) -> DatedRate:
    found = [rate for rate in book if rate.group == group and rate.when.holds(on)]
    if not found:
        raise RuleError("refund.no_rate", group=group, on=on)
    if len(found) > 1:
        raise RuleError("refund.two_rates", group=group, on=on)
    return found[0]
