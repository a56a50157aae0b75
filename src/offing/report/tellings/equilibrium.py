"""Who gains and who loses under a change of trade costs, told."""

from collections.abc import Iterator

import polars as pl

from offing.api.equilibrium import EquilibriumAnswer
from offing.api.world_tables import code_of
from offing.report.blocks import (
    Block,
    Cell,
    Column,
    Figure,
    Figures,
    Section,
    Table,
    Text,
    cautions,
    columns,
)
from offing.report.charts import gains
from offing.report.layout import lay_out
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, fixed, percent

SHOWN = 8
"""Countries at each end of a table; ``--out`` has all."""
OF_REVENUE = ("deficit", "exports_over_income", "imports_over_income", "employment")


def tell(answer: EquilibriumAnswer, *, every: bool = False) -> tuple[Block, ...]:
    """The answer in a sentence, the countries that gain and lose most (or every country), and what
    is held fixed.
    """
    rows = answer.rows.sort("welfare", descending=True)
    weights = rows["output"] / rows["output"].sum()
    names = [_name(code) for code in rows["country"]]
    lead = say(
        _lead(rows["welfare"]),
        best=names[0],
        most=_points(rows["welfare"][0]),
        worst=names[-1],
        least=_points(rows["welfare"][-1]),
        world=_points(float((rows["welfare"] * weights).sum())),
        losers=int((rows["welfare"] < 0).sum()),
        count=rows.height,
    )
    solved = [
        say(
            "equilibrium.solved",
            model=_model(answer.model),
            theta=fixed(answer.theta, 2),
            residual=f"{answer.residual:.0e}",
        ),
        *_about(answer),
        _fixed(answer),
    ]
    ends = rows if every else _shown(rows, answer)
    return (
        Text((lead,), "lead"),
        Text(tuple(solved)),
        *_tables(ends, answer),
        *([Text((say("equilibrium.more", count=rows.height - ends.height),), "note")]
          if ends.height < rows.height else []),
        Figures((_map(answer),)),
        *cautions(answer.cautions),
    )  # fmt: skip


def page(answer: EquilibriumAnswer) -> str:
    """The answer as the text of an HTML file: the map, every country, what it rests on."""
    told = tell(answer, every=True)
    lead, tables = told[0], tuple(block for block in told if isinstance(block, Table))
    rest = tuple(block for block in told[1:] if not isinstance(block, Table | Figures))
    parts: list[tuple[str, str, tuple[Block, ...]]] = [
        ("map", say("equilibrium.page_map"), (Figures((_map(answer),)),)),
        ("countries", say("equilibrium.page_by_country"), tables),
        ("assumed", say("equilibrium.page_assumed"), rest),
    ]
    return lay_out(
        title=say("equilibrium.page_title"),
        firm="offing",
        about=_about_change(answer),
        made_up=False,
        answer=(lead,),
        facts=[],
        sections=[Section(name, heading, heading, blocks) for name, heading, blocks in parts],
    )


def _lead(welfare: pl.Series) -> str:
    """Which sentence: some gain and some lose, or all go one way."""
    if not (welfare < 0).any():
        return "equilibrium.lead_gains"
    return "equilibrium.lead" if (welfare > 0).any() else "equilibrium.lead_losses"


def _about(answer: EquilibriumAnswer) -> Iterator[str]:
    """The elasticity and the change, whose tariffs, which coefficient, and which model cannot."""
    yield _elasticity(answer)
    if answer.changed[1]:
        yield _about_change(answer)
    if answer.home is not None:
        name, imports, exports = answer.home
        key = "equilibrium.home_answered" if exports else "equilibrium.home"
        yield say(key, home=_name(name), imports=percent(imports, 1), exports=percent(exports, 1))
        if "revenue" in answer.rows.columns:
            revenue = answer.rows.filter(country=name)["revenue"][0]
            yield say("equilibrium.revenue", home=_name(name), share=percent(revenue, 2))
    if (one := answer.coefficient) is not None:
        yield say(
            "equilibrium.coefficient",
            name=one.name,
            value=fixed(one.value, 3),
            se=fixed(one.se, 3),
        )
    for model, reason in answer.without.items():
        yield say("equilibrium.without", model=_model(model), reason=reason)


def _about_change(answer: EquilibriumAnswer) -> str:
    """What the shock was taken for."""
    kind, count, low, high = answer.changed
    ends = [percent(end, 1) if kind == "tariff" else _points(end) for end in (low, high)]
    size = say("report.to").join(dict.fromkeys(ends))
    return say(f"equilibrium.changed_{kind}", count=count, size=size)


