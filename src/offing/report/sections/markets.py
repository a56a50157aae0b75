"""The map of markets, with its table."""

from collections import defaultdict

from offing.report import words
from offing.report.blocks import Cell, Figure, Figures, Section, Table, Text, columns
from offing.report.charts import map as chart
from offing.report.decision import CNY
from offing.report.map.world import point
from offing.study.result import StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, distance, money_column

COLUMNS = ("market", "sales_planned", "sales_now", "distance", "groups")


def section(result: StudyResult) -> Section:
    """Where the markets lie and what is planned there."""
    planned: dict[str, float] = defaultdict(float)
    today: dict[str, float] = defaultdict(float)
    kilometres: dict[str, float | None] = {}
    groups: dict[str, tuple[str, ...]] = {}
    for product in result.products:
        for market in product.markets:
            planned[market.market] += 0.0
            kilometres.setdefault(market.market, market.km)
            groups.setdefault(market.market, market.groups)
    rate = result.decided.cny_per_usd
    for row in result.plan.rows:
        planned[row.market] += row.sales_usd * rate
        today[row.market] += row.sales_now_usd * rate
    order = sorted(planned, key=lambda code: (-planned[code], code))
    column = money_column([*planned.values(), *today.values()], CNY)
    table = Table(
        "map-table",
        say("report.map_table"),
        columns("report.{}", *COLUMNS, text=("groups",), unit=column.unit),
        tuple(
            (
                Cell(country_name(code)),
                Cell(column.cell(planned[code]) if planned[code] else NOTHING),
                Cell(column.cell(today[code]) if today.get(code) else NOTHING),
                Cell(distance(km) if (km := kilometres.get(code)) is not None else NOTHING),
                Cell(words.listed(words.group(name) for name in groups.get(code, ())) or NOTHING),
            )
            for code in order
        ),
    )
    figure = Figure(
        "map",
        say("report.map_title"),
        chart.draw("map", chart.Sales(planned, today, CNY, result.firm.origin)),
        say("report.map_caption", origin=country_name(result.firm.origin)),
        (table,),
        wide=True,
    )
    notes = [say("report.map_boundaries")]
    lost = [country_name(code) for code in order if point(code) is None]
    if lost:
        notes.append(say("report.not_on_map", markets=words.listed(lost)))
    return Section.of("markets", (Figures((figure,)), Text(tuple(notes), "note")), "map")
