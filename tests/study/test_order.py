"""An order on the table: its parts by hand, the price at which it pays, when it is refused."""

from pathlib import Path
from typing import Any

import pytest

import offing
from offing.planning.limits import hours_worth, shadow_prices
from offing.study import analysis, run
from offing.study.inputs import read_inputs
from offing.study.order import OrderResult
from offing.terms.errors import InputError, OffingError
from offing.warehouse import Warehouse

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("planned_once")]
EXAMPLE = Path(__file__).resolve().parents[1] / "museum" / "tv-maker-2024"
RATE = 7.5833 / 1.0389
"""Yuan for a dollar on 2024-12-31, from the ECB's two reference rates of the day."""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with little more than half the hours of its main line, and a buyer's limit."""
    folder = tmp_path_factory.mktemp("full")
    text = (EXAMPLE / "study.toml").read_text(encoding="utf-8")
    text = text.replace("hours = 6_000", "hours = 3_300").replace(
        "[settlement.market_accepts]",
        '[settlement.buyer_limits_cny]\n"Muster Elektronik GmbH" = 1_000\n'
        "[settlement.market_accepts]",
    )
    (folder / "study.toml").write_text(text, encoding="utf-8")
    (folder / "ledger.csv").write_bytes((EXAMPLE / "ledger.csv").read_bytes())
    return folder


def asked(study: Path, price: str, quantity: int = 500, **more: Any) -> OrderResult:
    given = {"model": "HC-65M", "market": "Germany"} | more
    return offing.order(study, quantity=quantity, price=price, **given).result


def test_the_parts_are_those_of_a_unit_by_hand() -> None:
    """560 dollars FOB; carriage 0.21 m³ × 6.5 + 150 / 300; 3 % to the shop; 90 days at 3.5 %."""
    made = asked(EXAMPLE, "560 USD")
    unit = {name: value / 500 for name, value in made.lines.items()}
    assert unit["received"] == pytest.approx(560 * RATE, rel=1e-4)
    assert unit["way"] == pytest.approx(0, abs=1e-6)
    assert unit["goods"] == pytest.approx(-3150)
    assert unit["port"] == pytest.approx(-(0.21 * 6.5 + 150 / 300) * RATE, rel=1e-4)
    assert unit["channel"] == pytest.approx(-0.03 * 560 * RATE, rel=1e-4)
    assert unit["cover"] == pytest.approx(-0.0035 * 560 * RATE, rel=1e-4)
    assert unit["wait"] == pytest.approx(-0.035 * 90 / 360 * 560 * RATE, rel=1e-4)
    assert (made.hours_cny, made.verdict) == (0.0, "take")


def test_a_currency_without_a_rate_is_asked_for_where_an_order_has_it() -> None:
    """In the study: an order has no rate of its own, as a quote has."""
    with pytest.raises(OffingError) as caught:
        asked(EXAMPLE, "15 XPF")
    assert "[rates.per_usd] XPF = " in str(caught.value)
    assert "--rate" not in str(caught.value)
    assert "rate=" not in str(caught.value)


def test_what_the_seller_bears_comes_off() -> None:
    """CIF: freight of 0.21 m³ and the premium on a tenth more than the price."""
    made = asked(EXAMPLE, "560 USD", term="CIF")
    fob = (made.lines["received"] + made.lines["way"]) / 500 / RATE
    freight = 560 * (1 - 1.1 * 0.003) - fob
    km = (freight / 0.21 - 14) / 2.1 * 1000
    assert 7_000 < km < 9_000  # from China to Germany


def test_at_the_counter_price_nothing_is_left(full: Path) -> None:
    made = asked(full, "480 USD", 400)
    assert made.hours_cny
    assert made.verdict == "counter"
    again = asked(full, f"{made.zero:.6f} USD", 400)
    assert again.net_cny == pytest.approx(0, abs=1)
    usual = asked(full, f"{made.usual:.6f} USD", 400)
    fob = usual.lines["received"] + usual.lines["way"]
    assert usual.profit_cny / fob == pytest.approx(made.margin, abs=1e-5)
    assert asked(full, "480 USD", 400, planned=True).hours_cny == 0


