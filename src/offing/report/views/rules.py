"""The law of a day, told: every rule with its days, its status, its source and its age."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import get_args

from offing.api.codes import CodesAnswer
from offing.api.lines import LineQuote, LinesAnswer
from offing.api.origin import OriginAnswer, OriginTest
from offing.api.rules import RulesAnswer
from offing.landed.explain import Worked
from offing.policy.in_force import ActiveRule, Kind, LegalChange
from offing.policy.overlay import figures_text
from offing.report import words
from offing.report.blocks import (
    Block,
    Callout,
    Cell,
    Column,
    Folded,
    Heading,
    Shown,
    Table,
    Text,
    columns_of,
    missing_cell,
    number,
    table_of,
    text,
)
from offing.rules.register import STATUSES, Registered
from offing.rules.requirements import Requirement, Requirements
from offing.rules.rule_use import RuleUse, Status, cite_source, list_name, value_text
from offing.terms.caution import Caution, Reference
from offing.terms.countries import country_name
from offing.terms.messages import has_message, join_list, language, say
from offing.terms.numbers import NOTHING, count, day, fixed_decimals, percent, value_or_dash

NEXT = 12
"""Changes still to come that a report or a quote shows."""
MOST = 90
"""Characters of a value, such as a list of codes, that are told."""
SHOWN = 3
"""Codes of a list that a change of it names."""


def view(answer: RulesAnswer) -> Iterator[Block]:
    """What was asked for: a pack, cases, the changes of some days, or the law of one."""
    if answer.pack is not None:
        yield from _pack(answer)
    elif answer.cases:
        yield from _cases(answer.cases)
    elif answer.changes is not None:
        yield from _dated_changes(answer, answer.changes)
    else:
        yield from _law(answer)


def _law(answer: RulesAnswer) -> Iterator[Block]:
    assert answer.country
    assert answer.origin
    assert answer.on
    key = "rules.lead_own" if answer.country == answer.origin else "rules.lead"
    names = {"country": country_name(answer.country), "origin": country_name(answer.origin)}
    yield Text((say(key, day=day(answer.on), **names),), "lead")
    yield Text((_tally(answer.rules), say("rules.pack_version", version=answer.version)))
    for kind in get_args(Kind):
        of_kind = [held for held in answer.rules if held.kind == kind]
        if of_kind:
            yield Heading(say(f"rules.heading_{kind}"))
            yield Text(tuple(_lines(kind, of_kind, answer.on)), "list")
    if answer.requirements is not None:
        yield from requirements(answer.requirements, answer.country)


def _tally(rules: tuple[ActiveRule, ...]) -> str:
    """How many rules there are of each status."""
    tally = Counter(held.use.status for held in rules)
    known = [
        say("rules.of_status", count=count(tally[status]), status=words.status(status))
        for status in get_args(Status)
        if tally[status]
    ]
    return say("rules.tally", count=count(len(rules)), by_status=join_list(known) or NOTHING)


def _lines(kind: Kind, of_kind: Iterable[ActiveRule], on: date) -> Iterator[str]:
    """Each rule on a line; of refund rates those that say the same share one."""
    if kind == "refund":
        for named, use in words.alike(held.use for held in of_kind):
            yield words.rule(use, MOST, named=named, on=on)
    else:
        yield from (_rule(held, on) for held in of_kind)


def _rule(held: ActiveRule, on: date | None = None) -> str:
    use, looked = held.use, "" if on is None else words.last_look(held.use, on)
    if held.kind == "caution":
        text = words.caution_text(Caution(use.value, {"source": Reference(use.source)}))
        parts = (words.holds(use), words.status(use.status), looked)
        return say("rules.caution_line", text=text, held=_join_parts(parts))
    if held.kind == "group":
        named = (words.group(use.value), words.holds(use), words.status(use.status), use.source)
        return _join_parts(named)
    said, label = words.rule(use, MOST, on=on), _label(held)
    return f"{label}{say('report.colon')}{said}" if label and held.kind != "rate" else said


def _label(held: ActiveRule) -> str:
    """What a rule is about in plain words: its charge, its list, the goods of trade defence."""
    if goods := dict(held.use.inputs).get(f"goods_{language()}"):
        name = f"landed.line_{held.use.id.split('.')[1]}"
        return f"{say(name)} ({goods})" if has_message(name) else goods
    if held.kind == "list":
        return list_name(held.name)
    key = f"landed.line_{held.name}"
    return say(key) if held.name and has_message(key) else ""


def _join_parts(parts: Iterable[str]) -> str:
    return say("landed.joint").join(part for part in parts if part)


def _dated_changes(answer: RulesAnswer, changes: Sequence[LegalChange]) -> Iterator[Block]:
    """Each change with its day: those of a stretch of time, or those still to come."""
    assert answer.on
    key = "rules.lead_calendar" if answer.since is None else "rules.lead_since"
    since = "" if answer.since is None else day(answer.since)
    lead = say(key, since=since, day=day(answer.on), count=len(changes))
    yield Text((lead,), "lead")
    yield Text(tuple(map(legal_change, changes)), "list")
    yield Text((say("rules.pack_version", version=answer.version),), "note")


def calendar(changes: Sequence[LegalChange]) -> Iterator[Block]:
    """What is fixed in law and still to come, the next first; nothing where there is none."""
    if changes:
        yield Heading(say("rules.heading_calendar"))
        told = [*map(legal_change, changes[:NEXT])]
        if len(changes) > NEXT:
            told.append(say("rules.calendar_more", count=len(changes) - NEXT))
        yield Text(tuple(told), "list")


def legal_change(one: LegalChange) -> str:
    """The day, the countries, what begins, ends or changes, with its act."""
    change = one.change
    held = ActiveRule(change.kind, change.after or change.before, change.name)  # type: ignore[arg-type]
    use, about = held.use, _about(held)
    parts: tuple[str, ...] = (words.status(use.status), cite_source(use.source))
    if held.kind == "caution":
        text = words.caution_text(Caution(use.value, {"source": Reference(use.source)}))
        text = words.first_sentence(text) if change.what == "ended" else text.rstrip(".。")
        parts = (text,)
    elif change.before is not None and change.after is not None:
        parts = (*_from_to(change.kind, change.before, change.after), *parts)
    elif held.kind != "list":
        parts = (words.shorten(value_text(use), MOST), *parts)
    named = {"day": day(one.on), "countries": words.countries(one.countries), "about": about}
    return say(f"rules.legal_{change.what}", **named, held=_join_parts(parts))


def _about(held: ActiveRule) -> str:
    """What changes: a charge, a list, the rate of a line, or by its kind what has no name."""
    label, tail = _label(held), held.use.id.rpartition(".")[2]
    if held.kind == "caution":
        return say("rules.legal_caution")
    if held.kind == "group":
        return words.group(held.use.value)
    if held.kind == "duty":
        return say("rules.special_rate", name=label or say("landed.line_duty"), codes=tail)
    if held.kind == "refund":
        goods = say(f"rules.goods_{tail}") if has_message(f"rules.goods_{tail}") else tail
        return say("rules.refund_of", goods=goods)
    if held.kind == "list" and has_message(f"landed.list_{held.name}"):
        return say("rules.list_of", name=label)
    return label or say(f"rules.heading_{held.kind}")


def _from_to(kind: Kind, before: RuleUse, after: RuleUse) -> Iterator[str]:
    """Both values; of a list the codes that are on it or off it from this day, the first few."""
    if kind != "list":
        yield say("rules.value_from_to", before=value_text(before), after=value_text(after))
        return
    old, new = set(before.value.split()), set(after.value.split())
    for key, codes in (("on", new - old), ("off", old - new)):
        for excluded in (False, True):
            some = sorted(code.lstrip("-") for code in codes if excluded == code.startswith("-"))
            if some:
                more = say("rules.codes_more") if len(some) > SHOWN else ""
                names = f"{join_list(some[:SHOWN])}{more}"
                name = f"rules.codes_{'excluded_' * excluded}{key}"
                yield say(name, count=len(some), codes=names)


def _cases(cases: tuple[Worked, ...]) -> Iterator[Block]:
    wrong = [case for case in cases if not case.ok]
    yield Text(tuple(map(_case_line, wrong)), "list")
    files = len({str(case.where.file) for case in cases})
    held = len(cases) - len(wrong)
    yield Text((say("rules.cases", held=held, count=len(cases), files=files),), "lead")


def _case_line(case: Worked) -> str:
    figures = {"expected": figures_text(case.expected), "got": figures_text(case.got)}
    file = Path(str(case.where.file)).name
    return say("rules.case_line", file=file, case=case.name, source=case.source, **figures)


def _pack(answer: RulesAnswer) -> Iterator[Block]:
    pack = answer.pack
    assert pack is not None
    named = {"name": pack.name, "version": pack.version, "folder": pack.folder}
    yield Text((say("rules.sealed", count=len(pack.files), **named),), "lead")
    yield Text(tuple(file.name for file in pack.files), "list")


def requirements(required: Requirements, market: str) -> Iterator[Block]:
    """The schemes with what they need, and when goods could be sold by one who begins now."""
    named = {"market": country_name(market)}
    if required.known:
        yield Heading(say("landed.required_heading", **named))
        yield Text(tuple(map(_requirement, required.known)), "list")
        yield Text((say("landed.required_note"),), "note")
    if not required.checked:
        key = "landed.required_partly" if required.known else "landed.required_unchecked"
        yield Callout(say(key, **named))
        return
    if required.ready_on is not None and required.gates:
        weeks = str(required.lead_weeks)
        yield Text((say("landed.required_ready", weeks=weeks, day=day(required.ready_on)),))
    yield Text((say("landed.required_not_whole", **named),), "note")


def _requirement(gate: Requirement) -> str:
    lang = language()
    low, high = gate.weeks
    source = f"{gate.document} · {gate.source}" if gate.source else gate.document
    return say(
        "landed.required_line",
        scheme=gate.scheme[lang],
        force=say("landed.required_must" if gate.gate else "landed.required_asked"),
        weeks=f"{low}–{high}",
        holder=say(f"landed.holder_{gate.holder}"),
        needs=gate.needs[lang],
        known=say("landed.joint").join((words.status(gate.status), source)),
    )


def register(entries: Sequence[Registered]) -> tuple[Block, ...]:
    """What there is in all, and a row for each importer."""
    counts = {status: sum(row.counts[status] for row in entries) for status in STATUSES}
    lead = say(
        "rules.register_lead",
        importers=len(entries),
        rules=sum(counts.values()),
        cases=sum(row.cases for row in entries),
        **counts,
    )

    def status_column(status: Status) -> Shown[Registered]:
        return Column(words.status(status)), lambda row: str(row.counts[status])

    table = table_of(
        "rules-register",
        say("rules.register_table"),
        entries,
        (say("rules.register_importer"), _importer),
        *map(status_column, STATUSES),
        *columns_of("rules.register_{}", str, "cases"),
        (number("rules.register_looked_at"),
         lambda row: f"{row.looked_at} ({value_or_dash(row.last_look, day)})"),
    )  # fmt: skip
    return Text((lead,)), Folded(say("rules.register_table"), (table,))


def _importer(country: Registered) -> str:
    union = len(country.destinations) > 1
    return say("report.group_eu") if union else country_name(country.destinations[0])


OPEN_LINES = 12
"""Lines of a tariff that stand open."""


def view_lines(answer: LinesAnswer) -> Iterator[Block]:
    """The lines as a table, and which of them the study has."""
    values = {
        "code": answer.code,
        "market": country_name(answer.destination),
        "model": answer.model,
    }
    if not answer.lines:
        yield Text((say("rules.lines_one", **values),))
        return
    yield Text((say("rules.lines_text", count=len(answer.lines), **values),), "lead")
    open_lines, rest = answer.lines[:OPEN_LINES], answer.lines[OPEN_LINES:]
    yield _line_table("national-lines", open_lines, answer, values)
    if rest:
        table = _line_table("national-lines-rest", rest, answer, values)
        yield Folded(say("rules.lines_more", count=len(rest)), (table,), printed=True)
    kept = "rules.lines_kept" if answer.chosen else "rules.lines_next"
    yield Text((say(kept, line=answer.chosen, example=answer.lines[0].code),))


def _line_table(
    name: str, lines: Sequence[LineQuote], answer: LinesAnswer, values: Mapping[str, str]
) -> Table:
    landed = say("rules.lines_landed", currency=answer.currency or "—")
    return table_of(
        name,
        say("rules.lines_heading", **values),
        lines,
        (text("rules.lines_code"),
         lambda line: Cell(line.code, mark="strong" if line.code == answer.chosen else None)),
        (text("rules.lines_words"), lambda line: line.words),
        (text("rules.lines_duty"), duty_told),
        (landed, lambda line: _figure(line, fixed_decimals(line.landed, 2) if line.landed else "")),
        (number("rules.lines_left"),
         lambda line: Cell(percent(line.margin_rate)) if line.margin_rate is not None
         else missing_cell()),
    )  # fmt: skip


def duty_told(line: LineQuote) -> str:
    """A line's duty, and what is due beside it, in the money of a unit landed."""
    charges = (
        f"{words.message_or_last(f'landed.line_{name}')} {fixed_decimals(each, 2)}"
        for name, each in line.charges
    )
    return " + ".join([line.duty, *charges])


