"""A province's firms, told: who answered, what they sell where, claim, want and ask for."""

from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from offing.api.fairs import FairLine
from offing.api.firms import FirmsAnswer
from offing.api.share import ShareAnswer
from offing.policy.disclosure import LEAST, PublishedSum, round_down
from offing.report.blocks import Block, Cell, Heading, Text, columns_of, number, table_of, text
from offing.report.views.effects import ends_text
from offing.report.views.fairs import CURRENCY, programme_lead
from offing.report.words import join_sentences
from offing.sources.elasticities import substitution_of
from offing.study.firm_exposure import Exposure
from offing.terms.countries import country_name
from offing.terms.messages import has_message as is_known
from offing.terms.messages import join_list, say
from offing.terms.numbers import NOTHING, count, day, money, month, percent, value_or_dash
from offing.terms.products import product_label

SHOWN = 12
"""Rows of a table."""
NAMED = 8
"""Silent firms that are named."""
CROWDED = 5
"""Firms that want one market with one heading, from which on it is said."""


def view(answer: FirmsAnswer) -> tuple[Block, ...]:
    """The page of a head of department first: who answered, exposed, claims, wanted and crowded,
    fairs, cover, measures, silence; the tables that they are from below.
    """
    return (
        Text((_lead(answer),), "lead"),
        Text(tuple(_short(answer)), "list"),
        *_exposures(answer),
        *_fairs(answer),
        *(block for kind in ("sales", "unclaimed", "wanted") for block in _table(answer, kind)),
        Text(tuple(_about(answer)), "list"),
        Text((say("firms.note", least=LEAST),), "note"),
        *_unreadable_files(answer),
    )


def _lead(answer: FirmsAnswer) -> str:
    at = say("firms.lead_month", month=month(answer.on)) if answer.on else ""
    province = answer.province + say("report.colon") if answer.province else ""
    values = {"province": province, "answered": answer.answered, "month": at}
    if answer.asked is None:
        return say("firms.lead", **values)
    share, others, blank = answer.exports_share, answer.unlisted, answer.unvalued
    values |= {"answered": answer.asked - len(answer.silent), "asked": answer.asked}
    if share is None:
        told = [say("firms.lead_asked", **values), say("firms.lead_no_share") * (not blank)]
    else:
        told = [say("firms.lead_share", **values, share=percent(share, 0))]
    if others:
        told.append(say("firms.lead_unlisted", count=len(others), firms=join_list(others, NAMED)))
    if blank:
        told.append(say("firms.lead_unvalued", count=len(blank), firms=join_list(blank, NAMED)))
    return join_sentences(told)


def _short(answer: FirmsAnswer) -> Iterator[str]:
    """What a head of department must know, one sentence or two each."""
    sums = answer.sums
    if sums["sales"]:
        yield say("firms.exposed", **_market_labels(sums["sales"]), firms=answer.firms["sales"])
    yield from map(_told, answer.exposures)
    if sums["unclaimed"]:
        values = _market_labels(sums["unclaimed"])
        yield say("firms.unclaimed", **values, firms=answer.firms["unclaimed"])
    if wanted := [one for one in sums["wanted"] if one.market]:
        total = round(sum(one.value for one in sums["wanted"]))
        places = join_list(f"{_place(one)} ({one.firms})" for one in wanted[:3])
        crowded = [one for one in wanted if one.heading and one.firms >= CROWDED]
        more = [say("firms.crowded", count=len(crowded))] if crowded else []
        yield join_sentences([say("firms.wanted", count=total, places=places), *more])
    yield from _of_fairs(answer)
    if answer.cover is not None:
        whole, bare, silent = answer.cover
        yield say("firms.cover", bare=bare, silent=silent, count=whole)
    if answer.on:
        yield say("firms.measures")
    yield from _silence(answer)


def _silence(answer: FirmsAnswer) -> Iterator[str]:
    """Who has not answered, or not all."""
    if answer.silent:
        yield say("firms.silent", count=len(answer.silent), firms=join_list(answer.silent, NAMED))
    if answer.unsold:
        yield say("firms.unsold", count=answer.unsold)
    if answer.waiting:
        yield say("firms.waiting", count=answer.waiting, least=LEAST)


def _about(answer: FirmsAnswer) -> Iterator[str]:
    """Spare capacity, sizes, support asked for."""
    if answer.spare is not None:
        yield say("firms.spare", spare=percent(answer.spare, 0))
    for name in ("size", "support"):
        told = [f"{_word(name, one.market)} {one.firms}" for one in answer.sums[name]]
        if told:
            yield say(f"firms.{name}", words=join_list(told))
    if answer.few_sizes and answer.answered >= LEAST:
        yield say("firms.size_withheld", least=LEAST)


def _told(one: Exposure) -> str:
    """What a shock or the reform touches, what it changes of it, and how sure that is."""
    if not one.firms:
        return say("firms.untouched", name=one.name)
    told = [say("firms.touched", name=one.name, firms=one.firms, money=_least_money(one.touched))]
    if one.change is not None:
        share, change = percent(one.computed / one.touched, 0), one.change
        ends = {"low": money(change.low), "high": money(change.high)}
        told.append(say("firms.change", **ends, share=share))
    if one.refund is not None:
        kind = "won" if one.refund < 0 else "lost"
        told.append(say(f"firms.refund_{kind}", money=money(abs(one.refund))))
    if one.uncomputed:
        lost = "firms.not_computed_cut" if one.is_cut else "firms.not_computed"
        told.append(say(lost, money=money(one.uncomputed)))
    return join_sentences(told)


