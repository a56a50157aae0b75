"""Where something is not there: no duty, no plan, no table after the last, no quote."""

from decimal import Decimal
from typing import Any

import pytest

from offing.study import costs
from offing.study import markets as duties
from offing.study.costs import NO_QUOTE
from offing.study.markets import Duties
from offing.study.run import OLD, OTHER_RATES, _product_warnings
from offing.study.unknown import share_known
from offing.terms.caution import Caution
from offing.terms.errors import MissingDataError
from offing.terms.money import Missing, dollars
from study.stand_ins import like

REFUSED = min(NO_QUOTE)


def test_a_duty_is_that_of_a_quote_or_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing inside the customs territory; each territory and origin is asked once."""
    asked: list[str] = []

    def quoted(request: str, *_: Any) -> Any:
        asked.append(request)
        if request in ("MEX", "VNM"):
            raise MissingDataError(REFUSED if request == "MEX" else "landed.bad_code")
        return 0.25

    monkeypatch.setattr(duties, "territory", lambda _, market: {"DEU", "FRA"})
    monkeypatch.setattr(duties, "importer_of", lambda _, market: "EUR")
    monkeypatch.setattr(duties, "request_for", lambda *_: "shipment")
    monkeypatch.setattr(duties, "replace", lambda _, origin: origin)
    monkeypatch.setattr(costs, "quote", quoted)
    monkeypatch.setattr(duties, "duty_rate_of", lambda made: made)
    world: Any = like(study=like(duty={}), km={}, warehouse=None, fx=None)
    laws: Any = like(rulebook=None)
    known = Duties(world, like(), laws)
    assert [known.of("DEU", origin) for origin in ("FRA", "CHN", "MEX")] == [0.0, 0.25, None]
    assert [known.of("ITA", origin) for origin in ("CHN", "MEX")] == [0.25, None]
    assert asked == ["CHN", "MEX"]
    with pytest.raises(MissingDataError):
        known.of("DEU", "VNM")


def test_a_shipment_without_a_price_is_worth_its_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one it is brought to FOB from its own term, in the money of the shipment."""
    way = like(fob_cost=None, fob_of=lambda total, term, money: (total, term, money))
    monkeypatch.setattr(costs, "carriage_of", lambda request, fx: way)
    by: Any = like(fx=like(convert=lambda amount, of, to: amount * 7))
    request: Any = like(price=None)
    assert costs.shipment_fob(request, by) == 0
    way.fob_cost = Decimal("0.5")
    assert costs.shipment_fob(request, by) == Decimal("0.5")
    price = like(amount=Decimal(3), currency="USD")
    sold: Any = like(price=price, price_term="CIF", quantity=10, currency="CNY")
    found: Any = costs.shipment_fob(sold, by)
    assert found == (Decimal(210), "CIF", "CNY")


def test_cautions_of_quotes_are_said_once_and_those_of_rates_elsewhere() -> None:
    other: Any = Caution("landed.warn_size", {"size": "x"})
    quote = like(warnings=[Caution(OLD), *(Caution(key) for key in OTHER_RATES), other])
    product: Any = like(
        ranking=like(notes=["market.a"]),
        backtest=like(notes=["market.b"]),
        markets=[like(quote=quote), like(quote=None)],
    )
    assert _product_warnings(product) == [Caution("market.a"), Caution("market.b"), other]


def test_the_share_that_an_answer_holds_for_by_hand() -> None:
    """Sales of 60 where 100 were computed: 50 outside count as 30; 20 of 130 are missing."""
    rows = [like(sales_usd=60.0, sales_now_usd=0.0), like(sales_usd=0.0, sales_now_usd=40.0)]
    plan: Any = like(sales_usd=60.0, computed_usd=100.0, outside=[("tv", 50.0)], rows=rows)
    lacking = [Missing("study.no_rule", dollars(20.0))]
    assert share_known(plan, lacking) == pytest.approx(1 - (20 + 30) / (60 + 40 + 30))
    plan.computed_usd = 0.0  # nothing computed: what is outside counts as it is
    assert share_known(plan, []) == pytest.approx(1 - 50 / 150)
    plan.rows, plan.outside = [], []
    assert share_known(plan, []) is None