def test_few_hours_are_worth_their_shadow_price(full: Path) -> None:
    """The dual of the line's hours, from the other program, and a block that cannot be cheaper."""
    world = read_inputs(full, Warehouse.open(None))
    planned = run.plan_study(world, analysis.analyse_products(world))
    solved, risk = planned.solved, planned.choices.risk
    prices = shadow_prices(solved.programme, risk, solved.solution)
    found = next(p for p in prices if (p.limit, p.subject) == ("line_hours", "qingdao/main"))
    assert found.year is not None
    line, hours = (found.subject, found.year), min(1.0, (found.now - found.low) / 2)
    at = solved.programme.offers.years.index(found.year)
    discount = float(solved.programme.offers.discount[at])
    few = hours_worth(solved.programme, risk, solved.solution, line, hours)
    many = hours_worth(solved.programme, risk, solved.solution, line, 300.0)
    assert few is not None
    assert many is not None
    assert few[0] == pytest.approx(0.0, abs=0.01)
    assert few[1] == pytest.approx(found.price_cny * hours / discount, rel=1e-3)
    assert many[1] >= few[1] / hours * 300 * (1 - 1e-6)
    assert hours_worth(solved.programme, risk, solved.solution, ("x/y", found.year), 1.0) is None


def test_a_buyer_beyond_its_limit_and_a_line_too_short(full: Path) -> None:
    over = asked(full, "560 USD", buyer="Muster Elektronik GmbH")
    assert over.owed_cny is not None
    assert over.owed_cny > over.lines["received"]
    assert over.verdict == "limit"
    assert asked(full, "560 USD", buyer="A new one").owed_cny == pytest.approx(
        over.lines["received"]
    )
    assert asked(full, "560 USD", 100_000).verdict == "beyond"
    assert asked(full, "300 USD", 20).verdict in ("counter", "refuse")


def test_what_is_missing_withholds_a_verdict_and_never_a_refusal(full: Path) -> None:
    ddp: dict[str, Any] = {"market": "Brazil", "term": "DDP"}
    dear = asked(full, "900 USD", **ddp)
    assert set(dear.lacking) == {"order.lack_destination", "order.lack_duty"}
    assert dear.verdict == "withheld"
    assert asked(full, "300 USD", **ddp).verdict in ("counter", "refuse")
    told = asked(full, "900 USD", destination_costs="3000 USD", **ddp)
    assert "order.lack_destination" not in told.lacking


def test_a_study_without_settlement_or_plan_says_so(full: Path, tmp_path: Path) -> None:
    text = (full / "study.toml").read_text(encoding="utf-8")
    cut = text[: text.index("[settlement]")].replace('code = "8528"', 'code = "0101"')
    cut = "\n".join(line for line in cut.splitlines() if "national_codes" not in line)
    (tmp_path / "study.toml").write_text(cut, encoding="utf-8")
    (tmp_path / "ledger.csv").write_bytes((full / "ledger.csv").read_bytes())
    made = asked(tmp_path, "560 USD")
    assert set(made.lacking) == {"order.lack_settlement", "order.lack_hours"}
    assert made.verdict == "withheld"
    assert asked(tmp_path, "560 USD", days=60, planned=True).verdict == "take"


def test_a_word_that_cannot_be_is_refused() -> None:
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"model": "HC-66"}, "errors.unknown_name"),
        ({"month": "March"}, "order.bad_month"),
        ({"month": "2023-03"}, "order.bad_month"),
        ({"term": "FOBB"}, "landed.bad_choice"),
        ({"market": "China"}, "order.at_home"),
        ({"days": 5000}, "settle.bad_days"),
        ({"quantity": "3.5"}, "landed.not_whole"),
        ({"quantity": "500 USD"}, "landed.bad_quantity"),
        ({"quantity": "500公斤"}, "landed.bad_quantity"),
        ({"quantity": "1.000"}, "money.thousand_or_one"),
    )
    for more, key in wrong:
        with pytest.raises(InputError) as caught:
            asked(EXAMPLE, "560 USD", **more)
        assert caught.value.key == key
    with pytest.raises(InputError, match="carriage"):
        asked(EXAMPLE, "5 USD", term="CIF")
    with pytest.raises(InputError, match='month="2024-12" or a later'):
        asked(EXAMPLE, "560 USD", month="2023-03")


def test_a_market_without_sales_names_what_entering_costs() -> None:
    """The study's own two parts, and shipped ones for the rest."""
    assert asked(EXAMPLE, "560 USD").entering_cny is None
    entering = asked(EXAMPLE, "560 USD", market="Kenya").entering_cny
    assert entering is not None
    assert entering >= 160_000 + 120_000