def _of_fairs(answer: FirmsAnswer) -> Iterator[str]:
    if answer.programme is not None:
        lots = [line.fair for line, most in answer.fairs if _is_crowded(line, most)]
        drawn = say("firms.lots", count=len(lots), fairs=join_list(lots, NAMED)) if lots else ""
        whole = say("firms.uncrowded") if answer.programme.brings else ""
        yield join_sentences([*programme_lead(answer.programme), whole, drawn])


def _exposures(answer: FirmsAnswer) -> Iterator[Block]:
    if not (rows := answer.exposures):
        return
    yield Heading(say("firms.heading_measures"))
    yield table_of(
        "firms-measures",
        say("firms.table_measures"),
        rows,
        (text("firms.column_measure"), lambda one: Cell(one.name, mark="strong")),
        (number("firms.column_firms_least"), lambda one: count(one.firms)),
        *columns_of("firms.column_{}", ends_text, "change"),
        *columns_of("firms.column_{}", money, "touched", "uncomputed", "refund"),
    )
    used = map(substitution_of, dict.fromkeys(code for one in rows for code in one.headings))
    uses = join_list("{} {:.1f} ({:.1f} – {:.1f})".format(x.product, x.median, *x.interval)
                      for x in used)  # fmt: skip
    sources = join_list(dict.fromkeys(one.source for one in rows if one.source))
    told = (
        say("firms.note_measures"),
        say("firms.note_elasticities", uses=uses) if uses else "",
        say("firms.note_sources", sources=sources) if sources else "",
    )
    yield Text(told, "note")


def _fairs(answer: FirmsAnswer) -> Iterator[Block]:
    if not (rows := answer.fairs):
        return
    yuan = partial(money, currency=CURRENCY)

    def amount_text(line: FairLine, text: str) -> str:
        return NOTHING if line.effect is None else text

    yield Heading(say("web.nav_fairs"))
    yield table_of(
        "firms-fairs",
        say("firms.table_fairs", least=LEAST),
        rows,
        (text("fairs.column_fair"), lambda row: Cell(row[0].fair, mark="strong")),
        (text("report.market"), lambda row: join_list(map(country_name, row[0].markets))),
        (number("fairs.column_places"), lambda row: amount_text(row[0], count(row[0].places))),
        (number("fairs.cost"), lambda row: amount_text(row[0], yuan(row[0].cost))),
        (number("fairs.column_brings"), lambda row: amount_text(row[0], yuan(row[0].brings))),
        (number("firms.column_applicants"), lambda row: value_or_dash(row[1], count)),
        (text("firms.column_lots"), lambda row: say("firms.yes") if _is_crowded(*row) else "")
        if any(_is_crowded(*row) for row in rows)
        else None,
    )


def _is_crowded(line: FairLine, most: int | None) -> bool:
    """Whether lots are to be drawn: more firms want a fair than it has places."""
    return line.effect is not None and (most or 0) > line.places > 0


def _word(measure: str, word: str) -> str:
    key = f"firms.{measure}_{word}" if word else f"firms.other_{measure}"
    return say(key) if is_known(key) else word


def _largest_markets(sums: tuple[PublishedSum, ...], most: int) -> list[tuple[str, float]]:
    by: dict[str, float] = defaultdict(float)
    for one in filter(lambda one: one.market, sums):
        by[one.market] += one.value
    return sorted(by.items(), key=lambda pair: -pair[1])[:most]


def _market_labels(sums: tuple[PublishedSum, ...]) -> dict[str, str]:
    """The whole, and the markets with most of it: sums of whole groups."""
    first = _largest_markets(sums, 3)
    places = join_list(f"{country_name(name)} {_least_money(usd)}" for name, usd in first)
    return {"money": _least_money(sum(one.value for one in sums)), "markets": places}


def _least_money(usd: float) -> str:
    return money(round_down(usd))


def _place(one: PublishedSum) -> str:
    market = country_name(one.market) if one.market else say("firms.others")
    return f"{market} {product_label(one.heading)}".strip()


def _table(answer: FirmsAnswer, measure: str) -> Iterator[Block]:
    if not (rows := answer.sums[measure]):
        return
    yield Heading(say(f"firms.heading_{measure}"))
    yield table_of(
        f"firms-{measure}",
        say(f"firms.table_{measure}"),
        rows,
        (text("report.market"),
         lambda one: Cell(country_name(one.market) if one.market else say("firms.others"),
                          mark="strong")),
        (text("firms.column_heading"), lambda one: one.heading or say("firms.others")),
        (number("firms.column_firms_least"), lambda one: count(one.firms)),
        (number("report.usd"), lambda one: money(one.value)) if measure != "wanted" else None,
        most=SHOWN,
    )  # fmt: skip


def _unreadable_files(answer: FirmsAnswer) -> Iterator[Block]:
    if answer.unreadable or answer.others:
        steps = dict.fromkeys(filter(None, (error.next_step for error in answer.unreadable)))
        told, more = [error.found for error in answer.unreadable], len(answer.unreadable) - SHOWN
        told[SHOWN:] = [say("firms.more", count=more)] if more > 0 else []
        told += [say("firms.other_files", count=answer.others)] if answer.others else []
        told += [say("errors.next", next=step) for step in steps]
        yield Heading(say("firms.heading_unread"))
        yield Text(tuple(told), "list")


def view_share(answer: ShareAnswer) -> tuple[Block, ...]:
    """Every part of it."""
    line = answer.line
    size = say(f"firms.size_{line.size or 'none'}")
    lead = say("firms.share_lead", firm=line.name, size=size, on=day(line.on))
    saved = say("firms.share_saved" if answer.file else "firms.share_next", file=answer.file)
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
