"""What a number rests on: a rule that was used, and how it is known. Data; words come last.

A rule's value and source in words: made at the very end, from data alone.

A source is written as parts joined by `` · ``. A part that begins with ``@`` is a remark of ours,
its key and its values, such as ``@uk|day=2021-01-01``: it is said in the language of the reader.
All other parts are acts, addresses and names of documents, and stay as they are written.

A dated value: what holds on ``[since, until)``, where it was read, and how well it is known.

Importers' rates and charges, Chinese refund rates, claim rules and firm classes, and what
settlement assumes are all of this one kind. So a reform is laid over them in one way
(:func:`overlaid`, :func:`without`), two that hold on one day are refused in one way
(:func:`check_single`), and a figure names its rule in one way (:meth:`Dated.traced`).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from offing.rules.duty import Bounded, share_of
from offing.rules.duty_text import parse_duty
from offing.terms.countries import country_name
from offing.terms.errors import RuleError, Where
from offing.terms.interval import Interval, holding, overlaps
from offing.terms.messages import has_message, say
from offing.terms.plain import map_texts

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

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


def cite_sources(data: Any) -> Any:
    """Plain data with its sources as a person reads them.

    >>> cite_sources({"source": "@recalled", "days": 3})
    {'source': 'from memory, the source was not read again', 'days': 3}
    """
    return map_texts(data, lambda text: cite_source(text) if "@" in text else text)


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


@dataclass(frozen=True, kw_only=True)
class DatedRule:
    """Something while it holds.

    Attributes:
        id: the series, such as ``eur.vat.deu``; its entries must not overlap.
        when: the days on which it holds.
        source: the page or document it was read in, see :mod:`offing.rules.rule_use`.
        status: how well it is known, see :data:`~offing.rules.rule_use.Status`.
        legal: the act and article.
        says: what the document says of it, in our own words, at most 25 of them.
        still_valid_on: the last day on which the document was looked at and said so (OpenFisca's
            ``last_value_still_valid_on``); ``None`` where nobody has since it was written.
        where: the file.
    """

    id: str
    when: Interval
    source: str
    status: Status
    legal: str = ""
    says: str = ""
    still_valid_on: date | None = None
    where: Where | None = None

    @property
    def looked_at(self) -> bool:
        """Whether somebody looked at its document: named, with what it says, on a day."""
        return bool(self.status in READ and self.says and self.still_valid_on)

    @property
    def cited(self) -> str:
        """The act, and where it was read."""
        return " · ".join(text for text in (self.legal, self.source) if text)

    def traced(self, value: object, unit: Unit, **inputs: object) -> RuleUse:
        """The trace of a value of it; ``inputs`` are what the value is made of."""
        return RuleUse(
            self.id,
            str(value),
            self.when.since,
            self.when.until,
            self.cited,
            self.status,
            unit,
            tuple((name, str(figure)) for name, figure in inputs.items()),
            self.still_valid_on,
        )


D = TypeVar("D", bound=DatedRule)
R = TypeVar("R", bound="DataclassInstance")


def record_of_row(kind: type[R], row: Mapping[str, Any], /, **more: object) -> R:
    """The record of a row: those keys that it has a field for, the row's days, and ``more``."""
    own: dict[str, Any] = {
        field.name: Decimal(row[field.name]) if field.type is Decimal else row[field.name]
        for field in fields(kind)
        if field.name in row
    }
    return kind(**{"when": Interval(row.get("since"), row.get("until"))} | own | more)


def days_of_row(row: Mapping[str, str]) -> dict[str, Any]:
    """A row of text with its days read; none where they are empty."""
    days = ("since", "until", "still_valid_on")
    return dict(row) | {k: date.fromisoformat(row[k]) if row[k] else None for k in days}


SETTLEMENT = "settlement."
"""Rules of this prefix are laid over by :mod:`offing.settlement.defaults`."""

REFUND = "chn.refund."
"""Rules of this prefix are laid over by :mod:`offing.refunds.rates`."""


def without(values: Iterable[D], id_: str, hole: Interval) -> tuple[D, ...]:
    """The values with a series cut out on some days; the others stay as they are."""
    return tuple(
        replace(value, when=when)
        for value in values
        for when in (value.when.outside(hole) if value.id == id_ else [value.when])
    )


def overlaid(values: Iterable[D], new: D) -> tuple[D, ...]:
    """The values with another one in place of what holds in its series on its days."""
    return (*without(values, new.id, new.when), new)


def the_one(values: Iterable[D], id_: str, on: date) -> D:
    """The value of a series that holds on the day.

    Raises:
        RuleError: ``landed.no_rule`` with the days that have one, ``landed.two_rules``.
    """
    series = [value for value in values if value.id == id_]
    in_force = holding(series, on)
    if len(in_force) > 1:
        raise RuleError("landed.two_rules", where=in_force[0].where, id=id_, day=on)
    if not in_force:
        where = series[0].where if series else None
        label, days = series_label(id_), days_of(series)
        raise RuleError("landed.no_rule", where=where, id=label, day=on, days=days)
    return in_force[0]


def series_label(id_: str) -> str:
    """A series by the charge that its id names: "Import VAT (eur.vat.deu)"; else its id."""
    keys = [f"landed.line_{part}" for part in id_.split(".")[1:]]
    label = next((say(key) for key in keys if has_message(key)), "")
    return say("landed.rule_of", label=label, id=id_) if label else id_


class RuleInForce(Protocol):
    """What has a series, days and a place in a file."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def when(self) -> Interval: ...  # noqa: D102
    @property
    def where(self) -> Where | None: ...  # noqa: D102


def check_single(values: Iterable[RuleInForce]) -> None:
    """Refuse a series of which two hold on one day.

    Raises:
        RuleError: ``landed.two_rules``.
    """
    series: dict[str, list[RuleInForce]] = defaultdict(list)
    for value in values:
        series[value.id].append(value)
    for id_, entries in series.items():
        for first, other in overlaps(entries):
            day = max(first.when.since or date.min, other.when.since or date.min)
            raise RuleError("landed.two_rules", where=first.where, id=id_, day=day)


def days_of(values: Iterable[DatedRule]) -> str:
    """The days that some values cover, for an error: joined where they follow one another."""
    spans: list[Interval] = []
    for when in sorted((v.when for v in values), key=lambda when: when.since or date.min):
        last = spans[-1] if spans else None
        if last is None or (last.until is not None and (when.since or date.min) > last.until):
            spans.append(when)
        else:
            open_end = last.until is None or when.until is None
            end = None if open_end else max(last.until, when.until)  # type: ignore[type-var]
            spans[-1] = Interval(last.since, end)
    return ", ".join(map(str, spans)) or "—"