def _figure(line: LineQuote, shown: str) -> Cell:
    return Cell(shown) if shown else Cell(line.missing) if line.missing else missing_cell()


def view_origin(answer: OriginAnswer) -> tuple[Block, ...]:
    """The verdict, each rule with its shares, the worth of a preference, and what is assumed."""
    met = [test.rule for test in answer.tests if test.qualifies]
    key = "origin.qualifies" if met else "origin.fails"
    rules = words.join_words(met or [test.rule for test in answer.tests])
    told = [say(key, rules=rules, price=answer.fob)]
    if answer.saving is not None and answer.gain is not None:
        amounts = {"saving": answer.saving, "gain": answer.gain}
        texts = {name: f"{m.currency} {fixed_decimals(m.amount, 2)}" for name, m in amounts.items()}
        worth = "pays" if answer.gain.amount else "pays_not"
        told.append(say(f"origin.{worth if met else 'would_pay'}", **texts))
    table = table_of(
        "origin-tests",
        say("origin.table"),
        answer.tests,
        (say("origin.column_rule"), lambda test: test.rule),
        (text("origin.column_shares"), _shares),
        (text("origin.column_met"), lambda test: say(f"origin.met_{test.qualifies}".lower())),
    )
    parties = words.join_words(map(country_name, answer.parties))
    note = say("origin.parties", countries=parties), say("origin.sources")
    return Text(tuple(told), "lead"), table, Text(note, "note")


