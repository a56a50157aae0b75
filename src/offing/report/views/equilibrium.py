"""Who gains and who loses under a change of trade costs, told."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import polars as pl

from offing.api.agreement import ALL, AgreementAnswer
from offing.api.equilibrium import EquilibriumAnswer
from offing.api.world_tables import code_of
from offing.policy.effects import EffectRange
from offing.report.blocks import (
    Block,
    Cell,
    Figure,
    Figures,
    Heading,
    Shown,
    Table,
    Text,
    cautions,
    columns_of,
    number,
    table_of,
    text,
)
from offing.report.charts import map as map_chart
from offing.report.views.effects import about, ends_text, fixed_in, model_name, name_of, points
from offing.report.words import join_words, within
from offing.terms.countries import country_name
from offing.terms.messages import join_list, say
from offing.terms.numbers import NOTHING, fixed_decimals, money, percent
from offing.terms.products import product_label

SHOWN = 8
"""Countries at each end of a table; ``--out`` has all."""
WORLD = ("trade_over_income", "employment")
VALUES = ("income", "prices", "exports", "imports")
OF_REVENUE = ("deficit", "exports_over_income", "imports_over_income", "employment")


def view(answer: EquilibriumAnswer, *, every: bool = False) -> tuple[Block, ...]:
    """The answer in a sentence, the countries that gain and lose most (or every country), and what
    is held fixed.
    """
    rows = answer.rows.sort("welfare", descending=True)
    weights = rows["output"] / rows["output"].sum()
    names = [name_of(code) for code in rows["country"]]
    lead = say(
        _lead(rows["welfare"]),
        best=names[0],
        most=points(rows["welfare"][0]),
        worst=names[-1],
        least=points(rows["welfare"][-1]),
        world=points(float((rows["welfare"] * weights).sum())),
        losers=int((rows["welfare"] < 0).sum()),
        count=rows.height,
    )
    solved = [
        say(
            "equilibrium.solved",
            model=model_name(answer.about.model),
            theta=fixed_decimals(answer.about.theta, 2),
            residual=f"{answer.residual:.0e}",
        ),
        *about(answer.about, "90%"),
        *_revenue(answer),
        fixed_in(answer.about),
    ]
    ends = rows if every else _rows_of_interest(rows, answer)
    return (
        Text((lead, *_asked_for(rows, answer)), "lead"),
        Text(tuple(solved)),
        *_tables(ends, answer),
        *([Text((say("equilibrium.more", count=rows.height - ends.height),), "note")]
          if ends.height < rows.height else []),
        Figures((_map(answer),)),
    )  # fmt: skip


def _asked_for(rows: pl.DataFrame, answer: EquilibriumAnswer) -> Iterator[str]:
    """Whose tariffs are studied, and China: the ends of a world are often very small countries."""
    ends = (rows["country"][0], rows["country"][-1])
    studied = rows.filter(pl.col("country").is_in(_labels_of_interest(rows, answer)))
    changes = [
        f"{name_of(label)} {points(change)}"
        for label, change in studied.select("country", "welfare").iter_rows()
        if label not in ends
    ]
    if changes:
        yield say("equilibrium.lead_asked", all=join_words(changes))


def _labels_of_interest(rows: pl.DataFrame, answer: EquilibriumAnswer) -> list[str]:
    """Labels of whoever levies the tariffs, and of China."""
    codes = {"CHN", *(answer.about.home or ())[:1]}
    return [label for label in rows["country"] if label in codes or code_of(label) in codes]


def full(answer: EquilibriumAnswer) -> tuple[Block, ...]:
    """With every country, as a page has them."""
    return view(answer, every=True)


def _lead(welfare: pl.Series) -> str:
    """Which sentence: some gain and some lose, or all go one way."""
    if not (welfare < 0).any():
        return "equilibrium.lead_gains"
    return "equilibrium.lead" if (welfare > 0).any() else "equilibrium.lead_losses"


def _revenue(answer: EquilibriumAnswer) -> Iterator[str]:
    """What the tariffs of the country that is studied raise."""
    if answer.about.home is not None and "revenue" in answer.rows.columns:
        home = answer.about.home[0]
        revenue = answer.rows.filter(country=home)["revenue"][0]
        yield say("equilibrium.revenue", home=name_of(home), share=percent(revenue, 2))
    if answer.world:
        trade, employment = (points(answer.world[name]) for name in WORLD)
        yield say("equilibrium.world", trade=trade, employment=employment)


def _map(answer: EquilibriumAnswer) -> Figure:
    rows = answer.rows.select("country", "welfare").iter_rows()
    changes = {code_of(label) or label: change for label, change in rows}
    return Figure(
        "equilibrium-map",
        say("equilibrium.map_heading"),
        partial(map_chart.draw_gains, "equilibrium-map-chart", changes),
        say("equilibrium.map_caption"),
        wide=True,
        source=say("report.source_named"),
    )


def _group(name: str | None, answer: EquilibriumAnswer) -> str:
    """A group of countries as a row of a table: its average."""
    if name is None and answer.about.home is not None:
        name = say("equilibrium.all_but", home=name_of(answer.about.home[0]))
    return say("equilibrium.average", name=name or "")


def _rows_of_interest(rows: pl.DataFrame, answer: EquilibriumAnswer) -> pl.DataFrame:
    """Both ends of the rows, and between them whose tariffs are studied and China."""
    at, labels = pl.int_range(pl.len()), _labels_of_interest(rows, answer)
    ends = (at < SHOWN) | (at >= rows.height - SHOWN)
    return rows.filter(ends | pl.col("country").is_in(labels))


Row = tuple[str, dict[str, Any]]
"""A country or a group by its name, and its figures."""


def _tables(rows: pl.DataFrame, answer: EquilibriumAnswer) -> tuple[Table, ...]:
    """Real income, beside it that of other models, and values; labour where the model has it."""
    named = [(name_of(row["country"]), row) for row in rows.iter_rows(named=True)]
    named += [(_group(row["group"], answer), row) for row in answer.groups.iter_rows(named=True)]
    several = bool(answer.beside or answer.about.draws)

    def measure(name: str) -> Shown[Row]:
        def cell(row: Row) -> str:
            figures, mean = row[1], points(row[1][name])
            if name != "welfare" or not answer.about.draws or "country" not in figures:
                return mean
            low, high = points(figures["welfare_low"]), points(figures["welfare_high"])
            return say("policy.between", mean=mean, low=low, high=high)

        heading = number(f"equilibrium.column_{name}")
        return replace(heading, spare=several and name in VALUES), cell

    def model(name: str) -> Shown[Row]:
        values = dict(zip(answer.rows["country"], answer.beside[name], strict=True))
        heading = number(f"equilibrium.beside_{name.replace('-', '_')}")
        return heading, lambda row: points(values.get(row[1].get("country")))

    def table(name: str, *shown: Shown[Row]) -> Table:
        country = text("equilibrium.column_country"), lambda row: row[0]
        caption = say(f"equilibrium.{name.replace('equilibrium', 'table').replace('-', '_')}")
        return table_of(name, caption, named, country, *shown)

    real = [name for name in ("real_wages", "first_order") if name in rows.columns]
    whole = (measure("welfare"), *map(model, answer.beside), *map(measure, (*real, *VALUES)))
    labour = [measure(name) for name in OF_REVENUE if name in rows.columns]
    return (
        table("equilibrium", *whole),
        *([table("equilibrium-labour", *labour)] if labour else []),
    )


ROWS = 12


def view_agreement(answer: AgreementAnswer) -> tuple[Block, ...]:
    """The origin's loss and the treasury's first; then origins, lines, requests."""
    return (
        Text(tuple(_agreement_lead(answer)), "lead"),
        *cautions(answer.cautions),
        *_requests(answer),
        _origins(answer),
        *_lines(answer),
    )


def _agreement_lead(answer: AgreementAnswer) -> Iterator[str]:
    market = within(answer.market)
    partner = say("agreement.all") if answer.partner == ALL else within(answer.partner)
    mine = next((one for one in answer.origins if one.origin == answer.origin), None)
    if mine is not None:
        yield say(
            "agreement.lead", count=len(answer.lines), market=market, partner=partner,
            origin=within(answer.origin),
            today=money(mine.today), change=_mean_of_80(mine.change),
        )  # fmt: skip
    whole = sum(one.revenue for one in answer.lines)
    yield say(
        "agreement.lead_revenue", market=market, today=money(whole),
        change=_mean_of_80(answer.revenue), imports=money(answer.imports.mean),
    )  # fmt: skip
    if answer.basis is not None:
        yield say(f"agreement.basis_{answer.basis}")


def _mean_of_80(value: EffectRange) -> str:
    ends = ends_text(value)
    return money(value.mean) + ("" if ends == NOTHING else say("province.of_80", range=ends))


def _requests(answer: AgreementAnswer) -> Iterator[Block]:
    if rows := answer.requests:
        yield table_of(
            "requests",
            say("agreement.requests"),
            rows,
            (text("report.product"), lambda one: Cell(product_label(one.product), mark="strong")),
            (number("landed.agreements_column_duty"), lambda one: percent(one.duty, 1)),
            *columns_of("agreement.column_{}", money, "expected", "gain=gain.mean", "weight"),
            (number("agreement.column_range"), lambda one: ends_text(one.gain)),
            (number("agreement.column_defensive"), lambda one: percent(one.defensive, 0)),
            most=ROWS,
        )
        yield Text((say("agreement.explain_requests"),), "note")


def _origins(answer: AgreementAnswer) -> Block:
    return table_of(
        "origins",
        say("agreement.origins"),
        answer.origins,
        (text("agreement.column_origin"),
         lambda one: Cell(country_name(one.origin),
                          mark="ours" if one.origin == answer.origin else None)),
        (number("agreement.column_today"), lambda one: money(one.today)),
        (number("landed.column_refund"), lambda one: money(one.change.mean)),
        (number("agreement.column_range"), lambda one: ends_text(one.change)),
        most=ROWS,
    )  # fmt: skip


def _lines(answer: AgreementAnswer) -> Iterator[Block]:
    yield Heading(say("agreement.heading_lines"))
    yield table_of(
        "lines",
        say("agreement.lines", origin=country_name(answer.origin)),
        answer.lines,
        (text("report.product"), lambda one: Cell(product_label(one.product), mark="strong")),
        (number("landed.agreements_column_duty"), lambda one: percent(one.duty, 1)),
        (number("equilibrium.column_imports"), lambda one: money(one.imports)),
        (number("landed.column_refund"), lambda one: money(one.change.mean)),
        *columns_of(
            "agreement.column_{}",
            money,
            "revenue",
            "revenue_change=revenue_change.mean",
            "home=home_change.mean",
            "smart=home_smart",
        ),
        most=ROWS,
    )
    uses = [
        f"{use.product} {use.median:.1f}"
        + (f" ({use.low:.1f} – {use.high:.1f})" if use.low < use.high else "")
        for use in answer.uses
    ]
    told = [say("agreement.note", uses=join_list(uses, ROWS))]
    if answer.left_out:
        told.append(say("agreement.left_out", products=join_list(answer.left_out)))
    yield Text(tuple(told), "note")
