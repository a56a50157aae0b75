"""The register of the rulebook, told: how well each importer's rules are known and looked at."""

from collections.abc import Sequence

from offing.report import words
from offing.report.blocks import Block, Cell, Column, Folded, Table, Text, columns
from offing.rules.register import STATUSES, Registered
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, day


def view(entries: Sequence[Registered]) -> tuple[Block, ...]:
    """What there is in all, and a row for each importer."""
    counts = {status: sum(row.counts[status] for row in entries) for status in STATUSES}
    lead = say(
        "rules.register_lead",
        importers=len(entries),
        rules=sum(counts.values()),
        cases=sum(row.cases for row in entries),
        **counts,
    )
    heads = (
        *columns("rules.register_{}", "importer"),
        *(Column(words.status(status)) for status in STATUSES),
        *(Column(say(f"rules.register_{name}")) for name in ("cases", "looked_at")),
    )
    rows = tuple(map(_row, entries))
    table = Table("rules-register", say("rules.register_table"), heads, rows)
    return Text((lead,)), Folded(say("rules.register_table"), (table,))


def _row(country: Registered) -> tuple[Cell, ...]:
    union = len(country.destinations) > 1
    name = say("report.group_eu") if union else country_name(country.destinations[0])
    last = NOTHING if country.last_look is None else day(country.last_look)
    return (
        Cell(name),
        *(Cell(str(country.counts[status])) for status in STATUSES),
        Cell(str(country.cases)),
        Cell(f"{country.looked_at} ({last})"),
    )
