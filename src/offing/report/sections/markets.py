"""The map of markets, with its table."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial

from offing.report import words
from offing.report.blocks import Figure, Figures, Section, Text, number, table_of, text
from offing.report.charts import map as chart
from offing.report.decision import CNY
from offing.report.map.world import point
from offing.study.result import StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, distance, known, money_column


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

    def sales(of: Mapping[str, float]) -> Callable[[str], str]:
        return lambda code: column.cell(of[code]) if of.get(code) else NOTHING

    table = table_of(
        "map-table",
        say("report.map_table"),
        order,
        (say("report.market"), country_name),
        (number("report.sales_planned", unit=column.unit), sales(planned)),
        (number("report.sales_now", unit=column.unit), sales(today)),
        (number("report.distance"), lambda code: known(kilometres.get(code), distance)),
        (
            text("report.groups"),
            lambda code: words.listed(map(words.group, groups.get(code, ()))) or NOTHING,
        ),
    )
    figure = Figure(
        "map",
        say("report.map_title"),
        partial(chart.draw, "map", chart.MarketSales(planned, today, CNY, result.firm.origin)),
        say("report.map_caption", origin=country_name(result.firm.origin)),
        (table,),
        wide=True,
    )
    notes = [say("report.map_boundaries")]
    lost = [country_name(code) for code in order if point(code) is None]
    if lost:
        notes.append(say("report.not_on_map", markets=words.listed(lost)))
    return Section.of("markets", (Figures((figure,)), Text(tuple(notes), "note")), "map")
