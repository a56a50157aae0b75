"""The law of a day, told: every rule with its days, its status, its source and its age."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

from offing.api.rules import RulesAnswer
from offing.landed.worked import Worked
from offing.policy.in_force import Change, Held, Kind
from offing.policy.own_rules import written
from offing.report import words
from offing.report.blocks import Block, Heading, Text, cautions
from offing.report.tellings.requirements import tell as required
from offing.rules.citing import cited, valued
from offing.rules.rule_use import Status
from offing.terms.countries import country_name
from offing.terms.messages import enumerated, known, say
from offing.terms.numbers import NOTHING, count, day

MOST = 90
"""Characters of a value, such as a list of codes, that are told."""


def tell(answer: RulesAnswer) -> Iterator[Block]:
    """What was asked for: a pack, cases, the difference of two days, or the law of one."""
    if answer.pack is not None:
        yield from _pack(answer)
    elif answer.cases:
        yield from _cases(answer.cases)
    elif answer.against is not None:
        yield from _changes(answer)
    else:
        yield from _law(answer)
    yield from cautions(answer.cautions)


def _law(answer: RulesAnswer) -> Iterator[Block]:
    assert answer.country
    assert answer.origin
    assert answer.on
    key = "rules.lead_own" if answer.country == answer.origin else "rules.lead"
    names = {"country": country_name(answer.country), "origin": country_name(answer.origin)}
    yield Text((say(key, day=day(answer.on), **names),), "lead")
    yield Text((_tally(answer.rules), *_ages(answer)))
    for kind in get_args(Kind):
        of_kind = [held for held in answer.rules if held.kind == kind]
        if of_kind:
            yield Heading(say(f"rules.heading_{kind}"))
            yield Text(tuple(_lines(kind, of_kind)), "list")
    if answer.requirements is not None:
        yield from required(answer.requirements, answer.country)


def _tally(rules: tuple[Held, ...]) -> str:
    """How many rules there are of each status."""
    tally = Counter(held.use.status for held in rules)
    known = [
        say("rules.of_status", count=count(tally[status]), status=words.status(status))
        for status in get_args(Status)
        if tally[status]
    ]
    return say("rules.tally", count=count(len(rules)), by_status=enumerated(known) or NOTHING)


def _ages(answer: RulesAnswer) -> Iterator[str]:
    for name, reviewed in answer.reviewed.items():
        yield say(
            "rules.reviewed", file=name, day=day(reviewed), count=answer.age_days(reviewed) or 0
        )


def _lines(kind: Kind, of_kind: Iterable[Held]) -> Iterator[str]:
    """Each rule on a line; of refund rates those that say the same share one."""
    if kind == "refund":
        for named, use in words.alike(held.use for held in of_kind):
            yield words.rule(use, MOST, named=named)
    else:
        yield from map(_rule, of_kind)


def _rule(held: Held) -> str:
    use = held.use
    if held.kind == "caution":
        text = words.warning(use.value, {"source": cited(use.source)})
        parts = (words.holds(use), words.status(use.status))
        return say("rules.caution_line", text=text, held=_joined(parts))
    if held.kind == "group":
        named = (words.group(use.value), words.holds(use), words.status(use.status), use.source)
        return _joined(named)
    said, key = words.rule(use, MOST), f"landed.line_{use.id.rpartition('.')[2]}"
    return (
        f"{say(key)}{say('report.colon')}{said}" if held.kind == "charge" and known(key) else said
    )


def _joined(parts: Iterable[str]) -> str:
    return say("landed.joint").join(part for part in parts if part)


def _changes(answer: RulesAnswer) -> Iterator[Block]:
    assert answer.country
    assert answer.origin
    assert answer.on
    assert answer.against
    first, last = sorted((answer.on, answer.against))
    key = "rules.lead_changes_own" if answer.country == answer.origin else "rules.lead_changes"
    lead = say(
        key,
        country=country_name(answer.country),
        origin=country_name(answer.origin),
        first=day(first),
        last=day(last),
        count=len(answer.changes),
    )
    yield Text((lead,), "lead")
    yield Text(tuple(_ages(answer)))
    for what in ("began", "ended", "changed"):
        changes = [change for change in answer.changes if change.what == what]
        if changes:
            yield Heading(say(f"rules.heading_{what}"))
            yield Text(tuple(map(_change, changes)), "list")


def _change(change: Change) -> str:
    before, after = change.before, change.after
    if before is None or after is None:
        return _rule(Held(change.kind, after or before))  # type: ignore[arg-type]
    was = words.shortened(valued(before), MOST)
    return say("rules.from_to", rule=words.rule(after, MOST), before=was)


def _cases(cases: tuple[Worked, ...]) -> Iterator[Block]:
    wrong = [case for case in cases if not case.ok]
    for case in wrong:
        yield Text(
            (
                say(
                    "rules.case_line",
                    file=Path(str(case.where.file)).name,
                    case=case.name,
                    expected=written(case.expected),
                    got=written(case.got),
                    source=case.source,
                ),
            ),
            "list",
        )
    files = len({str(case.where.file) for case in cases})
    held = len(cases) - len(wrong)
    yield Text((say("rules.cases", held=held, count=len(cases), files=files),), "lead")


def _pack(answer: RulesAnswer) -> Iterator[Block]:
    pack = answer.pack
    assert pack is not None
    key = "rules.sealed_signed" if pack.signed else "rules.sealed"
    named = {"name": pack.name, "version": pack.version, "folder": pack.folder}
    yield Text((say(key, count=len(pack.files), **named),), "lead")
    yield Text(tuple(file.name for file in pack.files), "list")
