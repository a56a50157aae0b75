"""What people type for a key of the study, and how it is shown to them again."""

from decimal import Decimal
from typing import Any

import pytest

from offing.study.edit import key_at
from offing.terms.messages import Language, speaking

D = Decimal
LIMIT, SHARE = "limits.worst_twentieth_cny", "limits.likelier_than"
CODES, PRICES = "model.national_codes", "model.market_prices_usd"
OWED, TAKES = "settlement.buyer_limits_cny", "settlement.market_accepts"


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        (LIMIT, D(20_000_000), "20,000,000"),
        (LIMIT, -5_000_000, "-5,000,000"),
        ("model.price_usd", D("12345.678"), "12,345.678"),
        ("model.hours", D("0.052"), "0.052"),
        ("settlement.days", 1000, "1000"),
        (SHARE, D("0.7"), "70%"),
        ("ledger.bands_usd", [D("0.5"), D(1200)], "0.5, 1200"),
        ("markets.leave_out", ["HKG", "KOR"], "Hong Kong SAR, South Korea"),
        (CODES, {"EUR": "85287240", "HS": "852872"}, "European Union 85287240, all others 852872"),
        (PRICES, {"IND": D(1450), "HKG": D("3.5")}, "India 1450, Hong Kong SAR 3.5"),
        (OWED, {"Nord GmbH, Kiel 2": D(1_200_000)}, "Nord GmbH, Kiel 2 1,200,000"),
        (TAKES, {"HKG": ["USD", "CNY"], "JPN": ["JPY"]}, "Hong Kong SAR USD/CNY, Japan JPY"),
        ("settlement.volatility", {"NGN": D("0.25")}, "NGN 25%"),
        ("ledger.keep_prices", True, "1"),
    ],
)
def test_what_stands_there_is_shown_and_read_again(key: str, value: Any, text: str) -> None:
    with speaking("en"):
        field = key_at(tuple(key.split(".")))
        assert field.shown(value) == text
        assert field.read(text) == value


@pytest.mark.parametrize(
    ("lang", "key", "text", "value"),
    [
        ("zh", "model.cost_cny", "1.2万", D(12000)),
        ("zh", PRICES, "印度 450美元、波兰为$696.5", {"IND": D(450), "POL": D("696.5")}),
        ("zh", CODES, "德国 85287240，其他：852872", {"EUR": "85287240", "HS": "852872"}),
        ("en", CODES, "EU=8528.72.40; USA 8528.72.64",
         {"EUR": "8528.72.40", "USA": "8528.72.64"}),
        ("zh", OWED, "北方 GmbH 2：120万\nNord, Kiel 50000元",
         {"北方 GmbH 2": D(1_200_000), "Nord, Kiel": D(50000)}),
        ("zh", TAKES, "德国EUR/USD，日本：JPY", {"DEU": ["EUR", "USD"], "JPN": ["JPY"]}),
        ("en", "model.refund_rate", "13", D("0.13")),
        ("en", "model.refund_rate", "0", D(0)),
        ("en", "model.code", "8528 Monitors and televisions", "8528"),
        ("zh", "plant.country", "越南", "VNM"),
        ("en", "rates.credit_insurance", "0.35%", D("0.0035")),
        ("en", "settlement.terms", "sight-LC", "sight_lc"),
    ],
)  # fmt: skip
def test_it_may_be_typed_as_people_type(lang: Language, key: str, text: str, value: Any) -> None:
    with speaking(lang):
        assert key_at(tuple(key.split("."))).read(text) == value