def _shares(test: OriginTest) -> str:
    """What a rule was decided by."""
    if test.regional is not None:
        value = test.regional
        down, up = percent(value.build_down, 2), percent(value.build_up, 2)
        return say("origin.regional", down=down, up=up)
    assert test.shift is not None
    shift = test.shift
    weight = NOTHING if shift.weight_share is None else percent(shift.weight_share, 2)
    value_share = percent(shift.value_share, 2)
    return say("origin.shift", count=len(shift.unshifted), value=value_share, weight=weight)


DUTIES = 3
"""Different duties of a code that are shown."""


def view_codes(answer: CodesAnswer) -> Iterator[Block]:
    """The codes in order; duties where a market was named."""
    market = country_name(answer.market) if answer.market else ""
    duty = (
        number("codes.duty", market=market),
        lambda one: "; ".join((*one.duty[:DUTIES], *["…"][: len(one.duty) - DUTIES])) or NOTHING,
    )
    heading = "codes.of_number" if answer.words.isdecimal() else "codes.heading"
    yield Text((say(heading, words=answer.words),), "lead")
    yield table_of(
        "codes",
        say("codes.table"),
        answer.candidates,
        (text("codes.code"), lambda one: one.code),
        (text("codes.name"), lambda one: one.name),
        *([duty] if answer.market else []),
        (
            number("codes.refund"),
            lambda one: NOTHING if one.refund is None else percent(one.refund),
        ),
        (text("codes.own"), lambda one: one.own or NOTHING),
    )
