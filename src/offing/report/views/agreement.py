"""An agreement or a cut of duties, told: who loses, what the treasury loses, what to ask for."""

from collections.abc import Iterator

from offing.api.agreement import ALL, AgreementAnswer
from offing.policy.effects import EffectRange
from offing.report.blocks import Block, Cell, Heading, Text, cautions, number, table_of, text
from offing.report.words import within
from offing.terms.countries import country_name
from offing.terms.messages import join_list, say
from offing.terms.numbers import money, percent
from offing.terms.products import product_label

SHOWN = 12


def view(answer: AgreementAnswer) -> tuple[Block, ...]:
    """The origin's loss and the treasury's first; then origins, lines, requests."""
    return (
        Text(tuple(_lead(answer)), "lead"),
        *cautions(answer.cautions),
        *_requests(answer),
        _origins(answer),
        *_note_of_more(len(answer.origins)),
        *_lines(answer),
    )


def _note_of_more(count: int) -> Iterator[Block]:
    if count > SHOWN:
        yield Text((say("firms.more", count=count - SHOWN),), "note")


def _range(change: EffectRange) -> str:
    return f"{money(change.low)} – {money(change.high)}"


def _lead(answer: AgreementAnswer) -> Iterator[str]:
    market = within(answer.market)
    partner = say("agreement.all") if answer.partner == ALL else within(answer.partner)
    mine = next((one for one in answer.origins if one.origin == answer.origin), None)
    if mine is not None:
        yield say(
            "agreement.lead", count=len(answer.lines), market=market, partner=partner,
            origin=within(answer.origin),
            today=money(mine.today), change=money(mine.change.mean), range=_range(mine.change),
        )  # fmt: skip
    whole = sum(one.revenue for one in answer.lines)
    yield say(
        "agreement.lead_revenue", market=market, today=money(whole),
        change=money(answer.revenue.mean), range=_range(answer.revenue),
        imports=money(answer.imports.mean),
    )  # fmt: skip


def _requests(answer: AgreementAnswer) -> Iterator[Block]:
    if rows := answer.requests:
        yield table_of(
            "requests",
            say("agreement.requests"),
            rows[:SHOWN],
            (text("report.product"), lambda one: Cell(product_label(one.product), mark="strong")),
            (number("landed.agreements_column_duty"), lambda one: percent(one.duty, 1)),
            (number("agreement.column_expected"), lambda one: money(one.expected)),
            (number("agreement.column_gain"), lambda one: money(one.gain.mean)),
            (number("agreement.column_range"), lambda one: _range(one.gain)),
            (number("agreement.column_defensive"), lambda one: percent(one.defensive, 0)),
            (number("agreement.column_weight"), lambda one: money(one.weight)),
        )
        yield Text((say("agreement.explain_requests"),), "note")


def _origins(answer: AgreementAnswer) -> Block:
    return table_of(
        "origins",
        say("agreement.origins"),
        answer.origins[:SHOWN],
        (text("agreement.column_origin"),
         lambda one: Cell(country_name(one.origin),
                          mark="ours" if one.origin == answer.origin else None)),
        (number("agreement.column_today"), lambda one: money(one.today)),
        (number("landed.column_refund"), lambda one: money(one.change.mean)),
        (number("agreement.column_range"), lambda one: _range(one.change)),
    )  # fmt: skip


def _lines(answer: AgreementAnswer) -> Iterator[Block]:
    yield Heading(say("agreement.heading_lines"))
    yield table_of(
        "lines",
        say("agreement.lines", origin=country_name(answer.origin)),
        answer.lines[:SHOWN],
        (text("report.product"), lambda one: Cell(product_label(one.product), mark="strong")),
        (number("landed.agreements_column_duty"), lambda one: percent(one.duty, 1)),
        (number("equilibrium.column_imports"), lambda one: money(one.imports)),
        (number("landed.column_refund"), lambda one: money(one.change.mean)),
        (number("agreement.column_revenue"), lambda one: money(one.revenue)),
        (number("agreement.column_revenue_change"), lambda one: money(one.revenue_change.mean)),
        (number("agreement.column_home"), lambda one: money(one.home_change.mean)),
        (number("agreement.column_smart"), lambda one: money(one.home_smart)),
    )
    uses = [
        f"{use.product} {use.median:.1f} ({use.low:.1f} – {use.high:.1f})"
        for use in answer.uses[:SHOWN]
    ]
    uses += ["…"] if len(answer.uses) > SHOWN else []
    yield from _note_of_more(len(answer.lines))
    told = [say("agreement.note", uses=join_list(uses))]
    if answer.left_out:
        told.append(say("agreement.left_out", products=join_list(answer.left_out)))
    yield Text(tuple(told), "note")
