"""The report of a study: an order of views. What another one tells stands there, told in full."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from typing import get_args

from offing.report import words
from offing.report.blocks import (
    Block,
    Cell,
    Folded,
    Section,
    Table,
    Text,
    number,
    place_figures,
    table_of,
    text,
)
from offing.report.decision import NamedDecision, decisive_cautions, further_cautions
from offing.report.sections import markets, prices
from offing.report.views import effects, plan, risk, settle, whatif
from offing.report.views.rules import calendar
from offing.report.views.run import known_tiers
from offing.rules.rule_use import RuleUse, Status, cite_source, value_text
from offing.study.result import SourceUse, StudyResult
from offing.terms.messages import language, say
from offing.terms.numbers import NOTHING, count, day, fixed_decimals
from offing.terms.plugins import plugin_cautions, plugins, use_guarded

UNBROKEN_DASH = "\u2060–\u2060"
"""Keeps the years before and after it on one line."""


def sections(result: StudyResult) -> Iterator[Section]:
    """The sections that have something to say; those of other packages before the cautions."""
    for name in _VIEWS:
        if name == "notes":
            for other, tell in plugins("offing.sections").items():
                section = use_guarded("offing.sections", other, partial(tell, result))
                if section is not None:
                    yield section
        if (section := section_of(name, result)) is not None:
            yield section


def section_of(name: str, result: StudyResult) -> Section | None:
    """One of the sections; ``None`` where it has nothing to say."""
    room, key, tell = _VIEWS[name]
    titles = {one.dataset: words.message_or_last(one.publisher) for one in result.sources}
    if product := next(iter(result.products), None):  # a study's ladders are of the same flows
        titles[""] = titles.get(product.ranking.dataset, product.ranking.dataset)
    blocks = place_figures(tell(result), titles)
    if not blocks:
        return None
    reform = "" if result.what_if is None else result.what_if.title(language())
    heading, short = (say(f"{room}.{key}{kind}", name=reform) for kind in ("heading", "short"))
    return Section(name, heading, short, blocks)


def _plan(result: StudyResult) -> Iterator[Block]:
    settled = result.settlement is not None
    decision = NamedDecision.from_result(result)
    yield from plan.blocks(result.plan, decision, known_tiers(result), settled=settled)


def _risk(result: StudyResult) -> tuple[Block, ...]:
    if result.risk is None:
        return ()
    return risk.view(NamedDecision.from_result(result), result.risk)


def _stress(result: StudyResult) -> Iterator[Block]:
    if result.stress is not None:
        dollar = result.decided.cny_per_usd
        yield Text(tuple(effects.stress_sentences(result.stress, dollar)))
        yield from effects.stress_blocks(result.stress, dollar)


def _sources(result: StudyResult) -> Iterator[Block]:
    if result.sources:
        yield Text((say("report.sources_lead"),))
        show = say("report.sources_show", count=len(result.sources))
        yield Folded(show, (sources_table(result),), printed=True)


def sources_table(result: StudyResult, digits: int = 12) -> Table:
    """Each data set; of its fingerprint the first digits."""

    def covers(source: SourceUse) -> str:
        return words.covers(source.covers).replace("–", UNBROKEN_DASH) or NOTHING

    return table_of(
        "sources-table",
        say("report.sources_table"),
        result.sources,
        (text("report.dataset"), lambda source: words.message_or_last(source.title)),
        (text("report.publisher"), lambda source: words.message_or_last(source.publisher)),
        (text("report.covers"), covers),
        (text("report.loaded"), lambda source: day(source.loaded)),
        (number("report.rows"), lambda s: Cell(fixed_decimals(s.rows, 0), value=s.rows)),
        (number("report.set_aside"), lambda s: Cell(count(s.quarantined), value=s.quarantined)),
        (text("report.licence"), lambda source: words.message_or_last(source.licence)),
        (text("report.fingerprint"), lambda source: source.sha256[:digits]),
    )


def _rules(result: StudyResult) -> Iterator[Block]:
    """The rules with their status; illustrative ones are counted first."""
    if not result.rules:
        return
    tally = Counter(rule.status for rule in result.rules)
    lead = say("report.rules_lead", **{status: tally[status] for status in get_args(Status)})
    if tally["user"]:
        lead = words.join_sentences((lead, say("report.rules_own", user=tally["user"])))
    yield Text((lead,))
    yield from calendar(result.calendar)
    show = say("report.rules_show", count=len(result.rules))
    yield Folded(show, (rules_table(result.rules, result.on),), printed=True)


def rules_table(rules: Iterable[RuleUse], on: date) -> Table:
    """Each rule with its value, its days, what it is worth and when its document was looked at."""
    return table_of(
        "rules-table",
        say("report.rules_table"),
        rules,
        (say("report.rule"), lambda rule: rule.id),
        (text("report.rule_value"), value_text),
        (text("report.holds"), lambda rule: words.holds(rule) or NOTHING),
        (text("report.status"), lambda r: Cell(words.status(r.status), mark=r.status)),
        (text("report.source"), lambda rule: cite_source(rule.source)),
        (text("rules.column_looked_at"), lambda rule: words.last_look(rule, on) or NOTHING),
    )


def _notes(result: StudyResult) -> Iterator[Block]:
    """Every caution once; the study has gathered those of its quotes, rankings and backtests."""
    given = result.plan, NamedDecision.from_result(result), (*result.warnings, *plugin_cautions())
    if lines := (*decisive_cautions(*given), *further_cautions(*given)):
        yield Text(lines, "list")


_VIEWS: dict[str, tuple[str, str, Callable[[StudyResult], Iterable[Block]]]] = {
    "plan": ("report", "plan_", _plan),
    "risk": ("report", "risk_", _risk),
    "what-if": ("policy", "", whatif.study_blocks),
    "stress": ("policy", "stress_", _stress),
    "markets": ("report", "map_", markets.where),
    "ladders": ("report", "ladder_", prices.ladders),
    "costs": ("report", "cost_", prices.costs),
    "settlement": ("settle", "section_plan_", settle.plan_blocks),
    "axes": ("report", "axes_", markets.axes),
    "outlook": ("report", "outlook_", markets.outlook),
    "book": ("report", "book_", prices.book),
    "proof": ("report", "proof_", markets.proof),
    "sources": ("report", "sources_", _sources),
    "rules": ("report", "rules_", _rules),
    "notes": ("report", "notes_", _notes),
}
"""In the order of the page: a section's id, the room and the words of its heading, its view."""
