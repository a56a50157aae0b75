"""Rules of origin, told: which is met, by what shares, and what the preference is worth."""

from offing.api.origin import OriginAnswer, OriginTest
from offing.report import words
from offing.report.blocks import Block, Cell, Table, Text, cautions, columns
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, fixed_decimals, percent


def view(answer: OriginAnswer) -> tuple[Block, ...]:
    """The verdict, each rule with its shares, the worth of a preference, and what is assumed."""
    met = [test.rule for test in answer.tests if test.qualifies]
    key = "origin.qualifies" if met else "origin.fails"
    rules = words.join_words(met or [test.rule for test in answer.tests])
    told = [say(key, rules=rules, price=answer.fob)]
    if answer.saving is not None and answer.gain is not None:
        amounts = {"saving": answer.saving, "gain": answer.gain}
        texts = {name: f"{m.currency} {fixed_decimals(m.amount, 2)}" for name, m in amounts.items()}
        told.append(say("origin.pays" if answer.gain.amount else "origin.pays_not", **texts))
    heads = columns("origin.column_{}", "rule", "shares", "met", text=("shares", "met"))
    rows = tuple(
        (Cell(test.rule), Cell(_shares(test)), Cell(say(f"origin.met_{test.qualifies}".lower())))
        for test in answer.tests
    )
    parties = words.join_words(map(country_name, answer.parties))
    return (
        Text(tuple(told), "lead"),
        Table("origin-tests", say("origin.table"), heads, rows),
        Text((say("origin.parties", countries=parties), say("origin.sources")), "note"),
        *cautions(answer.cautions),
    )


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
