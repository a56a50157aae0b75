"""What is loaded, from where, how old; and what could be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

from offing.api.asking import Answer, Asked, WarehouseIn, open_warehouse, question
from offing.sources.about import About, names, source
from offing.sources.staging import RejectedRow
from offing.terms.exchange import OLDEST
from offing.terms.messages import join_list, say
from offing.terms.plain import values_of
from offing.warehouse.catalog import Catalog, Load, PartState, StoredPart
from offing.warehouse.loading import left_out

ROWS = 200
"""Of a load's quarantine; its file has all."""


@dataclass(frozen=True)
class SourcesRequest:
    """What is loaded, and is it as it was written?"""

    verify: Annotated[bool, Asked("load.help_verify")] = False
    quarantine: Annotated[bool, Asked("load.help_quarantine")] = False
    warehouse: WarehouseIn = None


@dataclass(frozen=True)
class Holding:
    """What a data set has in one table."""

    dataset: str
    source: str
    table: str
    rows: int
    years: tuple[int, ...]
    edition: str | None
    loaded: datetime
    days_old: int
    quarantined: int
    publisher: str
    licence: str


@dataclass(frozen=True)
class SourcesAnswer(Answer):
    """What the warehouse holds.

    Attributes:
        folder: of the warehouse.
        starter: whether it is the starter world.
        holdings: one for each table of each data set.
        loads: those of which something is still in force.
        used: the sources they are from.
        not_loaded: the other sources.
        seen: every stored part looked through, where asked for.
        left_out: load → the first rows that it did not take, where asked for.
    """

    folder: Path
    starter: bool
    holdings: tuple[Holding, ...]
    loads: tuple[Load, ...]
    used: tuple[About, ...]
    not_loaded: tuple[About, ...]
    seen: tuple[tuple[Path, StoredPart, PartState], ...]
    left_out: Mapping[int, tuple[RejectedRow, ...]]

    @property
    def broken(self) -> tuple[tuple[Path, StoredPart, PartState], ...]:
        """The parts that are missing or damaged."""
        return tuple(seen for seen in self.seen if seen[2] in ("missing", "damaged"))

    @property
    def holds(self) -> bool:
        """Whether no part is missing or damaged, as far as was asked."""
        return not self.broken

    def data(self) -> dict[str, Any]:
        """The holdings, the loads behind them, and what else could be loaded."""
        return {
            **values_of(self, "warehouse=folder", "starter", "holdings", "loads"),
            "not_loaded": [_source_text(about) for about in self.not_loaded],
            "parts": [
                {"file": file, "rows": part.rows, "state": state} for file, part, state in self.seen
            ],
            "left_out": [
                {"load": load, **vars(row), "why": say(row.reason)}
                for load, rows in self.left_out.items()
                for row in rows
            ],
        }


def _source_text(about: About) -> dict[str, Any]:
    """What a source says of itself, in words."""
    words = {key: say(getattr(about, key)) for key in ("title", "publisher", "licence")}
    return {**vars(about), **words}


@question(SourcesRequest)
def loaded(request: SourcesRequest) -> SourcesAnswer:
    """What the warehouse holds, and the sources that can be loaded.

    >>> [one.table for one in loaded().holdings if one.dataset == "ecb"]
    ['fx_rates']
    """
    warehouse = open_warehouse(request.warehouse)
    in_force = {part.load for part in warehouse.catalog.parts}
    loads = tuple(load for load in warehouse.catalog.loads if load.id in in_force)
    by_name = {name: source(name).ABOUT for name in names()}
    used = {load.source for load in loads}
    return SourcesAnswer(
        warehouse.folder,
        warehouse.is_starter,
        tuple(holdings(warehouse.catalog, datetime.now(UTC))),
        loads,
        tuple(about for name, about in by_name.items() if name in used),
        tuple(about for name, about in by_name.items() if name not in used),
        tuple(warehouse.parts_seen()) if request.verify else (),
        {load.id: rows for load in loads if (rows := left_out(warehouse, load, ROWS))}
        if request.quarantine
        else {},
    )


def day_with_rates(today: date, warehouse: WarehouseIn) -> date:
    """The newest day on which a study can stand: today, or that of the newest exchange rates.

    It is today as long as those rates are not too old for it.
    """
    newest = open_warehouse(warehouse).table("fx_rates")["on"].max()
    if not isinstance(newest, date) or (today - newest).days <= OLDEST:
        return today
    return newest


def holdings(catalog: Catalog, now: datetime) -> list[Holding]:
    """One line for each table of each data set, in the order of their names."""
    groups: dict[tuple[str, str], list[StoredPart]] = {}
    for part in catalog.parts:
        groups.setdefault((part.dataset, part.table), []).append(part)
    found = []
    for (dataset, table), parts in sorted(groups.items()):
        ids = {part.load for part in parts}
        loads = sorted((load for load in catalog.loads if load.id in ids), key=lambda one: one.id)
        newest = loads[-1]
        about = source(newest.source).ABOUT if newest.source in names() else None
        publisher, licence = (say(about.publisher), say(about.licence)) if about else ("", "")
        found.append(Holding(
            dataset, newest.source, table, sum(part.rows for part in parts),
            tuple(sorted({part.year for part in parts if part.year is not None})),
            join_list(sorted({load.edition for load in loads if load.edition})) or None,
            newest.at, max(0, (now - newest.at).days),
            quarantined=sum(sum(load.quarantined.values()) for load in loads),
            publisher=publisher, licence=licence,
        ))  # fmt: skip
    return found
