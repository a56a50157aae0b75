"""A move in its own terms, in words: what a unit saves, where it stops paying, how a pilot goes."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from offing.planning.plan import MoveSummary
from offing.report import words
from offing.terms.messages import say
from offing.terms.numbers import count, digits, money, percent

LEAST_USD = 0.005
"""A smaller duty of a unit is none."""
LEAST_HOURS = 1.0


class MoveNames(Protocol):
    """What sentences name, as of :class:`offing.report.decision.NamedDecision`."""

    @property
    def units(self) -> Mapping[str, str]:
        """Model → ``item`` or ``kg``."""

    @property
    def lines(self) -> Mapping[str, str]:
        """Production line → its name."""

    @property
    def years(self) -> str:
        """The horizon."""


def own_sentences(decision: MoveNames, move: MoveSummary) -> tuple[str, ...]:
    """All that is said of a move in its own terms."""
    told = (
        sentence(decision, move) for sentence in (terms_sentence, hours_sentence, pilot_sentence)
    )
    return tuple(one for one in told if one)


def terms_sentence(decision: MoveNames, move: MoveSummary) -> str:
    """What a unit saves in duty and where the move stops paying; empty where neither is known."""
    return words.join_sentences((*_duty(decision, move), *_turning(decision, move)))


def pilot_sentence(decision: MoveNames, move: MoveSummary) -> str:
    """An entry as a pilot: what it costs, when to go on, what is at risk, how earlier ones did."""
    pilot = move.pilot
    if pilot is None:
        return ""
    unit = decision.units[move.product]
    told = say(
        "moves.pilot",
        cost=money(pilot.cost_cny, "CNY"),
        units=_unit_count(unit, pilot.units),
        least=_unit_count(unit, pilot.go_on_units),
        later=money(pilot.later_cny, "CNY"),
        chance=percent(pilot.chance, 0),
        risk=money(pilot.at_risk_cny, "CNY"),
        worth=money(pilot.worth_cny, "CNY"),
    )
    seen, reached = pilot.comparable
    key = "moves.pilot_seen" if seen else "moves.pilot_unseen"
    return words.join_sentences((told, say(key, count=seen, reached=reached)))


def hours_sentence(decision: MoveNames, move: MoveSummary) -> str:
    """The line hours that it frees or takes a year; empty where it is none."""
    terms = move.terms
    if terms is None or abs(terms.hours_freed) < LEAST_HOURS:
        return ""
    key = "moves.hours_freed" if terms.hours_freed > 0 else "moves.hours_taken"
    line = decision.lines.get(terms.line, terms.line)
    return say(key, hours=count(abs(terms.hours_freed)), line=line)


def _unit_count(unit: str, value: float) -> str:
    return say(f"planning.count_{unit}", count=count(value))


def _duty(decision: MoveNames, move: MoveSummary) -> Iterator[str]:
    saved = move.terms.duty_saved_usd if move.terms else None
    if move.kind == "other_plant" and saved is not None and abs(saved) >= LEAST_USD:
        key = "moves.duty_saved" if saved > 0 else "moves.duty_more"
        yield say(key, duty=words.price_per(abs(saved), decision.units[move.product]))


def _turning(decision: MoveNames, move: MoveSummary) -> Iterator[str]:
    turns = move.terms.break_even if move.terms else None
    if turns is None:
        return
    if move.kind == "enter":
        units = _unit_count(decision.units[move.product], turns)
        yield say("moves.turns_enter", units=units, years=decision.years)
    elif move.kind != "other_plant":
        yield say(f"moves.turns_{move.kind}", sigma=digits(turns, 2))
    elif turns > 0:
        yield say("moves.turns_gap", points=digits(100 * turns, 2))
    else:
        yield say("moves.turns_no_gap")
