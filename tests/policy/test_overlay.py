"""A reform over all rules at once: each part where it belongs, and nothing by a misspelt name."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.policy.overlay import today, under
from offing.refunds.rates import dated_rate
from offing.rules.reform import Exchange, Reform, read_reform
from offing.terms.errors import OffingError
from offing.terms.exchange import FxTable
from written import written

D = Decimal
DAY = date(2026, 10, 30)
WHOLE = """
[reform]
name = "all at once"
[[rate]]
id = "eur.vat.deu"
value = "16%"
since = 2026-01-01
[[rate]]
id = "usa.mfn.85287264"
value = 0
[[rate]]
id = "chn.refund.battery"
value = "9%"
since = 2026-04-01
until = 2027-01-01
[[rate]]
id = "settlement.interest.vnd"
value = "4.5%"
[[close]]
id = "settlement.framework.eur.swap_line"
until = 2026-01-01
[[exchange]]
currency = "美元"
change = "-10%"
"""


def reform(tmp_path: Path, text: str) -> Reform:
    return read_reform(written(tmp_path, text))


def test_each_part_lands_where_it_belongs(tmp_path: Path) -> None:
    was, now = today(), under(today(), reform(tmp_path, WHOLE))
    assert was.rulebook.rate("eur.vat.deu", DAY).share == D("0.19")
    assert now.rulebook.rate("eur.vat.deu", DAY).share == D("0.16")
    assert now.rulebook.rate("usa.mfn.85287264", DAY).share == 0
    assert dated_rate(DAY, group="battery", rates=was.refund_rates).refund_rate == D("0.06")
    assert dated_rate(DAY, group="battery", rates=now.refund_rates).refund_rate == D("0.09")
    assert was.settlement.interest("VND", DAY) is None
    rate = now.settlement.interest("VND", DAY)
    assert rate is not None
    assert (rate.rate, rate.use.status) == (D("0.045"), "user")
    assert was.settlement.standing("EUR", DAY)
    assert not now.settlement.standing("EUR", DAY)
    assert now.exchange == {"USD": D("-0.1")}
    assert now.reforms == ("all at once",)


RATES = {"USD": D("1.1"), "CNY": D("7.7"), "BRL": D("6.2")}
CHANGES = st.dictionaries(
    st.sampled_from(["EUR", "USD", "CNY", "BRL"]), st.decimals(D("-0.8"), D(3), places=3)
)


@given(CHANGES, st.sampled_from(["EUR", *RATES]), st.sampled_from(["EUR", *RATES]))
def test_a_currency_is_worth_what_the_reform_says(
    changes: dict[str, Decimal], one: str, other: str
) -> None:
    """Units of one for another change by the ratio of the two currencies' changes."""
    table = FxTable(DAY, {code: (rate, DAY) for code, rate in RATES.items()}, {}, {"VND": D(26000)})
    laws = under(today(), Reform("fx", exchange=tuple(Exchange(c, x) for c, x in changes.items())))
    moved = laws.fx(table)
    expected = table.rate(one, other)[0] * (1 + changes.get(other, 0)) / (1 + changes.get(one, 0))
    assert moved.rate(one, other)[0] == pytest.approx(expected, rel=D("1e-20"))
    dong = table.rate("VND", other)[0] * (1 + changes.get(other, 0))
    assert moved.rate("VND", other)[0] == pytest.approx(dong, rel=D("1e-20"))


@given(st.text(max_size=200))
def test_any_text_is_a_reform_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "reform.toml"
    path.write_text('[reform]\nname = "any"\n[[rate]]\n' + text, encoding="utf-8", errors="replace")
    with suppress(OffingError):
        assert under(today(), read_reform(path)).reforms == ("any",)
