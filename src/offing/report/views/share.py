"""What a firm hands in, told in full before it is saved."""

from collections.abc import Iterator

from offing.api.share import ShareAnswer
from offing.report.blocks import Block, Cell, Text, number, table_of, text
from offing.terms.countries import country_name
from offing.terms.messages import join_list, say
from offing.terms.numbers import day, money, percent


def view(answer: ShareAnswer) -> tuple[Block, ...]:
    """Every part of it."""
    line = answer.line
    size = say(f"firms.size_{line.size or 'none'}")
    lead = say("firms.share_lead", firm=line.name, size=size, on=day(line.on))
    saved = (
        say("firms.share_next")
        if answer.file is None
        else say("firms.share_saved", file=answer.file)
    )
    wanted, unclaimed = {*line.wanted}, {(h, m): usd for h, m, usd, _ in line.unclaimed}
    sold = {(heading, market): usd for heading, market, usd in line.sales or ()}
    places = sorted({*sold, *wanted, *unclaimed}, key=lambda one: (-sold.get(one, 0.0), one))
    table = table_of(
        "share",
        say("firms.share_table"),
        places,
        (text("report.market"), lambda one: Cell(country_name(one[1]), mark="strong")),
        (text("firms.column_heading"), lambda one: one[0]),
        (number("firms.column_sales"), lambda one: money(sold[one]) if one in sold else ""),
        (text("firms.column_wanted"), lambda one: say("firms.yes") if one in wanted else ""),
        (number("firms.column_unclaimed"),
         lambda one: money(unclaimed[one]) if one in unclaimed else ""),
    )  # fmt: skip
    return Text((lead,), "lead"), Text(tuple(_facts(answer)), "list"), table, Text((saved,), "note")


def _facts(answer: ShareAnswer) -> Iterator[str]:
    """What is not in the table, and what is not known."""
    line, none = answer.line, say("report.none")
    if answer.no_plan is not None:
        yield say("firms.share_no_plan", why=answer.no_plan)
    if line.sales is None:
        yield say("firms.share_no_sales")
    if line.spare is not None:
        yield say("firms.share_spare", spare=percent(line.spare, 0))
    yield say("firms.share_support", support=join_list(line.support) or none)
    if line.cover is None:
        yield say("firms.share_uncovered")
    else:
        yield say("firms.share_cover", markets=join_list(map(country_name, line.cover)) or none)
