"""A reform over all rules at once: each part where it belongs, and nothing by a misspelt name."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.api.quote import quote
from offing.policy import in_force
from offing.policy.in_force import ActiveRule
from offing.policy.overlay import laws_with, rules_with_own_files, shipped_cases, today, under
from offing.refunds.rates import dated_rate
from offing.rules.packs import seal
from offing.rules.reform import Exchange, Reform, read_reform
from offing.rules.regime_file import REGIMES
from offing.terms.errors import OffingError
from offing.terms.exchange import FxTable
from written import written

D = Decimal
OVERLAID = date(2026, 10, 30)
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
    assert was.rulebook.rate("eur.vat.deu", OVERLAID).share == D("0.19")
    assert now.rulebook.rate("eur.vat.deu", OVERLAID).share == D("0.16")
    assert now.rulebook.rate("usa.mfn.85287264", OVERLAID).share == 0
    assert dated_rate(OVERLAID, group="battery", rates=was.refund_rates).refund_rate == D("0.06")
    assert dated_rate(OVERLAID, group="battery", rates=now.refund_rates).refund_rate == D("0.09")
    assert was.settlement.interest("VND", OVERLAID) is None
    rate = now.settlement.interest("VND", OVERLAID)
    assert rate is not None
    assert (rate.rate, rate.use.status) == (D("0.045"), "user")
    assert was.settlement.standing("EUR", OVERLAID)
    assert not now.settlement.standing("EUR", OVERLAID)
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
    table = FxTable(
        OVERLAID, {code: (rate, OVERLAID) for code, rate in RATES.items()}, {}, {"VND": D(26000)}
    )
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


REFUND = """[reform]
name = "the library of our bureau"

[[rate]]
id = "chn.refund.battery"
value = "3%"
since = 2026-01-01

[[rate]]
id = "settlement.spread.usd"
value = "0.001"

[[case]]
name = "batteries in May"
id = "chn.refund.battery"
on = 2026-05-01
expected = "3%"
source = "our bureau"
"""


def _germany(folder: Path, vat: str = "0.20", expected: str | None = None) -> Path:
    """The Union's file with another German rate, as a firm of its own would write it."""
    text = (REGIMES / "eur.toml").read_text(encoding="utf-8")
    start = text.index('id = "eur.vat.deu"\nvalue = "0.19"\nsince = 2021')
    text = text[:start] + text[start:].replace('value = "0.19"', f'value = "{vat}"', 1)
    head = text[: text.index("[[case]]")]
    if expected is not None:
        head += (
            '[[case]]\nname = "a set of 100 EUR"\non = 2025-06-01\ndestination = "DEU"\n'
            'duty = "14%"\ninputs = { goods = "100" }\nsource = "by hand"\n'
            f'expected = {{ duty = "14.00", vat = "{expected}" }}\n'
        )
    file = folder / "eur.toml"
    file.write_text(head, encoding="utf-8")
    return file


def _values(folder: Path, text: str = REFUND) -> Path:
    file = folder / "bureau.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_shipped_case_holds() -> None:
    cases = shipped_cases()
    assert len(cases) >= 42
    assert [case.name for case in cases if not case.ok] == []
    assert any(case.where.file == "chn_refund.toml" for case in cases)


def test_a_wrong_case_of_a_regime_file_is_refused_by_its_name(tmp_path: Path) -> None:
    laws_with([_germany(tmp_path, expected="22.80")])
    with pytest.raises(OffingError, match="a set of 100 EUR") as error:
        laws_with([_germany(tmp_path, expected="21.66")])
    assert error.value.key == "rules.case_wrong"
    assert "22.80" in str(error.value)
    assert "21.66" in str(error.value)


def test_a_wrong_case_of_a_single_value_is_refused(tmp_path: Path) -> None:
    text = REFUND.replace('expected = "3%"', 'expected = "6%"')
    with pytest.raises(OffingError, match="batteries in May"):
        laws_with([_values(tmp_path, text)])


@pytest.mark.parametrize(("expected", "holds"), [("1.50 EUR/kg", True), ("1.6 EUR/kg", False)])
def test_a_case_of_a_duty_by_weight(tmp_path: Path, expected: str, holds: bool) -> None:
    text = (
        "[reform]\nname = 'by weight'\n"
        "[[rate]]\nid = 'eur.mfn.85287240'\nvalue = '1.5 EUR/kg'\nsince = 2026-01-01\n"
        "[[case]]\nname = 'sets by weight'\nid = 'eur.mfn.85287240'\non = 2026-05-01\n"
        f"expected = '{expected}'\nsource = 'us'\n"
    )
    _, (case,) = rules_with_own_files(laws_with([]), [_values(tmp_path, text)])
    assert case.ok is holds


def test_a_quote_takes_a_firm_s_own_file_and_a_sealed_pack(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "on": date(2024, 12, 31), "price": "560 USD", "cost": "3150 CNY", "duty": "14%",
    }  # fmt: skip
    answer = quote("852872", "DEU", quantity=300, rules=_germany(tmp_path), **given)
    used = {use.id: use.value for use in answer.quote.rules}
    assert used["eur.vat.deu"] == "0.20"
    seal(tmp_path, OVERLAID)
    laws = laws_with([tmp_path])
    assert laws.rulebook.rate("eur.vat.deu", date(2025, 6, 1)).share == Decimal("0.20")


def test_lines_of_a_file_where_no_code_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the day for all origins or for this one."""
    monkeypatch.setattr(in_force, "holding", lambda lines, on: lines[:3])
    lines = [
        SimpleNamespace(origins=origins, duty=name, traced=lambda duty, unit: (duty, unit))
        for name, origins in (("all", ()), ("mex", ("MEX",)), ("chn", ("MEX", "CHN")), ("old", ()))
    ]
    regime: Any = SimpleNamespace(lines=lines)
    matter: Any = SimpleNamespace(code=None, on=None, origin="CHN")
    found = list(in_force._duties(regime, (), matter))
    assert found == [ActiveRule("duty", ("all", "duty")), ActiveRule("duty", ("chn", "duty"))]  # type: ignore[arg-type]
