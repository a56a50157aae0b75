"""What a result calls things, and what a run puts beside them: by hand."""

from decimal import Decimal
from typing import Any

from offing.planning.limits import ShadowPrice
from offing.rules.rule_use import RuleUse
from offing.study import risk
from study.stand_ins import like


def test_the_share_of_a_rule() -> None:
    def share(value: str, unit: Any) -> Decimal | None:
        return RuleUse("x", value, None, None, "s", "user", unit).share

    assert share("0.13", "share") == Decimal("0.13")
    assert share("14.0%", "duty") == Decimal("0.14")
    assert share("10% + 2 EUR/kg", "duty") is None
    assert share("7", "amount") is None


def limit(more: float | None, less: float | None, *prices: float, kind: str = "line_hours") -> Any:
    rows = [like(name=(kind, "x"), high=high, share=None, choice=None) for high in (5.0, 7.0)]
    programme: Any = like(facts=like(limits=like(market_share={"x": 0.3})), rows=rows)
    solution: Any = like(decision=None)
    dear = [ShadowPrice(kind, "x", 2027 + n, price, 5.0, 1.0, float("inf"), True)
            for n, price in enumerate(prices)]  # fmt: skip
    return risk._limit(solution, programme, (kind, "x"), dear, more, less)


def test_figures_of_a_limit_by_hand() -> None:
    """The dearest year is told; what cannot be is nothing; a loss of more is none."""
    one = limit(12.0, -8.0, 2.0, 3.0)
    assert (one.now, one.used, one.more_cny, one.less_cny) == (7.0, 0.0, 12.0, 8.0)
    assert (one.price_cny, one.year, one.low, one.high) == (3.0, 2028, 1.0, None)
    none = limit(None, None)
    assert (none.more_cny, none.less_cny, none.price_cny) == (0.0, None, None)
    odd = limit(-1.0, 1.0)
    assert (odd.more_cny, odd.less_cny) == (0.0, 0.0)
    cap = limit(1.0, -1.0, 2.0, kind="market_share")
    assert (cap.now, cap.used, cap.price_cny) == (0.3, 0.3, None)
