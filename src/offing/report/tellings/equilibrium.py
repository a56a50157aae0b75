"""Who gains and who loses under a change of trade costs, told."""

import polars as pl

from offing.api.equilibrium import EquilibriumAnswer
from offing.report.blocks import Block, Cell, Table, Text, cautions, columns
from offing.report.words import listed
from offing.terms.countries import all_countries, country_name
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, fixed

SHOWN = 12
"""Countries at each end of the table; ``--out`` has all."""


def tell(answer: EquilibriumAnswer) -> tuple[Block, ...]:
    """The answer in a sentence, the countries that gain and lose most, and what is held fixed."""
    rows = answer.rows.sort("welfare", descending=True)
    weights = rows["output"] / rows["output"].sum()
    names = [_name(code) for code in rows["country"]]
    lead = say(
        "equilibrium.lead",
        best=names[0],
        most=_points(rows["welfare"][0]),
        worst=names[-1],
        least=_points(rows["welfare"][-1]),
        world=_points(float((rows["welfare"] * weights).sum())),
        losers=int((rows["welfare"] < 0).sum()),
        count=rows.height,
    )
    solved = say(
        "equilibrium.solved",
        model=say(f"equilibrium.model_{answer.model.replace('-', '_')}"),
        theta=fixed(answer.theta, 2),
        residual=f"{answer.residual:.0e}",
    )
    ends = rows if rows.height <= 2 * SHOWN else pl.concat([rows.head(SHOWN), rows.tail(SHOWN)])
    return (
        Text((lead,), "lead"),
        Text((solved,)),
        _table(ends, answer),
        *([Text((say("equilibrium.more", count=rows.height - ends.height),), "note")]
          if ends.height < rows.height else []),
        *cautions(answer.cautions),
    )  # fmt: skip


def _name(code: str) -> str:
    return country_name(code) if code in all_countries() else code


def _points(share: float | None) -> str:
    if share is None:
        return NOTHING
    text = fixed(100 * share, 2)
    return f"{'+' if share > 0 else ''}{text}%"


def _table(rows: pl.DataFrame, answer: EquilibriumAnswer) -> Table:
    wanted = ["welfare", "income", "prices", "exports", "imports"]
    if rows["welfare_other"].null_count() < rows.height:
        wanted.insert(1, "welfare_other")
    headings = columns("equilibrium.column_{}", "country", *wanted, text=("country",))
    lines = []
    for row in rows.iter_rows(named=True):
        cells = [Cell(_points(row[name])) for name in wanted]
        if answer.draws:
            span = listed([_points(row["welfare_low"]), _points(row["welfare_high"])])
            cells[0] = Cell(f"{cells[0].text} ({span})")
        lines.append((Cell(_name(row["country"])), *cells))
    return Table("equilibrium", say("equilibrium.table"), headings, tuple(lines))
