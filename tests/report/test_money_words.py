"""Hedges and invoice currencies in words, in both languages; figures made up."""

from datetime import date
from typing import Literal

import pytest

from offing.planning.plan import MoneyGain, MoneyMove, PlanDecision, ProfitDistribution
from offing.report.move_words import money_text, summarise_money_moves
from offing.terms.messages import speaking

AHEAD = MoneyMove(
    "hedge", "EUR", "", "", 180, True, "forward", 0.6, 2e6, -1e5, 9e5, 0.02, 0.031,
    points=-0.0074, turns=7.5274, delivered=date(2027, 6, 30),
)  # fmt: skip
RUSSIA = MoneyMove(
    "invoice", "CNY", "USD", "RUS", 0, False, "", 1.0, 3e7, 6e4, -2e4, 0.02, 0.022, turns=0.002
)


def plain(words: str) -> str:
    """With ordinary spaces."""
    return words.replace("\N{NO-BREAK SPACE}", " ")


SPREAD = ProfitDistribution(1e7, 5e6, 4e6, (0.0, 1e7))
DECIDED = PlanDecision(
    (2027,), 2000, 2 / 3, (), (), SPREAD, SPREAD, None, 0.0, 0.0, 7.2, 0.0,
    rates=(("EUR", 7.583),), money=(RUSSIA, AHEAD),
)  # fmt: skip


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["Invoice Russia in CNY instead of USD", "60%", "6 months ahead", "30 June 2027"]),
        ("zh", ["俄罗斯改用人民币计价（现为美元）", "60%", "提前 6 个月", "2027年6月30日"]),
    ],
)
def test_moves_in_words(language: Literal["en", "zh"], told: list[str]) -> None:
    with speaking(language):
        words = plain(money_text(RUSSIA) + money_text(AHEAD))
        assert all(part in words for part in told)
        gain = summarise_money_moves(DECIDED.money, MoneyGain(-4e4, 8.8e5, 0.02, 0.033))
        assert all(part in plain(gain.text) for part in told[1:])
        assert "3.30%" in gain.remark
