"""What people type for a key of the study, and how it is shown to them again."""

import pytest

from offing.study.edit import key_at
from offing.terms.errors import InputError
from offing.terms.messages import using_language

LIMIT, SHARE = "limits.worst_twentieth_cny", "limits.likelier_than"


CODES, PRICES = "model.national_codes", "model.market_prices_usd"


OWED, TAKES = "settlement.buyer_limits_cny", "settlement.market_accepts"


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("duty", "Mexico 15", "per cent"),
        ("duty", "Mexico", "Mexico"),
        ("duty", "Mexico 15%, MEX 20%", "Mexico and MEX"),
        ("duty", "Mexico 15%, Mexico 20%", "one market"),
        (PRICES, "India 1,450", "450"),
        (CODES, "Atlantis 85287240", "Atlantis"),
        (TAKES, "Germany EUR USD", "Germany EUR"),
        (TAKES, "Germany XQZ", "XQZ"),
        (SHARE, "20%", "0.5"),
        ("model.refund_rate", "45", "17%"),
        ("model.cost_cny", "1.000", "1.000"),
        ("ledger.bands_usd", "500, 5,000", "500, 1200"),
        ("ledger.bands_usd", "1,200", "500, 1200"),
        ("settlement.days", "ninety", "ninety"),
    ],
)
def test_what_cannot_be_is_refused_in_the_schemas_words(key: str, text: str, said: str) -> None:
    with using_language("en"), pytest.raises(InputError) as refused:
        key_at(tuple(key.split("."))).read(text)
    assert said in str(refused.value)