def _elasticity(answer: EquilibriumAnswer) -> str:
    if answer.theta_se is None:
        return say("equilibrium.theta_by_sector")
    if not answer.draws:
        return say("equilibrium.theta_assumed")
    return say("equilibrium.theta_drawn", draws=answer.draws, se=fixed(answer.theta_se, 2))


def _fixed(answer: EquilibriumAnswer) -> str:
    """What the model holds, and the unit of account."""
    return say(
        f"equilibrium.fixed_{answer.model.replace('-', '_')}",
        deficits=say(f"equilibrium.deficits_{answer.deficits}"),
        rebate=say(f"equilibrium.rebate_{answer.rebate}"),
    )


def _model(name: str) -> str:
    return say(f"equilibrium.model_{name.replace('-', '_')}")


def _map(answer: EquilibriumAnswer) -> Figure:
    rows = answer.rows.select("country", "welfare").iter_rows()
    changes = {code_of(label) or label: change for label, change in rows}
    return Figure(
        "equilibrium-map",
        say("equilibrium.map_heading"),
        gains.draw("equilibrium-map-chart", changes),
        say("equilibrium.map_caption"),
        wide=True,
    )


def _name(label: str) -> str:
    code = code_of(label)
    return label if code is None else country_name(code)


def _group(name: str | None, answer: EquilibriumAnswer) -> str:
    """A group of countries as a row of a table: its average."""
    if name is None and answer.home is not None:
        name = say("equilibrium.all_but", home=_name(answer.home[0]))
    return say("equilibrium.average", name=name or "")


def _points(share: float | None) -> str:
    if share is None:
        return NOTHING
    text = fixed(100 * share, 2)
    return f"{'+' if share > 0 else ''}{text}%"


def _shown(rows: pl.DataFrame, answer: EquilibriumAnswer) -> pl.DataFrame:
    """Both ends of the rows, and between them whose tariffs are studied and China."""
    at, asked = pl.int_range(pl.len()), {"CHN", *(answer.home or ())[:1]}
    labels = [label for label in rows["country"] if label in asked or code_of(label) in asked]
    ends = (at < SHOWN) | (at >= rows.height - SHOWN)
    return rows.filter(ends | pl.col("country").is_in(labels))


def _tables(rows: pl.DataFrame, answer: EquilibriumAnswer) -> tuple[Table, ...]:
    """One table, or two where it would be too wide for a terminal: real income, and values."""
    real = ["welfare", *(name for name in ("real_wages", "first_order") if name in rows.columns)]
    values = ["income", "prices", "exports", "imports"]
    labour = [name for name in OF_REVENUE if name in rows.columns]
    more = [_table("equilibrium-labour", "table_labour", rows, answer, labour)] if labour else []
    if not (answer.beside or answer.draws):
        return (_table("equilibrium", "table", rows, answer, [*real, *values]), *more)
    return (
        _table("equilibrium", "table_real", rows, answer, real, beside=True),
        _table("equilibrium-values", "table_values", rows, answer, values),
        *more,
    )


def _table(
    name: str,
    heading: str,
    rows: pl.DataFrame,
    answer: EquilibriumAnswer,
    wanted: list[str],
    *,
    beside: bool = False,
) -> Table:
    names = answer.rows["country"].to_list()
    others = {
        model: dict(zip(names, values, strict=True)) for model, values in answer.beside.items()
    } if beside else {}  # fmt: skip
    headings = columns("equilibrium.column_{}", "country", *wanted, text=("country",))
    models = tuple(Column(say(f"equilibrium.beside_{model.replace('-', '_')}")) for model in others)
    lines = []
    for row in rows.iter_rows(named=True):
        cells = [Cell(_points(row[column])) for column in wanted]
        if beside and answer.draws:
            ends = {"low": _points(row["welfare_low"]), "high": _points(row["welfare_high"])}
            cells[0] = Cell(say("policy.between", mean=cells[0].text, **ends))
        other = [Cell(_points(values[row["country"]])) for values in others.values()]
        lines.append((Cell(_name(row["country"])), cells[0], *other, *cells[1:]))
    for row in answer.groups.iter_rows(named=True):
        cells = [Cell(_points(row[column])) for column in wanted]
        other = [Cell(NOTHING) for _ in others]
        lines.append((Cell(_group(row["group"], answer)), cells[0], *other, *cells[1:]))
    shown = (*headings[:2], *models, *headings[2:])
    return Table(name, say(f"equilibrium.{heading}"), shown, tuple(lines))
