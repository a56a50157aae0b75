"""A dated value: what holds on ``[since, until)``, where it was read, and how well it is known.

Importers' rates and charges, Chinese refund rates, claim rules and firm classes, and what
settlement assumes are all of this one kind. So a reform is laid over them in one way
(:func:`overlaid`, :func:`without`), two that hold on one day are refused in one way
(:func:`check_single`), and a figure names its rule in one way (:meth:`Dated.traced`).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, TypeVar

from offing.rules.rule_use import READ, RuleUse, Status, Unit
from offing.terms.errors import RuleError, Where
from offing.terms.interval import Interval, holding, overlaps
from offing.terms.messages import has_message, say


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

SETTLEMENT = "settlement."
"""Rules of this prefix are laid over by :mod:`offing.settlement.reformed`."""

REFUND = "chn.refund."
"""Rules of this prefix are laid over by :mod:`offing.refunds.reformed`."""


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
