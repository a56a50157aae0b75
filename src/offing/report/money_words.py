"""Hedges and invoice currencies of a plan in words: what to do, what it brings, what turns it."""

from collections.abc import Sequence

from offing.planning.plan import MoneyGain, MoneyMove, PlanDecision
from offing.report import words
from offing.report.blocks import Action
from offing.terms.messages import say
from offing.terms.numbers import (
    currency_name,
    day,
    digits,
    money,
    percent,
    signed_money,
)

SHOWN = 3
"""Of the first screen."""
MONTH = 30


def _currency_phrase(currency: str) -> str:
    """A currency in a sentence: the yuan by its full name, which stands by no amount here."""
    return say("settle.yuan") if currency == "CNY" else currency_name(currency)


def text(move: MoneyMove) -> str:
    """A hedge or an invoice currency in one sentence."""
    share = percent(move.share, 0)
    currency = _currency_phrase(move.currency)
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
    market, before = words.within(move.market), _currency_phrase(move.currency_before)
    return say(key, market=market, currency=currency, before=before, share=share)


def remark(move: MoneyMove, decided: PlanDecision) -> str:
    """What it does to risk, and what turns it around."""
    sentences = [
        say("settle.money_limit", **_apart(move.loss, move.loss_without)),
        say("settle.money_worst", worst=signed_money(move.worst_cny)),
    ]
    if move.kind == "hedge":
        sentences.append(say("settle.money_points", points=percent(move.points, 2)))
    if move.turns is not None and move.delivered is not None:
        sentences.append(
            say(
                "settle.money_turns_ahead",
                currency=_currency_phrase(move.currency),
                rate=digits(move.turns, 4),
                day=day(move.delivered),
                spot=digits(decided.cny_per(move.currency), 4),
            )
        )
    elif move.turns is not None and move.turns > 0:
        sentences.append(say("settle.money_turns_invoice", discount=percent(move.turns, 2)))
    elif move.mean_cny < 0:
        sentences.append(
            say("settle.money_turns_limit", without=_apart(move.loss, move.loss_without)["without"])
        )
    return words.join_sentences(sentences)


def _apart(loss: float, without: float) -> dict[str, str]:
    """The limit with hedges and without, in so many digits that one sees the two apart."""
    told = ((percent(loss, places), percent(without, places)) for places in (1, 2, 3))
    first = next(told)
    both = first if first[0] != first[1] else next((t for t in told if t[0] != t[1]), first)
    return {"loss": both[0], "without": both[1]}


def steps(decided: PlanDecision) -> tuple[Action, ...]:
    """Each with its gain and remark."""
    return tuple(
        Action(text(move), signed_money(move.mean_cny), remark(move, decided))
        for move in decided.money
    )


def summarise_money_moves(moves: Sequence[MoneyMove], gain: MoneyGain) -> Action:
    """All of them as one step of the first screen."""
    texts = [text(move) for move in moves[:SHOWN]]
    shown = words.series(told[:1].lower() + told[1:] for told in texts)
    if len(moves) > SHOWN:
        shown = say("settle.money_more", rows=shown, count=len(moves) - SHOWN)
    limit = say("settle.money_limit_together", **_apart(gain.loss, gain.loss_without))
    worst = say("settle.money_worst", worst=signed_money(gain.worst_cny))
    return Action(
        say("settle.money_step", moves=shown),
        signed_money(gain.mean_cny),
        words.join_sentences([limit, worst]),
    )
