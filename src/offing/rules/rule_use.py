"""What a number rests on: a rule that was used, and how it is known."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Status = Literal["checked", "illustrative", "user"]
"""``checked``: read in the source named; ``illustrative``: plausible, to be replaced; ``user``:
given by the user."""


@dataclass(frozen=True)
class RuleUse:
    """A rule that a line used: the trace of a number.

    Attributes:
        id: the rule's name in the rulebook, such as ``eur.vat.deu`` or ``usa.mfn.85287264``.
        value: as text, such as ``0.14`` or ``0.3464 % (min 33.58, max 651.50 USD)``.
        since: first day on which it holds.
        until: first day on which it holds no more.
        source: act, page or data set.
        status: see :data:`Status`.
    """

    id: str
    value: str
    since: date | None
    until: date | None
    source: str
    status: Status
