"""What a number rests on: a rule that was used, and how it is known. Data; words come last."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from offing.rules.duty import share_of
from offing.rules.duty_text import parse_duty

Status = Literal[
    "official", "official_exceptions_not_read", "secondary", "recalled", "illustrative", "user"
]
"""How well a value is known. ``official``: read in a text of the state that made it;
``official_exceptions_not_read``: the same, but what it exempts was not read, so the sums with it
and without it are both shown; ``secondary``: read in another's page about it; ``recalled``: from
memory, no text was read again; ``illustrative``: plausible, to be replaced; ``user``: given by the
user."""

EXCEPTIONS_NOT_READ: Status = "official_exceptions_not_read"
READ: tuple[Status, ...] = ("official", EXCEPTIONS_NOT_READ, "secondary")
"""The values that somebody read."""

Unit = Literal[
    "share",
    "duty",
    "sum",
    "CNY",
    "days",
    "working_days",
    "claim_day",
    "cancelled",
    "unknown",
    "text",
]
"""What a rule's value is: ``share`` a number, ``0.19``; ``duty`` a duty expression, see
:mod:`offing.rules.duty_text`; ``sum`` names that are summed; ``CNY``, ``days`` and
``working_days`` a number of them; ``claim_day`` month and day of the year after the export;
``cancelled`` a refund that was ended; ``unknown`` a rate that goes on unread; ``text`` a name."""


@dataclass(frozen=True)
class RuleUse:
    """A rule that a line used: the trace of a number.

    Attributes:
        id: the rule's name in the rulebook, such as ``eur.vat.deu`` or ``usa.mfn.85287264``.
        value: number, expression or names, see ``unit``.
        since: first day on which it holds.
        until: first day on which it holds no more.
        source: act, page or data set, see :mod:`offing.rules.citing`.
        status: see :data:`Status`.
        unit: of the value, see :data:`Unit`.
        inputs: (name, value) of what the value is made of or belongs to, such as the levy rate
            beside a refund rate.
        still_valid_on: the last day on which somebody looked at its document; ``None`` where
            nobody has since it was written. Its age is counted from it, see
            :mod:`offing.rules.ages`.
        loaded: it is a line of a data set, whose own edition says how old it is.
    """

    id: str
    value: str
    since: date | None
    until: date | None
    source: str
    status: Status
    unit: Unit = "duty"
    inputs: tuple[tuple[str, str], ...] = ()
    still_valid_on: date | None = None
    loaded: bool = False

    @property
    def share(self) -> Decimal | None:
        """The value as a share; ``None`` where it is no plain one."""
        if self.unit == "share":
            return Decimal(self.value)
        return share_of(parse_duty(self.value)) if self.unit == "duty" else None
