"""What a market requires of goods beside duty and tax, told; unknown is "not checked"."""

from collections.abc import Iterator

from offing.report import words
from offing.report.blocks import Block, Callout, Heading, Text
from offing.rules.requirements import Requirement, Requirements
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import day


def view(required: Requirements, market: str) -> Iterator[Block]:
    """The schemes with what they need, and when goods could be sold by one who begins now."""
    named = {"market": country_name(market)}
    if required.known:
        yield Heading(say("landed.required_heading", **named))
        yield Text(tuple(map(_line, required.known)), "list")
        yield Text((say("landed.required_note"),), "note")
    if not required.checked:
        key = "landed.required_partly" if required.known else "landed.required_unchecked"
        yield Callout(say(key, **named))
        return
    if required.ready_on is not None and required.gates:
        weeks = str(required.lead_weeks)
        yield Text((say("landed.required_ready", weeks=weeks, day=day(required.ready_on)),))
    yield Text((say("landed.required_not_whole", **named),), "note")


def _line(gate: Requirement) -> str:
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
