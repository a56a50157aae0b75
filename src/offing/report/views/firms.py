"""A province's firms, told: who answered, what they sell where, claim, want and ask for."""

from collections import defaultdict
from collections.abc import Iterator

from offing.api.firms import FirmsAnswer
from offing.policy.disclosure import LEAST, PublishedSum
from offing.report.blocks import Block, Cell, Heading, Text, number, table_of, text
from offing.terms.countries import country_name
from offing.terms.messages import enumerated, known, say
from offing.terms.numbers import count, money, percent

SHOWN = 12
"""Rows of a table."""
NAMED = 8
"""Silent firms that are named."""
CROWDED = 5
"""Firms that want one market with one heading, from which on it is said."""


def view(answer: FirmsAnswer) -> tuple[Block, ...]:
    """The five things first: exposed, claims, wanted, asked for, silence; the tables below."""
    sums = answer.sums
    return (
        Text((_lead(answer),), "lead"),
        Text(tuple(_short(answer)), "list"),
        *(_table(answer, "sales") if sums["sales"] else ()),
        *(_table(answer, "unclaimed") if sums["unclaimed"] else ()),
        *(_table(answer, "wanted") if sums["wanted"] else ()),
        Text((say("firms.note", least=LEAST),), "note"),
        *_unread(answer),
    )


def _lead(answer: FirmsAnswer) -> str:
    if answer.asked is None:
        return say("firms.lead", answered=answer.answered)
    share = answer.exports_share
    kind = "lead_asked" if share is None else "lead_share"
    return say(
        f"firms.{kind}", answered=answer.answered, asked=answer.asked,
        share="" if share is None else percent(share, 0),
    )  # fmt: skip


def _short(answer: FirmsAnswer) -> Iterator[str]:
    sums = answer.sums
    if sums["sales"]:
        yield say("firms.exposed", **_by_market(sums["sales"]))
    if sums["unclaimed"]:
        yield say("firms.unclaimed", **_by_market(sums["unclaimed"]))
    yield from _sought(answer)
    if answer.silent:
        some = enumerated(answer.silent[:NAMED])
        yield say("firms.silent", count=len(answer.silent), firms=some)


def _sought(answer: FirmsAnswer) -> Iterator[str]:
    """Markets wanted and crowded, spare capacity, sizes, support asked for."""
    sums = answer.sums
    if wanted := _named(sums["wanted"]):
        places = enumerated(f"{_place(one)} {one.firms}" for one in wanted[:3])
        yield say("firms.wanted", places=places)
        if crowded := [one for one in wanted if one.heading and one.firms >= CROWDED]:
            yield say("firms.crowded", places=enumerated(map(_place, crowded[:3])))
    if answer.spare is not None:
        yield say("firms.spare", spare=percent(answer.spare, 0))
    for name in ("size", "support"):
        told = [f"{_word(name, one.market)} {one.firms}" for one in sums[name]]
        if told:
            yield say(f"firms.{name}", words=enumerated(told))


def _word(measure: str, word: str) -> str:
    key = f"firms.size_{word or 'none'}"
    return say(key) if measure == "size" and known(key) else word or say("firms.others")


def _named(sums: tuple[PublishedSum, ...]) -> list[PublishedSum]:
    return [one for one in sums if one.market]


def _by_market(sums: tuple[PublishedSum, ...]) -> dict[str, str]:
    """The whole, and the markets with most of it: sums of groups, which give no firm away."""
    by: dict[str, float] = defaultdict(float)
    for one in _named(sums):
        by[one.market] += one.value
    first = sorted(by.items(), key=lambda pair: -pair[1])[:3]
    places = enumerated(f"{country_name(name)} {money(usd)}" for name, usd in first)
    return {"money": money(sum(one.value for one in sums)), "markets": places}


def _place(one: PublishedSum) -> str:
    market = country_name(one.market) if one.market else say("firms.others")
    return f"{market} {one.heading}".strip()


def _table(answer: FirmsAnswer, measure: str) -> tuple[Block, ...]:
    rows = answer.sums[measure]
    table = table_of(
        f"firms-{measure}",
        say(f"firms.table_{measure}"),
        rows[:SHOWN],
        (text("report.market"),
         lambda one: Cell(country_name(one.market) if one.market else say("firms.others"),
                          mark="strong")),
        (text("firms.column_heading"), lambda one: one.heading or say("firms.others")),
        (number("firms.column_firms"), lambda one: count(one.firms)),
        *([(number("report.usd"), lambda one: money(one.value))]
          if measure != "wanted" else []),
    )  # fmt: skip
    waiting = answer.waiting[measure]
    told = [say("firms.waiting", count=waiting)] if waiting else []
    if len(rows) > SHOWN:
        told.insert(0, say("firms.more", count=len(rows) - SHOWN))
    note = [Text(tuple(told), "note")] if told else []
    return Heading(say(f"firms.heading_{measure}")), table, *note


def _unread(answer: FirmsAnswer) -> Iterator[Block]:
    if answer.unreadable or answer.others:
        told = [error.found for error in answer.unreadable]
        told += [say("firms.other_files", count=answer.others)] if answer.others else []
        yield Heading(say("firms.heading_unread"))
        yield Text(tuple(told), "list")
