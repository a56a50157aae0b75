"""What an answer rests on: the data that were read for it and the rules that it used, with ages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from offing.api.sources import holdings
from offing.rules.ages import age_days, past_horizon
from offing.rules.rule_use import RuleUse, Status
from offing.warehouse.catalog import Catalog, StoredPart
from offing.warehouse.store import Warehouse, starter_folder


@dataclass(frozen=True)
class Watched(Warehouse):
    """A warehouse that notes which of its parts are read."""

    @classmethod
    def open(cls, folder: Path | None = None) -> "Watched":
        """As :meth:`Warehouse.open`."""
        opened = Warehouse.open(folder)
        return cls(opened.folder, opened.is_starter)

    @cached_property
    def noted(self) -> set[tuple[Path, StoredPart]]:
        """The parts that were read, with their folders."""
        return set()

    def must_be_whole(
        self, root: Path, part: StoredPart, below: str = "", *, anew: bool = False
    ) -> None:
        """Note a part that a query is about to read, and verify it."""
        self.noted.add((root, part))
        super().must_be_whole(root, part, below, anew=anew)


@dataclass(frozen=True)
class DataUsed:
    """A data set that was read.

    Attributes:
        years: those that were read.
        loaded: the day; ``age_days``: days since.
        status: ``starter`` for what comes with the package, for learning; ``loaded`` by the user.
        set_aside: rows of its files that could not be used.
    """

    dataset: str
    table: str
    years: tuple[int, ...]
    publisher: str
    licence: str
    edition: str | None
    loaded: date
    age_days: int
    status: Literal["starter", "loaded"]
    set_aside: int


@dataclass(frozen=True)
class RuleUsed:
    """A rule that was used.

    Attributes:
        since, until: first day on which it holds, and on which it holds no more.
        status: see :data:`offing.rules.rule_use.Status`.
        still_valid_on: the last day on which somebody looked at its document.
        age_days: from then to the day of the answer.
        past_horizon: whether that is longer than such a look is trusted.
    """

    id: str
    value: str
    since: date | None
    until: date | None
    source: str
    status: Status
    still_valid_on: date | None
    age_days: int | None
    past_horizon: bool


def data_used(warehouse: Watched) -> tuple[DataUsed, ...]:
    """The data sets that were read in a warehouse, and in the starter world behind it."""
    now = datetime.now(UTC)
    used = []
    for root in sorted({root for root, _ in warehouse.noted}):
        catalog = warehouse.catalog if root == warehouse.folder else warehouse.starter
        parts = tuple(part for at, part in warehouse.noted if at == root)
        starter = root == starter_folder() or warehouse.is_starter
        used += [
            DataUsed(
                row.dataset, row.table, row.years, row.publisher, row.licence, row.edition,
                row.loaded.date(), row.days_old, "starter" if starter else "loaded",
                row.quarantined,
            )
            for row in holdings(Catalog(parts=parts, loads=catalog.loads), now)
        ]  # fmt: skip
    return tuple(used)


def rules_used(answer: object) -> tuple[RuleUsed, ...]:
    """The rules that an answer names, each once."""
    on = _day_of(answer) or date.min
    return tuple(
        RuleUsed(
            use.id, use.value, use.since, use.until, use.source, use.status, use.still_valid_on,
            age_days(use, on), past_horizon(use, on),
        )
        for use in sorted(set(_uses(answer)), key=lambda use: (use.id, str(use.since), use.value))
    )  # fmt: skip


def _day_of(answer: object) -> date | None:
    """The day of an answer: its own, or that of what it is made of."""
    if isinstance(day := getattr(answer, "on", None), date):
        return day
    parts = fields(answer) if is_dataclass(answer) else ()
    inside = (getattr(answer, field.name) for field in parts)
    return next(filter(None, (_day_of(part) for part in inside if is_dataclass(part))), None)


def _uses(value: object) -> Iterator[RuleUse]:
    if isinstance(value, RuleUse):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _uses(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _uses(item)
    elif is_dataclass(value) and not isinstance(value, type | Warehouse):
        for field in fields(value):
            yield from _uses(getattr(value, field.name))
