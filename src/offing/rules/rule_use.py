"""What a number rests on: a rule that was used, and how it is known. Data; words come last.

A rule's value and source in words: made at the very end, from data alone.

A source is written as parts joined by `` · ``. A part that begins with ``@`` is a remark of ours,
its key and its values, such as ``@uk|day=2021-01-01``: it is said in the language of the reader.
All other parts are acts, addresses and names of documents, and stay as they are written.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from offing.rules.duty import Bounded, share_of
from offing.rules.duty_text import parse_duty
from offing.terms.countries import country_name
from offing.terms.messages import has_message, say

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
        source: act, page or data set, see :mod:`offing.rules.rule_use`.
        status: see :data:`Status`.
        unit: of the value, see :data:`Unit`.
        inputs: (name, value) of what the value is made of or belongs to, such as the levy rate
            beside a refund rate.
        still_valid_on: the last day on which somebody looked at its document; ``None`` where
            nobody has since it was written. Its age is counted from it, see
            :mod:`offing.rules.register`.
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


def cite_source(source: str) -> str:
    """A rule's source for a person.

    >>> cite_source("Goods and Services Tax Act, s. 16 · @recalled")
    'Goods and Services Tax Act, s. 16 · from memory, the source was not read again'
    """
    return " · ".join(
        _remark(part) if part.startswith("@") else part for part in source.split(" · ")
    )


def remark_values(text: str) -> dict[str, str]:
    """What a remark such as ``@wits|year=2019|lines=3`` says."""
    return dict(pair.partition("=")[::2] for pair in text.split("|")[1:])


def _remark(text: str) -> str:
    key, values = text.removeprefix("@").partition("|")[0], remark_values(text)
    if "country" in values:
        values["country"] = country_name(values["country"])
    name = f"landed.cited_{key}"
    return say(name, **values) if has_message(name) else text


def list_name(name: str) -> str:
    """A product list by the name of its charge; others by their act, or as they stand.

    >>> list_name("us301_4a"), list_name("us301_2024_25"), list_name("electric_cars")
    ('Section 301, list 4A', 'a list of Section 301', 'electric cars')
    """
    for key in (f"line_{name}", f"list_{name}", f"list_{name.partition('_')[0]}"):
        if has_message(f"landed.{key}"):
            return say(f"landed.{key}")
    return name.replace("_", " ")


def percent(share: Decimal) -> str:
    """``0.2`` → ``20%``.

    >>> percent(Decimal("0.0345")), percent(Decimal(22) / 78)
    ('3.45%', '28.205128%')
    """
    return f"{round(share * 100, 6).normalize():f}%"


def value_text(use: RuleUse) -> str:
    """A rule's value for a person.

    >>> value_text(RuleUse("usa.mpf", "0.3464% MIN 32.71 USD/entry MAX 634.62 USD/entry",
    ...     None, None, "", "official"))
    '0.3464%, at least 32.71 USD and at most 634.62 USD an entry'
    """
    inputs = dict(use.inputs)
    if use.unit == "duty":
        return _duty(use.value)
    if use.unit == "sum":
        return " + ".join(map(_base, use.value.split(" + ")))
    if use.unit == "claim_day":
        end = inputs["limit_months"]
        limit = say("landed.claim_months", months=end) if end else say("landed.claim_no_end")
        return say("landed.claim_by", day=use.value, limit=limit)
    if use.unit != "share":
        key = f"landed.value_{use.unit}"
        return say(key, value=use.value, **inputs) if has_message(key) else use.value
    share = percent(Decimal(use.value))
    if "levy_rate" in inputs:
        return say("landed.value_refund", refund=share, levy=percent(Decimal(inputs["levy_rate"])))
    parts = " + ".join(percent(Decimal(rate)) for rate in inputs.values())
    return f"{parts} = {share}" if parts else share


def _duty(text: str) -> str:
    """A duty with a least and a most amount for one entry in words; others as they are written."""
    duty = parse_duty(text) if "/entry" in text else None
    if not isinstance(duty, Bounded) or duty.least is None or duty.most is None:
        return text
    least, most = (str(bound).removesuffix("/entry") for bound in (duty.least, duty.most))
    return say("landed.value_bounded", rate=str(duty.duty), least=least, most=most)


def _base(name: str) -> str:
    """A part of a sum, as it stands inside a sentence; an abbreviation keeps its capitals."""
    for key in (f"landed.base_{name}", f"landed.line_{name}"):
        if has_message(key):
            return re.sub(r"^[A-Z](?=[a-z])", lambda first: first[0].lower(), say(key))
    return name
