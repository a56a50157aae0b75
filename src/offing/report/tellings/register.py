"""The register of the rulebook, told: how well each importer's rules are known, and since when."""

from collections.abc import Sequence

from offing.report import words
from offing.report.blocks import Block, Cell, Column, Folded, Table, Text, columns
from offing.rules.register import STATUSES, Registered
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, day


def tell(entries: Sequence[Registered]) -> tuple[Block, ...]:
    """What there is in all, and a row for each importer."""
    counts = {status: sum(one.counts[status] for one in entries) for status in STATUSES}
    lead = say(
        "rules.register_lead",
        importers=len(entries),
        rules=sum(counts.values()),
        cases=sum(one.cases for one in entries),
        **counts,
    )
    late = [one for one in entries if one.overdue]
    overdue = say("rules.register_overdue", count=len(late)) if late else ""
    heads = (
        *columns("rules.register_{}", "importer"),
        *(Column(words.status(status)) for status in STATUSES),
        *(Column(say(f"rules.register_{name}")) for name in ("cases", "reviewed")),
    )
    rows = tuple(map(_row, entries))
    table = Table("rules-register", say("rules.register_table"), heads, rows)
    said = tuple(text for text in (lead, overdue) if text)
    return Text(said), Folded(say("rules.register_table"), (table,))


def _row(one: Registered) -> tuple[Cell, ...]:
    union = len(one.destinations) > 1
    name = say("report.group_eu") if union else country_name(one.destinations[0])
    reviewed = NOTHING if one.reviewed is None else day(one.reviewed)
    return (
        Cell(name),
        *(Cell(str(one.counts[status])) for status in STATUSES),
        Cell(str(one.cases)),
        Cell(reviewed, mark="negative" if one.overdue else None),
    )
