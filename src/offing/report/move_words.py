"""A move in its own terms, in words: what a unit saves, where it stops paying, how a pilot goes."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Protocol

from offing.planning.plan import MoneyGain, MoneyMove, MoveSummary, PlanDecision
from offing.report import words
from offing.report.blocks import Action, texts_of
from offing.terms.messages import say
from offing.terms.numbers import (
    count,
    currency_name,
    day,
    digits,
    likelihood,
    money,
    percent,
    price,
    signed_money,
)

LEAST_USD = 0.005
"""A smaller duty of a unit is none."""
LEAST_HOURS = 1.0
REPRICED = ("other_plant", "dearer", "cheaper")
"""Kinds of moves after which a unit has another price."""


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

    def price_text(self, usd: float | None, currency: str) -> str:
        """An FOB price in the currency of its invoice."""


def own_sentences(decision: MoveNames, move: MoveSummary) -> tuple[str, ...]:
    """All that is said of a move in its own terms."""
    told = (
        sentence(decision, move) for sentence in (terms_sentence, hours_sentence, pilot_sentence)
    )
    return tuple(one for one in told if one)


def terms_sentence(decision: MoveNames, move: MoveSummary) -> str:
    """Prices before and after, what a unit saves in duty, where the move stops paying."""
    told = (*_prices(decision, move), *_duty(decision, move), *_turning(decision, move))
    return words.join_sentences(told)


def pilot_sentence(decision: MoveNames, move: MoveSummary) -> str:
    """An entry as a pilot: what it costs, when to go on, what is at risk, how earlier ones did."""
    pilot = move.pilot
    if pilot is None:
        return ""
    unit, yuan = decision.units[move.product], partial(money, currency="CNY")
    told = say(
        "moves.pilot",
        chance=percent(pilot.chance, 0),
        **texts_of(pilot, partial(_unit_count, unit), "units", "least=go_on_units"),
        **texts_of(pilot, yuan, "cost=cost_cny", "later=later_cny"),
        **texts_of(pilot, yuan, "risk=at_risk_cny", "worth=worth_cny"),
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


def _prices(decision: MoveNames, move: MoveSummary) -> Iterator[str]:
    """FOB and landed price of a unit, before and after."""
    terms, before, after = move.terms, move.price_before_usd, move.price_after_usd
    if terms is None or before is None or after is None or move.kind not in REPRICED:
        return
    if move.kind == "other_plant":  # of another price the headline has the one at FOB
        old = decision.price_text(before, move.currency_before or move.currency)
        yield say("moves.prices_fob", before=old, after=decision.price_text(after, move.currency))
    landed, later = terms.landed_before_usd, terms.landed_after_usd
    if landed is not None and later is not None:
        yield say("moves.prices_landed", landed=price(landed), landed_after=price(later))


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


SHOWN = 3
"""Of the first screen."""
MONTH = 30


def currency_phrase(currency: str) -> str:
    """A currency in a sentence: the yuan by its full name, which stands by no amount here."""
    return say("settle.yuan") if currency == "CNY" else currency_name(currency)


def money_text(move: MoneyMove) -> str:
    """A hedge or an invoice currency in one sentence."""
    share = percent(move.share, 0)
    currency = currency_phrase(move.currency)
    if move.kind == "hedge" and move.ahead:
        return say(
            "settle.money_ahead",
            share=share,
            currency=currency,
            months=round(move.days / MONTH),
            amount=money(move.amount, move.currency),
            day=day(move.delivered) if move.delivered else "",
        )
    if move.kind == "hedge":
        return say("settle.money_hedge", share=share, currency=currency, days=move.days)
    key = "settle.money_invoice" if share == percent(1.0, 0) else "settle.money_invoice_part"
    market, before = words.within(move.market), currency_phrase(move.currency_before)
    return say(key, market=market, currency=currency, before=before, share=share)


def remark(move: MoneyMove, decided: PlanDecision) -> str:
    """What it does to risk, and what turns it around."""
    sentences = [
        say("settle.money_limit", **_limits(move.loss, move.loss_without)),
        _worst_sentence(move.worst_cny),
    ]
    if move.kind == "hedge":
        sentences.append(say("settle.money_points", points=percent(move.points, 2)))
    if move.turns is not None and move.delivered is not None:
        sentences.append(
            say(
                "settle.money_turns_ahead",
                currency=currency_phrase(move.currency),
                rate=digits(move.turns, 4),
                day=day(move.delivered),
                spot=digits(decided.cny_per(move.currency), 4),
            )
        )
    elif move.turns is not None and move.turns > 0:
        sentences.append(say("settle.money_turns_invoice", discount=percent(move.turns, 2)))
    elif move.mean_cny < 0:
        sentences.append(say("settle.money_turns_limit", without=percent(move.loss_without, 2)))
    return words.join_sentences(sentences)


def _worst_sentence(worst_cny: float) -> str:
    """By how much the plan's own worst cases become better or worse."""
    key = "settle.money_worse" if worst_cny < 0 else "settle.money_better"
    return say(key, worst=money(abs(worst_cny), "CNY"))


def _limits(loss: float, without: float) -> dict[str, str]:
    """The limit with hedges and without."""
    return {"loss": percent(loss, 2), "without": percent(without, 2)}


def steps(decided: PlanDecision) -> tuple[Action, ...]:
    """Each with its gain and remark."""
    return tuple(
        Action(money_text(move), signed_money(move.mean_cny), remark(move, decided))
        for move in decided.money
    )


def summarise_money_moves(figures: PlanDecision, gain: MoneyGain) -> Action:
    """All of them as one step of the first screen."""
    moves = figures.money
    texts = [money_text(move) for move in moves[:SHOWN]]
    shown = words.series(told[:1].lower() + told[1:] for told in texts)
    if len(moves) > SHOWN:
        shown = say("settle.money_more", rows=shown, count=len(moves) - SHOWN)
    limit = say("settle.money_limit_together", **_limits(gain.loss, gain.loss_without))
    worst = _worst_sentence(gain.worst_cny)
    return Action(
        say("settle.money_step", moves=shown),
        signed_money(gain.mean_cny),
        words.join_sentences([limit, worst, *_chance_with_money(figures)]),
    )


def _chance_with_money(figures: PlanDecision) -> Iterator[str]:
    """How often the plan beats the status quo with and without them, where that differs."""
    chances = figures.chance_without_money, figures.chance_better
    without, better = (None if one is None else likelihood(one) for one in chances)
    if without and better and without != better:
        yield say("settle.money_chance", without=without, better=better)
