"""``offing sources``: what is loaded, from where, how old; and what could be."""

from dataclasses import dataclass
from datetime import UTC, datetime

from rich.table import Table

from offing.cli.commands.load import spans
from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json
from offing.report.terminal import console, print_line, table
from offing.sources.about import About, names, source
from offing.terms.messages import enumerated, say
from offing.warehouse import Warehouse
from offing.warehouse.catalog import Catalog, Load, StoredPart


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


def sources(*, warehouse: WarehouseDir = None, as_json: AsJson = False) -> None:
    """Print what the warehouse holds, and the sources that can be loaded."""
    house = Warehouse.open(warehouse)
    held = holdings(house.catalog, datetime.now(UTC))
    in_force = {part.load for part in house.catalog.parts}
    loads = [load for load in house.catalog.loads if load.id in in_force]
    loaded = {load.source for load in loads}
    others = [name for name in names() if name not in loaded]
    if as_json:
        print_json(
            {
                "warehouse": house.folder,
                "starter": house.is_starter,
                "holdings": held,
                "loads": [{**vars(load), "notes": [str(n) for n in load.notes]} for load in loads],
                "not_loaded": [_about(source(name).ABOUT) for name in others],
            }
        )
        return
    out = console()
    if house.is_starter:
        print_line(say("load.starter"), "yellow")
    print_line(say("load.warehouse", folder=house.folder))
    if held:
        out.print(_held(held))
        out.print(_files(loads))
        used = [source(name).ABOUT for name in sorted(loaded & set(names()))]
        out.print(_terms(say("load.terms_title"), used))
    out.print(_terms(say("load.can_load_title"), [source(name).ABOUT for name in others]))


def _about(about: About) -> dict[str, object]:
    """What a source says of itself, in words."""
    words = {key: say(getattr(about, key)) for key in ("title", "publisher", "licence")}
    return {**vars(about), **words}


def holdings(catalog: Catalog, now: datetime) -> list[Holding]:
    """One line for each table of each data set, in the order of their names."""
    groups: dict[tuple[str, str], list[StoredPart]] = {}
    for part in catalog.parts:
        groups.setdefault((part.dataset, part.table), []).append(part)
    by_id = {load.id: load for load in catalog.loads}
    found = []
    for (dataset, name), parts in sorted(groups.items()):
        loads = [by_id[number] for number in sorted({part.load for part in parts})]
        newest = loads[-1]
        about = source(newest.source).ABOUT if newest.source in names() else None
        editions = {load.edition for load in loads if load.edition}
        found.append(
            Holding(
                dataset=dataset,
                source=newest.source,
                table=name,
                rows=sum(part.rows for part in parts),
                years=tuple(sorted({part.year for part in parts if part.year is not None})),
                edition=enumerated(sorted(editions)) or None,
                loaded=newest.at,
                days_old=max(0, (now - newest.at).days),
                quarantined=sum(sum(load.quarantined.values()) for load in loads),
                publisher=say(about.publisher) if about else "",
                licence=say(about.licence) if about else "",
            )
        )
    return found


def _held(held: list[Holding]) -> Table:
    columns = ("dataset", "table", "rows", "years", "edition", "age", "aside")
    return table(
        say("load.sources_title"),
        [say(f"load.column_{column}") for column in columns],
        [
            [
                row.dataset,
                row.table,
                f"{row.rows:,}",
                spans(row.years) or "–",
                row.edition or "–",
                f"{row.days_old}",
                f"{row.quarantined:,}",
            ]
            for row in held
        ],
        text_columns=(0, 1, 3, 4),
        wrapped=(3,),
    )


def _files(loads: list[Load]) -> Table:
    columns = ("dataset", "file", "rows", "loaded", "hash")
    return table(
        say("load.files_title"),
        [say(f"load.column_{column}") for column in columns],
        [
            [load.dataset, item.name, f"{item.rows:,}", f"{load.at:%Y-%m-%d}", item.sha256[:12]]
            for load in loads
            for item in load.inputs
        ],
        text_columns=(0, 1, 3, 4),
        wrapped=(1,),
    )


def _terms(title: str, abouts: list[About]) -> Table:
    columns = ("source", "what", "publisher", "licence")
    return table(
        title,
        [say(f"load.column_{column}") for column in columns],
        [
            [about.name, say(about.title), say(about.publisher), say(about.licence)]
            for about in abouts
        ],
        text_columns=(0, 1, 2, 3),
        wrapped=(1, 2, 3),
    )
