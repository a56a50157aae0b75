"""A price is that of the invoices, in their currency; units × price × rate comes to the sales."""

import pytest

import offing
from offing.api.plan import PlanAnswer
from offing.report.decision import NamedDecision
from offing.report.layout import markdown
from offing.report.views.plan import price_notes, view
from plain_study import STUDY

HEAD = (
    "invoice_no,export_date,buyer,destination,hs_code,model,quantity,unit,amount,currency,incoterm"
)


def ledger() -> str:
    """EUR 300 a set all through 2024, and CNY 2,200 in Japan; both on board."""
    rows = [HEAD]
    for month in range(1, 13):
        for market, price, currency in (("Germany", 300, "EUR"), ("Japan", 2200, "CNY")):
            rows.append(
                f"{market}{month},2024-{month:02d}-15,B,{market},8528,LX-55U,"
                f"{400 + 10 * month},sets,{(400 + 10 * month) * price},{currency},FOB"
            )
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> PlanAnswer:
    folder = tmp_path_factory.mktemp("euros")
    (folder / "ledger.csv").write_text(ledger(), encoding="utf-8")
    study = folder / "study.toml"
    study.write_text(STUDY + '[ledger]\nfile = "ledger.csv"\n', encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OFFING_WAREHOUSE", str(folder / "none"))
        found: PlanAnswer = offing.plan(study)
        return found


def test_the_price_is_that_of_the_invoices(answer: PlanAnswer) -> None:
    """At the rates of the invoices' days it was EUR 312: the dollar had risen by the year's end."""
    decision = NamedDecision.from_study(answer.planned.world.study, answer.planned.decided)
    rows = {row.market: row for row in answer.planned.plan.rows}
    assert decision.price_text(rows["DEU"].price_usd, rows["DEU"].currency) == "EUR\u00a0300"
    assert decision.price_text(rows["JPN"].price_usd, rows["JPN"].currency) == "CNY\u00a02,200"
    rates = dict(answer.planned.decided.rates)
    assert rows["DEU"].price_usd * rates["USD"] / rates["EUR"] == pytest.approx(300, rel=1e-9)
    told = markdown(view(answer))
    assert "EUR\u00a0300" in told
    assert "less credits and what the price term contains" in told
    assert "rates of 31\u00a0December\u00a02024" in told


def test_units_times_price_times_rate_are_the_sales(answer: PlanAnswer) -> None:
    """Times what the price comes to, and the rest: in yuan what the draws have by chance."""
    planned, figures = answer.planned, answer.planned.decided
    rates = {"CNY": 1.0, **dict(figures.rates)}
    rows = [row for row in planned.plan.rows if row.units]
    for row in rows:
        price = row.price_usd * figures.cny_per_usd / rates[row.currency]
        sales_cny = row.units * price * rates[row.currency] * row.price_drift * row.rest_drift
        assert sales_cny == pytest.approx(row.sales_usd * figures.cny_per_usd, rel=1e-12)
    decision = NamedDecision.from_study(answer.planned.world.study, figures)
    note = list(price_notes(planned.plan, decision))[-1]
    for name in ("price_drift", "rest_drift"):
        drifts = [getattr(row, name) for row in rows]
        assert f"{min(drifts):.3f} to {max(drifts):.3f}" in note
    (yuan,) = (row for row in rows if row.currency == "CNY")
    assert yuan.price_drift == pytest.approx(1.012, abs=0.001)
    assert yuan.rest_drift == pytest.approx(1.0, abs=0.02)
